//! The lab: one scenario being worked on. Holds where the learner stands, and moves it.

use std::sync::Arc;

use jiff::SignedDuration;

use super::document;
use super::journal::{CallEntry, Entry};
use super::{CallMade, Deed, DocumentId, Draft, History, Question, Standing};
use crate::cloud::world::ClockError;
use crate::cloud::{Call, Caller, Outcome, World};
use crate::scenario::{Persona, Progress, Scenario, ScenarioError, Stage, TaskReport};

/// One scenario being worked on.
#[derive(Clone)]
pub struct Lab {
    stage: Arc<Stage>,
    acting: usize,
    history: History,
    question: Option<Question>,
    draft: Option<Draft>,
    standings: Vec<Standing>,
    progress: Progress,
    reports: Vec<TaskReport>,
    draft_reports: Option<Vec<TaskReport>>,
    hints: Vec<usize>,
    unsaved: Vec<Entry>,
}

/// Why a lab did not open, or something in it was not found.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The scenario's world cannot be set up.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// There is no such identity.
    #[error("there is no identity `{name}` in this scenario; there are {}", known.join(", "))]
    NoSuchIdentity {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The draft cannot be applied.
    #[error("{0}")]
    NotApplicable(&'static str),
    /// A journal tells of things that this scenario does not have.
    #[error("the saved lab belongs to another version of this scenario")]
    OtherScenario,
    /// The clock did not move.
    #[error(transparent)]
    Clock(#[from] ClockError),
}

impl Lab {
    /// Opens a scenario, acting as its first identity or as the one named.
    pub fn open(scenario: Scenario, identity: Option<&str>) -> Result<Self, LabError> {
        let stage = Arc::new(scenario.build()?);
        let name = identity.unwrap_or(&stage.scenario.start_as);
        let Some(acting) = stage.personas.iter().position(|p| p.name == name) else {
            let known = stage.personas.iter().map(|p| p.name.clone()).collect();
            return Err(LabError::NoSuchIdentity { name: name.to_owned(), known });
        };
        let mut lab = Self {
            acting,
            history: History::new(stage.world.clone()),
            question: Question::of(&stage),
            draft: None,
            standings: Vec::new(),
            progress: Progress::default(),
            reports: Vec::new(),
            draft_reports: None,
            hints: vec![0; stage.scenario.tasks.len()],
            unsaved: Vec::new(),
            stage,
        };
        lab.refresh();
        Ok(lab)
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.stage.scenario
    }

    /// The scenario with the names it gives to people, keys and tables.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The world as it is, the draft left aside.
    pub fn world(&self) -> &World {
        self.history.world()
    }

    /// The world as it is looked at: with the draft in force, if there is a valid one.
    pub fn shown_world(&self) -> &World {
        self.draft.as_ref().and_then(Draft::world).unwrap_or_else(|| self.world())
    }

    /// Every call so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    // Identities

    /// The identities the learner can take on.
    pub fn personas(&self) -> &[Persona] {
        &self.stage.personas
    }

    /// Which identity is acting, as an index into [`Lab::personas`].
    pub fn acting(&self) -> usize {
        self.acting
    }

    /// The identity that is acting.
    pub fn persona(&self) -> &Persona {
        // `acting` is only ever set to the index of an identity.
        &self.stage.personas[self.acting]
    }

    /// Takes on another identity; an index beyond the last does nothing.
    pub fn switch(&mut self, index: usize) {
        if let Some(persona) = self.stage.personas.get(index) {
            self.unsaved.push(Entry::Act(persona.name.clone()));
            self.acting = index;
        }
    }

    /// What the lab asks again and again; `None` if there is no table.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// What each identity would get, in the order of [`Lab::personas`]. Empty if there is no question.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    // Calls

    /// Makes a call as the acting identity.
    pub fn call(&mut self, call: Call) -> Arc<CallMade> {
        let caller = self.persona().caller.clone();
        let who = self.persona().name.clone();
        self.call_as(caller, who, call)
    }

    /// Asks the question for real, as the acting identity.
    pub fn ask(&mut self) -> Option<Arc<CallMade>> {
        let call = self.question.as_ref()?.call();
        Some(self.call(call))
    }

    fn call_as(&mut self, caller: Caller, who: String, call: Call) -> Arc<CallMade> {
        self.unsaved.push(Entry::Call(Box::new(CallEntry::of(&who, &caller, &call))));
        let mut world = self.world().clone();
        let outcome = Arc::new(world.call(&caller, call.clone()));
        let made = Arc::new(CallMade { who, caller, call, outcome });
        self.history.push(Deed::Call(made.clone()), world);
        self.refresh();
        made
    }

    /// Moves the simulated clock forward.
    pub fn advance(&mut self, by: SignedDuration) -> Result<(), LabError> {
        let mut world = self.world().clone();
        world.advance(by)?;
        self.unsaved.push(Entry::Wait(by.as_secs()));
        self.history.push(Deed::Wait(by), world);
        self.refresh();
        Ok(())
    }

    /// Goes to the place behind `position` steps.
    pub fn go_to(&mut self, position: usize) {
        self.unsaved.push(Entry::GoTo(position));
        self.history.go_to(position);
        self.refresh();
    }

    // Documents

    /// The policies there are to open: key policies, then those of the acting identity.
    pub fn documents(&self) -> Vec<DocumentId> {
        let mut documents: Vec<_> =
            self.world().kms().keys().map(|key| DocumentId::KeyPolicy(key.arn())).collect();
        documents.extend(self.identity_documents(self.persona()));
        documents
    }

    /// The policies of one identity: its inline policies, one yet to be written, and the managed ones.
    pub fn identity_documents(&self, persona: &Persona) -> Vec<DocumentId> {
        let Some((account, kind, name)) = persona.identity() else { return Vec::new() };
        let Some(identity) = self.world().iam().identity(account, kind, name) else { return Vec::new() };
        let inline =
            |policy: &str| DocumentId::Inline(account.clone(), kind, name.to_owned(), policy.to_owned());
        let mut documents: Vec<_> = identity.inline.keys().map(|policy| inline(policy)).collect();
        documents.push(inline(&document::new_name(identity)));
        documents.extend(identity.attached.iter().map(|arn| DocumentId::Managed(arn.clone())));
        documents
    }

    /// The document being edited.
    pub fn draft(&self) -> Option<&Draft> {
        self.draft.as_ref()
    }

    /// Opens a document. A draft of another one is gone.
    pub fn open_document(&mut self, document: DocumentId) {
        let template = DocumentId::template(self.world());
        self.draft = Some(Draft::open(document, self.world(), &template));
        self.refresh_draft();
    }

    /// Takes over the text of the draft as typed.
    pub fn set_draft(&mut self, text: &str) {
        let world = self.history.world();
        if let Some(draft) = &mut self.draft {
            self.unsaved.push(Entry::Draft { document: draft.document().clone(), text: text.to_owned() });
            draft.set_text(text.to_owned(), world);
            self.refresh_draft();
        }
    }

    /// Takes the draft back to the text in force.
    pub fn revert_draft(&mut self) {
        if let Some(document) = self.draft.as_ref().map(|draft| draft.document().clone()) {
            self.open_document(document);
        }
    }

    /// Applies the draft as the acting identity, which may be refused. A draft that is no policy is sent all the
    /// same, because the answer is AWS's to give.
    pub fn apply_draft(&mut self) -> Result<Arc<CallMade>, LabError> {
        let draft = self.draft.as_ref().ok_or(LabError::NotApplicable("no document is open"))?;
        if !draft.is_changed() {
            return Err(LabError::NotApplicable("the document already reads like this"));
        }
        let text = draft.text();
        let call = draft.document().put(text);
        let call = call.ok_or(LabError::NotApplicable("AWS managed policies cannot be changed"))?;
        Ok(self.call(call))
    }

    /// What applying the draft as the acting identity would lead to. Nothing is changed.
    pub fn rehearse_draft(&self) -> Option<Arc<Outcome>> {
        let draft = self.draft.as_ref().filter(|draft| draft.is_changed())?;
        let call = draft.document().put(draft.text())?;
        Some(Arc::new(self.world().clone().call(&self.persona().caller, call)))
    }

    /// Deletes the document being edited, as the acting identity.
    pub fn delete_document(&mut self) -> Result<Arc<CallMade>, LabError> {
        let draft = self.draft.as_ref().ok_or(LabError::NotApplicable("no document is open"))?;
        let call = draft.document().delete();
        Ok(self.call(call.ok_or(LabError::NotApplicable("only inline policies can be deleted here"))?))
    }

    // Tasks

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
        self.refresh();
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

    /// Starts the scenario again.
    pub fn reset(&mut self) {
        self.unsaved.push(Entry::Reset);
        let start = self.stage.personas.iter().position(|p| p.name == self.stage.scenario.start_as);
        self.acting = start.unwrap_or_default();
        self.history = History::new(self.stage.world.clone());
        self.progress = Progress::default();
        self.hints.fill(0);
        if let Some(draft) = self.draft.take() {
            self.open_document(draft.document().clone());
        }
        self.refresh();
    }

    // Saving

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
                    let index = self.stage.personas.iter().position(|p| p.name == name);
                    self.switch(index.ok_or(LabError::OtherScenario)?);
                }
                Entry::Call(entry) => {
                    let call = Call::decode(&entry.service, &entry.operation, entry.input);
                    let call = call.map_err(|_| LabError::OtherScenario)?.with_context(entry.context);
                    self.call_as(entry.caller, entry.who, call);
                }
                Entry::Wait(seconds) => self.advance(SignedDuration::from_secs(seconds))?,
                Entry::GoTo(position) => self.go_to(position),
                Entry::Answer { question, choose } => self.answer(&question, choose),
                Entry::Hint => self.hint(),
                Entry::Draft { document, text } => {
                    if self.draft.as_ref().is_none_or(|draft| *draft.document() != document) {
                        self.open_document(document);
                    }
                    self.set_draft(&text);
                }
                Entry::Reset => self.reset(),
            }
        }
        self.unsaved.clear();
        Ok(())
    }

    // What follows from the state

    fn refresh(&mut self) {
        let world = self.history.world();
        if let Some(draft) = &mut self.draft {
            draft.rebase(world);
        }
        self.standings = self
            .question
            .iter()
            .flat_map(|question| {
                self.stage
                    .personas
                    .iter()
                    .map(|p| Standing { now: question.ask(world, &p.caller), draft: None })
            })
            .collect();
        self.reports = self.stage.evaluate(world, &mut self.progress);
        self.refresh_draft();
    }

    fn refresh_draft(&mut self) {
        let draft = self.draft.as_ref().and_then(Draft::world);
        for (standing, persona) in self.standings.iter_mut().zip(&self.stage.personas) {
            standing.draft = self
                .question
                .as_ref()
                .zip(draft)
                .map(|(question, world)| question.ask(world, &persona.caller));
        }
        self.draft_reports = draft.map(|world| self.stage.evaluate(world, &mut self.progress.clone()));
    }
}
