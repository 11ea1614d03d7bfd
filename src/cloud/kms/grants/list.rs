//! `ListGrants` and `ListRetirableGrants`: the grants of a key, and those of a principal.
//!
//! Source: KMS API Reference, `ListGrants`, `ListRetirableGrants`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::input::{Page, check_text, page};
use super::super::names::Naming;
use super::create::check_service;
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
    /// Only grants for this AWS service, which itself asks.
    pub grantee_service_principal: Option<String>,
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

impl ListGrantsRequest {
    /// Checks that a service alone asks for the grants of a service.
    ///
    /// Doubtful: the text. One form is known.
    /// Source: KMS API Reference, ListGrants, `GranteeServicePrincipal`.
    fn check_service_filter(&self, invocation: &Invocation<'_>) -> Result<(), ApiError> {
        let Some(service) = &self.grantee_service_principal else { return Ok(()) };
        check_service(service, "granteeServicePrincipal")?;
        if self.grantee_principal.is_some() {
            return Err(ApiError::validation(
                "You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
            ));
        }
        if !invocation.is_for_service() {
            return Err(ApiError::validation(
                "The GranteeServicePrincipal filter is only usable by callers in a service principal.",
            ));
        }
        Ok(())
    }
}

impl Operation for ListGrantsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_grant_id(self.grant_id.as_deref())?;
        self.check_service_filter(invocation)?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![permission.with_key("kms:GrantIsForAWSResource", invocation.is_for_service().to_string())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListGrantsResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        let grants = invocation.world.kms.grants.of_key(&key.handle).filter(|grant| {
            self.grant_id.as_ref().is_none_or(|id| **id == *grant.id)
                && self
                    .grantee_principal
                    .as_ref()
                    .is_none_or(|grantee| !grant.grantee_is_service && **grantee == *grant.grantee)
                && self
                    .grantee_service_principal
                    .as_ref()
                    .is_none_or(|service| grant.grantee_is_service && **service == *grant.grantee)
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
    pub grantee_principal: Option<String>,
    pub grantee_service_principal: Option<String>,
    pub retiring_principal: Option<String>,
    pub retiring_service_principal: Option<String>,
    /// The account that made it.
    pub issuing_account: String,
    pub operations: Vec<GrantOperation>,
    /// What a request must carry to be served.
    pub constraints: Option<GrantConstraints>,
}

impl From<&Grant> for GrantListEntry {
    fn from(grant: &Grant) -> Self {
        // Source: KMS Developer Guide, "create-grant-overview", the grants in its answers of ListGrants.
        let grantee =
            |is_service| (grant.grantee_is_service == is_service).then(|| grant.grantee.to_string());
        let retiring = |is_service| {
            let retiring = grant.retiring.as_ref().filter(|_| grant.retiring_is_service == is_service);
            retiring.map(ToString::to_string)
        };
        Self {
            key_id: grant.key.arn().to_string(),
            grant_id: grant.id.to_string(),
            name: grant.name.clone().unwrap_or_default(),
            creation_date: grant.created,
            grantee_principal: grantee(false),
            grantee_service_principal: grantee(true),
            retiring_principal: retiring(false),
            retiring_service_principal: retiring(true),
            issuing_account: format!("arn:aws:iam::{}:root", grant.issuer),
            operations: grant.operations.iter().copied().collect(),
            constraints: (!grant.constraints.is_empty()).then(|| grant.constraints.clone()),
        }
    }
}
