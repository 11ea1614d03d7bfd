//! What there is to say about a lab's state, as plain data and plain sentences. Every face of the lab speaks from it.
//!
//! | file | what |
//! |---|---|
//! | `data/` | the data: what panes draw and plain mode says |
//! | `answer`, `why`, `calls` | how a call ended, and the reasons |
//! | `matrix`, `who_can` | many people asked at once |
//! | `documents`, `snippets`, `fixes`, `complete` | policies and items, and what helps to write them |
//! | `storage`, `keys`, `steps` | what is stored, the keys, the history |
//! | `course` | the scenarios in order, and how far each is |
//! | `brackets`, `diff`, `json_text`, `json_place` | texts: pairs of brackets, comparison, layout, and where in one a place is |
//!
//! Only looks and words: every verdict, reason and byte is the engine's. Nothing here knows of a terminal.

mod answer;
mod brackets;
mod calls;
mod complete;
pub mod course;
mod data;
pub mod diff;
mod documents;
mod fixes;
mod json_place;
pub mod json_text;
mod keys;
mod matrix;
mod snippets;
mod steps;
mod storage;
mod who_can;
mod why;

use std::collections::HashMap;

use crate::cloud::audit::Event;
use crate::cloud::{Outcome, World};
use crate::lab::{CallMade, Draft, Lab, Point};
use crate::scenario::{self, Outline, Prediction, TaskReport};

pub use crate::cloud::service::ActionTarget;
pub use brackets::matching_bracket;
pub use calls::{PresentedCall, Refusal, decisions_at, presented, refusal};
pub use complete::completions;
pub use data::*;
pub use documents::{comparison, document_rows, is_read_only, versions};
pub use fixes::{Fix, fixes};
pub use json_place::{JsonPlace, json_place};
pub use keys::{Does, KeyAction, actions as key_actions};
pub use matrix::probe as matrix_probe;
pub use snippets::{Snippet, snippets};
pub use steps::step_words;
pub use who_can::{find_target, known_actions, targets, who_can};
pub use why::why_step;

/// A scenario for the list.
pub fn scenario_row(outline: Outline) -> ScenarioRow {
    let free = outline.tasks.is_empty();
    let short = outline.id.split('-').next().unwrap_or_default().to_uppercase();
    let letter: String = short.chars().take(1).collect();
    ScenarioRow {
        short: if free { String::new() } else { short },
        chapter: if free { "Free play".to_owned() } else { chapter(&letter) },
        progress: (0, outline.tasks.len()),
        id: outline.id,
        title: outline.title,
        minutes: outline.minutes,
        level: outline.level.for_whom(),
        teaches: outline.teaches,
        requires: outline.requires,
        story: outline.story,
    }
}

/// The chapters of the course by their letter.
fn chapter(letter: &str) -> String {
    let title = match letter {
        "A" => "The walk-through",
        "B" => "Who really decides",
        "C" => "Time, caches and grants",
        "D" => "Keys have lives",
        "E" => "Attack and defence",
        "F" => "Organisation scale",
        "G" => "Beyond the table",
        _ => "",
    };
    if title.is_empty() { letter.to_owned() } else { format!("{letter}  {title}") }
}

/// What the view of a session depends on besides the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewOptions {
    /// Whether the log shows data events.
    pub data_events: bool,
    /// Whether what would give the answer to an open question away is kept back.
    pub hide_spoilers: bool,
    /// Two identities to show side by side.
    pub pair: Option<[usize; 2]>,
    /// The point that what is stored is compared with.
    pub storage_since: Point,
    /// Whether the answer is the one on the applied policy, though there is a draft.
    pub applied: bool,
    /// The subject of the matrix, if it is in sight. It is left empty if not: nothing else costs as much.
    pub matrix: Option<usize>,
}

/// Everything the lab screen draws.
pub fn lab_view(lab: &Lab, options: ViewOptions) -> LabView {
    // Whether the document on screen is a draft of the person's own.
    let dirty = lab.draft().is_some_and(Draft::is_edited);
    let world = lab.shown_world();
    let who = options.pair.map_or(lab.acting(), |[first, _]| first);
    let drafted = dirty && !options.applied;
    let hidden = |who: usize| options.hide_spoilers && lab.is_spoiler(who);
    let why = |who: usize| {
        let looked = answer::look(lab, who, drafted).filter(|_| !hidden(who));
        looked.map(|l| l.outcome.decisions.iter().map(|d| why_step(lab, d)).collect()).unwrap_or_default()
    };
    let other = |[_, who]: [usize; 2]| OtherSession {
        answer: answer::answer(lab, who, dirty, drafted, hidden(who)),
        why: why(who),
    };
    let (audit, audit_hidden) = audit(lab, options);
    LabView {
        head: head(lab),
        watched: watched(lab),
        identities: identities(lab, dirty, hidden),
        resources: resources(world),
        document: documents::head(lab),
        dirty,
        apply: lab.rehearse_draft().filter(|_| dirty).map(|o| mark(&o)),
        task: task(lab, dirty),
        answer: answer::answer(lab, who, dirty, drafted, hidden(who)),
        storage: storage::storage(lab, options.storage_since),
        why: why(who),
        audit,
        audit_hidden,
        data_events: options.data_events,
        matrix: options
            .matrix
            .map_or_else(MatrixView::default, |about| matrix::matrix(lab, about, dirty, hidden)),
        steps: steps::rows(lab),
        keys: keys::keys(lab),
        other: options.pair.map(other),
    }
}

/// The watched call in a word; in two if the learner has chosen it.
fn watched(lab: &Lab) -> String {
    let Some(watched) = lab.watched() else { return String::new() };
    let operation = watched.call().input.operation();
    if lab.watches_another() {
        format!("{operation} {}", watched.about()).trim_end().to_owned()
    } else {
        operation.to_owned()
    }
}

/// The time of day of a simulated moment.
fn clock(at: jiff::Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

fn head(lab: &Lab) -> Head {
    let scenario = lab.scenario();
    let home = &lab.stage().names.home;
    let name = lab.world().iam().accounts().find(|(id, _)| *id == home).map(|(_, name)| name);
    let account = match name {
        Some(name) if name != home.as_str() => format!("{name} {home}"),
        _ => home.to_string(),
    };
    let all = scenario.tasks.len();
    let current = lab.current_task();
    let done = lab.history().done().len();
    let steps = lab.history().steps().len();
    let started = lab.history().start().now();
    let days = lab.world().now().duration_since(started).as_hours() / 24;
    let mut time = clock(lab.world().now());
    if days > 0 {
        time = format!("day {} {time}", days + 1);
    }
    Head {
        id: scenario.short_id().to_uppercase(),
        title: scenario.title.clone(),
        account,
        region: lab.stage().names.region.to_string(),
        clock: time,
        fidelity: keys::fidelity(&scenario.fidelity),
        task: (current.map_or(all, |i| i + 1), all),
        minutes: scenario.minutes,
        done: current.is_none() && all > 0,
        past: (done < steps).then(|| format!("step {done} of {steps}")),
        branch: (!lab.history().others().is_empty()).then(|| steps::branch_name(lab.history().branch())),
    }
}

/// How a call ended, and the word for why.
fn mark(outcome: &Outcome) -> Mark {
    let verdict = CallStatus::of(outcome);
    let because = match (&outcome.result, verdict) {
        (Err(_), CallStatus::Denied) => {
            let denied = outcome.decisions.iter().rev().find(|d| !d.decision.is_allowed());
            denied.map(|d| d.request.action().to_string())
        }
        _ => None,
    };
    let because =
        because.or_else(|| outcome.result.as_ref().err().map(|e| e.code.to_string())).unwrap_or_default();
    Mark { verdict, because }
}

fn identities(lab: &Lab, dirty: bool, hidden: impl Fn(usize) -> bool) -> Vec<IdentityRow> {
    lab.personas()
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let kept = hidden(i);
            let preview = lab.previews().get(i).filter(|_| !kept);
            IdentityRow {
                name: p.name.clone(),
                kind: p.kind().to_owned(),
                acting: i == lab.acting(),
                applied: match preview {
                    _ if kept => Applied::Hidden,
                    Some(preview) => Applied::Is(mark(&preview.now)),
                    None => Applied::Nothing,
                },
                draft: preview.and_then(|s| s.draft.as_ref()).filter(|_| dirty).map(|o| mark(o)),
            }
        })
        .collect()
}

fn resources(world: &World) -> Vec<ResourceRow> {
    let keys = world.kms().keys().map(|key| {
        let arn = key.arn();
        ResourceRow {
            is_key: true,
            name: crate::cloud::kms::key_name(world, &arn),
            note: key.state().to_string(),
        }
    });
    let tables = world.dynamodb().tables().map(|table| {
        let note = match table.key_arn() {
            Some(arn) => format!("under {}", crate::cloud::kms::key_name(world, arn)),
            None => "under an AWS owned key".to_owned(),
        };
        ResourceRow { is_key: false, name: table.handle.name.to_string(), note }
    });
    keys.chain(tables).collect()
}

fn task(lab: &Lab, dirty: bool) -> TaskView {
    let scenario = lab.scenario();
    let current = lab.current_task();
    let at = current.unwrap_or(scenario.tasks.len().saturating_sub(1));
    let task = scenario.tasks.get(at);
    let report = lab.reports().get(at);
    let on_draft = lab.draft_reports().filter(|_| dirty).and_then(|r| r.get(at));
    let hints = lab.hints(at).to_vec();
    TaskView {
        story: scenario.story.clone(),
        say: task.map(|t| t.say.clone()).unwrap_or_default(),
        checks: report.map(|r| checks(r, on_draft)).unwrap_or_default(),
        predictions: task.map(|t| predictions(lab, t)).unwrap_or_default(),
        open: task
            .zip(lab.next_prediction())
            .and_then(|(t, open)| t.predictions.iter().position(|p| p == open)),
        before: lab.tasks_just_done().flat_map(|t| predictions(lab, t)).collect(),
        earlier: scenario.tasks[..at.min(scenario.tasks.len())]
            .iter()
            .filter(|task| lab.tasks_just_done().all(|done| done.id != task.id))
            .flat_map(|t| predictions(lab, t))
            .collect(),
        hint_count: task.map_or(0, |t| t.hints.len()),
        hints,
        feedback: scenario::feedback(lab.draft_reports().filter(|_| dirty).unwrap_or(lab.reports()))
            .map(|f| f.say.clone()),
        debrief: if current.is_none() && !scenario.tasks.is_empty() {
            scenario.debrief.clone()
        } else {
            Vec::new()
        },
        simplified: scenario.simplified.clone(),
    }
}

fn checks(report: &TaskReport, draft: Option<&TaskReport>) -> Vec<CheckRow> {
    let tick = |v: scenario::CheckStatus| match v {
        scenario::CheckStatus::Pass => Tick::Done,
        scenario::CheckStatus::Fail => Tick::Todo,
        scenario::CheckStatus::CannotTell => Tick::Unknown,
    };
    let rows = |now: &[scenario::CheckReport], then: Option<&[scenario::CheckReport]>, invariant: bool| {
        now.iter()
            .enumerate()
            .map(|(i, c)| CheckRow {
                say: c.say.clone(),
                applied: tick(c.verdict),
                draft: then.and_then(|t| t.get(i)).map(|c| tick(c.verdict)),
                invariant,
            })
            .collect::<Vec<_>>()
    };
    let mut out = rows(&report.checks, draft.map(|d| d.checks.as_slice()), false);
    out.extend(rows(&report.invariants, draft.map(|d| d.invariants.as_slice()), true));
    out
}

/// The questions of a task, with what was answered and how that compares with what happened.
fn predictions(lab: &Lab, task: &scenario::Task) -> Vec<PredictionRow> {
    let read = |prediction: &Prediction| {
        let chosen = lab.progress().choice_of(&prediction.id);
        let outcome = chosen.zip(lab.was_right(prediction)).map(|(choice, right)| {
            let said = prediction.choices.get(choice).and_then(|c| c.say.clone());
            let truth = lab.stage().right_choice(&prediction.id).and_then(|i| prediction.choices.get(i));
            let why = said.or_else(|| truth.filter(|_| !right).map(|c| c.text.clone())).unwrap_or_default();
            // The verdict stands before it.
            let word = ["Right. ", "Right: ", "Right, "].iter().find_map(|word| why.strip_prefix(word));
            (right, word.unwrap_or(&why).to_owned())
        });
        let options = prediction.choices.iter().map(|c| c.text.clone()).collect();
        let truth = lab.stage().right_choice(&prediction.id).filter(|_| outcome.is_some());
        let truth = truth.and_then(|right| prediction.choices.get(right)).map(|choice| choice.text.clone());
        let place = lab.revealed_at(&prediction.id).unwrap_or_default();
        PredictionRow { ask: prediction.ask.clone(), options, chosen, outcome, truth, place }
    };
    task.predictions.iter().map(read).collect()
}

fn audit(lab: &Lab, options: ViewOptions) -> (Vec<AuditRow>, usize) {
    let world = lab.world();
    let all = world.events().len();
    let calls = calls_by_event(lab);
    let rows: Vec<AuditRow> = world
        .events()
        .rev()
        .filter(|e| options.data_events || !e.data_event)
        .map(|e| audit_row(lab, e, calls.get(e.id.as_str()).copied()))
        .collect();
    let data = world.events().filter(|e| e.data_event).count();
    debug_assert!(rows.len() <= all);
    (rows, if options.data_events { 0 } else { data })
}

/// Which call each record is of, and how many steps had been made after it.
fn calls_by_event(lab: &Lab) -> HashMap<&str, (usize, &CallMade)> {
    let steps = lab.history().done().iter().zip(1..);
    let calls = steps.filter_map(|(step, position)| Some((position, &**step.call()?)));
    calls
        .flat_map(|(position, made)| made.outcome.events.iter().map(move |e| (&*e.id, (position, made))))
        .collect()
}

fn audit_row(lab: &Lab, e: &Event, call: Option<(usize, &CallMade)>) -> AuditRow {
    let who = lab.stage().names.short(&e.who).trim_end_matches(".amazonaws.com").to_owned();
    let who = match &e.invoked_by {
        Some(service) => format!("{who} via {}", service.trim_end_matches(".amazonaws.com")),
        None => who,
    };
    // A service's own call and a call it made for somebody have no command line of their own.
    let own = call.filter(|(_, made)| made.outcome.request_id == e.request_id && e.invoked_by.is_none());
    let branch = lab.history().branch().number();
    AuditRow {
        time: clock(e.time),
        event: e.name.to_owned(),
        who,
        error: e.error.as_ref().map(|(code, _)| code.clone()),
        data: e.data_event,
        json: format!("{:#}", e.to_json()),
        cli: own.map(|(_, made)| steps::command(made)),
        call: call.map(|(position, _)| Point { branch, position }),
    }
}
