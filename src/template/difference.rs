//! Where two values of a property differ, by path.
//!
//! The order of names, of the elements of a list and of statements means nothing to AWS, and a list of one is its element: so
//! they are no difference here either.
//! Source: IAM User Guide, "Grammar of the IAM JSON policy language", on single values and lists.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use crate::limits::steps;

/// How a value of a world differs from the template's.
/// Source: CloudFormation API Reference, PropertyDifference, `DifferenceType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The world has an element or a member that the template has not.
    Add,
    /// The world lacks what the template has.
    Remove,
    NotEqual,
}

impl Change {
    /// Returns the word of CloudFormation.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Remove => "REMOVE",
            Self::NotEqual => "NOT_EQUAL",
        }
    }

    /// Says what the word means, which reads like an order and is none.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Add => "in the world, not in the template",
            Self::Remove => "in the template, gone in the world",
            Self::NotEqual => "in both, and not the same",
        }
    }
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The names and numbers that lead to the value, as in `/KeyPolicy/Statement/0/Action`.
    pub path: String,
    pub change: Change,
    /// The template's value; null for one that was added.
    pub expected: Value,
    /// The world's value; null for one that was removed.
    pub actual: Value,
}

impl Difference {
    /// Notes a difference at a path; null stands for no value.
    pub fn at(path: &str, expected: &Value, actual: &Value) -> Self {
        let change = match (expected, actual) {
            (Value::Null, _) => Change::Add,
            (_, Value::Null) => Change::Remove,
            _ => Change::NotEqual,
        };
        Self { path: path.to_owned(), change, expected: expected.clone(), actual: actual.clone() }
    }
}

/// The members that tell the elements of a list apart, in policies, tags and key schemas.
const LABELS: [&str; 3] = ["Sid", "Key", "AttributeName"];

/// Returns where a value of a world differs from the template's. Null stands for no value.
pub fn between(path: &str, expected: &Value, actual: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(path, expected, actual, &mut found);
    found
}

fn compare(path: &str, expected: &Value, actual: &Value, found: &mut Vec<Difference>) {
    if meaning(expected) == meaning(actual) {
        return;
    }
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => fields(path, expected, actual, found),
        (Value::Null, _) | (_, Value::Null) => found.push(Difference::at(path, expected, actual)),
        (Value::Array(expected), Value::Array(actual)) => lists(path, expected, actual, found),
        (Value::Array(expected), single) => lists(path, expected, std::slice::from_ref(single), found),
        (single, Value::Array(actual)) => lists(path, std::slice::from_ref(single), actual, found),
        _ => found.push(Difference::at(path, expected, actual)),
    }
}

fn fields(
    path: &str,
    expected: &Map<String, Value>,
    actual: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let added = actual.keys().filter(|name| !expected.contains_key(*name));
    for name in expected.keys().chain(added) {
        let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
        compare(&format!("{path}/{name}"), &of(expected), &of(actual), found);
    }
}

/// An element of a list with its place.
type Element<'v> = (usize, &'v Value);

/// Compares two lists: elements that are the same go together, then those of one label, then two that are left alone.
fn lists(path: &str, expected: &[Value], actual: &[Value], found: &mut Vec<Difference>) {
    let all = |list: &'_ [Value]| -> Vec<usize> { (0..list.len()).collect() };
    let old: Vec<Element<'_>> = all(expected).into_iter().zip(expected).collect();
    let young: Vec<Element<'_>> = all(actual).into_iter().zip(actual).collect();
    let (_, old, young) = paired(old, young, |value| Some(meaning(value).to_string()));
    let (mut pairs, mut old, mut young) = paired(old, young, label);
    if old.len() == 1 && young.len() == 1 {
        pairs.extend(old.pop().zip(young.pop()));
    }
    for ((at, one), (_, other)) in pairs {
        compare(&format!("{path}/{at}"), one, other, found);
    }
    for (at, gone) in old {
        found.push(Difference::at(&format!("{path}/{at}"), gone, &Value::Null));
    }
    for (at, new) in young {
        found.push(Difference::at(&format!("{path}/{at}"), &Value::Null, new));
    }
}

/// Puts elements of one key together. Returns the pairs, and what is left of each list.
fn paired<'v>(
    old: Vec<Element<'v>>,
    young: Vec<Element<'v>>,
    key: impl Fn(&Value) -> Option<String>,
) -> (Vec<(Element<'v>, Element<'v>)>, Vec<Element<'v>>, Vec<Element<'v>>) {
    let mut by_key: BTreeMap<String, VecDeque<Element<'v>>> = BTreeMap::new();
    let mut young_left = Vec::new();
    for element in young {
        match key(element.1) {
            Some(key) => by_key.entry(key).or_default().push_back(element),
            None => young_left.push(element),
        }
    }
    let (mut pairs, mut old_left) = (Vec::new(), Vec::new());
    for element in old {
        let partner = key(element.1).and_then(|key| by_key.get_mut(&key)?.pop_front());
        match partner {
            Some(partner) => pairs.push((element, partner)),
            None => old_left.push(element),
        }
    }
    young_left.extend(by_key.into_values().flatten());
    young_left.sort_by_key(|(at, _)| *at);
    (pairs, old_left, young_left)
}

/// What tells an element apart from the others of its list.
fn label(value: &Value) -> Option<String> {
    let named = LABELS.iter().find_map(|name| value.get(name)?.as_str());
    named.map(str::to_owned)
}

/// A value without what means nothing: the order of names and elements, lists of one, whether a number is in quotes.
fn meaning(value: &Value) -> Value {
    steps::add(1);
    match value {
        Value::Null => Value::Null,
        Value::Bool(value) => Value::String(value.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        Value::String(text) => Value::String(text.clone()),
        Value::Array(values) => {
            let mut all: Vec<(String, Value)> =
                values.iter().map(meaning).map(|value| (value.to_string(), value)).collect();
            all.sort_by(|(one, _), (other, _)| one.cmp(other));
            all.dedup_by(|(one, _), (other, _)| one == other);
            let mut all: Vec<Value> = all.into_iter().map(|(_, value)| value).collect();
            if all.len() == 1 { all.pop().unwrap_or_default() } else { Value::Array(all) }
        }
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            Value::Object(sorted.into_iter().map(|(name, value)| (name.clone(), meaning(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(expected: &Value, actual: &Value) -> Vec<String> {
        let word = |found: &Difference| {
            format!("{} {} {} {}", found.path, found.change.word(), found.expected, found.actual)
        };
        between("/P", expected, actual).iter().map(word).collect()
    }

    #[test]
    fn what_means_the_same_is_no_difference() {
        for (one, other) in [
            (json!("a"), json!(["a"])),
            (json!(["a", "b"]), json!(["b", "a", "a"])),
            (json!({"A": 1, "B": "true"}), json!({"B": true, "A": "1"})),
            (json!([{"Sid": "1"}, {"Sid": "2"}]), json!([{"Sid": "2"}, {"Sid": "1"}])),
        ] {
            assert_eq!(said(&one, &other), [] as [&str; 0], "{one} {other}");
        }
    }

    #[test]
    fn a_difference_has_the_path_that_leads_to_it() {
        for (one, other, expected) in [
            (json!("a"), json!("b"), vec![r#"/P NOT_EQUAL "a" "b""#]),
            (json!(null), json!("b"), vec![r#"/P ADD null "b""#]),
            (json!({"A": 1}), json!({"B": 1}), vec!["/P/A REMOVE 1 null", "/P/B ADD null 1"]),
            (json!(["a", "b"]), json!(["b", "c"]), vec![r#"/P/0 NOT_EQUAL "a" "c""#]),
            (json!("a"), json!(["a", "c"]), vec![r#"/P/1 ADD null "c""#]),
            (json!(["a", "b", "c"]), json!("c"), vec![r#"/P/0 REMOVE "a" null"#, r#"/P/1 REMOVE "b" null"#]),
            (
                json!([{"Sid": "x", "Action": "a"}, {"Sid": "y", "Action": "a"}]),
                json!([{"Sid": "y", "Action": ["a", "b"]}, {"Sid": "x", "Action": "a"}, {"Sid": "z"}]),
                vec![r#"/P/1/Action/1 ADD null "b""#, r#"/P/2 ADD null {"Sid":"z"}"#],
            ),
        ] {
            assert_eq!(said(&one, &other), expected, "{one} {other}");
        }
    }
}
