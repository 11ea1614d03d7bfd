//! The errors of KMS in AWS's words.
//!
//! Source of codes: KMS API Reference, "Errors" of each operation. Texts are those the service returns, as recorded
//! by public test suites, unless a function says it is doubtful.

use std::fmt::Display;

use super::crypto::{CryptoError, KeyUsage};
use crate::cloud::ApiError;

/// Returns the error for a key that does not exist in the account and Region of its ARN.
pub fn no_such_key(arn: impl Display) -> ApiError {
    ApiError::new("NotFoundException", format!("Key '{arn}' does not exist"))
}

/// Returns the error for a text that names no key in any of the legal ways.
pub fn invalid_key_id(text: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("Invalid keyId '{text}'"))
}

/// Returns the error for an ARN of another Region.
pub fn wrong_region(region: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("Invalid arn {region}"))
}

/// Returns the error for a text that begins like an ARN and is none of KMS.
///
/// Doubtful: the text. One form is known.
/// Source: KMS API Reference, DescribeKey, `InvalidArnException`.
pub fn invalid_arn(text: &str) -> ApiError {
    ApiError::new("InvalidArnException", format!("Invalid arn {text}"))
}

/// Returns the error for an alias where only a key's id or ARN is taken.
/// Source: refusals of GetKeyPolicy in public logs of 2026, and of CreateGrant, as Lambda passes it on.
pub fn aliases_not_taken() -> ApiError {
    ApiError::new("InvalidArnException", "Key Aliases are not supported for this operation.")
}

/// Returns the error for an alias that does not exist.
pub fn no_such_alias(arn: impl Display) -> ApiError {
    ApiError::new("NotFoundException", format!("Alias {arn} is not found."))
}

/// Returns the error for a key that is disabled.
pub fn disabled(arn: impl Display) -> ApiError {
    ApiError::new("DisabledException", format!("{arn} is disabled."))
}

/// Returns the error for a key in a state, such as `pending deletion`, that does not allow the operation.
pub fn invalid_state(arn: impl Display, state: &str) -> ApiError {
    ApiError::new("KMSInvalidStateException", format!("{arn} is {state}."))
}

/// Returns the error for a key whose usage does not fit the operation.
pub fn invalid_usage(arn: impl Display, usage: KeyUsage, operation: &str) -> ApiError {
    let text = format!("{arn} key usage is {usage} which is not valid for {operation}.");
    ApiError::new("InvalidKeyUsageException", text)
}

/// Returns the error for an algorithm that does not fit the kind of key.
pub fn incompatible(algorithm: impl Display, spec: impl Display) -> ApiError {
    let text = format!("Algorithm {algorithm} is incompatible with key spec {spec}.");
    ApiError::new("InvalidKeyUsageException", text)
}

/// Returns the error for key material whose origin does not fit the operation.
pub fn invalid_origin(arn: impl Display, origin: impl Display) -> ApiError {
    unsupported(format!("{arn} origin is {origin} which is not valid for this operation."))
}

/// Returns the error for an operation that does not exist for this key; the text may be empty.
pub fn unsupported(text: impl Into<String>) -> ApiError {
    ApiError::new("UnsupportedOperationException", text)
}

/// Returns the error for a ciphertext that cannot be opened. AWS gives no message, so as not to say why.
pub fn invalid_ciphertext() -> ApiError {
    ApiError::new("InvalidCiphertextException", "")
}

/// Returns the error for a ciphertext that was made under another key than the one named.
pub fn incorrect_key() -> ApiError {
    let text = "The key ID in the request does not identify a CMK that can perform this operation.";
    ApiError::new("IncorrectKeyException", text)
}

/// Returns the error of a dry run that would have worked.
pub fn dry_run() -> ApiError {
    let text = "The request would have succeeded, but the DryRun option is set.";
    ApiError::new("DryRunOperationException", text)
}

/// Returns the error for a quota that is used up.
pub fn limit_exceeded(text: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", text)
}

/// Returns the error for tags that cannot be set.
pub fn bad_tags(text: &str) -> ApiError {
    ApiError::new("TagException", text)
}

/// Returns the error for a text that was never a grant token, or whose grant has ended.
///
/// Doubtful: the text. One form is known.
/// Source: KMS API Reference, Decrypt, `InvalidGrantTokenException`.
pub fn invalid_grant_token() -> ApiError {
    ApiError::new("InvalidGrantTokenException", "The grant token is invalid.")
}

/// Returns the error for a marker that no earlier call returned.
///
/// Doubtful: the text. One form is known.
/// Source: KMS API Reference, ListKeys, `InvalidMarkerException`.
pub fn invalid_marker() -> ApiError {
    ApiError::new("InvalidMarkerException", "The marker is invalid.")
}

/// Gives a failure of the cryptography the meaning that it has for a caller who passed every earlier check.
impl From<CryptoError> for ApiError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::InvalidCiphertext => invalid_ciphertext(),
            CryptoError::InvalidSignature => Self::new("KMSInvalidSignatureException", ""),
            CryptoError::InvalidPublicKey => Self::validation(""),
            // Both are caught before; a bug that lets one through must not look like the caller's fault.
            CryptoError::DigestLength | CryptoError::WrongMaterial => {
                Self::new("KMSInternalException", error.to_string()).with_status(500)
            }
        }
    }
}
