//! Everybody in the world: whose verdicts a draft turns, or what was done last, the learner's own identities or not.

use std::sync::Arc;

use serde_json::Value;

use super::shifts::{Shift, Shifts, Turned, Way};
use super::watched::key_called;
use super::{CallMade, CallStatus, DocumentId, Lab, Point};
use crate::cloud::iam::Kind;
use crate::cloud::kms;
use crate::cloud::who_can::{Listed, May, Roll, Tally};
use crate::cloud::{CallContext, Caller, DecisionRecord, Probe, Who};
use crate::policy::Principal;

/// Somebody in the world whom the learner's list does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// The name that who-can gives them.
    pub title: String,
    /// The name by which `Lab::take_on` takes them on.
    pub name: Option<String>,
    /// The reason why nobody can take them on, if so.
    pub why_not: Option<String>,
}

impl Lab {
    /// Returns what the drafts do to everybody in the world; nothing without one that can be read.
    pub fn shifts_on_draft(&self) -> Arc<Shifts> {
        let Some(drafted) = self.drafted() else { return Arc::default() };
        if let Some(known) = &self.crowd.borrow().on_draft {
            return known.clone();
        }
        let keys = self.readable_drafts().into_iter().filter_map(|(draft, _)| match draft.document() {
            DocumentId::KeyPolicy(arn) => Some(arn.clone()),
            DocumentId::Inline(..)
            | DocumentId::Managed(_)
            | DocumentId::Trust(..)
            | DocumentId::TablePolicy(_)
            | DocumentId::Control(..)
            | DocumentId::Item(..)
            | DocumentId::EventPattern(_) => None,
        });
        let questions = self.questions(keys.collect());
        let probes = probes_of(&questions);
        let roll = self.world().roll(&probes).with(drafted.roll(&probes));
        let now = self.history.point();
        let before = self.crowd.borrow_mut().answers(now, self.world(), &probes, &roll);
        let found = Arc::new(self.shifts(&questions, &roll, &before, &drafted.tally(&probes, &roll)));
        self.crowd.borrow_mut().on_draft = Some(found.clone());
        found
    }

    /// Returns what the last step has done to everybody in the world; nothing if it was no call that changed something.
    pub fn shifts_of_last_step(&self) -> Arc<Shifts> {
        let now = self.history.point();
        let Some((made, before)) = self.last_change() else { return Arc::default() };
        if let Some(known) = &self.crowd.borrow().last {
            return known.clone();
        }
        let input = made.call.input.to_json();
        let key = input.get("KeyId").and_then(Value::as_str).and_then(|id| key_called(self.world(), id));
        let questions = self.questions(key.into_iter().map(kms::Key::arn).collect());
        let probes = probes_of(&questions);
        let world = self.history.world_at(before);
        let roll = world.roll(&probes).with(self.world().roll(&probes));
        let was = self.crowd.borrow_mut().answers(before, world, &probes, &roll);
        let is = self.crowd.borrow_mut().answers(now, self.world(), &probes, &roll);
        let found = Arc::new(self.shifts(&questions, &roll, &was, &is));
        self.crowd.borrow_mut().last = Some(found.clone());
        found
    }

    /// Returns everybody whom who-can would ask about the watched call and what its key is there for, but for those in the list.
    pub fn everybody_else(&self) -> Vec<Somebody> {
        let questions = self.questions(self.watched_key().into_iter().collect());
        let roll = self.world().roll(&probes_of(&questions));
        let is_listed = |caller: &Caller| self.personas().iter().any(|persona| persona.caller == *caller);
        let somebody = |other: Listed<'_>| {
            let caller = match other.who {
                Who::Caller(caller) => Ok(caller.clone()),
                Who::Principal(Principal::RoleSession { role_arn, .. }) if *other.name == **role_arn => {
                    self.role_called(role_arn).ok_or_else(|| "the role is not there".to_owned())
                }
                Who::Principal(Principal::Service { name }) => Ok(Caller::Service(name.clone())),
                Who::Principal(Principal::RoleSession { .. }) => {
                    Err("nobody has made this session yet; act as ROLE/SESSION to assume it".to_owned())
                }
                Who::Principal(_) => {
                    Err("an identity provider vouches for them, and there is none here".to_owned())
                }
                Who::Outsider(principal) => {
                    let account = principal.account().map_or("elsewhere", AsRef::as_ref);
                    Err(format!(
                        "the account {account} is not in this world, and nobody here has its credentials"
                    ))
                }
            };
            if caller.as_ref().is_ok_and(is_listed) {
                return None;
            }
            let found = caller.as_ref().ok();
            let name = found.and_then(|caller| self.stage.names.name_of(self.world(), caller));
            Some(Somebody { title: other.name.to_owned(), name, why_not: caller.err() })
        };
        roll.listed().filter(|other| !other.is_stand_in()).filter_map(somebody).collect()
    }

    fn role_called(&self, arn: &str) -> Option<Caller> {
        let mut roles = self.world().iam().identities().filter(|identity| identity.kind == Kind::Role);
        let role = roles.find(|role| role.arn() == arn)?;
        Some(Caller::Role(role.account.clone(), role.name.as_str().into()))
    }

    /// The last step, if it was a call that changed something, and the point before it.
    fn last_change(&self) -> Option<(&CallMade, Point)> {
        let now = self.history.point();
        let before = Point { position: now.position.checked_sub(1)?, ..now };
        let made = self.history.last()?.call()?;
        made.changes().then_some((made, before))
    }

    /// The questions that a change is told by: the decisions of the watched call, and what these keys are there for, each
    /// with the way it comes.
    fn questions(&self, keys: Vec<String>) -> Vec<(Way, Probe)> {
        let mut questions = self.watched_questions();
        let ways = ways_to_a_key(&questions);
        // What the watched key is there for is asked of every change, so that its numbers are of the same people.
        for arn in keys.into_iter().chain(self.key_of_watched()) {
            let Some(action) = key_called(self.world(), &arn).and_then(kms::main_use) else { continue };
            let context = CallContext::in_region(self.stage().names.region.clone());
            let probe = Probe { context, ..Probe::new(action, &*arn) };
            for way in &ways {
                let question = (way.clone(), way.of(probe.clone()));
                if !questions.contains(&question) {
                    questions.push(question);
                }
            }
        }
        questions
    }

    /// What is different between two answers.
    fn shifts(&self, questions: &[(Way, Probe)], roll: &Roll, before: &Tally, after: &Tally) -> Shifts {
        let watched = self.watched_questions().len();
        let played = self.played();
        let rows = || roll.listed().zip(before.rows().iter().zip(after.rows()));
        // The watched call takes all of its decisions.
        let verdict = |answers: &[May]| {
            let may = answers.iter().take(watched).all(|may| *may == May::Yes);
            if may { CallStatus::Allowed } else { CallStatus::Denied }
        };
        let turned = |(listed, (before, after)): (Listed<'_>, (&Vec<May>, &Vec<May>))| {
            let (before, after) = (verdict(before), verdict(after));
            let who = listed.name.to_owned();
            (watched > 0 && before != after).then_some(Turned { who, before, after })
        };
        let beside = rows().filter(|(listed, _)| !self.is_shown(listed.who, &played)).filter_map(turned);
        let shift = |(number, (way, probe)): (usize, &(Way, Probe))| {
            let asked = rows().filter(|(listed, _)| listed.is_asked.get(number) == Some(&true));
            let turned = |(listed, (before, after)): (Listed<'_>, (&Vec<May>, &Vec<May>))| {
                let (before, after) = (*before.get(number)?, *after.get(number)?);
                (before != after).then(|| (listed.name.to_owned(), before, after))
            };
            let (stand_ins, named): (Vec<_>, Vec<_>) = asked.partition(|(listed, _)| listed.is_stand_in());
            Shift {
                action: probe.action.clone(),
                way: way.clone(),
                turned: named.into_iter().filter_map(turned).collect(),
                stand_ins: stand_ins.into_iter().filter_map(turned).collect(),
            }
        };
        let all: Vec<Shift> = questions.iter().enumerate().map(shift).collect();
        // By which ways somebody's answer turns, those by which it stays tell as well.
        let is_told = |shift: &&Shift| {
            let mut alike = all.iter().filter(|other| other.action == shift.action);
            alike.any(|one| !one.turned.is_empty() || !one.stand_ins.is_empty())
        };
        let shifts = all.iter().filter(is_told).cloned().collect();
        let of = roll.listed().filter(|listed| !listed.is_stand_in()).count();
        Shifts { of, beside: beside.collect(), shifts }
    }

    /// The ARNs of the roles whose sessions are among the identities.
    fn played(&self) -> Vec<Arc<str>> {
        let callers = self.personas().iter().map(|persona| &persona.caller);
        callers.filter_map(|caller| self.world().principal(caller).ok()?.role_arn().cloned()).collect()
    }

    fn is_shown(&self, who: &Who, played: &[Arc<str>]) -> bool {
        match who {
            Who::Caller(caller) => self.personas().iter().any(|persona| persona.caller == *caller),
            // A role is shown by a session of it.
            Who::Principal(principal) => principal.role_arn().is_some_and(|role| played.contains(role)),
            Who::Outsider(_) => false,
        }
    }

    /// The decisions that the watched call takes, as questions: those it led to for anybody, and that about the key.
    fn watched_questions(&self) -> Vec<(Way, Probe)> {
        let mut questions: Vec<(Way, Probe)> = Vec::new();
        let records = self.previews().iter().flat_map(|preview| &preview.now.decisions);
        for record in
            records.filter(|record| !matches!(record.request.principal(), Principal::Service { .. }))
        {
            let probe = self.probe_of(record);
            let key = self.world().key_question(&probe);
            for probe in [Some(probe), key].into_iter().flatten() {
                let way = probe.via.clone().map_or(Way::Direct, Way::Through);
                let question = (way.clone(), way.of(probe));
                if !questions.contains(&question) {
                    questions.push(question);
                }
            }
        }
        questions
    }

    fn probe_of(&self, record: &DecisionRecord) -> Probe {
        const PREFIX: &str = "kms:EncryptionContext:";
        let pair = |(key, values): (&str, &[std::sync::Arc<str>])| {
            Some((key.strip_prefix(PREFIX)?.to_owned(), values.first()?.to_string()))
        };
        Probe {
            via: record.invoked_by.as_deref().map(str::to_owned),
            encryption_context: record.request.context().iter().filter_map(pair).collect(),
            context: CallContext::in_region(self.stage().names.region.clone()),
            ..Probe::new(&**record.request.action(), &*record.request.resource().arn)
        }
    }
}

fn probes_of(questions: &[(Way, Probe)]) -> Vec<Probe> {
    questions.iter().map(|(_, probe)| probe.clone()).collect()
}

/// By which ways a key is asked for: those by which the watched call comes to one, and directly; by whichever where no
/// service stands between.
fn ways_to_a_key(watched: &[(Way, Probe)]) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for (way, _) in watched.iter().filter(|(way, _)| matches!(way, Way::Through(_))) {
        if !ways.contains(way) {
            ways.push(way.clone());
        }
    }
    ways.push(if ways.is_empty() { Way::Any } else { Way::Direct });
    ways
}
