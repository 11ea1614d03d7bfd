//! `Query`: the items of one partition, in order of their sort key.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::disk::{DiskError, Position, Record, TableKeys};
use super::expression::{Comparator, KeyCondition, Placeholders, SortOperator};
use super::invalid::Invalid;
use super::items::{attributes, logged};
use super::keys::open_for_caller;
use super::request::{key_text, table_handle, table_permission, with_item_keys, with_optional};
use super::scan::{Collector, ItemsResponse, Selection, decode, selected, start_position};
use super::table::{KeyAttribute, Table};
use super::value::{AttributeValue, Item};
use super::wire::WireItem;
use crate::cloud::authorize::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The request of `Query`. Secondary indexes are not simulated.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct QueryRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    /// One partition, and what the sort key must be.
    pub key_condition_expression: Option<String>,
    /// In order of the sort key, unless `false`.
    pub scan_index_forward: Option<bool>,
    /// Most items to read, before the filter.
    pub limit: Option<i64>,
    /// `ALL_ATTRIBUTES`, `SPECIFIC_ATTRIBUTES` or `COUNT`.
    pub select: Option<String>,
    /// The `LastEvaluatedKey` of the page before.
    pub exclusive_start_key: Option<WireItem>,
    /// Which of the items read are returned.
    pub filter_expression: Option<String>,
    /// Which attributes are returned.
    pub projection_expression: Option<String>,
    /// Attribute names by their `#name` placeholders.
    pub expression_attribute_names: Option<BTreeMap<String, String>>,
    /// Values by their `:value` placeholders.
    pub expression_attribute_values: Option<WireItem>,
    /// Costs double; the simulation is always consistent.
    pub consistent_read: Option<bool>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
}

/// Which records of a partition a Query reads.
struct Range {
    /// Where it begins; every record from here on is in the partition or behind it.
    low: Position,
    low_included: bool,
    high: High,
}

/// Where a range of sort keys ends.
enum High {
    PartitionEnd,
    Through(Vec<u8>),
    Before(Vec<u8>),
    WhilePrefix(Vec<u8>),
}

impl Range {
    fn of(condition: &KeyCondition, table: &Table, keys: &TableKeys) -> Result<Self, Invalid> {
        let partition = key_bytes(&table.partition, &condition.partition)?;
        let start = keys.position(&partition, None);
        let range = |low: Option<Vec<u8>>, low_included, high| Self {
            low: low.map_or_else(|| start.clone(), |sort| start.with_sort(sort)),
            low_included,
            high,
        };
        let (Some(sort), Some(attribute)) = (&condition.sort, &table.sort) else {
            return Ok(range(None, true, High::PartitionEnd));
        };
        let mut values = sort.values.iter().map(|value| key_bytes(attribute, value));
        let (first, second) = (values.next().transpose()?, values.next().transpose()?);
        let Some(value) = first else { return Ok(range(None, true, High::PartitionEnd)) };
        Ok(match (sort.operator, second) {
            (SortOperator::Between, Some(high)) => {
                if value > high {
                    return Err(Invalid::new(
                        "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than \
                         or equal to lower bound",
                    ));
                }
                range(Some(value), true, High::Through(high))
            }
            (SortOperator::BeginsWith, _) => {
                if attribute.kind.as_str() == "N" {
                    return Err(Invalid::new(
                        "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or \
                         function: begins_with, operand type: N",
                    ));
                }
                range(Some(value.clone()), true, High::WhilePrefix(value))
            }
            (SortOperator::Compare(Comparator::Less), _) => range(None, true, High::Before(value)),
            (SortOperator::Compare(Comparator::LessOrEqual), _) => range(None, true, High::Through(value)),
            (SortOperator::Compare(Comparator::Greater), _) => range(Some(value), false, High::PartitionEnd),
            (SortOperator::Compare(Comparator::GreaterOrEqual), _) => {
                range(Some(value), true, High::PartitionEnd)
            }
            (_, _) => range(Some(value.clone()), true, High::Through(value)),
        })
    }

    fn holds(&self, record: &Record<'_>) -> bool {
        self.low.same_partition(record)
            && match &self.high {
                High::PartitionEnd => true,
                High::Through(high) => record.sort <= high.as_slice(),
                High::Before(high) => record.sort < high.as_slice(),
                High::WhilePrefix(prefix) => record.sort.starts_with(prefix),
            }
    }
}

fn key_bytes(attribute: &KeyAttribute, value: &AttributeValue) -> Result<Vec<u8>, Invalid> {
    value
        .key_bytes()
        .filter(|_| value.type_name() == attribute.kind.as_str())
        .ok_or_else(|| Invalid::parameter("Condition parameter type does not match schema type"))
}

impl QueryRequest {
    fn placeholders(&self) -> Result<Placeholders, Invalid> {
        Placeholders::new(self.expression_attribute_names.as_ref(), self.expression_attribute_values.as_ref())
    }

    fn key_condition(&self, placeholders: &mut Placeholders, table: &Table) -> Result<KeyCondition, Invalid> {
        let text = self.key_condition_expression.as_deref();
        let condition = placeholders.condition("KeyConditionExpression", text)?.ok_or_else(|| {
            Invalid::new("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        })?;
        KeyCondition::of(condition, &table.partition.name, table.sort.as_ref().map(|sort| sort.name.as_str()))
    }

    /// Reads a partition backwards. Costs reading the whole range: pages are only read forwards.
    fn backwards(
        table: &Table,
        keys: &TableKeys,
        range: &Range,
        before: Option<&Position>,
        collector: &mut Collector<'_>,
    ) -> Result<(), ApiError> {
        let mut found: Vec<Item> = Vec::new();
        let low = if range.low_included { Bound::Included(&range.low) } else { Bound::Excluded(&range.low) };
        let mut malformed = None;
        table.disk.scan(keys, low, &mut |record| {
            if !range.holds(record) || before.is_some_and(|before| record.sort >= before.sort()) {
                return ControlFlow::Break(());
            }
            keep(decode(record), &mut malformed, |item| {
                found.push(item);
                ControlFlow::Continue(())
            })
        })?;
        malformed.map_or(Ok(()), Err)?;
        for item in found.into_iter().rev() {
            if collector.take(item).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn forwards(
        table: &Table,
        keys: &TableKeys,
        range: &Range,
        after: Option<&Position>,
        collector: &mut Collector<'_>,
    ) -> Result<(), ApiError> {
        let low = match after {
            Some(after) if after.sort() >= range.low.sort() => Bound::Excluded(after),
            _ if range.low_included => Bound::Included(&range.low),
            _ => Bound::Excluded(&range.low),
        };
        let mut malformed = None;
        table.disk.scan(keys, low, &mut |record| {
            if !range.holds(record) {
                return ControlFlow::Break(());
            }
            keep(decode(record), &mut malformed, |item| collector.take(item))
        })?;
        Ok(malformed.map_or(Ok(()), Err)?)
    }
}

fn keep(
    item: Result<Item, DiskError>,
    malformed: &mut Option<DiskError>,
    take: impl FnOnce(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match item {
        Ok(item) => take(item),
        Err(error) => {
            *malformed = Some(error);
            ControlFlow::Break(())
        }
    }
}

impl Operation for QueryRequest {
    const READ_ONLY: bool = true;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = table_permission(invocation, "Query", &self.table_name)?;
        let table = invocation.world.dynamodb.table(&table_handle(invocation, &self.table_name)?);
        let leading = table.and_then(|table| {
            let condition = self.key_condition(&mut self.placeholders().ok()?, table).ok()?;
            key_text(&condition.partition)
        });
        let permission = match leading {
            Some(value) => permission.with_keys("dynamodb:LeadingKeys", vec![value]),
            None => permission,
        };
        let projection = self.projection_expression.as_deref();
        let touched = attributes(self.expression_attribute_names.as_ref(), projection);
        let permission = with_item_keys(invocation, permission, &self.table_name, None, touched);
        let permission =
            with_optional(permission, "dynamodb:Select", selected(self.select.as_deref(), projection));
        Ok(vec![with_optional(
            permission,
            "dynamodb:ReturnConsumedCapacity",
            self.return_consumed_capacity.as_deref(),
        )])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ItemsResponse, ApiError> {
        let mut placeholders = self.placeholders()?;
        let selection = Selection::read(
            &mut placeholders,
            self.select.as_deref(),
            self.limit,
            self.filter_expression.as_deref(),
            self.projection_expression.as_deref(),
        )?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        let condition = self.key_condition(&mut placeholders, &table)?;
        placeholders.finish()?;
        if let Some(path) = selection.filter_paths().into_iter().find(|path| table.is_key(path)) {
            return Err(ApiError::validation(format!(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: {path}"
            )));
        }
        let keys = open_for_caller(invocation, &table)?;
        let range = Range::of(&condition, &table, &keys)?;
        let start = start_position(&table, &keys, self.exclusive_start_key.as_ref())?;
        if start.as_ref().is_some_and(|start| start.with_sort(Vec::new()) != range.low.with_sort(Vec::new()))
        {
            return Err(ApiError::validation(
                "The provided starting key is outside query boundaries based on provided conditions",
            ));
        }
        let mut collector = Collector::new(&table, &selection);
        if self.scan_index_forward == Some(false) {
            Self::backwards(&table, &keys, &range, start.as_ref(), &mut collector)?;
        } else {
            Self::forwards(&table, &keys, &range, start.as_ref(), &mut collector)?;
        }
        collector.finish(self.return_consumed_capacity.as_deref(), self.consistent_read)
    }

    fn request_parameters(&self) -> Value {
        logged(
            &self.table_name,
            &[
                ("keyConditionExpression", self.key_condition_expression.as_deref()),
                ("select", self.select.as_deref()),
                ("filterExpression", self.filter_expression.as_deref()),
                ("projectionExpression", self.projection_expression.as_deref()),
            ],
        )
    }
}
