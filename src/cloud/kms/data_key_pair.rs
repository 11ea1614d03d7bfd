//! A data key pair that is made when somebody looks at it.
//!
//! Finding the primes of an RSA pair takes up to some seconds, and nothing in the world depends on which they are: no key
//! pair stays in KMS. So a call draws what the pair follows from, and whoever reads the response waits for it. Opening a lab
//! again, or asking what others would get, makes none.

use std::fmt;
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::crypto::{CryptoError, DataKeyPairSpec, KeyPair, MaterialId, Sealing};
use crate::cloud::Blob;
use crate::cloud::rng::WorldRng;
use rand::Rng as _;

/// A data key pair, made or not.
pub(super) struct DataKeyPair {
    /// ARN of the key that encrypts the private key.
    pub key_id: String,
    pub spec: DataKeyPairSpec,
    /// The material that encrypts it.
    pub material: MaterialId,
    /// The numbers that the pair is made from.
    rng: WorldRng,
    sealing: Sealing,
    made: OnceLock<Result<Parts, CryptoError>>,
}

/// The parts of a pair as a response has them.
struct Parts {
    /// The private key, encrypted.
    ciphertext: Blob,
    /// The private key: PKCS #8 in DER.
    private: Blob,
    /// The public key: `SubjectPublicKeyInfo` in DER.
    public: Blob,
}

/// A response as the API writes it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response<'a> {
    private_key_ciphertext_blob: &'a Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key_plaintext: Option<&'a Blob>,
    public_key: &'a Blob,
    key_id: &'a str,
    key_pair_spec: DataKeyPairSpec,
    key_material_id: String,
}

impl DataKeyPair {
    /// Draws a pair, its private key to be encrypted under the key of this ARN.
    pub fn draw(
        key_id: String,
        spec: DataKeyPairSpec,
        rng: WorldRng,
        (sealing, material): (Sealing, MaterialId),
    ) -> Self {
        Self { key_id, spec, material, rng, sealing, made: OnceLock::new() }
    }

    fn parts(&self) -> Result<&Parts, &CryptoError> {
        let make = || {
            let pair = KeyPair::generate(self.spec.key_spec(), &mut self.rng.clone())?;
            let private = pair.to_pkcs8()?;
            let ciphertext = Blob::new(self.sealing.seal(&private)?);
            Ok(Parts { ciphertext, private: Blob::from(private), public: Blob::new(pair.public_key_der()?) })
        };
        self.made.get_or_init(make).as_ref()
    }

    /// Writes the response, with the private key in the clear or without. Makes the pair.
    pub fn serialize<S: serde::Serializer>(&self, serializer: S, plaintext: bool) -> Result<S::Ok, S::Error> {
        // The spec is one of a pair, and the lengths are those of keys: there is nothing to fail.
        let parts = self.parts().map_err(serde::ser::Error::custom)?;
        Response {
            private_key_ciphertext_blob: &parts.ciphertext,
            private_key_plaintext: plaintext.then_some(&parts.private),
            public_key: &parts.public,
            key_id: &self.key_id,
            key_pair_spec: self.spec,
            key_material_id: self.material.to_string(),
        }
        .serialize(serializer)
    }

    /// Returns what the pair follows from, without making it. Shows nothing of the private key.
    pub fn draws(&self) -> Value {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        self.rng.clone().fill_bytes(seed.as_mut_slice());
        let hash = Sha256::new_with_prefix(b"kmslab data key pair").chain_update(seed.as_slice());
        let hash = self.sealing.drawn().into_iter().fold(hash, sha2::Digest::chain_update).finalize();
        json!({
            "KeyId": self.key_id,
            "KeyPairSpec": self.spec,
            "KeyMaterialId": self.material.to_string(),
            "Draws": base16ct::lower::encode_string(&hash),
        })
    }

    /// Tells whether the pair was made.
    #[cfg(test)]
    pub fn is_made(&self) -> bool {
        self.made.get().is_some()
    }
}

impl fmt::Debug for DataKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKeyPair").field("spec", &self.spec).finish_non_exhaustive()
    }
}
