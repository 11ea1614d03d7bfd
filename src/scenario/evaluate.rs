//! How far the learner is: every check of a scenario, asked of a world.
//!
//! Pure: a world goes in, findings come out. So a draft that nobody has applied can be judged like the real thing.

use std::collections::BTreeMap;

use super::check::{CheckStatus, Evaluator, Finding};
use super::format::{Feedback, NamedCheck, Task};
use super::play::Play;
use super::progress::Progress;
use super::report::{CheckReport, TaskReport};
use super::{Names, Stage};
use crate::cloud::World;

impl Stage {
    /// How the tasks stand in `world`, in order. Checks that latch are noted in `progress`.
    pub fn evaluate(&self, world: &World, progress: &mut Progress) -> Vec<TaskReport> {
        self.evaluate_with(&self.names, world, progress)
    }

    /// The same for a path whose steps have given new names.
    pub(super) fn evaluate_with(
        &self,
        names: &Names,
        world: &World,
        progress: &mut Progress,
    ) -> Vec<TaskReport> {
        let report = |checks: &[NamedCheck], progress: &Progress| -> Vec<CheckReport> {
            let evaluator = Evaluator { stage: self, names, world, progress };
            checks.iter().map(|named| evaluator.report(named)).collect()
        };
        let invariants = report(&self.scenario.invariants, progress);
        // What was so while something was broken that must hold all along has not been done.
        let sound = invariants.iter().all(|check| check.verdict == CheckStatus::Pass);
        let mut reports: Vec<TaskReport> = Vec::new();
        for task in &self.scenario.tasks {
            let checks = report(&task.checks, progress);
            for (check, named) in checks.iter().zip(&task.checks) {
                if sound && named.latch && check.verdict == CheckStatus::Pass {
                    progress.latched.insert(named.id.clone());
                }
            }
            reports.push(TaskReport {
                id: task.id.clone(),
                checks,
                invariants: invariants.clone(),
                feedback: None,
            });
        }
        for (report, task) in reports.iter_mut().zip(&self.scenario.tasks) {
            if !report.is_done() {
                report.feedback = self.feedback(task, names, world, progress);
            }
        }
        reports
    }

    /// The first feedback of a task that applies.
    fn feedback(&self, task: &Task, names: &Names, world: &World, progress: &Progress) -> Option<Feedback> {
        let evaluator = Evaluator { stage: self, names, world, progress };
        task.feedback.iter().find(|rule| evaluator.ask(&rule.when).verdict == CheckStatus::Pass).cloned()
    }

    /// Whether a choice of a question is right; `None` if there is no such choice.
    pub fn is_right(&self, prediction: &str, choice: usize) -> Option<bool> {
        self.truths.get(prediction)?.get(choice).copied()
    }

    /// The right choice of a question, counted from 0.
    pub fn right_choice(&self, prediction: &str) -> Option<usize> {
        self.truths.get(prediction)?.iter().position(|right| *right)
    }
}

/// Which choices of each question are right: what would have to happen first is played on a copy of the starting
/// world, and the claims are asked of it.
pub(super) fn truths(stage: &Stage) -> BTreeMap<String, Vec<bool>> {
    let judge = |prediction: &super::Prediction| {
        let mut play = Play::new(stage);
        for step in &prediction.after {
            play.step(step);
        }
        let progress = Progress::default();
        let evaluator = Evaluator { stage, names: &play.names, world: &play.world, progress: &progress };
        let right =
            prediction.choices.iter().map(|c| evaluator.ask(&c.claim).verdict == CheckStatus::Pass).collect();
        (prediction.id.clone(), right)
    };
    stage.scenario.predictions().map(judge).collect()
}

impl Evaluator<'_> {
    fn report(&self, named: &NamedCheck) -> CheckReport {
        let Finding { verdict, note } = self.ask(&named.check);
        let latched =
            verdict != CheckStatus::Pass && named.latch && self.progress.latched.contains(&named.id);
        // What is so now would contradict the tick.
        let note = if latched { "it was so earlier".to_owned() } else { note };
        CheckReport {
            id: named.id.clone(),
            say: named.say.clone(),
            verdict: if latched { CheckStatus::Pass } else { verdict },
            note,
            latched,
        }
    }
}
