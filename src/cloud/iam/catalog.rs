//! Managed policies as a whole: described, listed, deleted, and who has them.
//!
//! Source of shapes, codes and messages: IAM API Reference.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::authorization::base36;
use super::super::permission::Permission;
use super::super::{AccountId, ApiError, Arn, Invocation, Operation, epoch};
use super::managed::{self, ManagedPolicy, managed_policies};
use super::state::{Identity, Kind, State};
use super::versions::editable;
use super::{Empty, account, broken, check_number, check_prefix, delete_conflict, no_such_entity};

/// A managed policy as the API describes it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedPolicy {
    pub policy_name: String,
    /// The unique id, `ANPA..`; absent from AWS's policies, whose ids are not known here.
    pub policy_id: Option<String>,
    pub arn: String,
    /// `/` or a path.
    pub path: String,
    /// The version in force.
    pub default_version_id: String,
    /// The number of users, roles and groups that it is attached to.
    pub attachment_count: usize,
    /// The number of users and roles that it bounds.
    pub permissions_boundary_usage_count: usize,
    /// True for every policy: each can be attached.
    pub is_attachable: bool,
    /// The words of the policy's maker: in the answer of `GetPolicy` alone, and of a customer's policy.
    pub description: Option<String>,
    /// When the policy was made.
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    /// When the newest version was written.
    #[serde(with = "epoch")]
    pub update_date: Timestamp,
}

/// How often an account uses each managed policy: to permit, and as a boundary.
#[derive(Default)]
struct Uses<'a> {
    attached: BTreeMap<&'a str, usize>,
    bounding: BTreeMap<&'a str, usize>,
}

impl<'a> Uses<'a> {
    fn of(iam: &'a State, account: &AccountId) -> Self {
        let mut uses = Self::default();
        for who in iam.identities().filter(|who| who.account == *account) {
            for arn in &who.attached {
                *uses.attached.entry(arn).or_default() += 1;
            }
            if let Some(arn) = &who.boundary {
                *uses.bounding.entry(arn).or_default() += 1;
            }
        }
        uses
    }

    fn attached(&self, arn: &str) -> usize {
        self.attached.get(arn).copied().unwrap_or_default()
    }
}

/// Returns the unique id of a customer's policy: that of the one that was made then under this ARN, and of no other.
/// Source: IAM User Guide, reference_identifiers, "Understanding unique ID prefixes": `ANPA`.
fn policy_id(arn: &str, created: Timestamp) -> String {
    let id = base36(&format!("{arn} {created}")).to_uppercase();
    format!("ANPA{:.17}", id.replace(['0', '1', '8', '9'], "Z"))
}

/// Describes a customer's policy that is new.
pub(super) fn described_new(iam: &State, arn: &str) -> Option<DescribedPolicy> {
    described(iam, &Uses::default(), arn)
}

/// Describes a managed policy, AWS's or a customer's.
fn described(iam: &State, uses: &Uses<'_>, arn: &str) -> Option<DescribedPolicy> {
    let parsed: Arn = arn.parse().ok()?;
    let (path, name) = parsed.resource_after("policy")?.rsplit_once('/')?;
    let (policy_id, default, created, updated) = if let Some(versions) = iam.versions(arn) {
        let updated = versions.all.values().map(|(_, written)| *written).max()?;
        (Some(policy_id(arn, versions.created)), versions.default, versions.created, updated)
    } else {
        let policy = managed::found(arn)?;
        (None, policy.default, policy.created, policy.updated)
    };
    Some(DescribedPolicy {
        policy_name: name.to_owned(),
        policy_id,
        arn: arn.to_owned(),
        path: format!("{path}/"),
        default_version_id: format!("v{default}"),
        attachment_count: uses.attached(arn),
        permissions_boundary_usage_count: uses.bounding.get(arn).copied().unwrap_or_default(),
        is_attachable: true,
        description: None,
        create_date: created,
        update_date: updated,
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
        let iam = &invocation.world.iam;
        let found = described(iam, &Uses::of(iam, &account(invocation)?), &self.policy_arn);
        // Source: IAM API Reference, Policy, Description: of GetPolicy alone.
        let description = iam.versions(&self.policy_arn).and_then(|versions| versions.description.clone());
        let found = found.map(|policy| DescribedPolicy { description, ..policy });
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
        let iam = &invocation.world.iam;
        let policy = described(iam, &Uses::of(iam, &account(invocation)?), arn);
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
    /// `AWS`, `Local` (the account's own), or `All`, which it is unless given.
    pub scope: Option<String>,
    /// Only policies that somebody has.
    pub only_attached: Option<bool>,
    /// Only policies below this path.
    pub path_prefix: Option<String>,
    /// The marker of the last answer, to go on from.
    pub marker: Option<String>,
    /// At most so many: 1 to 1,000, 100 unless given.
    pub max_items: Option<u32>,
}

/// The response of `ListPolicies`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesResponse {
    /// The account's policies by ARN, then AWS's by name.
    pub policies: Vec<DescribedPolicy>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

/// The most policies of an answer that does not ask for a number. Source: IAM API Reference, ListPolicies, MaxItems.
const PAGE: u32 = 100;

/// The most policies of any answer. Source: IAM API Reference, ListPolicies, MaxItems.
const LARGEST_PAGE: u32 = 1000;

impl Operation for ListPoliciesRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        // It is no ARN, so a policy allows it on every resource or not at all.
        // Source: aws/aws-sam-cli, issue 394, an AccessDenied of AWS; Service Authorization Reference, ListPolicies, which
        // names no resource type.
        Ok(vec![Permission::new("iam:ListPolicies", format!("policy path {prefix}"))])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListPoliciesResponse, ApiError> {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let uses = Uses::of(iam, &account);
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let below = |arn: &str| arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(prefix));
        let wanted =
            |arn: &String| below(arn) && (self.only_attached != Some(true) || uses.attached(arn) > 0);
        let own = iam.customer_policies().filter(|arn| belongs_to(arn, &account)).map(str::to_owned);
        let of_aws = managed_policies().iter().map(ManagedPolicy::arn);
        let arns: Vec<String> = match self.scope.as_deref().unwrap_or("All") {
            "Local" => own.filter(wanted).collect(),
            "AWS" => of_aws.filter(wanted).collect(),
            "All" => own.chain(of_aws).filter(wanted).collect(),
            // Source: the model's policyScopeType.
            other => {
                return Err(broken(other, "scope", "Member must satisfy enum value set: [All, AWS, Local]"));
            }
        };
        check_prefix(self.path_prefix.as_deref(), POLICY_PREFIX, is_policy_path)?;
        let most = self.max_items.unwrap_or(PAGE);
        check_number(most, "maxItems", 1, LARGEST_PAGE)?;
        // A marker says what was listed last, so that what comes in between does not shift the pages.
        let start = match &self.marker {
            Some(marker) => {
                arns.iter().position(|arn| base36(arn) == *marker).ok_or_else(unknown_marker)? + 1
            }
            None => 0,
        };
        let rest = arns.get(start..).unwrap_or_default();
        let page = rest.get(..most as usize).unwrap_or(rest);
        let is_truncated = page.len() < rest.len();
        Ok(ListPoliciesResponse {
            policies: page.iter().filter_map(|arn| described(iam, &uses, arn)).collect(),
            is_truncated,
            marker: page.last().filter(|_| is_truncated).map(|arn| base36(arn)),
        })
    }
}

/// The pattern of a path of policies. Source: IAM API Reference, `policyPathType`.
const POLICY_PREFIX: &str = r"((/[A-Za-z0-9\.,\+@=_-]+)*)/";

fn is_policy_path(path: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || ".,+@=_-".contains(c);
    let inner = path.strip_prefix('/').map(|rest| rest.strip_suffix('/'));
    match inner {
        Some(Some(inner)) => inner.split('/').all(|part| !part.is_empty() && part.chars().all(is_letter)),
        Some(None) => path == "/",
        None => false,
    }
}

/// Returns the error for a marker that no answer gave.
///
/// Doubtful: its words. One form is known: the code is that of other values that are not valid.
/// Source: IAM API Reference, ListPolicies, which is silent about it.
fn unknown_marker() -> ApiError {
    ApiError::new("ValidationError", "Invalid Marker.")
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
