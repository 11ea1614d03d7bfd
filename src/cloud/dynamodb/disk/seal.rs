//! Sealing: AES-256-GCM with a random nonce and the sealed thing's identity as additional data.
//!
//! Keys live in [`PlainKey`]s, which are wiped when dropped and print nothing. What is sealed names its place in
//! its additional data, so bytes that are changed, moved or swapped do not open.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::error::DiskError;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 12;
/// Bytes of an authentication tag.
pub const TAG_BYTES: usize = 16;

/// A 256-bit key in the clear. Wiped when dropped; `Debug` shows nothing of it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PlainKey([u8; KEY_BYTES]);

impl PlainKey {
    /// Returns a key of these bytes; `None` unless there are 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns a new random key.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut key = Self([0; KEY_BYTES]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// Returns the cipher with its key schedule made; it wipes the schedule when dropped.
    pub(in crate::cloud::dynamodb) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&self.0).into())
    }

    /// Returns the key itself, for tests to search for.
    #[cfg(test)]
    pub(in crate::cloud) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the first half of HMAC-SHA-256 over `message`.
    pub(super) fn keyed_hash(&self, message: &[u8]) -> [u8; 16] {
        // HMAC fills a key shorter than its block with zeros; a whole block cannot be refused.
        let mut block = Zeroizing::new([0_u8; 64]);
        block[..KEY_BYTES].copy_from_slice(&self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        mac.update(message);
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        let mut half = [0; 16];
        half.copy_from_slice(&full[..16]);
        half
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainKey(..)")
    }
}

/// Bytes in the clear, wiped when dropped. `Debug` shows nothing of them.
///
/// `Zeroizing<Vec<u8>>` writes byte by byte, which takes longer than opening a page did. This writes whole lines of
/// memory and then keeps the compiler from leaving that out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PlainBytes(Vec<u8>);

impl PlainBytes {
    /// Returns an empty buffer with room for `capacity` bytes. Growing beyond that would leave a copy behind,
    /// unwiped.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }
}

impl From<Vec<u8>> for PlainBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for PlainBytes {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for PlainBytes {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Drop for PlainBytes {
    fn drop(&mut self) {
        // All that was ever allocated: what was cut off still stands behind the end.
        self.0.clear();
        self.0.resize(self.0.capacity(), 0);
        zeroize::optimization_barrier(self.0.as_slice());
    }
}

impl ZeroizeOnDrop for PlainBytes {}

impl fmt::Debug for PlainBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainBytes(..)")
    }
}

/// Sealed bytes as they lie on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Random, new at every sealing.
    pub nonce: [u8; NONCE_BYTES],
    /// Proves that nonce, ciphertext and additional data are the sealed ones.
    pub tag: [u8; TAG_BYTES],
    /// The encrypted bytes, as long as the plaintext.
    pub ciphertext: Arc<[u8]>,
}

impl Sealed {
    /// Returns `plaintext` as a sealed page.
    pub fn seal(
        cipher: &Aes256Gcm,
        aad: &[u8],
        plaintext: &[u8],
        rng: &mut impl Rng,
    ) -> Result<Self, DiskError> {
        let nonce = new_nonce(rng);
        #[cfg(test)]
        crate::cloud::nonces::note(cipher, &nonce, aad, plaintext);
        let mut sealed: Arc<[u8]> = plaintext.into();
        // Nobody else has the new memory, so this is no copy.
        let buffer = Arc::make_mut(&mut sealed);
        let tag = cipher.encrypt_inout_detached((&nonce).into(), aad, (&mut *buffer).into());
        let tag = tag.map_err(|_| {
            buffer.zeroize();
            DiskError::TooLarge
        })?;
        Ok(Self { nonce, tag: tag.into(), ciphertext: sealed })
    }

    /// Opens into `out`, whose old content is replaced. On an error `out` holds nothing.
    pub fn open_into(&self, cipher: &Aes256Gcm, aad: &[u8], out: &mut PlainBytes) -> Result<(), DiskError> {
        if out.capacity() < self.ciphertext.len() {
            *out = PlainBytes::with_capacity(self.ciphertext.len());
        }
        // Copied, then opened in place: measured, that is faster than opening from one place into another.
        out.clear();
        out.extend_from_slice(&self.ciphertext);
        let opened = cipher
            .decrypt_inout_detached((&self.nonce).into(), aad, out.as_mut_slice().into(), (&self.tag).into())
            .map_err(|_| DiskError::Unauthentic);
        if opened.is_err() {
            out.clear();
        }
        opened
    }
}

/// A key sealed under another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Random, new at every wrapping.
    pub nonce: [u8; NONCE_BYTES],
    /// Proves that nonce, ciphertext and additional data are the wrapped ones.
    pub tag: [u8; TAG_BYTES],
    pub ciphertext: [u8; KEY_BYTES],
}

impl WrappedKey {
    /// Returns `key`, wrapped under another key.
    pub fn wrap(
        cipher: &Aes256Gcm,
        aad: &[u8],
        key: &PlainKey,
        rng: &mut impl Rng,
    ) -> Result<Self, DiskError> {
        let nonce = new_nonce(rng);
        #[cfg(test)]
        crate::cloud::nonces::note(cipher, &nonce, aad, &key.0);
        let mut ciphertext = key.0;
        let sealed = cipher.encrypt_inout_detached((&nonce).into(), aad, ciphertext.as_mut_slice().into());
        let tag = sealed.map_err(|_| {
            ciphertext.zeroize();
            DiskError::TooLarge
        })?;
        Ok(Self { nonce, tag: tag.into(), ciphertext })
    }

    /// Returns nonce, tag and ciphertext in a row.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.nonce.as_slice(), &self.tag, &self.ciphertext].concat()
    }

    /// Reads back what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (nonce, rest) = bytes.split_first_chunk()?;
        let (tag, rest) = rest.split_first_chunk()?;
        Some(Self { nonce: *nonce, tag: *tag, ciphertext: rest.try_into().ok()? })
    }

    /// Unwraps the key that is inside.
    pub fn unwrap_key(&self, cipher: &Aes256Gcm, aad: &[u8]) -> Result<PlainKey, DiskError> {
        let mut key = PlainKey(self.ciphertext);
        cipher
            .decrypt_inout_detached(
                (&self.nonce).into(),
                aad,
                key.0.as_mut_slice().into(),
                (&self.tag).into(),
            )
            .map_err(|_| DiskError::Unauthentic)?;
        Ok(key)
    }
}

fn new_nonce(rng: &mut impl Rng) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    nonce
}
