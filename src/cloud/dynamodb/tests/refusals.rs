//! What DynamoDB answers when KMS does not: every row word for word.
//!
//! Sources: errors returned by DynamoDB for tables under customer managed keys (aws/aws-cdk#10010, #18616, #19531), and
//! messages as returned by DynamoDB in 2026.

use super::*;

/// The error as DynamoDB passes it on.
fn passed_on(lead: &str, exception: &str, text: &str, code: &str) -> String {
    format!(
        "{lead}: com.amazonaws.services.kms.model.{exception}: {text} (Service: AWSKMS; Status Code: 400; Error Code: \
         {code}; Request ID: ID; Proxy: null)"
    )
}

fn denied(text: &str) -> String {
    passed_on("KMS key access denied error", "AWSKMSException", text, "AccessDeniedException")
}

fn disabled(key: &str) -> String {
    let text = format!("{key} is disabled.");
    passed_on("KMS key disabled error", "DisabledException", &text, "DisabledException")
}

fn invalid(exception: &str, text: &str) -> String {
    passed_on("KMS validation error", exception, text, exception)
}

impl Lab {
    /// Code, message without its request id, and status.
    fn refusal(&mut self, who: &Caller, operation: &str, input: Value) -> (String, String, u16) {
        let error = self.call(who, "dynamodb", operation, input).result.expect_err(operation);
        (error.code.to_string(), without_request_id(&error.message), error.status)
    }

    fn arn_of_key(&mut self, input: Value) -> String {
        let made = self.ok(&root(), "kms", "CreateKey", input);
        made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned()
    }
}

/// Every request for items.
fn item_requests() -> [(&'static str, Value); 6] {
    let key = json!({"CustomerId": {"S": "12345"}});
    let query = json!({"TableName": "CustomerData", "KeyConditionExpression": "CustomerId = :c",
        "ExpressionAttributeValues": {":c": {"S": "12345"}}});
    [
        ("GetItem", json!({"TableName": "CustomerData", "Key": key})),
        ("PutItem", json!({"TableName": "CustomerData", "Item": alice()})),
        (
            "UpdateItem",
            json!({"TableName": "CustomerData", "Key": key, "UpdateExpression": "SET Email = :e",
            "ExpressionAttributeValues": {":e": {"S": "x"}}}),
        ),
        ("DeleteItem", json!({"TableName": "CustomerData", "Key": key})),
        ("Query", query),
        ("Scan", json!({"TableName": "CustomerData"})),
    ]
}

#[test]
fn every_request_for_items_says_what_kms_said() {
    for (what, code) in [
        ("denied", "AccessDeniedException"),
        ("disabled", "ValidationException"),
        ("doomed", "ValidationException"),
    ] {
        let mut lab = Lab::with_table(Fidelity::instant());
        let key = lab.key.clone();
        let tess = lab.user("tess", &["AmazonDynamoDBFullAccess"], json!([]));
        let (who, text) = match what {
            "denied" => (
                tess,
                denied(&format!(
                    "User: arn:aws:iam::{ACCOUNT}:user/tess is not authorized to perform: kms:Decrypt on resource: \
                     {key} because no identity-based policy allows the kms:Decrypt action"
                )),
            ),
            "disabled" => {
                lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": key}));
                (root(), disabled(&key))
            }
            _ => {
                lab.ok(&root(), "kms", "ScheduleKeyDeletion", json!({"KeyId": key}));
                (root(), invalid("KMSInvalidStateException", &format!("{key} is pending deletion.")))
            }
        };
        let before = format!("{:?}", lab.world.dynamodb());
        for (operation, input) in item_requests() {
            let expected = (code.to_owned(), text.clone(), 400);
            assert_eq!(lab.refusal(&who, operation, input), expected, "{what}: {operation}");
        }
        assert!(format!("{:?}", lab.world.dynamodb()) == before, "{what}: something was written");
    }
}

/// Keys that no table can be put under: a new table is not made, a present one stays as it is.
#[test]
fn a_table_is_not_put_under_a_key_that_kms_refuses() {
    let vendor: AccountId = "444455556666".parse().expect("twelve digits");
    let mut lab = Lab::with_table(Fidelity::instant());
    lab.world.add_account(vendor.clone(), "vendor");
    let foreign = lab.ok(&Caller::Root(vendor), "kms", "CreateKey", json!({}));
    let foreign = foreign["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    let off = lab.another_key();
    lab.ok(&root(), "kms", "DisableKey", json!({"KeyId": off}));
    let doomed = lab.another_key();
    lab.ok(&root(), "kms", "ScheduleKeyDeletion", json!({"KeyId": doomed}));
    let missing = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555");
    let elsewhere = missing.replace("us-east-1", "us-west-2");
    let alias = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/none");
    let validation = "ValidationException";
    let mut rows = vec![
        (off.clone(), validation, disabled(&off), 400),
        (
            doomed.clone(),
            validation,
            invalid("KMSInvalidStateException", &format!("{doomed} is pending deletion.")),
            400,
        ),
        (
            missing.clone(),
            validation,
            invalid("NotFoundException", &format!("Key '{missing}' does not exist")),
            400,
        ),
        (
            "alias/none".to_owned(),
            validation,
            invalid("NotFoundException", &format!("Alias {alias} is not found.")),
            400,
        ),
        (
            alias.clone(),
            validation,
            invalid("NotFoundException", &format!("Alias {alias} is not found.")),
            400,
        ),
        (elsewhere, validation, invalid("NotFoundException", "Invalid arn us-west-2"), 400),
        (
            foreign,
            "AccessDeniedException",
            denied(&format!(
                "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:DescribeKey on this resource because \
                 the resource does not exist in this Region, no resource-based policies allow access, or a \
                 resource-based policy explicitly denies access"
            )),
            400,
        ),
    ];
    // Whatever is no symmetric encryption key fails at the grant.
    for (spec, usage) in [
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("RSA_2048", "SIGN_VERIFY"),
        ("ECC_NIST_P256", "KEY_AGREEMENT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ] {
        let key = lab.arn_of_key(json!({"KeySpec": spec, "KeyUsage": usage}));
        let text = passed_on(
            "KMS internal error",
            "AWSKMSException",
            "EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.",
            "ValidationException",
        );
        rows.push((key, "InternalServerError", text, 500));
    }
    for (key, code, text, status) in rows {
        let before = format!("{:?} {:?}", lab.world.dynamodb(), lab.world.kms().grants());
        for (operation, input) in
            [("CreateTable", table("Other", sse(&key))), ("UpdateTable", update(sse(&key)))]
        {
            let refused = lab.refusal(&root(), operation, input);
            assert_eq!(refused, (code.to_owned(), text.clone(), status), "{operation} {key}");
        }
        let after = format!("{:?} {:?}", lab.world.dynamodb(), lab.world.kms().grants());
        assert!(after == before, "{key} has left something behind");
    }
}

#[test]
fn who_may_make_no_grant_puts_no_table_under_a_key() {
    let who = format!("arn:aws:iam::{ACCOUNT}:user/tess");
    let account = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let statement = |effect: &str, principal: Value, action: Value| json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"});
    let own = json!([{"Effect": "Allow", "Action": ["dynamodb:*", "kms:*"], "Resource": "*"}]);
    for (statements, reason) in [
        (
            json!([
                statement("Allow", account.clone(), json!("kms:*")),
                statement("Deny", json!({"AWS": who}), json!("kms:CreateGrant"))
            ]),
            "with an explicit deny in a resource-based policy",
        ),
        (
            json!([statement("Allow", account, json!("kms:DescribeKey"))]),
            "because no resource-based policy allows the kms:CreateGrant action",
        ),
    ] {
        let mut lab = Lab::new(Fidelity::instant());
        let tess = lab.user("tess", &[], own.clone());
        lab.put_key_policy(statements);
        let key = lab.key.clone();
        let text = denied(&format!(
            "User: {who} is not authorized to perform: kms:CreateGrant on resource: {key} {reason}"
        ));
        let refused = lab.refusal(&tess, "CreateTable", table("CustomerData", sse(&key)));
        assert_eq!(refused, ("AccessDeniedException".to_owned(), text, 400));
        assert_eq!(lab.world.dynamodb().tables().count(), 0);
    }
}

/// A refusal names the session, not the role. Source: IAM User Guide, "Troubleshoot access denied error messages".
#[test]
fn a_session_is_refused_by_its_own_name() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}]});
    let role = json!({"RoleName": "App", "Path": "/apps/", "AssumeRolePolicyDocument": trust.to_string()});
    let role = lab.ok(&root(), "iam", "CreateRole", role)["Role"]["Arn"].clone();
    let reader = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess";
    lab.ok(&root(), "iam", "AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": reader}));
    let kim = lab.user("kim", &["AdministratorAccess"], json!([]));
    let assume = json!({"RoleArn": role, "RoleSessionName": "night"});
    let session = lab.ok(&kim, "sts", "AssumeRole", assume);
    let session = Caller::Session(session["Credentials"]["AccessKeyId"].as_str().expect("a key").into());
    let key = lab.key.clone();
    let expected = denied(&format!(
        "User: arn:aws:sts::{ACCOUNT}:assumed-role/App/night is not authorized to perform: kms:Decrypt on resource: \
         {key} because no identity-based policy allows the kms:Decrypt action"
    ));
    let refused = lab.refusal(&session, "Scan", json!({"TableName": "CustomerData"}));
    assert_eq!(refused, ("AccessDeniedException".to_owned(), expected, 400));
}
