//! JSON that a person writes by hand: policies, scenarios, settings.

use kmslab::policy::json;

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

/// Reads a text. Too many errors and too many levels are the limits.
fn read(input: &[u8]) -> Result<(), String> {
    let reading = json::read(json::utf8(input).expect("text"));
    match reading.errors.last() {
        Some(error) if error.message.contains("the limit `") => Err(error.message.clone()),
        Some(_) | None => Ok(()),
    }
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "JSON",
        read,
        repeat: Made(|size| listed(size, "[", "]", |_| r#"{"a":[1,"b"]}"#.to_owned())),
        nest: Made(|size| nested(size, r#"{"a":["#, "", "]}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""a{number}":{number}"#))),
        long_token: Made(|size| filled(size, "\"", "\\u0061", "\"")),
    },
    Reader {
        name: "JSON, errors",
        read,
        repeat: Made(|size| listed(size, "[", "]", |_| r#""\q""#.to_owned())),
        nest: Made(|size| nested(size, "[", "", "}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!(r#""a":{number}"#))),
        long_token: Made(|size| filled(size, "\"", "\\q", "\"")),
    },
];
