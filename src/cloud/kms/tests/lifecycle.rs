//! Switching off, deleting, rotating; what time does.

use super::*;

fn described(lab: &mut Lab, key: &str) -> Value {
    lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}))["KeyMetadata"].clone()
}

#[test]
fn a_new_key_is_described_as_aws_describes_it() {
    // Source: KMS API Reference, `KeyMetadata`.
    let mut lab = Lab::new();
    let made = lab.ok(&kim(), "CreateKey", json!({"Description": "lab"}))["KeyMetadata"].clone();
    let id = text(&made["KeyId"]);
    let expected = json!({
        "AWSAccountId": ACCOUNT, "KeyId": id, "Arn": format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{id}"),
        "CreationDate": epoch_seconds(&lab), "Enabled": true, "Description": "lab",
        "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": false,
        "CurrentKeyMaterialId": made["CurrentKeyMaterialId"],
    });
    assert_eq!(made, expected);
    // An alias changes nothing of it.
    lab.ok(&kim(), "CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": id}));
    assert_eq!(described(&mut lab, &id), expected);
}

#[test]
fn deletion_waits_can_be_cancelled_and_is_final() {
    // Source: KMS Developer Guide, "Deleting AWS KMS keys".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    lab.ok(&kim(), "CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": key}));
    let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "RetiringPrincipal": user_arn("tess"),
        "Operations": ["Decrypt"]});
    let token = lab.ok(&kim(), "CreateGrant", grant)["GrantToken"].clone();
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}));
    for (days, code) in [(0, "ValidationException"), (6, "ValidationException"), (31, "ValidationException")]
    {
        let input = json!({"KeyId": key, "PendingWindowInDays": days});
        assert_eq!(lab.err(&kim(), "ScheduleKeyDeletion", input).0, code);
    }
    let scheduled = lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": key}));
    assert_eq!(
        scheduled,
        json!({"KeyId": key, "DeletionDate": epoch_seconds(&lab) + 30.0 * 86_400.0,
            "KeyState": "PendingDeletion", "PendingWindowInDays": 30})
    );
    assert_eq!(described(&mut lab, &key)["DeletionDate"], scheduled["DeletionDate"]);
    let not_pending = ("KMSInvalidStateException".to_owned(), format!("{key} is not pending deletion."));
    lab.ok(&kim(), "CancelKeyDeletion", json!({"KeyId": key}));
    assert_eq!(described(&mut lab, &key)["KeyState"], "Disabled");
    assert_eq!(lab.err(&kim(), "CancelKeyDeletion", json!({"KeyId": key})), not_pending);
    lab.ok(&kim(), "EnableKey", json!({"KeyId": key}));
    lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7}));
    lab.advance_days(6);
    assert_eq!(described(&mut lab, &key)["KeyState"], "PendingDeletion");
    lab.advance_days(1);
    assert_eq!(lab.err(&kim(), "DescribeKey", json!({"KeyId": key})).0, "NotFoundException");
    assert_eq!(lab.err(&kim(), "DescribeKey", json!({"KeyId": "alias/a"})).0, "NotFoundException");
    assert_eq!(lab.ok(&kim(), "ListAliases", json!({}))["Aliases"], json!([]));
    // With the key its grants and its material are gone: nothing opens what was encrypted.
    let retirable = lab.ok(&kim(), "ListRetirableGrants", json!({"RetiringPrincipal": user_arn("tess")}));
    assert_eq!(retirable["Grants"], json!([]));
    assert_eq!(lab.err(&tess(), "RetireGrant", json!({"GrantToken": token})).0, "InvalidGrantTokenException");
    let decrypt = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
    assert_eq!(lab.err(&kim(), "Decrypt", decrypt).0, "AccessDeniedException");
}

#[test]
fn a_rotated_key_stays_the_same_key_and_opens_old_ciphertext() {
    // Source: KMS Developer Guide, "Rotating AWS KMS keys".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let policy_of = |lab: &mut Lab| lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}));
    let before = (policy_of(&mut lab), described(&mut lab, &key));
    let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x")});
    let old = lab.ok(&kim(), "Encrypt", encrypt.clone());
    let first = described(&mut lab, &key)["CurrentKeyMaterialId"].clone();
    lab.ok(&kim(), "RotateKeyOnDemand", json!({"KeyId": key}));
    let second = described(&mut lab, &key)["CurrentKeyMaterialId"].clone();
    assert_ne!(first, second);
    let mut after = (policy_of(&mut lab), described(&mut lab, &key));
    after.1["CurrentKeyMaterialId"] = first.clone();
    assert_eq!(after, before, "only the material is another");
    let new = lab.ok(&kim(), "Encrypt", encrypt);
    for (sealed, material) in [(&old, &first), (&new, &second)] {
        let opened = lab.ok(&kim(), "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}));
        assert_eq!((&opened["Plaintext"], &opened["KeyMaterialId"]), (&json!(base64(b"x")), material));
    }
    let listed = lab.ok(&kim(), "ListKeyRotations", json!({"KeyId": key}));
    let rotations = listed["Rotations"].as_array().expect("a list");
    assert_eq!(rotations.len(), 1);
    assert_eq!(
        (&rotations[0]["RotationType"], &rotations[0]["KeyMaterialId"]),
        (&json!("ON_DEMAND"), &second)
    );
    for _ in 1..25 {
        lab.ok(&kim(), "RotateKeyOnDemand", json!({"KeyId": key}));
    }
    // Source: recorded LimitExceededException; the limit is that of the current API model.
    let text = format!(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be \
         performed for this key: {key}"
    );
    let limit = ("LimitExceededException".to_owned(), text);
    assert_eq!(lab.err(&kim(), "RotateKeyOnDemand", json!({"KeyId": key})), limit);
}

#[test]
fn automatic_rotation_follows_the_clock() {
    // Source: KMS Developer Guide, "Rotating AWS KMS keys"; KMS API Reference, EnableKeyRotation.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let status = |lab: &mut Lab| lab.ok(&kim(), "GetKeyRotationStatus", json!({"KeyId": key}));
    let materials = |lab: &Lab| lab.world.kms().keys().next().expect("the key").materials.len();
    assert_eq!(status(&mut lab)["KeyRotationEnabled"], false);
    for days in [89, 2561] {
        let input = json!({"KeyId": key, "RotationPeriodInDays": days});
        assert_eq!(lab.err(&kim(), "EnableKeyRotation", input).0, "ValidationException");
    }
    lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": key}));
    assert_eq!(
        status(&mut lab),
        json!({"KeyId": key, "KeyRotationEnabled": true, "RotationPeriodInDays": 365,
            "NextRotationDate": epoch_seconds(&lab) + 365.0 * 86_400.0})
    );
    lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 100}));
    assert_eq!(status(&mut lab)["RotationPeriodInDays"], 100);
    lab.advance_days(99);
    assert_eq!(materials(&lab), 1);
    lab.advance_days(1);
    assert_eq!(materials(&lab), 2);
    // On demand does not move the schedule.
    let next = status(&mut lab)["NextRotationDate"].clone();
    lab.ok(&kim(), "RotateKeyOnDemand", json!({"KeyId": key}));
    assert_eq!(status(&mut lab)["NextRotationDate"], next);
    // One long step gives every rotation on the way.
    lab.advance_days(300);
    assert_eq!(materials(&lab), 6);
    // A disabled key is not rotated; enabled again, it makes up for it.
    lab.ok(&kim(), "DisableKey", json!({"KeyId": key}));
    lab.advance_days(100);
    assert_eq!(materials(&lab), 6);
    lab.ok(&kim(), "EnableKey", json!({"KeyId": key}));
    assert_eq!(materials(&lab), 7);
    // About to be deleted, it shows no rotation; cancelled, it does again.
    lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": key}));
    assert_eq!(status(&mut lab)["KeyRotationEnabled"], false);
    lab.ok(&kim(), "CancelKeyDeletion", json!({"KeyId": key}));
    assert_eq!(status(&mut lab)["KeyRotationEnabled"], true);
    lab.ok(&kim(), "EnableKey", json!({"KeyId": key}));
    lab.ok(&kim(), "DisableKeyRotation", json!({"KeyId": key}));
    lab.advance_days(1000);
    assert_eq!(materials(&lab), 7);
}

#[test]
fn the_way_the_clock_moves_does_not_matter() {
    let run = |steps: &[i64]| {
        let mut lab = Lab::new();
        let key = lab.key(json!({}));
        let other = lab.key(json!({}));
        lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90}));
        lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": other, "RotationPeriodInDays": 100}));
        for days in steps {
            lab.advance_days(*days);
        }
        let ids =
            |key: &std::sync::Arc<super::super::Key>| key.materials.iter().map(|m| m.id).collect::<Vec<_>>();
        lab.world.kms().keys().map(ids).collect::<Vec<_>>()
    };
    assert_eq!(run(&[400]), run(&[1; 400]));
}

#[test]
fn lists_come_in_pages_that_add_up() {
    // Source: KMS API Reference, ListKeys, `Limit`, `Marker`, `NextMarker`, `Truncated`.
    let mut lab = Lab::new();
    let mut keys: Vec<String> = (0..7).map(|_| lab.key(json!({}))).collect();
    let mut seen = Vec::new();
    let mut input = json!({"Limit": 3});
    loop {
        let page = lab.ok(&kim(), "ListKeys", input.clone());
        seen.extend(page["Keys"].as_array().expect("a list").iter().map(|key| text(&key["KeyArn"])));
        assert_eq!(page["Truncated"], json!(page.get("NextMarker").is_some()));
        let Some(marker) = page.get("NextMarker") else { break };
        input["Marker"] = marker.clone();
    }
    keys.sort();
    assert_eq!(seen, keys);
    assert_eq!(lab.err(&kim(), "ListKeys", json!({"Marker": "x"})).0, "InvalidMarkerException");
    assert_eq!(lab.err(&kim(), "ListKeys", json!({"Limit": 1001})).0, "ValidationException");
}

#[test]
fn the_last_use_is_remembered() {
    // Source: KMS API Reference, GetKeyLastUsage.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let usage = |lab: &mut Lab| lab.ok(&kim(), "GetKeyLastUsage", json!({"KeyId": key}));
    assert!(usage(&mut lab).get("KeyLastUsage").is_none());
    lab.ok(&kim(), "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}));
    lab.advance_days(2);
    lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
    assert_eq!(
        lab.err(&tess(), "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="})).0,
        "AccessDeniedException"
    );
    let last = usage(&mut lab);
    assert_eq!(last["KeyLastUsage"]["Operation"], "Encrypt");
    assert_eq!(last["KeyLastUsage"]["Timestamp"], last["KeyCreationDate"]);
}

/// What KMS did by itself: the records of service events.
fn own_records(lab: &Lab) -> Vec<Value> {
    lab.world.events().map(|event| event.to_json()).filter(|r| r["eventType"] == "AwsServiceEvent").collect()
}

#[test]
fn what_kms_does_by_itself_is_on_the_trail() {
    // Source: KMS Developer Guide, "Examples of AWS KMS log entries", RotateKey, DeleteKey, DeleteExpiredKeyMaterial.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let id = key.rsplit('/').next().expect("an id").to_owned();
    let described = lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
    lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90}));
    lab.advance_days(91);
    lab.ok(&kim(), "RotateKeyOnDemand", json!({"KeyId": key}));
    let records = own_records(&lab);
    let kinds: Vec<&Value> = records.iter().map(|r| &r["serviceEventDetails"]["rotationType"]).collect();
    assert_eq!(kinds, [&json!("AUTOMATIC"), &json!("ON_DEMAND")]);
    let first = &records[0];
    let details = &first["serviceEventDetails"];
    assert_eq!((&details["keyId"], &details["keyOrigin"]), (&json!(id), &json!("AWS_KMS")));
    assert_eq!(details["previousKeyMaterialId"], described["KeyMetadata"]["CurrentKeyMaterialId"]);
    assert_eq!(details["currentKeyMaterialId"], records[1]["serviceEventDetails"]["previousKeyMaterialId"]);
    assert_eq!(first["eventName"], "RotateKey");
    assert_eq!(first["userIdentity"], json!({"accountId": ACCOUNT, "invokedBy": "AWS Internal"}));
    assert_eq!(first["eventTime"], "2026-04-05T09:00:00Z");
    assert_eq!(first["resources"][0]["ARN"], json!(key));
    assert_eq!(first.get("requestID"), None);
    lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7}));
    lab.advance_days(8);
    let last = own_records(&lab).pop().expect("a record");
    assert_eq!(
        (&last["eventName"], &last["serviceEventDetails"]),
        (&json!("DeleteKey"), &json!({"keyId": id}))
    );
}

#[test]
fn records_of_changes_name_the_key() {
    // Source: KMS Developer Guide, "Examples of AWS KMS log entries": `responseElements.keyId` of operations that do
    // not answer the key's ARN; ScheduleKeyDeletion.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let other = lab.key(json!({}));
    let rows = [
        ("DisableKey", json!({"KeyId": key}), &key),
        ("EnableKey", json!({"KeyId": key}), &key),
        ("EnableKeyRotation", json!({"KeyId": key}), &key),
        ("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]}), &key),
        ("UpdateKeyDescription", json!({"KeyId": key, "Description": "d"}), &key),
        ("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": key}), &key),
        ("UpdateAlias", json!({"AliasName": "alias/a", "TargetKeyId": other}), &other),
        ("DeleteAlias", json!({"AliasName": "alias/a"}), &other),
        (
            "CreateGrant",
            json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt"]}),
            &key,
        ),
        ("RotateKeyOnDemand", json!({"KeyId": key}), &key),
        ("ScheduleKeyDeletion", json!({"KeyId": key}), &key),
        ("CancelKeyDeletion", json!({"KeyId": key}), &key),
    ];
    for (operation, input, named) in rows {
        let outcome = lab.call(&kim(), "kms", operation, input);
        let record = outcome.events[0].to_json();
        assert_eq!(record["eventName"], operation);
        assert_eq!(record["responseElements"]["keyId"], json!(named), "{operation}");
        if operation == "ScheduleKeyDeletion" {
            let expected = json!({"keyId": key, "keyState": "PendingDeletion",
                "deletionDate": "Feb 4, 2026, 9:00:00 AM"});
            assert_eq!(record["responseElements"], expected);
        }
        if operation == "UpdateAlias" {
            assert_eq!(
                record["resources"][0]["ARN"],
                json!(format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/a"))
            );
        }
    }
    // Reading changes nothing and answers nothing there.
    let record = lab.call(&kim(), "kms", "DescribeKey", json!({"KeyId": key})).events[0].to_json();
    assert_eq!(record["responseElements"], Value::Null);
}
