//! Keys that live in several Regions.
//!
//! Source: KMS API Reference, `ReplicateKey`, `UpdatePrimaryRegion`; KMS Developer Guide, "Multi-Region keys". The
//! states `Creating` and `Updating`, which AWS shows for some seconds, are left out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::crypto::Origin;
use super::input::{check_pattern, check_text};
use super::key::{Key, Material, Needs};
use super::metadata::KeyMetadata;
use super::names::Naming;
use super::policies::{check_policy_text, default_policy, read_key_policy};
use super::tags::{Tag, check_tags, to_map};
use super::{Empty, errors};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::tags::with_request_tags;
use crate::cloud::{ApiError, Invocation, Operation, Region, audit};

fn check_region(region: &str, member: &str) -> Result<(), ApiError> {
    const PATTERN: &str = "^([a-z]+-){2,3}\\d+$";
    check_text(region, member, 1, 32)?;
    let mut words: Vec<&str> = region.split('-').collect();
    let number = words.pop().unwrap_or_default();
    let legal = !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && (2..=3).contains(&words.len())
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
    check_pattern(region, member, |_| legal, PATTERN)
}

fn require_primary(key: &Key) -> Result<(), ApiError> {
    if key.is_primary() {
        return Ok(());
    }
    Err(errors::unsupported(format!("{} is not a multi-region primary key.", key.arn())))
}

/// The request of `ReplicateKey`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplicateKeyRequest {
    /// The primary: key id or key ARN.
    pub key_id: String,
    /// The Region of the replica.
    pub replica_region: String,
    /// The replica's key policy; without one, the account decides.
    pub policy: Option<String>,
    /// Saves a policy that would not let the caller change it again.
    pub bypass_policy_lockout_safety_check: Option<bool>,
    /// A description of the material.
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// The response of `ReplicateKey`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReplicateKeyResponse {
    pub replica_key_metadata: KeyMetadata,
    pub replica_policy: String,
    pub replica_tags: Vec<Tag>,
}

impl Operation for ReplicateKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_region(&self.replica_region, "replicaRegion")?;
        check_text(self.description.as_deref().unwrap_or_default(), "description", 0, 8192)?;
        check_tags(&self.tags)?;
        if let Some(policy) = &self.policy {
            check_policy_text(policy)?;
        }
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        // Source: KMS API Reference, ReplicateKey: kms:CreateKey and kms:TagResource in the Region of the replica.
        let there = |action| {
            let permission =
                Permission::new(action, "*").with_key("aws:RequestedRegion", &self.replica_region);
            with_request_tags(permission.with_key("kms:MultiRegionKeyType", "REPLICA"), &self.tags)
        };
        let mut permissions = vec![
            permission.with_key("kms:ReplicaRegion", &self.replica_region),
            there("kms:CreateKey").with_key("kms:MultiRegion", "true"),
        ];
        if !self.tags.is_empty() {
            permissions.push(there("kms:TagResource"));
        }
        Ok(permissions)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ReplicateKeyResponse, ApiError> {
        let primary = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_primary(&primary)?;
        primary.require(Needs::Enabled)?;
        let handle = primary.handle.in_region(&Region::new(&self.replica_region));
        if invocation.world.kms.key(&handle).is_some() {
            return Err(ApiError::new("AlreadyExistsException", format!("{} already exists", handle.arn())));
        }
        let bypass = self.policy.is_none().then_some(true).or(self.bypass_policy_lockout_safety_check);
        let text = self.policy.unwrap_or_else(|| default_policy(&handle.account));
        let policy = read_key_policy(invocation.world, &text)?;
        // Imported material has to be imported into each Region.
        let imported = primary.origin == Origin::External;
        let there = |m: &Material| {
            if imported { Material { secret: None, valid_to: None, ..m.clone() } } else { m.clone() }
        };
        invocation.world.kms.put_key(Key {
            handle: handle.clone(),
            manager: primary.manager.clone(),
            description: self.description.unwrap_or_default(),
            created: invocation.world.now,
            enabled: true,
            policy,
            materials: primary.materials.iter().map(there).collect(),
            deletion: None,
            rotation: None,
            tags: to_map(self.tags.clone()),
            aliases: BTreeSet::new(),
            former_labels: Vec::new(),
            primary_region: primary.primary_region.clone(),
            spec: primary.spec,
            usage: primary.usage,
            origin: primary.origin,
        });
        invocation.check_lockout(&handle, bypass)?;
        let key = invocation.key_at(&handle)?;
        Ok(ReplicateKeyResponse {
            replica_key_metadata: KeyMetadata::of(&invocation.world.kms, &key),
            replica_policy: text,
            replica_tags: self.tags,
        })
    }

    fn response_elements(response: &ReplicateKeyResponse) -> Value {
        audit::lower_camel(serde_json::json!(response))
    }
}

/// The request of `UpdatePrimaryRegion`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdatePrimaryRegionRequest {
    /// The primary there is: key id or key ARN.
    pub key_id: String,
    /// The Region whose replica shall be the primary.
    pub primary_region: String,
}

impl Operation for UpdatePrimaryRegionRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_region(&self.primary_region, "primaryRegion")?;
        let primary = invocation.named_key(&self.key_id, Naming::KeyOnly)?;
        let permission =
            |permission: Permission| permission.with_key("kms:PrimaryRegion", &self.primary_region);
        let mut permissions = vec![permission(primary.permission(Self::NAME))];
        // The replica is asked about, too, if there is one.
        let replica = primary.handle.map(|handle| handle.in_region(&Region::new(&self.primary_region)));
        if let Some(replica) = replica.filter(|handle| invocation.world.kms.key(handle).is_some()) {
            permissions.push(permission(Permission::new(format!("kms:{}", Self::NAME), replica.arn())));
        }
        Ok(permissions)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let old = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_primary(&old)?;
        old.require(Needs::Enabled)?;
        let region = Region::new(&self.primary_region);
        let new = invocation.key_at(&old.handle.in_region(&region))?;
        if new.is_primary() {
            // Doubtful: code and text. One form is known.
            // Source: KMS API Reference, UpdatePrimaryRegion: the Region of a replica, not that of the primary key.
            return Err(errors::unsupported(format!(
                "{} is the multi-region primary key already.",
                new.arn()
            )));
        }
        new.require(Needs::Enabled)?;
        let regions: Vec<Region> = invocation.world.kms.regions_of(&old).cloned().collect();
        for each in regions {
            invocation.world.kms.edit_key(&old.handle.in_region(&each), |key| {
                key.primary_region = Some(region.clone());
                key.rotation = old.rotation.clone().filter(|_| each == region);
            });
        }
        Ok(Empty {})
    }
}
