//! Help that writes a part of the answer: what it waits for, and what was taken, in words.

use crate::lab::{Help, HelpWaits};

/// What is asked before the lesson, to be answered in the learner's own words.
pub const OWN_WORDS: &str = "In your own words, before the lesson: what decided here, and why?";

/// Says from when on there is something that writes a part of the answer, in a line of a narrow screen. `hint` is what to
/// press or to type for the next hint.
pub fn waits(what: &str, waits: HelpWaits, hint: &str) -> String {
    match waits {
        HelpWaits::Hints => format!("{what} after the last hint; {hint} shows the next"),
        HelpWaits::Done => format!("{what} once the task is done: write it yourself"),
    }
}

/// The help that was taken, in words; empty if none was.
pub fn taken(help: &[(usize, Help)]) -> String {
    let words = [
        (Help::Flip, "flip it"),
        (Help::Snippet, "a statement from the list"),
        (Help::Solution, "the solution was shown"),
    ];
    let said = words.into_iter().filter_map(|(kind, words)| {
        match help.iter().filter(|(_, taken)| *taken == kind).count() {
            0 => None,
            1 => Some(words.to_owned()),
            n => Some(format!("{words} ({n} times)")),
        }
    });
    said.collect::<Vec<_>>().join(", ")
}
