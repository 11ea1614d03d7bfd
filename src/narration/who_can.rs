//! Who may do an action to something of this world: everybody in every account, and why.

use std::collections::BTreeSet;

use super::CallStatus;
use super::matrix::{first_actions, through_dynamodb};
use crate::cloud::{Probe, reference};
use crate::lab::Lab;
use crate::policy::{Principal, Verdict as Decided};

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

/// Something of this world that an action can be done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionTarget {
    /// What people call it.
    pub label: String,
    /// The ARN, or `*` for actions on no resource.
    pub arn: String,
    /// Whether DynamoDB asks in the caller's name.
    pub via_dynamodb: bool,
}

impl ActionTarget {
    /// Any ARN, as it was typed.
    pub fn typed(arn: &str) -> Option<Self> {
        let is_arn = arn == "*" || arn.starts_with("arn:");
        is_arn.then(|| Self { label: arn.to_owned(), arn: arn.to_owned(), via_dynamodb: false })
    }
}

/// What of this world an action can be done to.
pub fn targets(lab: &Lab, action: &str) -> Vec<ActionTarget> {
    let world = lab.shown_world();
    let direct = |label: String, arn: String| ActionTarget { label, arn, via_dynamodb: false };
    let vendor = action.split(':').next().unwrap_or_default();
    let known = reference().action(action);
    let bound = known.is_none_or(|action| !action.resources.is_empty());
    let mut out: Vec<ActionTarget> = match vendor {
        "kms" if bound => {
            let keys: Vec<String> = world.kms().keys().map(|key| key.arn()).collect();
            let plain = keys.iter().map(|arn| direct(crate::scenario::key_label(world, arn), arn.clone()));
            let through = keys.iter().filter(|arn| through_dynamodb(world, action, arn).is_some());
            let through = through.map(|arn| ActionTarget {
                label: format!("{} through DynamoDB", crate::scenario::key_name(world, arn)),
                arn: arn.clone(),
                via_dynamodb: true,
            });
            plain.chain(through).collect()
        }
        "dynamodb" if bound => {
            let tables = world.dynamodb().tables();
            tables.map(|table| direct(table.handle.name.to_string(), table.handle.arn())).collect()
        }
        "iam" | "sts" if bound => {
            let all = world.iam().identities();
            all.map(|who| direct(format!("{} {}", who.kind.word(), who.name), who.arn())).collect()
        }
        _ => Vec::new(),
    };
    if out.is_empty() {
        out.push(direct("everything".to_owned(), "*".to_owned()));
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

/// Every user, role and root user, and an anonymous caller, with the answer, those who may first.
pub fn who_can(lab: &Lab, action: &str, target: &ActionTarget) -> Vec<(String, CallStatus, String)> {
    let world = lab.shown_world();
    let through = target.via_dynamodb.then(|| through_dynamodb(world, action, &target.arn)).flatten();
    let question = through.unwrap_or_else(|| Probe::new(action, target.arn.as_str()));
    let mut rows: Vec<(String, CallStatus, String)> = world
        .everybody()
        .into_iter()
        .map(|principal| {
            let record = world.probe_principal(&principal, &question);
            let who = match &principal {
                Principal::RoleSession { role_arn, .. } => role_arn.to_string(),
                other @ (Principal::Anonymous
                | Principal::Service { .. }
                | Principal::Root { .. }
                | Principal::User { .. }
                | Principal::FederatedUser { .. }
                | Principal::Federated { .. }) => other.name().to_string(),
            };
            let allowed = record.decision.verdict == Decided::Allowed;
            let verdict = if allowed { CallStatus::Allowed } else { CallStatus::Denied };
            (who, verdict, super::why_step(lab, &record).conclusion)
        })
        .collect();
    rows.sort_by_key(|(who, verdict, _)| (*verdict != CallStatus::Allowed, who.clone()));
    rows
}
