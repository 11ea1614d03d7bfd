//! What a journal tells of: one entry for each thing that the learner did.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::cloud::{ApiError, Call, CallContext, Caller, Outcome, Output};
use crate::lab::{CallStatus, DocumentId, Point, Typed};
use crate::limits::steps;
use crate::scenario::Sureness;

/// The version of the journals' format.
///
/// Format 1, of kmslab 0.1.0, noted no outcomes. It is not read: keys and identifiers came from another stream of random
/// numbers, so what names one of them would miss it, and nobody could be told.
pub const FORMAT: u32 = 2;

/// One thing the learner did, or the head of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The first line: what the rest is replayed on.
    Head(Head),
    /// Took on another identity.
    Act(String),
    Call(Box<CallEntry>),
    /// Moved the clock forward, in seconds.
    Wait(i64),
    /// Went to the place behind so many steps.
    GoTo(usize),
    /// Went to a point of another branch.
    GoToBranch(Point),
    #[serde(rename = "answer")]
    Predict {
        #[serde(rename = "question")]
        prediction: String,
        /// The choice, counted from 0 as it stands in the scenario, wherever it was shown.
        choose: usize,
    },
    /// Said how sure one is of the answer given last to a question.
    Sure {
        question: String,
        sure: Sureness,
    },
    /// Asked for a hint.
    Hint,
    /// Took help that writes a part of the answer.
    Help(Help),
    /// Said in words of one's own what happened.
    Words(String),
    /// Chose the watched call; `None` is the scenario's own.
    Watch(Option<Box<WatchEntry>>),
    Draft {
        document: DocumentId,
        text: String,
    },
    /// Typed something into the console. The calls it made stand before it, one by one, as [`Entry::Call`].
    Typed(Box<Typed>),
    Clear,
    /// Began the current task again.
    RestartTask,
    Reset,
}

/// Help that writes a part of the answer: it is noted, so that whoever reads the evidence knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Help {
    /// The smallest edit that turns the answer around.
    Flip,
    /// A statement from the list.
    Snippet,
    /// The solution, played step by step.
    Solution,
}

/// What a journal was written for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The version of this format.
    pub format: u32,
    /// The version of kmslab that wrote what follows. Where another version goes on, it writes a head of its own.
    pub engine: String,
    pub scenario: String,
    /// SHA-256 of what decides in the scenario, in hex: a journal fits scenarios that differ in words only.
    pub digest: String,
}

impl Entry {
    /// Returns the head, if it is one.
    pub fn head(&self) -> Option<&Head> {
        if let Self::Head(head) = self { Some(head) } else { None }
    }
}

/// How a call ended, as a journal keeps it, to be compared when the call is made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeNote {
    /// The end in a word.
    pub status: CallStatus,
    /// The beginning of the SHA-256 of the response, or of the error's code, in hex.
    ///
    /// The words of an error are left out: mending them changes nothing for a learner.
    pub hash: String,
    /// Whether the hash is of what the response follows from: key pairs are not made again to be compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drawn: bool,
}

impl OutcomeNote {
    /// Returns what is noted of an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        let drawn = outcome.result.as_ref().ok().and_then(Output::draws);
        let text = match &outcome.result {
            Ok(response) => drawn.as_ref().map_or_else(|| response.to_json().to_string(), Value::to_string),
            Err(error) => error.code.to_string(),
        };
        steps::add(text.len());
        let digest = Sha256::digest(text);
        let hash = base16ct::lower::encode_string(digest.first_chunk::<8>().map_or(&[][..], |few| few));
        Self { status: CallStatus::of(outcome), hash, drawn: drawn.is_some() }
    }
}

/// A call as a journal keeps it. Holds whatever the input holds, secrets of the simulated world included; its debug
/// form does not.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallEntry {
    /// The name of the identity that made it.
    pub who: String,
    /// The credentials it was made with.
    pub caller: Caller,
    pub service: String,
    pub operation: String,
    /// The input, as AWS's JSON.
    pub input: Value,
    pub context: CallContext,
    /// The end of the call.
    pub outcome: OutcomeNote,
    /// Whether the input holds what a file of the real machine held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_file: bool,
}

impl std::fmt::Debug for CallEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let call = format_args!("{}:{}", self.service, self.operation);
        f.debug_struct("CallEntry").field("who", &self.who).field("call", &call).finish_non_exhaustive()
    }
}

impl CallEntry {
    /// What is kept of a call and its end.
    pub fn of(who: &str, caller: &Caller, call: &Call, outcome: &Outcome) -> Self {
        Self {
            who: who.to_owned(),
            caller: caller.clone(),
            service: call.input.service().to_owned(),
            operation: call.input.operation().to_owned(),
            input: call.input.to_json(),
            context: call.context.clone(),
            outcome: OutcomeNote::of(outcome),
            from_file: false,
        }
    }
}

/// The watched call as a journal keeps it. Like [`CallEntry`], it holds whatever the input holds.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchEntry {
    service: String,
    operation: String,
    input: Value,
    context: CallContext,
}

impl std::fmt::Debug for WatchEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let call = format_args!("{}:{}", self.service, self.operation);
        f.debug_struct("WatchEntry").field("call", &call).finish_non_exhaustive()
    }
}

impl WatchEntry {
    /// What is kept of a call.
    pub fn of(call: &Call) -> Self {
        Self {
            service: call.input.service().to_owned(),
            operation: call.input.operation().to_owned(),
            input: call.input.to_json(),
            context: call.context.clone(),
        }
    }

    /// Returns the input, as AWS's JSON.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// Returns the call that the entry tells of.
    pub fn into_call(self) -> Result<Call, ApiError> {
        Ok(Call::decode(&self.service, &self.operation, self.input)?.with_context(self.context))
    }
}
