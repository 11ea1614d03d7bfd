//! Operations on an organization as a whole, and on the root of its tree.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::paging::page;
use super::state::error;
use super::{Organization, PolicyType, edit, joined, managed, plain};

/// The request of `CreateOrganization`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateOrganizationRequest {
    /// `ALL`, the only set that is simulated.
    pub feature_set: Option<String>,
}

/// The response of `CreateOrganization` and `DescribeOrganization`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationResponse {
    pub organization: Description,
}

/// An organization as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Description {
    /// `o-` and ten characters.
    pub id: String,
    pub arn: String,
    /// Always `ALL`, the one feature set here.
    pub feature_set: &'static str,
    pub master_account_arn: String,
    pub master_account_id: String,
    /// What AWS has left of a list that it no longer keeps: service control policies.
    pub available_policy_types: Vec<PolicyTypeSummary>,
}

/// A type of policy and whether it is switched on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyTypeSummary {
    #[serde(rename = "Type")]
    pub kind: PolicyType,
    /// `ENABLED`: types that are not are left out.
    pub status: &'static str,
}

impl From<PolicyType> for PolicyTypeSummary {
    fn from(kind: PolicyType) -> Self {
        Self { kind, status: "ENABLED" }
    }
}

impl From<&Organization> for Description {
    // Source: AWS CLI Command Reference, describe-organization, its example: a list of one type, which the API
    // Reference calls deprecated and incomplete.
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.clone(),
            arn: organization.arn(),
            feature_set: "ALL",
            master_account_arn: organization.place_arn(organization.management.as_str()),
            master_account_id: organization.management.to_string(),
            available_policy_types: vec![PolicyType::ServiceControlPolicy.into()],
        }
    }
}

plain!(CreateOrganizationRequest => OrganizationResponse, read_only: false, |this, invocation| {
    let account = invocation.account()?;
    if invocation.world.organizations.of(&account).is_some() {
        let text = "The AWS account is already a member of an organization.";
        return Err(error("AlreadyInOrganizationException", text));
    }
    if this.feature_set.is_some_and(|set| set != "ALL") {
        return Err(error("InvalidInputException", "You specified an invalid value."));
    }
    let id = invocation.world.short_id("o-", 10);
    let root = invocation.world.short_id("r-", 4);
    let organization = Organization::new(id, root, account, invocation.world.now);
    let description = Description::from(&organization);
    invocation.world.organizations.put(organization);
    Ok(OrganizationResponse { organization: description })
});

/// The request of `DescribeOrganization`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeOrganizationRequest {}

plain!(DescribeOrganizationRequest => OrganizationResponse, read_only: true, |_this, invocation| {
    Ok(OrganizationResponse { organization: joined(invocation)?.into() })
});

/// The request of `ListRoots`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListRootsRequest {
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// The response of `ListRoots`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRootsResponse {
    pub roots: Vec<Root>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

/// The root of an organization's tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Root {
    /// `r-` and four characters.
    pub id: String,
    pub arn: String,
    pub name: &'static str,
    /// The types of policy that are switched on.
    pub policy_types: Vec<PolicyTypeSummary>,
}

impl From<&Organization> for Root {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.root.clone(),
            arn: organization.place_arn(&organization.root),
            name: "Root",
            policy_types: organization.enabled().map(PolicyTypeSummary::from).collect(),
        }
    }
}

plain!(ListRootsRequest => ListRootsResponse, read_only: true, |this, invocation| {
    let all = vec![managed(invocation)?.into()];
    let (roots, next_token) = page(all, this.next_token.as_deref(), this.max_results, |root: &Root| &root.id)?;
    Ok(ListRootsResponse { roots, next_token })
});

/// The request of `EnablePolicyType`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EnablePolicyTypeRequest {
    pub root_id: String,
    pub policy_type: PolicyType,
}

/// The response of `EnablePolicyType`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootResponse {
    pub root: Root,
}

plain!(EnablePolicyTypeRequest => RootResponse, read_only: false, |this, invocation| {
    let root = edit(invocation, |organization| {
        if this.root_id != organization.root {
            return Err(error("RootNotFoundException", "You specified a root that doesn't exist."));
        }
        organization.enable(this.policy_type)?;
        Ok(Root::from(&*organization))
    })?;
    Ok(RootResponse { root })
});
