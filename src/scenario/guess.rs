//! Guesses: which call shows whether one was right, and whose verdict would give the answer away.

use serde_json::Value;

use super::check::{Asker, Verdict, answer_of, fits, question, reason_fits};
use super::evaluate::Progress;
use super::format::{Check, Predict};
use super::{Stage, views};
use crate::cloud::{Call, Caller, Outcome, World};

/// A call that was made.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Who made it.
    pub caller: &'a Caller,
    /// What was asked.
    pub call: &'a Call,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// The world after it.
    pub world: &'a World,
}

impl Stage {
    /// Whether a call has shown the right answer to a question: it is the call that the answer speaks of, and it ended
    /// so. What is claimed of something else than a call or a decision is shown once it is so.
    pub fn shows(&self, predict: &Predict, seen: Seen<'_>) -> bool {
        let right = self.right_choice(&predict.id).and_then(|right| predict.choices.get(right));
        right.is_some_and(|choice| match &choice.claim {
            Check::Outcome(claim) => {
                self.names.caller(&claim.caller).as_ref() == Ok(seen.caller)
                    && claim.operation == seen.call.action()
                    && self.is_about(&claim.with, seen)
                    && fits(claim, &seen.outcome.result)
            }
            Check::Decision(claim) => {
                let asked = question(&self.names, seen.world, &claim.probe);
                self.names.caller(&claim.probe.caller).as_ref() == Ok(seen.caller)
                    && asked.is_ok_and(|asked| {
                        seen.outcome.decisions.iter().any(|record| {
                            **record.request.action() == *asked.action
                                && *record.request.resource().arn == *asked.resource
                                && answer_of(record) == claim.is
                                && claim.because.as_ref().is_none_or(|because| reason_fits(record, because))
                        })
                    })
            }
            claim => self.holds(claim, seen.world),
        })
    }

    /// Whether the answer that somebody gets to a call in `world`, in which the question's task began, gives away the
    /// answer to it: one of the claims speaks of it. A question about what would be after something else has happened is
    /// given away only if that was what came before the task.
    pub fn gives_away(&self, predict: &Predict, caller: &Caller, call: &Call, world: &World) -> bool {
        let right = self.right_choice(&predict.id).and_then(|right| predict.choices.get(right));
        let so = || {
            right.is_some_and(|right| {
                self.holds(&right.claim, world) && !self.holds(&right.claim, &self.world)
            })
        };
        let input = call.input.to_json();
        let asked = input.get("TableName").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
        let table = |name: &str| asked == Some(name);
        let speaks = |claim: &Check| {
            match claim {
                Check::Outcome(claim) => {
                    self.names.caller(&claim.caller).as_ref() == Ok(caller)
                        && claim.operation == call.action()
                        && claim.with.get("TableName").and_then(Value::as_str).is_none_or(table)
                }
                // DynamoDB puts this question for a table.
                Check::Decision(claim) => {
                    self.names.caller(&claim.probe.caller).as_ref() == Ok(caller)
                        && self.names.resource(world, &claim.probe.on).is_ok_and(|key| {
                            views::table_under(world, &key)
                                .is_some_and(|arn| arn.rsplit('/').next().is_some_and(table))
                        })
                }
                _ => false,
            }
        };
        predict.choices.iter().any(|choice| speaks(&choice.claim)) && (predict.after.is_empty() || so())
    }

    fn holds(&self, claim: &Check, world: &World) -> bool {
        let progress = Progress::default();
        let asker = Asker { stage: self, names: &self.names, world, progress: &progress };
        asker.ask(claim).verdict == Verdict::Pass
    }

    /// Whether a call is about the table or the key of that input.
    fn is_about(&self, with: &serde_json::Map<String, Value>, seen: Seen<'_>) -> bool {
        let named = ["TableName", "KeyId"].iter().find_map(|field| with.get(*field)?.as_str());
        let Some(arn) = named.and_then(|name| self.names.resource(seen.world, name).ok()) else {
            return true;
        };
        let resources = seen.outcome.events.iter().flat_map(|event| &event.resources);
        resources.into_iter().any(|resource| resource.arn == arn)
    }
}
