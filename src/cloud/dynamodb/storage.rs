//! Everything that lies in storage, tables and backups alike, and what changed there since an earlier moment.
//!
//! Read-only. Without a key: what somebody with all disks in his hands would see. No AWS API returns any of it. A page is
//! opened for nobody to whom DynamoDB would not open the table. A
//! moment is marked by keeping a copy of the state, which costs next to nothing.

use super::disk::{DiskChanges, DiskView, PlainBytes, TableDisk};
use super::keys::open_for_caller;
use super::state::Backup;
use super::state::State;
use super::table::Table;
use crate::cloud::{CallContext, Caller, Invocation, World};

/// One disk, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    table: &'a Table,
    backup: Option<&'a Backup>,
}

impl State {
    /// Returns the disks of all tables, by account, Region and name, then those of all backups, by ARN.
    pub fn stored(&self) -> impl Iterator<Item = Stored<'_>> {
        let tables = self.tables().map(|table| Stored { table, backup: None });
        tables.chain(self.backups().map(|backup| Stored { table: &backup.table, backup: Some(backup) }))
    }

    /// Returns the disk of the table or backup of an ARN.
    pub fn stored_at(&self, arn: &str) -> Option<Stored<'_>> {
        self.stored().find(|stored| stored.arn() == arn)
    }
}

impl<'a> Stored<'a> {
    /// Returns the ARN of the table or backup.
    pub fn arn(&self) -> String {
        self.backup.map_or_else(|| self.table.handle.arn(), |backup| backup.arn.clone())
    }

    /// Returns the table; for a backup, the table as it was.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// Tells whether it is a backup.
    pub fn is_backup(&self) -> bool {
        self.backup.is_some()
    }

    /// Returns what lies there: pages, wrapped keys, and which key and key material wraps them.
    pub fn disk(&self) -> DiskView<'a> {
        self.table.disk.view()
    }

    /// Opens a page of a table, counted from 0, for somebody to whom DynamoDB would open the table; `None` if it would not.
    /// KMS is asked in the caller's name, as for a read. Nothing of it stays in the world.
    pub fn page_for(&self, world: &World, caller: &Caller, nth: usize) -> Option<PlainBytes> {
        let mut world = world.clone();
        let principal = world.principal(caller).ok()?;
        let context = CallContext::in_region(self.table.handle.region.clone());
        let request_id = world.request_id();
        let mut invocation =
            Invocation::new(&mut world, &super::SERVICE, caller, principal, context, request_id);
        let keys = open_for_caller(&mut invocation, self.table).ok()?;
        self.table.disk.page(&keys, nth).ok()?
    }

    /// Returns what differs from an earlier moment. All of a disk that was not there then does: a new table of
    /// an old name has another disk.
    pub fn changes_since(&self, earlier: &State) -> DiskChanges {
        self.disk().changes_since(self.at(earlier))
    }

    fn at<'e>(&self, earlier: &'e State) -> Option<&'e TableDisk> {
        let before = match self.backup {
            None => earlier.table(&self.table.handle).map(AsRef::as_ref),
            Some(backup) => earlier.backup(&backup.arn).map(|backup| &backup.table),
        };
        before.filter(|table| table.id == self.table.id).map(|table| &table.disk)
    }
}
