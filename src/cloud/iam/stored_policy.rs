//! A policy as a service keeps it: read, refused as that service refuses, and tied to the identities it names.

use std::sync::Arc;

use crate::cloud::{ApiError, reference, rulebook};
use crate::policy::{self, BoundIds, Document, PolicyKind, Refusal, Source};

/// A policy as it was written, and as it is evaluated.
#[derive(Clone, Debug)]
pub struct StoredPolicy {
    /// The text, unchanged, and what it says.
    pub document: Arc<Document>,
    /// Principals of the text with the unique ids they had when it was saved.
    pub bound: Arc<BoundIds>,
}

impl StoredPolicy {
    /// Reads a policy, or says why it is none.
    pub(in crate::cloud) fn read(text: &str, kind: PolicyKind) -> Result<Self, Vec<policy::Diagnostic>> {
        let parsed = policy::parse(text, kind);
        let errors = parsed.diagnostics.iter().any(|d| d.severity == policy::Severity::Error);
        match parsed.document {
            Some(document) if !errors => Ok(Self { document, bound: Arc::default() }),
            _ => Err(parsed.diagnostics),
        }
    }

    /// Reads a policy as the service does that keeps such documents, or answers as that service does. `profile` is the
    /// kind of document in [`rulebook`].
    pub(in crate::cloud) fn accept(text: &str, profile: &str) -> Result<Self, ApiError> {
        let review = policy::review(text, rules(profile)?, reference());
        match (review.document, review.refusal) {
            (Some(document), None) => Ok(Self { document, bound: Arc::default() }),
            // The review's own words are not the service's: where its text is not published, the error has none.
            (_, Some(Refusal { code, message, published, .. })) => {
                Err(refused(code, if published { message } else { String::new() }))
            }
            (None, None) => Err(refused("MalformedPolicyDocument".to_owned(), String::new())),
        }
    }

    /// Returns the text as it was written.
    pub fn text(&self) -> &Arc<str> {
        &self.document.text
    }

    /// Returns the policy as the engine takes it, under `name`.
    pub(in crate::cloud) fn source(&self, name: &str) -> Source {
        Source {
            name: name.into(),
            arn: None,
            document: self.document.clone(),
            bound: Some(self.bound.clone()),
            unseen: None,
        }
    }
}

/// Returns the rules of one kind of document.
pub(in crate::cloud) fn rules(profile: &str) -> Result<&'static policy::Profile, ApiError> {
    let none = || ApiError::new("InternalFailure", format!("no rules for {profile}")).with_status(500);
    rulebook().profile(profile).ok_or_else(none)
}

/// Returns the service's error. IAM answers 409 to what is over a quota. Source: IAM API Reference,
/// `LimitExceeded`.
pub(in crate::cloud) fn refused(code: String, message: String) -> ApiError {
    let status = if code == "LimitExceeded" { 409 } else { 400 };
    ApiError { code: code.into(), message, status, members: None }
}
