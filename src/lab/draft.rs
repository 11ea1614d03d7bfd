//! A document while it is edited: its text, what is wrong with it, and the world it would make.

use crate::cloud::eventbridge::EventPattern;
use crate::cloud::{Caller, World, reference};
use crate::policy::{self, Diagnostic, Severity, Span};

use super::DocumentId;

/// A document being edited. Nothing of it is in force until it is applied.
#[derive(Clone)]
pub struct Draft {
    document: DocumentId,
    applied: Option<String>,
    /// What the text was when the document was opened.
    opened: String,
    text: String,
    diagnostics: Vec<Diagnostic>,
    valid: Option<Valid>,
    /// Whether `text` has not been looked at yet.
    behind: bool,
    /// Earlier texts that were not looked at either, the oldest first.
    skipped: Vec<String>,
}

/// The last text that could be applied, and the world it would make.
#[derive(Clone)]
struct Valid {
    text: String,
    world: World,
}

impl Draft {
    /// Opens a document as it reads now; one that does not exist yet starts as a template.
    pub(super) fn open(document: DocumentId, world: &World, caller: &Caller, key: Option<&str>) -> Self {
        let mut draft = Self::begin(document, world, caller, key);
        draft.catch_up(world, caller);
        draft
    }

    /// Opens a document as [`Self::open`] does, and leaves it to [`Self::catch_up`] to look at the text.
    pub(super) fn begin(document: DocumentId, world: &World, caller: &Caller, key: Option<&str>) -> Self {
        let applied = document.text(world, caller);
        let text = applied.clone().unwrap_or_else(|| document.template(world, caller, key));
        Self {
            document,
            applied,
            opened: text.clone(),
            text,
            diagnostics: Vec::new(),
            valid: None,
            behind: true,
            skipped: Vec::new(),
        }
    }

    /// Takes the text over without a look at it: while a journal is done again, only the last one is shown.
    pub(super) fn take_over(&mut self, text: String) {
        let before = std::mem::replace(&mut self.text, text);
        if std::mem::replace(&mut self.behind, true) {
            self.skipped.push(before);
        }
    }

    /// Follows the world without a look at the text.
    pub(super) fn follow(&mut self, world: &World, caller: &Caller) {
        let edited = self.is_edited();
        self.applied = self.document.text(world, caller);
        if !edited && let Some(text) = self.applied.clone().filter(|text| *text != self.text) {
            self.take_over(text);
        }
    }

    /// Looks at the text that was taken over, and if that cannot be applied at those before, down to one that can.
    pub(super) fn catch_up(&mut self, world: &World, caller: &Caller) {
        let skipped = std::mem::take(&mut self.skipped);
        if !std::mem::take(&mut self.behind) {
            return;
        }
        let text = std::mem::take(&mut self.text);
        if self.set_text(text.clone(), world, caller) {
            return;
        }
        let diagnostics = std::mem::take(&mut self.diagnostics);
        let _last_valid = skipped.into_iter().rev().find(|text| self.set_text(text.clone(), world, caller));
        (self.text, self.diagnostics) = (text, diagnostics);
    }

    /// Returns the document that the draft is of.
    pub fn document(&self) -> &DocumentId {
        &self.document
    }

    /// The text as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text in force; `None` if the document does not exist.
    pub fn applied(&self) -> Option<&str> {
        self.applied.as_deref()
    }

    /// What is wrong with the text.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether the text could be applied, as far as the text goes.
    pub fn is_valid(&self) -> bool {
        self.valid.as_ref().is_some_and(|valid| valid.text == self.text)
    }

    /// Whether the text differs from what is in force.
    pub fn is_changed(&self) -> bool {
        self.differs(&self.text)
    }

    /// The text to compare with: the one in force, or what a document that does not exist yet started as.
    pub fn base(&self) -> &str {
        self.applied.as_deref().unwrap_or(&self.opened)
    }

    /// Whether somebody has typed something that is not in force. A document that does not exist yet counts from the
    /// first edit.
    pub fn is_edited(&self) -> bool {
        if self.applied.is_some() { self.is_changed() } else { self.opened != self.text }
    }

    /// The world that the last valid text would make, if that text differs from what is in force.
    pub fn world(&self) -> Option<&World> {
        let valid = self.valid.as_ref()?;
        self.differs(&valid.text).then_some(&valid.world)
    }

    /// The last text that could be applied.
    pub(super) fn valid_text(&self) -> Option<&str> {
        self.valid.as_ref().map(|valid| &*valid.text)
    }

    /// DynamoDB keeps an item, not its text; every other document is kept as it was written.
    fn differs(&self, text: &str) -> bool {
        let Some(applied) = self.applied.as_deref() else { return true };
        if applied == text {
            return false;
        }
        !matches!(self.document, DocumentId::Item(..)) || json(applied) != json(text)
    }

    /// Whether the text is another than the one in force and the same JSON.
    pub(super) fn is_respaced(&self) -> bool {
        let applied = self.applied.as_deref().filter(|applied| *applied != self.text);
        applied.and_then(json).is_some_and(|applied| json(&self.text) == Some(applied))
    }

    /// Takes the text over and computes what would follow. Answers whether that is anything new: a text that cannot be
    /// applied leaves what followed from the last that could.
    pub(super) fn set_text(&mut self, text: String, world: &World, caller: &Caller) -> bool {
        self.diagnostics = match (self.document.profile(), self.document.kind()) {
            (Some(profile), _) => policy::review(&text, profile, reference()).diagnostics,
            (None, Some(kind)) => policy::parse(&text, kind).diagnostics,
            (None, None) => errors(&self.document, &text),
        };
        let mut is_new = false;
        if !has_errors(&self.diagnostics) {
            match self.document.what_if(world, caller, &text) {
                Ok(changed) => {
                    let found = self.document.objections(world, &changed, caller);
                    self.diagnostics.retain(|known| found.iter().all(|new| new.code != known.code));
                    self.diagnostics.extend(found);
                    self.diagnostics.sort_by_key(|found| (found.span.start, found.span.end));
                    self.valid = Some(Valid { text: text.clone(), world: changed });
                    is_new = true;
                }
                // What the service says of the whole, where the review of the text found nothing.
                Err(error) => self.diagnostics.push(Diagnostic {
                    severity: Severity::Error,
                    code: "refused",
                    message: error.to_string(),
                    remedy: String::new(),
                    span: Span::new(0, text.len().min(1)),
                }),
            }
        }
        self.text = text;
        is_new
    }

    /// Looks at the text again for somebody else who would write it.
    pub(super) fn review(&mut self, world: &World, caller: &Caller) {
        if matches!(self.document, DocumentId::KeyPolicy(_)) {
            self.set_text(self.text.clone(), world, caller);
        }
    }

    /// Computes what would follow now that the world has changed under the draft, or somebody else writes it.
    pub(super) fn rebase(&mut self, world: &World, caller: &Caller) {
        let edited = self.is_edited();
        self.applied = self.document.text(world, caller);
        if !edited {
            // Nobody has typed anything: the document is shown as it reads now, one that is gone as it would start.
            self.set_text(self.base().to_owned(), world, caller);
            return;
        }
        // What the service would object to depends on who is there.
        if self.diagnostics.iter().any(|found| ["bad-principal", "lockout"].contains(&found.code)) {
            self.set_text(self.text.clone(), world, caller);
            return;
        }
        if let Some(text) = self.valid.take().map(|valid| valid.text)
            && let Ok(world) = self.document.what_if(world, caller, &text)
        {
            self.valid = Some(Valid { text, world });
        }
    }
}

fn json(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

/// What keeps a text from being what is no policy.
fn errors(document: &DocumentId, text: &str) -> Vec<Diagnostic> {
    let found = json_errors(text);
    if !found.is_empty() || !matches!(document, DocumentId::EventPattern(_)) {
        return found;
    }
    let error = EventPattern::read(text).err();
    let diagnostic = error.map(|error| Diagnostic {
        severity: Severity::Error,
        code: "invalid-pattern",
        message: error.to_string(),
        remedy: "A field holds a list of what it may be, as in \"source\": [\"aws.kms\"].".to_owned(),
        span: error.span(),
    });
    diagnostic.into_iter().collect()
}

/// What keeps a text from being JSON.
fn json_errors(text: &str) -> Vec<Diagnostic> {
    let errors = policy::json::read(text).errors.into_iter();
    let diagnostic = |error: policy::json::Error| Diagnostic {
        severity: Severity::Error,
        code: "invalid-json",
        message: error.message,
        remedy: error.remedy.to_owned(),
        span: error.span,
    };
    errors.map(diagnostic).collect()
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
