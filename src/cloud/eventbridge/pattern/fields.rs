//! A pattern as a tree of fields, and events held against it.

use serde_json::Value;

use super::wanted::Wanted;
use crate::limits::steps;

/// An event pattern that was read from its text.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPattern {
    pub(super) root: Fields,
    /// The paths of which `{"exists": false}` is asked.
    pub(super) absent: Vec<Vec<String>>,
}

/// What is asked of one object: all of its fields, and of each `$or` one of the alternatives.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub all: Vec<(String, Field)>,
    pub either: Vec<Vec<Fields>>,
}

/// What is asked of one field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    /// Of the object that it holds.
    Inside(Fields),
    /// To be one of these.
    OneOf(Vec<Wanted>),
}

impl EventPattern {
    /// Tells whether an event matches.
    pub fn matches(&self, event: &Value) -> bool {
        // Asked once of the whole event: a field is absent only if no object of a list has it.
        // Source: aws/event-ruler, README, "Exists matching", and its ACFinder, which asks for the names of the whole event.
        let absent: Vec<bool> = self.absent.iter().map(|path| !is_there(Some(event), path)).collect();
        self.root.hold_of(Some(event), &absent)
    }
}

impl Fields {
    /// Tells whether the fields hold of a value. Of a list, one of its objects must have all of them.
    // Source: aws/event-ruler, README, "JSON Array Matching": fields of different elements are not matched together
    fn hold_of(&self, value: Option<&Value>, absent: &[bool]) -> bool {
        let objects = objects(value);
        if objects.is_empty() {
            return self.hold_of_one(None, absent);
        }
        objects.into_iter().any(|object| self.hold_of_one(Some(object), absent))
    }

    fn hold_of_one(&self, object: Option<&Value>, absent: &[bool]) -> bool {
        steps::add(1 + self.all.len());
        let has = |(name, field): &(String, Field)| {
            let value = object.and_then(|object| object.get(name));
            match field {
                Field::Inside(fields) => fields.hold_of(value, absent),
                Field::OneOf(wanted) => {
                    let leaves = leaves(value);
                    wanted.iter().any(|wanted| {
                        if let Wanted::Absent(path) = wanted {
                            absent.get(*path).copied().unwrap_or_default()
                        } else {
                            leaves.iter().any(|leaf| wanted.is(leaf))
                        }
                    })
                }
            }
        };
        let one_of =
            |alternatives: &Vec<Self>| alternatives.iter().any(|fields| fields.hold_of_one(object, absent));
        self.all.iter().all(has) && self.either.iter().all(one_of)
    }
}

/// Tells whether a path leads to a value that is no object.
// Source: User Guide, eb-create-pattern-operators, "Exists matching": it "only works on leaf nodes"
fn is_there(value: Option<&Value>, path: &[String]) -> bool {
    match path.split_first() {
        None => !leaves(value).is_empty(),
        Some((name, rest)) => objects(value).into_iter().any(|object| is_there(object.get(name), rest)),
    }
}

/// The objects that a value is or, as a list, holds.
fn objects(value: Option<&Value>) -> Vec<&Value> {
    values(value).into_iter().filter(|value| value.is_object()).collect()
}

/// The values without parts that a value is or, as a list, holds.
fn leaves(value: Option<&Value>) -> Vec<&Value> {
    values(value).into_iter().filter(|value| !value.is_object()).collect()
}

/// A value; of a list its elements, those of lists in it included.
fn values(value: Option<&Value>) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut left: Vec<&Value> = value.into_iter().collect();
    while let Some(value) = left.pop() {
        match value.as_array() {
            Some(elements) => left.extend(elements.iter().rev()),
            None => found.push(value),
        }
    }
    steps::add(found.len());
    found
}
