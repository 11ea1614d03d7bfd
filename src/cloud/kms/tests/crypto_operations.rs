//! Encrypt, Decrypt, `ReEncrypt`, data keys.

use std::fmt::Write as _;

use super::*;

#[test]
fn what_is_encrypted_decrypts_under_the_same_context_only() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let context = json!({"AppName": "lab", "Stage": "1"});
    let sealed = lab.ok(
        &kim(),
        "Encrypt",
        json!({"KeyId": key, "Plaintext": base64(b"Alice"), "EncryptionContext": context}),
    );
    let blob = text(&sealed["CiphertextBlob"]);
    assert!(blob.starts_with("AQICAH"));
    assert_eq!(sealed["KeyId"], json!(key));
    assert_eq!(sealed["EncryptionAlgorithm"], "SYMMETRIC_DEFAULT");
    let input = |context: Value| json!({"CiphertextBlob": blob, "EncryptionContext": context});
    let opened = lab.ok(&kim(), "Decrypt", input(json!({"Stage": "1", "AppName": "lab"})));
    assert_eq!(opened["Plaintext"], base64(b"Alice"));
    let described = lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
    assert_eq!(opened["KeyMaterialId"], described["KeyMetadata"]["CurrentKeyMaterialId"]);
    // Source: recorded answers: InvalidCiphertextException with an empty message, whatever is wrong.
    let nothing = ("InvalidCiphertextException".to_owned(), String::new());
    for context in [json!({}), json!({"AppName": "lab"}), json!({"appname": "lab", "Stage": "1"})] {
        assert_eq!(lab.err(&kim(), "Decrypt", input(context)), nothing);
    }
    assert_eq!(lab.err(&kim(), "Decrypt", json!({"CiphertextBlob": base64(b"garbage")})), nothing);
}

#[test]
fn answers_have_the_members_that_aws_documents() {
    // Source: KMS API Reference, "Response Syntax" of each operation; recorded answers.
    let fixture = super::fixture::Fixture::new();
    let rows = [
        ("Encrypt", vec!["CiphertextBlob", "KeyId", "EncryptionAlgorithm"]),
        ("Decrypt", vec!["KeyId", "Plaintext", "EncryptionAlgorithm", "KeyMaterialId"]),
        ("GenerateDataKey", vec!["CiphertextBlob", "Plaintext", "KeyId", "KeyMaterialId"]),
        ("GenerateDataKeyWithoutPlaintext", vec!["CiphertextBlob", "KeyId", "KeyMaterialId"]),
        (
            "GenerateDataKeyPair",
            vec![
                "PrivateKeyCiphertextBlob",
                "PrivateKeyPlaintext",
                "PublicKey",
                "KeyId",
                "KeyPairSpec",
                "KeyMaterialId",
            ],
        ),
        (
            "GenerateDataKeyPairWithoutPlaintext",
            vec!["PrivateKeyCiphertextBlob", "PublicKey", "KeyId", "KeyPairSpec", "KeyMaterialId"],
        ),
        (
            "ReEncrypt",
            vec![
                "CiphertextBlob",
                "SourceKeyId",
                "KeyId",
                "SourceEncryptionAlgorithm",
                "DestinationEncryptionAlgorithm",
                "SourceKeyMaterialId",
                "DestinationKeyMaterialId",
            ],
        ),
        ("GenerateMac", vec!["Mac", "MacAlgorithm", "KeyId"]),
        ("VerifyMac", vec!["KeyId", "MacValid", "MacAlgorithm"]),
        ("Sign", vec!["KeyId", "Signature", "SigningAlgorithm"]),
        ("Verify", vec!["KeyId", "SignatureValid", "SigningAlgorithm"]),
        ("DeriveSharedSecret", vec!["KeyId", "SharedSecret", "KeyAgreementAlgorithm", "KeyOrigin"]),
        (
            "Encapsulate",
            vec!["KeyId", "SharedSecret", "SharedSecretCiphertextBlob", "EncapsulationAlgorithm"],
        ),
        ("Decapsulate", vec!["KeyId", "SharedSecret", "EncapsulationAlgorithm"]),
        ("GenerateRandom", vec!["Plaintext"]),
    ];
    let requests = fixture.rows();
    for (operation, members) in rows {
        let row = requests.iter().find(|row| row.operation == operation).expect(operation);
        let answer = fixture.copy().ok(&kim(), operation, row.input.clone());
        let found: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(found, members, "{operation}");
        // Whichever way the key was named, the answer names it by its ARN.
        if members.contains(&"KeyId") {
            let key = fixture.resource(row, if operation == "ReEncrypt" { "new-key" } else { "key" });
            assert_eq!(answer["KeyId"], json!(key), "{operation}");
        }
    }
}

#[test]
fn a_ciphertext_of_another_key_is_refused_when_the_key_is_named() {
    let mut lab = Lab::new();
    let (one, two) = (lab.key(json!({})), lab.key(json!({})));
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": one, "Plaintext": base64(b"x")}));
    let input = json!({"CiphertextBlob": sealed["CiphertextBlob"], "KeyId": two});
    // Source: recorded IncorrectKeyException.
    let text = "The key ID in the request does not identify a CMK that can perform this operation.";
    assert_eq!(lab.err(&kim(), "Decrypt", input), ("IncorrectKeyException".to_owned(), text.to_owned()));
}

#[test]
fn sizes_at_and_beyond_the_limits() {
    // Source: KMS API model, PlaintextType and NumberOfBytesType.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let encrypt = |len: usize| json!({"KeyId": key, "Plaintext": base64(&vec![1; len])});
    let sealed = lab.ok(&kim(), "Encrypt", encrypt(4096));
    lab.ok(&kim(), "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}));
    let message = |rest: &str| {
        format!(
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must {rest}"
        )
    };
    let (code, said) = lab.err(&kim(), "Encrypt", encrypt(4097));
    assert_eq!(code, "ValidationException");
    assert_eq!(said, message("have length less than or equal to 4096"));
    assert_eq!(lab.err(&kim(), "Encrypt", encrypt(0)).1, message("have length greater than or equal to 1"));
    for (input, good) in [
        (json!({"NumberOfBytes": 1}), true),
        (json!({"NumberOfBytes": 1024}), true),
        (json!({"KeySpec": "AES_128"}), true),
        (json!({"NumberOfBytes": 0}), false),
        (json!({"NumberOfBytes": 1025}), false),
        (json!({"NumberOfBytes": -1}), false),
        (json!({}), false),
        (json!({"NumberOfBytes": 16, "KeySpec": "AES_128"}), false),
        (json!({"KeySpec": "AES_512"}), false),
    ] {
        let mut full = input.clone();
        full["KeyId"] = json!(key);
        for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
            let result = lab.call(&kim(), "kms", operation, full.clone()).result;
            assert_eq!(result.is_ok(), good, "{operation} {input}");
            if let Err(error) = result {
                assert_eq!(error.code, "ValidationException", "{operation} {input}");
            }
        }
    }
}

#[test]
fn a_data_key_is_what_its_ciphertext_holds() {
    // Source: KMS API Reference, GenerateDataKey, GenerateDataKeyPair.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let context = json!({"a": "b"});
    let input = json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context});
    let made = lab.ok(&kim(), "GenerateDataKey", input.clone());
    let opened = lab.ok(
        &kim(),
        "Decrypt",
        json!({"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": context}),
    );
    assert_eq!(made["Plaintext"], opened["Plaintext"]);
    assert_eq!(made["KeyMaterialId"], opened["KeyMaterialId"]);
    let hidden = lab.ok(&kim(), "GenerateDataKeyWithoutPlaintext", input);
    assert!(hidden.get("Plaintext").is_none());
    lab.ok(
        &kim(),
        "Decrypt",
        json!({"CiphertextBlob": hidden["CiphertextBlob"], "EncryptionContext": context}),
    );
    let pair = lab.ok(&kim(), "GenerateDataKeyPair", json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}));
    let opened = lab.ok(&kim(), "Decrypt", json!({"CiphertextBlob": pair["PrivateKeyCiphertextBlob"]}));
    assert_eq!(pair["PrivateKeyPlaintext"], opened["Plaintext"]);
}

#[test]
fn records_name_the_material_that_was_used() {
    // Source: KMS Developer Guide, "Examples of AWS KMS log entries", Encrypt, Decrypt, GenerateDataKey,
    // GenerateDataKeyWithoutPlaintext: `additionalEventData`; their refused and asymmetric ones have none.
    let mut lab = Lab::new();
    let (key, pair) =
        (lab.key(json!({})), lab.key(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"})));
    let current = |lab: &mut Lab| {
        let described = lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
        described["KeyMetadata"]["CurrentKeyMaterialId"].clone()
    };
    let first = current(&mut lab);
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}));
    lab.ok(&kim(), "RotateKeyOnDemand", json!({"KeyId": key}));
    let second = current(&mut lab);
    assert_ne!(first, second);
    let spec = json!({"KeyId": key, "KeySpec": "AES_256"});
    let own = |id: &Value| json!({ "keyMaterialId": id });
    let moved = json!({"sourceKeyMaterialId": first, "destinationKeyMaterialId": second});
    let rsa = json!({"KeyId": pair, "Plaintext": base64(b"x"), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    let dry = json!({"KeyId": key, "Plaintext": base64(b"x"), "DryRun": true});
    for (operation, input, said) in [
        ("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}), own(&second)),
        ("Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}), own(&first)),
        ("GenerateDataKey", spec.clone(), own(&second)),
        ("GenerateDataKeyWithoutPlaintext", spec, own(&second)),
        ("GenerateDataKeyPair", json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}), own(&second)),
        ("ReEncrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"], "DestinationKeyId": key}), moved),
        ("Encrypt", rsa, Value::Null),
        ("Encrypt", dry, Value::Null),
        ("DescribeKey", json!({"KeyId": key}), Value::Null),
    ] {
        let record = lab.call(&kim(), "kms", operation, input.clone()).events[0].to_json();
        assert_eq!(record["additionalEventData"], said, "{operation} {input}");
        assert_eq!(
            record.get("additionalEventData").is_some(),
            !said.is_null(),
            "{operation}: left out, not null"
        );
    }
}

#[test]
fn reencrypting_moves_to_another_key_and_context() {
    // Source: KMS API Reference, ReEncrypt.
    let mut lab = Lab::new();
    let (from, to) = (lab.key(json!({})), lab.key(json!({})));
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": from, "Plaintext": base64(b"x")}));
    let input = json!({"CiphertextBlob": sealed["CiphertextBlob"], "DestinationKeyId": to,
        "DestinationEncryptionContext": {"a": "b"}});
    let moved = lab.ok(&kim(), "ReEncrypt", input.clone());
    assert_eq!((&moved["SourceKeyId"], &moved["KeyId"]), (&json!(from), &json!(to)));
    // The trail names both keys, and the context in the clear: it is no secret.
    let record = lab.call(&kim(), "kms", "ReEncrypt", input.clone()).events[0].to_json();
    let named: Vec<&Value> =
        record["resources"].as_array().expect("a list").iter().map(|r| &r["ARN"]).collect();
    assert_eq!(named, [&json!(from), &json!(to)]);
    assert_eq!(record["requestParameters"]["destinationEncryptionContext"], json!({"a": "b"}));
    let opened = lab.ok(
        &kim(),
        "Decrypt",
        json!({"CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": {"a": "b"}}),
    );
    assert_eq!(opened["Plaintext"], base64(b"x"));
    // Both keys are asked about: kms:ReEncryptFrom on the one, kms:ReEncryptTo on the other.
    for (allowed, refused) in
        [(&from, "kms:ReEncryptTo on resource: "), (&to, "kms:ReEncryptFrom on the resource")]
    {
        lab.allow("tess", "kms:ReEncrypt*", allowed);
        let (_, message) = lab.err(&tess(), "ReEncrypt", input.clone());
        assert!(message.contains(refused), "{message}");
    }
    lab.allow("tess", "kms:ReEncrypt*", "*");
    lab.ok(&tess(), "ReEncrypt", input);
}

#[test]
fn a_disabled_or_dying_key_encrypts_nothing() {
    // Source: KMS Developer Guide, "Key states of AWS KMS keys".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x")});
    lab.ok(&kim(), "DisableKey", json!({"KeyId": key}));
    let disabled = ("DisabledException".to_owned(), format!("{key} is disabled."));
    assert_eq!(lab.err(&kim(), "Encrypt", encrypt.clone()), disabled);
    lab.ok(&kim(), "EnableKey", json!({"KeyId": key}));
    lab.ok(&kim(), "Encrypt", encrypt.clone());
    lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7}));
    let dying = ("KMSInvalidStateException".to_owned(), format!("{key} is pending deletion."));
    assert_eq!(lab.err(&kim(), "Encrypt", encrypt.clone()), dying);
    // Whoever may not use the key is told so first.
    assert_eq!(lab.err(&tess(), "Encrypt", encrypt.clone()).0, "AccessDeniedException");
    lab.advance_days(7);
    assert_eq!(lab.err(&kim(), "Encrypt", encrypt).0, "NotFoundException");
}

#[test]
fn a_dry_run_says_whether_it_would_work() {
    // Source: KMS Developer Guide, "Testing your permissions".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x"), "DryRun": true});
    let text = "The request would have succeeded, but the DryRun option is set.";
    assert_eq!(
        lab.err(&kim(), "Encrypt", encrypt.clone()),
        ("DryRunOperationException".to_owned(), text.to_owned())
    );
    assert_eq!(lab.err(&tess(), "Encrypt", encrypt).0, "AccessDeniedException");
    // The state of the key counts as well.
    let mut off = Lab { world: lab.world.clone() };
    off.ok(&kim(), "DisableKey", json!({"KeyId": key}));
    let dry = json!({"KeyId": key, "Plaintext": base64(b"x"), "DryRun": true});
    assert_eq!(off.err(&kim(), "Encrypt", dry).0, "DisabledException");
    let ignoring = json!({"KeyId": key, "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]});
    assert_eq!(lab.err(&kim(), "Decrypt", ignoring).0, "DryRunOperationException");
}

#[test]
fn no_secret_shows_in_debug_output_errors_or_records() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let secret = b"a very secret plaintext";
    let encrypt = json!({"KeyId": key, "Plaintext": base64(secret)});
    let sealed = lab.call(&kim(), "kms", "Encrypt", encrypt.clone());
    let blob = sealed.result.clone().expect("sealed").to_json()["CiphertextBlob"].clone();
    let opened = lab.call(&kim(), "kms", "Decrypt", json!({"CiphertextBlob": blob}));
    let made = lab.call(&kim(), "kms", "GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"}));
    let data_key = text(&made.result.clone().expect("made").to_json()["Plaintext"]);
    let failed = lab.call(&tess(), "kms", "Encrypt", encrypt.clone());
    let call = Call::decode("kms", "Encrypt", encrypt).expect("a call");
    let mut shown = format!("{sealed:?} {opened:?} {made:?} {failed:?} {call:?}");
    for event in lab.world.events() {
        shown.push_str(&event.to_json().to_string());
    }
    for key in lab.world.kms().keys() {
        let _ = write!(shown, "{key:?}");
    }
    assert!(shown.contains("KeyMaterial(<redacted>)"), "the keys are shown");
    for forbidden in [base64(secret), "a very secret".to_owned(), data_key, format!("{:?}", &secret[..8])] {
        assert!(!shown.contains(forbidden.trim_matches(['[', ']'])), "{forbidden}");
    }
}
