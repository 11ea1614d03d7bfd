//! AWS managed keys, which are made when they are first asked for.

use super::*;

#[test]
fn the_key_of_dynamodb_is_made_when_it_is_first_described() {
    // Source: DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes".
    let mut lab = Lab::new();
    let alias = json!({"KeyId": "alias/aws/dynamodb"});
    // A refusal makes nothing.
    assert_eq!(lab.err(&tess(), "DescribeKey", alias.clone()).0, "AccessDeniedException");
    assert_eq!(lab.world.kms().keys().count(), 0);
    let described = lab.ok(&kim(), "DescribeKey", alias.clone())["KeyMetadata"].clone();
    assert_eq!(described["KeyManager"], "AWS");
    assert_eq!(
        described["Description"],
        "Default key that protects my DynamoDB data when no other key is defined"
    );
    assert_eq!(lab.ok(&kim(), "DescribeKey", alias)["KeyMetadata"]["Arn"], described["Arn"]);
    let key = text(&described["Arn"]);
    let read = text(&lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}))["Policy"]);
    let policy: Value = serde_json::from_str(&read).expect("JSON");
    let through = "Allow access through Amazon DynamoDB for all principals in the account that are authorized to use \
                   Amazon DynamoDB";
    assert_eq!(
        policy,
        json!({"Version": "2012-10-17", "Id": "auto-dynamodb-1", "Statement": [
            {"Sid": through, "Effect": "Allow", "Principal": {"AWS": "*"},
             "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                        "kms:DescribeKey"],
             "Resource": "*",
             "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT,
                                            "kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}},
            {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow",
             "Principal": {"AWS": root_arn()}, "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
             "Resource": "*"},
            {"Sid": "Allow DynamoDB Service with service principal name dynamodb.amazonaws.com to describe the key \
                     directly", "Effect": "Allow", "Principal": {"Service": "dynamodb.amazonaws.com"},
             "Action": ["kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*"}]})
    );
    let status = lab.ok(&kim(), "GetKeyRotationStatus", json!({"KeyId": key}));
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(365)));
    // Nobody uses or changes it directly, not even administrators and the root user.
    let denied = [
        ("Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="})),
        ("Decrypt", json!({"KeyId": key, "CiphertextBlob": "YQ=="})),
        ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})),
        (
            "CreateGrant",
            json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt"]}),
        ),
        ("UpdateAlias", json!({"AliasName": "alias/aws/dynamodb", "TargetKeyId": key})),
        ("DeleteAlias", json!({"AliasName": "alias/aws/dynamodb"})),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": read})),
        ("DisableKey", json!({"KeyId": key})),
        ("ScheduleKeyDeletion", json!({"KeyId": key})),
        ("DisableKeyRotation", json!({"KeyId": key})),
        ("RotateKeyOnDemand", json!({"KeyId": key})),
        ("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]})),
    ];
    for caller in [kim(), root()] {
        for (operation, input) in &denied {
            assert_eq!(lab.err(&caller, operation, input.clone()).0, "AccessDeniedException", "{operation}");
        }
    }
    // What the account may do with it directly.
    let allowed = [
        ("DescribeKey", json!({"KeyId": key})),
        ("GetKeyPolicy", json!({"KeyId": key})),
        ("GetKeyRotationStatus", json!({"KeyId": key})),
        ("GetKeyLastUsage", json!({"KeyId": key})),
        ("ListGrants", json!({"KeyId": key})),
        ("ListKeyPolicies", json!({"KeyId": key})),
        ("ListKeyRotations", json!({"KeyId": key})),
        ("ListResourceTags", json!({"KeyId": key})),
    ];
    // Another account may nothing, whatever its own policies say.
    for (operation, input) in denied.iter().chain(&allowed).filter(|(_, input)| input.get("KeyId").is_some())
    {
        assert_eq!(lab.err(&stranger(), operation, input.clone()).0, "AccessDeniedException", "{operation}");
    }
    for (operation, input) in allowed {
        lab.ok(&kim(), operation, input);
    }
    lab.advance_days(365);
    assert_eq!(lab.world.kms().keys().next().expect("the key").materials.len(), 2);
}

#[test]
fn each_account_and_region_has_its_own() {
    // Source: KMS Developer Guide, "AWS managed keys".
    let mut lab = Lab::new();
    let alias = json!({"KeyId": "alias/aws/s3"});
    let here = lab.ok(&kim(), "DescribeKey", alias.clone());
    let there =
        lab.call_in("eu-west-1", &kim(), "DescribeKey", alias.clone()).result.expect("made").to_json();
    let other = lab.ok(&stranger(), "DescribeKey", alias);
    let arn = |value: &Value| text(&value["KeyMetadata"]["Arn"]);
    assert!(arn(&there).starts_with("arn:aws:kms:eu-west-1:") && arn(&other).contains(OTHER));
    assert_eq!(lab.world.kms().keys().count(), 3);
    assert!(arn(&here).contains(ACCOUNT));
    let unknown = json!({"KeyId": "alias/aws/nosuchservice"});
    assert_eq!(lab.err(&kim(), "DescribeKey", unknown).0, "NotFoundException");
}

/// A request for a table under the key that `sse` names.
fn table(name: &str, sse: &Value) -> Value {
    json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "SSESpecification": sse,
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}]})
}

#[test]
fn the_kinds_of_keys_differ_in_what_the_account_sees_of_them() {
    // Source: KMS Developer Guide, "KMS keys": customer managed, AWS managed and AWS owned keys; DynamoDB Developer
    // Guide, "DynamoDB encryption at rest usage notes".
    let mut lab = Lab::new();
    lab.allow("tess", "dynamodb:*", "*");
    let create = |lab: &mut Lab, caller: &Caller, name: &str, sse: Value| {
        let outcome = lab.call(caller, "dynamodb", "CreateTable", table(name, &sse));
        let asked = outcome
            .events
            .iter()
            .filter(|event| event.to_json()["eventSource"] == "kms.amazonaws.com")
            .count();
        (outcome.result.map_err(|error| (error.code.to_string(), error.message)), asked)
    };
    // AWS owned: no key, no alias, no record, and no permission is needed.
    let (made, asked) = create(&mut lab, &tess(), "Owned", json!({"Enabled": false}));
    made.expect("made");
    assert_eq!((asked, lab.world.kms().keys().count()), (0, 0));
    assert_eq!(lab.ok(&kim(), "ListAliases", json!({}))["Aliases"], json!([]));
    // AWS managed: made on first use, seen, recorded, and no permission on the key is needed.
    let (made, asked) = create(&mut lab, &tess(), "Managed", json!({"Enabled": true, "SSEType": "KMS"}));
    made.expect("made");
    assert!(asked > 0);
    let aliases = lab.ok(&kim(), "ListAliases", json!({}))["Aliases"].clone();
    assert_eq!(aliases[0]["AliasName"], "alias/aws/dynamodb");
    // That of another service is of no use: its policy lets nobody grant DynamoDB anything.
    lab.ok(&kim(), "DescribeKey", json!({"KeyId": "alias/aws/s3"}));
    let foreign = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/aws/s3"});
    let (code, message) = create(&mut lab, &kim(), "Foreign", foreign).0.expect_err("no grant");
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.contains("not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:"),
        "{message}"
    );
    // Customer managed: the caller's own permission on the key decides.
    let key = lab.key(json!({}));
    let own = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key});
    let (code, message) = create(&mut lab, &tess(), "Own", own.clone()).0.expect_err("no permission");
    assert_eq!(code, "AccessDeniedException", "{message}");
    create(&mut lab, &kim(), "Own", own).0.expect("made");
}

#[test]
fn a_service_may_grant_for_a_key_user_what_the_user_may_not_grant_directly() {
    // Source: KMS Developer Guide, "Default key policy", key users with AWS services; "kms:GrantIsForAWSResource".
    use super::super::crypto::{KeySpec, KeyUsage};
    let mut lab = Lab::new();
    lab.allow("tess", "dynamodb:*", "*");
    let kind = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
    let text = super::super::console_policy(&account(ACCOUNT), kind, &[user_arn("kim")], &[user_arn("tess")]);
    let key = lab.key(json!({"Policy": text}));
    let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt"]});
    assert_eq!(lab.err(&tess(), "CreateGrant", grant).0, "AccessDeniedException");
    let sse = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key});
    lab.call(&tess(), "dynamodb", "CreateTable", table("Own", &sse)).result.expect("made");
    let grants = lab.ok(&kim(), "ListGrants", json!({"KeyId": key}))["Grants"].clone();
    assert_eq!(grants[0]["GranteePrincipal"], "dynamodb.us-east-1.amazonaws.com");
}
