//! Files that parameters of the console name.

use std::path::Path;

use crate::console::run;
use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, listed, nested};

/// Runs a line with the name of a file that holds the input in it.
fn with_file(input: &[u8], line: impl Fn(&Path) -> String) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("f");
    std::fs::write(&path, input).expect("written");
    run(&line(&path))
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "file://",
        read: |input| {
            with_file(input, |path| {
                format!("aws dynamodb put-item --table-name T_T --item file://{}", path.display())
            })
        },
        repeat: Made(|size| {
            listed(size, r#"{"Id": {"S": "a"}, "L": {"L": ["#, "]}}", |_| r#"{"S": "b"}"#.to_owned())
        }),
        nest: Made(|size| nested(size, r#"{"M": {"a": "#, "", "}}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""f{number}": {{"N": "{number}"}}"#))),
        long_token: Made(|size| filled(size, r#"{"Id": {"S": "a"}, "N": {"S": ""#, "\u{e4}", r#""}}"#)),
    },
    Reader {
        name: "fileb://",
        read: |input| {
            with_file(input, |path| {
                format!("aws kms encrypt --key-id alias/none --plaintext fileb://{}", path.display())
            })
        },
        repeat: Made(|size| filled(size, "", "\r\n", "")),
        nest: Lacks("bytes are taken as they are"),
        widen: Made(|size| (0..=255).cycle().take(size).collect()),
        long_token: Made(|size| vec![0; size]),
    },
    Reader {
        name: "--cli-input-json",
        read: |input| {
            with_file(input, |path| format!("aws dynamodb put-item --cli-input-json file://{}", path.display()))
        },
        repeat: Made(|size| {
            let open = r#"{"TableName": "T_T", "Item": {"Id": {"S": "a"}, "L": {"L": ["#;
            listed(size, open, "]}}}", |_| r#"{"S": "b"}"#.to_owned())
        }),
        nest: Made(|size| nested(size, r#"{"Item": "#, "1", "}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""F{number}": {number}"#))),
        long_token: Made(|size| filled(size, r#"{"TableName": ""#, "a", r#""}"#)),
    },
    Reader {
        name: "file in shorthand",
        read: |input| {
            with_file(input, |path| {
                format!("aws dynamodb get-item --table-name T_T --key 'Id={{S@=file://{}}}'", path.display())
            })
        },
        repeat: Made(|size| filled(size, "", "a=b,", "")),
        nest: Lacks("the file is one text, whatever stands in it"),
        widen: Made(|size| filled(size, "", "\u{e4}\u{f6}\u{fc}\n", "")),
        long_token: Made(|size| filled(size, "", "a", "")),
    },
];
