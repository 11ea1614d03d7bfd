//! Plays the steps of a path, and notes what came of each.

use std::sync::Arc;

use super::budget::{self, Budget};
use super::format::{Action, CallStep, Expect, NamedCheck, Step, Task};
use super::key_names::in_words;
use super::progress::Progress;
use super::report::TaskReport;
use super::{Names, ScenarioError, Stage, StepError, reason, resolve, words};
use crate::cloud::world::ClockError;
use crate::cloud::{Call, Caller, DecisionRecord, Outcome, World};
use crate::limits::Exceeded;
use crate::limits::scenario::{DECISIONS, PLAYED};

/// A scenario being played step by step.
#[derive(Clone)]
pub struct Play<'s> {
    pub stage: &'s Stage,
    /// The world so far.
    pub world: World,
    /// The names so far: steps may save some.
    pub names: Names,
    /// Answers and latched checks so far.
    pub progress: Progress,
    /// The decisions that this play and its copies may take.
    pub budget: Budget,
    /// The first limit that a step went beyond.
    exceeded: Option<Exceeded>,
}

/// What came of one step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Who did it; empty where nobody did (time passed).
    pub who: String,
    /// What was done: `kms:PutKeyPolicy k1`, `wait +5m`, `answer p1`.
    pub what: String,
    /// The end of the call in a line.
    pub result: String,
    /// The reasons, a line for each decision.
    pub reasons: Vec<String>,
    /// The call with its caller, if it was one.
    pub made: Option<(Caller, Call)>,
    /// What the call led to.
    pub outcome: Option<Arc<Outcome>>,
    /// Why the step did not end as it must, if so.
    pub unmet: Option<String>,
}

impl<'s> Play<'s> {
    /// Returns a play that stands at the scenario's start.
    pub fn new(stage: &'s Stage) -> Self {
        Self::within(stage, Budget::new(&PLAYED))
    }

    /// Returns a play that stands at the scenario's start and shares a budget with others.
    pub fn within(stage: &'s Stage, budget: Budget) -> Self {
        Self {
            stage,
            world: stage.world.clone(),
            names: stage.names.clone(),
            progress: Progress::default(),
            budget,
            exceeded: None,
        }
    }

    /// How the tasks stand. Checks that latch are noted.
    pub fn evaluate(&mut self) -> Vec<TaskReport> {
        let budget = Budget::new(&DECISIONS);
        let reports = self.stage.evaluate_with(&self.names, &self.world, &mut self.progress, &budget);
        let spent = self.budget.spend(budget.spent());
        self.note(budget.exceeded().map_or(spent, Err));
        reports
    }

    /// Notes the checks that latch, and asks no other.
    pub(super) fn latch(&mut self) {
        self.stage.latch(&self.names, &self.world, &mut self.progress, &self.budget);
        self.note(self.budget.exceeded().map_or(Ok(()), Err));
    }

    /// Returns whether all is done: every invariant holds, and every check passes.
    pub(super) fn is_solved(&self) -> bool {
        self.asked().all(|named| self.passes(named))
    }

    /// Everything that is asked of the whole: the invariants, and the checks of all tasks.
    pub(super) fn asked(&self) -> impl Iterator<Item = &'s NamedCheck> + use<'s> {
        let scenario = &self.stage.scenario;
        scenario.invariants.iter().chain(scenario.tasks.iter().flat_map(|task| &task.checks))
    }

    /// Returns whether one check passes.
    pub(super) fn passes(&self, named: &NamedCheck) -> bool {
        self.stage.passes(named, &self.names, &self.world, &self.progress, &self.budget)
    }

    /// Returns whether all checks of one task pass.
    pub(super) fn is_done(&mut self, task: &Task) -> bool {
        let is_done = self.stage.is_done(task, &self.names, &self.world, &self.progress, &self.budget);
        self.note(self.budget.exceeded().map_or(Ok(()), Err));
        is_done
    }

    /// Says that a limit ended the play, if one did: what came of it since is not the whole.
    ///
    /// # Errors
    ///
    /// If a step went beyond a limit, or all together took too many decisions.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let Some(exceeded) = self.exceeded else { return Ok(()) };
        let is_budget = matches!(exceeded.0.unit, crate::limits::Unit::Decisions);
        Err(ScenarioError::Limit {
            file: self.stage.scenario.id.clone(),
            reason: if is_budget { budget::stopped(exceeded) } else { exceeded.to_string() },
            remedy: "make its steps fewer or smaller",
        })
    }

    fn note(&mut self, result: Result<(), Exceeded>) {
        self.exceeded = self.exceeded.or(result.err());
    }

    /// Plays one step, and says what came of it.
    pub fn step(&mut self, step: &Step) -> StepReport {
        match &step.action {
            Action::Call(call) => self.call(call),
            Action::Predict { prediction, choose } => {
                self.progress.choose(prediction, *choose, true);
                let choice = self.stage.scenario.prediction(prediction).and_then(|p| p.choices.get(*choose));
                let right = self.stage.is_right(prediction, *choose) == Some(true);
                let text = choice.map_or("", |choice| choice.text.as_str());
                StepReport {
                    who: String::new(),
                    what: format!("answer {prediction}: {}", in_words(text)),
                    result: if right { "right" } else { "not right" }.to_owned(),
                    reasons: choice.and_then(|c| c.say.as_deref()).map(in_words).into_iter().collect(),
                    made: None,
                    outcome: None,
                    unmet: None,
                }
            }
            Action::Wait(duration) => {
                self.note(self.budget.spend(1 + self.world.rotations_in(duration.signed())));
                let moved = self.world.advance(duration.signed());
                if let Err(ClockError::Rotations(exceeded)) = moved {
                    self.note(Err(exceeded));
                }
                StepReport {
                    who: String::new(),
                    what: format!("wait {duration}"),
                    result: format!("it is {}", self.world.now().strftime("%Y-%m-%d %H:%M:%S")),
                    reasons: Vec::new(),
                    made: None,
                    outcome: None,
                    unmet: moved.err().map(|e| e.to_string()),
                }
            }
        }
    }

    fn call(&mut self, step: &CallStep) -> StepReport {
        let mut report = StepReport {
            who: step.caller.clone(),
            what: words::call(&step.operation, &step.with),
            result: String::new(),
            reasons: Vec::new(),
            made: None,
            outcome: None,
            unmet: None,
        };
        let cost = budget::call_cost(&self.names, &self.world, &step.operation, &step.with);
        let affordable = self.budget.spend(1 + cost).map_err(StepError::Limit);
        let resolved = affordable.and_then(|()| resolve::call_of(&mut self.names, &self.world, step));
        let (caller, call) = match resolved {
            Ok(resolved) => resolved,
            Err(error) => {
                if let StepError::Limit(exceeded) = error {
                    self.note(Err(exceeded));
                }
                "not called".clone_into(&mut report.result);
                report.unmet = Some(error.to_string());
                return report;
            }
        };
        if let Some(subject) = words::subject(&step.with)
            && let Ok(told) = resolve::filled(&self.names, &self.world, subject)
        {
            report.what = words::about(&step.operation, &told);
        }
        report.made = Some((caller.clone(), call.clone()));
        let outcome = self.world.call(&caller, call);
        if let (Some(name), Ok(response)) = (&step.save, &outcome.result) {
            let saved = self.names.save(name, response.to_json());
            self.note(saved);
        }
        report.result = words::result(&outcome);
        let reason = |record: &DecisionRecord| {
            let about = self.names.short(&record.request.resource().arn);
            reason::decision(record, about, &self.names)
        };
        report.reasons = outcome.decisions.iter().map(reason).collect();
        report.unmet = met(&step.expect, &outcome).err();
        report.outcome = Some(Arc::new(outcome));
        report
    }
}

/// Whether a call ended as it must, or how it ended instead.
pub(super) fn met(expect: &Expect, outcome: &Outcome) -> Result<(), String> {
    match (&outcome.result, expect) {
        (Ok(_), Expect::Success) => Ok(()),
        (Err(error), Expect::Denied) if error.is_access_denied() => Ok(()),
        (Err(error), Expect::Error(code)) if error.code == *code => Ok(()),
        (Ok(_), Expect::Denied) => Err("it succeeded; it should have been denied".to_owned()),
        (Ok(_), Expect::Error(code)) => Err(format!("it succeeded; it should have failed with {code}")),
        (Err(error), Expect::Success) => Err(format!("it failed: {error}")),
        (Err(error), Expect::Denied) => {
            Err(format!("it failed with {}, not for want of permission: {}", error.code, error.message))
        }
        (Err(error), Expect::Error(code)) => {
            Err(format!("it failed with {}, not with {code}: {}", error.code, error.message))
        }
    }
}
