//! The statement that an edit adds.

use super::reach::{Reach, own_bounds};
use crate::policy::Request;
use crate::policy::policies::ResourceMode;
use crate::policy::principal::Principal;
use crate::policy::terms::{Effect, PolicyKind};
use std::sync::Arc;

/// A statement for exactly this request; `None` where a policy of the kind cannot have one.
pub(super) fn statement(
    kind: PolicyKind,
    effect: Effect,
    request: &Request,
    mode: ResourceMode,
) -> Option<String> {
    // An RCP can only deny.
    // Source: Organizations User Guide, "orgs_manage_policies_rcps_syntax"
    if kind == PolicyKind::Rcp && effect == Effect::Allow {
        return None;
    }
    let principal = match (kind, request.principal()) {
        (PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Scp, _) => {
            String::new()
        }
        (PolicyKind::Rcp | PolicyKind::Endpoint, _) | (_, Principal::Anonymous) => {
            "\"Principal\": \"*\", ".to_owned()
        }
        (_, Principal::Service { name }) => format!("\"Principal\": {{\"Service\": {}}}, ", quote(name)),
        (_, Principal::Federated { provider }) => {
            format!("\"Principal\": {{\"Federated\": {}}}, ", quote(provider))
        }
        (_, Principal::RoleSession { role_arn, .. }) => {
            format!("\"Principal\": {{\"AWS\": {}}}, ", quote(role_arn))
        }
        (_, principal) => format!("\"Principal\": {{\"AWS\": {}}}, ", quote(&principal.name())),
    };
    // The policy of a single resource calls it `*`.
    let resource = match kind {
        PolicyKind::Trust => String::new(),
        PolicyKind::Resource if mode == ResourceMode::Required => ", \"Resource\": \"*\"".to_owned(),
        PolicyKind::Identity
        | PolicyKind::Resource
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Scp
        | PolicyKind::Rcp
        | PolicyKind::Endpoint => format!(", \"Resource\": {}", quote(&request.resource().arn)),
    };
    let action = quote(request.action());
    let bounds =
        if effect == Effect::Allow && names_principals(kind) { own_bounds(request) } else { Vec::new() };
    let condition =
        if bounds.is_empty() { String::new() } else { format!(", \"Condition\": {}", equals(&bounds)) };
    Some(format!("{{\"Effect\": \"{effect:?}\", {principal}\"Action\": {action}{resource}{condition}}}"))
}

/// The reach of a new statement: one for a service, or for whom an identity provider vouches, has to say on whose behalf.
pub(super) fn reach_of_new(kind: PolicyKind, request: &Request) -> Reach {
    match request.principal() {
        Principal::Anonymous => Reach::Others,
        Principal::Service { .. } | Principal::Federated { .. }
            if names_principals(kind) && own_bounds(request).is_empty() =>
        {
            Reach::Others
        }
        Principal::Service { .. }
        | Principal::Federated { .. }
        | Principal::Root { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. } => Reach::Near,
    }
}

/// Whether a new statement in a policy of the kind names whom it is about.
fn names_principals(kind: PolicyKind) -> bool {
    match kind {
        PolicyKind::Trust | PolicyKind::Resource => true,
        PolicyKind::Identity
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Scp
        | PolicyKind::Rcp
        | PolicyKind::Endpoint => false,
    }
}

/// The block of conditions under which each key has the values it has now.
fn equals(keys: &[(&str, &[Arc<str>])]) -> String {
    let values = |values: &[Arc<str>]| match values {
        [value] => quote(value),
        values => format!("[{}]", values.iter().map(|value| quote(value)).collect::<Vec<_>>().join(", ")),
    };
    let keys: Vec<String> =
        keys.iter().map(|(key, found)| format!("{}: {}", quote(key), values(found))).collect();
    format!("{{\"StringEquals\": {{{}}}}}", keys.join(", "))
}

/// The text as a JSON string.
pub(super) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
