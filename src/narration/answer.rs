//! What the watched call returns, in words and rows.

use std::sync::Arc;

use serde_json::Value;

use super::{Mark, clock, mark};
use crate::cloud::dynamodb::Table;
use crate::cloud::{Outcome, Output, World};
use crate::lab::{CallMade, Lab, Step, Watched};

/// When the shown answer was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// Nobody has made the call; this is what it would return.
    #[default]
    Preview,
    /// The call was made at that time.
    Ran(String),
    /// The answer that the call would get under the draft.
    Draft,
}

/// The answer to the watched call, as the answer pane shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerView {
    pub who: String,
    /// What is called: `dynamodb:Scan CustomerData`.
    pub call: String,
    /// Whether there are others like it, or it is not the scenario's own: the title then says how to choose one.
    pub others: bool,
    /// Whether the call is another than the watched one, whose verdict stands above.
    pub apart: bool,
    pub moment: Moment,
    pub mark: Option<Mark>,
    /// True if the outcome would give away the answer to a question that is open.
    pub hidden: bool,
    /// The mark under the applied policy, while a draft is shown and differs.
    pub was: Option<Mark>,
    /// How the answer that is shown stands to a draft that it does not follow.
    pub caveat: Option<String>,
    /// AWS's error code and message.
    pub error: Option<(String, String)>,
    /// Column names and rows.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// The fields of an answer that is no list of items.
    pub fields: Vec<(String, String)>,
    /// A sentence or two below.
    pub notes: Vec<String>,
}

/// What one identity's answer is, and when it was given.
pub struct Look {
    pub outcome: Arc<Outcome>,
    pub moment: Moment,
}

impl Look {
    /// At the answer that a call really got.
    pub fn made(step: &Step, made: &CallMade) -> Self {
        Self { outcome: made.outcome.clone(), moment: Moment::Ran(clock(step.world.now())) }
    }
}

/// The answer to show of one identity: on the draft; else what it was really told, unless something has changed since;
/// else what it would be told.
pub fn look(lab: &Lab, who: usize, drafted: bool) -> Option<Look> {
    let preview = lab.preview(who)?;
    if drafted && lab.drafted().is_some() {
        return Some(Look { outcome: preview.shown().clone(), moment: Moment::Draft });
    }
    let ran = lab.last_result(who).map(|(step, made)| Look::made(step, made));
    Some(ran.unwrap_or(Look { outcome: preview.now.clone(), moment: Moment::Preview }))
}

/// One identity's answer, or who would get it if it is kept back.
pub fn answer(lab: &Lab, who: usize, dirty: bool, drafted: bool, hidden: bool) -> AnswerView {
    let Some(watched) = lab.watched() else { return AnswerView::default() };
    let preview = lab.preview(who).zip(lab.personas().get(who));
    let others = lab.watches_another() || lab.world().dynamodb().tables().count() > 1;
    let Some((preview, persona)) = preview else { return AnswerView::default() };
    if let Some((step, made)) = made_last(lab, who, drafted) {
        let call = Watched::of(made.call.clone(), &step.world);
        let Look { outcome, moment } = Look::made(step, made);
        let told = of_call(lab, &persona.name, &call, &step.world, &outcome);
        return AnswerView { others, apart: true, moment, ..told };
    }
    let Some(Look { outcome, moment }) = look(lab, who, drafted).filter(|_| !hidden) else {
        let who = persona.name.clone();
        return AnswerView { who, call: watched.title(), others, hidden, ..AnswerView::default() };
    };
    let caveat = (dirty && !drafted).then(|| {
        let word = mark(preview.shown()).status.word().to_lowercase();
        format!("As the applied policy is. With the draft it would be {word}.")
    });
    AnswerView {
        others,
        moment,
        was: preview.flip().filter(|_| drafted).map(|_| mark(&preview.now)),
        caveat,
        ..of_call(lab, &persona.name, watched, lab.world(), &outcome)
    }
}

/// What somebody's call returned in a world: its error, rows or fields, and what is to be said of them.
fn of_call(lab: &Lab, who: &str, call: &Watched, world: &World, outcome: &Outcome) -> AnswerView {
    let table = call.table(world).map(AsRef::as_ref);
    let (columns, rows) = items(table, outcome);
    AnswerView {
        who: who.to_owned(),
        call: call.title(),
        mark: Some(mark(outcome)),
        error: outcome.result.as_ref().err().map(|e| (e.code.to_string(), e.message.clone())),
        fields: if columns.is_empty() { fields(outcome) } else { Vec::new() },
        notes: note(lab, who, call, table, outcome, rows.len()).into_iter().collect(),
        columns,
        rows,
        ..AnswerView::default()
    }
}

/// What is said below an answer that was given.
fn note(
    lab: &Lab,
    who: &str,
    call: &Watched,
    table: Option<&Table>,
    outcome: &Outcome,
    rows: usize,
) -> Option<String> {
    let works_on_items = outcome.events.first().is_some_and(|event| event.data_event);
    let input = call.call().input;
    match (input.service(), input.operation()) {
        _ if outcome.result.is_err() => None,
        ("dynamodb", _) if works_on_items => Some(how_it_was_read(lab, who, table, outcome, rows)),
        ("kms", "Decrypt") => table.map(|_| {
            "This is the key that the table's data keys are wrapped under. DynamoDB was not asked.".to_owned()
        }),
        _ => None,
    }
}

/// The call that was made last, if it is another than the watched one, whoever is shown made it, and it has an answer to
/// show.
pub fn made_last(lab: &Lab, who: usize, drafted: bool) -> Option<(&Step, &CallMade)> {
    let (watched, persona) = lab.watched().zip(lab.personas().get(who))?;
    let step = lab.history().last().filter(|_| !drafted)?;
    let made = step.call()?;
    let outcome = &made.outcome;
    let answers = outcome.result.is_err() || reads_items(outcome) || !fields(outcome).is_empty();
    (made.who == persona.name && !watched.is(&made.call) && answers).then_some((&**step, &**made))
}

/// How many items there were, and who unwrapped the table key.
fn how_it_was_read(lab: &Lab, who: &str, table: Option<&Table>, outcome: &Outcome, items: usize) -> String {
    let s = if items == 1 { "" } else { "s" };
    let via = outcome.decisions.iter().find_map(|d| d.invoked_by.as_deref());
    let host = |service: &str| {
        service.replacen(".amazonaws", &format!(".{}.amazonaws", lab.stage().names.region), 1)
    };
    let how = match (via, table.is_some_and(|table| table.key_arn().is_some())) {
        (Some(service), _) => format!("DynamoDB unwrapped the table key as {who}, via {}.", host(service)),
        (None, true) => "KMS was not asked: DynamoDB still had the table key.".to_owned(),
        (None, false) => "KMS was not asked: the table is under an AWS owned key.".to_owned(),
    };
    if reads_items(outcome) { format!("{items} item{s}. {how}") } else { how }
}

/// Whether a response holds items, be it none.
fn reads_items(outcome: &Outcome) -> bool {
    let response = outcome.result.as_ref().ok().map(Output::to_json);
    response.is_some_and(|response| response.get("Items").is_some() || response.get("Item").is_some())
}

/// Whether the watched call gets one identity a row.
pub fn reads(lab: &Lab, who: usize, drafted: bool) -> bool {
    look(lab, who, drafted).is_some_and(|look| first_row(None, &look.outcome).is_some())
}

/// The values of the first item of a response, in the order of its columns.
pub fn first_row(table: Option<&Table>, outcome: &Outcome) -> Option<String> {
    let (_, rows) = items(table, outcome);
    rows.first().map(|row| row.join("  "))
}

/// The items of a response, the partition key's column first.
fn items(table: Option<&Table>, outcome: &Outcome) -> (Vec<String>, Vec<Vec<String>>) {
    let Ok(output) = &outcome.result else { return Default::default() };
    let response = output.to_json();
    let items: Vec<&Value> = match (response.get("Items"), response.get("Item")) {
        (Some(Value::Array(items)), _) => items.iter().collect(),
        (_, Some(item @ Value::Object(_))) => vec![item],
        _ => return Default::default(),
    };
    let mut columns: Vec<String> =
        table.into_iter().flat_map(Table::key_attributes).map(|key| key.name.clone()).collect();
    for item in &items {
        for name in item.as_object().into_iter().flat_map(|o| o.keys()) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
    }
    columns.retain(|c| items.iter().any(|i| i.get(c).is_some()));
    let rows = items
        .iter()
        .map(|item| columns.iter().map(|c| item.get(c).map(attribute).unwrap_or_default()).collect())
        .collect();
    (columns, rows)
}

/// An attribute's value without its type: `{"S": "x"}` is `x`.
fn attribute(typed: &Value) -> String {
    let inner = typed.as_object().and_then(|o| o.values().next()).unwrap_or(typed);
    inner.as_str().map_or_else(|| inner.to_string(), str::to_owned)
}

/// The fields of any other response, those within others by their own names.
fn fields(outcome: &Outcome) -> Vec<(String, String)> {
    fn add(value: &Value, out: &mut Vec<(String, String)>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            match value {
                Value::Null => {}
                Value::Object(_) => add(value, out),
                Value::String(text) => out.push((name.clone(), text.clone())),
                other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
                    out.push((name.clone(), other.to_string()));
                }
            }
        }
    }
    let mut out = Vec::new();
    if let Ok(output) = &outcome.result {
        add(&output.to_json(), &mut out);
    }
    // An empty list of items says what it has to say in its note.
    out.retain(|(name, _)| !matches!(name.as_str(), "Items" | "Count" | "ScannedCount"));
    out
}
