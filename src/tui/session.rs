//! The learner's session as the screen uses it: what keys ask of the lab, and the words that come back.
//!
//! Decides nothing about access. What every face of a lab needs is
//! written beside [`LearnerSession`]; [`crate::narration`] turns the lab into what is drawn.

use jiff::SignedDuration;

use super::editor::Finding;
use crate::cloud::Call;
use crate::lab::saves::Far;
use crate::lab::{self, CallMade, DocumentId, LearnerSession, Point};
use crate::narration::{self, Fix, PresentedCall, Refusal, WhyStep};
use crate::policy;
use crate::scenario::Sureness;

/// How long one can wait: the words, the seconds, and what that time does.
pub const WAITS: [(&str, i64, &str); 6] = [
    ("5 minutes", 300, "a table key that DynamoDB has cached runs out; a new grant holds everywhere"),
    ("1 hour", 3_600, "temporary credentials of an assumed role run out"),
    ("2 hours", 7_200, "DynamoDB finds out that a table's key is gone, or back"),
    ("8 days", 691_200, "the shortest wait before a key is deleted is over"),
    ("31 days", 2_678_400, "the longest wait before a key is deleted is over"),
    ("1 year", 31_557_600, "automatic rotation has made new key material"),
];

/// A cue that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What has just happened.
    pub title: String,
    /// The call, if it was one.
    pub call: Option<PresentedCall>,
    /// What the teacher may want to say.
    pub notes: Vec<String>,
    pub next: Option<String>,
}

impl LearnerSession {
    /// Shows a cue, from 0, exactly as it was. Returns what has just happened, the call if it was one, and the notes.
    pub(super) fn present(&mut self, n: usize) -> Option<Shown> {
        let (cue, next) = self.show_cue(n)?;
        let call = cue.made.as_ref().map(|made| narration::presented(&cue.lab, made));
        Some(Shown { title: cue.title, call, notes: cue.notes, next })
    }

    /// Makes one of those edits in the draft of its document.
    pub(super) fn take_fix(&mut self, fix: &Fix) {
        if self.lab().draft().is_none_or(|d| *d.document() != fix.document) {
            self.lab_mut().open_document(fix.document.clone());
        }
        self.lab_mut().set_draft(&fix.text);
    }

    /// How far the scenario is.
    pub(super) fn far(&self) -> Far {
        Far::of(self.lab())
    }

    /// Acts as another identity. `stay` keeps the document on the screen.
    pub(super) fn act_as(&mut self, n: usize, stay: bool) {
        let shown = self.lab().draft().map(|d| d.document().clone());
        let own =
            shown.as_ref().is_some_and(|d| self.lab().identity_documents(self.lab().persona()).contains(d));
        let changed = self.is_changed();
        self.lab_mut().switch(n);
        let follows = match &shown {
            // What one person reads of an item another may not be shown.
            Some(d @ DocumentId::Item(..)) => !self.lab().all_documents().contains(d),
            Some(d) => own && !self.lab().documents().contains(d),
            None => false,
        };
        // The documents follow the identity. Without a draft to keep, one of the person before gives way.
        if !changed && follows && !stay {
            self.lab_mut().open_first_document();
        }
    }

    /// Whether the document on the screen is an item rather than a policy.
    pub(super) fn is_item(&self) -> bool {
        self.lab().draft().is_some_and(|d| matches!(d.document(), DocumentId::Item(..)))
    }

    /// Makes the watched call. Whether it succeeded, and the words for it.
    pub(super) fn run(&mut self) -> (bool, String) {
        match self.lab_mut().ask() {
            // The answer pane holds the message; here its code is enough.
            Some(made) => match &made.outcome.result {
                Ok(_) => ended(&made),
                Err(e) => (false, format!("{} by {}: {}", made.call.action(), made.who, e.code)),
            },
            None => (false, "there is no call to make yet".into()),
        }
    }

    /// The document's text, as typed.
    pub(super) fn text(&self) -> String {
        self.lab().draft().map(|d| d.text().to_owned()).unwrap_or_default()
    }

    /// The text to compare with: the one in force, or what a document that does not exist yet started as.
    pub(super) fn base(&self) -> String {
        self.lab().draft().map(|d| d.base().to_owned()).unwrap_or_default()
    }

    /// Whether the text differs from what is in force. A document that does not exist yet counts from the first edit.
    pub(super) fn is_changed(&self) -> bool {
        self.lab().draft().is_some_and(lab::Draft::is_edited)
    }

    /// What is wrong with the text.
    pub(super) fn findings(&self) -> Vec<Finding> {
        // What nobody here can change needs no advice.
        let Some(draft) = self.lab().draft().filter(|_| !narration::is_read_only(self.lab())) else {
            return Vec::new();
        };
        let hidden = self.lab().document_waits_for_guess();
        let told = draft.diagnostics().iter().filter_map(|found| narration::told(self.lab(), found, hidden));
        findings(draft.text(), told.collect())
    }

    /// Applies the draft as the acting identity.
    pub(super) fn apply(&mut self) -> Result<String, Refusal> {
        let made = self.lab_mut().apply_draft().map_err(|e| Refusal {
            title: "Not applied".into(),
            message: e.to_string(),
            why: Vec::new(),
        })?;
        match &made.outcome.result {
            Ok(_) => Ok(ended(&made).1),
            Err(_) => Err(narration::refusal(self.lab(), &made)),
        }
    }

    /// Applies every draft as the acting identity, until one is refused. Says which are in force now.
    pub(super) fn apply_all(&mut self) -> Result<String, Refusal> {
        let ended = self.lab_mut().apply_drafts();
        narration::applied(self.lab(), &ended)
    }

    /// Returns the document behind the one on the screen.
    pub(super) fn next_document(&self) -> Option<DocumentId> {
        let documents = self.lab().documents();
        let shown = self.lab().draft().map(lab::Draft::document);
        let at = shown.and_then(|d| documents.iter().position(|other| other == d));
        let next = at.map_or(0, |i| (i + 1) % documents.len().max(1));
        documents.into_iter().nth(next)
    }

    /// Follows a world that was changed otherwise than by the document on the screen: what is in force is shown anew
    /// unless there is a draft to keep.
    pub(super) fn follow_world(&mut self, keep_draft: bool) {
        let documents = self.lab().documents();
        let shown = self.lab().draft().map(|d| d.document().clone());
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

    /// Makes one of those calls, as the acting identity.
    pub(super) fn act_on_key(&mut self, call: Call) -> Result<String, Refusal> {
        let made = self.lab_mut().call(call);
        match &made.outcome.result {
            Ok(_) => Ok(ended(&made).1),
            Err(_) => Err(narration::refusal(self.lab(), &made)),
        }
    }

    /// Shows the next hint.
    pub(super) fn hint(&mut self) -> Result<(), String> {
        let Some(task) = self.lab().current_task() else {
            return Err("everything is done: no hint is needed".into());
        };
        if self.lab_mut().hint() {
            return Ok(());
        }
        let none = self.lab().hints(task).is_empty();
        Err(if none { "there is no hint for what is left" } else { "that was the last hint" }.into())
    }

    /// Answers the question on screen, with the answer at that place of those shown, and how sure one is.
    pub(super) fn predict(&mut self, place: usize, sure: Option<Sureness>) {
        let Some(question) = self.lab().next_prediction().map(|prediction| prediction.id.clone()) else {
            return;
        };
        self.answer(&question, place, sure);
    }

    /// Answers a question by its name, with the answer at that place of those shown, and how sure one is.
    pub(super) fn answer(&mut self, question: &str, place: usize, sure: Option<Sureness>) {
        let prediction = self.lab().scenario().predictions().find(|prediction| prediction.id == question);
        let Some(choice) = prediction.and_then(|prediction| self.lab().choice_at(prediction, place)) else {
            return;
        };
        self.lab_mut().predict(question, choice);
        if let Some(sure) = sure {
            self.lab_mut().be_sure(question, sure);
        }
    }

    /// Takes the last step back. Says so, or why not.
    pub(super) fn undo(&mut self) -> Result<String, String> {
        let history = self.lab().history();
        let words = narration::step_words(history.last().ok_or("this is the beginning")?);
        let point = history.point();
        self.stand_at(Point { position: point.position.saturating_sub(1), ..point })?;
        Ok(format!("taken back: {words}"))
    }

    /// Makes the step again. Says so, or why not.
    pub(super) fn redo(&mut self) -> Result<String, String> {
        let point = self.lab().history().point();
        let step = self.lab().history().steps().get(point.position);
        let words = narration::step_words(step.ok_or("this is the newest moment")?);
        self.stand_at(Point { position: point.position + 1, ..point })?;
        Ok(format!("made again: {words}"))
    }

    /// Goes to a point of the history; the document reads as it did then. Callers see to it that no draft is lost.
    pub(super) fn stand_at(&mut self, point: Point) -> Result<(), String> {
        self.lab_mut().go_to_point(point).map_err(|e| e.to_string())?;
        self.lab_mut().revert_draft();
        Ok(())
    }

    /// Begins the current task again; says which, if there is one.
    pub(super) fn restart_task(&mut self) -> Result<Option<usize>, String> {
        let Some(task) = self.lab().last_begun() else { return Ok(None) };
        self.lab_mut().restart_task().map_err(|e| e.to_string())?;
        self.lab_mut().revert_draft();
        Ok(Some(task))
    }

    /// Lets the simulated time pass by so many seconds.
    pub(super) fn wait(&mut self, seconds: i64) -> Result<(), String> {
        self.lab_mut().advance(SignedDuration::from_secs(seconds)).map_err(|e| e.to_string())
    }

    /// The watched call as an aws command.
    pub(super) fn watched_cli(&self) -> Option<String> {
        self.lab().watched().map(|w| crate::aws_cli::aws_line(&w.call(), Some(&self.lab().persona().name)))
    }

    /// Why one cell of the matrix about that subject is as it is.
    pub(super) fn explain_cell(&self, subject: usize, row: usize, column: usize) -> Vec<WhyStep> {
        let probe = narration::matrix_probe(self.lab(), subject, column);
        let Some((probe, persona)) = probe.zip(self.lab().personas().get(row)) else { return Vec::new() };
        let record = self.lab().shown_world().probe(&persona.caller, &probe).ok();
        record.map(|record| narration::why_step(self.lab(), &record)).into_iter().collect()
    }
}

fn ended(made: &CallMade) -> (bool, String) {
    let action = made.call.action();
    match &made.outcome.result {
        Ok(_) => (true, format!("{action} by {}: done", made.who)),
        Err(e) => (false, format!("{action} by {}: {e}", made.who)),
    }
}

/// The longest mark under a finding, in characters: no screen shows more of a line.
const MAX_MARK: usize = 1_000;

/// Returns the findings in the order of their places. The text is gone through once for all of them.
fn findings(text: &str, mut told: Vec<policy::Diagnostic>) -> Vec<Finding> {
    told.sort_by_key(|d| d.span.start);
    let (mut at, mut line, mut column) = (0, 0, 0);
    let mut findings = Vec::with_capacity(told.len());
    for d in told {
        for c in text.get(at..d.span.start).unwrap_or_default().chars() {
            (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + 1) };
        }
        at = at.max(d.span.start);
        findings.push(Finding {
            line,
            column,
            len: d.span.of(text).chars().take(MAX_MARK).take_while(|c| !matches!(c, '\n' | '\r')).count(),
            severity: d.severity,
            message: d.message,
            remedy: d.remedy,
        });
    }
    findings
}
