//! What the learner has done that the world does not show: answers, and checks that once passed.

use std::collections::{BTreeMap, BTreeSet};

use super::format::Task;

/// What the learner has done that the world does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    answers: BTreeMap<String, usize>,
    pub(super) latched: BTreeSet<String>,
}

impl Progress {
    /// Notes an answer to a question; a later one takes its place.
    pub fn answer(&mut self, question: &str, choice: usize) {
        self.answers.insert(question.to_owned(), choice);
    }

    /// Forgets what was answered and what once passed in a task.
    pub fn forget(&mut self, task: &Task) {
        self.answers.retain(|question, _| !task.predict.iter().any(|predict| predict.id == *question));
        self.latched.retain(|check| !task.checks.iter().any(|named| named.id == *check));
    }

    /// The answer given to a question, counted from 0.
    pub fn answer_to(&self, question: &str) -> Option<usize> {
        self.answers.get(question).copied()
    }
}
