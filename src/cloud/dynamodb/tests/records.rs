//! The trail of a read: each record field by field.
//!
//! Source: CloudTrail User Guide, "CloudTrail record contents", "userIdentity element", "Logging data events"; DynamoDB
//! Developer Guide, "Encryption at rest usage notes", examples of records; KMS Developer Guide, log entries of Decrypt,
//! GenerateDataKey and CreateGrant.

use super::*;

const SERVICE: &str = "dynamodb.amazonaws.com";

/// The last record of this name, its ids taken out after a look at them.
fn last(lab: &Lab, name: &str) -> Value {
    let event = lab.world.events().rev().find(|event| event.name == name).expect(name);
    let mut record = event.to_json();
    for id in ["eventID", "requestID", "sharedEventID"] {
        if let Some(text) = record.get(id) {
            assert_eq!(text.as_str().map(str::len), Some(36), "{name} {id}");
            record[id] = json!("a UUID");
        }
    }
    record
}

fn context() -> Value {
    json!({"aws:dynamodb:tableName": "CustomerData", "aws:dynamodb:subscriberId": ACCOUNT})
}

/// The frame that all records of KMS have here.
fn frame(lab: &Lab, name: &str, identity: Value, more: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": lab.world.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": "kms.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": SERVICE,
        "userAgent": SERVICE,
        "requestParameters": null,
        "responseElements": null,
        "requestID": "a UUID",
        "eventID": "a UUID",
        "readOnly": true,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "eventCategory": "Management",
        "resources": [{"ARN": lab.key, "accountId": ACCOUNT, "type": "AWS::KMS::Key"}],
        "recipientAccountId": ACCOUNT,
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        record[field] = value.clone();
    }
    record
}

/// `userIdentity` of a user, as DynamoDB passes it on.
fn of_user(lab: &Lab, name: &str, invoked_by: Option<&str>) -> Value {
    let user = lab.world.iam().identity(&account(), crate::cloud::iam::Kind::User, name).expect("the user");
    let mut identity = json!({"type": "IAMUser", "principalId": user.unique_id,
        "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"), "accountId": ACCOUNT, "userName": name});
    if let Some(service) = invoked_by {
        identity["invokedBy"] = json!(service);
    }
    identity
}

fn decrypt_parameters(lab: &Lab) -> Value {
    // Doubtful, as `keys` says: whether DynamoDB names the key.
    json!({"encryptionContext": context(), "encryptionAlgorithm": "SYMMETRIC_DEFAULT", "keyId": lab.key})
}

/// What a record says of the key's material.
/// Source: KMS Developer Guide, "Decrypt" among the CloudTrail log entries.
fn material(lab: &Lab) -> Value {
    let mut world = lab.world.clone();
    let call = Call::decode("kms", "DescribeKey", json!({"KeyId": lab.key})).expect("a call");
    let described = world.call(&root(), call).result.expect("root may").to_json();
    json!({"keyMaterialId": described["KeyMetadata"]["CurrentKeyMaterialId"]})
}

#[test]
fn a_read_through_dynamodb_leaves_a_decrypt_in_the_callers_name() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &["AdministratorAccess"], json!([]));
    lab.scan(&tess).expect("plaintext");
    let expected = frame(
        &lab,
        "Decrypt",
        of_user(&lab, "tess", Some(SERVICE)),
        json!({"requestParameters": decrypt_parameters(&lab), "additionalEventData": material(&lab)}),
    );
    assert_eq!(last(&lab, "Decrypt"), expected);
    // Root, likewise.
    lab.scan(&root()).expect("plaintext");
    let identity = json!({"type": "Root", "principalId": ACCOUNT, "arn": format!("arn:aws:iam::{ACCOUNT}:root"),
        "accountId": ACCOUNT, "invokedBy": SERVICE});
    assert_eq!(last(&lab, "Decrypt")["userIdentity"], identity);
}

#[test]
fn a_session_says_who_made_it_and_when() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}]});
    let role = json!({"RoleName": "App", "Path": "/apps/", "AssumeRolePolicyDocument": trust.to_string()});
    let role = lab.ok(&root(), "iam", "CreateRole", role)["Role"].clone();
    let all = "arn:aws:iam::aws:policy/AdministratorAccess";
    lab.ok(&root(), "iam", "AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": all}));
    let kim = lab.user("kim", &["AdministratorAccess"], json!([]));
    let issued = lab.world.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (more, mfa) in [
        (json!({}), "false"),
        (json!({"SerialNumber": "arn:aws:iam::111122223333:mfa/kim", "TokenCode": "123456"}), "true"),
        (json!({"SourceIdentity": "kim"}), "false"),
    ] {
        let mut assume = json!({"RoleArn": role["Arn"], "RoleSessionName": "night"});
        let fields = assume.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        let session = lab.ok(&kim, "sts", "AssumeRole", assume);
        let session = Caller::Session(session["Credentials"]["AccessKeyId"].as_str().expect("a key").into());
        lab.scan(&session).expect("plaintext");
        let mut context = json!({
            "sessionIssuer": {"type": "Role", "principalId": role["RoleId"], "arn": role["Arn"],
                "accountId": ACCOUNT, "userName": "App"},
            "attributes": {"creationDate": issued, "mfaAuthenticated": mfa},
        });
        if let Some(source) = more.get("SourceIdentity") {
            context["sourceIdentity"] = source.clone();
        }
        let identity = json!({
            "type": "AssumedRole",
            "principalId": format!("{}:night", role["RoleId"].as_str().expect("an id")),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/App/night"),
            "accountId": ACCOUNT,
            "sessionContext": context,
            "invokedBy": SERVICE,
        });
        let parameters =
            json!({"requestParameters": decrypt_parameters(&lab), "additionalEventData": material(&lab)});
        assert_eq!(last(&lab, "Decrypt"), frame(&lab, "Decrypt", identity, parameters));
    }
}

#[test]
fn a_new_table_leaves_a_grant_of_the_caller_and_a_key_of_dynamodb() {
    let mut lab = Lab::new(Fidelity::instant());
    let tess = lab.user("tess", &["AdministratorAccess"], json!([]));
    lab.ok(&tess, "dynamodb", "CreateTable", table("CustomerData", sse(&lab.key.clone())));
    let service = "dynamodb.us-east-1.amazonaws.com";
    let grant = lab.grants(&lab.key.clone())[0].clone();
    let expected = frame(
        &lab,
        "CreateGrant",
        of_user(&lab, "tess", Some(SERVICE)),
        json!({
            "readOnly": false,
            "requestParameters": {
                "keyId": lab.key,
                "granteePrincipal": service,
                "retiringPrincipal": service,
                "operations": ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "DescribeKey"],
                "constraints": {"encryptionContextSubset": context()},
                "name": grant["Name"],
            },
            "responseElements": {"grantId": grant["GrantId"], "keyId": lab.key},
        }),
    );
    assert_eq!(last(&lab, "CreateGrant"), expected);
    let itself = json!({"type": "AWSService", "invokedBy": SERVICE});
    let expected = frame(
        &lab,
        "GenerateDataKey",
        itself.clone(),
        json!({
            "requestParameters": {"keyId": lab.key, "keySpec": "AES_256", "encryptionContext": context()},
            "additionalEventData": material(&lab),
            "sharedEventID": "a UUID",
        }),
    );
    assert_eq!(last(&lab, "GenerateDataKey"), expected);
    let described = frame(
        &lab,
        "DescribeKey",
        of_user(&lab, "tess", Some(SERVICE)),
        json!({"requestParameters": {"keyId": lab.key}}),
    );
    assert_eq!(last(&lab, "DescribeKey"), described);
    lab.ok(&tess, "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
    let retired = last(&lab, "RetireGrant");
    assert_eq!((&retired["userIdentity"], &retired["readOnly"]), (&itself, &json!(false)));
}

/// A refusal loses the `Exception` of its code and its parameters; other failures keep both.
/// Doubtful: that a refusal never has parameters.
#[test]
fn a_failure_says_what_the_caller_was_told() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &["AmazonDynamoDBReadOnlyAccess"], json!([]));
    lab.scan(&tess).expect_err("refused");
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/tess is not authorized to perform: kms:Decrypt on resource: {} because no \
         identity-based policy allows the kms:Decrypt action",
        lab.key
    );
    let expected = frame(
        &lab,
        "Decrypt",
        of_user(&lab, "tess", Some(SERVICE)),
        json!({"errorCode": "AccessDenied", "errorMessage": message}),
    );
    assert_eq!(last(&lab, "Decrypt"), expected);
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": lab.key}));
    lab.scan(&root()).expect_err("disabled");
    let record = last(&lab, "Decrypt");
    assert_eq!(record["errorCode"], "DisabledException");
    assert_eq!(record["errorMessage"], format!("{} is disabled.", lab.key));
    assert_eq!(record["requestParameters"], decrypt_parameters(&lab));
    assert_eq!(record["responseElements"], Value::Null);
}

#[test]
fn a_direct_call_has_the_clients_address_and_nobody_in_between() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let tess = lab.user("tess", &["AdministratorAccess"], json!([]));
    let wrapped =
        lab.world.dynamodb().table(&handle("CustomerData")).expect("the table").disk.table_key().blob.clone();
    let decrypt =
        json!({"CiphertextBlob": crate::cloud::Blob::new(&*wrapped), "EncryptionContext": context()});
    let call = Call::decode("kms", "Decrypt", decrypt).expect("a call");
    let client = CallContext { user_agent: "aws-cli/2.31".into(), ..CallContext::default() };
    lab.world.call(&tess, call.with_context(client)).result.expect("tess may do everything");
    let expected = frame(
        &lab,
        "Decrypt",
        of_user(&lab, "tess", None),
        json!({
            "sourceIPAddress": "198.51.100.7",
            "userAgent": "aws-cli/2.31",
            "requestParameters": {"encryptionContext": context(), "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
            "additionalEventData": material(&lab),
        }),
    );
    assert_eq!(last(&lab, "Decrypt"), expected);
}

/// Requests for items are data events, which the history leaves out: the Decrypt is all that is left of a read.
#[test]
fn the_history_shows_a_read_by_its_decrypt_alone() {
    let mut lab = Lab::new(Fidelity::instant());
    lab.create_table("CustomerData", sse(&lab.key.clone()));
    lab.put("CustomerData", alice());
    lab.scan(&root()).expect("plaintext");
    let found = lab.ok(&root(), "cloudtrail", "LookupEvents", json!({}));
    let names: Vec<&str> = found["Events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["EventName"].as_str())
        .collect();
    assert_eq!(
        names,
        ["Decrypt", "Decrypt", "GenerateDataKey", "CreateGrant", "DescribeKey", "CreateTable", "CreateKey"]
    );
    let data: Vec<&str> =
        lab.world.events().filter(|event| event.data_event).map(|event| event.name).collect();
    assert_eq!(data, ["PutItem", "Scan"]);
    let everything: String = lab.world.events().map(|event| event.to_json().to_string()).collect();
    let table = lab.world.dynamodb().table(&handle("CustomerData")).expect("the table");
    let wrapped = crate::cloud::Blob::new(&*table.disk.table_key().blob).to_base64();
    for secret in ["Alice", "alice@example.com", &wrapped] {
        assert!(!everything.contains(secret), "a record holds {secret}");
    }
}

/// Both accounts find a call between them, the owner of the key without the caller's name.
#[test]
fn a_call_between_two_accounts_is_in_both_trails() {
    let vendor: AccountId = "444455556666".parse().expect("twelve digits");
    let mut lab = Lab::new(Fidelity::instant());
    lab.world.add_account(vendor.clone(), "vendor");
    let vendor_root = Caller::Root(vendor.clone());
    lab.ok(&vendor_root, "iam", "CreateUser", json!({"UserName": "vera"}));
    let all = "arn:aws:iam::aws:policy/AdministratorAccess";
    lab.ok(&vendor_root, "iam", "AttachUserPolicy", json!({"UserName": "vera", "PolicyArn": all}));
    lab.put_key_policy(json!([
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}},
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": format!("arn:aws:iam::{vendor}:root")}}]));
    let vera = Caller::user(&vendor, "vera");
    // Directly, and by a table of the other account under this account's key.
    lab.ok(&vera, "kms", "Encrypt", json!({"KeyId": lab.key, "Plaintext": "YQ=="}));
    lab.ok(&vera, "dynamodb", "CreateTable", table("Theirs", sse(&lab.key.clone())));
    let find = |lab: &mut Lab, who: &Caller, name: &str| -> Vec<Value> {
        let input = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]});
        let found = lab.ok(who, "cloudtrail", "LookupEvents", input);
        let list = found["Events"].as_array().expect("a list");
        let texts = list.iter().map(|event| event["CloudTrailEvent"].as_str().expect("a text"));
        texts.map(|text| serde_json::from_str(text).expect("JSON")).collect()
    };
    for (name, invoked_by) in [("Encrypt", None), ("CreateGrant", Some(SERVICE))] {
        let (theirs, ours) = (find(&mut lab, &vendor_root, name), find(&mut lab, &root(), name));
        let ([theirs], [ours]) = (&theirs[..], &ours[..]) else { panic!("{name}: {theirs:?} {ours:?}") };
        let whole = &theirs["userIdentity"];
        assert_eq!((&whole["type"], &whole["userName"]), (&json!("IAMUser"), &json!("vera")));
        assert_eq!(theirs["recipientAccountId"], json!(vendor.as_str()));
        let mut reduced =
            json!({"type": "AWSAccount", "principalId": whole["principalId"], "accountId": vendor.as_str()});
        if let Some(service) = invoked_by {
            reduced["invokedBy"] = json!(service);
        }
        assert_eq!(ours["userIdentity"], reduced, "{name}");
        assert_eq!(ours["recipientAccountId"], ACCOUNT);
        assert_eq!(ours["sharedEventID"], theirs["sharedEventID"]);
        assert!(ours["sharedEventID"].is_string());
        assert_eq!(ours["resources"], theirs["resources"]);
    }
    // What stays within one account is in one trail, and shared with nobody.
    assert_eq!(find(&mut lab, &vendor_root, "PutKeyPolicy"), Vec::<Value>::new());
    assert_eq!(find(&mut lab, &root(), "PutKeyPolicy")[0].get("sharedEventID"), None);
    // Nobody is found by a name that their account does not see.
    let by_name = json!({"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "vera"}]});
    assert_eq!(lab.ok(&root(), "cloudtrail", "LookupEvents", by_name.clone())["Events"], json!([]));
    let found = lab.ok(&vendor_root, "cloudtrail", "LookupEvents", by_name);
    assert!(found["Events"].as_array().is_some_and(|events| events.len() > 1));
}
