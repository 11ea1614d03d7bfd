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
    use base64::Engine as _;
    use rand::{SeedableRng as _, rngs::ChaCha20Rng};
    use sha2::Digest as _;

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

    /// A pair as another program writes it: PKCS #8 with the seed of bytes 0 to 63.
    fn pair_of_another(spec: KeySpec, arc: u8) -> KeyPair {
        const HEAD: [u8; 17] = [0x30, 0x54, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4];
        let mut der = [&HEAD[..], &[arc, 4, 0x42, 0x80, 0x40]].concat();
        der.extend(0..64);
        let pair = KeyPair::from_pkcs8(spec, &der).expect("it is read");
        assert_eq!(pair.to_pkcs8().expect("encoded").to_vec(), der, "{spec}");
        pair
    }

    #[test]
    fn another_implementation_works_out_the_same() {
        // Source: computed with pyca/cryptography 50.0.2 (OpenSSL 3.5): SHA-256 of the public key in DER, and the secret that
        // a ciphertext of nothing but sevens gives. It has no ML-KEM-512.
        let rows = [
            (
                KeySpec::MlKem768,
                2,
                1088,
                "c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c",
                "6af8566807ee28016311ecce36f46cddb3f51323272875b07f5ea60a47ce17e9",
            ),
            (
                KeySpec::MlKem1024,
                3,
                1568,
                "d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420",
                "48738bff1b67ac2f885eab7c047ca6e03babf0d1b90352a603254636765f5a08",
            ),
        ];
        let hex = base16ct::lower::encode_string;
        for (spec, arc, length, public, rejected) in rows {
            let pair = pair_of_another(spec, arc);
            let digest = sha2::Sha256::digest(pair.public_key_der().expect("encoded"));
            assert_eq!(hex(&digest), public, "{spec}");
            assert_eq!(hex(&pair.decapsulate(&vec![7; length]).expect("no error")), rejected, "{spec}");
        }
        let file = include_str!("testdata/ml-kem-768.txt");
        let mut lines = file.lines().filter(|line| !line.starts_with('#'));
        let secret = lines.next().expect("a secret");
        let made = base64::prelude::BASE64_STANDARD.decode(lines.collect::<String>()).expect("base64");
        let pair = pair_of_another(KeySpec::MlKem768, 2);
        assert_eq!(hex(&pair.decapsulate(&made).expect("no error")), secret);
    }
}
