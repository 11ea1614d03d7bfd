//! What an author must be able to prove: that the start is unsolved, every way to the goal works, every mistake is
//! caught with its own words, and nothing in the file is dead.

use std::collections::{BTreeMap, BTreeSet};

use super::check::CheckStatus;
use super::format::{Scenario, Step};
use super::play::Play;
use super::report::{TaskReport, feedback};
use super::{ScenarioError, Stage};

/// Something that could not be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub proof: &'static str,
    /// What is wrong, and where.
    pub message: String,
}

/// Proves one scenario, or says everything that is wrong with it.
pub fn prove(scenario: Scenario) -> Result<Vec<Flaw>, ScenarioError> {
    let stage = scenario.clone().build()?;
    let mut prover = Prover { stage: &stage, flaws: Vec::new(), red: BTreeSet::new() };
    prover.start();
    prover.predictions();
    prover.solution();
    prover.also();
    prover.wrong();
    prover.no_dead_steps();
    prover.no_dead_checks();
    let mut flaws = prover.flaws;
    let again = scenario.build()?;
    if transcript(&stage) != transcript(&again) {
        flaws.push(Flaw {
            proof: "same seed, same bytes",
            message: "two runs of the solution differ".to_owned(),
        });
    }
    Ok(flaws)
}

/// Proves that ideas which scenarios require are taught by others, and not in a circle. `library` is what else exists.
pub fn prove_together(scenarios: &[&Scenario], library: &[&Scenario]) -> Vec<(String, Flaw)> {
    let mut flaws = Vec::new();
    let mut teachers: BTreeMap<&str, Vec<&Scenario>> = BTreeMap::new();
    for scenario in scenarios.iter().chain(library) {
        for idea in &scenario.teaches {
            teachers.entry(idea).or_default().push(scenario);
        }
    }
    let mut seen = BTreeSet::new();
    for scenario in scenarios {
        let mut flaw = |proof, message| flaws.push((scenario.id.clone(), Flaw { proof, message }));
        if !seen.insert(&scenario.id) {
            flaw("unique ids", format!("two scenarios have the id {}", scenario.id));
        }
        for idea in &scenario.requires {
            if !teachers.contains_key(idea.as_str()) {
                flaw(
                    "required ideas are taught",
                    format!("no scenario teaches `{idea}`, which this one requires"),
                );
            }
        }
        if leads_to(scenario, scenario, &teachers, &mut BTreeSet::new()) {
            let message =
                "what this scenario teaches is required, in a circle, by what it requires".to_owned();
            flaw("no circle of ideas", message);
        }
    }
    flaws
}

/// Whether `from` requires, directly or not, something that `goal` teaches.
fn leads_to<'a>(
    from: &'a Scenario,
    goal: &Scenario,
    teachers: &BTreeMap<&str, Vec<&'a Scenario>>,
    visited: &mut BTreeSet<&'a str>,
) -> bool {
    from.requires.iter().any(|idea| {
        goal.teaches.contains(idea)
            || teachers
                .get(idea.as_str())
                .into_iter()
                .flatten()
                .any(|teacher| visited.insert(&teacher.id) && leads_to(teacher, goal, teachers, visited))
    })
}

/// Everything the solution shows, ids included.
fn transcript(stage: &Stage) -> String {
    let mut play = Play::new(stage);
    let mut text = String::new();
    for step in &stage.scenario.solution {
        let report = play.step(step);
        text.extend([report.who, report.what, report.result, report.reasons.join("\n")]);
        if let Some(outcome) = &report.outcome {
            text += &outcome.request_id;
        }
    }
    for event in play.world.events() {
        text += &event.to_json().to_string();
    }
    text + &format!("{:?}", play.evaluate())
}

struct Prover<'s> {
    stage: &'s Stage,
    flaws: Vec<Flaw>,
    /// Checks that did not pass somewhere after the start.
    red: BTreeSet<String>,
}

impl Prover<'_> {
    fn flaw(&mut self, proof: &'static str, message: String) {
        self.flaws.push(Flaw { proof, message });
    }

    fn start(&mut self) {
        const PROOF: &str = "unsolved at the start";
        let mut play = Play::new(self.stage);
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
        for check in reports.first().into_iter().flat_map(|report| &report.invariants) {
            if check.verdict != CheckStatus::Pass {
                let message =
                    format!("the invariant `{}` does not hold at the start: {}", check.id, check.note);
                self.flaw("invariants hold at the start", message);
            }
        }
    }

    fn predictions(&mut self) {
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
            let mut play = Play::new(self.stage);
            for (index, step) in prediction.after.iter().enumerate() {
                if let Some(unmet) = play.step(step).unmet {
                    let message =
                        format!("step {} of `after` of the question `{}`: {unmet}", index + 1, prediction.id);
                    self.flaw(PROOF, message);
                }
            }
        }
    }

    /// Plays a path and returns the standing after each step, the start first.
    fn play(
        &mut self,
        proof: &'static str,
        path: &str,
        steps: &[Step],
        strict: bool,
    ) -> Vec<Vec<TaskReport>> {
        let mut play = Play::new(self.stage);
        let mut standings = vec![play.evaluate()];
        for (index, step) in steps.iter().enumerate() {
            let report = play.step(step);
            if strict && let Some(unmet) = report.unmet {
                let message = format!("{path}: step {} ({} {}): {unmet}", index + 1, report.who, report.what);
                self.flaw(proof, message);
            }
            let standing = play.evaluate();
            for report in &standing {
                for check in report.checks.iter().chain(&report.invariants) {
                    if check.verdict != CheckStatus::Pass {
                        self.red.insert(check.id.clone());
                    }
                }
            }
            standings.push(standing);
        }
        standings
    }

    fn unsolved(standing: &[TaskReport]) -> Vec<String> {
        let invariants = standing.first().into_iter().flat_map(|report| &report.invariants);
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

    fn solution(&mut self) {
        const PROOF: &str = "the solution works";
        let steps = &self.stage.scenario.solution;
        let standings = self.play(PROOF, "the solution", steps, true);
        if let Some(end) = standings.last() {
            self.must_solve(PROOF, "the solution", end);
        }
        self.in_order(&standings);
    }

    /// Task by task: each is done no later than its last step, and no check that passed fails again.
    fn in_order(&mut self, standings: &[Vec<TaskReport>]) {
        let tasks = &self.stage.scenario.tasks;
        let place = |id: &str| tasks.iter().position(|task| task.id == id);
        let mut current = 0;
        let mut last_step = vec![0; tasks.len()];
        for (index, step) in self.stage.scenario.solution.iter().enumerate() {
            if let Some(task) = step.task.as_deref().and_then(place) {
                if task < current {
                    let message = format!("step {} goes back to the task `{}`", index + 1, tasks[task].id);
                    self.flaw("tasks in order", message);
                }
                current = task;
            }
            if let Some(last) = last_step.get_mut(current) {
                *last = index + 1;
            }
        }
        for (task, last) in tasks.iter().zip(&last_step) {
            if *last == 0 {
                self.flaw(
                    "tasks in order",
                    format!(
                        "no step of the solution works at the task `{}`; mark steps with \"task\"",
                        task.id
                    ),
                );
                continue;
            }
            let report = standings.get(*last).and_then(|reports| reports.iter().find(|r| r.id == task.id));
            for check in report.into_iter().flat_map(|report| &report.checks) {
                if check.verdict != CheckStatus::Pass {
                    let message = format!(
                        "after step {last}, the last one of the task `{}`, its check `{}` does not pass: {}",
                        task.id, check.id, check.note
                    );
                    self.flaw("tasks in order", message);
                }
            }
        }
        self.no_way_back(standings);
    }

    fn no_way_back(&mut self, standings: &[Vec<TaskReport>]) {
        let mut passed: BTreeSet<&str> = BTreeSet::new();
        let mut reverted: BTreeSet<&str> = BTreeSet::new();
        for check in standings.iter().flatten().flat_map(|report| &report.checks) {
            if check.verdict == CheckStatus::Pass {
                passed.insert(&check.id);
            } else if passed.contains(check.id.as_str()) {
                reverted.insert(&check.id);
            }
        }
        for id in reverted {
            let message = format!(
                "the check `{id}` passes and later fails again along the solution; let it latch if that is meant"
            );
            self.flaw("no check goes back", message);
        }
    }

    fn also(&mut self) {
        const PROOF: &str = "other ways work";
        for path in &self.stage.scenario.also {
            let name = format!("the way \"{}\"", path.name);
            let standings = self.play(PROOF, &name, &path.steps, true);
            if let Some(end) = standings.last() {
                self.must_solve(PROOF, &name, end);
            }
        }
    }

    fn wrong(&mut self) {
        const PROOF: &str = "mistakes are caught";
        for path in &self.stage.scenario.wrong {
            let name = format!("the mistake \"{}\"", path.name);
            let standings = self.play(PROOF, &name, &path.steps, true);
            let Some(end) = standings.last() else { continue };
            if Self::unsolved(end).is_empty() {
                self.flaw(PROOF, format!("{name} turns everything green"));
                continue;
            }
            match feedback(end) {
                Some(rule) if rule.id == path.feedback => {}
                Some(rule) => {
                    let message = format!("{name} is told `{}`, not `{}`", rule.id, path.feedback);
                    self.flaw(PROOF, message);
                }
                None => self.flaw(PROOF, format!("{name} is told nothing, not `{}`", path.feedback)),
            }
        }
    }

    fn no_dead_steps(&mut self) {
        let steps = &self.stage.scenario.solution;
        for left_out in 0..steps.len() {
            let mut rest = steps.clone();
            rest.remove(left_out);
            let standings = self.play("no dead steps", "", &rest, false);
            if standings.last().is_some_and(|end| Self::unsolved(end).is_empty()) {
                let message = format!("without step {} the solution works as well", left_out + 1);
                self.flaw("no dead steps", message);
            }
        }
    }

    fn no_dead_checks(&mut self) {
        let scenario = &self.stage.scenario;
        let checks = scenario.tasks.iter().flat_map(|task| &task.checks).chain(&scenario.invariants);
        for check in checks {
            if !self.red.contains(&check.id) {
                let message = format!(
                    "the check `{}` never fails on any path after the start; add a mistake that it catches",
                    check.id
                );
                self.flaw("no dead checks", message);
            }
        }
    }
}
