//! Steps: calls, waiting, answers, and the paths made of them.

use serde::Deserialize;
use serde_json::Value;

use crate::scenario::Duration;

/// Other steps that lead to the goal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// What is different about it.
    pub name: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// Steps that do not lead to the goal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongPath {
    /// The mistake.
    pub name: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// The id of the feedback that must answer it.
    pub feedback: String,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawStep")]
pub struct Step {
    /// The task it works at; the only one, or that of the step before, unless given.
    pub task: Option<String>,
    /// What happens.
    pub action: Action,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Somebody calls an API.
    Call(CallStep),
    /// The learner answers a question.
    Predict {
        /// The question.
        prediction: String,
        /// The choice, counted from 0.
        choose: usize,
    },
    /// Time passes.
    Wait(Duration),
}

/// A call somebody makes.
#[derive(Clone, Debug, PartialEq)]
pub struct CallStep {
    /// Who.
    pub caller: String,
    /// What: a service and an operation, such as `kms:PutKeyPolicy`.
    pub operation: String,
    /// The input: AWS's own shape, in which short names and conveniences may stand.
    pub with: serde_json::Map<String, Value>,
    /// How it must end; `None` means well.
    pub expect: Expect,
    /// The name under which later steps find the response.
    pub save: Option<String>,
}

/// How a call must end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// `ok`: it succeeds.
    Success,
    /// `denied`: it is refused for want of permission.
    Denied,
    /// Any other word: it fails with this error code.
    Error(String),
}

/// A step as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    task: Option<String>,
    #[serde(rename = "as")]
    caller: Option<String>,
    #[serde(rename = "do")]
    operation: Option<String>,
    with: Option<serde_json::Map<String, Value>>,
    expect: Option<String>,
    save: Option<String>,
    answer: Option<String>,
    choose: Option<usize>,
    wait: Option<Duration>,
}

impl TryFrom<RawStep> for Step {
    type Error = &'static str;

    fn try_from(raw: RawStep) -> Result<Self, &'static str> {
        const KINDS: &str =
            "a step is a call (`as`, `do`, `with`), an answer (`answer`, `choose`) or a `wait`";
        let is_call = raw.with.is_some() || raw.expect.is_some() || raw.save.is_some();
        let action = match (raw.caller, raw.operation, raw.answer, raw.choose, raw.wait) {
            (Some(caller), Some(operation), None, None, None) => Action::Call(CallStep {
                caller,
                operation,
                with: raw.with.unwrap_or_default(),
                expect: match raw.expect.as_deref() {
                    None | Some("ok") => Expect::Success,
                    Some("denied") => Expect::Denied,
                    Some(code) => Expect::Error(code.to_owned()),
                },
                save: raw.save,
            }),
            (None, None, Some(prediction), Some(choose), None) if !is_call => {
                Action::Predict { prediction, choose }
            }
            (None, None, None, None, Some(duration)) if !is_call => Action::Wait(duration),
            (Some(_), None, None, None, None) => {
                return Err("this step lacks `do`: the operation that is called");
            }
            (None, Some(_), None, None, None) => return Err("this step lacks `as`: who makes the call"),
            (None, None, Some(_), None, None) => {
                return Err("this step lacks `choose`: which answer, counted from 0");
            }
            _ => return Err(KINDS),
        };
        Ok(Self { task: raw.task, action })
    }
}
