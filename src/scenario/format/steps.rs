//! Steps: calls, waiting, answers, and the paths made of them.

use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

use crate::cloud::{SERVICES, Service};
use crate::scenario::Duration;

/// Other steps that lead to the goal.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// What is different about this way, in words.
    pub name: String,
    /// The path whose steps come first: `solution`, or the name of an earlier one of `also`.
    #[serde(default)]
    pub like: Option<String>,
    /// How many of its steps come first; all unless given.
    #[serde(default)]
    pub until: Option<usize>,
    /// The steps in their order.
    pub steps: Vec<Step>,
}

/// Steps that do not lead to the goal.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongPath {
    /// The mistake, in words.
    pub name: String,
    /// The path whose steps come first: `solution`, or the name of one of `also`.
    #[serde(default)]
    pub like: Option<String>,
    /// How many of its steps come first; all unless given.
    #[serde(default)]
    pub until: Option<usize>,
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// The id of the feedback that must answer it.
    pub feedback: String,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[schemars(with = "RawStep")]
#[serde(try_from = "RawStep")]
pub struct Step {
    /// The task it works at; the only one, or that of the step before, unless given.
    pub task: Option<String>,
    /// The action that the step takes.
    pub action: Action,
    /// Whether the line `next` does not say which operation it calls while help waits.
    pub unnamed: bool,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Somebody calls an API.
    Call(CallStep),
    /// The learner answers a question.
    Predict {
        /// The id of the question that is answered.
        prediction: String,
        /// The choice, counted from 0.
        choose: usize,
    },
    /// Lets simulated time pass.
    Wait(Duration),
}

/// A call somebody makes.
#[derive(Clone, Debug, PartialEq)]
pub struct CallStep {
    /// The short name of the caller.
    pub caller: String,
    /// What: a service and an operation, such as `kms:PutKeyPolicy`.
    pub operation: String,
    /// The input: AWS's own shape, in which short names and conveniences may stand.
    pub with: serde_json::Map<String, Value>,
    /// The end that the call must have; a success unless given.
    pub expect: Expect,
    /// The name under which later steps find the response.
    pub save: Option<String>,
}

impl CallStep {
    /// Says whether the operation only reads, as its service records it.
    pub fn is_read(&self) -> bool {
        let (prefix, name) = self.operation.split_once(':').unwrap_or_default();
        let service = crate::cloud::SERVICES.iter().find(|service| service.prefix == prefix);
        service.and_then(|service| service.operation(name)).is_some_and(|operation| operation.read_only)
    }
}

/// How a call must end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Written `ok`: the call succeeds.
    Success,
    /// `denied`: it is refused for want of permission.
    Denied,
    /// Any other word: it fails with this error code.
    Error(String),
}

/// One step of a path: a call (`as`, `do` and what belongs to it), a prediction (`answer`, `choose`) or a `wait`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Step", transform = one_kind)]
#[serde(deny_unknown_fields)]
struct RawStep {
    /// The id of the task that the step works at; the only task, or that of the step before, unless given.
    task: Option<String>,
    /// Who makes the call, as in a probe.
    #[serde(rename = "as")]
    caller: Option<String>,
    /// The operation that is called, such as `kms:PutKeyPolicy`.
    #[schemars(schema_with = "operation_schema")]
    #[serde(rename = "do", default)]
    operation: Option<String>,
    /// The input of the call: AWS's own shape, in which short names stand for keys and principals, and objects for
    /// policies. `kms:PutKeyPolicy` may edit the policy that is there: see "Steps".
    with: Option<serde_json::Map<String, Value>>,
    /// How the call must end: `ok`, `denied` (refused for want of permission), or the code of the error; `ok` unless given.
    expect: Option<String>,
    /// A name under which later steps find the response, as in `{{name.Plaintext}}`. It also names the key or the session
    /// that the call made.
    save: Option<String>,
    /// The id of the prediction that the learner makes.
    answer: Option<String>,
    /// The choice, counted from 0.
    choose: Option<usize>,
    /// How much time passes, such as `+8d`.
    wait: Option<Duration>,
    /// Of a call of the solution: the line `next` does not say which operation it is while `help` waits, since that would be
    /// half of the answer.
    #[serde(default)]
    unnamed: bool,
}

/// Restricts the schema of a step to one of its three kinds, as `Step::try_from` does.
fn one_kind(schema: &mut Schema) {
    let kinds: [(&[&str], &[&str]); 3] = [
        (&["as", "do"], &["answer", "choose", "wait"]),
        (&["answer", "choose"], &["as", "do", "with", "expect", "save", "unnamed", "wait"]),
        (&["wait"], &["as", "do", "with", "expect", "save", "unnamed", "answer", "choose"]),
    ];
    let kind = |(required, others): (&[&str], &[&str])| {
        let absent: serde_json::Map<_, _> =
            others.iter().map(|name| ((*name).to_owned(), Value::Bool(false))).collect();
        serde_json::json!({ "required": required, "properties": absent })
    };
    schema.insert("oneOf".to_owned(), kinds.map(kind).to_vec().into());
}

/// Returns the schema of an operation: one of those that are simulated, so that an editor can complete it.
pub(super) fn operation_schema(_: &mut SchemaGenerator) -> Schema {
    let of = |service: &&'static Service| {
        service.names().map(|operation| format!("{}:{operation}", service.prefix)).collect::<Vec<_>>()
    };
    let operations: BTreeSet<String> = SERVICES.iter().flat_map(of).collect();
    json_schema!({ "type": "string", "enum": operations })
}

impl TryFrom<RawStep> for Step {
    type Error = &'static str;

    fn try_from(raw: RawStep) -> Result<Self, &'static str> {
        const KINDS: &str =
            "a step is a call (`as`, `do`, `with`), an answer (`answer`, `choose`) or a `wait`";
        let is_call = raw.with.is_some() || raw.expect.is_some() || raw.save.is_some() || raw.unnamed;
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
        Ok(Self { task: raw.task, action, unnamed: raw.unnamed })
    }
}
