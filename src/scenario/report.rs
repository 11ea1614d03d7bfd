//! How checks and tasks stand, as data.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::finding::CheckStatus;
use super::format::{Feedback, Task};

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
    /// Whether the task is done: its checks hold, and so does everything that must hold all along, or did when the task was done.
    pub is_done: bool,
    /// What to say about the way it stands, if something particular is so. Never said of a task that is done.
    pub feedback: Option<Feedback>,
}

/// Which tasks are done, by whether the checks of each hold, and whether everything holds that must hold all along. While
/// something of that is broken no task becomes done, and the last one is not; those before it that were done stay so.
pub(super) fn settled(
    tasks: &[Task],
    holds: &[bool],
    done: &mut BTreeSet<String>,
    sound: impl FnOnce() -> bool,
) -> Vec<bool> {
    let sound = holds.contains(&true) && sound();
    let all = tasks.len();
    let settled = |(at, (task, holds)): (usize, (&Task, &bool))| {
        if *holds && sound {
            done.insert(task.id.clone());
        }
        *holds && (sound || at + 1 < all && done.contains(&task.id))
    };
    tasks.iter().zip(holds).enumerate().map(settled).collect()
}

/// What is said about the way the tasks stand: by the first task that is not done and has something to say.
pub fn feedback(reports: &[TaskReport]) -> Option<&Feedback> {
    reports.iter().find_map(|report| report.feedback.as_ref())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::settled;

    #[test]
    fn a_broken_promise_undoes_no_task_that_was_done_before_the_last() {
        let tasks =
            crate::scenario::find_embedded("d1").expect("it is listed").read().expect("it is sound").tasks;
        let mut done = BTreeSet::new();
        for (holds, sound, expected) in [
            ([true, false, true, false], false, [false; 4]),
            ([true, false, true, false], true, [true, false, true, false]),
            ([true, true, true, false], false, [true, false, true, false]),
            ([false, false, true, false], false, [false, false, true, false]),
            ([true; 4], true, [true; 4]),
            ([true; 4], false, [true, true, true, false]),
        ] {
            assert_eq!(settled(&tasks, &holds, &mut done, || sound), expected, "{holds:?} {sound}");
        }
    }
}
