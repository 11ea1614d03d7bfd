//! `seal` and `unseal`: the part of envelope encryption that a program does by itself, with a data key that KMS made.
//!
//! AES-256-GCM on this machine. Neither is a call: nobody's permissions are asked, and no trail tells of it, as on AWS. Bytes come
//! and go as base64, as the AWS CLI prints them; no file of the machine is read.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Printed;
use super::blob::{decoded, encoded};
use crate::limits::steps;

/// The bytes of a data key of the spec `AES_256`.
const KEY_BYTES: usize = 32;
/// The bytes of a nonce, which stands before what is encrypted.
const NONCE_BYTES: usize = 12;

/// How the two are typed.
const USAGE: [&str; 2] = [
    "seal --key BASE64 --plaintext BASE64 [--aad TEXT]: encrypts with a data key of 256 bits, here and not in KMS",
    "unseal --key BASE64 --ciphertext BASE64 [--aad TEXT]: decrypts what `seal` encrypted with that key",
];

/// What is done with a data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Seal,
    Unseal,
}

impl Work {
    fn usage(self) -> &'static str {
        match self {
            Self::Seal => USAGE[0],
            Self::Unseal => USAGE[1],
        }
    }

    /// The option that the bytes follow.
    fn option(self) -> &'static str {
        match self {
            Self::Seal => "--plaintext",
            Self::Unseal => "--ciphertext",
        }
    }
}

/// What was typed, taken apart.
struct Given {
    key: Zeroizing<[u8; KEY_BYTES]>,
    bytes: Zeroizing<Vec<u8>>,
    /// Words that are bound to what is encrypted, and stay as they are.
    aad: String,
}

/// Runs `seal` or `unseal`.
pub fn run(work: Work, words: &[String]) -> Printed {
    let done = Given::read(work, words).and_then(|given| match work {
        Work::Seal => given.seal(),
        Work::Unseal => given.open(),
    });
    match done {
        Ok(bytes) => {
            steps::add(bytes.len());
            Printed::ok(encoded(&bytes).as_str().unwrap_or_default().to_owned() + "\n")
        }
        Err(why) => Printed::failed(2, format!("kmslab: {why}\n")),
    }
}

impl Given {
    fn read(work: Work, words: &[String]) -> Result<Self, String> {
        let (mut key, mut bytes, mut aad) = (None, None, String::new());
        for pair in words.chunks(2) {
            let [option, value] = pair else { return Err(work.usage().to_owned()) };
            match option.as_str() {
                "--key" => key = Some(binary("--key", value)?),
                option if option == work.option() => bytes = Some(binary(option, value)?),
                "--aad" => value.clone_into(&mut aad),
                _ => return Err(work.usage().to_owned()),
            }
        }
        let (Some(key), Some(bytes)) = (key, bytes) else { return Err(work.usage().to_owned()) };
        let key = <[u8; KEY_BYTES]>::try_from(key.as_slice()).map_err(|_| {
            format!(
                "the key has {} bytes and not {KEY_BYTES}: give the Plaintext of generate-data-key --key-spec AES_256",
                key.len()
            )
        })?;
        Ok(Self { key: Zeroizing::new(key), bytes, aad })
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.key).into())
    }

    /// A nonce, what was encrypted, and its tag, one behind the other.
    ///
    /// A program takes a nonce by chance. Here it follows from all that goes in, so that the same lines print the same bytes: two
    /// texts never share one, but for a collision of SHA-256 in 96 bits.
    fn seal(&self) -> Result<Vec<u8>, String> {
        let mut digest = Sha256::new_with_prefix("kmslab seal");
        for part in [self.key.as_slice(), self.aad.as_bytes(), &self.bytes] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let Some(nonce) = digest.first_chunk::<NONCE_BYTES>() else { return Err(USAGE[0].to_owned()) };
        let payload = Payload { msg: &self.bytes, aad: self.aad.as_bytes() };
        let sealed = self.cipher().encrypt(nonce.into(), payload);
        let sealed = sealed.map_err(|_| "seal: this is more than one nonce is good for".to_owned())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self) -> Result<Vec<u8>, String> {
        let shut =
            || "unseal: it does not open: another key, another --aad, or bytes that were changed".to_owned();
        let (nonce, sealed) = self.bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(shut)?;
        let payload = Payload { msg: sealed, aad: self.aad.as_bytes() };
        self.cipher().decrypt(nonce.into(), payload).map_err(|_| shut())
    }
}

/// The bytes of an option.
fn binary(option: &str, value: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    steps::add(value.len());
    if value.starts_with("file://") || value.starts_with("fileb://") {
        let message = "takes base64 and no file: put the output of a command into it, as in $(aws kms ..)";
        return Err(format!("{option} {message}"));
    }
    decoded(value).map(Zeroizing::new).ok_or_else(|| {
        format!("{option} is no base64: give what --query .. --output text of an aws line prints")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 32 bytes of zero, in base64.
    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    fn typed(work: Work, line: &str) -> (u8, String) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let printed = run(work, &words);
        (printed.code, printed.out.trim_end().to_owned() + printed.err.trim_end())
    }

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_words_and_nothing_else() {
        let (code, sealed) = typed(Work::Seal, &format!("--key {KEY} --plaintext SGVsbG8= --aad xray-17"));
        assert_eq!(code, 0, "{sealed}");
        let bytes = decoded(&sealed).expect("base64");
        assert_eq!(bytes.len(), NONCE_BYTES + "Hello".len() + 16);
        assert!(!bytes.windows(5).any(|part| part == b"Hello"));
        let open = |line: &str| typed(Work::Unseal, line);
        assert_eq!(
            open(&format!("--key {KEY} --ciphertext {sealed} --aad xray-17")),
            (0, "SGVsbG8=".to_owned())
        );
        let mut changed = bytes.clone();
        changed[NONCE_BYTES] ^= 1;
        let changed = encoded(&changed);
        let changed = changed.as_str().expect("a text");
        let other = KEY.replacen('A', "B", 1);
        for line in [
            format!("--key {KEY} --ciphertext {sealed}"),
            format!("--key {KEY} --ciphertext {sealed} --aad xray-71"),
            format!("--key {other} --ciphertext {sealed} --aad xray-17"),
            format!("--key {KEY} --ciphertext {changed} --aad xray-17"),
            format!("--key {KEY} --ciphertext SGVsbG8="),
        ] {
            let (code, said) = open(&line);
            assert!(code == 2 && said.contains("does not open"), "{line}: {said}");
        }
        // Two texts have two nonces, and the same text has the same.
        let (_, again) = typed(Work::Seal, &format!("--key {KEY} --plaintext SGVsbG8= --aad xray-17"));
        assert_eq!(again, sealed);
        let (_, next) = typed(Work::Seal, &format!("--key {KEY} --plaintext SGVsbGE= --aad xray-17"));
        assert_ne!(next.get(..16), sealed.get(..16));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_remedy() {
        for (line, said) in [
            ("", "seal --key BASE64"),
            ("--key", "seal --key BASE64"),
            ("--key AAAA", "seal --key BASE64"),
            ("--key AAAA --plaintext AAAA", "has 3 bytes and not 32"),
            ("--key A --plaintext AAAA", "--key is no base64"),
            ("--key fileb://key --plaintext AAAA", "takes base64 and no file"),
            ("--keys AAAA --plaintext AAAA", "seal --key BASE64"),
        ] {
            let (code, found) = typed(Work::Seal, line);
            assert!(code == 2 && found.contains(said), "{line}: {found}");
        }
    }
}
