//! What the operations share: how a request names its table, which condition keys it brings, how errors are worded.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::disk::DiskError;
use super::handle::TableHandle;
use super::table::Table;
use super::value::AttributeValue;
use super::wire::{Checks, WireItem};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Arn, Invocation, Region, World};
use crate::policy::key;

impl From<DiskError> for ApiError {
    /// Wraps an error that AWS does not document: the lab lets its learner damage the disk, and says what
    /// happened.
    fn from(error: DiskError) -> Self {
        Self::new("InternalServerError", error.to_string()).with_status(500)
    }
}

/// Returns the table that a request names by name or by ARN.
pub(super) fn table_handle(invocation: &Invocation<'_>, name: &str) -> Result<TableHandle, ApiError> {
    if name.starts_with("arn:") {
        let handle = name.parse::<Arn>().ok().as_ref().and_then(TableHandle::from_arn);
        return handle.ok_or_else(|| ApiError::validation(format!("Invalid table ARN: {name}")));
    }
    check_name("TableName", "tableName", name)?;
    Ok(TableHandle { account: invocation.account()?, region: invocation.region().clone(), name: name.into() })
}

/// Checks the name of a table or backup. Source: DynamoDB API Reference, CreateTable, TableName.
pub(super) fn check_name(parameter: &str, member: &str, name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(ApiError::validation(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be \
             null"
        )));
    }
    if !(3..=255).contains(&name.len()) {
        return Err(ApiError::validation(format!(
            "{parameter} must be at least 3 characters long and at most 255 characters long"
        )));
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b)) {
        return Err(ApiError::constraint(
            Some(name),
            member,
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ));
    }
    Ok(())
}

/// Checks that a value is one of a few words.
pub(super) fn check_word(value: Option<&str>, member: &str, legal: &[&str]) -> Result<(), ApiError> {
    match value {
        Some(value) if !legal.contains(&value) => Err(ApiError::constraint(
            Some(value),
            member,
            format_args!("Member must satisfy enum value set: [{}]", legal.join(", ")),
        )),
        _ => Ok(()),
    }
}

/// Whether the request validation of a Region is still the one from before June 2026.
///
/// Source: paritysuite/dynamodb-conformance, registry/splits.json, as of 2026-10-07: two Regions have not moved.
pub(super) fn validates_as_before(region: &Region) -> bool {
    matches!(region.as_str(), "eu-south-2" | "me-central-1")
}

/// Puts before a refusal what DynamoDB has put before those of `PutItem`, `UpdateItem` and `DeleteItem` since 2026:
/// those of request validation, which needs no table.
///
/// Source: paritysuite/dynamodb-conformance, captures/cross-region-latest.json of 2026-09-20.
pub(super) fn validated<T>(region: &Region, result: Result<T, ApiError>) -> Result<T, ApiError> {
    result.map_err(|error| {
        let counted = error.message.contains("detected: ");
        if error.code != "ValidationException" || counted || validates_as_before(region) {
            return error;
        }
        ApiError { message: format!("1 validation error detected: {}", error.message), ..error }
    })
}

/// Returns what is wrong with a parameter that must be one of a few words.
pub(super) fn word_fault(value: Option<&str>, member: &str, legal: &[&str]) -> Option<String> {
    let error = check_word(value, member, legal).err()?;
    Some(error.message.trim_start_matches("1 validation error detected: ").to_owned())
}

/// Refuses a request whose members break the rules of the API model, all of them in one message.
pub(super) fn count_faults(faults: &[String]) -> Result<(), ApiError> {
    if faults.is_empty() {
        return Ok(());
    }
    let errors = if faults.len() == 1 { "error" } else { "errors" };
    Err(ApiError::validation(format!("{} validation {errors} detected: {}", faults.len(), faults.join("; "))))
}

/// Returns a number that must be at least one.
pub(super) fn check_positive(value: Option<i64>, member: &str) -> Result<Option<usize>, ApiError> {
    value
        .map(|value| {
            usize::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| {
                ApiError::constraint(
                    Some(&value.to_string()),
                    member,
                    "Member must have value greater than or equal to 1",
                )
            })
        })
        .transpose()
}

/// Returns the `Limit` of a list of tables or backups: 1 to 100, 100 unless given.
pub(super) fn check_limit(value: Option<i64>) -> Result<usize, ApiError> {
    let limit = check_positive(value, "limit")?.unwrap_or(100);
    if limit > 100 {
        let constraint = "Member must have value less than or equal to 100";
        return Err(ApiError::constraint(Some(&limit.to_string()), "limit", constraint));
    }
    Ok(limit)
}

/// Returns the permission for an operation on one table.
pub(super) fn table_permission(
    invocation: &Invocation<'_>,
    operation: &str,
    name: &str,
) -> Result<Permission, ApiError> {
    Ok(Permission::new(format!("dynamodb:{operation}"), table_handle(invocation, name)?.arn()))
}

/// Adds `dynamodb:LeadingKeys`, the partition keys that a request names, and `dynamodb:Attributes`, the
/// top-level attributes it touches.
/// Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
pub(super) fn with_item_keys<'a>(
    invocation: &Invocation<'_>,
    permission: Permission,
    table: &str,
    keys: impl IntoIterator<Item = &'a WireItem>,
    attributes: impl IntoIterator<Item = String>,
) -> Permission {
    let keys: Vec<&WireItem> = keys.into_iter().collect();
    let schema =
        table_handle(invocation, table).ok().and_then(|h| invocation.world.dynamodb.table(&h).cloned());
    let partition = |key: &WireItem| {
        let name = &schema.as_ref()?.partition.name;
        key_text(&key.get(name)?.check(Checks::Older).ok()?)
    };
    let mut leading: Vec<String> = keys.iter().filter_map(|key| partition(key)).collect();
    leading.sort();
    leading.dedup();
    let mut names: Vec<String> = keys.iter().flat_map(|key| key.keys().cloned()).chain(attributes).collect();
    names.sort();
    names.dedup();
    let permission = if leading.is_empty() {
        permission
    } else {
        permission.with_keys(key!("dynamodb:LeadingKeys"), leading)
    };
    if names.is_empty() { permission } else { permission.with_keys(key!("dynamodb:Attributes"), names) }
}

/// Returns a key's value as text, as condition keys carry it.
pub(super) fn key_text(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::S(text) => Some(text.clone()),
        AttributeValue::N(number) => Some(number.to_string()),
        AttributeValue::B(_) => serde_json::to_value(value).ok()?.get("B")?.as_str().map(str::to_owned),
        AttributeValue::Bool(_)
        | AttributeValue::Null
        | AttributeValue::M(_)
        | AttributeValue::L(_)
        | AttributeValue::Ss(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Bs(_) => None,
    }
}

/// Adds a condition key for an optional parameter.
pub(super) fn with_optional(permission: Permission, key: &str, value: Option<&str>) -> Permission {
    match value {
        Some(value) => permission.with_key(key, value),
        None => permission,
    }
}

/// A number of capacity units, and of which kind they are where DynamoDB says so: in the answers of transactions.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Capacity {
    pub read_capacity_units: Option<f64>,
    pub write_capacity_units: Option<f64>,
    /// Capacity units; half a unit for up to 4 KB read eventually consistent.
    pub capacity_units: f64,
}

/// `ConsumedCapacity`: what a request cost.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConsumedCapacity {
    pub table_name: String,
    pub capacity_units: f64,
    /// Present in the answers of transactions that read.
    pub read_capacity_units: Option<f64>,
    /// Present in the answers of transactions that write.
    pub write_capacity_units: Option<f64>,
    /// The part of the table itself, which is all of it, for `INDEXES`.
    pub table: Option<Capacity>,
}

/// The legal words of `ReturnConsumedCapacity`, and of `ReturnItemCollectionMetrics`.
pub(super) const METRICS_WORDS: [&str; 2] = ["SIZE", "NONE"];
pub(super) const CAPACITY_WORDS: [&str; 3] = ["INDEXES", "TOTAL", "NONE"];

/// Checks that `ReturnConsumedCapacity` is one of its words.
pub(super) fn check_capacity_word(wanted: Option<&str>) -> Result<(), ApiError> {
    check_word(wanted, "returnConsumedCapacity", &CAPACITY_WORDS)
}

/// Returns the units that a read of `size` bytes costs: 4 KB a unit, half of it unless consistent.
/// Source: DynamoDB Developer Guide, "Read/write capacity mode".
pub(super) fn read_units(size: usize, consistent: Option<bool>) -> f64 {
    units(size, 4096) * if consistent == Some(true) { 1.0 } else { 0.5 }
}

/// Returns the units that a write of `size` bytes costs: 1 KB a unit.
pub(super) fn write_units(size: usize) -> f64 {
    units(size, 1024)
}

fn units(size: usize, unit: usize) -> f64 {
    f64::from(u32::try_from(size.div_ceil(unit).max(1)).unwrap_or(u32::MAX))
}

impl ConsumedCapacity {
    /// Returns what a request says of its cost, if it asks.
    pub(super) fn of(wanted: Option<&str>, table: &TableHandle, units: f64) -> Option<Self> {
        let wanted = wanted.filter(|wanted| *wanted != "NONE")?;
        let cost = Self {
            table_name: table.name.to_string(),
            capacity_units: units,
            read_capacity_units: None,
            write_capacity_units: None,
            table: None,
        };
        Some(cost.with_parts(wanted))
    }

    /// Returns the same with the part of the table itself, if that is asked for.
    ///
    /// Source: scylladb/scylladb, test/alternator/test_returnconsumedcapacity.py, which is run against DynamoDB.
    pub(super) fn with_parts(self, wanted: &str) -> Self {
        let table = Capacity {
            read_capacity_units: self.read_capacity_units,
            write_capacity_units: self.write_capacity_units,
            capacity_units: self.capacity_units,
        };
        Self { table: Some(table).filter(|_| wanted == "INDEXES"), ..self }
    }
}

impl World {
    /// Returns the table, or the error of the operations on items.
    pub(super) fn item_table(&self, handle: &TableHandle) -> Result<Arc<Table>, ApiError> {
        let not_found = || ApiError::new("ResourceNotFoundException", "Requested resource not found");
        let table = self.dynamodb.table(handle).ok_or_else(not_found)?;
        if !table.serves_items(self.now) {
            return Err(not_found());
        }
        Ok(Arc::clone(table))
    }

    /// Returns the table, or the error of the operations on tables.
    pub(super) fn control_table(&self, handle: &TableHandle) -> Result<Arc<Table>, ApiError> {
        self.dynamodb.table(handle).cloned().ok_or_else(|| {
            let message = format!("Requested resource not found: Table: {} not found", handle.name);
            ApiError::new("ResourceNotFoundException", message)
        })
    }
}
