use super::*;
use crate::policy::Severity;

/// The codes of the errors, and of the warnings, in order of place.
fn codes(text: &str, kind: PolicyKind) -> (Vec<&'static str>, Vec<&'static str>) {
    let parsed = parse(text, kind);
    let of = |severity| {
        let list = parsed.diagnostics.iter().filter(|found| found.severity == severity);
        list.map(|found| found.code).collect::<Vec<_>>()
    };
    assert_eq!(parsed.document.is_none(), !of(Severity::Error).is_empty(), "{text}");
    (of(Severity::Error), of(Severity::Warning))
}

fn statement(elements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": {{{elements}}}}}"#)
}

// Sources: IAM User Guide, "reference_policies_grammar"; KMS API Reference, PutKeyPolicy
#[test]
fn what_the_shape_of_a_policy_demands() {
    use PolicyKind::{Identity, Resource, Trust};
    let whole = |text: &str| text.to_owned();
    for (text, kind, expected) in [
        (whole("{"), Identity, "invalid-json"),
        (whole("[]"), Identity, "not-a-policy"),
        (whole("{}"), Identity, "missing-statement"),
        (whole(r#"{"Statement": []}"#), Identity, "empty-statement"),
        (whole(r#"{"Statement": [1]}"#), Identity, "bad-statement"),
        (statement(r#""Action": "a:b", "Resource": "*""#), Identity, "missing-effect"),
        (statement(r#""Effect": "allow", "Action": "a:b", "Resource": "*""#), Identity, "effect-case"),
        (statement(r#""Effect": "Permit", "Action": "a:b", "Resource": "*""#), Identity, "bad-effect"),
        (statement(r#""Effect": "Allow", "Resource": "*""#), Identity, "missing-action"),
        (statement(r#""Effect": "Allow", "Action": "a:b""#), Identity, "missing-resource"),
        (
            statement(r#""Effect": "Allow", "Action": "ab", "Resource": "*""#),
            Identity,
            "action-without-vendor",
        ),
        (
            statement(r#""Effect": "Allow", "Action": "a:b:c", "Resource": "*""#),
            Identity,
            "action-with-colons",
        ),
        (statement(r#""Effect": "Allow", "Action": "a*:b", "Resource": "*""#), Identity, "bad-action"),
        (statement(r#""Effect": "Allow", "Action": "a:b", "Resource": "b""#), Identity, "bad-resource"),
        (
            statement(r#""Effect": "Allow", "Action": "a:b", "NotAction": "a:c", "Resource": "*""#),
            Identity,
            "both-forms",
        ),
        (
            statement(r#""Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*""#),
            Identity,
            "prohibited-principal",
        ),
        (statement(r#""Effect": "Allow", "Action": "a:b", "Resource": "*""#), Resource, "missing-principal"),
        (
            statement(r#""Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*""#),
            Trust,
            "prohibited-resource",
        ),
        (
            statement(
                r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}, "Action": "a:b", "Resource": "*""#,
            ),
            Resource,
            "bad-principal",
        ),
        (
            statement(
                r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:group/g"}, "Action": "a:b", "Resource": "*""#,
            ),
            Resource,
            "bad-principal",
        ),
        (
            statement(
                r#""Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"Sounds": {"a:b": "c"}}"#,
            ),
            Identity,
            "bad-operator",
        ),
        (
            statement(
                r#""Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"NullIfExists": {"a:b": "true"}}"#,
            ),
            Identity,
            "bad-operator",
        ),
        (statement(r#""Effect": "Allow", "Action": "a:b", "Resource": "urn:b""#), Identity, "not-arn"),
        (
            statement(r#""Effect": "Allow", "Action": "a:b", "Resource": "*", "Extra": 1"#),
            Identity,
            "unknown-element",
        ),
        (whole(r#"{"Version": "2012-10-18", "Statement": []}"#), Identity, "bad-version"),
    ] {
        assert_eq!(codes(&text, kind).0.first(), Some(&expected), "{text}");
    }
}

// Source: KMS API Reference, PutKeyPolicy: a statement without Resource or Action is accepted, without effect
#[test]
fn a_resource_policy_may_lack_actions_or_resources() {
    let text = statement(r#""Effect": "Allow", "Principal": "*""#);
    assert_eq!(codes(&text, PolicyKind::Resource), (vec![], vec!["missing-action", "missing-resource"]));
}

#[test]
fn a_value_no_operator_can_read_is_a_warning() {
    for (operator, value) in [
        ("NumericEquals", "many"),
        ("DateLessThan", "soon"),
        ("Bool", "yes"),
        ("IpAddress", "10.0.0.0/33"),
        ("BinaryEquals", "*"),
        ("ArnLike", "arn:aws:iam"),
        ("Null", "maybe"),
    ] {
        let condition = format!(r#""Condition": {{"{operator}": {{"a:b": "{value}"}}}}"#);
        let text = statement(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "*", {condition}"#));
        let code = if operator == "DateLessThan" { "bad-date" } else { "bad-value" };
        assert_eq!(codes(&text, PolicyKind::Identity), (vec![], vec![code]), "{operator}");
    }
}

// Source: documents that IAM was recorded to accept, moto's tests/test_iam/test_iam_policies.py
#[test]
fn what_iam_accepts_without_effect_is_a_warning() {
    for (condition, code) in [
        (r#"{"Bool": {"ab": "true"}}"#, "key-without-vendor"),
        (r#"{"Sounds": {}}"#, "bad-operator"),
        (r#"{"StringLike": {"a:b": []}}"#, "no-values"),
    ] {
        let elements =
            format!(r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}"#);
        assert_eq!(codes(&statement(&elements), PolicyKind::Identity), (vec![], vec![code]), "{condition}");
    }
}

#[test]
fn everything_keeps_its_place() {
    let text = r#"{"Id": "i", "Statement": [{"Sid": "s", "Effect": "Deny", "Action": ["a:b", "c:*"],
        "NotResource": "arn:aws:s3:::b", "Condition": {"StringLike": {"aws:x": ["1", 2]}}}]}"#;
    let document = parse(text, PolicyKind::Identity).document.expect("valid");
    let statement = &document.statements[0];
    assert_eq!(document.version, Version::V2008);
    assert!(statement.span.of(text).starts_with("{\"Sid\"") && statement.span.of(text).ends_with("}}}"));
    assert_eq!(statement.sid.as_ref().map(|sid| sid.span.of(text)), Some("\"s\""));
    assert_eq!(statement.actions.patterns[1].source.span.of(text), "\"c:*\"");
    assert_eq!(
        statement.resources.span.map(|span| span.of(text)),
        Some("\"NotResource\": \"arn:aws:s3:::b\"")
    );
    assert_eq!(statement.conditions[0].span.of(text), r#""aws:x": ["1", 2]"#);
    assert_eq!(&*statement.conditions[0].values[1].text, "2");
}
