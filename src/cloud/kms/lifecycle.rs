//! Switching keys on and off, and deleting them.
//!
//! Source: KMS API Reference, `EnableKey`, `DisableKey`, `ScheduleKeyDeletion`, `CancelKeyDeletion`; KMS Developer
//! Guide, "Deleting AWS KMS keys".

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::input::check_number;
use super::key::{Deletion, KeyState, Needs};
use super::names::Naming;
use super::time::days_after;
use super::{Empty, errors};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation, audit, epoch};

/// The request of `EnableKey`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EnableKeyRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

/// The request of `DisableKey`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DisableKeyRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

impl Invocation<'_> {
    fn switch(&mut self, key_id: &str, on: bool) -> Result<Empty, ApiError> {
        let key = self.key(key_id, Naming::KeyOnly)?;
        key.require(Needs::Material)?;
        self.world.kms.edit_key(&key.handle, |key| key.enabled = on);
        // A rotation that fell due while the key was disabled is made up for.
        self.world.settle_kms();
        Ok(Empty {})
    }
}

impl Operation for EnableKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        invocation.switch(&self.key_id, true)
    }
}

impl Operation for DisableKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        invocation.switch(&self.key_id, false)
    }
}

/// The request of `ScheduleKeyDeletion`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScheduleKeyDeletionRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// 7 to 30; 30 unless given.
    pub pending_window_in_days: Option<i64>,
}

/// The response of `ScheduleKeyDeletion`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleKeyDeletionResponse {
    pub key_id: String,
    /// Absent for a primary key that waits for its replicas.
    #[serde(with = "epoch::option")]
    pub deletion_date: Option<Timestamp>,
    /// The state it is in now.
    pub key_state: KeyState,
    pub pending_window_in_days: i64,
}

/// The waiting period unless another is asked for.
const DEFAULT_WINDOW: i64 = 30;

impl Operation for ScheduleKeyDeletionRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let days = self.pending_window_in_days.unwrap_or(DEFAULT_WINDOW);
        check_number(days, "pendingWindowInDays", 1, 365)?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![permission.with_key("kms:ScheduleKeyDeletionPendingWindowInDays", days.to_string())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ScheduleKeyDeletionResponse, ApiError> {
        let days = self.pending_window_in_days.unwrap_or(DEFAULT_WINDOW);
        // The model takes 1 to 365, the service 7 to 30. Source: KMS API Reference, `PendingWindowInDays`.
        check_number(days, "pendingWindowInDays", 7, 30)?;
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        key.require(Needs::NotPendingDeletion)?;
        // Source: KMS Developer Guide, "Deleting multi-Region keys": a primary waits for its replicas.
        let waits = key.is_primary() && invocation.world.kms.regions_of(&key).count() > 1;
        let date = if waits { None } else { Some(days_after(invocation.world.now, days)?) };
        invocation.world.kms.edit_key(&key.handle, |key| {
            key.deletion = Some(Deletion { date, window_days: days });
        });
        let key = invocation.key_at(&key.handle)?;
        Ok(ScheduleKeyDeletionResponse {
            key_id: key.arn(),
            deletion_date: date,
            key_state: key.state(),
            pending_window_in_days: days,
        })
    }

    fn response_elements(response: &ScheduleKeyDeletionResponse) -> Value {
        json!({
            "keyId": response.key_id,
            "keyState": response.key_state,
            "deletionDate": response.deletion_date.map(audit::date),
        })
    }
}

/// The request of `CancelKeyDeletion`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CancelKeyDeletionRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

/// The ARN of the key, as several operations answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyIdResponse {
    pub key_id: String,
}

impl Operation for CancelKeyDeletionRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<KeyIdResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        if key.deletion.is_none() {
            return Err(errors::invalid_state(key.arn(), "not pending deletion"));
        }
        invocation.world.kms.edit_key(&key.handle, |key| {
            key.deletion = None;
            // Source: KMS API Reference, CancelKeyDeletion: the key is disabled afterwards.
            key.enabled = false;
        });
        Ok(KeyIdResponse { key_id: key.arn() })
    }

    fn response_elements(response: &KeyIdResponse) -> Value {
        audit::lower_camel(json!(response))
    }
}
