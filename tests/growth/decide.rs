//! Lines of `kmslab decide`.

use kmslab::cli::decide::answer_lines;
use kmslab::cloud::reference;
use serde_json::Value;

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

const CALL: &str = r#""principal":"arn:aws:iam::111122223333:user/kim","action":"s3:GetObject""#;
const REQUEST: &str = r#""request":{"principal":"arn:aws:iam::111122223333:user/kim","action":"s3:GetObject","resource":"arn:aws:s3:::bucket/key"}"#;
const SAME: &str = r#"{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}"#;

/// Answers one line. The message of an answer that is an error is a refusal, unless it says what is wrong with a document.
pub fn decide(line: &[u8], explain: bool) -> Result<(), String> {
    let mut out = Vec::new();
    answer_lines(explain, reference(), line, &mut out).expect("memory takes everything");
    let answer: Value = serde_json::from_slice(&out).expect("one JSON answer");
    match answer["error"].as_str() {
        Some(message) if message.contains("the limit `") => Err(message.to_owned()),
        Some(_) | None => Ok(()),
    }
}

/// A line with an identity policy of these statements.
fn with_statements(size: usize, statement: impl Fn(usize) -> String) -> Vec<u8> {
    let open = format!(r#"{{{REQUEST},"identityPolicies":[{{"Version":"2012-10-17","Statement":["#);
    listed(size, &open, "]}]}", statement)
}

/// A line with so many policies of some length.
fn with_policies(size: usize, policy: impl Fn(usize) -> String) -> Vec<u8> {
    listed(size, &format!(r#"{{{REQUEST},"identityPolicies":["#), "]}", policy)
}

fn policy(number: usize) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"S{number}","Effect":"Allow","Action":"s3:Put*","Resource":"*"}}]}}"#
    )
}


/// A line of which half are values of one condition, and half are values of its key.
fn values(size: usize, operator: &str, wanted: fn(usize) -> String, found: fn(usize) -> String) -> Vec<u8> {
    let open = format!(r#"{{{REQUEST_OPEN},"context":{{"a:c":"x","a:b":["#);
    let mut line = listed(size / 2, &open, "]}}", found);
    let policy = format!(
        r#","identityPolicies":[{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"a:b":["#
    );
    line.extend(listed(size / 2, &policy, "]}}}]}]}", wanted));
    line
}

const REQUEST_OPEN: &str =
    r#""request":{"principal":"arn:aws:iam::111122223333:user/kim","action":"s3:GetObject","resource":"*""#;

pub const READERS: &[Reader] = &[
    Reader {
        name: "decide, policies",
        read: |line| decide(line, false),
        repeat: Made(|size| with_policies(size, |_| policy(0))),
        nest: Made(|size| nested(size, r#"{"id":["#, "", "]}")),
        widen: Made(|size| with_policies(size, policy)),
        long_token: Made(|size| filled(size, &format!(r#"{{{REQUEST},"id":""#), "a", "\"}")),
    },
    Reader {
        name: "decide --explain",
        read: |line| decide(line, true),
        repeat: Made(|size| with_policies(size, |_| policy(0))),
        nest: Made(|size| {
            listed(size, &format!(r#"{{{REQUEST},"scps":["#), "]}", |number| format!("[{}]", policy(number)))
        }),
        widen: Made(|size| with_policies(size, policy)),
        long_token: Made(|size| {
            filled(size, &format!(r#"{{"request":{{{CALL},"resource":"arn:aws:s3:::"#), "a/", "\"}}")
        }),
    },
    Reader {
        name: "decide, statements",
        read: |line| decide(line, true),
        repeat: Made(|size| with_statements(size, |_| SAME.to_owned())),
        nest: Made(|size| with_statements(size, |_| "[[[[[[[[]]]]]]]]".to_owned())),
        widen: Made(|size| with_statements(size, |number| SAME.replace("PutObject", &format!("Put{number}")))),
        long_token: Made(|size| {
            filled(
                size,
                &format!(r#"{{{REQUEST},"identityPolicies":[{{"Statement":{{"Sid":""#),
                "a",
                "\"}}]}",
            )
        }),
    },
    Reader {
        name: "decide, context",
        read: |line| decide(line, false),
        repeat: Made(|size| {
            listed(
                size,
                &format!(r#"{{"request":{{{CALL},"resource":"*","context":{{"a:b":["#),
                "]}}}",
                |_| "\"v\"".to_owned(),
            )
        }),
        nest: Made(|size| nested(size, r#"{"request":{"context":"#, "1", "}}")),
        widen: Made(|size| {
            listed(size, &format!(r#"{{"request":{{{CALL},"resource":"*","context":{{"#), "}}}", |number| {
                format!("\"a:b{number}\":\"v\"")
            })
        }),
        long_token: Made(|size| {
            filled(size, &format!(r#"{{"request":{{{CALL},"resource":"*","context":{{"a:b":""#), "v", "\"}}}")
        }),
    },
    Reader {
        // Every value of the request against every value of the policy.
        name: "decide, conditions",
        read: |line| decide(line, false),
        repeat: Made(|size| {
            values(
                size,
                "ForAllValues:StringLike",
                |number| format!("\"a{number}*\""),
                |number| format!("\"b{number}\""),
            )
        }),
        nest: Made(|size| {
            values(
                size,
                "ForAllValues:StringNotEquals",
                |_| "\"${a:c}\"".to_owned(),
                |number| format!("\"{number}\""),
            )
        }),
        widen: Made(|size| {
            values(
                size,
                "ForAnyValue:StringLike",
                |number| format!("\"*{number}?x\""),
                |number| format!("\"{number}\""),
            )
        }),
        long_token: Made(|size| {
            values(
                size,
                "ForAllValues:StringLike",
                |number| format!("\"{}{number}*\"", "a".repeat(200)),
                |number| format!("\"{}{number}\"", "a".repeat(100)),
            )
        }),
    },
];
