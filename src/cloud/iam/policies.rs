//! Policies of users, roles and groups: inline, attached, boundaries; customer managed policies.
//!
//! Users, roles and groups take the same operations under other names, so one macro writes them all.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::authorize::Permission;
use super::super::call::Wire;
use super::super::{ApiError, Invocation, Operation, World};
use super::customer_managed::Versions;
use super::state::Kind;
use super::stored_policy::StoredPolicy;
use super::users::identity_permission;
use super::{Empty, account, already_exists, check_length, check_name, check_path, no_such_entity};

/// The longest sum of inline policies, white space not counted. Source: IAM User Guide, "IAM and AWS STS quotas".
fn inline_quota(kind: Kind) -> usize {
    match kind {
        Kind::User => 2_048,
        Kind::Role => 10_240,
        Kind::Group => 5_120,
    }
}

fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// How long a managed policy may be. Source: IAM User Guide, "IAM and AWS STS quotas".
pub(super) fn check_managed_size(text: &str) -> Result<(), ApiError> {
    const MOST: usize = 6_144;
    if size(text) <= MOST {
        return Ok(());
    }
    let text = format!("Cannot exceed quota for PolicySize: {MOST}");
    Err(ApiError::new("LimitExceeded", text).with_status(409))
}

/// A managed policy that can be attached.
pub(super) fn attachable(world: &World, arn: &str) -> Result<Arc<StoredPolicy>, ApiError> {
    if !arn.starts_with("arn:") {
        return Err(ApiError::new("ValidationError", "Invalid ARN:  Could not be parsed!"));
    }
    world
        .iam
        .managed_policy(arn)
        .ok_or_else(|| no_such_entity(format!("Policy {arn} does not exist or is not attachable.")))
}

/// A managed policy that can be a boundary.
/// Source: public reports of CreateUser and CreateRole with a boundary that does not exist.
pub(super) fn boundary(world: &World, arn: &str) -> Result<(), ApiError> {
    attachable(world, arn).map(drop).map_err(|error| match error.code.as_ref() {
        "NoSuchEntity" => no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable.")),
        _ => error,
    })
}

fn put_inline(
    invocation: &mut Invocation<'_>,
    kind: Kind,
    owner: &str,
    name: String,
    text: &str,
) -> Result<Empty, ApiError> {
    check_name(&name, "policyName", 128)?;
    let account = account(invocation)?;
    let identity = invocation.world.iam.find(&account, kind, owner)?;
    let others = identity.inline.iter().filter(|(other, _)| **other != name);
    let most = inline_quota(kind);
    if size(text) + others.map(|(_, policy)| size(policy.text())).sum::<usize>() > most {
        let text =
            format!("Maximum policy size of {most} bytes exceeded for {} {}", kind.word(), identity.name);
        return Err(ApiError::new("LimitExceeded", text).with_status(409));
    }
    // Doubtful: whether an inline policy may be in the old version of the language. Here it may (the rules of
    // `iam-inline` say so); the alternative is to refuse it as CreatePolicy does.
    let policy = StoredPolicy::accept(text, "iam-inline")?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        identity.inline.insert(name, policy);
        Ok(())
    })?;
    Ok(Empty {})
}

fn get_inline(invocation: &Invocation<'_>, kind: Kind, owner: &str, name: &str) -> Result<String, ApiError> {
    let identity = invocation.world.iam.find(&account(invocation)?, kind, owner)?;
    let policy = identity.inline.get(name).ok_or_else(|| no_such_policy(kind, name))?;
    Ok(policy.text().to_string())
}

fn delete_inline(
    invocation: &mut Invocation<'_>,
    kind: Kind,
    owner: &str,
    name: &str,
) -> Result<Empty, ApiError> {
    let account = account(invocation)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        identity.inline.remove(name).map(|_| ()).ok_or_else(|| no_such_policy(kind, name))
    })?;
    Ok(Empty {})
}

fn no_such_policy(kind: Kind, name: &str) -> ApiError {
    no_such_entity(format!("The {} policy with name {name} cannot be found.", kind.word()))
}

fn attach(invocation: &mut Invocation<'_>, kind: Kind, owner: &str, arn: String) -> Result<Empty, ApiError> {
    /// Source: IAM User Guide, "IAM and AWS STS quotas", managed policies attached to an identity.
    const MOST: usize = 10;
    let account = account(invocation)?;
    invocation.world.iam.find(&account, kind, owner)?;
    attachable(invocation.world, &arn)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        if identity.attached.contains(&arn) {
            return Ok(());
        }
        if identity.attached.len() == MOST {
            let text = format!("Cannot exceed quota for PoliciesPer{}: {MOST}", kind.noun());
            return Err(ApiError::new("LimitExceeded", text).with_status(409));
        }
        identity.attached.push(arn);
        Ok(())
    })?;
    Ok(Empty {})
}

fn detach(invocation: &mut Invocation<'_>, kind: Kind, owner: &str, arn: &str) -> Result<Empty, ApiError> {
    let account = account(invocation)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        let at = identity.attached.iter().position(|a| a == arn);
        let at = at.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))?;
        identity.attached.remove(at);
        Ok(())
    })?;
    Ok(Empty {})
}

/// An inline policy as the API returns it.
///
/// The query protocol encodes the document for URLs; clients decode it, so it is kept plain here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetUserPolicyResponse {
    pub user_name: String,
    pub policy_name: String,
    pub policy_document: String,
}

/// An inline policy of a group as the API returns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupPolicyResponse {
    pub group_name: String,
    pub policy_name: String,
    pub policy_document: String,
}

/// An inline policy of a role as the API returns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRolePolicyResponse {
    pub role_name: String,
    pub policy_name: String,
    pub policy_document: String,
}

/// Names of inline policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListPolicyNamesResponse {
    pub policy_names: Vec<String>,
    /// Always false: the list comes whole.
    pub is_truncated: bool,
}

/// Managed policies attached to a user or role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAttachedPoliciesResponse {
    /// The policies, in the order they were attached.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Always false: the list comes whole.
    pub is_truncated: bool,
}

/// One attached managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicy {
    /// The last part of the ARN.
    pub policy_name: String,
    pub policy_arn: String,
}

/// Writes one operation on a user's or role's policies: its request, who may call it, what it does.
macro_rules! policy_operation {
    (
        $(#[$doc:meta])*
        $request:ident -> $response:ty, $kind:expr, read_only: $read_only:literal,
        { $owner:ident $(, $(#[$field_doc:meta])* $field:ident)* },
        $(key: $key:ident,)?
        |$invocation:ident, $this:ident| $body:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            /// The user's or role's name.
            pub $owner: String,
            $($(#[$field_doc])* pub $field: String,)*
        }

        impl Operation for $request {
            const READ_ONLY: bool = $read_only;

            fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
                let permissions = identity_permission(invocation, $kind, Self::NAME, &self.$owner)?;
                $(let permissions = permissions.into_iter().map(|permission| permission.with_key("iam:PolicyARN", &self.$key)).collect();)?
                Ok(permissions)
            }

            fn execute(self, $invocation: &mut Invocation<'_>) -> Result<$response, ApiError> {
                let $this = self;
                $body
            }
        }
    };
}

policy_operation! {
    /// The request of `PutUserPolicy`.
    PutUserPolicyRequest -> Empty, Kind::User, read_only: false,
    { user_name, /** The policy's name. */ policy_name, /** The policy's text. */ policy_document },
    |invocation, r| put_inline(invocation, Kind::User, &r.user_name, r.policy_name, &r.policy_document)
}

policy_operation! {
    /// The request of `PutRolePolicy`.
    PutRolePolicyRequest -> Empty, Kind::Role, read_only: false,
    { role_name, /** The policy's name. */ policy_name, /** The policy's text. */ policy_document },
    |invocation, r| put_inline(invocation, Kind::Role, &r.role_name, r.policy_name, &r.policy_document)
}

policy_operation! {
    /// The request of `GetUserPolicy`.
    GetUserPolicyRequest -> GetUserPolicyResponse, Kind::User, read_only: true,
    { user_name, /** The policy's name. */ policy_name },
    |invocation, r| get_inline(invocation, Kind::User, &r.user_name, &r.policy_name).map(|policy_document| {
        GetUserPolicyResponse { user_name: r.user_name, policy_name: r.policy_name, policy_document }
    })
}

policy_operation! {
    /// The request of `GetRolePolicy`.
    GetRolePolicyRequest -> GetRolePolicyResponse, Kind::Role, read_only: true,
    { role_name, /** The policy's name. */ policy_name },
    |invocation, r| get_inline(invocation, Kind::Role, &r.role_name, &r.policy_name).map(|policy_document| {
        GetRolePolicyResponse { role_name: r.role_name, policy_name: r.policy_name, policy_document }
    })
}

policy_operation! {
    /// The request of `DeleteUserPolicy`.
    DeleteUserPolicyRequest -> Empty, Kind::User, read_only: false,
    { user_name, /** The policy's name. */ policy_name },
    |invocation, r| delete_inline(invocation, Kind::User, &r.user_name, &r.policy_name)
}

policy_operation! {
    /// The request of `DeleteRolePolicy`.
    DeleteRolePolicyRequest -> Empty, Kind::Role, read_only: false,
    { role_name, /** The policy's name. */ policy_name },
    |invocation, r| delete_inline(invocation, Kind::Role, &r.role_name, &r.policy_name)
}

policy_operation! {
    /// The request of `ListUserPolicies`.
    ListUserPoliciesRequest -> ListPolicyNamesResponse, Kind::User, read_only: true,
    { user_name },
    |invocation, r| {
        let user = invocation.world.iam.find(&account(invocation)?, Kind::User, &r.user_name)?;
        let policy_names = user.inline.keys().cloned().collect();
        Ok(ListPolicyNamesResponse { policy_names, is_truncated: false })
    }
}

policy_operation! {
    /// The request of `ListAttachedUserPolicies`.
    ListAttachedUserPoliciesRequest -> ListAttachedPoliciesResponse, Kind::User, read_only: true,
    { user_name },
    |invocation, r| {
        let user = invocation.world.iam.find(&account(invocation)?, Kind::User, &r.user_name)?;
        let attached = user.attached.iter().map(|arn| AttachedPolicy {
            policy_name: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
            policy_arn: arn.clone(),
        });
        Ok(ListAttachedPoliciesResponse { attached_policies: attached.collect(), is_truncated: false })
    }
}

policy_operation! {
    /// The request of `AttachUserPolicy`.
    AttachUserPolicyRequest -> Empty, Kind::User, read_only: false,
    { user_name, /** The managed policy's ARN. */ policy_arn },
    key: policy_arn,
    |invocation, r| attach(invocation, Kind::User, &r.user_name, r.policy_arn)
}

policy_operation! {
    /// The request of `AttachRolePolicy`.
    AttachRolePolicyRequest -> Empty, Kind::Role, read_only: false,
    { role_name, /** The managed policy's ARN. */ policy_arn },
    key: policy_arn,
    |invocation, r| attach(invocation, Kind::Role, &r.role_name, r.policy_arn)
}

policy_operation! {
    /// The request of `DetachUserPolicy`.
    DetachUserPolicyRequest -> Empty, Kind::User, read_only: false,
    { user_name, /** The managed policy's ARN. */ policy_arn },
    key: policy_arn,
    |invocation, r| detach(invocation, Kind::User, &r.user_name, &r.policy_arn)
}

policy_operation! {
    /// The request of `DetachRolePolicy`.
    DetachRolePolicyRequest -> Empty, Kind::Role, read_only: false,
    { role_name, /** The managed policy's ARN. */ policy_arn },
    key: policy_arn,
    |invocation, r| detach(invocation, Kind::Role, &r.role_name, &r.policy_arn)
}

policy_operation! {
    /// The request of `PutGroupPolicy`.
    PutGroupPolicyRequest -> Empty, Kind::Group, read_only: false,
    { group_name, /** The policy's name. */ policy_name, /** The policy's text. */ policy_document },
    |invocation, r| put_inline(invocation, Kind::Group, &r.group_name, r.policy_name, &r.policy_document)
}

policy_operation! {
    /// The request of `GetGroupPolicy`.
    GetGroupPolicyRequest -> GetGroupPolicyResponse, Kind::Group, read_only: true,
    { group_name, /** The policy's name. */ policy_name },
    |invocation, r| get_inline(invocation, Kind::Group, &r.group_name, &r.policy_name).map(|policy_document| {
        GetGroupPolicyResponse { group_name: r.group_name, policy_name: r.policy_name, policy_document }
    })
}

policy_operation! {
    /// The request of `DeleteGroupPolicy`.
    DeleteGroupPolicyRequest -> Empty, Kind::Group, read_only: false,
    { group_name, /** The policy's name. */ policy_name },
    |invocation, r| delete_inline(invocation, Kind::Group, &r.group_name, &r.policy_name)
}

policy_operation! {
    /// The request of `AttachGroupPolicy`.
    AttachGroupPolicyRequest -> Empty, Kind::Group, read_only: false,
    { group_name, /** The managed policy's ARN. */ policy_arn },
    key: policy_arn,
    |invocation, r| attach(invocation, Kind::Group, &r.group_name, r.policy_arn)
}

policy_operation! {
    /// The request of `DetachGroupPolicy`.
    DetachGroupPolicyRequest -> Empty, Kind::Group, read_only: false,
    { group_name, /** The managed policy's ARN. */ policy_arn },
    key: policy_arn,
    |invocation, r| detach(invocation, Kind::Group, &r.group_name, &r.policy_arn)
}

policy_operation! {
    /// The request of `PutUserPermissionsBoundary`.
    PutUserPermissionsBoundaryRequest -> Empty, Kind::User, read_only: false,
    { user_name, /** The managed policy's ARN. */ permissions_boundary },
    |invocation, r| {
        let account = account(invocation)?;
        invocation.world.iam.find(&account, Kind::User, &r.user_name)?;
        boundary(invocation.world, &r.permissions_boundary)?;
        invocation.world.iam.edit(&account, Kind::User, &r.user_name, |user| {
            user.boundary = Some(r.permissions_boundary);
            Ok(())
        })?;
        Ok(Empty {})
    }
}

policy_operation! {
    /// The request of `DeleteUserPermissionsBoundary`.
    DeleteUserPermissionsBoundaryRequest -> Empty, Kind::User, read_only: false,
    { user_name },
    |invocation, r| {
        let account = account(invocation)?;
        invocation.world.iam.edit(&account, Kind::User, &r.user_name, |user| {
            user.boundary = None;
            Ok(())
        })?;
        Ok(Empty {})
    }
}

/// The request of `CreatePolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreatePolicyRequest {
    /// The name: 1 to 128 of `[\w+=,.@-]`.
    pub policy_name: String,
    /// The text, at most 6,144 characters, white space not counted.
    pub policy_document: String,
    /// `/` unless the request names another path.
    pub path: Option<String>,
    pub description: Option<String>,
}

/// The response of `CreatePolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyResponse {
    pub policy: ManagedPolicy,
}

/// A managed policy as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManagedPolicy {
    pub policy_name: String,
    pub arn: String,
    /// `/` or a path.
    pub path: String,
    /// The version in force.
    pub default_version_id: String,
}

impl Operation for CreatePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = super::arn(&account(invocation)?, "policy", path, &self.policy_name);
        Ok(vec![Permission::new("iam:CreatePolicy", arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreatePolicyResponse, ApiError> {
        check_name(&self.policy_name, "policyName", 128)?;
        let path = self.path.unwrap_or_else(|| "/".to_owned());
        check_path(&path)?;
        check_length(self.description.as_deref().unwrap_or_default(), "description", 0, 1000)?;
        let arn = super::arn(&account(invocation)?, "policy", &path, &self.policy_name);
        if invocation.world.iam.managed_policy(&arn).is_some() {
            let name = &self.policy_name;
            return Err(already_exists(format!(
                "A policy called {name} already exists. Duplicate names are not allowed."
            )));
        }
        check_managed_size(&self.policy_document)?;
        let policy = StoredPolicy::accept(&self.policy_document, "iam-managed")?;
        let now = invocation.world.now();
        invocation.world.iam.put_versions(arn.clone(), Versions::new(policy, now));
        let policy =
            ManagedPolicy { policy_name: self.policy_name, arn, path, default_version_id: "v1".to_owned() };
        Ok(CreatePolicyResponse { policy })
    }
}
