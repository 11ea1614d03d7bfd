//! Table keys in the clear, kept for a while so that not every request asks KMS.
//!
//! Source: DynamoDB Developer Guide, "Encryption at rest usage notes", table key caching: DynamoDB keeps the
//! plaintext table key for each connection and asks KMS again, as the caller, after five minutes. Until then a
//! change of policy is not seen. Doubtful: an older page says the cache belongs to the principal; here it belongs to
//! both, so another identity and another connection each ask anew. Refusals are not kept.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rpds::RedBlackTreeMapSync;

use super::disk::TableKeys;
use super::handle::TableHandle;
use crate::cloud::Caller;

/// The time for which a table key is kept. Using it does not make it last longer.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    table: TableHandle,
    caller: Caller,
    connection: u32,
}

/// The table keys that are known at the moment.
#[derive(Clone, Debug, Default)]
pub struct KeyCache {
    entries: RedBlackTreeMapSync<Slot, Arc<Entry>>,
}

#[derive(Debug)]
struct Entry {
    keys: TableKeys,
    table_id: Arc<str>,
    until: Timestamp,
}

impl KeyCache {
    /// Returns the keys, if they were fetched for this caller and connection less than five minutes ago.
    pub fn get(
        &self,
        table: &TableHandle,
        table_id: &str,
        caller: &Caller,
        connection: u32,
        now: Timestamp,
    ) -> Option<TableKeys> {
        let slot = Slot { table: table.clone(), caller: caller.clone(), connection };
        let entry = self.entries.get(&slot)?;
        (entry.until > now && *entry.table_id == *table_id).then(|| entry.keys.clone())
    }

    /// Keeps keys that were fetched now.
    pub fn put(
        &mut self,
        table: &TableHandle,
        table_id: &Arc<str>,
        caller: &Caller,
        connection: u32,
        now: Timestamp,
        keys: TableKeys,
    ) {
        let slot = Slot { table: table.clone(), caller: caller.clone(), connection };
        let until = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
        self.entries.insert_mut(slot, Arc::new(Entry { keys, table_id: Arc::clone(table_id), until }));
    }

    /// Returns the time until which the keys of a table are kept, for each caller and connection.
    #[cfg(test)]
    pub fn expiries<'a>(
        &'a self,
        table: &'a TableHandle,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'a Caller, u32, Timestamp)> {
        self.entries
            .iter()
            .filter(move |(slot, entry)| slot.table == *table && entry.until > now)
            .map(|(slot, entry)| (&slot.caller, slot.connection, entry.until))
    }

    /// Throws the keys of a table away: it was deleted, or has another table key.
    pub fn forget_table(&mut self, table: &TableHandle) {
        let stale: Vec<Slot> = self.entries.keys().filter(|slot| slot.table == *table).cloned().collect();
        for slot in stale {
            self.entries.remove_mut(&slot);
        }
    }
}
