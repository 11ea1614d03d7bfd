//! How far the learner is in the tasks of a scenario.

use super::beliefs::Beliefs;
use super::{Help, Point};
use crate::scenario::{Progress, Recall, TaskReport};

/// What a lab remembers of the tasks and their predictions.
#[derive(Clone, Default)]
pub(super) struct TaskState {
    /// The choices of predictions, and the checks that once passed.
    pub progress: Progress,
    /// How the tasks stand in the world.
    pub reports: Vec<TaskReport>,
    /// Which tasks are done; while a journal is done again, all that is known of them.
    pub done: Vec<bool>,
    /// What the checks came to at the step before, while a journal is done again.
    pub recall: Recall,
    /// How the tasks would stand with the draft in force; `None` without a draft.
    pub draft_reports: Option<Vec<TaskReport>>,
    /// Where each task up to the current one began.
    pub began: Vec<Point>,
    /// The hints of each task that were shown, by their places in the task.
    pub hints: Vec<Vec<usize>>,
    /// Which help was taken that writes a part of the answer, each with the task in work.
    pub help: Vec<(usize, Help)>,
    /// What the learner has said in their own words; empty for whoever was asked and said nothing.
    pub words: Option<String>,
    /// Whether help is given whatever the scenario says, for tests about something else.
    #[cfg(test)]
    pub given: bool,
    /// The predictions that were revealed, each with the moment of revealing.
    pub revealed: Vec<(String, usize)>,
    /// What the guesses have shown of the scenario's beliefs. Beginning again takes nothing away.
    pub beliefs: Beliefs,
    /// For each identity: whether its preview would give an open prediction away.
    pub spoilers: Vec<bool>,
}

impl TaskState {
    /// Begins with that many tasks, none of which was worked on.
    pub fn new(tasks: usize) -> Self {
        Self { hints: vec![Vec::new(); tasks], ..Self::default() }
    }
}
