//! `Query`: the items of one partition, in order of their sort key.

use std::ops::{Bound, ControlFlow};

use super::disk::{DiskError, Position, Record, TableKeys};
use super::expression::{Comparator, Condition, KeyCondition, Placeholders, SortOperator};
use super::invalid::Invalid;
use super::keys::open_for_caller;
use super::request::{key_text, table_handle, table_permission};
use super::scan::{Collector, ItemsResponse, Selection, decode, read_request, start_position};
use super::table::{KeyAttribute, Table};
use super::value::{AttributeValue, Item};
use super::wire::{Checks, check_attributes};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

read_request! {
    /// The request of `Query`. Secondary indexes are not simulated.
    QueryRequest {
        /// One partition, and what the sort key must be.
        key_condition_expression: Option<String>,
        /// In order of the sort key, unless `false`.
        scan_index_forward: Option<bool>,
    }
}

/// The records of a partition that a Query reads.
struct Range {
    /// The first position: every record from here on is in the partition or behind it.
    low: Position,
    low_included: bool,
    high: High,
}

/// The end of a range of sort keys.
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
            (SortOperator::BeginsWith, _) => range(Some(value.clone()), true, High::WhilePrefix(value)),
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
    /// Reads the key condition as far as it can be without the table.
    fn condition(&self, placeholders: &mut Placeholders) -> Result<Condition, Invalid> {
        let text = self.key_condition_expression.as_deref();
        placeholders.condition("KeyConditionExpression", text)?.ok_or_else(|| {
            Invalid::new("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        })
    }

    /// Returns what a condition asks of the keys of a table.
    fn key_condition(condition: Condition, table: &Table) -> Result<KeyCondition, Invalid> {
        let sort = table.sort.as_ref();
        let condition =
            KeyCondition::of(condition, &table.partition.name, sort.map(|sort| sort.name.as_str()))?;
        // Source: DynamoDB's answers: a key condition is held to what a key can be, if its type is right.
        table.check_key_value(&table.partition, &condition.partition)?;
        if let (Some(attribute), Some(asked)) = (sort, &condition.sort) {
            asked.values.iter().try_for_each(|value| table.check_key_value(attribute, value))?;
        }
        Ok(condition)
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
            if collector.take(0, item).is_break() {
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
            keep(decode(record), &mut malformed, |item| collector.take(0, item))
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
            let condition = self.condition(&mut self.parts().placeholders(Checks::Newer).ok()?).ok()?;
            key_text(&Self::key_condition(condition, table).ok()?.partition)
        });
        let permission = match leading {
            Some(value) => permission.with_keys("dynamodb:LeadingKeys", vec![value]),
            None => permission,
        };
        Ok(vec![self.parts().with_keys(invocation, permission)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ItemsResponse, ApiError> {
        let mut placeholders = self.parts().placeholders(Checks::Newer)?;
        let selection = Selection::read(&mut placeholders, &self.parts())?;
        // Source: paritysuite/dynamodb-conformance, tests/tier3/validation-ordering/queryKeyCondition.test.ts: operands
        // are checked before the table is looked for.
        let condition = self.condition(&mut placeholders)?;
        placeholders.finish()?;
        let start = self.exclusive_start_key.as_ref();
        let start = start.map(|key| check_attributes(key, Checks::Newer)).transpose()?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        let condition = Self::key_condition(condition, &table)?;
        if let Some(path) = selection.filter_paths().into_iter().find(|path| table.is_key(path)) {
            return Err(ApiError::validation(format!(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: {path}"
            )));
        }
        let keys = open_for_caller(invocation, &table)?;
        let range = Range::of(&condition, &table, &keys)?;
        let start = start_position(&table, &keys, start.as_ref())?;
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
        Ok(collector.finish(self.return_consumed_capacity.as_deref(), self.consistent_read, 1))
    }
}
