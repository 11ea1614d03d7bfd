//! What the operations share: how a request names its table, which condition keys it brings, how errors are worded.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::disk::DiskError;
use super::handle::TableHandle;
use super::table::Table;
use super::value::AttributeValue;
use super::wire::WireItem;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Arn, Invocation, Region, World};

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
fn validates_as_before(region: &Region) -> bool {
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

/// Checks the two parameters of a write that hold words. What is wrong with both is said at once, but `UpdateItem` stops
/// at its `ReturnValues`.
///
/// Source: as for [`validated`], the probes o_del_two_bad_enums, o_put_three_bad_enums and o_upd_two_bad_enums; for the
/// Regions that have not moved registry/splits.json. The misspelt `UPDATE_NEW` is DynamoDB's.
pub(super) fn check_write_words(
    region: &Region,
    operation: &str,
    return_values: Option<&str>,
    return_consumed_capacity: Option<&str>,
) -> Result<(), ApiError> {
    let before = validates_as_before(region);
    let fault = |value: Option<&str>, member: &str, legal: &[&str]| {
        check_word(value, member, legal)
            .err()
            .map(|error| error.message.trim_start_matches("1 validation error detected: ").to_owned())
    };
    let capacity = fault(return_consumed_capacity, "returnConsumedCapacity", &["INDEXES", "TOTAL", "NONE"]);
    let legal = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
    let values = fault(return_values, "returnValues", &legal).map(|text| {
        let newer = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, \
                     ALL_NEW, UPDATE_NEW, NONE]";
        if before { text } else { newer.to_owned() }
    });
    let stops = operation == "UpdateItem" && !before && values.is_some();
    let faults: Vec<String> = capacity.filter(|_| !stops).into_iter().chain(values).collect();
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
pub(super) fn with_item_keys(
    invocation: &Invocation<'_>,
    permission: Permission,
    table: &str,
    key: Option<&WireItem>,
    attributes: impl IntoIterator<Item = String>,
) -> Permission {
    let schema =
        table_handle(invocation, table).ok().and_then(|h| invocation.world.dynamodb.table(&h).cloned());
    let leading = schema
        .zip(key)
        .and_then(|(schema, key)| key.get(&schema.partition.name)?.check().ok())
        .as_ref()
        .and_then(key_text);
    let mut names: Vec<String> =
        key.into_iter().flat_map(|key| key.keys().cloned()).chain(attributes).collect();
    names.sort();
    names.dedup();
    let permission = match leading {
        Some(value) => permission.with_keys("dynamodb:LeadingKeys", vec![value]),
        None => permission,
    };
    if names.is_empty() { permission } else { permission.with_keys("dynamodb:Attributes", names) }
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

/// `ConsumedCapacity`: what a request cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConsumedCapacity {
    pub table_name: String,
    /// Capacity units; half a unit for up to 4 KB read eventually consistent.
    pub capacity_units: f64,
}

/// Returns what a read of `size` bytes costs, if the request asks.
/// Source: DynamoDB Developer Guide, "Read/write capacity mode": 4 KB a unit to read, half of it unless consistent.
pub(super) fn read_cost(
    wanted: Option<&str>,
    table: &TableHandle,
    size: usize,
    consistent: Option<bool>,
) -> Result<Option<ConsumedCapacity>, ApiError> {
    let each = if consistent == Some(true) { 1.0 } else { 0.5 };
    cost(wanted, table, size.div_ceil(4096), each)
}

/// Returns what a write of `size` bytes costs, if the request asks: 1 KB a unit.
pub(super) fn write_cost(
    wanted: Option<&str>,
    table: &TableHandle,
    size: usize,
) -> Result<Option<ConsumedCapacity>, ApiError> {
    cost(wanted, table, size.div_ceil(1024), 1.0)
}

fn cost(
    wanted: Option<&str>,
    table: &TableHandle,
    units: usize,
    each: f64,
) -> Result<Option<ConsumedCapacity>, ApiError> {
    check_word(wanted, "returnConsumedCapacity", &["INDEXES", "TOTAL", "NONE"])?;
    let units = f64::from(u32::try_from(units.max(1)).unwrap_or(u32::MAX));
    Ok(wanted
        .filter(|wanted| *wanted != "NONE")
        .map(|_| ConsumedCapacity { table_name: table.name.to_string(), capacity_units: units * each }))
}

/// Returns the `ConditionalCheckFailedException` of a request whose condition does not hold.
pub(super) fn condition_failed() -> ApiError {
    ApiError::new("ConditionalCheckFailedException", "The conditional request failed")
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
