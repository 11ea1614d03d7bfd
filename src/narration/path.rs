//! The way of the watched call: who asks, the gates on the way, what lies behind them, and the verdict in a sentence.
//!
//! Everything is read from the decisions that were taken: a gate is a service that was asked for a permission, in the
//! order in which the services were asked. What was not asked, because a gate before it refused or because a table key was
//! still known, stands there as well: the picture keeps its shape while the verdict changes.

use super::answer::{self, Look, Moment};
use super::why::lockout_words;
use super::{CallStatus, Mark, mark};
use crate::cloud::dynamodb::Table;
use crate::cloud::dynamodb::cache::Holder;
use crate::cloud::kms::key_name;
use crate::cloud::{DecisionRecord, Outcome, World};
use crate::lab::{Lab, Watched};
use crate::policy::{How, Layer, Principal};
use crate::scenario::{Persona, clause, sentence};

/// How the call fared at a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Every permission that was asked for there was given.
    Passed,
    /// A permission was refused there.
    Refused,
    /// The call ended there for another reason than a permission.
    Failed,
    /// A gate before this one stopped the call.
    Unreached,
    /// Nobody had to be asked there.
    NotAsked,
}

/// A service that is asked on the way, or a network that the call goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    pub name: String,
    pub passage: Passage,
    /// What let the call through, or what was asked for in vain; a few words.
    pub note: String,
}

/// The way of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathView {
    pub who: String,
    /// What is called: `dynamodb:Scan CustomerData`; empty if no call is watched.
    pub call: String,
    pub gates: Vec<Gate>,
    /// What lies behind the gates, the outermost first: the key, the table key.
    pub behind: Vec<String>,
    /// What is got at the end: the values of the first row, or the stored bytes.
    pub end: String,
    /// Whether the end is what the caller may read, and not the stored bytes.
    pub is_plain: bool,
    /// When the answer was given.
    pub moment: Moment,
    /// How the call ends; none while that is kept back or nothing is watched.
    pub mark: Option<Mark>,
    /// The end of the call before the draft, or before what was done last, if that was another.
    pub was: Option<CallStatus>,
    /// The verdict in a sentence.
    pub sentence: String,
    /// Whether the verdict would give away the answer to an open question.
    pub hidden: bool,
}

/// How many of the stored bytes are shown at the end of the way.
const BYTES_SHOWN: usize = 6;

/// The way of the watched call for one identity; of the call that it made last, if that was another and has not turned the
/// verdict of the watched one.
pub fn path(lab: &Lab, who: usize, drafted: bool, was: Option<CallStatus>, hidden: bool) -> PathView {
    let Some((watched, persona)) = lab.watched().zip(lab.personas().get(who)) else {
        return PathView::default();
    };
    if let Some((step, made)) = answer::made_last(lab, who, drafted).filter(|_| was.is_none()) {
        let watched = Watched::of(made.call.clone(), &step.world);
        return way(lab, persona, &watched, Some(Look::made(step, made)), false);
    }
    let seen = answer::look(lab, who, drafted).filter(|_| !hidden);
    let view = way(lab, persona, watched, seen, hidden);
    let was = was.filter(|before| view.mark.as_ref().is_some_and(|ends| *before != ends.status));
    PathView { was, ..view }
}

/// The way of a call, as far as it was seen.
fn way(lab: &Lab, persona: &Persona, watched: &Watched, seen: Option<Look>, hidden: bool) -> PathView {
    let world = lab.shown_world();
    let table = watched.table(world).map(AsRef::as_ref);
    let service = service_name(watched.call().input.service());
    let outcome = seen.as_ref().map(|look| &*look.outcome);
    let mut view = PathView {
        who: persona.name.clone(),
        call: watched.title(),
        gates: gates(lab, persona, &service, table, outcome),
        behind: behind(lab, table),
        hidden,
        ..PathView::default()
    };
    let Some(look) = seen else { return view };
    let ends = mark(&look.outcome);
    view.sentence = told(lab, &persona.name, &look.outcome, table);
    let row = answer::first_row(table, &look.outcome);
    view.is_plain = row.is_some();
    view.end = row.or_else(|| stored(world, table?)).unwrap_or_default();
    view.mark = Some(ends);
    view.moment = look.moment;
    view
}

/// The gates in the order in which the call comes to them.
fn gates(
    lab: &Lab,
    persona: &Persona,
    service: &str,
    table: Option<&Table>,
    outcome: Option<&Outcome>,
) -> Vec<Gate> {
    let mut out: Vec<Gate> = Vec::new();
    for record in outcome.into_iter().flat_map(|outcome| &outcome.decisions) {
        if let Some(gate) = endpoint(record)
            && out.is_empty()
        {
            out.push(gate);
        }
        let name = gate_name(record);
        let passage = match record.decision.because.layer {
            _ if record.decision.is_allowed() => Passage::Passed,
            // The request came no farther than the endpoint.
            Layer::Endpoint => Passage::Unreached,
            Layer::Resource
            | Layer::Identity
            | Layer::Boundary
            | Layer::Session
            | Layer::Scp
            | Layer::Rcp
            | Layer::Grant => Passage::Refused,
        };
        let note = note(record, lab);
        match out.iter_mut().rev().find(|gate| gate.name == name) {
            Some(gate) => {
                gate.note = note;
                gate.passage = passage;
            }
            None => out.push(Gate { name, passage, note }),
        }
    }
    // The permission was given; the text was refused behind it.
    let lockout = outcome.and_then(|outcome| outcome.lockout.as_deref());
    if let Some(record) = lockout {
        let note = format!("{} again", record.request.action());
        out.push(Gate { name: "lockout check".to_owned(), passage: Passage::Refused, note });
    }
    let refused = outcome.is_some_and(|outcome| CallStatus::of(outcome) == CallStatus::Denied);
    let failed = outcome.is_some_and(|outcome| CallStatus::of(outcome) == CallStatus::Failed);
    let not_yet = if outcome.is_none() || refused || failed { Passage::Unreached } else { Passage::NotAsked };
    if !out.iter().any(|gate| gate.name == service) {
        out.push(Gate { name: service.to_owned(), passage: not_yet, note: String::new() });
    }
    if let Some(table) = table.filter(|_| service == "DynamoDB" && !out.iter().any(|gate| gate.name == "KMS"))
    {
        let (passage, note) = match table.key_arn() {
            None => (Passage::NotAsked, "an AWS owned key: nobody is asked".to_owned()),
            Some(_) if not_yet == Passage::NotAsked => (Passage::NotAsked, kept(lab, persona, table)),
            Some(_) => (not_yet, String::new()),
        };
        out.push(Gate { name: "KMS".to_owned(), passage, note });
    }
    if failed
        && lockout.is_none()
        && let Some(last) = out.iter_mut().rev().find(|gate| gate.passage == Passage::Passed)
    {
        last.passage = Passage::Failed;
    }
    out
}

/// Says for how long a table key is still known, while KMS need not be asked for it.
fn kept(lab: &Lab, persona: &Persona, table: &Table) -> String {
    let world = lab.shown_world();
    let expiries = world.dynamodb().cache().expiries(&table.handle, world.now());
    let serves = |holder: &Holder| {
        world.principal(&persona.caller).is_ok_and(|principal| holder.serves(&persona.caller, &principal))
    };
    let until = expiries.filter(|(holder, _)| serves(holder)).map(|(_, until)| until).max();
    until.map_or_else(
        || "the table key is known".to_owned(),
        |until| {
            let left = until.duration_since(world.now()).as_secs();
            format!("table key known, {}:{:02} left", left / 60, left % 60)
        },
    )
}

/// The VPC endpoint that a request came through, as a gate.
fn endpoint(record: &DecisionRecord) -> Option<Gate> {
    record.policies.endpoint.as_ref()?;
    let refused = !record.decision.is_allowed() && record.decision.because.layer == Layer::Endpoint;
    let passage = if refused { Passage::Refused } else { Passage::Passed };
    Some(Gate { name: "VPC endpoint".to_owned(), passage, note: String::new() })
}

/// The gate of a decision: the service, and the account where that is not the caller's.
fn gate_name(record: &DecisionRecord) -> String {
    let (service, _) = record.request.action().split_once(':').unwrap_or((record.request.action(), ""));
    let name = service_name(service);
    let resource = &record.request.resource().arn;
    let account = resource.split(':').nth(4).filter(|account| !account.is_empty());
    match (account, record.request.principal().account()) {
        (Some(there), Some(here)) if *there != **here => format!("{name} in {there}"),
        _ => name,
    }
}

/// What people call a service.
fn service_name(prefix: &str) -> String {
    match prefix {
        "dynamodb" => "DynamoDB".to_owned(),
        other => other.to_uppercase(),
    }
}

/// What let a request through, or what it asked for in vain.
fn note(record: &DecisionRecord, lab: &Lab) -> String {
    let because = &record.decision.because;
    if !record.decision.is_allowed() {
        return record.request.action().to_string();
    }
    let short = |policy: &str| policy.strip_prefix("Amazon").unwrap_or(policy).to_owned();
    match (because.how, because.layer, &because.sid, &because.policy) {
        (How::RootUser, ..) => "root user".to_owned(),
        (How::Free, ..) => "free".to_owned(),
        (_, Layer::Grant, _, id) => {
            format!("a grant, {}", id.as_deref().and_then(|id| id.get(..8)).unwrap_or_default())
        }
        (_, Layer::Resource, Some(sid), _) => sid.to_string(),
        (_, Layer::Resource, None, _) => match because.statement {
            Some(number) => format!("statement {}", number + 1),
            None => clause(record, &lab.stage().names),
        },
        (.., Some(policy)) => short(policy),
        (.., None) => clause(record, &lab.stage().names),
    }
}

/// What lies behind the gates.
fn behind(lab: &Lab, table: Option<&Table>) -> Vec<String> {
    let Some(table) = table else { return Vec::new() };
    let key = match table.key_arn() {
        Some(arn) => key_name(lab.shown_world(), arn),
        None => "AWS owned key".to_owned(),
    };
    vec![key, "table key".to_owned()]
}

/// The first of the stored bytes in hexadecimal digits, in pairs.
fn stored(world: &World, table: &Table) -> Option<String> {
    let stored = world.dynamodb().stored_at(&table.handle.arn())?;
    let page = stored.disk().pages().next()?;
    let shown = page.ciphertext().get(..BYTES_SHOWN).unwrap_or(page.ciphertext());
    let bytes: Vec<String> = shown.chunks(2).map(base16ct::lower::encode_string).collect();
    Some(bytes.join(" "))
}

/// The verdict in a sentence: who asked whom for what, and what decided.
fn told(lab: &Lab, who: &str, outcome: &Outcome, table: Option<&Table>) -> String {
    let names = &lab.stage().names;
    let refused = outcome.decisions.iter().rev().find(|record| !record.decision.is_allowed());
    match (&outcome.result, refused) {
        (Err(error), Some(record)) if error.is_access_denied() => {
            let why = sentence(record, &record.explain(), lab.shown_world());
            let why = why.strip_prefix("Denied: ").unwrap_or(&why).trim_end_matches('.').to_owned();
            let action = record.request.action();
            let gate = gate_name(record);
            match &record.invoked_by {
                Some(service) => {
                    let service = service_name(service.split('.').next().unwrap_or(service));
                    let whose = whose(record, who);
                    format!("{service} asks {gate} for {action} {whose}, and is refused: {why}.")
                }
                None => format!("{gate} refuses {who} {action}: {why}."),
            }
        }
        (Err(error), _) if outcome.lockout.is_none() => {
            let message = error.message.split(" (Service: ").next().unwrap_or(&error.message);
            if message.is_empty() { format!("{}.", error.code) } else { format!("{}: {message}", error.code) }
        }
        (Err(_), _) => outcome.lockout.as_deref().map_or_else(String::new, |found| lockout_words(lab, found)),
        (Ok(_), _) => {
            let Some(last) = outcome.decisions.last() else { return String::new() };
            let why = clause(last, names);
            let asked = last.request.action();
            let mut said = format!("{who} may {asked}: {why}.");
            if last.invoked_by.is_none() && table.is_some() && asked.starts_with("dynamodb:") {
                said.push_str(match table.and_then(Table::key_arn) {
                    Some(_) => " KMS was not asked: DynamoDB still knows the table key.",
                    None => " KMS was not asked: the table is under a key that AWS owns.",
                });
            }
            said
        }
    }
}

/// In whose name a service asked.
fn whose(record: &DecisionRecord, who: &str) -> String {
    match record.request.principal() {
        Principal::Service { .. } => "in its own name".to_owned(),
        Principal::Anonymous
        | Principal::Root { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated { .. } => format!("as {who}"),
    }
}
