//! What asking a check comes to.

/// The answer to a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// The check holds in the world.
    Pass,
    /// The check does not hold.
    Fail,
    /// The subject of the check is not there. Never a pass, also where the check says that something must not be.
    CannotTell,
}

/// An answer with its reason in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub verdict: CheckStatus,
    /// The reason in a line.
    pub note: String,
}

impl Finding {
    /// Returns whether something holds, with the reason.
    pub(super) fn of(holds: bool, note: impl Into<String>) -> Self {
        Self { verdict: if holds { CheckStatus::Pass } else { CheckStatus::Fail }, note: note.into() }
    }

    /// Returns that nothing can be said, with the reason.
    pub(super) fn cannot_tell(note: impl Into<String>) -> Self {
        Self { verdict: CheckStatus::CannotTell, note: note.into() }
    }
}
