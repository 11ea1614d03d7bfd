//! What the solution of the scenario needs next: the one thing to do now.
//!
//! The steps of the solution that belong to the task in work are gone through in their order; the first that was not made
//! since the task began is next. Whoever solves the task in another way is told nothing that is wrong: a step that changes
//! something counts as made whoever made it. Once all are made and the task is still open, what was changed is not what is
//! wanted: the last document that the steps change is next again.
//!
//! A promise comes before the steps: a draft that breaks one is to be mended, and what is applied and breaks one is to be
//! taken back, or put right by the draft there is. A draft that brings the task on is to be applied, by whoever can.

use std::sync::Arc;

use serde_json::Value;

use crate::cloud::{Call, Outcome};
use crate::lab::{self, CallMade, Draft, Lab, MADE_BEFORE, StepAction, Watchable, Watched, key_called};
use crate::scenario::{
    Action, CallStep, CheckStatus, Expect, HelpFrom, Scenario, Step, Task, TaskReport, asked_by, table_called,
};

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
    /// To change what stands in the document on the screen: nothing comes to it, and no statement goes as a whole.
    Change,
    /// To take the statement with that Sid out of the document on the screen.
    TakeOut(String),
    /// To change the draft on the screen: it breaks a promise, leaves one broken, or is a mistake with a word of its own.
    Mend,
    /// To apply the draft.
    Apply,
    /// To open another document.
    Open,
    /// To let time pass.
    Wait,
    /// To do something to a key or a grant.
    Keys,
    /// To type a line at the console, which calls that operation; without one where it is kept back.
    Console(Option<String>),
    /// To take so many steps back: that which broke a promise, and what was looked at since.
    TakeBack(usize),
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

/// What is next, if that can be said, and the operation that it calls, where the acting identity makes the call.
pub fn next(lab: &Lab, dirty: bool) -> Option<(Next, Option<String>)> {
    let scenario = lab.scenario();
    let alone = |next| (next, None);
    let Some(current) = lab.current_task() else {
        return (!scenario.tasks.is_empty()).then_some(alone(Next::NextScenario));
    };
    let task = scenario.tasks.get(current)?;
    if lab.open_question().is_some() {
        return Some(alone(Next::Predict));
    }
    if let Some(next) = promised(lab, current, dirty) {
        return Some(alone(next));
    }
    // Who is to show what they know finds the way alone.
    if scenario.help == HelpFrom::Alone {
        return None;
    }
    let made = lab.done_since_task_began();
    let mut used = vec![false; made.len()];
    let mut before = earlier(lab, current);
    let mut from = 0;
    let mut changed = None;
    for step in steps(scenario, task) {
        let writes = matches!(&step.action, Action::Call(call) if is_of_a_document(lab, call));
        if writes {
            changed = Some(step);
        }
        // What changes something, or was to, is done in any order; what is looked at is looked at afterwards.
        let behind = match &step.action {
            Action::Call(call) if !call.is_read() => 0,
            Action::Call(_) | Action::Wait(_) | Action::Predict { .. } => from,
        };
        let free = made.iter().zip(&used).enumerate().skip(behind).filter(|(_, (_, used))| !**used);
        let found =
            free.map(|(at, (done, _))| (at, done)).find(|(_, done)| match (&step.action, &done.action) {
                (Action::Wait(_), StepAction::Wait(_)) => true,
                (Action::Call(call), StepAction::Call(made)) => is_made(lab, call, made),
                (Action::Wait(_) | Action::Call(_) | Action::Predict { .. }, _) => false,
            });
        match found {
            // Open questions come first, and the others are answered.
            _ if matches!(step.action, Action::Predict { .. }) => {}
            Some((at, _)) => {
                from = from.max(at + 1);
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
            }
            None if creates(&step.action).is_some_and(|call| take_made(lab, call, &mut before)) => {}
            None => {
                // A look that would be refused again says that what was written before does not do.
                if let Some(written) = changed.filter(|_| !dirty && is_refused_again(lab, step)) {
                    return Some(told(lab, way(lab, &written.action, dirty, true), written));
                }
                let elsewhere = !matches!(&step.action, Action::Call(call) if is_edited(lab, call));
                let real = if elsewhere && dirty && brings_on(lab) { make_real(lab) } else { None };
                let next = real.unwrap_or_else(|| way(lab, &step.action, dirty, true));
                return Some(told(lab, next, step));
            }
        }
    }
    changed.map(|step| told(lab, way(lab, &step.action, dirty, true), step))
}

/// Whether a step is the watched call, was made and refused since the last change, and would be refused again.
fn is_refused_again(lab: &Lab, step: &Step) -> bool {
    let Action::Call(call) = &step.action else { return false };
    let who = lab.personas().iter().position(|persona| persona.name == call.caller);
    call.expect == Expect::Success
        && lab.watched().is_some_and(|watched| is_call(lab, watched, call))
        && who.and_then(|who| lab.last_result(who)).is_some_and(|(_, made)| made.outcome.result.is_err())
        && who.and_then(|who| lab.preview(who)).is_some_and(|preview| preview.now.result.is_err())
}

/// The way of a step with the operation that it calls, which is not told while help waits if the step says so.
fn told(lab: &Lab, next: Next, step: &Step) -> (Next, Option<String>) {
    match (next, step.unnamed && lab.help_waits().is_some()) {
        (Next::Console(_), true) => (Next::Console(None), None),
        (next, true) => (next, None),
        (next, false) => with_operation(next, &step.action),
    }
}

/// A way with the operation that it calls, if it calls one now.
fn with_operation(next: Next, action: &Action) -> (Next, Option<String>) {
    let calls = match &next {
        Next::Run
        | Next::Watch
        | Next::Edit
        | Next::Insert
        | Next::Change
        | Next::TakeOut(_)
        | Next::Open
        | Next::Keys
        | Next::Console(_) => true,
        Next::Predict
        | Next::ActAs(..)
        | Next::Mend
        | Next::Apply
        | Next::Wait
        | Next::TakeBack(_)
        | Next::NextScenario => false,
    };
    let operation = if let Action::Call(call) = action { Some(call.operation.clone()) } else { None };
    (next, operation.filter(|_| calls))
}

/// The call of a step that makes something new, which may have been made before its task began.
fn creates(action: &Action) -> Option<&CallStep> {
    if let Action::Call(call) = action {
        return call.operation.split(':').nth(1)?.starts_with("Create").then_some(call);
    }
    None
}

/// The calls that were made before the task in work began and that no earlier task has asked for.
fn earlier(lab: &Lab, current: usize) -> Vec<Arc<lab::Step>> {
    let since = lab.done_since_task_began().len();
    let all = lab.history().done();
    let mut before = all.get(..all.len().saturating_sub(since)).unwrap_or_default().to_vec();
    let scenario = lab.scenario();
    for step in scenario.tasks.iter().take(current).flat_map(|task| steps(scenario, task)) {
        if let Some(call) = creates(&step.action) {
            take_made(lab, call, &mut before);
        }
    }
    before
}

/// Takes the call of a step out of those that were made. Returns whether it was among them.
fn take_made(lab: &Lab, call: &CallStep, made: &mut Vec<Arc<lab::Step>>) -> bool {
    let found = made.iter().position(|step| step.call().is_some_and(|made| is_made(lab, call, made)));
    found.map(|at| made.remove(at)).is_some()
}

/// What a promise that is broken, or would be, asks for before anything else.
fn promised(lab: &Lab, current: usize, dirty: bool) -> Option<Next> {
    let broken = |reports: &[TaskReport]| -> Vec<bool> {
        let promises = reports.get(current).into_iter().flat_map(|task| task.invariants.iter());
        promises.map(|promise| promise.verdict == CheckStatus::Fail).collect()
    };
    let now = broken(lab.reports());
    let any = now.contains(&true);
    if lab.draft().is_some_and(Draft::is_edited) {
        let Some(then) = lab.draft_reports().filter(|_| dirty).map(broken) else {
            return any.then_some(Next::Mend);
        };
        let breaks = now.iter().zip(&then).any(|(now, then)| *then && !now);
        let heals = now.iter().zip(&then).any(|(now, then)| *now && !then);
        return match (breaks, heals) {
            (true, _) => Some(Next::Mend),
            (false, true) => make_real(lab).or(Some(Next::Mend)),
            (false, false) => any.then_some(Next::Mend),
        };
    }
    // Nothing is taken back while there are drafts: they are compared with what is there now.
    match lab.drafts().next().is_some() {
        _ if !any || lab.done_since_task_began().is_empty() => None,
        true => Some(Next::Open),
        false => Some(Next::TakeBack(since_a_change(lab))),
    }
}

/// How many steps lie behind the last one that changed something, that one counted.
fn since_a_change(lab: &Lab) -> usize {
    let changes = |step: &lab::Step| step.call().is_none_or(|made| made.changes());
    let done = lab.done_since_task_began();
    done.iter().rev().position(|step| changes(step)).map_or(1, |looked| looked + 1)
}

/// To apply the draft on the screen; where that would be refused, to act as somebody who can. None if nobody can.
fn make_real(lab: &Lab) -> Option<Next> {
    let succeeds = |outcome: Option<Arc<Outcome>>| outcome.is_some_and(|outcome| outcome.result.is_ok());
    if !lab.draft().is_some_and(Draft::is_edited) {
        return None;
    }
    if succeeds(lab.rehearse_draft()) {
        return Some(Next::Apply);
    }
    let who = (0..lab.personas().len()).find(|who| succeeds(lab.rehearse_draft_as(*who)))?;
    Some(Next::ActAs(lab.number(who), lab.personas().get(who)?.name.clone()))
}

/// Whether a step writes one of the documents there are.
fn is_of_a_document(lab: &Lab, call: &CallStep) -> bool {
    lab.all_documents().iter().any(|document| document.action() == Some(&*call.operation))
}

/// Whether the document on the screen is one that a step writes: of the same kind, and of the same user, role or group.
fn is_edited(lab: &Lab, call: &CallStep) -> bool {
    lab.draft().is_some_and(|draft| {
        draft.document().action() == Some(&*call.operation)
            && draft
                .document()
                .put(lab.world(), draft.base())
                .map_or(true, |put| has_same_names(lab, call, &put))
    })
}

/// The fields of a request that name what it is about.
const NAMES: [&str; 6] = ["TableName", "KeyId", "RoleArn", "UserName", "RoleName", "GroupName"];

/// What a step asks for, unless a name in it stands for nothing: what an earlier step of the solution has made may have
/// another name in this lab.
fn asked(lab: &Lab, step: &CallStep) -> Option<Value> {
    asked_by(&lab.stage().names, lab.world(), step).map(|call| call.input.to_json())
}

/// Whether a call is about what a step names, each by whichever name.
fn has_same_names(lab: &Lab, step: &CallStep, call: &Call) -> bool {
    asked(lab, step).is_none_or(|asked| names_the_same(lab, &asked, &call.input.to_json()))
}

fn names_the_same(lab: &Lab, asked: &Value, input: &Value) -> bool {
    let name = |input: &Value, field: &str| Some(named(lab, field, input.get(field)?.as_str()?));
    NAMES.iter().all(|field| match (name(asked, field), name(input, field)) {
        (Some(wanted), Some(given)) => wanted == given,
        (Some(_) | None, _) => true,
    })
}

/// The one name of what a field of a request names.
fn named(lab: &Lab, field: &str, name: &str) -> String {
    let (world, names) = (lab.world(), &lab.stage().names);
    let found = match field {
        "TableName" => table_called(world, name).map(|table| table.handle.arn()),
        // A key that is gone is known by its id alone.
        "KeyId" => {
            let arn = names.key(world, name).ok().or_else(|| Some(key_called(world, name)?.arn()));
            arn.and_then(|arn| Some(arn.rsplit_once('/')?.1.to_owned()))
        }
        _ => None,
    };
    found.unwrap_or_else(|| name.to_owned())
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
    let task = task.filter(|_| scenario.help != HelpFrom::Alone);
    let mut out = Vec::new();
    for step in task.into_iter().flat_map(|task| steps(scenario, task)) {
        let way = way(lab, &step.action, false, false);
        // What is answered is not asked for again.
        let is_over = way == Next::Predict && lab.next_prediction().is_none();
        if !is_over && !out.contains(&way) {
            out.push(way);
        }
    }
    out
}

/// Whether a call that was made is the one of a step: the same operation on the same things, with the end it must have, and
/// by the same caller unless it has changed something.
fn is_made(lab: &Lab, call: &CallStep, made: &CallMade) -> bool {
    let ends = made.outcome.result.is_ok() == (call.expect == Expect::Success);
    let by = made.changes() || made.who == call.caller;
    ends && by && made.call.action() == call.operation && has_same_names(lab, call, &made.call)
}

/// The way to make a step from where the learner stands; `who` says whether it begins with acting as its caller.
fn way(lab: &Lab, action: &Action, dirty: bool, who: bool) -> Next {
    let call = match action {
        Action::Predict { .. } => return Next::Predict,
        Action::Wait(_) => return Next::Wait,
        Action::Call(call) => call,
    };
    let edits = is_edited(lab, call);
    let edited = lab.draft().is_some_and(Draft::is_edited);
    if dirty && edited && edits {
        // What is to be refused is sent by its caller; whoever acts may not be the one who can.
        if call.expect != Expect::Success && lab.persona().name == call.caller {
            return Next::Apply;
        }
        if call.expect == Expect::Success && brings_on(lab) {
            if is_mistaken(lab) {
                return Next::Mend;
            }
            if let Some(real) = make_real(lab) {
                return real;
            }
        }
    }
    if who
        && lab.persona().name != call.caller
        && let Some(index) = lab.personas().iter().position(|persona| persona.name == call.caller)
    {
        return Next::ActAs(lab.number(index), call.caller.clone());
    }
    // The editor has no switch for it.
    if call.with.get("BypassPolicyLockoutSafetyCheck") == Some(&Value::Bool(true)) {
        return Next::Console(Some(call.operation.clone()));
    }
    let of_a_document = is_of_a_document(lab, call);
    // A call that writes a document is among those to watch once it was made; it is not made that way, unless it is the
    // one that the scenario watches.
    if (!of_a_document || !lab.watches_another())
        && lab.watched().is_some_and(|watched| is_call(lab, watched, call))
    {
        return Next::Run;
    }
    // A token is shown by whoever has the grant, in the list of keys.
    if call.with.contains_key("GrantTokens") || KEYS.contains(&&*call.operation) {
        return Next::Keys;
    }
    let is_offered = |row: &Watchable| row.group != MADE_BEFORE && is_call(lab, &row.watched, call);
    if !of_a_document && lab.watchable().iter().any(is_offered) {
        return Next::Watch;
    }
    if edits && !edited && is_drafted(lab, call) {
        return Next::Apply;
    }
    if edits {
        let sid = call.with.get("remove").filter(|_| !call.with.contains_key("add"));
        let sid = sid.and_then(|sid| sid.as_array().map_or(Some(sid), |all| all.first())?.as_str());
        return match sid.or_else(|| replaced(lab, call)) {
            Some(sid) => Next::TakeOut(sid.to_owned()),
            None if only_changes(lab, call) => Next::Change,
            None if lab.scenario().guided && lab.help_waits().is_none() => Next::Insert,
            None => Next::Edit,
        };
    }
    if of_a_document {
        return Next::Open;
    }
    Next::Console(Some(call.operation.clone()))
}

/// The Sid of the statement that a step replaces, once the draft holds a statement more beside it.
fn replaced<'s>(lab: &Lab, call: &'s CallStep) -> Option<&'s str> {
    let sid = call.with.get("replace")?.get("Sid")?.as_str()?;
    let draft = lab.draft().filter(|draft| draft.is_edited())?;
    let statements = |text: &str| -> Option<Vec<Value>> {
        Some(serde_json::from_str::<Value>(text).ok()?.get("Statement")?.as_array()?.clone())
    };
    let (before, now) = (statements(draft.base())?, statements(draft.text())?);
    let is_it = |statement: &&Value| statement.get("Sid").and_then(Value::as_str) == Some(sid);
    let old = before.iter().find(is_it)?;
    (now.len() > before.len() && now.contains(old)).then_some(sid)
}

/// Whether a step writes no statement that is not there: as many as the document on the screen has, or fewer.
fn only_changes(lab: &Lab, call: &CallStep) -> bool {
    let count = |policy: &Value| Some(policy.get("Statement")?.as_array().map_or(1, Vec::len));
    let wanted = call.with.values().find_map(count);
    let there = lab.draft().and_then(|draft| count(&serde_json::from_str(draft.base()).ok()?));
    wanted.zip(there).is_some_and(|(wanted, there)| there > 0 && wanted <= there)
}

/// Whether the text on the screen, as a document that is not there yet begins, is what a step writes.
fn is_drafted(lab: &Lab, call: &CallStep) -> bool {
    let Some(draft) = lab.draft().filter(|draft| draft.applied().is_none()) else { return false };
    let put = draft.document().put(lab.world(), draft.text()).ok();
    put.is_some_and(|put| asked(lab, call).is_some_and(|asked| put.input.to_json() == asked))
}

/// Whether more of the task in work would hold with the drafts in force than holds now.
fn brings_on(lab: &Lab) -> bool {
    let held = |reports: &[TaskReport]| {
        let task = lab.current_task().and_then(|current| reports.get(current));
        task.map_or(0, |task| task.checks.iter().filter(|check| check.verdict == CheckStatus::Pass).count())
    };
    lab.draft_reports().is_some_and(|drafted| held(drafted) > held(lab.reports()))
}

/// Whether the drafts in force would be a mistake that the task in work has a word on, and that is not made already.
fn is_mistaken(lab: &Lab) -> bool {
    let said = |reports: &[TaskReport]| -> Option<String> {
        let feedback = reports.get(lab.current_task()?)?.feedback.as_ref()?;
        (!feedback.halfway).then(|| feedback.id.clone())
    };
    lab.draft_reports().and_then(said).is_some_and(|mistake| said(lab.reports()) != Some(mistake))
}

/// Whether a call that is watched, or can be, is the one of a step: the same operation, about the same, with all that the
/// step says. The name of a session is anybody's choice.
fn is_call(lab: &Lab, watched: &Watched, step: &CallStep) -> bool {
    let call = watched.call();
    if call.action() != step.operation {
        return false;
    }
    let Some(asked) = asked(lab, step) else { return true };
    let input = call.input.to_json();
    let is_free = |field: &str| NAMES.contains(&field) || field == "RoleSessionName";
    let mut said = asked.as_object().into_iter().flatten().filter(|(field, _)| !is_free(field));
    names_the_same(lab, &asked, &input) && said.all(|(field, wanted)| input.get(field) == Some(wanted))
}
