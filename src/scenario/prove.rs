//! What an author must be able to prove: that the start is unsolved, every way to the goal works, every mistake is
//! caught with its own words, and nothing in the file is dead.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::Budget;
use super::finding::CheckStatus;
use super::format::{Scenario, Step, Task};
use super::play::Play;
use super::report::{TaskReport, feedback};
use super::{ScenarioError, Stage};
use crate::limits::scenario::{PLAYED, PROBLEMS};

/// Something that could not be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub proof: &'static str,
    /// What is wrong, and where.
    pub message: String,
}

/// Proves one scenario, or says everything that is wrong with it.
///
/// # Errors
///
/// If the world cannot be set up, or the proof would take more than the limits allow.
pub fn prove(scenario: Scenario) -> Result<Vec<Flaw>, ScenarioError> {
    prove_within(scenario, Budget::new(&PLAYED))
}

/// The same with a budget of the caller's.
pub(super) fn prove_within(scenario: Scenario, budget: Budget) -> Result<Vec<Flaw>, ScenarioError> {
    let stage = scenario.clone().build()?;
    let mut prover =
        Prover { stage: &stage, budget, flaws: Vec::new(), dead: Vec::new(), red: BTreeSet::new() };
    prover.start()?;
    prover.predictions()?;
    prover.solution()?;
    prover.also()?;
    prover.wrong()?;
    prover.no_dead_steps();
    prover.no_dead_checks();
    let Prover { mut flaws, budget, .. } = prover;
    let again = scenario.build()?;
    if transcript(&stage, &budget)? != transcript(&again, &budget)? {
        flaws.push(Flaw {
            proof: "same seed, same bytes",
            message: "two runs of the solution differ".to_owned(),
        });
    }
    Ok(flaws)
}

/// Everything the solution shows, ids included.
fn transcript(stage: &Stage, budget: &Budget) -> Result<String, ScenarioError> {
    let mut play = Play::within(stage, budget.clone());
    let mut text = String::new();
    for step in &stage.scenario.solution {
        let report = play.step(step);
        text.extend([report.who, report.what, report.result, report.reasons.join("\n")]);
        if let Some(outcome) = &report.outcome {
            text += &outcome.request_id.to_string();
        }
    }
    for event in play.world.events() {
        text += &event.to_json().to_string();
    }
    let standing = format!("{:?}", play.evaluate());
    play.check().map(|()| text + &standing)
}

struct Prover<'s> {
    stage: &'s Stage,
    /// The decisions that all paths together may take.
    budget: Budget,
    flaws: Vec<Flaw>,
    /// Numbers of the steps without which the solution works as well.
    dead: Vec<usize>,
    /// Checks that did not pass somewhere after the start.
    red: BTreeSet<String>,
}

impl<'s> Prover<'s> {
    fn flaw(&mut self, proof: &'static str, message: String) {
        self.flaws.push(Flaw { proof, message });
    }

    fn at_start(&self) -> Play<'s> {
        Play::within(self.stage, self.budget.clone())
    }

    fn start(&mut self) -> Result<(), ScenarioError> {
        const PROOF: &str = "unsolved at the start";
        let mut play = self.at_start();
        let reports = play.evaluate();
        for report in &reports {
            for check in &report.checks {
                if check.verdict == CheckStatus::Pass {
                    let message = format!("the check `{}` passes before anybody has done anything", check.id);
                    self.flaw(PROOF, message);
                }
            }
            if let Some(rule) = &report.feedback {
                let message = format!("the feedback `{}` is said before anybody has done anything", rule.id);
                self.flaw(PROOF, message);
            }
        }
        for check in reports.first().into_iter().flat_map(|report| &*report.invariants) {
            if check.verdict != CheckStatus::Pass {
                let message =
                    format!("the invariant `{}` does not hold at the start: {}", check.id, check.note);
                self.flaw("invariants hold at the start", message);
            }
        }
        play.check()
    }

    fn predictions(&mut self) -> Result<(), ScenarioError> {
        const PROOF: &str = "one right answer";
        for prediction in self.stage.scenario.predictions() {
            let right = (0..prediction.choices.len())
                .filter(|c| self.stage.is_right(&prediction.id, *c) == Some(true));
            let right = right.count();
            if right != 1 {
                let message = format!(
                    "{right} choices of the question `{}` are right by the engine; one must be, no more and no less",
                    prediction.id
                );
                self.flaw(PROOF, message);
            }
            let mut play = self.at_start();
            for (index, step) in prediction.after.iter().enumerate() {
                if let Some(unmet) = play.step(step).unmet {
                    let message =
                        format!("step {} of `after` of the question `{}`: {unmet}", index + 1, prediction.id);
                    self.flaw(PROOF, message);
                }
            }
            play.check()?;
        }
        Ok(())
    }

    /// Plays a path and returns how the tasks stand at its end.
    fn play(
        &mut self,
        proof: &'static str,
        path: &str,
        steps: &[Step],
    ) -> Result<Vec<TaskReport>, ScenarioError> {
        let mut play = self.at_start();
        let mut standing = play.evaluate();
        for (index, step) in steps.iter().enumerate() {
            standing = self.step(&mut play, proof, path, (index, step))?;
        }
        Ok(standing)
    }

    /// Plays a path that may begin like another.
    fn play_on(
        &mut self,
        proof: &'static str,
        path: &str,
        (like, until): (Option<&str>, Option<usize>),
        steps: &[Step],
    ) -> Result<Vec<TaskReport>, ScenarioError> {
        let mut all = self.stage.scenario.first_steps(like, until);
        all.extend(steps.iter().cloned());
        self.play(proof, path, &all)
    }

    /// Plays one step, and returns how the tasks stand after it.
    fn step(
        &mut self,
        play: &mut Play<'s>,
        proof: &'static str,
        path: &str,
        (index, step): (usize, &Step),
    ) -> Result<Vec<TaskReport>, ScenarioError> {
        let report = play.step(step);
        if let Some(unmet) = report.unmet {
            let message = format!("{path}: step {} ({} {}): {unmet}", index + 1, report.who, report.what);
            self.flaw(proof, message);
        }
        let standing = play.evaluate();
        play.check()?;
        self.note_red(&standing);
        Ok(standing)
    }

    fn note_red(&mut self, standing: &[TaskReport]) {
        let invariants = standing.first().into_iter().flat_map(|report| &*report.invariants);
        let checks = standing.iter().flat_map(|report| &report.checks).chain(invariants);
        for check in checks.filter(|check| check.verdict != CheckStatus::Pass) {
            if !self.red.contains(&check.id) {
                self.red.insert(check.id.clone());
            }
        }
    }

    fn unsolved(standing: &[TaskReport]) -> Vec<String> {
        let invariants = standing.first().into_iter().flat_map(|report| &*report.invariants);
        let checks = standing.iter().flat_map(|report| &report.checks).chain(invariants);
        let red = checks.filter(|check| check.verdict != CheckStatus::Pass);
        red.map(|check| format!("`{}` ({})", check.id, check.note)).collect()
    }

    fn must_solve(&mut self, proof: &'static str, path: &str, standing: &[TaskReport]) {
        let red = Self::unsolved(standing);
        if !red.is_empty() {
            self.flaw(proof, format!("{path} leaves red: {}", red.join(", ")));
        }
    }

    fn solution(&mut self) -> Result<(), ScenarioError> {
        const PROOF: &str = "the solution works";
        let steps = &self.stage.scenario.solution;
        let ends = self.ends();
        let mut play = self.at_start();
        let mut standing = play.evaluate();
        let mut seen = Seen::default();
        seen.add(&standing);
        for (index, step) in steps.iter().enumerate() {
            if self.dead.len() < PROBLEMS.size() && self.works_without(&play, index, &ends)? {
                self.dead.push(index + 1);
            }
            standing = self.step(&mut play, PROOF, "the solution", (index, step))?;
            seen.add(&standing);
            for (place, (report, _)) in
                standing.iter().zip(&ends).enumerate().filter(|(_, (_, end))| **end == index + 1)
            {
                self.must_be_done(report, index + 1);
                if let Some((task, next)) = self.stage.scenario.tasks.iter().zip(&standing).nth(place + 1) {
                    self.must_be_open(task, next, index + 1);
                }
            }
        }
        self.must_solve(PROOF, "the solution", &standing);
        for id in seen.reverted {
            let message = format!(
                "the check `{id}` passes and later fails again along the solution; let it latch if that is meant"
            );
            self.flaw("no check goes back", message);
        }
        Ok(())
    }

    /// The number of the last step of the solution that works at each task; 0 where none does.
    fn ends(&mut self) -> Vec<usize> {
        let tasks = &self.stage.scenario.tasks;
        let places: BTreeMap<&str, usize> =
            tasks.iter().enumerate().map(|(place, task)| (task.id.as_str(), place)).collect();
        let mut current = 0;
        let mut ends = vec![0; tasks.len()];
        for (index, step) in self.stage.scenario.solution.iter().enumerate() {
            if let Some(task) = step.task.as_deref().and_then(|id| places.get(id).copied()) {
                if task < current {
                    let message = format!("step {} goes back to the task `{}`", index + 1, tasks[task].id);
                    self.flaw("tasks in order", message);
                }
                current = task;
            }
            if let Some(last) = ends.get_mut(current) {
                *last = index + 1;
            }
        }
        for (task, _) in tasks.iter().zip(&ends).filter(|(_, end)| **end == 0) {
            self.flaw(
                "tasks in order",
                format!("no step of the solution works at the task `{}`; mark steps with \"task\"", task.id),
            );
        }
        ends
    }

    /// Task by task: each is done no later than its last step.
    fn must_be_done(&mut self, report: &TaskReport, step: usize) {
        for check in report.checks.iter().filter(|check| check.verdict != CheckStatus::Pass) {
            let message = format!(
                "after step {step}, the last one of the task `{}`, its check `{}` does not pass: {}",
                report.id, check.id, check.note
            );
            self.flaw("tasks in order", message);
        }
    }

    /// What a task asks for is not there before the task begins: a check that passes by then asks nothing of anybody,
    /// unless it is about what has to stay.
    fn must_be_open(&mut self, task: &Task, report: &TaskReport, step: usize) {
        let passes = task
            .checks
            .iter()
            .zip(&report.checks)
            .filter(|(named, check)| !named.keep && check.verdict == CheckStatus::Pass);
        for (named, _) in passes {
            let message = format!(
                "after step {step}, before the task `{}` begins, its check `{}` passes already; let another task ask for \
                 that, or say `keep` if it has to stay so",
                task.id, named.id
            );
            self.flaw("tasks in order", message);
        }
    }

    /// Whether the solution works without one of its steps: every other step ends as it must, each task is done with its
    /// last step, and all is done at the end. `before` stands right before the step.
    ///
    /// Goes on from there instead of from the start, and only as far as something is missing. Checks are asked where a
    /// task ends; in between only those that latch.
    fn works_without(
        &mut self,
        before: &Play<'s>,
        left_out: usize,
        ends: &[usize],
    ) -> Result<bool, ScenarioError> {
        let scenario = &self.stage.scenario;
        let latches = scenario.tasks.iter().flat_map(|task| &task.checks).any(|named| named.latch);
        let mut play = before.clone();
        let mut works = true;
        for (index, step) in scenario.solution.iter().enumerate().skip(left_out) {
            if index > left_out {
                works = play.step(step).unmet.is_none();
                if latches {
                    play.latch();
                }
            }
            let ended = scenario.tasks.iter().zip(ends).filter(|(_, end)| **end == index + 1);
            for (task, _) in ended {
                works = works && play.is_done(task);
            }
            play.check()?;
            if !works {
                break;
            }
        }
        let standing = play.evaluate();
        play.check()?;
        self.note_red(&standing);
        Ok(works && Self::unsolved(&standing).is_empty())
    }

    fn also(&mut self) -> Result<(), ScenarioError> {
        const PROOF: &str = "other ways work";
        for path in &self.stage.scenario.also {
            let name = format!("the way \"{}\"", path.name);
            let end = self.play_on(PROOF, &name, (path.like.as_deref(), path.until), &path.steps)?;
            self.must_solve(PROOF, &name, &end);
        }
        Ok(())
    }

    fn wrong(&mut self) -> Result<(), ScenarioError> {
        const PROOF: &str = "mistakes are caught";
        for path in &self.stage.scenario.wrong {
            let name = format!("the mistake \"{}\"", path.name);
            let end = self.play_on(PROOF, &name, (path.like.as_deref(), path.until), &path.steps)?;
            if Self::unsolved(&end).is_empty() {
                self.flaw(PROOF, format!("{name} turns everything green"));
                continue;
            }
            match feedback(&end) {
                Some(rule) if rule.id == path.feedback => {}
                Some(rule) => {
                    let message = format!("{name} is told `{}`, not `{}`", rule.id, path.feedback);
                    self.flaw(PROOF, message);
                }
                None => self.flaw(PROOF, format!("{name} is told nothing, not `{}`", path.feedback)),
            }
        }
        Ok(())
    }

    fn no_dead_steps(&mut self) {
        for step in std::mem::take(&mut self.dead) {
            self.flaw("no dead steps", format!("without step {step} the solution works as well"));
        }
    }

    fn no_dead_checks(&mut self) {
        let scenario = &self.stage.scenario;
        let checks = scenario.tasks.iter().flat_map(|task| &task.checks).chain(&scenario.invariants);
        for check in checks {
            if !check.keep && !self.red.contains(&check.id) {
                let message = format!(
                    "the check `{}` never fails on any path after the start; add a mistake that it catches, or say `keep`",
                    check.id
                );
                self.flaw("no dead checks", message);
            }
        }
    }
}

/// Checks as they were seen along a path.
#[derive(Default)]
struct Seen {
    passed: BTreeSet<String>,
    /// The checks that passed and later did not.
    reverted: BTreeSet<String>,
}

impl Seen {
    fn add(&mut self, standing: &[TaskReport]) {
        // What was so while something was broken that must hold all along has not been done.
        let mut invariants = standing.first().into_iter().flat_map(|report| &*report.invariants);
        let sound = invariants.all(|check| check.verdict == CheckStatus::Pass);
        for check in standing.iter().flat_map(|report| &report.checks) {
            let has_passed = self.passed.contains(&check.id);
            match check.verdict {
                CheckStatus::Pass if sound && !has_passed => drop(self.passed.insert(check.id.clone())),
                CheckStatus::Fail | CheckStatus::CannotTell if has_passed => {
                    self.reverted.insert(check.id.clone());
                }
                CheckStatus::Pass | CheckStatus::Fail | CheckStatus::CannotTell => {}
            }
        }
    }
}
