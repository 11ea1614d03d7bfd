//! Writes the answer to one line of input.

use super::input::Question;
use crate::limits::policy::DECIDE_ANSWER;
use crate::limits::sink::Sink;
use crate::limits::{Exceeded, steps};
use crate::plain::output::escape;
use crate::policy::{self, Because, Edit, Explanation, Layer, Verdict};
use crate::scenario::sentence_of;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

/// The answer to one line of input.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "An answer of kmslab decide")]
pub(super) struct Answer<'a> {
    /// The id of the line, or null.
    #[schemars(with = "serde_json::Value")]
    id: Box<RawValue>,
    /// The verdict of all layers together.
    decision: Verdict,
    /// The place that decided, and how.
    because: Reason<'a>,
    /// What is odd about the question, in sentences; absent if nothing is. The decision stands as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// The whole reasoning, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
}

/// The reasoning of every layer and statement.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Trace {
    #[serde(flatten)]
    explanation: Explanation,
    /// The cause in a sentence; empty where the deciding statement says it all.
    sentence: String,
    /// The smallest single edit that would flip the decision; null if no single edit does.
    smallest_edit: Option<Edit>,
}

/// What decided; null where nothing did.
#[derive(Serialize, JsonSchema)]
struct Reason<'a> {
    /// The layer that decided; for an implicit denial the one whose Allow is missing.
    layer: Layer,
    /// The name of the policy or the grant; its index in its layer, or its level, if it was given none.
    policy: Option<NameOrIndex<'a>>,
    /// The index of the statement.
    statement: Option<usize>,
    /// The Sid of the statement.
    sid: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum NameOrIndex<'a> {
    Name(&'a str),
    Index(usize),
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    id: Box<RawValue>,
    error: &'a str,
}

/// The line for a question.
pub(super) fn answer(
    answers: &mut Vec<u8>,
    question: &Question<'_>,
    notes: Vec<String>,
    explain: bool,
) -> Result<(), Exceeded> {
    let Question { id, request, policies, .. } = question;
    let (decision, trace) = if explain {
        let explanation = policy::explain(request, policies);
        let smallest_edit = policy::edits(&explanation, request, policies).next();
        let sentence = sentence_of(request, policies, &explanation);
        (explanation.decision.clone(), Some(Trace { explanation, sentence, smallest_edit }))
    } else {
        (policy::decide(request, policies), None)
    };
    let because = &decision.because;
    let reason = Reason {
        layer: because.layer,
        policy: name(because, question),
        statement: because.statement,
        sid: because.sid.as_deref(),
    };
    let answer = Answer { id: raw(*id), decision: decision.verdict, because: reason, notes, trace };
    // What was reasoned within a budget that is spent is not worth writing.
    if steps::is_spent() { Ok(()) } else { write(answers, &answer, DECIDE_ANSWER.size()) }
}

/// The line for a line that could not be understood.
pub(super) fn error(answers: &mut Vec<u8>, id: Option<&str>, message: &str) {
    let line = ErrorLine { id: raw(id), error: message };
    if write(answers, &line, usize::MAX).is_err() {
        // INVARIANT: what is written here has no limit.
        answers.extend_from_slice(br#"{"id": null, "error": "the answer cannot be written"}"#);
    }
}

fn name<'a>(because: &'a Because, question: &Question<'_>) -> Option<NameOrIndex<'a>> {
    let index = because.policy_index?;
    let name = because.policy.as_deref()?;
    let place = (because.layer, because.level.unwrap_or(0), index);
    let has_name = match because.layer {
        Layer::Grant => name != index.to_string(),
        // The policy that is always there was not given a name, but it has one.
        Layer::Rcp => question.named.contains(&place) || because.policy_arn.is_some(),
        Layer::Scp
        | Layer::Endpoint
        | Layer::Resource
        | Layer::Identity
        | Layer::Boundary
        | Layer::Session => question.named.contains(&place),
    };
    Some(if has_name { NameOrIndex::Name(name) } else { NameOrIndex::Index(index) })
}

/// The id as it was written, or null. What a strict reader would stumble over goes: white space of several lines between
/// its parts, a member that stands twice, half of a surrogate pair.
fn raw(id: Option<&str>) -> Box<RawValue> {
    let text = match id {
        Some(id) if id.bytes().any(|byte| byte < b' ' || matches!(byte, b'{' | b'\\')) => {
            serde_json::from_str(id)
                .map_or_else(|_| "null".to_owned(), |id: serde_json::Value| id.to_string())
        }
        Some(id) => id.to_owned(),
        None => "null".to_owned(),
    };
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Writes a line of at most so many bytes, or nothing.
fn write(answers: &mut Vec<u8>, line: &impl Serialize, most: usize) -> Result<(), Exceeded> {
    let start = answers.len();
    let written = serde_json::to_writer(Sink::new(answers, most), line);
    // Writing to memory fails only at the limit: no map of an answer has keys that are no strings.
    if written.is_err() {
        answers.truncate(start);
        return Err(Exceeded(&DECIDE_ANSWER));
    }
    // Names come from the input, and the answer may go to a terminal.
    // INVARIANT: the buffer was not cut shorter.
    let written = &answers[start..];
    steps::add(written.len());
    if !written.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        let harmless = escape(&String::from_utf8_lossy(written));
        answers.truncate(start);
        answers.extend_from_slice(harmless.as_bytes());
    }
    Ok(())
}
