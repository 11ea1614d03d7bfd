//! The drafts of a lab: that of the document on the screen, and those of other documents, which are parked until these are
//! shown again.
//!
//! What would follow is asked of one world in which all drafts are in force. Two edits that turn nothing by themselves may
//! turn something together: a key policy that leaves it to IAM, and an IAM policy that allows it.

use std::sync::Arc;

use super::journal::Entry;
use super::{CallMade, CallStatus, DocumentId, Draft, Lab, LabError};
use crate::cloud::{Outcome, World};

/// What came of applying several drafts.
#[derive(Default)]
pub struct AppliedDrafts {
    /// The documents whose drafts were sent, each with its call. Only the last call may have been refused.
    pub made: Vec<(DocumentId, Arc<CallMade>)>,
    /// The document whose draft could not be sent, and why not.
    pub unsent: Option<(DocumentId, LabError)>,
    /// How many drafts there were.
    pub all: usize,
}

impl AppliedDrafts {
    /// Returns the documents that read as their drafts now.
    pub fn applied(&self) -> impl Iterator<Item = &DocumentId> {
        let done = self.made.iter().filter(|(_, made)| CallStatus::of(&made.outcome) == CallStatus::Allowed);
        done.map(|(document, _)| document)
    }

    /// Returns the call that was refused.
    pub fn refused(&self) -> Option<&Arc<CallMade>> {
        let (_, last) = self.made.last()?;
        last.outcome.result.is_err().then_some(last)
    }
}

impl Lab {
    /// Forgets every draft: what is left is what is in force.
    pub(super) fn forget_drafts(&mut self) {
        self.draft = None;
        self.parked.clear();
        self.refresh_draft();
    }

    /// The document on the screen, as it is edited.
    pub fn draft(&self) -> Option<&Draft> {
        self.draft.as_ref()
    }

    /// Every draft in which somebody has typed something, in the order in which they are applied: the one that was parked
    /// first comes first, the one on the screen last.
    pub fn drafts(&self) -> impl Iterator<Item = &Draft> {
        self.parked.iter().chain(&self.draft).filter(|draft| draft.is_edited())
    }

    /// The draft of a document, on the screen or parked.
    pub fn draft_of(&self, document: &DocumentId) -> Option<&Draft> {
        self.parked.iter().chain(&self.draft).find(|draft| draft.document() == document)
    }

    /// The first draft that is no text that could be applied.
    pub fn broken_draft(&self) -> Option<&Draft> {
        self.drafts().find(|draft| !draft.is_valid())
    }

    /// The world with every draft in force, each as its text could be applied last; none while there is nothing to compare.
    pub fn drafted(&self) -> Option<&World> {
        self.drafted.as_ref()
    }

    /// Opens the first document there is.
    pub fn open_first_document(&mut self) {
        if let Some(first) = self.documents().into_iter().next() {
            self.open_document(first);
        }
    }

    /// Opens a document, as its draft was left. That of the one before is parked.
    pub fn open_document(&mut self, document: DocumentId) {
        let edited = self.draft.take_if(|draft| draft.is_edited());
        match edited {
            Some(same) if *same.document() == document => self.draft = Some(same),
            other => {
                self.parked.extend(other);
                match self.parked.iter().position(|draft| *draft.document() == document) {
                    Some(at) => self.draft = Some(self.parked.remove(at)),
                    None => return self.read_anew(document),
                }
            }
        }
        self.refresh_draft();
    }

    /// Opens a document as it is in force; a draft of it is gone.
    fn read_anew(&mut self, document: DocumentId) {
        let key = self.watched_key();
        let open = if self.replaying { Draft::begin } else { Draft::open };
        self.draft = Some(open(document, self.world(), &self.persona().caller, key.as_deref()));
        self.refresh_draft();
    }

    /// Takes over the text of the draft as typed.
    pub fn set_draft(&mut self, text: &str) {
        let caller = self.persona().caller.clone();
        let world = self.history.world();
        if let Some(draft) = &mut self.draft {
            self.unsaved.push(Entry::Draft { document: draft.document().clone(), text: text.to_owned() });
            if draft.set_text(text.to_owned(), world, &caller) {
                self.refresh_draft();
            }
        }
    }

    /// Takes the draft back to the text in force.
    pub fn revert_draft(&mut self) {
        if let Some(document) = self.draft.as_ref().map(|draft| draft.document().clone()) {
            self.read_anew(document);
        }
        // The text as it is in force is what is there when the lab is opened again.
        if let Some(draft) = &self.draft {
            let (document, text) = (draft.document().clone(), draft.text().to_owned());
            self.unsaved.push(Entry::Draft { document, text });
        }
    }

    /// Applies the draft as the acting identity, which may be refused. A draft that is no policy is sent all the
    /// same, because the answer is AWS's to give.
    pub fn apply_draft(&mut self) -> Result<Arc<CallMade>, LabError> {
        let draft = self.draft.as_ref().ok_or(LabError::NoDocument)?;
        // A document that is not there yet can be written as it is offered.
        if !draft.is_changed() && draft.document().text(self.world(), &self.persona().caller).is_some() {
            return Err(LabError::Unchanged);
        }
        if draft.is_respaced() {
            return Err(LabError::Respaced);
        }
        let document = draft.document().clone();
        self.send(&document)
    }

    /// Applies every draft as the acting identity, each by a call of its own, in the order of [`Lab::drafts`]. The first
    /// one that is refused, or that cannot be sent, ends it: those behind it stay drafts.
    pub fn apply_drafts(&mut self) -> AppliedDrafts {
        let documents: Vec<DocumentId> = self.drafts().map(|draft| draft.document().clone()).collect();
        let mut out = AppliedDrafts { all: documents.len(), ..AppliedDrafts::default() };
        for document in documents {
            match self.send(&document) {
                Ok(made) => {
                    let ended = made.outcome.result.is_err();
                    out.made.push((document, made));
                    if ended {
                        break;
                    }
                }
                Err(why) => {
                    out.unsent = Some((document, why));
                    break;
                }
            }
        }
        out
    }

    /// Makes the call that puts the draft of a document in force.
    fn send(&mut self, document: &DocumentId) -> Result<Arc<CallMade>, LabError> {
        let draft = self.draft_of(document).ok_or(LabError::NoDocument)?;
        if !document.is_editable() {
            return Err(LabError::ReadOnly);
        }
        let call = document.put(self.world(), draft.text()).map_err(LabError::Unsendable)?;
        let written = document.written(self.world(), draft.text());
        let made = self.call(call);
        if made.outcome.result.is_ok() {
            // What was written is no draft any more; an item has another key by now.
            self.parked.retain(|draft| draft.document() != document);
            if let Some(written) = written
                && self.draft.take_if(|draft| draft.document() == document).is_some()
            {
                self.open_document(written);
            }
            self.refresh_draft();
        }
        Ok(made)
    }

    /// What applying the draft on the screen as the acting identity would lead to. Nothing is changed.
    pub fn rehearse_draft(&self) -> Option<Arc<Outcome>> {
        self.rehearse_draft_as(self.acting)
    }

    /// What applying the draft on the screen as that identity would lead to. Nothing is changed.
    pub fn rehearse_draft_as(&self, identity: usize) -> Option<Arc<Outcome>> {
        let draft = self.draft.as_ref().filter(|draft| draft.is_changed())?;
        let call = draft
            .document()
            .put(self.world(), draft.text())
            .ok()
            .filter(|_| draft.document().is_editable())?;
        let caller = &self.personas.get(identity)?.caller;
        Some(Arc::new(self.world().clone().call(caller, call)))
    }

    /// Follows the world with every draft. One that reads as what is in force is none any more.
    pub(super) fn rebase_drafts(&mut self) {
        let follow = if self.replaying { Draft::follow } else { Draft::rebase };
        let Some(persona) = self.personas.get(self.acting) else { return };
        let world = self.history.world();
        for draft in self.parked.iter_mut().chain(&mut self.draft) {
            follow(draft, world, &persona.caller);
        }
        self.parked.retain(Draft::is_edited);
    }

    /// Finds anew what the service would object to in each draft: that hangs on who writes it.
    pub(super) fn review_drafts(&mut self) {
        let Some(persona) = self.personas.get(self.acting).filter(|_| !self.replaying) else { return };
        let world = self.history.world();
        for draft in self.parked.iter_mut().chain(&mut self.draft) {
            draft.review(world, &persona.caller);
        }
    }

    /// Follows another identity with the drafts of items, which are written, and read, by whoever acts. Answers whether
    /// there are any.
    pub(super) fn rebase_items(&mut self) -> bool {
        let follow = if self.replaying { Draft::follow } else { Draft::rebase };
        let Some(persona) = self.personas.get(self.acting) else { return false };
        let world = self.history.world();
        let items = |draft: &&mut Draft| matches!(draft.document(), DocumentId::Item(..));
        let mut any = false;
        for draft in self.parked.iter_mut().chain(&mut self.draft).filter(items) {
            follow(draft, world, &persona.caller);
            any = true;
        }
        any
    }

    /// Looks at the texts that a journal has led to.
    pub(super) fn catch_up(&mut self) {
        let caller = self.persona().caller.clone();
        let world = self.history.world();
        for draft in self.parked.iter_mut().chain(&mut self.draft) {
            draft.catch_up(world, &caller);
        }
    }

    /// The drafts that can be looked at, each with the world that it makes by itself. A document that is not there yet
    /// counts as it is offered while nothing else is a draft.
    pub(super) fn readable_drafts(&self) -> Vec<(&Draft, &World)> {
        let alone = self.parked.is_empty();
        let counts = |draft: &&Draft| alone || draft.is_edited();
        let all = self.parked.iter().chain(&self.draft).filter(counts);
        all.filter_map(|draft| Some((draft, draft.world()?))).collect()
    }

    /// Makes the world in which every draft is in force.
    pub(super) fn put_together(&self) -> Option<World> {
        let drafts = self.readable_drafts();
        let ((_, first), others) = drafts.split_first()?;
        let caller = &self.persona().caller;
        let add = |world: World, (draft, _): &(&Draft, &World)| {
            let next = draft.valid_text().map(|text| draft.document().what_if(&world, caller, text));
            // What cannot be in force beside the others is left out, as applying it would fail.
            next.and_then(Result::ok).unwrap_or(world)
        };
        Some(others.iter().fold(World::clone(first), add))
    }
}
