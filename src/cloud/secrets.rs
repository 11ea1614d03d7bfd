//! Keys in the clear: every type that holds one is wiped when dropped, which the compiler checks; and for tests, all that
//! a world holds, to be searched for wherever nothing of them may show.
//!
//! The seed of a world is no secret: whoever has it, from a scenario's file or a journal, can make every key again. It
//! is what makes a simulated world reproducible.

use zeroize::ZeroizeOnDrop;

/// Compiles only for what is wiped when dropped: a type says so of its fields, and then of itself.
pub(in crate::cloud) const fn wiped<T: ZeroizeOnDrop>(_: &T) {}

#[cfg(test)]
pub(crate) use of_tests::{Secret, hidden_in, hidden_in_bytes, together};

#[cfg(test)]
mod of_tests {
    use crate::cloud::{Blob, World, dynamodb};

    /// A key in the clear, and what it is.
    pub(crate) struct Secret {
        pub what: String,
        pub bytes: Vec<u8>,
    }

    impl World {
        /// Every key that the world holds in the clear or could have from KMS.
        pub(crate) fn secrets(&self) -> Vec<Secret> {
            let mut all = Vec::new();
            let mut add = |what: String, bytes: Vec<u8>| all.push(Secret { what, bytes });
            add("the key of the identity provider".to_owned(), self.identity_provider().secret());
            for key in self.kms.keys() {
                for secret in key.materials.iter().filter_map(|material| material.secret.as_ref()) {
                    add(format!("material of {}", key.arn()), secret.secret_bytes());
                }
            }
            for key in self.kms.wrapping_keys() {
                add("a wrapping key".to_owned(), key.secret_bytes());
            }
            for stored in self.dynamodb.stored() {
                if let Some(key) = dynamodb::plain_table_key(self, stored.table()) {
                    add(format!("table key of {}", stored.arn()), key.bytes().to_vec());
                    for inner in stored.table().disk.keys_in_the_clear(&key) {
                        add(format!("data key of {}", stored.arn()), inner.bytes().to_vec());
                    }
                }
            }
            for key in self.dynamodb.owned_keys_in_the_clear() {
                add("an AWS owned key".to_owned(), key.bytes().to_vec());
            }
            all
        }
    }

    /// Returns the secrets of two worlds, each once.
    pub(crate) fn together(mut some: Vec<Secret>, more: Vec<Secret>) -> Vec<Secret> {
        for secret in more {
            if !some.iter().any(|known| known.bytes == secret.bytes) {
                some.push(secret);
            }
        }
        some
    }

    /// The ways in which bytes are written: base64 wherever it begins, hex, lists of numbers.
    fn spellings(bytes: &[u8]) -> Vec<String> {
        let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let list = |between: &str| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(between);
        let mut all = vec![hex.to_uppercase(), hex, list(", "), list(",")];
        for start in 0..3 {
            let whole = &bytes[start..];
            all.push(Blob::new(&whole[..whole.len() / 3 * 3]).to_base64());
        }
        all.extend(String::from_utf8(bytes.to_vec()));
        all
    }

    /// Panics if a text shows a secret, or half of one.
    pub(crate) fn hidden_in(secrets: &[Secret], place: &str, text: &str) {
        for Secret { what, bytes } in secrets {
            for half in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
                for spelling in spellings(half) {
                    assert!(!text.contains(&spelling), "{place} shows the {what}");
                }
            }
        }
    }

    /// Panics if bytes hold a secret, or half of one.
    pub(crate) fn hidden_in_bytes(secrets: &[Secret], place: &str, stored: &[u8]) {
        for Secret { what, bytes } in secrets {
            for half in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
                assert!(!stored.windows(half.len()).any(|window| window == half), "{place} holds the {what}");
            }
        }
    }

    #[test]
    fn whatever_way_a_key_is_written_it_is_found() {
        let bytes: Vec<u8> = (100..132).collect();
        let secrets = [Secret { what: "key".to_owned(), bytes: bytes.clone() }];
        let behind = |start: usize| Blob::new([&[7; 3][..start], &bytes[..]].concat()).to_base64();
        let [upper, hex, ..] = &spellings(&bytes)[..] else { panic!("no hex") };
        for text in [behind(0), behind(1), behind(2), upper.clone(), hex.clone(), format!("{bytes:?}")] {
            let shown = format!("<{text}>");
            assert!(std::panic::catch_unwind(|| hidden_in(&secrets, "a text", &shown)).is_err(), "{shown}");
        }
        hidden_in(&secrets, "a text", "nothing");
        assert!(std::panic::catch_unwind(|| hidden_in_bytes(&secrets, "bytes", &bytes)).is_err());
        hidden_in_bytes(&secrets, "bytes", &[100; 64]);
    }
}
