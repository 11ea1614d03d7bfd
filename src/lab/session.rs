//! The lab: one scenario being worked on. Holds where the learner stands, and moves it.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::SignedDuration;

use super::board::Board;
use super::journal::{CallEntry, Entry};
use super::real_files::CountedFiles;
use super::share;
use super::shifts::Crowd;
use super::task_state::TaskState;
use super::{
    CallMade, CallStatus, Draft, History, LabError, Point, Preview, StepAction, Transcript, Typed, Watched,
};

use crate::aws_cli::{Completion, Console, Target};
use crate::cloud::world::ClockError;
use crate::cloud::{Call, Caller, Outcome, Probe, Who, World};
use crate::scenario::{CheckStatus, Persona, Scenario, Stage, TemplateSpec, in_the_name_of};

/// One scenario being worked on.
#[derive(Clone)]
pub struct Lab {
    pub(super) stage: Arc<Stage>,
    /// Whom the learner can take on: the scenario's people, then the users made since and the sessions taken on.
    pub(super) personas: Vec<Persona>,
    /// Whom the scenario does not list, and who was taken on: sessions, roles as themselves, services, users elsewhere.
    pub(super) taken: Vec<Persona>,
    /// The names of the users made since and of those in `taken`, in the order in which they came. Their numbers follow from
    /// it: nobody gets another one because somebody else goes.
    pub(super) met: Vec<String>,
    pub(super) acting: usize,
    pub(super) history: History,
    pub(super) watched: Option<Watched>,
    /// The watched call that the learner has chosen instead of the scenario's.
    pub(super) chosen: Option<Call>,
    pub(super) draft: Option<Draft>,
    /// The drafts of documents that are not on the screen, the one that was parked first first.
    pub(super) parked: Vec<Draft>,
    /// The world with every draft in force.
    pub(super) drafted: Option<World>,
    pub(super) board: RefCell<Board>,
    /// What changes do to everybody in the world.
    pub(super) crowd: RefCell<Crowd>,
    pub(super) previews: Vec<Preview>,
    pub(super) tasks: TaskState,
    pub(super) console: Console,
    pub(super) transcript: Transcript,
    pub(super) unsaved: Vec<Entry>,
    /// Files of the real machine that lines at the console name.
    pub(super) files: Arc<CountedFiles>,
    /// Whether a journal is being done again: what only shows is made once, at its end.
    pub(super) replaying: bool,
    /// What the line in work has printed and read that is to be marked.
    pub(super) marked: Marked,
}

/// What a line at the console has printed and read that is to be marked.
#[derive(Clone, Debug, Default)]
pub(super) struct Marked {
    /// Marks of plaintext keys and tokens.
    secrets: Vec<String>,
    /// How many files had been read when the last call was made.
    files: u64,
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
        let files = Arc::new(CountedFiles::default());
        let mut lab = Self {
            personas: stage.personas.clone(),
            taken: Vec::new(),
            met: Vec::new(),
            acting,
            history: History::new(stage.world.clone()),
            watched: None,
            chosen: None,
            draft: None,
            parked: Vec::new(),
            drafted: None,
            board: RefCell::default(),
            crowd: RefCell::default(),
            previews: Vec::new(),
            tasks: TaskState::new(stage.scenario.tasks.len()),
            console: Console::new(stage.names.clone(), name, files.clone()),
            transcript: Transcript::default(),
            unsaved: Vec::new(),
            files,
            replaying: false,
            marked: Marked::default(),
            stage,
        };
        lab.refresh();
        Ok(lab)
    }

    /// Returns the scenario that is being worked on.
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
        // What somebody has half typed is looked at as it is in force.
        let drafted = self.drafted().filter(|_| self.broken_draft().is_none());
        drafted.unwrap_or_else(|| self.world())
    }

    /// Every call so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    // Identities

    /// The identities the learner can take on: the scenario's, then the users made since and the sessions taken on.
    pub fn personas(&self) -> &[Persona] {
        &self.personas
    }

    /// Returns the number of an identity, by its index into [`Lab::personas`]: its key on the screen, as far as keys go.
    pub fn number(&self, index: usize) -> usize {
        if let Some(number) = self.stage.numbers.get(index) {
            return *number;
        }
        let name = self.personas.get(index).map(|persona| &persona.name);
        let nth = self.met.iter().position(|met| Some(met) == name);
        self.stage.free_number(nth.unwrap_or(self.met.len()))
    }

    /// Returns the identity that has that number, as an index into [`Lab::personas`].
    pub fn numbered(&self, number: usize) -> Option<usize> {
        (0..self.personas.len()).find(|index| self.number(*index) == number)
    }

    /// Notes who has come, once.
    pub(super) fn meet(&mut self, name: &str) {
        if !self.met.iter().any(|met| met == name) {
            self.met.push(name.to_owned());
        }
    }

    /// Which identity is acting, as an index into [`Lab::personas`].
    pub fn acting(&self) -> usize {
        self.acting
    }

    /// The identity that is acting.
    pub fn persona(&self) -> &Persona {
        // `acting` is only ever set to the index of an identity, and whenever the list changes it is looked up again.
        &self.personas[self.acting]
    }

    /// Takes on another identity; an index beyond the last does nothing.
    pub fn switch(&mut self, index: usize) {
        if let Some(persona) = self.personas.get(index) {
            self.unsaved.push(Entry::Act(persona.name.clone()));
            self.console.act_as(&persona.name);
            self.acting = index;
            self.review_drafts();
            if self.rebase_items() {
                self.refresh_draft();
            }
            self.refresh_preview(index);
        }
    }

    /// What each identity would get, in the order of [`Lab::personas`]. Empty if no call is watched.
    pub fn previews(&self) -> &[Preview] {
        &self.previews
    }

    /// What one identity would get, reasons and all: of somebody whom the draft leaves where they are,
    /// [`Lab::previews`] keeps the reasons in force.
    pub fn preview(&self, index: usize) -> Option<Preview> {
        let mut preview = self.previews.get(index)?.clone();
        let world = self.drafted();
        if index != self.acting
            && let Some((world, watched)) = world.zip(self.watched.as_ref())
        {
            preview.draft = Some(watched.ask(world, &self.personas.get(index)?.caller));
        }
        Some(preview)
    }

    /// Everybody's verdict on each question, in force and on the draft, in the order of [`Lab::personas`].
    pub fn board(&self, probes: &[Probe]) -> Vec<Vec<(CallStatus, Option<CallStatus>)>> {
        let who: Vec<Who> = self.personas.iter().map(|persona| Who::Caller(persona.caller.clone())).collect();
        let mut board = self.board.borrow_mut();
        board.verdicts(self.history.world(), self.drafted(), &who, probes)
    }

    // Calls

    /// Makes a call as the acting identity.
    pub fn call(&mut self, call: Call) -> Arc<CallMade> {
        let caller = self.persona().caller.clone();
        let who = self.persona().name.clone();
        self.call_as(caller, who, call)
    }

    /// Makes the watched call, as the acting identity.
    pub fn ask(&mut self) -> Option<Arc<CallMade>> {
        let call = self.watched.as_ref()?.call();
        Some(self.call(call))
    }

    /// Makes a call in somebody's name without acting as them.
    pub fn call_for(&mut self, caller: Caller, who: String, call: Call) -> Arc<CallMade> {
        self.call_as(caller, who, call)
    }

    pub(super) fn call_as(&mut self, caller: Caller, who: String, call: Call) -> Arc<CallMade> {
        let call = in_the_name_of(&caller, call, self.world());
        let mut world = self.world().clone();
        let outcome = Arc::new(world.call(&caller, call.clone()));
        if !self.replaying {
            self.unsaved.push(Entry::Call(Box::new(CallEntry::of(&who, &caller, &call, &outcome))));
        }
        let made = Arc::new(CallMade { who, caller, call, outcome });
        self.history.push(StepAction::Call(made.clone()), world);
        self.meet_user(&made);
        self.compare_predictions(&made);
        self.refresh();
        made
    }

    /// Notes the user whom a call has made.
    fn meet_user(&mut self, made: &CallMade) {
        if made.outcome.result.is_err() || made.call.action() != "iam:CreateUser" {
            return;
        }
        let input = made.call.input.to_json();
        let name = input.get("UserName").and_then(serde_json::Value::as_str);
        if let Some(user) = name.and_then(|name| self.stage.newcomer(name, self.history.world())) {
            self.meet(&user.name);
        }
    }

    /// Moves the simulated clock forward.
    pub fn advance(&mut self, by: SignedDuration) -> Result<(), ClockError> {
        let mut world = self.world().clone();
        world.advance(by)?;
        self.unsaved.push(Entry::Wait(by.as_secs()));
        self.history.push(StepAction::Wait(by), world);
        self.refresh();
        Ok(())
    }

    /// Goes to the place behind `position` steps.
    ///
    /// # Errors
    ///
    /// If the branches of the history hold too much for another one to begin there.
    pub fn go_to(&mut self, position: usize) -> Result<(), LabError> {
        self.history.may_branch()?;
        self.unsaved.push(Entry::GoTo(position));
        self.history.go_to(position);
        self.refresh();
        Ok(())
    }

    /// Goes to a point of any branch of the history.
    ///
    /// # Errors
    ///
    /// As [`Lab::go_to`].
    pub fn go_to_point(&mut self, point: Point) -> Result<(), LabError> {
        if point.branch == self.history.branch().number() {
            return self.go_to(point.position);
        }
        self.history.may_branch()?;
        self.unsaved.push(Entry::GoToBranch(point));
        self.history.go_to_point(point);
        self.refresh();
        Ok(())
    }

    // The console

    /// Runs what was typed into the console: one command or several. Every call it makes is a step like any other.
    /// Answers the exit code.
    pub fn type_text(&mut self, text: &str) -> u8 {
        let prompt = self.console.prompt(self.history.world());
        // The console works on the lab, which holds it: it is put back when it is done.
        let mut console = self.console.clone();
        let before = console.variables().clone();
        let files = self.files.read_so_far();
        self.marked = Marked { secrets: Vec::new(), files };
        let reply = console.run(self, text);
        self.console = console;
        self.follow_console();
        let typed = Typed {
            prompt,
            text: text.to_owned(),
            printed: reply.text.into(),
            code: reply.code,
            acting: self.console.acting().to_owned(),
            changed: Some(self.console.variables().changes_since(&before)),
            secrets: std::mem::take(&mut self.marked.secrets),
            files: self.files.read_so_far() > files,
            ..Typed::default()
        };
        let kept = self.transcript.push(typed);
        self.unsaved.push(Entry::Typed(Box::new(kept)));
        reply.code
    }

    /// `as NAME` in the console takes that identity on everywhere.
    fn follow_console(&mut self) {
        let name = self.console.acting().to_owned();
        self.list_somebody(&name);
        let index = self.personas.iter().position(|p| p.name == name);
        if let Some(index) = index.filter(|index| *index != self.acting) {
            let variables = self.console.variables().clone();
            self.switch(index);
            self.console.set_variables(variables);
        } else if index.is_none() && !self.console.knows(self.history.world(), self.console.acting()) {
            // They have deleted themselves.
            self.console.act_as(&self.persona().name.clone());
        }
    }

    /// Lists whoever has that name in the world among those who can be taken on. Returns the index of the one who has it.
    pub fn listed(&mut self, name: &str) -> Option<usize> {
        self.list_somebody(name);
        self.personas.iter().position(|persona| persona.name == name)
    }

    /// Lists somebody among those who can be taken on, if there is anybody of that name.
    fn list_somebody(&mut self, name: &str) {
        let found = self.stage.anybody(name, self.history.world());
        let is_listed = |found: &Persona| self.personas.iter().any(|known| known.caller == found.caller);
        let Some(found) = found.filter(|found| !is_listed(found)) else { return };
        self.taken.retain(|known| known.name != found.name);
        self.meet(&found.name);
        self.taken.push(found);
        let acting = self.console.acting().to_owned();
        let variables = self.console.variables().clone();
        self.refresh();
        // Listing somebody changes nothing for the console.
        self.console.act_as(&acting);
        self.console.set_variables(variables);
    }

    /// Whether `exit` was typed; asking takes it back.
    pub fn left_console(&mut self) -> bool {
        self.console.take_ended()
    }

    /// What was typed into the console, and what it printed.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Clears what the console shows.
    pub fn clear_transcript(&mut self) {
        self.unsaved.push(Entry::Clear);
        self.transcript.clear();
    }

    /// Returns the console's prompt, which names who acts.
    pub fn prompt(&self) -> String {
        self.console.prompt(self.history.world())
    }

    /// What could stand in the place of the word that ends at byte `cursor` of a line of the console.
    pub fn complete(&self, line: &str, cursor: usize) -> Completion {
        self.console.complete(self.world(), line, cursor)
    }

    // What follows from the state

    pub(super) fn refresh(&mut self) {
        if self.replaying {
            return self.follow_world();
        }
        self.refresh_personas();
        self.rebase_drafts();
        let world = self.history.world();
        self.watched = match &self.chosen {
            Some(call) => Some(Watched::of(call.clone(), world)),
            None => Watched::of_scenario(&self.stage, world),
        };
        self.previews = self
            .watched
            .iter()
            .flat_map(|watched| {
                self.personas.iter().map(|p| Preview { now: watched.ask(world, &p.caller), draft: None })
            })
            .collect();
        self.tasks.reports = self.stage.evaluate(world, &mut self.tasks.progress);
        self.tasks.done = self.tasks.reports.iter().map(|report| report.is_done).collect();
        if let Some(current) = self.current_task() {
            self.tasks.began.resize(current + 1, self.history.point());
        }
        self.refresh_predictions();
        self.board.take();
        self.crowd.get_mut().forget_world();
        self.refresh_draft();
    }

    /// Follows the world with what depends on each step: which checks were ever passed, where a task began, what an open
    /// document reads like. The rest depends on the world as it is at the end.
    fn follow_world(&mut self) {
        if self.tasks.recall.turn_to(self.history.world()) {
            self.rebase_drafts();
        }
        let world = self.history.world();
        self.tasks.done = self.stage.done(world, &mut self.tasks.progress, &mut self.tasks.recall);
        if let Some(current) = self.current_task() {
            self.tasks.began.resize(current + 1, self.history.point());
        }
        self.reveal_done();
    }

    /// Lists the scenario's people, and behind them the users made since and the sessions taken on. The acting identity stays while it exists.
    pub(super) fn refresh_personas(&mut self) {
        let acting = self.persona().name.clone();
        let mut personas = self.stage.personas.clone();
        let mut others = self.stage.newcomers(self.history.world());
        // An ended session stays, since it can be tried; one whose making was taken back does not.
        others.extend(self.taken.iter().filter(|persona| self.is_there(persona)).cloned());
        others.sort_by_key(|other| self.met.iter().position(|met| *met == other.name));
        personas.extend(others);
        self.personas = personas;
        let index = self.personas.iter().position(|p| p.name == acting);
        let start = || self.personas.iter().position(|p| p.name == self.stage.scenario.start_as);
        self.acting = index.or_else(start).unwrap_or_default();
        if index.is_none() {
            let name = self.persona().name.clone();
            self.console.act_as(&name);
        }
    }

    /// Tells whether somebody who was taken on is there: a session that has been made, ended or not, or whoever else has not
    /// been deleted.
    pub(super) fn is_there(&self, persona: &Persona) -> bool {
        let world = self.history.world();
        match &persona.caller {
            Caller::Session(key) => world.iam().has_session(key),
            Caller::Anonymous
            | Caller::Root(_)
            | Caller::User(..)
            | Caller::Role(..)
            | Caller::Service(_) => world.principal(&persona.caller).is_ok(),
        }
    }

    pub(super) fn refresh_draft(&mut self) {
        if self.replaying {
            self.drafted = None;
            return;
        }
        self.board.get_mut().forget_draft();
        self.crowd.get_mut().forget_drafts();
        self.drafted = self.put_together();
        let world = self.drafted.as_ref();
        // What one edit turns can be told from it; what several turn together is asked.
        let edit = match (world, self.readable_drafts().as_slice()) {
            (Some(world), [(draft, _)]) => draft.document().difference(self.history.world(), world),
            _ => None,
        };
        let asked = self.watched.as_ref().zip(world);
        for (index, (preview, persona)) in self.previews.iter_mut().zip(&self.personas).enumerate() {
            // Whose reasons are on the screen is asked anew.
            let edit = edit.as_ref().filter(|_| index != self.acting);
            preview.draft =
                asked.map(|(watched, world)| watched.ask_again(&preview.now, edit, world, &persona.caller));
        }
        self.tasks.draft_reports =
            world.map(|world| self.stage.evaluate(world, &mut self.tasks.progress.clone()));
        self.forget_what_came_before_the_drafts();
    }

    /// To apply a draft is a call: what a check wants to see after such a call has not been seen yet.
    fn forget_what_came_before_the_drafts(&mut self) {
        let drafts = self.readable_drafts();
        let actions = drafts.iter().filter_map(|(draft, _)| draft.document().action());
        let operations: Vec<&'static str> =
            actions.filter_map(|action| Some(action.split_once(':')?.1)).collect();
        let progress = &self.tasks.progress;
        let tasks = self.stage.scenario.tasks.iter().zip(self.tasks.draft_reports.iter_mut().flatten());
        for (named, report) in tasks.flat_map(|(task, report)| task.checks.iter().zip(&mut report.checks)) {
            let follows = operations.iter().any(|operation| named.check.follows(operation));
            if follows && !progress.has_latched(&named.id) && report.verdict == CheckStatus::Pass {
                report.verdict = CheckStatus::Fail;
            }
        }
    }

    /// Asks anew what one identity would get on the draft.
    fn refresh_preview(&mut self, index: usize) {
        if self.replaying {
            return;
        }
        let world = self.drafted.as_ref();
        if let (Some(preview), Some(persona)) = (self.previews.get_mut(index), self.personas.get(index)) {
            let asked = self.watched.as_ref().zip(world);
            preview.draft = asked.map(|(watched, world)| watched.ask(world, &persona.caller));
        }
    }
}

impl Target for Lab {
    fn world(&self) -> &World {
        self.history.world()
    }

    fn template(&self) -> Option<&TemplateSpec> {
        self.stage.scenario.world.template.as_ref()
    }

    fn call(&mut self, who: &str, caller: &Caller, call: Call) -> Arc<Outcome> {
        let outcome = self.call_as(caller.clone(), who.to_owned(), call).outcome.clone();
        if let Ok(response) = &outcome.result {
            self.marked.secrets.extend(share::marks(&response.to_json()));
        }
        let files = std::mem::replace(&mut self.marked.files, self.files.read_so_far());
        if let Some(Entry::Call(entry)) = self.unsaved.last_mut() {
            entry.from_file = self.marked.files > files;
        }
        outcome
    }

    fn advance(&mut self, by: SignedDuration) -> Result<(), ClockError> {
        Self::advance(self, by)
    }
}
