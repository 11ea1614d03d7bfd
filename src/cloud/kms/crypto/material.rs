//! Key material: the secret bytes of one KMS key at one time.
//!
//! It is wiped when dropped and shows itself in no debug output; nothing serialises it.

use std::fmt;

use rand::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::ZeroizeOnDrop;

use super::CryptoError;

/// Names one piece of key material of one key; not secret. Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialId(pub(super) [u8; 32]);

impl fmt::Display for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for MaterialId {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let mut id = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(CryptoError::WrongMaterial);
        }
        for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digit = |d: u8| if d.is_ascii_digit() { d - b'0' } else { d - b'a' + 10 };
            *byte = pair.iter().fold(0, |value, d| value << 4 | digit(*d));
        }
        Ok(Self(id))
    }
}

/// The secret of one KMS key. Wiped on drop; its debug output shows the kind only.
#[derive(ZeroizeOnDrop)]
pub struct KeyMaterial {
    pub(super) bytes: [u8; 32],
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyMaterial(<redacted>)")
    }
}

impl KeyMaterial {
    /// A new 256-bit symmetric key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self { bytes }
    }

    /// Takes over imported key material; the slice given is not wiped, that is the caller's part.
    pub fn import(bytes: &[u8]) -> Result<Self, CryptoError> {
        let bytes = bytes.try_into().map_err(|_| CryptoError::WrongMaterial)?;
        Ok(Self { bytes })
    }

    /// The name of this material under the key `key_id`.
    ///
    /// The same material imported twice into one key gets the same name, which is how a wrong re-import is
    /// noticed; two keys with equal material have different names. It is a hash, and the material is random, so
    /// the name reveals nothing.
    pub fn id(&self, key_id: &str) -> MaterialId {
        let hash =
            Sha256::new_with_prefix(b"key material id\0").chain_update(key_id).chain_update(self.bytes);
        MaterialId(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::ChaCha20Rng};

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_key() {
        let make = |seed| KeyMaterial::generate(&mut ChaCha20Rng::seed_from_u64(seed)).bytes;
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }

    #[test]
    fn a_material_id_depends_on_material_and_key_and_reads_back() {
        let one = KeyMaterial::import(&[1; 32]).unwrap();
        let two = KeyMaterial::import(&[2; 32]).unwrap();
        assert_eq!(one.id("k"), KeyMaterial::import(&[1; 32]).unwrap().id("k"));
        assert_ne!(one.id("k"), two.id("k"));
        assert_ne!(one.id("k"), one.id("l"));
        assert_eq!(one.id("k").to_string().parse(), Ok(one.id("k")));
        for bad in ["", "zz", &"g".repeat(64), &"A".repeat(64), &"0".repeat(63)] {
            assert!(bad.parse::<MaterialId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_32_bytes_make_a_symmetric_key() {
        for len in [0, 16, 31, 33, 64] {
            assert_eq!(KeyMaterial::import(&vec![0; len]).err(), Some(CryptoError::WrongMaterial), "{len}");
        }
    }

    #[test]
    fn debug_output_shows_no_key_bytes() {
        assert_eq!(format!("{:?}", KeyMaterial::import(&[0xab; 32]).unwrap()), "KeyMaterial(<redacted>)");
    }
}
