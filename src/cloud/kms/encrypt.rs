//! Encrypt and Decrypt.
//!
//! Source: KMS API Reference, `Encrypt`, `Decrypt`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;
use zeroize::Zeroizing;

use super::crypto::{
    EncryptionAlgorithm, EncryptionContext, KeyUsage, MaterialId, aws_words, max_oaep_plaintext, open,
    read_header,
};
use super::errors;
use super::input::{Choice, check_blob, check_choice};
use super::key::{Key, KeyHandle, Needs};
use super::names::{NamedKey, Naming, is_key_id};
use super::records::logged;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::{Permission, Wording};
use crate::cloud::{AccountId, ApiError, Blob, Invocation, Operation};

aws_words! {
    /// The parts of a request that a dry run can leave out.
    DryRunModifier {
        /// The ciphertext need not be one; the key must be named.
        IgnoreCiphertext = "IGNORE_CIPHERTEXT",
    }
}

/// The request of `Encrypt`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EncryptRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// 1 to 4096 bytes.
    pub plaintext: Blob,
    /// Refused for keys that are not symmetric.
    #[serde(default, skip_serializing_if = "EncryptionContext::is_empty")]
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// `SYMMETRIC_DEFAULT` unless the request names another.
    pub encryption_algorithm: Option<Choice<EncryptionAlgorithm>>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `Encrypt`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptResponse {
    pub ciphertext_blob: Blob,
    pub key_id: String,
    pub encryption_algorithm: EncryptionAlgorithm,
}

impl Operation for EncryptRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_blob(&self.plaintext, "plaintext", 1, 4096)?;
        let algorithm = algorithm(self.encryption_algorithm.as_ref(), "encryptionAlgorithm")?;
        let target = invocation.named_key(&self.key_id, Naming::KeyOrAlias)?;
        let (tokens, context) = (&self.grant_tokens, &self.encryption_context);
        Ok(vec![invocation.encryption_permission(Self::NAME, &target, tokens, context, algorithm)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<EncryptResponse, ApiError> {
        let algorithm = algorithm(self.encryption_algorithm.as_ref(), "encryptionAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::EncryptDecrypt, Self::NAME)?;
        let plaintext = self.plaintext.as_bytes();
        let (ciphertext_blob, _) = encrypt(invocation, &key, algorithm, &self.encryption_context, plaintext)?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(EncryptResponse { ciphertext_blob, key_id: key.arn(), encryption_algorithm: algorithm })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({
            "keyId": self.key_id,
            "encryptionAlgorithm": self.encryption_algorithm.as_ref().map_or("SYMMETRIC_DEFAULT", |a| a.as_str()),
            "encryptionContext": self.encryption_context,
            "dryRun": self.dry_run,
        }))
    }
}

/// The request of `Decrypt`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DecryptRequest {
    /// A ciphertext of KMS. May be left out in a dry run that ignores it.
    #[serde(default)]
    pub ciphertext_blob: Blob,
    /// The context it was encrypted with.
    #[serde(default, skip_serializing_if = "EncryptionContext::is_empty")]
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// The key; a symmetric ciphertext names its own.
    pub key_id: Option<String>,
    /// `SYMMETRIC_DEFAULT` unless the request names another.
    pub encryption_algorithm: Option<Choice<EncryptionAlgorithm>>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
    /// The parts of the request that the dry run leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dry_run_modifiers: Vec<Choice<DryRunModifier>>,
}

/// The response of `Decrypt`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecryptResponse {
    pub key_id: String,
    pub plaintext: Blob,
    pub encryption_algorithm: EncryptionAlgorithm,
    /// The material that decrypted, for symmetric keys.
    pub key_material_id: Option<String>,
}

impl Operation for DecryptRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let algorithm = algorithm(self.encryption_algorithm.as_ref(), "encryptionAlgorithm")?;
        let ignore = ignores_ciphertext(self.dry_run, &self.dry_run_modifiers)?;
        if !ignore {
            check_blob(&self.ciphertext_blob, "ciphertextBlob", 1, 6144)?;
        }
        let (target, wording) = invocation.source(self.key_id.as_ref(), &self.ciphertext_blob)?;
        let (tokens, context) = (&self.grant_tokens, &self.encryption_context);
        let mut permission =
            invocation.encryption_permission(Self::NAME, &target, tokens, context, algorithm)?;
        permission.wording = wording;
        Ok(vec![permission])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DecryptResponse, ApiError> {
        let algorithm = algorithm(self.encryption_algorithm.as_ref(), "encryptionAlgorithm")?;
        let key = invocation.source_key(self.key_id.as_ref(), &self.ciphertext_blob)?;
        if ignores_ciphertext(self.dry_run, &self.dry_run_modifiers)? {
            return Err(errors::dry_run());
        }
        let (plaintext, material) =
            decrypt(invocation, &key, algorithm, &self.encryption_context, self.ciphertext_blob.as_bytes())?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(DecryptResponse {
            key_id: key.arn(),
            plaintext: Blob::from(plaintext),
            encryption_algorithm: algorithm,
            key_material_id: material.map(|id| id.to_string()),
        })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({
            "keyId": self.key_id,
            "encryptionAlgorithm": self.encryption_algorithm.as_ref().map_or("SYMMETRIC_DEFAULT", |a| a.as_str()),
            "encryptionContext": self.encryption_context,
            "dryRun": self.dry_run,
        }))
    }
}

pub(super) fn algorithm(
    choice: Option<&Choice<EncryptionAlgorithm>>,
    member: &str,
) -> Result<EncryptionAlgorithm, ApiError> {
    Ok(check_choice(choice, member)?.unwrap_or(EncryptionAlgorithm::SymmetricDefault))
}

/// Tells whether a dry run leaves out the ciphertext.
pub(super) fn ignores_ciphertext(
    dry_run: Option<bool>,
    modifiers: &[Choice<DryRunModifier>],
) -> Result<bool, ApiError> {
    for modifier in modifiers {
        modifier.check("dryRunModifiers.1.member")?;
    }
    Ok(dry_run == Some(true) && !modifiers.is_empty())
}

impl Invocation<'_> {
    /// Returns the key that a ciphertext is to be decrypted with, and how a refusal names it: the one the
    /// request names, or else the one the ciphertext names.
    pub(super) fn source(
        &self,
        key_id: Option<&String>,
        blob: &Blob,
    ) -> Result<(NamedKey, Wording), ApiError> {
        let (handle, wording) = match key_id {
            None => (self.named_by(blob)?, Wording::Ciphertext),
            // Source: KMS API Reference, Decrypt, "Cross-account use": the id alone will do for a symmetric ciphertext,
            // which knows the account.
            Some(key_id) => {
                let named_by = || self.named_by(blob).ok().filter(|handle| *handle.id == **key_id);
                match is_key_id(key_id).then(named_by).flatten() {
                    Some(handle) if handle.account != self.account()? => (handle, Wording::Arn),
                    _ => return Ok((self.named_key(key_id, Naming::KeyOrAlias)?, Wording::Arn)),
                }
            }
        };
        let exists = self.world.kms.key(&handle).is_some();
        Ok((NamedKey { arn: handle.arn(), handle: exists.then_some(handle), alias: None }, wording))
    }

    /// Returns the key that a symmetric ciphertext names, as this Region's endpoint understands it.
    fn named_by(&self, blob: &Blob) -> Result<KeyHandle, ApiError> {
        let header = read_header(blob.as_bytes())?;
        let account: AccountId = header.account.parse().map_err(|_| errors::invalid_ciphertext())?;
        Ok(KeyHandle { account, region: self.region().clone(), id: header.key_id.into() })
    }

    pub(super) fn source_key(&self, key_id: Option<&String>, blob: &Blob) -> Result<Arc<Key>, ApiError> {
        let (target, _) = self.source(key_id, blob)?;
        let handle = target.handle.ok_or_else(|| errors::no_such_key(&target.arn))?;
        let key = self.key_at(&handle)?;
        // Source: floci-io/floci, pull request 3968, whose order comes from AWS: a key that decrypts nothing is the wrong key for a ciphertext, whatever its state.
        if key.usage != KeyUsage::EncryptDecrypt {
            return Err(errors::incorrect_key());
        }
        key.require(Needs::Enabled)?;
        Ok(key)
    }
}

/// Encrypts under a key of any kind that encrypts.
pub(super) fn encrypt(
    invocation: &mut Invocation<'_>,
    key: &Key,
    algorithm: EncryptionAlgorithm,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<(Blob, Option<MaterialId>), ApiError> {
    check_fit(key, algorithm, context)?;
    if algorithm == EncryptionAlgorithm::SymmetricDefault {
        let (blob, material) = invocation.seal_with(key, context, plaintext)?;
        return Ok((blob, Some(material)));
    }
    if let Some(most) = max_oaep_plaintext(key.spec, algorithm).filter(|most| plaintext.len() > *most) {
        let spec = key.spec;
        return Err(ApiError::validation(format!(
            "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} bytes."
        )));
    }
    let pair = key.current()?.0.pair()?;
    let blob = pair.encrypt(algorithm, plaintext, &mut invocation.world.rng.fork());
    Ok((Blob::new(blob?), None))
}

pub(super) fn decrypt(
    invocation: &mut Invocation<'_>,
    key: &Key,
    algorithm: EncryptionAlgorithm,
    context: &EncryptionContext,
    blob: &[u8],
) -> Result<(Zeroizing<Vec<u8>>, Option<MaterialId>), ApiError> {
    if algorithm != EncryptionAlgorithm::SymmetricDefault {
        check_fit(key, algorithm, context)?;
        let pair = key.current()?.0.pair()?;
        let plaintext = pair.decrypt(algorithm, blob, &mut invocation.world.rng.fork());
        return Ok((plaintext?, None));
    }
    // Source: the same pull request: the ciphertext of a key pair is no symmetric ciphertext, whichever key is named.
    let header = read_header(blob)?;
    if *header.key_id != *key.handle.id || header.account != key.handle.account.as_str() {
        return Err(errors::incorrect_key());
    }
    let (secret, id) = key.material(header.material).ok_or_else(errors::invalid_ciphertext)?;
    let plaintext = open(secret, context, blob)?;
    invocation.record_material(id);
    Ok((plaintext, Some(id)))
}

/// Checks that the key takes the algorithm and the context.
fn check_fit(key: &Key, algorithm: EncryptionAlgorithm, context: &EncryptionContext) -> Result<(), ApiError> {
    if !key.spec.encryption_algorithms().contains(&algorithm) {
        return Err(errors::incompatible(algorithm, key.spec));
    }
    if !key.spec.is_symmetric() && !context.is_empty() {
        // Doubtful: the text. One form is known.
        // Source: KMS API Reference, Encrypt, `EncryptionContext`: only symmetric keys take one.
        return Err(ApiError::validation(
            "EncryptionContext is supported only with symmetric encryption KMS keys.",
        ));
    }
    Ok(())
}
