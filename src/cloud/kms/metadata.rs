//! A key as `DescribeKey` shows it.

use jiff::Timestamp;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::crypto::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MacAlgorithm,
    MaterialId, Origin, SigningAlgorithm,
};
use super::key::{Key, KeyState, Manager};
use super::state::State;
use crate::cloud::epoch;

/// The metadata that `DescribeKey` and `CreateKey` return. Source: KMS API Reference, `KeyMetadata`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyMetadata {
    /// The account that owns the key.
    #[serde(rename = "AWSAccountId")]
    pub aws_account_id: String,
    pub key_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub creation_date: Timestamp,
    /// True in the state `Enabled` alone.
    pub enabled: bool,
    /// The owner's own words.
    pub description: String,
    pub key_usage: KeyUsage,
    pub key_state: KeyState,
    #[serde(with = "epoch::option")]
    pub deletion_date: Option<Timestamp>,
    #[serde(with = "epoch::option")]
    pub valid_to: Option<Timestamp>,
    pub origin: Origin,
    /// The two answers to whether imported material expires.
    pub expiration_model: Option<&'static str>,
    /// Either `CUSTOMER` or `AWS`.
    pub key_manager: &'static str,
    /// The old name of `KeySpec`.
    pub customer_master_key_spec: KeySpec,
    pub key_spec: KeySpec,
    pub encryption_algorithms: Option<&'static [EncryptionAlgorithm]>,
    pub signing_algorithms: Option<&'static [SigningAlgorithm]>,
    pub key_agreement_algorithms: Option<&'static [KeyAgreementAlgorithm]>,
    pub encapsulation_algorithms: Option<&'static [EncapsulationAlgorithm]>,
    pub mac_algorithms: Option<Vec<MacAlgorithm>>,
    pub multi_region: bool,
    /// The primary and the replicas of a multi-Region key.
    pub multi_region_configuration: Option<MultiRegionConfiguration>,
    /// The waiting period of a primary key whose replicas have to be deleted first.
    pub pending_deletion_window_in_days: Option<i64>,
    /// The material that encrypts now, for symmetric keys.
    pub current_key_material_id: Option<String>,
}

/// The keys that belong to one multi-Region key.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionConfiguration {
    /// Either `PRIMARY` or `REPLICA`.
    pub multi_region_key_type: &'static str,
    pub primary_key: MultiRegionKey,
    /// The replicas, by Region.
    pub replica_keys: Vec<MultiRegionKey>,
}

/// One of the keys of a multi-Region key.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionKey {
    pub arn: String,
    pub region: String,
}

impl KeyMetadata {
    /// Returns what there is to say about a key now.
    pub(super) fn of(state: &State, key: &Key) -> Self {
        let imported = key.origin == Origin::External && key.state() != KeyState::PendingImport;
        let valid_to = key.materials.iter().filter(|m| m.secret.is_some()).filter_map(|m| m.valid_to).min();
        let usage = |usage| key.usage == usage;
        let deletion = key.deletion.as_ref();
        Self {
            aws_account_id: key.handle.account.to_string(),
            key_id: key.handle.id.to_string(),
            arn: key.arn(),
            creation_date: key.created,
            enabled: key.state() == KeyState::Enabled,
            description: key.description.clone(),
            key_usage: key.usage,
            key_state: key.state(),
            deletion_date: deletion.and_then(|d| d.date),
            valid_to: valid_to.filter(|_| imported),
            origin: key.origin,
            expiration_model: imported.then_some(if valid_to.is_some() {
                "KEY_MATERIAL_EXPIRES"
            } else {
                "KEY_MATERIAL_DOES_NOT_EXPIRE"
            }),
            key_manager: match key.manager {
                Manager::Customer => "CUSTOMER",
                Manager::Aws(_) => "AWS",
            },
            customer_master_key_spec: key.spec,
            key_spec: key.spec,
            encryption_algorithms: usage(KeyUsage::EncryptDecrypt).then(|| key.spec.encryption_algorithms()),
            signing_algorithms: usage(KeyUsage::SignVerify).then(|| key.spec.signing_algorithms()),
            key_agreement_algorithms: usage(KeyUsage::KeyAgreement).then_some(KeyAgreementAlgorithm::ALL),
            encapsulation_algorithms: usage(KeyUsage::EncapsulateDecapsulate)
                .then_some(EncapsulationAlgorithm::ALL),
            mac_algorithms: key.spec.mac_algorithm().map(|algorithm| vec![algorithm]),
            multi_region: key.primary_region.is_some(),
            multi_region_configuration: configuration(state, key),
            pending_deletion_window_in_days: deletion.filter(|d| d.date.is_none()).map(|d| d.window_days),
            current_key_material_id: key
                .current_id()
                .filter(|_| key.spec.is_symmetric())
                .map(|id: MaterialId| id.to_string()),
        }
    }
}

fn configuration(state: &State, key: &Key) -> Option<MultiRegionConfiguration> {
    let primary = key.primary_region.as_ref()?;
    let entry = |region: &crate::cloud::Region| MultiRegionKey {
        arn: key.handle.in_region(region).arn().to_string(),
        region: region.to_string(),
    };
    let replicas = state.regions_of(key).filter(|region| *region != primary);
    Some(MultiRegionConfiguration {
        multi_region_key_type: if key.is_primary() { "PRIMARY" } else { "REPLICA" },
        primary_key: entry(primary),
        replica_keys: replicas.map(entry).collect(),
    })
}
