//! Listing grants, and ending them.
//!
//! Source: KMS API Reference, `ListGrants`, `ListRetirableGrants`, `RetireGrant`, `RevokeGrant`; KMS Developer Guide,
//! "Retiring and revoking grants".

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::grant::{Grant, GrantOperation};
use super::grant_ops::{GrantListEntry, later};
use super::input::{check_text, page};
use super::names::Naming;
use super::{Empty, errors};
use crate::cloud::authorize::Permission;
use crate::cloud::call::Wire as _;
use crate::cloud::{ApiError, Invocation, Operation};
use crate::policy::{self, Named};

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
    /// Where to go on.
    pub marker: Option<String>,
}

/// The response of `ListGrants` and `ListRetirableGrants`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListGrantsResponse {
    /// The grants, by id.
    pub grants: Vec<GrantListEntry>,
    /// Where to go on.
    pub next_marker: Option<String>,
    /// Whether there are more.
    pub truncated: bool,
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
        let (grants, next_marker) = page(grants, self.limit.or(Some(50)), self.marker.as_deref(), 100, id)?;
        let grants = grants.into_iter().map(|grant| GrantListEntry::from(grant.as_ref())).collect();
        Ok(ListGrantsResponse { grants, truncated: next_marker.is_some(), next_marker })
    }
}

fn check_grant_id(id: Option<&str>) -> Result<(), ApiError> {
    let Some(id) = id else { return Ok(()) };
    check_text(id, "grantId", 1, 128)?;
    if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    // Doubtful: no recorded text is known.
    Err(ApiError::new("InvalidGrantIdException", format!("Invalid grantId '{id}'")))
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
    /// Where to go on.
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
        let (grants, next_marker) = page(grants, self.limit.or(Some(50)), self.marker.as_deref(), 100, id)?;
        let grants = grants.into_iter().map(|grant| GrantListEntry::from(grant.as_ref())).collect();
        Ok(ListGrantsResponse { grants, truncated: next_marker.is_some(), next_marker })
    }
}

/// `RetireGrant`: the grant by its token, or by key and id.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct RetireGrantRequest {
    /// A token that `CreateGrant` returned.
    pub grant_token: Option<String>,
    pub key_id: Option<String>,
    pub grant_id: Option<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

impl RetireGrantRequest {
    fn find(&self, invocation: &Invocation<'_>) -> Result<Arc<Grant>, ApiError> {
        let grants = &invocation.world.kms.grants;
        match (&self.grant_token, &self.key_id, &self.grant_id) {
            (Some(token), None, None) => {
                check_text(token, "grantToken", 1, 8192)?;
                let grant = grants.by_token(token).filter(|grant| grant.known_until.is_none());
                grant.cloned().ok_or_else(errors::invalid_grant_token)
            }
            (None, Some(key_id), Some(id)) => {
                check_grant_id(Some(id))?;
                let target = invocation.named_key(key_id, Naming::KeyOnly)?;
                let grant = target.handle.as_ref().and_then(|handle| grants.get(handle, id));
                grant.cloned().ok_or_else(|| no_such_grant(id))
            }
            // Doubtful: no recorded text is known.
            _ => Err(ApiError::validation("Specify either GrantToken, or KeyId and GrantId.")),
        }
    }
}

fn no_such_grant(id: &str) -> ApiError {
    // Doubtful: no recorded text is known.
    ApiError::new("NotFoundException", format!("Grant ID {id} not found"))
}

/// Who may retire a grant, as permissions of the policy engine: its retiring principal; its grantee, if it allows
/// `RetireGrant`; and principals of the account that made it whose own policies allow it.
fn retirers(grant: &Grant) -> Vec<policy::Grant> {
    let retirement = |grantee: Named, grantee_id| policy::Grant {
        id: grant.id.clone(),
        grantee,
        grantee_id,
        operations: vec!["kms:RetireGrant".into()],
        constraint: None,
        usable: true,
    };
    let grantee = grant
        .operations
        .contains(&GrantOperation::RetireGrant)
        .then(|| retirement(grant.named(&grant.grantee), grant.grantee_id.clone()));
    let retiring =
        grant.retiring.as_ref().map(|retiring| retirement(grant.named(retiring), grant.retiring_id.clone()));
    let issuer = retirement(Named::Account(grant.issuer.as_str().into()), None);
    retiring.into_iter().chain(grantee).chain([issuer]).collect()
}

impl Operation for RetireGrantRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let grant = self.find(invocation)?;
        let mut permission = Permission::new(format!("kms:{}", Self::NAME), grant.key.arn());
        // Source: KMS Developer Guide, "Retiring and revoking grants": the grant decides, and a key policy that allows
        // kms:RetireGrant has no effect.
        permission.only_grants = Some(retirers(&grant));
        Ok(vec![permission])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let grant = self.find(invocation)?;
        invocation.end_grant(&grant, self.dry_run)
    }
}

/// The request of `RevokeGrant`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RevokeGrantRequest {
    /// Key id or key ARN.
    pub key_id: String,
    pub grant_id: String,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

impl Operation for RevokeGrantRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_grant_id(Some(&self.grant_id))?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![permission.with_key("kms:GrantIsForAWSResource", invocation.is_for_service().to_string())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        let grant = invocation.world.kms.grants.get(&key.handle, &self.grant_id).cloned();
        let grant = grant.ok_or_else(|| no_such_grant(&self.grant_id))?;
        invocation.end_grant(&grant, self.dry_run)
    }
}

impl Invocation<'_> {
    /// Ends a grant: at once, or when that is known everywhere.
    fn end_grant(&mut self, grant: &Grant, dry_run: Option<bool>) -> Result<Empty, ApiError> {
        if dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        if self.world.fidelity.grant_propagation {
            let until = later(self.world.now);
            // What is not known yet never will be: its token alone serves on.
            let known = grant.is_known(self.world.now);
            let known_from = if known { grant.known_from } else { jiff::Timestamp::MAX };
            self.world.kms.grants.put(Grant { known_from, known_until: Some(until), ..grant.clone() });
        } else {
            self.world.kms.grants.remove(grant);
        }
        Ok(Empty {})
    }
}
