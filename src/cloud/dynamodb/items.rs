//! `GetItem`, `PutItem` and `DeleteItem`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::change::{Change, Step, read};
use super::expression::{Placeholders, project};
use super::keys::open_for_caller;
use super::logged;
use super::request::{
    ConsumedCapacity, check_capacity_word, read_units, table_handle, table_permission, with_item_keys,
    with_optional,
};
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem, check_attributes, check_item};
use super::write::{WriteItemResponse, Written, write_request};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

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
        let wanted = self.return_consumed_capacity.as_deref();
        check_capacity_word(wanted)?;
        let mut placeholders =
            Placeholders::new(self.expression_attribute_names.as_ref(), None, Checks::Newer)?;
        let paths = placeholders.projection(self.projection_expression.as_deref())?;
        placeholders.finish()?;
        let key = check_attributes(&self.key, Checks::Newer)?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        table.check_key(&key)?;
        let keys = open_for_caller(invocation, &table)?;
        let item = read(&table, &keys, &key)?;
        let units = read_units(item.as_ref().map_or(0, item_size), self.consistent_read);
        Ok(GetItemResponse {
            consumed_capacity: ConsumedCapacity::of(wanted, &handle, units),
            item: match paths {
                Some(paths) => item.map(|item| project(&item, &paths)),
                None => item,
            },
        })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        // As `logged::of_item` writes it, without a key that is written to be left out.
        let fields = [
            ("tableName", json!(self.table_name)),
            ("key", logged::values(&self.key)),
            ("projectionExpression", json!(self.projection_expression)),
            ("expressionAttributeNames", json!(self.expression_attribute_names)),
            ("consistentRead", json!(self.consistent_read)),
            ("returnConsumedCapacity", json!(self.return_consumed_capacity)),
        ];
        let sent = fields.into_iter().filter(|(_, value)| !value.is_null());
        sent.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Returns the top-level attributes that a projection names, for condition keys; none if it cannot be read.
pub(super) fn attributes(names: Option<&BTreeMap<String, String>>, projection: Option<&str>) -> Vec<String> {
    let paths = Placeholders::new(names, None, Checks::Newer).and_then(|mut p| p.projection(projection));
    paths.ok().flatten().into_iter().flatten().map(|path| path.attribute).collect()
}

/// Returns the answer of `PutItem` and `DeleteItem`.
fn answer(returns_old: bool, written: Written) -> WriteItemResponse {
    WriteItemResponse {
        attributes: written.before.filter(|_| returns_old),
        consumed_capacity: written.consumed_capacity,
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
        let parts = self.parts();
        let (_, written) = parts.run(invocation, Self::NAME, |_| {
            let item = check_item(&self.item, Checks::Newer)?;
            parts.returns_old()?;
            Ok(Step { change: Change::Put(item), named: Item::new(), condition: None })
        })?;
        Ok(answer(parts.returns_old()?, written))
    }

    fn request_parameters(&self, invocation: &Invocation<'_>) -> Value {
        let key = logged::values_of(invocation, &self.table_name, &self.item);
        let item = logged::attribute_names(&self.item);
        logged::of_item(self, Self::RECORDED, [("key", key), ("item", item)])
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
        let parts = self.parts();
        let (_, written) = parts.run(invocation, Self::NAME, |_| {
            let named = check_attributes(&self.key, Checks::Newer)?;
            parts.returns_old()?;
            Ok(Step { change: Change::Delete, named, condition: None })
        })?;
        Ok(answer(parts.returns_old()?, written))
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged::of_item(self, Self::RECORDED, [("key", logged::values(&self.key))])
    }
}
