//! A document while it is edited: its text, what is wrong with it, and the world it would make.

use crate::cloud::World;
use crate::policy::{self, Diagnostic, Severity};

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
}

/// The last text that was a policy, and the world it would make.
#[derive(Clone)]
struct Valid {
    text: String,
    world: World,
}

impl Draft {
    /// Opens a document as it reads now; one that does not exist yet starts as `template`.
    pub(super) fn open(document: DocumentId, world: &World, template: &str) -> Self {
        let applied = document.text(world);
        let text = applied.clone().unwrap_or_else(|| template.to_owned());
        let mut draft = Self {
            document,
            applied,
            opened: text.clone(),
            text: String::new(),
            diagnostics: Vec::new(),
            valid: None,
        };
        draft.set_text(text, world);
        draft
    }

    /// Which document.
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

    /// Whether the text is a policy.
    pub fn is_valid(&self) -> bool {
        self.valid.as_ref().is_some_and(|valid| valid.text == self.text)
    }

    /// Whether the text differs from what is in force.
    pub fn is_changed(&self) -> bool {
        self.applied.as_deref() != Some(&self.text)
    }

    /// The text to compare with: the one in force, or what a document that does not exist yet started as.
    pub fn base(&self) -> &str {
        self.applied.as_deref().unwrap_or(&self.opened)
    }

    /// Whether somebody has typed something that is not in force. A document that does not exist yet counts from the
    /// first edit.
    pub fn is_edited(&self) -> bool {
        self.base() != self.text
    }

    /// The world that the last valid text would make, if that text differs from what is in force.
    pub fn world(&self) -> Option<&World> {
        let valid = self.valid.as_ref()?;
        (self.applied.as_deref() != Some(&valid.text)).then_some(&valid.world)
    }

    /// Takes the text over and computes what would follow. Answers whether that is anything new: a text that is no
    /// policy leaves what followed from the last that was one.
    pub(super) fn set_text(&mut self, text: String, world: &World) -> bool {
        self.diagnostics = policy::parse(&text, self.document.kind()).diagnostics;
        let errors = self.diagnostics.iter().any(|d| d.severity == Severity::Error);
        let what_if = (!errors).then(|| self.document.what_if(world, &text).ok()).flatten();
        let is_new = what_if.is_some();
        if let Some(world) = what_if {
            self.valid = Some(Valid { text: text.clone(), world });
        }
        self.text = text;
        is_new
    }

    /// Computes what would follow now that the world has changed under the draft.
    pub(super) fn rebase(&mut self, world: &World) {
        let edited = self.is_edited();
        self.applied = self.document.text(world);
        if !edited && let Some(text) = self.applied.clone() {
            // Nobody has typed anything: the document is shown as it reads now.
            self.set_text(text, world);
            return;
        }
        if let Some(text) = self.valid.take().map(|valid| valid.text)
            && let Ok(world) = self.document.what_if(world, &text)
        {
            self.valid = Some(Valid { text, world });
        }
    }
}
