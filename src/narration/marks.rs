//! How something ended in a word or two, and when.

use crate::cloud::Outcome;
use crate::lab::CallStatus;

/// A status and the word that explains it best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub status: CallStatus,
    /// The action that was refused or the error's code; empty when allowed.
    pub because: String,
}

impl Mark {
    /// Whether the call had nobody to make it: the credentials are those of somebody who is gone.
    pub fn is_of_nobody(&self) -> bool {
        ["UnrecognizedClientException", "InvalidClientTokenId"].contains(&&*self.because)
    }
}

/// What is said of an identity's status on what is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Applied {
    /// No call is watched.
    #[default]
    Nothing,
    /// The mark would give away the answer to a question that is open.
    Hidden,
    Is(Mark),
}

impl Applied {
    /// The status, where it is said.
    pub fn mark(&self) -> Option<&Mark> {
        match self {
            Self::Is(mark) => Some(mark),
            Self::Nothing | Self::Hidden => None,
        }
    }
}

/// How a call ended, and the word for why.
pub(super) fn mark(outcome: &Outcome) -> Mark {
    let status = CallStatus::of(outcome);
    let because = match (&outcome.result, status) {
        (Err(_), CallStatus::Denied) => {
            let denied = outcome.decisions.iter().rev().find(|d| !d.decision.is_allowed());
            denied.map(|d| d.request.action().to_string())
        }
        _ => None,
    };
    let because =
        because.or_else(|| outcome.result.as_ref().err().map(|e| e.code.to_string())).unwrap_or_default();
    Mark { status, because }
}

/// The time of day of a simulated moment.
pub(super) fn clock(at: jiff::Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// How the moments of one list are written: with the day where they are not all of the same.
#[derive(Clone, Copy)]
pub(super) struct Moments {
    dated: bool,
}

impl Moments {
    /// How `all` are written.
    pub(super) fn of(mut all: impl Iterator<Item = jiff::Timestamp>) -> Self {
        let day = |moment: jiff::Timestamp| moment.strftime("%Y-%m-%d").to_string();
        let first = all.next().map(day);
        Self { dated: all.any(|moment| Some(day(moment)) != first) }
    }

    /// A moment of the list.
    pub(super) fn say(self, at: jiff::Timestamp) -> String {
        if self.dated { at.strftime("%m-%d %H:%M:%S").to_string() } else { clock(at) }
    }
}
