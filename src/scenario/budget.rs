//! What a scenario may ask of the engine: decisions are counted, and too many end it in words.
//!
//! A check is a question, but `only` asks everybody, and everything is asked again after each step. What a call costs
//! besides its decisions is reckoned in decisions, too: some 15 microseconds of work each.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};

use super::format::{Action, Check};
use super::recall::Recall;
use super::{Duration, Names, reached, views};
use crate::cloud::World;
use crate::limits::{Exceeded, Limit, steps};

/// Decisions that may be asked for; copies count together.
#[derive(Clone, Debug)]
pub struct Budget {
    limit: &'static Limit,
    spent: Arc<AtomicU64>,
}

impl Budget {
    /// Returns a budget of which nothing is spent.
    pub fn new(limit: &'static Limit) -> Self {
        Self { limit, spent: Arc::default() }
    }

    /// Spends some decisions.
    ///
    /// # Errors
    ///
    /// If there are not so many left; from then on always.
    pub fn spend(&self, decisions: usize) -> Result<(), Exceeded> {
        steps::add(decisions);
        let decisions = decisions as u64;
        let spent = self.spent.fetch_add(decisions, Ordering::Relaxed).saturating_add(decisions);
        if spent > self.limit.most { Err(Exceeded(self.limit)) } else { Ok(()) }
    }

    /// Returns the decisions that were spent.
    pub fn spent(&self) -> usize {
        usize::try_from(self.spent.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }

    /// Returns the limit that was reached, if it was.
    pub fn exceeded(&self) -> Option<Exceeded> {
        (self.spent.load(Ordering::Relaxed) > self.limit.most).then_some(Exceeded(self.limit))
    }
}

/// Says that something was not finished.
pub(super) fn stopped(exceeded: Exceeded) -> String {
    format!("stopped after {}, the limit `{}`", exceeded.0.amount(), exceeded.0.name)
}

/// Questions that are asked of one world one after the other.
pub(super) struct Round<'a> {
    pub budget: &'a Budget,
    /// What is known from the world before.
    pub recall: Option<&'a Recall>,
    /// The same world after some time, as checks have asked for it.
    later: RefCell<BTreeMap<Duration, World>>,
}

impl<'a> Round<'a> {
    /// Begins a round of questions under a budget.
    pub fn new(budget: &'a Budget) -> Self {
        Self { budget, recall: None, later: RefCell::default() }
    }

    /// The same, with what is known from the world before.
    pub fn recalling(budget: &'a Budget, recall: &'a Recall) -> Self {
        Self { recall: Some(recall), ..Self::new(budget) }
    }

    /// The world after some time. It is made once for all checks that ask for it.
    pub fn later(&self, world: &World, duration: Duration) -> Result<World, String> {
        if let Some(known) = self.later.borrow().get(&duration) {
            return Ok(known.clone());
        }
        self.budget.spend(rotations(world, duration)).map_err(stopped)?;
        let mut later = world.clone();
        later.advance(duration.signed()).map_err(|e| e.to_string())?;
        self.later.borrow_mut().insert(duration, later.clone());
        Ok(later)
    }
}

/// The cost of letting time pass: keys rotate.
fn rotations(world: &World, duration: Duration) -> usize {
    world.rotations_in(duration.signed()).saturating_mul(2)
}

/// The cost of asking one check, its parts left aside; `start` is the world as it was at the beginning.
pub(super) fn cost(check: &Check, names: &Names, world: &World, start: &World) -> usize {
    match check {
        Check::Decision(_) | Check::State(_) | Check::Predicted(_) => 1,
        Check::Flip(_) => 2,
        Check::Only(only) => {
            let iam = world.iam();
            let people = iam.identities().count() + iam.sessions().count() + iam.accounts().count();
            people.saturating_mul(1 + policy_size(names, world, &only.on) / BYTES_A_DECISION)
        }
        Check::AllowsOnly(only) => reached::cost(only, world, start),
        Check::Outcome(outcome) => 4 + call_cost(names, world, &outcome.operation, &outcome.with),
        Check::Storage(storage) => 1 + stored_size(world, &names.table_arn(&storage.of)) / BYTES_A_DECISION,
        // Records are looked through faster than anything is decided.
        Check::Audit(_) => 1 + world.events().len() / 64,
        // The account is written down, policy by policy.
        Check::Drift(_) => {
            let people = world.iam().identities().count();
            1 + people + world.kms().keys().count() + world.dynamodb().tables().count()
        }
        // Each record is written out and held against the pattern.
        Check::Rule(rule) => {
            let steps = rule.after.iter().map(|step| match &step.action {
                Action::Call(call) => 4 + call_cost(names, world, &call.operation, &call.with),
                Action::Predict { .. } | Action::Wait(_) => 1,
            });
            steps.fold(1 + world.events().len(), usize::saturating_add)
        }
        Check::All(_) | Check::Any(_) | Check::Not(_) => 0,
    }
}

/// The cost of asking a check with all its parts in the world as it is at the beginning.
pub(super) fn whole_cost(check: &Check, names: &Names, world: &World) -> usize {
    let parts = check.parts().iter().map(|part| whole_cost(part, names, world));
    parts.fold(cost(check, names, world, world), usize::saturating_add)
}

/// The bytes of a policy or of items that cost as much as one decision.
const BYTES_A_DECISION: usize = 4096;

/// The length of a key's policy, which every decision about the key reads.
fn policy_size(names: &Names, world: &World, on: &str) -> usize {
    let arn = names.resource(world, on).ok();
    arn.and_then(|arn| views::key_policy(world, &arn)).map_or(0, |text| text.len())
}

/// The bytes of a table on the disk.
fn stored_size(world: &World, arn: &str) -> usize {
    let stored = world.dynamodb().stored_at(arn);
    stored.map_or(0, |stored| stored.disk().pages().map(|page| page.ciphertext().len()).sum())
}

/// What a call costs besides its decisions: the key pair that it makes, the table that it reads.
pub(super) fn call_cost(names: &Names, world: &World, operation: &str, with: &Map<String, Value>) -> usize {
    let table = with.get("TableName").and_then(Value::as_str);
    let read = table.map_or(0, |table| stored_size(world, &names.table_arn(table)) / BYTES_A_DECISION);
    read + key_pair(operation, with) * DECISIONS_A_KEY_PAIR
}

/// The decisions that could be taken while a pair of RSA keys of 2,048 bits is made.
const DECISIONS_A_KEY_PAIR: usize = 4_000;

/// How many pairs of RSA keys of 2,048 bits take as long to make as what a call makes.
///
/// Primes are searched for by trying, and one of twice the length takes some sixteen times as long to find.
pub(super) fn key_pair(operation: &str, with: &Map<String, Value>) -> usize {
    const FIELDS: [&str; 4] = ["KeySpec", "CustomerMasterKeySpec", "KeyPairSpec", "WrappingKeySpec"];
    let makes_keys = operation.contains(":CreateKey")
        || operation.contains(":GenerateDataKeyPair")
        || operation.contains(":GetParametersForImport");
    if !makes_keys {
        return 0;
    }
    FIELDS.iter().filter_map(|field| with.get(*field)?.as_str()).map(key_pair_of).sum()
}

/// The same for one spec of a key.
pub(super) fn key_pair_of(spec: &str) -> usize {
    match spec {
        "RSA_2048" => 1,
        "RSA_3072" => 4,
        "RSA_4096" => 16,
        _ => 0,
    }
}
