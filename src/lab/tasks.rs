//! The tasks of the scenario: how they stand, their questions and hints, and beginning again.

use std::sync::Arc;

use super::console::{Console, RealFiles};
use super::journal::Entry;
use super::{History, Lab, Step};
use crate::scenario::{Check, Predict, Progress, TaskReport};

impl Lab {
    /// How the tasks stand, in the order of the scenario.
    pub fn reports(&self) -> &[TaskReport] {
        &self.reports
    }

    /// How the tasks would stand with the draft in force; `None` while there is nothing to compare.
    pub fn draft_reports(&self) -> Option<&[TaskReport]> {
        self.draft_reports.as_deref()
    }

    /// The first task that is not done, as an index; `None` when all are.
    pub fn current_task(&self) -> Option<usize> {
        self.reports.iter().position(|report| !report.is_done())
    }

    /// Answers given, checks that were once green.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Answers a prediction with one of its choices.
    pub fn answer(&mut self, question: &str, choice: usize) {
        self.unsaved.push(Entry::Answer { question: question.to_owned(), choose: choice });
        self.progress.answer(question, choice);
        self.answered_after.insert(question.to_owned(), self.history.done().len());
        self.refresh();
    }

    /// The question to answer now: the first of the current task without an answer.
    pub fn open_question(&self) -> Option<&Predict> {
        let task = self.stage.scenario.tasks.get(self.current_task()?)?;
        task.predict.iter().find(|predict| self.progress.answer_to(&predict.id).is_none())
    }

    /// The question that can be answered now: the open one, else one of the current task whose wrong answer stands in
    /// the way of the task.
    pub fn question_to_answer(&self) -> Option<&Predict> {
        let task = self.stage.scenario.tasks.get(self.current_task()?)?;
        let demands = |question: &str| {
            task.checks.iter().any(|named| {
                matches!(&named.check, Check::Answered(a) if a.question == question && a.right == Some(true))
            })
        };
        let wrong = |predict: &&Predict| {
            let choice = self.progress.answer_to(&predict.id);
            choice.is_some_and(|choice| self.stage.is_right(&predict.id, choice) == Some(false))
        };
        let again = task.predict.iter().filter(wrong).find(|predict| demands(&predict.id));
        self.open_question().or(again)
    }

    /// Whether the answer to a question was right; `None` until something was done that tells.
    pub fn judgement(&self, predict: &Predict) -> Option<bool> {
        let choice = self.progress.answer_to(&predict.id)?;
        let since = self.answered_after.get(&predict.id).copied().unwrap_or_default();
        // A question about the world after an edit is settled by an edit, not by a look.
        let settles = |step: &Arc<Step>| {
            let changes = step.call().is_none_or(|made| {
                made.outcome.result.is_ok() && made.outcome.events.first().is_some_and(|e| !e.read_only)
            });
            predict.after.is_empty() || changes
        };
        let steps = self.history.done().get(since..).unwrap_or_default();
        // After an edit, somebody has to look before it shows.
        let looks = |step: &Arc<Step>| {
            step.call().is_some_and(|made| made.outcome.events.first().is_none_or(|event| event.read_only))
        };
        let settled = steps.iter().position(settles).and_then(|at| steps.get(at..)).unwrap_or_default();
        let told = self.current_task().is_none()
            || if predict.after.is_empty() { !settled.is_empty() } else { settled.iter().any(looks) };
        self.stage.is_right(&predict.id, choice).filter(|_| told)
    }

    /// The hints of a task shown so far.
    pub fn hints(&self, task: usize) -> &[String] {
        let all = self.stage.scenario.tasks.get(task).map_or(&[][..], |task| &task.hints);
        let shown = self.hints.get(task).copied().unwrap_or_default();
        &all[..shown.min(all.len())]
    }

    /// Shows the next hint of the current task.
    pub fn hint(&mut self) {
        if let Some(shown) = self.current_task().and_then(|task| self.hints.get_mut(task)) {
            *shown += 1;
            self.unsaved.push(Entry::Hint);
        }
    }

    /// The task that [`Lab::restart_task`] would begin again: the current one, or the last when all are done.
    pub fn last_begun(&self) -> Option<usize> {
        self.began.len().checked_sub(1)
    }

    /// Begins the current task again: goes to where it began, and forgets its answers and hints. What was done since
    /// stays in the history.
    pub fn restart_task(&mut self) {
        let Some((task, point)) = self.last_begun().zip(self.began.last().copied()) else { return };
        let stage = self.stage.clone();
        for (task, hints) in stage.scenario.tasks.iter().zip(&mut self.hints).skip(task) {
            self.progress.forget(task);
            *hints = 0;
        }
        self.unsaved.push(Entry::RestartTask);
        self.history.go_to_point(point);
        self.refresh();
    }

    /// Starts the scenario again.
    pub fn reset(&mut self) {
        self.unsaved.push(Entry::Reset);
        self.personas = self.stage.personas.clone();
        let start = self.personas.iter().position(|p| p.name == self.stage.scenario.start_as);
        self.acting = start.unwrap_or_default();
        self.console = Console::new(self.stage.names.clone(), &self.persona().name, Arc::new(RealFiles));
        self.transcript.clear();
        self.chosen = None;
        self.history = History::new(self.stage.world.clone());
        self.progress = Progress::default();
        self.began.clear();
        self.answered_after.clear();
        self.hints.fill(0);
        if let Some(draft) = self.draft.take() {
            self.open_document(draft.document().clone());
        }
        self.refresh();
    }
}
