//! What is wrong with a template, and where.

use crate::limits::Exceeded;
use crate::policy::json;
use crate::policy::{Span, line_col};

/// Why a template cannot be read: the place, what is wrong there, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}; {remedy}")]
pub struct TemplateError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    pub message: String,
    pub remedy: String,
}

/// A mistake at a place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub span: Span,
    pub message: String,
    pub remedy: String,
}

impl Fault {
    /// Notes what is wrong at a place, and the remedy.
    pub fn new(span: Span, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { span, message: message.into(), remedy: remedy.into() }
    }

    /// Notes that something is beyond a limit.
    pub fn beyond(span: Span, limit: Exceeded) -> Self {
        Self::new(span, limit.to_string(), "take a part of the template")
    }

    /// Returns the mistake with its line and column in the text.
    pub fn in_text(self, text: &str) -> TemplateError {
        let (line, column) = line_col(text, self.span.start);
        TemplateError { line, column, message: self.message, remedy: self.remedy }
    }
}

impl From<json::Error> for Fault {
    fn from(error: json::Error) -> Self {
        let remedy = error.remedy.trim_end_matches('.');
        let mut letters = remedy.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        Self::new(error.span, error.message, first.into_iter().chain(letters).collect::<String>())
    }
}
