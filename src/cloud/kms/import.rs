//! Key material that the customer brings.
//!
//! Source: KMS API Reference, `GetParametersForImport`, `ImportKeyMaterial`, `DeleteImportedKeyMaterial`; KMS
//! Developer Guide, "Importing key material for AWS KMS keys".

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::crypto::{KeyMaterial, MaterialId, Origin, WrappingAlgorithm, WrappingKeySpec, aws_words};
use super::errors;
use super::input::{Choice, check_blob, check_choice, check_text};
use super::key::{Key, Material, MaterialState, Needs};
use super::names::Naming;
use super::records::logged;
use super::state::ImportSession;
use super::time::{days_after, expire};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation, Operation, epoch};

/// The longest time imported material may be valid, in days. Source: KMS API Reference, ImportKeyMaterial, `ValidTo`.
const MAX_VALID_DAYS: i64 = 365;

fn require_external(key: &Key) -> Result<(), ApiError> {
    if key.origin == Origin::External { Ok(()) } else { Err(errors::invalid_origin(key.arn(), key.origin)) }
}

/// Returns the error for bytes that are no material for the key, or not the material that was imported before.
fn incorrect_material() -> ApiError {
    // Doubtful: the text, which is left empty. One form is known.
    // Source: KMS API Reference, ImportKeyMaterial, `IncorrectKeyMaterialException`.
    ApiError::new("IncorrectKeyMaterialException", "")
}

/// The request of `GetParametersForImport`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetParametersForImportRequest {
    /// Key id or key ARN.
    pub key_id: String,
    pub wrapping_algorithm: Choice<WrappingAlgorithm>,
    /// The kind of wrapping key.
    pub wrapping_key_spec: Choice<WrappingKeySpec>,
}

/// The response of `GetParametersForImport`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetParametersForImportResponse {
    pub key_id: String,
    /// To be passed back with the material.
    pub import_token: Blob,
    /// To wrap the material with: `SubjectPublicKeyInfo` in DER.
    pub public_key: Blob,
    /// The time until which token and wrapping key can be used.
    #[serde(with = "epoch")]
    pub parameters_valid_to: Timestamp,
}

impl Operation for GetParametersForImportRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let algorithm = self.wrapping_algorithm.check("wrappingAlgorithm")?;
        let spec = self.wrapping_key_spec.check("wrappingKeySpec")?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![
            permission
                .with_key("kms:WrappingAlgorithm", algorithm.as_str())
                .with_key("kms:WrappingKeySpec", spec.as_str()),
        ])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetParametersForImportResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_external(&key)?;
        key.require(Needs::NotPendingDeletion)?;
        let algorithm = self.wrapping_algorithm.check("wrappingAlgorithm")?;
        let spec = self.wrapping_key_spec.check("wrappingKeySpec")?.key_spec();
        let wrapping_key = Arc::new(KeyMaterial::generate(spec, &mut invocation.world.rng));
        let public_key = wrapping_key.pair().and_then(super::crypto::KeyPair::public_key_der);
        let public_key = Blob::new(public_key?);
        // Source: KMS API Reference, GetParametersForImport: 24 hours.
        let valid_to = days_after(invocation.world.now, 1)?;
        let token = invocation.world.random::<64>().to_vec();
        let session = ImportSession { key: key.handle.clone(), algorithm, wrapping_key, valid_to };
        invocation.world.kms.imports.insert_mut(token.clone(), Arc::new(session));
        Ok(GetParametersForImportResponse {
            key_id: key.arn(),
            import_token: Blob::new(token),
            public_key,
            parameters_valid_to: valid_to,
        })
    }
}

aws_words! {
    /// The two answers to whether imported material expires.
    ExpirationModel {
        /// At a time that is given.
        Expires = "KEY_MATERIAL_EXPIRES",
        DoesNotExpire = "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
}

aws_words! {
    /// The two answers to whether material is imported for the first time.
    ImportType {
        New = "NEW_KEY_MATERIAL",
        Existing = "EXISTING_KEY_MATERIAL",
    }
}

/// The request of `ImportKeyMaterial`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ImportKeyMaterialRequest {
    /// Key id or key ARN.
    pub key_id: String,
    pub import_token: Blob,
    pub encrypted_key_material: Blob,
    #[serde(default, with = "epoch::option")]
    pub valid_to: Option<Timestamp>,
    /// `KEY_MATERIAL_EXPIRES` unless the request names another.
    pub expiration_model: Option<Choice<ExpirationModel>>,
    /// New for a key that never had any, otherwise existing, unless given.
    pub import_type: Option<Choice<ImportType>>,
    /// A description of the material.
    pub key_material_description: Option<String>,
    /// The name of the material, if it is imported again.
    pub key_material_id: Option<String>,
}

/// The response of `ImportKeyMaterial` and `DeleteImportedKeyMaterial`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyMaterialResponse {
    pub key_id: String,
    /// The material's name, for symmetric keys.
    pub key_material_id: Option<String>,
}

impl ImportKeyMaterialRequest {
    /// Returns when the material expires, if the two parameters go together.
    fn expiry(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        let model = check_choice(self.expiration_model.as_ref(), "expirationModel")?;
        match (model.unwrap_or(ExpirationModel::Expires), self.valid_to) {
            (ExpirationModel::Expires, None) => Err(ApiError::validation(
                "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
            )),
            (ExpirationModel::Expires, Some(at)) if now < at && at <= days_after(now, MAX_VALID_DAYS)? => {
                Ok(Some(at))
            }
            // Doubtful: the texts of these two. One form is known.
            // Source: KMS API Reference, ImportKeyMaterial, `ValidTo` and `ExpirationModel`.
            (ExpirationModel::Expires, Some(_)) => Err(ApiError::validation(format!(
                "The validTo date must be in the future and at most {MAX_VALID_DAYS} days from now."
            ))),
            (ExpirationModel::DoesNotExpire, Some(_)) => Err(ApiError::validation(
                "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE.",
            )),
            (ExpirationModel::DoesNotExpire, None) => Ok(None),
        }
    }
}

impl Operation for ImportKeyMaterialRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_blob(&self.import_token, "importToken", 1, 6144)?;
        check_blob(&self.encrypted_key_material, "encryptedKeyMaterial", 1, 6144)?;
        check_text(
            self.key_material_description.as_deref().unwrap_or_default(),
            "keyMaterialDescription",
            0,
            256,
        )?;
        let model = check_choice(self.expiration_model.as_ref(), "expirationModel")?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        let permission =
            permission.with_key("kms:ExpirationModel", model.unwrap_or(ExpirationModel::Expires).as_str());
        Ok(vec![match self.valid_to {
            Some(at) => permission.with_key("kms:ValidTo", at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            None => permission,
        }])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<KeyMaterialResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_external(&key)?;
        key.require(Needs::NotPendingDeletion)?;
        let now = invocation.world.now;
        let valid_to = self.expiry(now)?;
        let session = invocation.world.kms.imports.get(self.import_token.as_bytes()).cloned();
        let session = session
            .filter(|session| session.key == key.handle)
            .ok_or_else(|| ApiError::new("InvalidImportTokenException", ""))?;
        if session.valid_to <= now {
            return Err(ApiError::new("ExpiredImportTokenException", ""));
        }
        let pair = session.wrapping_key.pair()?;
        let wrapped = self.encrypted_key_material.as_bytes();
        let bytes = pair
            .unwrap(session.algorithm, wrapped, &mut invocation.world.rng.fork())
            .map_err(|_| errors::invalid_ciphertext())?;
        let secret = KeyMaterial::import(key.spec, &bytes).map_err(|_| incorrect_material())?;
        let id = secret.id(&key.handle.id)?;
        if self.key_material_id.as_ref().is_some_and(|named| *named != id.to_string()) {
            return Err(incorrect_material());
        }
        let kind = check_choice(self.import_type.as_ref(), "importType")?;
        let imported = Imported { id, secret, valid_to, description: self.key_material_description };
        let material = imported.place(invocation, &key, kind)?;
        let symmetric = key.spec.is_symmetric();
        invocation.world.kms.edit_key(&key.handle, |key| {
            key.materials.retain(|m| m.id != material.id);
            // Materials stay in the order in which they became current; what waits comes last.
            let at = key.materials.iter().position(|m| m.rotated > material.rotated && m.rotated.is_some());
            let waits = is_waiting(material.state);
            key.materials.insert(
                if waits { key.materials.len() } else { at.unwrap_or(key.materials.len()) },
                material,
            );
        });
        Ok(KeyMaterialResponse { key_id: key.arn(), key_material_id: symmetric.then(|| id.to_string()) })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({
            "keyId": self.key_id,
            "validTo": self.valid_to.map(|at| at.to_string()),
            "expirationModel": self.expiration_model,
            "importType": self.import_type,
            "keyMaterialDescription": self.key_material_description,
            "keyMaterialId": self.key_material_id,
        }))
    }
}

fn is_waiting(state: MaterialState) -> bool {
    matches!(state, MaterialState::PendingRotation | MaterialState::PendingMultiRegion)
}

struct Imported {
    id: MaterialId,
    secret: KeyMaterial,
    valid_to: Option<Timestamp>,
    description: Option<String>,
}

impl Imported {
    /// Returns what the material becomes in the key: what it was before, the first one, or one that waits for a
    /// rotation.
    fn place(
        self,
        invocation: &mut Invocation<'_>,
        key: &Key,
        kind: Option<ImportType>,
    ) -> Result<Material, ApiError> {
        let Self { id, secret, valid_to, description } = self;
        let old = key.materials.iter().find(|m| m.id == id);
        let kind =
            kind.unwrap_or(if key.materials.is_empty() { ImportType::New } else { ImportType::Existing });
        let (state, rotated) = match (kind, old) {
            (ImportType::Existing, Some(old)) => (old.state, old.rotated),
            (ImportType::New, None) if key.is_replica() => return Err(incorrect_material()),
            (ImportType::New, None) if key.materials.is_empty() => (MaterialState::Current, None),
            // Source: KMS API Reference, ImportKeyMaterial: asymmetric and HMAC keys keep their first material.
            (ImportType::New, None) if key.spec.is_symmetric() => {
                if let Some(waiting) = key.materials.iter().find(|m| is_waiting(m.state)) {
                    // Doubtful: whether the text was recorded. One form is known.
                    // Source: localstack/localstack, the KMS provider, which words it so.
                    let text = format!(
                        "New key material (id: {id}) cannot be imported into KMS key {}, because another key \
                         material (id: {}) is pending rotation.",
                        key.arn(),
                        waiting.id
                    );
                    return Err(ApiError::new("KMSInvalidStateException", text));
                }
                let alone = key.primary_region.is_none() || invocation.world.kms.regions_of(key).count() == 1;
                (if alone { MaterialState::PendingRotation } else { MaterialState::PendingMultiRegion }, None)
            }
            _ => return Err(incorrect_material()),
        };
        let description = description.or_else(|| old.and_then(|old| old.description.clone()));
        let material = Material { id, secret: Some(Arc::new(secret)), state, rotated, valid_to, description };
        if key.primary_region.is_some() && old.is_none() {
            invocation.announce(key, &material);
        }
        Ok(material)
    }
}

impl Invocation<'_> {
    /// Lets the replicas of a primary key know of new material, which has to be imported there, too.
    fn announce(&mut self, key: &Key, material: &Material) {
        let regions: Vec<_> = self.world.kms.regions_of(key).cloned().collect();
        for region in regions.iter().filter(|region| **region != key.handle.region) {
            self.world.kms.edit_key(&key.handle.in_region(region), |replica| {
                replica.materials.push(Material { secret: None, valid_to: None, ..material.clone() });
            });
        }
    }
}

/// The request of `DeleteImportedKeyMaterial`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteImportedKeyMaterialRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// One of the key's materials; the current one unless given.
    pub key_material_id: Option<String>,
}

impl Operation for DeleteImportedKeyMaterialRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<KeyMaterialResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        require_external(&key)?;
        let symmetric = key.spec.is_symmetric();
        let named = self.key_material_id.as_ref();
        let material = key.materials.iter().find(|m| match named {
            Some(id) => m.id.to_string() == *id,
            None => m.state == MaterialState::Current,
        });
        let Some(material) = material else {
            // Doubtful: whether deleting nothing is an error; only a name that is none of the key's is one here. One form
            // is known.
            // Source: KMS API Reference, DeleteImportedKeyMaterial, which does not say.
            return match named {
                Some(id) => {
                    Err(ApiError::new("NotFoundException", format!("Key material '{id}' does not exist")))
                }
                None => Ok(KeyMaterialResponse { key_id: key.arn(), key_material_id: None }),
            };
        };
        let id = material.id;
        invocation.world.kms.edit_key(&key.handle, |key| {
            key.materials.retain(|m| m.id != id || !is_waiting(m.state));
            key.materials.iter_mut().filter(|m| m.id == id).for_each(expire);
        });
        Ok(KeyMaterialResponse { key_id: key.arn(), key_material_id: symmetric.then(|| id.to_string()) })
    }
}
