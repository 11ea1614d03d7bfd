//! `Scan`, and what it shares with `Query`: limits, filters, projections, pages of 1 MB.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::codec;
use super::disk::{DiskError, Position, Record, TableKeys};
use super::expression::{Condition, Path, Placeholders, matches, project};
use super::invalid::Invalid;
use super::items::attributes;
use super::keys::open_for_caller;
use super::request::{
    ConsumedCapacity, check_capacity_word, check_positive, check_word, read_units, table_handle,
    table_permission, with_item_keys, with_optional,
};
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem, check_attributes};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// Most bytes of items that one Scan or Query reads.
/// Source: DynamoDB Developer Guide, "Scan: Paginating the results".
const PAGE_LIMIT: usize = 1024 * 1024;

/// The parameters that `Scan` and `Query` share.
pub(super) struct Read<'a> {
    pub table_name: &'a str,
    pub limit: Option<i64>,
    pub select: Option<&'a str>,
    pub filter: Option<&'a str>,
    pub projection: Option<&'a str>,
    pub names: Option<&'a BTreeMap<String, String>>,
    pub values: Option<&'a WireItem>,
    pub return_consumed_capacity: Option<&'a str>,
}

/// Writes a request that reads many items: its own parameters, and those of [`Read`].
///
/// A type to embed would need serde's `flatten`, under which unknown parameters are no longer refused.
macro_rules! read_request {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        ///
        /// Reads many items, page by page.
        #[serde_with::skip_serializing_none]
        #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
        pub struct $name {
            /// The name of the table, or its ARN.
            pub table_name: String,
            $($(#[$field_doc])* pub $field: $type,)*
            /// Most items to read, before the filter.
            pub limit: Option<i64>,
            /// `ALL_ATTRIBUTES`, `SPECIFIC_ATTRIBUTES` or `COUNT`.
            pub select: Option<String>,
            /// The `LastEvaluatedKey` of the page before.
            pub exclusive_start_key: Option<$crate::cloud::dynamodb::wire::WireItem>,
            /// A condition on the items that are returned of those read.
            pub filter_expression: Option<String>,
            pub projection_expression: Option<String>,
            /// Attribute names by their `#name` placeholders.
            pub expression_attribute_names: Option<std::collections::BTreeMap<String, String>>,
            /// Values by their `:value` placeholders.
            pub expression_attribute_values: Option<$crate::cloud::dynamodb::wire::WireItem>,
            /// Costs double; the simulation is always consistent.
            pub consistent_read: Option<bool>,
            /// `NONE`, `TOTAL` or `INDEXES`.
            pub return_consumed_capacity: Option<String>,
        }

        impl $name {
            fn parts(&self) -> $crate::cloud::dynamodb::scan::Read<'_> {
                $crate::cloud::dynamodb::scan::Read {
                    table_name: &self.table_name,
                    limit: self.limit,
                    select: self.select.as_deref(),
                    filter: self.filter_expression.as_deref(),
                    projection: self.projection_expression.as_deref(),
                    names: self.expression_attribute_names.as_ref(),
                    values: self.expression_attribute_values.as_ref(),
                    return_consumed_capacity: self.return_consumed_capacity.as_deref(),
                }
            }
        }
    };
}
pub(super) use read_request;

read_request! {
    /// The request of `Scan`. Parallel scans (`Segment`) and secondary indexes are not simulated.
    ScanRequest {}
}

impl Read<'_> {
    /// Checks the placeholders of the request's expressions.
    pub fn placeholders(&self, checks: Checks) -> Result<Placeholders, Invalid> {
        Placeholders::new(self.names, self.values, checks)
    }

    /// Adds the condition keys of the shared parameters to a permission.
    pub fn with_keys(&self, invocation: &Invocation<'_>, permission: Permission) -> Permission {
        let projected = attributes(self.names, self.projection);
        let permission = with_item_keys(invocation, permission, self.table_name, None, projected);
        // A projection says what is selected, too.
        let select = self.select.or_else(|| self.projection.map(|_| "SPECIFIC_ATTRIBUTES"));
        let permission = with_optional(permission, "dynamodb:Select", select);
        with_optional(permission, "dynamodb:ReturnConsumedCapacity", self.return_consumed_capacity)
    }
}

/// The response of `Scan` and `Query`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemsResponse {
    /// The items; absent for `COUNT`.
    pub items: Option<Vec<Item>>,
    /// Number of items that passed the filter.
    pub count: usize,
    /// Number of items read.
    pub scanned_count: usize,
    /// The key to go on from, if the page ended early.
    pub last_evaluated_key: Option<Item>,
    /// The cost, if asked for.
    pub consumed_capacity: Option<ConsumedCapacity>,
}

/// The part that is returned of the items that are read.
pub(super) struct Selection {
    pub filter: Option<Condition>,
    pub projection: Option<Vec<Path>>,
    pub count_only: bool,
    pub limit: Option<usize>,
}

impl Selection {
    /// Checks `Select`, `Limit` and the expressions.
    pub fn read(placeholders: &mut Placeholders, request: &Read<'_>) -> Result<Self, ApiError> {
        let Read { select, projection, .. } = *request;
        let words = ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"];
        check_word(select, "select", &words)?;
        check_capacity_word(request.return_consumed_capacity)?;
        let limit = check_positive(request.limit, "limit")?;
        let refuse = |text: &str| Err(ApiError::validation(text));
        match (select, projection) {
            (Some("COUNT"), Some(_)) => {
                return refuse("Cannot specify the ProjectionExpression when choosing to get only the Count");
            }
            (Some("ALL_ATTRIBUTES"), Some(_)) => {
                return refuse("Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES");
            }
            (Some("SPECIFIC_ATTRIBUTES"), None) => {
                return refuse(
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
                );
            }
            (Some("ALL_PROJECTED_ATTRIBUTES"), _) => {
                return refuse(
                    "One or more parameter values were invalid: ALL_PROJECTED_ATTRIBUTES can be used only when \
                     Querying using an IndexName",
                );
            }
            _ => {}
        }
        Ok(Self {
            filter: placeholders.condition("FilterExpression", request.filter)?,
            projection: placeholders.projection(projection)?,
            count_only: select == Some("COUNT"),
            limit,
        })
    }
}

impl Selection {
    /// Returns the top-level attributes that the filter looks at.
    pub fn filter_paths(&self) -> Vec<&str> {
        self.filter.as_ref().map(Condition::attributes).unwrap_or_default()
    }
}

/// Collects one page of results.
pub(super) struct Collector<'a> {
    table: &'a Table,
    selection: &'a Selection,
    response: ItemsResponse,
    bytes: usize,
    last: Option<Item>,
    /// The bytes that were read of each partition, by its number.
    read: BTreeMap<u32, usize>,
}

impl<'a> Collector<'a> {
    /// Returns an empty page of results.
    pub fn new(table: &'a Table, selection: &'a Selection) -> Self {
        let items = (!selection.count_only).then(Vec::new);
        let response = ItemsResponse { items, ..ItemsResponse::default() };
        Self { table, selection, response, bytes: 0, last: None, read: BTreeMap::new() }
    }

    /// Takes one more item, from the partition of this number; breaks when the page is full.
    pub fn take(&mut self, partition: u32, item: Item) -> ControlFlow<()> {
        let size = item_size(&item);
        if self.bytes + size > PAGE_LIMIT && self.response.scanned_count > 0 {
            self.response.last_evaluated_key = self.last.take();
            return ControlFlow::Break(());
        }
        self.bytes += size;
        *self.read.entry(partition).or_default() += size;
        self.response.scanned_count += 1;
        let key = self.table.key_of(&item);
        if self.selection.filter.as_ref().is_none_or(|filter| matches(filter, &item)) {
            self.response.count += 1;
            if let Some(items) = &mut self.response.items {
                items.push(match &self.selection.projection {
                    Some(paths) => project(&item, paths),
                    None => item,
                });
            }
        }
        // Stopped by Limit, the answer names a next page even if nothing is left.
        if self.selection.limit == Some(self.response.scanned_count) {
            self.response.last_evaluated_key = Some(key);
            return ControlFlow::Break(());
        }
        self.last = Some(key);
        ControlFlow::Continue(())
    }

    /// Returns the number of the partition that the page ended in, if it is not the last page.
    pub fn ended_in(&self) -> Option<u32> {
        self.response.last_evaluated_key.as_ref()?;
        self.read.keys().next_back().copied()
    }

    /// Returns the answer, with the cost of the request if it asks: what was read of each partition is rounded up by
    /// itself, and of one without items there is a look to pay for.
    ///
    /// Source: scylladb/scylladb, test/alternator/test_returnconsumedcapacity.py, which is run against DynamoDB: the scan
    /// of a new on-demand table with a tiny item costs 4 units, 2 unless consistent.
    /// Doubtful: the reason, which is that such a table has four partitions. One form is known.
    pub fn finish(
        mut self,
        return_consumed_capacity: Option<&str>,
        consistent: Option<bool>,
        partitions: u32,
    ) -> ItemsResponse {
        let of_items: f64 = self.read.values().map(|bytes| read_units(*bytes, consistent)).sum();
        let empty = partitions.saturating_sub(u32::try_from(self.read.len()).unwrap_or(u32::MAX));
        let units = of_items + f64::from(empty) * read_units(0, consistent);
        self.response.consumed_capacity =
            ConsumedCapacity::of(return_consumed_capacity, &self.table.handle, units);
        self.response
    }
}

/// Returns the item of a record.
pub(super) fn decode(record: &Record<'_>) -> Result<Item, DiskError> {
    codec::decode(record.item).map_err(|_| DiskError::Malformed)
}

/// Returns the position that `ExclusiveStartKey` names.
pub(super) fn start_position(
    table: &Table,
    keys: &TableKeys,
    start: Option<&Item>,
) -> Result<Option<Position>, ApiError> {
    let invalid =
        |message: String| ApiError::validation(format!("The provided starting key is invalid: {message}"));
    start
        .map(|key| {
            table.check_key(key).map_err(|e| invalid(e.0))?;
            table.position(keys, key).ok_or_else(|| invalid("it cannot be compared".to_owned()))
        })
        .transpose()
}

impl Operation for ScanRequest {
    const READ_ONLY: bool = true;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // A Scan names no partition key: dynamodb:LeadingKeys is absent, and ForAllValues conditions on it hold.
        // Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
        let permission = table_permission(invocation, "Scan", &self.table_name)?;
        Ok(vec![self.parts().with_keys(invocation, permission)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ItemsResponse, ApiError> {
        let mut placeholders = self.parts().placeholders(Checks::Older)?;
        let selection = Selection::read(&mut placeholders, &self.parts())?;
        placeholders.finish()?;
        let start = self.exclusive_start_key.as_ref();
        let start = start.map(|key| check_attributes(key, Checks::Older)).transpose()?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        let keys = open_for_caller(invocation, &table)?;
        let start = start_position(&table, &keys, start.as_ref())?;
        let partitions = table.billing.partitions();
        let mut collector = Collector::new(&table, &selection);
        let mut malformed = None;
        let from = start.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        table.disk.scan(&keys, from, &mut |record| match decode(record) {
            Ok(item) => collector.take(record.share(partitions), item),
            Err(error) => {
                malformed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        malformed.map_or(Ok(()), Err)?;
        let first = start.map_or(0, |start| start.share(partitions));
        let last = collector.ended_in().unwrap_or(partitions.saturating_sub(1));
        let looked_at = last.saturating_sub(first) + 1;
        Ok(collector.finish(self.return_consumed_capacity.as_deref(), self.consistent_read, looked_at))
    }
}
