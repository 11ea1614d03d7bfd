//! Policies of users, roles and groups: inline, attached, boundaries; customer managed policies.
//!
//! Users, roles and groups take the same operations under other names: `operation` has the macro that writes them all.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation, World};
use super::catalog::{DescribedPolicy, PolicyPath, described_new};
use super::customer_managed::{Versions, check_managed_size, size};
use super::operation::identity_operations;
use super::paging::listing_operations;
use super::state::Kind;
use super::stored_policy::StoredPolicy;
use super::tags::{Tag, check_tags, merge, with_tagging};
use super::{Empty, account, already_exists, check_length, check_name, check_path, no_such_entity};

/// Returns the longest sum of inline policies, white space not counted. Source: IAM User Guide, "IAM and AWS
/// STS quotas".
fn inline_quota(kind: Kind) -> usize {
    match kind {
        Kind::User => 2_048,
        Kind::Role => 10_240,
        Kind::Group => 5_120,
    }
}

/// Returns a managed policy that can be attached.
pub(super) fn attachable(world: &World, arn: &str) -> Result<Arc<StoredPolicy>, ApiError> {
    if !arn.starts_with("arn:") {
        return Err(ApiError::new("ValidationError", "Invalid ARN:  Could not be parsed!"));
    }
    world
        .iam
        .managed_policy(arn)
        .ok_or_else(|| no_such_entity(format!("Policy {arn} does not exist or is not attachable.")))
}

/// Checks that a managed policy can be a boundary.
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
    // `iam-inline` say so); the alternative is to refuse it as CreatePolicy does. One form is known.
    // Source: IAM User Guide, "reference_policies_elements_version", which has policies of both versions.
    let policy = StoredPolicy::accept(text, "iam-inline")?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        identity.inline.insert(name, policy);
        Ok(())
    })?;
    Ok(Empty {})
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

/// Writes the operation that reads an inline policy of a user, role or group, and its answer.
///
/// The query protocol encodes the document for URLs; clients decode it, so it is kept plain here.
macro_rules! read_inline_policy {
    ($request:ident($kind:ident, $owner:ident) -> $response:ident) => {
        /// An inline policy as the API returns it.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $response {
            pub $owner: String,
            pub policy_name: String,
            pub policy_document: String,
        }

        identity_operations! {
            [$request($kind, $owner)] { policy_name: String } -> $response, read_only: true,
            |invocation, kind, $owner| {
                let identity = invocation.world.iam.find(&account(invocation)?, kind, &$owner)?;
                let policy = identity.inline.get(&policy_name);
                let policy = policy.ok_or_else(|| no_such_policy(kind, &policy_name))?;
                let policy_document = policy.text().to_string();
                Ok($response { $owner, policy_name, policy_document })
            }
        }
    };
}

read_inline_policy! { GetUserPolicyRequest(User, user_name) -> GetUserPolicyResponse }
read_inline_policy! { GetGroupPolicyRequest(Group, group_name) -> GetGroupPolicyResponse }
read_inline_policy! { GetRolePolicyRequest(Role, role_name) -> GetRolePolicyResponse }

/// One attached managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicy {
    /// The last part of the ARN.
    pub policy_name: String,
    pub policy_arn: String,
}

impl AttachedPolicy {
    /// Names a policy by its ARN.
    pub(super) fn of(arn: &str) -> Self {
        let policy_name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        Self { policy_name, policy_arn: arn.to_owned() }
    }
}

identity_operations! {
    [PutUserPolicyRequest(User, user_name), PutGroupPolicyRequest(Group, group_name), PutRolePolicyRequest(Role, role_name)]
    { policy_name: String, policy_document: String } -> Empty, read_only: false,
    |invocation, kind, owner| put_inline(invocation, kind, &owner, policy_name, &policy_document)
}

identity_operations! {
    [
        DeleteUserPolicyRequest(User, user_name),
        DeleteGroupPolicyRequest(Group, group_name),
        DeleteRolePolicyRequest(Role, role_name)
    ]
    { policy_name: String } -> Empty, read_only: false,
    |invocation, kind, owner| delete_inline(invocation, kind, &owner, &policy_name)
}

identity_operations! {
    [
        AttachUserPolicyRequest(User, user_name),
        AttachGroupPolicyRequest(Group, group_name),
        AttachRolePolicyRequest(Role, role_name)
    ]
    { policy_arn: String } -> Empty, read_only: false,
    permission: |permission, r| permission.with_key("iam:PolicyARN", &r.policy_arn),
    |invocation, kind, owner| attach(invocation, kind, &owner, policy_arn)
}

identity_operations! {
    [
        DetachUserPolicyRequest(User, user_name),
        DetachGroupPolicyRequest(Group, group_name),
        DetachRolePolicyRequest(Role, role_name)
    ]
    { policy_arn: String } -> Empty, read_only: false,
    permission: |permission, r| permission.with_key("iam:PolicyARN", &r.policy_arn),
    |invocation, kind, owner| detach(invocation, kind, &owner, &policy_arn)
}

listing_operations! {
    [
        ListUserPoliciesRequest(User, user_name),
        ListGroupPoliciesRequest(Group, group_name),
        ListRolePoliciesRequest(Role, role_name)
    ] {}
        -> /** Names of inline policies. */ ListPolicyNamesResponse { policy_names: String },
    name: Clone::clone,
    |invocation, kind, owner| {
        let owner = invocation.world.iam.find(&account(invocation)?, kind, &owner)?;
        owner.inline.keys().cloned().collect()
    }
}

listing_operations! {
    [
        ListAttachedUserPoliciesRequest(User, user_name),
        ListAttachedGroupPoliciesRequest(Group, group_name),
        ListAttachedRolePoliciesRequest(Role, role_name)
    ] { /** Only policies below this path. */ path_prefix: Option<String> }
        -> /** Managed policies that are attached, in the order in which they were. */
        ListAttachedPoliciesResponse { attached_policies: AttachedPolicy },
    name: |policy| policy.policy_arn.clone(),
    |invocation, kind, owner| {
        let owner = invocation.world.iam.find(&account(invocation)?, kind, &owner)?;
        let below = PolicyPath::checked(path_prefix.as_deref())?;
        owner.attached.iter().filter(|arn| below.holds(arn)).map(|arn| AttachedPolicy::of(arn)).collect()
    }
}

identity_operations! {
    [PutUserPermissionsBoundaryRequest(User, user_name), PutRolePermissionsBoundaryRequest(Role, role_name)]
    { /** ARN of the managed policy that bounds the user or role. */ permissions_boundary: String }
    -> Empty, read_only: false,
    |invocation, kind, owner| {
        let account = account(invocation)?;
        invocation.world.iam.find(&account, kind, &owner)?;
        boundary(invocation.world, &permissions_boundary)?;
        invocation.world.iam.edit(&account, kind, &owner, |user| {
            user.boundary = Some(permissions_boundary);
            Ok(())
        })?;
        Ok(Empty {})
    }
}

identity_operations! {
    [DeleteUserPermissionsBoundaryRequest(User, user_name), DeleteRolePermissionsBoundaryRequest(Role, role_name)] {}
    -> Empty, read_only: false,
    |invocation, kind, owner| {
        let account = account(invocation)?;
        invocation.world.iam.edit(&account, kind, &owner, |user| {
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// The response of `CreatePolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyResponse {
    pub policy: DescribedPolicy,
}

impl Operation for CreatePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = super::arn(&account(invocation)?, "policy", path, &self.policy_name);
        Ok(with_tagging(Permission::new("iam:CreatePolicy", arn), "iam:TagPolicy", &self.tags))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreatePolicyResponse, ApiError> {
        check_name(&self.policy_name, "policyName", 128)?;
        let path = self.path.unwrap_or_else(|| "/".to_owned());
        check_path(&path)?;
        check_length(self.description.as_deref().unwrap_or_default(), "description", 0, 1000)?;
        check_tags(&self.tags)?;
        let arn = super::arn(&account(invocation)?, "policy", &path, &self.policy_name);
        if invocation.world.iam.policy_called(&account(invocation)?, &self.policy_name).is_some() {
            let name = &self.policy_name;
            return Err(already_exists(format!(
                "A policy called {name} already exists. Duplicate names are not allowed."
            )));
        }
        check_managed_size(&self.policy_document)?;
        let policy = StoredPolicy::accept(&self.policy_document, "iam-managed")?;
        let now = invocation.world.now();
        let mut versions = Versions::new(policy, now, self.description);
        merge(&mut versions.tags, self.tags);
        invocation.world.iam.put_versions(arn.clone(), versions);
        let policy = described_new(&invocation.world.iam, &arn);
        let missing = || no_such_entity(format!("Policy {arn} was not found."));
        Ok(CreatePolicyResponse { policy: policy.ok_or_else(missing)? })
    }
}
