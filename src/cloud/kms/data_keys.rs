//! Data keys, data key pairs and random bytes.
//!
//! Source: KMS API Reference, `GenerateDataKey`, `GenerateDataKeyPair`, their sisters without plaintext, and
//! `GenerateRandom`.

use std::sync::Arc;

use rand::Rng as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;
use zeroize::Zeroizing;

use super::crypto::{DataKeyPairSpec, DataKeySpec, EncryptionAlgorithm, EncryptionContext};
use super::data_key_pair::DataKeyPair;
use super::input::{Choice, check_choice, check_number};
use super::names::Naming;
use super::records::logged;
use super::{Output, errors};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation, Operation};

/// Writes the request of `GenerateDataKey` or `GenerateDataKeyWithoutPlaintext`, which are the same.
macro_rules! data_key_request {
    ($(#[$doc:meta])* $request:ident) => {
        $(#[$doc])*
        ///
        /// Asks for a data key, encrypted under a symmetric key.
        #[skip_serializing_none]
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            /// A symmetric key: key id, key ARN, alias name or alias ARN.
            pub key_id: String,
            /// Bound to the encrypted data key.
            #[serde(default, skip_serializing_if = "EncryptionContext::is_empty")]
            pub encryption_context: EncryptionContext,
            /// 1 to 1024; either this or `KeySpec`.
            pub number_of_bytes: Option<i64>,
            /// Either this or `NumberOfBytes`.
            pub key_spec: Option<Choice<DataKeySpec>>,
            /// Tokens of grants that are not known everywhere yet.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub grant_tokens: Vec<String>,
            /// Only finds out whether it would work.
            pub dry_run: Option<bool>,
        }

        impl $request {
            fn permissions(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
                length(self.number_of_bytes, self.key_spec.as_ref())?;
                let target = invocation.named_key(&self.key_id, Naming::KeyOrAlias)?;
                let (tokens, context) = (&self.grant_tokens, &self.encryption_context);
                let algorithm = EncryptionAlgorithm::SymmetricDefault;
                Ok(vec![invocation.encryption_permission(Self::NAME, &target, tokens, context, algorithm)?])
            }

            fn generate(self, invocation: &mut Invocation<'_>) -> Result<GenerateDataKeyResponse, ApiError> {
                let key = invocation.symmetric_key(&self.key_id, Self::NAME)?;
                let mut plaintext = Zeroizing::new(vec![0; length(self.number_of_bytes, self.key_spec.as_ref())?]);
                invocation.world.rng.fill_bytes(&mut plaintext);
                let (ciphertext_blob, material) =
                    invocation.seal_with(&key, &self.encryption_context, &plaintext)?;
                invocation.finish_use(&key, Self::NAME, self.dry_run)?;
                Ok(GenerateDataKeyResponse {
                    ciphertext_blob,
                    plaintext: Blob::from(plaintext),
                    key_id: key.arn(),
                    key_material_id: material.to_string(),
                })
            }

            fn parameters(&self) -> Value {
                logged(json!({
                    "keyId": self.key_id,
                    "encryptionContext": self.encryption_context,
                    "numberOfBytes": self.number_of_bytes,
                    "keySpec": self.key_spec,
                    "dryRun": self.dry_run,
                }))
            }
        }
    };
}

data_key_request! {
    /// The request of `GenerateDataKey`.
    GenerateDataKeyRequest
}
data_key_request! {
    /// The request of `GenerateDataKeyWithoutPlaintext`.
    GenerateDataKeyWithoutPlaintextRequest
}

/// Returns the length of the data key that a request asks for.
fn length(bytes: Option<i64>, spec: Option<&Choice<DataKeySpec>>) -> Result<usize, ApiError> {
    match (bytes, check_choice(spec, "keySpec")?) {
        (None, Some(spec)) => Ok(spec.byte_len()),
        (Some(bytes), None) => {
            check_number(bytes, "numberOfBytes", 1, 1024)?;
            usize::try_from(bytes).map_err(|_| ApiError::validation("NumberOfBytes is out of range."))
        }
        _ => Err(ApiError::validation("Please specify either number of bytes or key spec.")),
    }
}

/// The response of `GenerateDataKey`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyResponse {
    /// The data key, encrypted.
    pub ciphertext_blob: Blob,
    pub plaintext: Blob,
    /// ARN of the key that encrypted it.
    pub key_id: String,
    /// The material that encrypted it.
    pub key_material_id: String,
}

/// The response of `GenerateDataKeyWithoutPlaintext`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyWithoutPlaintextResponse {
    /// The data key, encrypted.
    pub ciphertext_blob: Blob,
    /// ARN of the key that encrypted it.
    pub key_id: String,
    /// The material that encrypted it.
    pub key_material_id: String,
}

impl Operation for GenerateDataKeyRequest {
    const READ_ONLY: bool = true;

    fn prepare(&self, invocation: &mut Invocation<'_>) -> Result<(), ApiError> {
        invocation.make_managed_key(&self.key_id)
    }

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.permissions(invocation)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GenerateDataKeyResponse, ApiError> {
        self.generate(invocation)
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        self.parameters()
    }
}

impl Operation for GenerateDataKeyWithoutPlaintextRequest {
    const READ_ONLY: bool = true;

    fn prepare(&self, invocation: &mut Invocation<'_>) -> Result<(), ApiError> {
        invocation.make_managed_key(&self.key_id)
    }

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.permissions(invocation)
    }

    fn execute(
        self,
        invocation: &mut Invocation<'_>,
    ) -> Result<GenerateDataKeyWithoutPlaintextResponse, ApiError> {
        let GenerateDataKeyResponse { ciphertext_blob, key_id, key_material_id, .. } =
            self.generate(invocation)?;
        Ok(GenerateDataKeyWithoutPlaintextResponse { ciphertext_blob, key_id, key_material_id })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        self.parameters()
    }
}

/// Writes the request of `GenerateDataKeyPair` or `GenerateDataKeyPairWithoutPlaintext`, which are the same.
macro_rules! data_key_pair_request {
    ($(#[$doc:meta])* $request:ident) => {
        $(#[$doc])*
        ///
        /// Asks for a data key pair, its private key encrypted under a symmetric key.
        #[skip_serializing_none]
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            /// Bound to the encrypted private key.
            #[serde(default, skip_serializing_if = "EncryptionContext::is_empty")]
            pub encryption_context: EncryptionContext,
            /// A symmetric key: key id, key ARN, alias name or alias ARN.
            pub key_id: String,
            /// The kind of pair.
            pub key_pair_spec: Choice<DataKeyPairSpec>,
            /// Tokens of grants that are not known everywhere yet.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub grant_tokens: Vec<String>,
            /// Only finds out whether it would work.
            pub dry_run: Option<bool>,
        }

        impl $request {
            fn permissions(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
                let spec = self.key_pair_spec.check("keyPairSpec")?;
                let target = invocation.named_key(&self.key_id, Naming::KeyOrAlias)?;
                let (tokens, context) = (&self.grant_tokens, &self.encryption_context);
                let algorithm = EncryptionAlgorithm::SymmetricDefault;
                let permission = invocation.encryption_permission(Self::NAME, &target, tokens, context, algorithm)?;
                Ok(vec![permission.with_key("kms:DataKeyPairSpec", spec.as_str())])
            }

            fn generate(
                self,
                invocation: &mut Invocation<'_>,
            ) -> Result<GenerateDataKeyPairResponse, ApiError> {
                let spec = self.key_pair_spec.check("keyPairSpec")?;
                let key = invocation.symmetric_key(&self.key_id, Self::NAME)?;
                if self.dry_run == Some(true) {
                    return Err(errors::dry_run());
                }
                let rng = invocation.world.rng.fork();
                let sealing = invocation.sealing(&key, &self.encryption_context)?;
                invocation.finish_use(&key, Self::NAME, self.dry_run)?;
                Ok(GenerateDataKeyPairResponse(Arc::new(DataKeyPair::draw(key.arn(), spec, rng, sealing))))
            }

            fn parameters(&self) -> Value {
                logged(json!({
                    "keyId": self.key_id,
                    "encryptionContext": self.encryption_context,
                    "keyPairSpec": self.key_pair_spec,
                    "dryRun": self.dry_run,
                }))
            }
        }
    };
}

data_key_pair_request! {
    /// The request of `GenerateDataKeyPair`.
    GenerateDataKeyPairRequest
}
data_key_pair_request! {
    /// The request of `GenerateDataKeyPairWithoutPlaintext`.
    GenerateDataKeyPairWithoutPlaintextRequest
}

/// The response of `GenerateDataKeyPair`. The pair is made when the response is written.
#[derive(Clone, Debug)]
pub struct GenerateDataKeyPairResponse(Arc<DataKeyPair>);

impl Serialize for GenerateDataKeyPairResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer, true)
    }
}

/// The response of `GenerateDataKeyPairWithoutPlaintext`. The pair is made when the response is written.
#[derive(Clone, Debug)]
pub struct GenerateDataKeyPairWithoutPlaintextResponse(Arc<DataKeyPair>);

impl Serialize for GenerateDataKeyPairWithoutPlaintextResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer, false)
    }
}

impl Output {
    /// Returns what a response follows from, where working it out takes long; `None` for one that is there.
    pub fn draws(&self) -> Option<Value> {
        if let Self::GenerateDataKeyPair(made) = self {
            return Some(made.0.draws());
        }
        if let Self::GenerateDataKeyPairWithoutPlaintext(made) = self { Some(made.0.draws()) } else { None }
    }
}

impl Operation for GenerateDataKeyPairRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.permissions(invocation)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GenerateDataKeyPairResponse, ApiError> {
        self.generate(invocation)
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        self.parameters()
    }
}

impl Operation for GenerateDataKeyPairWithoutPlaintextRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.permissions(invocation)
    }

    fn execute(
        self,
        invocation: &mut Invocation<'_>,
    ) -> Result<GenerateDataKeyPairWithoutPlaintextResponse, ApiError> {
        let GenerateDataKeyPairResponse(pair) = self.generate(invocation)?;
        Ok(GenerateDataKeyPairWithoutPlaintextResponse(pair))
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        self.parameters()
    }
}

/// The request of `GenerateRandom`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct GenerateRandomRequest {
    /// A number from 1 to 1024.
    pub number_of_bytes: Option<i64>,
    /// A custom key store. None are simulated, so none is ever found.
    pub custom_key_store_id: Option<String>,
}

/// The response of `GenerateRandom`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateRandomResponse {
    pub plaintext: Blob,
}

impl Operation for GenerateRandomRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        if let Some(bytes) = self.number_of_bytes {
            check_number(bytes, "numberOfBytes", 1, 1024)?;
        }
        Ok(vec![Permission::new("kms:GenerateRandom", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GenerateRandomResponse, ApiError> {
        if let Some(store) = &self.custom_key_store_id {
            return Err(ApiError::new(
                "CustomKeyStoreNotFoundException",
                format!("'{store}' does not exist"),
            ));
        }
        let bytes = self.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| ApiError::validation("NumberOfBytes is required."))?;
        let mut plaintext = Zeroizing::new(vec![0; bytes]);
        invocation.world.rng.fill_bytes(&mut plaintext);
        Ok(GenerateRandomResponse { plaintext: Blob::from(plaintext) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::{Caller, Fidelity, World};

    #[test]
    fn a_pair_is_made_when_the_response_is_written_and_only_then() {
        let account = "111122223333".parse().expect("an account");
        let mut world = World::new(7, jiff::Timestamp::UNIX_EPOCH, Fidelity::instant());
        world.add_account(account, "home");
        let root = Caller::Root("111122223333".parse().expect("an account"));
        let call = |operation: &str, input: Value| {
            crate::cloud::Call::decode("kms", operation, input).expect("it is one")
        };
        let key = world.call(&root, call("CreateKey", json!({}))).result.expect("made").to_json();
        let ask = json!({"KeyId": key["KeyMetadata"]["KeyId"], "KeyPairSpec": "RSA_2048"});
        let mut twin = world.clone();
        let made = world.call(&root, call("GenerateDataKeyPair", ask.clone())).result.expect("made");
        let crate::cloud::Output::Kms(Output::GenerateDataKeyPair(pair)) = &made else { panic!("{made:?}") };
        let draws = pair.0.draws();
        assert!(!pair.0.is_made(), "neither the call nor its note makes it");
        let response = made.to_json();
        assert!(
            pair.0.is_made() && response["PrivateKeyPlaintext"].as_str().is_some_and(|key| key.len() > 1000)
        );
        assert_eq!(response, made.to_json(), "it is made once");
        assert_eq!(pair.0.draws(), draws);
        let again = twin.call(&root, call("GenerateDataKeyPair", ask.clone())).result.expect("made");
        assert_eq!(again.draws(), made.draws());
        assert_eq!(again.to_json(), response, "the same draws are the same pair");
        let next = twin.call(&root, call("GenerateDataKeyPair", ask)).result.expect("made");
        assert_ne!(next.draws(), made.draws());
    }
}
