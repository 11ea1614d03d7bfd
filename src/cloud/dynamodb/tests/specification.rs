//! `SSESpecification` and `SSEDescription`: what may be asked for, and what is shown of it in the course of time.
//!
//! Sources: DynamoDB API Reference, SSESpecification, SSEDescription, TableStatus; messages as returned by DynamoDB;
//! durations measured on AWS.

use super::*;

const ALIAS: &str = "alias/tables";

/// A key with an alias, by each of its four names.
fn names(lab: &mut Lab) -> [String; 4] {
    let key = lab.key.clone();
    lab.ok(&root(), "kms", "CreateAlias", json!({"AliasName": ALIAS, "TargetKeyId": key}));
    let id = key.rsplit('/').next().expect("an id").to_owned();
    let alias_arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:{ALIAS}");
    [key, id, ALIAS.to_owned(), alias_arn]
}

fn create(name: &str, specification: Option<Value>) -> Value {
    let mut input = table(name, json!({}));
    let fields = input.as_object_mut().expect("an object");
    match specification {
        Some(specification) => fields.insert("SSESpecification".to_owned(), specification),
        None => fields.remove("SSESpecification"),
    };
    input
}

#[test]
fn a_specification_names_an_owned_a_managed_or_a_customers_key() {
    let mut lab = Lab::new(Fidelity::aws());
    let key = lab.key.clone();
    let mut rows = vec![
        (None, None),
        (Some(json!({})), None),
        (Some(json!({"Enabled": false})), None),
        (Some(json!({"Enabled": true})), Some("managed")),
        (Some(json!({"SSEType": "KMS"})), Some("managed")),
        (Some(json!({"Enabled": true, "SSEType": "KMS"})), Some("managed")),
    ];
    for name in names(&mut lab) {
        rows.push((Some(json!({"SSEType": "KMS", "KMSMasterKeyId": name})), Some("own")));
        rows.push((Some(sse(&name)), Some("own")));
    }
    for (n, (specification, expected)) in rows.into_iter().enumerate() {
        let name = format!("Table{n}");
        let made =
            lab.ok(&root(), "dynamodb", "CreateTable", create(&name, specification.clone()))["TableDescription"].clone();
        let arn = match expected {
            None => None,
            Some("own") => Some(json!(key)),
            Some(_) => {
                let managed = lab.ok(&root(), "kms", "DescribeKey", json!({"KeyId": "alias/aws/dynamodb"}));
                Some(managed["KeyMetadata"]["Arn"].clone())
            }
        };
        let expected = arn.map(|arn| json!({"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}));
        assert_eq!(made.get("SSEDescription"), expected.as_ref(), "{specification:?}");
        assert_eq!(made["TableStatus"], "CREATING");
        let describe = json!({"TableName": name});
        let shown = lab.ok(&root(), "dynamodb", "DescribeTable", describe.clone())["Table"].clone();
        assert_eq!(shown["TableStatus"], "CREATING", "it takes some seconds");
        lab.minutes(1);
        let shown = lab.ok(&root(), "dynamodb", "DescribeTable", describe)["Table"].clone();
        assert_eq!(
            (shown.get("SSEDescription"), &shown["TableStatus"]),
            (expected.as_ref(), &json!("ACTIVE"))
        );
    }
}

/// The same words answer a new table, a change and a restored table.
#[test]
fn what_does_not_go_together_is_refused_wherever_it_is_asked() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let backup = json!({"TableName": "CustomerData", "BackupName": "before"});
    let backup = lab.ok(&root(), "dynamodb", "CreateBackup", backup)["BackupDetails"]["BackupArn"].clone();
    let key = lab.another_key();
    for (specification, message) in [
        (json!({"KMSMasterKeyId": key}), "SSEType KMS is required if KMSMasterKeyId is specified"),
        (
            json!({"Enabled": true, "KMSMasterKeyId": key}),
            "SSEType KMS is required if KMSMasterKeyId is specified",
        ),
        (json!({"Enabled": false, "SSEType": "KMS"}), "SSEType can not be specified if Enabled is false"),
        (
            json!({"Enabled": false, "KMSMasterKeyId": key}),
            "KMSMasterKeyId can not be specified if Enabled is false",
        ),
        (json!({"SSEType": "AES256"}), "SSEType AES256 is not supported"),
        (json!({"Enabled": true, "SSEType": "AES256"}), "SSEType AES256 is not supported"),
        (
            json!({"Enabled": true, "SSEType": "AES256", "KMSMasterKeyId": key}),
            "SSEType AES256 is not supported",
        ),
    ] {
        let restore = json!({"TargetTableName": "Other", "BackupArn": backup, "SSESpecificationOverride": specification});
        let before = format!("{:?}", lab.world);
        for (operation, input) in [
            ("CreateTable", create("Other", Some(specification.clone()))),
            ("UpdateTable", update(specification.clone())),
            ("RestoreTableFromBackup", restore),
        ] {
            let (code, text) = lab.error(&root(), "dynamodb", operation, input);
            assert_eq!(code, "ValidationException", "{operation} {specification}");
            let expected = format!("One or more parameter values were invalid: {message}");
            assert_eq!(text, expected, "{operation} {specification}");
        }
        assert!(format!("{:?}", lab.world) == before, "{specification} has left something behind");
    }
}

/// What DescribeTable shows after a change, second by second. The table stays ACTIVE and can be read.
#[test]
fn a_change_is_shown_step_by_step() {
    let mut lab = Lab::with_table(Fidelity::aws());
    let (first, second) = (lab.key.clone(), lab.another_key());
    let shown =
        |status: &str, arn: &str| Some(json!({"Status": status, "SSEType": "KMS", "KMSMasterKeyArn": arn}));
    let off = json!({"Enabled": false});
    for (specification, steps) in [
        // The old key is named for 8 to 9 seconds; all is over after 21 to 23.
        (
            sse(&second),
            vec![
                (0, shown("UPDATING", &first)),
                (7, shown("UPDATING", &first)),
                (9, shown("UPDATING", &second)),
                (21, shown("UPDATING", &second)),
                (23, shown("ENABLED", &second)),
            ],
        ),
        // Turning it off: UPDATING, then nothing. Doubtful: which key is named meanwhile.
        (off, vec![(0, shown("UPDATING", &second)), (21, shown("UPDATING", &second)), (23, None)]),
        // Doubtful, likewise: the first seconds of a table that had no KMS key.
        (
            sse(&first),
            vec![
                (0, shown("UPDATING", &first)),
                (21, shown("UPDATING", &first)),
                (23, shown("ENABLED", &first)),
            ],
        ),
    ] {
        let answer = lab.ok(&root(), "dynamodb", "UpdateTable", update(specification.clone()));
        assert_eq!(answer["TableDescription"]["TableStatus"], "ACTIVE");
        assert_eq!(answer["TableDescription"].get("SSEDescription"), steps[0].1.as_ref(), "{specification}");
        let mut passed = 0;
        for (after, expected) in steps {
            lab.seconds(after - passed);
            passed = after;
            let table = lab.describe();
            assert_eq!(table.get("SSEDescription"), expected.as_ref(), "{specification} after {after} s");
            assert_eq!(table["TableStatus"], "ACTIVE");
            assert!(lab.scan(&root()).is_ok(), "{specification} after {after} s");
            let in_use = (
                "ResourceInUseException".to_owned(),
                "Attempt to change a resource which is still in use: Table: CustomerData is in the process of being \
                 updated."
                    .to_owned(),
            );
            let updating = expected.is_some_and(|shown| shown["Status"] == "UPDATING");
            for (operation, input) in [
                ("DeleteTable", json!({"TableName": "CustomerData"})),
                ("UpdateTable", update(sse(&lab.key.clone()))),
            ] {
                if updating {
                    assert_eq!(lab.error(&root(), "dynamodb", operation, input), in_use, "after {after} s");
                }
            }
        }
    }
    lab.ok(&root(), "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
}

#[test]
fn the_same_key_again_is_refused_by_its_arn_and_taken_by_its_other_names() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let [arn, id, alias, alias_arn] = names(&mut lab);
    for (name, taken) in [(&arn, false), (&id, true), (&alias, true), (&alias_arn, true), (&arn, false)] {
        let wrapped = lab.stored_key();
        let outcome = lab.call(&root(), "dynamodb", "UpdateTable", update(sse(name)));
        assert_eq!(outcome.result.is_ok(), taken, "{name}: {:?}", outcome.result.err());
        assert_eq!(lab.stored_key() != wrapped, taken, "{name}: a new table key only if taken");
        assert_eq!(lab.describe()["SSEDescription"]["KMSMasterKeyArn"], arn);
    }
}

// Measured on AWS: a table stays with the key that its alias named when it was put under it.
#[test]
fn an_alias_that_moves_does_not_move_the_table() {
    let mut lab = Lab::new(Fidelity::instant());
    let [first, _, alias, _] = names(&mut lab);
    let second = lab.another_key();
    lab.create_table("CustomerData", sse(&alias));
    lab.put("CustomerData", alice());
    let moved = json!({"AliasName": alias, "TargetKeyId": second});
    lab.ok(&root(), "kms", "UpdateAlias", moved);
    assert_eq!(lab.describe()["SSEDescription"]["KMSMasterKeyArn"], first);
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": second}));
    assert!(lab.scan(&root()).is_ok());
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": first}));
    assert!(lab.scan(&root()).is_err());
}

// Source: DynamoDB Developer Guide, "Service quotas", encryption at rest; aws-controllers-k8s, its catalogue of DynamoDB's
// answers of 2026-10-09, DDB-TABLE-443 and DDB-TABLE-449.
#[test]
fn the_fifth_change_of_a_day_says_when_it_may_be_made() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let keys = [lab.another_key(), lab.key.clone()];
    let first = lab.world.now();
    for n in 0..4 {
        lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&keys[n % 2])));
        lab.minutes(1);
    }
    let at = |minutes: i64| {
        (first + jiff::SignedDuration::from_mins(minutes)).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    };
    let limit = (
        "LimitExceededException".to_owned(),
        format!(
            "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at {}. After the \
             first 4 change, each subsequent change in the same window can be performed at most once every 21600 \
             seconds. Number of updates today: 4. Last change at {}. Next changes can be made at {}.",
            at(24 * 60),
            at(3),
            at(6 * 60 + 3)
        ),
    );
    assert_eq!(lab.error(&root(), "dynamodb", "UpdateTable", update(sse(&keys[0]))), limit);
    // Every change of the mode counts, turning it off too.
    assert_eq!(lab.error(&root(), "dynamodb", "UpdateTable", update(json!({"Enabled": false}))), limit);
}

impl Lab {
    /// The table key as it is stored.
    fn stored_key(&self) -> Vec<u8> {
        let table = self.world.dynamodb().table(&handle("CustomerData")).expect("the table");
        table.disk.view().table_key().blob.to_vec()
    }
}
