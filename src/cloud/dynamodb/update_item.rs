//! `UpdateItem`: `SET` and `REMOVE`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::expression::{Placeholders, Update, apply, matches};
use super::invalid::Invalid;
use super::items::{WriteItemResponse, logged, read, write};
use super::keys::open_for_caller;
use super::request::{
    check_word, condition_failed, table_handle, table_permission, with_item_keys, with_optional, write_cost,
};
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{WireItem, check_size};
use crate::cloud::authorize::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The request of `UpdateItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UpdateItemRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    pub key: WireItem,
    /// `SET` and `REMOVE`. Without it an item of the key alone is made if there is none.
    pub update_expression: Option<String>,
    /// What the item must be like.
    pub condition_expression: Option<String>,
    /// Attribute names by their `#name` placeholders.
    pub expression_attribute_names: Option<BTreeMap<String, String>>,
    /// Values by their `:value` placeholders.
    pub expression_attribute_values: Option<WireItem>,
    /// `NONE`, `ALL_OLD`, `UPDATED_OLD`, `ALL_NEW` or `UPDATED_NEW`.
    pub return_values: Option<String>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
}

impl UpdateItemRequest {
    fn placeholders(&self) -> Result<Placeholders, Invalid> {
        Placeholders::new(self.expression_attribute_names.as_ref(), self.expression_attribute_values.as_ref())
    }
}

/// No part of the key may change.
fn check_paths(update: &Update, table: &Table) -> Result<(), Invalid> {
    match update.paths().find(|path| table.is_key(&path.attribute)) {
        Some(path) => Err(Invalid::parameter(format_args!(
            "Cannot update attribute {}. This attribute is part of the key",
            path.attribute
        ))),
        None => Ok(()),
    }
}

/// The part of an item that `ReturnValues` asks for.
fn returned(wanted: Option<&str>, update: &Update, before: Option<&Item>, after: &Item) -> Option<Item> {
    // Only whole top-level attributes; DynamoDB answers nested paths with their part alone.
    let updated = |item: &Item| -> Item {
        update
            .paths()
            .filter_map(|path| item.get_key_value(&path.attribute))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    match wanted {
        Some("ALL_OLD") => before.cloned(),
        Some("UPDATED_OLD") => before.map(updated).filter(|part| !part.is_empty()),
        Some("ALL_NEW") => Some(after.clone()),
        Some("UPDATED_NEW") => Some(updated(after)).filter(|part| !part.is_empty()),
        _ => None,
    }
}

impl Operation for UpdateItemRequest {
    const READ_ONLY: bool = false;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = table_permission(invocation, "UpdateItem", &self.table_name)?;
        let update = self.placeholders().and_then(|mut p| p.update(self.update_expression.as_deref()));
        let touched: Vec<String> = update.ok().flatten().map_or_else(Vec::new, |update| {
            let read = update.attributes_read().into_iter().map(str::to_owned);
            read.chain(update.paths().map(|path| path.attribute.clone())).collect()
        });
        let permission = with_item_keys(invocation, permission, &self.table_name, Some(&self.key), touched);
        let permission = with_optional(permission, "dynamodb:ReturnValues", self.return_values.as_deref());
        Ok(vec![with_optional(
            permission,
            "dynamodb:ReturnConsumedCapacity",
            self.return_consumed_capacity.as_deref(),
        )])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<WriteItemResponse, ApiError> {
        let wanted = self.return_values.as_deref();
        check_word(wanted, "returnValues", &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"])?;
        let mut placeholders = self.placeholders()?;
        let update = placeholders.update(self.update_expression.as_deref())?.unwrap_or_default();
        let condition =
            placeholders.condition("ConditionExpression", self.condition_expression.as_deref())?;
        placeholders.finish()?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        let key = table.check_key(&self.key)?;
        check_paths(&update, &table)?;
        let keys = open_for_caller(invocation, &table)?;
        let before = read(&table, &keys, &key)?;
        if condition.is_some_and(|condition| !matches(&condition, before.as_ref().unwrap_or(&Item::new()))) {
            return Err(condition_failed());
        }
        let after = apply(&update, before.as_ref().unwrap_or(&key))?;
        check_size(&after)
            .map_err(|_| Invalid::new("Item size to update has exceeded the maximum allowed size"))?;
        write(invocation, &table, &keys, &key, before.as_ref(), Some(&after))?;
        let size = item_size(&after).max(before.as_ref().map_or(0, item_size));
        Ok(WriteItemResponse {
            attributes: returned(wanted, &update, before.as_ref(), &after),
            consumed_capacity: write_cost(self.return_consumed_capacity.as_deref(), &handle, size)?,
        })
    }

    fn request_parameters(&self) -> Value {
        logged(
            &self.table_name,
            &[
                ("updateExpression", self.update_expression.as_deref()),
                ("conditionExpression", self.condition_expression.as_deref()),
            ],
        )
    }
}
