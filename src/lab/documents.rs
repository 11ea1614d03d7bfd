//! Which documents there are to open in a lab, and what one has said so far.

use super::{DocumentId, DocumentVersion, Lab, document, watchable};
use crate::cloud::World;
use crate::cloud::iam::{Identity, Kind};
use crate::scenario::Persona;

impl Lab {
    /// The documents one walks through: key policies, that of the watched key first, then the policies of the acting
    /// identity.
    pub fn documents(&self) -> Vec<DocumentId> {
        let mut keys: Vec<String> = self.world().kms().keys().map(|key| key.arn()).collect();
        let first = self.watched_key();
        keys.sort_by_key(|arn| first.as_ref() != Some(arn));
        let mut documents: Vec<_> = keys.into_iter().map(DocumentId::KeyPolicy).collect();
        documents.extend(self.identity_documents(self.persona()));
        documents
    }

    /// Everything there is to open: the documents one walks through, everybody else's, and the items that the acting
    /// identity can read.
    pub fn all_documents(&self) -> Vec<DocumentId> {
        let world = self.world();
        let mut documents = self.documents();
        let mut add = |document: DocumentId| {
            if !documents.contains(&document) {
                documents.push(document);
            }
        };
        policies_in(world).into_iter().for_each(&mut add);
        // Everybody's next policy, not the acting identity's alone.
        self.personas().iter().flat_map(|persona| self.identity_documents(persona)).for_each(&mut add);
        self.items().into_iter().for_each(&mut add);
        // What somebody has written stays in reach, also where its document is gone.
        self.drafts().map(|draft| draft.document().clone()).for_each(add);
        documents
    }

    /// A new item of the watched table, and the first of those that the acting identity can read.
    fn items(&self) -> Vec<DocumentId> {
        const MAX_VERSIONS: usize = 20;
        let Some(table) = self.watched_table() else { return Vec::new() };
        let mut documents = vec![DocumentId::Item(table.handle.arn(), String::new())];
        let scan = watchable::scan(table, &self.stage.names.home);
        let items = scan.map(|scan| self.items_of(&scan, self.persona())).unwrap_or_default();
        documents.extend(items.iter().take(MAX_VERSIONS).filter_map(|item| document::item_id(table, item)));
        documents
    }

    /// The policies of one identity: its inline policies, one yet to be written, the managed ones, its permissions
    /// boundary, and those of its groups.
    pub fn identity_documents(&self, persona: &Persona) -> Vec<DocumentId> {
        let Some((account, kind, name)) = persona.identity() else { return Vec::new() };
        let iam = self.world().iam();
        let Some(identity) = iam.identity(account, kind, name) else { return Vec::new() };
        let new = document::new_name(identity);
        let mut documents = identity.documents();
        let at = identity.inline.len();
        documents.insert(at, DocumentId::Inline(account.clone(), kind, name.to_owned(), new));
        let groups = identity.groups.iter().filter_map(|group| iam.identity(account, Kind::Group, group));
        documents.extend(groups.flat_map(Identity::documents));
        documents
    }

    /// What a document has said so far, the oldest first: its text at the start, and after each step that changed it.
    pub fn versions(&self, document: &DocumentId) -> Vec<DocumentVersion> {
        let caller = &self.persona().caller;
        let start = self.history().start();
        let mut versions =
            vec![DocumentVersion { made: None, time: start.now(), text: document.text(start, caller) }];
        for step in self.history().done() {
            let text = document.text(&step.world, caller);
            let Some(made) = step.call().filter(|_| versions.last().is_some_and(|v| v.text != text)) else {
                continue;
            };
            versions.push(DocumentVersion { made: Some(made.clone()), time: step.world.now(), text });
        }
        versions
    }
}

/// Every policy of a world, each at least once.
pub(super) fn policies_in(world: &World) -> Vec<DocumentId> {
    world.services().iter().flat_map(|service| service.documents(world)).collect()
}
