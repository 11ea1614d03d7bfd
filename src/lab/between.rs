//! Two points of the history against each other: who gets another answer, and which policies read otherwise.
//!
//! Says nothing of stored items, nor of the draft.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{DocumentId, Lab, Point, documents};
use crate::cloud::Outcome;

/// What lies between two points.
pub struct Between {
    /// For each of [`Lab::personas`] the answer to the watched call at either point. Empty if there is none.
    pub answers: Vec<(Arc<Outcome>, Arc<Outcome>)>,
    /// The policies that differ.
    pub policies: Vec<Differing>,
}

/// A policy that reads otherwise at two points.
#[derive(Debug, PartialEq, Eq)]
pub struct Differing {
    pub document: DocumentId,
    /// The text at the first point; `None` if the document was not there.
    pub before: Option<String>,
    /// The text at the second point; `None` if the document was not there.
    pub after: Option<String>,
}

impl Lab {
    /// Compares the worlds at two points. Neither is changed, and the lab stays where it stands.
    pub fn between(&self, from: Point, to: Point) -> Between {
        let (first, second) = (self.history().world_at(from), self.history().world_at(to));
        let answers = self.watched().map_or_else(Vec::new, |watched| {
            let of = |caller| (watched.ask(first, caller), watched.ask(second, caller));
            self.personas().iter().map(|persona| of(&persona.caller)).collect()
        });
        // Policies read alike whoever reads them.
        let caller = &self.persona().caller;
        let all: BTreeSet<_> =
            documents::policies_in(first).into_iter().chain(documents::policies_in(second)).collect();
        let policies = all.into_iter().filter_map(|document| {
            let (before, after) = (document.text(first, caller), document.text(second, caller));
            (before != after).then_some(Differing { document, before, after })
        });
        Between { answers, policies: policies.collect() }
    }
}
