//! The task: what is asked for, how far it is, and its predictions.

use super::fidelity;
use crate::lab::Lab;
use crate::scenario::{self, Check, Prediction, Scenario, Sureness, Task, TaskReport};

/// The state of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    Done,
    /// The check does not hold yet.
    Todo,
    /// The subject is missing, so nothing can be said.
    Unknown,
}

/// One thing a task asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// The check's own name in its scenario.
    pub id: String,
    pub say: String,
    /// The tick under the applied policies.
    pub applied: Tick,
    /// The tick under the draft, while there is one.
    pub draft: Option<Tick>,
    /// True if the check must hold all along.
    pub invariant: bool,
    /// Whether the check asks for a guess: the open question says as much.
    pub guess: bool,
}

/// A question asked before a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PredictionRow {
    /// The question's own name in its scenario.
    pub id: String,
    pub ask: String,
    /// The answers to choose from, in the order in which they are shown.
    pub options: Vec<String>,
    /// The place of the one chosen among them.
    pub chosen: Option<usize>,
    /// The place of the answer that was given first, where another one was given after it.
    pub first: Option<usize>,
    /// Whether what is asked has happened already, so that nothing is to be expected.
    pub past: bool,
    /// Whether the answer was given only once it was to be seen: then it is no guess.
    pub late: bool,
    /// The cell of the grid that the question is about: its row and its column.
    pub cell: Option<(String, String)>,
    /// How sure the learner was, if they said so.
    pub sure: Option<Sureness>,
    /// Once something has shown it: whether it was right, and why.
    pub outcome: Option<(bool, String)>,
    /// The right answer, once that is shown.
    pub truth: Option<String>,
    /// The moment at which the guess was compared with what happened, counted in such moments.
    pub place: usize,
}

impl PredictionRow {
    /// Puts what `key` answers for each action in place of the keys that the texts name.
    pub fn name_keys(&mut self, key: &dyn Fn(&str) -> String) {
        let name = |text: &mut String| *text = scenario::name_keys(text, key);
        name(&mut self.ask);
        self.options.iter_mut().chain(&mut self.truth).for_each(name);
        self.outcome.iter_mut().map(|(_, why)| why).for_each(name);
    }

    /// Whether what was guessed has turned out right: not an answer given again, nor one that was seen before.
    pub fn was_right(&self) -> bool {
        let right = self.outcome.as_ref().is_some_and(|(right, _)| *right);
        right && self.first.is_none() && !self.late
    }

    /// Whether the answer was right, in words, once that is known.
    pub fn verdict(&self) -> Option<&'static str> {
        let (right, _) = self.outcome.as_ref()?;
        Some(match (self.was_right(), *right) {
            (true, _) => "Your guess was right",
            // An answer given again, or one that was to be seen, is no guess.
            (false, true) => "That is right",
            (false, false) => "Your guess was wrong",
        })
    }

    /// Whether an answer was given before it was to be seen: those count among the guesses.
    pub fn was_guessed(&self) -> bool {
        self.chosen.is_some() && !self.late
    }

    /// What is to be known about an answer besides the answer: how sure it was, that it was no guess, or not the first.
    pub fn aside(&self) -> String {
        let mut out = Vec::new();
        out.extend(self.sure.map(|sure| sure.words().to_owned()));
        if self.late {
            out.push("answered after it was to be seen, so no guess".to_owned());
        }
        if let Some(first) = self.first.and_then(|first| self.options.get(first)) {
            out.push(format!("answered again; at first: {first}"));
        }
        if out.is_empty() { String::new() } else { format!(" ({})", out.join("; ")) }
    }

    /// The answer given, in words.
    pub fn said(&self) -> Option<&str> {
        self.options.get(self.chosen?).map(String::as_str)
    }
}

/// The current task, as the task pane shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskView {
    /// The story, a paragraph an entry.
    pub story: Vec<String>,
    pub say: String,
    pub checks: Vec<CheckRow>,
    /// The questions of the task, in their order.
    pub predictions: Vec<PredictionRow>,
    /// Which of them can be answered now: one without an answer, or one whose wrong answer stands in the way.
    pub open: Option<usize>,
    /// The questions of the tasks that were done a moment ago.
    pub before: Vec<PredictionRow>,
    /// The predictions of the tasks before the current one.
    pub earlier: Vec<PredictionRow>,
    /// The hints shown so far.
    pub hints: Vec<String>,
    /// How many hints the task has. None comes for a check that holds, so that the last ones may be left out.
    pub hint_count: usize,
    /// The number of the hint that comes next.
    pub hint_next: Option<usize>,
    /// What the last wrong attempt is told.
    pub feedback: Option<String>,
    /// Whether that is said of something half done, and no mistake.
    pub halfway: bool,
    /// After the last task: what was learned.
    pub debrief: Vec<String>,
    /// What this scenario leaves out of the real AWS, and which doubtful rules its world turns.
    pub simplified: Vec<String>,
}

impl TaskView {
    /// The question to answer now.
    pub fn question(&self) -> Option<&PredictionRow> {
        self.predictions.get(self.open?)
    }

    /// The question whose answer has met what happened last.
    pub fn judged_last(&self) -> Option<&PredictionRow> {
        let all = self.earlier.iter().chain(&self.before).chain(&self.predictions);
        all.filter(|row| row.chosen.is_some() && row.outcome.is_some()).max_by_key(|row| row.place)
    }

    /// Puts what `key` answers for each action in place of the keys that the scenario's texts name.
    pub fn name_keys(&mut self, key: &dyn Fn(&str) -> String) {
        let name = |text: &mut String| *text = scenario::name_keys(text, key);
        let Self {
            story,
            say,
            checks,
            predictions,
            open: _,
            before,
            earlier,
            hints,
            hint_count: _,
            hint_next: _,
            feedback,
            halfway: _,
            debrief,
            simplified,
        } = self;
        name(say);
        story.iter_mut().chain(hints).chain(debrief).chain(simplified).chain(feedback).for_each(name);
        checks.iter_mut().map(|check| &mut check.say).for_each(name);
        for row in predictions.iter_mut().chain(before).chain(earlier) {
            row.name_keys(key);
        }
    }

    /// The questions whose answers have been compared with what happened since it stood as in `earlier`.
    pub fn newly_judged(&self, earlier: &Self) -> Vec<&PredictionRow> {
        let judged = |p: &&PredictionRow| {
            let before = earlier.predictions.iter().find(|before| before.id == p.id);
            p.outcome.is_some() && before.is_some_and(|before| before.outcome != p.outcome)
        };
        self.earlier.iter().chain(&self.before).chain(&self.predictions).filter(judged).collect()
    }
}

/// Returns the task on the screen. `dirty` tells whether the checks are shown on the draft as well.
pub(super) fn task(lab: &Lab, dirty: bool) -> TaskView {
    let scenario = lab.scenario();
    let current = lab.current_task();
    let at = current.unwrap_or(scenario.tasks.len().saturating_sub(1));
    let task = scenario.tasks.get(at);
    let report = lab.reports().get(at);
    let on_draft = lab.draft_reports().filter(|_| dirty).and_then(|r| r.get(at));
    let hints: Vec<String> = lab.hints(at).into_iter().map(str::to_owned).collect();
    let feedback = scenario::feedback(lab.draft_reports().filter(|_| dirty).unwrap_or(lab.reports()));
    TaskView {
        story: scenario.story.clone(),
        say: task.map(|t| t.say.clone()).unwrap_or_default(),
        checks: report.zip(task).map(|(r, t)| checks(t, r, on_draft)).unwrap_or_default(),
        predictions: task.map(|t| predictions(lab, t)).unwrap_or_default(),
        open: task
            .zip(lab.next_prediction())
            .and_then(|(t, open)| t.predictions.iter().position(|p| p == open)),
        before: lab.tasks_just_done().flat_map(|t| predictions(lab, t)).collect(),
        earlier: scenario.tasks[..at.min(scenario.tasks.len())]
            .iter()
            .filter(|task| lab.tasks_just_done().all(|done| done.id != task.id))
            .flat_map(|t| predictions(lab, t))
            .collect(),
        hint_count: task.map_or(0, |task| task.hints.len()),
        hint_next: current.filter(|task| !lab.hints_to_come(*task).is_empty()).map(|_| hints.len() + 1),
        hints,
        feedback: feedback.map(|feedback| feedback.say.clone()),
        halfway: feedback.is_some_and(|feedback| feedback.halfway),
        debrief: if current.is_none() && !scenario.tasks.is_empty() {
            scenario.debrief.clone()
        } else {
            Vec::new()
        },
        simplified: simplified(scenario),
    }
}

fn simplified(scenario: &Scenario) -> Vec<String> {
    let turned = fidelity::turned_rules(&scenario.fidelity);
    scenario.simplified.iter().cloned().chain(turned).collect()
}

fn checks(task: &Task, report: &TaskReport, draft: Option<&TaskReport>) -> Vec<CheckRow> {
    let asks_for_a_guess =
        |at: usize| task.checks.get(at).is_some_and(|named| matches!(named.check, Check::Predicted(_)));
    let tick = |v: scenario::CheckStatus| match v {
        scenario::CheckStatus::Pass => Tick::Done,
        scenario::CheckStatus::Fail => Tick::Todo,
        scenario::CheckStatus::CannotTell => Tick::Unknown,
    };
    let rows = |now: &[scenario::CheckReport], then: Option<&[scenario::CheckReport]>, invariant: bool| {
        now.iter()
            .enumerate()
            .map(|(i, c)| CheckRow {
                id: c.id.clone(),
                say: c.say.clone(),
                applied: tick(c.verdict),
                draft: then.and_then(|t| t.get(i)).map(|c| tick(c.verdict)),
                invariant,
                guess: !invariant && asks_for_a_guess(i),
            })
            .collect::<Vec<_>>()
    };
    let mut out = rows(&report.checks, draft.map(|d| d.checks.as_slice()), false);
    out.extend(rows(&report.invariants, draft.map(|d| &*d.invariants), true));
    out
}

/// The questions of a task, with what was answered and how that compares with what happened.
pub(super) fn predictions(lab: &Lab, task: &Task) -> Vec<PredictionRow> {
    let read = |prediction: &Prediction| {
        let chosen = lab.progress().choice_of(&prediction.id);
        // Whoever is asked again is not told the answer.
        let again = chosen.is_some() && lab.next_prediction() == Some(prediction);
        let outcome = chosen.zip(lab.was_right(prediction)).map(|(choice, right)| {
            let said = prediction.choices.get(choice).and_then(|c| c.say.clone());
            let truth = lab.stage().right_choice(&prediction.id).and_then(|i| prediction.choices.get(i));
            let why = said
                .or_else(|| truth.filter(|_| !right && !again).map(|c| c.text.clone()))
                .unwrap_or_default();
            // The verdict stands before it.
            let word = ["Right. ", "Right: ", "Right, "].iter().find_map(|word| why.strip_prefix(word));
            (right, word.unwrap_or(&why).to_owned())
        });
        let order = lab.stage().order_of(prediction);
        let shown = order.iter().filter_map(|choice| prediction.choices.get(*choice));
        let options = shown.map(|choice| choice.text.clone()).collect();
        let place_of = |chosen: usize| order.iter().position(|choice| *choice == chosen);
        let chosen = chosen.and_then(place_of);
        let first = lab.progress().first_choice_of(&prediction.id).and_then(place_of);
        let sure = lab.progress().sureness_of(&prediction.id);
        let truth = lab.stage().right_choice(&prediction.id).filter(|_| outcome.is_some() && !again);
        let truth = truth.and_then(|right| prediction.choices.get(right)).map(|choice| choice.text.clone());
        let place = lab.revealed_at(&prediction.id).unwrap_or_default();
        PredictionRow {
            id: prediction.id.clone(),
            ask: prediction.ask.clone(),
            options,
            chosen,
            first,
            past: lab.next_prediction() == Some(prediction) && lab.asks_of_the_past(prediction),
            late: lab.progress().is_late(&prediction.id),
            cell: prediction.cell.as_ref().map(|cell| (cell.row.clone(), cell.column.clone())),
            sure,
            outcome,
            truth,
            place,
        }
    };
    task.predictions.iter().map(read).collect()
}
