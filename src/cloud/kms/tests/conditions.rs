//! Condition keys. Source of all rows: KMS Developer Guide, "AWS KMS condition keys".

use super::fixture::{Fixture, alias_arn};
use super::*;

/// Allows kim everything on a key, and tess what `condition` lets through.
fn conditional(lab: &mut Lab, key: &str, condition: &Value) {
    let tess = json!({"Effect": "Allow", "Principal": {"AWS": user_arn("tess")}, "Action": "kms:*", "Resource": "*",
        "Condition": condition});
    lab.put_policy(key, &policy(&[allowing(&user_arn("kim"), &json!("kms:*")), tess]));
}

#[test]
fn requests_and_keys_supply_their_condition_keys() {
    let fixture = Fixture::new();
    let (key, signing) = (&fixture.keys.key, &fixture.keys.signing);
    let encrypt =
        json!({"KeyId": key, "Plaintext": "YQ==", "EncryptionContext": {"AppName": "lab", "Stage": "1"}});
    let by_alias = json!({"KeyId": "alias/lab", "Plaintext": "YQ=="});
    let sign = json!({"KeyId": signing, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"});
    let pair = json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"});
    let mac = json!({"KeyId": fixture.keys.mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
    let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("kim"), "RetiringPrincipal": user_arn("tess"),
        "Operations": ["Decrypt", "Encrypt"], "Constraints": {"EncryptionContextSubset": {"AppName": "lab"}}});
    let for_service = json!({"KeyId": key, "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringServicePrincipal": "sns.amazonaws.com", "Operations": ["Decrypt"],
        "Constraints": {"SourceArn": "arn:aws:dynamodb:us-east-1:111122223333:table/T"}});
    let rotate = json!({"KeyId": key, "RotationPeriodInDays": 180});
    let delete = json!({"KeyId": key, "PendingWindowInDays": 10});
    let put = json!({"KeyId": key, "Policy": policy(&[allowing(&user_arn("tess"), &json!("kms:*"))]).to_string(),
        "BypassPolicyLockoutSafetyCheck": true});
    let reencrypt = json!({"CiphertextBlob": fixture.keys.ciphertext, "DestinationKeyId": key});
    let replicate = json!({"KeyId": fixture.keys.primary, "ReplicaRegion": "ap-south-1"});
    let derive = json!({"KeyId": fixture.keys.agreeing, "KeyAgreementAlgorithm": "ECDH", "PublicKey": fixture.keys.public_key});
    let encapsulate = json!({"KeyId": fixture.keys.encapsulating, "EncapsulationAlgorithm": "ML_KEM"});
    let decapsulate = json!({"KeyId": fixture.keys.encapsulating, "EncapsulationAlgorithm": "ML_KEM",
        "SharedSecretCiphertextBlob": fixture.keys.encapsulated});
    let wrapping = json!({"KeyId": fixture.keys.external, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048"});
    let by_alias_arn = json!({"KeyId": alias_arn("alias/lab"), "Plaintext": "YQ=="});
    let described = json!({"KeyId": "alias/lab"});
    let listed = json!({"KeyId": key});
    let revoke = json!({"KeyId": key, "GrantId": fixture.keys.grant});
    // Thirty days are the default, and count as if they were sent.
    let delete_later = json!({"KeyId": key});
    let import = json!({"KeyId": fixture.keys.external, "ImportToken": fixture.keys.import.0,
        "EncryptedKeyMaterial": fixture.keys.import.1, "ValidTo": 1_768_467_600});
    let verify = json!({"KeyId": signing, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256",
        "Signature": fixture.keys.signature});
    let verify_mac = json!({"KeyId": fixture.keys.mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256", "Mac": fixture.keys.code});
    let tag = json!({"KeyId": key, "Tags": [{"TagKey": "team", "TagValue": "blue"}]});
    let string = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    let boolean = |key: &str, value: &str| json!({"Bool": {key: value}});
    let any = |key: &str, value: &str| json!({"ForAnyValue:StringEquals": {key: value}});
    let number = |key: &str, value: &str| json!({"NumericEquals": {key: value}});
    // Operation, request, a condition that holds, one that does not.
    let rows = [
        (
            "Encrypt",
            &encrypt,
            string("kms:EncryptionContext:AppName", "lab"),
            string("kms:EncryptionContext:AppName", "x"),
        ),
        // The name of the key is case-insensitive, its value is not.
        (
            "Encrypt",
            &encrypt,
            string("kms:encryptioncontext:APPNAME", "lab"),
            string("kms:EncryptionContext:AppName", "LAB"),
        ),
        (
            "Encrypt",
            &encrypt,
            any("kms:EncryptionContextKeys", "Stage"),
            any("kms:EncryptionContextKeys", "stage"),
        ),
        (
            "Encrypt",
            &encrypt,
            string("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
            string("kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_1"),
        ),
        ("Encrypt", &encrypt, string("kms:CallerAccount", ACCOUNT), string("kms:CallerAccount", OTHER)),
        (
            "Encrypt",
            &encrypt,
            json!({"Null": {"kms:ViaService": "true"}}),
            string("kms:ViaService", "dynamodb.us-east-1.amazonaws.com"),
        ),
        ("Encrypt", &encrypt, string("kms:KeySpec", "SYMMETRIC_DEFAULT"), string("kms:KeySpec", "RSA_2048")),
        (
            "Encrypt",
            &encrypt,
            string("kms:KeyUsage", "ENCRYPT_DECRYPT"),
            string("kms:KeyUsage", "SIGN_VERIFY"),
        ),
        ("Encrypt", &encrypt, string("kms:KeyOrigin", "AWS_KMS"), string("kms:KeyOrigin", "EXTERNAL")),
        ("Encrypt", &encrypt, boolean("kms:MultiRegion", "false"), boolean("kms:MultiRegion", "true")),
        (
            "Encrypt",
            &encrypt,
            json!({"Null": {"kms:RequestAlias": "true"}}),
            string("kms:RequestAlias", "alias/lab"),
        ),
        ("Encrypt", &by_alias, string("kms:RequestAlias", "alias/lab"), string("kms:RequestAlias", "lab")),
        (
            "Encrypt",
            &by_alias,
            // A key policy never sees this key, whatever the aliases are.
            json!({"Null": {"kms:ResourceAliases": "true"}}),
            any("kms:ResourceAliases", "alias/lab"),
        ),
        (
            "Encrypt",
            &by_alias,
            json!({"Null": {"kms:EncryptionContextKeys": "true"}}),
            json!({"Null": {"kms:EncryptionContextKeys": "false"}}),
        ),
        (
            "GenerateDataKeyPair",
            &pair,
            string("kms:DataKeyPairSpec", "ECC_NIST_P256"),
            string("kms:DataKeyPairSpec", "RSA_2048"),
        ),
        (
            "Sign",
            &sign,
            string("kms:SigningAlgorithm", "ECDSA_SHA_256"),
            string("kms:SigningAlgorithm", "ECDSA_SHA_384"),
        ),
        ("Sign", &sign, string("kms:MessageType", "RAW"), string("kms:MessageType", "DIGEST")),
        (
            "GenerateMac",
            &mac,
            string("kms:MacAlgorithm", "HMAC_SHA_256"),
            string("kms:MacAlgorithm", "HMAC_SHA_224"),
        ),
        (
            "DeriveSharedSecret",
            &derive,
            string("kms:KeyAgreementAlgorithm", "ECDH"),
            string("kms:KeyAgreementAlgorithm", "x"),
        ),
        (
            "Encapsulate",
            &encapsulate,
            string("kms:KeyUsage", "ENCAPSULATE_DECAPSULATE"),
            string("kms:KeyUsage", "KEY_AGREEMENT"),
        ),
        (
            "Decapsulate",
            &decapsulate,
            string("kms:KeySpec", "ML_KEM_768"),
            string("kms:KeySpec", "ML_KEM_512"),
        ),
        (
            "CreateGrant",
            &grant,
            boolean("kms:GrantIsForAWSResource", "false"),
            boolean("kms:GrantIsForAWSResource", "true"),
        ),
        ("CreateGrant", &grant, any("kms:GrantOperations", "Decrypt"), any("kms:GrantOperations", "Sign")),
        (
            "CreateGrant",
            &for_service,
            string("kms:GranteeServicePrincipal", "s3.amazonaws.com"),
            string("kms:GranteeServicePrincipal", "sns.amazonaws.com"),
        ),
        (
            "CreateGrant",
            &for_service,
            string("kms:RetiringServicePrincipal", "sns.amazonaws.com"),
            string("kms:RetiringServicePrincipal", "s3.amazonaws.com"),
        ),
        (
            "CreateGrant",
            &for_service,
            json!({"ArnLike": {"kms:GrantConstraintSourceArn": "arn:aws:dynamodb:*:*:table/*"}}),
            json!({"ArnLike": {"kms:GrantConstraintSourceArn": "arn:aws:dynamodb:*:*:table/U"}}),
        ),
        (
            "CreateGrant",
            &for_service,
            json!({"Null": {"kms:GranteePrincipal": "true"}}),
            json!({"Null": {"kms:GranteePrincipal": "false"}}),
        ),
        (
            "CreateGrant",
            &grant,
            string("kms:GranteePrincipal", &user_arn("kim")),
            string("kms:GranteePrincipal", &user_arn("tess")),
        ),
        (
            "CreateGrant",
            &grant,
            string("kms:RetiringPrincipal", &user_arn("tess")),
            string("kms:RetiringPrincipal", &user_arn("kim")),
        ),
        (
            "CreateGrant",
            &grant,
            string("kms:GrantConstraintType", "EncryptionContextSubset"),
            string("kms:GrantConstraintType", "EncryptionContextEquals"),
        ),
        (
            "CreateGrant",
            &grant,
            string("kms:EncryptionContext:AppName", "lab"),
            string("kms:EncryptionContext:AppName", "x"),
        ),
        (
            "EnableKeyRotation",
            &rotate,
            number("kms:RotationPeriodInDays", "180"),
            number("kms:RotationPeriodInDays", "90"),
        ),
        (
            "ScheduleKeyDeletion",
            &delete,
            number("kms:ScheduleKeyDeletionPendingWindowInDays", "10"),
            number("kms:ScheduleKeyDeletionPendingWindowInDays", "7"),
        ),
        (
            "PutKeyPolicy",
            &put,
            boolean("kms:BypassPolicyLockoutSafetyCheck", "true"),
            boolean("kms:BypassPolicyLockoutSafetyCheck", "false"),
        ),
        (
            "ReEncrypt",
            &reencrypt,
            boolean("kms:ReEncryptOnSameKey", "true"),
            boolean("kms:ReEncryptOnSameKey", "false"),
        ),
        (
            "GetParametersForImport",
            &wrapping,
            string("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
            string("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_1"),
        ),
        (
            "GetParametersForImport",
            &wrapping,
            string("kms:WrappingKeySpec", "RSA_2048"),
            string("kms:WrappingKeySpec", "RSA_4096"),
        ),
        // An alias ARN gives the name of the alias alone.
        (
            "Encrypt",
            &by_alias_arn,
            string("kms:RequestAlias", "alias/lab"),
            string("kms:RequestAlias", &alias_arn("alias/lab")),
        ),
        (
            "DescribeKey",
            &described,
            string("kms:RequestAlias", "alias/lab"),
            json!({"Null": {"kms:RequestAlias": "true"}}),
        ),
        (
            "ListGrants",
            &listed,
            boolean("kms:GrantIsForAWSResource", "false"),
            boolean("kms:GrantIsForAWSResource", "true"),
        ),
        (
            "RevokeGrant",
            &revoke,
            boolean("kms:GrantIsForAWSResource", "false"),
            boolean("kms:GrantIsForAWSResource", "true"),
        ),
        (
            "ScheduleKeyDeletion",
            &delete_later,
            number("kms:ScheduleKeyDeletionPendingWindowInDays", "30"),
            number("kms:ScheduleKeyDeletionPendingWindowInDays", "7"),
        ),
        (
            "ImportKeyMaterial",
            &import,
            string("kms:ExpirationModel", "KEY_MATERIAL_EXPIRES"),
            string("kms:ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE"),
        ),
        (
            "ImportKeyMaterial",
            &import,
            json!({"DateLessThan": {"kms:ValidTo": "2026-02-01T00:00:00Z"}}),
            json!({"DateLessThan": {"kms:ValidTo": "2026-01-10T00:00:00Z"}}),
        ),
        (
            "Verify",
            &verify,
            string("kms:SigningAlgorithm", "ECDSA_SHA_256"),
            string("kms:MessageType", "DIGEST"),
        ),
        (
            "VerifyMac",
            &verify_mac,
            string("kms:MacAlgorithm", "HMAC_SHA_256"),
            string("kms:MacAlgorithm", "HMAC_SHA_512"),
        ),
        ("TagResource", &tag, string("aws:RequestTag/team", "blue"), string("aws:ResourceTag/team", "blue")),
        (
            "ReplicateKey",
            &replicate,
            string("kms:ReplicaRegion", "ap-south-1"),
            string("kms:ReplicaRegion", "eu-west-1"),
        ),
        (
            "ReplicateKey",
            &replicate,
            string("kms:MultiRegionKeyType", "PRIMARY"),
            string("kms:MultiRegionKeyType", "REPLICA"),
        ),
    ];
    for (operation, input, holds, fails) in rows {
        for (condition, allowed) in [(holds, true), (fails, false)] {
            let mut lab = Lab { world: fixture.lab.world.clone() };
            let named = input.get("KeyId").and_then(Value::as_str).filter(|name| name.contains(":key/"));
            conditional(&mut lab, named.unwrap_or(key), &condition);
            // What ReplicateKey needs beside the key.
            lab.allow("tess", "kms:CreateKey", "*");
            let result = lab.call(&tess(), "kms", operation, input.clone()).result;
            assert_eq!(result.is_ok(), allowed, "{operation} {condition}: {:?}", result.err());
        }
    }
}

#[test]
fn moving_a_primary_supplies_where_to() {
    // Both keys are asked about, in both Regions.
    let fixture = Fixture::new();
    let replica = fixture.keys.primary.replace("us-east-1", "eu-west-1");
    for (region, allowed) in [("eu-west-1", true), ("ap-south-1", false)] {
        let mut lab = fixture.copy();
        let condition = json!({"StringEquals": {"kms:PrimaryRegion": region}});
        let statement = json!({"Effect": "Allow", "Action": "kms:UpdatePrimaryRegion",
            "Resource": [fixture.keys.primary, replica], "Condition": condition});
        let put = json!({"UserName": "tess", "PolicyName": "p", "PolicyDocument": policy(&[statement]).to_string()});
        lab.call(&root(), "iam", "PutUserPolicy", put).result.expect("saved");
        let input = json!({"KeyId": fixture.keys.primary, "PrimaryRegion": "eu-west-1"});
        let result = lab.call(&tess(), "kms", "UpdatePrimaryRegion", input).result;
        assert_eq!(result.is_ok(), allowed, "{region}: {:?}", result.err());
    }
}

#[test]
fn creating_a_key_supplies_what_it_will_be() {
    let rows = [
        (json!({}), json!({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}), true),
        (json!({}), json!({"StringEquals": {"kms:KeyUsage": "ENCRYPT_DECRYPT"}}), true),
        (json!({"Origin": "EXTERNAL"}), json!({"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}), false),
        (json!({"MultiRegion": true}), json!({"Bool": {"kms:MultiRegion": "false"}}), false),
        (json!({"MultiRegion": true}), json!({"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}}), true),
        (json!({}), json!({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}), true),
        (
            json!({"BypassPolicyLockoutSafetyCheck": true}),
            json!({"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            true,
        ),
        (
            json!({"BypassPolicyLockoutSafetyCheck": false}),
            json!({"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            false,
        ),
        (
            json!({"Tags": [{"TagKey": "team", "TagValue": "blue"}]}),
            json!({"StringEquals": {"aws:RequestTag/team": "blue"}, "ForAllValues:StringEquals": {"aws:TagKeys": "team"}}),
            true,
        ),
        (
            json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]}),
            json!({"StringEquals": {"aws:RequestTag/team": "blue"}}),
            false,
        ),
    ];
    for (input, condition, allowed) in rows {
        let mut lab = Lab::new();
        let statement = json!({"Effect": "Allow", "Action": ["kms:CreateKey", "kms:TagResource"], "Resource": "*",
            "Condition": condition});
        let document = policy(&[statement]).to_string();
        let put = json!({"UserName": "tess", "PolicyName": "p", "PolicyDocument": document});
        lab.call(&root(), "iam", "PutUserPolicy", put).result.expect("saved");
        let result = lab.call(&tess(), "kms", "CreateKey", input.clone()).result;
        assert_eq!(result.is_ok(), allowed, "{input} {condition}");
    }
}

#[test]
fn every_condition_key_is_one_that_aws_has() {
    let mut fixture = Fixture::new();
    let reference: Value =
        serde_json::from_str(include_str!("../../../../assets/iam-reference.json")).expect("JSON");
    let known: Vec<String> = reference["services"]["kms"]["keys"]
        .as_object()
        .into_iter()
        .chain(reference["globalKeys"].as_object())
        .flatten()
        .map(|(name, _)| name.to_lowercase())
        .collect();
    assert!(known.len() > 50, "the reference is read");
    for row in fixture.rows() {
        let outcome = fixture.lab.call(&kim(), "kms", row.operation, row.input);
        for decision in &outcome.decisions {
            for (key, _) in decision.request.context().iter() {
                let key = key.to_lowercase();
                let is_known = known.iter().any(|known| match known.strip_suffix('*') {
                    Some(start) => key.starts_with(start),
                    None => {
                        *known == key
                            || known.split_once("${").is_some_and(|(start, _)| key.starts_with(start))
                    }
                });
                assert!(is_known, "{} supplies {key}", row.operation);
            }
        }
    }
}
