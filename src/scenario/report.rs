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
    /// Whether it is done: see [`settled`].
    pub is_done: bool,
    /// What to say about the way it stands, if something particular is so. Never said of a task that is done.
    pub feedback: Option<Feedback>,
}

/// Which tasks are done, by whether the checks of each hold, and whether everything holds that must hold all along. While
/// something of that is broken, the task in work is not done and none behind it is; what was done before stays so.
pub(super) fn settled(mut holds: Vec<bool>, sound: impl FnOnce() -> bool) -> Vec<bool> {
    if holds.contains(&true) && !sound() {
        let in_work = holds.iter().position(|holds| !holds).unwrap_or(holds.len() - 1);
        holds.iter_mut().skip(in_work).for_each(|holds| *holds = false);
    }
    holds
}

/// What is said about the way the tasks stand: by the first task that is not done and has something to say.
pub fn feedback(reports: &[TaskReport]) -> Option<&Feedback> {
    reports.iter().find_map(|report| report.feedback.as_ref())
}

#[cfg(test)]
mod tests {
    use super::settled;

    #[test]
    fn a_broken_promise_undoes_no_task_that_was_done() {
        for (holds, sound, done) in [
            ([true, false, true], true, [true, false, true]),
            ([true, false, true], false, [true, false, false]),
            ([true, true, true], false, [true, true, false]),
            ([false, false, false], false, [false, false, false]),
        ] {
            assert_eq!(settled(holds.to_vec(), || sound), done, "{holds:?} {sound}");
        }
        assert_eq!(settled(Vec::new(), || false), [false; 0]);
    }
}
