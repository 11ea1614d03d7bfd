//! What IAM says about itself in the table of services, beside its operations.

use super::state::{Identity, Kind};
use crate::cloud::authorize;
use crate::cloud::permission::{DecisionRecord, Permission};
use crate::cloud::service::{self, ActionTarget};
use crate::cloud::{Arn, Caller, DocumentId, World};

/// Words a refusal as IAM does, which names what it is about in a form of its own for each operation.
pub(super) fn refusal(record: &DecisionRecord, permission: &Permission) -> String {
    authorize::refusal_at(record, permission, &format!("on resource: {}", shown_resource(permission)))
}

/// Returns what a refusal names: an ARN, or a kind with a name.
///
/// Source: denials of IAM in public CloudTrail and CLI logs; DynamoDB Developer Guide, "Troubleshooting DAX", its
/// table of permissions.
fn shown_resource(permission: &Permission) -> String {
    let operation = permission.action.split(':').nth(1).unwrap_or_default();
    let whole = || permission.resource.to_string();
    let Ok(arn) = permission.resource.parse::<Arn>() else { return whole() };
    let Some((kind, rest)) = arn.resource().split_once('/') else { return whole() };
    let name = rest.rsplit('/').next().unwrap_or_default();
    let creates = matches!(operation, "CreateUser" | "CreateRole" | "CreateGroup");
    let tags = operation.starts_with("Tag") || operation.starts_with("Untag");
    let bounds = operation.starts_with("Put") && operation.ends_with("PermissionsBoundary");
    match kind {
        // An empty name stands in the ARN of a list of everything below a path.
        _ if name.is_empty() => whole(),
        "policy" if operation == "CreatePolicy" => format!("policy {name}"),
        "policy" if !tags => format!("policy {}", permission.resource),
        "user" | "role" | "group" if !creates && !tags && !bounds => format!("{kind} {name}"),
        _ => whole(),
    }
}

/// IAM takes no requests of some temporary credentials.
pub(super) fn takes(world: &World, caller: &Caller) -> bool {
    world.iam.session_of(caller).is_none_or(|session| session.may_call_iam())
}

/// What people call an identity or a policy: its name, without a path.
pub(super) fn short(resource: &str) -> Option<&str> {
    if resource == "root" { Some(resource) } else { service::last_part(resource) }
}

/// Every user, role and group.
pub(in crate::cloud) fn candidates(world: &World) -> Vec<ActionTarget> {
    let all = world.iam.identities();
    all.map(|who| ActionTarget::direct(format!("{} {}", who.kind.word(), who.name), who.arn())).collect()
}

/// Says that a user, role or group is not there, whoever asks for an action on one.
pub(super) fn fails(world: &World, arn: &Arn, action: &str) -> Option<String> {
    let creates = action.to_ascii_lowercase().starts_with("iam:create");
    let (kind, name) = [Kind::User, Kind::Role, Kind::Group].into_iter().find_map(|kind| {
        let name = arn.resource().strip_prefix(kind.word())?.strip_prefix('/')?.rsplit('/').next()?;
        Some((kind, name))
    })?;
    let is_name = !name.is_empty() && !name.contains(['*', '?']);
    let is_there = world.iam.identity(&arn.account_id()?, kind, name).is_some();
    (is_name && !is_there && !creates).then(|| format!("there is no {} {name}", kind.word()))
}

/// The policies of every identity, roles' trust policies, and the customer managed policies.
pub(super) fn documents(world: &World) -> Vec<DocumentId> {
    let of_identity = |identity: &Identity| {
        let trust = (identity.kind == Kind::Role)
            .then(|| DocumentId::Trust(identity.account.clone(), identity.name.clone()));
        identity.documents().into_iter().chain(trust).collect::<Vec<_>>()
    };
    let managed = world.iam.customer_policies().map(|arn| DocumentId::Managed(arn.to_owned()));
    world.iam.identities().flat_map(of_identity).chain(managed).collect()
}

impl Identity {
    /// The policies that it has of its own: inline, attached, its permissions boundary.
    pub fn documents(&self) -> Vec<DocumentId> {
        let inline = self.inline.keys().map(|policy| {
            DocumentId::Inline(self.account.clone(), self.kind, self.name.clone(), policy.clone())
        });
        let managed = self.attached.iter().chain(&self.boundary);
        inline.chain(managed.map(|arn| DocumentId::Managed(arn.clone()))).collect()
    }
}
