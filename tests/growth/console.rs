//! Lines at the console, and what their parameters hold.

use std::sync::Arc;

use kmslab::aws_cli::{Console, RealFiles, Typing, empty_world};
use kmslab::cloud::Fidelity;

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

/// Runs a line in an account that has a table.
pub fn run(line: &str) -> Result<(), String> {
    let clock = "2026-01-05T09:00:00Z".parse().expect("a time");
    let (mut world, names) = empty_world(0, clock, Fidelity::instant());
    let mut console = Console::new(names, "root", Arc::new(RealFiles));
    console.run(
        &mut world,
        "aws dynamodb create-table --table-name T_T --billing-mode PAY_PER_REQUEST \
         --attribute-definitions AttributeName=Id,AttributeType=S --key-schema AttributeName=Id,KeyType=HASH",
    );
    let reply = console.run(&mut world, line);
    if reply.text.contains("the limit `") { Err(reply.text) } else { Ok(()) }
}

/// Runs a line with the input as the value of a parameter.
fn parameter(before: &str, input: &[u8]) -> Result<(), String> {
    run(&format!("{before}'{}'", std::str::from_utf8(input).expect("text")))
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "console line",
        read: |input| run(std::str::from_utf8(input).expect("text")),
        repeat: Made(|size| filled(size, "echo", " 'a b' \"$X$(true)\" \\c", "")),
        nest: Made(|size| nested(size, "$(echo ", "", ")")),
        widen: Made(|size| {
            let mut text = String::new();
            for number in 0.. {
                let word = format!("A{number}=$A{} ", number / 2);
                if text.len() + word.len() >= size {
                    break;
                }
                text.push_str(&word);
            }
            text.into_bytes()
        }),
        long_token: Made(|size| filled(size, "echo \"", "a\\\"", "\"")),
    },
    Reader {
        name: "console, line by line",
        read: |input| {
            let mut typing = Typing::default();
            for line in std::str::from_utf8(input).expect("text").split_inclusive('\n') {
                typing.add(line);
                let _asked = typing.is_whole();
            }
            Ok(())
        },
        repeat: Made(|size| filled(size, "echo '", "a' 'b\n", "'")),
        nest: Made(|size| nested(size, "$(echo \n", "", ")\n")),
        widen: Made(|size| filled(size, "echo ", "a \\\n", "b")),
        long_token: Made(|size| filled(size, "echo '", "a", "'")),
    },
    Reader {
        name: "--query",
        read: |input| parameter("aws sts get-caller-identity --query ", input),
        repeat: Made(|size| filled(size, "Arn", " || Account", "")),
        nest: Made(|size| nested(size, "[", "Arn", "]")),
        widen: Made(|size| listed(size, "{", "}", |number| format!("f{number}: Arn"))),
        long_token: Made(|size| filled(size, "`\"", "a\\`", "\"`")),
    },
    Reader {
        name: "shorthand",
        read: |input| parameter("aws dynamodb get-item --table-name T_T --key ", input),
        repeat: Made(|size| filled(size, "Id=", "{S=a},Id=", "b")),
        nest: Made(|size| nested(size, "Id={M={", "", "}}")),
        widen: Made(|size| listed(size, "", "", |number| format!("f{number}=[a,\"b\"]"))),
        long_token: Made(|size| filled(size, "Id=\"", "a\\\"", "\"")),
    },
    Reader {
        name: "item",
        read: |input| parameter("aws dynamodb put-item --table-name T_T --item ", input),
        repeat: Made(|size| {
            listed(size, r#"{"Id": {"S": "a"}, "L": {"L": ["#, "]}}", |_| r#"{"S": "b"}"#.to_owned())
        }),
        nest: Made(|size| nested(size, r#"{"M": {"a": "#, "", "}}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""f{number}": {{"N": "{number}"}}"#))),
        long_token: Made(|size| filled(size, r#"{"Id": {"S": "a"}, "N": {"N": ""#, "1", r#""}}"#)),
    },
    Reader {
        name: "policy in a parameter",
        read: |input| parameter("aws iam create-policy --policy-name p --policy-document ", input),
        repeat: Made(|size| {
            let statement = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
            listed(size, r#"{"Version": "2012-10-17", "Statement": ["#, "]}", |_| statement.to_owned())
        }),
        nest: Made(|size| nested(size, r#"{"Statement": ["#, "", "]}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""f{number}": []"#))),
        long_token: Made(|size| filled(size, r#"{"Version": ""#, "a", r#""}"#)),
    },
];
