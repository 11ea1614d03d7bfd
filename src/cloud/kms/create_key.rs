//! Creating, describing and listing keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::crypto::{KeyMaterial, KeySpec, KeyUsage, Origin};
use super::input::{Choice, Page, check_choice, check_text, page};
use super::key::{Key, KeyHandle, Manager, Material, MaterialState, Needs};
use super::metadata::KeyMetadata;
use super::names::Naming;
use super::policies::{check_policy_text, default_policy, read_key_policy};
use super::tags::{Tag, check_tags, to_map};
use super::{Empty, errors};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::tags::with_request_tags;
use crate::cloud::{ApiError, Invocation, Operation, World, audit};

/// The request of `CreateKey`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct CreateKeyRequest {
    /// The key policy; without one, the account decides.
    pub policy: Option<String>,
    pub description: Option<String>,
    /// Needed for all but symmetric keys.
    pub key_usage: Option<Choice<KeyUsage>>,
    /// The old name of `KeySpec`.
    pub customer_master_key_spec: Option<Choice<KeySpec>>,
    /// The kind of key; `SYMMETRIC_DEFAULT` unless given.
    pub key_spec: Option<Choice<KeySpec>>,
    /// The source of the material; `AWS_KMS` unless given.
    pub origin: Option<Choice<Origin>>,
    /// A custom key store. None are simulated, so none is ever found.
    pub custom_key_store_id: Option<String>,
    /// Saves a policy that would not let the caller change it again.
    pub bypass_policy_lockout_safety_check: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    pub multi_region: Option<bool>,
}

/// The response of `CreateKey` and `DescribeKey`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyMetadataResponse {
    pub key_metadata: KeyMetadata,
}

impl CreateKeyRequest {
    /// Returns spec, usage and origin of the key, if they go together.
    fn kind(&self) -> Result<(KeySpec, KeyUsage, Origin), ApiError> {
        let named = self.key_spec.as_ref().or(self.customer_master_key_spec.as_ref());
        if named.is_some_and(|spec| spec.as_str() == "SM2") {
            return Err(errors::unsupported("KeySpec SM2 is not supported in this Region"));
        }
        let spec = check_choice(self.key_spec.as_ref(), "keySpec")?;
        let old = check_choice(self.customer_master_key_spec.as_ref(), "customerMasterKeySpec")?;
        if spec.is_some() && old.is_some() {
            return Err(ApiError::validation(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                 deprecated.",
            ));
        }
        let spec = spec.or(old).unwrap_or(KeySpec::SymmetricDefault);
        let usage = match check_choice(self.key_usage.as_ref(), "keyUsage")? {
            Some(usage) => usage,
            None if spec.is_symmetric() => KeyUsage::EncryptDecrypt,
            None => {
                return Err(ApiError::validation(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
                ));
            }
        };
        if !spec.usages().contains(&usage) {
            return Err(ApiError::validation(format!(
                "KeyUsage {usage} is not compatible with KeySpec {spec}"
            )));
        }
        let origin = check_choice(self.origin.as_ref(), "origin")?.unwrap_or(Origin::AwsKms);
        Ok((spec, usage, origin))
    }
}

impl Operation for CreateKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let (spec, usage, origin) = self.kind()?;
        check_text(self.description.as_deref().unwrap_or_default(), "description", 0, 8192)?;
        check_tags(&self.tags)?;
        if let Some(policy) = &self.policy {
            check_policy_text(policy)?;
        }
        // Source: KMS Developer Guide, "AWS KMS condition keys", the keys that list CreateKey.
        let multi_region = self.multi_region.unwrap_or_default();
        let mut permission = Permission::new(format!("kms:{}", Self::NAME), "*")
            .with_key("kms:KeySpec", spec.as_str())
            .with_key("kms:KeyUsage", usage.as_str())
            .with_key("kms:KeyOrigin", origin.as_str())
            .with_key("kms:MultiRegion", multi_region.to_string());
        if multi_region {
            permission = permission.with_key("kms:MultiRegionKeyType", "PRIMARY");
        }
        if let Some(bypass) = self.bypass_policy_lockout_safety_check {
            permission = permission.with_key("kms:BypassPolicyLockoutSafetyCheck", bypass.to_string());
        }
        let mut permissions = vec![with_request_tags(permission, &self.tags)];
        if !self.tags.is_empty() {
            // Source: KMS API Reference, CreateKey, required permissions.
            permissions.push(with_request_tags(Permission::new("kms:TagResource", "*"), &self.tags));
        }
        Ok(permissions)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<KeyMetadataResponse, ApiError> {
        let (spec, usage, origin) = self.kind()?;
        if let Some(store) = &self.custom_key_store_id {
            return Err(ApiError::new(
                "CustomKeyStoreNotFoundException",
                format!("'{store}' does not exist"),
            ));
        }
        if matches!(origin, Origin::AwsCloudHsm | Origin::ExternalKeyStore) {
            return Err(errors::unsupported(format!(
                "Origin {origin} needs a custom key store, and custom key stores are not simulated."
            )));
        }
        let account = invocation.account()?;
        // Source: KMS API Reference, CreateKey, `Policy`: the lockout safety check concerns a policy that is passed.
        let bypass = self.policy.is_none().then_some(true).or(self.bypass_policy_lockout_safety_check);
        let text = self.policy.unwrap_or_else(|| default_policy(&account));
        let policy = read_key_policy(invocation.world, &text)?;
        let region = invocation.region().clone();
        let multi_region = self.multi_region.unwrap_or_default();
        let id = invocation.world.new_key_id(multi_region);
        let handle = KeyHandle { account, region: region.clone(), id: id.into() };
        let materials = match origin {
            Origin::AwsKms => vec![invocation.world.new_material(spec, &handle)?],
            Origin::External | Origin::AwsCloudHsm | Origin::ExternalKeyStore => Vec::new(),
        };
        invocation.world.kms.put_key(Key {
            handle: handle.clone(),
            spec,
            usage,
            origin,
            manager: Manager::Customer,
            description: self.description.unwrap_or_default(),
            created: invocation.world.now,
            enabled: true,
            policy,
            materials,
            deletion: None,
            rotation: None,
            tags: to_map(self.tags),
            aliases: BTreeSet::new(),
            former_labels: Vec::new(),
            primary_region: multi_region.then_some(region),
        });
        invocation.check_lockout(&handle, bypass)?;
        let key = invocation.key_at(&handle)?;
        Ok(KeyMetadataResponse { key_metadata: KeyMetadata::of(&invocation.world.kms, &key) })
    }

    fn response_elements(response: &KeyMetadataResponse) -> Value {
        audit::lower_camel(serde_json::json!(response))
    }
}

impl World {
    /// Notes the tags and aliases of a key, which are about to be changed. Source: as `label_propagation`.
    pub(super) fn note_labels(&mut self, handle: &KeyHandle) {
        if self.fidelity.label_propagation {
            let now = self.now;
            self.kms.edit_key(handle, |key| key.note_labels(now));
        }
    }

    /// Returns a new key id: a UUID, or `mrk-` and the digits of one.
    pub(super) fn new_key_id(&mut self, multi_region: bool) -> String {
        let uuid = self.uuid();
        if multi_region { format!("mrk-{}", uuid.replace('-', "")) } else { uuid }
    }

    /// Makes new current material for a key.
    pub(super) fn new_material(&mut self, spec: KeySpec, handle: &KeyHandle) -> Result<Material, ApiError> {
        let secret = KeyMaterial::generate(spec, &mut self.rng);
        let id = secret.id(&handle.id)?;
        Ok(Material {
            id,
            secret: Some(Arc::new(secret)),
            state: MaterialState::Current,
            rotated: None,
            valid_to: None,
            description: None,
        })
    }
}

/// The request of `DescribeKey`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeKeyRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
}

impl Operation for DescribeKeyRequest {
    const READ_ONLY: bool = true;

    fn prepare(&self, invocation: &mut Invocation<'_>) -> Result<(), ApiError> {
        invocation.make_managed_key(&self.key_id)
    }

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let target = invocation.named_key(&self.key_id, Naming::Metadata)?;
        Ok(vec![invocation.with_grant_tokens(target.permission(Self::NAME), &self.grant_tokens)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<KeyMetadataResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::Metadata)?;
        Ok(KeyMetadataResponse { key_metadata: KeyMetadata::of(&invocation.world.kms, &key) })
    }
}

/// The request of `ListKeys`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListKeysRequest {
    /// The most keys to return; 100 unless given.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

/// The response of `ListKeys`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeysResponse {
    /// The keys, by id.
    pub keys: Vec<KeyListEntry>,
    #[serde(flatten)]
    pub page: Page,
}

/// A key in a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyListEntry {
    pub key_id: String,
    pub key_arn: String,
}

impl Operation for ListKeysRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("kms:ListKeys", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListKeysResponse, ApiError> {
        let (account, region) = (invocation.account()?, invocation.region());
        let keys = invocation.world.kms.keys_in(&account, region);
        let entries = keys.map(|key| KeyListEntry { key_id: key.handle.id.to_string(), key_arn: key.arn() });
        let id = |entry: &KeyListEntry| entry.key_id.clone();
        let (keys, page) = page(entries, self.limit, self.marker.as_deref(), 1000, id)?;
        Ok(ListKeysResponse { keys, page })
    }
}

/// The request of `UpdateKeyDescription`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdateKeyDescriptionRequest {
    /// Key id or key ARN.
    pub key_id: String,
    pub description: String,
}

impl Operation for UpdateKeyDescriptionRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_text(&self.description, "description", 0, 8192)?;
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        key.require(Needs::NotPendingDeletion)?;
        invocation.world.kms.edit_key(&key.handle, |key| key.description = self.description);
        Ok(Empty {})
    }
}
