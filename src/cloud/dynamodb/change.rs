//! What a write makes of one item, and how items are read from the disk of a table and written to it.

use super::disk::{PlainBytes, TableKeys};
use super::expression::{Condition, Update, apply, matches};
use super::invalid::Invalid;
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{check_depth, check_size};
use super::{codec, disk::DiskError};
use crate::cloud::{ApiError, Invocation};

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

/// What a write does to one item.
pub(super) enum Change {
    /// Stores this whole item.
    Put(Item),
    /// Deletes the item, if there is one.
    Delete,
    /// Changes attributes of the item, or makes it.
    Update(Update),
    /// Leaves the item as it is: a transaction only looks at it.
    Check,
}

/// A write of one item, checked as far as it can be without the table.
pub(super) struct Step {
    pub change: Change,
    /// The key that the request gives; of no meaning where it gives a whole item.
    pub named: Item,
    pub condition: Option<Condition>,
}

impl Step {
    /// Returns the key of the item in this table, if the request fits the table's schema.
    pub fn key(&self, table: &Table) -> Result<Item, Invalid> {
        match &self.change {
            Change::Put(item) => {
                table.check_item_keys(item)?;
                return Ok(table.key_of(item));
            }
            Change::Update(update) => {
                table.check_key(&self.named)?;
                check_paths(update, table)?;
            }
            Change::Delete | Change::Check => table.check_key(&self.named)?,
        }
        Ok(self.named.clone())
    }

    /// Whether the condition holds of the item that is there.
    pub fn holds(&self, before: Option<&Item>) -> bool {
        let nothing = Item::new();
        self.condition.as_ref().is_none_or(|condition| matches(condition, before.unwrap_or(&nothing)))
    }

    /// Returns the item as it is afterwards; none if there is none then.
    pub fn after(&self, key: &Item, before: Option<&Item>) -> Result<Option<Item>, Invalid> {
        match &self.change {
            Change::Put(item) => Ok(Some(item.clone())),
            Change::Delete => Ok(None),
            Change::Check => Ok(before.cloned()),
            Change::Update(update) => {
                let after = apply(update, before.unwrap_or(key))?;
                if before.is_none() && update.only_takes_away() {
                    return Ok(None);
                }
                check_depth(&after)?;
                let too_large = "Item size to update has exceeded the maximum allowed size";
                check_size(&after).map_err(|_| Invalid::new(too_large))?;
                Ok(Some(after))
            }
        }
    }
}

/// Refuses an update that changes a part of the key.
fn check_paths(update: &Update, table: &Table) -> Result<(), Invalid> {
    match update.paths().find(|path| table.is_key(&path.attribute)) {
        Some(path) => Err(Invalid::parameter(format_args!(
            "Cannot update attribute {}. This attribute is part of the key",
            path.attribute
        ))),
        None => Ok(()),
    }
}
