//! Everything that lies in storage, tables and backups alike, and what changed there since an earlier moment.
//!
//! Read-only, and without a key: what somebody with all disks in his hands would see. No AWS API returns any of it. A
//! moment is marked by keeping a copy of the state, which costs next to nothing.

use super::disk::{DiskChanges, DiskView, TableDisk};
use super::state::Backup;
use super::state::State;
use super::table::Table;

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
