//! Customer managed policies: up to five versions, one of them in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::stored_policy::StoredPolicy;

/// A customer managed policy: its versions and the one in force.
#[derive(Clone, Debug)]
pub struct Versions {
    pub(super) all: BTreeMap<u32, (Arc<StoredPolicy>, Timestamp)>,
    pub(super) default: u32,
    /// The number of the newest version there ever was: numbers are not used again.
    pub(super) last: u32,
}

impl Versions {
    /// Returns a policy with its first version.
    pub(super) fn new(policy: StoredPolicy, now: Timestamp) -> Self {
        Self { all: BTreeMap::from([(1, (Arc::new(policy), now))]), default: 1, last: 1 }
    }

    /// Returns the version in force.
    pub(super) fn in_force(&self) -> Option<Arc<StoredPolicy>> {
        self.all.get(&self.default).map(|(policy, _)| policy.clone())
    }

    /// Replaces the text in force without a new version.
    pub(super) fn set_in_force(&mut self, policy: StoredPolicy, now: Timestamp) {
        self.all.insert(self.default, (Arc::new(policy), now));
    }
}
