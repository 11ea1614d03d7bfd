//! Everybody in the world: whose verdicts a draft turns, or what was done last, the learner's own identities or not.

use std::sync::Arc;

use serde_json::Value;

use super::watched::key_called;
use super::{CallMade, CallStatus, DocumentId, Lab, Point};
use crate::cloud::kms;
use crate::cloud::who_can::{Listed, May, Roll, Tally};
use crate::cloud::{CallContext, DecisionRecord, Probe, Who, World};
use crate::policy::Principal;

/// Somebody whose verdict on the watched call the draft turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// The ARN; a role's own for any session of it.
    pub who: String,
    pub before: CallStatus,
    pub after: CallStatus,
}

/// What a change does to everybody's answers to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// The service that passes the request on, such as `dynamodb.amazonaws.com`.
    pub via: Option<String>,
    /// How many principals the question was put to: those whom who-can asks, but for whoever stands for people not named.
    pub of: usize,
    /// The names that who-can gives to those whose answer is another, with the answers before and after.
    pub turned: Vec<(String, May, May)>,
    /// The same of whoever stands for people who are not named.
    pub stand_ins: Vec<(String, May, May)>,
}

/// What a change does to everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shifts {
    /// Everybody beside the identities shown whose verdict on the watched call it turns.
    pub beside: Vec<Turned>,
    /// What it does to the answers to each question, where there is anything.
    pub shifts: Vec<Shift>,
}

/// What was worked out last, kept until what it depends on changes.
#[derive(Clone, Default)]
pub(super) struct Crowd {
    /// The answers in force at a point.
    in_force: Option<Answered>,
    /// What the drafts do.
    on_draft: Option<Arc<Shifts>>,
    /// What the last step has done.
    last: Option<Arc<Shifts>>,
}

/// Answers in the world at a point.
#[derive(Clone)]
struct Answered {
    at: Point,
    probes: Vec<Probe>,
    roll: Roll,
    tally: Tally,
}

impl Crowd {
    /// Forgets what holds on the drafts, which have changed.
    pub fn forget_drafts(&mut self) {
        self.on_draft = None;
    }

    /// Forgets what holds in the world, which has changed. The answers in force stay: they are those before the last step.
    pub fn forget_world(&mut self) {
        (self.on_draft, self.last) = (None, None);
    }

    /// Forgets everything.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    /// The answers in the world at a point, of everybody on that roll.
    fn answers(&mut self, at: Point, world: &World, probes: &[Probe], roll: &Roll) -> Tally {
        let known = self.in_force.as_ref();
        if let Some(known) =
            known.filter(|known| known.at == at && known.probes == probes && known.roll == *roll)
        {
            return known.tally.clone();
        }
        let tally = world.tally(probes, roll);
        let (probes, roll) = (probes.to_vec(), roll.clone());
        self.in_force = Some(Answered { at, probes, roll, tally: tally.clone() });
        tally
    }
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
            | DocumentId::Item(..) => None,
        });
        let probes = self.questions(keys.collect());
        let roll = self.world().roll(&probes).with(drafted.roll(&probes));
        let now = self.history.point();
        let before = self.crowd.borrow_mut().answers(now, self.world(), &probes, &roll);
        let found = Arc::new(self.shifts(&probes, &roll, &before, &drafted.tally(&probes, &roll)));
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
        let probes = self.questions(key.into_iter().map(kms::Key::arn).collect());
        let world = self.history.world_at(before);
        let roll = world.roll(&probes).with(self.world().roll(&probes));
        let was = self.crowd.borrow_mut().answers(before, world, &probes, &roll);
        let is = self.crowd.borrow_mut().answers(now, self.world(), &probes, &roll);
        let found = Arc::new(self.shifts(&probes, &roll, &was, &is));
        self.crowd.borrow_mut().last = Some(found.clone());
        found
    }

    /// The last step, if it was a call that changed something, and the point before it.
    fn last_change(&self) -> Option<(&CallMade, Point)> {
        let now = self.history.point();
        let before = Point { position: now.position.checked_sub(1)?, ..now };
        let made = self.history.last()?.call()?;
        made.changes().then_some((made, before))
    }

    /// The questions that a change is told by: the decisions of the watched call, and what these keys are there for.
    fn questions(&self, keys: Vec<String>) -> Vec<Probe> {
        let mut probes = self.watched_probes();
        for arn in keys {
            let action = key_called(self.world(), &arn).and_then(kms::main_use);
            let context = CallContext::in_region(self.stage().names.region.clone());
            let probe = action.map(|action| Probe { context, ..Probe::new(action, &*arn) });
            probes.extend(probe.filter(|probe| !probes.contains(probe)));
        }
        probes
    }

    /// What is different between two answers.
    fn shifts(&self, probes: &[Probe], roll: &Roll, before: &Tally, after: &Tally) -> Shifts {
        let watched = self.watched_probes().len();
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
        let shift = |(number, probe): (usize, &Probe)| {
            let asked = rows().filter(|(listed, _)| listed.is_asked.get(number) == Some(&true));
            let turned = |(listed, (before, after)): (Listed<'_>, (&Vec<May>, &Vec<May>))| {
                let (before, after) = (*before.get(number)?, *after.get(number)?);
                (before != after).then(|| (listed.name.to_owned(), before, after))
            };
            let (stand_ins, named): (Vec<_>, Vec<_>) = asked.partition(|(listed, _)| listed.is_stand_in());
            Shift {
                action: probe.action.clone(),
                via: probe.via.clone(),
                of: named.len(),
                turned: named.into_iter().filter_map(turned).collect(),
                stand_ins: stand_ins.into_iter().filter_map(turned).collect(),
            }
        };
        let is_one = |shift: &Shift| !shift.turned.is_empty() || !shift.stand_ins.is_empty();
        let shifts = probes.iter().enumerate().map(shift).filter(is_one);
        Shifts { beside: beside.collect(), shifts: shifts.collect() }
    }

    /// The ARNs of the roles whose sessions are among the identities.
    fn played(&self) -> Vec<Arc<str>> {
        let callers = self.personas().iter().map(|persona| &persona.caller);
        callers.filter_map(|caller| role_of(&self.world().principal(caller).ok()?)).collect()
    }

    fn is_shown(&self, who: &Who, played: &[Arc<str>]) -> bool {
        match who {
            Who::Caller(caller) => self.personas().iter().any(|persona| persona.caller == *caller),
            // A role is shown by a session of it.
            Who::Principal(principal) => role_of(principal).is_some_and(|role| played.contains(&role)),
            Who::Outsider(_) => false,
        }
    }

    /// The decisions that the watched call takes, as questions: those it led to for anybody, and that about the key.
    fn watched_probes(&self) -> Vec<Probe> {
        let mut probes: Vec<Probe> = Vec::new();
        let records = self.previews().iter().flat_map(|preview| &preview.now.decisions);
        for record in
            records.filter(|record| !matches!(record.request.principal(), Principal::Service { .. }))
        {
            let probe = self.probe_of(record);
            let key = self.world().key_question(&probe);
            for probe in [Some(probe), key].into_iter().flatten() {
                if !probes.contains(&probe) {
                    probes.push(probe);
                }
            }
        }
        probes
    }

    fn probe_of(&self, record: &DecisionRecord) -> Probe {
        const PREFIX: &str = "kms:EncryptionContext:";
        let pair = |(key, values): (&str, &[std::sync::Arc<str>])| {
            Some((key.strip_prefix(PREFIX)?.to_owned(), values.first()?.to_string()))
        };
        Probe {
            via: record.invoked_by.clone(),
            encryption_context: record.request.context().iter().filter_map(pair).collect(),
            context: CallContext::in_region(self.stage().names.region.clone()),
            ..Probe::new(&**record.request.action(), &*record.request.resource().arn)
        }
    }
}

/// The ARN of the role whose session a principal is.
fn role_of(principal: &Principal) -> Option<Arc<str>> {
    match principal {
        Principal::RoleSession { role_arn, .. } => Some(role_arn.clone()),
        Principal::Anonymous
        | Principal::Service { .. }
        | Principal::Root { .. }
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated { .. } => None,
    }
}
