//! `ReEncrypt`: from one key or context to another, without the plaintext leaving KMS.
//!
//! Source: KMS API Reference, `ReEncrypt`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::crypto::{EncryptionAlgorithm, EncryptionContext, KeyUsage};
use super::encrypt::{DryRunModifier, algorithm, decrypt, encrypt, ignores_ciphertext};
use super::errors;
use super::input::{Choice, check_blob};
use super::names::Naming;
use super::records::logged;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation, Operation};

/// The request of `ReEncrypt`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReEncryptRequest {
    /// The ciphertext to encrypt anew. May be left out in a dry run that ignores it.
    #[serde(default)]
    pub ciphertext_blob: Blob,
    /// The context it was encrypted with.
    #[serde(default, skip_serializing_if = "EncryptionContext::is_empty")]
    pub source_encryption_context: EncryptionContext,
    /// The key it was encrypted under; a symmetric ciphertext names its own.
    pub source_key_id: Option<String>,
    /// The key to encrypt under.
    pub destination_key_id: String,
    /// The context to encrypt with.
    #[serde(default, skip_serializing_if = "EncryptionContext::is_empty")]
    pub destination_encryption_context: EncryptionContext,
    pub source_encryption_algorithm: Option<Choice<EncryptionAlgorithm>>,
    pub destination_encryption_algorithm: Option<Choice<EncryptionAlgorithm>>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
    /// The parts of the request that the dry run leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dry_run_modifiers: Vec<Choice<DryRunModifier>>,
}

/// The response of `ReEncrypt`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReEncryptResponse {
    pub ciphertext_blob: Blob,
    /// ARN of the key that decrypted.
    pub source_key_id: String,
    /// ARN of the key that encrypted.
    pub key_id: String,
    pub source_encryption_algorithm: EncryptionAlgorithm,
    pub destination_encryption_algorithm: EncryptionAlgorithm,
    /// The material that decrypted, for symmetric keys.
    pub source_key_material_id: Option<String>,
    /// The material that encrypted, for symmetric keys.
    pub destination_key_material_id: Option<String>,
}

impl Operation for ReEncryptRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        if !ignores_ciphertext(self.dry_run, &self.dry_run_modifiers)? {
            check_blob(&self.ciphertext_blob, "ciphertextBlob", 1, 6144)?;
        }
        let from = algorithm(self.source_encryption_algorithm.as_ref(), "sourceEncryptionAlgorithm")?;
        let to = algorithm(self.destination_encryption_algorithm.as_ref(), "destinationEncryptionAlgorithm")?;
        let (source, wording) = invocation.source(self.source_key_id.as_ref(), &self.ciphertext_blob)?;
        let destination = invocation.named_key(&self.destination_key_id, Naming::KeyOrAlias)?;
        let same = (source.arn == destination.arn).to_string();
        let permission = |operation, target, context, algorithm| {
            invocation
                .encryption_permission(operation, target, &self.grant_tokens, context, algorithm)
                .map(|permission| permission.with_key("kms:ReEncryptOnSameKey", &same))
        };
        let mut first = permission("ReEncryptFrom", &source, &self.source_encryption_context, from)?;
        first.wording = wording;
        Ok(vec![first, permission("ReEncryptTo", &destination, &self.destination_encryption_context, to)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ReEncryptResponse, ApiError> {
        let from = algorithm(self.source_encryption_algorithm.as_ref(), "sourceEncryptionAlgorithm")?;
        let to = algorithm(self.destination_encryption_algorithm.as_ref(), "destinationEncryptionAlgorithm")?;
        let source = invocation.source_key(self.source_key_id.as_ref(), &self.ciphertext_blob)?;
        let key = invocation.usable_key(&self.destination_key_id, KeyUsage::EncryptDecrypt, Self::NAME)?;
        if ignores_ciphertext(self.dry_run, &self.dry_run_modifiers)? {
            return Err(errors::dry_run());
        }
        let ciphertext = self.ciphertext_blob.as_bytes();
        let (plaintext, source_material) =
            decrypt(invocation, &source, from, &self.source_encryption_context, ciphertext)?;
        let (ciphertext_blob, material) =
            encrypt(invocation, &key, to, &self.destination_encryption_context, &plaintext)?;
        // Doubtful: the guide shows no record of ReEncrypt with them; the names are those of the response. One form
        // is known.
        // Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail", the entries of Encrypt and Decrypt.
        let ids = [("sourceKeyMaterialId", source_material), ("destinationKeyMaterialId", material)];
        let ids: serde_json::Map<_, _> = ids
            .into_iter()
            .filter_map(|(name, id)| Some((name.to_owned(), json!(id?.to_string()))))
            .collect();
        invocation.additional = if ids.is_empty() { Value::Null } else { Value::Object(ids) };
        invocation.finish_use(&source, Self::NAME, self.dry_run)?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(ReEncryptResponse {
            ciphertext_blob,
            source_key_id: source.arn(),
            key_id: key.arn(),
            source_encryption_algorithm: from,
            destination_encryption_algorithm: to,
            source_key_material_id: source_material.map(|id| id.to_string()),
            destination_key_material_id: material.map(|id| id.to_string()),
        })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        let word = |choice: Option<&Choice<EncryptionAlgorithm>>| {
            choice.map_or("SYMMETRIC_DEFAULT", |choice| choice.as_str()).to_owned()
        };
        logged(json!({
            "sourceKeyId": self.source_key_id,
            "sourceEncryptionAlgorithm": word(self.source_encryption_algorithm.as_ref()),
            "sourceEncryptionContext": self.source_encryption_context,
            "destinationKeyId": self.destination_key_id,
            "destinationEncryptionAlgorithm": word(self.destination_encryption_algorithm.as_ref()),
            "destinationEncryptionContext": self.destination_encryption_context,
            "dryRun": self.dry_run,
        }))
    }
}
