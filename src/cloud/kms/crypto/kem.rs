//! Shared secrets by ML-KEM.

use ml_kem::{Decapsulate as _, Encapsulate as _};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{CryptoError, KeyPair};

/// A shared secret and its encapsulated form.
pub struct Encapsulated {
    pub ciphertext: Vec<u8>,
    pub secret: Zeroizing<Vec<u8>>,
}

/// Runs an expression on an ML-KEM pair; [`CryptoError::WrongMaterial`] for any other.
macro_rules! with_kem {
    ($pair:expr, $key:ident => $body:expr) => {
        match $pair {
            KeyPair::MlKem512($key) => $body,
            KeyPair::MlKem768($key) => $body,
            KeyPair::MlKem1024($key) => $body,
            KeyPair::Rsa(_)
            | KeyPair::P256(_)
            | KeyPair::P384(_)
            | KeyPair::P521(_)
            | KeyPair::Secp256k1(_)
            | KeyPair::Ed25519(_)
            | KeyPair::MlDsa44(_)
            | KeyPair::MlDsa65(_)
            | KeyPair::MlDsa87(_) => Err(CryptoError::WrongMaterial),
        }
    };
}

impl KeyPair {
    /// Makes a shared secret of 32 bytes, and the form of it that only the owner of the private key can recover.
    // Source: FIPS 203, algorithm 20.
    pub fn encapsulate(&self, rng: &mut impl CryptoRng) -> Result<Encapsulated, CryptoError> {
        with_kem!(self, key => {
            let (ciphertext, secret) = key.encapsulation_key().encapsulate_with_rng(rng);
            Ok(Encapsulated { ciphertext: ciphertext.to_vec(), secret: Zeroizing::new(secret.to_vec()) })
        })
    }

    /// Recovers a shared secret.
    ///
    /// Fails with [`CryptoError::InvalidCiphertext`] for another length only. Whatever else is wrong gives other 32 bytes,
    /// which follow from the ciphertext and the key: implicit rejection.
    // Source: FIPS 203, algorithm 21; KMS API Reference, Decapsulate.
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        with_kem!(self, key => key
            .decapsulate_slice(ciphertext)
            .map(|secret| Zeroizing::new(secret.to_vec()))
            .map_err(|_| CryptoError::InvalidCiphertext))
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::ChaCha20Rng};

    use super::super::KeySpec;
    use super::*;

    #[test]
    fn a_secret_is_recovered_by_its_key_alone_and_rejected_without_a_word() {
        // Source: KMS API Reference, Encapsulate: the lengths of the encapsulated forms; Decapsulate: implicit rejection.
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for (spec, length) in
            [(KeySpec::MlKem512, 768), (KeySpec::MlKem768, 1088), (KeySpec::MlKem1024, 1568)]
        {
            let pair = KeyPair::generate(spec, &mut rng).expect("a pair");
            let made = pair.encapsulate(&mut rng).expect("made");
            assert_eq!((made.ciphertext.len(), made.secret.len()), (length, 32), "{spec}");
            assert_eq!(pair.decapsulate(&made.ciphertext).expect("recovered"), made.secret);
            let mut altered = made.ciphertext.clone();
            altered[0] ^= 1;
            let other = pair.decapsulate(&altered).expect("no error");
            assert!(other.len() == 32 && other != made.secret, "{spec}");
            assert_eq!(pair.decapsulate(&altered).expect("no error"), other, "the same each time");
            let stranger = KeyPair::generate(spec, &mut rng).expect("a pair");
            assert_ne!(stranger.decapsulate(&made.ciphertext).expect("no error"), made.secret);
            for wrong in [0, length - 1, length + 1] {
                let error = pair.decapsulate(&vec![7; wrong]).err();
                assert_eq!(error, Some(CryptoError::InvalidCiphertext), "{spec}, {wrong} bytes");
            }
            // Source: KMS API Reference, GenerateDataKeyPair: PKCS #8 with the seed, as long for each kind.
            let der = pair.to_pkcs8().expect("encoded");
            assert_eq!(der.len(), 86, "{spec}");
            let read = KeyPair::from_pkcs8(spec, &der).expect("read");
            assert_eq!(read.decapsulate(&made.ciphertext).expect("recovered"), made.secret);
        }
        let signing = KeyPair::generate(KeySpec::EccNistP256, &mut rng).expect("a pair");
        assert!(signing.encapsulate(&mut rng).is_err() && signing.decapsulate(&[7; 768]).is_err());
    }
}
