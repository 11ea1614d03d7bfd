//! Keys that change, keys that fail, backups: a table through time.

use super::*;

impl Lab {
    fn stored(&self) -> super::super::disk::TableDisk {
        self.world.dynamodb().table(&handle("CustomerData")).expect("the table").disk.clone()
    }
}

// Source: messages as returned by DynamoDB.
#[test]
fn a_change_of_keys_must_be_one_and_must_be_alone() {
    let mut lab = Lab::with_table(Fidelity::instant());
    lab.create_table("Plain", json!({}));
    let key = lab.key.clone();
    let prefix = "One or more parameter values were invalid: ";
    for (input, message) in [
        (json!({"TableName": "CustomerData", "SSESpecification": sse(&key), "BillingMode": "PAY_PER_REQUEST"}),
            format!("{prefix}Server-Side Encryption modification must be the only operation in the request")),
        (json!({"TableName": "CustomerData", "SSESpecification": sse(&key), "DeletionProtectionEnabled": true}),
            format!("{prefix}Server-Side Encryption modification must be the only operation in the request")),
        (update(sse(&key)),
            format!("{prefix}Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you \
                     want to change Master Key")),
        (json!({"TableName": "Plain", "SSESpecification": {"Enabled": false}}),
            format!("{prefix}Table is already encrypted by default")),
        (json!({"TableName": "CustomerData"}),
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or \
             SSESpecification or ReplicaUpdates is required".to_owned()),
    ] {
        let refused = lab.error(&root(), "dynamodb", "UpdateTable", input.clone());
        assert_eq!(refused, ("ValidationException".to_owned(), message), "{input}");
    }
    // The same key by its id is another text, and is taken.
    let id = key.rsplit('/').next().expect("an id").to_owned();
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&id)));
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": the data is not written again.
#[test]
fn a_change_of_keys_wraps_the_data_keys_anew_and_leaves_the_pages() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let before = lab.stored();
    let second = lab.another_key();
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&second)));
    let after = lab.stored();
    let page = after.view().pages().next().expect("a page");
    let changes = page.changes_since(&before).expect("the same page");
    assert!(
        changes.data_key && !changes.nonce && !changes.tag && changes.ciphertext.is_empty(),
        "{changes:?}"
    );
    assert_eq!(after.view().table_key().kms_key.as_deref(), Some(second.as_str()));
    let old = after.view().previous_table_key().expect("the old table key is still visible");
    assert_eq!(old.kms_key.as_deref(), Some(lab.key.as_str()));
    assert!(lab.scan(&root()).is_ok());
    lab.minutes(1);
    assert!(lab.stored().view().previous_table_key().is_none());

    let first = lab.key.clone();
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": first}));
    assert!(lab.scan(&root()).is_ok(), "the old key is no longer needed");
    lab.ok(&root(), "dynamodb", "UpdateTable", update(json!({"Enabled": false})));
    assert!(lab.describe().get("SSEDescription").is_none());
    lab.world.clear_events();
    assert!(lab.scan(&root()).is_ok());
    assert_eq!(lab.world.events().len(), 1, "KMS is not asked");
}

// Source: DynamoDB Developer Guide, "Service quotas", encryption at rest.
#[test]
fn keys_can_be_changed_four_times_a_day_and_then_every_six_hours() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let keys = [lab.another_key(), lab.key.clone()];
    for n in 0..4 {
        lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&keys[n % 2])));
        lab.minutes(1);
    }
    let (code, text) = lab.error(&root(), "dynamodb", "UpdateTable", update(sse(&keys[0])));
    assert_eq!(code, "LimitExceededException");
    assert!(
        text.starts_with("Subscriber limit exceeded: Encryption mode changes are limited in the 24h window"),
        "{text}"
    );
    lab.minutes(6 * 60);
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&keys[0])));
    assert_eq!(
        lab.error(&root(), "dynamodb", "UpdateTable", update(sse(&keys[1]))).0,
        "LimitExceededException"
    );
    lab.minutes(24 * 60);
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&keys[1])));
}

// A change that fails changes nothing and does not count. Measured on AWS.
#[test]
fn a_failed_change_of_keys_changes_nothing() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let before = lab.describe();
    let missing = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555");
    for _ in 0..6 {
        let (code, text) = lab.error(&root(), "dynamodb", "UpdateTable", update(sse(&missing)));
        assert_eq!(code, "ValidationException");
        assert!(text.contains("NotFoundException"), "{text}");
    }
    assert_eq!(lab.describe(), before);
    let second = lab.another_key();
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&second)));
}

// Source: DynamoDB Developer Guide, "Encryption at rest: how it works"; delays measured on AWS.
#[test]
fn a_table_turns_inaccessible_some_time_after_its_key_is_disabled() {
    let mut lab = Lab::with_table(Fidelity::aws());
    let key = lab.key.clone();
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": key}));
    let disabled_at = lab.world.now();
    lab.minutes(6);
    assert!(lab.scan(&root()).is_err(), "the cached table key has expired");
    assert_eq!(lab.describe()["TableStatus"], "ACTIVE", "the status follows later");
    lab.minutes(75);
    let table = lab.describe();
    assert_eq!(table["TableStatus"], "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
    assert_eq!(table["SSEDescription"]["Status"], "ENABLED");
    let found = table["SSEDescription"]["InaccessibleEncryptionDateTime"].as_f64().expect("a time");
    #[expect(clippy::cast_precision_loss, reason = "seconds of our time")]
    let after = found - disabled_at.as_second() as f64;
    assert!((0.0..75.0 * 60.0).contains(&after), "found out after {after} s");
    let backup = json!({"TableName": "CustomerData", "BackupName": "backup"});
    let (code, text) = lab.error(&root(), "dynamodb", "CreateBackup", backup);
    assert_eq!(code, "ValidationException");
    assert!(text.starts_with("KMS key disabled error"), "{text}");

    lab.ok(&root(), "kms", "EnableKey", json!({"KeyId": key}));
    assert!(lab.scan(&root()).is_ok(), "reads work again at once");
    assert_eq!(lab.describe()["TableStatus"], "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
    lab.minutes(60);
    let table = lab.describe();
    assert_eq!(table["TableStatus"], "ACTIVE");
    assert!(table["SSEDescription"].get("InaccessibleEncryptionDateTime").is_none());
}

#[test]
fn without_delays_the_status_follows_at_once() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let key = json!({"KeyId": lab.key});
    lab.ok(&root(), "kms", "DisableKey", key.clone());
    assert_eq!(lab.describe()["TableStatus"], "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
    lab.ok(&root(), "kms", "EnableKey", key);
    assert_eq!(lab.describe()["TableStatus"], "ACTIVE");
}

// Source: DynamoDB API Reference, TableStatus and ArchivalSummary; KMS Developer Guide, "Key states".
#[test]
fn after_seven_days_an_inaccessible_table_is_archived_and_can_be_restored_from_its_backup() {
    for fidelity in [Fidelity::instant(), Fidelity::aws()] {
        let mut lab = Lab::with_table(fidelity);
        let key = json!({"KeyId": lab.key});
        lab.ok(&root(), "kms", "DisableKey", key.clone());
        lab.minutes(6 * 24 * 60);
        assert_eq!(lab.describe()["TableStatus"], "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
        lab.minutes(2 * 24 * 60);
        let table = lab.describe();
        assert_eq!(table["TableStatus"], "ARCHIVED");
        let archive = &table["ArchivalSummary"];
        assert_eq!(archive["ArchivalReason"], "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
        let backup = archive["ArchivalBackupArn"].as_str().expect("a backup").to_owned();
        lab.ok(&root(), "kms", "EnableKey", key.clone());
        lab.minutes(24 * 60);
        assert_eq!(lab.describe()["TableStatus"], "ARCHIVED", "an archived table does not come back");
        assert_eq!(lab.scan(&root()).expect_err("archived").0, "ResourceNotFoundException");
        let restore = |name: &str| json!({"TargetTableName": name, "BackupArn": backup});
        assert_eq!(
            lab.error(&root(), "dynamodb", "RestoreTableFromBackup", restore("CustomerData")),
            ("TableAlreadyExistsException".to_owned(), "Table already exists: CustomerData".to_owned())
        );
        lab.ok(&root(), "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
        lab.ok(&root(), "dynamodb", "RestoreTableFromBackup", restore("CustomerData"));
        assert_eq!(lab.scan(&root()).expect("restored")["Items"], json!([alice()]));
    }
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": backups keep the key they were made under.
#[test]
fn a_backup_keeps_its_key() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let made = lab.ok(
        &root(),
        "dynamodb",
        "CreateBackup",
        json!({"TableName": "CustomerData", "BackupName": "before"}),
    );
    let arn = made["BackupDetails"]["BackupArn"].as_str().expect("an ARN").to_owned();
    assert!(
        arn.starts_with(&format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/CustomerData/backup/017676")),
        "{arn}"
    );
    let first = lab.key.clone();
    let second = lab.another_key();
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&second)));
    let described = lab.ok(&root(), "dynamodb", "DescribeBackup", json!({"BackupArn": arn}));
    let features = &described["BackupDescription"]["SourceTableFeatureDetails"];
    assert_eq!(features["SSEDescription"]["KMSMasterKeyArn"], first);
    let listed = lab.ok(&root(), "dynamodb", "ListBackups", json!({"TableName": "CustomerData"}));
    assert_eq!(listed["BackupSummaries"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["BackupSummaries"][0]["BackupName"], "before");

    let restore = json!({"TargetTableName": "Restored", "BackupArn": arn,
        "SSESpecificationOverride": sse(&second)});
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": first}));
    let (code, text) = lab.error(&root(), "dynamodb", "RestoreTableFromBackup", restore.clone());
    assert_eq!(code, "ValidationException");
    assert!(text.starts_with("KMS key disabled error") && text.contains(&first), "{text}");
    lab.ok(&root(), "kms", "EnableKey", json!({"KeyId": first}));
    let restored = lab.ok(&root(), "dynamodb", "RestoreTableFromBackup", restore);
    let description = &restored["TableDescription"];
    assert_eq!(description["SSEDescription"]["KMSMasterKeyArn"], second);
    assert_eq!(description["RestoreSummary"]["SourceBackupArn"], arn);
    assert_eq!(
        lab.ok(&root(), "dynamodb", "Scan", json!({"TableName": "Restored"}))["Items"],
        json!([alice()])
    );
    lab.ok(&root(), "dynamodb", "DeleteBackup", json!({"BackupArn": arn}));
    let gone = lab.error(&root(), "dynamodb", "DescribeBackup", json!({"BackupArn": arn}));
    assert_eq!(gone, ("BackupNotFoundException".to_owned(), format!("Backup not found: {arn}")));
}

#[test]
fn a_protected_table_is_not_deleted() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let protect = |on: bool| json!({"TableName": "CustomerData", "DeletionProtectionEnabled": on});
    lab.ok(&root(), "dynamodb", "UpdateTable", protect(true));
    let (code, text) = lab.error(&root(), "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
    assert_eq!(code, "ValidationException");
    assert_eq!(
        text,
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
    );
    lab.ok(&root(), "dynamodb", "UpdateTable", protect(false));
    lab.ok(&root(), "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": DynamoDB retires its grants.
#[test]
fn grants_end_with_their_table_or_its_key() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let (first, second) = (lab.key.clone(), lab.another_key());
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&second)));
    assert_eq!((lab.grants(&first).len(), lab.grants(&second).len()), (0, 1));
    lab.world.clear_events();
    lab.ok(&root(), "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
    assert_eq!(lab.grants(&second), Vec::<Value>::new());
    let retired = lab.world.events().find(|event| event.name == "RetireGrant").expect("recorded").to_json();
    assert_eq!(retired["userIdentity"], json!({"type": "AWSService", "invokedBy": "dynamodb.amazonaws.com"}));
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": a table whose grant is revoked is inaccessible;
// that another key heals it was measured on AWS.
#[test]
fn a_table_without_its_grant_is_inaccessible_until_it_gets_another_key() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let (first, second) = (lab.key.clone(), lab.another_key());
    let grant = lab.grants(&first)[0]["GrantId"].clone();
    lab.ok(&root(), "kms", "RevokeGrant", json!({"KeyId": first, "GrantId": grant}));
    assert_eq!(lab.describe()["TableStatus"], "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
    let (code, text) = lab.scan(&root()).expect_err("inaccessible");
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains("User: dynamodb.amazonaws.com is not authorized to perform: kms:Decrypt"),
        "{text}"
    );
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&second)));
    assert_eq!(lab.describe()["TableStatus"], "ACTIVE");
    assert!(lab.scan(&root()).is_ok());
}

// Source: KMS Developer Guide, "Rotating AWS KMS keys": nothing is encrypted anew, what was encrypted stays readable.
#[test]
fn rotating_the_key_changes_no_stored_byte() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let before = lab.stored();
    let key = lab.key.clone();
    lab.ok(&root(), "kms", "RotateKeyOnDemand", json!({"KeyId": key}));
    lab.minutes(60);
    assert_eq!(lab.stored(), before);
    assert!(lab.scan(&root()).is_ok());
}

#[test]
fn tags_are_set_listed_and_taken_away() {
    // Source: DynamoDB API Reference, TagResource, UntagResource, ListTagsOfResource; texts recorded by the tests of
    // the emulator dynalite.
    let mut lab = Lab::with_table(Fidelity::instant());
    let arn = handle("CustomerData").arn();
    let mut tags: Vec<Value> =
        (0..12).map(|n| json!({"Key": format!("k{n:02}"), "Value": n.to_string()})).collect();
    lab.ok(&root(), "dynamodb", "TagResource", json!({"ResourceArn": arn, "Tags": tags}));
    let first = lab.ok(&root(), "dynamodb", "ListTagsOfResource", json!({"ResourceArn": arn}));
    assert_eq!(first["Tags"].as_array().map(Vec::len), Some(10));
    let next = json!({"ResourceArn": arn, "NextToken": first["NextToken"]});
    let second = lab.ok(&root(), "dynamodb", "ListTagsOfResource", next);
    assert_eq!(second, json!({"Tags": tags.split_off(10)}));
    let keys: Vec<String> = (1..12).map(|n| format!("k{n:02}")).collect();
    lab.ok(&root(), "dynamodb", "UntagResource", json!({"ResourceArn": arn, "TagKeys": keys}));
    let left = lab.ok(&root(), "dynamodb", "ListTagsOfResource", json!({"ResourceArn": arn}));
    assert_eq!(left, json!({"Tags": [{"Key": "k00", "Value": "0"}]}));

    let absent = handle("None").arn();
    let not_found = format!("Requested resource not found: ResourceArn: {absent} not found");
    let bad_arn = "One or more parameter values were invalid: ARNs must start with 'arn:': abcd";
    let many: Vec<Value> = (0..50).map(|n| json!({"Key": format!("m{n}"), "Value": ""})).collect();
    for (operation, input, code, text) in [
        ("TagResource", json!({"ResourceArn": "abcd"}), "ValidationException", bad_arn),
        (
            "TagResource",
            json!({"ResourceArn": arn}),
            "ValidationException",
            "Atleast one Tag needs to be provided as Input.",
        ),
        (
            "UntagResource",
            json!({"ResourceArn": arn}),
            "ValidationException",
            "Atleast one Tag Key needs to be provided as Input.",
        ),
        ("ListTagsOfResource", json!({"ResourceArn": absent}), "ResourceNotFoundException", &not_found),
        (
            "TagResource",
            json!({"ResourceArn": arn, "Tags": [{"Key": "aws:x", "Value": ""}]}),
            "ValidationException",
            "Tag Key cannot be prefixed with aws:, Key: aws:x",
        ),
        (
            "TagResource",
            json!({"ResourceArn": arn, "Tags": many}),
            "ValidationException",
            "Number of Tags exceed the current limit for the provided ResourceArn",
        ),
    ] {
        let failed = lab.error(&root(), "dynamodb", operation, input);
        assert_eq!(failed, (code.to_owned(), text.to_owned()), "{operation}");
    }

    // A tag opens what a policy ties to it; and tagging a new table needs permission to tag.
    let allow = |action: &str, condition: Value| json!({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition});
    let tess = lab.user(
        "tess",
        &[],
        json!([
            allow("dynamodb:Describe*", json!({"StringEquals": {"aws:ResourceTag/k00": "0"}})),
            allow("dynamodb:CreateTable", json!({}))
        ]),
    );
    lab.ok(&tess, "dynamodb", "DescribeTable", json!({"TableName": "CustomerData"}));
    let mut create = table("Tagged", json!({"Enabled": false}));
    create["Tags"] = json!([{"Key": "a", "Value": "b"}]);
    let (code, message) = lab.error(&tess, "dynamodb", "CreateTable", create);
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("dynamodb:TagResource"), "{message}");
}
