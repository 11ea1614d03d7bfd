//! DynamoDB expressions: conditions, filters, key conditions, projections and updates.
//!
//! | file | what |
//! |---|---|
//! | `lexer` | text to tokens |
//! | `parser` | tokens to conditions, paths and updates, names and values put in |
//! | `condition` | what a condition says of an item |
//! | `key` | the conditions that `Query` takes |
//! | `path` | document paths: read, project, change |
//! | `update` | `SET`, `REMOVE`, `ADD` and `DELETE` |
//!
//! Everything DynamoDB's grammar has is understood. The legacy parameters that expressions replace are no part of this.
//
// Source: DynamoDB Developer Guide, "Using expressions in DynamoDB". Messages: recorded against DynamoDB by the tests
// of the open-source emulator dynalite.

mod condition;
mod key;
mod lexer;
mod parser;
mod path;
mod reserved;
mod update;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use condition::{Comparator, Condition, matches};
pub use key::{KeyCondition, SortCondition, SortOperator};
pub use path::{Path, Step, project};
pub use update::{Update, apply};

use super::invalid::Invalid;
use super::value::AttributeValue;
use super::wire::{Checks, WireItem};

/// The placeholders of a request, `#name` and `:value`, and which of them its expressions used.
#[derive(Debug)]
pub struct Placeholders {
    names: BTreeMap<String, String>,
    values: BTreeMap<String, AttributeValue>,
    used: BTreeSet<String>,
    any_expression: bool,
}

impl Placeholders {
    /// Checks `ExpressionAttributeNames` and `ExpressionAttributeValues`.
    pub fn new(
        names: Option<&BTreeMap<String, String>>,
        values: Option<&WireItem>,
        checks: Checks,
    ) -> Result<Self, Invalid> {
        for (what, empty, keys, sign) in [
            ("ExpressionAttributeNames", names.is_some_and(BTreeMap::is_empty), keys(names), '#'),
            ("ExpressionAttributeValues", values.is_some_and(BTreeMap::is_empty), keys(values), ':'),
        ] {
            if empty {
                return Err(Invalid(format!("{what} must not be empty")));
            }
            for key in keys {
                let mut letters = key.chars();
                if letters.next() != Some(sign)
                    || key.len() < 2
                    || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
                {
                    return Err(Invalid(format!(
                        "{what} contains invalid key: Syntax error; key: \"{key}\""
                    )));
                }
            }
        }
        values.into_iter().flat_map(BTreeMap::values).try_for_each(|value| value.check_first(checks))?;
        let mut checked = BTreeMap::new();
        for (key, value) in values.into_iter().flatten() {
            let value = value.check(checks).map_err(|e| {
                Invalid(format!("ExpressionAttributeValues contains invalid value: {e} for key {key}"))
            })?;
            checked.insert(key.clone(), value);
        }
        Ok(Self {
            names: names.cloned().unwrap_or_default(),
            values: checked,
            used: BTreeSet::new(),
            any_expression: false,
        })
    }

    /// Reads a condition; `what` names the parameter in messages, such as `FilterExpression`.
    pub fn condition(
        &mut self,
        what: &'static str,
        text: Option<&str>,
    ) -> Result<Option<Condition>, Invalid> {
        self.read(what, text, &mut |parser| parser.condition())
    }

    /// Reads the paths of a `ProjectionExpression`.
    pub fn projection(&mut self, text: Option<&str>) -> Result<Option<Vec<Path>>, Invalid> {
        self.read("ProjectionExpression", text, &mut |parser| parser.projection())
    }

    /// Reads the text of an `UpdateExpression`.
    pub fn update(&mut self, text: Option<&str>) -> Result<Option<Update>, Invalid> {
        self.read("UpdateExpression", text, &mut |parser| parser.update())
    }

    fn read<T>(
        &mut self,
        what: &'static str,
        text: Option<&str>,
        parse: &mut dyn FnMut(&mut parser::Parser<'_>) -> Result<T, Invalid>,
    ) -> Result<Option<T>, Invalid> {
        let Some(text) = text else { return Ok(None) };
        self.any_expression = true;
        let mut parser = parser::Parser::new(what, text, self)?;
        let parsed = parse(&mut parser)?;
        parser.end()?;
        Ok(Some(parsed))
    }

    /// Refuses placeholders that no expression used. Call it when all expressions are read.
    pub fn finish(&self) -> Result<(), Invalid> {
        for (what, keys) in [
            ("ExpressionAttributeNames", keys(Some(&self.names))),
            ("ExpressionAttributeValues", keys(Some(&self.values))),
        ] {
            if !self.any_expression && !keys.is_empty() {
                return Err(Invalid(format!("{what} can only be specified when using expressions")));
            }
            let unused: Vec<&str> = keys.into_iter().filter(|key| !self.used.contains(*key)).collect();
            if !unused.is_empty() {
                return Err(Invalid(format!(
                    "Value provided in {what} unused in expressions: keys: {{{}}}",
                    unused.join(", ")
                )));
            }
        }
        Ok(())
    }

    fn name(&mut self, placeholder: &str) -> Option<String> {
        self.used.insert(placeholder.to_owned());
        self.names.get(placeholder).cloned()
    }

    fn value(&mut self, placeholder: &str) -> Option<AttributeValue> {
        self.used.insert(placeholder.to_owned());
        self.values.get(placeholder).cloned()
    }
}

fn keys<V>(map: Option<&BTreeMap<String, V>>) -> Vec<&str> {
    map.into_iter().flat_map(BTreeMap::keys).map(String::as_str).collect()
}
