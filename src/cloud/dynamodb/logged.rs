//! What the audit trail shows of the parameters of operations on items: of a key the values, of everything else the names.
//!
//! Source: DynamoDB Developer Guide, "Understanding DynamoDB log file entries": "Non key attribute values .. will not appear in
//! logs of actions using the classic API", and the entries of PutItem, UpdateItem and TransactWriteItems. Where that page writes
//! a field of a transaction with a capital, it is written as its others are.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::request::table_handle;
use super::wire::WireItem;
use crate::cloud::Invocation;
use crate::cloud::audit::recorded;

/// Returns the parameters of an operation on one item: the table and the item first, then what its declaration lists.
///
/// Doubtful: of operations that the page shows no entry of, such as GetItem and DeleteItem, which are written like UpdateItem
/// here. One form is known.
/// Source: DynamoDB Developer Guide, "Understanding DynamoDB log file entries", PutItem and UpdateItem.
pub(super) fn of_item<const N: usize>(
    request: &impl Serialize,
    names: &[&str],
    first: [(&str, Value); N],
) -> Value {
    let names: Vec<&str> = names.iter().copied().filter(|name| !matches!(*name, "Key" | "Item")).collect();
    let mut rest = match recorded(request, &names) {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let table = rest.shift_remove_entry("tableName");
    let first = first.map(|(name, value)| (name.to_owned(), value));
    Value::Object(table.into_iter().chain(first).chain(rest).collect())
}

/// Returns the parameters of an operation on several items: what the items say, then what its declaration lists.
///
/// Doubtful: of batches, which the page shows no entry of; they are written as they are asked for here. One form is known.
/// Source: DynamoDB Developer Guide, "Understanding DynamoDB log file entries", TransactWriteItems.
pub(super) fn of_items(request: &impl Serialize, names: &[&str], items: &Value) -> Value {
    let names: Vec<&str> = names.iter().copied().filter(|name| *name != "RequestItems").collect();
    let mut parameters = json!({"requestItems": items});
    for (name, value) in recorded(request, &names).as_object().into_iter().flatten() {
        parameters[name] = value.clone();
    }
    parameters
}

/// Returns a key with its values as they are, without their types.
///
/// Doubtful: numbers, which are written as requests have them, in quotes; the entries show texts alone. One form is known.
/// Source: DynamoDB Developer Guide, "Understanding DynamoDB log file entries", the field `key`.
pub(super) fn values(key: &WireItem) -> Value {
    let shown = key.iter().filter_map(|(name, value)| Some((name.clone(), json!(value.key_text()?))));
    Value::Object(shown.collect())
}

/// Returns the key of an item to be put, with its values; none of it if there is no such table.
pub(super) fn values_of(invocation: &Invocation<'_>, table: &str, item: &WireItem) -> Value {
    let handle = table_handle(invocation, table).ok();
    let table = handle.and_then(|handle| invocation.world.item_table(&handle).ok());
    let is_key = |name: &str| table.as_ref().is_some_and(|table| table.is_key(name));
    values(
        &item
            .iter()
            .filter(|(name, _)| is_key(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// Returns the names of an item's attributes.
pub(super) fn attribute_names(item: &WireItem) -> Value {
    item.keys().cloned().collect()
}
