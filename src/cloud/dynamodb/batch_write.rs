//! `BatchWriteItem`: puts and deletes in one or more tables, each by itself and without conditions.
//!
//! Source: DynamoDB API Reference, `BatchWriteItem`; texts from paritysuite/dynamodb-conformance, tests/tier3 and
//! captures/cross-region-latest.json of 2026-09-20, unless a line says otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::logged;
use super::many::{DUPLICATES, Tables, check_distinct, map_key_fault};
use super::request::{
    CAPACITY_WORDS, ConsumedCapacity, METRICS_WORDS, count_faults, table_permission, with_item_keys,
    with_optional, word_fault, write_units,
};
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem, check_attributes, check_item};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// Most puts and deletes in one request.
const MAX_WRITES: usize = 25;

/// A whole item to store.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PutRequest {
    pub item: WireItem,
}

/// The key of an item to delete.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DeleteRequest {
    pub key: WireItem,
}

/// One write of a batch: exactly one of the two.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct WriteRequest {
    pub put_request: Option<PutRequest>,
    pub delete_request: Option<DeleteRequest>,
}

/// The request of `BatchWriteItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchWriteItemRequest {
    /// Writes by the name of their table, or its ARN.
    pub request_items: BTreeMap<String, Vec<WriteRequest>>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
    /// `NONE` or `SIZE`. Only tables with local indexes have such metrics, and there are none here.
    pub return_item_collection_metrics: Option<String>,
}

/// The response of `BatchWriteItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BatchWriteItemResponse {
    /// Always empty: nothing is throttled here.
    pub unprocessed_items: BTreeMap<String, Vec<WriteRequest>>,
    /// The cost in each table, if asked for.
    pub consumed_capacity: Option<Vec<ConsumedCapacity>>,
}

/// A write that was read: the key or the whole item, and whether it is the item.
struct Write<'a> {
    table: &'a str,
    named: Item,
    puts: bool,
}

impl WriteRequest {
    /// Returns the item or the key that the request names, and whether it puts.
    fn named(&self) -> Option<(&WireItem, bool)> {
        match (&self.put_request, &self.delete_request) {
            (Some(put), None) => Some((&put.item, true)),
            (None, Some(delete)) => Some((&delete.key, false)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

impl BatchWriteItemRequest {
    fn check_shape(&self) -> Result<(), ApiError> {
        let capacity = self.return_consumed_capacity.as_deref();
        let metrics = self.return_item_collection_metrics.as_deref();
        let faults = [
            word_fault(capacity, "returnConsumedCapacity", &CAPACITY_WORDS),
            word_fault(metrics, "returnItemCollectionMetrics", &METRICS_WORDS),
        ];
        count_faults(&faults.into_iter().flatten().collect::<Vec<_>>())?;
        if self.request_items.is_empty() {
            return Err(ApiError::validation("The requestItems parameter is required for BatchWriteItem"));
        }
        // Doubtful: most Regions repeat the request, as Java prints it, before the constraint; eu-north-1 does not. One form
        // is known: the other is made of the class names of a server.
        // Source: paritysuite/dynamodb-conformance, captures/cross-region-latest.json.
        let names = map_key_fault(self.request_items.keys(), None);
        count_faults(&names.into_iter().collect::<Vec<_>>())?;
        for (table, writes) in &self.request_items {
            if writes.is_empty() {
                let constraint = "Map value must satisfy constraint: [Member must have length less than or equal to 25, \
                                  Member must have length greater than or equal to 1]";
                return Err(ApiError::constraint(
                    Some(&format!("{{{table}=[]}}")),
                    "requestItems",
                    constraint,
                ));
            }
            if writes.len() > MAX_WRITES {
                let member = format!("RequestItems.{table}.member");
                let constraint = "Member must have length less than or equal to 25";
                return Err(ApiError::constraint(None, &member, constraint));
            }
        }
        // Source: the emulator dynalite, tests recorded against DynamoDB.
        if self.request_items.values().map(Vec::len).sum::<usize>() > MAX_WRITES {
            return Err(ApiError::validation("Too many items requested for the BatchWriteItem call"));
        }
        Ok(())
    }

    fn read(&self) -> Result<Vec<Write<'_>>, ApiError> {
        let mut read = Vec::new();
        for (table, writes) in &self.request_items {
            for write in writes {
                // Source: the emulator dynalite, as above, for a write that is neither.
                // Doubtful: for one that is both. One form is known.
                let (wire, puts) = write.named().ok_or_else(|| {
                    ApiError::validation(
                        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the \
                         supported datatypes",
                    )
                })?;
                let named = if puts {
                    check_item(wire, Checks::Older)?
                } else {
                    check_attributes(wire, Checks::Older)?
                };
                read.push(Write { table, named, puts });
            }
        }
        Ok(read)
    }
}

impl Operation for BatchWriteItemRequest {
    const READ_ONLY: bool = false;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.check_shape()?;
        let permissions = self.request_items.iter().map(|(table, writes)| {
            let permission = table_permission(invocation, Self::NAME, table)?;
            let named = writes.iter().filter_map(WriteRequest::named).map(|(wire, _)| wire);
            let permission = with_item_keys(invocation, permission, table, named, Vec::new());
            let capacity = self.return_consumed_capacity.as_deref();
            Ok(with_optional(permission, "dynamodb:ReturnConsumedCapacity", capacity))
        });
        permissions.collect()
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<BatchWriteItemResponse, ApiError> {
        let writes = self.read()?;
        let tables = Tables::look_up(invocation, writes.iter().map(|write| write.table))?;
        let mut keys = Vec::new();
        for write in &writes {
            let table = tables.table(invocation, write.table)?;
            // Unlike PutItem, a batch says of an item that lacks a part of the key what it says of a key.
            let key = if write.puts { table.key_of(&write.named) } else { write.named.clone() };
            table.check_key(&key)?;
            keys.push(key);
        }
        check_distinct(writes.iter().map(|write| write.table).zip(&keys), DUPLICATES)?;
        let mut opened = tables.open(invocation)?;
        for (write, key) in writes.iter().zip(&keys) {
            let before = opened.read(invocation, write.table, key)?;
            let after = write.puts.then_some(&write.named);
            if before.is_some() || after.is_some() {
                opened.write(invocation, write.table, key, before.as_ref(), after)?;
            }
            let size = after.map_or(0, item_size).max(before.as_ref().map_or(0, item_size));
            opened.charge(invocation, write.table, write_units(size))?;
        }
        Ok(BatchWriteItemResponse {
            unprocessed_items: BTreeMap::new(),
            consumed_capacity: opened.costs(self.return_consumed_capacity.as_deref()),
        })
    }

    fn request_parameters(&self, invocation: &Invocation<'_>) -> Value {
        let tables = self.request_items.iter().map(|(table, writes)| {
            let shown = |(named, puts): (&WireItem, bool)| {
                if puts {
                    let key = logged::values_of(invocation, table, named);
                    json!({"putRequest": {"key": key, "item": logged::attribute_names(named)}})
                } else {
                    json!({"deleteRequest": {"key": logged::values(named)}})
                }
            };
            let writes = writes.iter().filter_map(WriteRequest::named).map(shown);
            (table.clone(), writes.collect())
        });
        logged::of_items(self, Self::RECORDED, &Value::Object(tables.collect()))
    }
}
