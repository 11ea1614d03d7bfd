//! What was found out about a world, so that the next one is asked only what may have changed.
//!
//! For following a lab step by step: most calls change nothing, and then only the audit trail has grown.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::finding::Finding;
use super::format::{AuditCheck, Check};
use crate::cloud::World;
use crate::cloud::audit::Event;

/// What the checks of one stage came to, for a lab that is followed from step to step.
#[derive(Clone, Default)]
pub struct Recall {
    /// The world that was asked last.
    world: Option<World>,
    /// What checks came to that depend on nothing else than the state of the services and the clock.
    findings: RefCell<HashMap<Place, Finding>>,
    counted: RefCell<HashMap<Place, Counted>>,
}

/// The place in memory of a check, which stays where it is while its stage lives.
type Place = usize;

/// The audit records that a check has counted, and how far it has looked.
#[derive(Clone, Default)]
pub(super) struct Counted {
    /// The caller and the resource that were looked for.
    pub of: (Option<String>, Option<String>),
    pub records: usize,
    /// Whether the operation was seen from which on records count.
    pub begun: bool,
    /// Whether the operation was seen up to which records count.
    pub ended: bool,
    /// How many records were looked at.
    pub looked_at: usize,
    /// The last of them, which tells whether a trail goes on from there.
    pub last: Option<Arc<Event>>,
}

impl Recall {
    /// Turns to a world: what may be otherwise in it is forgotten. Returns whether anything may be.
    pub fn turn_to(&mut self, world: &World) -> bool {
        let same = self.world.as_ref().is_some_and(|before| world.is_as_it_was(before));
        if !same {
            self.findings.get_mut().clear();
            self.world = Some(world.clone());
        }
        !same
    }

    /// Returns what a check has come to, or asks it. What depends on the trail or on the learner is asked each time.
    pub(super) fn finding(&self, check: &Check, ask: impl FnOnce() -> Finding) -> Finding {
        match check {
            Check::Decision(_)
            | Check::Only(_)
            | Check::AllowsOnly(_)
            | Check::Flip(_)
            | Check::State(_)
            | Check::Storage(_)
            | Check::Drift(_) => {}
            // A call may read the trail.
            Check::Outcome(_)
            | Check::Audit(_)
            | Check::Rule(_)
            | Check::Predicted(_)
            | Check::All(_)
            | Check::Any(_)
            | Check::Not(_) => {
                return ask();
            }
        }
        let place = std::ptr::from_ref(check) as Place;
        if let Some(known) = self.findings.borrow().get(&place) {
            return known.clone();
        }
        let found = ask();
        self.findings.borrow_mut().insert(place, found.clone());
        found
    }

    /// Returns what a check has counted of the trail of a world, if that goes on from where the check has looked.
    pub(super) fn counted(&self, check: &AuditCheck, world: &World) -> Option<Counted> {
        let counted = self.counted.borrow().get(&(std::ptr::from_ref(check) as Place)).cloned()?;
        let last = world.events_from(counted.looked_at.checked_sub(1)?).next()?;
        counted.last.as_ref().is_some_and(|known| Arc::ptr_eq(known, last)).then_some(counted)
    }

    /// Notes what a check has counted.
    pub(super) fn note(&self, check: &AuditCheck, counted: Counted) {
        self.counted.borrow_mut().insert(std::ptr::from_ref(check) as Place, counted);
    }
}
