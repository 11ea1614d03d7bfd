//! Every algorithm against a second implementation: fips204 reads what is made here, and what OpenSSL made is read here
//! (`testdata/openssl.txt`). `tests/openssl.rs` has OpenSSL itself read what is made here.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;

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

fn hex(text: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(text).unwrap()
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(11)
}

const RSA: [KeySpec; 3] = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096];

/// One pair of every kind; the RSA pairs, which take long to make, are those of OpenSSL.
fn pairs() -> Vec<(KeySpec, KeyPair)> {
    let asymmetric = KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric());
    asymmetric
        .map(|spec| {
            let made = || KeyPair::generate(*spec, &mut rng()).unwrap();
            (*spec, if RSA.contains(spec) { openssl_pair(*spec) } else { made() })
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
fn a_second_ml_dsa_makes_the_same_keys_and_each_accepts_what_the_other_signed() {
    use fips204::traits::{KeyGen as _, SerDes as _, Signer as _, Verifier as _};
    macro_rules! check {
        ($spec:ident, $module:ident) => {{
            let seed = [6; 32];
            let pair = KeyPair::$spec(Box::new(ml_dsa::SigningKey::from_seed(&seed.into())));
            let (theirs, secret) = fips204::$module::KG::keygen_from_seed(&seed);
            let public = theirs.clone().into_bytes();
            assert!(pair.public_key_der().unwrap().ends_with(&public), "the same seed gives the same key");
            let algorithm = SigningAlgorithm::MlDsaShake256;
            let raw = SignedMessage { kind: MessageType::Raw, bytes: MESSAGE };
            let mu = message_representative(&public, MESSAGE);
            let external = SignedMessage { kind: MessageType::ExternalMu, bytes: &mu };
            // Whether the message or its representative is signed, the signature is one of the message.
            for message in [raw, external] {
                let case = format!("{} {}", stringify!($spec), message.kind);
                let signature = pair.sign(algorithm, message, &mut rng()).unwrap().try_into().unwrap();
                assert!(theirs.verify(MESSAGE, &signature, b""), "{case}");
                assert!(!theirs.verify(b"another", &signature, b""), "{case}");
                let signature = secret.try_sign_with_seed(&[8; 32], MESSAGE, b"").unwrap();
                assert_eq!(pair.verify(algorithm, message, &signature), Ok(()), "{case}");
            }
        }};
    }
    check!(MlDsa44, ml_dsa_44);
    check!(MlDsa65, ml_dsa_65);
    check!(MlDsa87, ml_dsa_87);
}

/// The 64 bytes that ML-DSA signs in place of a message without context. Source: FIPS 204, algorithms 2 and 7.
fn message_representative(public_key: &[u8], message: &[u8]) -> [u8; 64] {
    use sha3::digest::{ExtendableOutput as _, Update as _, XofReader as _};
    let shake = |parts: &[&[u8]]| {
        let mut hash = sha3::Shake256::default();
        for part in parts {
            hash.update(part);
        }
        let mut bytes = [0; 64];
        hash.finalize_xof().read(&mut bytes);
        bytes
    };
    shake(&[&shake(&[public_key]), &[0, 0], message])
}

#[test]
fn what_openssl_signed_verifies_here() {
    let message = SignedMessage { kind: MessageType::Raw, bytes: MESSAGE };
    for spec in RSA {
        let pair = openssl_pair(spec);
        for algorithm in spec.signing_algorithms() {
            let signature = openssl(&format!("{spec}.{algorithm}"));
            assert_eq!(pair.verify(*algorithm, message, &signature), Ok(()), "{spec} {algorithm}");
        }
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
fn private_keys_are_encoded_as_openssl_encodes_them() {
    let curves = [
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256k1,
        KeySpec::EccNistEdwards25519,
    ];
    for spec in RSA.into_iter().chain(curves) {
        assert_eq!(*openssl_pair(spec).to_pkcs8().unwrap(), openssl(spec.as_str()), "{spec}");
    }
}

#[test]
fn public_keys_and_shared_secrets_are_those_openssl_has() {
    for spec in RSA.into_iter().chain([KeySpec::EccSecgP256k1, KeySpec::EccNistEdwards25519]) {
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
    for spec in RSA {
        let pair = openssl_pair(spec);
        for (algorithm, other) in
            [(E::RsaesOaepSha1, E::RsaesOaepSha256), (E::RsaesOaepSha256, E::RsaesOaepSha1)]
        {
            let theirs = openssl(&format!("{spec}.{algorithm}"));
            assert_eq!(*pair.decrypt(algorithm, &theirs, &mut rng()).unwrap(), MESSAGE, "{spec} {algorithm}");
            let mut rng = rng();
            let invalid = Some(CryptoError::InvalidCiphertext);
            assert_eq!(pair.decrypt(other, &theirs, &mut rng).err(), invalid);
            let most = max_oaep_plaintext(spec, algorithm).unwrap();
            let mut ours = pair.encrypt(algorithm, &vec![5; most], &mut rng).unwrap();
            assert_eq!(*pair.decrypt(algorithm, &ours, &mut rng).unwrap(), vec![5; most]);
            assert!(pair.encrypt(algorithm, &vec![5; most + 1], &mut rng).is_err());
            ours[17] ^= 1;
            assert_eq!(pair.decrypt(algorithm, &ours, &mut rng).err(), invalid);
            assert_eq!(pair.decrypt(algorithm, &[0; 9], &mut rng).err(), invalid);
        }
    }
}

#[test]
fn material_that_openssl_wrapped_is_unwrapped_here() {
    use WrappingAlgorithm as W;
    let pair = openssl_pair(KeySpec::Rsa2048);
    for algorithm in [W::RsaAesKeyWrapSha1, W::RsaAesKeyWrapSha256] {
        let material = pair.unwrap(algorithm, &openssl(&format!("RSA_2048.{algorithm}")), &mut rng());
        assert_eq!(*material.unwrap(), b"imported material, thirty-two by", "{algorithm}");
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
fn macs_are_those_openssl_computes() {
    for (spec, len) in [(KeySpec::Hmac256, 32), (KeySpec::Hmac384, 48), (KeySpec::Hmac512, 64)] {
        let material = KeyMaterial::import(spec, &vec![9; len]).unwrap();
        let code = material.generate_mac(MESSAGE).unwrap();
        assert_eq!(code, openssl(&format!("{spec}.mac")), "{spec}");
        assert_eq!(material.verify_mac(MESSAGE, &code), Ok(()));
        assert_eq!(material.verify_mac(b"other", &code), Err(CryptoError::InvalidSignature));
        assert_eq!(material.verify_mac(MESSAGE, &code[1..]), Err(CryptoError::InvalidSignature));
        assert_eq!(material.verify_mac(MESSAGE, b""), Err(CryptoError::InvalidSignature));
    }
    // Source: RFC 4231, test case 2, HMAC-SHA-224; KMS takes no key this short, so the algorithm alone is tested.
    let code = mac::generate(MacAlgorithm::HmacSha224, b"Jefe", b"what do ya want for nothing?").unwrap();
    assert_eq!(code, hex("a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"));
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
