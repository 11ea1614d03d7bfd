//! The learner's session as the screen uses it: what keys ask of the lab, and the words that come back.
//!
//! Decides nothing about access. [`crate::narration`] turns the session into what is drawn.

use std::path::Path;

use jiff::SignedDuration;

use super::editor::Finding;
use crate::cloud::Call;
use crate::lab::saves::{self, Resumed, Save};
use crate::lab::{self, CallMade, Cue, DocumentId, Follow, Lab, Point};
use crate::narration::{
    self, Comparison, DocumentRow, Fix, JsonPlace, LabView, PresentedCall, Refusal, Snippet, CallStatus,
    VersionRow, ViewOptions, WhyStep,
};
use crate::policy;

/// How long one can wait: the words, the seconds, and what that time does.
pub const WAITS: [(&str, i64, &str); 6] = [
    ("5 minutes", 300, "a table key that DynamoDB has cached runs out; a new grant holds everywhere"),
    ("1 hour", 3_600, "temporary credentials of an assumed role run out"),
    ("2 hours", 7_200, "DynamoDB finds out that a table's key is gone, or back"),
    ("8 days", 691_200, "the shortest wait before a key is deleted is over"),
    ("31 days", 2_678_400, "the longest wait before a key is deleted is over"),
    ("1 year", 31_557_600, "automatic rotation has made new key material"),
];

/// An open scenario.
pub struct Session {
    lab: Lab,
    /// Grows with everything that may change what is shown.
    revision: u64,
    /// Where steps are kept, if they are.
    save: Option<Save>,
    /// The file that a document follows.
    follow: Option<Follow>,
    /// The lesson being shown, and the person's own lab meanwhile.
    lesson: Option<(Vec<Cue>, Lab)>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("scenario", &self.lab.scenario().id).finish_non_exhaustive()
    }
}

/// A cue that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What has just happened.
    pub title: String,
    /// The call, if it was one.
    pub call: Option<PresentedCall>,
    /// What the teacher may want to say.
    pub notes: Vec<String>,
    /// What comes next.
    pub next: Option<String>,
}

impl Session {
    /// Opens a scenario by id or file, where it was left if `state` holds its journal. The second value is something
    /// the person should know.
    pub fn start(
        which: &str,
        acting: Option<&str>,
        state: Option<&Path>,
    ) -> Result<(Self, Option<(bool, String)>), String> {
        let resumed = saves::resume(which, acting, state).map_err(|e| e.to_string())?;
        let Resumed { lab, save, notice } = resumed;
        Ok((Self { lab, revision: 0, save, follow: None, lesson: None }, notice))
    }

    /// Grows with everything that may change what is shown: what was made from the same revision is still true.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The lab, to change it.
    fn lab_mut(&mut self) -> &mut Lab {
        self.revision += 1;
        &mut self.lab
    }

    /// Which identity acts, by its place in the list.
    pub fn acting(&self) -> usize {
        self.lab.acting()
    }

    /// Writes down what was done. Text being typed waits unless `all`.
    pub fn keep(&mut self, all: bool) -> Result<(), String> {
        if let Some(save) = self.save.as_mut().filter(|_| self.lesson.is_none()) {
            return save.write(&mut self.lab, all);
        }
        self.lab.take_unsaved();
        Ok(())
    }

    /// Stops writing things down, after writing failed once.
    pub fn keep_no_more(&mut self) {
        self.save = None;
    }

    /// Lets a document follow a file: `FILE`, for the one that is open, or `DOCUMENT=FILE`.
    pub fn watch(&mut self, text: &str) -> Result<(), String> {
        self.follow = Some(Follow::new(&self.lab, text)?);
        Ok(())
    }

    /// What to say of the watched file, and whether the draft has changed; `None` if there is no news.
    pub fn look(&mut self) -> Option<(String, bool)> {
        if self.lesson.is_some() {
            return None;
        }
        let news = self.follow.as_mut()?.look(&mut self.lab)?;
        self.revision += 1;
        Some(news)
    }

    /// Begins to show the scenario's solution, cue by cue. The person's own lab waits. Answers how many cues there are.
    pub fn begin_lesson(&mut self) -> usize {
        if let Some((cues, _)) = &self.lesson {
            return cues.len();
        }
        // What was done up to here is written first: nothing of a lesson is.
        if self.keep(true).is_err() {
            self.keep_no_more();
        }
        let cues = self.lab.cues();
        let count = cues.len();
        self.lesson = Some((cues, self.lab.clone()));
        count
    }

    /// Shows a cue, from 0, exactly as it was. Answers what has just happened, the call if it was one, and the notes.
    pub fn show_cue(&mut self, n: usize) -> Option<Shown> {
        let (cues, _) = self.lesson.as_ref()?;
        let cue = cues.get(n)?;
        let next = cues.get(n + 1).map(|next| next.title.clone());
        let call = cue.made.as_ref().map(|made| narration::presented(&cue.lab, made));
        let shown = Shown { title: cue.title.clone(), call, notes: cue.notes.clone(), next };
        let lab = cue.lab.clone();
        *self.lab_mut() = lab;
        Some(shown)
    }

    /// Goes back to the person's own lab.
    pub fn end_lesson(&mut self) {
        if let Some((_, own)) = self.lesson.take() {
            *self.lab_mut() = own;
        }
    }

    /// The smallest single edits that would turn the answer of the acting identity around.
    pub fn fixes(&self) -> Vec<Fix> {
        narration::fixes(&self.lab)
    }

    /// Makes one of those edits in the draft of its document.
    pub fn take_fix(&mut self, fix: &Fix) {
        if self.lab.draft().is_none_or(|d| *d.document() != fix.document) {
            self.lab_mut().open_document(fix.document.clone());
        }
        self.lab_mut().set_draft(&fix.text);
    }

    /// Everything the screen draws.
    pub fn view(&self, options: ViewOptions) -> LabView {
        narration::lab_view(&self.lab, options)
    }

    /// The id of the scenario.
    pub fn scenario_id(&self) -> String {
        self.lab.scenario().id.clone()
    }

    /// Whether what is done here is kept on the disk.
    pub fn is_kept(&self) -> bool {
        self.save.is_some() && self.lesson.is_none()
    }

    /// Tasks done and tasks in all.
    pub fn progress(&self) -> (usize, usize) {
        let reports = self.lab.reports();
        (reports.iter().filter(|r| r.is_done()).count(), reports.len())
    }

    /// Starts again.
    pub fn reset(&mut self) {
        self.lab_mut().reset();
        self.lab_mut().open_first_document();
    }

    /// Acts as another identity.
    pub fn act_as(&mut self, n: usize) {
        let shown = self.lab.draft().map(|d| d.document().clone());
        let own = shown.as_ref().is_some_and(|d| self.lab.identity_documents(self.lab.persona()).contains(d));
        let changed = self.is_changed();
        self.lab_mut().switch(n);
        let follows = match &shown {
            // What one person reads of an item another may not be shown.
            Some(d @ DocumentId::Item(..)) => !self.lab.all_documents().contains(d),
            Some(d) => own && !self.lab.documents().contains(d),
            None => false,
        };
        // The documents follow the identity. Without a draft to keep, one of the person before gives way.
        if !changed && follows {
            self.lab_mut().open_first_document();
        }
    }

    /// Every document there is, with what is said of it.
    pub fn documents(&self) -> Vec<(DocumentId, DocumentRow)> {
        narration::document_rows(&self.lab)
    }

    /// Whether the document on the screen is an item rather than a policy.
    pub fn is_item(&self) -> bool {
        self.lab.draft().is_some_and(|d| matches!(d.document(), DocumentId::Item(..)))
    }

    /// The versions of the document on the screen, the newest first, with their texts.
    pub fn versions(&self) -> Vec<(Option<String>, VersionRow)> {
        narration::versions(&self.lab)
    }

    /// Shows a document. A draft of another one is lost.
    pub fn open(&mut self, document: DocumentId) {
        self.lab_mut().open_document(document);
    }

    /// Makes the watched call. Whether it succeeded, and the words for it.
    pub fn run(&mut self) -> (bool, String) {
        match self.lab_mut().ask() {
            // The answer pane holds the message; here its code is enough.
            Some(made) => match &made.outcome.result {
                Ok(_) => ended(&made),
                Err(e) => (false, format!("{} by {}: {}", made.call.action(), made.who, e.code)),
            },
            None => (false, "there is no call to make yet".into()),
        }
    }

    /// The calls there are to watch.
    pub fn watchable(&self) -> Vec<lab::Watchable> {
        self.lab.watchable()
    }

    /// Watches a call from now on.
    pub fn watch_call(&mut self, chosen: &lab::Watched) {
        self.lab_mut().watch(chosen.call());
    }

    /// The document's text, as typed.
    pub fn text(&self) -> String {
        self.lab.draft().map(|d| d.text().to_owned()).unwrap_or_default()
    }

    /// The text to compare with: the one in force, or what a document that does not exist yet started as.
    pub fn base(&self) -> String {
        self.lab.draft().map(|d| d.base().to_owned()).unwrap_or_default()
    }

    /// Whether the text differs from what is in force. A document that does not exist yet counts from the first edit.
    pub fn is_changed(&self) -> bool {
        self.lab.draft().is_some_and(lab::Draft::is_edited)
    }

    /// Takes over the text as typed.
    pub fn edit(&mut self, text: &str) {
        self.lab_mut().set_draft(text);
    }

    /// What is wrong with the text.
    pub fn findings(&self) -> Vec<Finding> {
        // What nobody here can change needs no advice.
        let Some(draft) = self.lab.draft().filter(|_| !narration::is_read_only(&self.lab)) else {
            return Vec::new();
        };
        draft.diagnostics().iter().map(|d| finding(draft.text(), d)).collect()
    }

    /// Applies the draft as the acting identity.
    pub fn apply(&mut self) -> Result<String, Refusal> {
        let made = self.lab_mut().apply_draft().map_err(|e| Refusal {
            title: "Not applied".into(),
            message: e.to_string(),
            why: Vec::new(),
        })?;
        match &made.outcome.result {
            Ok(_) => Ok(ended(&made).1),
            Err(_) => Err(narration::refusal(&self.lab, &made)),
        }
    }

    /// Takes the draft back.
    pub fn discard(&mut self) {
        self.lab_mut().revert_draft();
    }

    /// Shows the next document.
    pub fn next_document(&mut self) {
        let documents = self.lab.documents();
        let shown = self.lab.draft().map(lab::Draft::document);
        let at = shown.and_then(|d| documents.iter().position(|other| other == d));
        let next = at.map_or(0, |i| (i + 1) % documents.len().max(1));
        if let Some(document) = documents.into_iter().nth(next) {
            self.lab_mut().open_document(document);
        }
    }

    /// Acts as another identity; the document stays.
    pub fn act_beside(&mut self, n: usize) {
        self.lab_mut().switch(n);
    }

    // The console

    /// What was typed into the console, and what it printed.
    pub fn typed(&self) -> &[lab::Typed] {
        self.lab.transcript().shown()
    }

    /// The lines typed so far, oldest first.
    pub fn typed_lines(&self) -> Vec<String> {
        self.lab.transcript().lines().map(str::to_owned).collect()
    }

    /// The console's prompt.
    pub fn prompt(&self) -> String {
        self.lab.prompt()
    }

    /// Runs what was typed into the console.
    pub fn type_text(&mut self, text: &str) {
        self.lab_mut().type_text(text);
    }

    /// Whether `exit` was typed; asking takes it back.
    pub fn left_console(&mut self) -> bool {
        self.lab.left_console()
    }

    /// Clears the console.
    pub fn clear_console(&mut self) {
        self.lab.clear_transcript();
    }

    /// What could stand in the place of the word that ends at byte `cursor`.
    pub fn complete_line(&self, line: &str, cursor: usize) -> crate::aws_cli::Completion {
        self.lab.complete(line, cursor)
    }

    /// Follows a world that was changed otherwise than by the document on the screen: what is in force is shown anew
    /// unless there is a draft to keep.
    pub fn follow_world(&mut self, keep_draft: bool) {
        let documents = self.lab.documents();
        let shown = self.lab.draft().map(|d| d.document().clone());
        match shown {
            Some(document) if documents.contains(&document) => {
                if !keep_draft {
                    self.lab_mut().open_document(document);
                }
            }
            Some(_) if keep_draft => {}
            _ => self.lab_mut().open_first_document(),
        }
    }

    // Keys

    /// What can be done with the key or grant on a row of the list.
    pub fn key_actions(&self, row: usize) -> Vec<narration::KeyAction> {
        narration::key_actions(&self.lab, row)
    }

    /// Makes one of those calls, as the acting identity.
    pub fn act_on_key(&mut self, call: Call) -> Result<String, Refusal> {
        let made = self.lab_mut().call(call);
        match &made.outcome.result {
            Ok(_) => Ok(ended(&made).1),
            Err(_) => Err(narration::refusal(&self.lab, &made)),
        }
    }

    /// Shows the next hint.
    pub fn hint(&mut self) -> Result<(), String> {
        let Some(task) = self.lab.current_task() else {
            return Err("everything is done: no hint is needed".into());
        };
        let all = self.lab.scenario().tasks.get(task).map_or(0, |t| t.hints.len());
        if self.lab.hints(task).len() >= all {
            return Err(if all == 0 { "this task has no hints" } else { "that was the last hint" }.into());
        }
        self.lab_mut().hint();
        Ok(())
    }

    /// Whether the answer to whoever acts is kept back until a question is answered.
    pub fn is_spoiler(&self) -> bool {
        self.lab.is_spoiler(self.lab.acting())
    }

    /// Answers the question on screen.
    pub fn predict(&mut self, choice: usize) {
        if let Some(id) = self.lab.next_prediction().map(|prediction| prediction.id.clone()) {
            self.lab_mut().predict(&id, choice);
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self) -> Option<String> {
        let history = self.lab.history();
        let words = narration::step_words(history.last()?);
        let point = history.point();
        self.stand_at(Point { position: point.position.saturating_sub(1), ..point });
        Some(format!("taken back: {words}"))
    }

    /// Makes the step again.
    pub fn redo(&mut self) -> Option<String> {
        let point = self.lab.history().point();
        let words = narration::step_words(self.lab.history().steps().get(point.position)?);
        self.stand_at(Point { position: point.position + 1, ..point });
        Some(format!("made again: {words}"))
    }

    /// Where in the history the lab stands.
    pub fn point(&self) -> Point {
        self.lab.history().point()
    }

    /// The decisions of the call at a point of the history.
    pub fn decisions_at(&self, point: Point) -> Vec<WhyStep> {
        narration::decisions_at(&self.lab, point)
    }

    /// Two points of the history against each other.
    pub fn compare(&self, one: Point, other: Point) -> Comparison {
        narration::comparison(&self.lab, one, other)
    }

    /// Goes to a point of the history; the document reads as it did then. Callers see to it that no draft is lost.
    pub fn stand_at(&mut self, point: Point) {
        self.lab_mut().go_to_point(point);
        self.discard();
    }

    /// Begins the current task again; says which.
    pub fn restart_task(&mut self) -> Option<usize> {
        let task = self.lab.last_begun()?;
        self.lab_mut().restart_task();
        self.discard();
        Some(task)
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64) -> Result<(), String> {
        self.lab_mut().advance(SignedDuration::from_secs(seconds)).map_err(|e| e.to_string())
    }

    /// Statements to insert, with the names of this world.
    pub fn snippets(&self) -> Vec<Snippet> {
        narration::snippets(&self.lab)
    }

    /// What could stand there: names of elements and conditions, values, actions, principals and ARNs of this world.
    pub fn completions(&self, place: &JsonPlace) -> Vec<String> {
        narration::completions(&self.lab, place)
    }

    /// The actions one can ask about, each with its access level.
    pub fn known_actions(&self) -> Vec<(String, &'static str)> {
        narration::known_actions(&self.lab)
    }

    /// The watched call as an aws command.
    pub fn watched_cli(&self) -> Option<String> {
        self.lab.watched().map(|w| crate::aws_cli::aws_line(&w.call(), Some(&self.lab.persona().name)))
    }

    /// What of this world an action can be done to.
    pub fn targets(&self, action: &str) -> Vec<narration::ActionTarget> {
        narration::targets(&self.lab, action)
    }

    /// Every principal with its answer to one action on that.
    pub fn who_can(&self, action: &str, target: &narration::ActionTarget) -> Vec<(String, CallStatus, String)> {
        narration::who_can(&self.lab, action, target)
    }

    /// Why one cell of the matrix about that subject is as it is.
    pub fn explain_cell(&self, subject: usize, row: usize, column: usize) -> Vec<WhyStep> {
        let probe = narration::matrix_probe(&self.lab, subject, column);
        let Some((probe, persona)) = probe.zip(self.lab.personas().get(row)) else { return Vec::new() };
        let record = self.lab.shown_world().probe(&persona.caller, &probe).ok();
        record.map(|record| narration::why_step(&self.lab, &record)).into_iter().collect()
    }
}

fn ended(made: &CallMade) -> (bool, String) {
    let action = made.call.action();
    match &made.outcome.result {
        Ok(_) => (true, format!("{action} by {}: done", made.who)),
        Err(e) => (false, format!("{action} by {}: {}: {}", made.who, e.code, e.message)),
    }
}

fn finding(text: &str, d: &policy::Diagnostic) -> Finding {
    let (line, column) = policy::line_col(text, d.span.start);
    let marked = d.span.of(text).lines().next().unwrap_or_default().chars().count();
    Finding {
        line: line - 1,
        column: column - 1,
        len: marked,
        severity: d.severity,
        message: d.message.clone(),
        remedy: d.remedy.clone(),
    }
}
