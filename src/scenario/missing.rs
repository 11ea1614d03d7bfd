//! Every field that is missing from a scenario, in one answer. What reads the types stops at the first.

use std::sync::LazyLock;

use serde_json::Value as Schema;

use super::format;
use crate::limits::scenario::PROBLEMS;
use crate::limits::steps;
use crate::policy::json::{Node, Value};

/// The places of a document, each with what it lacks.
pub(super) type Missing = Vec<(Vec<String>, String)>;

/// Lists the fields that the format requires and the document has not; at most as many as are told.
pub(super) fn fields(root: &Node<'_>) -> Missing {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(format::schema);
    let mut found = Vec::new();
    look(&SCHEMA, root, &mut Vec::new(), &mut found);
    found
}

fn look(schema: &Schema, node: &Node<'_>, path: &mut Vec<String>, found: &mut Missing) {
    steps::add(1);
    if found.len() >= PROBLEMS.size() {
        return;
    }
    let Some(schema) = followed(schema, node) else { return };
    match &node.value {
        Value::Object(_) => {
            let required = schema.get("required").and_then(Schema::as_array).into_iter().flatten();
            let missing = required.filter_map(Schema::as_str).filter(|name| node.get(name).is_none());
            let missing: Vec<&str> = missing.collect();
            if let [first, rest @ ..] = missing.as_slice() {
                let more: Vec<String> = rest.iter().map(|name| format!(", `{name}`")).collect();
                let word = if rest.is_empty() { "field" } else { "fields" };
                let message = match path.last() {
                    None => format!("missing {word} `{first}`{}", more.concat()),
                    Some(_) => format!("missing {word} `{first}`{} in `{}`", more.concat(), path.join(".")),
                };
                // What is missing may be there under a misspelt name.
                let is_known =
                    |name: &str| schema.get("properties").is_some_and(|all| all.get(name).is_some());
                let is_closed = schema.get("additionalProperties") == Some(&Schema::Bool(false));
                for member in node.as_object().into_iter().flatten() {
                    if is_closed && !is_known(&member.name) && found.len() < PROBLEMS.size() {
                        let place = path.iter().cloned().chain([member.name.to_string()]).collect();
                        found.push((place, format!("unknown field `{}`", member.name)));
                    }
                }
                found.push((path.clone(), message));
            }
            let properties = schema.get("properties");
            let others = schema.get("additionalProperties");
            for member in node.as_object().into_iter().flatten() {
                let own = properties.and_then(|all| all.get(&*member.name)).or(others);
                let Some(own) = own else { continue };
                path.push(member.name.to_string());
                look(own, &member.value, path, found);
                path.pop();
            }
        }
        Value::Array(elements) => {
            let Some(items) = schema.get("items") else { return };
            for (number, element) in elements.iter().enumerate() {
                path.push(number.to_string());
                look(items, element, path, found);
                path.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schema that is meant: references followed, of several the one that the value has begun. What is said by choices of
/// fields alone, as of a step, is left to whoever reads it.
fn followed<'s>(schema: &'s Schema, node: &Node<'_>) -> Option<&'s Schema> {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(format::schema);
    let mut schema = schema;
    // No type of the format refers to itself without an object in between.
    for _ in 0..8 {
        if let Some(name) = schema.get("$ref").and_then(Schema::as_str).and_then(|at| at.strip_prefix('#')) {
            schema = SCHEMA.pointer(name)?;
            continue;
        }
        let choices = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(*word)).and_then(Schema::as_array);
        let Some(choices) = choices else { return Some(schema) };
        if schema.get("properties").is_some() {
            return Some(schema);
        }
        let fields: Vec<&str> = node.as_object().into_iter().flatten().map(|member| &*member.name).collect();
        let begun = |choice: &&Schema| {
            let named = choice.get("properties").and_then(Schema::as_object);
            let is_null = choice.get("type").and_then(Schema::as_str) == Some("null");
            let fits =
                |all: &serde_json::Map<String, Schema>| fields.iter().any(|field| all.contains_key(*field));
            choice.get("$ref").is_some() || (!is_null && named.is_some_and(fits))
        };
        schema = choices.iter().find(begun)?;
    }
    None
}
