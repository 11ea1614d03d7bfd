//! What the solution of the scenario needs next: the one thing to do now.
//!
//! The steps of the solution that belong to the task in work are gone through in their order; the first that was not made
//! since the task began is next. Whoever solves the task in another way is told nothing that is wrong: a step that changes
//! something counts as made whoever made it. Once all are made and the task is still open, what was changed is not what is
//! wanted: the last document that the steps change is next again, or, where that broke a promise, to take it back. A draft is to be applied only if it would bring the task
//! on.

use crate::lab::{CallMade, Draft, Lab, StepAction, Watched};
use crate::scenario::{Action, CallStep, CheckStatus, Expect, Scenario, Step, Task, TaskReport};

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To answer the open question.
    Predict,
    /// To act as the identity of that number.
    ActAs(usize, String),
    /// To make the watched call.
    Run,
    /// To watch another call.
    Watch,
    /// To edit the document on the screen.
    Edit,
    /// To choose a statement for the document on the screen from the list.
    Insert,
    /// To take a statement out of the document on the screen.
    TakeOut,
    /// To apply the draft.
    Apply,
    /// To open another document.
    Open,
    /// To let time pass.
    Wait,
    /// To do something to a key or a grant.
    Keys,
    /// To type a line at the console, which calls that operation.
    Console(String),
    /// To take the last step back, which broke a promise.
    TakeBack,
    /// To begin the next scenario.
    NextScenario,
}

/// The operations that the keys pane makes.
const KEYS: [&str; 9] = [
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:RotateKeyOnDemand",
    "kms:EnableKeyRotation",
    "kms:CreateGrant",
    "kms:RevokeGrant",
    "kms:RetireGrant",
];

/// What is next, if that can be said.
pub fn next(lab: &Lab, dirty: bool) -> Option<Next> {
    let scenario = lab.scenario();
    let Some(current) = lab.current_task() else {
        return (!scenario.tasks.is_empty()).then_some(Next::NextScenario);
    };
    let task = scenario.tasks.get(current)?;
    if lab.next_prediction().is_some_and(|open| lab.progress().choice_of(&open.id).is_none()) {
        return Some(Next::Predict);
    }
    let made = lab.done_since_task_began();
    let mut from = 0;
    let mut changed = None;
    for step in steps(scenario, task) {
        if let Action::Call(call) = &step.action
            && lab.all_documents().iter().any(|document| document.action() == Some(&*call.operation))
        {
            changed = Some(&step.action);
        }
        let found = match &step.action {
            // Open questions come first, and the others are answered.
            Action::Predict { .. } => continue,
            Action::Wait(_) => {
                made.iter().skip(from).position(|done| matches!(done.action, StepAction::Wait(_)))
            }
            Action::Call(call) => made.iter().skip(from).position(|done| match &done.action {
                StepAction::Call(made) => is_made(call, made),
                StepAction::Wait(_) => false,
            }),
        };
        match found {
            Some(at) => from += at + 1,
            None => return Some(way(lab, &step.action, dirty, true)),
        }
    }
    let mut promises = lab.reports().get(current).into_iter().flat_map(|task| task.invariants.iter());
    if promises.any(|promise| promise.verdict == CheckStatus::Fail) {
        return Some(Next::TakeBack);
    }
    changed.map(|action| way(lab, action, dirty, true))
}

/// The steps of the solution that belong to a task.
fn steps<'s>(scenario: &'s Scenario, task: &'s Task) -> impl Iterator<Item = &'s Step> {
    let mut of = scenario.tasks.first().map(|first| &first.id);
    scenario.solution.iter().filter(move |step| {
        of = step.task.as_ref().or(of);
        of == Some(&task.id)
    })
}

/// What the steps of the task in work need, each way once, in the order in which they come.
pub fn needs(lab: &Lab) -> Vec<Next> {
    let scenario = lab.scenario();
    let task = lab.current_task().and_then(|current| scenario.tasks.get(current));
    let mut out = Vec::new();
    for step in task.into_iter().flat_map(|task| steps(scenario, task)) {
        let way = way(lab, &step.action, false, false);
        if !out.contains(&way) {
            out.push(way);
        }
    }
    out
}

/// Whether a call that was made is the one of a step: the same operation on the same table, with the end it must have, and
/// by the same caller unless it has changed something.
fn is_made(call: &CallStep, made: &CallMade) -> bool {
    let table = call.with.get("TableName");
    let same = table.is_none_or(|table| made.call.input.to_json().get("TableName") == Some(table));
    let ends = made.outcome.result.is_ok() == (call.expect == Expect::Success);
    let by = made.changes() || made.who == call.caller;
    same && ends && by && made.call.action() == call.operation
}

/// The way to make a step from where the learner stands; `who` says whether it begins with acting as its caller.
fn way(lab: &Lab, action: &Action, dirty: bool, who: bool) -> Next {
    let call = match action {
        Action::Predict { .. } => return Next::Predict,
        Action::Wait(_) => return Next::Wait,
        Action::Call(call) => call,
    };
    let edits = lab.draft().is_some_and(|draft| draft.document().action() == Some(&*call.operation));
    let edited = lab.draft().is_some_and(Draft::is_edited);
    if dirty && edited && edits && (call.expect != Expect::Success || brings_on(lab)) {
        // Whoever acts may not be the one who can.
        let is_caller = lab.persona().name == call.caller;
        if is_caller || lab.rehearse_draft().is_some_and(|outcome| outcome.result.is_ok()) {
            return Next::Apply;
        }
    }
    if who
        && lab.persona().name != call.caller
        && let Some(index) = lab.personas().iter().position(|persona| persona.name == call.caller)
    {
        return Next::ActAs(lab.number(index), call.caller.clone());
    }
    if lab.watched().is_some_and(|watched| is_call(watched, call)) {
        return Next::Run;
    }
    // A token is shown by whoever has the grant, in the list of keys.
    if call.with.contains_key("GrantTokens") || KEYS.contains(&&*call.operation) {
        return Next::Keys;
    }
    if lab.watchable().iter().any(|row| is_call(&row.watched, call)) {
        return Next::Watch;
    }
    if edits {
        return match call.with.contains_key("remove") && !call.with.contains_key("add") {
            true => Next::TakeOut,
            false if lab.scenario().guided && lab.help_waits().is_none() => Next::Insert,
            false => Next::Edit,
        };
    }
    if lab.all_documents().iter().any(|document| document.action() == Some(&*call.operation)) {
        return Next::Open;
    }
    Next::Console(call.operation.clone())
}

/// Whether more of the task in work would hold with the drafts in force than holds now.
fn brings_on(lab: &Lab) -> bool {
    let held = |reports: &[TaskReport]| {
        let task = lab.current_task().and_then(|current| reports.get(current));
        task.map_or(0, |task| task.checks.iter().filter(|check| check.verdict == CheckStatus::Pass).count())
    };
    lab.draft_reports().is_some_and(|drafted| held(drafted) > held(lab.reports()))
}

/// Whether a call that is watched, or can be, is the one of a step: the same operation, about the same.
fn is_call(watched: &Watched, call: &CallStep) -> bool {
    let names = ["TableName", "KeyId", "RoleArn"].iter().filter_map(|field| call.with.get(*field)?.as_str());
    let mut about = names.filter(|name| !name.contains("{{"));
    watched.call().action() == call.operation && about.all(|name| watched.about().contains(name))
}
