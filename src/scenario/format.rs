//! The scenario format: what an author writes, as types.
//!
//! Data only: nothing here runs anything. Reading lives in `reader`, checking that references hold in `validate`.
//! Policies stay in their own JSON, so that an author can paste them from AWS.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Lapse;
use crate::cloud::Fidelity;
use crate::policy::{How, Layer};

/// The version of the format that this program reads.
pub const FORMAT: u64 = 1;

/// One lesson: a world, what to do in it, and how to know that it is done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where a text editor finds the format's JSON schema; of no meaning here.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// The version of the format.
    pub format: u64,
    /// A short name, unique among all scenarios, such as `a3-key-policy-door`.
    pub id: String,
    /// What people read in a list, at most 60 characters.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// For whom.
    #[serde(default)]
    pub level: Level,
    /// Ideas it teaches. Another scenario may require them.
    pub teaches: Vec<String>,
    /// Ideas that another scenario must have taught before.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Misconceptions it clears up.
    #[serde(default)]
    pub myths: Vec<Myth>,
    /// Where AWS says so.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Decides every random number of the world.
    #[serde(default)]
    pub seed: u64,
    /// The time on the world's clock when the learner comes.
    pub clock: Timestamp,
    /// Which of AWS's delays and caches are on: `instant`, `aws`, or an object of switches.
    #[serde(default, deserialize_with = "fidelity")]
    pub fidelity: Fidelity,
    /// What the scenario leaves out, in words, to be shown where it matters.
    #[serde(default)]
    pub simplified: Vec<String>,
    /// What is there at the start.
    pub world: WorldSpec,
    /// Whom the learner plays first.
    pub start_as: String,
    /// Whom the learner may play, and with what.
    #[serde(default)]
    pub palette: Palette,
    /// What happened before, a paragraph each.
    #[serde(default)]
    pub story: Vec<String>,
    /// What to do, in order.
    pub tasks: Vec<Task>,
    /// What must hold at the start and at the end.
    #[serde(default)]
    pub invariants: Vec<NamedCheck>,
    /// One way to do it.
    pub solution: Vec<Step>,
    /// Other ways that must count as well.
    #[serde(default)]
    pub also: Vec<Path>,
    /// Mistakes people make, each with the feedback that answers it.
    pub wrong: Vec<WrongPath>,
    /// What to take home, a paragraph each.
    #[serde(default)]
    pub debrief: Vec<String>,
}

impl Scenario {
    /// The chapter it belongs to: the first letter of its id, in upper case.
    pub fn chapter(&self) -> String {
        self.id.chars().take(1).flat_map(char::to_uppercase).collect()
    }

    /// The short form of its id: `a3` of `a3-key-policy-door`.
    pub fn short_id(&self) -> &str {
        self.id.split('-').next().unwrap_or(&self.id)
    }

    /// The questions of all tasks, in order.
    pub fn predictions(&self) -> impl Iterator<Item = &Predict> {
        self.tasks.iter().flat_map(|task| &task.predict)
    }

    /// The question with this id.
    pub fn prediction(&self, id: &str) -> Option<&Predict> {
        self.predictions().find(|predict| predict.id == id)
    }
}

/// For whom a scenario is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For somebody who has never seen a key policy.
    #[default]
    First,
    /// For somebody who has done the first ones.
    Core,
    /// For somebody who wants it hard.
    Expert,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Core => "core",
            Self::Expert => "expert",
        })
    }
}

/// What many people believe, and what is so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Myth {
    /// The id that choices and feedback point at, such as `M04`.
    pub id: String,
    /// What people believe.
    pub belief: String,
    /// What is so.
    pub fact: String,
}

/// A public document that says what the scenario shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Which document, by title or address.
    pub at: String,
    /// What it says, in short.
    pub says: String,
    /// When somebody last read it there, as `YYYY-MM` or `YYYY-MM-DD`.
    pub checked: String,
}

/// What the world holds at the start.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// The Region everything is in; `us-east-1` unless given.
    #[serde(default)]
    pub region: Option<String>,
    /// The accounts by number. The one that holds `start_as` is the home account.
    pub accounts: BTreeMap<String, AccountSpec>,
    /// Role sessions by the name that steps and probes call them.
    #[serde(default)]
    pub sessions: BTreeMap<String, SessionSpec>,
    /// VPC endpoints by id.
    #[serde(default)]
    pub endpoints: BTreeMap<String, EndpointSpec>,
    /// From where people call, by their name; who is not named calls over the internet.
    #[serde(default)]
    pub from: BTreeMap<String, FromSpec>,
    /// Further calls made before the learner comes.
    #[serde(default)]
    pub before: Vec<Step>,
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// The VPC's id.
    pub vpc: String,
    /// The service it leads to, such as `dynamodb`.
    pub service: String,
    /// What may pass; everything unless given.
    #[serde(default)]
    pub policy: Option<Value>,
}

/// From where somebody calls: from a VPC, or from an address on the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromSpec {
    /// The VPC. Calls go through its endpoint for the service, or over the internet where it has none.
    #[serde(default)]
    pub vpc: Option<String>,
    /// The address: in the VPC, 10.0.0.10 unless given, or on the internet.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// What one account holds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Users by name.
    #[serde(default)]
    pub users: BTreeMap<String, IdentitySpec>,
    /// Roles by name.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleSpec>,
    /// Customer managed policies by name.
    #[serde(default)]
    pub policies: BTreeMap<String, Value>,
    /// KMS keys by the short name that steps and probes call them.
    #[serde(default)]
    pub keys: BTreeMap<String, KeySpec>,
    /// DynamoDB tables by name.
    #[serde(default)]
    pub tables: BTreeMap<String, TableSpec>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// Managed policies: the name of an AWS managed or a customer managed one, or an ARN.
    #[serde(default)]
    pub attach: Vec<String>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// The managed policy that bounds what it may do, by name or ARN.
    #[serde(default)]
    pub boundary: Option<String>,
    /// `/` unless given.
    #[serde(default)]
    pub path: Option<String>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// Who may assume it.
    pub trust: Value,
    /// Managed policies: the name of an AWS managed or a customer managed one, or an ARN.
    #[serde(default)]
    pub attach: Vec<String>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// The managed policy that bounds what it may do, by name or ARN.
    #[serde(default)]
    pub boundary: Option<String>,
    /// `/` unless given.
    #[serde(default)]
    pub path: Option<String>,
}

/// A KMS key.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// Its aliases.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Free text.
    #[serde(default)]
    pub description: Option<String>,
    /// The key policy; the default one unless given.
    #[serde(default)]
    pub policy: Option<Value>,
    /// The key spec; `SYMMETRIC_DEFAULT` unless given.
    #[serde(default)]
    pub spec: Option<String>,
    /// What it is for; `ENCRYPT_DECRYPT` unless given.
    #[serde(default)]
    pub usage: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether it is switched off.
    #[serde(default)]
    pub disabled: bool,
}

/// A DynamoDB table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The key that encrypts it: a short name, `aws/dynamodb` for the AWS managed key, or absent for the AWS owned one.
    #[serde(default)]
    pub key: Option<String>,
    /// The name of the partition key, a string; the first attribute of the first item unless given.
    #[serde(default)]
    pub hash: Option<String>,
    /// Its items as plain JSON.
    #[serde(default)]
    pub items: Vec<serde_json::Map<String, Value>>,
}

/// A session of a role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// The role's name.
    pub role: String,
    /// Who assumes it.
    pub by: String,
    /// The account of the role; the home account unless given.
    #[serde(default)]
    pub account: Option<String>,
    /// The session's name; the name it is called here unless given.
    #[serde(default)]
    pub name: Option<String>,
    /// A session policy.
    #[serde(default)]
    pub policy: Option<Value>,
}

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
    #[serde(default)]
    pub predict: Vec<Predict>,
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
pub struct Predict {
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
    Answer {
        /// The question.
        question: String,
        /// The choice, counted from 0.
        choose: usize,
    },
    /// Time passes.
    Wait(Lapse),
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
    wait: Option<Lapse>,
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
            (None, None, Some(question), Some(choose), None) if !is_call => {
                Action::Answer { question, choose }
            }
            (None, None, None, None, Some(lapse)) if !is_call => Action::Wait(lapse),
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
    Answered(AnsweredCheck),
    /// All of these.
    All(Vec<Check>),
    /// At least one of these.
    Any(Vec<Check>),
}

/// A question to the engine: may they?
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
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
    pub at: Option<Lapse>,
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
    pub probe: Probe,
    /// The answer.
    pub is: Answer,
    /// The reason.
    #[serde(default)]
    pub because: Option<Because>,
}

/// A reason for a decision. What is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
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
    pub probe: Probe,
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
    pub at: Option<Lapse>,
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

/// See [`Check::Answered`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnsweredCheck {
    /// The question.
    pub question: String,
    /// Whether the answer must be right, or wrong. Any answer will do unless given.
    #[serde(default)]
    pub right: Option<bool>,
}

/// Reads `instant`, `aws` or an object of switches.
fn fidelity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fidelity, D::Error> {
    struct Choice;

    impl<'de> Visitor<'de> for Choice {
        type Value = Fidelity;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("`instant`, `aws` or an object of switches")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Fidelity, E> {
            match word {
                "instant" => Ok(Fidelity::instant()),
                "aws" => Ok(Fidelity::aws()),
                _ => Err(E::unknown_variant(word, &["instant", "aws"])),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fidelity, A::Error> {
            Fidelity::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(Choice)
}
