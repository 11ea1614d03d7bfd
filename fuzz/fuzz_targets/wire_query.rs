//! Any form as a request of the Query protocol: it is refused, or what was read is written as a form and read again as the
//! same.
#![no_main]

use kmslab::wire::percent::encode;
use kmslab::wire::{Request, route};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// A request of IAM or STS.
fn request(body: &[u8]) -> Request {
    let header = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![header],
        body: body.to_vec(),
    }
}

/// Writes an input behind the parameters that are there.
fn write(name: &str, value: &Value, form: &mut String) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(field, value)| write(&below(field), value, form)),
        Value::Array(elements) if elements.is_empty() => *form += &format!("&{name}="),
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                write(&below(&format!("member.{}", at + 1)), element, form);
            }
        }
        Value::String(text) => *form += &format!("&{name}={}", encode(text.as_bytes(), b"")),
        scalar => *form += &format!("&{name}={scalar}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = within(64, bytes.len(), || route(&request(bytes))) else { return };
    let version = if read.spoken.service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let mut form = format!("Action={}&Version={version}", encode(read.operation.as_bytes(), b""));
    write("", &read.input, &mut form);
    let again = route(&request(form.as_bytes())).expect("it was written here");
    assert_eq!(again, read, "{form}");
});
