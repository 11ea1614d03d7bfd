//! Small changes of JSON text that keep the layout around them.

use crate::policy::Span;
use crate::policy::json::Node;

/// A change of a text.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// What is added or removed, without commas and brackets that come with it.
    pub value: String,
    /// The range to replace.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
    /// The text after the change; `None` if nothing is left.
    pub document: Option<String>,
}

impl Patch {
    pub(super) fn new(text: &str, value: &str, span: Span, replacement: String) -> Self {
        let before = text.get(..span.start).unwrap_or_default();
        let after = text.get(span.end..).unwrap_or_default();
        let document = Some(format!("{before}{replacement}{after}"));
        Self { value: value.to_owned(), span, replacement, document }
    }

    /// Returns the patch that removes the whole value.
    pub(super) fn remove_all(text: &str, value: &str) -> Self {
        let span = Span::new(0, text.len());
        Self { value: value.to_owned(), span, replacement: String::new(), document: None }
    }
}

/// Adds a value to a list; a single value becomes a list of two.
pub(super) fn append(text: &str, list: &Node, value: &str) -> Patch {
    let Some(elements) = list.as_array() else {
        let old = list.span.of(text);
        return Patch::new(text, value, list.span, format!("[{old}, {value}]"));
    };
    match elements {
        [] => Patch::new(text, value, list.span, format!("[{value}]")),
        [only] => {
            // As the first value is set off from its bracket, so is the second from the first.
            let gap = Span::new(list.span.start + 1, only.span.start).of(text);
            let gap = if gap.contains('\n') { gap } else { " " };
            Patch::new(text, value, Span::new(only.span.end, only.span.end), format!(",{gap}{value}"))
        }
        [.., before, end] => {
            let gap = Span::new(before.span.end, end.span.start).of(text);
            Patch::new(text, value, Span::new(end.span.end, end.span.end), format!("{gap}{value}"))
        }
    }
}

/// Removes one of the parts of an array or object, with the comma it no longer needs; `None` if it is the only one.
pub(super) fn remove(text: &str, parts: &[Span], index: usize) -> Option<Patch> {
    let part = parts.get(index)?;
    let span = match (index.checked_sub(1).and_then(|before| parts.get(before)), parts.get(index + 1)) {
        (Some(before), _) => Span::new(before.end, part.end),
        (None, Some(after)) => Span::new(part.start, after.start),
        (None, None) => return None,
    };
    Some(Patch::new(text, part.of(text), span, String::new()))
}

/// Removes the value at `span` from a list of values; `None` if it is the only one.
pub(super) fn remove_value(text: &str, list: &Node, span: Span) -> Option<Patch> {
    let elements: Vec<Span> = list.as_array()?.iter().map(|element| element.span).collect();
    let index = elements.iter().position(|element| *element == span)?;
    remove(text, &elements, index)
}
