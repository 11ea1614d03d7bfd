//! What the learner has done that the world does not show: choices, and checks that once passed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::format::Task;

/// How sure somebody is of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    Guessing,
    Fairly,
    Certain,
}

impl Sureness {
    /// Every degree, the least sure first: the keys and numbers 1 to 3 stand for them.
    pub const ALL: [Self; 3] = [Self::Guessing, Self::Fairly, Self::Certain];

    /// Returns the words for it, as in "you were fairly sure".
    pub fn words(self) -> &'static str {
        match self {
            Self::Guessing => "guessing",
            Self::Fairly => "fairly sure",
            Self::Certain => "certain",
        }
    }
}

/// What the learner has done that the world does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    choices: BTreeMap<String, usize>,
    /// The answer that was given first, where another one was given after it.
    first: BTreeMap<String, usize>,
    /// The questions that were answered once the answer was to be seen.
    late: BTreeSet<String>,
    /// How sure the learner was of a choice, where they said so.
    sure: BTreeMap<String, Sureness>,
    pub(super) latched: BTreeSet<String>,
    /// The tasks that were ever done.
    pub(super) done: BTreeSet<String>,
}

impl Progress {
    /// Notes an answer to a question; a later one takes its place. The first one stays known beside it, if it `counts`.
    pub fn choose(&mut self, prediction: &str, choice: usize, counts: bool) {
        if let Some(before) = self.choices.insert(prediction.to_owned(), choice).filter(|_| counts) {
            self.first.entry(prediction.to_owned()).or_insert(before);
        }
        self.sure.remove(prediction);
    }

    /// Whether a check that latches has passed once.
    pub fn has_latched(&self, check: &str) -> bool {
        self.latched.contains(check)
    }

    /// Notes that a question was answered only once the answer was to be seen.
    pub fn be_late(&mut self, prediction: &str) {
        self.late.insert(prediction.to_owned());
    }

    /// The answer that was given first, if another one was given after it.
    pub fn first_choice_of(&self, prediction: &str) -> Option<usize> {
        self.first.get(prediction).copied()
    }

    /// Whether a question was answered only once the answer was to be seen.
    pub fn is_late(&self, prediction: &str) -> bool {
        self.late.contains(prediction)
    }

    /// Notes how sure the learner is of the answer given.
    pub fn be_sure(&mut self, prediction: &str, sure: Sureness) {
        self.sure.insert(prediction.to_owned(), sure);
    }

    /// How sure the learner was of the answer given, if they said so.
    pub fn sureness_of(&self, prediction: &str) -> Option<Sureness> {
        self.sure.get(prediction).copied()
    }

    /// Forgets what was answered and what once passed in a task.
    pub fn forget(&mut self, task: &Task) {
        let other = |id: &String| !task.predictions.iter().any(|prediction| prediction.id == *id);
        self.choices.retain(|id, _| other(id));
        self.first.retain(|id, _| other(id));
        self.late.retain(other);
        self.sure.retain(|id, _| other(id));
        self.latched.retain(|check| !task.checks.iter().any(|named| named.id == *check));
        self.done.remove(&task.id);
    }

    /// The answer given to a question, counted from 0.
    pub fn choice_of(&self, prediction: &str) -> Option<usize> {
        self.choices.get(prediction).copied()
    }
}
