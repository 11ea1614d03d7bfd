//! The check `allows_only`: each change of A3's world, and what it says of it.

#![expect(clippy::needless_pass_by_value, reason = "rows of a table read better without borrows")]

use kmslab::scenario::{self, CheckStatus, Play};
use serde_json::{Value, json};

const ROOT: &str = "arn:aws:iam::111122223333:root";
const TESS: &str = "arn:aws:iam::111122223333:user/tess";

/// A scenario with A3's world, one invariant and the steps of a path.
fn with(check: &Value, steps: &Value) -> String {
    let text = scenario::find_embedded("a3").expect("a3").text;
    let mut scenario: Value = serde_json::from_str(text).expect("JSON");
    scenario["invariants"] = json!([{ "id": "tight", "say": "nothing more", "check": check }]);
    // No path is empty.
    let mut all = vec![json!({ "wait": "+1s" })];
    all.extend(steps.as_array().into_iter().flatten().cloned());
    scenario["solution"] = Value::Array(all);
    scenario.to_string()
}

fn asked(check: &Value, steps: &Value) -> (CheckStatus, String) {
    let read = scenario::read("x.json", &with(check, steps)).unwrap_or_else(|e| panic!("{e}"));
    let stage = read.build().unwrap_or_else(|e| panic!("{e}"));
    let mut play = Play::new(&stage);
    for step in &stage.scenario.solution {
        let report = play.step(step);
        assert_eq!(report.unmet, None, "{steps}");
    }
    let reports = play.evaluate();
    let found = reports[0].invariants.iter().find(|one| one.id == "tight").expect("it is asked");
    (found.verdict, found.note.clone())
}

fn key_policy(statement: Value) -> Value {
    json!([{ "as": "kim", "do": "kms:PutKeyPolicy", "with": { "KeyId": "k1", "add": statement } }])
}

fn allow(principal: Value, action: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*" })
}

fn conditioned(principal: Value, action: Value, condition: Value) -> Value {
    let mut statement = allow(principal, action);
    statement["Condition"] = condition;
    statement
}

fn user_policy(who: &str, action: Value, resource: &str) -> Value {
    json!([{ "as": "root", "do": "iam:PutUserPolicy", "with": {
        "UserName": who, "PolicyName": "More",
        "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": action, "Resource": resource }
        ] }
    } }])
}

#[test]
fn whatever_goes_beyond_the_named_is_told() {
    let tight =
        json!({ "allows_only": { "more": { "tess": ["kms:Decrypt", "kms:DescribeKey"] }, "less": {} } });
    let pass = CheckStatus::Pass;
    let fail = CheckStatus::Fail;
    let tess = json!({ "AWS": TESS });
    let rows = [
        ("nothing", json!([]), pass, "nothing beyond"),
        ("what is named", key_policy(allow(tess.clone(), json!("kms:Decrypt"))), pass, ""),
        (
            "less than what is named, under a condition",
            key_policy(conditioned(
                tess.clone(),
                json!("kms:Decrypt"),
                json!({ "StringEquals": { "kms:ViaService": "dynamodb.us-east-1.amazonaws.com" } }),
            )),
            pass,
            "",
        ),
        (
            "a name for everybody in the account, who are decided by IAM",
            key_policy(allow(json!({ "AWS": ROOT }), json!("kms:*"))),
            pass,
            "",
        ),
        (
            "another action",
            key_policy(allow(tess.clone(), json!(["kms:Decrypt", "kms:ScheduleKeyDeletion"]))),
            fail,
            "tess may also kms:ScheduleKeyDeletion on k1",
        ),
        ("all actions", key_policy(allow(tess.clone(), json!("kms:*"))), fail, "and "),
        (
            "an action under a condition",
            key_policy(conditioned(
                tess.clone(),
                json!("kms:CreateGrant"),
                json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
            )),
            fail,
            "tess may also kms:CreateGrant on k1",
        ),
        (
            "anybody",
            key_policy(allow(json!("*"), json!("kms:Decrypt"))),
            fail,
            "anybody may also kms:Decrypt",
        ),
        (
            "an account elsewhere",
            key_policy(allow(json!({ "AWS": "999988887777" }), json!("kms:Decrypt"))),
            fail,
            "account 999988887777 may also kms:Decrypt on k1",
        ),
        (
            "a service",
            key_policy(allow(json!({ "Service": "logs.amazonaws.com" }), json!("kms:Decrypt"))),
            fail,
            "logs.amazonaws.com may also kms:Decrypt on k1",
        ),
        (
            "a policy in IAM for all keys",
            user_policy("tess", json!("kms:Decrypt"), "*"),
            fail,
            "tess may also kms:Decrypt on another key of 111122223333",
        ),
        ("every action there is", user_policy("tess", json!("*"), "*"), fail, "tess may also"),
        (
            "identities",
            user_policy("tess", json!("iam:PutUserPolicy"), "arn:aws:iam::111122223333:user/tess"),
            fail,
            "tess may also iam:PutUserPolicy on tess",
        ),
        (
            "passing a role that nobody has made",
            user_policy("tess", json!("iam:PassRole"), "*"),
            fail,
            "tess may also iam:PassRole on another role",
        ),
        (
            "making users",
            user_policy("kim", json!("iam:CreateUser"), "*"),
            fail,
            "kim may also iam:CreateUser on another user",
        ),
        (
            "a grant",
            json!([{ "as": "kim", "do": "kms:CreateGrant", "with": { "KeyId": "k1", "GranteePrincipal": "tess", "Operations": ["Encrypt"] } }]),
            fail,
            "tess may also kms:Encrypt on k1",
        ),
        (
            "a grant to somebody elsewhere",
            json!([{ "as": "kim", "do": "kms:CreateGrant", "with": { "KeyId": "k1", "GranteePrincipal": "arn:aws:iam::999988887777:root", "Operations": ["Decrypt"] } }]),
            fail,
            "999988887777",
        ),
        (
            "a new user",
            json!([
                { "as": "root", "do": "iam:CreateUser", "with": { "UserName": "new" } },
                { "as": "root", "do": "iam:AttachUserPolicy", "with": { "UserName": "new", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" } }
            ]),
            fail,
            "new may also",
        ),
        (
            "a table for the key, whose grant is DynamoDB's own",
            json!([{ "as": "kim", "do": "dynamodb:CreateTable", "with": {
            "TableName": "Visits", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "Id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "Id", "KeyType": "HASH" }],
            "SSESpecification": { "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "k1" } } }]),
            pass,
            "",
        ),
        (
            "the administrators' statement gone",
            json!([{ "as": "root", "do": "iam:DeleteUserPolicy", "with": { "UserName": "kim", "PolicyName": "KeyAdmin" } }]),
            fail,
            "kim may no longer kms:",
        ),
        (
            "a Deny for somebody else",
            key_policy(
                json!({ "Effect": "Deny", "Principal": { "AWS": "arn:aws:iam::111122223333:user/kim" }, "Action": "kms:TagResource", "Resource": "*" }),
            ),
            fail,
            "kim may no longer kms:TagResource on k1",
        ),
    ];
    for (what, steps, wanted, note) in rows {
        let (verdict, said) = asked(&tight, &steps);
        assert_eq!(verdict, wanted, "{what}: {said}");
        assert!(said.contains(note), "{what}: {said}");
    }
}

#[test]
fn what_the_check_names_widens_it() {
    let change = key_policy(allow(json!({ "AWS": TESS }), json!(["kms:Decrypt", "kms:Encrypt"])));
    let rows = [
        (json!({ "more": {} }), CheckStatus::Fail),
        (json!({ "more": { "tess": ["kms:Decrypt"] } }), CheckStatus::Fail),
        (json!({ "more": { "tess": ["kms:*crypt"] } }), CheckStatus::Pass),
        (json!({ "more": { "tess": ["kms:Decrypt", "kms:Encrypt"] } }), CheckStatus::Pass),
        (json!({ "more": { "kim": ["*"] } }), CheckStatus::Fail),
        (json!({ "more": { "tess": ["kms:*crypt on k1"] } }), CheckStatus::Pass),
        (json!({ "more": { "tess": ["kms:*crypt on CustomerData"] } }), CheckStatus::Fail),
        (json!({ "more": { "tess": ["kms:*crypt on *"] } }), CheckStatus::Pass),
        // Another resource is not asked about.
        (json!({ "more": {}, "on": ["CustomerData"] }), CheckStatus::Pass),
        (json!({ "more": {}, "on": ["k1"] }), CheckStatus::Fail),
        // Losses count only where the check says so.
        (json!({ "more": { "tess": ["kms:*"] }, "less": {} }), CheckStatus::Pass),
    ];
    for (check, wanted) in rows {
        let (verdict, note) = asked(&json!({ "allows_only": check }), &change);
        assert_eq!(verdict, wanted, "{check}: {note}");
    }
}

#[test]
fn names_that_stand_for_nothing_are_refused() {
    let rows = [
        (json!({ "more": { "tes": [] } }), "nobody is called `tes`"),
        (json!({ "less": { "tess": ["kms:Decript"] } }), "did you mean `kms:Decrypt`"),
        (json!({ "more": { "tess": ["kms:Decrypt on k9"] } }), "nothing is called `k9`"),
        (json!({ "on": ["k9"] }), "nothing is called `k9`"),
        (json!({ "mor": {} }), "unknown field `mor`"),
    ];
    for (check, wanted) in rows {
        let text = with(&json!({ "allows_only": check }), &json!([]));
        let said = scenario::read("x.json", &text).expect_err("it is refused").to_string();
        assert!(said.contains(wanted), "{check}: {said}");
    }
}
