//! What was done, handed out for a journal and done again from one.

use jiff::SignedDuration;

use super::journal::Entry;
use super::{Lab, LabError};
use crate::cloud::Call;

impl Lab {
    /// What was done since this was last called, for a journal.
    pub fn take_unsaved(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.unsaved)
    }

    /// Does again what a journal says was done. A call is decided and executed anew, not remembered.
    pub fn replay(&mut self, entries: Vec<Entry>) -> Result<(), LabError> {
        for entry in entries {
            match entry {
                Entry::Head(_) => {}
                Entry::Act(name) => {
                    let index = self.personas.iter().position(|p| p.name == name);
                    self.switch(index.ok_or(LabError::OtherScenario)?);
                }
                Entry::Call(entry) => {
                    let call = Call::decode(&entry.service, &entry.operation, entry.input);
                    let call = call.map_err(|_| LabError::OtherScenario)?.with_context(entry.context);
                    self.call_as(entry.caller, entry.who, call);
                }
                Entry::Wait(seconds) => self.advance(SignedDuration::from_secs(seconds))?,
                Entry::GoTo(position) => self.go_to(position),
                Entry::GoToBranch(point) => self.go_to_point(point),
                Entry::Predict { prediction, choose } => self.predict(&prediction, choose),
                Entry::Hint => self.hint(),
                Entry::Watch(entry) => {
                    let call = entry.map(|entry| entry.into_call()).transpose();
                    self.set_watched(call.map_err(|_| LabError::OtherScenario)?);
                }
                Entry::Draft { document, text } => {
                    if self.draft.as_ref().is_none_or(|draft| *draft.document() != document) {
                        self.open_document(document);
                    }
                    self.set_draft(&text);
                }
                Entry::Typed(typed) => {
                    self.console.act_as(&typed.acting);
                    self.console.set_variables(typed.variables.clone());
                    self.transcript.push(*typed);
                }
                Entry::Clear => self.transcript.clear(),
                Entry::RestartTask => self.restart_task(),
                Entry::Reset => self.reset(),
            }
        }
        self.unsaved.clear();
        Ok(())
    }
}
