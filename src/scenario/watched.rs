//! The call that a scenario watches: what is asked again, for everybody, after each change.

use serde_json::{Map, json};

use super::budget::{self, Budget};
use super::format::{Check, OutcomeCheck, Step};
use super::named_call::{in_the_name_of, table_called};
use super::play::Play;
use super::{ScenarioError, Stage, resolve};
use crate::cloud::dynamodb::TableHandle;
use crate::cloud::{Call, Caller, World};
use crate::limits::scenario::PLAYED;

impl Stage {
    /// Returns the call that is watched, with its names filled in: the one that the scenario says, else the first scan that a
    /// check asks for, else a scan of the scenario's first table, else of the first there is. `None` if there is nothing to
    /// be watched yet.
    pub fn watched(&self, world: &World) -> Option<Call> {
        self.said_to_be_watched(world).or_else(|| self.first_scan(world))
    }

    /// The call that the scenario says to watch; `None` if it says none, or if something that it names is not there yet.
    fn said_to_be_watched(&self, world: &World) -> Option<Call> {
        let watch = self.scenario.watch.as_ref()?;
        let (call, _) = resolve::input_of(&self.names, world, &watch.operation, &watch.with).ok()?;
        Some(call)
    }

    fn first_scan(&self, world: &World) -> Option<Call> {
        let checks = self.scenario.tasks.iter().flat_map(|task| &task.checks);
        let asked = checks.filter_map(|named| scanned(&named.check)?.with.get("TableName")?.as_str());
        // A name that stands for nothing yet is told by nobody.
        let asked = asked.filter_map(|name| resolve::filled(&self.names, world, name).ok());
        let tables = self.scenario.world.accounts.values().flat_map(|account| account.tables.keys().cloned());
        // A table that is still to be made is nothing to be watched yet; one that was deleted is.
        let there = |name: String| [world, &self.world].iter().find_map(|world| table_called(world, &name));
        let table = asked.chain(tables).find_map(there).or_else(|| world.dynamodb().tables().next())?;
        let with = Map::from_iter([("TableName".to_owned(), json!(self.name_for_all(&table.handle)))]);
        let (call, _) = resolve::input_of(&self.names, world, "dynamodb:Scan", &with).ok()?;
        Some(call)
    }

    /// What everybody who can be played may call a table: a bare name is one of the caller's own account.
    fn name_for_all(&self, table: &TableHandle) -> String {
        let at_home = self.personas.iter().all(|persona| persona.account == table.account);
        if at_home { table.name.to_string() } else { table.arn() }
    }
}

/// The scan that a check asks for.
fn scanned(check: &Check) -> Option<&OutcomeCheck> {
    check.outcome().filter(|outcome| outcome.operation == "dynamodb:Scan")
}

/// How the watched call ends for somebody, as the screen marks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Allowed,
    Refused,
    Failed,
}

/// Tells whether the watched call ends otherwise for anybody who can be played, after some step of any path of the file;
/// `None` if nothing is watched.
///
/// # Errors
///
/// If that would take more than the limits allow.
pub(super) fn flips(stage: &Stage) -> Result<Option<bool>, ScenarioError> {
    let scenario = &stage.scenario;
    let budget = Budget::new(&PLAYED);
    let begun = |like: Option<&str>, until, steps: &[Step]| {
        let mut all = scenario.first_steps(like, until);
        all.extend(steps.iter().cloned());
        all
    };
    let also = scenario.also.iter().map(|path| begun(path.like.as_deref(), path.until, &path.steps));
    let wrong = scenario.wrong.iter().map(|path| begun(path.like.as_deref(), path.until, &path.steps));
    let mut is_watched = false;
    for steps in std::iter::once(scenario.solution.clone()).chain(also).chain(wrong) {
        let mut play = Play::within(stage, budget.clone());
        let mut before: Vec<Option<Mark>> = vec![None; stage.personas.len()];
        for step in std::iter::once(None).chain(steps.iter().map(Some)) {
            if let Some(step) = step {
                play.step(step);
            }
            for (persona, before) in stage.personas.iter().zip(&mut before) {
                let Some(mark) = mark(stage, &play, &persona.caller) else { continue };
                is_watched = true;
                if before.is_some_and(|before| before != mark) {
                    return Ok(Some(true));
                }
                *before = Some(mark);
            }
            play.check()?;
        }
    }
    Ok(is_watched.then_some(false))
}

/// How the watched call would end for somebody; `None` if nobody would make it.
fn mark(stage: &Stage, play: &Play<'_>, caller: &Caller) -> Option<Mark> {
    let world = &play.world;
    world.principal(caller).ok()?;
    let call = stage.watched(world)?;
    let with = call.input.to_json();
    let read = with.as_object().map_or(0, |with| budget::call_cost(&play.names, world, &call.action(), with));
    // What is beyond the limit is said where the steps are played.
    play.budget.spend(4 + read).ok()?;
    let result = world.clone().call(caller, in_the_name_of(caller, call, world)).result;
    Some(match result {
        Ok(_) => Mark::Allowed,
        Err(error) if error.is_access_denied() => Mark::Refused,
        Err(_) => Mark::Failed,
    })
}
