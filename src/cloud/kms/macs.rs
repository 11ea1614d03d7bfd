//! Message authentication codes.
//!
//! Source: KMS API Reference, `GenerateMac`, `VerifyMac`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::crypto::{KeyUsage, MacAlgorithm};
use super::errors;
use super::input::{Choice, check_blob};
use super::key::Key;
use super::names::Naming;
use super::records::logged;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation, Operation};

/// The request of `GenerateMac`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GenerateMacRequest {
    /// 1 to 4096 bytes.
    pub message: Blob,
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// The only algorithm of the key.
    pub mac_algorithm: Choice<MacAlgorithm>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `GenerateMac`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateMacResponse {
    pub mac: Blob,
    pub mac_algorithm: MacAlgorithm,
    pub key_id: String,
}

/// The request of `VerifyMac`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VerifyMacRequest {
    /// 1 to 4096 bytes.
    pub message: Blob,
    /// Key id, key ARN, alias name or alias ARN.
    pub key_id: String,
    /// The only algorithm of the key.
    pub mac_algorithm: Choice<MacAlgorithm>,
    pub mac: Blob,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `VerifyMac`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VerifyMacResponse {
    pub key_id: String,
    /// Always true: a wrong code is an error.
    pub mac_valid: bool,
    pub mac_algorithm: MacAlgorithm,
}

fn mac_permission(
    invocation: &Invocation<'_>,
    operation: &str,
    key_id: &str,
    message: &Blob,
    algorithm: &Choice<MacAlgorithm>,
    tokens: &[String],
) -> Result<Vec<Permission>, ApiError> {
    check_blob(message, "message", 1, 4096)?;
    let algorithm = algorithm.check("macAlgorithm")?;
    let target = invocation.named_key(key_id, Naming::KeyOrAlias)?;
    let permission = target.permission(operation).with_key("kms:MacAlgorithm", algorithm.as_str());
    Ok(vec![invocation.with_grant_tokens(permission, tokens)?])
}

fn check_mac(key: &Key, algorithm: MacAlgorithm) -> Result<(), ApiError> {
    if key.spec.mac_algorithm() == Some(algorithm) {
        return Ok(());
    }
    Err(errors::incompatible(algorithm, key.spec))
}

impl Operation for GenerateMacRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        mac_permission(
            invocation,
            Self::NAME,
            &self.key_id,
            &self.message,
            &self.mac_algorithm,
            &self.grant_tokens,
        )
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GenerateMacResponse, ApiError> {
        let algorithm = self.mac_algorithm.check("macAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::GenerateVerifyMac, Self::NAME)?;
        check_mac(&key, algorithm)?;
        let mac = key.current()?.0.generate_mac(self.message.as_bytes())?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(GenerateMacResponse { mac: Blob::new(mac), mac_algorithm: algorithm, key_id: key.arn() })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "macAlgorithm": self.mac_algorithm, "dryRun": self.dry_run}))
    }
}

impl Operation for VerifyMacRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_blob(&self.mac, "mac", 1, 6144)?;
        mac_permission(
            invocation,
            Self::NAME,
            &self.key_id,
            &self.message,
            &self.mac_algorithm,
            &self.grant_tokens,
        )
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<VerifyMacResponse, ApiError> {
        let algorithm = self.mac_algorithm.check("macAlgorithm")?;
        let key = invocation.usable_key(&self.key_id, KeyUsage::GenerateVerifyMac, Self::NAME)?;
        check_mac(&key, algorithm)?;
        let verified = key.current()?.0.verify_mac(self.message.as_bytes(), self.mac.as_bytes());
        verified.map_err(|_| ApiError::new("KMSInvalidMacException", ""))?;
        invocation.finish_use(&key, Self::NAME, self.dry_run)?;
        Ok(VerifyMacResponse { key_id: key.arn(), mac_valid: true, mac_algorithm: algorithm })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged(json!({"keyId": self.key_id, "macAlgorithm": self.mac_algorithm, "dryRun": self.dry_run}))
    }
}
