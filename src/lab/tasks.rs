//! The tasks of the scenario: how they stand, their hints, and beginning again.

use std::sync::Arc;

use super::journal::Entry;
use super::{Help, History, Lab, LabError, Step};
use crate::aws_cli::Console;
use crate::limits::lab::WORDS;
use crate::scenario::{CheckStatus, HelpFrom, Hint, Progress, TaskReport};

/// What help waits for that writes a part of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpWaits {
    /// Hints of the task are still to come.
    Hints,
    /// All tasks are to be done first.
    Done,
}

impl Lab {
    /// How the tasks stand, in the order of the scenario.
    pub fn reports(&self) -> &[TaskReport] {
        &self.tasks.reports
    }

    /// Returns how many tasks are done, and how many there are.
    pub fn progress_of_tasks(&self) -> (usize, usize) {
        let done = &self.tasks.done;
        (done.iter().filter(|done| **done).count(), done.len())
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
    pub fn hints(&self, task: usize) -> Vec<&str> {
        let Some(of_task) = self.stage.scenario.tasks.get(task) else { return Vec::new() };
        let shown = self.tasks.hints.get(task).into_iter().flatten();
        shown.filter_map(|hint| of_task.hints.get(*hint)).map(|hint| hint.say.as_str()).collect()
    }

    /// The hints of a task that are still to come, by their places: those behind the last one shown, without the hints for
    /// checks that hold.
    pub fn hints_to_come(&self, task: usize) -> Vec<usize> {
        let scenario = &self.stage.scenario;
        let Some(of_task) = scenario.tasks.get(task) else { return Vec::new() };
        let next = self.tasks.hints.get(task).and_then(|shown| shown.last()).map_or(0, |last| last + 1);
        let is_open = |hint: &Hint| !hint.check.as_deref().is_some_and(|check| self.holds_in(task, check));
        let behind = of_task.hints.iter().enumerate().skip(next);
        behind.filter(|(_, hint)| is_open(hint)).map(|(place, _)| place).collect()
    }

    /// Tells whether a check of a task holds.
    pub(super) fn holds_in(&self, task: usize, check: &str) -> bool {
        let checks = self.tasks.reports.get(task).into_iter().flat_map(|report| &report.checks);
        checks.into_iter().any(|one| one.id == check && one.verdict == CheckStatus::Pass)
    }

    /// Shows the next hint of the current task. Answers whether there was one.
    pub fn hint(&mut self) -> bool {
        let Some(task) = self.current_task() else { return false };
        let next = self.hints_to_come(task).first().copied();
        let Some((shown, next)) = self.tasks.hints.get_mut(task).zip(next) else { return false };
        shown.push(next);
        self.unsaved.push(Entry::Hint);
        true
    }

    /// Notes that help was taken which writes a part of the answer. A guided scenario sends everybody to the list of
    /// statements: there it is no help.
    pub fn note_help(&mut self, help: Help) {
        let Some(task) = self.current_task() else { return };
        if self.stage.scenario.guided && help == Help::Snippet {
            return;
        }
        self.unsaved.push(Entry::Help(help));
        self.tasks.help.push((task, help));
    }

    /// Tells what help that writes a part of the answer waits for; `None` if it is given now: the scenario says from when on,
    /// and whoever was shown the solution, or has done all, waits for nothing.
    pub fn help_waits(&self) -> Option<HelpWaits> {
        let current = self.current_task()?;
        if self.knows_the_solution() {
            return None;
        }
        match self.stage.scenario.help {
            HelpFrom::Free => None,
            HelpFrom::LastHint => (!self.hints_to_come(current).is_empty()).then_some(HelpWaits::Hints),
            HelpFrom::Done | HelpFrom::Alone => Some(HelpWaits::Done),
        }
    }

    /// Tells whether the learner is to be asked for their own words: once, when a scenario that keeps help back is done by
    /// somebody who was not shown the solution.
    pub fn asks_for_words(&self) -> bool {
        let keeps_back = match self.stage.scenario.help {
            HelpFrom::Free => false,
            HelpFrom::LastHint | HelpFrom::Done | HelpFrom::Alone => true,
        };
        keeps_back
            && !self.knows_the_solution()
            && self.tasks.words.is_none()
            && self.current_task().is_none()
    }

    /// Tells whether the solution was shown.
    pub(super) fn knows_the_solution(&self) -> bool {
        #[cfg(test)]
        if self.tasks.given {
            return true;
        }
        self.tasks.help.iter().any(|(_, help)| *help == Help::Solution)
    }

    /// Gives help whatever the scenario says, for tests about something else.
    #[cfg(test)]
    pub fn give_help(&mut self) {
        self.tasks.given = true;
    }

    /// The help that was taken and writes a part of the answer, each with the task that was in work.
    pub fn help_taken(&self) -> &[(usize, Help)] {
        &self.tasks.help
    }

    /// Takes down what the learner says in their own words, be it nothing: then they are not asked again. Of a long text the
    /// beginning is kept.
    pub fn say(&mut self, words: &str) {
        let end = (0..=WORDS.size()).rev().find(|at| words.is_char_boundary(*at)).unwrap_or(0);
        let words = words.get(..end).unwrap_or(words).trim();
        self.tasks.words = Some(words.to_owned());
        self.unsaved.push(Entry::Words(words.to_owned()));
    }

    /// What the learner has said in their own words.
    pub fn words(&self) -> Option<&str> {
        self.tasks.words.as_deref().filter(|words| !words.is_empty())
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
            hints.clear();
        }
        // That help was taken stays true.
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
        self.met.clear();
        self.crowd.get_mut().forget_all();
        let start = self.personas.iter().position(|p| p.name == self.stage.scenario.start_as);
        self.acting = start.unwrap_or_default();
        self.console = Console::new(self.stage.names.clone(), &self.persona().name, self.files.clone());
        self.transcript.clear();
        self.chosen = None;
        self.history = History::new(self.stage.world.clone());
        self.tasks.progress = Progress::default();
        self.tasks.began.clear();
        self.tasks.revealed.clear();
        // Whoever was shown the solution knows it.
        self.tasks.help.retain(|(_, help)| *help == Help::Solution);
        self.tasks.words = None;
        self.tasks.hints.iter_mut().for_each(Vec::clear);
        self.parked.clear();
        if let Some(draft) = self.draft.take() {
            self.open_document(draft.document().clone());
        }
        self.refresh();
    }
}
