//! Predictions: which call reveals whether one was right, and which preview would give the right choice away.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::budget::{Budget, Round};
use super::check::{Evaluator, answer_of, fits, probe_of, reason_fits};
use super::finding::CheckStatus;
use super::format::{Action, Check, Choice, DecisionCheck, OutcomeCheck, Prediction, Step};
use super::progress::Progress;
use super::{Stage, views};
use crate::cloud::{self, Call, Caller, DecisionRecord, Outcome, World};
use crate::limits::scenario::DECISIONS;

/// A call that was made, or would be.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub caller: &'a Caller,
    pub call: &'a Call,
    pub outcome: &'a Outcome,
    /// The world after it; of a call that would be made, the world in which its names are looked up.
    pub world: &'a World,
}

impl Prediction {
    /// Returns the choices in the order in which they are shown, each by its place in the file.
    ///
    /// The order follows from the seed of the world, so it is the same wherever the question is asked, and no place says
    /// which choice is right. Questions with the same answers show them in the same order.
    pub fn order(&self, seed: u64) -> Vec<usize> {
        let mut digest = Sha256::new_with_prefix("shown order");
        digest.update(seed.to_be_bytes());
        for choice in &self.choices {
            digest.update(choice.text.as_bytes());
            digest.update([0]);
        }
        let mut order: Vec<usize> = (0..self.choices.len()).collect();
        // Each choice changes places with one before it or with itself, the last one first.
        for (place, drawn) in (1..order.len()).rev().zip(digest.finalize()) {
            order.swap(place, usize::from(drawn) % (place + 1));
        }
        order
    }
}

impl Stage {
    /// Returns the choices of a question in the order in which they are shown, each by its place in the file.
    pub fn order_of(&self, prediction: &Prediction) -> Vec<usize> {
        prediction.order(self.scenario.seed)
    }

    /// Tells whether a question is about something that only comes of such a call: of a step that has to happen before
    /// the choices are judged, or of the call that a choice speaks of.
    ///
    /// Whoever is about to make such a change, and sees what would follow, would see the answer.
    pub fn is_about(&self, prediction: &Prediction, action: &str) -> bool {
        let makes = |step: &Step| matches!(&step.action, Action::Call(call) if call.operation == action);
        let speaks =
            |choice: &Choice| matches!(&choice.claim, Check::Outcome(claim) if claim.operation == action);
        prediction.after.iter().any(makes) || prediction.choices.iter().any(speaks)
    }

    /// Tells whether a call reveals the right choice of a prediction: it is the call that the right choice speaks of, and
    /// it ended as claimed.
    ///
    /// A claim about something else than a call or a decision is revealed once it holds. A reason is revealed with the verdict
    /// that it is the reason of.
    pub fn shows(&self, prediction: &Prediction, seen: Seen<'_>) -> bool {
        let verdict = prediction.reason_of.as_deref().and_then(|id| self.scenario.prediction(id));
        self.right_claim(verdict.unwrap_or(prediction)).is_some_and(|claim| match claim {
            Check::Outcome(claim) => {
                self.names.caller_at(seen.world, &claim.caller).as_ref() == Ok(seen.caller)
                    && claim.operation == seen.call.action()
                    && self.touches(&claim.with, seen.outcome, seen.world)
                    && fits(claim, &seen.outcome.result, &self.names, seen.world)
            }
            Check::Decision(claim) => {
                let is_so = |record: &&DecisionRecord| {
                    answer_of(record) == claim.is
                        && claim.because.as_ref().is_none_or(|because| reason_fits(record, because))
                };
                self.names.caller_at(seen.world, &claim.probe.caller).as_ref() == Ok(seen.caller)
                    && probe_of(&self.names, seen.world, &claim.probe).is_ok_and(|asked| {
                        let by =
                            |record: &&DecisionRecord| record.invoked_by.as_deref() == asked.via.as_deref();
                        decisions(seen.outcome, &asked).filter(by).any(|record| is_so(&record))
                    })
            }
            claim @ (Check::Only(_)
            | Check::AllowsOnly(_)
            | Check::Flip(_)
            | Check::State(_)
            | Check::Storage(_)
            | Check::Audit(_)
            | Check::Rule(_)
            | Check::Drift(_)
            | Check::Predicted(_)
            | Check::All(_)
            | Check::Any(_)
            | Check::Not(_)) => self.holds(claim, seen.world),
        })
    }

    /// Tells whether the outcome of a call gives away the right choice of a prediction.
    ///
    /// It does if a choice claims something of the same caller, and of the same data or of a decision made during the
    /// call. `seen` holds the world in which the task began: a prediction of what comes after certain steps is given
    /// away only if those steps were made before the task.
    pub fn gives_away(&self, prediction: &Prediction, seen: Seen<'_>) -> bool {
        let came_to_that = || {
            self.right_claim(prediction)
                .is_some_and(|claim| self.holds(claim, seen.world) && !self.holds(claim, &self.world))
        };
        let is_theirs = |name: &str| self.names.caller_at(seen.world, name).as_ref() == Ok(seen.caller);
        let ends = |claim: &OutcomeCheck| {
            // Whoever reads a table in one way reads it in another, and may use its key.
            let (asked, action) = (claim.operation.starts_with("dynamodb:"), seen.call.action());
            let alike = action == claim.operation
                || asked && (action.starts_with("dynamodb:") || action == "kms:Decrypt");
            is_theirs(&claim.caller) && alike && self.touches(&claim.with, seen.outcome, seen.world)
        };
        let decides = |claim: &DecisionCheck| {
            is_theirs(&claim.probe.caller)
                && probe_of(&self.names, seen.world, &claim.probe)
                    .is_ok_and(|asked| decisions(seen.outcome, &asked).next().is_some())
        };
        let speaks =
            |claim: &Check| claim.outcome().is_some_and(ends) || claim.decision().is_some_and(decides);
        prediction.choices.iter().any(|choice| choice.claim.any_part(&speaks))
            && (prediction.after.is_empty() || came_to_that())
    }

    /// Returns the claim of the right choice.
    fn right_claim<'p>(&self, prediction: &'p Prediction) -> Option<&'p Check> {
        self.right_choice(&prediction.id)
            .and_then(|right| prediction.choices.get(right))
            .map(|choice| &choice.claim)
    }

    fn holds(&self, claim: &Check, world: &World) -> bool {
        let progress = Progress::default();
        let budget = Budget::new(&DECISIONS);
        let round = &Round::new(&budget);
        let evaluator = Evaluator { stage: self, names: &self.names, world, progress: &progress, round };
        evaluator.ask(claim).verdict == CheckStatus::Pass
    }

    /// Whether a call was about the table or the key that an input names, or about the key of that table.
    fn touches(&self, with: &serde_json::Map<String, Value>, outcome: &Outcome, world: &World) -> bool {
        let named = ["TableName", "KeyId"].iter().find_map(|field| with.get(*field)?.as_str());
        let Some(name) = named else { return true };
        let Ok(arn) = self.names.resource(world, name) else { return false };
        let key = views::table(world, &arn).and_then(|table| table.key_arn());
        outcome.decisions.iter().any(|record| {
            let resource = &*record.request.resource().arn;
            resource == arn || Some(resource) == key
        })
    }
}

/// The decisions of a call that answer a question, whoever put it.
fn decisions<'o>(outcome: &'o Outcome, asked: &'o cloud::Probe) -> impl Iterator<Item = &'o DecisionRecord> {
    outcome.decisions.iter().filter(|record| {
        **record.request.action() == *asked.action && *record.request.resource().arn == *asked.resource
    })
}
