//! Whether a value conforms to a JSON Schema, for the few words that the schema of scenarios uses. Any other word is a
//! failure of the test: it would have to be read here first.

use serde_json::Value;

/// Says everything in which a value does not conform to `schema`, each with its place. `root` holds the definitions.
pub(super) fn faults(root: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let words = match schema {
        Value::Bool(true) => return Vec::new(),
        Value::Bool(false) => return vec![format!("{place}: must not be there")],
        words @ (Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            words.as_object().expect("a schema is an object or a truth value")
        }
    };
    let mut found = Vec::new();
    for (word, wanted) in words {
        let at = |inner: &str| format!("{place}/{inner}");
        let holds = match (word.as_str(), value) {
            ("$ref", _) => {
                let pointer =
                    wanted.as_str().and_then(|text| text.strip_prefix('#')).expect("a place in this file");
                found.extend(faults(root, root.pointer(pointer).expect(pointer), value, place));
                true
            }
            ("type", _) => {
                one_or_many(wanted).iter().any(|kind| is_of(kind.as_str().expect("a word"), value))
            }
            ("const", _) => value == wanted,
            ("enum", _) => list(wanted).contains(value),
            ("oneOf", _) => fitting(root, wanted, value) == 1,
            ("anyOf", _) => fitting(root, wanted, value) > 0,
            ("properties", Value::Object(fields)) => {
                for (name, schema) in wanted.as_object().expect("properties") {
                    found.extend(
                        fields.get(name).iter().flat_map(|field| faults(root, schema, field, &at(name))),
                    );
                }
                true
            }
            ("additionalProperties", Value::Object(fields)) => {
                let known = words.get("properties").and_then(Value::as_object);
                for (name, field) in
                    fields.iter().filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                {
                    found.extend(faults(root, wanted, field, &at(name)));
                }
                true
            }
            ("propertyNames", Value::Object(fields)) => {
                let named = |name: &String| faults(root, wanted, &Value::String(name.clone()), &at(name));
                found.extend(fields.keys().flat_map(named));
                true
            }
            ("required", Value::Object(fields)) => {
                list(wanted).iter().filter_map(Value::as_str).all(|name| fields.contains_key(name))
            }
            ("minProperties", Value::Object(fields)) => fields.len() as u64 >= number(wanted),
            ("items", Value::Array(elements)) => {
                let element = |(index, element): (usize, &Value)| {
                    faults(root, wanted, element, &at(&index.to_string()))
                };
                found.extend(elements.iter().enumerate().flat_map(element));
                true
            }
            ("minItems", Value::Array(elements)) => elements.len() as u64 >= number(wanted),
            ("maxItems", Value::Array(elements)) => elements.len() as u64 <= number(wanted),
            ("minLength", Value::String(text)) => text.chars().count() as u64 >= number(wanted),
            ("maxLength", Value::String(text)) => text.chars().count() as u64 <= number(wanted),
            ("pattern", Value::String(text)) => fits(wanted.as_str().expect("a pattern"), text),
            ("minimum", Value::Number(one)) => one.as_u64().is_some_and(|one| one >= number(wanted)),
            ("maximum", Value::Number(one)) => one.as_u64().is_some_and(|one| one <= number(wanted)),
            // Words that say nothing of a value, and what is said of another type than the value's.
            (
                "$schema"
                | "$defs"
                | "title"
                | "description"
                | "default"
                | "format"
                | "properties"
                | "additionalProperties"
                | "propertyNames"
                | "required"
                | "minProperties"
                | "items"
                | "minItems"
                | "maxItems"
                | "minLength"
                | "maxLength"
                | "pattern"
                | "minimum"
                | "maximum",
                _,
            ) => true,
            (other, _) => panic!("the schema says `{other}`, which this test cannot read"),
        };
        if !holds {
            found.push(format!("{place}: {word} {wanted}"));
        }
    }
    found
}

/// How many of several schemas a value conforms to.
fn fitting(root: &Value, schemas: &Value, value: &Value) -> usize {
    list(schemas).iter().filter(|schema| faults(root, schema, value, "").is_empty()).count()
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the schema has the type `{other}`, which this test does not know"),
    }
}

fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a natural number")
}

/// A pattern of the schema with the function that tells whether a text has it.
type Pattern = (&'static str, fn(&str) -> bool);

/// The patterns of the schema, each with what it means.
pub(super) const PATTERNS: [Pattern; 8] = [
    ("^https://", |text| text.starts_with("https://")),
    ("^vpce-", |text| text.starts_with("vpce-")),
    ("^vpc-", |text| text.starts_with("vpc-")),
    ("^alias/", |text| text.starts_with("alias/")),
    ("^[0-9]{12}$", |text| text.len() == 12 && digits(text)),
    ("^[a-z][a-z0-9-]{2,39}$", |text| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && (3..=40).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    }),
    ("^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$", |text| {
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        matches!(lengths.as_slice(), [4, 2] | [4, 2, 2]) && parts.iter().all(|part| digits(part))
    }),
    (r"^\+?([0-9]+[ywdhms])+$", |text| {
        let mut parts =
            text.strip_prefix('+').unwrap_or(text).split_inclusive(['y', 'w', 'd', 'h', 'm', 's']);
        let is_part = |part: &str| {
            part.len() > 1 && digits(&part[..part.len() - 1]) && !digits(&part[part.len() - 1..])
        };
        !text.is_empty() && parts.all(is_part)
    }),
];

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn fits(pattern: &str, text: &str) -> bool {
    let known = PATTERNS.iter().find(|(known, _)| *known == pattern);
    let (_, holds) =
        known.unwrap_or_else(|| panic!("the schema has the pattern {pattern}: add it to PATTERNS"));
    holds(text)
}
