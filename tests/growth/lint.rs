//! Policy documents, reviewed.

use crate::frame::{Reader, Shape::Made, command, filled, listed, nested};

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":["#;
const ONE_OPEN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Resource":"*","#;

/// Reviews a file and prints what was found. A limit that ended the review stands among the findings.
fn lint(input: &[u8], arguments: &[&str]) -> Result<(), String> {
    let (_, out) = command(&["lint"], "policy.json", input, arguments)?;
    assert!(out.len() <= MOST_PRINTED * input.len(), "{} bytes for {}", out.len(), input.len());
    let out = String::from_utf8(out).expect("text");
    let ended = out.lines().find(|line| line.contains("the limit `") && !line.contains("`lint-findings`"));
    ended.map_or(Ok(()), |line| Err(line.to_owned()))
}

/// How many bytes of output a byte of input can have, with the smallest input here: each finding has a line of 120 columns,
/// another with its marks, and a message.
const MOST_PRINTED: usize = 64;

fn statement(number: usize) -> String {
    format!(
        r#"{{"Sid":"S{number}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:role/r{number}"}},"Action":"kms:Decrypt","Resource":"*"}}"#
    )
}

const SAME: &str = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

const KEYS: &str = r#""Action":"kms:Decrypt","Condition":{"StringLike":{"#;

const ROLE: &str =
    r#"{"Effect":"Allow","Principal":{"AWS":"${Role}"},"Action":"kms:Decrypt","Resource":"*"}"#;

pub const READERS: &[Reader] = &[
    Reader {
        name: "lint, statements",
        read: |input| lint(input, &["--kind", "kms-key"]),
        repeat: Made(|size| listed(size, OPEN, "]}", |_| SAME.to_owned())),
        nest: Made(|size| nested(size, r#"{"Statement":["#, SAME, "]}")),
        widen: Made(|size| listed(size, OPEN, "]}", statement)),
        long_token: Made(|size| filled(size, r#"{"Version":"2012-10-17","Statement":[{"Sid":""#, "a", "\"}]}")),
    },
    Reader {
        name: "lint, resource policy",
        read: |input| lint(input, &["--kind", "resource"]),
        repeat: Made(|size| listed(size, OPEN, "]}", |_| SAME.replace("kms", "sqs"))),
        nest: Made(|size| nested(size, r#"{"Version":"2012-10-17","Statement":{"Condition":"#, "{}", "}}")),
        widen: Made(|size| {
            listed(size, OPEN, "]}", |number| statement(number).replace("kms:Decrypt", "s3:GetObject"))
        }),
        long_token: Made(|size| filled(size, &format!("{ONE_OPEN}\"Action\":\"s3:"), "a*", "\"}]}")),
    },
    Reader {
        name: "lint, actions",
        read: |input| lint(input, &["--kind", "kms-key"]),
        repeat: Made(|size| {
            listed(size, &format!("{ONE_OPEN}\"Action\":["), "]}]}", |_| "\"kms:Nope\"".to_owned())
        }),
        nest: Made(|size| nested(size, "[", "", "]")),
        widen: Made(|size| {
            listed(size, &format!("{ONE_OPEN}\"Action\":["), "]}]}", |number| format!("\"kms:Nope{number}\""))
        }),
        long_token: Made(|size| filled(size, &format!("{ONE_OPEN}\"Action\":\"kms:"), "a", "\"}]}")),
    },
    Reader {
        name: "lint, conditions",
        read: |input| lint(input, &["--kind", "kms-key", "--format", "json"]),
        repeat: Made(|size| {
            listed(size, &format!("{ONE_OPEN}{KEYS}"), "}}}]}", |_| r#""aws:SourceIp":"1""#.to_owned())
        }),
        nest: Made(|size| nested(size, r#"{"Statement":{"Condition":"#, "1", "}}")),
        widen: Made(|size| {
            listed(size, &format!("{ONE_OPEN}{KEYS}"), "}}}]}", |number| {
                format!("\"aws:Nope{number}\":\"a*\"")
            })
        }),
        long_token: Made(|size| {
            filled(size, &format!("{ONE_OPEN}{KEYS}\"aws:SourceArn\":\""), "${a:b}*", "\"}}}]}")
        }),
    },
    Reader {
        name: "lint, broken JSON",
        read: |input| lint(input, &["--format", "sarif"]),
        repeat: Made(|size| listed(size, "[", "]", |_| r#""\q\q\q\q""#.to_owned())),
        nest: Made(|size| nested(size, r#"{"a":["#, "", "]}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!("\"a\":{number}"))),
        long_token: Made(|size| filled(size, "\"", "\\q", "\"")),
    },
    Reader {
        name: "lint, templates",
        read: |input| lint(input, &["--kind", "iam-trust"]),
        repeat: Made(|size| listed(size, OPEN, "]}", |_| ROLE.to_owned())),
        nest: Made(|size| nested(size, r#"{"Policy":"#, SAME, "}")),
        widen: Made(|size| listed(size, OPEN, "]}", |number| ROLE.replace("Role", &format!("Role{number}")))),
        long_token: Made(|size| filled(size, "{\"Statement\":[{\"Sid\":\"", "${a} <", "\"}]}")),
    },
];
