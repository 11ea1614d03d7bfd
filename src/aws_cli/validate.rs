//! What the CLI finds wrong with an input before it sends anything.

use serde_json::{Value, json};

use super::model::{Service, Shape, Type};
use super::python;
use super::usage_error::UsageError;

/// Checks an input, and puts times as the wire has them.
pub fn finish(service: &Service, kind: Type<'_>, input: &mut Value) -> Result<(), UsageError> {
    let mut faults = Vec::new();
    validate(service, "", kind, None, input, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(UsageError::Validation(faults)) }
}

/// Checks a value. `least` is its least length, or if it is a number its least value.
///
/// The length of blobs is left to the service.
// Source: botocore, validate.py: `_validate_blob` looks at the type alone.
fn validate(
    service: &Service,
    path: &str,
    kind: Type<'_>,
    least: Option<i64>,
    value: &mut Value,
    faults: &mut Vec<String>,
) {
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
        (Type::Shape(Shape::Structure { members, required, least, .. }), Value::Object(fields)) => {
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
                    let least = least.get(name).copied();
                    validate(service, &inner(name), service.kind(kind), least, value, faults);
                }
            }
        }
        (Type::Shape(Shape::Map { map, each }), Value::Object(fields)) => {
            for (name, value) in fields {
                validate(service, &inner(name), service.kind(map), Some(*each), value, faults);
            }
        }
        (Type::Shape(Shape::Structure { .. } | Shape::Map { .. }), other) => {
            faults.push(wrong(other, "<class 'dict'>"));
        }
        (Type::Shape(Shape::List { list, least, each }), Value::Array(elements)) => {
            faults.extend(too_short(place, elements.len(), *least));
            for (index, value) in elements.iter_mut().enumerate() {
                let path = format!("{path}[{index}]");
                validate(service, &path, service.kind(list), Some(*each), value, faults);
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
        (Type::Text, Value::String(text)) => {
            faults.extend(least.and_then(|least| too_short(place, text.chars().count(), least)));
        }
        (Type::Integer | Type::Float, Value::Number(number)) => {
            let is_small = |least: &i64| number.as_i64().is_some_and(|number| number < *least);
            faults.extend(least.filter(is_small).map(|least| {
                format!("Invalid value for parameter {place}, value: {number}, valid min value: {least}")
            }));
        }
        (Type::Timestamp, value) => {
            let time = match &*value {
                Value::String(text) => epoch(text),
                number @ Value::Number(_) => Some(number.clone()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            };
            match time {
                Some(time) => *value = time,
                None => faults.push(wrong(value, "<class 'datetime.datetime'>, timestamp-string")),
            }
        }
        _ => {}
    }
}

fn too_short(place: &str, length: usize, least: i64) -> Option<String> {
    let is_short = usize::try_from(least).is_ok_and(|least| length < least);
    is_short
        .then(|| format!("Invalid length for parameter {place}, value: {length}, valid min length: {least}"))
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
