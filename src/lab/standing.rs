//! What each identity would get right now, and what it would get if the draft were in force.

use std::sync::Arc;

use super::DocumentId;
use crate::cloud::authorize::DecisionRecord;
use crate::cloud::iam::StoredPolicy;
use crate::cloud::{Call, Caller, Input, Outcome, World};
use crate::policy::{self, Policies, Source};
use crate::scenario::{Check, Stage};

/// The three ways a call can end, as far as access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was answered.
    Allowed,
    /// It was refused for want of permission.
    Denied,
    /// It failed for another reason, such as a disabled key.
    Failed,
}

impl Verdict {
    /// How `outcome` ended.
    pub fn of(outcome: &Outcome) -> Self {
        match &outcome.result {
            Ok(_) => Self::Allowed,
            // DynamoDB wraps the refusal of KMS in an error of the same code.
            Err(error) if error.is_access_denied() => Self::Denied,
            Err(_) => Self::Failed,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "ALLOWED",
            Self::Denied => "DENIED",
            Self::Failed => "FAILED",
        }
    }
}

/// One identity's answer to the lab's question, in force and on the draft.
#[derive(Clone)]
pub struct Standing {
    /// With the documents in force.
    pub now: Arc<Outcome>,
    /// With the draft in force; `None` while there is nothing to compare. Exact for who is acting; for others whom the
    /// draft leaves where they are it is `now`.
    pub draft: Option<Arc<Outcome>>,
}

impl Standing {
    /// What the identity gets as things are looked at: on the draft if there is one.
    pub fn shown(&self) -> &Arc<Outcome> {
        self.draft.as_ref().unwrap_or(&self.now)
    }

    /// The verdicts before and after, if the draft changes them.
    pub fn flip(&self) -> Option<(Verdict, Verdict)> {
        let (before, after) = (Verdict::of(&self.now), Verdict::of(self.draft.as_ref()?));
        (before != after).then_some((before, after))
    }
}

/// A document as it is in force, and as a draft has it.
pub(super) struct Edit {
    before: StoredPolicy,
    after: StoredPolicy,
}

impl Edit {
    /// The edit that makes `after` of the document in force; `None` if it is not in both worlds.
    pub fn of(document: &DocumentId, before: &World, after: &World) -> Option<Self> {
        Some(Self { before: document.stored(before)?, after: document.stored(after)? })
    }

    /// Whether a decision ends as it did.
    fn leaves(&self, record: &DecisionRecord) -> bool {
        let Some(policies) = self.policies(&record.policies) else { return true };
        policy::decide(&record.request, &policies).verdict == record.decision.verdict
    }

    /// The policies of a decision after the edit; `None` if the document is not among them.
    fn policies(&self, held: &Policies) -> Option<Policies> {
        let is_it = |source: &Source| Arc::ptr_eq(&source.document, &self.before.document);
        let single = held.identity.iter().chain(&held.resource.source);
        let lists = [&held.boundary, &held.session, &held.endpoint].into_iter().flatten();
        let levels = [&held.scps, &held.rcps].into_iter().flatten().flatten();
        single.chain(lists.chain(levels).flatten()).any(is_it).then_some(())?;
        let mut changed = held.clone();
        let Policies { identity, boundary, session, endpoint, scps, rcps, resource, .. } = &mut changed;
        let single = identity.iter_mut().chain(&mut resource.source);
        let lists = [boundary, session, endpoint].into_iter().flatten();
        let levels = [scps, rcps].into_iter().flatten().flatten();
        for source in single.chain(lists.chain(levels).flatten()).filter(|source| is_it(source)) {
            source.document = self.after.document.clone();
            source.bound = Some(self.after.bound.clone());
        }
        Some(changed)
    }
}

/// The call the lab asks again and again: the scan of the scenario's table.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is called.
    pub input: Input,
    /// What it is about, such as `CustomerData`.
    pub subject: String,
}

impl Question {
    /// The question of a scenario: the first scan that a check asks for, else a scan of the scenario's first table, else
    /// of the first there is.
    pub(super) fn of(stage: &Stage, world: &World) -> Option<Self> {
        let checks = stage.scenario.tasks.iter().flat_map(|task| &task.checks);
        let asked = checks.filter_map(|named| match &named.check {
            Check::Outcome(outcome) if outcome.operation == "dynamodb:Scan" => {
                outcome.with.get("TableName")?.as_str().map(str::to_owned)
            }
            _ => None,
        });
        let tables =
            stage.scenario.world.accounts.values().flat_map(|account| account.tables.keys().cloned());
        let made = || world.dynamodb().tables().next().map(|table| table.handle.name.to_string());
        let subject = asked.chain(tables).next().or_else(made)?;
        let call = Call::decode("dynamodb", "Scan", serde_json::json!({"TableName": subject})).ok()?;
        Some(Self { input: call.input, subject })
    }

    /// `dynamodb:Scan CustomerData`
    pub fn title(&self) -> String {
        format!("{}:{} {}", self.input.service(), self.input.operation(), self.subject)
    }

    /// The call.
    pub fn call(&self) -> Call {
        Call { input: self.input.clone(), context: crate::cloud::CallContext::default() }
    }

    /// What `caller`, who gets `now` as things are, would get in the `world` that an edit of one document makes.
    ///
    /// Where the edit turns none of the decisions that led to `now`, everything goes as before, and `now` is the answer:
    /// its reasons are then those of the document in force.
    pub(super) fn ask_again(
        &self,
        now: &Arc<Outcome>,
        edit: Option<&Edit>,
        world: &World,
        caller: &Caller,
    ) -> Arc<Outcome> {
        match edit {
            Some(edit) if now.decisions.iter().all(|record| edit.leaves(record)) => now.clone(),
            _ => self.ask(world, caller),
        }
    }

    /// What `caller` would get in `world`. The world itself stays as it is.
    pub fn ask(&self, world: &World, caller: &Caller) -> Arc<Outcome> {
        Arc::new(world.clone().call(caller, self.call()))
    }
}
