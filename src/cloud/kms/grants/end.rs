//! `RetireGrant` and `RevokeGrant`: the end of a grant, by those it serves and by those who manage the key.
//!
//! Source: KMS API Reference, `RetireGrant`, `RevokeGrant`; KMS Developer Guide, "Retiring and revoking grants".

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::input::check_text;
use super::super::names::Naming;
use super::super::{Empty, errors};
use super::create::later;
use super::grant::{Grant, GrantOperation};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};
use crate::policy::{self, Named};

pub(super) fn check_grant_id(id: Option<&str>) -> Result<(), ApiError> {
    let Some(id) = id else { return Ok(()) };
    check_text(id, "grantId", 1, 128)?;
    if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    // Doubtful: the text. One form is known.
    // Source: KMS API Reference, RevokeGrant, `InvalidGrantIdException`.
    Err(ApiError::new("InvalidGrantIdException", format!("Invalid grantId '{id}'")))
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
            // Doubtful: code and text. One form is known.
            // Source: KMS API Reference, RetireGrant: a token, or both the key and the grant's id.
            _ => Err(ApiError::validation("Specify either GrantToken, or KeyId and GrantId.")),
        }
    }
}

fn no_such_grant(id: &str) -> ApiError {
    // Doubtful: the text. One form is known.
    // Source: KMS API Reference, RevokeGrant, `NotFoundException`.
    ApiError::new("NotFoundException", format!("Grant ID {id} not found"))
}

/// Returns those who may retire a grant, as permissions of the policy engine: its retiring principal; its
/// grantee, if it allows `RetireGrant`; and principals of the account that made it whose own policies allow it.
fn retirers(grant: &Grant) -> Vec<policy::Grant> {
    let retirement = |grantee: Named, grantee_id| policy::Grant {
        id: grant.id.clone(),
        grantee,
        grantee_id,
        operations: vec!["kms:RetireGrant".into()],
        constraint: None,
        source: None,
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
        // Source: KMS Developer Guide, "Retiring and revoking grants": the grant decides, and kms:RetireGrant is not
        // effective in a key policy.
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
