//! What each identity would get right now, and what it would get if the draft were in force.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cloud::{ApiError, Outcome};
use crate::policy::Verdict;

/// The three ways a call can end, as far as access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallStatus {
    /// The call was answered.
    Allowed,
    /// The call was refused for want of permission.
    Denied,
    /// The call failed for another reason, such as a disabled key.
    Failed,
}

impl CallStatus {
    /// Returns the status of a call that has ended.
    pub fn of(outcome: &Outcome) -> Self {
        match &outcome.result {
            Ok(_) => Self::Allowed,
            // DynamoDB wraps the refusal of KMS in an error of the same code.
            Err(error) if error.is_access_denied() => Self::Denied,
            Err(_) => Self::Failed,
        }
    }

    /// What a decision comes to, or there being nobody to decide about.
    pub(super) fn of_verdict(verdict: Option<Result<Verdict, &ApiError>>) -> Self {
        match verdict {
            Some(Ok(Verdict::Allowed)) => Self::Allowed,
            Some(Ok(Verdict::ExplicitlyDenied | Verdict::ImplicitlyDenied)) => Self::Denied,
            Some(Err(_)) | None => Self::Failed,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "ALLOWED",
            Self::Denied => "DENIED",
            Self::Failed => "FAILED",
        }
    }
}

/// One identity's answer to the watched call, in force and on the draft.
#[derive(Clone)]
pub struct Preview {
    /// With the documents in force.
    pub now: Arc<Outcome>,
    /// With the draft in force; `None` while there is nothing to compare. An identity whom the draft does not turn
    /// keeps the outcome of `now`.
    pub draft: Option<Arc<Outcome>>,
}

impl Preview {
    /// Returns the outcome that is shown: the one under the draft, if there is one.
    pub fn shown(&self) -> &Arc<Outcome> {
        self.draft.as_ref().unwrap_or(&self.now)
    }

    /// The verdicts before and after, if the draft changes them.
    pub fn flip(&self) -> Option<(CallStatus, CallStatus)> {
        let (before, after) = (CallStatus::of(&self.now), CallStatus::of(self.draft.as_ref()?));
        (before != after).then_some((before, after))
    }
}
