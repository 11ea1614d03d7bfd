//! AWS managed keys.

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
