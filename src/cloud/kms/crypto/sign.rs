//! Sign and Verify for every kind of key pair.

use ed25519_dalek::{Digest, Signer as _, Verifier as _};
use ml_dsa::signature::{Keypair as _, SignatureEncoding as _};
use p256::ecdsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use rand::CryptoRng;
use rsa::traits::SignatureScheme;
use rsa::{Pkcs1v15Sign, Pss};
use sha2::{Sha256, Sha384, Sha512};

use super::{CryptoError, KeyPair, MessageType, SigningAlgorithm};

/// A message to sign, as the caller sends it.
#[derive(Debug, Clone, Copy)]
pub struct SignedMessage<'a> {
    pub kind: MessageType,
    /// The message, its digest, or the message representative.
    pub bytes: &'a [u8],
}

impl SigningAlgorithm {
    /// Returns the length in bytes a `DIGEST` message has for this algorithm; none takes no digest.
    pub const fn digest_len(self) -> Option<usize> {
        match self {
            Self::RsassaPssSha256 | Self::RsassaPkcs1V15Sha256 | Self::EcdsaSha256 => Some(32),
            Self::RsassaPssSha384 | Self::RsassaPkcs1V15Sha384 | Self::EcdsaSha384 => Some(48),
            Self::RsassaPssSha512
            | Self::RsassaPkcs1V15Sha512
            | Self::EcdsaSha512
            | Self::Ed25519PhSha512 => Some(64),
            Self::MlDsaShake256 | Self::Ed25519Sha512 | Self::Sm2Dsa | Self::SymmetricDefault => None,
        }
    }

    // Source: KMS API Reference, Sign, `MessageType` and `SigningAlgorithm`.
    /// Returns the message types this algorithm takes.
    pub const fn message_types(self) -> &'static [MessageType] {
        match self {
            Self::MlDsaShake256 => &[MessageType::Raw, MessageType::ExternalMu],
            Self::Ed25519Sha512 => &[MessageType::Raw],
            Self::Ed25519PhSha512 => &[MessageType::Digest],
            Self::Sm2Dsa | Self::SymmetricDefault => &[],
            Self::RsassaPssSha256
            | Self::RsassaPssSha384
            | Self::RsassaPssSha512
            | Self::RsassaPkcs1V15Sha256
            | Self::RsassaPkcs1V15Sha384
            | Self::RsassaPkcs1V15Sha512
            | Self::EcdsaSha256
            | Self::EcdsaSha384
            | Self::EcdsaSha512 => &[MessageType::Raw, MessageType::Digest],
        }
    }

    /// Returns the digest of `message` this algorithm signs.
    fn digest(self, message: SignedMessage<'_>) -> Result<Vec<u8>, CryptoError> {
        let len = self.digest_len().ok_or(CryptoError::WrongMaterial)?;
        match (message.kind, len) {
            (MessageType::Digest, _) if message.bytes.len() == len => Ok(message.bytes.to_vec()),
            (MessageType::Digest, _) => Err(CryptoError::DigestLength),
            (MessageType::Raw, 32) => Ok(Sha256::digest(message.bytes).to_vec()),
            (MessageType::Raw, 48) => Ok(Sha384::digest(message.bytes).to_vec()),
            (MessageType::Raw, _) => Ok(Sha512::digest(message.bytes).to_vec()),
            (MessageType::ExternalMu, _) => Err(CryptoError::WrongMaterial),
        }
    }
}

/// Runs an expression with the RSA padding of the algorithm.
macro_rules! with_rsa_scheme {
    ($algorithm:expr, $scheme:ident => $body:expr) => {
        match $algorithm {
            SigningAlgorithm::RsassaPssSha256 => {
                let $scheme = Pss::<Sha256>::new();
                $body
            }
            SigningAlgorithm::RsassaPssSha384 => {
                let $scheme = Pss::<Sha384>::new();
                $body
            }
            SigningAlgorithm::RsassaPssSha512 => {
                let $scheme = Pss::<Sha512>::new();
                $body
            }
            SigningAlgorithm::RsassaPkcs1V15Sha256 => {
                let $scheme = Pkcs1v15Sign::new::<Sha256>();
                $body
            }
            SigningAlgorithm::RsassaPkcs1V15Sha384 => {
                let $scheme = Pkcs1v15Sign::new::<Sha384>();
                $body
            }
            SigningAlgorithm::RsassaPkcs1V15Sha512 => {
                let $scheme = Pkcs1v15Sign::new::<Sha512>();
                $body
            }
            _ => Err(CryptoError::WrongMaterial),
        }
    };
}

impl KeyPair {
    /// Signs; ECDSA signatures are DER, all others the scheme's own bytes.
    ///
    /// The caller has checked that key and algorithm fit; [`CryptoError::WrongMaterial`] says they do not.
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: SignedMessage<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CryptoError> {
        macro_rules! ecdsa {
            ($curve:ident, $key:expr) => {{
                let digest = algorithm.digest(message)?;
                let signature: $curve::ecdsa::Signature = $curve::ecdsa::SigningKey::from($key)
                    .sign_prehash_with_rng(rng, &digest)
                    .map_err(|_| CryptoError::WrongMaterial)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }};
        }
        macro_rules! ml_dsa {
            ($key:expr) => {{
                let key = $key.expanded_key();
                let signature = match message.kind {
                    MessageType::Raw => key.sign_randomized(message.bytes, b"", rng),
                    MessageType::ExternalMu => {
                        let mu = message.bytes.try_into().map_err(|_| CryptoError::DigestLength)?;
                        key.sign_mu_randomized(mu, rng)
                    }
                    MessageType::Digest => return Err(CryptoError::WrongMaterial),
                };
                signature.map(|signature| signature.to_vec()).map_err(|_| CryptoError::WrongMaterial)
            }};
        }
        match self {
            Self::Rsa(key) => with_rsa_scheme!(algorithm, scheme => {
                let digest = algorithm.digest(message)?;
                key.sign_with_rng(rng, scheme, &digest).map_err(|_| CryptoError::WrongMaterial)
            }),
            Self::P256(key) => ecdsa!(p256, key),
            Self::P384(key) => ecdsa!(p384, key),
            Self::P521(key) => ecdsa!(p521, key),
            Self::Secp256k1(key) => ecdsa!(k256, key),
            Self::Ed25519(key) if algorithm == SigningAlgorithm::Ed25519PhSha512 => {
                let digest = Prehashed::new(algorithm, message)?;
                let signature = key.sign_prehashed(digest, None).map_err(|_| CryptoError::WrongMaterial)?;
                Ok(signature.to_bytes().to_vec())
            }
            Self::Ed25519(key) => Ok(key.sign(message.bytes).to_bytes().to_vec()),
            Self::MlDsa44(key) => ml_dsa!(key),
            Self::MlDsa65(key) => ml_dsa!(key),
            Self::MlDsa87(key) => ml_dsa!(key),
            Self::MlKem512(_) | Self::MlKem768(_) | Self::MlKem1024(_) => Err(CryptoError::WrongMaterial),
        }
    }

    /// Checks a signature; [`CryptoError::InvalidSignature`] if it is not this key's over this message.
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: SignedMessage<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let invalid = CryptoError::InvalidSignature;
        macro_rules! ecdsa {
            ($curve:ident, $key:expr) => {{
                let digest = algorithm.digest(message)?;
                // Both s and -s make a valid signature, and other programs make either.
                let signature =
                    $curve::ecdsa::Signature::from_der(signature).map_err(|_| invalid.clone())?.normalize_s();
                let key = $curve::ecdsa::VerifyingKey::from($key.public_key());
                key.verify_prehash(&digest, &signature).map_err(|_| invalid)
            }};
        }
        macro_rules! ml_dsa {
            ($key:expr) => {{
                let key = $key.verifying_key();
                let signature = signature.try_into().map_err(|_| invalid.clone())?;
                let good = match message.kind {
                    MessageType::Raw => key.verify_with_context(message.bytes, b"", &signature),
                    MessageType::ExternalMu => {
                        let mu = message.bytes.try_into().map_err(|_| CryptoError::DigestLength)?;
                        key.verify_mu(mu, &signature)
                    }
                    MessageType::Digest => return Err(CryptoError::WrongMaterial),
                };
                if good { Ok(()) } else { Err(invalid) }
            }};
        }
        match self {
            Self::Rsa(key) => with_rsa_scheme!(algorithm, scheme => {
                let digest = algorithm.digest(message)?;
                scheme.verify(key.as_ref().as_ref(), &digest, signature).map_err(|_| invalid)
            }),
            Self::P256(key) => ecdsa!(p256, key),
            Self::P384(key) => ecdsa!(p384, key),
            Self::P521(key) => ecdsa!(p521, key),
            Self::Secp256k1(key) => ecdsa!(k256, key),
            Self::Ed25519(key) => {
                let signature =
                    ed25519_dalek::Signature::from_slice(signature).map_err(|_| invalid.clone())?;
                let verified = if algorithm == SigningAlgorithm::Ed25519PhSha512 {
                    let digest = Prehashed::new(algorithm, message)?;
                    key.verify_prehashed(digest, None, &signature)
                } else {
                    key.verifying_key().verify(message.bytes, &signature)
                };
                verified.map_err(|_| invalid)
            }
            Self::MlDsa44(key) => ml_dsa!(key),
            Self::MlDsa65(key) => ml_dsa!(key),
            Self::MlDsa87(key) => ml_dsa!(key),
            Self::MlKem512(_) | Self::MlKem768(_) | Self::MlKem1024(_) => Err(CryptoError::WrongMaterial),
        }
    }
}

/// A SHA-512 digest the caller computed, in the shape Ed25519ph asks for: a hash function that has already run.
#[derive(Clone)]
struct Prehashed([u8; 64]);

impl Prehashed {
    fn new(algorithm: SigningAlgorithm, message: SignedMessage<'_>) -> Result<Self, CryptoError> {
        let digest = algorithm.digest(message)?;
        digest.as_slice().try_into().map(Self).map_err(|_| CryptoError::DigestLength)
    }
}

impl Default for Prehashed {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl sha2::digest::HashMarker for Prehashed {}

impl sha2::digest::OutputSizeUser for Prehashed {
    type OutputSize = sha2::digest::consts::U64;
}

impl sha2::digest::Update for Prehashed {
    /// Does nothing: the message is hashed already.
    fn update(&mut self, _: &[u8]) {}
}

impl sha2::digest::FixedOutput for Prehashed {
    fn finalize_into(self, out: &mut sha2::digest::Output<Self>) {
        out.copy_from_slice(&self.0);
    }
}
