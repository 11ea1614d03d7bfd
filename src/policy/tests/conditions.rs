//! Every condition operator, modifier and rule about keys and variables.

use crate::policy::testing::*;
use crate::policy::{Context, PolicyKind, Request, Resource, condition_operators, decide, parse};

/// Whether a statement with the condition applies to a request with the keys.
fn holds(condition: &str, context: &Context) -> bool {
    let statement = format!(r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}"#);
    let request = Request::new(user("kim"), "kms:Decrypt", Resource::new(KEY), context.clone());
    decide(&request, &identity(&[&statement])).is_allowed()
}

fn single(operator: &str, values: &str, value: &str) -> bool {
    let context = [("t:k", value)].into_iter().collect();
    holds(&format!(r#"{{"{operator}": {{"t:k": {values}}}}}"#), &context)
}

/// Operator, values of the policy, value of the request, whether the condition holds.
// Source: IAM User Guide, "reference_policies_elements_condition_operators"
const OPERATORS: &[(&str, &str, &str, bool)] = &[
    ("StringEquals", r#""Abc""#, "Abc", true),
    ("StringEquals", r#""Abc""#, "abc", false),
    ("StringEquals", r#""a*""#, "abc", false),
    ("StringEquals", r#"["x", "abc"]"#, "abc", true),
    ("StringNotEquals", r#""Abc""#, "abc", true),
    ("StringNotEquals", r#"["x", "abc"]"#, "abc", false),
    ("StringEqualsIgnoreCase", r#""ABC""#, "abc", true),
    ("StringEqualsIgnoreCase", r#""ABC""#, "abd", false),
    ("StringNotEqualsIgnoreCase", r#""ABC""#, "abc", false),
    ("StringNotEqualsIgnoreCase", r#""ABC""#, "abd", true),
    ("StringLike", r#""a?c*""#, "abcd", true),
    ("StringLike", r#""A*""#, "abc", false),
    ("StringNotLike", r#""a*""#, "abc", false),
    ("StringNotLike", r#""a*""#, "bcd", true),
    ("NumericEquals", r#""10""#, "10.0", true),
    ("NumericEquals", "10", "10", true),
    ("NumericEquals", r#""ten""#, "ten", false),
    ("NumericNotEquals", r#""10""#, "11", true),
    ("NumericNotEquals", r#""10""#, "10.0", false),
    ("NumericLessThan", r#""10""#, "9", true),
    ("NumericLessThan", r#""10""#, "10", false),
    ("NumericLessThanEquals", r#""10""#, "10", true),
    ("NumericLessThanEquals", r#""10""#, "10.5", false),
    ("NumericGreaterThan", r#""10""#, "10", false),
    ("NumericGreaterThan", r#""-1""#, "0", true),
    ("NumericGreaterThanEquals", r#""10""#, "10", true),
    ("NumericGreaterThanEquals", r#""10""#, "9", false),
    ("DateEquals", r#""2026-11-21T00:00:00Z""#, "1795219200", true),
    ("DateEquals", r#""2026-11-21""#, "2026-11-22", false),
    ("DateNotEquals", r#""2026-11-21""#, "2026-11-22", true),
    ("DateNotEquals", r#""2026-11-21""#, "2026-11-21T00:00:00Z", false),
    ("DateLessThan", r#""2026-11-22""#, "2026-11-21T23:59:59Z", true),
    ("DateLessThan", r#""2026-11-22""#, "2026-11-22T00:00:00Z", false),
    ("DateLessThanEquals", r#""2026-11-22""#, "2026-11-22T00:00:00Z", true),
    ("DateLessThanEquals", r#""2026-11-22""#, "2026-11-22T00:00:01Z", false),
    ("DateGreaterThan", "1795219200", "2026-11-21T00:00:01Z", true),
    ("DateGreaterThanEquals", r#""2026-11-21""#, "2026-11-21T00:00:00Z", true),
    ("DateGreaterThanEquals", r#""2026-11-21""#, "2026-11-20", false),
    ("DateGreaterThan", r#""2026-*""#, "2027-01-01", false),
    ("Bool", r#""true""#, "true", true),
    ("Bool", "true", "true", true),
    ("Bool", "false", "true", false),
    ("BinaryEquals", r#""QmluYXJ5""#, "QmluYXJ5", true),
    ("BinaryEquals", r#""QmluYXJ5""#, "T3RoZXI=", false),
    ("IpAddress", r#""203.0.113.0/24""#, "203.0.113.9", true),
    ("IpAddress", r#""203.0.113.9""#, "203.0.113.10", false),
    ("IpAddress", r#""0.0.0.0/0""#, "203.0.113.10", true),
    ("IpAddress", r#""2001:db8::/32""#, "2001:db8::1", true),
    ("IpAddress", r#""0.0.0.0/0""#, "2001:db8::1", false),
    ("IpAddress", r#""203.0.113.0/24""#, "not an address", false),
    ("NotIpAddress", r#"["203.0.113.0/24", "::/0"]"#, "203.0.113.9", false),
    ("NotIpAddress", r#""203.0.113.0/24""#, "198.51.100.1", true),
    ("ArnEquals", r#""arn:aws:iam::*:role/*""#, "arn:aws:iam::111122223333:role/a/b", true),
    ("ArnEquals", r#""arn:aws:iam::*:role/*""#, "arn:aws:iam::111122223333:user/a", false),
    ("ArnLike", r#""arn:aws:iam::111122223333:role/App""#, "arn:aws:iam::111122223333:role/app", false),
    ("ArnLike", r#""arn:aws:*:role/x""#, "arn:aws:iam::111122223333:role/x", false),
    ("ArnLike", r#""arn:*:iam::*:*""#, "arn:aws:iam::111122223333:role:x:y", true),
    ("ArnLike", r#""*""#, "arn:aws:iam::111122223333:role/x", true),
    ("ArnLike", r#""arn:aws:iam::*:role/*""#, "role/x", false),
    ("ArnNotEquals", r#""arn:aws:iam::*:role/a""#, "arn:aws:iam::111122223333:role/b", true),
    ("ArnNotEquals", r#""arn:aws:iam::*:role/a""#, "arn:aws:iam::111122223333:role/a", false),
    ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, "arn:aws:iam::111122223333:role/b", false),
    ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, "arn:aws:iam::111122223333:user/b", true),
];

#[test]
fn operators() {
    for (operator, values, value, expected) in OPERATORS {
        assert_eq!(single(operator, values, value), *expected, "{operator} {values} {value}");
    }
}

/// An operator that never matches, or always does, would be seen nowhere else.
#[test]
fn every_operator_has_a_row_that_matches_and_one_that_does_not() {
    // `Null` asks whether there is a key at all: see `absent_keys`.
    for name in condition_operators().filter(|name| name != "Null") {
        for holds in [true, false] {
            let has =
                OPERATORS.iter().any(|(operator, .., expected)| *operator == name && *expected == holds);
            assert!(has, "{name} has no row in OPERATORS that is {holds}");
        }
    }
}

// Source: IAM User Guide, "reference_policies_elements_condition_operators" and
// "reference_policies_multi-value-conditions": what an absent key means
#[test]
fn absent_keys() {
    for (condition, expected) in [
        (r#"{"StringEquals": {"t:k": "a"}}"#, false),
        (r#"{"StringNotEquals": {"t:k": "a"}}"#, true),
        (r#"{"StringNotLike": {"t:k": "a"}}"#, true),
        (r#"{"ArnNotEquals": {"t:k": "arn:aws:iam::1:a"}}"#, true),
        (r#"{"NotIpAddress": {"t:k": "10.0.0.0/8"}}"#, true),
        (r#"{"NumericNotEquals": {"t:k": "1"}}"#, true),
        (r#"{"DateNotEquals": {"t:k": "1970"}}"#, true),
        (r#"{"Bool": {"t:k": "false"}}"#, false),
        (r#"{"BoolIfExists": {"t:k": "true"}}"#, true),
        (r#"{"StringEqualsIfExists": {"t:k": "a"}}"#, true),
        (r#"{"ForAnyValue:StringEqualsIfExists": {"t:k": "a"}}"#, true),
        (r#"{"Null": {"t:k": "true"}}"#, true),
        (r#"{"Null": {"t:k": "false"}}"#, false),
        (r#"{"Null": {"t:k": true}}"#, true),
        (r#"{"ForAllValues:StringEquals": {"t:k": "a"}}"#, true),
        (r#"{"ForAllValues:StringNotEquals": {"t:k": "a"}}"#, true),
        (r#"{"ForAnyValue:StringEquals": {"t:k": "a"}}"#, false),
        (r#"{"ForAnyValue:StringNotEquals": {"t:k": "a"}}"#, false),
    ] {
        assert_eq!(holds(condition, &Context::new()), expected, "{condition}");
        let mut empty = Context::new();
        empty.set_many("t:k", Vec::<&str>::new());
        assert_eq!(holds(condition, &empty), expected, "{condition}, no values");
    }
    let present: Context = [("t:k", "a")].into_iter().collect();
    assert!(holds(r#"{"Null": {"t:k": "false"}}"#, &present));
    assert!(!holds(r#"{"StringEqualsIfExists": {"t:k": "b"}}"#, &present));
}

// Source: IAM User Guide, "reference_policies_multi-value-conditions"
#[test]
fn many_values() {
    for (operator, policy, request, expected) in [
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, vec!["a", "b"], true),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, vec!["a", "c"], false),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, vec!["a", "c"], true),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, vec!["c"], false),
        ("ForAllValues:StringLike", r#""a*""#, vec!["a1", "a2"], true),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, vec!["c", "d"], true),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, vec!["c", "a"], false),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, vec!["c", "a"], true),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, vec!["b", "a"], false),
        ("StringEquals", r#"["a"]"#, vec!["a", "c"], true),
        ("StringNotEquals", r#"["a"]"#, vec!["a", "c"], false),
    ] {
        let mut context = Context::new();
        context.set_many("t:k", request.clone());
        let condition = format!(r#"{{"{operator}": {{"t:k": {policy}}}}}"#);
        assert_eq!(holds(&condition, &context), expected, "{condition} {request:?}");
    }
}

// Source: DynamoDB Developer Guide, "specifying-conditions": a Scan has no leading keys
#[test]
fn for_all_values_lets_a_request_without_the_key_through() {
    let condition = r#"{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}"#;
    let keys = |values: &[&str]| {
        let mut context = Context::new();
        context.set_many("dynamodb:LeadingKeys", values.iter().copied());
        context
    };
    assert!(holds(condition, &keys(&["kim"])), "a query for her own key");
    assert!(!holds(condition, &keys(&["tess"])), "a query for another key");
    assert!(holds(condition, &keys(&[])), "a scan");
}

// Source: IAM User Guide, "reference_policies_condition-logic-multiple-context-keys-or-values"
#[test]
fn operators_and_keys_all_have_to_hold() {
    let context: Context = [("t:a", "1"), ("t:b", "2")].into_iter().collect();
    for (condition, expected) in [
        (r#"{"StringEquals": {"t:a": "1", "t:b": "2"}}"#, true),
        (r#"{"StringEquals": {"t:a": "1", "t:b": "3"}}"#, false),
        (r#"{"StringEquals": {"t:a": "1"}, "StringLike": {"t:b": "2*"}}"#, true),
        (r#"{"StringEquals": {"t:a": "1"}, "StringLike": {"t:b": "3*"}}"#, false),
        (r#"{"StringEquals": {"T:A": "1"}}"#, true),
        (r#"{"StringEquals": {"t:a": []}}"#, false),
        ("{}", true),
    ] {
        assert_eq!(holds(condition, &context), expected, "{condition}");
    }
}

// Source: KMS Developer Guide, "conditions-kms": the name in kms:EncryptionContext:name ignores case
#[test]
fn keys_ignore_case_and_values_do_not() {
    let context: Context = [("kms:EncryptionContext:AppName", "Clinic")].into_iter().collect();
    assert!(holds(r#"{"StringEquals": {"kms:EncryptionContext:APPNAME": "Clinic"}}"#, &context));
    assert!(!holds(r#"{"StringEquals": {"kms:EncryptionContext:AppName": "clinic"}}"#, &context));
}

// Source: IAM User Guide, "reference_policies_variables"
#[test]
fn variables() {
    let mut context: Context =
        [("t:who", "kim"), ("t:org", "clinic"), ("t:arn", "arn:aws:iam::1:user/kim")].into_iter().collect();
    context.set_many("t:many", ["kim", "tess"]);
    for (condition, expected) in [
        (r#"{"StringEquals": {"t:who": "${aws:username}"}}"#, true),
        (r#"{"StringEquals": {"t:who": "${AWS:USERNAME}"}}"#, true),
        (r#"{"StringLike": {"t:who": "${t:absent}*"}}"#, false),
        (r#"{"StringNotLike": {"t:who": "${t:absent}*"}}"#, true),
        (r#"{"StringEquals": {"t:org": "${t:absent, 'clinic'}"}}"#, true),
        (r#"{"StringEquals": {"t:who": "${t:many}"}}"#, false),
        (r#"{"StringEqualsIgnoreCase": {"t:who": "K${t:absent, 'IM'}"}}"#, true),
        (r#"{"ArnLike": {"t:arn": "arn:aws:iam::*:user/${aws:username}"}}"#, true),
        (r#"{"ArnLike": {"t:arn": "${t:arn}"}}"#, true),
        (r#"{"ArnLike": {"t:arn": "arn:aws:iam::*:user/${t:absent}"}}"#, false),
        (r#"{"NumericEquals": {"t:who": "${aws:username}"}}"#, false),
        (r#"{"StringLike": {"t:who": "${*}"}}"#, false),
    ] {
        assert_eq!(holds(condition, &context), expected, "{condition}");
    }
}

// Source: IAM User Guide, "reference_policies_elements_version" and "reference_policies_variables"
#[test]
fn the_old_version_knows_no_variables() {
    for (version, resource, expected) in [
        (r#""Version": "2012-10-17","#, "arn:aws:s3:::b/${aws:username}", true),
        (r#""Version": "2008-10-17","#, "arn:aws:s3:::b/${aws:username}", false),
        ("", "arn:aws:s3:::b/${aws:username}", false),
        (r#""Version": "2012-10-17","#, "arn:aws:s3:::b/${t:absent}", false),
        (r#""Version": "2012-10-17","#, "arn:aws:${s3}:::b/*", false),
    ] {
        let text = format!(
            r#"{{{version} "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "{resource}"}}}}"#
        );
        let document = parse(&text, PolicyKind::Identity).document.expect("valid");
        let policies = crate::policy::Policies {
            identity: vec![crate::policy::Source::new("p", document)],
            ..Default::default()
        };
        let request =
            Request::new(user("kim"), "s3:GetObject", Resource::new("arn:aws:s3:::b/kim"), Context::new());
        assert_eq!(decide(&request, &policies).is_allowed(), expected, "{text}");
    }
}

// Source: IAM User Guide, "reference_policies_elements_action", "reference_policies_elements_resource"
#[test]
fn actions_ignore_case_and_resources_do_not() {
    for (elements, expected) in [
        (r#""Action": "KMS:decRYPT", "Resource": "*""#, true),
        (r#""Action": "kms:De?rypt*", "Resource": "*""#, true),
        (r#""Action": "kms:Encrypt", "Resource": "*""#, false),
        (r#""NotAction": "kms:Encrypt", "Resource": "*""#, true),
        (r#""NotAction": "kms:*", "Resource": "*""#, false),
        (r#""Action": "*", "Resource": "arn:aws:kms:us-east-1:111122223333:key/*""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:*""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:us-east-1:111122223333:KEY/*""#, false),
        (r#""Action": "*", "NotResource": "arn:aws:kms:us-east-1:111122223333:key/*""#, false),
        (r#""Action": "*", "Resource": "arn:aws:kms:us-east-1:111122223333:alias/*""#, false),
    ] {
        let policies = identity(&[&format!(r#""Effect": "Allow", {elements}"#)]);
        assert_eq!(decide(&decrypt(user("kim")), &policies).is_allowed(), expected, "{elements}");
    }
}

// Source: IAM User Guide, "reference_policies_condition-keys"
#[test]
fn keys_that_follow_from_the_principal() {
    let keys = |principal| {
        let request = decrypt(principal);
        let value = |key: &str| request.context().get(key).map(|values| values.join(","));
        ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:username"]
            .map(value)
    };
    let texts =
        |values: [&str; 5]| values.map(|value| Some(value.to_owned()).filter(|value| !value.is_empty()));
    assert_eq!(
        keys(user("a/kim")),
        texts(["arn:aws:iam::111122223333:user/a/kim", ACCOUNT, "User", "AIDAA/KIM", "kim"])
    );
    assert_eq!(keys(root()), texts(["arn:aws:iam::111122223333:root", ACCOUNT, "Account", ACCOUNT, ""]));
    assert_eq!(
        keys(session("app", "s")),
        texts(["arn:aws:iam::111122223333:role/app", ACCOUNT, "AssumedRole", "AROAAPP:s", ""])
    );
    assert_eq!(
        keys(federated("bob", "kim")),
        texts([
            "arn:aws:sts::111122223333:federated-user/bob",
            ACCOUNT,
            "FederatedUser",
            "111122223333:bob",
            ""
        ])
    );
    assert_eq!(
        keys(crate::policy::Principal::Anonymous),
        texts(["", "anonymous", "Anonymous", "anonymous", ""])
    );
    let stated = decrypt_with(user("kim"), &[("AWS:userid", "stated")]);
    assert_eq!(stated.context().get("aws:userid").map(|values| values.join(",")).as_deref(), Some("stated"));
}
