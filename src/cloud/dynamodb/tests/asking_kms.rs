//! Who asks KMS for what, as whom, in which circumstances, and what the trail says of it.
//!
//! Source: DynamoDB Developer Guide, "Encryption at rest usage notes": when DynamoDB calls KMS, and its examples of
//! records; KMS Developer Guide, "kms:ViaService", "Logging AWS KMS API calls"; IAM User Guide, "AWS global condition
//! context keys"; CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element".

use std::sync::Arc;

use super::*;
use crate::cloud::fidelity::TableKeyHolder;
use crate::cloud::{DecisionRecord, Event};

const SERVICE: &str = "dynamodb.amazonaws.com";

fn item() -> Value {
    json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}})
}

/// The calls of KMS that an operation set off: the operation, and whether as the caller or as DynamoDB itself.
fn asked(events: &[Arc<Event>]) -> Vec<(&str, &str)> {
    let of_kms = events.iter().filter(|event| event.service == "kms");
    of_kms
        .map(|event| match (event.user_identity.is_service(), event.invoked_by.as_deref()) {
            (true, None) => (event.name, "DynamoDB"),
            (_, Some(SERVICE)) => (event.name, "caller"),
            other => panic!("{}: {other:?}", event.name),
        })
        .collect()
}

/// An operation, its input, and what it asks KMS for.
type Row<'a> = (&'a str, Value, &'a [(&'a str, &'a str)]);

/// One row an operation, played in order.
#[test]
fn each_operation_asks_kms_for_just_what_it_needs() {
    let mut lab = Lab::new(Fidelity::instant());
    let (first, second) = (lab.key.clone(), lab.another_key());
    let arn = handle("CustomerData").arn();
    let adopt = [("DescribeKey", "caller"), ("CreateGrant", "caller"), ("GenerateDataKey", "DynamoDB")];
    let rekey = [&adopt[..], &[("Decrypt", "DynamoDB"), ("RetireGrant", "DynamoDB")]].concat();
    let own = [("Decrypt", "caller")];
    let restore = [&own[..], &adopt].concat();
    let named = json!({"TableName": "CustomerData"});
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:Scan",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Resource": arn}]});
    let rows: Vec<Row<'_>> = vec![
        ("CreateTable", table("Plain", json!({})), &[]),
        ("PutItem", json!({"TableName": "Plain", "Item": alice()}), &[]),
        ("Scan", json!({"TableName": "Plain"}), &[]),
        ("CreateTable", table("CustomerData", sse(&first)), &adopt),
        ("PutItem", json!({"TableName": "CustomerData", "Item": alice()}), &own),
        ("GetItem", item(), &own),
        ("UpdateItem", item(), &own),
        (
            "Query",
            json!({"TableName": "CustomerData", "KeyConditionExpression": "CustomerId = :c",
            "ExpressionAttributeValues": {":c": {"S": "12345"}}}),
            &own,
        ),
        ("Scan", named.clone(), &own),
        (
            "BatchGetItem",
            json!({"RequestItems": {"CustomerData": {"Keys": [item()["Key"], {"CustomerId": {"S": "2"}}]},
                "Plain": {"Keys": [item()["Key"]]}}}),
            &own,
        ),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"CustomerData": [{"PutRequest": {"Item": alice()}},
                {"DeleteRequest": {"Key": {"CustomerId": {"S": "2"}}}}]}}),
            &own,
        ),
        (
            "TransactGetItems",
            json!({"TransactItems": [{"Get": item()}, {"Get": {"TableName": "Plain", "Key": item()["Key"]}}]}),
            &own,
        ),
        (
            "TransactWriteItems",
            json!({"TransactItems": [{"Put": {"TableName": "CustomerData", "Item": alice()}},
                {"Delete": {"TableName": "CustomerData", "Key": {"CustomerId": {"S": "2"}}}}]}),
            &own,
        ),
        (
            "UpdateTimeToLive",
            json!({"TableName": "CustomerData", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "t"}}),
            &[],
        ),
        ("DescribeTimeToLive", named.clone(), &[]),
        (
            "UpdateContinuousBackups",
            json!({"TableName": "CustomerData",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}),
            &[],
        ),
        ("DescribeContinuousBackups", named.clone(), &[]),
        ("DescribeLimits", json!({}), &[]),
        ("DescribeEndpoints", json!({}), &[]),
        ("DescribeTable", named.clone(), &[]),
        ("ListTables", json!({}), &[]),
        ("UpdateTable", json!({"TableName": "CustomerData", "DeletionProtectionEnabled": false}), &[]),
        ("UpdateTable", json!({"TableName": "CustomerData", "BillingMode": "PAY_PER_REQUEST"}), &[]),
        ("TagResource", json!({"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]}), &[]),
        ("ListTagsOfResource", json!({"ResourceArn": arn}), &[]),
        ("UntagResource", json!({"ResourceArn": arn, "TagKeys": ["a"]}), &[]),
        ("PutResourcePolicy", json!({"ResourceArn": arn, "Policy": policy.to_string()}), &[]),
        ("GetResourcePolicy", json!({"ResourceArn": arn}), &[]),
        ("DeleteResourcePolicy", json!({"ResourceArn": arn}), &[]),
        (
            "CreateBackup",
            json!({"TableName": "CustomerData", "BackupName": "before"}),
            &[("Decrypt", "DynamoDB")],
        ),
        ("ListBackups", named.clone(), &[]),
        ("DescribeBackup", json!({"BackupArn": "BACKUP"}), &[]),
        ("UpdateTable", update(sse(&second)), &rekey),
        ("RestoreTableFromBackup", json!({"TargetTableName": "Restored", "BackupArn": "BACKUP"}), &restore),
        ("DeleteBackup", json!({"BackupArn": "BACKUP"}), &[]),
        (
            "UpdateTable",
            update(json!({"Enabled": false})),
            &[("Decrypt", "DynamoDB"), ("RetireGrant", "DynamoDB")],
        ),
        ("Scan", named.clone(), &[]),
        ("UpdateTable", update(sse(&first)), &adopt),
        ("DeleteItem", item(), &own),
        ("DeleteTable", named, &[("RetireGrant", "DynamoDB")]),
    ];
    for operation in super::super::SERVICE.names() {
        assert!(rows.iter().any(|(row, ..)| *row == operation), "{operation} has no row");
    }
    let mut backup = String::new();
    for (operation, input, expected) in rows {
        let input = serde_json::from_str(&input.to_string().replace("BACKUP", &backup)).expect("JSON");
        let outcome = lab.call(&root(), "dynamodb", operation, input);
        assert_eq!(asked(&outcome.events), expected, "{operation}");
        let answer = outcome.result.expect(operation).to_json();
        if let Some(arn) = answer["BackupDetails"]["BackupArn"].as_str() {
            backup.push_str(arn);
        }
    }
}

/// What a new connection, and the end of five minutes, ask for again.
#[test]
fn the_table_key_is_asked_for_once_a_connection_and_five_minutes() {
    let table_key_holder = TableKeyHolder::Connection;
    let mut lab = Lab::with_table(Fidelity { table_key_holder, ..Fidelity::aws() });
    lab.minutes(10);
    for (minutes, connection, asks) in
        [(0, 1, true), (0, 1, false), (0, 2, true), (4, 1, false), (1, 1, true)]
    {
        lab.minutes(minutes);
        for (operation, input) in
            [("GetItem", item()), ("PutItem", json!({"TableName": "CustomerData", "Item": alice()}))]
        {
            let outcome = lab.call_on(connection, &root(), operation, input);
            let first = asks && operation == "GetItem";
            assert_eq!(
                !asked(&outcome.events).is_empty(),
                first,
                "{operation} on {connection} after {minutes} more"
            );
        }
    }
}

/// Two sessions of one role share nothing, and a session shares nothing with a user.
#[test]
fn each_session_asks_for_itself() {
    let mut lab = Lab::with_table(Fidelity::aws());
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}]});
    let role = json!({"RoleName": "App", "AssumeRolePolicyDocument": trust.to_string()});
    let role = lab.ok(&root(), "iam", "CreateRole", role)["Role"]["Arn"].clone();
    let all = "arn:aws:iam::aws:policy/AdministratorAccess";
    lab.ok(&root(), "iam", "AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": all}));
    let kim = lab.user("kim", &["AdministratorAccess"], json!([]));
    let mut session = || {
        let assume = json!({"RoleArn": role, "RoleSessionName": "same"});
        let made = lab.ok(&kim, "sts", "AssumeRole", assume);
        Caller::Session(made["Credentials"]["AccessKeyId"].as_str().expect("a key").into())
    };
    let (one, two) = (session(), session());
    for (who, asks) in [(&one, true), (&two, true), (&kim, true), (&one, false), (&two, false), (&kim, false)]
    {
        let outcome = lab.call_on(1, who, "GetItem", item());
        assert_eq!(!asked(&outcome.events).is_empty(), asks, "{who:?}");
    }
}

/// The permissions that the documentation asks for are enough for everything, and nothing else of KMS is asked for.
#[test]
fn the_documented_permissions_are_enough() {
    let mut lab = Lab::new(Fidelity::instant());
    let (first, second) = (lab.key.clone(), lab.another_key());
    let tess = lab.user(
        "tess",
        &["AmazonDynamoDBFullAccess"],
        json!([{"Effect": "Allow", "Resource": "*", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*",
            "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]}]),
    );
    for (operation, input) in [
        ("CreateTable", table("CustomerData", sse(&first))),
        ("PutItem", json!({"TableName": "CustomerData", "Item": alice()})),
        ("UpdateTable", update(sse(&second))),
        ("Scan", json!({"TableName": "CustomerData"})),
        ("CreateBackup", json!({"TableName": "CustomerData", "BackupName": "before"})),
        ("DeleteTable", json!({"TableName": "CustomerData"})),
    ] {
        lab.ok(&tess, "dynamodb", operation, input);
    }
    // To read and write, kms:Decrypt alone is (aws/aws-cdk#10010, #19531).
    let decrypt = json!([{"Effect": "Allow", "Resource": "*", "Action": "kms:Decrypt"}]);
    let dana = lab.user("dana", &["AmazonDynamoDBFullAccess"], decrypt);
    lab.create_table("CustomerData", sse(&first));
    for (operation, input) in [
        ("PutItem", json!({"TableName": "CustomerData", "Item": alice()})),
        ("GetItem", item()),
        ("UpdateItem", item()),
        ("Scan", json!({"TableName": "CustomerData"})),
        ("DeleteItem", item()),
    ] {
        lab.ok(&dana, "dynamodb", operation, input);
    }
}

/// The policy that the documentation shows as an example lets tables be used, and nothing be decrypted directly.
#[test]
fn the_documented_key_policy_works_through_dynamodb_alone() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &["AmazonDynamoDBFullAccess"], json!([]));
    lab.put_key_policy(
        json!([{"Sid": "Allow access through Amazon DynamoDB", "Effect": "Allow", "Resource": "*",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/tess")},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
            "kms:CreateGrant"],
        "Condition": {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}}]),
    );
    assert!(lab.scan(&tess).is_ok());
    let key = lab.key.clone();
    lab.ok(&tess, "dynamodb", "CreateTable", table("Another", sse(&key)));
    for (operation, input) in
        [("DescribeKey", json!({"KeyId": key})), ("Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}))]
    {
        assert_eq!(lab.error(&tess, "kms", operation, input).0, "AccessDeniedException", "{operation}");
    }
}

/// The grant as ListGrants shows it: exactly this, and a UUID for a name.
#[test]
fn a_table_has_one_grant_of_this_shape() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let key = lab.key.clone();
    let grants = lab.grants(&key);
    assert_eq!(grants.len(), 1);
    let mut grant = grants[0].clone();
    for (random, length) in [("GrantId", 64), ("Name", 36)] {
        let text = grant[random].as_str().expect("a text").to_owned();
        assert_eq!(text.len(), length, "{random} {text}");
        grant[random] = json!("random");
    }
    grant["CreationDate"] = json!("then");
    let service = "dynamodb.us-east-1.amazonaws.com";
    let expected = json!({
        "KeyId": key,
        "GrantId": "random",
        "Name": "random",
        "CreationDate": "then",
        "GranteePrincipal": service,
        "RetiringPrincipal": service,
        "IssuingAccount": format!("arn:aws:iam::{ACCOUNT}:root"),
        "Operations": ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "DescribeKey"],
        "Constraints": {"EncryptionContextSubset": {"aws:dynamodb:tableName": "CustomerData", "aws:dynamodb:subscriberId": ACCOUNT}},
    });
    assert_eq!(grant, expected);
    // It is good for this table alone. Source: KMS Developer Guide, "Grant constraints".
    let other =
        json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"aws:dynamodb:tableName": "Other"}});
    let context = CallContext { on_behalf_of: Some(handle("Other").behalf()), ..CallContext::default() };
    let call = Call::decode("kms", "GenerateDataKey", other).expect("a call").with_context(context);
    let refused = lab.world.call(&Caller::Service(SERVICE.into()), call).result;
    assert_eq!(refused.map_err(|error| error.code).err().as_deref(), Some("AccessDeniedException"));
}

/// One condition key of one decision.
fn seen<'a>(record: &'a DecisionRecord, key: &str) -> Option<Vec<&'a str>> {
    Some(record.request.context().get(key)?.iter().map(AsRef::as_ref).collect())
}

/// A condition key and its value in each of three ways.
type Ways<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// The condition keys that tell a call through DynamoDB from a direct one and from DynamoDB's own.
#[test]
fn each_way_to_kms_has_its_condition_keys() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &["AdministratorAccess"], json!([]));
    let arn = handle("CustomerData").arn();
    let of = |outcome: &Outcome, action: &str| {
        let found = outcome.decisions.iter().find(|record| **record.request.action() == *action);
        found.unwrap_or_else(|| panic!("no decision about {action}")).clone()
    };
    let through = lab.call(&tess, "dynamodb", "Scan", json!({"TableName": "CustomerData"}));
    let through = of(&through, "kms:Decrypt");
    let direct = json!({"KeyId": lab.key, "Plaintext": "YQ=="});
    let direct = of(&lab.call(&tess, "kms", "Encrypt", direct), "kms:Encrypt");
    let backup = json!({"TableName": "CustomerData", "BackupName": "nightly"});
    let itself = of(&lab.call(&tess, "dynamodb", "CreateBackup", backup), "kms:Decrypt");
    let user = format!("arn:aws:iam::{ACCOUNT}:user/tess");
    let via = "dynamodb.us-east-1.amazonaws.com";
    let address = "198.51.100.7";
    // Key; through DynamoDB, directly, DynamoDB itself.
    let rows: &[Ways<'_>] = &[
        ("kms:ViaService", Some(via), None, None),
        ("kms:CallerAccount", Some(ACCOUNT), Some(ACCOUNT), None),
        ("aws:CalledVia", Some(SERVICE), None, None),
        ("aws:CalledViaFirst", Some(SERVICE), None, None),
        ("aws:CalledViaLast", Some(SERVICE), None, None),
        ("aws:ViaAWSService", Some("true"), Some("false"), Some("false")),
        ("kms:EncryptionContext:aws:dynamodb:tableName", Some("CustomerData"), None, Some("CustomerData")),
        ("kms:EncryptionContext:aws:dynamodb:subscriberId", Some(ACCOUNT), None, Some(ACCOUNT)),
        // The user's address is not passed on: the call comes from DynamoDB's.
        ("aws:SourceIp", Some("52.94.0.1"), Some(address), None),
        ("aws:PrincipalArn", Some(&user), Some(&user), None),
        ("aws:PrincipalAccount", Some(ACCOUNT), Some(ACCOUNT), None),
        ("aws:username", Some("tess"), Some("tess"), None),
        ("aws:PrincipalIsAWSService", Some("false"), Some("false"), Some("true")),
        ("aws:PrincipalServiceName", None, None, Some(SERVICE)),
        ("aws:SourceAccount", None, None, Some(ACCOUNT)),
        ("aws:SourceArn", None, None, Some(&arn)),
        ("aws:ResourceAccount", Some(ACCOUNT), Some(ACCOUNT), Some(ACCOUNT)),
        ("aws:RequestedRegion", Some("us-east-1"), Some("us-east-1"), Some("us-east-1")),
        ("aws:SecureTransport", Some("true"), Some("true"), Some("true")),
    ];
    for (key, by_dynamodb, by_user, by_service) in rows {
        let ways = [(&through, by_dynamodb), (&direct, by_user), (&itself, by_service)];
        for (n, (record, expected)) in ways.into_iter().enumerate() {
            assert_eq!(seen(record, key), expected.map(|value| vec![value]), "{key}, way {n}");
        }
    }
    let context = vec!["aws:dynamodb:subscriberId", "aws:dynamodb:tableName"];
    let mut keys = seen(&through, "kms:EncryptionContextKeys").expect("keys");
    keys.sort_unstable();
    assert_eq!(keys, context);
}

/// A policy that asks for the table keeps DynamoDB's own work to it.
/// Source: IAM User Guide, "AWS global condition context keys", `aws:SourceArn`, `aws:SourceAccount`.
#[test]
fn a_key_policy_can_tie_dynamodbs_own_work_to_a_table() {
    let arn = handle("CustomerData").arn();
    for (condition, open) in [
        (json!({"StringEquals": {"aws:SourceArn": arn}}), false),
        (json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}), false),
        (json!({"StringNotEquals": {"aws:SourceArn": arn}}), true),
        (json!({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}), true),
    ] {
        let mut lab = Lab::with_table(Fidelity::instant());
        let account = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
        lab.put_key_policy(json!([
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": account},
            {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"Service": SERVICE},
                "Condition": condition}]));
        assert!(
            lab.call(&user("none"), "dynamodb", "Scan", json!({"TableName": "CustomerData"})).result.is_err()
        );
        let backup = json!({"TableName": "CustomerData", "BackupName": "nightly"});
        let made = lab.call(&root(), "dynamodb", "CreateBackup", backup).result;
        assert_eq!(made.is_ok(), open, "{condition}: {:?}", made.err());
    }
}
