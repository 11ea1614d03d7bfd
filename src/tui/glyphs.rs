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
    pub unknown: &'static str,
    /// Between the old and the new verdict.
    pub arrow: &'static str,
    /// Before the acting identity or the selected row.
    pub marker: &'static str,
    /// A key.
    pub key: &'static str,
    /// A table.
    pub table: &'static str,
    /// Where text was cut.
    pub ellipsis: &'static str,
    /// Between small facts.
    pub dot: &'static str,
    /// A task not done.
    pub todo: &'static str,
    /// A task done.
    pub done: &'static str,
    /// A document with unapplied changes.
    pub dirty: &'static str,
    /// Beside a changed line.
    pub bar: &'static str,
    /// Beside a line that decided.
    pub decided: &'static str,
    /// Beside the line where lines were removed.
    pub gone: &'static str,
    /// Between line numbers and text.
    pub rule: &'static str,
    /// The part of a scroll bar that stands for what is in sight.
    pub thumb: &'static str,
    /// A folded and an unfolded row.
    pub fold: (&'static str, &'static str),
    /// Before what lies on another branch.
    pub fork: &'static str,
    /// Under a finding.
    pub corner: &'static str,
    /// The frame of a pane.
    pub border: border::Set<'static>,
    /// A full block, for large letters and meters.
    pub block: &'static str,
    /// The empty part of a meter.
    pub shade: &'static str,
}

impl Glyphs {
    /// Box characters and symbols found in every common terminal font.
    pub const UNICODE: Self = Self {
        allowed: "✓",
        denied: "✗",
        unknown: "?",
        arrow: "→",
        marker: "▸",
        key: "◆",
        table: "▤",
        ellipsis: "…",
        dot: "·",
        todo: "☐",
        done: "☑",
        dirty: "●",
        bar: "▎",
        decided: "┊",
        gone: "▁",
        rule: " ",
        thumb: "┃",
        fold: ("▸", "▾"),
        fork: "├",
        corner: "╰",
        border: border::ROUNDED,
        block: "█",
        shade: "░",
    };

    /// ASCII only.
    pub const ASCII: Self = Self {
        allowed: "o",
        denied: "x",
        unknown: "?",
        arrow: "->",
        marker: ">",
        key: "*",
        table: "=",
        ellipsis: "~",
        dot: "-",
        todo: "[ ]",
        done: "[x]",
        dirty: "!",
        bar: "|",
        decided: ":",
        gone: "_",
        rule: " ",
        thumb: "#",
        fold: (">", "v"),
        fork: "+-",
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
        shade: ".",
    };

    /// The symbol of a verdict.
    pub fn verdict(&self, allowed: bool) -> &'static str {
        if allowed { self.allowed } else { self.denied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ascii_set_is_ascii() {
        assert!(format!("{:?}", Glyphs::ASCII).is_ascii());
    }

    /// What stands side by side on the screen is told apart.
    #[test]
    fn a_sign_has_one_meaning() {
        for set in [Glyphs::UNICODE, Glyphs::ASCII] {
            let frame = [set.border.top_left, set.border.vertical_left, set.border.horizontal_top];
            let verdicts = [set.allowed, set.denied, set.unknown];
            let things = [set.key, set.table, set.dirty, set.thumb, set.ellipsis, set.marker];
            let checks = [set.todo, set.done];
            let all: Vec<_> = frame.into_iter().chain(verdicts).chain(things).chain(checks).collect();
            for (at, sign) in all.iter().enumerate() {
                assert!(!all[..at].contains(sign), "{sign} has two meanings in {all:?}");
            }
        }
    }
}
