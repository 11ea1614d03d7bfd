//! Guesses: which call shows whether one was right, and whose verdict would give the answer away.

use serde_json::Value;

use super::check::{Asker, Verdict, answer_of, fits, question, reason_fits};
use super::format::{Check, Predict};
use super::progress::Progress;
use super::{Stage, views};
use crate::cloud::{self, Call, Caller, DecisionRecord, Outcome, World};

/// A call that was made, or would be.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Who made it.
    pub caller: &'a Caller,
    /// What was asked.
    pub call: &'a Call,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// The world after it; of a call that would be made, the world in which its names are looked up.
    pub world: &'a World,
}

impl Stage {
    /// Whether a call has shown the right answer to a question: it is the call that the answer speaks of, and it ended
    /// so. What is claimed of something else than a call or a decision is shown once it is so.
    pub fn shows(&self, predict: &Predict, seen: Seen<'_>) -> bool {
        self.right_claim(predict).is_some_and(|claim| match claim {
            Check::Outcome(claim) => {
                self.names.caller(&claim.caller).as_ref() == Ok(seen.caller)
                    && claim.operation == seen.call.action()
                    && self.touches(&claim.with, seen.outcome, seen.world)
                    && fits(claim, &seen.outcome.result)
            }
            Check::Decision(claim) => {
                let is_so = |record: &&DecisionRecord| {
                    answer_of(record) == claim.is
                        && claim.because.as_ref().is_none_or(|because| reason_fits(record, because))
                };
                self.names.caller(&claim.probe.caller).as_ref() == Ok(seen.caller)
                    && question(&self.names, seen.world, &claim.probe).is_ok_and(|asked| {
                        let by = |record: &&DecisionRecord| record.invoked_by == asked.via;
                        decisions(seen.outcome, &asked).filter(by).any(|record| is_so(&record))
                    })
            }
            claim => self.holds(claim, seen.world),
        })
    }

    /// Whether what a call would bring gives away the answer to a question, whose task began in the world of `seen`: one
    /// of the claims speaks of the caller, and of the same data or of a decision that is made on the way. A question
    /// about what would be after something else has happened is given away only if that was what came before the task.
    pub fn gives_away(&self, predict: &Predict, seen: Seen<'_>) -> bool {
        let came_to_that = || {
            self.right_claim(predict)
                .is_some_and(|claim| self.holds(claim, seen.world) && !self.holds(claim, &self.world))
        };
        let speaks = |claim: &Check| match claim {
            Check::Outcome(claim) => {
                // Whoever reads a table in one way reads it in another, and may use its key.
                let (asked, action) = (claim.operation.starts_with("dynamodb:"), seen.call.action());
                let alike = action == claim.operation
                    || asked && (action.starts_with("dynamodb:") || action == "kms:Decrypt");
                self.names.caller(&claim.caller).as_ref() == Ok(seen.caller)
                    && alike
                    && self.touches(&claim.with, seen.outcome, seen.world)
            }
            Check::Decision(claim) => {
                self.names.caller(&claim.probe.caller).as_ref() == Ok(seen.caller)
                    && question(&self.names, seen.world, &claim.probe)
                        .is_ok_and(|asked| decisions(seen.outcome, &asked).next().is_some())
            }
            _ => false,
        };
        predict.choices.iter().any(|choice| speaks(&choice.claim))
            && (predict.after.is_empty() || came_to_that())
    }

    /// What the right answer claims.
    fn right_claim<'p>(&self, predict: &'p Predict) -> Option<&'p Check> {
        self.right_choice(&predict.id)
            .and_then(|right| predict.choices.get(right))
            .map(|choice| &choice.claim)
    }

    fn holds(&self, claim: &Check, world: &World) -> bool {
        let progress = Progress::default();
        let asker = Asker { stage: self, names: &self.names, world, progress: &progress };
        asker.ask(claim).verdict == Verdict::Pass
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
