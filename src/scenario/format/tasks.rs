//! What the learner is offered, asked and told.

use serde::Deserialize;

use super::{Check, Step};

/// What the learner is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    /// Whom the learner may play, in the order of the list; everybody in the home account unless given.
    #[serde(default)]
    pub identities: Vec<String>,
    /// The actions that matter here, such as `kms:PutKeyPolicy`; all unless given.
    #[serde(default)]
    pub actions: Vec<String>,
    /// The actions that no menu writes for the learner, because finding them is the exercise.
    #[serde(default)]
    pub unaided: Vec<String>,
    /// Why the rest is left out.
    #[serde(default)]
    pub why: Option<String>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Unique in the scenario.
    pub id: String,
    /// What to do.
    pub say: String,
    /// What to guess first.
    #[serde(default, rename = "predict")]
    pub predictions: Vec<Prediction>,
    /// How to know that it is done: all must pass.
    pub checks: Vec<NamedCheck>,
    /// Help, one to four steps, the first the smallest.
    pub hints: Vec<String>,
    /// What to say when something particular is wrong; the first that applies is said.
    #[serde(default)]
    pub feedback: Vec<Feedback>,
}

/// A question. Which choice is right is never written down: it is asked of the engine.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// Unique in the scenario.
    pub id: String,
    /// The question.
    pub ask: String,
    /// What would have to happen first. Played on a copy of the starting world before the choices are judged.
    #[serde(default)]
    pub after: Vec<Step>,
    /// The answers to choose from.
    pub choices: Vec<Choice>,
}

/// One answer to a question.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The answer in words.
    pub text: String,
    /// What it claims. It is right if this holds.
    pub claim: Check,
    /// The misconception behind it.
    #[serde(default)]
    pub myth: Option<String>,
    /// What to say to somebody who chose it.
    #[serde(default)]
    pub say: Option<String>,
}

/// What to say when something particular is so.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// Unique in the scenario.
    pub id: String,
    /// When to say it.
    pub when: Check,
    /// What to say.
    pub say: String,
    /// The misconception behind it.
    #[serde(default)]
    pub myth: Option<String>,
}

/// A check with a name and words.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedCheck {
    /// Unique in the scenario.
    pub id: String,
    /// What it means, in words.
    pub say: String,
    /// The check.
    pub check: Check,
    /// Whether it stays passed once it has passed.
    #[serde(default)]
    pub latch: bool,
}
