//! Customer managed policies: up to five versions, one of them in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::ApiError;
use super::stored_policy::StoredPolicy;

/// A customer managed policy: its versions and the one in force.
#[derive(Clone, Debug)]
pub struct Versions {
    pub(super) all: BTreeMap<u32, (Arc<StoredPolicy>, Timestamp)>,
    pub(super) default: u32,
    /// The number of the newest version there ever was: numbers are not used again.
    pub(super) last: u32,
    /// When the policy was made.
    pub(super) created: Timestamp,
    /// The words of the policy's maker, which never change.
    pub(super) description: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

impl Versions {
    /// Returns a policy with its first version.
    pub(super) fn new(policy: StoredPolicy, now: Timestamp, description: Option<String>) -> Self {
        let all = BTreeMap::from([(1, (Arc::new(policy), now))]);
        Self { all, default: 1, last: 1, created: now, description, tags: BTreeMap::new() }
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

/// Returns how long a policy is by IAM's count, which leaves out white space. Source: IAM User Guide, "IAM and AWS STS quotas".
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Checks that a managed policy is not too long. Source: IAM User Guide, "IAM and AWS STS quotas".
pub(super) fn check_managed_size(text: &str) -> Result<(), ApiError> {
    const MOST: usize = 6_144;
    if size(text) <= MOST {
        return Ok(());
    }
    let text = format!("Cannot exceed quota for PolicySize: {MOST}");
    Err(ApiError::new("LimitExceeded", text).with_status(409))
}
