//! Requests to `kmslab serve`: JSON, forms, signatures.

use jiff::Timestamp;
use kmslab::serve::journal::Unread;
use kmslab::wire::sigv4::{SigningKey, presented};
use kmslab::wire::{Request, route};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, listed, nested};

fn request(method: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    Request {
        method: method.to_owned(),
        path: "/".to_owned(),
        query: query.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_vec(),
    }
}

/// Finds the operation and its input. What is no such request is answered; what is too large names the limit.
fn found(request: &Request) -> Result<(), String> {
    match route(request) {
        Err(lost) if lost.error.message.contains("the limit `") => Err(lost.error.message),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn json(body: &[u8]) -> Result<(), String> {
    let headers =
        [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "DynamoDB_20120810.PutItem")];
    found(&request("POST", "", &headers, body))
}

fn form(body: &[u8]) -> Result<(), String> {
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    found(&request("POST", "", &headers, body))
}

/// A signature in the header, over a query that is signed with it.
#[expect(clippy::unnecessary_wraps, reason = "all readers are of one type")]
fn signed(query: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(query);
    let credential = "AKIAIOSFODNN7EXAMPLE/20261121/us-east-1/sts/aws4_request";
    let header =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=00");
    let headers =
        [("host", "127.0.0.1"), ("x-amz-date", "20261121T215247Z"), ("authorization", header.as_str())];
    let request = request("GET", &text, &headers, b"");
    let now: Timestamp = "2026-11-21T21:52:47Z".parse().expect("a time");
    match presented(&request) {
        Ok(Some(found)) => assert!(found.check(&request, &SigningKey::derive(&found, "secret"), now).is_err(), "nobody signs so"),
        Ok(None) => unreachable!("it is signed"),
        // A query that presigns, beside the header.
        Err(_) => {}
    }
    Ok(())
}

/// A state file. What is none of its lines is told with its number; what is too long names the limit.
fn state(input: &[u8]) -> Result<(), String> {
    match kmslab::serve::journal::read(input) {
        Err(Unread::Line(_, why)) if why.contains("the limit `") => Err(why),
        Ok(_) | Err(_) => Ok(()),
    }
}

const BEGINNING: &str = concat!(
    r#"{"kmslab_serve":1,"world":"w","seed":7,"start":"2026-01-05T09:00:00Z","token":"","keys":[]}"#,
    "\n"
);
const CALL: &str = r#"{"call":{"at":"2026-01-05T09:00:00Z","caller":{"Root":"111122223333"},"service":"kms","operation":"ListKeys","context":{},"input":"#;

const ACTION: &str = "Action=CreateUser&Version=2010-05-08&UserName=Bob";

pub const READERS: &[Reader] = &[
    Reader {
        name: "wire, JSON",
        read: json,
        repeat: Made(|size| listed(size, r#"{"Item":{"L":["#, "]}}", |_| r#"{"S":"a"}"#.to_owned())),
        nest: Made(|size| nested(size, r#"{"Item":"#, "1", "}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""k{number}":{{"S":"a"}}"#))),
        long_token: Made(|size| filled(size, r#"{"TableName":""#, "a", r#""}"#)),
    },
    Reader {
        name: "serve, state file",
        read: state,
        repeat: Made(|size| filled(size, BEGINNING, &format!("{CALL}{{}}}}}}\n"), "")),
        nest: Made(|size| nested(size, &format!("{BEGINNING}{CALL}{{\"a\":"), "1", "}")),
        widen: Made(|size| {
            let open = format!("{BEGINNING}{CALL}{{");
            listed(size, &open, "}}}\n", |number| format!("\"k{number}\":1"))
        }),
        long_token: Made(|size| filled(size, &format!("{BEGINNING}{CALL}\""), "a", "\"}}\n")),
    },
    Reader {
        name: "wire, form",
        read: form,
        repeat: Made(|size| filled(size, ACTION, "&Tags.member.1.Key=k", "")),
        nest: Made(|size| filled(size, &format!("{ACTION}&Tags"), ".member.1", "=x")),
        widen: Made(|size| {
            let mut text = ACTION.to_owned();
            for number in 1.. {
                let one = format!("&Tags.member.{number}.Key=k{number}&Tags.member.{number}.Value=v");
                if text.len() + one.len() > size {
                    break;
                }
                text.push_str(&one);
            }
            text.into_bytes()
        }),
        long_token: Made(|size| filled(size, ACTION, "%41", "")),
    },
    Reader {
        name: "wire, signed query",
        read: signed,
        repeat: Made(|size| filled(size, "a=b", "&a=b", "")),
        nest: Lacks("parameters stand beside each other"),
        widen: Made(|size| {
            let mut text = String::from("a=b");
            for number in 0.. {
                let one = format!("&k{number}=v");
                if text.len() + one.len() > size {
                    break;
                }
                text.push_str(&one);
            }
            text.into_bytes()
        }),
        long_token: Made(|size| filled(size, "a=", "%2F", "")),
    },
];
