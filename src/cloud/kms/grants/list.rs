//! `ListGrants` and `ListRetirableGrants`: the grants of a key, and those of a principal.
//!
//! Source: KMS API Reference, `ListGrants`, `ListRetirableGrants`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::input::{Page, check_text, page};
use super::super::names::Naming;
use super::end::check_grant_id;
use super::grant::{Grant, GrantConstraints, GrantOperation};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The request of `ListGrants`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListGrantsRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// Lists this one grant alone.
    pub grant_id: Option<String>,
    /// Only grants for this principal.
    pub grantee_principal: Option<String>,
    /// The most grants to return; 50 unless given, at most 100.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

/// The response of `ListGrants` and `ListRetirableGrants`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListGrantsResponse {
    /// The grants, by id.
    pub grants: Vec<GrantListEntry>,
    #[serde(flatten)]
    pub page: Page,
}

impl Operation for ListGrantsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_grant_id(self.grant_id.as_deref())?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![permission.with_key("kms:GrantIsForAWSResource", invocation.is_for_service().to_string())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListGrantsResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        let grants = invocation.world.kms.grants.of_key(&key.handle).filter(|grant| {
            self.grant_id.as_ref().is_none_or(|id| **id == *grant.id)
                && self.grantee_principal.as_ref().is_none_or(|grantee| **grantee == *grant.grantee)
        });
        let id = |grant: &&Arc<Grant>| grant.id.to_string();
        let (grants, page) = page(grants, self.limit.or(Some(50)), self.marker.as_deref(), 100, id)?;
        let grants = grants.into_iter().map(|grant| GrantListEntry::from(grant.as_ref())).collect();
        Ok(ListGrantsResponse { grants, page })
    }
}

/// The request of `ListRetirableGrants`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListRetirableGrantsRequest {
    /// A principal of the caller's account.
    pub retiring_principal: String,
    /// The most grants to return; 50 unless given, at most 100.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

impl Operation for ListRetirableGrantsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_text(&self.retiring_principal, "retiringPrincipal", 1, 256)?;
        // Source: KMS API Reference, ListRetirableGrants: the resource is the retiring principal.
        Ok(vec![Permission::new("kms:ListRetirableGrants", &self.retiring_principal)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListGrantsResponse, ApiError> {
        let region = invocation.region();
        let grants = invocation.world.kms.grants.retirable_by(&self.retiring_principal);
        let grants = grants.filter(|grant| grant.key.region == *region);
        let id = |grant: &&Arc<Grant>| format!("{}/{}/{}", grant.key.account, grant.key.id, grant.id);
        let (grants, page) = page(grants, self.limit.or(Some(50)), self.marker.as_deref(), 100, id)?;
        let grants = grants.into_iter().map(|grant| GrantListEntry::from(grant.as_ref())).collect();
        Ok(ListGrantsResponse { grants, page })
    }
}

/// A grant as the lists show it. Source: KMS API Reference, `GrantListEntry`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GrantListEntry {
    /// ARN of the key.
    pub key_id: String,
    pub grant_id: String,
    /// The grant's name, or nothing.
    pub name: String,
    #[serde(with = "crate::cloud::epoch")]
    pub creation_date: Timestamp,
    pub grantee_principal: String,
    pub retiring_principal: Option<String>,
    /// The account that made it.
    pub issuing_account: String,
    pub operations: Vec<GrantOperation>,
    /// For which encryption contexts.
    pub constraints: Option<GrantConstraints>,
}

impl From<&Grant> for GrantListEntry {
    fn from(grant: &Grant) -> Self {
        Self {
            key_id: grant.key.arn().to_string(),
            grant_id: grant.id.to_string(),
            name: grant.name.clone().unwrap_or_default(),
            creation_date: grant.created,
            grantee_principal: grant.grantee.to_string(),
            retiring_principal: grant.retiring.as_ref().map(ToString::to_string),
            issuing_account: format!("arn:aws:iam::{}:root", grant.issuer),
            operations: grant.operations.iter().copied().collect(),
            constraints: grant.constraints.pairs().is_some().then(|| grant.constraints.clone()),
        }
    }
}
