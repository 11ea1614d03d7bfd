//! What was done, handed out for a journal and done again from one.

use jiff::SignedDuration;

use super::journal::{Entry, OutcomeNote};
use super::{CallStatus, Lab, LabError};
use crate::cloud::Call;
use crate::limits::{steps, work};
use crate::scenario::{Persona, Recall};

/// A call that ended otherwise when it was made again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step}, {action} as {who}, {change}")]
pub struct Difference {
    /// The number of the step on its branch, from 1.
    pub step: usize,
    /// The action's name, such as `kms:Decrypt`.
    pub action: String,
    /// The name of the identity that made the call.
    pub who: String,
    /// The version of kmslab that noted how it ended.
    pub engine: String,
    /// What is different, in words.
    change: String,
    /// The place of the call among the entries.
    pub(super) entry: usize,
    /// The end that the call has now.
    pub(super) is: OutcomeNote,
}

/// Says how an outcome differs from the one that was noted; `None` if it does not.
fn change(was: &OutcomeNote, is: &OutcomeNote) -> Option<String> {
    let word = |status| match status {
        CallStatus::Allowed => "allowed",
        CallStatus::Denied => "denied",
        CallStatus::Failed => "an error",
    };
    // A journal from before notes the hash of a key pair itself, which takes seconds to make.
    let same = was.hash == is.hash || was.drawn != is.drawn;
    match (was.status == is.status, same) {
        (true, true) => None,
        (true, false) => Some("is answered otherwise than it was".to_owned()),
        (false, _) => Some(format!("was {} and is {} now", word(was.status), word(is.status))),
    }
}

impl Lab {
    /// What was done since this was last called, for a journal.
    pub fn take_unsaved(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.unsaved)
    }

    /// Does again what a journal says was done. A call is decided and executed anew, not remembered. Returns the calls
    /// that ended otherwise than the journal notes: another version wrote it.
    ///
    /// What only shows (previews, the list of people, the reports of the tasks, a draft's faults) is made once, at the end. At
    /// each step that is found out which a later one can undo: the checks that latch, and which tasks are done.
    pub fn replay(&mut self, entries: Vec<Entry>) -> Result<Vec<Difference>, LabError> {
        let (_, differences, ended) = self.replay_as_far(entries);
        ended.map(|()| differences)
    }

    /// Does again what a journal says up to the first entry that cannot be. Returns how many were done, the calls among them that
    /// ended otherwise, and why the first was not.
    pub(super) fn replay_as_far(
        &mut self,
        entries: Vec<Entry>,
    ) -> (usize, Vec<Difference>, Result<(), LabError>) {
        let (mut done, mut differences) = (0, Vec::new());
        self.replaying = true;
        let ended = self.do_again(entries, &mut done, &mut differences);
        self.replaying = false;
        self.tasks.recall = Recall::default();
        self.catch_up();
        self.refresh();
        self.unsaved.clear();
        (done, differences, ended)
    }

    fn do_again(
        &mut self,
        entries: Vec<Entry>,
        done: &mut usize,
        differences: &mut Vec<Difference>,
    ) -> Result<(), LabError> {
        let mut engine = env!("CARGO_PKG_VERSION").to_owned();
        let all = entries.len();
        for entry in entries {
            if !work::go_on(*done, all) || steps::is_spent() {
                return Err(LabError::GivenUp);
            }
            match entry {
                Entry::Head(head) => engine = head.engine,
                Entry::Act(name) => self.take_on(&name)?,
                Entry::Call(entry) => {
                    let call = Call::decode(&entry.service, &entry.operation, entry.input);
                    let call = call.map_err(|_| LabError::OtherScenario)?.with_context(entry.context);
                    let made = self.call_as(entry.caller, entry.who, call);
                    self.keep_acting();
                    let is = OutcomeNote::of(&made.outcome);
                    if let Some(change) = change(&entry.outcome, &is) {
                        differences.push(Difference {
                            step: self.history.done().len(),
                            action: made.call.action(),
                            who: made.who.clone(),
                            engine: engine.clone(),
                            change,
                            entry: *done,
                            is,
                        });
                    }
                }
                Entry::Wait(seconds) => self.advance(SignedDuration::from_secs(seconds))?,
                Entry::GoTo(position) => {
                    self.go_to(position)?;
                    self.keep_acting();
                }
                Entry::GoToBranch(point) => {
                    self.go_to_point(point)?;
                    self.keep_acting();
                }
                Entry::Predict { prediction, choose } => self.predict(&prediction, choose),
                Entry::Sure { question, sure } => self.be_sure(&question, sure),
                Entry::Hint => {
                    self.hint();
                }
                Entry::Help(help) => self.note_help(help),
                Entry::Words(words) => self.say(&words),
                Entry::Watch(entry) => {
                    let call = entry.map(|entry| entry.into_call()).transpose();
                    self.set_watched(call.map_err(|_| LabError::OtherScenario)?);
                }
                Entry::Draft { document, text } => {
                    if self.draft.as_ref().is_none_or(|draft| *draft.document() != document) {
                        self.open_document(document);
                    }
                    if let Some(draft) = &mut self.draft {
                        draft.take_over(text);
                    }
                }
                Entry::Typed(typed) => {
                    let variables = typed.after(self.console.variables());
                    self.console.act_as(&typed.acting);
                    self.console.set_variables(variables);
                    let _kept = self.transcript.push(*typed);
                }
                Entry::Clear => self.transcript.clear(),
                Entry::RestartTask => {
                    self.restart_task()?;
                    self.keep_acting();
                }
                Entry::Reset => {
                    self.reset();
                    self.keep_acting();
                }
            }
            *done += 1;
        }
        Ok(())
    }

    /// Takes on somebody by name. Nobody else is listed: everybody is at the end.
    fn take_on(&mut self, name: &str) -> Result<(), LabError> {
        self.keep_acting();
        let world = self.history.world();
        let at_home = self.stage.personas.len();
        let is_listed = |found: &Persona| {
            let listed = self.stage.personas.iter().chain(&self.taken);
            listed.chain(&self.stage.newcomer(name, world)).any(|known| known.caller == found.caller)
        };
        if let Some(found) = self.stage.anybody(name, world).filter(|found| !is_listed(found)) {
            self.taken.retain(|known| known.name != found.name);
            self.meet(&found.name);
            self.taken.push(found);
        }
        let index = if let Some(index) = self.stage.personas.iter().position(|persona| persona.name == name) {
            index
        } else {
            let found = self.newcomer_or_session(name).ok_or(LabError::OtherScenario)?;
            self.personas.truncate(at_home);
            self.personas.push(found);
            at_home
        };
        self.switch(index);
        Ok(())
    }

    /// Lets the one act with whom the lab starts, if the acting identity is gone.
    fn keep_acting(&mut self) {
        let name = &self.persona().name;
        if self.stage.personas.iter().any(|persona| persona.name == *name)
            || self.newcomer_or_session(name).is_some()
        {
            return;
        }
        let start = self.stage.personas.iter().position(|p| p.name == self.stage.scenario.start_as);
        self.acting = start.unwrap_or_default();
        let name = self.persona().name.clone();
        self.console.act_as(&name);
    }

    /// Returns somebody who can be taken on beside the scenario's people.
    fn newcomer_or_session(&self, name: &str) -> Option<Persona> {
        let taken = || self.taken.iter().find(|known| known.name == name && self.is_there(known)).cloned();
        self.stage.newcomer(name, self.history.world()).or_else(taken)
    }
}
