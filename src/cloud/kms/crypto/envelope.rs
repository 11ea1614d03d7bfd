//! Sealing under symmetric KMS keys: a key derived for each ciphertext, then AES-256-GCM.
//!
//! What a ciphertext looks like is said in [`super::blob`]. The front of it, which names the key, and the encryption
//! context are authenticated, so a change of any byte, or another context, makes opening fail.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac as _};
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::blob::{self, BlobHeader, NONCE_LEN, SALT_LEN};
use super::{CryptoError, KeyMaterial};

// Source: KMS Developer Guide, "Encryption context".
/// Names and values authenticated with a ciphertext; exact and case-sensitive, in no particular order.
pub type EncryptionContext = BTreeMap<String, String>;

/// What stands before a plaintext that is sealed.
///
/// Doubtful: in every published ciphertext whose plaintext is known, 11 bytes more than plaintext and tag are sealed.
/// What they say is not known; these say nothing. One form is known.
/// Source: Aidan Steele, "Cursory KMS research" (2020); the ciphertexts in botocore (`kms/2014-11-01/examples-1.json`).
const BEFORE: [u8; 11] = [0; 11];

/// Encrypts `plaintext` under `material`, naming it as `header` says.
///
/// Fails with [`CryptoError::WrongMaterial`] if the header's account or key id is none that this world makes.
pub fn seal(
    material: &KeyMaterial,
    header: &BlobHeader,
    context: &EncryptionContext,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, CryptoError> {
    Sealing::draw(material, header, context, rng)?.seal(plaintext)
}

/// What a plaintext will be sealed with, drawn before the plaintext is there.
pub struct Sealing {
    front: Vec<u8>,
    nonce: [u8; NONCE_LEN],
    aad: Vec<u8>,
    cipher: Box<Aes256Gcm>,
}

impl Sealing {
    /// Draws what is random about a ciphertext. Fails as [`seal`] does.
    pub fn draw(
        material: &KeyMaterial,
        header: &BlobHeader,
        context: &EncryptionContext,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CryptoError> {
        let mut salt = [0; SALT_LEN];
        rng.fill_bytes(&mut salt);
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let front = blob::front(header, &salt)?;
        let aad = authenticated_data(&front, context);
        Ok(Self { front, nonce, aad, cipher: Box::new(cipher(material, &salt)?) })
    }

    /// Encrypts the plaintext that this was drawn for. There must be no other.
    pub fn seal(&self, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        #[cfg(test)]
        crate::cloud::nonces::note(&self.cipher, &self.nonce, &self.aad, plaintext);
        let framed = Zeroizing::new([&BEFORE[..], plaintext].concat());
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(self.nonce), Payload { msg: &framed, aad: &self.aad })
            .map_err(|_| CryptoError::WrongMaterial)?;
        Ok(blob::whole(&self.front, &self.nonce, &sealed))
    }

    /// Returns what is random about the ciphertext; all of it stands there in the clear.
    pub fn drawn(&self) -> [&[u8]; 2] {
        [&self.front, &self.nonce]
    }
}

/// Decrypts what [`seal`] made with the same material and context.
pub fn open(
    material: &KeyMaterial,
    context: &EncryptionContext,
    blob: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let parts = blob::parts(blob).ok_or(CryptoError::InvalidCiphertext)?;
    let aad = authenticated_data(parts.front, context);
    let framed = cipher(material, parts.salt)?
        .decrypt(&Nonce::from(parts.nonce), Payload { msg: parts.sealed, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| CryptoError::InvalidCiphertext)?;
    let plaintext = framed.strip_prefix(&BEFORE).ok_or(CryptoError::InvalidCiphertext)?;
    Ok(Zeroizing::new(plaintext.to_vec()))
}

/// Derives the key of one ciphertext from the KMS key.
///
/// Source: AWS KMS Cryptographic Details, "Cryptographic primitives", key derivation functions: a key for every
/// encryption under a KMS key, by the KDF in counter mode (NIST SP 800-108) with HMAC and SHA-256.
fn cipher(material: &KeyMaterial, salt: &[u8]) -> Result<Aes256Gcm, CryptoError> {
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(material.aes_key()?);
    // Counter, label, separator, context, length in bits: one block is as long as the key.
    let parts = [&1_u32.to_be_bytes()[..], b"kmslab ciphertext", &[0], salt, &256_u32.to_be_bytes()];
    let mac = parts.iter().fold(mac.map_err(|_| CryptoError::WrongMaterial)?, hmac::Mac::chain_update);
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
    Ok(Aes256Gcm::new((&*key).into()))
}

/// Returns the bytes authenticated beside the ciphertext: the front, then each pair of the context with its
/// lengths, so that no two contexts give the same bytes.
fn authenticated_data(front: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let mut aad = front.to_vec();
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

    use super::super::{KeySpec, read_header};
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
            material: material.id(KEY_ID).unwrap().short(),
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
    fn ciphertexts_are_as_long_as_awss() {
        // Sources: ciphertexts that were published with their plaintexts or their kinds. 32 bytes: data keys of AES_256,
        // such as those of Datadog's guide for Lambda. 4 bytes: a test of a Go program for the text "test". 79 and 76
        // bytes: the ids of a tenancy and a user of Oracle in a Terraform provider's set-up.
        for (plaintext, length) in [(4, 156), (32, 184), (76, 232), (79, 235)] {
            assert_eq!(sealed(&context(&[]), &vec![7; plaintext]).2.len(), length, "{plaintext}");
        }
        // Nothing is longer for its encryption context.
        assert_eq!(sealed(&context(&[("table", "CustomerData")]), &[7; 32]).2.len(), 184);
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
            let bytes = if magic { [&[1, 2, 2, 0, 0x78][..], &bytes].concat() } else { bytes };
            let material = KeyMaterial::import(KeySpec::SymmetricDefault, &[3; 32]).unwrap();
            prop_assert!(open(&material, &EncryptionContext::new(), &bytes).is_err());
        }
    }
}
