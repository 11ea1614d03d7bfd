//! The OpenSSL command as a second implementation, in both directions: it reads and verifies what is made here, and what
//! it makes is read and verified here. That is signatures, RSA-OAEP, ECDH, HMAC, AES-GCM, wrapped key material and the
//! private keys of data key pairs.
//!
//! Ignored by default, because the command may be missing; `.ci/run` runs it, and fails without the command.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use kmslab::cloud::kms::crypto::{
    BlobHeader, EncryptionAlgorithm, EncryptionContext, KeyMaterial, KeyPair, KeySpec, KeyUsage, MessageType,
    SignedMessage, SigningAlgorithm, WrappingAlgorithm, max_oaep_plaintext, seal, wrap_for_import,
};
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use tempfile::TempDir;

const MESSAGE: &[u8] = b"the quick brown fox";

/// A folder of files that OpenSSL reads and writes.
struct OpenSsl(TempDir);

impl OpenSsl {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("written");
    }

    /// Runs `openssl` with these words; what it says if it fails.
    fn run(&self, words: &str) -> Result<(), String> {
        let words = words.split_whitespace();
        let output = Command::new("openssl").args(words).current_dir(self.0.path()).output();
        let output = output.expect("this test needs the openssl command");
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Runs `openssl` with these words, and reads the file `out` that it wrote.
    fn make(&self, words: &str) -> Vec<u8> {
        let (command, words) = words.split_once(' ').expect("a command with options");
        self.run(&format!("{command} -out out {words}"))
            .unwrap_or_else(|error| panic!("{command} {words}: {error}"));
        fs::read(self.path("out")).expect("written")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(11)
}

/// The kinds of key pairs that OpenSSL has had for long; ML-DSA came with 3.5, and fips204 is the second one for it.
fn pairs() -> impl Iterator<Item = (KeySpec, KeyPair)> {
    let specs = KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric() && !spec.as_str().starts_with("ML_"));
    specs.map(|spec| (*spec, KeyPair::generate(*spec, &mut rng()).expect("a pair")))
}

fn digest(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm.digest_len() {
        Some(32) => "sha256",
        Some(48) => "sha384",
        _ => "sha512",
    }
}

/// The options for a scheme of `pkeyutl`; none where OpenSSL 3.0 does not have it.
fn scheme(algorithm: SigningAlgorithm) -> Option<String> {
    let digest = digest(algorithm);
    if algorithm == SigningAlgorithm::Ed25519PhSha512 {
        // RFC 8032 has a vector for it, which the unit tests try.
        None
    } else if algorithm == SigningAlgorithm::Ed25519Sha512 {
        Some("-rawin".to_owned())
    } else if algorithm.as_str().starts_with("RSASSA_PSS") {
        Some(format!("-rawin -digest {digest} -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest"))
    } else {
        Some(format!("-rawin -digest {digest}"))
    }
}

fn oaep(algorithm: EncryptionAlgorithm) -> String {
    let digest = if algorithm == EncryptionAlgorithm::RsaesOaepSha1 { "sha1" } else { "sha256" };
    format!("-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{digest} -pkeyopt rsa_mgf1_md:{digest}")
}

#[test]
#[ignore = "needs the openssl command"]
fn openssl_and_this_program_understand_each_other() {
    let openssl = OpenSsl::new();
    openssl.put("message", MESSAGE);
    openssl.put("other", b"the quick brown dog");
    let raw = SignedMessage { kind: MessageType::Raw, bytes: MESSAGE };
    let (mut signatures, mut ciphertexts, mut secrets) = (0, 0, 0);
    for (spec, pair) in pairs() {
        openssl.put("private", &pair.to_pkcs8().expect("DER"));
        let public = pair.public_key_der().expect("DER");
        openssl.put("public", &public);
        let read = openssl.make("pkey -inform DER -in private -pubout -outform DER");
        assert_eq!(read, public, "{spec}: the private key of a data key pair, read by others");
        for algorithm in spec.signing_algorithms() {
            let Some(scheme) = scheme(*algorithm) else { continue };
            openssl.put("signature", &pair.sign(*algorithm, raw, &mut rng()).expect("signed"));
            let verify = |message: &str| {
                let with = "-pubin -inkey public -keyform DER -sigfile signature";
                openssl.run(&format!("pkeyutl -verify {with} {scheme} -in {message}"))
            };
            assert_eq!(verify("message"), Ok(()), "{spec} {algorithm}");
            assert!(verify("other").is_err(), "{spec} {algorithm}");
            let theirs =
                openssl.make(&format!("pkeyutl -sign -inkey private -keyform DER {scheme} -in message"));
            assert_eq!(pair.verify(*algorithm, raw, &theirs), Ok(()), "{spec} {algorithm}");
            signatures += 1;
        }
        for algorithm in spec.encryption_algorithms() {
            let most = vec![5; max_oaep_plaintext(spec, *algorithm).expect("RSA")];
            openssl.put("sealed", &pair.encrypt(*algorithm, &most, &mut rng()).expect("sealed"));
            let with = oaep(*algorithm);
            let opened =
                openssl.make(&format!("pkeyutl -decrypt -inkey private -keyform DER {with} -in sealed"));
            assert_eq!(opened, most, "{spec} {algorithm}");
            let theirs = openssl
                .make(&format!("pkeyutl -encrypt -pubin -inkey public -keyform DER {with} -in message"));
            let opened = pair.decrypt(*algorithm, &theirs, &mut rng());
            assert_eq!(opened.expect("opened").as_slice(), MESSAGE, "{spec} {algorithm}");
            ciphertexts += 1;
        }
        if spec.usages().contains(&KeyUsage::KeyAgreement) {
            let peer = KeyPair::generate(spec, &mut ChaCha20Rng::seed_from_u64(12)).expect("a pair");
            let peer = peer.public_key_der().expect("DER");
            openssl.put("peer", &peer);
            let theirs =
                openssl.make("pkeyutl -derive -inkey private -keyform DER -peerkey peer -peerform DER");
            assert_eq!(pair.derive_shared_secret(&peer).expect("a secret").as_slice(), theirs, "{spec}");
            secrets += 1;
        }
    }
    // Three RSA sizes of six algorithms, and five curves; two paddings of each size; three curves that agree.
    assert_eq!((signatures, ciphertexts, secrets), (23, 6, 3));
}

#[test]
#[ignore = "needs the openssl command"]
fn openssl_unwraps_what_is_wrapped_for_import() {
    let openssl = OpenSsl::new();
    let pair = KeyPair::generate(KeySpec::Rsa2048, &mut rng()).expect("a pair");
    openssl.put("private", &pair.to_pkcs8().expect("DER"));
    let public = pair.public_key_der().expect("DER");
    for (algorithm, step) in [
        (WrappingAlgorithm::RsaAesKeyWrapSha1, EncryptionAlgorithm::RsaesOaepSha1),
        (WrappingAlgorithm::RsaAesKeyWrapSha256, EncryptionAlgorithm::RsaesOaepSha256),
    ] {
        let material = [6; 36];
        let wrapped = wrap_for_import(&public, algorithm, &material, &mut rng()).expect("wrapped");
        let (key, inner) = wrapped.split_at(256);
        openssl.put("sealed", key);
        openssl.put("inner", inner);
        let with = oaep(step);
        let key = openssl.make(&format!("pkeyutl -decrypt -inkey private -keyform DER {with} -in sealed"));
        let key = hex(&key);
        let found = openssl.make(&format!("enc -d -id-aes256-wrap-pad -K {key} -iv A65959A6 -in inner"));
        assert_eq!(found, material, "{algorithm}");
    }
}

#[test]
#[ignore = "needs the openssl command"]
fn openssl_computes_the_same_macs() {
    let openssl = OpenSsl::new();
    openssl.put("message", MESSAGE);
    for (spec, digest, len) in
        [(KeySpec::Hmac256, "SHA256", 32), (KeySpec::Hmac384, "SHA384", 48), (KeySpec::Hmac512, "SHA512", 64)]
    {
        let key: Vec<u8> = (1..=len).collect();
        let ours = KeyMaterial::import(spec, &key).and_then(|key| key.generate_mac(MESSAGE)).expect("a code");
        let key = hex(&key);
        let theirs =
            openssl.make(&format!("mac -digest {digest} -macopt hexkey:{key} -in message -binary HMAC"));
        assert_eq!(ours, theirs, "{spec}");
    }
}

/// Multiplies in the field of GHASH, bit by bit.
// Source: NIST SP 800-38D, algorithm 1.
fn multiply(x: u128, y: u128) -> u128 {
    let (mut product, mut shifted) = (0, y);
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            product ^= shifted;
        }
        shifted = (shifted >> 1) ^ if shifted & 1 == 1 { 0xe1 << 120 } else { 0 };
    }
    product
}

/// Hashes what is authenticated and what is encrypted, each filled up with zeros to whole blocks, and their lengths.
// Source: NIST SP 800-38D, algorithm 2 and step 5 of algorithm 4.
fn ghash(subkey: u128, authenticated: &[u8], encrypted: &[u8]) -> u128 {
    let blocks = authenticated.chunks(16).chain(encrypted.chunks(16)).map(|chunk| {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        u128::from_be_bytes(block)
    });
    let lengths = ((authenticated.len() as u128) << 64 | encrypted.len() as u128) << 3;
    blocks.chain([lengths]).fold(0, |sum, block| multiply(sum ^ block, subkey))
}

/// The key of a ciphertext is derived by OpenSSL, too. `openssl enc` has no GCM, but all that GCM is made of: AES on one
/// block and in counter mode. The rest of it, GHASH, is written above and compared with the GMAC of OpenSSL.
#[test]
#[ignore = "needs the openssl command"]
fn openssl_opens_a_symmetric_ciphertext() {
    let openssl = OpenSsl::new();
    let key = [4; 32];
    let key_id = "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned();
    let material = KeyMaterial::import(KeySpec::SymmetricDefault, &key).expect("32 bytes");
    let id = material.id(&key_id).expect("a name");
    let header = BlobHeader { account: "111122223333".to_owned(), material: id.short(), key_id };
    let kms_key = hex(&key);
    for (context, pairs) in [
        (EncryptionContext::new(), &b""[..]),
        (
            [("App".to_owned(), "lab".to_owned())].into_iter().collect(),
            b"\0\0\0\0\0\0\0\x03App\0\0\0\0\0\0\0\x03lab",
        ),
    ] {
        let blob = seal(&material, &header, &context, MESSAGE, &mut rng()).expect("sealed");
        let (front, rest) = blob.split_at(54);
        // Behind the nonce stand the length of the tag and the head of what is sealed.
        let (rest, sealed) = rest.split_at(rest.len() - (11 + MESSAGE.len() + 16));
        let nonce = &rest[rest.len() - 5 - 12..][..12];
        let (encrypted, tag) = sealed.split_at(11 + MESSAGE.len());
        let (label, salt) = (hex(b"kmslab ciphertext"), hex(&front[38..]));
        let key = openssl.make(&format!(
            "kdf -keylen 32 -kdfopt mac:HMAC -kdfopt digest:SHA256 -kdfopt mode:COUNTER -kdfopt hexkey:{kms_key} \
             -kdfopt hexsalt:{label} -kdfopt hexinfo:{salt} -binary KBKDF"
        ));
        let key = hex(&key);
        let block = |text: &[u8]| {
            openssl.put("block", text);
            let made = openssl.make(&format!("enc -aes-256-ecb -nopad -K {key} -in block"));
            u128::from_be_bytes(made.try_into().expect("one block"))
        };
        openssl.put("encrypted", encrypted);
        let iv = hex(nonce);
        let opened = openssl.make(&format!("enc -d -aes-256-ctr -K {key} -iv {iv}00000002 -in encrypted"));
        assert_eq!(opened, [&[0; 11], MESSAGE].concat());

        let authenticated = [front, pairs].concat();
        let subkey = block(&[0; 16]);
        let mask = block(&[nonce, &[0, 0, 0, 1]].concat());
        openssl.put("authenticated", &authenticated);
        let options = format!("-cipher AES-256-GCM -macopt hexkey:{key} -macopt hexiv:{iv}");
        let gmac = openssl.make(&format!("mac {options} -in authenticated -binary GMAC"));
        assert_eq!((mask ^ ghash(subkey, &authenticated, b"")).to_be_bytes()[..], gmac);
        assert_eq!((mask ^ ghash(subkey, &authenticated, encrypted)).to_be_bytes()[..], *tag);
    }
}
