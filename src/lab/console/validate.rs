//! What the CLI finds wrong with an input before it sends anything.

use serde_json::{Value, json};

use super::model::{Service, Shape, Type};
use super::params::UsageError;
use super::python;

/// Checks an input, and puts times as the wire has them.
pub fn finish(service: &Service, kind: Type<'_>, input: &mut Value) -> Result<(), UsageError> {
    let mut faults = Vec::new();
    validate(service, "", kind, input, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(UsageError::Validation(faults)) }
}

fn validate(service: &Service, path: &str, kind: Type<'_>, value: &mut Value, faults: &mut Vec<String>) {
    let place = if path.is_empty() { "input" } else { path };
    let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let wrong = |value: &Value, expected: &str| {
        format!(
            "Invalid type for parameter {place}, value: {}, type: <class '{}'>, valid types: {expected}",
            python::display(value),
            python::type_name(value)
        )
    };
    match (kind, value) {
        (Type::Shape(Shape::Structure { members, required, .. }), Value::Object(fields)) => {
            for name in required.iter().filter(|name| !fields.contains_key(name.as_str())) {
                faults.push(format!("Missing required parameter in {place}: \"{name}\""));
            }
            let known: Vec<&str> = members.keys().map(String::as_str).collect();
            for name in fields.keys().filter(|name| !members.contains_key(name.as_str())) {
                let known = known.join(", ");
                faults.push(format!("Unknown parameter in {place}: \"{name}\", must be one of: {known}"));
            }
            for (name, kind) in members {
                if let (Some(value), Some(kind)) = (fields.get_mut(name), kind.as_str()) {
                    validate(service, &inner(name), service.kind(kind), value, faults);
                }
            }
        }
        (Type::Shape(Shape::Map { map }), Value::Object(fields)) => {
            for (name, value) in fields {
                validate(service, &inner(name), service.kind(map), value, faults);
            }
        }
        (Type::Shape(Shape::Structure { .. } | Shape::Map { .. }), other) => {
            faults.push(wrong(other, "<class 'dict'>"));
        }
        (Type::Shape(Shape::List { list }), Value::Array(elements)) => {
            for (index, value) in elements.iter_mut().enumerate() {
                validate(service, &format!("{path}[{index}]"), service.kind(list), value, faults);
            }
        }
        (Type::Shape(Shape::List { .. }), other) => {
            faults.push(wrong(other, "<class 'list'>, <class 'tuple'>"));
        }
        (Type::Text, other) if !other.is_string() => faults.push(wrong(other, "<class 'str'>")),
        (Type::Integer, other) if !other.is_i64() && !other.is_u64() => {
            faults.push(wrong(other, "<class 'int'>"));
        }
        (Type::Float, other) if !other.is_number() => {
            faults.push(wrong(other, "<class 'float'>, <class 'decimal.Decimal'>, <class 'int'>"));
        }
        (Type::Boolean, other) if !other.is_boolean() => faults.push(wrong(other, "<class 'bool'>")),
        (Type::Blob, other) if !other.is_string() => {
            faults.push(wrong(other, "<class 'bytes'>, <class 'bytearray'>, file-like object"));
        }
        (Type::Timestamp, value) => {
            let time = match &*value {
                Value::String(text) => epoch(text),
                number @ Value::Number(_) => Some(number.clone()),
                _ => None,
            };
            match time {
                Some(time) => *value = time,
                None => faults.push(wrong(value, "<class 'datetime.datetime'>, timestamp-string")),
            }
        }
        _ => {}
    }
}

/// Seconds since the epoch of a time as people write it, or of such a number.
fn epoch(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<f64>() {
        return Some(json!(number));
    }
    let time = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| format!("{text}Z").parse())
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .ok()?;
    Some(json!(time.as_second()))
}
