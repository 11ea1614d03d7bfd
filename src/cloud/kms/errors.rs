//! The errors of KMS in AWS's words.
//!
//! Source of codes: KMS API Reference, "Errors" of each operation. Texts are those the service returns, as recorded
//! by public test suites, unless a function says it is doubtful.

use std::fmt::Display;

use super::crypto::{CryptoError, KeyUsage};
use crate::cloud::ApiError;

/// The key does not exist in the account and Region of its ARN.
pub fn no_such_key(arn: impl Display) -> ApiError {
    ApiError::new("NotFoundException", format!("Key '{arn}' does not exist"))
}

/// The text names no key in any of the legal ways.
pub fn invalid_key_id(text: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("Invalid keyId '{text}'"))
}

/// The ARN is one of another Region.
pub fn wrong_region(region: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("Invalid arn {region}"))
}

/// The text begins like an ARN and is none of KMS. Doubtful: no recorded text is known.
pub fn invalid_arn(text: &str) -> ApiError {
    ApiError::new("InvalidArnException", format!("Invalid arn {text}"))
}

/// The alias does not exist.
pub fn no_such_alias(arn: impl Display) -> ApiError {
    ApiError::new("NotFoundException", format!("Alias {arn} is not found."))
}

/// The key is disabled.
pub fn disabled(arn: impl Display) -> ApiError {
    ApiError::new("DisabledException", format!("{arn} is disabled."))
}

/// The key is in a state, such as `pending deletion`, that does not allow the operation.
pub fn invalid_state(arn: impl Display, state: &str) -> ApiError {
    ApiError::new("KMSInvalidStateException", format!("{arn} is {state}."))
}

/// The key's usage does not fit the operation.
pub fn invalid_usage(arn: impl Display, usage: KeyUsage, operation: &str) -> ApiError {
    let text = format!("{arn} key usage is {usage} which is not valid for {operation}.");
    ApiError::new("InvalidKeyUsageException", text)
}

/// The algorithm does not fit the kind of key.
pub fn incompatible(algorithm: impl Display, spec: impl Display) -> ApiError {
    let text = format!("Algorithm {algorithm} is incompatible with key spec {spec}.");
    ApiError::new("InvalidKeyUsageException", text)
}

/// The origin of the key's material does not fit the operation.
pub fn invalid_origin(arn: impl Display, origin: impl Display) -> ApiError {
    unsupported(format!("{arn} origin is {origin} which is not valid for this operation."))
}

/// The operation does not exist for this key; the text may be empty.
pub fn unsupported(text: impl Into<String>) -> ApiError {
    ApiError::new("UnsupportedOperationException", text)
}

/// The ciphertext cannot be opened. AWS gives no message, so as not to say why.
pub fn invalid_ciphertext() -> ApiError {
    ApiError::new("InvalidCiphertextException", "")
}

/// The ciphertext was made under another key than the one named.
pub fn incorrect_key() -> ApiError {
    let text = "The key ID in the request does not identify a CMK that can perform this operation.";
    ApiError::new("IncorrectKeyException", text)
}

/// Everything would have worked.
pub fn dry_run() -> ApiError {
    let text = "The request would have succeeded, but the DryRun option is set.";
    ApiError::new("DryRunOperationException", text)
}

/// The policy cannot be saved.
pub fn malformed_policy(text: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocumentException", text)
}

/// A quota is used up.
pub fn limit_exceeded(text: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", text)
}

/// Tags that cannot be set.
pub fn bad_tags(text: &str) -> ApiError {
    ApiError::new("TagException", text)
}

/// The text was never a grant token, or its grant has ended. Doubtful: no recorded text is known.
pub fn invalid_grant_token() -> ApiError {
    ApiError::new("InvalidGrantTokenException", "The grant token is invalid.")
}

/// The marker was not returned by an earlier call. Doubtful: no recorded text is known.
pub fn invalid_marker() -> ApiError {
    ApiError::new("InvalidMarkerException", "The marker is invalid.")
}

/// What a failure of the cryptography means to a caller who passed every earlier check.
impl From<CryptoError> for ApiError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::InvalidCiphertext => invalid_ciphertext(),
            CryptoError::InvalidSignature => Self::new("KMSInvalidSignatureException", ""),
            CryptoError::InvalidPublicKey => Self::validation("The public key is not valid."),
            // Both are caught before; a bug that lets one through must not look like the caller's fault.
            CryptoError::DigestLength | CryptoError::WrongMaterial => {
                Self::new("KMSInternalException", error.to_string()).with_status(500)
            }
        }
    }
}
