//! How checks and tasks stand, as data.

use super::check::CheckStatus;
use super::format::Feedback;

/// How one check stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Its id.
    pub id: String,
    /// What it means, in words.
    pub say: String,
    /// The finding.
    pub verdict: CheckStatus,
    /// Why, in a line.
    pub note: String,
    /// Whether it counts as passed only because it once was.
    pub latched: bool,
}

/// How one task stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskReport {
    /// Its id.
    pub id: String,
    /// Its checks.
    pub checks: Vec<CheckReport>,
    /// What must hold all along; the same for every task.
    pub invariants: Vec<CheckReport>,
    /// What to say about the way it stands, if something particular is so. Never said of a task that is done.
    pub feedback: Option<Feedback>,
}

impl TaskReport {
    /// Whether all checks pass and everything holds that must hold all along.
    pub fn is_done(&self) -> bool {
        self.checks.iter().chain(&self.invariants).all(|check| check.verdict == CheckStatus::Pass)
    }
}

/// What is said about the way the tasks stand: by the first task that is not done and has something to say.
pub fn feedback(reports: &[TaskReport]) -> Option<&Feedback> {
    reports.iter().filter(|report| !report.is_done()).find_map(|report| report.feedback.as_ref())
}
