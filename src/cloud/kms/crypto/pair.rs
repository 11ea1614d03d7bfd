//! Asymmetric key pairs: making, importing and exporting them.

use std::fmt;

use ml_kem::DecapsulationKey;
use p256::elliptic_curve::Generate as _;
use rand::CryptoRng;
use rsa::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{CryptoError, KeySpec};
use crate::cloud::secrets::wiped;

/// A private key with its public key. The private part is wiped on drop and never shown.
pub enum KeyPair {
    /// RSA of any of the three sizes.
    Rsa(Box<PrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Secp256k1(k256::SecretKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<ml_dsa::MlDsa44>>),
    MlDsa65(Box<ml_dsa::SigningKey<ml_dsa::MlDsa65>>),
    MlDsa87(Box<ml_dsa::SigningKey<ml_dsa::MlDsa87>>),
    MlKem512(Box<DecapsulationKey<ml_kem::MlKem512>>),
    MlKem768(Box<DecapsulationKey<ml_kem::MlKem768>>),
    MlKem1024(Box<DecapsulationKey<ml_kem::MlKem1024>>),
}

impl ZeroizeOnDrop for KeyPair {}

/// Whichever it is, it is wiped, or this does not compile.
const _: fn(&KeyPair) = |pair| match pair {
    KeyPair::Rsa(key) => wiped::<PrivateKey>(key),
    KeyPair::P256(key) => wiped(key),
    KeyPair::P384(key) => wiped(key),
    KeyPair::P521(key) => wiped(key),
    KeyPair::Secp256k1(key) => wiped(key),
    KeyPair::Ed25519(key) => wiped::<ed25519_dalek::SigningKey>(key),
    KeyPair::MlDsa44(key) => wiped::<ml_dsa::SigningKey<ml_dsa::MlDsa44>>(key),
    KeyPair::MlDsa65(key) => wiped::<ml_dsa::SigningKey<ml_dsa::MlDsa65>>(key),
    KeyPair::MlDsa87(key) => wiped::<ml_dsa::SigningKey<ml_dsa::MlDsa87>>(key),
    KeyPair::MlKem512(key) => wiped::<DecapsulationKey<ml_kem::MlKem512>>(key),
    KeyPair::MlKem768(key) => wiped::<DecapsulationKey<ml_kem::MlKem768>>(key),
    KeyPair::MlKem1024(key) => wiped::<DecapsulationKey<ml_kem::MlKem1024>>(key),
};

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(<redacted>)")
    }
}

/// Runs the same expression on whichever kind of pair it is.
macro_rules! each_pair {
    ($pair:expr, $key:ident => $body:expr) => {
        match $pair {
            KeyPair::Rsa($key) => $body,
            KeyPair::P256($key) => $body,
            KeyPair::P384($key) => $body,
            KeyPair::P521($key) => $body,
            KeyPair::Secp256k1($key) => $body,
            KeyPair::Ed25519($key) => $body,
            KeyPair::MlDsa44($key) => $body,
            KeyPair::MlDsa65($key) => $body,
            KeyPair::MlDsa87($key) => $body,
            KeyPair::MlKem512($key) => $body,
            KeyPair::MlKem768($key) => $body,
            KeyPair::MlKem1024($key) => $body,
        }
    };
}

impl KeyPair {
    /// Returns a new pair of this kind; RSA pairs take the time finding primes takes.
    ///
    /// Fails with [`CryptoError::WrongMaterial`] for kinds of keys that are no pairs.
    pub fn generate(spec: KeySpec, rng: &mut impl CryptoRng) -> Result<Self, CryptoError> {
        let mut rsa = |bits| {
            PrivateKey::new(rng, bits)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|_| CryptoError::WrongMaterial)
        };
        match spec {
            KeySpec::Rsa2048 => return rsa(2048),
            KeySpec::Rsa3072 => return rsa(3072),
            KeySpec::Rsa4096 => return rsa(4096),
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
            | KeySpec::EccNistEdwards25519 => {}
        }
        Ok(match spec {
            KeySpec::EccNistP256 => Self::P256(p256::SecretKey::generate_from_rng(rng)),
            KeySpec::EccNistP384 => Self::P384(p384::SecretKey::generate_from_rng(rng)),
            KeySpec::EccNistP521 => Self::P521(p521::SecretKey::generate_from_rng(rng)),
            KeySpec::EccSecgP256k1 => Self::Secp256k1(k256::SecretKey::generate_from_rng(rng)),
            KeySpec::EccNistEdwards25519 => Self::Ed25519(Box::new(ed25519_dalek::SigningKey::generate(rng))),
            KeySpec::MlDsa44 => Self::MlDsa44(Box::new(ml_dsa::SigningKey::generate_from_rng(rng))),
            KeySpec::MlDsa65 => Self::MlDsa65(Box::new(ml_dsa::SigningKey::generate_from_rng(rng))),
            KeySpec::MlDsa87 => Self::MlDsa87(Box::new(ml_dsa::SigningKey::generate_from_rng(rng))),
            KeySpec::MlKem512 => Self::MlKem512(Box::new(DecapsulationKey::generate_from_rng(rng))),
            KeySpec::MlKem768 => Self::MlKem768(Box::new(DecapsulationKey::generate_from_rng(rng))),
            KeySpec::MlKem1024 => Self::MlKem1024(Box::new(DecapsulationKey::generate_from_rng(rng))),
            KeySpec::Rsa2048
            | KeySpec::Rsa3072
            | KeySpec::Rsa4096
            | KeySpec::SymmetricDefault
            | KeySpec::Hmac224
            | KeySpec::Hmac256
            | KeySpec::Hmac384
            | KeySpec::Hmac512 => return Err(CryptoError::WrongMaterial),
        })
    }

    /// Reads a PKCS #8 private key in DER, as imported key material has it.
    pub fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, CryptoError> {
        fn read<K: DecodePrivateKey>(der: &[u8]) -> Result<K, CryptoError> {
            K::from_pkcs8_der(der).map_err(|_| CryptoError::WrongMaterial)
        }
        let rsa = |bits: usize| {
            let key: PrivateKey = read(der)?;
            let fits = key.size() * 8 == bits && key.validate().is_ok();
            if fits { Ok(Self::Rsa(Box::new(key))) } else { Err(CryptoError::WrongMaterial) }
        };
        match spec {
            KeySpec::Rsa2048 => rsa(2048),
            KeySpec::Rsa3072 => rsa(3072),
            KeySpec::Rsa4096 => rsa(4096),
            KeySpec::EccNistP256 => read(der).map(Self::P256),
            KeySpec::EccNistP384 => read(der).map(Self::P384),
            KeySpec::EccNistP521 => read(der).map(Self::P521),
            KeySpec::EccSecgP256k1 => read(der).map(Self::Secp256k1),
            KeySpec::EccNistEdwards25519 => read(der).map(Box::new).map(Self::Ed25519),
            KeySpec::MlDsa44 => read(der).map(Box::new).map(Self::MlDsa44),
            KeySpec::MlDsa65 => read(der).map(Box::new).map(Self::MlDsa65),
            KeySpec::MlDsa87 => read(der).map(Box::new).map(Self::MlDsa87),
            KeySpec::MlKem512 => read(der).map(Box::new).map(Self::MlKem512),
            KeySpec::MlKem768 => read(der).map(Box::new).map(Self::MlKem768),
            KeySpec::MlKem1024 => read(der).map(Box::new).map(Self::MlKem1024),
            KeySpec::SymmetricDefault
            | KeySpec::Hmac224
            | KeySpec::Hmac256
            | KeySpec::Hmac384
            | KeySpec::Hmac512 => Err(CryptoError::WrongMaterial),
        }
    }

    /// Returns the private key as PKCS #8 in DER, for data key pairs and the names of imported material.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let der = match self {
            // The first version of the format, without the public key: OpenSSL 3.0 reads no other.
            Self::Ed25519(key) => {
                ed25519_dalek::pkcs8::KeypairBytes { secret_key: key.to_bytes(), public_key: None }
                    .to_pkcs8_der()
            }
            pair @ (Self::Rsa(_)
            | Self::P256(_)
            | Self::P384(_)
            | Self::P521(_)
            | Self::Secp256k1(_)
            | Self::MlDsa44(_)
            | Self::MlDsa65(_)
            | Self::MlDsa87(_)
            | Self::MlKem512(_)
            | Self::MlKem768(_)
            | Self::MlKem1024(_)) => each_pair!(pair, key => key.to_pkcs8_der()),
        };
        let der = der.map_err(|_| CryptoError::WrongMaterial)?;
        Ok(Zeroizing::new(der.as_bytes().to_vec()))
    }

    /// Returns the public key as X.509 `SubjectPublicKeyInfo` in DER, as `GetPublicKey` returns it.
    pub fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        use ml_dsa::signature::Keypair as _;
        match self {
            Self::Rsa(key) => key.to_public_key().to_public_key_der(),
            Self::P256(key) => key.public_key().to_public_key_der(),
            Self::P384(key) => key.public_key().to_public_key_der(),
            Self::P521(key) => key.public_key().to_public_key_der(),
            Self::Secp256k1(key) => key.public_key().to_public_key_der(),
            Self::Ed25519(key) => key.verifying_key().to_public_key_der(),
            Self::MlDsa44(key) => key.verifying_key().to_public_key_der(),
            Self::MlDsa65(key) => key.verifying_key().to_public_key_der(),
            Self::MlDsa87(key) => key.verifying_key().to_public_key_der(),
            Self::MlKem512(key) => key.encapsulation_key().to_public_key_der(),
            Self::MlKem768(key) => key.encapsulation_key().to_public_key_der(),
            Self::MlKem1024(key) => key.encapsulation_key().to_public_key_der(),
        }
        .map(|der| der.as_bytes().to_vec())
        .map_err(|_| CryptoError::WrongMaterial)
    }

    // Source: KMS API Reference, DeriveSharedSecret: the raw secret.
    /// Returns the ECDH secret shared with the owner of `public_key` (SPKI DER): the x-coordinate, unhashed.
    ///
    /// Fails with [`CryptoError::InvalidPublicKey`] unless it is a point on the same curve.
    pub fn derive_shared_secret(&self, public_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        macro_rules! agree {
            ($curve:ident, $key:expr) => {{
                let theirs = $curve::PublicKey::from_public_key_der(public_key)
                    .map_err(|_| CryptoError::InvalidPublicKey)?;
                let shared = $key.diffie_hellman(&theirs);
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }};
        }
        match self {
            Self::P256(key) => agree!(p256, key),
            Self::P384(key) => agree!(p384, key),
            Self::P521(key) => agree!(p521, key),
            Self::Rsa(_)
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
