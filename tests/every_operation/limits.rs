//! Lengths and numbers at their limits, of every service but KMS: the last that is taken, and the first that is not.
//!
//! Sources: the constraints of the IAM, STS, DynamoDB, CloudTrail and Organizations API models; IAM User Guide, "IAM
//! and AWS STS quotas"; DynamoDB Developer Guide, "Service quotas"; texts recorded by the tests of the emulator dynalite.

use kmslab::cloud::Fidelity;
use serde_json::{Value, json};

use super::bad_input::attempt;
use super::lab::{HOME, Lab, policy};

/// A policy of so many characters that are no white space, with as much white space again.
fn document(characters: usize) -> Value {
    let short = policy(&json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Sid": ""}]));
    let room = characters - short.len();
    // An action may be as long as one likes.
    let long = short.replace("kms:Decrypt", &format!("kms:Decrypt{}", "x".repeat(room)));
    json!(format!("{long}{}", " ".repeat(characters)))
}

fn name(length: usize) -> Value {
    json!("n".repeat(length))
}

/// `/xx../` of so many characters.
fn path(length: usize) -> Value {
    json!(format!("/{}/", "p".repeat(length - 2)))
}

fn tags(key: &str, value: &str, number: usize, length: (usize, usize)) -> Value {
    let (long_key, long_value) = ("k".repeat(length.0), "v".repeat(length.1));
    let mut all = vec![json!({key: long_key, value: long_value})];
    all.extend((1..number).map(|n| json!({key: format!("t{n}"), value: "v"})));
    json!(all)
}

/// A row: the operation and the field, the last values that are taken, those that are not with their errors.
type Row = (&'static str, &'static str, &'static str, Vec<Value>, Vec<(Value, &'static str, String)>);

fn broken(value: &Value, member: &str, constraint: &str) -> String {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
    )
}

fn longest(member: &str, value: Value, most: usize, code: &'static str) -> (Value, &'static str, String) {
    let text = broken(&value, member, &format!("have length less than or equal to {most}"));
    (value, code, text)
}

fn shortest(member: &str, value: Value, least: usize, code: &'static str) -> (Value, &'static str, String) {
    let text = broken(&value, member, &format!("have length greater than or equal to {least}"));
    (value, code, text)
}

fn largest(member: &str, value: i64, most: i64, code: &'static str) -> (Value, &'static str, String) {
    let text = broken(&json!(value), member, &format!("have value less than or equal to {most}"));
    (json!(value), code, text)
}

fn smallest(member: &str, value: i64, least: i64, code: &'static str) -> (Value, &'static str, String) {
    let text = broken(&json!(value), member, &format!("have value greater than or equal to {least}"));
    (json!(value), code, text)
}

fn plain(value: Value, code: &'static str, text: &str) -> (Value, &'static str, String) {
    (value, code, text.to_owned())
}

fn iam_rows() -> Vec<Row> {
    const CODE: &str = "ValidationError";
    const LIMIT: &str = "LimitExceeded";
    let mut rows: Vec<Row> = Vec::new();
    for (operation, field, member, most) in [
        ("CreateUser", "UserName", "userName", 64),
        ("CreateRole", "RoleName", "roleName", 64),
        ("CreateGroup", "GroupName", "groupName", 128),
        ("CreatePolicy", "PolicyName", "policyName", 128),
        ("PutUserPolicy", "PolicyName", "policyName", 128),
        ("PutRolePolicy", "PolicyName", "policyName", 128),
        ("PutGroupPolicy", "PolicyName", "policyName", 128),
    ] {
        let pattern = broken(&json!("a b"), member, "satisfy regular expression pattern: [\\w+=,.@-]+");
        rows.push((
            "iam",
            operation,
            field,
            vec![name(1), name(most), json!("_+=,.@-")],
            vec![
                longest(member, name(most + 1), most, CODE),
                shortest(member, json!(""), 1, CODE),
                (json!("a b"), CODE, pattern),
            ],
        ));
    }
    for operation in ["CreateUser", "CreateRole", "CreatePolicy", "CreateGroup"] {
        let pattern = "satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)";
        rows.push((
            "iam",
            operation,
            "Path",
            vec![json!("/"), path(512)],
            vec![
                longest("path", path(513), 512, CODE),
                shortest("path", json!(""), 1, CODE),
                (json!("/a"), CODE, broken(&json!("/a"), "path", pattern)),
                (json!("/ä/"), CODE, broken(&json!("/ä/"), "path", pattern)),
            ],
        ));
    }
    rows.push((
        "iam",
        "CreateRole",
        "MaxSessionDuration",
        vec![json!(3600), json!(43_200)],
        vec![
            smallest("maxSessionDuration", 3599, 3600, CODE),
            largest("maxSessionDuration", 43_201, 43_200, CODE),
        ],
    ));
    for operation in ["CreateRole", "CreatePolicy"] {
        rows.push((
            "iam",
            operation,
            "Description",
            vec![json!(""), name(1000)],
            vec![longest("description", name(1001), 1000, CODE)],
        ));
    }
    for operation in ["TagUser", "TagRole"] {
        rows.push((
            "iam",
            operation,
            "Tags",
            vec![tags("Key", "Value", 50, (128, 256)), tags("Key", "Value", 1, (1, 0))],
            vec![
                plain(
                    tags("Key", "Value", 51, (1, 1)),
                    CODE,
                    "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length \
                     less than or equal to 50",
                ),
                (
                    tags("Key", "Value", 1, (129, 1)),
                    CODE,
                    broken(&json!("k".repeat(129)), "tags.1.member.key", "have length less than or equal to 128"),
                ),
                (
                    tags("Key", "Value", 1, (0, 1)),
                    CODE,
                    broken(&json!(""), "tags.1.member.key", "have length greater than or equal to 1"),
                ),
                (
                    tags("Key", "Value", 1, (1, 257)),
                    CODE,
                    broken(&json!("v".repeat(257)), "tags.1.member.value", "have length less than or equal to 256"),
                ),
                plain(
                    json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]),
                    "InvalidInput",
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ),
            ],
        ));
    }
    // White space does not count.
    for (operation, field, most, text) in [
        ("CreatePolicy", "PolicyDocument", 6144, "Cannot exceed quota for PolicySize: 6144".to_owned()),
        (
            "CreatePolicyVersion",
            "PolicyDocument",
            6144,
            "Cannot exceed quota for PolicySize: 6144".to_owned(),
        ),
    ] {
        rows.push(("iam", operation, field, vec![document(most)], vec![(document(most + 1), LIMIT, text)]));
    }
    rows
}

fn sts_rows() -> Vec<Row> {
    const CODE: &str = "ValidationError";
    let mut rows: Vec<Row> = vec![
        (
            "sts",
            "AssumeRole",
            "DurationSeconds",
            vec![json!(900), json!(3600)],
            vec![
                smallest("durationSeconds", 899, 900, CODE),
                largest("durationSeconds", 43_201, 43_200, CODE),
                plain(
                    json!(3601),
                    CODE,
                    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                ),
            ],
        ),
        (
            "sts",
            "AssumeRole",
            "Tags",
            vec![tags("Key", "Value", 50, (128, 256))],
            vec![
                plain(
                    tags("Key", "Value", 51, (1, 1)),
                    CODE,
                    "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length \
                     less than or equal to 50",
                ),
                plain(
                    json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]),
                    "InvalidParameterValue",
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ),
            ],
        ),
    ];
    for (field, member) in [("RoleSessionName", "roleSessionName"), ("SourceIdentity", "sourceIdentity")] {
        let pattern =
            broken(&json!("Session1:2"), member, "satisfy regular expression pattern: [\\w+=,.@-]*");
        rows.push((
            "sts",
            "AssumeRole",
            field,
            vec![name(2), name(64), json!("_+=,.@-")],
            vec![
                shortest(member, name(1), 2, CODE),
                longest(member, name(65), 64, CODE),
                (json!("Session1:2"), CODE, pattern),
            ],
        ));
    }
    rows.push((
        "sts",
        "AssumeRole",
        "ExternalId",
        vec![name(2), name(1224)],
        vec![shortest("externalId", name(1), 2, CODE), longest("externalId", name(1225), 1224, CODE)],
    ));
    rows
}

fn dynamodb_rows() -> Vec<Row> {
    const CODE: &str = "ValidationException";
    let named =
        |name: &str| format!("{name} must be at least 3 characters long and at most 255 characters long");
    let mut rows: Vec<Row> = Vec::new();
    for (operation, field) in [
        ("CreateTable", "TableName"),
        ("RestoreTableFromBackup", "TargetTableName"),
        ("CreateBackup", "BackupName"),
    ] {
        let member = format!("{}{}", field[..1].to_lowercase(), &field[1..]);
        let pattern = broken(&json!("a b"), &member, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        rows.push((
            "dynamodb",
            operation,
            field,
            vec![name(3), name(255), json!("a_.-Z9")],
            // Of the three only CreateTable is known to answer by the API model since 2026.
            if operation == "CreateTable" {
                vec![
                    shortest(&member, name(2), 3, CODE),
                    longest(&member, name(256), 255, CODE),
                    (json!("a b"), CODE, pattern),
                ]
            } else {
                vec![
                    (name(2), CODE, named(field)),
                    (name(256), CODE, named(field)),
                    (json!("a b"), CODE, pattern),
                ]
            },
        ));
    }
    for operation in ["ListTables", "ListBackups"] {
        rows.push((
            "dynamodb",
            operation,
            "Limit",
            vec![json!(1), json!(100)],
            vec![
                smallest("limit", 0, 1, CODE),
                smallest("limit", -1, 1, CODE),
                largest("limit", 101, 100, CODE),
            ],
        ));
    }
    for operation in ["Scan", "Query"] {
        rows.push((
            "dynamodb",
            operation,
            "Limit",
            vec![json!(1), json!(i32::MAX)],
            vec![smallest("limit", 0, 1, CODE), smallest("limit", -1, 1, CODE)],
        ));
    }
    let units = |read: i64, write: i64| json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write});
    for (value, member) in [
        (units(0, 1), "provisionedThroughput.readCapacityUnits"),
        (units(1, 0), "provisionedThroughput.writeCapacityUnits"),
    ] {
        let text = broken(&json!(0), member, "have value greater than or equal to 1");
        rows.push(("dynamodb", "UpdateTable", "ProvisionedThroughput", vec![], vec![(value, CODE, text)]));
    }
    rows.push((
        "dynamodb",
        "TagResource",
        "Tags",
        vec![tags("Key", "Value", 49, (128, 256)), tags("Key", "Value", 1, (1, 0))],
        vec![
            plain(
                tags("Key", "Value", 1, (129, 1)),
                CODE,
                &format!("The Tag Key provided is invalid, Key: {}", "k".repeat(129)),
            ),
            plain(
                tags("Key", "Value", 1, (1, 257)),
                CODE,
                &format!("The Tag Value provided is invalid, Value: {}", "v".repeat(257)),
            ),
            plain(
                tags("Key", "Value", 51, (1, 1)),
                CODE,
                "Number of Tags exceed the current limit for the provided ResourceArn",
            ),
        ],
    ));
    // An item: names and values count. "Id", one byte of its value, "Text".
    let item = |bytes: usize| json!({"Id": {"S": "9"}, "Text": {"S": "x".repeat(bytes - 7)}});
    rows.push((
        "dynamodb",
        "PutItem",
        "Item",
        vec![item(400 * 1024), json!({"Id": {"S": "k".repeat(2048)}})],
        vec![
            plain(item(400 * 1024 + 1), CODE, "1 validation error detected: Item size has exceeded the maximum allowed size"),
            plain(
                json!({"Id": {"S": "k".repeat(2049)}}),
                CODE,
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
            ),
        ],
    ));
    let expression = |bytes: usize| json!(format!("attribute_not_exists(Id){}", " ".repeat(bytes - 24)));
    rows.push((
        "dynamodb",
        "PutItem",
        "ConditionExpression",
        vec![expression(4096)],
        vec![
            plain(
                expression(4097),
                CODE,
                "1 validation error detected: Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097",
            ),
            plain(json!(""), CODE, "1 validation error detected: Invalid ConditionExpression: The expression can not be empty;"),
        ],
    ));
    rows
}

fn other_rows() -> Vec<Row> {
    let most = "A maximum results value between 1 and 50 must be specified.";
    let invalid = "You specified an invalid value.";
    let mut rows: Vec<Row> = vec![(
        "cloudtrail",
        "LookupEvents",
        "MaxResults",
        vec![json!(1), json!(50)],
        vec![
            plain(json!(0), "InvalidMaxResultsException", most),
            plain(json!(51), "InvalidMaxResultsException", most),
        ],
    )];
    for (operation, field, least, longest) in [
        ("CreateOrganizationalUnit", "Name", 1, 128),
        ("CreatePolicy", "Name", 1, 128),
        ("UpdatePolicy", "Name", 1, 128),
        ("CreatePolicy", "Description", 0, 512),
        ("UpdatePolicy", "Description", 0, 512),
    ] {
        let mut refused = vec![plain(name(longest + 1), "InvalidInputException", invalid)];
        if least > 0 {
            refused.push(plain(json!(""), "InvalidInputException", invalid));
        }
        rows.push(("organizations", operation, field, vec![name(least), name(longest)], refused));
    }
    rows
}

#[test]
fn limits_hold_to_the_letter() {
    let lab = Lab::new(7, Fidelity::instant());
    let mut world = lab.world.clone();
    let before = format!("{world:?}");
    let mut wrong = Vec::new();
    for (service, operation, field, taken, refused) in
        [iam_rows(), sts_rows(), dynamodb_rows(), other_rows()].concat()
    {
        let found = lab.requests.iter().find(|r| r.service == service && r.operation == operation);
        let request = found.unwrap_or_else(|| panic!("no request of {operation}"));
        let mut with = |value: &Value| {
            let mut input = request.input.clone();
            input[field] = value.clone();
            if field == "ProvisionedThroughput" {
                input["BillingMode"] = json!("PROVISIONED");
                input["SSESpecification"] = Value::Null;
            }
            attempt(&mut world, request, input)
        };
        for value in taken {
            if let Err(error) = with(&value) {
                wrong.push(format!("{operation} {field} {:.60}: {error:.300}", value.to_string()));
            }
        }
        for (value, code, text) in refused {
            let shown = format!("{operation} {field} {:.60}", value.to_string());
            match with(&value) {
                Ok(_) => wrong.push(format!("{shown} is taken")),
                Err(error) if (error.code.as_ref(), &error.message) == (code, &text) => {}
                Err(error) => wrong.push(format!("{shown}: {error:.300}\n   not {code}: {text:.300}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(format!("{world:?}") == before, "something was left behind");
}

/// What a user, role and group may hold in all. Source: IAM User Guide, "IAM and AWS STS quotas".
#[test]
fn quotas_hold_for_all_that_one_identity_has() {
    let lab = Lab::new(7, Fidelity::instant());
    let boss = super::lab::root(HOME);
    let limit = |world: &mut kmslab::cloud::World, operation: &'static str, input: Value| {
        let request = super::lab::Request {
            service: "iam",
            operation,
            caller: boss.clone(),
            region: "us-east-1",
            input,
        };
        let outcome = super::lab::call(world, &request).expect("a call");
        outcome.result.map(|_| ()).map_err(|error| (error.code.to_string(), error.status, error.message))
    };
    // Who; the operation's noun; how much inline text.
    for (field, who, noun, most) in [
        ("UserName", "kim", "User", 2048),
        ("RoleName", "Idle", "Role", 10_240),
        ("GroupName", "Empty", "Group", 5120),
    ] {
        let mut world = lab.world.clone();
        let put: &'static str = match noun {
            "User" => "PutUserPolicy",
            "Role" => "PutRolePolicy",
            _ => "PutGroupPolicy",
        };
        let of = |name: &str, characters: usize| json!({field: who, "PolicyName": name, "PolicyDocument": document(characters)});
        limit(&mut world, put, of("one", most - 1000)).expect("room");
        limit(&mut world, put, of("two", 1000)).expect("just enough");
        let text = format!("Maximum policy size of {most} bytes exceeded for {} {who}", noun.to_lowercase());
        let refused = limit(&mut world, put, of("two", 1001));
        assert_eq!(refused, Err(("LimitExceeded".to_owned(), 409, text)), "{noun}");
        let attach: &'static str = match noun {
            "User" => "AttachUserPolicy",
            "Role" => "AttachRolePolicy",
            _ => "AttachGroupPolicy",
        };
        let mut refused = None;
        for n in 0..12 {
            let name = format!("managed{n}");
            let create = json!({"PolicyName": name, "PolicyDocument": document(200)});
            limit(&mut world, "CreatePolicy", create).expect("a policy");
            let arn = format!("arn:aws:iam::{HOME}:policy/{name}");
            if let Err(error) = limit(&mut world, attach, json!({field: who, "PolicyArn": arn})) {
                refused.get_or_insert((n, error));
            }
        }
        let (n, (code, status, text)) = refused.expect("a quota");
        // kim has one from the beginning.
        assert_eq!(n, if noun == "User" { 9 } else { 10 }, "{noun}");
        let expected = format!("Cannot exceed quota for PoliciesPer{noun}: 10");
        assert_eq!((code.as_str(), status, text), ("LimitExceeded", 409, expected));
    }
}
