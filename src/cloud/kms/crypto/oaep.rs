//! RSA-OAEP, for Encrypt and Decrypt under RSA keys and for wrapping imported key material.

use rand::CryptoRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, PrivateKey, PublicKey};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{CryptoError, EncryptionAlgorithm, KeyPair, KeySpec};

// Source: KMS API Reference, Encrypt: 214, 342, 470 bytes with SHA-1 and 190, 318, 446 with SHA-256.
/// Returns the longest plaintext in bytes RSA-OAEP takes with a key of this kind, or none where it does not
/// apply.
pub const fn max_oaep_plaintext(spec: KeySpec, algorithm: EncryptionAlgorithm) -> Option<usize> {
    let modulus = match spec {
        KeySpec::Rsa2048 => 256,
        KeySpec::Rsa3072 => 384,
        KeySpec::Rsa4096 => 512,
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256k1
        | KeySpec::SymmetricDefault
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512
        | KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87
        | KeySpec::MlKem512
        | KeySpec::MlKem768
        | KeySpec::MlKem1024
        | KeySpec::EccNistEdwards25519 => return None,
    };
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => Some(modulus - 2 * 20 - 2),
        EncryptionAlgorithm::RsaesOaepSha256 => Some(modulus - 2 * 32 - 2),
        EncryptionAlgorithm::SymmetricDefault => None,
    }
}

impl KeyPair {
    /// Encrypts under the public key of an RSA pair.
    ///
    /// Fails with [`CryptoError::WrongMaterial`] for other pairs and for plaintext over the limit.
    pub fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Rsa(key) => seal_oaep(&key.to_public_key(), algorithm, plaintext, rng),
            Self::P256(_)
            | Self::P384(_)
            | Self::P521(_)
            | Self::Secp256k1(_)
            | Self::Ed25519(_)
            | Self::MlDsa44(_)
            | Self::MlDsa65(_)
            | Self::MlDsa87(_)
            | Self::MlKem512(_)
            | Self::MlKem768(_)
            | Self::MlKem1024(_) => Err(CryptoError::WrongMaterial),
        }
    }

    /// Decrypts with an RSA pair; anything not made for it is [`CryptoError::InvalidCiphertext`].
    pub fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match self {
            Self::Rsa(key) => open_oaep(key, algorithm, ciphertext, rng),
            Self::P256(_)
            | Self::P384(_)
            | Self::P521(_)
            | Self::Secp256k1(_)
            | Self::Ed25519(_)
            | Self::MlDsa44(_)
            | Self::MlDsa65(_)
            | Self::MlDsa87(_)
            | Self::MlKem512(_)
            | Self::MlKem768(_)
            | Self::MlKem1024(_) => Err(CryptoError::WrongMaterial),
        }
    }
}

/// Encrypts with RSA-OAEP under a bare public key.
pub(super) fn seal_oaep(
    key: &PublicKey,
    algorithm: EncryptionAlgorithm,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, CryptoError> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => key.encrypt(rng, Oaep::<Sha1>::new(), plaintext),
        EncryptionAlgorithm::RsaesOaepSha256 => key.encrypt(rng, Oaep::<Sha256>::new(), plaintext),
        EncryptionAlgorithm::SymmetricDefault => return Err(CryptoError::WrongMaterial),
    }
    .map_err(|_| CryptoError::WrongMaterial)
}

/// Opens what [`seal_oaep`] made. Blinded, so that its timing says less about the key.
pub(super) fn open_oaep(
    key: &PrivateKey,
    algorithm: EncryptionAlgorithm,
    ciphertext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if ciphertext.len() != key.size() {
        return Err(CryptoError::InvalidCiphertext);
    }
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => key.decrypt_blinded(rng, Oaep::<Sha1>::new(), ciphertext),
        EncryptionAlgorithm::RsaesOaepSha256 => key.decrypt_blinded(rng, Oaep::<Sha256>::new(), ciphertext),
        EncryptionAlgorithm::SymmetricDefault => return Err(CryptoError::WrongMaterial),
    }
    .map(Zeroizing::new)
    .map_err(|_| CryptoError::InvalidCiphertext)
}
