//! How far the learner is: every check of a scenario, asked of a world.
//!
//! Pure: a world goes in, findings come out. So a draft that nobody has applied can be judged like the real thing.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{Asker, Finding, Verdict};
use super::format::{Feedback, NamedCheck, Task};
use super::play::Play;
use super::{Names, Stage};
use crate::cloud::World;

/// What the learner has done that the world does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    answers: BTreeMap<String, usize>,
    latched: BTreeSet<String>,
}

impl Progress {
    /// Notes an answer to a question; a later one takes its place.
    pub fn answer(&mut self, question: &str, choice: usize) {
        self.answers.insert(question.to_owned(), choice);
    }

    /// Forgets what was answered and what once passed in a task.
    pub fn forget(&mut self, task: &Task) {
        self.answers.retain(|question, _| !task.predict.iter().any(|predict| predict.id == *question));
        self.latched.retain(|check| !task.checks.iter().any(|named| named.id == *check));
    }

    /// The answer given to a question, counted from 0.
    pub fn answer_to(&self, question: &str) -> Option<usize> {
        self.answers.get(question).copied()
    }
}

/// How one check stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Its id.
    pub id: String,
    /// What it means, in words.
    pub say: String,
    /// The finding.
    pub verdict: Verdict,
    /// Why, in a line.
    pub note: String,
    /// Whether it counts as passed only because it once was.
    pub latched: bool,
}

/// How one task stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskReport {
    /// Its id.
    pub id: String,
    /// Its checks.
    pub checks: Vec<CheckReport>,
    /// What must hold all along; the same for every task.
    pub invariants: Vec<CheckReport>,
    /// What to say about the way it stands, if something particular is so. Never said of a task that is done.
    pub feedback: Option<Feedback>,
}

impl TaskReport {
    /// Whether all checks pass and everything holds that must hold all along.
    pub fn is_done(&self) -> bool {
        self.checks.iter().chain(&self.invariants).all(|check| check.verdict == Verdict::Pass)
    }
}

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
            let asker = Asker { stage: self, names, world, progress };
            checks.iter().map(|named| asker.report(named)).collect()
        };
        let invariants = report(&self.scenario.invariants, progress);
        // What was so while something was broken that must hold all along has not been done.
        let sound = invariants.iter().all(|check| check.verdict == Verdict::Pass);
        let mut reports: Vec<TaskReport> = Vec::new();
        for task in &self.scenario.tasks {
            let checks = report(&task.checks, progress);
            for (check, named) in checks.iter().zip(&task.checks) {
                if sound && named.latch && check.verdict == Verdict::Pass {
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
        let asker = Asker { stage: self, names, world, progress };
        task.feedback.iter().find(|rule| asker.ask(&rule.when).verdict == Verdict::Pass).cloned()
    }

    /// Whether a choice of a question is right; `None` if there is no such choice.
    pub fn is_right(&self, question: &str, choice: usize) -> Option<bool> {
        self.truths.get(question)?.get(choice).copied()
    }

    /// The right choice of a question, counted from 0.
    pub fn right_choice(&self, question: &str) -> Option<usize> {
        self.truths.get(question)?.iter().position(|right| *right)
    }
}

/// What is said about the way the tasks stand: by the first task that is not done and has something to say.
pub fn feedback(reports: &[TaskReport]) -> Option<&Feedback> {
    reports.iter().filter(|report| !report.is_done()).find_map(|report| report.feedback.as_ref())
}

/// Which choices of each question are right: what would have to happen first is played on a copy of the starting
/// world, and the claims are asked of it.
pub(super) fn truths(stage: &Stage) -> BTreeMap<String, Vec<bool>> {
    let judge = |predict: &super::Predict| {
        let mut play = Play::new(stage);
        for step in &predict.after {
            play.step(step);
        }
        let progress = Progress::default();
        let asker = Asker { stage, names: &play.names, world: &play.world, progress: &progress };
        let right = predict.choices.iter().map(|c| asker.ask(&c.claim).verdict == Verdict::Pass).collect();
        (predict.id.clone(), right)
    };
    stage.scenario.predictions().map(judge).collect()
}

impl Asker<'_> {
    fn report(&self, named: &NamedCheck) -> CheckReport {
        let Finding { verdict, note } = self.ask(&named.check);
        let latched = verdict != Verdict::Pass && named.latch && self.progress.latched.contains(&named.id);
        // What is so now would contradict the tick.
        let note = if latched { "it was so earlier".to_owned() } else { note };
        CheckReport {
            id: named.id.clone(),
            say: named.say.clone(),
            verdict: if latched { Verdict::Pass } else { verdict },
            note,
            latched,
        }
    }
}
