//! What the requests on several items share: their tables, each looked up and opened once, and what they cost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change;
use super::disk::TableKeys;
use super::handle::TableHandle;
use super::invalid::Invalid;
use super::keys::open_for_caller;
use super::request::{ConsumedCapacity, table_handle};
use super::table::Table;
use super::value::Item;
use crate::cloud::{ApiError, Invocation};

/// The tables of a request, which were looked up before any of them is opened.
pub(super) struct Tables {
    found: BTreeMap<TableHandle, Arc<Table>>,
}

/// The tables of a request with their keys: one question to KMS for each, however many items are asked for.
pub(super) struct Opened {
    keys: BTreeMap<TableHandle, TableKeys>,
    units: BTreeMap<TableHandle, f64>,
}

impl Tables {
    /// Looks up every table that a request names, in the request's order.
    pub fn look_up<'a>(
        invocation: &Invocation<'_>,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ApiError> {
        let mut found = BTreeMap::new();
        for name in names {
            let handle = table_handle(invocation, name)?;
            let table = invocation.world.item_table(&handle)?;
            found.insert(handle, table);
        }
        Ok(Self { found })
    }

    /// Returns a table that was looked up.
    pub fn table(&self, invocation: &Invocation<'_>, name: &str) -> Result<&Table, ApiError> {
        let handle = table_handle(invocation, name)?;
        self.found
            .get(&handle)
            .map(Arc::as_ref)
            .ok_or_else(|| ApiError::new("ResourceNotFoundException", "Requested resource not found"))
    }

    /// Opens every table, in the caller's name.
    ///
    /// Doubtful: AWS does not say what becomes of a batch if the key of one of its tables cannot be used. Here the whole
    /// request is refused, as a request on that table alone is. One form is known.
    /// Source: DynamoDB API Reference, BatchGetItem and TransactWriteItems.
    pub fn open(self, invocation: &mut Invocation<'_>) -> Result<Opened, ApiError> {
        let mut keys = BTreeMap::new();
        for (handle, table) in self.found {
            keys.insert(handle, open_for_caller(invocation, &table)?);
        }
        Ok(Opened { keys, units: BTreeMap::new() })
    }
}

impl Opened {
    fn at(&self, invocation: &Invocation<'_>, name: &str) -> Result<(Arc<Table>, &TableKeys), ApiError> {
        let handle = table_handle(invocation, name)?;
        let table = invocation.world.item_table(&handle)?;
        let not_open = || ApiError::new("ResourceNotFoundException", "Requested resource not found");
        Ok((table, self.keys.get(&handle).ok_or_else(not_open)?))
    }

    /// Returns the item with this key in the table of this name.
    pub fn read(
        &self,
        invocation: &Invocation<'_>,
        name: &str,
        key: &Item,
    ) -> Result<Option<Item>, ApiError> {
        let (table, keys) = self.at(invocation, name)?;
        change::read(&table, keys, key)
    }

    /// Writes or deletes the item with this key in the table of this name.
    pub fn write(
        &self,
        invocation: &mut Invocation<'_>,
        name: &str,
        key: &Item,
        before: Option<&Item>,
        after: Option<&Item>,
    ) -> Result<(), ApiError> {
        let (table, keys) = self.at(invocation, name)?;
        change::write(invocation, &table, keys, key, before, after)
    }

    /// Counts capacity units for a table.
    pub fn charge(&mut self, invocation: &Invocation<'_>, name: &str, units: f64) -> Result<(), ApiError> {
        *self.units.entry(table_handle(invocation, name)?).or_default() += units;
        Ok(())
    }

    /// Returns what the request cost in each of its tables, if it asks.
    pub fn costs(&self, wanted: Option<&str>) -> Option<Vec<ConsumedCapacity>> {
        let costs: Option<Vec<_>> =
            self.units.iter().map(|(table, units)| ConsumedCapacity::of(wanted, table, *units)).collect();
        costs.filter(|costs| !costs.is_empty())
    }
}

/// Refuses a request that names one item twice.
pub(super) fn check_distinct<'a>(
    keys: impl IntoIterator<Item = (&'a str, &'a Item)>,
    refusal: &'static str,
) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    for (table, key) in keys {
        let bytes: Vec<_> = key.values().map(super::value::AttributeValue::key_bytes).collect();
        if !seen.insert((table, bytes)) {
            return Err(Invalid::new(refusal));
        }
    }
    Ok(())
}

/// The text of a batch that names one item twice.
pub(super) const DUPLICATES: &str = "Provided list of item keys contains duplicates";

/// What is wrong with the name of a table that is the key of a map, if anything is; `shown` is the map as DynamoDB
/// repeats it.
pub(super) fn map_key_fault(
    names: impl IntoIterator<Item = impl AsRef<str>>,
    shown: Option<&str>,
) -> Option<String> {
    let legal = |name: &str| {
        let good = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        name.starts_with("arn:") || good && (3..=255).contains(&name.len())
    };
    let shown = shown.map_or(String::new(), |shown| format!(" '{shown}'"));
    names.into_iter().any(|name| !legal(name.as_ref())).then(|| {
        format!(
            "Value{shown} at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: [Member must \
             have length less than or equal to 255, Member must have length greater than or equal to 3, Member must \
             satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
        )
    })
}
