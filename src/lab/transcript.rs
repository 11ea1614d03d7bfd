//! What was typed into a lab's console and what it printed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::aws_cli::{Changes, Variables};
use crate::limits::steps;

/// The most of one answer that is kept, in bytes. More is cut, and the cut is said.
const MAX_PRINTED_BYTES: usize = 256 * 1024;

/// What a cut is said in has at most so many bytes.
const CUT_BYTES: usize = 64;

/// The shortest output that is not stored again, in bytes: a shorter one is as long as saying where it stands.
const MIN_REPEATED_BYTES: usize = 256;

/// One text typed into the console, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// The prompt it was typed behind.
    pub prompt: String,
    /// What was typed: one command or several.
    pub text: String,
    /// Shared by all that printed the same: a lab may print a long text again and again.
    pub printed: Arc<str>,
    /// What was printed is that of an earlier text, by its number from 0, and stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<usize>,
    /// Marks of the plaintext keys and tokens that were printed or set: the beginnings of their SHA-256, in hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Whether a file of the real machine was read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub files: bool,
    /// The command's exit code.
    pub code: u8,
    /// Whom later commands act as.
    pub acting: String,
    /// The variables that it set, and with nothing behind them those that it unset.
    ///
    /// Journals of before have none: there all variables stood in each line, and a few long ones filled
    /// the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changes>,
    /// All variables afterwards, in journals that do not note what was changed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) variables: BTreeMap<String, String>,
}

impl Typed {
    /// Returns the variables afterwards, from those before. What is more than a console takes by now is left out: calls
    /// are noted with what was put into them, and need no variables to be made again.
    pub(super) fn after(&self, before: &Variables) -> Variables {
        let mut variables = if self.changed.is_some() { before.clone() } else { Variables::default() };
        for (name, value) in &self.variables {
            let _left_out = variables.set(name, value);
        }
        for (name, value) in self.changed.iter().flatten() {
            match value {
                Some(value) => drop(variables.set(name, value)),
                None => variables.unset(name),
            }
        }
        variables
    }
}

impl Typed {
    /// Returns the values of the variables that it tells of.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let changed = self.changed.iter().flatten().filter_map(|(_, value)| value.as_deref());
        self.variables.values().map(String::as_str).chain(changed)
    }

    /// Changes the values of the variables that it tells of.
    pub(super) fn each_value(&mut self, change: impl FnMut(&mut String)) {
        let changed = self.changed.iter_mut().flat_map(|changes| changes.values_mut()).flatten();
        self.variables.values_mut().chain(changed).for_each(change);
    }

    /// Tells of no variables any more.
    pub(super) fn forget_values(&mut self) {
        self.variables.clear();
        self.changed = Some(Changes::new());
    }
}

/// Everything typed so far.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    all: Vec<Typed>,
    /// Where each long text was printed last.
    long: HashMap<Arc<str>, usize>,
    shown_from: usize,
}

impl Transcript {
    /// What the console shows: what was typed since it was last cleared.
    pub fn shown(&self) -> &[Typed] {
        self.all.get(self.shown_from..).unwrap_or_default()
    }

    /// What was typed, oldest first; the same text twice in a row counts once.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        let mut last = None;
        let all = self.all.iter().map(|typed| typed.text.trim());
        let lines = all.filter(move |text| !text.is_empty() && last.replace(*text) != Some(*text));
        lines.collect::<Vec<_>>().into_iter()
    }

    /// Adds what was typed. Returns it as a journal keeps it: a long output that was printed before is not stored again.
    pub(super) fn push(&mut self, mut typed: Typed) -> Typed {
        if let Some((n, earlier)) = typed.again.and_then(|n| Some((n, self.all.get(n)?))) {
            // The text itself is not looked at: it may be long, and the entries that name it many.
            typed.printed = Arc::clone(&earlier.printed);
            self.all.push(Typed { again: None, ..typed.clone() });
            return Typed { again: Some(n), printed: Arc::default(), ..typed };
        }
        typed.again = None;
        if typed.printed.len() > MAX_PRINTED_BYTES {
            // With what is said of the rest it is no longer than may be, so that it stays as it is when it is read again.
            let most = MAX_PRINTED_BYTES - CUT_BYTES;
            let end = (0..=most).rev().find(|at| typed.printed.is_char_boundary(*at)).unwrap_or(0);
            let left = typed.printed.len() - end;
            let kept = typed.printed.get(..end).unwrap_or_default();
            typed.printed = format!("{kept}\n.. {left} more bytes were printed and are not kept\n").into();
        }
        let mut again = None;
        if typed.printed.len() >= MIN_REPEATED_BYTES {
            steps::add(typed.printed.len());
            if let Some((printed, _)) = self.long.get_key_value(&typed.printed) {
                typed.printed = Arc::clone(printed);
            }
            again = self.long.insert(Arc::clone(&typed.printed), self.all.len());
        }
        self.all.push(typed.clone());
        if again.is_some() {
            typed.printed = Arc::default();
        }
        Typed { again, ..typed }
    }

    pub(super) fn clear(&mut self) {
        self.shown_from = self.all.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printing(text: &str) -> Typed {
        Typed { printed: text.into(), ..Typed::default() }
    }

    #[test]
    fn a_text_that_is_printed_again_is_kept_once_and_shared() {
        let mut transcript = Transcript::default();
        let (long, short) = ("x".repeat(MIN_REPEATED_BYTES), "x".repeat(MIN_REPEATED_BYTES - 1));
        for text in [&long, &short, &long, &short] {
            let _kept = transcript.push(printing(text));
        }
        let kept = transcript.push(printing(&long));
        assert_eq!((kept.again, &*kept.printed), (Some(2), ""), "where it stood last");
        let [first, .., last] = transcript.shown() else { panic!("five lines") };
        assert!(Arc::ptr_eq(&first.printed, &last.printed));
        // As a journal is played again.
        let mut again = Transcript::default();
        let _kept = again.push(printing(&long));
        let kept = again.push(Typed { again: Some(0), ..Typed::default() });
        assert_eq!((kept.again, &*kept.printed), (Some(0), ""));
        assert!(Arc::ptr_eq(&again.shown()[0].printed, &again.shown()[1].printed));
    }

    #[test]
    fn what_was_cut_is_not_cut_again() {
        let mut transcript = Transcript::default();
        let once = transcript.push(printing(&"\u{e4}".repeat(MAX_PRINTED_BYTES)));
        assert!(once.printed.len() <= MAX_PRINTED_BYTES);
        assert!(once.printed.ends_with("more bytes were printed and are not kept\n"), "the cut is said");
        let twice = Transcript::default().push(once.clone());
        assert_eq!(twice.printed, once.printed);
    }
}
