//! Who may do an action to something of this world: everybody in every account, and why.

use std::collections::BTreeSet;

use super::CallStatus;
use super::matrix::first_actions;
use crate::cloud::service::ActionTarget;
use crate::cloud::{Probe, reference};
use crate::lab::Lab;
use crate::policy::Verdict as Decided;

/// The actions one can ask about, each with its access level: first those the scenario and its matrix are about.
pub fn known_actions(lab: &Lab) -> Vec<(String, &'static str)> {
    let first = lab.scenario().palette.actions.iter().cloned().chain(first_actions(lab));
    let rest = reference()
        .services
        .iter()
        .flat_map(|(vendor, service)| service.actions.keys().map(move |name| format!("{vendor}:{name}")));
    let mut seen = BTreeSet::new();
    first
        .chain(rest)
        .filter(|action| seen.insert(action.to_lowercase()))
        .map(|action| {
            let access = reference().action(&action).map_or("", |known| known.access.as_str());
            (action, access)
        })
        .collect()
}

/// What of this world an action can be done to.
pub fn targets(lab: &Lab, action: &str) -> Vec<ActionTarget> {
    let world = lab.shown_world();
    let service = action.split(':').next().and_then(|prefix| world.service(prefix));
    let is_about_resources = reference().action(action).is_none_or(|action| !action.resources.is_empty());
    let mut out: Vec<ActionTarget> =
        service.filter(|_| is_about_resources).map_or_else(Vec::new, |service| service.candidates(world));
    if out.is_empty() {
        out.push(ActionTarget::direct("everything", "*"));
    }
    out
}

/// The target that was typed: by its name or a part of it, or by any ARN. The first if nothing was typed.
pub fn find_target(targets: &[ActionTarget], typed: &str) -> Option<ActionTarget> {
    let wanted = typed.to_lowercase();
    let named = |target: &&ActionTarget| target.label.to_lowercase() == wanted || target.arn == typed;
    let part = |target: &&ActionTarget| target.label.to_lowercase().contains(&wanted);
    let known = targets.iter().find(named).or_else(|| targets.iter().find(part)).cloned();
    known.or_else(|| ActionTarget::typed(typed))
}

/// Every user, role and root user with the answer, those who may first.
pub fn who_can(lab: &Lab, action: &str, target: &ActionTarget) -> Vec<(String, CallStatus, String)> {
    let world = lab.shown_world();
    let forward =
        target.via.and_then(|principal| world.forwards(&target.arn).find(|f| f.principal == principal));
    let plain = || Probe::new(action, target.arn.as_str());
    let question = forward.map_or_else(plain, |forward| forward.probe(action, &target.arn));
    let mut rows: Vec<(String, CallStatus, String)> = world
        .who_can(&question, true)
        .into_iter()
        .map(|(who, record)| {
            let allowed = record.decision.verdict == Decided::Allowed;
            let verdict = if allowed { CallStatus::Allowed } else { CallStatus::Denied };
            (who, verdict, super::why_step(lab, &record).conclusion)
        })
        .collect();
    rows.sort_by_key(|(who, verdict, _)| (*verdict != CallStatus::Allowed, who.clone()));
    rows
}
