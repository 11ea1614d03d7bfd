//! From a response to what the CLI prints: AWS's order of fields, times as text, `--query`, and the three formats.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::model::{Service, Shape, Type};
use super::table::{is_scalar, scalar, table};
use crate::limits::Exceeded;
use crate::limits::console::PRINTED;
use crate::limits::sink::pretty;

/// A response as the CLI holds it: fields in AWS's order, times in ISO 8601, IAM's policy documents as objects.
pub fn shaped(service: &Service, output: Option<&str>, response: Value, is_iam: bool) -> Value {
    let kind = output.map_or(Type::Text, |name| service.kind(name));
    shape(service, kind, response, is_iam)
}

fn shape(service: &Service, kind: Type<'_>, value: Value, is_iam: bool) -> Value {
    match (kind, value) {
        (Type::Shape(Shape::Structure { members, .. }), Value::Object(mut fields)) => {
            let mut ordered = Map::new();
            for (name, kind) in members {
                if let Some(value) = fields.shift_remove(name).filter(|value| !value.is_null()) {
                    let value = match (is_iam && is_document(name), value) {
                        (true, Value::String(text)) => {
                            serde_json::from_str(&text).unwrap_or(Value::String(text))
                        }
                        (_, value) => {
                            shape(service, service.kind(kind.as_str().unwrap_or("string")), value, is_iam)
                        }
                    };
                    ordered.insert(name.clone(), value);
                }
            }
            ordered.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
            Value::Object(ordered)
        }
        (Type::Shape(Shape::List { list, .. }), Value::Array(elements)) => {
            let kind = service.kind(list);
            elements.into_iter().map(|value| shape(service, kind, value, is_iam)).collect()
        }
        (Type::Shape(Shape::Map { map, .. }), Value::Object(fields)) => {
            let kind = service.kind(map);
            fields.into_iter().map(|(name, value)| (name, shape(service, kind, value, is_iam))).collect()
        }
        (Type::Timestamp, Value::Number(number)) => {
            number.as_f64().and_then(iso).map_or(Value::Number(number), Value::String)
        }
        (_, value) => value,
    }
}

/// Policies that IAM returns as text and the CLI shows as objects.
pub fn is_document(field: &str) -> bool {
    matches!(field, "PolicyDocument" | "AssumeRolePolicyDocument" | "Document")
}

/// Seconds since the epoch as the CLI prints them: `2026-01-05T09:00:00+00:00`, with microseconds if there are any.
fn iso(seconds: f64) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "out of range saturates, then Timestamp refuses it")]
    let time = jiff::Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()?;
    let fraction = time.subsec_microsecond();
    let text = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    Some(if fraction == 0 { format!("{text}+00:00") } else { format!("{text}.{fraction:06}+00:00") })
}

/// The response in one of the CLI's formats. `operation` is the title of a table.
///
/// What is printed may be far longer than the value: each level is indented, each cell is as wide as its column.
pub fn print(format: &str, operation: &str, value: &Value) -> Result<String, Exceeded> {
    match format {
        // Source: aws-cli, version 2.34: only errors are printed.
        "off" => Ok(String::new()),
        "text" => {
            let mut out = String::new();
            text(value, None, None, &mut out)?;
            Ok(out)
        }
        "table" => table(operation, value),
        _ if value.as_object().is_some_and(Map::is_empty) => Ok(String::new()),
        _ => Ok(pretty(value, b"    ", &PRINTED)? + "\n"),
    }
}

/// Text: one line a list or object, fields by name, tabs between, each nested part on lines of its own that begin with
/// its name. Source: AWS CLI User Guide, "Setting the AWS CLI output format", text.
fn text(
    value: &Value,
    name: Option<&str>,
    columns: Option<&[String]>,
    out: &mut String,
) -> Result<(), Exceeded> {
    let line = |cells: Vec<String>, out: &mut String| {
        let first = name.map(str::to_uppercase);
        let cells: Vec<String> = first.into_iter().chain(cells).collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
        PRINTED.check(out.len())
    };
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let cells: Vec<String> = match columns {
                Some(columns) => {
                    columns.iter().map(|c| fields.get(c).map_or(String::new(), scalar)).collect()
                }
                None => {
                    names.iter().filter(|n| is_scalar(&fields[**n])).map(|n| scalar(&fields[*n])).collect()
                }
            };
            if !cells.is_empty() {
                line(cells, out)?;
            }
            let mut nested = names.into_iter().filter(|n| !is_scalar(&fields[*n]));
            nested.try_for_each(|name| text(&fields[name], Some(name), None, out))
        }
        Value::Array(elements) if elements.iter().any(Value::is_object) => {
            let fields = elements.iter().filter_map(Value::as_object).flatten();
            let columns: BTreeSet<&String> =
                fields.filter(|(_, value)| is_scalar(value)).map(|(field, _)| field).collect();
            let columns: Vec<String> = columns.into_iter().cloned().collect();
            PRINTED.check(columns.len().saturating_mul(elements.len()))?;
            elements.iter().try_for_each(|element| text(element, name, Some(&columns), out))
        }
        Value::Array(elements) if elements.iter().any(Value::is_array) => {
            let scalars: Vec<String> = elements.iter().filter(|e| is_scalar(e)).map(scalar).collect();
            if !scalars.is_empty() {
                line(scalars, out)?;
            }
            let mut nested = elements.iter().filter(|e| !is_scalar(e));
            nested.try_for_each(|element| text(element, name, None, out))
        }
        Value::Array(elements) if elements.is_empty() => Ok(()),
        Value::Array(elements) => match name {
            Some(_) => elements.iter().try_for_each(|element| line(vec![scalar(element)], out)),
            None => line(elements.iter().map(scalar).collect(), out),
        },
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            line(vec![scalar(other)], out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_lines_and_tabs() {
        for (value, expected) in [
            (json!("x"), "x\n"),
            (json!(null), "None\n"),
            (json!(true), "True\n"),
            (json!(["a", "b", 3]), "a\tb\t3\n"),
            (json!({"B": 1, "A": "x"}), "x\t1\n"),
            (json!({"Keys": [{"KeyId": "1", "KeyArn": "a"}, {"KeyId": "2"}]}), "KEYS\ta\t1\nKEYS\t\t2\n"),
            (json!({"PolicyNames": ["default", "x"]}), "POLICYNAMES\tdefault\nPOLICYNAMES\tx\n"),
            (json!([["a", "b"], ["c", null]]), "a\tb\nc\tNone\n"),
            (json!([]), ""),
            (json!({"M": {"N": {"O": 1}}}), "N\t1\n"),
        ] {
            assert_eq!(print("text", "X", &value).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn json_has_four_spaces_and_an_empty_answer_is_nothing() {
        let print = |value| print("json", "X", &value).expect("short");
        assert_eq!(print(json!({"a": [1]})), "{\n    \"a\": [\n        1\n    ]\n}\n");
        assert_eq!(print(json!({})), "");
        assert_eq!(print(json!(null)), "null\n");
    }

    /// What is small as a value and huge in print: indented deeply, as wide as its widest cell, with many columns.
    #[test]
    fn what_would_be_too_long_in_print_is_not_printed() {
        let mut deep = json!(vec![0; 50_000]);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        let fields: Vec<Value> = (0..10_000).map(|n| json!({(format!("f{n}")): 1})).collect();
        let wide: Vec<Value> =
            (0..1_000).map(|n| json!(if n == 0 { "x".repeat(50_000) } else { "y".to_owned() })).collect();
        let ragged: Vec<Value> = (0..5_000).map(|n| json!(vec![1; if n == 0 { 5_000 } else { 1 }])).collect();
        for (format, value) in [
            ("json", deep),
            ("text", json!(fields)),
            ("table", json!(fields)),
            ("table", json!(wide)),
            ("table", json!(ragged)),
        ] {
            assert_eq!(print(format, "X", &value), Err(Exceeded(&PRINTED)), "{format}");
        }
    }

    #[test]
    fn times_are_printed_as_the_cli_prints_them() {
        assert_eq!(iso(1_767_603_600.0).as_deref(), Some("2026-01-05T09:00:00+00:00"));
        assert_eq!(iso(1_767_603_600.25).as_deref(), Some("2026-01-05T09:00:00.250000+00:00"));
    }
}
