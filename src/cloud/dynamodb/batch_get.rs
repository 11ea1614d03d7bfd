//! `BatchGetItem`: items of one or more tables by their keys.
//!
//! Source: DynamoDB API Reference, `BatchGetItem`; texts from paritysuite/dynamodb-conformance, tests/tier3, unless a line
//! says otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::expression::{Path, Placeholders, project};
use super::items::attributes;
use super::logged;
use super::many::{DUPLICATES, Tables, check_distinct, map_key_fault};
use super::request::{
    CAPACITY_WORDS, ConsumedCapacity, count_faults, read_units, table_permission, with_item_keys,
    with_optional, word_fault,
};
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem, check_attributes};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// Most keys in one request.
const MAX_KEYS: usize = 100;

/// Most bytes of items in one answer; what does not fit comes back as unprocessed.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The keys that are asked for in one table, and which attributes of the items.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct KeysAndAttributes {
    pub keys: Vec<WireItem>,
    /// Refused: expressions replaced it.
    pub attributes_to_get: Option<Value>,
    /// Costs double; the simulation is always consistent.
    pub consistent_read: Option<bool>,
    pub projection_expression: Option<String>,
    /// Attribute names by their `#name` placeholders.
    pub expression_attribute_names: Option<BTreeMap<String, String>>,
}

/// The request of `BatchGetItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchGetItemRequest {
    /// Keys by the name of their table, or its ARN.
    pub request_items: BTreeMap<String, KeysAndAttributes>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
}

/// The response of `BatchGetItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BatchGetItemResponse {
    /// The items that there are, by table.
    pub responses: BTreeMap<String, Vec<Item>>,
    /// What did not fit into the answer.
    pub unprocessed_keys: BTreeMap<String, KeysAndAttributes>,
    /// The cost in each table, if asked for.
    pub consumed_capacity: Option<Vec<ConsumedCapacity>>,
}

/// What is asked of one table, checked as far as it can be without the table.
struct Asked<'a> {
    table: &'a str,
    block: &'a KeysAndAttributes,
    paths: Option<Vec<Path>>,
    keys: Vec<Item>,
}

impl BatchGetItemRequest {
    fn check_shape(&self) -> Result<(), ApiError> {
        let shown = serde_json::to_string(&self.request_items).unwrap_or_default();
        let capacity =
            word_fault(self.return_consumed_capacity.as_deref(), "returnConsumedCapacity", &CAPACITY_WORDS);
        let names = map_key_fault(self.request_items.keys(), Some(&shown));
        count_faults(&names.into_iter().chain(capacity).collect::<Vec<_>>())?;
        let length = |member: &str, constraint: &str| {
            ApiError::constraint(None, member, format_args!("Member must have length {constraint}"))
        };
        if self.request_items.is_empty() {
            return Err(length("RequestItems", "greater than or equal to 1"));
        }
        for (table, block) in &self.request_items {
            let member = format!("RequestItems.{table}.member.Keys");
            if block.keys.is_empty() {
                return Err(length(&member, "greater than or equal to 1"));
            }
            if block.keys.len() > MAX_KEYS {
                return Err(length(&member, "less than or equal to 100"));
            }
        }
        // Source: the emulator dynalite, tests recorded against DynamoDB.
        if self.request_items.values().map(|block| block.keys.len()).sum::<usize>() > MAX_KEYS {
            return Err(ApiError::validation("Too many items requested for the BatchGetItem call"));
        }
        Ok(())
    }

    fn read(&self) -> Result<Vec<Asked<'_>>, ApiError> {
        let mut asked = Vec::new();
        for (table, block) in &self.request_items {
            if block.attributes_to_get.is_some() {
                return Err(ApiError::validation(
                    "AttributesToGet: not simulated here; use ProjectionExpression",
                ));
            }
            let names = block.expression_attribute_names.as_ref();
            let mut placeholders = Placeholders::new(names, None, Checks::Newer)?;
            let paths = placeholders.projection(block.projection_expression.as_deref())?;
            placeholders.finish()?;
            let keys: Result<Vec<_>, _> =
                block.keys.iter().map(|key| check_attributes(key, Checks::Newer)).collect();
            asked.push(Asked { table, block, paths, keys: keys? });
        }
        Ok(asked)
    }
}

impl Operation for BatchGetItemRequest {
    const READ_ONLY: bool = true;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.check_shape()?;
        let permissions = self.request_items.iter().map(|(table, block)| {
            let projection = block.projection_expression.as_deref();
            let projected = attributes(block.expression_attribute_names.as_ref(), projection);
            let permission = table_permission(invocation, Self::NAME, table)?;
            let permission = with_item_keys(invocation, permission, table, &block.keys, projected);
            let select = projection.map(|_| "SPECIFIC_ATTRIBUTES");
            let permission = with_optional(permission, "dynamodb:Select", select);
            let capacity = self.return_consumed_capacity.as_deref();
            Ok(with_optional(permission, "dynamodb:ReturnConsumedCapacity", capacity))
        });
        permissions.collect()
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<BatchGetItemResponse, ApiError> {
        let asked = self.read()?;
        let tables = Tables::look_up(invocation, asked.iter().map(|asked| asked.table))?;
        for asked in &asked {
            let table = tables.table(invocation, asked.table)?;
            asked.keys.iter().try_for_each(|key| table.check_key(key))?;
            check_distinct(asked.keys.iter().map(|key| (asked.table, key)), DUPLICATES)?;
        }
        let mut opened = tables.open(invocation)?;
        let mut response = BatchGetItemResponse::default();
        let mut bytes = 0;
        for Asked { table, block, paths, keys } in asked {
            let mut items = Vec::new();
            let mut left: Vec<WireItem> = Vec::new();
            for (key, wire) in keys.iter().zip(&block.keys) {
                let item = opened.read(invocation, table, key)?;
                let size = item.as_ref().map_or(0, item_size);
                if bytes + size > MAX_BYTES {
                    left.push(wire.clone());
                    continue;
                }
                bytes += size;
                opened.charge(invocation, table, read_units(size, block.consistent_read))?;
                items.extend(
                    item.map(|item| paths.as_ref().map_or_else(|| item.clone(), |p| project(&item, p))),
                );
            }
            response.responses.insert(table.to_owned(), items);
            if !left.is_empty() {
                let rest = KeysAndAttributes { keys: left, ..block.clone() };
                response.unprocessed_keys.insert(table.to_owned(), rest);
            }
        }
        response.consumed_capacity = opened.costs(self.return_consumed_capacity.as_deref());
        Ok(response)
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        let tables = self.request_items.iter().map(|(table, block)| {
            let keys: Vec<Value> = block.keys.iter().map(logged::values).collect();
            let mut of_table = json!({"keys": keys});
            if let Some(projection) = &block.projection_expression {
                of_table["projectionExpression"] = json!(projection);
            }
            if let Some(names) = &block.expression_attribute_names {
                of_table["expressionAttributeNames"] = json!(names);
            }
            (table.clone(), of_table)
        });
        logged::of_items(self, Self::RECORDED, &Value::Object(tables.collect()))
    }
}
