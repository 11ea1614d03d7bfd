//! What `PutItem`, `UpdateItem` and `DeleteItem` share: their parameters, the checks of these, and the write itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;

use super::change::{Step, read, write};
use super::expression::Placeholders;
use super::invalid::Invalid;
use super::keys::open_for_caller;
use super::request::{
    CAPACITY_WORDS, ConsumedCapacity, METRICS_WORDS, count_faults, table_handle, table_permission, validated,
    validates_as_before, with_item_keys, with_optional, word_fault, write_units,
};
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem};
use crate::cloud::error::check_range;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation};

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
    pub return_item_collection_metrics: Option<&'a str>,
    pub return_on_failure: Option<&'a str>,
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
            /// `NONE` or `SIZE`. Only tables with local indexes have such metrics, and there are none here.
            pub return_item_collection_metrics: Option<String>,
            /// `ALL_OLD` to find the item that is there in the error of a condition that does not hold.
            pub return_values_on_condition_check_failure: Option<String>,
        }

        impl $name {
            fn parts(&self) -> $crate::cloud::dynamodb::write::Write<'_> {
                $crate::cloud::dynamodb::write::Write {
                    table_name: &self.table_name,
                    condition: self.condition_expression.as_deref(),
                    names: self.expression_attribute_names.as_ref(),
                    values: self.expression_attribute_values.as_ref(),
                    return_values: self.return_values.as_deref(),
                    return_consumed_capacity: self.return_consumed_capacity.as_deref(),
                    return_item_collection_metrics: self.return_item_collection_metrics.as_deref(),
                    return_on_failure: self.return_values_on_condition_check_failure.as_deref(),
                }
            }
        }
    };
}
pub(super) use write_request;

/// The item that was there, the one that is there now, and what the write cost.
pub(super) struct Written {
    pub before: Option<Item>,
    pub after: Option<Item>,
    pub consumed_capacity: Option<ConsumedCapacity>,
}

impl Write<'_> {
    /// Checks the placeholders of the request's expressions.
    pub fn placeholders(&self) -> Result<Placeholders, Invalid> {
        Placeholders::new(self.names, self.values, Checks::Newer)
    }

    /// Checks the parameters that hold words. What is wrong with all of them is said at once, but `UpdateItem` stops at
    /// its `ReturnValues`.
    ///
    /// Source: paritysuite/dynamodb-conformance, captures/cross-region-latest.json of 2026-09-20, the probes
    /// o_del_two_bad_enums, o_put_three_bad_enums and o_upd_two_bad_enums; for the Regions that have not moved
    /// registry/splits.json. The misspelt `UPDATE_NEW` is DynamoDB's.
    /// Doubtful: where the last one stands. One form is known.
    pub fn check_words(&self, invocation: &Invocation<'_>, operation: &str) -> Result<(), ApiError> {
        let before = validates_as_before(invocation.region());
        let legal = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
        let values = word_fault(self.return_values, "returnValues", &legal).map(|text| {
            let newer = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, \
                         ALL_NEW, UPDATE_NEW, NONE]";
            if before { text } else { newer.to_owned() }
        });
        if let (Some(fault), "UpdateItem", false) = (&values, operation, before) {
            return count_faults(std::slice::from_ref(fault));
        }
        let failure = "returnValuesOnConditionCheckFailure";
        let faults: Vec<String> = [
            word_fault(self.return_consumed_capacity, "returnConsumedCapacity", &CAPACITY_WORDS),
            values,
            word_fault(self.return_item_collection_metrics, "returnItemCollectionMetrics", &METRICS_WORDS),
            word_fault(self.return_on_failure, failure, &["ALL_OLD", "NONE"]),
        ]
        .into_iter()
        .flatten()
        .collect();
        count_faults(&faults)
    }

    /// Makes a change to one item under a condition on the one that is there, once `read` has said which change.
    pub fn run(
        &self,
        invocation: &mut Invocation<'_>,
        operation: &str,
        read_step: impl FnOnce(&mut Placeholders) -> Result<Step, ApiError>,
    ) -> Result<(Step, Written), ApiError> {
        self.check_words(invocation, operation)?;
        let step = (|| {
            let mut placeholders = self.placeholders()?;
            let step = read_step(&mut placeholders)?;
            let condition = placeholders.condition("ConditionExpression", self.condition)?;
            placeholders.finish()?;
            Ok(Step { condition, ..step })
        })();
        let step = validated(invocation.region(), step)?;
        let handle = table_handle(invocation, self.table_name)?;
        let table: Arc<Table> = invocation.world.item_table(&handle)?;
        let key = step.key(&table)?;
        let keys = open_for_caller(invocation, &table)?;
        let before = read(&table, &keys, &key)?;
        if !step.holds(before.as_ref()) {
            return Err(condition_failed(before.filter(|_| self.return_on_failure == Some("ALL_OLD"))));
        }
        let after = step.after(&key, before.as_ref())?;
        if before.is_some() || after.is_some() {
            write(invocation, &table, &keys, &key, before.as_ref(), after.as_ref())?;
        }
        let size = after.as_ref().map_or(0, item_size).max(before.as_ref().map_or(0, item_size));
        let consumed_capacity =
            ConsumedCapacity::of(self.return_consumed_capacity, &handle, write_units(size));
        Ok((step, Written { before, after, consumed_capacity }))
    }

    /// Tells whether `PutItem` and `DeleteItem` are to answer with the item that was there.
    pub fn returns_old(&self) -> Result<bool, ApiError> {
        match self.return_values {
            None | Some("NONE") => Ok(false),
            Some("ALL_OLD") => Ok(true),
            Some(_) => Err(ApiError::validation("ReturnValues can only be ALL_OLD or NONE")),
        }
    }

    /// Returns the permission that the request needs; `touched` are the attributes it names beside those of `key`.
    pub fn permission(
        &self,
        invocation: &Invocation<'_>,
        operation: &str,
        key: &WireItem,
        touched: Vec<String>,
    ) -> Result<Vec<Permission>, ApiError> {
        // Source: paritysuite/dynamodb-conformance, as for `check_words`, the probe s_put_table_long.
        if !self.table_name.starts_with("arn:") {
            check_range("length", self.table_name.len(), Some(self.table_name), "tableName", 0, 255)?;
        }
        let permission = table_permission(invocation, operation, self.table_name)?;
        let permission = with_item_keys(invocation, permission, self.table_name, Some(key), touched);
        let permission = with_optional(permission, "dynamodb:ReturnValues", self.return_values);
        Ok(vec![with_optional(permission, "dynamodb:ReturnConsumedCapacity", self.return_consumed_capacity)])
    }
}

/// Returns the `ConditionalCheckFailedException` of a request whose condition does not hold, with the item that is there
/// if the request asks for it.
fn condition_failed(item: Option<Item>) -> ApiError {
    let error = ApiError::new("ConditionalCheckFailedException", "The conditional request failed");
    match item {
        Some(item) => error.with_members(json!({"Item": item})),
        None => error,
    }
}
