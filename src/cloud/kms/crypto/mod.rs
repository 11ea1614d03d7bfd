//! The cryptography of KMS and the tables of what fits what, free of accounts, policies and state.
//!
//! Everything random comes from a generator the caller hands in, so the same seed gives the same bytes.
//! Nothing here decides who may do something, and nothing here knows a clock.

mod blob;
mod envelope;
mod kem;
mod mac;
mod material;
mod oaep;
mod pair;
mod sign;
mod specs;
#[cfg(test)]
mod tests;
mod wrap;

pub use blob::{BlobHeader, read_header};
pub use envelope::{EncryptionContext, Sealing, open, seal};
pub use kem::Encapsulated;
pub use material::{KeyMaterial, MaterialId};
pub use oaep::max_oaep_plaintext;
pub use pair::KeyPair;
pub use sign::SignedMessage;
pub(in crate::cloud::kms) use specs::aws_words;
pub use specs::{
    DataKeyPairSpec, DataKeySpec, EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm,
    KeySpec, KeyUsage, MacAlgorithm, MessageType, Origin, SigningAlgorithm, Word, WrappingAlgorithm,
    WrappingKeySpec,
};
pub use wrap::wrap_for_import;

/// The reason why a cryptographic step could not be done. No variant carries key material or plaintext.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The ciphertext cannot be read, or it does not belong to this key, these bytes and this context.
    #[error("the ciphertext is not authentic under this key and encryption context")]
    InvalidCiphertext,
    /// The signature or message authentication code is not this key's over this message.
    #[error("the signature is not this key's over this message")]
    InvalidSignature,
    /// The digest has not the length the algorithm asks for.
    #[error("the digest has not the length the algorithm asks for")]
    DigestLength,
    /// The bytes are no public key of the right kind.
    #[error("the bytes are no public key of the right kind")]
    InvalidPublicKey,
    /// The operation needs another kind of key material.
    #[error("this kind of key material cannot do that")]
    WrongMaterial,
}
