//! The tasks of the scenario: how they stand, their hints, and beginning again.

use std::sync::Arc;

use super::journal::Entry;
use super::{History, Lab, LabError, Step};
use crate::aws_cli::Console;
use crate::scenario::{Progress, TaskReport};

impl Lab {
    /// How the tasks stand, in the order of the scenario.
    pub fn reports(&self) -> &[TaskReport] {
        &self.tasks.reports
    }

    /// Returns how many tasks are done, and how many there are.
    pub fn progress_of_tasks(&self) -> (usize, usize) {
        let reports = self.reports();
        (reports.iter().filter(|report| report.is_done()).count(), reports.len())
    }

    /// How the tasks would stand with the draft in force; `None` while there is nothing to compare.
    pub fn draft_reports(&self) -> Option<&[TaskReport]> {
        self.tasks.draft_reports.as_deref()
    }

    /// The first task that is not done, as an index; `None` when all are.
    pub fn current_task(&self) -> Option<usize> {
        self.tasks.done.iter().position(|done| !done)
    }

    /// Answers given, checks that were once green.
    pub fn progress(&self) -> &Progress {
        &self.tasks.progress
    }

    /// The hints of a task shown so far.
    pub fn hints(&self, task: usize) -> &[String] {
        let all = self.stage.scenario.tasks.get(task).map_or(&[][..], |task| &task.hints);
        let shown = self.tasks.hints.get(task).copied().unwrap_or_default();
        &all[..shown.min(all.len())]
    }

    /// Shows the next hint of the current task.
    pub fn hint(&mut self) {
        if let Some(shown) = self.current_task().and_then(|task| self.tasks.hints.get_mut(task)) {
            *shown += 1;
            self.unsaved.push(Entry::Hint);
        }
    }

    /// The task that [`Lab::restart_task`] would begin again: the current one, or the last when all are done.
    pub fn last_begun(&self) -> Option<usize> {
        self.tasks.began.len().checked_sub(1)
    }

    /// What was done since the current task began.
    pub fn done_since_task_began(&self) -> &[Arc<Step>] {
        let from = self.tasks.began.last().map_or(0, |point| point.position);
        self.history.done().get(from..).unwrap_or_default()
    }

    /// Begins the current task again: goes to where it began, and forgets its answers and hints. What was done since
    /// stays in the history.
    ///
    /// # Errors
    ///
    /// As [`Lab::go_to`].
    pub fn restart_task(&mut self) -> Result<(), LabError> {
        let Some((task, point)) = self.last_begun().zip(self.tasks.began.last().copied()) else {
            return Ok(());
        };
        self.history.may_branch()?;
        let stage = self.stage.clone();
        for (task, hints) in stage.scenario.tasks.iter().zip(&mut self.tasks.hints).skip(task) {
            self.tasks.progress.forget(task);
            self.tasks
                .revealed
                .retain(|(id, _)| task.predictions.iter().all(|prediction| prediction.id != *id));
            *hints = 0;
        }
        self.unsaved.push(Entry::RestartTask);
        self.parked.clear();
        self.history.go_to_point(point);
        self.refresh();
        Ok(())
    }

    /// Starts the scenario again.
    pub fn reset(&mut self) {
        self.unsaved.push(Entry::Reset);
        self.personas = self.stage.personas.clone();
        self.taken.clear();
        let start = self.personas.iter().position(|p| p.name == self.stage.scenario.start_as);
        self.acting = start.unwrap_or_default();
        self.console = Console::new(self.stage.names.clone(), &self.persona().name, self.files.clone());
        self.transcript.clear();
        self.chosen = None;
        self.history = History::new(self.stage.world.clone());
        self.tasks.progress = Progress::default();
        self.tasks.began.clear();
        self.tasks.revealed.clear();
        self.tasks.hints.fill(0);
        self.parked.clear();
        if let Some(draft) = self.draft.take() {
            self.open_document(draft.document().clone());
        }
        self.refresh();
    }
}
