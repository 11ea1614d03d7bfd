//! Tables whose key cannot be used: why, what still works on them, and how they come back or end.
//!
//! Sources: DynamoDB Developer Guide, "Encryption at rest: how it works" and "usage notes"; DynamoDB API Reference,
//! TableStatus, SSEDescription, ArchivalSummary; times and operations measured on AWS.

use super::super::cache::Holder;
use super::*;
use crate::cloud::kms::crypto::{WrappingAlgorithm, wrap_for_import};

const INACCESSIBLE: &str = "INACCESSIBLE_ENCRYPTION_CREDENTIALS";

/// With the table under a key of imported material.
fn lab_of_imported() -> Lab {
    let mut lab = Lab::new(Fidelity::instant());
    let key = lab.ok(&root(), "kms", "CreateKey", json!({"Origin": "EXTERNAL"}));
    lab.key = key["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    lab.import();
    lab.create_table("CustomerData", sse(&lab.key.clone()));
    lab.put("CustomerData", alice());
    lab
}

impl Lab {
    fn import(&mut self) {
        use rand::SeedableRng as _;
        let wrapping = json!({"KeyId": self.key, "WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256",
            "WrappingKeySpec": "RSA_2048"});
        let made = self.ok(&root(), "kms", "GetParametersForImport", wrapping);
        let public =
            crate::cloud::Blob::from_base64(made["PublicKey"].as_str().expect("a key")).expect("base64");
        let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(3);
        let algorithm = WrappingAlgorithm::RsaAesKeyWrapSha256;
        let wrapped = wrap_for_import(public.as_bytes(), algorithm, &[7; 32], &mut rng).expect("wrapped");
        let import = json!({"KeyId": self.key, "ImportToken": made["ImportToken"],
            "EncryptedKeyMaterial": crate::cloud::Blob::new(wrapped),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        self.ok(&root(), "kms", "ImportKeyMaterial", import);
    }

    fn on_key(&mut self, operation: &str) {
        let input = json!({"KeyId": self.key});
        self.ok(&root(), "kms", operation, input);
    }
}

type Step = fn(&mut Lab);
type Row = (&'static str, Step, &'static str, Vec<(Step, bool)>);

/// Everything that closes a table, and what opens it again.
#[test]
fn a_table_turns_inaccessible_for_four_reasons() {
    let disable: Step = |lab| lab.on_key("DisableKey");
    let enable: Step = |lab| lab.on_key("EnableKey");
    let cancel: Step = |lab| lab.on_key("CancelKeyDeletion");
    let doom: Step = |lab| lab.on_key("ScheduleKeyDeletion");
    let delete: Step = |lab| lab.on_key("DeleteImportedKeyMaterial");
    let revoke: Step = |lab| {
        let grant = lab.grants(&lab.key.clone())[0]["GrantId"].clone();
        let input = json!({"KeyId": lab.key, "GrantId": grant});
        lab.ok(&root(), "kms", "RevokeGrant", input);
    };
    let another: Step = |lab| {
        let key = lab.another_key();
        lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&key)));
    };
    // What closes it, how reading fails, and the steps after it: what each does, whether the table is open then.
    let rows: [Row; 4] = [
        ("the key is disabled", disable, "KMS key disabled error: ", vec![(enable, true)]),
        (
            "the key waits for its deletion",
            doom,
            "KMS validation error: com.amazonaws.services.kms.model.KMSInvalidStateException: ",
            vec![(cancel, false), (enable, true)],
        ),
        (
            "the imported material is gone",
            delete,
            "KMS validation error: com.amazonaws.services.kms.model.KMSInvalidStateException: ",
            vec![(Lab::import, true)],
        ),
        ("the grant is revoked", revoke, "KMS key access denied error: ", vec![(another, true)]),
    ];
    for (what, close, lead, steps) in rows {
        let mut lab = lab_of_imported();
        assert_eq!(lab.status(), "ACTIVE");
        close(&mut lab);
        let table = lab.describe();
        assert_eq!(table["TableStatus"], INACCESSIBLE, "{what}");
        assert_eq!(table["SSEDescription"]["Status"], "ENABLED", "{what}");
        assert!(table["SSEDescription"]["InaccessibleEncryptionDateTime"].is_f64(), "{what}");
        let (_, text) = lab.scan(&root()).expect_err(what);
        assert!(text.starts_with(lead), "{what}: {text}");
        for (step, opens) in steps {
            step(&mut lab);
            let table = lab.describe();
            assert_eq!(table["TableStatus"], if opens { "ACTIVE" } else { INACCESSIBLE }, "{what}");
            let since = table["SSEDescription"].get("InaccessibleEncryptionDateTime");
            assert_eq!(since.is_none(), opens, "{what}: the date goes with the state");
            assert_eq!(lab.scan(&root()).is_ok(), opens, "{what}");
        }
    }
}

/// Every operation on an inaccessible table.
#[test]
fn an_inaccessible_table_can_be_managed_and_not_used() {
    let arn = handle("CustomerData").arn();
    let item = json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}});
    let named = json!({"TableName": "CustomerData"});
    let of_arn = json!({"ResourceArn": arn});
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:Scan",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Resource": arn}]});
    let key = json!({"CustomerId": {"S": "12345"}});
    let mut rows = vec![
        ("BatchGetItem", json!({"RequestItems": {"CustomerData": {"Keys": [key]}}}), false),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"CustomerData": [{"PutRequest": {"Item": alice()}}]}}),
            false,
        ),
        ("TransactGetItems", json!({"TransactItems": [{"Get": item.clone()}]}), false),
        ("TransactWriteItems", json!({"TransactItems": [{"Delete": item.clone()}]}), false),
        (
            "UpdateTimeToLive",
            json!({"TableName": "CustomerData", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "t"}}),
            true,
        ),
        ("DescribeTimeToLive", named.clone(), true),
        (
            "UpdateContinuousBackups",
            json!({"TableName": "CustomerData",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}),
            true,
        ),
        ("DescribeContinuousBackups", named.clone(), true),
        ("DescribeLimits", json!({}), true),
        ("DescribeEndpoints", json!({}), true),
        ("DescribeTable", named.clone(), true),
        ("ListTables", json!({}), true),
        ("ListBackups", named.clone(), true),
        ("DescribeBackup", json!({"BackupArn": "BACKUP"}), true),
        ("TagResource", json!({"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]}), true),
        ("ListTagsOfResource", of_arn.clone(), true),
        ("UntagResource", json!({"ResourceArn": arn, "TagKeys": ["a"]}), true),
        ("PutResourcePolicy", json!({"ResourceArn": arn, "Policy": policy.to_string()}), true),
        ("GetResourcePolicy", of_arn.clone(), true),
        ("DeleteResourcePolicy", of_arn, true),
        ("UpdateTable", json!({"TableName": "CustomerData", "DeletionProtectionEnabled": false}), true),
        (
            "UpdateTable",
            json!({"TableName": "CustomerData", "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}),
            true,
        ),
        ("UpdateTable", update(json!({"Enabled": false})), false),
        ("UpdateTable", update(sse("OTHER")), false),
        ("UpdateTable", update(json!({"Enabled": true})), false),
        ("CreateBackup", json!({"TableName": "CustomerData", "BackupName": "nightly"}), false),
        ("RestoreTableFromBackup", json!({"TargetTableName": "Restored", "BackupArn": "BACKUP"}), false),
        ("GetItem", item.clone(), false),
        ("DeleteItem", item.clone(), false),
        ("UpdateItem", item, false),
        ("PutItem", json!({"TableName": "CustomerData", "Item": alice()}), false),
        ("Scan", named.clone(), false),
        (
            "Query",
            json!({"TableName": "CustomerData", "KeyConditionExpression": "CustomerId = :c",
            "ExpressionAttributeValues": {":c": {"S": "12345"}}}),
            false,
        ),
        ("DeleteBackup", json!({"BackupArn": "BACKUP"}), true),
    ];
    rows.push(("DeleteTable", named, true));
    let mut known: Vec<&str> = super::super::SERVICE.names().collect();
    known.retain(|operation| !rows.iter().any(|(row, ..)| row == operation));
    assert_eq!(known, ["CreateTable"], "every operation on a table has a row");
    for fidelity in [Fidelity::instant(), Fidelity::aws()] {
        let mut lab = Lab::with_table(fidelity);
        let backup = json!({"TableName": "CustomerData", "BackupName": "before"});
        let backup =
            lab.ok(&root(), "dynamodb", "CreateBackup", backup)["BackupDetails"]["BackupArn"].clone();
        let other = lab.another_key();
        lab.on_key("DisableKey");
        lab.minutes(75);
        assert_eq!(lab.status(), INACCESSIBLE);
        for (operation, input, works) in &rows {
            let backup = backup.as_str().expect("an ARN");
            let text = input.to_string().replace("BACKUP", backup).replace("OTHER", &other);
            let outcome =
                lab.call(&root(), "dynamodb", operation, serde_json::from_str(&text).expect("JSON"));
            match outcome.result {
                Ok(_) => assert!(works, "{operation} {text} works"),
                Err(error) => {
                    assert!(!works, "{operation} {text}: {error}");
                    assert_eq!(error.code, "ValidationException", "{operation}");
                    assert!(error.message.starts_with("KMS key disabled error: "), "{operation}: {error}");
                }
            }
        }
    }
}

// Measured on AWS: found out 13 to 75 minutes after the key was disabled, open again 18 to 57 after it was enabled;
// cancelling a deletion alone does not help.
#[test]
fn the_state_comes_and_goes_late() {
    let mut lab = Lab::with_table(Fidelity::aws());
    lab.on_key("ScheduleKeyDeletion");
    let closed_after = lab.minutes_until(INACCESSIBLE);
    assert!((13..=75).contains(&closed_after), "{closed_after}");
    lab.on_key("CancelKeyDeletion");
    lab.minutes(120);
    assert_eq!(lab.status(), INACCESSIBLE, "the key is disabled now");
    lab.on_key("EnableKey");
    let open_after = lab.minutes_until("ACTIVE");
    assert!((1..=57).contains(&open_after), "{open_after}");
}

impl Lab {
    fn minutes_until(&mut self, status: &str) -> i64 {
        let mut passed = 0;
        while self.status() != status {
            self.minutes(1);
            passed += 1;
            assert!(passed < 300, "never {status}");
        }
        passed
    }
}

// Source: DynamoDB API Reference, TableStatus: ARCHIVING, then ARCHIVED, after more than seven days.
#[test]
fn an_inaccessible_table_is_archived_step_by_step() {
    let mut lab = Lab::with_table(Fidelity::aws());
    lab.on_key("DisableKey");
    lab.minutes_until(INACCESSIBLE);
    let since = lab.describe()["SSEDescription"]["InaccessibleEncryptionDateTime"].as_f64().expect("a time");
    lab.minutes(7 * 24 * 60 - 1);
    assert_eq!(lab.status(), INACCESSIBLE, "seven days are not more than seven days");
    lab.minutes_until("ARCHIVING");
    lab.minutes_until("ARCHIVED");
    let table = lab.describe();
    let archive = &table["ArchivalSummary"];
    assert_eq!(archive["ArchivalReason"], INACCESSIBLE);
    let at = archive["ArchivalDateTime"].as_f64().expect("a time");
    assert!(at - since >= 7.0 * 86_400.0, "{at} {since}");
    // The backup is DynamoDB's own, and needs the key that the table had last.
    let listed = |lab: &mut Lab, kind: &str| {
        let input = json!({"TableName": "CustomerData", "BackupType": kind});
        lab.ok(&root(), "dynamodb", "ListBackups", input)["BackupSummaries"].clone()
    };
    assert_eq!(listed(&mut lab, "USER"), json!([]));
    let backup = listed(&mut lab, "SYSTEM")[0].clone();
    assert_eq!(backup["BackupArn"], archive["ArchivalBackupArn"]);
    let restore = json!({"TargetTableName": "Restored", "BackupArn": backup["BackupArn"]});
    let (code, text) = lab.error(&root(), "dynamodb", "RestoreTableFromBackup", restore.clone());
    assert_eq!((code.as_str(), text.starts_with("KMS key disabled error: ")), ("ValidationException", true));
    lab.on_key("EnableKey");
    lab.ok(&root(), "dynamodb", "RestoreTableFromBackup", restore);
    let scan = json!({"TableName": "Restored"});
    assert_eq!(lab.ok(&root(), "dynamodb", "Scan", scan)["Items"], json!([alice()]));
}

/// The table key in memory, by the clock. Measured on AWS: a key disabled at 0:00, an item read every 30 seconds.
#[test]
fn traffic_does_not_keep_a_table_open() {
    let mut lab = Lab::with_table(Fidelity::aws());
    let get = json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}});
    let read = |lab: &mut Lab| lab.call(&root(), "dynamodb", "GetItem", get.clone()).result.is_ok();
    assert!(read(&mut lab), "the key is cached");
    lab.on_key("DisableKey");
    for seconds in (30..600).step_by(30) {
        lab.seconds(30);
        assert_eq!(read(&mut lab), seconds < 300, "after {seconds} s");
    }
    lab.on_key("EnableKey");
    assert!(read(&mut lab), "at the next call");
}

// Doubtful, as `cache` says: a refusal is not kept, so a policy that opens the door is seen at once.
#[test]
fn a_refusal_is_not_kept() {
    let mut lab = Lab::with_table(Fidelity::aws());
    let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], json!([]));
    assert!(lab.scan(&tess).is_err());
    lab.put_key_policy(json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/tess")}}]));
    assert!(lab.scan(&tess).is_ok());
    let (table, now) = (handle("CustomerData"), lab.world.now());
    let kept: Vec<&Holder> = lab.world.dynamodb().cache().expiries(&table, now).map(|(who, _)| who).collect();
    let expected = [Holder::Caller(root()), Holder::Caller(tess)];
    assert_eq!(kept, expected.each_ref(), "who has read: each for themselves");
}
