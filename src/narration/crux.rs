//! What the last decision rests on: the statement that decided in its document, the table whose bytes it was about, the
//! record that it left. Whoever shows a lab brings that in sight.

use super::answer;
use super::why::{self, StatementPlace};
use super::{AuditRow, CallStatus};
use crate::cloud::kms::KeyState;
use crate::cloud::{DecisionRecord, Outcome, World};
use crate::lab::{DocumentId, Draft, Lab, Point, StepAction, Watched};
use crate::policy::{
    Admission, Explanation, How, Layer, LayerTrace, PolicyTrace, ResourceMode, StatementTrace,
};

/// What the decision on the stage rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crux {
    /// The document that decided, with the first and last line of the statement, from 0, where one decided.
    pub document: Option<(DocumentId, Option<(usize, usize)>)>,
    /// The table that the call is about.
    pub table: Option<String>,
    /// The page of that table which the last step has written first, from 0.
    pub page: Option<usize>,
    /// The row of the audit log that the last step has left: the refusal, if there is one.
    pub record: Option<usize>,
    /// Where to look, the most telling place first.
    pub places: Vec<Place>,
    /// The point of the history that it was read at.
    pub at: Point,
}

/// A place where something of a decision is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Document,
    Answer,
    Storage,
    Audit,
    Keys,
}

/// Finds what the decision about one identity rests on. `hidden` keeps it back, because it would give a guess away.
pub fn crux(lab: &Lab, who: usize, drafted: bool, hidden: bool, audit: &[AuditRow]) -> Crux {
    let at = lab.history().point();
    if hidden {
        return Crux { at, ..Crux::default() };
    }
    let last = answer::made_last(lab, who, drafted).map(|(_, made)| made.outcome.clone());
    let outcome = last.or_else(|| answer::look(lab, who, drafted).map(|look| look.outcome));
    let document = outcome.as_deref().and_then(|outcome| {
        let record = telling(outcome)?;
        document_of(lab, record, &record.explain())
    });
    let (table, page) = bytes(lab);
    Crux {
        places: outcome.map(|outcome| places(lab, &outcome, document.is_some())).unwrap_or_default(),
        document,
        table,
        page,
        record: record_of(audit, at),
        at,
    }
}

/// The decision that ended a call: the refusal, else the last one.
fn telling(outcome: &Outcome) -> Option<&DecisionRecord> {
    let refused = outcome.decisions.iter().rev().find(|record| !record.decision.is_allowed());
    refused.or(outcome.decisions.last())
}

/// The document that decided, and where in it. Where nothing allowed it, that is the statement that came nearest, else the
/// one that leaves the decision to IAM, else the policy that would have had to allow it. Of two that took part, the one
/// on the screen: nobody turns a page without need.
fn document_of(
    lab: &Lab,
    record: &DecisionRecord,
    explanation: &Explanation,
) -> Option<(DocumentId, Option<(usize, usize)>)> {
    let place = |layer: Layer, policy: &PolicyTrace, statement: &StatementTrace| {
        let StatementPlace { document, lines, .. } = why::place(lab, record, layer, policy, statement, true)?;
        Some((document, Some(lines)))
    };
    let all = || explanation.layers.iter().flat_map(statements);
    let decided = all()
        .find(|(layer, policy, statement)| why::decides(&record.decision.because, *layer, policy, statement));
    let decided = decided.map(|(layer, policy, statement)| place(layer, policy, statement));
    let near = explanation.near_misses(&record.request, &record.policies);
    let near = near.first().map(|near| place(near.layer, near.policy, near.statement));
    let delegates = |(layer, _, statement): &(Layer, &PolicyTrace, &StatementTrace)| {
        *layer == Layer::Resource && statement.applies && statement.admission == Some(Admission::Account)
    };
    let left = all().find(delegates).map(|(layer, policy, statement)| place(layer, policy, statement));
    let required = record.policies.resource.mode == ResourceMode::Required && !record.decision.is_allowed();
    let own = || Some((super::documents::resource_document(record).filter(|_| required)?, None));
    let left = left.filter(|_| matches!(record.decision.because.how, How::Delegated | How::NoAllow));
    let found: Vec<_> = [decided, near, left].into_iter().flatten().flatten().collect();
    let open = lab.draft().map(Draft::document);
    let shown = found.iter().find(|(document, _)| Some(document) == open);
    // What was just put in force stays: another document that decides now would hide what was changed.
    if shown.is_none() && open.is_some_and(|open| is_just_put(lab, open)) {
        return None;
    }
    shown.or(found.first()).cloned().or_else(own)
}

/// Whether the last call has put a document of this kind, or was refused when it did.
fn is_just_put(lab: &Lab, document: &DocumentId) -> bool {
    let last = lab.history().last().and_then(|step| step.call());
    last.is_some_and(|made| document.action() == Some(&made.call.action()))
}

/// Every statement of a layer, with its policy.
fn statements(layer: &LayerTrace) -> impl Iterator<Item = (Layer, &PolicyTrace, &StatementTrace)> + use<'_> {
    let (name, policies) = (layer.layer, &layer.policies);
    policies.iter().flat_map(move |policy| policy.statements.iter().map(move |one| (name, policy, one)))
}

/// The table that the last step was about, or the watched call is, and the page of it that the step has written first.
fn bytes(lab: &Lab) -> (Option<String>, Option<usize>) {
    let world = lab.world();
    let watched =
        || lab.watched().and_then(|watched| watched.table(world)).map(|t| t.handle.name.to_string());
    let last = lab.history().last().and_then(|step| step.call());
    let of_last = last.and_then(|made| {
        let watched = Watched::of(made.call.clone(), world);
        watched.table(world).map(|table| table.handle.clone())
    });
    let Some(handle) = of_last else { return (watched(), None) };
    let page = world.dynamodb().stored_at(&handle.arn()).and_then(|stored| {
        let changes = stored.changes_since(before(lab).dynamodb());
        changes.pages.first().map(|(page, _)| *page)
    });
    (Some(handle.name.to_string()), page)
}

/// The world before the last step.
fn before(lab: &Lab) -> &World {
    let point = lab.history().point();
    lab.history().world_at(Point { position: point.position.saturating_sub(1), ..point })
}

/// The row of the record that the step at a point has left: of several the one that was refused, else the newest.
pub fn record_of(audit: &[AuditRow], at: Point) -> Option<usize> {
    let left = |row: &AuditRow| row.call == Some(at);
    let refused = audit.iter().position(|row| left(row) && row.error.is_some());
    refused.or_else(|| audit.iter().position(left))
}

/// Where to look, the most telling place first.
fn places(lab: &Lab, outcome: &Outcome, document: bool) -> Vec<Place> {
    let refused = telling(outcome).is_some_and(|record| !record.decision.is_allowed());
    let status = CallStatus::of(outcome);
    let mut out = match status {
        CallStatus::Denied if refused => vec![Place::Document, Place::Audit, Place::Answer],
        // What stands in the way then is the state of a key, if any is not as it should be.
        CallStatus::Denied | CallStatus::Failed if has_key_out_of_use(lab) => {
            vec![Place::Keys, Place::Answer]
        }
        CallStatus::Denied | CallStatus::Failed => vec![Place::Answer, Place::Audit],
        // What was read is what one looks at, and then why: who was asked for the key, or that nobody was.
        CallStatus::Allowed => vec![Place::Answer, Place::Document, Place::Storage],
    };
    if !document {
        out.retain(|place| *place != Place::Document);
    }
    let written = lab.history().last().is_some_and(|step| match &step.action {
        StepAction::Call(made) => made.changes() && made.call.input.service() == "dynamodb",
        StepAction::Wait(_) => false,
    });
    if written && status == CallStatus::Allowed {
        out.insert(0, Place::Storage);
    }
    out
}

fn has_key_out_of_use(lab: &Lab) -> bool {
    lab.world().kms().keys().any(|key| key.state() != KeyState::Enabled)
}
