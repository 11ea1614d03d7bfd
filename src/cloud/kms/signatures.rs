//! Sign, Verify, the public key, and shared secrets.
//!
//! Source: KMS API Reference, `Sign`, `Verify`, `GetPublicKey`, `DeriveSharedSecret`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::crypto::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MessageType,
    Origin, SignedMessage, SigningAlgorithm,
};
use super::errors;
use super::input::{Choice, check_blob, check_choice};
use super::key::{Key, Needs};
use super::names::Naming;
use super::records::logged;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation, Operation};

/// The request of `Sign`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SignRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// 1 to 4096 bytes.
    pub message: Blob,
    /// `RAW` unless the request says otherwise.
    pub message_type: Option<Choice<MessageType>>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    pub signing_algorithm: Choice<SigningAlgorithm>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `Sign`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SignResponse {
    pub key_id: String,
    /// The signature; DER for ECDSA.
    pub signature: Blob,
    pub signing_algorithm: SigningAlgorithm,
}

/// The request of `Verify`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VerifyRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// 1 to 4096 bytes.
    pub message: Blob,
    /// `RAW` unless the request says otherwise.
    pub message_type: Option<Choice<MessageType>>,
    pub signature: Blob,
    pub signing_algorithm: Choice<SigningAlgorithm>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `Verify`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VerifyResponse {
    pub key_id: String,
    /// Always true: a wrong signature is an error.
    pub signature_valid: bool,
    pub signing_algorithm: SigningAlgorithm,
}

/// Returns the permission to sign or verify.
fn signature_permission(
    invocation: &Invocation<'_>,
    operation: &str,
    key_id: &str,
    message: &Blob,
    kind: Option<&Choice<MessageType>>,
    algorithm: &Choice<SigningAlgorithm>,
    tokens: &[String],
) -> Result<Vec<Permission>, ApiError> {
    check_blob(message, "message", 1, 4096)?;
    let kind = check_choice(kind, "messageType")?.unwrap_or(MessageType::Raw);
    let algorithm = algorithm.check("signingAlgorithm")?;
    let target = invocation.named_key(key_id, Naming::KeyOrAlias)?;
    let permission = target
        .permission(operation)
        .with_key("kms:SigningAlgorithm", algorithm.as_str())
        .with_key("kms:MessageType", kind.as_str());
    Ok(vec![invocation.with_grant_tokens(permission, tokens)?])
}

/// Returns the message to sign, if key and algorithm take it.
fn signed<'a>(
    key: &Key,
    algorithm: SigningAlgorithm,
    message: &'a Blob,
    kind: Option<&Choice<MessageType>>,
) -> Result<SignedMessage<'a>, ApiError> {
    if !key.spec.signing_algorithms().contains(&algorithm) {
        return Err(errors::incompatible(algorithm, key.spec));
    }
    let kind = check_choice(kind, "messageType")?.unwrap_or(MessageType::Raw);
    if !algorithm.message_types().contains(&kind) {
        // Source: floci-io/floci, issue 3025 and the tests of KMS: ML-DSA, whose keys have one algorithm, is named by the key, the others by the algorithm.
        let against = if algorithm == SigningAlgorithm::MlDsaShake256 {
            format!("key spec {}", key.spec)
        } else {
            format!("algorithm {algorithm}")
        };
        return Err(ApiError::validation(format!("Message type {kind} is incompatible with {against}.")));
    }
    let wanted = match kind {
        MessageType::Raw => None,
        MessageType::Digest => algorithm.digest_len(),
        MessageType::ExternalMu => Some(64),
    };
    if wanted.is_some_and(|len| message.as_bytes().len() != len) {
        return Err(ApiError::validation(format!("Digest is invalid length for algorithm {algorithm}.")));
    }
    Ok(SignedMessage { kind, bytes: message.as_bytes() })
}

impl Operation for SignRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let (kind, algorithm) = (self.message_type.as_ref(), &self.signing_algorithm);
        signature_permission(
            invocation,
            Self::NAME,
            &self.key_id,
            &self.message,
            kind,
            algorithm,
            &self.grant_tokens,
        )
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<SignResponse, ApiError> {
        let algorithm = self.signing_algorithm.check("signingAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::SignVerify, Self::NAME)?;
        let message = signed(&key, algorithm, &self.message, self.message_type.as_ref())?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        let pair = key.current()?.0.pair()?;
        let signature = pair.sign(algorithm, message, &mut invocation.world.rng.fork())?;
        Ok(SignResponse { key_id: key.arn(), signature: Blob::new(signature), signing_algorithm: algorithm })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "messageType": self.message_type,
            "signingAlgorithm": self.signing_algorithm, "dryRun": self.dry_run}))
    }
}

impl Operation for VerifyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_blob(&self.signature, "signature", 1, 6144)?;
        let (kind, algorithm) = (self.message_type.as_ref(), &self.signing_algorithm);
        signature_permission(
            invocation,
            Self::NAME,
            &self.key_id,
            &self.message,
            kind,
            algorithm,
            &self.grant_tokens,
        )
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<VerifyResponse, ApiError> {
        let algorithm = self.signing_algorithm.check("signingAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::SignVerify, Self::NAME)?;
        let message = signed(&key, algorithm, &self.message, self.message_type.as_ref())?;
        let pair = key.current()?.0.pair()?;
        pair.verify(algorithm, message, self.signature.as_bytes())?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(VerifyResponse { key_id: key.arn(), signature_valid: true, signing_algorithm: algorithm })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "messageType": self.message_type,
            "signingAlgorithm": self.signing_algorithm, "dryRun": self.dry_run}))
    }
}

/// The request of `GetPublicKey`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetPublicKeyRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
}

/// The response of `GetPublicKey`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetPublicKeyResponse {
    pub key_id: String,
    /// The public key: `SubjectPublicKeyInfo` in DER.
    pub public_key: Blob,
    /// The old name of `KeySpec`.
    pub customer_master_key_spec: KeySpec,
    pub key_spec: KeySpec,
    pub key_usage: KeyUsage,
    pub encryption_algorithms: Option<&'static [EncryptionAlgorithm]>,
    pub signing_algorithms: Option<&'static [SigningAlgorithm]>,
    pub key_agreement_algorithms: Option<&'static [KeyAgreementAlgorithm]>,
    pub encapsulation_algorithms: Option<&'static [EncapsulationAlgorithm]>,
}

impl Operation for GetPublicKeyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let target = invocation.named_key(&self.key_id, Naming::Metadata)?;
        Ok(vec![invocation.with_grant_tokens(target.permission(Self::NAME), &self.grant_tokens)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetPublicKeyResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::Metadata)?;
        if !key.spec.is_asymmetric() {
            // Doubtful: the text. One form is known.
            // Source: KMS API Reference, GetPublicKey, `UnsupportedOperationException`.
            let text = format!("{} key spec {} has no public key.", key.arn(), key.spec);
            return Err(errors::unsupported(text));
        }
        // Doubtful: of a disabled key.
        // Source: KMS Developer Guide, "Key states of AWS KMS keys", which refuses it; floci-io/floci, pull request 3968,
        // measured on AWS, where it is answered.
        // Switch: `disabled_public_keys`.
        let disabled = invocation.world.fidelity.disabled_public_keys;
        key.require(if disabled { Needs::Material } else { Needs::Enabled })?;
        let public_key = key.current()?.0.pair().and_then(super::crypto::KeyPair::public_key_der);
        let usage = |usage| key.usage == usage;
        Ok(GetPublicKeyResponse {
            key_id: key.arn(),
            public_key: Blob::new(public_key?),
            customer_master_key_spec: key.spec,
            key_spec: key.spec,
            key_usage: key.usage,
            encryption_algorithms: usage(KeyUsage::EncryptDecrypt).then(|| key.spec.encryption_algorithms()),
            signing_algorithms: usage(KeyUsage::SignVerify).then(|| key.spec.signing_algorithms()),
            key_agreement_algorithms: usage(KeyUsage::KeyAgreement).then_some(KeyAgreementAlgorithm::ALL),
            encapsulation_algorithms: usage(KeyUsage::EncapsulateDecapsulate)
                .then_some(EncapsulationAlgorithm::ALL),
        })
    }
}

/// The request of `DeriveSharedSecret`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeriveSharedSecretRequest {
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    pub key_agreement_algorithm: Choice<KeyAgreementAlgorithm>,
    /// The other side's public key: `SubjectPublicKeyInfo` in DER.
    pub public_key: Blob,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `DeriveSharedSecret`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeriveSharedSecretResponse {
    pub key_id: String,
    pub shared_secret: Blob,
    pub key_agreement_algorithm: KeyAgreementAlgorithm,
    pub key_origin: Origin,
}

impl Operation for DeriveSharedSecretRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_blob(&self.public_key, "publicKey", 1, 8192)?;
        let algorithm = self.key_agreement_algorithm.check("keyAgreementAlgorithm")?;
        let target = invocation.named_key(&self.key_id, Naming::KeyOrAlias)?;
        let permission =
            target.permission(Self::NAME).with_key("kms:KeyAgreementAlgorithm", algorithm.as_str());
        Ok(vec![invocation.with_grant_tokens(permission, &self.grant_tokens)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DeriveSharedSecretResponse, ApiError> {
        let algorithm = self.key_agreement_algorithm.check("keyAgreementAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::KeyAgreement, Self::NAME)?;
        let pair = key.current()?.0.pair()?;
        let secret = pair.derive_shared_secret(self.public_key.as_bytes())?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(DeriveSharedSecretResponse {
            key_id: key.arn(),
            shared_secret: Blob::from(secret),
            key_agreement_algorithm: algorithm,
            key_origin: key.origin,
        })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "keyAgreementAlgorithm": self.key_agreement_algorithm,
            "publicKey": self.public_key, "dryRun": self.dry_run}))
    }
}
