//! Predictions: what the learner expects to happen, and what has shown whether it was right.

use std::sync::Arc;

use super::journal::Entry;
use super::{Beliefs, CallMade, Lab, Preview, Shown, Step, Watched};
use crate::scenario::{Action, Check, Persona, Prediction, Seen, Sureness, Task};

/// How many of the last steps a question is taken to ask about.
const LATE_STEPS: usize = 16;

impl Lab {
    /// Predicts: takes one of the choices of a prediction.
    pub fn predict(&mut self, prediction: &str, choice: usize) {
        self.unsaved.push(Entry::Predict { prediction: prediction.to_owned(), choose: choice });
        if self.tasks.progress.choice_of(prediction).is_none()
            && self.was_seen(prediction, self.done_since_task_began())
        {
            self.tasks.progress.be_late(prediction);
        }
        // The cells of a grid are filled in and mended until the last one is.
        let of_open_grid = self.withheld_predictions().any(|one| one.id == prediction && one.cell.is_some());
        self.tasks.progress.choose(prediction, choice, !of_open_grid);
        // A prediction about something that was seen already needs nothing more to be shown.
        self.tasks.revealed.retain(|(revealed, _)| revealed != prediction);
        if self.stage.scenario.tasks.iter().any(|task| must_be_right(task, prediction)) {
            self.reveal(vec![prediction.to_owned()]);
        }
        self.refresh();
    }

    /// Returns the choice that is shown at a place, from 0, among the answers to a question.
    pub fn choice_at(&self, prediction: &Prediction, place: usize) -> Option<usize> {
        self.stage.order_of(prediction).get(place).copied()
    }

    /// Says how sure one is of the answer given to a question.
    pub fn be_sure(&mut self, prediction: &str, sure: Sureness) {
        if self.tasks.progress.choice_of(prediction).is_some() {
            self.unsaved.push(Entry::Sure { question: prediction.to_owned(), sure });
            self.tasks.progress.be_sure(prediction, sure);
        }
    }

    /// Tells whether an open prediction of the current task is about what putting the document on the screen in force
    /// would lead to: then the guess comes first, and what a draft would change is not shown.
    pub fn document_waits_for_guess(&self) -> bool {
        let Some(draft) = self.draft() else { return false };
        let put =
            draft.document().put(self.world(), draft.base()).ok().filter(|_| draft.document().is_editable());
        let Some(action) = put.map(|call| call.action()) else { return false };
        self.open_predictions().any(|prediction| self.stage.is_about(prediction, &action))
    }

    /// Returns the prediction to make now: the first of the current task that was not made, and whose time has come; else
    /// the first whose wrong choice stands in the way of the task.
    pub fn next_prediction(&self) -> Option<&Prediction> {
        let current = self.current_task()?;
        let task = self.stage.scenario.tasks.get(current)?;
        let is_due = |prediction: &&Prediction| {
            prediction.once.as_deref().is_none_or(|check| self.holds_in(current, check))
        };
        let again = || {
            let wrong = |prediction: &Prediction| self.was_right(prediction) == Some(false);
            task.predictions.iter().find(|p| wrong(p) && must_be_right(task, &p.id))
        };
        self.open_predictions().find(is_due).or_else(again)
    }

    /// Returns the question that waits for a first answer now.
    pub fn open_question(&self) -> Option<&Prediction> {
        self.next_prediction().filter(|open| self.tasks.progress.choice_of(&open.id).is_none())
    }

    /// Tells whether a question asks for the reason of what has happened: some call has shown already what it asks for.
    pub fn asks_of_the_past(&self, prediction: &Prediction) -> bool {
        let done = self.history.done();
        self.was_seen(&prediction.id, done.get(done.len().saturating_sub(LATE_STEPS)..).unwrap_or_default())
    }

    /// Tells whether one of these steps has shown already what a question asks for.
    fn was_seen(&self, prediction: &str, steps: &[Arc<Step>]) -> bool {
        let Some(prediction) = self.stage.scenario.predictions().find(|p| p.id == prediction) else {
            return false;
        };
        if !prediction.after.last().is_none_or(|step| self.has_happened(&step.action)) {
            return false;
        }
        steps.iter().any(|step| {
            step.call().is_some_and(|made| {
                let seen = Seen {
                    caller: &made.caller,
                    call: &made.call,
                    outcome: &made.outcome,
                    world: &step.world,
                };
                self.stage.shows(prediction, seen)
            })
        })
    }

    /// Returns the question for the reason of a prediction, if it is the one to answer now.
    pub fn reason_to_give(&self, prediction: &str) -> Option<&Prediction> {
        self.open_question().filter(|open| open.reason_of.as_deref() == Some(prediction))
    }

    /// Returns the predictions of the current task that were not made yet.
    fn open_predictions(&self) -> impl Iterator<Item = &Prediction> {
        let task = self.current_task().and_then(|task| self.stage.scenario.tasks.get(task));
        let predictions = task.into_iter().flat_map(|task| &task.predictions);
        predictions.filter(|prediction| self.tasks.progress.choice_of(&prediction.id).is_none())
    }

    /// Returns the predictions of the current task whose answers are not shown yet: those that were not made, and those of a
    /// grid until its last cell is filled.
    fn withheld_predictions(&self) -> impl Iterator<Item = &Prediction> {
        let grid = self.open_predictions().any(|prediction| prediction.cell.is_some());
        let task = self.current_task().and_then(|task| self.stage.scenario.tasks.get(task));
        let is_open = |id: &str| self.tasks.progress.choice_of(id).is_none();
        let predictions = task.into_iter().flat_map(|task| &task.predictions);
        predictions.filter(move |prediction| is_open(&prediction.id) || grid && prediction.cell.is_some())
    }

    /// Tells whether a prediction was right; `None` until something has revealed it. The end of its task does in any case.
    pub fn was_right(&self, prediction: &Prediction) -> Option<bool> {
        let choice = self.tasks.progress.choice_of(&prediction.id)?;
        self.stage.is_right(&prediction.id, choice).filter(|_| self.revealed_at(&prediction.id).is_some())
    }

    /// The tasks before the one on the screen whose end is the last thing that happened. Several can end at once.
    pub fn tasks_just_done(&self) -> impl Iterator<Item = &Task> {
        let tasks = &self.stage.scenario.tasks;
        let now = self.history.point();
        // Once all are done, those that ended with the last one never had a task begin after them.
        let last = tasks.len().saturating_sub(1);
        let shown = self.current_task().unwrap_or(last);
        tasks.iter().enumerate().take(shown).filter_map(move |(index, task)| {
            let next = self.tasks.began.get(index + 1);
            next.map_or(shown == last, |next| *next == now && self.current_task().is_some()).then_some(task)
        })
    }

    /// Tells whether what an identity would get gives away an open prediction, and so is not shown.
    ///
    /// The result of a call that the identity has really made is no secret.
    pub fn is_spoiler(&self, identity: usize) -> bool {
        self.tasks.spoilers.get(identity).copied().unwrap_or_default() && self.last_result(identity).is_none()
    }

    /// Returns at which moment of revealing a prediction was revealed; `None` while it is not.
    pub fn revealed_at(&self, prediction: &str) -> Option<usize> {
        self.tasks.revealed.iter().find(|(revealed, _)| revealed == prediction).map(|(_, moment)| *moment)
    }

    /// Returns what the guesses made here have shown, those before beginning again included.
    pub fn beliefs(&self) -> Beliefs {
        let mut beliefs = self.tasks.beliefs.clone();
        let tasks = &self.stage.scenario.tasks;
        if !tasks.is_empty() && self.current_task().is_none() {
            self.stage.scenario.myths.iter().for_each(|myth| beliefs.note(&myth.id, Shown::Seen));
        }
        beliefs
    }

    /// Notes what an answer to a question has shown, now that it is known whether it was right.
    fn note_beliefs(&mut self, prediction: &str) {
        let Some(asked) = self.stage.scenario.prediction(prediction) else { return };
        let Some(chosen) = self.tasks.progress.choice_of(prediction) else { return };
        let myths =
            asked.choices.iter().enumerate().filter_map(|(at, choice)| Some((at, choice.myth.as_deref()?)));
        let shown = |at| if at == chosen { Shown::Missed } else { Shown::Seen };
        myths.for_each(|(at, myth)| self.tasks.beliefs.note(myth, shown(at)));
    }

    fn reveal(&mut self, predictions: Vec<String>) {
        let moment = self.tasks.revealed.last().map_or(0, |(_, moment)| moment + 1);
        let new: Vec<_> = predictions.into_iter().filter(|id| self.revealed_at(id).is_none()).collect();
        for prediction in &new {
            self.note_beliefs(prediction);
        }
        self.tasks.revealed.extend(new.into_iter().map(|prediction| (prediction, moment)));
    }

    /// Compares the predictions with a call that was made, and reveals those that it decides.
    pub(super) fn compare_predictions(&mut self, made: &CallMade) {
        let world = self.history.world();
        let seen = Seen { caller: &made.caller, call: &made.call, outcome: &made.outcome, world };
        let shown = |prediction: &&Prediction| {
            self.tasks.progress.choice_of(&prediction.id).is_some()
                && self.revealed_at(&prediction.id).is_none()
                && prediction.after.last().is_none_or(|step| self.has_happened(&step.action))
                && self.stage.shows(prediction, seen)
        };
        let predictions =
            self.stage.scenario.predictions().filter(shown).map(|prediction| prediction.id.clone());
        let predictions: Vec<String> = predictions.collect();
        self.reveal(predictions);
    }

    /// Tells whether something like `action` has been done: the same operation, with success, or waiting.
    fn has_happened(&self, action: &Action) -> bool {
        match action {
            Action::Call(wanted) => self.history.has_called(&wanted.operation),
            Action::Wait(_) => self.history.has_waited(),
            Action::Predict { .. } => false,
        }
    }

    /// Reveals the predictions of every task that is done, and finds out whose previews give open ones away.
    pub(super) fn refresh_predictions(&mut self) {
        self.reveal_done();
        self.refresh_spoilers();
    }

    /// Reveals the predictions of every task that is done.
    pub(super) fn reveal_done(&mut self) {
        let done = self.stage.scenario.tasks.iter().zip(&self.tasks.done).filter(|(_, done)| **done);
        let open = |prediction: &&Prediction| self.revealed_at(&prediction.id).is_none();
        let predictions = done.flat_map(|(task, _)| &task.predictions).filter(open);
        let predictions: Vec<String> = predictions.map(|prediction| prediction.id.clone()).collect();
        self.reveal(predictions);
    }

    /// Finds out whose previews give open predictions away.
    fn refresh_spoilers(&mut self) {
        let began = self.tasks.began.last().copied().unwrap_or_default();
        let world = self.history.world_at(began);
        let open: Vec<&Prediction> = self.withheld_predictions().collect();
        let call = self.watched.as_ref().map(Watched::call);
        let spoilers = |(persona, preview): (&Persona, &Preview)| {
            let (caller, outcome) = (&persona.caller, &*preview.now);
            let seen = call.as_ref().map(|call| Seen { caller, call, outcome, world });
            seen.is_some_and(|seen| open.iter().any(|prediction| self.stage.gives_away(prediction, seen)))
        };
        self.tasks.spoilers = self.personas.iter().zip(&self.previews).map(spoilers).collect();
    }
}

/// Tells whether a task is done only once that prediction of it is right.
fn must_be_right(task: &Task, prediction: &str) -> bool {
    task.checks.iter().any(
        |named| matches!(&named.check, Check::Predicted(a) if a.prediction == prediction && a.right == Some(true)),
    )
}
