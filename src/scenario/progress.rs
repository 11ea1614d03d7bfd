//! What the learner has done that the world does not show: choices, and checks that once passed.

use std::collections::{BTreeMap, BTreeSet};

use super::format::Task;

/// What the learner has done that the world does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    choices: BTreeMap<String, usize>,
    pub(super) latched: BTreeSet<String>,
}

impl Progress {
    /// Notes an answer to a question; a later one takes its place.
    pub fn choose(&mut self, prediction: &str, choice: usize) {
        self.choices.insert(prediction.to_owned(), choice);
    }

    /// Forgets what was answered and what once passed in a task.
    pub fn forget(&mut self, task: &Task) {
        self.choices.retain(|id, _| !task.predictions.iter().any(|prediction| prediction.id == *id));
        self.latched.retain(|check| !task.checks.iter().any(|named| named.id == *check));
    }

    /// The answer given to a question, counted from 0.
    pub fn choice_of(&self, prediction: &str) -> Option<usize> {
        self.choices.get(prediction).copied()
    }
}
