//! Wrapping of imported key material: the customer encrypts to a one-time RSA key that KMS made.

use aes_kw::KwpAes256;
use aes_kw::aes::cipher::KeyInit as _;
use rand::CryptoRng;
use rsa::PublicKey;
use rsa::pkcs8::DecodePublicKey as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::oaep::seal_oaep;
use super::{CryptoError, EncryptionAlgorithm, KeyPair, WrappingAlgorithm};

impl WrappingAlgorithm {
    /// The RSA step of the algorithm, and whether it wraps an AES key that in turn wraps the material.
    // Source: KMS Developer Guide, "Select a wrapping algorithm".
    const fn steps(self) -> (EncryptionAlgorithm, bool) {
        match self {
            Self::RsaesOaepSha1 => (EncryptionAlgorithm::RsaesOaepSha1, false),
            Self::RsaesOaepSha256 => (EncryptionAlgorithm::RsaesOaepSha256, false),
            Self::RsaAesKeyWrapSha1 => (EncryptionAlgorithm::RsaesOaepSha1, true),
            Self::RsaAesKeyWrapSha256 => (EncryptionAlgorithm::RsaesOaepSha256, true),
        }
    }
}

/// Wraps key material for import, as the customer does on their side, with the public key (SPKI DER) that
/// `GetParametersForImport` returned.
///
/// Fails with [`CryptoError::InvalidPublicKey`] if that is no RSA key, and with [`CryptoError::WrongMaterial`] if the
/// material is too long for the algorithm.
pub fn wrap_for_import(
    public_key: &[u8],
    algorithm: WrappingAlgorithm,
    material: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, CryptoError> {
    let public_key = PublicKey::from_public_key_der(public_key).map_err(|_| CryptoError::InvalidPublicKey)?;
    let (oaep, two_steps) = algorithm.steps();
    if !two_steps {
        return seal_oaep(&public_key, oaep, material, rng);
    }
    let mut key = Zeroizing::new([0; 32]);
    rng.fill_bytes(key.as_mut());
    let mut wrapped = vec![0; material.len().div_ceil(8) * 8 + 8];
    KwpAes256::new((&*key).into())
        .wrap_key(material, &mut wrapped)
        .map_err(|_| CryptoError::WrongMaterial)?;
    Ok([seal_oaep(&public_key, oaep, key.as_slice(), rng)?, wrapped].concat())
}

impl KeyPair {
    /// Takes key material out of its wrapping; [`CryptoError::InvalidCiphertext`] if it was not wrapped for this
    /// pair with this algorithm.
    pub fn unwrap(
        &self,
        algorithm: WrappingAlgorithm,
        wrapped: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (oaep, two_steps) = algorithm.steps();
        let Self::Rsa(rsa) = self else { return Err(CryptoError::WrongMaterial) };
        if !two_steps {
            return self.decrypt(oaep, wrapped, rng);
        }
        let invalid = CryptoError::InvalidCiphertext;
        let modulus = rsa::traits::PublicKeyParts::size(rsa.as_ref());
        let (key, wrapped) = wrapped.split_at_checked(modulus).ok_or(invalid.clone())?;
        let key = self.decrypt(oaep, key, rng)?;
        let key: &[u8; 32] = key.as_slice().try_into().map_err(|_| invalid.clone())?;
        let mut buffer = Zeroizing::new(vec![0; wrapped.len()]);
        let material =
            KwpAes256::new(key.into()).unwrap_key(wrapped, &mut buffer).map_err(|_| invalid)?.len();
        buffer[material..].zeroize();
        buffer.truncate(material);
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::ChaCha20Rng;

    use super::super::KeySpec;
    use super::*;

    #[test]
    fn wrapped_material_comes_out_again_and_nothing_else_does() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let pair = KeyPair::generate(KeySpec::Rsa2048, &mut rng).unwrap();
        let public = pair.public_key_der().unwrap();
        for algorithm in WrappingAlgorithm::ALL {
            for len in [16, 32, 128] {
                let mut wrapped = wrap_for_import(&public, *algorithm, &vec![6; len], &mut rng).unwrap();
                assert_eq!(
                    *pair.unwrap(*algorithm, &wrapped, &mut rng).unwrap(),
                    vec![6; len],
                    "{algorithm}"
                );
                let last = wrapped.len() - 1;
                wrapped[last] ^= 1;
                assert!(pair.unwrap(*algorithm, &wrapped, &mut rng).is_err(), "{algorithm}");
                assert!(pair.unwrap(*algorithm, &wrapped[..len], &mut rng).is_err(), "{algorithm}");
            }
            assert!(pair.unwrap(*algorithm, &[], &mut rng).is_err(), "{algorithm}");
        }
        // Source: KMS Developer Guide: private keys are too long for RSA alone.
        assert!(wrap_for_import(&public, WrappingAlgorithm::RsaesOaepSha256, &[6; 191], &mut rng).is_err());
        let key = KeyPair::generate(KeySpec::EccNistP521, &mut rng).unwrap().to_pkcs8().unwrap();
        let wrapped =
            wrap_for_import(&public, WrappingAlgorithm::RsaAesKeyWrapSha256, &key, &mut rng).unwrap();
        assert_eq!(pair.unwrap(WrappingAlgorithm::RsaAesKeyWrapSha256, &wrapped, &mut rng), Ok(key));
    }
}
