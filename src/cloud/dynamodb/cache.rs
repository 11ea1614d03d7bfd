//! Table keys in the clear, kept for a while so that not every request asks KMS.
//!
//! DynamoDB asks KMS again, as the caller, after five minutes. Until then a change of policy is not seen.
//!
//! Doubtful: whose a kept key is, which today's page tells otherwise than older ones; and whether a refusal is kept, which it
//! is not here.
//! Source: DynamoDB Developer Guide, "Encryption at rest usage notes", table key caching: "for each caller" in 2026, "for each
//! connection" from 2019 to 2023; KMS Developer Guide of 2018, "How Amazon DynamoDB uses AWS KMS": "for each principal".
//! Switch: `table_key_holder`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rpds::RedBlackTreeMapSync;

use super::disk::TableKeys;
use super::handle::TableHandle;
use crate::cloud::Caller;
use crate::cloud::fidelity::TableKeyHolder;
use crate::policy::Principal;

/// The time for which a table key is kept. Using it does not make it last longer.
///
/// Doubtful: the documentation counts five minutes "of inactivity"; measured with a read every 30 seconds, the key was asked
/// for again all the same. One form is known, as only that one was measured.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", table key caching; aws-controllers-k8s, its catalogue
/// of DynamoDB's answers of 2026-10-09, of a key disabled under traffic.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// Whose a kept table key is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    Caller(Caller),
    Connection(Caller, u32),
    /// All sessions of the role of this ARN.
    Role(Arc<str>),
}

impl Holder {
    /// Returns whose a table key is that is fetched in this call.
    pub fn of(switch: TableKeyHolder, caller: Caller, principal: &Principal, connection: u32) -> Self {
        match (switch, principal) {
            (TableKeyHolder::Principal, Principal::RoleSession { role_arn, .. }) => {
                Self::Role(role_arn.clone())
            }
            (TableKeyHolder::Caller | TableKeyHolder::Principal, _) => Self::Caller(caller),
            (TableKeyHolder::Connection, _) => Self::Connection(caller, connection),
        }
    }

    /// Whether a key that this holder keeps serves a caller, who is that principal: one of his connections counts, and so
    /// do all sessions of a role.
    pub fn serves(&self, caller: &Caller, principal: &Principal) -> bool {
        match self {
            Self::Caller(holder) | Self::Connection(holder, _) => holder == caller,
            Self::Role(role) => principal.role_arn() == Some(role),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    table: TableHandle,
    holder: Holder,
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
    /// Returns the keys, if they were fetched for this holder less than five minutes ago.
    pub fn get(
        &self,
        table: &TableHandle,
        table_id: &str,
        holder: &Holder,
        now: Timestamp,
    ) -> Option<TableKeys> {
        let slot = Slot { table: table.clone(), holder: holder.clone() };
        let entry = self.entries.get(&slot)?;
        (entry.until > now && *entry.table_id == *table_id).then(|| entry.keys.clone())
    }

    /// Keeps keys that were fetched now.
    pub fn put(
        &mut self,
        table: &TableHandle,
        table_id: &Arc<str>,
        holder: Holder,
        now: Timestamp,
        keys: TableKeys,
    ) {
        let slot = Slot { table: table.clone(), holder };
        let until = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
        self.entries.insert_mut(slot, Arc::new(Entry { keys, table_id: Arc::clone(table_id), until }));
    }

    /// Returns the time until which the keys of a table are kept, for each holder.
    pub fn expiries<'a>(
        &'a self,
        table: &'a TableHandle,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'a Holder, Timestamp)> {
        self.entries
            .iter()
            .filter(move |(slot, entry)| slot.table == *table && entry.until > now)
            .map(|(slot, entry)| (&slot.holder, entry.until))
    }

    /// Throws the keys of a table away: it was deleted, or has another table key.
    pub fn forget_table(&mut self, table: &TableHandle) {
        let stale: Vec<Slot> = self.entries.keys().filter(|slot| slot.table == *table).cloned().collect();
        for slot in stale {
            self.entries.remove_mut(&slot);
        }
    }
}
