//! How checks and tasks stand, as data.

use std::sync::Arc;

use super::finding::CheckStatus;
use super::format::Feedback;

/// How one check stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    pub id: String,
    /// The check in words, as the task pane shows it.
    pub say: String,
    pub verdict: CheckStatus,
    /// Why, in a line.
    pub note: String,
    /// True if the check counts as passed only because it once held.
    pub latched: bool,
}

/// How one task stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskReport {
    pub id: String,
    pub checks: Vec<CheckReport>,
    /// What must hold all along; the same for every task.
    pub invariants: Arc<[CheckReport]>,
    /// What to say about the way it stands, if something particular is so. Never said of a task that is done.
    pub feedback: Option<Feedback>,
}

impl TaskReport {
    /// Whether all checks pass and everything holds that must hold all along.
    pub fn is_done(&self) -> bool {
        self.checks.iter().chain(&*self.invariants).all(|check| check.verdict == CheckStatus::Pass)
    }
}

/// What is said about the way the tasks stand: by the first task that is not done and has something to say.
pub fn feedback(reports: &[TaskReport]) -> Option<&Feedback> {
    reports.iter().filter(|report| !report.is_done()).find_map(|report| report.feedback.as_ref())
}
