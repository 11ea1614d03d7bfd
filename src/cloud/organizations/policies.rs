//! The policies of an organization.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::paging::page;
use super::state::{OrgPolicy, PolicyType, error};
use super::{Organization, check_length, edit, managed, plain};
use crate::cloud::ApiError;
use crate::cloud::iam::{Empty, StoredPolicy};

/// The request of `CreatePolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreatePolicyRequest {
    pub name: String,
    /// Free text; may be empty.
    pub description: String,
    #[serde(rename = "Type")]
    pub kind: PolicyType,
    pub content: String,
}

/// The response of operations that answer with one policy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyResponse {
    pub policy: PolicyDescription,
}

/// A policy with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDescription {
    pub policy_summary: PolicySummary,
    pub content: String,
}

/// A policy without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicySummary {
    /// `p-` and eight characters, or `p-FullAWSAccess`.
    pub id: String,
    pub arn: String,
    pub name: String,
    pub description: String,
    #[serde(rename = "Type")]
    pub kind: PolicyType,
    pub aws_managed: bool,
}

impl PolicySummary {
    pub(super) fn of(id: &str, policy: &OrgPolicy) -> Self {
        Self {
            id: id.to_owned(),
            arn: policy.source.arn.as_deref().unwrap_or_default().to_owned(),
            name: policy.source.name.to_string(),
            description: policy.description.clone(),
            kind: policy.kind,
            aws_managed: id == policy.kind.full_access(),
        }
    }
}

impl PolicyResponse {
    fn of(organization: &Organization, id: &str) -> Result<Self, ApiError> {
        let found = organization.policy(id)?;
        let content = found.source.document.text.to_string();
        Ok(Self { policy: PolicyDescription { policy_summary: PolicySummary::of(id, found), content } })
    }
}

plain!(CreatePolicyRequest => PolicyResponse, read_only: false, |this, invocation| {
    check_length(&this.name, 1, 128)?;
    check_length(&this.description, 0, 512)?;
    let policy = StoredPolicy::accept(&this.content, this.kind.profile())?;
    let id = invocation.world.short_id("p-", 8);
    edit(invocation, |organization| {
        organization.add_policy(id.clone(), &this.name, &this.description, this.kind, &policy)?;
        PolicyResponse::of(organization, &id)
    })
});

/// The request of `UpdatePolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdatePolicyRequest {
    pub policy_id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub content: Option<String>,
}

plain!(UpdatePolicyRequest => PolicyResponse, read_only: false, |this, invocation| {
    if let Some(name) = &this.name {
        check_length(name, 1, 128)?;
    }
    if let Some(description) = &this.description {
        check_length(description, 0, 512)?;
    }
    let id = this.policy_id.clone();
    edit(invocation, |organization| {
        let (kind, managed) = organization.policy_type(&id)?;
        if managed {
            // Source: Organizations API Reference, UpdatePolicy, InvalidInputException, IMMUTABLE_POLICY.
            let text = "You specified a policy that is managed by AWS and can't be modified.";
            return Err(error("InvalidInputException", text));
        }
        let accept = |content: &str| StoredPolicy::accept(content, kind.profile());
        let policy = this.content.as_deref().map(accept).transpose()?;
        organization.update_policy(&id, this.name.as_deref(), this.description.as_deref(), policy.as_ref())?;
        PolicyResponse::of(organization, &id)
    })
});

/// The request of `DescribePolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribePolicyRequest {
    pub policy_id: String,
}

plain!(DescribePolicyRequest => PolicyResponse, read_only: true, |this, invocation| {
    PolicyResponse::of(managed(invocation)?, &this.policy_id)
});

/// The request of `DeletePolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeletePolicyRequest {
    pub policy_id: String,
}

plain!(DeletePolicyRequest => Empty, read_only: false, |this, invocation| {
    edit(invocation, |organization| organization.remove_policy(&this.policy_id))?;
    Ok(Empty {})
});

/// The request of `ListPolicies`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListPoliciesRequest {
    pub filter: PolicyType,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// The response of `ListPolicies` and `ListPoliciesForTarget`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesResponse {
    pub policies: Vec<PolicySummary>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

plain!(ListPoliciesRequest => ListPoliciesResponse, read_only: true, |this, invocation| {
    let all = managed(invocation)?.policies.iter().filter(|(_, policy)| policy.kind == this.filter);
    let all = all.map(|(id, policy)| PolicySummary::of(id, policy)).collect();
    let (policies, next_token) = page(all, this.next_token.as_deref(), this.max_results, |policy: &PolicySummary| &policy.id)?;
    Ok(ListPoliciesResponse { policies, next_token })
});
