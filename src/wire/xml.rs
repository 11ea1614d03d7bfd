//! The answers of the Query protocol: XML after the model of the output.

use serde_json::Value;

use super::percent::encode;
use super::spoken::Spoken;
use crate::aws_cli::model::{SERVICES, Service, Shape, Type};
use crate::aws_cli::print::is_document;
use crate::cloud::ApiError;

/// Writes the answer of an operation.
// Source: Smithy, "AWS query protocol", response serialization
pub fn answer(spoken: &Spoken, namespace: &str, operation: &str, output: &Value, id: &str) -> String {
    let mut out = format!("<{operation}Response xmlns=\"{namespace}\">");
    let service = SERVICES.get(spoken.service);
    let shape = service.and_then(|service| service.operations.get(operation)?.output.as_deref());
    if let (Some(service), Some(shape)) = (service, shape) {
        let writer = Writer { service, documents: spoken.service == "iam" };
        writer.element(&mut out, &format!("{operation}Result"), service.kind(shape), output);
    }
    out.push_str("<ResponseMetadata>");
    tagged(&mut out, "RequestId", |out| out.push_str(&escaped(id)));
    out.push_str("</ResponseMetadata></");
    out.push_str(operation);
    out.push_str("Response>");
    out
}

/// Writes the error of an operation.
pub fn error(namespace: &str, error: &ApiError, id: &str) -> String {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        escaped(&error.code),
        escaped(&error.message),
        escaped(id)
    )
}

/// Writes an element around what `inside` writes.
fn tagged(out: &mut String, name: &str, inside: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    inside(out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

struct Writer<'a> {
    service: &'a Service,
    /// Whether policy documents are percent-encoded, as IAM does. Source: IAM API Reference, GetRolePolicy.
    documents: bool,
}

impl Writer<'_> {
    fn element(&self, out: &mut String, name: &str, kind: Type<'_>, value: &Value) {
        tagged(out, name, |out| self.content(out, name, kind, value));
    }

    fn content(&self, out: &mut String, name: &str, kind: Type<'_>, value: &Value) {
        match (kind, value) {
            (Type::Shape(Shape::Structure { members, .. }), Value::Object(fields)) => {
                for (member, of) in members {
                    if let Some(value) = fields.get(member).filter(|value| !value.is_null()) {
                        self.element(out, member, self.service.kind(of.as_str().unwrap_or("string")), value);
                    }
                }
            }
            (Type::Shape(Shape::List { list, .. }), Value::Array(elements)) => {
                for element in elements {
                    self.element(out, "member", self.service.kind(list), element);
                }
            }
            (Type::Shape(Shape::Map { map, .. }), Value::Object(entries)) => {
                for (key, value) in entries {
                    tagged(out, "entry", |out| {
                        tagged(out, "key", |out| out.push_str(&escaped(key)));
                        self.element(out, "value", self.service.kind(map), value);
                    });
                }
            }
            (Type::Timestamp, Value::Number(seconds)) => {
                out.push_str(&seconds.as_f64().and_then(iso).unwrap_or_default());
            }
            (_, Value::String(text)) if self.documents && is_document(name) => {
                out.push_str(&encode(text.as_bytes(), b""));
            }
            (_, Value::String(text)) => out.push_str(&escaped(text)),
            (_, scalar) => out.push_str(&escaped(&scalar.to_string())),
        }
    }
}

/// A time as the Query protocol writes it: `2026-11-21T21:00:00Z`.
fn iso(seconds: f64) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "out of range saturates, then Timestamp refuses it")]
    let time = jiff::Timestamp::from_second(seconds.floor() as i64).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Text for XML. Characters that XML 1.0 cannot hold become `?`.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn iam(operation: &str, output: &Value) -> String {
        answer(Spoken::of("iam").expect("IAM"), "urn:iam", operation, output, "r-1")
    }

    #[test]
    fn an_answer_follows_the_model() {
        let role = json!({"Role": {
            "AssumeRolePolicyDocument": "{\"a\": 1}", "RoleName": "R<1>", "Path": "/", "MaxSessionDuration": 3600,
            "CreateDate": 1_767_603_600.0, "Tags": [{"Key": "a", "Value": "b & c"}], "Description": null,
        }});
        assert_eq!(
            iam("GetRole", &role),
            "<GetRoleResponse xmlns=\"urn:iam\"><GetRoleResult><Role><Path>/</Path><RoleName>R&lt;1&gt;</RoleName>\
             <CreateDate>2026-01-05T09:00:00Z</CreateDate>\
             <AssumeRolePolicyDocument>%7B%22a%22%3A%201%7D</AssumeRolePolicyDocument>\
             <MaxSessionDuration>3600</MaxSessionDuration>\
             <Tags><member><Key>a</Key><Value>b &amp; c</Value></member></Tags></Role></GetRoleResult>\
             <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetRoleResponse>"
        );
    }

    #[test]
    fn an_operation_without_output_has_no_result() {
        assert_eq!(
            iam("DeleteUser", &json!({})),
            "<DeleteUserResponse xmlns=\"urn:iam\"><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>\
             </DeleteUserResponse>"
        );
    }
}
