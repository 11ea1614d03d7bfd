//! Managed policies as a whole: described, listed, deleted.
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
use super::paging::{Page, page};
use super::state::State;
use super::tags::Tag;
use super::users::listed_tags;
use super::versions::editable;
use super::{Empty, account, broken, check_prefix, delete_conflict, no_such_entity};

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
    /// The tags; absent where there are none, and from lists.
    pub tags: Option<Vec<Tag>>,
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

    fn bounding(&self, arn: &str) -> usize {
        self.bounding.get(arn).copied().unwrap_or_default()
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
    let described = described(iam, &Uses::default(), arn)?;
    Some(DescribedPolicy { tags: listed_tags(&iam.versions(arn)?.tags), ..described })
}

/// Describes a managed policy, AWS's or a customer's, with how often an account uses it.
pub(super) fn described_in(iam: &State, account: &AccountId, arn: &str) -> Option<DescribedPolicy> {
    described(iam, &Uses::of(iam, account), arn)
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
        permissions_boundary_usage_count: uses.bounding(arn),
        is_attachable: true,
        description: None,
        create_date: created,
        update_date: updated,
        tags: None,
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
        let versions = iam.versions(&self.policy_arn);
        let description = versions.and_then(|versions| versions.description.clone());
        let tags = versions.and_then(|versions| listed_tags(&versions.tags));
        let found = found.map(|policy| DescribedPolicy { description, tags, ..policy });
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
    /// Only those that permit something (`PermissionsPolicy`), or that bound somebody (`PermissionsBoundary`).
    pub policy_usage_filter: Option<String>,
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
        let below = PolicyPath::checked(self.path_prefix.as_deref())?;
        let bounding = match self.policy_usage_filter.as_deref() {
            Some("PermissionsBoundary") => true,
            Some("PermissionsPolicy") | None => false,
            Some(other) => return Err(unknown_usage(other)),
        };
        let filtered = self.only_attached == Some(true) || self.policy_usage_filter.is_some();
        let count = |arn: &str| if bounding { uses.bounding(arn) } else { uses.attached(arn) };
        let wanted = |arn: &String| below.holds(arn) && (!filtered || count(arn) > 0);
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
        let Page { items, marker } = page(arns, Clone::clone, self.marker.as_deref(), self.max_items)?;
        Ok(ListPoliciesResponse {
            policies: items.iter().filter_map(|arn| described(iam, &uses, arn)).collect(),
            is_truncated: marker.is_some(),
            marker,
        })
    }
}

/// The pattern of a path of policies. Source: IAM API Reference, `policyPathType`.
const POLICY_PREFIX: &str = r"((/[A-Za-z0-9\.,\+@=_-]+)*)/";

/// The path that a list of policies is narrowed to.
pub(super) struct PolicyPath<'a>(&'a str);

impl<'a> PolicyPath<'a> {
    /// Checks the path of a request; `/` where it names none.
    pub(super) fn checked(prefix: Option<&'a str>) -> Result<Self, ApiError> {
        check_prefix(prefix, POLICY_PREFIX, is_policy_path)?;
        Ok(Self(prefix.unwrap_or("/")))
    }

    /// Tells whether a policy is below the path.
    pub(super) fn holds(&self, arn: &str) -> bool {
        arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(self.0))
    }
}

/// The error for a use of policies that there is not. Source: the model's `PolicyUsageType`.
pub(super) fn unknown_usage(filter: &str) -> ApiError {
    let set = "Member must satisfy enum value set: [PermissionsPolicy, PermissionsBoundary]";
    broken(filter, "policyUsageFilter", set)
}

fn is_policy_path(path: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || ".,+@=_-".contains(c);
    let inner = path.strip_prefix('/').map(|rest| rest.strip_suffix('/'));
    match inner {
        Some(Some(inner)) => inner.split('/').all(|part| !part.is_empty() && part.chars().all(is_letter)),
        Some(None) => path == "/",
        None => false,
    }
}

/// Whether a customer managed policy is one of the account.
fn belongs_to(arn: &str, account: &AccountId) -> bool {
    arn.parse::<Arn>().is_ok_and(|arn| arn.account() == account.as_str())
}
