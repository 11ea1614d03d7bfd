//! What was done, handed out for a journal and done again from one.

use jiff::SignedDuration;

use super::journal::{Entry, OutcomeNote};
use super::{CallStatus, Lab, LabError};
use crate::cloud::Call;
use crate::limits::work;

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
}

/// Says how an outcome differs from the one that was noted; `None` if it does not.
fn change(was: &OutcomeNote, is: &OutcomeNote) -> Option<String> {
    let word = |status| match status {
        CallStatus::Allowed => "allowed",
        CallStatus::Denied => "denied",
        CallStatus::Failed => "an error",
    };
    match (was.status == is.status, was.hash == is.hash) {
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
    /// What everybody would get is asked once, at the end: the time grows with the entries, not with entries times people.
    pub fn replay(&mut self, entries: Vec<Entry>) -> Result<Vec<Difference>, LabError> {
        self.replaying = true;
        let replayed = self.do_again(entries);
        self.replaying = false;
        self.refresh();
        self.unsaved.clear();
        replayed
    }

    fn do_again(&mut self, entries: Vec<Entry>) -> Result<Vec<Difference>, LabError> {
        let mut differences = Vec::new();
        let mut engine = env!("CARGO_PKG_VERSION").to_owned();
        let all = entries.len();
        for (done, entry) in entries.into_iter().enumerate() {
            if !work::go_on(done, all) {
                return Err(LabError::GivenUp);
            }
            match entry {
                Entry::Head(head) => engine = head.engine,
                Entry::Act(name) => {
                    // Whoever was made since is listed only now.
                    self.refresh_personas();
                    self.list_session(&name);
                    let index = self.personas.iter().position(|p| p.name == name);
                    self.switch(index.ok_or(LabError::OtherScenario)?);
                }
                Entry::Call(entry) => {
                    let call = Call::decode(&entry.service, &entry.operation, entry.input);
                    let call = call.map_err(|_| LabError::OtherScenario)?.with_context(entry.context);
                    let unmakes = unmakes_somebody(&call);
                    let made = self.call_as(entry.caller, entry.who, call);
                    if unmakes {
                        self.refresh_personas();
                    }
                    if let Some(change) = change(&entry.outcome, &OutcomeNote::of(&made.outcome)) {
                        differences.push(Difference {
                            step: self.history.done().len(),
                            action: made.call.action(),
                            who: made.who.clone(),
                            engine: engine.clone(),
                            change,
                        });
                    }
                }
                Entry::Wait(seconds) => self.advance(SignedDuration::from_secs(seconds))?,
                Entry::GoTo(position) => {
                    self.go_to(position);
                    self.refresh_personas();
                }
                Entry::GoToBranch(point) => {
                    self.go_to_point(point);
                    self.refresh_personas();
                }
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
                    let variables = typed.after(self.console.variables());
                    self.console.act_as(&typed.acting);
                    self.console.set_variables(variables);
                    let _kept = self.transcript.push(*typed);
                }
                Entry::Clear => self.transcript.clear(),
                Entry::RestartTask => {
                    self.restart_task();
                    self.refresh_personas();
                }
                Entry::Reset => {
                    self.reset();
                    self.refresh_personas();
                }
            }
        }
        Ok(differences)
    }
}

/// Tells whether a call may take somebody away whom the learner can take on.
fn unmakes_somebody(call: &Call) -> bool {
    let (service, operation) = (call.input.service(), call.input.operation());
    matches!(service, "iam" | "organizations")
        && (operation.starts_with("Delete") || operation.starts_with("Update"))
}
