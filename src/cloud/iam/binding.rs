//! Policies tied to the identities that they name: saved policies keep the unique id of a user or role.
//!
//! Source: IAM User Guide, "Principal", on saved policies and unique ids.

use std::sync::Arc;

use super::state::{Identity, Resolved, State};
use super::stored_policy::{StoredPolicy, refused, rules};
use crate::cloud::ApiError;
use crate::policy::{BoundIds, Named, PrincipalEntry};

impl StoredPolicy {
    /// Returns the policy with its principals tied as [`Self::bind`] does, or the service's answer to one that
    /// does not exist.
    pub(in crate::cloud) fn bound_in(mut self, iam: &State, profile: &str) -> Result<Self, ApiError> {
        let Some(unknown) = self.bind(iam) else { return Ok(self) };
        let (code, message) = rules(profile)?.answer("bad-principal", &unknown, "");
        Err(refused(code, message))
    }

    /// Ties every user and role that the policy names to the unique id it has now, so that a later one of the same
    /// name is another. Returns the first principal that does not exist: a name that nobody has, or the unique id of
    /// somebody who was deleted.
    /// Source: IAM User Guide, "Principal", on saved policies and unique ids; AWS re:Post Knowledge Center,
    /// "kms-policy-error-invalid-principals".
    pub(in crate::cloud) fn bind(&mut self, iam: &State) -> Option<Arc<str>> {
        let mut bound = BoundIds::new();
        for (entry, resolved) in self.resolved(iam) {
            if let Resolved::Unique(id) = resolved {
                bound.insert(entry.text.clone(), id.as_str().into());
            }
        }
        let unknown = self.unknown(iam).next().map(|entry| entry.text.clone());
        self.bound = Arc::new(bound);
        unknown
    }

    /// Returns the principals that do not exist.
    pub(in crate::cloud) fn unknown(&self, iam: &State) -> impl Iterator<Item = &PrincipalEntry> {
        self.resolved(iam)
            .filter(|(_, resolved)| matches!(resolved, Resolved::Nobody))
            .map(|(entry, _)| entry)
    }

    /// Returns the text as it is shown: whoever exists is named by ARN, also where the policy was saved with a unique id, and
    /// whoever was deleted by unique id.
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal", unique identifiers.
    pub fn shown(&self, iam: &State) -> String {
        let mut text = self.text().to_string();
        let entries: Vec<_> = self.document.principals().collect();
        for entry in entries.into_iter().rev() {
            let Some(id) = self.bound.get(&entry.text) else { continue };
            let place = entry.span.start..entry.span.end;
            let arn = iam.with_unique_id(id).map(Identity::arn);
            let name = arn.as_deref().unwrap_or(id);
            if *name != *entry.text && text.get(place.clone()).is_some() {
                text.replace_range(place, &format!("\"{name}\""));
            }
        }
        text
    }

    /// Looks up whoever is named by ARN, account or unique id.
    fn resolved(&self, iam: &State) -> impl Iterator<Item = (&PrincipalEntry, Resolved)> {
        let looked_up = |entry: &&PrincipalEntry| {
            matches!(entry.named, Named::Arn(_) | Named::Account(_) | Named::UniqueId(_))
        };
        self.document.principals().filter(looked_up).map(|entry| (entry, iam.resolve(&entry.text)))
    }
}
