//! What everybody may do in the two worlds that `allows_only` compares, kept while they are as they were, and what asking
//! costs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::format::AllowsOnlyCheck;
use crate::cloud::who_can::Reach;
use crate::cloud::{Region, World};

/// What everybody may do in the worlds that were asked last, by the resources that were asked about.
#[derive(Clone, Default)]
pub(super) struct Reached(Arc<Mutex<BTreeMap<Subject, Known>>>);

/// The resources that were asked about, and in which of the two worlds.
type Subject = (Vec<String>, Moment);

/// The world that was asked, and what it answered.
type Known = (World, Arc<Reach>);

/// Which of the two worlds of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    Start,
    Now,
}

impl Reached {
    /// Returns what everybody may do in a world; most calls change nothing of it, and then nothing is asked again. `among` are
    /// the resources that were there at the start: what has come since would make a product of people and resources.
    pub(super) fn of(
        &self,
        region: &Region,
        world: &World,
        on: &[String],
        (moment, among): (Moment, Option<&BTreeSet<String>>),
    ) -> Arc<Reach> {
        let place = (on.to_vec(), moment);
        // Whoever panicked while it was locked has left a whole entry.
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        if let Some((then, reach)) = known
            && world.is_as_it_was(&then)
        {
            return reach;
        }
        let reach = Arc::new(world.reach(region, on, among));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(place, (world.clone(), reach.clone()));
        reach
    }
}

/// Some questions cost as much as one decision: those of one kind are decided together.
const QUESTIONS_A_DECISION: usize = 24;

/// The actions that a resource of each kind is asked about, some more or less.
const ACTIONS_A_RESOURCE: usize = 60;

/// What asking costs, in decisions.
pub(super) fn cost(check: &AllowsOnlyCheck, world: &World, start: &World) -> usize {
    let iam = world.iam();
    let people = 4 + iam.identities().count() + iam.sessions().count() + iam.accounts().count();
    let resources = match check.on.len() {
        0 => {
            start.iam().identities().count()
                + 2 * start.kms().keys().count()
                + start.dynamodb().tables().count()
        }
        some => 2 * some,
    };
    let resources = resources + 4 * start.iam().accounts().count();
    1 + people.saturating_mul(resources).saturating_mul(ACTIONS_A_RESOURCE) / QUESTIONS_A_DECISION
}
