//! Worlds that are kept under a name, to be put back later.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::moment::Moment;
use crate::limits::Exceeded;
use crate::limits::wire::SNAPSHOTS;

/// A kept world, with how many lines were recorded then.
type Snapshot = (Arc<Moment>, u64);

/// The kept worlds by name.
#[derive(Default)]
pub(super) struct Snapshots(Mutex<BTreeMap<String, Snapshot>>);

impl Snapshots {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Snapshot>> {
        // An entry is there or it is not.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// Returns what was kept under a name.
    pub fn find(&self, name: &str) -> Option<Snapshot> {
        self.all().get(name).cloned()
    }

    /// Keeps a world under a name, in the place of what was kept under it.
    ///
    /// # Errors
    ///
    /// If there are too many snapshots, `others` of other worlds included.
    pub fn keep(&self, name: String, snapshot: Snapshot, others: usize) -> Result<(), Exceeded> {
        let mut all = self.all();
        if !all.contains_key(&name) {
            SNAPSHOTS.check(others + all.len() + 1)?;
        }
        all.insert(name, snapshot);
        Ok(())
    }
}
