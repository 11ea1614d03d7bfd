//! Policies tied to the identities that they name: saved policies keep the unique id of a user or role.
//!
//! Source: IAM User Guide, "Principal", on saved policies and unique ids.

use std::sync::Arc;

use super::state::{Resolved, State};
use super::stored_policy::{StoredPolicy, refused, rules};
use crate::cloud::ApiError;
use crate::policy::{BoundIds, Named};

impl StoredPolicy {
    /// Returns the policy with its principals tied as [`Self::bind`] does, or the service's answer to one that
    /// does not exist.
    pub(in crate::cloud) fn bound_in(mut self, iam: &State, profile: &str) -> Result<Self, ApiError> {
        match self.bind(iam) {
            Ok(()) => Ok(self),
            Err(principal) => {
                let (code, message) = rules(profile)?.answer("bad-principal", &principal, "");
                Err(refused(code, message))
            }
        }
    }

    /// Ties every user and role that the policy names to the unique id it has now, so that a later one of the same
    /// name is another. Answers the first principal that does not exist.
    /// Source: IAM User Guide, "Principal", on saved policies and unique ids.
    pub(in crate::cloud) fn bind(&mut self, iam: &State) -> Result<(), Arc<str>> {
        let mut bound = BoundIds::new();
        for entry in self.document.principals() {
            if !matches!(entry.named, Named::Arn(_) | Named::Account(_) | Named::UniqueId(_)) {
                continue;
            }
            match iam.resolve(&entry.text) {
                Resolved::Unique(id) => drop(bound.insert(entry.text.clone(), id.as_str().into())),
                Resolved::Open => {}
                Resolved::Nobody => return Err(entry.text.clone()),
            }
        }
        self.bound = Arc::new(bound);
        Ok(())
    }
}
