//! What can be asked of a world.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::policy::{How, Layer};
use crate::scenario::Duration;

/// Something that can be asked of a world, with three answers: yes, no, cannot tell.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The engine decides so, for this reason.
    Decision(DecisionCheck),
    /// Nobody but these may.
    Only(OnlyCheck),
    /// The engine's answer was one at the start and is another now.
    Flip(FlipCheck),
    /// A call, made on a copy of the world, ends so.
    Outcome(OutcomeCheck),
    /// A key, a table or an alias is in this state.
    State(StateCheck),
    /// The disk under a table holds, or lacks, such bytes.
    Storage(StorageCheck),
    /// The audit trail holds, or lacks, such records.
    Audit(AuditCheck),
    /// The learner has answered a question.
    #[serde(rename = "answered")]
    Predicted(PredictedCheck),
    /// All of these.
    All(Vec<Check>),
    /// At least one of these.
    Any(Vec<Check>),
}

/// A question to the engine: may they?
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeSpec {
    /// Who: a name, `name@account`, `root`, `anonymous`, or `anyone@account`, somebody there whom IAM allows everything.
    #[serde(rename = "as")]
    pub caller: String,
    /// What, such as `kms:Decrypt`.
    pub action: String,
    /// On what: a key's short name, an alias, a table, an ARN, or `*`.
    pub on: String,
    /// The service that asks in the caller's name, such as `dynamodb`.
    #[serde(default)]
    pub via: Option<String>,
    /// The table that DynamoDB asks for; the one encrypted under the key unless given.
    #[serde(default)]
    pub table: Option<String>,
    /// The encryption context, instead of the one that the service would send.
    #[serde(default)]
    pub context: Option<BTreeMap<String, String>>,
    /// How much later, such as `+5m`.
    #[serde(default)]
    pub at: Option<Duration>,
}

/// A verdict in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Allowed.
    Allow,
    /// Refused.
    Deny,
}

impl Answer {
    /// `allowed` or `denied`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allowed",
            Self::Deny => "denied",
        }
    }
}

/// See [`Check::Decision`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionCheck {
    /// The question.
    pub probe: ProbeSpec,
    /// The answer.
    pub is: Answer,
    /// The reason.
    #[serde(default)]
    pub because: Option<ReasonSpec>,
}

/// A reason for a decision. What is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonSpec {
    /// The kind of policy that decided.
    #[serde(default)]
    pub layer: Option<Layer>,
    /// How it decided.
    #[serde(default)]
    pub how: Option<How>,
    /// The `Sid` of the deciding statement.
    #[serde(default)]
    pub sid: Option<String>,
}

/// See [`Check::Only`]. Asked of everybody: all users, roles' sessions and root users of all accounts, an outsider, and
/// somebody without credentials.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlyCheck {
    /// What, such as `kms:Decrypt`.
    pub action: String,
    /// On what.
    pub on: String,
    /// The service that asks in the caller's name.
    #[serde(default)]
    pub via: Option<String>,
    /// Who may at most.
    pub allowed: Vec<String>,
}

/// See [`Check::Flip`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlipCheck {
    /// The question.
    pub probe: ProbeSpec,
    /// The answer at the start.
    pub from: Answer,
    /// The answer now.
    pub to: Answer,
}

/// See [`Check::Outcome`]. Without `error` the call must succeed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeCheck {
    /// Who.
    #[serde(rename = "as")]
    pub caller: String,
    /// A service and an operation, such as `dynamodb:Scan`.
    #[serde(rename = "do")]
    pub operation: String,
    /// The input.
    #[serde(default)]
    pub with: serde_json::Map<String, Value>,
    /// The error code it must fail with.
    #[serde(default)]
    pub error: Option<String>,
    /// How many items the response must hold.
    #[serde(default)]
    pub items: Option<usize>,
    /// What the response, or the error's message, must contain.
    #[serde(default)]
    pub contains: Option<String>,
    /// What it must not contain.
    #[serde(default)]
    pub lacks: Option<String>,
    /// How much later, such as `+5m`.
    #[serde(default)]
    pub at: Option<Duration>,
}

/// See [`Check::State`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateCheck {
    /// A key's short name, an alias or a table.
    pub of: String,
    /// Which field, by AWS's name: `KeyState`, `TableStatus`, `KMSMasterKeyArn`, `TargetKeyId` and so on.
    pub field: String,
    /// Its value; the short name of a key stands for its ARN.
    pub is: Value,
}

/// See [`Check::Storage`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageCheck {
    /// The table.
    pub of: String,
    /// Whether every stored byte is as it was at the start.
    #[serde(default)]
    pub unchanged: Option<bool>,
    /// A text whose bytes must not be among the stored ones.
    #[serde(default)]
    pub lacks: Option<String>,
}

/// See [`Check::Audit`]. Counts records that agree with everything given.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditCheck {
    /// The operation, such as `Decrypt`.
    pub event: String,
    /// Who made the call.
    #[serde(default)]
    pub by: Option<String>,
    /// The service that made it in their name, such as `dynamodb`; `nobody` if they made it themselves.
    #[serde(default)]
    pub via: Option<String>,
    /// What it was about.
    #[serde(default)]
    pub on: Option<String>,
    /// How it ended.
    #[serde(default)]
    pub result: Option<AuditResult>,
    /// What the error's message must contain.
    #[serde(default)]
    pub contains: Option<String>,
    /// An operation: only what came after the last time that it succeeded counts.
    #[serde(default)]
    pub since: Option<String>,
    /// At least so many; 1 unless `at_most` is given.
    #[serde(default)]
    pub at_least: Option<usize>,
    /// At most so many.
    #[serde(default)]
    pub at_most: Option<usize>,
}

/// How a recorded call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditResult {
    /// It succeeded.
    Ok,
    /// It was refused for want of permission.
    Denied,
    /// It failed for another reason.
    Error,
}

/// See [`Check::Predicted`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictedCheck {
    /// The prediction.
    #[serde(rename = "question")]
    pub prediction: String,
    /// Whether the answer must be right, or wrong. Any answer will do unless given.
    #[serde(default)]
    pub right: Option<bool>,
}
