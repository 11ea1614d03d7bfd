//! `TransactGetItems`: items of one or more tables as they are at one moment.
//!
//! Source: DynamoDB API Reference, `TransactGetItems`; texts from paritysuite/dynamodb-conformance, tests/tier3.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::expression::{Path, Placeholders, project};
use super::items::attributes;
use super::logged;
use super::many::{Tables, check_distinct};
use super::request::{
    CAPACITY_WORDS, ConsumedCapacity, count_faults, read_units, table_permission, with_item_keys,
    with_optional, word_fault,
};
use super::transact::{ONE_ITEM, cancelled, check_length, check_not_empty};
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem, check_attributes};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// One read of a transaction.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TransactGet {
    pub key: WireItem,
    /// The name of the table, or its ARN.
    pub table_name: String,
    pub projection_expression: Option<String>,
    /// Attribute names by their `#name` placeholders.
    pub expression_attribute_names: Option<BTreeMap<String, String>>,
}

/// An element of `TransactItems`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransactGetItem {
    pub get: TransactGet,
}

/// The request of `TransactGetItems`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TransactGetItemsRequest {
    /// 1 to 100 reads.
    pub transact_items: Vec<TransactGetItem>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
}

/// The answer to one read: empty if there is no item.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemResponse {
    pub item: Option<Item>,
}

/// The response of `TransactGetItems`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransactGetItemsResponse {
    /// The cost in each table, if asked for.
    pub consumed_capacity: Option<Vec<ConsumedCapacity>>,
    /// The items in the order of the request.
    pub responses: Vec<ItemResponse>,
}

/// A read that was checked as far as it can be without the table: what it projects, and the key.
type Checked<'a> = (&'a TransactGet, Option<Vec<Path>>, Item);

impl TransactGetItemsRequest {
    fn check_shape(&self) -> Result<(), ApiError> {
        let capacity = self.return_consumed_capacity.as_deref();
        let words = word_fault(capacity, "returnConsumedCapacity", &CAPACITY_WORDS);
        count_faults(&words.into_iter().collect::<Vec<_>>())?;
        check_length(self.transact_items.len())
    }

    fn read(&self) -> Result<Vec<Checked<'_>>, ApiError> {
        let read = self.transact_items.iter().map(|TransactGetItem { get }| {
            let names = get.expression_attribute_names.as_ref();
            let mut placeholders = Placeholders::new(names, None, Checks::Older)?;
            let paths = placeholders.projection(get.projection_expression.as_deref())?;
            placeholders.finish()?;
            Ok((get, paths, check_attributes(&get.key, Checks::Older)?))
        });
        read.collect()
    }
}

impl Operation for TransactGetItemsRequest {
    const READ_ONLY: bool = true;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.check_shape()?;
        // Source: DynamoDB Developer Guide, "Using IAM with DynamoDB transactions": the permission of GetItem.
        let mut blocks: BTreeMap<&str, Vec<&TransactGet>> = BTreeMap::new();
        for TransactGetItem { get } in &self.transact_items {
            blocks.entry(&get.table_name).or_default().push(get);
        }
        let permissions = blocks.into_iter().map(|(table, gets)| {
            let projected = gets.iter().flat_map(|get| {
                attributes(get.expression_attribute_names.as_ref(), get.projection_expression.as_deref())
            });
            let permission = table_permission(invocation, "GetItem", table)?;
            let keys = gets.iter().map(|get| &get.key);
            let permission = with_item_keys(invocation, permission, table, keys, projected);
            let permission = permission.with_key("dynamodb:EnclosingOperation", "TransactGetItems");
            let capacity = self.return_consumed_capacity.as_deref();
            Ok(with_optional(permission, "dynamodb:ReturnConsumedCapacity", capacity))
        });
        permissions.collect()
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<TransactGetItemsResponse, ApiError> {
        let gets = self.read()?;
        let tables = Tables::look_up(invocation, gets.iter().map(|(get, ..)| get.table_name.as_str()))?;
        let mut faults = Vec::new();
        for (get, _, key) in &gets {
            let table = tables.table(invocation, &get.table_name)?;
            check_not_empty(table, key)?;
            faults.push(table.check_key(key).err());
        }
        check_distinct(gets.iter().map(|(get, _, key)| (get.table_name.as_str(), key)), ONE_ITEM)?;
        if faults.iter().any(Option::is_some) {
            return Err(cancelled(faults.into_iter().map(|fault| fault.map(|fault| (fault.into(), None)))));
        }
        let mut opened = tables.open(invocation)?;
        let mut responses = Vec::new();
        for (get, paths, key) in &gets {
            let item = opened.read(invocation, &get.table_name, key)?;
            // Source: DynamoDB Developer Guide, "Capacity management for transactions": two reads of every item.
            let units = 2.0 * read_units(item.as_ref().map_or(0, item_size), Some(true));
            opened.charge(invocation, &get.table_name, units)?;
            let item =
                item.map(|item| paths.as_ref().map_or_else(|| item.clone(), |paths| project(&item, paths)));
            responses.push(ItemResponse { item });
        }
        let wanted = self.return_consumed_capacity.as_deref();
        let reads = |cost: ConsumedCapacity| {
            let read_capacity_units = Some(cost.capacity_units);
            ConsumedCapacity { read_capacity_units, ..cost }.with_parts(wanted.unwrap_or_default())
        };
        let consumed_capacity = opened.costs(wanted).map(|costs| costs.into_iter().map(reads).collect());
        Ok(TransactGetItemsResponse { consumed_capacity, responses })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        let gets = self.transact_items.iter().map(|TransactGetItem { get }| {
            let mut logged =
                json!({"operation": "Get", "tableName": get.table_name, "key": logged::values(&get.key)});
            if let Some(projection) = &get.projection_expression {
                logged["projectionExpression"] = json!(projection);
            }
            if let Some(names) = &get.expression_attribute_names {
                logged["expressionAttributeNames"] = json!(names);
            }
            logged
        });
        logged::of_items(self, Self::RECORDED, &gets.collect())
    }
}
