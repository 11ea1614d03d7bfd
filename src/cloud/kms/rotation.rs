//! Rotating key material.
//!
//! Source: KMS API Reference, `EnableKeyRotation`, `RotateKeyOnDemand`, `ListKeyRotations`; KMS Developer Guide,
//! "Rotating AWS KMS keys". A rotation is complete at once; AWS takes some time in the background.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::crypto::{Origin, aws_words};
use super::input::{Choice, Page, check_choice, check_number, page};
use super::key::{Key, KeyState, Material, MaterialState, Needs, RotationType, Schedule};
use super::lifecycle::KeyIdResponse;
use super::names::Naming;
use super::time::days_after;
use super::{Empty, errors};
use crate::cloud::fidelity::ImportedRotationStatus;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation, epoch};

/// The number of times that a key can be rotated on demand.
/// Source: KMS API Reference, RotateKeyOnDemand: 25 since 2026; older documentation says 10.
const MAX_ON_DEMAND: usize = 25;

/// Days between automatic rotations unless others are asked for.
const DEFAULT_PERIOD: i64 = 365;

/// Refuses keys that are not symmetric, which do not rotate. Source: recorded UnsupportedOperationException
/// with an empty message.
fn require_symmetric(key: &Key) -> Result<(), ApiError> {
    if key.spec.is_symmetric() { Ok(()) } else { Err(errors::unsupported("")) }
}

/// Refuses keys that cannot rotate by a schedule: material must be KMS's own, and of a multi-Region key the
/// primary is asked.
fn require_schedulable(key: &Key) -> Result<(), ApiError> {
    require_symmetric(key)?;
    if key.origin != Origin::AwsKms {
        return Err(errors::invalid_origin(key.arn(), key.origin));
    }
    require_primary(key)
}

/// Refuses a key whose state does not allow a change of its schedule, before its spec is looked at.
///
/// Source: floci-io/floci, pull request 3968, whose order comes from AWS. A key that waits for its material is refused for its origin instead: KMS Developer Guide, "Key
/// states of AWS KMS keys", footnote.
fn require_state(key: &Key) -> Result<(), ApiError> {
    if key.state() == KeyState::PendingImport { Ok(()) } else { key.require(Needs::Enabled) }
}

fn require_primary(key: &Key) -> Result<(), ApiError> {
    if key.is_replica() {
        return Err(errors::unsupported(format!("{} is not a multi-region primary key.", key.arn())));
    }
    Ok(())
}

/// The request of `EnableKeyRotation`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EnableKeyRotationRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// 90 to 2560; 365 unless given.
    pub rotation_period_in_days: Option<i64>,
}

impl Operation for EnableKeyRotationRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![match self.rotation_period_in_days {
            Some(days) => {
                check_number(days, "rotationPeriodInDays", 90, 2560)?;
                permission.with_key("kms:RotationPeriodInDays", days.to_string())
            }
            None => permission,
        }])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_state(&key)?;
        require_schedulable(&key)?;
        let period_days = self.rotation_period_in_days.unwrap_or(DEFAULT_PERIOD);
        // Source: KMS API Reference, EnableKeyRotation: the period counts from now.
        let next = days_after(invocation.world.now, period_days)?;
        invocation.world.kms.edit_key(&key.handle, |key| key.rotation = Some(Schedule { period_days, next }));
        Ok(Empty {})
    }
}

/// The request of `DisableKeyRotation`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DisableKeyRotationRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

impl Operation for DisableKeyRotationRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_state(&key)?;
        require_schedulable(&key)?;
        invocation.world.kms.edit_key(&key.handle, |key| key.rotation = None);
        Ok(Empty {})
    }
}

/// The request of `GetKeyRotationStatus`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetKeyRotationStatusRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

/// The response of `GetKeyRotationStatus`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyRotationStatusResponse {
    pub key_rotation_enabled: bool,
    pub key_id: String,
    pub rotation_period_in_days: Option<i64>,
    #[serde(with = "epoch::option")]
    pub next_rotation_date: Option<Timestamp>,
}

impl ImportedRotationStatus {
    /// Tells whether the rotation of a key may not be asked for.
    ///
    /// Doubtful for keys with imported material, which older documentation refuses in every state. Since those can be rotated
    /// on demand, it speaks of `PendingImport` alone.
    /// Source: KMS Developer Guide, "Key states of AWS KMS keys", the footnotes of GetKeyRotationStatus.
    /// Switch: `imported_rotation_status`.
    fn refuses(self, key: &Key) -> bool {
        match self {
            Self::Answered => key.state() == KeyState::PendingImport,
            Self::Refused => key.origin == Origin::External,
        }
    }
}

impl Operation for GetKeyRotationStatusRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetKeyRotationStatusResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_symmetric(&key)?;
        if invocation.world.fidelity.imported_rotation_status.refuses(&key) {
            return Err(errors::invalid_origin(key.arn(), key.origin));
        }
        // A replica has the schedule of its primary. A key that is about to be deleted shows none.
        let primary = key.primary_region.as_ref().map(|region| key.handle.in_region(region));
        let holder =
            primary.and_then(|handle| invocation.world.kms.key(&handle).cloned()).unwrap_or(key.clone());
        let schedule = holder.rotation.as_ref().filter(|_| key.deletion.is_none());
        Ok(GetKeyRotationStatusResponse {
            key_rotation_enabled: schedule.is_some(),
            key_id: key.arn(),
            rotation_period_in_days: schedule.map(|schedule| schedule.period_days),
            next_rotation_date: schedule.map(|schedule| schedule.next),
        })
    }
}

/// The request of `RotateKeyOnDemand`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RotateKeyOnDemandRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

impl Operation for RotateKeyOnDemandRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<KeyIdResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        key.require(Needs::Enabled)?;
        require_symmetric(&key)?;
        require_primary(&key)?;
        let on_demand = |m: &&Material| m.rotated.is_some_and(|(_, how)| how == RotationType::OnDemand);
        if key.materials.iter().filter(on_demand).count() >= MAX_ON_DEMAND {
            return Err(errors::limit_exceeded(format!(
                "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can \
                 be performed for this key: {}",
                key.arn()
            )));
        }
        let material = if key.origin == Origin::AwsKms {
            invocation.world.new_material(key.spec, &key.handle)?
        } else {
            let pending = key.materials.iter().find(|m| m.state == MaterialState::PendingRotation);
            pending.cloned().ok_or_else(|| {
                ApiError::new(
                    "KMSInvalidStateException",
                    format!("No available key material pending rotation for the key: {}.", key.arn()),
                )
            })?
        };
        let now = invocation.world.now;
        invocation.world.make_current(now, &key, &material, RotationType::OnDemand);
        Ok(KeyIdResponse { key_id: key.arn() })
    }

    fn response_elements(response: &KeyIdResponse) -> serde_json::Value {
        crate::cloud::audit::lower_camel(serde_json::json!(response))
    }
}

aws_words! {
    /// The materials that `ListKeyRotations` lists.
    IncludeKeyMaterial {
        /// All of them, the first one and those that wait for a rotation included.
        AllKeyMaterial = "ALL_KEY_MATERIAL",
        /// The materials that a rotation made current.
        RotationsOnly = "ROTATIONS_ONLY",
    }
}

/// The request of `ListKeyRotations`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListKeyRotationsRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// `ROTATIONS_ONLY` unless the request says otherwise.
    pub include_key_material: Option<Choice<IncludeKeyMaterial>>,
    /// The most entries to return; 100 unless given.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

/// The response of `ListKeyRotations`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeyRotationsResponse {
    /// The materials, oldest first.
    pub rotations: Vec<RotationsListEntry>,
    #[serde(flatten)]
    pub page: Page,
}

/// One of a key's materials. Source: KMS API Reference, `RotationsListEntry`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RotationsListEntry {
    pub key_id: String,
    pub key_material_id: String,
    /// The description that was given with the import.
    pub key_material_description: Option<String>,
    /// `IMPORTED` or `PENDING_IMPORT`, for imported material.
    pub import_state: Option<&'static str>,
    pub key_material_state: MaterialState,
    /// The two answers to whether imported material expires.
    pub expiration_model: Option<&'static str>,
    #[serde(with = "epoch::option")]
    pub valid_to: Option<Timestamp>,
    /// Absent for material that never became current.
    #[serde(with = "epoch::option")]
    pub rotation_date: Option<Timestamp>,
    /// By what it became current.
    pub rotation_type: Option<RotationType>,
}

impl RotationsListEntry {
    fn of(key: &Key, material: &Material) -> Self {
        let imported = key.origin == Origin::External;
        let present = material.secret.is_some();
        let expires = material.valid_to.is_some();
        Self {
            key_id: key.arn(),
            key_material_id: material.id.to_string(),
            key_material_description: material.description.clone(),
            import_state: imported.then_some(if present { "IMPORTED" } else { "PENDING_IMPORT" }),
            key_material_state: material.state,
            expiration_model: (imported && present).then_some(if expires {
                "KEY_MATERIAL_EXPIRES"
            } else {
                "KEY_MATERIAL_DOES_NOT_EXPIRE"
            }),
            valid_to: material.valid_to,
            rotation_date: material.rotated.map(|(at, _)| at),
            rotation_type: material.rotated.map(|(_, how)| how),
        }
    }
}

impl Operation for ListKeyRotationsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_choice(self.include_key_material.as_ref(), "includeKeyMaterial")?;
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListKeyRotationsResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_symmetric(&key)?;
        let include = check_choice(self.include_key_material.as_ref(), "includeKeyMaterial")?;
        let all = include == Some(IncludeKeyMaterial::AllKeyMaterial);
        let listed = key.materials.iter().enumerate().filter(|(_, m)| all || m.rotated.is_some());
        let place = |(index, _): &(usize, &Material)| format!("{index:08}");
        let (listed, page) = page(listed, self.limit, self.marker.as_deref(), 1000, place)?;
        let rotations = listed.into_iter().map(|(_, m)| RotationsListEntry::of(&key, m)).collect();
        Ok(ListKeyRotationsResponse { rotations, page })
    }
}

/// The request of `GetKeyLastUsage`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetKeyLastUsageRequest {
    /// Key id or key ARN.
    pub key_id: String,
}

/// The response of `GetKeyLastUsage`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyLastUsageResponse {
    pub key_id: String,
    /// The last use; nothing if there was none.
    pub key_last_usage: Option<KeyLastUsage>,
    /// The time from which on uses are noted: the key's creation.
    #[serde(with = "epoch")]
    pub tracking_start_date: Timestamp,
    #[serde(with = "epoch")]
    pub key_creation_date: Timestamp,
}

/// The last use of a key's material. The id of the audit record is left out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyLastUsage {
    pub operation: &'static str,
    #[serde(with = "epoch")]
    pub timestamp: Timestamp,
    /// The id of the request.
    pub kms_request_id: String,
}

impl Operation for GetKeyLastUsageRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetKeyLastUsageResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        let last = invocation.world.key_uses.of(&key.handle);
        Ok(GetKeyLastUsageResponse {
            key_id: key.arn(),
            key_last_usage: last.map(|last| KeyLastUsage {
                operation: last.operation,
                timestamp: last.at,
                kms_request_id: last.request_id.to_string(),
            }),
            tracking_start_date: key.created,
            key_creation_date: key.created,
        })
    }
}
