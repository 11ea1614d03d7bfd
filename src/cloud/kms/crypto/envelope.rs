//! The ciphertext of symmetric KMS keys: a header that names the key, then AES-256-GCM.
//!
//! AWS documents the ciphertext as opaque. This one begins with the bytes real ones begin with (base64
//! `AQICAH`) and carries what makes Decrypt work without a key id: account, key and key material. Header and
//! encryption context are authenticated, so a change of any byte, or another context, makes opening fail.
//!
//! ```text
//! 5 bytes   01 02 02 00 78
//! 12 bytes  account number, ASCII
//! 36 bytes  key id, ASCII (a UUID, or mrk- and 32 hexadecimal digits)
//! 32 bytes  key material id
//! 12 bytes  nonce
//! n bytes   ciphertext, as long as the plaintext
//! 16 bytes  tag
//! ```

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{CryptoError, KeyMaterial, MaterialId};

// Source: KMS Developer Guide, "Encryption context".
/// Names and values authenticated with a ciphertext; exact and case-sensitive, in no particular order.
pub type EncryptionContext = BTreeMap<String, String>;

const MAGIC: [u8; 5] = [0x01, 0x02, 0x02, 0x00, 0x78];
const ACCOUNT_LEN: usize = 12;
const KEY_ID_LEN: usize = 36;
const MATERIAL_LEN: usize = 32;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const HEADER_LEN: usize = MAGIC.len() + ACCOUNT_LEN + KEY_ID_LEN + MATERIAL_LEN;

/// The header of a ciphertext, which names the key that made it. Not authenticated until [`open`] succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobHeader {
    /// The account that owns the key: 12 digits.
    pub account: String,
    /// The key's id, without ARN.
    pub key_id: String,
    /// The material of the key that was used.
    pub material: MaterialId,
}

impl BlobHeader {
    fn encode(&self) -> Result<[u8; HEADER_LEN], CryptoError> {
        // An account or id of another length cannot come from this world's own identifiers.
        if self.account.len() != ACCOUNT_LEN || self.key_id.len() != KEY_ID_LEN {
            return Err(CryptoError::WrongMaterial);
        }
        let mut header = [0; HEADER_LEN];
        let parts: [&[u8]; 4] = [&MAGIC, self.account.as_bytes(), self.key_id.as_bytes(), &self.material.0];
        for (to, from) in header.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
        Ok(header)
    }
}

/// Encrypts `plaintext` under `material`, naming it as `header` says.
///
/// Fails with [`CryptoError::WrongMaterial`] if the header's account or key id has not the length of one.
pub fn seal(
    material: &KeyMaterial,
    header: &BlobHeader,
    context: &EncryptionContext,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, CryptoError> {
    let header = header.encode()?;
    let mut nonce = [0; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    let aad = authenticated_data(&header, context);
    let sealed = Aes256Gcm::new(material.aes_key()?.into())
        .encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: &aad })
        .map_err(|_| CryptoError::WrongMaterial)?;
    Ok([&header[..], &nonce, &sealed].concat())
}

/// Decrypts what [`seal`] made with the same material and context.
pub fn open(
    material: &KeyMaterial,
    context: &EncryptionContext,
    blob: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    read_header(blob)?;
    let (header, rest) = blob.split_at_checked(HEADER_LEN).ok_or(CryptoError::InvalidCiphertext)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::InvalidCiphertext)?;
    let aad = authenticated_data(header, context);
    Aes256Gcm::new(material.aes_key()?.into())
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| CryptoError::InvalidCiphertext)
}

/// Reads which key a ciphertext names; any bytes may be given.
pub fn read_header(blob: &[u8]) -> Result<BlobHeader, CryptoError> {
    let parse = || {
        if blob.len() < HEADER_LEN + NONCE_LEN + TAG_LEN {
            return None;
        }
        let rest = blob.strip_prefix(&MAGIC)?;
        let (account, rest) = rest.split_at_checked(ACCOUNT_LEN)?;
        let (key_id, rest) = rest.split_at_checked(KEY_ID_LEN)?;
        let (material, _) = rest.split_first_chunk::<MATERIAL_LEN>()?;
        let is_id = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b'-' | b'm' | b'r' | b'k');
        if !account.iter().all(u8::is_ascii_digit) || !key_id.iter().all(is_id) {
            return None;
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        Some(BlobHeader { account: text(account)?, key_id: text(key_id)?, material: MaterialId(*material) })
    };
    parse().ok_or(CryptoError::InvalidCiphertext)
}

/// Returns the bytes authenticated beside the ciphertext: the header, then each pair of the context with its
/// lengths, so that no two contexts give the same bytes.
fn authenticated_data(header: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let mut aad = header.to_vec();
    for part in context.iter().flat_map(|(key, value)| [key, value]) {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::ChaCha20Rng};

    use super::super::KeySpec;
    use super::*;

    const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn sealed(context: &EncryptionContext, plaintext: &[u8]) -> (KeyMaterial, BlobHeader, Vec<u8>) {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let material = KeyMaterial::generate(KeySpec::SymmetricDefault, &mut rng);
        let header = BlobHeader {
            account: "111122223333".to_owned(),
            key_id: KEY_ID.to_owned(),
            material: material.id(KEY_ID).unwrap(),
        };
        let blob = seal(&material, &header, context, plaintext, &mut rng).unwrap();
        (material, header, blob)
    }

    #[test]
    fn looks_like_a_real_one_and_names_its_key() {
        let (_, header, blob) = sealed(&context(&[]), b"secret");
        assert!(base64::prelude::BASE64_STANDARD.encode(&blob).starts_with("AQICAH"));
        assert_eq!(read_header(&blob).unwrap(), header);
        assert!(blob.windows(6).all(|bytes| bytes != b"secret"));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let context = context(&[("table", "CustomerData")]);
        let (material, _, mut blob) = sealed(&context, b"Alice");
        assert_eq!(open(&material, &context, &blob).unwrap().as_slice(), b"Alice");
        for bit in 0..blob.len() * 8 {
            blob[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&material, &context, &blob).is_err(), "bit {bit}");
            blob[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(open(&material, &context, &blob[..blob.len() - 1]).is_err());
    }

    #[test]
    fn another_context_another_key_or_another_name_of_the_key_fails() {
        // Source: KMS Developer Guide, "Encryption context": exact, case-sensitive match; the order is free.
        let good = context(&[("App", "lab"), ("Stage", "1")]);
        let (material, header, blob) = sealed(&good, b"Alice");
        let rows = [
            context(&[]),
            context(&[("App", "lab")]),
            context(&[("app", "lab"), ("Stage", "1")]),
            context(&[("App", "Lab"), ("Stage", "1")]),
            context(&[("App", "lab"), ("Stage", "1"), ("x", "")]),
            context(&[("App", "labS"), ("tage", "1")]),
        ];
        for wrong in rows {
            assert_eq!(
                open(&material, &wrong, &blob).err(),
                Some(CryptoError::InvalidCiphertext),
                "{wrong:?}"
            );
        }
        let other = KeyMaterial::import(KeySpec::SymmetricDefault, &[9; 32]).unwrap();
        assert!(open(&other, &good, &blob).is_err());
        assert_eq!(open(&material, &context(&[("Stage", "1"), ("App", "lab")]), &blob).unwrap().len(), 5);
        let bad = BlobHeader { key_id: "short".to_owned(), ..header };
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        assert_eq!(seal(&material, &bad, &good, b"", &mut rng).err(), Some(CryptoError::WrongMaterial));
    }

    #[test]
    fn two_sealings_of_one_plaintext_differ() {
        let (material, header, first) = sealed(&context(&[]), b"same");
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let second = seal(&material, &header, &context(&[]), b"same", &mut rng).unwrap();
        assert_ne!(first, second);
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(
            plaintext in proptest::collection::vec(any::<u8>(), 0..4097),
            context in proptest::collection::btree_map(".*", ".*", 0..4),
        ) {
            let (material, _, blob) = sealed(&context, &plaintext);
            let opened = open(&material, &context, &blob).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        }

        #[test]
        fn contexts_that_differ_are_authenticated_differently(
            a in proptest::collection::btree_map("[ab]{0,2}", "[ab]{0,2}", 0..3),
            b in proptest::collection::btree_map("[ab]{0,2}", "[ab]{0,2}", 0..3),
        ) {
            prop_assert_eq!(a == b, authenticated_data(b"", &a) == authenticated_data(b"", &b));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), magic: bool) {
            let bytes = if magic { [&MAGIC[..], &bytes].concat() } else { bytes };
            let material = KeyMaterial::import(KeySpec::SymmetricDefault, &[3; 32]).unwrap();
            prop_assert!(open(&material, &EncryptionContext::new(), &bytes).is_err());
        }
    }
}
