//! Tables under keys: creation, reading as the caller, refusals, the audit trail.

use super::*;
use crate::cloud::fidelity::TableKeyHolder;

const CONTEXT: &str = "aws:dynamodb:tableName";

fn ddb_and_kms(key: &str) -> Value {
    json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}])
}

fn account_statement() -> Value {
    json!({"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}})
}

/// A key policy that allows nothing.
fn nobody() -> Value {
    json!([{"Effect": "Deny", "Action": "kms:ReplicateKey", "Resource": "*",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}])
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": default and specified keys.
#[test]
fn a_table_without_a_kms_key_asks_nobody() {
    let mut lab = Lab::new(Fidelity::instant());
    lab.world.clear_events();
    let made = lab.create_table("CustomerData", json!({"Enabled": false}));
    assert!(made["TableDescription"].get("SSEDescription").is_none());
    lab.put("CustomerData", alice());
    let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], json!([]));
    let outcome = lab.call(&tess, "dynamodb", "Scan", json!({"TableName": "CustomerData"}));
    assert_eq!(outcome.decisions.len(), 1, "only dynamodb:Scan is decided");
    assert_eq!(outcome.result.expect("plaintext").to_json()["Items"], json!([alice()]));
    assert!(lab.world.events().all(|event| event.service != "kms"));
}

#[test]
fn a_table_under_a_kms_key_describes_the_key_and_has_a_grant() {
    let mut lab = Lab::new(Fidelity::instant());
    lab.ok(
        &root(),
        "kms",
        "CreateAlias",
        json!({"AliasName": "alias/dynamodb-encryption-key", "TargetKeyId": lab.key}),
    );
    lab.world.clear_events();
    let sse = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/dynamodb-encryption-key"});
    let made = lab.create_table("CustomerData", sse);
    let description = &made["TableDescription"];
    assert_eq!(description["TableStatus"], "CREATING");
    assert_eq!(description["SSEDescription"]["Status"], "ENABLED");
    assert_eq!(description["SSEDescription"]["SSEType"], "KMS");
    assert_eq!(description["SSEDescription"]["KMSMasterKeyArn"], lab.key);
    let described = lab.ok(&root(), "dynamodb", "DescribeTable", json!({"TableName": "CustomerData"}));
    assert_eq!(described["Table"]["TableStatus"], "ACTIVE");

    let events: Vec<Value> = lab.world.events().map(|event| event.to_json()).collect();
    let names: Vec<&str> = events.iter().filter_map(|event| event["eventName"].as_str()).collect();
    assert_eq!(names, ["CreateTable", "DescribeKey", "CreateGrant", "GenerateDataKey", "DescribeTable"]);
    // Source: DynamoDB Developer Guide, "Encryption at rest usage notes", examples of CloudTrail records.
    assert_eq!(events[1]["userIdentity"]["invokedBy"], "dynamodb.amazonaws.com");
    assert_eq!(events[2]["userIdentity"]["type"], "Root");
    let grant = &events[2]["requestParameters"];
    assert_eq!(grant["granteePrincipal"], "dynamodb.us-east-1.amazonaws.com");
    assert_eq!(grant["retiringPrincipal"], "dynamodb.us-east-1.amazonaws.com");
    assert_eq!(
        grant["operations"],
        json!([
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "ReEncryptFrom",
            "ReEncryptTo",
            "RetireGrant",
            "DescribeKey"
        ])
    );
    assert_eq!(
        grant["constraints"]["encryptionContextSubset"],
        json!({"aws:dynamodb:tableName": "CustomerData", "aws:dynamodb:subscriberId": ACCOUNT})
    );
    assert_eq!(
        events[3]["userIdentity"],
        json!({"type": "AWSService", "invokedBy": "dynamodb.amazonaws.com"})
    );
    assert_eq!(events[3]["requestParameters"]["encryptionContext"][CONTEXT], "CustomerData");
    assert_eq!(events[3]["requestParameters"]["keySpec"], "AES_256");

    let grants = lab.ok(&root(), "kms", "ListGrants", json!({"KeyId": lab.key}));
    assert_eq!(grants["Grants"].as_array().map(Vec::len), Some(1));
    assert_eq!(grants["Grants"][0]["GranteePrincipal"], "dynamodb.us-east-1.amazonaws.com");
}

/// Who may Scan a table under a customer managed key.
/// Source: KMS Developer Guide, "Policy evaluation" and "Default key policy"; DynamoDB Developer Guide, "Encryption at
/// rest usage notes".
#[test]
fn the_callers_own_permission_on_the_key_decides() {
    let decrypt = |who: &str, text: &str| {
        format!("User: {who} is not authorized to perform: kms:Decrypt on resource: KEY {text}")
    };
    let tess = format!("arn:aws:iam::{ACCOUNT}:user/tess");
    let names_tess =
        json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": tess}}]);
    let deny_tess =
        json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": tess}});
    let via = |service: &str| {
        json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": tess},
            "Condition": {"StringEquals": {"kms:ViaService": service}}}])
    };
    let context = |table: &str| {
        json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": tess},
            "Condition": {"StringEquals": {"kms:EncryptionContext:aws:dynamodb:tableName": table}}}])
    };
    let from_address = json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": tess},
        "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}]);
    let iam = json!([account_statement()]);
    let identity = "because no identity-based policy allows the kms:Decrypt action";
    let resource = "because no resource-based policy allows the kms:Decrypt action";
    let cases: Vec<(&str, Value, bool, Option<String>)> = vec![
        ("default policy, no kms:Decrypt in IAM", iam.clone(), false, Some(decrypt(&tess, identity))),
        ("default policy and kms:Decrypt in IAM", iam.clone(), true, None),
        ("key policy names the user", names_tess.clone(), false, None),
        ("no account statement: IAM counts for nothing", nobody(), true, Some(decrypt(&tess, resource))),
        (
            "an explicit deny in the key policy",
            json!([account_statement(), deny_tess]),
            true,
            Some(decrypt(&tess, "with an explicit deny in a resource-based policy")),
        ),
        ("only through DynamoDB", via("dynamodb.us-east-1.amazonaws.com"), false, None),
        ("only through S3", via("s3.us-east-1.amazonaws.com"), false, Some(decrypt(&tess, resource))),
        ("only for this table", context("CustomerData"), false, None),
        ("only for another table", context("Other"), false, Some(decrypt(&tess, resource))),
        ("only from an address: DynamoDB has another", from_address, false, Some(decrypt(&tess, resource))),
    ];
    for (what, statements, kms_in_iam, refusal) in cases {
        let mut lab = Lab::with_table(Fidelity::instant());
        let inline = if kms_in_iam { ddb_and_kms(&lab.key) } else { json!([]) };
        let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], inline);
        lab.put_key_policy(statements);
        match (lab.scan(&tess), refusal) {
            (Ok(answer), None) => assert_eq!(answer["Items"], json!([alice()]), "{what}"),
            (Err((code, text)), Some(refusal)) => {
                assert_eq!(code, "AccessDeniedException", "{what}");
                assert_eq!(
                    without_request_id(&text),
                    format!(
                        "KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: {} (Service: \
                         AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: ID; Proxy: null)",
                        refusal.replace("KEY", &lab.key)
                    ),
                    "{what}"
                );
            }
            (answer, refusal) => panic!("{what}: got {answer:?}, expected {refusal:?}"),
        }
    }
}

// Source: KMS Developer Guide, "Default key policy": the root user has access only through the account statement.
#[test]
fn not_even_the_root_user_reads_without_the_key_policy() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let admin = lab.user("admin", &["AdministratorAccess"], json!([]));
    lab.put_key_policy(json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/admin")}}]));
    assert!(lab.scan(&admin).is_ok());
    let (code, text) = lab.scan(&root()).expect_err("root");
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains(&format!(
            "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:Decrypt"
        ))
    );
}

#[test]
fn dynamodbs_own_permission_is_checked_first() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &[], json!([]));
    lab.world.clear_events();
    let (code, text) = lab.scan(&tess).expect_err("nothing allowed");
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(
        text,
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/tess is not authorized to perform: dynamodb:Scan on resource: \
             arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/CustomerData because no identity-based policy allows the \
             dynamodb:Scan action"
        )
    );
    assert_eq!(lab.world.events().len(), 1, "KMS is not asked");
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", example of a Decrypt record; CloudTrail User
// Guide, "Logging data events".
#[test]
fn the_trail_shows_who_read_through_dynamodb() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], json!([]));
    lab.world.clear_events();
    lab.scan(&root()).expect("plaintext");
    lab.scan(&tess).expect_err("refused");
    let events: Vec<Value> = lab.world.events().map(|event| event.to_json()).collect();
    assert_eq!(events.len(), 4);
    let (scan, decrypt, denied) = (&events[0], &events[1], &events[3]);
    assert_eq!((&scan["eventName"], &scan["eventCategory"]), (&json!("Scan"), &json!("Data")));
    assert_eq!(scan["requestParameters"], json!({"tableName": "CustomerData"}));
    assert_eq!(scan["responseElements"], Value::Null);
    assert_eq!((&decrypt["eventName"], &decrypt["eventCategory"]), (&json!("Decrypt"), &json!("Management")));
    assert_eq!(decrypt["userIdentity"]["invokedBy"], "dynamodb.amazonaws.com");
    assert_eq!(decrypt["userIdentity"]["type"], "Root");
    assert_eq!(decrypt["sourceIPAddress"], "dynamodb.amazonaws.com");
    assert_eq!(decrypt["userAgent"], "dynamodb.amazonaws.com");
    assert_eq!(
        decrypt["requestParameters"]["encryptionContext"],
        json!({"aws:dynamodb:tableName": "CustomerData", "aws:dynamodb:subscriberId": ACCOUNT})
    );
    assert_eq!(decrypt["requestParameters"]["encryptionAlgorithm"], "SYMMETRIC_DEFAULT");
    assert_eq!(decrypt["resources"][0]["ARN"], lab.key);
    assert_eq!(denied["errorCode"], "AccessDenied");
    assert_eq!(denied["userIdentity"]["userName"], "tess");
    assert_eq!(denied["userIdentity"]["invokedBy"], "dynamodb.amazonaws.com");
    let everything = events.iter().map(Value::to_string).collect::<String>();
    assert!(!everything.contains("Alice"), "no record holds a value");
}

#[test]
fn nothing_of_the_row_is_on_the_disk_and_every_damage_is_noticed() {
    let lab = Lab::with_table(Fidelity::instant());
    let table = lab.world.dynamodb().table(&handle("CustomerData")).expect("the table").clone();
    let view = table.disk.view();
    assert_eq!((view.page_count(), view.items()), (1, 1));
    assert_eq!(view.table_key().kms_key.as_deref(), Some(lab.key.as_str()));
    let page = view.pages().next().expect("a page");
    let stored = [page.nonce(), page.tag(), page.ciphertext(), &view.table_key().blob].concat();
    for needle in ["Alice", "12345", "alice@", "CustomerId", "Email"] {
        assert!(!stored.windows(needle.len()).any(|window| window == needle.as_bytes()), "{needle}");
    }

    // The wrapped table key: every changed byte is refused by KMS.
    for at in 0..table.disk.table_key().blob.len() {
        let mut damaged = lab.world.clone();
        let mut table = super::super::Table::clone(&table);
        table.disk.damage_table_key(at);
        damaged.dynamodb.put_table(table);
        let call = Call::decode("dynamodb", "Scan", json!({"TableName": "CustomerData"})).expect("a call");
        let error = damaged.call(&root(), call).result.expect_err("damaged");
        assert!(!error.message.contains("Alice"));
    }
}

#[test]
fn a_table_moved_to_another_name_does_not_open() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let mut moved =
        super::super::Table::clone(lab.world.dynamodb().table(&handle("CustomerData")).expect("the table"));
    moved.handle = handle("OtherName");
    lab.world.dynamodb.put_table(moved);
    let (code, text) = lab.error(&root(), "dynamodb", "Scan", json!({"TableName": "OtherName"}));
    assert_eq!(code, "ValidationException", "the encryption context is another one");
    assert!(text.contains("InvalidCiphertextException"), "{text}");
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", table key caching.
#[test]
fn a_cached_table_key_outlives_a_change_of_policy_by_five_minutes() {
    let table_key_holder = TableKeyHolder::Connection;
    let mut lab = Lab::with_table(Fidelity { table_key_holder, ..Fidelity::aws() });
    let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], ddb_and_kms(&lab.key));
    let input = || json!({"TableName": "CustomerData"});
    assert!(lab.call_on(1, &tess, "Scan", input()).result.is_ok());
    lab.put_key_policy(nobody());
    for minute in 1..5 {
        lab.world.advance(jiff::SignedDuration::from_mins(1)).expect("forward");
        let outcome = lab.call_on(1, &tess, "Scan", input());
        assert!(outcome.result.is_ok(), "minute {minute}: traffic goes on");
        assert_eq!(outcome.events.len(), 1, "minute {minute}: KMS is not asked");
        assert!(lab.call_on(2, &tess, "Scan", input()).result.is_err(), "another connection asks KMS");
    }
    lab.world.advance(jiff::SignedDuration::from_mins(1)).expect("forward");
    assert!(
        lab.call_on(1, &tess, "Scan", input()).result.is_err(),
        "traffic has not made the key last longer"
    );

    let mut instant = Lab::with_table(Fidelity::instant());
    let tess = instant.user("tess", &["AmazonDynamoDBReadOnlyAccess"], ddb_and_kms(&instant.key));
    assert!(instant.scan(&tess).is_ok());
    instant.put_key_policy(nobody());
    assert!(instant.scan(&tess).is_err());
}

// Source: KMS Developer Guide, "Key states"; DynamoDB Developer Guide, "Encryption at rest: how it works".
#[test]
fn a_disabled_or_doomed_key_closes_the_table_and_an_enabled_one_opens_it() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let key = json!({"KeyId": lab.key});
    lab.ok(&root(), "kms", "DisableKey", key.clone());
    let (code, text) = lab.scan(&root()).expect_err("disabled");
    assert_eq!(code, "ValidationException");
    assert!(text.starts_with("KMS key disabled error: "), "{text}");
    lab.ok(&root(), "kms", "EnableKey", key.clone());
    lab.ok(&root(), "kms", "ScheduleKeyDeletion", key.clone());
    let (code, text) = lab.scan(&root()).expect_err("pending deletion");
    assert_eq!(code, "ValidationException");
    assert!(text.contains("is pending deletion."), "{text}");
    lab.ok(&root(), "kms", "CancelKeyDeletion", key.clone());
    assert!(lab.scan(&root()).is_err(), "cancelling leaves the key disabled");
    lab.ok(&root(), "kms", "EnableKey", key);
    assert!(lab.scan(&root()).is_ok());
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", the policy of the AWS managed key.
#[test]
fn under_the_aws_managed_key_a_reader_needs_no_permission_on_the_key() {
    for sse in [json!({"Enabled": true}), json!({"Enabled": true, "SSEType": "KMS"})] {
        let mut lab = Lab::new(Fidelity::instant());
        let made = lab.create_table("CustomerData", sse);
        let arn = made["TableDescription"]["SSEDescription"]["KMSMasterKeyArn"].clone();
        lab.put("CustomerData", alice());
        let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], json!([]));
        assert!(lab.scan(&tess).is_ok());
        let described = lab.ok(&root(), "kms", "DescribeKey", json!({"KeyId": "alias/aws/dynamodb"}));
        assert_eq!(described["KeyMetadata"]["Arn"], arn);
        assert_eq!(described["KeyMetadata"]["KeyManager"], "AWS");
        let table = lab.world.dynamodb().table(&handle("CustomerData")).expect("the table").clone();
        let blob = crate::cloud::Blob::new(&*table.disk.table_key().blob).to_base64();
        let direct = json!({"CiphertextBlob": blob, "EncryptionContext": table.encryption_context()});
        let admin = lab.user("admin", &["AdministratorAccess"], json!([]));
        assert_eq!(
            lab.error(&admin, "kms", "Decrypt", direct).0,
            "AccessDeniedException",
            "not even administrators"
        );
    }
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": who creates a table needs kms:CreateGrant.
#[test]
fn creating_a_table_needs_describe_and_grant_on_the_key() {
    let mut lab = Lab::new(Fidelity::instant());
    let sse = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": lab.key});
    let ddb = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"});
    let kms = |actions: Value| json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    for (name, actions, missing) in [
        ("ann", json!(["kms:CreateGrant"]), Some("kms:DescribeKey")),
        ("ben", json!(["kms:DescribeKey"]), Some("kms:CreateGrant")),
        ("cat", json!(["kms:DescribeKey", "kms:CreateGrant"]), None),
    ] {
        let who = lab.user(name, &[], json!([ddb, kms(actions)]));
        let outcome = lab.call(&who, "dynamodb", "CreateTable", table("CustomerData", sse.clone()));
        match (outcome.result, missing) {
            (Ok(_), None) => {}
            (Err(error), Some(action)) => {
                assert_eq!(error.code, "AccessDeniedException");
                let expected = format!(
                    "KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: User: \
                     arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: {action} on resource: {} because \
                     no identity-based policy allows the {action} action (Service: AWSKMS;",
                    lab.key
                );
                assert!(error.message.starts_with(&expected), "{}", error.message);
            }
            (result, _) => panic!("{name}: {result:?}"),
        }
    }
}
