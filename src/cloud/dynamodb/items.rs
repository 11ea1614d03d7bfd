//! `GetItem`, `PutItem` and `DeleteItem`, and how an item is read and written.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::disk::{PlainBytes, TableKeys};
use super::expression::{Condition, Placeholders, matches, project};
use super::invalid::Invalid;
use super::keys::open_for_caller;
use super::request::{
    ConsumedCapacity, check_write_words, condition_failed, read_cost, table_handle, table_permission,
    validated, with_item_keys, with_optional, write_cost,
};
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{WireItem, check_item};
use super::{codec, disk::DiskError};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// Returns an item on the disk of `table`, by its checked key.
pub(super) fn read(table: &Table, keys: &TableKeys, key: &Item) -> Result<Option<Item>, ApiError> {
    let at = table.position(keys, key).ok_or(DiskError::Malformed)?;
    let bytes = table.disk.get(keys, &at)?;
    bytes.map(|bytes| codec::decode(&bytes).map_err(|_| DiskError::Malformed.into())).transpose()
}

/// Writes an item, or deletes the one with this key, and keeps the table's size up to date.
pub(super) fn write(
    invocation: &mut Invocation<'_>,
    table: &Table,
    keys: &TableKeys,
    key: &Item,
    before: Option<&Item>,
    after: Option<&Item>,
) -> Result<(), ApiError> {
    let at = table.position(keys, key).ok_or(DiskError::Malformed)?;
    let mut table = table.clone();
    let rng = &mut invocation.world.rng;
    match after {
        Some(item) => {
            let mut bytes = PlainBytes::default();
            codec::encode(item, &mut bytes);
            table.disk.put(keys, &at, &bytes, rng)?;
        }
        None => {
            table.disk.remove(keys, &at, rng)?;
        }
    }
    let size = |item: Option<&Item>| item.map_or(0, item_size) as u64;
    table.size_bytes = (table.size_bytes + size(after)).saturating_sub(size(before));
    invocation.world.dynamodb.put_table(table);
    Ok(())
}

/// Returns the `requestParameters` of an operation on items: the table and how it is used, never a value.
pub(super) fn logged(table_name: &str, more: &[(&str, Option<&str>)]) -> Value {
    let mut parameters = serde_json::Map::from_iter([("tableName".to_owned(), json!(table_name))]);
    for (name, value) in more {
        if let Some(value) = value {
            parameters.insert((*name).to_owned(), json!(value));
        }
    }
    Value::Object(parameters)
}

/// The request of `GetItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct GetItemRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    pub key: WireItem,
    /// The attributes to answer with; all unless given.
    pub projection_expression: Option<String>,
    /// Attribute names by their `#name` placeholders.
    pub expression_attribute_names: Option<BTreeMap<String, String>>,
    /// Costs double; the simulation is always consistent.
    pub consistent_read: Option<bool>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
}

/// The response of `GetItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetItemResponse {
    /// The item, if there is one.
    pub item: Option<Item>,
    /// The cost, if asked for.
    pub consumed_capacity: Option<ConsumedCapacity>,
}

impl Operation for GetItemRequest {
    const READ_ONLY: bool = true;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = table_permission(invocation, "GetItem", &self.table_name)?;
        let projected =
            attributes(self.expression_attribute_names.as_ref(), self.projection_expression.as_deref());
        let permission = with_item_keys(invocation, permission, &self.table_name, Some(&self.key), projected);
        let select = self.projection_expression.as_ref().map(|_| "SPECIFIC_ATTRIBUTES");
        let permission = with_optional(permission, "dynamodb:Select", select);
        Ok(vec![with_optional(
            permission,
            "dynamodb:ReturnConsumedCapacity",
            self.return_consumed_capacity.as_deref(),
        )])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetItemResponse, ApiError> {
        let mut placeholders = Placeholders::new(self.expression_attribute_names.as_ref(), None)?;
        let paths = placeholders.projection(self.projection_expression.as_deref())?;
        placeholders.finish()?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        let key = table.check_key(&self.key)?;
        let keys = open_for_caller(invocation, &table)?;
        let item = read(&table, &keys, &key)?;
        let size = item.as_ref().map_or(0, item_size);
        let wanted = self.return_consumed_capacity.as_deref();
        Ok(GetItemResponse {
            consumed_capacity: read_cost(wanted, &handle, size, self.consistent_read)?,
            item: item.map(|item| paths.as_ref().map_or_else(|| item.clone(), |paths| project(&item, paths))),
        })
    }

    fn request_parameters(&self) -> Value {
        logged(&self.table_name, &[("projectionExpression", self.projection_expression.as_deref())])
    }
}

/// Returns the top-level attributes that a projection names, for condition keys; none if it cannot be read.
pub(super) fn attributes(names: Option<&BTreeMap<String, String>>, projection: Option<&str>) -> Vec<String> {
    let paths = Placeholders::new(names, None).and_then(|mut p| p.projection(projection));
    paths.ok().flatten().into_iter().flatten().map(|path| path.attribute).collect()
}

/// The response of `PutItem`, `DeleteItem` and `UpdateItem`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WriteItemResponse {
    /// The attributes that `ReturnValues` asked for.
    pub attributes: Option<Item>,
    /// The cost, if asked for.
    pub consumed_capacity: Option<ConsumedCapacity>,
}

/// The parameters that the requests which write one item share.
pub(super) struct Write<'a> {
    pub table_name: &'a str,
    pub condition: Option<&'a str>,
    pub names: Option<&'a BTreeMap<String, String>>,
    pub values: Option<&'a WireItem>,
    pub return_values: Option<&'a str>,
    pub return_consumed_capacity: Option<&'a str>,
}

/// Writes a request that changes one item: its own parameters, and those of [`Write`].
///
/// A type to embed would need serde's `flatten`, under which unknown parameters are no longer refused.
macro_rules! write_request {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        ///
        /// Writes one item, under a condition if one is given.
        #[serde_with::skip_serializing_none]
        #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
        pub struct $name {
            /// The name of the table, or its ARN.
            pub table_name: String,
            $($(#[$field_doc])* pub $field: $type,)+
            /// A condition on the item that is there.
            pub condition_expression: Option<String>,
            /// Attribute names by their `#name` placeholders.
            pub expression_attribute_names: Option<std::collections::BTreeMap<String, String>>,
            /// Values by their `:value` placeholders.
            pub expression_attribute_values: Option<$crate::cloud::dynamodb::wire::WireItem>,
            /// The attributes to answer with, such as `NONE` and `ALL_OLD`.
            pub return_values: Option<String>,
            /// `NONE`, `TOTAL` or `INDEXES`.
            pub return_consumed_capacity: Option<String>,
        }

        impl $name {
            fn parts(&self) -> $crate::cloud::dynamodb::items::Write<'_> {
                $crate::cloud::dynamodb::items::Write {
                    table_name: &self.table_name,
                    condition: self.condition_expression.as_deref(),
                    names: self.expression_attribute_names.as_ref(),
                    values: self.expression_attribute_values.as_ref(),
                    return_values: self.return_values.as_deref(),
                    return_consumed_capacity: self.return_consumed_capacity.as_deref(),
                }
            }
        }
    };
}
pub(super) use write_request;

impl Write<'_> {
    /// Checks the placeholders of the request's expressions.
    pub fn placeholders(&self) -> Result<Placeholders, Invalid> {
        Placeholders::new(self.names, self.values)
    }

    fn check_return_values(&self) -> Result<bool, ApiError> {
        match self.return_values {
            None | Some("NONE") => Ok(false),
            Some("ALL_OLD") => Ok(true),
            Some(_) => Err(ApiError::validation("ReturnValues can only be ALL_OLD or NONE")),
        }
    }

    /// Reads what must be right whatever the table: whether the old item is asked for, and the condition.
    fn read(&self, placeholders: &mut Placeholders) -> Result<(bool, Option<Condition>), ApiError> {
        let return_old = self.check_return_values()?;
        let condition = placeholders.condition("ConditionExpression", self.condition)?;
        placeholders.finish()?;
        Ok((return_old, condition))
    }

    /// Puts or deletes one item under a condition on the one that was there.
    fn run(
        &self,
        invocation: &mut Invocation<'_>,
        placeholders: &mut Placeholders,
        key_and_item: impl FnOnce(&Table) -> Result<(Item, Option<Item>), ApiError>,
    ) -> Result<WriteItemResponse, ApiError> {
        let (return_old, condition) = validated(invocation.region(), self.read(placeholders))?;
        let handle = table_handle(invocation, self.table_name)?;
        let table: Arc<Table> = invocation.world.item_table(&handle)?;
        let (key, after) = key_and_item(&table)?;
        let keys = open_for_caller(invocation, &table)?;
        let before = read(&table, &keys, &key)?;
        if condition.is_some_and(|condition| !matches(&condition, before.as_ref().unwrap_or(&Item::new()))) {
            return Err(condition_failed());
        }
        if before.is_some() || after.is_some() {
            write(invocation, &table, &keys, &key, before.as_ref(), after.as_ref())?;
        }
        let size = after.as_ref().map_or(0, item_size).max(before.as_ref().map_or(0, item_size));
        Ok(WriteItemResponse {
            consumed_capacity: write_cost(self.return_consumed_capacity, &handle, size)?,
            attributes: before.filter(|_| return_old),
        })
    }

    /// Returns the permission that the request needs; `touched` are the attributes it names beside those of `key`.
    pub fn permission(
        &self,
        invocation: &Invocation<'_>,
        operation: &str,
        key: &WireItem,
        touched: Vec<String>,
    ) -> Result<Vec<Permission>, ApiError> {
        let permission = table_permission(invocation, operation, self.table_name)?;
        let permission = with_item_keys(invocation, permission, self.table_name, Some(key), touched);
        let permission = with_optional(permission, "dynamodb:ReturnValues", self.return_values);
        Ok(vec![with_optional(permission, "dynamodb:ReturnConsumedCapacity", self.return_consumed_capacity)])
    }
}

write_request! {
    /// The request of `PutItem`.
    PutItemRequest {
        item: WireItem,
    }
}

impl Operation for PutItemRequest {
    const READ_ONLY: bool = false;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.parts().permission(invocation, Self::NAME, &self.item, Vec::new())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<WriteItemResponse, ApiError> {
        let region = invocation.region().clone();
        check_write_words(
            invocation.region(),
            Self::NAME,
            self.return_values.as_deref(),
            self.return_consumed_capacity.as_deref(),
        )?;
        let mut placeholders = validated(&region, self.parts().placeholders().map_err(Into::into))?;
        let item = validated(&region, check_item(&self.item).map_err(Into::into))?;
        self.parts().run(invocation, &mut placeholders, |table| {
            table.check_item_keys(&item)?;
            Ok((table.key_of(&item), Some(item)))
        })
    }

    fn request_parameters(&self) -> Value {
        logged(&self.table_name, &[("conditionExpression", self.condition_expression.as_deref())])
    }
}

write_request! {
    /// The request of `DeleteItem`.
    DeleteItemRequest {
        key: WireItem,
    }
}

impl Operation for DeleteItemRequest {
    const READ_ONLY: bool = false;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.parts().permission(invocation, Self::NAME, &self.key, Vec::new())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<WriteItemResponse, ApiError> {
        check_write_words(
            invocation.region(),
            Self::NAME,
            self.return_values.as_deref(),
            self.return_consumed_capacity.as_deref(),
        )?;
        let placeholders = self.parts().placeholders().map_err(Into::into);
        let mut placeholders = validated(invocation.region(), placeholders)?;
        self.parts().run(invocation, &mut placeholders, |table| Ok((table.check_key(&self.key)?, None)))
    }

    fn request_parameters(&self) -> Value {
        logged(&self.table_name, &[("conditionExpression", self.condition_expression.as_deref())])
    }
}
