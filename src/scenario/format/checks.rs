//! What can be asked of a world.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Step;
use crate::policy::{How, Layer};
use crate::scenario::Duration;

/// A question to a world, written as an object with one field. Its answer is yes, no, or "cannot tell", which never
/// passes.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The policies decide so, for this reason.
    Decision(DecisionCheck),
    /// Nobody but these may do something.
    Only(OnlyCheck),
    /// Nobody may do more than at the start, but for what is named here.
    AllowsOnly(AllowsOnlyCheck),
    /// The decision was one at the start and is another now.
    Flip(FlipCheck),
    /// A call, made on a copy of the world, ends so.
    Outcome(OutcomeCheck),
    /// A key, a table or an alias is in this state.
    State(StateCheck),
    /// The disk under a table holds, or lacks, such bytes.
    Storage(StorageCheck),
    /// The audit trail holds, or lacks, such records.
    Audit(AuditCheck),
    /// A rule of EventBridge matches these records of the audit trail and no others.
    Rule(RuleCheck),
    /// The template of the world has drifted, or has not.
    Drift(DriftCheck),
    /// The learner has made a prediction.
    #[serde(rename = "answered")]
    Predicted(PredictedCheck),
    /// Holds if all of these hold.
    All(Vec<Check>),
    /// At least one of these.
    Any(Vec<Check>),
    /// Holds if this one does not. What cannot be told stays so.
    Not(Box<Check>),
}

impl Check {
    /// Whether the check asks for records after an operation: right after the next call of that one it cannot hold.
    pub fn follows(&self, operation: &str) -> bool {
        match self {
            Self::Audit(audit) => audit.at_most.is_none() && audit.since.as_deref() == Some(operation),
            Self::All(parts) => parts.iter().any(|part| part.follows(operation)),
            Self::Any(parts) => parts.iter().all(|part| part.follows(operation)),
            Self::Not(_)
            | Self::Decision(_)
            | Self::Only(_)
            | Self::AllowsOnly(_)
            | Self::Flip(_)
            | Self::Outcome(_)
            | Self::State(_)
            | Self::Storage(_)
            | Self::Rule(_)
            | Self::Drift(_)
            | Self::Predicted(_) => false,
        }
    }

    /// Returns the checks that this one is made of; none for one that stands alone.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Not(part) => std::slice::from_ref(part),
            Self::Decision(_)
            | Self::Only(_)
            | Self::AllowsOnly(_)
            | Self::Flip(_)
            | Self::Outcome(_)
            | Self::State(_)
            | Self::Storage(_)
            | Self::Audit(_)
            | Self::Rule(_)
            | Self::Drift(_)
            | Self::Predicted(_) => &[],
        }
    }

    /// Whether `of` holds of this check, or of one that it is made of at any depth.
    pub fn any_part(&self, of: &impl Fn(&Self) -> bool) -> bool {
        of(self) || self.parts().iter().any(|part| part.any_part(of))
    }

    /// Returns how a call ends, if that is what is asked.
    pub fn outcome(&self) -> Option<&OutcomeCheck> {
        if let Self::Outcome(outcome) = self { Some(outcome) } else { None }
    }

    /// Returns what a rule is to match, if that is what is asked.
    pub fn rule(&self) -> Option<&RuleCheck> {
        if let Self::Rule(rule) = self { Some(rule) } else { None }
    }

    /// Returns how the policies decide, if that is what is asked.
    pub fn decision(&self) -> Option<&DecisionCheck> {
        if let Self::Decision(decision) = self { Some(decision) } else { None }
    }
}

/// A question to the policies: may somebody do something to something?
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeSpec {
    /// Who asks: a user or a session of the world, `name@account`, `root`, `root@account`, `anonymous`, `anyone@account`
    /// (somebody in that account whom IAM allows everything), `session-of:ROLE` (the latest session of a role, whoever has
    /// made it), or a service as policies name it, such as `dynamodb.amazonaws.com`. A service that makes a call names its
    /// table in `aws:SourceArn` and the account in `aws:SourceAccount`; a decision is asked without them.
    #[serde(rename = "as")]
    pub caller: String,
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// The resource: the short name of a key, an alias, a table, an ARN, or `*`.
    pub on: String,
    /// The service that asks in the caller's name, such as `dynamodb`; the caller asks without one unless given.
    #[serde(default)]
    pub via: Option<String>,
    /// The table that DynamoDB asks for; the one encrypted under the key unless given.
    #[serde(default)]
    pub table: Option<String>,
    /// The encryption context, in place of the one that the service would send.
    #[serde(default)]
    pub context: Option<BTreeMap<String, String>>,
    /// How much later the question is put, such as `+5m`; now unless given.
    #[serde(default)]
    pub at: Option<Duration>,
}

/// A check of what drift detection says of the world's template, or of a resource of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftCheck {
    /// The logical id of the resource; all that the template declares unless given.
    #[serde(default)]
    pub of: Option<String>,
    /// The status that it must have.
    pub is: DriftStatus,
}

/// What has become of something that a template declares, in the words of CloudFormation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DriftStatus {
    /// All that the template states is so.
    InSync,
    /// The resource is modified or deleted; of the whole template, one of its resources is.
    Drifted,
    /// A property of the resource that the template states is another one.
    Modified,
    /// The world has the resource no more.
    Deleted,
}

/// A verdict in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The request is allowed.
    Allow,
    /// The request is refused.
    Deny,
}

impl Answer {
    /// Returns the answer as a word: `allowed` or `denied`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allowed",
            Self::Deny => "denied",
        }
    }
}

/// A check that the policies decide so, for this reason.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionCheck {
    /// The request that is asked about.
    pub probe: ProbeSpec,
    /// The answer that it must have.
    pub is: Answer,
    /// The reason that it must have; any unless given.
    #[serde(default)]
    pub because: Option<ReasonSpec>,
}

/// A reason for a decision. What is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonSpec {
    /// The kind of policy that decided.
    #[serde(default)]
    pub layer: Option<Layer>,
    /// The way in which the decision fell.
    #[serde(default)]
    pub how: Option<How>,
    /// The `Sid` of the deciding statement.
    #[serde(default)]
    pub sid: Option<String>,
}

/// A check that nobody but these may do something. It is asked of everybody whom `kmslab who-can` knows: all users, roles,
/// live sessions and root users of all accounts, accounts and principals elsewhere that a policy or a grant names, services, and
/// an outsider. Conditions count as the request stands; what a service may do by a grant of its own does not count.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlyCheck {
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// The resource, as in a probe.
    pub on: String,
    /// The service that asks in the caller's name.
    #[serde(default)]
    pub via: Option<String>,
    /// Everybody who may be allowed, a role by its name, a service by its principal. Not all of them have to be.
    pub allowed: Vec<String>,
}

/// A check that nobody may do more than at the start, but for what is named here. It asks everybody whom `only` asks, for
/// every action on every resource, also on a key, a table, a user and a role that nobody has made yet, directly and through
/// the services that use keys. What is allowed under conditions counts as allowed; and whoever was allowed something under
/// conditions, and now is without any, may do more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowsOnlyCheck {
    /// Who may do more than at the start: a name as in a probe, a role by its name, which stands for its sessions, too, a
    /// service by its principal. Of each the actions, such as `kms:Decrypt`, or `kms:Decrypt on k1`: without a resource it is
    /// whatever there is, with `*` also what nobody has made yet. In the action `*` stands for any letters.
    #[serde(default)]
    pub more: BTreeMap<String, Vec<String>>,
    /// Who may do less than at the start, in the same way: what was allowed and is now under conditions is less, too. Not looked
    /// at unless given; `{}` says that nobody may lose anything.
    #[serde(default)]
    pub less: Option<BTreeMap<String, Vec<String>>>,
    /// The resources that are asked about, as in a probe; all that were there at the start unless given.
    #[serde(default)]
    pub on: Vec<String>,
}

/// A check that a decision was one at the start and is another now.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlipCheck {
    /// The request that is asked about.
    pub probe: ProbeSpec,
    /// The answer that it had at the start.
    pub from: Answer,
    /// The answer that it must have now: the other one.
    pub to: Answer,
}

/// A check that a call, made on a copy of the world, ends so. Without `error` it must succeed.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeCheck {
    /// Who makes the call, as in a probe.
    #[serde(rename = "as")]
    pub caller: String,
    /// The operation, such as `dynamodb:Scan`.
    #[schemars(schema_with = "super::steps::operation_schema")]
    #[serde(rename = "do")]
    pub operation: String,
    /// The input, as in a step.
    #[serde(default)]
    pub with: serde_json::Map<String, Value>,
    /// The error code it must fail with.
    #[serde(default)]
    pub error: Option<String>,
    /// The number of items that the response must hold; not together with `error`.
    #[serde(default)]
    pub items: Option<usize>,
    /// A text that the response, or the message of the error, must contain.
    #[serde(default)]
    pub contains: Option<String>,
    /// A text that it must not contain.
    #[serde(default)]
    pub lacks: Option<String>,
    /// How much later the call is made, such as `+5m`; now unless given.
    #[serde(default)]
    pub at: Option<Duration>,
}

/// A check of one field of a key, a table or an alias.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateCheck {
    /// The short name of a key, an alias or a table.
    pub of: String,
    /// The field, by AWS's name: `KeyState`, `TableStatus`, `KMSMasterKeyArn`, `TargetKeyArn` and so on.
    pub field: String,
    /// The value that it must have; the short name of a key stands for its ARN.
    pub is: Value,
}

/// A check of the stored bytes under a table. It asks at least one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StorageCheck {
    /// The table whose stored bytes are looked at.
    pub of: String,
    /// Whether every stored byte must be as it was at the start.
    #[serde(default)]
    pub unchanged: Option<bool>,
    /// A text whose bytes must not be among the stored ones.
    #[serde(default)]
    pub lacks: Option<String>,
}

/// A check of the audit trail: how many records agree with everything given.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditCheck {
    /// The operation, such as `Decrypt`.
    pub event: String,
    /// Who made the call, as in a probe; anybody unless given.
    #[serde(default)]
    pub by: Option<String>,
    /// The service that made it in their name, such as `dynamodb`; `nobody` for calls that they made themselves.
    #[serde(default)]
    pub via: Option<String>,
    /// The resource that it was about, as in a probe.
    #[serde(default)]
    pub on: Option<String>,
    /// The end of the call; any unless given.
    #[serde(default)]
    pub result: Option<AuditResult>,
    /// A text that the message of the error must contain.
    #[serde(default)]
    pub contains: Option<String>,
    /// An operation. Only records after its last success count; before it has succeeded once the check does not hold.
    #[serde(default)]
    pub since: Option<String>,
    /// An operation. Only records before its first success count, that behind `since` if both are given.
    #[serde(default)]
    pub until: Option<String>,
    /// The least number of records; 1 unless `at_most` is given.
    #[serde(default)]
    pub at_least: Option<usize>,
    /// The greatest number of records.
    #[serde(default)]
    pub at_most: Option<usize>,
}

/// A check that a rule of EventBridge in the home account matches these records of the audit trail, all that there are, and no
/// others.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleCheck {
    /// The name of the rule.
    pub name: String,
    /// The records: whatever agrees with one of these. Each is written as in `audit`, without `since`, `until` and counts.
    pub finds: Vec<AuditCheck>,
    /// Steps that are made first on a copy of the world, however they end: what the rule is to find, or to leave, tomorrow. With
    /// them a rule that lists the records by their ids is told from one that says what they are.
    #[serde(default)]
    pub after: Vec<Step>,
    /// Whether the rule may match no others; `true` unless given.
    #[serde(default = "yes")]
    pub only: bool,
}

fn yes() -> bool {
    true
}

/// How a recorded call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditResult {
    /// The call was answered without an error.
    Ok,
    /// The call was refused for want of permission.
    Denied,
    /// The call failed for another reason.
    Error,
}

/// A check that the learner has made a prediction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictedCheck {
    /// The id of the prediction.
    #[serde(rename = "question")]
    pub prediction: String,
    /// Whether the choice must be the right one, or a wrong one; any unless given.
    #[serde(default)]
    pub right: Option<bool>,
}
