//! Everybody's answers to some questions, in force and on the draft.

use super::CallStatus;
use crate::cloud::{Answers, Probe, Who, World};

/// The answers to the questions asked last. Those in force hold until the world changes, those on the draft until the
/// draft does.
#[derive(Clone, Default)]
pub(super) struct Board {
    probes: Vec<Probe>,
    who: Vec<Who>,
    in_force: Option<Answers>,
    on_draft: Option<Answers>,
}

impl Board {
    /// Forgets what holds on the draft, which has changed.
    pub fn forget_draft(&mut self) {
        self.on_draft = None;
    }

    /// The verdicts in force, and on the draft if there is one, by caller and question.
    pub fn verdicts(
        &mut self,
        world: &World,
        draft: Option<&World>,
        who: &[Who],
        probes: &[Probe],
    ) -> Vec<Vec<(CallStatus, Option<CallStatus>)>> {
        if self.probes != probes || self.who != who {
            *self = Self { probes: probes.to_vec(), who: who.to_vec(), in_force: None, on_draft: None };
        }
        let in_force = &*self.in_force.get_or_insert_with(|| world.answers(who, probes));
        let on_draft = draft.map(|draft| &*self.on_draft.get_or_insert_with(|| draft.answers(who, probes)));
        let status =
            |answers: &Answers, at: (usize, usize)| CallStatus::of_verdict(answers.verdict(at.0, at.1));
        let cell = |at| (status(in_force, at), on_draft.map(|answers| status(answers, at)));
        (0..who.len()).map(|caller| (0..probes.len()).map(|probe| cell((caller, probe))).collect()).collect()
    }
}
