//! What a change does to everybody in the world, and what of it was worked out last.

use std::sync::Arc;

use super::history::Point;
use super::preview::CallStatus;
use crate::cloud::who_can::{May, Roll, Tally};
use crate::cloud::{Probe, World};

/// Somebody whose verdict on the watched call the draft turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// The ARN; a role's own for any session of it.
    pub who: String,
    pub before: CallStatus,
    pub after: CallStatus,
}

/// By which way a question comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By whichever way there is.
    Any,
    /// From the caller, without a service between.
    Direct,
    /// Through a service that passes it on, such as `dynamodb.amazonaws.com`.
    Through(String),
}

impl Way {
    /// Returns a question as it comes by this way.
    pub fn of(&self, probe: Probe) -> Probe {
        match self {
            Self::Any => probe,
            Self::Direct => probe.directly(),
            Self::Through(service) => Probe { via: Some(service.clone()), ..probe },
        }
    }
}

/// What a change does to everybody's answers to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    pub way: Way,
    /// The names that who-can gives to those whose answer is another, with the answers before and after; nobody where only
    /// another question about the action has others.
    pub turned: Vec<(String, May, May)>,
    /// The same of whoever stands for people who are not named.
    pub stand_ins: Vec<(String, May, May)>,
}

/// What a change does to everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shifts {
    /// How many principals were asked, each of them one question at least; whoever stands for people not named is none.
    pub of: usize,
    /// Everybody beside the identities shown whose verdict on the watched call it turns.
    pub beside: Vec<Turned>,
    /// The answers to each question that are others then, one question each.
    pub shifts: Vec<Shift>,
}

/// What was worked out last, kept until what it depends on changes.
#[derive(Clone, Default)]
pub(super) struct Crowd {
    /// The answers in force at a point.
    in_force: Option<Answered>,
    /// What the drafts do.
    pub on_draft: Option<Arc<Shifts>>,
    /// What the last step has done.
    pub last: Option<Arc<Shifts>>,
}

/// Answers in the world at a point.
#[derive(Clone)]
struct Answered {
    at: Point,
    probes: Vec<Probe>,
    roll: Roll,
    tally: Tally,
}

impl Crowd {
    /// Forgets what holds on the drafts, which have changed.
    pub fn forget_drafts(&mut self) {
        self.on_draft = None;
    }

    /// Forgets what holds in the world, which has changed. The answers in force stay: they are those before the last step.
    pub fn forget_world(&mut self) {
        (self.on_draft, self.last) = (None, None);
    }

    /// Forgets everything, as when the scenario begins again.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    /// The answers in the world at a point, of everybody on that roll.
    pub fn answers(&mut self, at: Point, world: &World, probes: &[Probe], roll: &Roll) -> Tally {
        let known = self.in_force.as_ref();
        if let Some(known) =
            known.filter(|known| known.at == at && known.probes == probes && known.roll == *roll)
        {
            return known.tally.clone();
        }
        let tally = world.tally(probes, roll);
        let (probes, roll) = (probes.to_vec(), roll.clone());
        self.in_force = Some(Answered { at, probes, roll, tally: tally.clone() });
        tally
    }
}
