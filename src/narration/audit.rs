//! The audit trail as rows, newest first.

use std::collections::HashMap;
use std::fmt;

use super::marks::Moments;
use super::{clicks, steps};
use crate::cloud::Uuid;
use crate::cloud::audit::Event;
use crate::cloud::eventbridge::{self, Rule};
use crate::lab::{CallMade, Lab, Point};

/// An audit record as the audit pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The simulated time of day, behind month and day where the list has several days.
    pub time: String,
    pub event: String,
    /// Who, and via which service.
    pub who: String,
    /// The error's code, if it failed.
    pub error: Option<String>,
    /// True for a data event.
    pub data: bool,
    /// The record as JSON.
    pub json: String,
    /// The aws command that would make the call.
    pub cli: Option<String>,
    /// What one would click for it in AWS's console.
    pub clicks: Option<&'static str>,
    /// The rules of EventBridge that match it, as their patterns read on the draft.
    pub rules: Vec<String>,
    /// The point behind the call that left it, if it is one of this session.
    pub call: Option<Point>,
}

/// Returns the rows, and how many data events are left out.
pub fn audit(lab: &Lab, data_events: bool) -> (Vec<AuditRow>, usize) {
    let world = lab.world();
    let all = world.events().len();
    let calls = calls_by_event(lab);
    let rules: Vec<&Rule> = rules(lab).collect();
    let shown = || world.events().rev().filter(|e| data_events || !e.data_event);
    let moments = Moments::of(shown().map(|e| e.time));
    let rows: Vec<AuditRow> =
        shown().map(|e| audit_row(lab, e, moments, calls.get(&e.id).copied(), &rules)).collect();
    let data = world.events().filter(|e| e.data_event).count();
    debug_assert!(rows.len() <= all);
    (rows, if data_events { 0 } else { data })
}

/// The rules of EventBridge, as their patterns read on the draft.
fn rules(lab: &Lab) -> impl Iterator<Item = &Rule> {
    lab.drafted().unwrap_or_else(|| lab.world()).eventbridge().rules().map(AsRef::as_ref)
}

/// How many of the records a rule of EventBridge matches, as its pattern reads on the draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    pub name: String,
    pub matched: usize,
    pub all: usize,
}

impl fmt::Display for RuleCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "matches {} of {} records", self.matched, self.all)
    }
}

/// Counts what each rule matches.
pub fn rule_counts(lab: &Lab) -> Vec<RuleCount> {
    let world = lab.world();
    let count = |rule: &Rule| RuleCount {
        name: rule.name().to_owned(),
        matched: world.events().filter(|event| rule.finds(event)).count(),
        all: world.events().len(),
    };
    rules(lab).map(count).collect()
}

/// Which call each record is of, and how many steps had been made after it.
fn calls_by_event(lab: &Lab) -> HashMap<Uuid, (usize, &CallMade)> {
    let steps = lab.history().done().iter().zip(1..);
    let calls = steps.filter_map(|(step, position)| Some((position, &**step.call()?)));
    calls
        .flat_map(|(position, made)| made.outcome.events.iter().map(move |e| (e.id, (position, made))))
        .collect()
}

/// Who called from another account, as the trail of an account that has rules knows it: a number and no name.
fn stranger(e: &Event, home: &str) -> Option<String> {
    let identity = e.identity_for(home);
    let account = identity["accountId"].as_str().filter(|_| identity["type"] == "AWSAccount")?;
    Some(format!("account {account}"))
}

fn audit_row(
    lab: &Lab,
    e: &Event,
    moments: Moments,
    call: Option<(usize, &CallMade)>,
    rules: &[&Rule],
) -> AuditRow {
    let home = rules.first().map(|rule| rule.arn.account());
    let who = home.and_then(|home| stranger(e, home));
    let known = || lab.stage().names.short(&e.who).trim_end_matches(".amazonaws.com").to_owned();
    let who = who.unwrap_or_else(known);
    let who = match &e.invoked_by {
        Some(service) => format!("{who} via {}", service.trim_end_matches(".amazonaws.com")),
        None => who,
    };
    // A service's own call and a call it made for somebody have no command line of their own.
    let own =
        call.filter(|(_, made)| Some(made.outcome.request_id) == e.request_id && e.invoked_by.is_none());
    let branch = lab.history().branch().number();
    AuditRow {
        time: moments.say(e.time),
        event: e.name.to_owned(),
        who,
        error: e.error.as_ref().map(|(code, _)| code.clone()),
        data: e.data_event,
        // A pattern is written against the event, which holds the record.
        json: match rules.first() {
            Some(rule) if e.is_seen_by(rule.arn.account()) => {
                format!("{:#}", eventbridge::delivered(e, rule.arn.account()))
            }
            Some(_) | None => format!("{:#}", e.to_json()),
        },
        rules: rules.iter().filter(|rule| rule.finds(e)).map(|rule| rule.name().to_owned()).collect(),
        cli: own.map(|(_, made)| steps::command(made)),
        clicks: own.and_then(|(_, made)| clicks(&made.call.action())),
        call: call.map(|(position, _)| Point { branch, position }),
    }
}
