//! How far the learner is: every check of a scenario, asked of a world.
//!
//! Pure: a world goes in, findings come out. So a draft that nobody has applied can be judged like the real thing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::budget::{Budget, Round, stopped, whole_cost};
use super::check::Evaluator;
use super::finding::{CheckStatus, Finding};
use super::format::{Check, Feedback, NamedCheck, Task};
use super::play::Play;
use super::progress::Progress;
use super::recall::Recall;
use super::report::{CheckReport, TaskReport, settled};
use super::{Names, ScenarioError, Stage};
use crate::cloud::World;
use crate::limits::Exceeded;
use crate::limits::scenario::DECISIONS;

impl Stage {
    /// How the tasks stand in `world`, in order. Checks that latch are noted in `progress`.
    ///
    /// A check that comes when the budget is spent says so in place of an answer.
    pub fn evaluate(&self, world: &World, progress: &mut Progress) -> Vec<TaskReport> {
        self.evaluate_with(&self.names, world, progress, &Budget::new(&DECISIONS))
    }

    /// The same for a path whose steps have given new names.
    pub(super) fn evaluate_with(
        &self,
        names: &Names,
        world: &World,
        progress: &mut Progress,
        budget: &Budget,
    ) -> Vec<TaskReport> {
        let round = &Round::new(budget);
        let report = |checks: &[NamedCheck], progress: &Progress| -> Vec<CheckReport> {
            let evaluator = Evaluator { stage: self, names, world, progress, round };
            checks.iter().map(|named| evaluator.report(named)).collect()
        };
        let invariants: Arc<[CheckReport]> = report(&self.scenario.invariants, progress).into();
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
                invariants: Arc::clone(&invariants),
                is_done: false,
                feedback: None,
            });
        }
        let hold = |report: &TaskReport| report.checks.iter().all(|check| check.verdict == CheckStatus::Pass);
        let holds: Vec<bool> = reports.iter().map(hold).collect();
        let settled = settled(&self.scenario.tasks, &holds, &mut progress.done, || sound);
        for ((report, task), is_done) in reports.iter_mut().zip(&self.scenario.tasks).zip(settled) {
            report.is_done = is_done;
            if !is_done {
                let evaluator = Evaluator { stage: self, names, world, progress, round };
                report.feedback = evaluator.feedback(task);
            }
        }
        reports
    }

    /// Returns which tasks are done in `world`, in order, and notes the checks that latch, as [`Self::evaluate`] does. No more is
    /// asked than that takes, and nothing again that `recall` knows: it must be the recall of this stage.
    ///
    /// Of a world whose checks go beyond the budget this may find out more than the whole evaluation.
    pub fn done(&self, world: &World, progress: &mut Progress, recall: &mut Recall) -> Vec<bool> {
        recall.turn_to(world);
        let budget = Budget::new(&DECISIONS);
        let round = &Round::recalling(&budget, recall);
        let passes = |check: &Check, progress: &Progress| {
            let evaluator = Evaluator { stage: self, names: &self.names, world, progress, round };
            evaluator.ask(check).verdict == CheckStatus::Pass
        };
        let mut sound = None;
        let mut is_sound = |progress: &Progress| {
            let holds = || self.scenario.invariants.iter().all(|named| passes(&named.check, progress));
            *sound.get_or_insert_with(holds)
        };
        let mut all = Vec::new();
        for task in &self.scenario.tasks {
            let (mut done, mut new) = (true, Vec::new());
            for named in &task.checks {
                if named.latch && progress.latched.contains(&named.id) {
                    continue;
                }
                // Behind a check that does not pass, only those that latch can make a difference.
                if (done || named.latch) && passes(&named.check, progress) {
                    new.extend(named.latch.then_some(&named.id));
                } else {
                    done = false;
                }
            }
            if !new.is_empty() && is_sound(progress) {
                progress.latched.extend(new.into_iter().cloned());
            }
            all.push(done);
        }
        let mut done = std::mem::take(&mut progress.done);
        let settled = settled(&self.scenario.tasks, &all, &mut done, || is_sound(progress));
        progress.done = done;
        settled
    }

    /// Notes the checks that latch, and asks no other.
    pub(super) fn latch(&self, names: &Names, world: &World, progress: &mut Progress, budget: &Budget) {
        let round = &Round::new(budget);
        let passes = |named: &&NamedCheck, progress: &Progress| {
            let evaluator = Evaluator { stage: self, names, world, progress, round };
            evaluator.ask(&named.check).verdict == CheckStatus::Pass
        };
        let checks = self.scenario.tasks.iter().flat_map(|task| &task.checks);
        let open = checks.filter(|named| named.latch && !progress.latched.contains(&named.id));
        let new: Vec<String> =
            open.filter(|named| passes(named, progress)).map(|named| named.id.clone()).collect();
        if !new.is_empty() && self.scenario.invariants.iter().all(|named| passes(&named, progress)) {
            progress.latched.extend(new);
        }
    }

    /// Returns whether one check passes, or has passed if it latches.
    pub(super) fn passes(
        &self,
        check: &NamedCheck,
        names: &Names,
        world: &World,
        progress: &Progress,
        budget: &Budget,
    ) -> bool {
        let evaluator = Evaluator { stage: self, names, world, progress, round: &Round::new(budget) };
        evaluator.report(check).verdict == CheckStatus::Pass
    }

    /// Returns whether all checks of one task pass.
    pub(super) fn is_done(
        &self,
        task: &Task,
        names: &Names,
        world: &World,
        progress: &Progress,
        budget: &Budget,
    ) -> bool {
        let evaluator = Evaluator { stage: self, names, world, progress, round: &Round::new(budget) };
        task.checks.iter().all(|named| evaluator.report(named).verdict == CheckStatus::Pass)
    }

    /// Refuses a scenario whose checks take too many decisions.
    pub(super) fn check_cost(&self) -> Result<(), ScenarioError> {
        let scenario = &self.scenario;
        let of_tasks = scenario.tasks.iter().flat_map(|task| {
            let feedback = task.feedback.iter().map(|rule| &rule.when);
            task.checks.iter().map(|named| &named.check).chain(feedback)
        });
        let checks = of_tasks.chain(scenario.invariants.iter().map(|named| &named.check));
        let costs = checks.map(|check| whole_cost(check, &self.names, &self.world));
        let claims = scenario.predictions().flat_map(|prediction| &prediction.choices);
        let claims = claims.map(|choice| whole_cost(&choice.claim, &self.names, &self.world));
        // Claims are asked at another time.
        let most = costs.fold(0, usize::saturating_add).max(claims.fold(0, usize::saturating_add));
        DECISIONS.check(most).map_err(|exceeded: Exceeded| ScenarioError::Limit {
            file: scenario.id.clone(),
            reason: stopped(exceeded),
            remedy: "ask fewer `only`, of fewer people",
        })
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
    let budget = Budget::new(&DECISIONS);
    let judge = |prediction: &super::Prediction| {
        let mut play = Play::new(stage);
        for step in &prediction.after {
            play.step(step);
        }
        let progress = Progress::default();
        let round = Round::new(&budget);
        let evaluator =
            Evaluator { stage, names: &play.names, world: &play.world, progress: &progress, round: &round };
        let right =
            prediction.choices.iter().map(|c| evaluator.ask(&c.claim).verdict == CheckStatus::Pass).collect();
        (prediction.id.clone(), right)
    };
    stage.scenario.predictions().map(judge).collect()
}

impl Evaluator<'_> {
    /// The first feedback of a task that applies.
    fn feedback(&self, task: &Task) -> Option<Feedback> {
        task.feedback.iter().find(|rule| self.ask(&rule.when).verdict == CheckStatus::Pass).cloned()
    }

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
