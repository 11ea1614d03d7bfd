//! Imported key material: who may import what, and what becomes of it.

use super::super::crypto::{KeyMaterial, KeyPair, KeySpec, WrappingAlgorithm, wrap_for_import};
use super::*;

/// Wraps material for import into a key, as a customer would: import token and wrapped material.
pub(super) fn wrapped(lab: &mut Lab, key: &str, material: &[u8]) -> (String, String) {
    wrapped_in(lab, "us-east-1", key, material)
}

fn wrapped_in(lab: &mut Lab, region: &str, key: &str, material: &[u8]) -> (String, String) {
    use rand::SeedableRng as _;
    let input =
        json!({"KeyId": key, "WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let made =
        lab.call_in(region, &kim(), "GetParametersForImport", input).result.expect("parameters").to_json();
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(3);
    let public = unbase64(made["PublicKey"].as_str().expect("a key"));
    let wrapped = wrap_for_import(&public, WrappingAlgorithm::RsaAesKeyWrapSha256, material, &mut rng)
        .expect("wrapped");
    (text(&made["ImportToken"]), base64(&wrapped))
}

fn unbase64(text: &str) -> Vec<u8> {
    use ::base64::Engine as _;
    ::base64::prelude::BASE64_STANDARD.decode(text).expect("base64")
}

/// Imports material that does not expire.
fn import(
    lab: &mut Lab,
    region: &str,
    key: &str,
    material: &[u8],
    more: &Value,
) -> Result<Value, (String, String)> {
    let (token, wrapped) = wrapped_in(lab, region, key, material);
    let mut input = json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": wrapped,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    lab.call_in(region, &kim(), "ImportKeyMaterial", input)
        .result
        .map(|output| output.to_json())
        .map_err(|error| (error.code.to_string(), error.message))
}

fn state(lab: &mut Lab, key: &str) -> String {
    text(&lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}))["KeyMetadata"]["KeyState"])
}

#[test]
fn a_key_waits_for_its_material_and_works_with_it() {
    // Source: KMS Developer Guide, "Importing key material for AWS KMS keys".
    let mut lab = Lab::new();
    let key = lab.key(json!({"Origin": "EXTERNAL"}));
    assert_eq!(state(&mut lab, &key), "PendingImport");
    let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x")});
    let pending = ("KMSInvalidStateException".to_owned(), format!("{key} is pending import."));
    assert_eq!(lab.err(&kim(), "Encrypt", encrypt.clone()), pending);
    let imported = import(&mut lab, "us-east-1", &key, &[7; 32], &json!({})).expect("imported");
    let described = lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
    assert_eq!(described["KeyMetadata"]["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
    assert_eq!(described["KeyMetadata"]["CurrentKeyMaterialId"], imported["KeyMaterialId"]);
    let sealed = lab.ok(&kim(), "Encrypt", encrypt);
    // Deleted, the key cannot be used; with other material neither; with the same it works again.
    lab.ok(&kim(), "DeleteImportedKeyMaterial", json!({"KeyId": key}));
    assert_eq!(state(&mut lab, &key), "PendingImport");
    let decrypt = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
    assert_eq!(lab.err(&kim(), "Decrypt", decrypt.clone()), pending);
    let other = import(&mut lab, "us-east-1", &key, &[8; 32], &json!({})).expect_err("other material");
    assert_eq!(other.0, "IncorrectKeyMaterialException");
    import(&mut lab, "us-east-1", &key, &[7; 32], &json!({})).expect("again");
    assert_eq!(lab.ok(&kim(), "Decrypt", decrypt)["Plaintext"], base64(b"x"));
}

#[test]
fn material_expires_when_its_time_has_come() {
    // Source: KMS API Reference, ImportKeyMaterial, `ValidTo` and `ExpirationModel`.
    let mut lab = Lab::new();
    let key = lab.key(json!({"Origin": "EXTERNAL"}));
    let in_days = |lab: &Lab, days: i64| json!(lab.world.now().as_second() + days * 86_400);
    let expiring = |at: Value| json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": at});
    let (_, message) =
        import(&mut lab, "us-east-1", &key, &[7; 32], &json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES"}))
            .expect_err("no date");
    // Source: recorded ValidationException.
    assert_eq!(message, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
    for days in [-1, 0, 366] {
        let more = expiring(in_days(&lab, days));
        assert_eq!(
            import(&mut lab, "us-east-1", &key, &[7; 32], &more).expect_err("bad date").0,
            "ValidationException"
        );
    }
    let more = expiring(in_days(&lab, 10));
    import(&mut lab, "us-east-1", &key, &[7; 32], &more).expect("imported");
    lab.advance_days(9);
    assert_eq!(state(&mut lab, &key), "Enabled");
    lab.advance_days(1);
    assert_eq!(state(&mut lab, &key), "PendingImport");
}

#[test]
fn tokens_belong_to_one_key_and_expire_after_a_day() {
    // Source: KMS API Reference, GetParametersForImport and ImportKeyMaterial.
    let mut lab = Lab::new();
    let (one, two) = (lab.key(json!({"Origin": "EXTERNAL"})), lab.key(json!({"Origin": "EXTERNAL"})));
    let (token, material) = wrapped(&mut lab, &one, &[7; 32]);
    let input = |key: &str, token: &str, material: &str| {
        json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": material,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"})
    };
    let rows = [
        (input(&two, &token, &material), "InvalidImportTokenException"),
        (input(&one, &base64(b"nonsense"), &material), "InvalidImportTokenException"),
        (input(&one, &token, &base64(b"nonsense")), "InvalidCiphertextException"),
    ];
    for (input, code) in rows {
        assert_eq!(lab.err(&kim(), "ImportKeyMaterial", input).0, code);
    }
    lab.advance_days(1);
    assert_eq!(
        lab.err(&kim(), "ImportKeyMaterial", input(&one, &token, &material)).0,
        "ExpiredImportTokenException"
    );
    // A key whose material KMS made takes none.
    let plain = lab.key(json!({}));
    let parameters =
        json!({"KeyId": plain, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"});
    let text = format!("{plain} origin is AWS_KMS which is not valid for this operation.");
    let unsupported = ("UnsupportedOperationException".to_owned(), text);
    assert_eq!(lab.err(&kim(), "GetParametersForImport", parameters), unsupported);
    assert_eq!(lab.err(&kim(), "DeleteImportedKeyMaterial", json!({"KeyId": plain})), unsupported);
}

#[test]
fn symmetric_keys_rotate_to_new_imported_material_on_demand() {
    // Source: KMS API Reference, ImportKeyMaterial and RotateKeyOnDemand.
    let mut lab = Lab::new();
    let key = lab.key(json!({"Origin": "EXTERNAL"}));
    import(&mut lab, "us-east-1", &key, &[7; 32], &json!({})).expect("first");
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}));
    let none = (
        "KMSInvalidStateException".to_owned(),
        format!("No available key material pending rotation for the key: {key}."),
    );
    assert_eq!(lab.err(&kim(), "RotateKeyOnDemand", json!({"KeyId": key})), none);
    import(&mut lab, "us-east-1", &key, &[8; 32], &json!({"ImportType": "NEW_KEY_MATERIAL"}))
        .expect("second");
    let list = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let states = |lab: &mut Lab| -> Vec<String> {
        let listed = lab.ok(&kim(), "ListKeyRotations", list.clone());
        let rotations = listed["Rotations"].as_array().expect("a list");
        rotations.iter().map(|entry| text(&entry["KeyMaterialState"])).collect()
    };
    assert_eq!(states(&mut lab), ["CURRENT", "PENDING_ROTATION"]);
    lab.ok(&kim(), "RotateKeyOnDemand", json!({"KeyId": key}));
    assert_eq!(states(&mut lab), ["NON_CURRENT", "CURRENT"]);
    lab.ok(&kim(), "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}));
    // Losing any material ever used makes the key unusable.
    let first = lab.world.kms().keys().find(|k| k.arn() == key).expect("the key").materials[0].id.to_string();
    lab.ok(&kim(), "DeleteImportedKeyMaterial", json!({"KeyId": key, "KeyMaterialId": first}));
    assert_eq!(state(&mut lab, &key), "PendingImport");
}

#[test]
fn key_pairs_and_hmac_keys_take_material_of_their_kind() {
    // Source: KMS Developer Guide, "Importing key material", requirements for imported material.
    use rand::SeedableRng as _;
    let mut lab = Lab::new();
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(9);
    let pair = KeyPair::generate(KeySpec::EccNistP384, &mut rng).expect("a pair").to_pkcs8().expect("DER");
    let signing =
        lab.key(json!({"Origin": "EXTERNAL", "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY"}));
    assert!(import(&mut lab, "us-east-1", &signing, &[7; 32], &json!({})).is_err());
    import(&mut lab, "us-east-1", &signing, &pair, &json!({})).expect("imported");
    let sign = json!({"KeyId": signing, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_384"});
    lab.ok(&kim(), "Sign", sign);
    let mac =
        lab.key(json!({"Origin": "EXTERNAL", "KeySpec": "HMAC_512", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    assert_eq!(
        import(&mut lab, "us-east-1", &mac, &[7; 63], &json!({})).expect_err("short").0,
        "IncorrectKeyMaterialException"
    );
    import(&mut lab, "us-east-1", &mac, &[7; 64], &json!({})).expect("imported");
    let code = lab.ok(
        &kim(),
        "GenerateMac",
        json!({"KeyId": mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_512"}),
    );
    let expected = KeyMaterial::import(KeySpec::Hmac512, &[7; 64]).and_then(|key| key.generate_mac(b"a"));
    assert_eq!(code["Mac"], base64(&expected.expect("a code")));
}

#[test]
fn replicas_need_the_material_of_their_primary() {
    // Source: KMS API Reference, ReplicateKey and ImportKeyMaterial.
    let mut lab = Lab::new();
    let primary = lab.key(json!({"Origin": "EXTERNAL", "MultiRegion": true}));
    import(&mut lab, "us-east-1", &primary, &[7; 32], &json!({})).expect("imported");
    lab.ok(&kim(), "ReplicateKey", json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"}));
    let replica = primary.replace("us-east-1", "eu-west-1");
    let there = |lab: &mut Lab| {
        let described = lab.call_in("eu-west-1", &kim(), "DescribeKey", json!({"KeyId": replica}));
        text(&described.result.expect("described").to_json()["KeyMetadata"]["KeyState"])
    };
    assert_eq!(there(&mut lab), "PendingImport");
    let other = import(&mut lab, "eu-west-1", &replica, &[8; 32], &json!({})).expect_err("other material");
    assert_eq!(other.0, "IncorrectKeyMaterialException");
    import(&mut lab, "eu-west-1", &replica, &[7; 32], &json!({})).expect("imported");
    assert_eq!(there(&mut lab), "Enabled");
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": primary, "Plaintext": base64(b"x")}));
    let decrypt = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
    lab.call_in("eu-west-1", &kim(), "Decrypt", decrypt).result.expect("decrypted");
}
