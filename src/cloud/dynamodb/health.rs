//! Tables whose key cannot be used: how DynamoDB finds out, what the table then is, and how it recovers.
//!
//! DynamoDB looks at every table now and then. Each look is an attempt to decrypt the table key as the service,
//! under the table's grant, so a disabled key, a key that waits for deletion, missing key material and a revoked
//! grant are all found the same way.
//
// Source: DynamoDB Developer Guide, "Encryption at rest: how it works" and "usage notes".

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::handle::TableHandle;
use super::keys::try_as_service;
use super::table::{Archive, Encryption, Table};
use crate::cloud::{ApiError, World};

/// The time between two looks at a table.
///
/// Doubtful: AWS documents no interval. Tables were measured to turn inaccessible 13 to 75 minutes after their key
/// was disabled, and to recover 18 to 57 minutes after it was enabled. One form is known.
/// Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, times of a disabled key.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(45);

/// The time for which a table may be inaccessible before it is archived.
/// Source: DynamoDB API Reference, TableStatus `ARCHIVING`: "for more than seven days".
const ARCHIVED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The time that archiving takes.
///
/// Doubtful: the time. One form is known.
/// Source: DynamoDB API Reference, TableStatus `ARCHIVING`, without a time.
const ARCHIVING: SignedDuration = SignedDuration::from_hours(1);

/// Most looks at one table while the clock is moved; a long way is looked at in longer steps.
const MOST_LOOKS: i64 = 48;

impl World {
    /// Looks at the tables while the clock moves from `from` to the present, in order of time.
    ///
    /// `settle` brings every service to the clock's time before each look, since keys end by the clock, too, and once
    /// more at the end.
    pub(in crate::cloud) fn look_at_tables(&mut self, from: Timestamp, settle: fn(&mut Self)) {
        let to = self.now;
        let handles: Vec<TableHandle> = self.dynamodb.tables().map(|table| table.handle.clone()).collect();
        let mut looks: Vec<(Timestamp, &TableHandle)> = handles
            .iter()
            .flat_map(|handle| self.looks(handle, from, to).into_iter().map(move |look| (look, handle)))
            .collect();
        looks.sort();
        for (look, handle) in looks {
            self.now = look;
            settle(self);
            self.look_at(handle);
        }
        self.now = to;
        settle(self);
    }

    /// Returns the times at which DynamoDB looks at a table between two others.
    fn looks(&self, handle: &TableHandle, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let Some(table) = self.dynamodb.table(handle) else { return Vec::new() };
        if table.encryption == Encryption::AwsOwned {
            return Vec::new();
        }
        if !self.fidelity.table_status_delay {
            // Found out at once: when the clock starts to move, and again when it stops.
            return vec![from, to];
        }
        let every = LOOK_EVERY.as_secs();
        let first = from.duration_since(table.created).as_secs().div_euclid(every) + 1;
        let last = to.duration_since(table.created).as_secs().div_euclid(every);
        let step = ((last - first) / MOST_LOOKS).max(0) + 1;
        let mut looks: Vec<i64> = (first..=last).step_by(usize::try_from(step).unwrap_or(1)).collect();
        if looks.last().is_some_and(|look| *look < last) {
            looks.push(last);
        }
        let at =
            |look: i64| table.created.checked_add(SignedDuration::from_secs(look.saturating_mul(every))).ok();
        looks.into_iter().filter_map(at).collect()
    }

    /// Looks whether the service can still use a table's key, and notes the answer.
    pub(super) fn look_at(&mut self, handle: &TableHandle) {
        let Some(table) = self.dynamodb.table(handle).cloned() else { return };
        let usable = try_as_service(self, &table).is_ok();
        let now = self.now;
        let mut table = Table::clone(&table);
        match (usable, table.inaccessible_since) {
            (_, Some(since)) if table.archive.is_none() && now.duration_since(since) > ARCHIVED_AFTER => {
                let at = since.checked_add(ARCHIVED_AFTER).unwrap_or(now);
                let backup = self.archive_table(&table, at);
                table.archive = Some(Archive {
                    at,
                    archived_at: at.checked_add(ARCHIVING).unwrap_or(at),
                    backup_arn: backup,
                });
            }
            // An archived table stays archived; its backup is what can be restored.
            (true, Some(_)) if table.archive.is_none() => table.inaccessible_since = None,
            (false, None) => table.inaccessible_since = Some(now),
            _ => return,
        }
        self.dynamodb.put_table(table);
    }

    /// Forgets the old table key of each table whose change of keys is over.
    pub(super) fn finish_key_changes(&mut self) {
        let is_over =
            |table: &&Arc<Table>| table.change.as_ref().is_some_and(|change| change.done_at < self.now);
        let over: Vec<Arc<Table>> = self.dynamodb.tables().filter(is_over).cloned().collect();
        for table in over {
            let mut table = Table::clone(&table);
            table.change = None;
            table.disk.forget_previous_key();
            self.dynamodb.put_table(table);
        }
    }
}

impl Table {
    /// Returns `TableStatus` at a given time.
    pub fn status(&self, now: Timestamp) -> &'static str {
        match &self.archive {
            _ if now < self.active_at => "CREATING",
            Some(archive) if now >= archive.archived_at => "ARCHIVED",
            Some(_) => "ARCHIVING",
            None if self.inaccessible_since.is_some() => "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
            None => "ACTIVE",
        }
    }

    /// Refuses changes to a table that is being made, changed or archived.
    pub(super) fn check_changeable(&self, now: Timestamp) -> Result<(), ApiError> {
        let doing = if now < self.active_at {
            "created"
        } else if self.change.as_ref().is_some_and(|change| now < change.done_at) {
            "updated"
        } else {
            return Ok(());
        };
        let message = format!(
            "Attempt to change a resource which is still in use: Table: {} is in the process of being {doing}.",
            self.handle.name
        );
        Err(ApiError::new("ResourceInUseException", message))
    }

    /// Tells whether items can be asked for at all. An inaccessible table can: the answer is KMS's.
    /// Source: DynamoDB API Reference, `ResourceNotFoundException`: "its status might not be ACTIVE".
    pub(super) fn serves_items(&self, now: Timestamp) -> bool {
        now >= self.active_at && self.archive.is_none()
    }
}
