//! Encapsulate and Decapsulate: shared secrets by ML-KEM.
//!
//! Source: KMS API Reference, `Encapsulate`, `Decapsulate`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::crypto::{EncapsulationAlgorithm, KeyUsage};
use super::input::{Choice, check_blob};
use super::names::Naming;
use super::records::logged;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation, Operation};

/// The request of `Encapsulate`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EncapsulateRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    pub encapsulation_algorithm: Choice<EncapsulationAlgorithm>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `Encapsulate`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncapsulateResponse {
    pub key_id: String,
    /// The secret: 32 bytes.
    pub shared_secret: Blob,
    /// What the other side recovers the secret from: 768, 1088 or 1568 bytes.
    pub shared_secret_ciphertext_blob: Blob,
    pub encapsulation_algorithm: EncapsulationAlgorithm,
}

/// The request of `Decapsulate`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DecapsulateRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// What somebody made with the public key.
    pub shared_secret_ciphertext_blob: Blob,
    pub encapsulation_algorithm: Choice<EncapsulationAlgorithm>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `Decapsulate`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecapsulateResponse {
    pub key_id: String,
    /// The secret: 32 bytes, which are others if the ciphertext is not of this key.
    pub shared_secret: Blob,
    pub encapsulation_algorithm: EncapsulationAlgorithm,
}

/// Returns the permission for an operation on an encapsulating key.
///
/// Doubtful: no condition key for the algorithm is documented, as there is for those of other usages. One form is
/// known.
/// Source: KMS Developer Guide, "AWS KMS condition keys".
fn encapsulation_permission(
    invocation: &Invocation<'_>,
    operation: &str,
    key_id: &str,
    algorithm: &Choice<EncapsulationAlgorithm>,
    tokens: &[String],
) -> Result<Vec<Permission>, ApiError> {
    algorithm.check("encapsulationAlgorithm")?;
    let target = invocation.named_key(key_id, Naming::KeyOrAlias)?;
    Ok(vec![invocation.with_grant_tokens(target.permission(operation), tokens)?])
}

impl Operation for EncapsulateRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let algorithm = &self.encapsulation_algorithm;
        encapsulation_permission(invocation, Self::NAME, &self.key_id, algorithm, &self.grant_tokens)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<EncapsulateResponse, ApiError> {
        let algorithm = self.encapsulation_algorithm.check("encapsulationAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::EncapsulateDecapsulate, Self::NAME)?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        let made = key.current()?.0.pair()?.encapsulate(&mut invocation.world.rng.fork())?;
        Ok(EncapsulateResponse {
            key_id: key.arn(),
            shared_secret: Blob::from(made.secret),
            shared_secret_ciphertext_blob: Blob::new(made.ciphertext),
            encapsulation_algorithm: algorithm,
        })
    }

    // Source: KMS Developer Guide, "Examples of AWS KMS log entries", Encapsulate.
    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "encapsulationAlgorithm": self.encapsulation_algorithm,
            "dryRun": self.dry_run}))
    }
}

impl Operation for DecapsulateRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_blob(&self.shared_secret_ciphertext_blob, "sharedSecretCiphertextBlob", 1, 6144)?;
        let algorithm = &self.encapsulation_algorithm;
        encapsulation_permission(invocation, Self::NAME, &self.key_id, algorithm, &self.grant_tokens)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DecapsulateResponse, ApiError> {
        let algorithm = self.encapsulation_algorithm.check("encapsulationAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::EncapsulateDecapsulate, Self::NAME)?;
        let pair = key.current()?.0.pair()?;
        let secret = pair.decapsulate(self.shared_secret_ciphertext_blob.as_bytes())?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(DecapsulateResponse {
            key_id: key.arn(),
            shared_secret: Blob::from(secret),
            encapsulation_algorithm: algorithm,
        })
    }

    // Source: KMS Developer Guide, "Examples of AWS KMS log entries", Decapsulate: without what was passed.
    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "encapsulationAlgorithm": self.encapsulation_algorithm,
            "dryRun": self.dry_run}))
    }
}
