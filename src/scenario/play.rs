//! Plays the steps of a path, and notes what came of each.

use std::sync::Arc;

use super::format::{Action, CallStep, Expect, Step};
use super::progress::Progress;
use super::report::TaskReport;
use super::{Names, Stage, reason, resolve, words};
use crate::cloud::{Call, Caller, DecisionRecord, Outcome, World};

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
        Self { stage, world: stage.world.clone(), names: stage.names.clone(), progress: Progress::default() }
    }

    /// How the tasks stand. Checks that latch are noted.
    pub fn evaluate(&mut self) -> Vec<TaskReport> {
        self.stage.evaluate_with(&self.names, &self.world, &mut self.progress)
    }

    /// Plays one step, and says what came of it.
    pub fn step(&mut self, step: &Step) -> StepReport {
        match &step.action {
            Action::Call(call) => self.call(call),
            Action::Predict { prediction, choose } => {
                self.progress.choose(prediction, *choose);
                let choice = self.stage.scenario.prediction(prediction).and_then(|p| p.choices.get(*choose));
                let right = self.stage.is_right(prediction, *choose) == Some(true);
                let text = choice.map_or("", |choice| choice.text.as_str());
                StepReport {
                    who: String::new(),
                    what: format!("answer {prediction}: {text}"),
                    result: if right { "right" } else { "not right" }.to_owned(),
                    reasons: choice.and_then(|c| c.say.clone()).into_iter().collect(),
                    made: None,
                    outcome: None,
                    unmet: None,
                }
            }
            Action::Wait(duration) => {
                let moved = self.world.advance(duration.signed());
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
        let (caller, call) = match resolve::call_of(&self.names, &self.world, step) {
            Ok(resolved) => resolved,
            Err(error) => {
                "not called".clone_into(&mut report.result);
                report.unmet = Some(error.to_string());
                return report;
            }
        };
        report.made = Some((caller.clone(), call.clone()));
        let outcome = self.world.call(&caller, call);
        if let (Some(name), Ok(response)) = (&step.save, &outcome.result) {
            self.names.save(name, response.to_json());
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
        (Err(error), Expect::Success) => Err(format!("it failed: {}: {}", error.code, error.message)),
        (Err(error), Expect::Denied) => {
            Err(format!("it failed with {}, not for want of permission: {}", error.code, error.message))
        }
        (Err(error), Expect::Error(code)) => {
            Err(format!("it failed with {}, not with {code}: {}", error.code, error.message))
        }
    }
}
