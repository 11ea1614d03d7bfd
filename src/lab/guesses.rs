//! Guesses: the questions of a task, the answers given, and what has shown whether they were right.

use super::journal::Entry;
use super::{CallMade, Deed, Lab, Standing, Watched};
use crate::scenario::{Action, Check, Persona, Predict, Seen, Task};

impl Lab {
    /// Answers a question with one of its choices.
    pub fn answer(&mut self, question: &str, choice: usize) {
        self.unsaved.push(Entry::Answer { question: question.to_owned(), choose: choice });
        self.progress.answer(question, choice);
        // What is asked about something that was seen already needs nothing more to be shown.
        self.settled.retain(|(settled, _)| settled != question);
        if self.stage.scenario.tasks.iter().any(|task| asks_for_the_right_answer(task, question)) {
            self.settle(vec![question.to_owned()]);
        }
        self.refresh();
    }

    /// The question to answer now: the first of the current task without an answer; else the first of them whose wrong
    /// answer stands in the way of the task.
    pub fn question_to_answer(&self) -> Option<&Predict> {
        let task = self.stage.scenario.tasks.get(self.current_task()?)?;
        let again = || {
            let wrong = |predict: &Predict| self.judgement(predict) == Some(false);
            task.predict.iter().find(|p| wrong(p) && asks_for_the_right_answer(task, &p.id))
        };
        self.open_questions().next().or_else(again)
    }

    /// The questions of the current task without an answer.
    fn open_questions(&self) -> impl Iterator<Item = &Predict> {
        let task = self.current_task().and_then(|task| self.stage.scenario.tasks.get(task));
        let questions = task.into_iter().flat_map(|task| &task.predict);
        questions.filter(|predict| self.progress.answer_to(&predict.id).is_none())
    }

    /// Whether the answer to a question was right; `None` until something has shown it. The end of its task tells in any
    /// case.
    pub fn judgement(&self, predict: &Predict) -> Option<bool> {
        let choice = self.progress.answer_to(&predict.id)?;
        self.stage.is_right(&predict.id, choice).filter(|_| self.settled_as(&predict.id).is_some())
    }

    /// The tasks before the one on the screen whose end is the last thing that happened. Several can end at once.
    pub fn tasks_just_done(&self) -> impl Iterator<Item = &Task> {
        let tasks = &self.stage.scenario.tasks;
        let now = self.history.point();
        // Once all are done, those that ended with the last one never had a task begin after them.
        let last = tasks.len().saturating_sub(1);
        let shown = self.current_task().unwrap_or(last);
        tasks.iter().enumerate().take(shown).filter_map(move |(index, task)| {
            let next = self.began.get(index + 1);
            next.map_or(shown == last, |next| *next == now && self.current_task().is_some()).then_some(task)
        })
    }

    /// Whether what an identity gets is kept back: it would give away the answer to a question that is open. What they
    /// were really told is no secret.
    pub fn keeps_back(&self, identity: usize) -> bool {
        self.kept_back.get(identity).copied().unwrap_or_default() && self.told(identity).is_none()
    }

    /// When a question was settled, counted in such moments; `None` while it is not.
    pub fn settled_as(&self, question: &str) -> Option<usize> {
        self.settled.iter().find(|(settled, _)| settled == question).map(|(_, moment)| *moment)
    }

    fn settle(&mut self, questions: Vec<String>) {
        let moment = self.settled.last().map_or(0, |(_, moment)| moment + 1);
        let new: Vec<_> = questions.into_iter().filter(|id| self.settled_as(id).is_none()).collect();
        self.settled.extend(new.into_iter().map(|question| (question, moment)));
    }

    /// Notes what a call has shown.
    pub(super) fn compare_guesses(&mut self, made: &CallMade) {
        let world = self.history.world();
        let seen = Seen { caller: &made.caller, call: &made.call, outcome: &made.outcome, world };
        let shown = |predict: &&Predict| {
            self.progress.answer_to(&predict.id).is_some()
                && predict.after.last().is_none_or(|step| self.has_happened(&step.action))
                && self.stage.shows(predict, seen)
        };
        let questions = self.stage.scenario.predictions().filter(shown).map(|predict| predict.id.clone());
        let questions: Vec<String> = questions.collect();
        self.settle(questions);
    }

    /// Whether something like that has been done: the same operation, with success, or waiting.
    fn has_happened(&self, action: &Action) -> bool {
        self.history.done().iter().any(|step| match (&step.deed, action) {
            (Deed::Call(made), Action::Call(wanted)) => {
                made.call.action() == wanted.operation && made.outcome.result.is_ok()
            }
            (Deed::Wait(_), Action::Wait(_)) => true,
            _ => false,
        })
    }

    /// Brings the guesses up to the tasks: the end of a task settles those of it, and what is kept back follows the
    /// questions that are open.
    pub(super) fn refresh_guesses(&mut self) {
        let done = self.stage.scenario.tasks.iter().zip(&self.reports).filter(|(_, report)| report.is_done());
        let questions = done.flat_map(|(task, _)| &task.predict).map(|predict| predict.id.clone());
        let questions: Vec<String> = questions.collect();
        self.settle(questions);
        let began = self.began.last().copied().unwrap_or_default();
        let world = self.history.world_at(began);
        let open: Vec<&Predict> = self.open_questions().collect();
        let call = self.watched.as_ref().map(Watched::call);
        let kept_back = |(persona, standing): (&Persona, &Standing)| {
            let (caller, outcome) = (&persona.caller, &*standing.now);
            let seen = call.as_ref().map(|call| Seen { caller, call, outcome, world });
            seen.is_some_and(|seen| open.iter().any(|predict| self.stage.gives_away(predict, seen)))
        };
        self.kept_back = self.personas.iter().zip(&self.standings).map(kept_back).collect();
    }
}

/// Whether a task is done only once that question of it is answered rightly.
fn asks_for_the_right_answer(task: &Task, question: &str) -> bool {
    task.checks.iter().any(
        |named| matches!(&named.check, Check::Answered(a) if a.question == question && a.right == Some(true)),
    )
}
