//! Small changes of JSON text that keep the layout around them.

use std::rc::Rc;

use crate::limits::steps;
use crate::policy::Span;
use crate::policy::json::Node;

/// A change of a text, which is made only when somebody asks for the text after it.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// What is added or removed, without commas and brackets that come with it.
    pub value: Value,
    /// The range to replace.
    pub span: Span,
    /// What to put before the value, and after it; `None` where the value goes.
    around: Option<[String; 2]>,
    /// Whether nothing is left of the text.
    removes_all: bool,
}

/// A text that is added or removed, and how many characters it has.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub text: Rc<str>,
    pub length: usize,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self { text: text.into(), length: text.chars().count() }
    }
}

impl Patch {
    /// Returns the patch that puts a value at a place, with something before and after it.
    pub(super) fn put(value: &Value, span: Span, before: &str, after: &str) -> Self {
        steps::add(before.len() + after.len());
        let around = Some([before.to_owned(), after.to_owned()]);
        Self { value: value.clone(), span, around, removes_all: false }
    }

    fn take(text: &str, value: Span, span: Span) -> Self {
        Self { value: value.of(text).into(), span, around: None, removes_all: false }
    }

    /// Returns the patch that removes the whole text, of which a value is what counts.
    pub(super) fn remove_all(text: &str, value: Span) -> Self {
        Self { removes_all: true, ..Self::take(text, value, Span::new(0, text.len())) }
    }

    /// What to put in place of the range.
    pub(super) fn replacement(&self) -> String {
        match &self.around {
            Some([before, after]) => format!("{before}{}{after}", self.value.text),
            None => String::new(),
        }
    }

    /// The text after the change; `None` if nothing is left.
    pub(super) fn document(&self, text: &str) -> Option<String> {
        if self.removes_all {
            return None;
        }
        let before = text.get(..self.span.start).unwrap_or_default();
        let after = text.get(self.span.end..).unwrap_or_default();
        Some(format!("{before}{}{after}", self.replacement()))
    }
}

/// Adds a value to a list; a single value becomes a list of two.
pub(super) fn append(text: &str, list: &Node, value: &Value) -> Patch {
    let Some(elements) = list.as_array() else {
        let old = list.span.of(text);
        return Patch::put(value, list.span, &format!("[{old}, "), "]");
    };
    match elements {
        [] => Patch::put(value, list.span, "[", "]"),
        [only] => {
            // As the first value is set off from its bracket, so is the second from the first.
            let gap = Span::new(list.span.start + 1, only.span.start).of(text);
            let gap = if gap.contains('\n') { gap } else { " " };
            Patch::put(value, Span::new(only.span.end, only.span.end), &format!(",{gap}"), "")
        }
        [.., before, end] => {
            let gap = Span::new(before.span.end, end.span.start).of(text);
            Patch::put(value, Span::new(end.span.end, end.span.end), gap, "")
        }
    }
}

/// Removes one of the parts of an array or object, with the comma it no longer needs; `None` if it is the only one, or none
/// of them. The parts stand in the order of the text.
pub(super) fn remove<T>(text: &str, parts: &[T], place: impl Fn(&T) -> Span, part: Span) -> Option<Patch> {
    let index = parts.binary_search_by_key(&part.start, |other| place(other).start).ok()?;
    if place(parts.get(index)?) != part {
        return None;
    }
    let beside = |at: Option<usize>| at.and_then(|at| parts.get(at)).map(&place);
    let span = match (beside(index.checked_sub(1)), beside(index.checked_add(1))) {
        (Some(before), _) => Span::new(before.end, part.end),
        (None, Some(after)) => Span::new(part.start, after.start),
        (None, None) => return None,
    };
    Some(Patch::take(text, part, span))
}

/// Removes the value at `span` from a list of values; `None` if it is the only one.
pub(super) fn remove_value(text: &str, list: &Node, span: Span) -> Option<Patch> {
    remove(text, list.as_array()?, |element| element.span, span)
}
