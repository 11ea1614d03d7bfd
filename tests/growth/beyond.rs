//! What is beyond a limit: one answer that names it, and everything else is answered as before.

use std::io::{self, Read};

use kmslab::cli::decide::answer_lines;
use kmslab::cloud::reference;
use kmslab::limits::{Limit, policy as limits};
use serde_json::{Value, json};

use crate::frame::command;

/// Answers lines, and says how the input ended.
fn answers(input: impl Read, explain: bool) -> (Vec<Value>, io::Result<()>) {
    let mut out = Vec::new();
    let ended = answer_lines(explain, reference(), input, &mut out);
    let lines = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    (lines.map(|line| serde_json::from_slice(line).expect("JSON")).collect(), ended)
}

fn line(id: u32, context: &Value, policies: &[String]) -> String {
    let request = json!({
        "principal": "arn:aws:iam::111122223333:user/kim", "action": "s3:GetObject", "resource": "*", "context": context,
    });
    format!(r#"{{"id":{id},"request":{request},"identityPolicies":[{}]}}"#, policies.join(","))
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// A statement that allows everything if a condition holds.
fn under(condition: &Value) -> String {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}).to_string()
}

fn everything() -> String {
    policy(&[r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned()])
}

#[test]
fn a_line_beyond_a_limit_is_refused_by_name_and_the_others_are_answered() {
    let values = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
    let patterns = |count: usize| (0..count).map(|number| format!("*{number}?x")).collect::<Vec<_>>();
    let variables = policy(&[under(&json!({"StringLike": {"a:b": "${a:b}".repeat(4_000)}}))]);
    let echoes: Vec<String> = (0..600).map(|_| under(&json!({"StringEquals": {"a:b": "x"}}))).collect();
    let long = "v".repeat(60_000);
    let rows: [(&Limit, bool, String); 8] = [
        (&limits::DECIDE_LINE, false, format!("{}{}", line(2, &json!({}), &[]), " ".repeat(4 << 20))),
        (&limits::CONDITION_VALUE, false, line(2, &json!({"a:b": "v".repeat(65_537)}), &[])),
        (
            &limits::IDENTITY_POLICY,
            false,
            line(2, &json!({}), &[everything() + &" ".repeat(262_144)]).replace("]}   ", "]}"),
        ),
        (
            &limits::JSON_DEPTH,
            false,
            line(2, &json!({}), &[format!("{}{}", "[".repeat(200), "]".repeat(200))]),
        ),
        (
            &limits::DECIDE_STEPS,
            false,
            line(
                2,
                &json!({"a:b": values(9_000)}),
                &[policy(&[under(&json!({"ForAnyValue:StringLike": {"a:b": patterns(9_000)}}))])],
            ),
        ),
        (
            &limits::DECIDE_STEPS,
            true,
            line(
                2,
                &json!({"a:b": values(9_000)}),
                &[policy(&[under(&json!({"ForAnyValue:StringLike": {"a:b": patterns(9_000)}}))])],
            ),
        ),
        (&limits::EXPANDED_TEXT, true, line(2, &json!({"a:b": long}), &[variables])),
        (&limits::DECIDE_ANSWER, true, line(2, &json!({"a:b": long}), &[policy(&echoes)])),
    ];
    for (limit, explain, beyond) in rows {
        let name = limit.name;
        // A policy that is too long is so by what stands in it.
        let beyond = if limit == &limits::IDENTITY_POLICY {
            line(2, &json!({}), &[policy(&vec![under(&json!({"Bool": {"a:b": "true"}})); 4_000])])
        } else {
            beyond
        };
        let sound = |id| line(id, &json!({}), &[everything()]);
        let input = [sound(1), beyond, sound(3)].join("\n");
        let (answers, ended) = answers(input.as_bytes(), explain);
        assert!(ended.is_ok(), "{name}");
        let [first, error, last] = answers.as_slice() else { panic!("{name}: {} answers", answers.len()) };
        assert_eq!((&first["decision"], &last["decision"]), (&json!("Allowed"), &json!("Allowed")), "{name}");
        let message = error["error"].as_str().unwrap_or_else(|| panic!("{name}: {error}"));
        assert!(
            message.starts_with("line 2") && message.contains(&format!("the limit `{name}`")),
            "{message}"
        );
        assert_eq!(message.matches("the limit").count(), 1, "{message}");
    }
}

#[test]
fn a_value_as_long_as_it_may_be_is_decided() {
    let sound = line(1, &json!({"a:b": "v".repeat(65_536)}), &[everything()]);
    assert_eq!(answers(sound.as_bytes(), true).0[0]["decision"], "Allowed");
}

#[test]
fn a_line_that_never_ends_is_an_answer_and_the_end() {
    for byte in [0, b'a'] {
        let sound = line(1, &json!({}), &[everything()]) + "\n";
        let memory = allocation_counter::measure(|| {
            let (answers, ended) = answers(sound.as_bytes().chain(io::repeat(byte)), false);
            assert_eq!(answers.len(), 2);
            assert_eq!(answers[0]["decision"], "Allowed");
            let message = answers[1]["error"].as_str().expect("an error");
            assert!(message.contains("line 2: ") && message.contains("the limit `decide-line`"), "{message}");
            let end = ended.expect_err("an end").to_string();
            assert!(end.contains("line 2: ") && end.contains("the limit `decide-skipped`"), "{end}");
        });
        assert!(memory.bytes_max < 32 << 20, "{} bytes", memory.bytes_max);
    }
}

#[test]
fn no_policy_that_aws_takes_meets_the_budget() {
    // The longest key policy is one pattern, and so is the longest managed policy, against the longest value.
    for length in [6_144, 32_768] {
        let pattern = format!("*{}b*", "a?".repeat(length / 2 - 200));
        let context = json!({"a:b": "a".repeat(65_536)});
        let sound = line(1, &context, &[policy(&[under(&json!({"StringLike": {"a:b": pattern}}))])]);
        assert_eq!(answers(sound.as_bytes(), true).0[0]["decision"], "ImplicitlyDenied", "{length}");
    }
    // F5's product: values of a request against patterns of a policy.
    let patterns: Vec<String> = (0..1_500).map(|number| format!("*{number}x")).collect();
    let values: Vec<String> = (0..1_000).map(|number| format!("{number}")).collect();
    let condition = under(&json!({"ForAllValues:StringNotLike": {"a:b": patterns}}));
    let sound = line(1, &json!({"a:b": values}), &[policy(&[condition])]);
    assert_eq!(answers(sound.as_bytes(), true).0[0]["decision"], "Allowed");
}

#[test]
fn lint_shows_a_window_of_each_line_and_some_findings_of_each_kind() {
    let actions: Vec<String> = (0..1_000).map(|number| format!("\"kms:Nope{number}\"")).collect();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Resource":"*","Action":[{}]}}]}}"#,
        actions.join(",")
    );
    let (_, out) =
        command(&["lint", "--kind", "kms-key"], "p.json", policy.as_bytes(), &[]).expect("reviewed");
    let out = String::from_utf8(out).expect("text");
    let most = limits::LINT_COLUMNS.size() + " 1 | ".len();
    for shown in out.lines().filter(|line| line.starts_with(" 1 | ") || line.starts_with("   | ")) {
        assert!(shown.chars().count() <= most, "{shown}");
    }
    let shown =
        out.lines().filter(|line| line.contains("[unknown-action]") && line.contains("p.json:1:")).count();
    assert_eq!(shown, limits::LINT_FINDINGS.size());
    assert!(out.contains("and 950 more [unknown-action], the limit `lint-findings`"), "{out}");
    let (_, out) = command(&["lint", "--kind", "kms-key", "--json"], "p.json", policy.as_bytes(), &[])
        .expect("reviewed");
    let all: Value = serde_json::from_slice(&out).expect("JSON");
    let findings = all[0]["findings"].as_array().expect("a list");
    assert_eq!(findings.iter().filter(|finding| finding["code"] == "unknown-action").count(), 1_000);
}
