//! The symbols the screen draws, with a set for terminals and fonts that have ASCII only.

use ratatui::symbols::border;

/// One set of symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Before a verdict of allowed, and a check that passed.
    pub allowed: &'static str,
    /// Before a verdict of denied.
    pub denied: &'static str,
    /// Before an outcome that is neither.
    pub failed: &'static str,
    /// Where nothing is said yet.
    pub unknown: &'static str,
    /// Between the old and the new verdict.
    pub arrow: &'static str,
    /// Before the acting identity or the selected row.
    pub marker: &'static str,
    pub key: &'static str,
    pub table: &'static str,
    /// Where text was cut.
    pub ellipsis: &'static str,
    pub dot: &'static str,
    /// A task not done.
    pub todo: &'static str,
    pub done: &'static str,
    /// The row of a list that one is at, or has begun.
    pub open: &'static str,
    /// A belief that was met and not shown by any guess.
    pub seen: &'static str,
    /// A document with unapplied changes.
    pub dirty: &'static str,
    /// Beside a changed line.
    pub bar: &'static str,
    /// Beside a line that decided.
    pub decided: &'static str,
    /// Beside the line where lines were removed.
    pub gone: &'static str,
    /// The part of a scroll bar that stands for what is in sight.
    pub thumb: &'static str,
    /// Before what lies on another branch.
    pub fork: &'static str,
    pub corner: &'static str,
    /// The frame of a pane.
    pub border: border::Set<'static>,
    /// A full block, for large letters.
    pub block: &'static str,
    /// From a gate to the next, where a call went.
    pub way: &'static str,
    /// From a gate to the next, where no call went.
    pub no_way: &'static str,
    /// Where a text goes on below what is in sight.
    pub below: &'static str,
}

impl Glyphs {
    /// Box characters and symbols found in every common terminal font.
    pub const UNICODE: Self = Self {
        allowed: "✓",
        denied: "✗",
        failed: "!",
        unknown: "?",
        arrow: "→",
        marker: "▸",
        key: "◆",
        table: "▤",
        ellipsis: "…",
        dot: "·",
        todo: "☐",
        done: "☑",
        open: "●",
        seen: "○",
        dirty: "●",
        bar: "▎",
        decided: "┊",
        gone: "▁",
        thumb: "┃",
        fork: "├",
        corner: "╰",
        border: border::ROUNDED,
        block: "█",
        way: "━▶",
        no_way: "┄▷",
        below: "↓",
    };

    /// The signs that are ASCII only.
    pub const ASCII: Self = Self {
        allowed: "o",
        denied: "x",
        failed: "%",
        unknown: "?",
        arrow: "->",
        marker: ">",
        key: "*",
        table: "=",
        ellipsis: "~",
        dot: ".",
        todo: "[ ]",
        done: "[o]",
        open: "@",
        seen: "-",
        dirty: "!",
        bar: "!",
        decided: ":",
        gone: "_",
        thumb: "#",
        fork: "\\",
        corner: "`",
        border: border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        },
        block: "#",
        way: "=>",
        no_way: "..",
        below: "\\/",
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ascii_set_is_ascii() {
        assert!(format!("{:?}", Glyphs::ASCII).is_ascii());
    }

    /// Each sign with what it means; where two are one thing, they stand together.
    fn meanings(set: &Glyphs) -> Vec<(&'static str, Vec<&'static str>)> {
        let border = set.border;
        vec![
            ("allowed", vec![set.allowed]),
            ("denied", vec![set.denied]),
            ("failed", vec![set.failed]),
            ("unknown", vec![set.unknown]),
            ("turns into", vec![set.arrow]),
            ("selected", vec![set.marker]),
            ("a key", vec![set.key]),
            ("a table", vec![set.table]),
            ("cut", vec![set.ellipsis]),
            ("between facts", vec![set.dot]),
            ("to do", vec![set.todo]),
            ("done", vec![set.done]),
            ("open", vec![set.open]),
            // A document with changes and its changed lines.
            ("not applied", vec![set.dirty, set.bar]),
            ("decided", vec![set.decided]),
            ("gone, or about to go", vec![set.gone]),
            // Large letters are made of blocks that nobody takes for a sign.
            ("scroll bar", vec![set.thumb, set.block]),
            ("another branch", vec![set.fork]),
            ("belongs above", vec![set.corner]),
            ("a call went on", vec![set.way]),
            ("no call went on", vec![set.no_way]),
            ("more below", vec![set.below]),
            // Of box characters the lower left one is also what hangs under a line of text, never on a frame.
            ("a frame's corner", vec![border.top_left, border.top_right, border.bottom_right]),
            ("a frame's line", vec![border.vertical_left, border.horizontal_top]),
        ]
    }

    #[test]
    fn a_sign_has_one_meaning() {
        // A dot in a list's own column, and one beside the word draft.
        let dots = ("not applied", "open");
        for (set, known) in [(Glyphs::UNICODE, Some(dots)), (Glyphs::ASCII, None)] {
            let all = meanings(&set);
            for (at, (meaning, signs)) in all.iter().enumerate() {
                for (other, others) in all[..at].iter().filter(|(other, _)| known != Some((*meaning, *other)))
                {
                    let shared = signs.iter().find(|sign| others.contains(sign));
                    assert_eq!(shared, None, "{meaning} and {other}");
                }
            }
        }
    }
}
