//! Keys other than symmetric ones, through the operations.

use super::*;

#[test]
fn every_kind_of_key_does_what_it_is_for() {
    // Source: KMS Developer Guide, "Key spec reference".
    let mut lab = Lab::new();
    let signing = [
        ("RSA_2048", "RSASSA_PSS_SHA_384", "RAW"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", "RAW"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "RAW"),
        ("ECC_NIST_P384", "ECDSA_SHA_384", "RAW"),
        ("ECC_NIST_P521", "ECDSA_SHA_512", "RAW"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256", "RAW"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "RAW"),
        ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "DIGEST"),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", "RAW"),
        ("ML_DSA_65", "ML_DSA_SHAKE_256", "EXTERNAL_MU"),
        ("ML_DSA_87", "ML_DSA_SHAKE_256", "RAW"),
    ];
    for (spec, algorithm, kind) in signing {
        let key = lab.key(json!({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"}));
        let message = base64(&[3; 64]);
        let sign =
            json!({"KeyId": key, "Message": message, "MessageType": kind, "SigningAlgorithm": algorithm});
        let signed = lab.ok(&kim(), "Sign", sign.clone());
        let mut verify = sign.clone();
        verify["Signature"] = signed["Signature"].clone();
        assert_eq!(lab.ok(&kim(), "Verify", verify.clone())["SignatureValid"], true, "{spec} {algorithm}");
        verify["Message"] = json!(base64(&[4; 64]));
        let invalid = ("KMSInvalidSignatureException".to_owned(), String::new());
        assert_eq!(lab.err(&kim(), "Verify", verify), invalid, "{spec} {algorithm}");
        let described = lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}))["KeyMetadata"].clone();
        let listed = described["SigningAlgorithms"].as_array().expect("a list").clone();
        assert!(listed.contains(&json!(algorithm)), "{described}");
        assert!(described.get("CurrentKeyMaterialId").is_none());
        let public = lab.ok(&kim(), "GetPublicKey", json!({"KeyId": key}));
        assert_eq!(public["SigningAlgorithms"], described["SigningAlgorithms"]);
    }
    for (spec, algorithm) in [
        ("HMAC_224", "HMAC_SHA_224"),
        ("HMAC_256", "HMAC_SHA_256"),
        ("HMAC_384", "HMAC_SHA_384"),
        ("HMAC_512", "HMAC_SHA_512"),
    ] {
        let key = lab.key(json!({"KeySpec": spec, "KeyUsage": "GENERATE_VERIFY_MAC"}));
        let input = json!({"KeyId": key, "Message": "YQ==", "MacAlgorithm": algorithm});
        let mut verify = input.clone();
        verify["Mac"] = lab.ok(&kim(), "GenerateMac", input)["Mac"].clone();
        assert_eq!(lab.ok(&kim(), "VerifyMac", verify.clone())["MacValid"], true);
        verify["Message"] = json!("Yg==");
        assert_eq!(
            lab.err(&kim(), "VerifyMac", verify),
            ("KMSInvalidMacException".to_owned(), String::new())
        );
    }
}

#[test]
fn rsa_keys_encrypt_without_context() {
    // Source: KMS API Reference, Encrypt, `Plaintext` and `EncryptionContext`.
    let mut lab = Lab::new();
    let key = lab.key(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let encrypt = |algorithm: &str, len: usize| json!({"KeyId": key, "Plaintext": base64(&vec![1; len]), "EncryptionAlgorithm": algorithm});
    for (algorithm, most) in [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)] {
        let sealed = lab.ok(&kim(), "Encrypt", encrypt(algorithm, most));
        let decrypt = json!({"KeyId": key, "CiphertextBlob": sealed["CiphertextBlob"],
            "EncryptionAlgorithm": algorithm});
        let opened = lab.ok(&kim(), "Decrypt", decrypt.clone());
        assert_eq!(opened["Plaintext"], base64(&vec![1; most]));
        assert!(opened.get("KeyMaterialId").is_none());
        // The ciphertext of a key pair tells neither its key nor its algorithm.
        let mut without = decrypt.clone();
        without.as_object_mut().expect("an object").remove("KeyId");
        assert_eq!(lab.err(&kim(), "Decrypt", without).0, "InvalidCiphertextException");
        let mut without = decrypt;
        without.as_object_mut().expect("an object").remove("EncryptionAlgorithm");
        assert_eq!(
            lab.err(&kim(), "Decrypt", without),
            ("InvalidCiphertextException".to_owned(), String::new())
        );
        // Source: recorded ValidationException.
        let text = format!(
            "Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger than {most} bytes."
        );
        assert_eq!(
            lab.err(&kim(), "Encrypt", encrypt(algorithm, most + 1)),
            ("ValidationException".to_owned(), text)
        );
    }
    let mut with_context = encrypt("RSAES_OAEP_SHA_1", 4);
    with_context["EncryptionContext"] = json!({"a": "b"});
    assert_eq!(lab.err(&kim(), "Encrypt", with_context).0, "ValidationException");
    let symmetric = json!({"KeyId": key, "Plaintext": "YQ=="});
    assert_eq!(lab.err(&kim(), "Encrypt", symmetric).0, "InvalidKeyUsageException");
    let data_key = json!({"KeyId": key, "KeySpec": "AES_256"});
    assert_eq!(lab.err(&kim(), "GenerateDataKey", data_key).0, "InvalidKeyUsageException");
}

#[test]
fn two_sides_derive_the_same_secret() {
    // Source: KMS API Reference, DeriveSharedSecret.
    let mut lab = Lab::new();
    for spec in ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"] {
        let agreement = json!({"KeySpec": spec, "KeyUsage": "KEY_AGREEMENT"});
        let (one, two) = (lab.key(agreement.clone()), lab.key(agreement));
        let mut derive = |mine: &str, theirs: &str| {
            let public = lab.ok(&kim(), "GetPublicKey", json!({"KeyId": theirs}));
            let input =
                json!({"KeyId": mine, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public["PublicKey"]});
            lab.ok(&kim(), "DeriveSharedSecret", input)["SharedSecret"].clone()
        };
        assert_eq!(derive(&one, &two), derive(&two, &one));
        let bad = json!({"KeyId": one, "KeyAgreementAlgorithm": "ECDH", "PublicKey": "YQ=="});
        assert_eq!(lab.err(&kim(), "DeriveSharedSecret", bad).0, "ValidationException");
    }
}

#[test]
fn a_secret_is_recovered_by_the_key_that_it_was_encapsulated_for() {
    // Source: KMS API Reference, Encapsulate: 32 bytes, and the length for each kind of key; Decapsulate: another length is
    // an error, anything else gives other 32 bytes, the same each time.
    use ::base64::Engine as _;
    let bytes = |text: &Value| {
        ::base64::prelude::BASE64_STANDARD.decode(text.as_str().expect("a text")).expect("base64")
    };
    let mut lab = Lab::new();
    for (spec, length) in [("ML_KEM_512", 768), ("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)] {
        let kind = json!({"KeySpec": spec, "KeyUsage": "ENCAPSULATE_DECAPSULATE"});
        let (mine, other) = (lab.key(kind.clone()), lab.key(kind));
        let encapsulate = json!({"KeyId": mine, "EncapsulationAlgorithm": "ML_KEM"});
        let made = lab.ok(&kim(), "Encapsulate", encapsulate.clone());
        let mut open = |key: &str, blob: &[u8]| {
            let input = json!({"KeyId": key, "EncapsulationAlgorithm": "ML_KEM",
                "SharedSecretCiphertextBlob": base64(blob)});
            lab.call(&kim(), "kms", "Decapsulate", input)
                .result
                .map(|made| made.to_json()["SharedSecret"].clone())
        };
        let blob = bytes(&made["SharedSecretCiphertextBlob"]);
        assert_eq!((blob.len(), bytes(&made["SharedSecret"]).len()), (length, 32), "{spec}");
        assert_eq!(open(&mine, &blob).as_ref(), Ok(&made["SharedSecret"]), "{spec}");
        let mut altered = blob.clone();
        altered[length / 2] ^= 1;
        for (key, blob) in [(&mine, &altered), (&other, &blob)] {
            let secret = open(key, blob).expect("implicit rejection");
            assert!(bytes(&secret).len() == 32 && secret != made["SharedSecret"], "{spec}");
            assert_eq!(open(key, blob), Ok(secret), "{spec}");
        }
        for short in [&blob[1..], &[blob.as_slice(), &[0]].concat()] {
            let error = open(&mine, short).expect_err("another length");
            assert_eq!((error.code.as_ref(), error.message.as_str()), ("InvalidCiphertextException", ""));
        }
        assert_ne!(lab.ok(&kim(), "Encapsulate", encapsulate), made, "each secret is new");
    }
}

#[test]
fn a_kind_of_key_has_the_usages_that_aws_gives_it() {
    // Source: KMS API Reference, CreateKey, `KeySpec` and `KeyUsage`.
    let usages =
        ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"];
    let (encrypts, signs, both) = (&usages[..1], &usages[1..2], &usages[..2]);
    let (macs, agrees) = (&usages[2..3], &["SIGN_VERIFY", "KEY_AGREEMENT"][..]);
    let encapsulates = &usages[4..];
    let rows = [
        ("SYMMETRIC_DEFAULT", encrypts),
        ("RSA_2048", both),
        ("RSA_3072", both),
        ("RSA_4096", both),
        ("ECC_NIST_P256", agrees),
        ("ECC_NIST_P384", agrees),
        ("ECC_NIST_P521", agrees),
        ("ECC_SECG_P256K1", signs),
        ("ECC_NIST_EDWARDS25519", signs),
        ("HMAC_224", macs),
        ("HMAC_256", macs),
        ("HMAC_384", macs),
        ("HMAC_512", macs),
        ("ML_DSA_44", signs),
        ("ML_DSA_65", signs),
        ("ML_DSA_87", signs),
        ("ML_KEM_512", encapsulates),
        ("ML_KEM_768", encapsulates),
        ("ML_KEM_1024", encapsulates),
        // Only China Regions have it.
        ("SM2", &[]),
    ];
    let mut lab = Lab::new();
    for (spec, allowed) in rows {
        for usage in usages {
            let made =
                lab.call(&kim(), "kms", "CreateKey", json!({"KeySpec": spec, "KeyUsage": usage})).result;
            if let Ok(output) = &made {
                // Source: KMS API Reference, `KeyMetadata`: the algorithms of its usage, and of no other.
                let metadata = output.to_json()["KeyMetadata"].clone();
                let lists = [
                    "EncryptionAlgorithms",
                    "SigningAlgorithms",
                    "MacAlgorithms",
                    "KeyAgreementAlgorithms",
                    "EncapsulationAlgorithms",
                ];
                let shown = lists.map(|list| metadata.get(list).is_some());
                assert_eq!(shown, usages.map(|one| one == usage), "{metadata}");
                let symmetric = spec == "SYMMETRIC_DEFAULT";
                assert_eq!(metadata.get("CurrentKeyMaterialId").is_some(), symmetric);
                assert!(metadata["KeySpec"] == spec && metadata["CustomerMasterKeySpec"] == spec);
            }
            let code = made.err().map(|error| error.code);
            let refusal = if spec == "SM2" { "UnsupportedOperationException" } else { "ValidationException" };
            let expected = (!allowed.contains(&usage)).then_some(refusal);
            assert_eq!(code.as_deref(), expected, "{spec} {usage}");
        }
    }
}

#[test]
fn kinds_usages_and_algorithms_that_do_not_fit() {
    // Sources: recorded ValidationException and InvalidKeyUsageException texts.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let signing = lab.key(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let mac = lab.key(json!({"KeySpec": "HMAC_224", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    let usage = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
    let digest = json!({"KeyId": signing, "Message": "YQ==", "MessageType": "DIGEST",
        "SigningAlgorithm": "ECDSA_SHA_256"});
    let rows: Vec<(&str, Value, &str, String)> = vec![
        ("CreateKey", json!({"KeySpec": "RSA_2048"}), "ValidationException", usage.to_owned()),
        (
            "CreateKey",
            json!({"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"}),
            "ValidationException",
            "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048".to_owned(),
        ),
        (
            "CreateKey",
            json!({"KeyUsage": "SIGN_VERIFY"}),
            "ValidationException",
            "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT".to_owned(),
        ),
        (
            "Encrypt",
            json!({"KeyId": signing, "Plaintext": "YQ=="}),
            "InvalidKeyUsageException",
            format!("{signing} key usage is SIGN_VERIFY which is not valid for Encrypt."),
        ),
        (
            "Sign",
            json!({"KeyId": key, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"}),
            "InvalidKeyUsageException",
            format!("{key} key usage is ENCRYPT_DECRYPT which is not valid for Sign."),
        ),
        (
            "GenerateMac",
            json!({"KeyId": mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"}),
            "InvalidKeyUsageException",
            "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.".to_owned(),
        ),
        (
            "Sign",
            digest,
            "ValidationException",
            "Digest is invalid length for algorithm ECDSA_SHA_256.".to_owned(),
        ),
        ("EnableKeyRotation", json!({"KeyId": signing}), "UnsupportedOperationException", String::new()),
        ("RotateKeyOnDemand", json!({"KeyId": mac}), "UnsupportedOperationException", String::new()),
        ("GenerateRandom", json!({}), "ValidationException", "NumberOfBytes is required.".to_owned()),
    ];
    for (operation, input, code, message) in rows {
        assert_eq!(lab.err(&kim(), operation, input), (code.to_owned(), message), "{operation}");
    }
    assert_eq!(lab.err(&kim(), "GetPublicKey", json!({"KeyId": key})).0, "UnsupportedOperationException");
    let store = json!({"CustomKeyStoreId": "cks-1"});
    assert_eq!(lab.err(&kim(), "CreateKey", store).0, "CustomKeyStoreNotFoundException");
    let hsm = json!({"Origin": "AWS_CLOUDHSM"});
    assert_eq!(lab.err(&kim(), "CreateKey", hsm).0, "UnsupportedOperationException");
}
