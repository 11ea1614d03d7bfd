//! A document of the lab that follows a file edited elsewhere.

use std::path::Path;

use super::{DocumentId, Draft, Lab, LabError, Watch, WatchError};

/// A document and the file it follows.
pub struct Follow {
    document: DocumentId,
    name: String,
    watch: Watch,
    /// The text the file gave last.
    taken: Option<String>,
    /// A text that waits until the person's own draft is out of the way.
    waiting: Option<String>,
}

/// The document that a number, a name or a key's short name stands for, of all there are to open.
pub fn find_document(lab: &Lab, which: &str) -> Option<DocumentId> {
    let documents = lab.all_documents();
    if let Some(number) = which.parse::<usize>().ok().and_then(|n| n.checked_sub(1)) {
        return documents.into_iter().nth(number);
    }
    let key = lab.stage().names.key(lab.world(), which).ok().map(DocumentId::KeyPolicy);
    let named = |d: &DocumentId| {
        let name = d.name(lab.world());
        name == which
            || name.strip_prefix("alias/") == Some(which)
            || key.as_ref() == Some(d)
            || format!("{} {name}", d.title(lab.world())) == which
    };
    documents.into_iter().find(named)
}

impl Follow {
    /// Follows `FILE`, for the document that is open first, or `DOCUMENT=FILE`.
    pub fn new(lab: &Lab, text: &str) -> Result<Self, LabError> {
        let (which, path) = match text.split_once('=') {
            Some((document, file)) => (Some(document), Path::new(file)),
            None => (None, Path::new(text)),
        };
        let found = match which {
            Some(which) => find_document(lab, which),
            None => lab.draft().map(|d| d.document().clone()),
        };
        let Some(document) = found else {
            let known: Vec<String> = lab.all_documents().iter().map(|d| d.name(lab.world())).collect();
            return Err(LabError::NoSuchDocument {
                watch: text.to_owned(),
                which: which.unwrap_or_default().to_owned(),
                known,
            });
        };
        if !document.is_editable() {
            return Err(LabError::CannotFollow { watch: text.to_owned() });
        }
        let name = format!("{} {}", document.title(lab.world()), document.name(lab.world()));
        Ok(Self { document, name, watch: Watch::new(path), taken: None, waiting: None })
    }

    /// Returns the file to look at, for somebody who does so beside the loop.
    pub fn path(&self) -> &Path {
        self.watch.path()
    }

    /// Looks at the file. Answers what to say and whether the draft has changed, if there is news.
    pub fn look(&mut self, lab: &mut Lab) -> Option<(String, bool)> {
        let seen = self.watch.look();
        self.hear(lab, seen)
    }

    /// Takes over what the file was seen to say, if that is news. Answers as [`Follow::look`] does.
    pub fn hear(
        &mut self,
        lab: &mut Lab,
        seen: Option<Result<String, WatchError>>,
    ) -> Option<(String, bool)> {
        let path = self.watch.path().display().to_string();
        match seen {
            Some(Err(why)) => {
                return Some((
                    format!("Watching {path} for the {}: it cannot be read: {why}.", self.name),
                    false,
                ));
            }
            Some(Ok(text)) => {
                self.waiting = Some(text);
                if self.is_own_draft(lab) {
                    let words = "the open document has a draft of your own. Apply or discard it, and the file is taken over";
                    return Some((format!("Watching {path}: it has changed, and {words}."), false));
                }
            }
            None if self.is_own_draft(lab) => return None,
            None => {}
        }
        let text = self.waiting.take()?;
        if lab.draft().is_none_or(|d| *d.document() != self.document) {
            lab.open_document(self.document.clone());
        }
        if lab.draft().is_some_and(|d| d.text() == text) {
            self.taken = Some(text);
            return Some((format!("Watching {path}: the {} reads like it.", self.name), false));
        }
        lab.set_draft(&text);
        self.taken = Some(text);
        Some((format!("Watching {path}: the {} follows it; this is a draft now.", self.name), true))
    }

    /// Whether a draft holds edits that did not come from the file: one of this document, or the one on the screen.
    fn is_own_draft(&self, lab: &Lab) -> bool {
        let elsewhere = lab.draft().is_some_and(|d| d.is_edited() && *d.document() != self.document);
        let own = |d: &Draft| d.is_edited() && self.taken.as_deref() != Some(d.text());
        elsewhere || lab.draft_of(&self.document).is_some_and(own)
    }
}
