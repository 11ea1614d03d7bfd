//! What a grant can be made of, and for whom.
//!
//! Source of all rows: KMS Developer Guide, "Grants in AWS KMS", unless another is named.

use super::grants::{grant, sealed};
use super::*;

#[test]
fn a_grant_allows_what_its_kind_of_key_can_do() {
    // Source: KMS API Reference, CreateGrant, `Operations`; KMS Developer Guide, "Key type reference".
    let kinds = [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("RSA_2048", "SIGN_VERIFY"),
        ("ECC_NIST_P256", "KEY_AGREEMENT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE"),
    ];
    // Operation, and which of these kinds have it.
    let rows = [
        ("Decrypt", [true, true, false, false, false, false]),
        ("Encrypt", [true, true, false, false, false, false]),
        ("GenerateDataKey", [true, false, false, false, false, false]),
        ("GenerateDataKeyWithoutPlaintext", [true, false, false, false, false, false]),
        ("ReEncryptFrom", [true, true, false, false, false, false]),
        ("ReEncryptTo", [true, true, false, false, false, false]),
        ("Sign", [false, false, true, false, false, false]),
        ("Verify", [false, false, true, false, false, false]),
        ("GetPublicKey", [false, true, true, true, false, true]),
        ("CreateGrant", [true; 6]),
        ("RetireGrant", [true; 6]),
        ("DescribeKey", [true; 6]),
        ("GenerateDataKeyPair", [true, false, false, false, false, false]),
        ("GenerateDataKeyPairWithoutPlaintext", [true, false, false, false, false, false]),
        ("GenerateMac", [false, false, false, false, true, false]),
        ("VerifyMac", [false, false, false, false, true, false]),
        ("DeriveSharedSecret", [false, false, false, true, false, false]),
        ("Encapsulate", [false, false, false, false, false, true]),
        ("Decapsulate", [false, false, false, false, false, true]),
    ];
    let listed: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let all: Vec<&str> =
        crate::cloud::kms::GrantOperation::ALL.iter().map(|operation| operation.as_str()).collect();
    assert_eq!(listed, all);
    let mut lab = Lab::new();
    for (column, (spec, usage)) in kinds.into_iter().enumerate() {
        let key = lab.key(json!({"KeySpec": spec, "KeyUsage": usage}));
        for (operation, fits) in rows {
            let create = grant(&key, &user_arn("tess"), &json!([operation]));
            let code = lab.call(&kim(), "kms", "CreateGrant", create).result.err().map(|error| error.code);
            let expected = (!fits[column]).then_some("ValidationException");
            assert_eq!(code.as_deref(), expected, "{operation} on {spec} {usage}");
        }
    }
}

#[test]
fn a_grantee_is_an_account_a_user_a_role_or_a_session() {
    // Source: KMS API Reference, CreateGrant, `GranteePrincipal`: no groups, no organizations, no wildcards; services
    // only where a service makes the grant.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let trust =
        policy(&[json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": root_arn()}})]);
    let role = json!({"RoleName": "app", "AssumeRolePolicyDocument": trust.to_string()});
    lab.call(&root(), "iam", "CreateRole", role).result.expect("made");
    lab.call(&root(), "iam", "CreateGroup", json!({"GroupName": "staff"})).result.expect("made");
    let own = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    let rows = [
        (ACCOUNT.to_owned(), None),
        (root_arn(), None),
        (format!("arn:aws:iam::{OTHER}:root"), None),
        (user_arn("tess"), None),
        (own("role/app"), None),
        (format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/night"), None),
        (format!("arn:aws:sts::{ACCOUNT}:federated-user/guest"), None),
        (own("group/staff"), Some("InvalidArnException")),
        (own("user/nobody"), Some("InvalidArnException")),
        (own("role/none"), Some("InvalidArnException")),
        (format!("arn:aws:organizations::{ACCOUNT}:organization/o-a1b2c3d4e5"), Some("InvalidArnException")),
        ("dynamodb.us-east-1.amazonaws.com".to_owned(), Some("InvalidArnException")),
        (own("user/*"), Some("ValidationException")),
        ("*".to_owned(), Some("ValidationException")),
    ];
    for (grantee, expected) in rows {
        let create = grant(&key, &grantee, &json!(["Decrypt"]));
        let code = lab.call(&kim(), "kms", "CreateGrant", create).result.err().map(|error| error.code);
        assert_eq!(code.as_deref(), expected, "{grantee}");
    }
    // A grant for a role serves each of its sessions; a grant for one session serves no other.
    let key = lab.key(json!({}));
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/night");
    for (grantee, operation) in [(own("role/app"), "DescribeKey"), (session, "Decrypt")] {
        lab.ok(&kim(), "CreateGrant", grant(&key, &grantee, &json!([operation])));
    }
    let mut assume = |name: &str| {
        let input = json!({"RoleArn": own("role/app"), "RoleSessionName": name});
        let made = lab.call(&kim(), "sts", "AssumeRole", input).result.expect("assumed").to_json();
        Caller::Session(text(&made["Credentials"]["AccessKeyId"]).into())
    };
    let (day, night) = (assume("day"), assume("night"));
    let decrypt = sealed(&mut lab, &key, &json!({}));
    for caller in [&day, &night] {
        lab.ok(caller, "DescribeKey", json!({"KeyId": key}));
    }
    lab.ok(&night, "Decrypt", decrypt.clone());
    assert_eq!(lab.err(&day, "Decrypt", decrypt).0, "AccessDeniedException");
}

#[test]
fn fifty_thousand_grants_are_enough_for_one_key() {
    // Source: KMS Developer Guide, "Resource quotas": grants per customer managed key, and none for AWS managed keys.
    use super::super::MAX_GRANTS;
    use super::super::grants::check_quota;
    let mut lab = Lab::new();
    lab.key(json!({}));
    lab.ok(&kim(), "DescribeKey", json!({"KeyId": "alias/aws/dynamodb"}));
    for key in lab.world.kms().keys() {
        let limited = key.manager == super::super::Manager::Customer;
        for (count, full) in [(0, false), (49_999, false), (50_000, true), (60_000, true)] {
            let code = check_quota(key, count).err().map(|error| error.code);
            assert_eq!(code.as_deref(), (limited && full).then_some("LimitExceededException"), "{count}");
        }
    }
    assert_eq!(MAX_GRANTS, 50_000);
}

#[test]
fn grants_that_cannot_be_made() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let signing = lab.key(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let tess = user_arn("tess");
    let with = |key: &str, operations: Value, more: Value| {
        let mut input = grant(key, &tess, &operations);
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    // Source: recorded ValidationException.
    let context =
        "EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.";
    let constraints = json!({"Constraints": {"EncryptionContextSubset": {"a": "1"}}});
    assert_eq!(lab.err(&kim(), "CreateGrant", with(&signing, json!(["Sign"]), constraints)).1, context);
    let pairs: serde_json::Map<String, Value> = (0..9).map(|i| (i.to_string(), json!("x"))).collect();
    let rows = [
        (with(&key, json!(["Sign"]), json!({})), "ValidationException"),
        (with(&signing, json!(["Encrypt"]), json!({})), "ValidationException"),
        (with(&key, json!([]), json!({})), "ValidationException"),
        (with(&key, json!(["PutKeyPolicy"]), json!({})), "ValidationException"),
        (with(&key, json!(["Decrypt"]), json!({"Name": "a b"})), "ValidationException"),
        (with(&key, json!(["Decrypt"]), json!({"GranteePrincipal": "*"})), "ValidationException"),
        (
            with(&key, json!(["Decrypt"]), json!({"GranteePrincipal": user_arn("nobody")})),
            "InvalidArnException",
        ),
        (
            with(&key, json!(["Decrypt"]), json!({"GranteePrincipal": "dynamodb.amazonaws.com"})),
            "InvalidArnException",
        ),
        (with(&key, json!(["Decrypt"]), json!({"RetiringPrincipal": "kim"})), "InvalidArnException"),
        (
            with(&key, json!(["Decrypt"]), json!({"Constraints": {"EncryptionContextEquals": pairs}})),
            "ValidationException",
        ),
        (
            with(
                &key,
                json!(["Decrypt"]),
                json!({"Constraints": {"EncryptionContextSubset": {"a": "x".repeat(384)}}}),
            ),
            "ValidationException",
        ),
        (with(&key, json!(["Decrypt"]), json!({"GrantTokens": ["nonsense"]})), "InvalidGrantTokenException"),
    ];
    for (input, code) in rows {
        assert_eq!(lab.err(&kim(), "CreateGrant", input.clone()).0, code, "{input}");
    }
    assert_eq!(
        lab.err(&kim(), "RevokeGrant", json!({"KeyId": key, "GrantId": "x"})).0,
        "InvalidGrantIdException"
    );
    let eight: serde_json::Map<String, Value> = (0..8).map(|i| (i.to_string(), json!("x"))).collect();
    for pairs in [json!(eight), json!({"a": "x".repeat(383)})] {
        let more = json!({"Constraints": {"EncryptionContextEquals": pairs}});
        lab.ok(&kim(), "CreateGrant", with(&key, json!(["Decrypt"]), more));
    }
    let absent = json!({"KeyId": key, "GrantId": "0".repeat(64)});
    assert_eq!(lab.err(&kim(), "RevokeGrant", absent).0, "NotFoundException");
    assert_eq!(lab.err(&kim(), "RetireGrant", json!({})).0, "ValidationException");
}
