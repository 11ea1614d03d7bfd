//! What the policies of an organization are attached to.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::paging::page;
use super::state::PolicyType;
use super::tree::kind_of;
use super::{ListPoliciesResponse, PolicySummary, edit, managed, plain};
use crate::cloud::iam::Empty;

/// The request of `AttachPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttachPolicyRequest {
    pub policy_id: String,
    /// The root, a unit or an account.
    pub target_id: String,
}

plain!(AttachPolicyRequest => Empty, read_only: false, |this, invocation| {
    edit(invocation, |organization| organization.attach(&this.policy_id, &this.target_id))?;
    Ok(Empty {})
});

/// The request of `DetachPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DetachPolicyRequest {
    pub policy_id: String,
    /// The root, a unit or an account.
    pub target_id: String,
}

plain!(DetachPolicyRequest => Empty, read_only: false, |this, invocation| {
    edit(invocation, |organization| organization.detach(&this.policy_id, &this.target_id))?;
    Ok(Empty {})
});

/// The request of `ListPoliciesForTarget`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListPoliciesForTargetRequest {
    /// The root, a unit or an account.
    pub target_id: String,
    pub filter: PolicyType,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

plain!(ListPoliciesForTargetRequest => ListPoliciesResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    let mut policies = Vec::new();
    for id in organization.attached_to(&this.target_id)? {
        policies.push(PolicySummary::of(id, organization.policy(id)?));
    }
    policies.retain(|policy| policy.kind == this.filter);
    let (policies, next_token) = page(policies, this.next_token.as_deref(), this.max_results, |policy| &policy.id)?;
    Ok(ListPoliciesResponse { policies, next_token })
});

/// The request of `ListTargetsForPolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListTargetsForPolicyRequest {
    pub policy_id: String,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// The response of `ListTargetsForPolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTargetsForPolicyResponse {
    pub targets: Vec<PolicyTargetSummary>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

/// Something that a policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyTargetSummary {
    pub target_id: String,
    pub arn: String,
    pub name: String,
    /// `ROOT`, `ORGANIZATIONAL_UNIT` or `ACCOUNT`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
}

plain!(ListTargetsForPolicyRequest => ListTargetsForPolicyResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    organization.policy(&this.policy_id)?;
    let name = |id: &str| {
        let account = invocation.world.iam().accounts().find(|(known, _)| known.as_str() == id);
        let unit = || organization.unit_name(id).unwrap_or("Root");
        account.map_or_else(unit, |(_, name)| name).to_owned()
    };
    let target = |id: &str| PolicyTargetSummary {
        target_id: id.to_owned(),
        arn: organization.place_arn(id),
        name: name(id),
        kind: kind_of(organization, id),
    };
    let all = organization.targets_of(&this.policy_id).map(target).collect();
    let (targets, next_token) =
        page(all, this.next_token.as_deref(), this.max_results, |target: &PolicyTargetSummary| &target.target_id)?;
    Ok(ListTargetsForPolicyResponse { targets, next_token })
});
