//! What each identity would get right now, and what it would get if the draft were in force.

use std::sync::Arc;

use super::DocumentId;
use crate::cloud::DecisionRecord;
use crate::cloud::iam::StoredPolicy;
use crate::cloud::{Caller, Outcome, Probe, World};
use crate::policy::{self, Difference, Policies, Source};

/// The three ways a call can end, as far as access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStatus {
    /// The call was answered.
    Allowed,
    /// The call was refused for want of permission.
    Denied,
    /// The call failed for another reason, such as a disabled key.
    Failed,
}

impl CallStatus {
    /// Returns the status of a call that has ended.
    pub fn of(outcome: &Outcome) -> Self {
        match &outcome.result {
            Ok(_) => Self::Allowed,
            // DynamoDB wraps the refusal of KMS in an error of the same code.
            Err(error) if error.is_access_denied() => Self::Denied,
            Err(_) => Self::Failed,
        }
    }

    /// What a decision comes to, or there being nothing to decide about.
    fn of_decision(verdict: Option<policy::Verdict>) -> Self {
        match verdict {
            Some(policy::Verdict::Allowed) => Self::Allowed,
            Some(_) => Self::Denied,
            None => Self::Failed,
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

/// One identity's answer to the watched call, in force and on the draft.
#[derive(Clone)]
pub struct Preview {
    /// With the documents in force.
    pub now: Arc<Outcome>,
    /// With the draft in force; `None` while there is nothing to compare. For the acting identity the call is made
    /// again; an identity whom the draft cannot turn keeps the outcome of `now`.
    pub draft: Option<Arc<Outcome>>,
}

impl Preview {
    /// Returns the outcome that is shown: the one under the draft, if there is one.
    pub fn shown(&self) -> &Arc<Outcome> {
        self.draft.as_ref().unwrap_or(&self.now)
    }

    /// The verdicts before and after, if the draft changes them.
    pub fn flip(&self) -> Option<(CallStatus, CallStatus)> {
        let (before, after) = (CallStatus::of(&self.now), CallStatus::of(self.draft.as_ref()?));
        (before != after).then_some((before, after))
    }
}

/// A document as it is in force, and as a draft has it.
#[derive(Clone)]
pub(super) struct Edit(Difference);

impl Edit {
    /// The edit that makes `after` of the document in force; `None` if it is not in both worlds.
    pub fn of(document: &DocumentId, before: &World, after: &World) -> Option<Self> {
        let source = |stored: StoredPolicy| Source {
            bound: Some(stored.bound.clone()),
            ..Source::new("", stored.document.clone())
        };
        let before = source(document.stored(before)?);
        Some(Self(Difference::between(before, source(document.stored(after)?))))
    }

    /// Whether a decision ends as it did.
    pub fn leaves(&self, record: &DecisionRecord) -> bool {
        self.verdict(record) == record.decision.verdict
    }

    /// How a decision ends after the edit.
    fn verdict(&self, record: &DecisionRecord) -> policy::Verdict {
        let changed = || self.0.bears_on(&record.request).then(|| self.policies(&record.policies)).flatten();
        changed()
            .map_or(record.decision.verdict, |policies| policy::decide(&record.request, &policies).verdict)
    }

    /// The policies of a decision after the edit; `None` if the document is not among them.
    fn policies(&self, held: &Policies) -> Option<Policies> {
        let is_it = |source: &Source| Arc::ptr_eq(&source.document, &self.0.before().document);
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
            let after = self.0.after();
            source.document = after.document.clone();
            source.bound.clone_from(&after.bound);
        }
        Some(changed)
    }
}

/// Everybody's answers to the questions asked last, with the documents in force. They hold until the world changes.
#[derive(Clone, Default)]
pub(super) struct Board {
    probes: Vec<Probe>,
    /// For each identity and question the decision; `None` where there is nothing to decide.
    rows: Vec<Vec<Option<DecisionRecord>>>,
}

impl Board {
    /// Asks what is not known yet.
    pub fn ask(&mut self, world: &World, callers: &[&Caller], probes: &[Probe]) {
        if self.probes != probes || self.rows.len() != callers.len() {
            let row = |caller: &&Caller| probes.iter().map(|probe| world.probe(caller, probe).ok()).collect();
            self.rows = callers.iter().map(row).collect();
            self.probes = probes.to_vec();
        }
    }

    /// The verdicts in force, and on the draft if there is one.
    pub fn verdicts(
        &self,
        draft: Option<&World>,
        edit: Option<&Edit>,
        callers: &[&Caller],
    ) -> Vec<Vec<(CallStatus, Option<CallStatus>)>> {
        let on_draft =
            |world: &World, caller: &Caller, probe: &Probe, now: Option<&DecisionRecord>| match edit {
                Some(edit) => CallStatus::of_decision(now.map(|record| edit.verdict(record))),
                None => CallStatus::of_decision(
                    world.probe(caller, probe).ok().map(|record| record.decision.verdict),
                ),
            };
        let rows = callers.iter().zip(&self.rows);
        rows.map(|(caller, records)| {
            let cells = self.probes.iter().zip(records);
            cells
                .map(|(probe, now)| {
                    let applied = CallStatus::of_decision(now.as_ref().map(|record| record.decision.verdict));
                    (applied, draft.map(|world| on_draft(world, caller, probe, now.as_ref())))
                })
                .collect()
        })
        .collect()
    }
}
