//! Going through a scenario: hints, guesses, time, steps taken back, the next one, leaving.

use std::path::Path;

use super::answers::{self, Unread};
use super::{Plain, say};
use crate::lab::export;
use crate::lab::learning::Learning;
use crate::lab::saves::Notice;
use crate::lab::share::Sharing;
use crate::narration::course::{self, Following};
use crate::narration::{self, beliefs, keeping};
use crate::scenario::{Duration, in_words};

impl Plain<'_> {
    pub(super) fn hint(&mut self) -> anyhow::Result<()> {
        let Some(task) = self.session.lab().current_task() else {
            return self.say("Every task is done: no hint is needed.");
        };
        let is_new = self.session.lab_mut().hint();
        let lab = self.session.lab();
        let hints = lab.hints(task);
        let all = lab.scenario().tasks.get(task).map_or(0, |task| task.hints.len());
        let words = match hints.last() {
            Some(hint) if is_new => format!("Hint {} of {all}: {}", hints.len(), in_words(hint)),
            Some(hint) => format!("That was the last hint: {}", in_words(hint)),
            None => "There is no hint for what is left.".to_owned(),
        };
        self.say(words)
    }

    /// Takes an answer by its number or the words it begins with; behind a number, how sure one is.
    pub(super) fn predict(&mut self, answer: &str) -> anyhow::Result<()> {
        let Some(prediction) = self.session.lab().next_prediction().cloned() else {
            return self.say("There is no question to answer now.");
        };
        let order = self.session.lab().stage().order_of(&prediction);
        let (choice, sure) = match answers::read(&prediction, &order, answer) {
            Ok(read) => read,
            Err(Unread::Which) => {
                let lines = say::question(&self.view());
                return self.say_all(lines);
            }
            Err(unread) => return self.say(unread.to_string()),
        };
        let Some(chosen) = prediction.choices.get(choice) else { return Ok(()) };
        let how = sure.map_or_else(String::new, |sure| format!(" ({})", sure.words()));
        let words = format!("You expect: {}{how}", in_words(&chosen.text));
        self.session.lab_mut().predict(&prediction.id, choice);
        if let Some(sure) = sure {
            self.session.lab_mut().be_sure(&prediction.id, sure);
        }
        self.say(words)?;
        // The reason, or the next question, is asked right behind the answer.
        let lines = say::question(&self.view());
        self.say_all(lines)
    }

    /// Says how the learner stands to what people believe.
    pub(super) fn beliefs(&mut self, which: &str) -> anyhow::Result<()> {
        self.keep(true)?;
        let mut library = course::library();
        course::read_progress(&mut library, self.state.as_deref());
        let read = self.state.as_deref().map_or_else(|| Ok(Learning::default()), Learning::look);
        let learning = match read {
            Ok(learning) => learning,
            Err(why) => return self.say(format!("What comes back cannot be read: {why}.")),
        };
        let map = beliefs::map(&library, &learning);
        self.say_all(beliefs::words(&map))?;
        if which == "all" { self.say_all(beliefs::pages(&map)) } else { Ok(()) }
    }

    /// Opens the next scenario. One that is not done asks first: nothing but the place in the course is lost.
    pub(super) fn next(&mut self, sure: &str) -> anyhow::Result<()> {
        self.keep(true)?;
        let mut library = course::library();
        course::read_progress(&mut library, self.state.as_deref());
        let next = match course::following(&library, &self.session.lab().scenario().id) {
            Following::Scenario(next) => next,
            Following::AllDone => return self.say("That was the last scenario; all others are done."),
            Following::NotOfTheCourse => {
                return self.say("This one is not of the course: none comes after it.");
            }
        };
        let (done, tasks) = self.session.lab().progress_of_tasks();
        if done < tasks && sure != "yes" {
            return self
                .say(format!("Done so far: {done} of {tasks} tasks. next yes goes on without the rest."));
        }
        if let Some(loss) = self.session.unkept().as_ref().and_then(keeping::loss) {
            // Two in a row go on: nobody asks twice whether something may be lost.
            if !std::mem::replace(&mut self.warned, true) {
                return self.say(format!(
                    "{loss} save FILE writes it to a file; the same line again goes on without."
                ));
            }
        }
        let notice = self.session.open_next(&next, None, self.state.as_deref())?;
        self.warned = false;
        self.last_told = say::Told::of(&self.view());
        if let Some(Notice { words, .. }) = notice {
            self.say(format!("Note: {words}."))?;
        }
        self.introduce()
    }

    pub(super) fn reset(&mut self, sure: &str) -> anyhow::Result<()> {
        if sure != "yes" {
            return self.say("reset yes starts the scenario again; what was done in it is gone then.");
        }
        self.session.reset();
        self.last_told = say::Told::of(&self.view());
        self.say("Started again.")?;
        let lines = say::task(&self.view());
        self.say_all(lines)
    }

    pub(super) fn clock(&mut self, duration: &str) -> anyhow::Result<()> {
        if !duration.is_empty() {
            match duration.parse::<Duration>() {
                Ok(duration) => {
                    if let Err(why) = self.session.lab_mut().advance(duration.signed()) {
                        return self.say(format!("The clock did not move: {why}."));
                    }
                }
                Err(why) => return self.say(why.to_string()),
            }
        }
        let words = format!("It is {}.", self.session.lab().world().now().strftime("%Y-%m-%d %H:%M:%S"));
        self.say(words)?;
        let ahead = self.view().due;
        self.say_all(ahead.into_iter().map(|due| format!("In {}: {}.", due.in_short(), due.what)).collect())
    }

    pub(super) fn step(&mut self, back: bool) -> anyhow::Result<()> {
        if self.session.lab().drafts().next().is_some() {
            return self
                .say("Apply or discard what is a draft first: steps change what it is compared with.");
        }
        let history = self.session.lab().history();
        let at = history.done().len();
        let (step, to) =
            if back { (history.last(), at.saturating_sub(1)) } else { (history.steps().get(at), at + 1) };
        let Some(words) = step.map(|step| narration::step_words(step)) else {
            return self.say(if back { "This is the beginning." } else { "This is the newest moment." });
        };
        if let Err(why) = self.session.lab_mut().go_to(to) {
            return self.say(format!("Not done: {why}."));
        }
        self.say(format!("{}: {words}.", if back { "Taken back" } else { "Made again" }))
    }

    /// Writes all that was done to a file, whether or not it is kept.
    pub(super) fn export(&mut self, file: &str) -> anyhow::Result<()> {
        if file.is_empty() {
            return self.say("save FILE writes all that was done to a new file.");
        }
        self.keep(true)?;
        match export::export_open(self.session.ledger(), Path::new(file), Sharing::default()) {
            Ok(written) => self.say(format!("Written to {file}: {}.", keeping::exported(&written))),
            Err(why) => self.say(format!("Not written: {why}.")),
        }
    }

    /// Takes down what the learner says, and tells the lesson that waited for it.
    pub(super) fn words(&mut self, words: &str) -> anyhow::Result<()> {
        if self.session.lab().current_task().is_some() {
            return self.say("Words come once every task is done.");
        }
        if !words.is_empty() {
            self.session.lab_mut().say(words);
            self.say("Kept for your report.")?;
        } else if self.session.lab().asks_for_words() {
            self.session.lab_mut().say(words);
        }
        let lesson = self.view().task.debrief;
        self.say_all(lesson)
    }

    /// Goes on in a copy of the lab that another process holds.
    pub(super) fn copy(&mut self) -> anyhow::Result<()> {
        let Some(state) = self.state.clone().filter(|_| self.session.held().is_some()) else {
            return self.say("Nobody else has this lab open: there is nothing to copy.");
        };
        match self.session.take_copy(&state) {
            Ok(path) => self
                .say(format!("This copy is kept in {}; `kmslab import` makes it the lab.", path.display())),
            Err(why) => self.say(format!("There is no copy: {why}.")),
        }
    }

    /// Says what is kept of the session, and what is not.
    pub(super) fn leave(&mut self) -> anyhow::Result<()> {
        if let Some(unkept) = self.session.unkept() {
            let reason = keeping::reason(&unkept);
            return match keeping::loss(&unkept) {
                Some(loss) if self.session.ledger().path().is_some() => {
                    self.say(format!("{loss} What was done before is kept."))
                }
                Some(loss) => self.say(format!("{loss} Nothing of this session is kept.")),
                None => self.say(format!("Nothing of this session is kept: {reason}.")),
            };
        }
        self.say(match self.session.lab().drafts().count() {
            0 => "Kept. The same command continues here.",
            1 => "Kept, the draft included. The same command continues here.",
            _ => "Kept, the drafts included. The same command continues here.",
        })
    }
}
