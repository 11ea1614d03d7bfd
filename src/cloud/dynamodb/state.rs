//! What DynamoDB knows: tables, by account, Region and name.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rpds::RedBlackTreeMapSync;

use super::cache::KeyCache;
use super::disk::PlainKey;
use super::handle::TableHandle;
use super::table::{Table, TablePolicy};
use crate::cloud::iam::StoredPolicy;
use crate::cloud::permission::ResourceFacts;
use crate::cloud::{AccountId, Arn, Region};

/// The reason why a backup exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupType {
    /// Somebody asked for it.
    User,
    /// DynamoDB made it before archiving a table.
    System,
}

/// A backup of a table, with its disk.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Of the form `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/backup/ID`.
    pub arn: String,
    /// The backup's name; names need not differ.
    pub name: String,
    pub created: Timestamp,
    pub kind: BackupType,
    /// The table as it was, its disk included.
    pub table: Table,
}

/// The time for which a transaction is not done again under the same token.
/// Source: DynamoDB API Reference, `TransactWriteItems`, `ClientRequestToken`.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// A transaction that was done: when, and a digest of what it did.
type Transaction = (Timestamp, [u8; 32]);

/// Tables of all accounts and Regions.
#[derive(Clone, Debug, Default)]
pub struct State {
    tables: RedBlackTreeMapSync<TableHandle, Arc<Table>>,
    /// The AWS owned key of each Region: in no account, under no policy, in no audit record.
    owned_keys: RedBlackTreeMapSync<Region, Arc<PlainKey>>,
    pub(super) cache: KeyCache,
    backups: RedBlackTreeMapSync<String, Arc<Backup>>,
    /// The transactions that were done under a token.
    transactions: RedBlackTreeMapSync<(AccountId, Region, String), Transaction>,
}

impl State {
    /// Returns what matters to access to a table; `None` if the ARN names nothing here.
    pub(in crate::cloud) fn facts(&self, arn: &Arn) -> Option<ResourceFacts> {
        let handle = TableHandle::from_arn(arn)?;
        let owner = Some(handle.account.clone());
        Some(self.tables.get(&handle).map_or_else(
            || ResourceFacts::plain(owner),
            |table| table.facts(handle.arn() == arn.to_string()),
        ))
    }

    /// Returns the table that a handle names.
    pub fn table(&self, handle: &TableHandle) -> Option<&Arc<Table>> {
        self.tables.get(handle)
    }

    /// Returns all tables, by account, Region and name.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    /// Returns the tables of one account in one Region, by name.
    pub fn tables_of<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
    ) -> impl Iterator<Item = &'a Arc<Table>> {
        self.tables().filter(move |table| table.handle.account == *account && table.handle.region == *region)
    }

    pub(super) fn put_table(&mut self, table: Table) {
        self.tables.insert_mut(table.handle.clone(), Arc::new(table));
    }

    /// Gives a table a resource policy without a revision of its own.
    pub(in crate::cloud) fn set_policy(&mut self, handle: &TableHandle, policy: StoredPolicy) {
        if let Some(table) = self.tables.get(handle) {
            let mut table = Table::clone(table);
            let revision = table.policy.map(|held| held.revision).unwrap_or_default();
            table.policy = Some(TablePolicy { policy, revision });
            self.put_table(table);
        }
    }

    pub(super) fn remove_table(&mut self, handle: &TableHandle) {
        self.tables.remove_mut(handle);
        self.cache.forget_table(handle);
    }

    /// Returns one backup, by its ARN.
    pub fn backup(&self, arn: &str) -> Option<&Arc<Backup>> {
        self.backups.get(arn)
    }

    /// Returns all backups, by ARN: those of a table are in order of time.
    pub fn backups(&self) -> impl Iterator<Item = &Arc<Backup>> {
        self.backups.values()
    }

    pub(super) fn put_backup(&mut self, backup: Arc<Backup>) {
        self.backups.insert_mut(backup.arn.clone(), backup);
    }

    pub(super) fn remove_backup(&mut self, arn: &str) {
        self.backups.remove_mut(arn);
    }

    /// Returns the digest of the transaction that was done under a token a short while ago.
    pub(super) fn transaction(
        &self,
        account: &AccountId,
        region: &Region,
        token: &str,
        now: Timestamp,
    ) -> Option<[u8; 32]> {
        let (at, digest) = self.transactions.get(&(account.clone(), region.clone(), token.to_owned()))?;
        (now.duration_since(*at) < TOKEN_LIFETIME).then_some(*digest)
    }

    /// Remembers a transaction, and forgets those that are too old.
    pub(super) fn note_transaction(
        &mut self,
        account: &AccountId,
        region: &Region,
        token: &str,
        now: Timestamp,
        digest: [u8; 32],
    ) {
        let old = |at: &Timestamp| now.duration_since(*at) >= TOKEN_LIFETIME;
        let stale: Vec<_> =
            self.transactions.iter().filter(|(_, (at, _))| old(at)).map(|(key, _)| key.clone()).collect();
        for key in stale {
            self.transactions.remove_mut(&key);
        }
        self.transactions.insert_mut((account.clone(), region.clone(), token.to_owned()), (now, digest));
    }

    /// Returns the plaintext table keys that are kept for a while.
    pub fn cache(&self) -> &KeyCache {
        &self.cache
    }

    pub(super) fn owned_key(&self, region: &Region) -> Option<Arc<PlainKey>> {
        self.owned_keys.get(region).cloned()
    }

    #[cfg(test)]
    pub(in crate::cloud) fn owned_keys_in_the_clear(&self) -> impl Iterator<Item = &Arc<PlainKey>> {
        self.owned_keys.values()
    }

    pub(super) fn put_owned_key(&mut self, region: &Region, key: PlainKey) -> Arc<PlainKey> {
        let key = Arc::new(key);
        self.owned_keys.insert_mut(region.clone(), Arc::clone(&key));
        key
    }
}
