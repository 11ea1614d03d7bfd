//! Places in a text: byte ranges, and the lines and columns a reader counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets into the text it was read from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text within the range; empty when the range is not one of `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// The last character boundary that is not after `offset`.
pub(crate) fn floor_char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The line and the column of a byte offset, both counted from 1; the column counts characters.
///
/// An offset past the end, or inside a character, counts as the nearest place before it.
pub fn line_col(text: &str, offset: usize) -> (usize, usize) {
    // INVARIANT: the offset is a boundary by construction.
    let before = &text[..floor_char_boundary(text, offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        for (offset, expected) in
            [(0, (1, 1)), (1, (1, 2)), (2, (1, 2)), (3, (1, 3)), (4, (2, 1)), (5, (2, 2)), (99, (2, 2))]
        {
            assert_eq!(line_col("aä\nb", offset), expected, "offset {offset}");
        }
    }

    #[test]
    fn a_span_outside_the_text_is_empty() {
        assert_eq!(Span::new(1, 9).of("abc"), "");
        assert_eq!(Span::new(1, 2).to(Span::new(4, 5)), Span::new(1, 5));
    }
}
