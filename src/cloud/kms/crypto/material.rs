//! Key material: the secret of one KMS key at one time.
//!
//! It is wiped when dropped and shows itself in no debug output; nothing serialises it.

use std::fmt;
use std::sync::OnceLock;

use rand::rngs::ChaCha20Rng;
use rand::{CryptoRng, SeedableRng as _};
use sha2::{Digest as _, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{CryptoError, KeyPair, KeySpec, MacAlgorithm, mac};
use crate::cloud::secrets::wiped;

/// Names one piece of key material of one key; not secret. Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialId(pub(super) [u8; 32]);

impl MaterialId {
    /// Returns the beginning of the id, by which a ciphertext names the material.
    pub fn short(&self) -> [u8; 8] {
        let mut short = [0; 8];
        short.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        short
    }
}

impl fmt::Display for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 64];
        f.write_str(base16ct::lower::encode_str(&self.0, &mut digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The secret of one KMS key. Wiped on drop; its debug output shows nothing of it.
pub struct KeyMaterial(Secret);

enum Secret {
    Symmetric(Zeroizing<[u8; 32]>),
    /// An HMAC key with the only algorithm it is for.
    Mac(MacAlgorithm, Zeroizing<Vec<u8>>),
    /// A pair that is worked out from its seed when first needed, because finding RSA primes takes seconds.
    SeededPair(KeySpec, Zeroizing<[u8; 32]>, OnceLock<KeyPair>),
    /// A pair brought by the customer.
    ImportedPair(KeyPair),
}

impl ZeroizeOnDrop for KeyMaterial {}

/// Each part of it is wiped, or this does not compile.
const _: fn(&KeyMaterial) = |material| match &material.0 {
    Secret::Symmetric(key) => wiped(key),
    Secret::Mac(_, key) => wiped(key),
    Secret::SeededPair(_, seed, pair) => {
        wiped(seed);
        if let Some(pair) = pair.get() {
            wiped(pair);
        }
    }
    Secret::ImportedPair(pair) => wiped(pair),
};

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyMaterial(<redacted>)")
    }
}

impl KeyMaterial {
    /// Makes new material for a key of this kind.
    pub fn generate(spec: KeySpec, rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        Self(match (spec, spec.mac_algorithm()) {
            (_, Some(algorithm)) => {
                let mut key = Zeroizing::new(vec![0; hmac_key_lengths(algorithm).0]);
                rng.fill_bytes(&mut key);
                Secret::Mac(algorithm, key)
            }
            (KeySpec::SymmetricDefault, None) => {
                rng.fill_bytes(seed.as_mut());
                Secret::Symmetric(seed)
            }
            (pair, None) => {
                rng.fill_bytes(seed.as_mut());
                Secret::SeededPair(pair, seed, OnceLock::new())
            }
        })
    }

    /// Takes over imported key material: 32 bytes for a symmetric key, as many as the algorithm asks for an HMAC
    /// key, PKCS #8 in DER for a key pair. Wiping the slice given is the caller's part.
    ///
    /// Fails with [`CryptoError::WrongMaterial`] if the bytes are none of that.
    pub fn import(spec: KeySpec, bytes: &[u8]) -> Result<Self, CryptoError> {
        Ok(Self(match spec.mac_algorithm() {
            Some(algorithm) => {
                let (least, most) = hmac_key_lengths(algorithm);
                if !(least..=most).contains(&bytes.len()) {
                    return Err(CryptoError::WrongMaterial);
                }
                Secret::Mac(algorithm, Zeroizing::new(bytes.to_vec()))
            }
            None if spec.is_symmetric() => {
                let key: &[u8; 32] = bytes.try_into().map_err(|_| CryptoError::WrongMaterial)?;
                Secret::Symmetric(Zeroizing::new(*key))
            }
            None => Secret::ImportedPair(KeyPair::from_pkcs8(spec, bytes)?),
        }))
    }

    /// Returns the name of this material under the key `key_id`.
    ///
    /// The same material imported twice into one key gets the same name, which is how a wrong re-import is
    /// noticed; two keys with equal material have different names. It is a hash, and the material is random, so
    /// the name reveals nothing.
    pub fn id(&self, key_id: &str) -> Result<MaterialId, CryptoError> {
        let hash = Sha256::new_with_prefix(b"key material id\0").chain_update(key_id);
        let hash = match &self.0 {
            Secret::Symmetric(key) => hash.chain_update(key.as_slice()),
            Secret::Mac(_, key) => hash.chain_update(key.as_slice()),
            Secret::SeededPair(_, seed, _) => hash.chain_update(seed.as_slice()),
            Secret::ImportedPair(pair) => hash.chain_update(pair.to_pkcs8()?.as_slice()),
        };
        Ok(MaterialId(hash.finalize().into()))
    }

    /// Returns the secret itself, for tests to search for.
    #[cfg(test)]
    pub(in crate::cloud) fn secret_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Secret::Symmetric(key) => key.to_vec(),
            Secret::Mac(_, key) => key.to_vec(),
            Secret::SeededPair(_, seed, _) => seed.to_vec(),
            Secret::ImportedPair(pair) => pair.to_pkcs8().expect("it was read").to_vec(),
        }
    }

    /// Returns the AES key of a symmetric KMS key.
    pub(super) fn aes_key(&self) -> Result<&[u8; 32], CryptoError> {
        match &self.0 {
            Secret::Symmetric(key) => Ok(key),
            Secret::Mac(..) | Secret::SeededPair(..) | Secret::ImportedPair(_) => {
                Err(CryptoError::WrongMaterial)
            }
        }
    }

    /// Returns the key pair of an asymmetric KMS key. The first use of an RSA key takes as long as finding its
    /// primes.
    pub fn pair(&self) -> Result<&KeyPair, CryptoError> {
        match &self.0 {
            Secret::ImportedPair(pair) => Ok(pair),
            Secret::SeededPair(spec, seed, cell) => {
                if let Some(pair) = cell.get() {
                    return Ok(pair);
                }
                let pair = KeyPair::generate(*spec, &mut ChaCha20Rng::from_seed(**seed))?;
                Ok(cell.get_or_init(|| pair))
            }
            Secret::Symmetric(_) | Secret::Mac(..) => Err(CryptoError::WrongMaterial),
        }
    }

    /// Returns the message authentication code of `message` under an HMAC key.
    pub fn generate_mac(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match &self.0 {
            Secret::Mac(algorithm, key) => mac::generate(*algorithm, key, message),
            Secret::Symmetric(_) | Secret::SeededPair(..) | Secret::ImportedPair(_) => {
                Err(CryptoError::WrongMaterial)
            }
        }
    }

    /// Checks a message authentication code; [`CryptoError::InvalidSignature`] if it is another one.
    pub fn verify_mac(&self, message: &[u8], code: &[u8]) -> Result<(), CryptoError> {
        match &self.0 {
            Secret::Mac(algorithm, key) => mac::verify(*algorithm, key, message, code),
            Secret::Symmetric(_) | Secret::SeededPair(..) | Secret::ImportedPair(_) => {
                Err(CryptoError::WrongMaterial)
            }
        }
    }
}

/// The shortest and the longest HMAC key in bytes; KMS makes the shortest, an import may be longer.
// Source: KMS Developer Guide, "Importing key material", requirements for HMAC keys.
const fn hmac_key_lengths(algorithm: MacAlgorithm) -> (usize, usize) {
    match algorithm {
        MacAlgorithm::HmacSha224 => (28, 64),
        MacAlgorithm::HmacSha256 => (32, 64),
        MacAlgorithm::HmacSha384 => (48, 128),
        MacAlgorithm::HmacSha512 => (64, 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generate(spec: KeySpec, seed: u64) -> KeyMaterial {
        KeyMaterial::generate(spec, &mut ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn the_same_seed_gives_the_same_key() {
        for spec in KeySpec::ALL {
            let id = |seed| generate(*spec, seed).id("k").unwrap();
            assert_eq!(id(7), id(7), "{spec}");
            assert_ne!(id(7), id(8), "{spec}");
        }
        let public = |seed| generate(KeySpec::EccNistP256, seed).pair().unwrap().public_key_der().unwrap();
        assert_eq!(public(7), public(7));
        assert_ne!(public(7), public(8));
    }

    #[test]
    fn a_material_id_depends_on_material_and_key() {
        let import = |byte| KeyMaterial::import(KeySpec::SymmetricDefault, &[byte; 32]).unwrap();
        assert_eq!(import(1).id("k"), import(1).id("k"));
        assert_ne!(import(1).id("k"), import(2).id("k"));
        assert_ne!(import(1).id("k"), import(1).id("l"));
        assert_eq!(import(1).id("k").unwrap().to_string().len(), 64);
    }

    #[test]
    fn imported_material_has_the_length_its_kind_asks_for() {
        // Source: KMS Developer Guide, "Importing key material".
        let rows = [
            (KeySpec::SymmetricDefault, 31, false),
            (KeySpec::SymmetricDefault, 32, true),
            (KeySpec::SymmetricDefault, 33, false),
            (KeySpec::Hmac224, 27, false),
            (KeySpec::Hmac224, 64, true),
            (KeySpec::Hmac256, 31, false),
            (KeySpec::Hmac256, 65, false),
            (KeySpec::Hmac384, 128, true),
            (KeySpec::Hmac512, 63, false),
            (KeySpec::EccNistP256, 32, false),
            (KeySpec::Rsa2048, 0, false),
        ];
        for (spec, len, good) in rows {
            assert_eq!(KeyMaterial::import(spec, &vec![7; len]).is_ok(), good, "{spec} {len}");
        }
    }

    #[test]
    fn debug_output_shows_no_key_bytes() {
        let material = generate(KeySpec::EccNistP256, 1);
        assert_eq!(format!("{material:?}"), "KeyMaterial(<redacted>)");
        assert_eq!(format!("{:?}", material.pair().unwrap()), "KeyPair(<redacted>)");
    }
}
