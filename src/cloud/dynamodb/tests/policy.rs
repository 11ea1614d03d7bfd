//! Resource policies of tables, and the condition keys that requests bring.

use super::*;

fn arn() -> String {
    handle("CustomerData").arn()
}

fn allow(principal: &str, actions: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": arn()}]})
    .to_string()
}

fn lab() -> Lab {
    let mut lab = Lab::new(Fidelity::instant());
    lab.create_table("CustomerData", json!({}));
    lab.put("CustomerData", alice());
    lab
}

// Source: DynamoDB Developer Guide, "Using resource-based policies for DynamoDB"; IAM User Guide, "Policy evaluation
// logic" (a resource policy that names the user is enough within an account).
#[test]
fn a_table_policy_lets_in_and_keeps_out() {
    let mut lab = lab();
    let tess = lab.user("tess", &[], json!([]));
    assert!(lab.scan(&tess).is_err());
    let name = format!("arn:aws:iam::{ACCOUNT}:user/tess");
    let put = |policy: String| json!({"ResourceArn": arn(), "Policy": policy});
    let first = lab.ok(&root(), "dynamodb", "PutResourcePolicy", put(allow(&name, json!("dynamodb:Scan"))));
    assert!(lab.scan(&tess).is_ok());
    assert_eq!(
        lab.ok(&root(), "dynamodb", "PutResourcePolicy", put(allow(&name, json!("dynamodb:Scan")))),
        first,
        "the same text is the same revision"
    );
    let read = lab.ok(&root(), "dynamodb", "GetResourcePolicy", json!({"ResourceArn": arn()}));
    assert_eq!(
        (&read["Policy"], &read["RevisionId"]),
        (&json!(allow(&name, json!("dynamodb:Scan"))), &first["RevisionId"])
    );

    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": {"AWS": name}, "Action": "dynamodb:Scan", "Resource": arn()}]});
    lab.ok(&root(), "dynamodb", "PutResourcePolicy", put(deny.to_string()));
    lab.ok(
        &root(),
        "iam",
        "AttachUserPolicy",
        json!({"UserName": "tess",
        "PolicyArn": "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"}),
    );
    let (_, text) = lab.scan(&tess).expect_err("denied");
    assert!(text.ends_with("with an explicit deny in a resource-based policy"), "{text}");

    lab.ok(&root(), "dynamodb", "DeleteResourcePolicy", json!({"ResourceArn": arn()}));
    assert!(lab.scan(&tess).is_ok());
    lab.ok(&root(), "dynamodb", "DeleteResourcePolicy", json!({"ResourceArn": arn()}));
    assert_eq!(
        lab.error(&root(), "dynamodb", "GetResourcePolicy", json!({"ResourceArn": arn()})).0,
        "PolicyNotFoundException"
    );
}

// Source: DynamoDB API Reference, PutResourcePolicy, ExpectedRevisionId.
#[test]
fn a_policy_is_replaced_only_where_it_is_the_expected_one() {
    let mut lab = lab();
    let name = format!("arn:aws:iam::{ACCOUNT}:root");
    let put = |policy: String, expected: &str| json!({"ResourceArn": arn(), "Policy": policy, "ExpectedRevisionId": expected});
    let (scan, query) = (allow(&name, json!("dynamodb:Scan")), allow(&name, json!("dynamodb:Query")));
    assert_eq!(
        lab.error(&root(), "dynamodb", "PutResourcePolicy", put(scan.clone(), "17")).0,
        "PolicyNotFoundException"
    );
    let first = lab.ok(&root(), "dynamodb", "PutResourcePolicy", put(scan, "NO_POLICY"));
    let revision = first["RevisionId"].as_str().expect("a revision").to_owned();
    assert_eq!(
        lab.error(&root(), "dynamodb", "PutResourcePolicy", put(query.clone(), "NO_POLICY")).0,
        "PolicyNotFoundException"
    );
    lab.ok(&root(), "dynamodb", "PutResourcePolicy", put(query, &revision));
    let delete = |expected: &str| json!({"ResourceArn": arn(), "ExpectedRevisionId": expected});
    let refused = lab.error(&root(), "dynamodb", "DeleteResourcePolicy", delete(&revision));
    assert_eq!(refused.0, "PolicyNotFoundException", "there is a newer one");
    let present = lab.ok(&root(), "dynamodb", "GetResourcePolicy", json!({"ResourceArn": arn()}));
    let present = present["RevisionId"].as_str().expect("a revision");
    let gone = lab.ok(&root(), "dynamodb", "DeleteResourcePolicy", delete(present));
    assert_eq!(gone, json!({"RevisionId": present}));
}

// Source: DynamoDB API Reference, PutResourcePolicy: 20 KB, white space included.
#[test]
fn a_table_policy_has_twenty_kilobytes() {
    let mut lab = lab();
    let policy = allow(&format!("arn:aws:iam::{ACCOUNT}:root"), json!("dynamodb:Scan"));
    for (length, taken) in [(20 * 1024, true), (20 * 1024 + 1, false)] {
        let padded = format!("{policy}{}", " ".repeat(length - policy.len()));
        let put = json!({"ResourceArn": arn(), "Policy": padded});
        let result = lab.call(&root(), "dynamodb", "PutResourcePolicy", put).result;
        assert_eq!(result.is_ok(), taken, "{length} bytes");
        if let Err(error) = result {
            assert_eq!(error.code, "ValidationException", "{error}");
        }
    }
}

// Messages: measured on DynamoDB.
#[test]
fn malformed_table_policies_are_refused() {
    let mut lab = lab();
    for (policy, message) in [
        ("{}", "Syntax error at position (1,3)"),
        ("", "This policy contains invalid Json"),
        ("[]", "This policy contains invalid Json"),
        ("null", "This text appears not to be a policy"),
        (r#"{"Statement":[{}]}"#, "Missing required field Effect"),
        (r#"{"Statement":[]}"#, "Could not parse the policy: Statement is empty!"),
    ] {
        let (code, text) = lab.error(
            &root(),
            "dynamodb",
            "PutResourcePolicy",
            json!({"ResourceArn": arn(), "Policy": policy}),
        );
        assert_eq!(code, "ValidationException", "{policy}");
        assert_eq!(
            text,
            format!("One or more parameter values were invalid: Invalid policy document: {message}"),
            "{policy}"
        );
    }
    let nobody = allow(&format!("arn:aws:iam::{ACCOUNT}:user/nobody"), json!("dynamodb:Scan"));
    let (code, _) =
        lab.error(&root(), "dynamodb", "PutResourcePolicy", json!({"ResourceArn": arn(), "Policy": nobody}));
    assert_eq!(code, "ValidationException");
    let (code, text) =
        lab.error(&root(), "dynamodb", "GetResourcePolicy", json!({"ResourceArn": "CustomerData"}));
    let bare = "One or more parameter values were invalid: ARNs must start with 'arn:': CustomerData";
    assert_eq!((code.as_str(), text.as_str()), ("ValidationException", bare));
}

#[test]
fn a_policy_that_locks_its_author_out_must_be_confirmed() {
    let mut lab = lab();
    let author = lab.user("author", &["AmazonDynamoDBFullAccess"], json!([]));
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "dynamodb:PutResourcePolicy",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/author")}, "Resource": arn()}]});
    let mut put = json!({"ResourceArn": arn(), "Policy": deny.to_string()});
    assert_eq!(lab.error(&author, "dynamodb", "PutResourcePolicy", put.clone()).0, "AccessDeniedException");
    assert_eq!(
        lab.error(&root(), "dynamodb", "GetResourcePolicy", json!({"ResourceArn": arn()})).0,
        "PolicyNotFoundException",
        "the refused policy was taken back"
    );
    put["ConfirmRemoveSelfResourceAccess"] = json!(true);
    lab.ok(&author, "dynamodb", "PutResourcePolicy", put.clone());
    assert_eq!(lab.error(&author, "dynamodb", "PutResourcePolicy", put).0, "AccessDeniedException");
}

// Source: IAM User Guide, "Cross-account policy evaluation logic": both accounts must allow.
#[test]
fn a_table_is_read_from_another_account_only_if_both_sides_agree() {
    let mut lab = lab();
    let vendor: AccountId = "444455556666".parse().expect("twelve digits");
    lab.world.add_account(vendor.clone(), "vendor");
    let vendor_root = Caller::Root(vendor.clone());
    lab.ok(&vendor_root, "iam", "CreateUser", json!({"UserName": "vera"}));
    let vera = Caller::user(&vendor, "vera");
    let scan = json!({"TableName": arn()});
    assert_eq!(lab.error(&vera, "dynamodb", "Scan", scan.clone()).0, "AccessDeniedException");
    let policy = allow("arn:aws:iam::444455556666:user/vera", json!("dynamodb:Scan"));
    lab.ok(&root(), "dynamodb", "PutResourcePolicy", json!({"ResourceArn": arn(), "Policy": policy}));
    assert_eq!(lab.error(&vera, "dynamodb", "Scan", scan.clone()).0, "AccessDeniedException");
    lab.ok(
        &vendor_root,
        "iam",
        "AttachUserPolicy",
        json!({"UserName": "vera",
        "PolicyArn": "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"}),
    );
    assert_eq!(lab.ok(&vera, "dynamodb", "Scan", scan)["Count"], 1);
    let own = lab.error(&vera, "dynamodb", "Scan", json!({"TableName": "CustomerData"}));
    assert_eq!(own.0, "ResourceNotFoundException", "a bare name is a table of the caller's own account");
}

/// What a statement with one condition lets through.
/// Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
#[test]
fn requests_bring_their_condition_keys() {
    let get = |projection: Option<&str>| {
        let mut input = json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}});
        if let Some(projection) = projection {
            input["ProjectionExpression"] = json!(projection);
        }
        ("GetItem", input)
    };
    let query = || {
        (
            "Query",
            json!({"TableName": "CustomerData", "KeyConditionExpression": "CustomerId = :c",
        "ExpressionAttributeValues": {":c": {"S": "12345"}}}),
        )
    };
    let update = |expression: &str| {
        (
            "UpdateItem",
            json!({"TableName": "CustomerData",
        "Key": {"CustomerId": {"S": "12345"}}, "UpdateExpression": expression,
        "ExpressionAttributeValues": {":v": {"S": "x"}}}),
        )
    };
    // `parameter` of a request, such as ReturnValues.
    let with = |(operation, mut input): (&'static str, Value), parameter: &str, value: &str| {
        input[parameter] = json!(value);
        (operation, input)
    };
    let put = || ("PutItem", json!({"TableName": "CustomerData", "Item": alice()}));
    let returns = |value: &str| json!({"StringEquals": {"dynamodb:ReturnValues": value}});
    let costs = |value: &str| json!({"StringEquals": {"dynamodb:ReturnConsumedCapacity": value}});
    let scan = |select: &str| ("Scan", json!({"TableName": "CustomerData", "Select": select}));
    let leading = |value: &str| json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [value]}});
    let only = |attributes: Value| json!({"ForAllValues:StringEquals": {"dynamodb:Attributes": attributes}});
    let counts = json!({"StringEquals": {"dynamodb:Select": "COUNT"}});
    let specific = json!({"StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}});
    for (condition, (operation, input), allowed) in [
        (leading("12345"), get(None), true),
        (leading("other"), get(None), false),
        (leading("12345"), query(), true),
        (leading("other"), query(), false),
        (only(json!(["CustomerId", "Email"])), get(Some("Email")), true),
        (only(json!(["CustomerId", "Email"])), get(Some("Email, Phone")), false),
        (only(json!(["CustomerId", "Email"])), update("SET Email = :v"), true),
        (only(json!(["CustomerId", "Email"])), update("SET Phone = :v"), false),
        (counts.clone(), scan("COUNT"), true),
        (counts, scan("ALL_ATTRIBUTES"), false),
        (specific.clone(), get(Some("Email")), true),
        (specific, get(None), false),
        (returns("NONE"), with(put(), "ReturnValues", "NONE"), true),
        (returns("NONE"), with(put(), "ReturnValues", "ALL_OLD"), false),
        (returns("UPDATED_NEW"), with(update("SET Email = :v"), "ReturnValues", "UPDATED_NEW"), true),
        (returns("UPDATED_NEW"), with(update("SET Email = :v"), "ReturnValues", "ALL_NEW"), false),
        (costs("TOTAL"), with(get(None), "ReturnConsumedCapacity", "TOTAL"), true),
        (costs("TOTAL"), with(get(None), "ReturnConsumedCapacity", "NONE"), false),
        (costs("TOTAL"), get(None), false),
        (costs("TOTAL"), with(scan("COUNT"), "ReturnConsumedCapacity", "TOTAL"), true),
        (costs("TOTAL"), with(put(), "ReturnConsumedCapacity", "TOTAL"), true),
        (costs("TOTAL"), with(query(), "ReturnConsumedCapacity", "TOTAL"), true),
        // A Scan names no leading key, so it passes. Source: aws/aws-sdk-js#1211.
        (leading("other"), scan("COUNT"), true),
        (json!({"StringEquals": {"dynamodb:LeadingKeys": "12345"}}), scan("COUNT"), false),
    ] {
        let mut lab = lab();
        let statement =
            json!([{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition}]);
        let tess = lab.user("tess", &[], statement);
        let outcome = lab.call(&tess, "dynamodb", operation, input.clone());
        assert_eq!(
            outcome.result.is_ok(),
            allowed,
            "{condition} {operation} {input}: {:?}",
            outcome.result.err()
        );
    }
}
