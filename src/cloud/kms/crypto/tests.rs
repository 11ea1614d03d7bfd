//! Every algorithm against a second implementation: ring and fips204 read what is made here, and what OpenSSL
//! made is read here (`testdata/openssl.txt`).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use ring::signature::{self as other, UnparsedPublicKey};

use super::*;

const MESSAGE: &[u8] = b"the quick brown fox";

/// A value OpenSSL made.
fn openssl(name: &str) -> Vec<u8> {
    let line =
        include_str!("testdata/openssl.txt").lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    BASE64_STANDARD.decode(line.unwrap_or_else(|| panic!("no {name}"))).unwrap()
}

fn openssl_pair(spec: KeySpec) -> KeyPair {
    KeyPair::from_pkcs8(spec, &openssl(spec.as_str())).unwrap()
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(11)
}

/// One pair of every kind that is quick to make, and the RSA pair OpenSSL made.
fn pairs() -> Vec<(KeySpec, KeyPair)> {
    let asymmetric = KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric());
    asymmetric
        .filter(|spec| !matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096))
        .map(|spec| match spec {
            KeySpec::Rsa2048 => (*spec, openssl_pair(*spec)),
            _ => (*spec, KeyPair::generate(*spec, &mut rng()).unwrap()),
        })
        .collect()
}

fn messages(algorithm: SigningAlgorithm) -> Vec<SignedMessage<'static>> {
    let bytes = |kind, algorithm: SigningAlgorithm| match (kind, algorithm.digest_len()) {
        (MessageType::Raw, _) => MESSAGE,
        (MessageType::Digest, Some(len)) => &[7; 64][..len],
        _ => &[7; 64],
    };
    algorithm
        .message_types()
        .iter()
        .map(|kind| SignedMessage { kind: *kind, bytes: bytes(*kind, algorithm) })
        .collect()
}

#[test]
fn every_pair_verifies_what_it_signed_and_nothing_else() {
    for (spec, pair) in pairs() {
        for algorithm in spec.signing_algorithms() {
            for message in messages(*algorithm) {
                let mut signature = pair.sign(*algorithm, message, &mut rng()).unwrap();
                let case = format!("{spec} {algorithm} {}", message.kind);
                assert_eq!(pair.verify(*algorithm, message, &signature), Ok(()), "{case}");
                let mut changed = message.bytes.to_vec();
                changed[3] ^= 1;
                let other = SignedMessage { bytes: &changed, ..message };
                assert_eq!(
                    pair.verify(*algorithm, other, &signature),
                    Err(CryptoError::InvalidSignature),
                    "{case}"
                );
                let middle = signature.len() / 2;
                signature[middle] ^= 1;
                assert_eq!(
                    pair.verify(*algorithm, message, &signature),
                    Err(CryptoError::InvalidSignature),
                    "{case}"
                );
                assert_eq!(
                    pair.verify(*algorithm, message, b""),
                    Err(CryptoError::InvalidSignature),
                    "{case}"
                );
            }
        }
    }
}

#[test]
fn a_digest_of_another_length_is_refused() {
    // Source: KMS API Reference, Sign: "Digest is invalid length for algorithm".
    for (spec, pair) in pairs() {
        for algorithm in spec.signing_algorithms() {
            for kind in algorithm.message_types().iter().filter(|kind| **kind != MessageType::Raw) {
                let short = SignedMessage { kind: *kind, bytes: &[1; 31] };
                let signed = pair.sign(*algorithm, short, &mut rng());
                assert_eq!(signed, Err(CryptoError::DigestLength), "{spec} {algorithm} {kind}");
            }
        }
    }
}

#[test]
fn private_and_public_keys_survive_their_der_encoding() {
    for (spec, pair) in pairs() {
        let der = pair.to_pkcs8().unwrap();
        let again = KeyPair::from_pkcs8(spec, &der).unwrap();
        assert_eq!(pair.public_key_der().unwrap(), again.public_key_der().unwrap(), "{spec}");
        for other in KeySpec::ALL.iter().filter(|other| **other != spec) {
            assert!(KeyPair::from_pkcs8(*other, &der).is_err(), "{spec} read as {other}");
        }
        assert!(KeyPair::from_pkcs8(spec, &der[..der.len() - 1]).is_err(), "{spec}");
    }
}

#[test]
fn ring_accepts_the_signatures_made_here() {
    use SigningAlgorithm as S;
    let rows: [(KeySpec, SigningAlgorithm, &dyn other::VerificationAlgorithm, usize); 9] = [
        (KeySpec::Rsa2048, S::RsassaPssSha256, &other::RSA_PSS_2048_8192_SHA256, 24),
        (KeySpec::Rsa2048, S::RsassaPssSha384, &other::RSA_PSS_2048_8192_SHA384, 24),
        (KeySpec::Rsa2048, S::RsassaPssSha512, &other::RSA_PSS_2048_8192_SHA512, 24),
        (KeySpec::Rsa2048, S::RsassaPkcs1V15Sha256, &other::RSA_PKCS1_2048_8192_SHA256, 24),
        (KeySpec::Rsa2048, S::RsassaPkcs1V15Sha384, &other::RSA_PKCS1_2048_8192_SHA384, 24),
        (KeySpec::Rsa2048, S::RsassaPkcs1V15Sha512, &other::RSA_PKCS1_2048_8192_SHA512, 24),
        (KeySpec::EccNistP256, S::EcdsaSha256, &other::ECDSA_P256_SHA256_ASN1, 26),
        (KeySpec::EccNistP384, S::EcdsaSha384, &other::ECDSA_P384_SHA384_ASN1, 23),
        (KeySpec::EccNistEdwards25519, S::Ed25519Sha512, &other::ED25519, 12),
    ];
    let pairs = pairs();
    for (spec, algorithm, verifier, header) in rows {
        let pair = &pairs.iter().find(|(kind, _)| *kind == spec).unwrap().1;
        let message = SignedMessage { kind: MessageType::Raw, bytes: MESSAGE };
        let signature = pair.sign(algorithm, message, &mut rng()).unwrap();
        // ring takes the key itself, without the SPKI header before it.
        let key = pair.public_key_der().unwrap().split_off(header);
        let verified = UnparsedPublicKey::new(verifier, key).verify(MESSAGE, &signature);
        assert!(verified.is_ok(), "{spec} {algorithm}");
    }
}

#[test]
fn a_second_ml_dsa_accepts_the_signatures_made_here() {
    use fips204::traits::{SerDes as _, Verifier as _};
    macro_rules! check {
        ($spec:expr, $module:ident) => {{
            let pair = KeyPair::generate($spec, &mut rng()).unwrap();
            let message = SignedMessage { kind: MessageType::Raw, bytes: MESSAGE };
            let signature = pair.sign(SigningAlgorithm::MlDsaShake256, message, &mut rng()).unwrap();
            let der = pair.public_key_der().unwrap();
            let key = der.last_chunk::<{ fips204::$module::PK_LEN }>().unwrap();
            let key = fips204::$module::PublicKey::try_from_bytes(*key).unwrap();
            assert!(key.verify(MESSAGE, &signature.as_slice().try_into().unwrap(), b""), "{}", $spec);
            assert!(!key.verify(b"another", &signature.as_slice().try_into().unwrap(), b""), "{}", $spec);
        }};
    }
    check!(KeySpec::MlDsa44, ml_dsa_44);
    check!(KeySpec::MlDsa65, ml_dsa_65);
    check!(KeySpec::MlDsa87, ml_dsa_87);
}

#[test]
fn what_openssl_signed_verifies_here() {
    let message = SignedMessage { kind: MessageType::Raw, bytes: MESSAGE };
    let rsa = openssl_pair(KeySpec::Rsa2048);
    for algorithm in KeySpec::Rsa2048.signing_algorithms() {
        assert_eq!(rsa.verify(*algorithm, message, &openssl(algorithm.as_str())), Ok(()), "{algorithm}");
    }
    for spec in [
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256k1,
        KeySpec::EccNistEdwards25519,
    ] {
        let signature = openssl(&format!("{spec}.signature"));
        let algorithm = spec.signing_algorithms()[0];
        assert_eq!(openssl_pair(spec).verify(algorithm, message, &signature), Ok(()), "{spec}");
    }
}

#[test]
fn ed25519ph_gives_the_signature_of_rfc_8032() {
    // Source: RFC 8032, section 7.3, TEST abc.
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    };
    let seed = hex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    let pair = KeyPair::Ed25519(Box::new(seed.as_slice().try_into().unwrap()));
    let digest = <sha2::Sha512 as sha2::Digest>::digest(b"abc");
    let message = SignedMessage { kind: MessageType::Digest, bytes: &digest };
    let signature = pair.sign(SigningAlgorithm::Ed25519PhSha512, message, &mut rng()).unwrap();
    let expected = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                    31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";
    assert_eq!(signature, hex(expected));
}

#[test]
fn public_keys_and_shared_secrets_are_those_openssl_has() {
    for spec in [KeySpec::Rsa2048, KeySpec::EccSecgP256k1, KeySpec::EccNistEdwards25519] {
        assert_eq!(
            openssl_pair(spec).public_key_der().unwrap(),
            openssl(&format!("{spec}.public")),
            "{spec}"
        );
    }
    for spec in [KeySpec::EccNistP256, KeySpec::EccNistP384, KeySpec::EccNistP521] {
        let pair = openssl_pair(spec);
        assert_eq!(pair.public_key_der().unwrap(), openssl(&format!("{spec}.public")), "{spec}");
        let shared = pair.derive_shared_secret(&openssl(&format!("{spec}.peer"))).unwrap();
        assert_eq!(*shared, openssl(&format!("{spec}.shared")), "{spec}");
        let foreign = openssl("ECC_SECG_P256K1.public");
        assert_eq!(pair.derive_shared_secret(&foreign).err(), Some(CryptoError::InvalidPublicKey), "{spec}");
        assert_eq!(pair.derive_shared_secret(b"?").err(), Some(CryptoError::InvalidPublicKey), "{spec}");
    }
}

#[test]
fn rsa_opens_what_openssl_encrypted_and_what_it_encrypted_itself() {
    use EncryptionAlgorithm as E;
    let pair = openssl_pair(KeySpec::Rsa2048);
    for (algorithm, other) in [(E::RsaesOaepSha1, E::RsaesOaepSha256), (E::RsaesOaepSha256, E::RsaesOaepSha1)]
    {
        let theirs = openssl(algorithm.as_str());
        assert_eq!(*pair.decrypt(algorithm, &theirs, &mut rng()).unwrap(), MESSAGE, "{algorithm}");
        let mut rng = rng();
        assert_eq!(pair.decrypt(other, &theirs, &mut rng).err(), Some(CryptoError::InvalidCiphertext));
        // Source: KMS API Reference, Encrypt: 214 bytes with SHA-1, 190 with SHA-256 for RSA_2048.
        let most = max_oaep_plaintext(KeySpec::Rsa2048, algorithm).unwrap();
        let mut ours = pair.encrypt(algorithm, &vec![5; most], &mut rng).unwrap();
        assert_eq!(*pair.decrypt(algorithm, &ours, &mut rng).unwrap(), vec![5; most]);
        assert!(pair.encrypt(algorithm, &vec![5; most + 1], &mut rng).is_err());
        ours[17] ^= 1;
        assert_eq!(pair.decrypt(algorithm, &ours, &mut rng).err(), Some(CryptoError::InvalidCiphertext));
        assert_eq!(pair.decrypt(algorithm, &[0; 9], &mut rng).err(), Some(CryptoError::InvalidCiphertext));
    }
}

#[test]
fn the_limits_of_rsa_plaintext_are_those_aws_documents() {
    // Source: KMS API Reference, Encrypt, `Plaintext`.
    use EncryptionAlgorithm as E;
    let rows = [(KeySpec::Rsa2048, 214, 190), (KeySpec::Rsa3072, 342, 318), (KeySpec::Rsa4096, 470, 446)];
    for (spec, sha1, sha256) in rows {
        assert_eq!(max_oaep_plaintext(spec, E::RsaesOaepSha1), Some(sha1), "{spec}");
        assert_eq!(max_oaep_plaintext(spec, E::RsaesOaepSha256), Some(sha256), "{spec}");
    }
    assert_eq!(max_oaep_plaintext(KeySpec::EccNistP256, E::RsaesOaepSha1), None);
}

#[test]
fn macs_are_those_ring_computes() {
    let rows = [
        (KeySpec::Hmac256, ring::hmac::HMAC_SHA256, 32),
        (KeySpec::Hmac384, ring::hmac::HMAC_SHA384, 48),
        (KeySpec::Hmac512, ring::hmac::HMAC_SHA512, 64),
    ];
    for (spec, algorithm, len) in rows {
        let key = vec![9; len];
        let material = KeyMaterial::import(spec, &key).unwrap();
        let code = material.generate_mac(MESSAGE).unwrap();
        let theirs = ring::hmac::sign(&ring::hmac::Key::new(algorithm, &key), MESSAGE);
        assert_eq!(code, theirs.as_ref(), "{spec}");
        assert_eq!(material.verify_mac(MESSAGE, &code), Ok(()));
        assert_eq!(material.verify_mac(b"other", &code), Err(CryptoError::InvalidSignature));
        assert_eq!(material.verify_mac(MESSAGE, &code[1..]), Err(CryptoError::InvalidSignature));
        assert_eq!(material.verify_mac(MESSAGE, b""), Err(CryptoError::InvalidSignature));
    }
    // Source: RFC 4231, test case 2, HMAC-SHA-224; KMS takes no key this short, so the algorithm alone is tested.
    let code = mac::generate(MacAlgorithm::HmacSha224, b"Jefe", b"what do ya want for nothing?").unwrap();
    assert_eq!(code[..4], [0xa3, 0x0e, 0x01, 0x09]);
}

#[test]
fn ring_opens_a_symmetric_ciphertext() {
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let material = KeyMaterial::import(KeySpec::SymmetricDefault, &[4; 32]).unwrap();
    let key_id = "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned();
    let header =
        BlobHeader { account: "111122223333".to_owned(), material: material.id(&key_id).unwrap(), key_id };
    let mut blob = seal(&material, &header, &EncryptionContext::new(), MESSAGE, &mut rng()).unwrap();
    let (header, rest) = blob.split_at_mut(85);
    let (nonce, sealed) = rest.split_at_mut(12);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[4; 32]).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    assert_eq!(key.open_in_place(nonce, Aad::from(header), sealed).unwrap(), MESSAGE);
}

#[test]
fn an_rsa_key_is_worked_out_from_its_seed_once_and_always_the_same() {
    let material = || KeyMaterial::generate(KeySpec::Rsa2048, &mut rng());
    let first = material();
    let pair = first.pair().unwrap();
    assert!(std::ptr::eq(pair, first.pair().unwrap()));
    assert_eq!(pair.public_key_der().unwrap(), material().pair().unwrap().public_key_der().unwrap());
    assert!(first.generate_mac(b"").is_err() && first.aes_key().is_err());
}
