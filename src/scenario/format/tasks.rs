//! What the learner is offered, asked and told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Check, Step};

/// What the learner is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    /// The identities that the learner may play, in this order; everybody in the home account unless given.
    #[serde(default)]
    pub identities: Vec<String>,
    /// The numbers of identities, from 1 to 9, which are their keys on the screen: somebody keeps a number through a
    /// course. Whoever has none here takes the lowest that is free.
    #[schemars(inner(range(min = 1, max = 9)))]
    #[serde(default)]
    pub numbers: BTreeMap<String, usize>,
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

/// A call that is watched.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchSpec {
    /// The operation, such as `dynamodb:GetItem`.
    #[schemars(schema_with = "super::steps::operation_schema")]
    #[serde(rename = "do")]
    pub operation: String,
    /// The input, as in a step. A bare name of a table is one of the caller's own account; `{{CustomerData}}` is its ARN,
    /// whoever calls.
    #[serde(default)]
    pub with: serde_json::Map<String, serde_json::Value>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Unique in the scenario.
    pub id: String,
    /// What to do, in words that name keys and menus of the screen where they help.
    pub say: String,
    /// The predictions to make first. A reason that is asked with one stands right behind it.
    #[schemars(with = "Vec<WrittenPrediction>")]
    #[serde(default, rename = "predict", deserialize_with = "predictions")]
    pub predictions: Vec<Prediction>,
    /// The checks that tell when the task is done: all must pass.
    pub checks: Vec<NamedCheck>,
    /// One to four hints: where to look, what is wrong, what kind of change, the statement with a blank. Only the last may
    /// show JSON.
    #[schemars(length(min = 1, max = 4))]
    pub hints: Vec<Hint>,
    /// What to say when something particular is wrong. The first that applies is said.
    #[serde(default)]
    pub feedback: Vec<Feedback>,
    /// A statement that can be put together from parts, where writing JSON would be in the way.
    #[serde(default)]
    pub builder: Option<BuilderSpec>,
}

/// A statement to put together: for each of its elements some values to choose from, right ones and others. The parts make
/// one, at least, that the solution writes while it works at the task.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuilderSpec {
    /// The sort of policy that the statement is for: it is offered while such a document is open.
    pub into: PolicySort,
    /// The elements in the order in which they are chosen, two to eight.
    #[schemars(length(min = 2, max = 8))]
    pub parts: Vec<PartSpec>,
}

/// A sort of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PolicySort {
    /// The policy of a key.
    KeyPolicy,
    /// A policy of a user, a role or a group.
    IdentityPolicy,
}

/// An element of a statement with the values to choose from.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartSpec {
    /// The element, such as `Principal`.
    pub element: String,
    /// The values to choose from, two to six. A `Sid`, which decides nothing, may have one.
    #[schemars(length(min = 1, max = 6))]
    pub choices: Vec<PartChoice>,
}

/// One value of an element.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartChoice {
    /// The value; the element is left out unless given.
    #[serde(default)]
    pub value: Value,
    /// The part of the sentence that the statement means; empty if it adds no word.
    pub say: String,
}

/// A hint: its words alone, or with the check that it serves, which it is skipped for once the check holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "WrittenHint")]
pub struct Hint {
    /// The words of the hint.
    pub say: String,
    /// The id of the check of the task that it serves.
    pub check: Option<String>,
}

/// A hint as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected the words of a hint, or an object of `say` and `for`")]
#[schemars(rename = "Hint")]
enum WrittenHint {
    /// A hint of words alone.
    Words(String),
    /// The words, and the id of the check of the task that they serve. The hint is skipped once that check holds.
    ForCheck(HintForCheck),
}

/// A hint for one check.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HintForCheck {
    /// The words of the hint.
    say: String,
    /// The id of the check of the same task that the hint serves: once it holds, the hint is skipped.
    #[serde(rename = "for")]
    check: String,
}

impl From<WrittenHint> for Hint {
    fn from(written: WrittenHint) -> Self {
        match written {
            WrittenHint::Words(say) => Self { say, check: None },
            WrittenHint::ForCheck(HintForCheck { say, check }) => Self { say, check: Some(check) },
        }
    }
}

/// A question: a prediction to make, or the reason for one. Which choice is right is never written down: the claims are asked
/// of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Unique in the scenario.
    pub id: String,
    /// The question, in words.
    pub ask: String,
    /// The cell of a grid that the question is about.
    pub cell: Option<GridCell>,
    /// The id of the check of its task that has to hold before the question is asked.
    pub once: Option<String>,
    /// The steps that would have to happen first.
    pub after: Vec<Step>,
    /// The answers to choose from.
    pub choices: Vec<Choice>,
    /// The id of the prediction that the question asks the reason of: it is asked right behind that one, and compared with
    /// what happened at the same moment.
    pub reason_of: Option<String>,
}

/// A prediction to make. Which choice is right is never written down: the claims are asked of the world.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Prediction")]
#[serde(deny_unknown_fields)]
struct WrittenPrediction {
    /// Unique in the scenario.
    id: String,
    /// The question, in words.
    ask: String,
    /// The cell of a grid that the question is about. The questions of a task that have one are asked as that grid, whose
    /// cells the learner fills; they have the same choices, and no two of them the same cell.
    #[serde(default)]
    cell: Option<GridCell>,
    /// The id of a check of the same task that has to hold before the question is asked: of what one finds by looking.
    #[serde(default)]
    once: Option<String>,
    /// The steps that would have to happen first. They are played on a copy of the starting world before the choices are
    /// judged.
    #[serde(default)]
    after: Vec<Step>,
    /// The answers to choose from, two to six, exactly one of them right.
    #[schemars(length(min = 2, max = 6))]
    choices: Vec<Choice>,
    /// The question for the reason, which is asked right behind this one; not with a `cell`.
    #[serde(default)]
    why: Option<WrittenReason>,
}

/// The question for the reason of a prediction. It is a prediction as well: exactly one claim holds, after the same steps.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Reason")]
#[serde(deny_unknown_fields)]
struct WrittenReason {
    /// Unique in the scenario, among the predictions.
    id: String,
    /// The question, in words; "And why?" unless given.
    #[serde(default)]
    ask: Option<String>,
    /// The reasons to choose from, two to six, exactly one of them right. Each has a `say`.
    #[schemars(length(min = 2, max = 6))]
    choices: Vec<Choice>,
}

/// How a reason is asked for where the file does not say.
const WHY: &str = "And why?";

/// Reads the predictions of a task, each followed by the question for its reason.
fn predictions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Prediction>, D::Error> {
    let written = Vec::<WrittenPrediction>::deserialize(deserializer)?;
    let mut all = Vec::with_capacity(written.len());
    for WrittenPrediction { id, ask, cell, once, after, choices, why } in written {
        let reason = why.map(|why| Prediction {
            id: why.id,
            ask: why.ask.unwrap_or_else(|| WHY.to_owned()),
            cell: None,
            once: once.clone(),
            after: after.clone(),
            choices: why.choices,
            reason_of: Some(id.clone()),
        });
        all.push(Prediction { id, ask, cell, once, after, choices, reason_of: None });
        all.extend(reason);
    }
    Ok(all)
}

/// A cell of the grid that questions of a task make.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridCell {
    /// The words at the left end of its row, such as somebody's name.
    pub row: String,
    /// The words over its column, such as the name of a table.
    pub column: String,
}

/// One answer to a question.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The answer in words.
    pub text: String,
    /// What the answer claims. The choice is right if this passes.
    pub claim: Check,
    /// The id of the misconception behind it, among `myths`.
    #[serde(default)]
    pub myth: Option<String>,
    /// What to say to somebody who chose it.
    #[serde(default)]
    pub say: Option<String>,
}

/// What to say to a learner when something particular is so.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// Unique in the scenario.
    pub id: String,
    /// The check that tells when to say it.
    pub when: Check,
    /// The words that are said then.
    pub say: String,
    /// The id of the misconception behind it, among `myths`.
    #[serde(default)]
    pub myth: Option<String>,
    /// Whether the note is about something that is half done, and no mistake: the screen sets no cross before it, and names
    /// the key that applies a draft which is told so.
    #[serde(default)]
    pub halfway: bool,
}

/// A check with a name and words.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedCheck {
    /// Unique in the scenario.
    pub id: String,
    /// What the check means, in words for the learner.
    pub say: String,
    /// The check that must hold.
    pub check: Check,
    /// Whether the check stays passed once it has passed; an invariant cannot.
    #[serde(default)]
    pub latch: bool,
    /// Whether the promise is here although no path of this file breaks it, because it would matter if somebody did; of a
    /// task's check, whether it may hold before the task begins.
    #[serde(default)]
    pub keep: bool,
}
