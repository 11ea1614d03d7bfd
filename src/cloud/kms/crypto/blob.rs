//! The bytes of a symmetric ciphertext, in the shape and the length of AWS's.
//!
//! ```text
//! 5 bytes    01 02 02 00 78
//! 32 bytes   which material of which key it is
//! 1 byte     01
//! 16 bytes   what the key of this one ciphertext is derived with
//! 4 bytes    the length of what follows
//! n bytes    EncryptedData of PKCS #7 in DER: AES-256-GCM, a nonce of 12 bytes, the ciphertext with its tag
//! ```
//!
//! AWS documents a ciphertext as opaque, but every one that was published reads so, and anybody can measure one: 32 bytes
//! of plaintext make 184.
//!
//! Source: Aidan Steele, "Cursory KMS research" (2020): what stays, what follows from the key, what is drawn. Checked
//! against the ciphertexts in botocore (`kms/2014-11-01/examples-1.json`, of the elder kind without the 17 bytes).
//! Doubtful: what AWS's 32 bytes say. They look random, so these do, too; they can be read, which AWS's cannot. One
//! form is known.

use sha2::{Digest as _, Sha256};

use super::CryptoError;

/// The bytes that a ciphertext begins with: base64 `AQICAH`.
const MAGIC: [u8; 5] = [0x01, 0x02, 0x02, 0x00, 0x78];
/// What stands between the identifier and the salt.
const SALTED: u8 = 0x01;
const IDENTIFIER_LEN: usize = 32;
pub(super) const SALT_LEN: usize = 16;
pub(super) const NONCE_LEN: usize = 12;
/// The bytes in front of the length, which are authenticated beside the ciphertext.
const FRONT_LEN: usize = MAGIC.len() + IDENTIFIER_LEN + 1 + SALT_LEN;
const ACCOUNT_DIGITS: usize = 12;

/// The object identifiers of PKCS #7 `encryptedData` and `data`, and of AES-256-GCM, as DER writes them.
const ENCRYPTED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
const DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const AES_256_GCM: [u8; 11] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e];
/// The version of the structure, and the length of the tag, as integers.
const VERSION_0: [u8; 3] = [0x02, 0x01, 0x00];
const TAG_OF_16: [u8; 3] = [0x02, 0x01, 0x10];

/// The tags of DER that occur here.
const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const CONTENT: u8 = 0xa0;
const ENCRYPTED_CONTENT: u8 = 0x80;

/// What a ciphertext says about the key that made it. Not authenticated until [`open`](super::open) succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobHeader {
    /// The account that owns the key: 12 digits.
    pub account: String,
    /// The key's id, without ARN.
    pub key_id: String,
    /// The beginning of the id of the material that was used.
    pub material: [u8; 8],
}

/// A ciphertext in its parts.
pub(super) struct Parts<'b> {
    /// All that stands in front of the length.
    pub front: &'b [u8],
    /// What the key of this ciphertext is derived with.
    pub salt: &'b [u8],
    pub nonce: [u8; NONCE_LEN],
    /// The ciphertext and its tag.
    pub sealed: &'b [u8],
}

/// Returns the front of a ciphertext.
///
/// Fails with [`CryptoError::WrongMaterial`] if the account or the key id is none that this world makes.
pub(super) fn front(header: &BlobHeader, salt: &[u8; SALT_LEN]) -> Result<Vec<u8>, CryptoError> {
    let identifier = scrambled(pack(header).ok_or(CryptoError::WrongMaterial)?);
    Ok([&MAGIC[..], &identifier, &[SALTED], salt].concat())
}

/// Returns the whole ciphertext.
pub(super) fn whole(front: &[u8], nonce: &[u8; NONCE_LEN], sealed: &[u8]) -> Vec<u8> {
    let parameters = tlv(SEQUENCE, &[&tlv(OCTETS, &[nonce]), &TAG_OF_16]);
    let algorithm = tlv(SEQUENCE, &[&AES_256_GCM, &parameters]);
    let content = tlv(SEQUENCE, &[&DATA, &algorithm, &tlv(ENCRYPTED_CONTENT, &[sealed])]);
    let data = tlv(SEQUENCE, &[&VERSION_0, &content]);
    let body = tlv(SEQUENCE, &[&ENCRYPTED_DATA, &tlv(CONTENT, &[&data])]);
    // No plaintext is longer than 4,096 bytes.
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    [front, &length.to_be_bytes(), &body].concat()
}

/// Takes a ciphertext apart; `None` if it is none.
pub(super) fn parts(blob: &[u8]) -> Option<Parts<'_>> {
    let (front, rest) = blob.split_at_checked(FRONT_LEN)?;
    let (identifier, salt) = front.strip_prefix(&MAGIC)?.split_at_checked(IDENTIFIER_LEN)?;
    let salt = salt.strip_prefix(&[SALTED]).filter(|_| !identifier.is_empty())?;
    let (length, body) = rest.split_first_chunk::<4>()?;
    let data = alone(body, SEQUENCE)?.strip_prefix(&ENCRYPTED_DATA)?;
    let content = alone(alone(data, CONTENT)?, SEQUENCE)?.strip_prefix(&VERSION_0)?;
    let (algorithm, content) = value(alone(content, SEQUENCE)?.strip_prefix(&DATA)?, SEQUENCE)?;
    let (nonce, tag) = value(alone(algorithm.strip_prefix(&AES_256_GCM)?, SEQUENCE)?, OCTETS)?;
    let sealed = alone(content, ENCRYPTED_CONTENT)?;
    let fits = u32::from_be_bytes(*length) as usize == body.len() && tag == TAG_OF_16;
    fits.then_some(Parts { front, salt, nonce: nonce.try_into().ok()?, sealed })
}

/// Reads which key a ciphertext names; any bytes may be given.
pub fn read_header(blob: &[u8]) -> Result<BlobHeader, CryptoError> {
    let named = || {
        let identifier = parts(blob)?.front.strip_prefix(&MAGIC)?.first_chunk::<IDENTIFIER_LEN>()?;
        unpack(&unscrambled(*identifier))
    };
    named().ok_or(CryptoError::InvalidCiphertext)
}

/// The account as a number of 5 bytes, the kind of key id and its 16 bytes, 8 bytes of the material's id, two zeros.
fn pack(header: &BlobHeader) -> Option<[u8; IDENTIFIER_LEN]> {
    let account: u64 = header.account.parse().ok().filter(|_| header.account.len() == ACCOUNT_DIGITS)?;
    let [_, _, _, account @ ..] = account.to_be_bytes();
    let replicable = header.key_id.starts_with("mrk-");
    let digits = header.key_id.trim_start_matches("mrk-").replace('-', "");
    let id = u128::from_str_radix(&digits, 16).ok()?.to_be_bytes();
    let mut packed = [0; IDENTIFIER_LEN];
    let parts = [&account[..], &[u8::from(replicable)], &id, &header.material];
    for (to, from) in packed.iter_mut().zip(parts.into_iter().flatten()) {
        *to = *from;
    }
    // Whatever is not written as ids are is not read back as it was.
    unpack(&packed).is_some_and(|read| read == *header).then_some(packed)
}

fn unpack(packed: &[u8; IDENTIFIER_LEN]) -> Option<BlobHeader> {
    let (account, rest) = packed.split_first_chunk::<5>()?;
    let (replicable, rest) = rest.split_first()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (material, rest) = rest.split_first_chunk::<8>()?;
    let account = account.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let id = base16ct::lower::encode_string(id);
    let key_id = match replicable {
        // INVARIANT: sixteen bytes make 32 digits.
        0 => [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-"),
        1 => ["mrk-", &id].concat(),
        _ => return None,
    };
    let account = format!("{account:012}");
    // Two bytes that say nothing, so that other 32 bytes name no key, but for one in 65,536.
    let read = rest.iter().all(|byte| *byte == 0) && account.len() == ACCOUNT_DIGITS;
    read.then_some(BlobHeader { account, key_id, material: *material })
}

/// Mixes an identifier so that each byte depends on all. It hides nothing: everybody may turn it back.
fn scrambled(identifier: [u8; IDENTIFIER_LEN]) -> [u8; IDENTIFIER_LEN] {
    let [mut left, mut right] = halves(identifier);
    for round in 0..4 {
        (left, right) = (right, mixed(left, right, round));
    }
    joined(left, right)
}

fn unscrambled(identifier: [u8; IDENTIFIER_LEN]) -> [u8; IDENTIFIER_LEN] {
    let [mut left, mut right] = halves(identifier);
    for round in (0..4).rev() {
        (left, right) = (mixed(right, left, round), left);
    }
    joined(left, right)
}

fn halves(identifier: [u8; IDENTIFIER_LEN]) -> [u128; 2] {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
    let (left, right) = identifier.split_at(IDENTIFIER_LEN / 2);
    [number(left), number(right)]
}

fn joined(left: u128, right: u128) -> [u8; IDENTIFIER_LEN] {
    let mut identifier = [0; IDENTIFIER_LEN];
    let bytes = left.to_be_bytes().into_iter().chain(right.to_be_bytes());
    identifier.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    identifier
}

fn mixed(one: u128, other: u128, round: u8) -> u128 {
    let hash =
        Sha256::new().chain_update(b"kmslab key").chain_update([round]).chain_update(other.to_be_bytes());
    let [_, low] = halves(hash.finalize().into());
    one ^ low
}

/// One value in DER: its tag, the length of its parts in the shortest form, the parts.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = value.len().to_be_bytes();
    let digits = length.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<_>>();
    let mut bytes = vec![tag];
    match (digits.as_slice(), u8::try_from(digits.len())) {
        ([], _) => bytes.push(0),
        ([short @ 0..0x80], _) => bytes.push(*short),
        (long, Ok(count)) => {
            bytes.push(0x80 | count);
            bytes.extend_from_slice(long);
        }
        (_, Err(_)) => unreachable!("a length has eight bytes at most"),
    }
    bytes.extend_from_slice(&value);
    bytes
}

/// Reads one value of that tag, and what stands behind it. A length that is not in the shortest form is none.
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match *first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = digits
                .iter()
                .try_fold(0_usize, |length, byte| length.checked_mul(256)?.checked_add(usize::from(*byte)))?;
            (Some(length).filter(|length| *length >= 0x80 && digits.first() != Some(&0))?, rest)
        }
    };
    rest.split_at_checked(length)
}

/// Reads the one value of that tag that the bytes are.
fn alone(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    value(bytes, tag).filter(|(_, behind)| behind.is_empty()).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_bytes_that_look_random() {
        let header = |account: &str, key_id: &str| BlobHeader {
            account: account.to_owned(),
            key_id: key_id.to_owned(),
            material: *b"material",
        };
        let mut seen: Vec<[u8; IDENTIFIER_LEN]> = Vec::new();
        for (account, key_id) in [
            ("111122223333", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            ("111122223333", "1234abcd-12ab-34cd-56ef-1234567890ac"),
            ("111122223334", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            ("000000000001", "00000000-0000-0000-0000-000000000000"),
            ("999999999999", "mrk-1234abcd12ab34cd56ef1234567890ab"),
        ] {
            let header = header(account, key_id);
            let identifier = scrambled(pack(&header).expect(key_id));
            assert_eq!(unpack(&unscrambled(identifier)), Some(header), "{key_id}");
            for other in &seen {
                let same = identifier.iter().zip(other).filter(|(one, two)| one == two).count();
                assert!(same < 8, "{same} bytes of two keys are the same");
            }
            seen.push(identifier);
        }
        for (account, key_id) in [
            ("11112222333", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            ("111122223333", "1234ABCD-12ab-34cd-56ef-1234567890ab"),
            ("111122223333", "1234abcd12ab34cd56ef1234567890ab"),
            ("111122223333", "mrk-mrk-34abcd12ab34cd56ef1234567890ab"),
            ("111122223333", "short"),
            ("11112222333a", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ] {
            assert_eq!(pack(&header(account, key_id)), None, "{account} {key_id}");
        }
    }

    #[test]
    fn a_published_ciphertext_is_taken_apart() {
        use base64::Engine as _;
        // Source: botocore, `kms/2014-11-01/examples-1.json`, GenerateDataKey: AES_256, so 32 bytes of plaintext. It is
        // of the elder kind, `01 01 03 00 78`, without a salt: that and the 17 bytes are changed here.
        let published = "AQEDAHjRYf5WytIc0C857tFSnBaPn2F8DgfmThbJlGfR8P3WlwAAAH4wfAYJKoZIhvcNAQcGoG8wbQIBADBoBgkqhkiG9w0B\
                         BwEwHgYJYIZIAWUDBAEuMBEEDEFogLqPWZconQhwHAIBEIA7d9AC7GeJJM34njQvg4Wf1d5sw0NIo1MrBqZa+YdhV8MrkBQPeac0\
                         ReRVNDt9qleAt+SHgIRF8P0H+7U=";
        let published = base64::prelude::BASE64_STANDARD.decode(published).expect("base64");
        let (front, body) = published.split_at(MAGIC.len() + IDENTIFIER_LEN);
        let front = [&MAGIC[..], &front[MAGIC.len()..], &[SALTED], &[7; SALT_LEN]].concat();
        let now = [&front[..], body].concat();
        let read = parts(&now).expect("it is one");
        assert_eq!((now.len(), read.sealed.len()), (184, 32 + 11 + 16));
        assert_eq!(read.nonce, published[91..103]);
        assert_eq!(whole(read.front, &read.nonce, read.sealed), now, "byte for byte");
    }

    #[test]
    fn lengths_are_written_in_the_shortest_form_and_no_other_is_read() {
        for (length, bytes) in
            [(0, &[0][..]), (127, &[127]), (128, &[0x81, 128]), (255, &[0x81, 255]), (256, &[0x82, 1, 0])]
        {
            let written = tlv(OCTETS, &[&vec![9; length]]);
            assert_eq!(written[1..=bytes.len()], *bytes, "{length}");
            assert_eq!(value(&written, OCTETS).map(|(value, _)| value.len()), Some(length));
        }
        for bytes in [&[4, 0x81, 1, 9][..], &[4, 0x82, 0, 128], &[4, 0x80], &[4, 2, 9], &[4, 0x88, 255], &[4]]
        {
            assert_eq!(value(bytes, OCTETS), None, "{bytes:?}");
        }
    }
}
