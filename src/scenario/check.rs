//! The vocabulary of checks, each asked of a world. The engine answers; nothing is decided here.

use serde_json::Value;

use super::budget::{self, Round, stopped};
use super::finding::{CheckStatus, Finding};
use super::format::{
    Answer, AuditCheck, Check, DecisionCheck, FlipCheck, OnlyCheck, OutcomeCheck, ProbeSpec, ReasonSpec,
    StateCheck, StorageCheck,
};
use super::named_call::in_the_name_of;
use super::progress::Progress;
use super::recall::Counted;
use super::records::{Sought, service_principal};
use super::{Duration, Names, Stage, reason, resolve, state, views, words};
use crate::cloud::audit::Event;
use crate::cloud::who_can::{Detail, Row, Tier, anyone_in};
use crate::cloud::{self, AccountId, CallContext, Caller, DecisionRecord, Who, World};
use crate::limits::steps;
use crate::policy::{Layer, Principal};

/// What a check is asked of.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'a> {
    pub stage: &'a Stage,
    pub names: &'a Names,
    pub world: &'a World,
    pub progress: &'a Progress,
    pub round: &'a Round<'a>,
}

/// A question that cannot be put: the sentence says why.
pub(super) type Unasked = String;

/// The name of the outsider: a user of another account whom IAM allows everything.
const OUTSIDER: &str = "anyone";

impl Evaluator<'_> {
    /// Returns what one check finds in the world.
    pub fn ask(&self, check: &Check) -> Finding {
        match self.round.recall {
            Some(recall) => recall.finding(check, || self.ask_anew(check)),
            None => self.ask_anew(check),
        }
    }

    fn ask_anew(&self, check: &Check) -> Finding {
        if let Err(exceeded) =
            self.round.budget.spend(budget::cost(check, self.names, self.world, &self.stage.world))
        {
            return Finding::cannot_tell(stopped(exceeded));
        }
        match check {
            Check::Decision(decision) => self.decision(decision),
            Check::Only(only) => self.only(only).unwrap_or_else(Finding::cannot_tell),
            Check::AllowsOnly(only) => self.allows_only(only).unwrap_or_else(Finding::cannot_tell),
            Check::Flip(flip) => self.flip(flip),
            Check::Outcome(outcome) => self.outcome(outcome).unwrap_or_else(Finding::cannot_tell),
            Check::State(state) => self.state(state),
            Check::Storage(storage) => self.storage(storage).unwrap_or_else(Finding::cannot_tell),
            Check::Audit(audit) => self.audit(audit).unwrap_or_else(Finding::cannot_tell),
            Check::Rule(rule) => self.rule(rule).unwrap_or_else(Finding::cannot_tell),
            Check::Drift(drift) => match &self.stage.scenario.world.template {
                Some(spec) => spec.asked(drift, self.world, self.names).unwrap_or_else(Finding::cannot_tell),
                None => Finding::cannot_tell("the world has no template"),
            },
            Check::Predicted(answered) => {
                let given = self.progress.choice_of(&answered.prediction);
                let right = given.and_then(|choice| self.stage.is_right(&answered.prediction, choice));
                match (given, answered.right) {
                    (None, _) => Finding::of(false, "no answer yet"),
                    (Some(_), None) => Finding::of(true, "answered"),
                    (Some(_), Some(wanted)) => {
                        let word =
                            if right == Some(true) { "the right answer" } else { "not the right answer" };
                        Finding::of(right == Some(wanted), word)
                    }
                }
            }
            Check::All(parts) => self.join(parts, CheckStatus::Fail),
            Check::Any(parts) => self.join(parts, CheckStatus::Pass),
            Check::Not(part) => {
                let found = self.ask(part);
                let verdict = match found.verdict {
                    CheckStatus::Pass => CheckStatus::Fail,
                    CheckStatus::Fail => CheckStatus::Pass,
                    CheckStatus::CannotTell => CheckStatus::CannotTell,
                };
                Finding { verdict, ..found }
            }
        }
    }

    /// The first part that settles it, else one that cannot tell, else the last.
    fn join(&self, parts: &[Check], settles: CheckStatus) -> Finding {
        let mut found: Option<Finding> = None;
        for part in parts {
            let finding = self.ask(part);
            if finding.verdict == settles {
                return finding;
            }
            if found.as_ref().is_none_or(|before| before.verdict != CheckStatus::CannotTell) {
                found = Some(finding);
            }
        }
        found.unwrap_or_else(|| Finding::cannot_tell("there is nothing to ask"))
    }

    fn decision(&self, check: &DecisionCheck) -> Finding {
        match self.decide(&check.probe) {
            Err(unasked) => Finding::cannot_tell(unasked),
            Ok(record) => {
                let fits = answer_of(&record) == check.is
                    && check.because.as_ref().is_none_or(|because| reason_fits(&record, because));
                Finding::of(fits, reason::clause(&record, self.names))
            }
        }
    }

    fn flip(&self, check: &FlipCheck) -> Finding {
        let round = Round::new(self.round.budget);
        let start = Evaluator { world: &self.stage.world, names: &self.stage.names, round: &round, ..*self };
        match (start.decide(&check.probe), self.decide(&check.probe)) {
            (Ok(before), Ok(now)) => {
                let (before, now) = (answer_of(&before), answer_of(&now));
                let note = format!("{} at the start, {} now", before.word(), now.word());
                Finding::of(before == check.from && now == check.to, note)
            }
            (Err(unasked), _) | (_, Err(unasked)) => Finding::cannot_tell(unasked),
        }
    }

    /// The engine's answer to a probe.
    fn decide(&self, probe: &ProbeSpec) -> Result<DecisionRecord, Unasked> {
        let later = self.later(probe.at)?;
        let world = later.as_ref().unwrap_or(self.world);
        let asked = probe_of(self.names, world, probe)?;
        if let Some(account) = outsider_of(&probe.caller) {
            return world.probe_who(&anyone_in(&account), &asked).map_err(|e| e.to_string());
        }
        let caller = self.names.caller_at(world, &probe.caller).map_err(|e| e.to_string())?;
        world.probe(&caller, &asked).map_err(|_| format!("there is no {} any more", probe.caller))
    }

    /// The world after some time.
    fn later(&self, at: Option<Duration>) -> Result<Option<World>, Unasked> {
        at.map(|duration| self.round.later(self.world, duration)).transpose()
    }

    fn only(&self, check: &OnlyCheck) -> Result<Finding, Unasked> {
        let probe = ProbeSpec {
            caller: String::new(),
            action: check.action.clone(),
            on: check.on.clone(),
            via: check.via.clone(),
            table: None,
            context: None,
            at: None,
        };
        let asked = probe_of(self.names, self.world, &probe)?;
        let mut allowed = Vec::new();
        for name in &check.allowed {
            allowed.push(self.names.caller(name).map_err(|e| e.to_string())?);
        }
        let report = self.world.who_can(&asked, Detail::Allowed);
        let mut roles: Vec<String> = check.allowed.clone();
        let mut intruders: Vec<String> = Vec::new();
        for row in &report.rows {
            let is_named = |name: String| check.allowed.contains(&name);
            let word = match &row.who {
                Who::Caller(Caller::Session(_)) | Who::Principal(Principal::RoleSession { .. }) => {
                    let (role, is_role) = role_of(row);
                    // Whoever may do it as the role is not named once more for each session.
                    if roles.contains(&role)
                        || matches!(&row.who, Who::Caller(caller) if allowed.contains(caller))
                    {
                        continue;
                    }
                    if is_role {
                        roles.push(role.clone());
                    }
                    if is_role {
                        format!("the role {role}")
                    } else {
                        format!("the session {}", self.names.short(&row.name))
                    }
                }
                Who::Caller(caller) if allowed.contains(caller) => continue,
                Who::Caller(caller) => words::who(caller, self.names),
                // What a service holds for a resource under a key is no access of anybody's.
                Who::Principal(Principal::Service { name }) => {
                    if row.first.record.decision.because.layer == Layer::Grant || is_named(name.to_string()) {
                        continue;
                    }
                    format!("the service {name}")
                }
                Who::Principal(principal) => principal.name().to_string(),
                Who::Outsider(principal) => {
                    let account = principal.account().map_or("", AsRef::as_ref);
                    if is_named(format!("{OUTSIDER}@{account}")) {
                        continue;
                    }
                    let whole = row.tier == Tier::Anybody || row.name.starts_with("account ");
                    if whole {
                        format!("anyone in account {account} whom its IAM allows it")
                    } else {
                        row.name.clone()
                    }
                }
            };
            intruders.push(word);
        }
        let note = match intruders.as_slice() {
            [] => "nobody else".to_owned(),
            some => format!("also {}", some.join(", ")),
        };
        Ok(Finding::of(intruders.is_empty(), note))
    }

    fn outcome(&self, check: &OutcomeCheck) -> Result<Finding, Unasked> {
        let mut world = self.later(check.at)?.unwrap_or_else(|| self.world.clone());
        let caller = self.names.caller_at(&world, &check.caller).map_err(|e| e.to_string())?;
        if world.principal(&caller).is_err() {
            return Err(format!("there is no {} any more", check.caller));
        }
        let (call, _) = resolve::input_of(self.names, &world, &check.operation, &check.with)
            .map_err(|e| e.to_string())?;
        let call = in_the_name_of(&caller, call, &world);
        let result = world.call(&caller, call).result;
        let note = match &result {
            Ok(_) => "it succeeds".to_owned(),
            Err(error) => format!("it answers {}", error.code),
        };
        // What is not there cannot be refused either.
        let missing = |code: &str| code.contains("NotFound") || code == "NoSuchEntity";
        match (&result, &check.error) {
            (Err(error), Some(wanted)) if error.code != *wanted && missing(&error.code) => Err(note),
            _ => Ok(Finding::of(fits(check, &result, self.names, self.world), note)),
        }
    }

    fn state(&self, check: &StateCheck) -> Finding {
        let found = match state::state(self.world, self.names, &check.of, &check.field) {
            Ok(found) => found,
            Err(unknown) => return Finding::cannot_tell(unknown.0),
        };
        let wanted = match &check.is {
            Value::String(name) => self.names.key(self.world, name).map_or(check.is.clone(), Value::String),
            other
            @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.clone()
            }
        };
        let note = format!("{} is {found}", check.field);
        Finding::of(found == wanted, note)
    }

    fn storage(&self, check: &StorageCheck) -> Result<Finding, Unasked> {
        let arn = self.names.table_arn(&check.of);
        let stored =
            |world| views::stored_bytes(world, &arn).ok_or_else(|| format!("there is no table {}", check.of));
        let now = stored(self.world)?;
        if let Some(text) = &check.lacks
            && now.windows(text.len().max(1)).any(|bytes| bytes == text.as_bytes())
        {
            return Ok(Finding::of(false, "the text lies on the disk as it is"));
        }
        let Some(wanted) = check.unchanged else {
            return Ok(Finding::of(true, "the text is not on the disk"));
        };
        let same = now == stored(&self.stage.world)?;
        Ok(Finding::of(
            same == wanted,
            if same { "every stored byte is the same" } else { "stored bytes differ" },
        ))
    }

    fn audit(&self, check: &AuditCheck) -> Result<Finding, Unasked> {
        let absence = check.at_most.is_some();
        let sought = match Sought::of(check, self.names, self.world) {
            Ok(sought) => sought,
            Err(unknown) if absence => return Err(unknown),
            Err(unknown) => return Ok(Finding::of(false, unknown)),
        };
        let ends = |event: &Event| check.until.as_deref() == Some(event.name) && event.error.is_none();
        let turns = |event: &Event| check.since.as_deref() == Some(event.name) && event.error.is_none();
        let of = sought.of.clone();
        let known = self.round.recall.and_then(|recall| recall.counted(check, self.world));
        let mut counted = known.filter(|known| known.of == of).unwrap_or_else(|| Counted {
            of,
            begun: check.since.is_none(),
            ..Counted::default()
        });
        let from = counted.looked_at;
        for event in self.world.events_from(from) {
            if turns(event) {
                (counted.begun, counted.ended, counted.records) = (true, false, 0);
            } else if counted.begun && !counted.ended && ends(event) {
                counted.ended = true;
            } else if counted.begun && !counted.ended && sought.is(event) {
                counted.records += 1;
            }
            counted.looked_at += 1;
        }
        steps::add(counted.looked_at - from);
        if let Some(recall) = self.round.recall {
            if counted.looked_at > from {
                counted.last = self.world.events_from(counted.looked_at - 1).next().cloned();
            }
            recall.note(check, counted.clone());
        }
        if let (Some(operation), false) = (&check.since, counted.begun) {
            return Ok(Finding::of(false, format!("no {operation} yet")));
        }
        let count = counted.records;
        let least = check.at_least.unwrap_or(usize::from(!absence));
        let holds = count >= least && check.at_most.is_none_or(|most| count <= most);
        Ok(Finding::of(holds, format!("{count} such records")))
    }
}

/// Whether a call has ended as the check says. Placeholders in its texts stand for what they are called in a world.
pub(super) fn fits(
    check: &OutcomeCheck,
    result: &Result<cloud::Output, cloud::ApiError>,
    names: &Names,
    world: &World,
) -> bool {
    // A response may take long to work out: only a check that asks for its text reads it.
    let text = || match result {
        Ok(output) => output.to_json().to_string(),
        Err(error) => error.message.clone(),
    };
    // What stands for nothing is looked for as it is written.
    let meant = |words: &str| resolve::filled(names, world, words).unwrap_or_else(|_| words.to_owned());
    result.as_ref().err().map(|error| &*error.code) == check.error.as_deref()
        && check.items.is_none_or(|wanted| count_items(result) == Some(wanted))
        && check.contains.as_ref().is_none_or(|wanted| text().contains(&meant(wanted)))
        && check.lacks.as_ref().is_none_or(|unwanted| !text().contains(&meant(unwanted)))
}

pub(super) fn answer_of(record: &DecisionRecord) -> Answer {
    if record.decision.is_allowed() { Answer::Allow } else { Answer::Deny }
}

pub(super) fn reason_fits(record: &DecisionRecord, wanted: &ReasonSpec) -> bool {
    let found = &record.decision.because;
    wanted.layer.is_none_or(|layer| layer == found.layer)
        && wanted.how.is_none_or(|how| how == found.how)
        && wanted.sid.as_ref().is_none_or(|sid| found.sid.as_deref() == Some(sid))
}

/// A probe as the engine takes it.
pub(super) fn probe_of(names: &Names, world: &World, probe: &ProbeSpec) -> Result<cloud::Probe, Unasked> {
    let resource = names.resource(world, &probe.on).map_err(|e| e.to_string())?;
    let via = probe.via.as_deref().map(service_principal);
    let sent = || match (&probe.table, &via) {
        (Some(table), Some(_)) => views::table_context(&names.table_arn(table)),
        (None, Some(service)) => {
            let forward = world.forwards(&resource).find(|forward| forward.principal == service);
            forward.map(|forward| forward.encryption_context)
        }
        (_, None) => None,
    };
    let encryption_context = probe.context.clone().or_else(sent).unwrap_or_default();
    Ok(cloud::Probe {
        via,
        encryption_context,
        context: CallContext::in_region(names.region.clone()),
        ..cloud::Probe::new(probe.action.as_str(), resource)
    })
}

/// The account of `anyone@account`.
fn outsider_of(caller: &str) -> Option<AccountId> {
    caller.strip_prefix(OUTSIDER)?.strip_prefix('@')?.parse().ok()
}

/// The name of the role that a row is about, and whether it is about the role itself: any session of it.
fn role_of(row: &Row) -> (String, bool) {
    let Some(role_arn) = row.first.record.request.principal().role_arn() else {
        return (String::new(), false);
    };
    let name = role_arn.rsplit('/').next().unwrap_or(role_arn).to_owned();
    (name, row.name == **role_arn)
}

/// How many items a response holds.
fn count_items(result: &Result<cloud::Output, cloud::ApiError>) -> Option<usize> {
    let response = result.as_ref().ok()?.to_json();
    if let Some(items) = response.get("Items").and_then(Value::as_array) {
        return Some(items.len());
    }
    Some(usize::from(response.get("Item").is_some()))
}
