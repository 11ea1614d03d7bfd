//! Customer managed policies as a whole: described, listed, deleted, and who has them.
//!
//! Source of shapes, codes and messages: IAM API Reference.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{AccountId, ApiError, Arn, Invocation, Operation, epoch};
use super::state::{Identity, Kind, State};
use super::versions::editable;
use super::{Empty, account, delete_conflict, no_such_entity};

/// A customer managed policy as the API describes it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedPolicy {
    pub policy_name: String,
    pub arn: String,
    /// `/` or a path.
    pub path: String,
    /// The version in force.
    pub default_version_id: String,
    /// The number of users, roles and groups that it is attached to.
    pub attachment_count: usize,
    /// The number of users and roles that it bounds.
    pub permissions_boundary_usage_count: usize,
    /// True for every policy of a customer: each can be attached.
    pub is_attachable: bool,
    /// When the first version that is left was written.
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    /// When the newest version was written.
    #[serde(with = "epoch")]
    pub update_date: Timestamp,
}

/// Describes a customer managed policy.
fn described(iam: &State, arn: &str) -> Option<DescribedPolicy> {
    let versions = iam.versions(arn)?;
    let parsed: Arn = arn.parse().ok()?;
    let (path, name) = parsed.resource_after("policy")?.rsplit_once('/')?;
    let dates = || versions.all.values().map(|(_, written)| *written);
    Some(DescribedPolicy {
        policy_name: name.to_owned(),
        arn: arn.to_owned(),
        path: format!("{path}/"),
        default_version_id: format!("v{}", versions.default),
        attachment_count: iam.identities().filter(|who| who.attached.iter().any(|a| a == arn)).count(),
        permissions_boundary_usage_count: iam
            .identities()
            .filter(|who| who.boundary.as_deref() == Some(arn))
            .count(),
        is_attachable: true,
        create_date: dates().min()?,
        update_date: dates().max()?,
    })
}

/// Writes the request of an operation that names one policy and nothing else.
macro_rules! policy_request {
    ($request:ident) => {
        /// The request of the operation of the same name.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            pub policy_arn: String,
        }
    };
}

policy_request! {
    GetPolicyRequest
}

/// The response of `GetPolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyResponse {
    pub policy: DescribedPolicy,
}

impl Operation for GetPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:GetPolicy", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetPolicyResponse, ApiError> {
        let found = described(&invocation.world.iam, &self.policy_arn);
        let missing = || no_such_entity(format!("Policy {} was not found.", self.policy_arn));
        Ok(GetPolicyResponse { policy: found.ok_or_else(missing)? })
    }
}

policy_request! {
    DeletePolicyRequest
}

impl Operation for DeletePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:DeletePolicy", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let arn = &self.policy_arn;
        let versions = editable(invocation, arn)?.all.len();
        let policy = described(&invocation.world.iam, arn);
        let policy = policy.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))?;
        if policy.attachment_count > 0 || policy.permissions_boundary_usage_count > 0 {
            return Err(delete_conflict("Cannot delete a policy attached to entities."));
        }
        // Source: IAM API Reference, DeletePolicy; recorded from AWS by LocalStack.
        if versions > 1 {
            let text = "This policy has more than one version. Before you delete a policy, you must delete the \
                        policy's versions. The default version is deleted with the policy.";
            return Err(delete_conflict(text));
        }
        invocation.world.iam.remove_policy(arn);
        Ok(Empty {})
    }
}

/// The request of `ListPolicies`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListPoliciesRequest {
    /// Only `Local` is simulated: the account's own.
    pub scope: Option<String>,
    /// Only policies that somebody has.
    pub only_attached: Option<bool>,
    /// Only policies below this path.
    pub path_prefix: Option<String>,
}

/// The response of `ListPolicies`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesResponse {
    /// The policies, by ARN.
    pub policies: Vec<DescribedPolicy>,
    /// Always false: the list comes whole.
    pub is_truncated: bool,
}

impl Operation for ListPoliciesRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let arn = super::arn(&account(invocation)?, "policy", prefix, "");
        Ok(vec![Permission::new("iam:ListPolicies", arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListPoliciesResponse, ApiError> {
        if self.scope.as_deref() != Some("Local") {
            let text = "The policies of AWS cannot be listed here: say --scope Local";
            return Err(ApiError::new("ValidationError", text));
        }
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let own = iam.customer_policies().filter(|arn| belongs_to(arn, &account));
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let wanted = |policy: &DescribedPolicy| {
            policy.path.starts_with(prefix)
                && (self.only_attached != Some(true) || policy.attachment_count > 0)
        };
        let policies = own.filter_map(|arn| described(iam, arn)).filter(wanted).collect();
        Ok(ListPoliciesResponse { policies, is_truncated: false })
    }
}

/// Whether a customer managed policy is one of the account.
fn belongs_to(arn: &str, account: &AccountId) -> bool {
    arn.parse::<Arn>().is_ok_and(|arn| arn.account == account.as_str())
}

policy_request! {
    ListEntitiesForPolicyRequest
}

/// The response of `ListEntitiesForPolicy`: who has a policy attached.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListEntitiesForPolicyResponse {
    pub policy_groups: Vec<PolicyGroup>,
    pub policy_users: Vec<PolicyUser>,
    pub policy_roles: Vec<PolicyRole>,
    /// Always false: the list comes whole.
    pub is_truncated: bool,
}

/// Writes how a list names a user, role or group.
macro_rules! entity {
    ($name:ident { $called:ident, $id:ident }) => {
        /// What the list says of somebody that a policy is attached to.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $name {
            pub $called: String,
            pub $id: String,
        }

        impl From<&Identity> for $name {
            fn from(who: &Identity) -> Self {
                Self { $called: who.name.clone(), $id: who.unique_id.clone() }
            }
        }
    };
}

entity! {
    PolicyGroup { group_name, group_id }
}
entity! {
    PolicyUser { user_name, user_id }
}
entity! {
    PolicyRole { role_name, role_id }
}

impl Operation for ListEntitiesForPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:ListEntitiesForPolicy", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListEntitiesForPolicyResponse, ApiError> {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        if iam.managed_policy(&self.policy_arn).is_none() {
            return Err(no_such_entity(format!("Policy {} was not found.", self.policy_arn)));
        }
        let has = |kind: Kind| {
            let arn = self.policy_arn.clone();
            let account = account.clone();
            iam.identities()
                .filter(move |who| who.kind == kind && who.account == account && who.attached.contains(&arn))
        };
        Ok(ListEntitiesForPolicyResponse {
            policy_groups: has(Kind::Group).map(PolicyGroup::from).collect(),
            policy_users: has(Kind::User).map(PolicyUser::from).collect(),
            policy_roles: has(Kind::Role).map(PolicyRole::from).collect(),
            is_truncated: false,
        })
    }
}
