//! A text that was made from another, with the way back to the places of the other.

use crate::policy::Span;

/// A text made from another in pieces.
#[derive(Debug, Clone)]
pub(super) struct Mapped {
    pub text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where the piece begins in the text.
    at: usize,
    /// The part of the other text that the piece was made from.
    from: Span,
    /// Whether the piece was taken over letter by letter.
    verbatim: bool,
}

impl Mapped {
    pub(super) fn new() -> Self {
        Self { text: String::new(), pieces: Vec::new() }
    }

    /// Adds a part of the other text as it stands.
    pub(super) fn take(&mut self, other: &str, from: Span) {
        self.add(from.of(other), from, true);
    }

    /// Adds something that stands in place of a part of the other text.
    pub(super) fn put(&mut self, text: &str, from: Span) {
        self.add(text, from, false);
    }

    fn add(&mut self, text: &str, from: Span, verbatim: bool) {
        if !text.is_empty() {
            self.pieces.push(Piece { at: self.text.len(), from, verbatim });
            self.text.push_str(text);
        }
    }

    /// The place in the other text of a place in this one.
    pub(super) fn back(&self, span: Span) -> Span {
        let before = |at: usize| self.pieces.partition_point(|piece| piece.at <= at).checked_sub(1);
        let piece = |at: usize| before(at).and_then(|index| self.pieces.get(index));
        let start = piece(span.start).map_or(0, |piece| {
            if piece.verbatim { piece.from.start + (span.start - piece.at) } else { piece.from.start }
        });
        let last = span.end.saturating_sub(1).max(span.start);
        let end = piece(last).map_or(start, |piece| {
            if piece.verbatim {
                piece.from.start + (span.end.max(piece.at) - piece.at)
            } else {
                piece.from.end
            }
        });
        Span::new(start, end.max(start))
    }
}

/// The text that a JSON string stands for, with the places of the string as it is written.
pub(super) fn unescaped(text: &str, literal: Span, value: &str) -> Mapped {
    let mut mapped = Mapped::new();
    let inside = Span::new(literal.start + 1, literal.end.saturating_sub(1));
    let raw = inside.of(text);
    let mut at = 0;
    while let Some(found) = raw.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        mapped.take(text, Span::new(inside.start + at, inside.start + escape));
        // A pair of surrogates is two escapes and one character.
        let long = |from: usize| raw.get(from..from + 2).is_some_and(|start| start == "\\u");
        let mut length = if long(escape) { 6 } else { 2 };
        let code = raw.get(escape + 2..escape + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if length == 6 && code.is_some_and(|code| (0xd800..0xdc00).contains(&code)) && long(escape + 6) {
            length = 12;
        }
        let from = Span::new(inside.start + escape, inside.start + (escape + length).min(raw.len()));
        let one: Option<String> = serde_json::from_str(&format!("\"{}\"", from.of(text))).ok();
        mapped.put(&one.unwrap_or_default(), from);
        at = escape + length;
    }
    mapped.take(text, Span::new(inside.start + at.min(raw.len()), inside.end));
    if mapped.text == value {
        return mapped;
    }
    let mut whole = Mapped::new();
    whole.put(value, literal);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::json;

    #[test]
    fn places_lead_back_into_the_string() {
        let text = r#"{"Policy": "{\n \"A\": \"\u00e4\ud83d\ude00b\"}"}"#;
        let root = json::read(text).root.expect("JSON");
        let node = root.get("Policy").expect("a member");
        let mapped = unescaped(text, node.span, node.as_str().expect("a string"));
        assert_eq!(mapped.text, "{\n \"A\": \"ä😀b\"}");
        for (inner, outer) in
            [("{", "{"), ("A", "A"), ("ä", "\\u00e4"), ("😀", "\\ud83d\\ude00"), ("b\"}", "b\\\"}")]
        {
            let at = mapped.text.find(inner).expect(inner);
            let back = mapped.back(Span::new(at, at + inner.len()));
            assert_eq!(back.of(text), outer, "{inner}");
        }
    }

    #[test]
    fn what_was_put_in_leads_to_what_it_stands_for() {
        let other = "a${B}c";
        let mut mapped = Mapped::new();
        mapped.take(other, Span::new(0, 1));
        mapped.put("111122223333", Span::new(1, 5));
        mapped.take(other, Span::new(5, 6));
        assert_eq!(mapped.text, "a111122223333c");
        assert_eq!(mapped.back(Span::new(3, 4)), Span::new(1, 5));
        assert_eq!(mapped.back(Span::new(0, 14)), Span::new(0, 6));
        assert_eq!(mapped.back(Span::new(13, 14)), Span::new(5, 6));
    }
}
