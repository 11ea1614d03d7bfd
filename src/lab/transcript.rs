//! What was typed into a lab's console and what it printed.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::{Deserialize, Serialize};

use crate::aws_cli::{Changes, Variables};

/// The most of one answer that is kept, in bytes. More is cut, and the cut is said.
const MAX_PRINTED_BYTES: usize = 256 * 1024;

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
    pub printed: String,
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
    /// The number of the last text that printed each long output, by a hash of that.
    printed: HashMap<u64, usize>,
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
        if let Some(earlier) = typed.again.take().and_then(|n| self.all.get(n)) {
            typed.printed.clone_from(&earlier.printed);
        }
        if typed.printed.len() > MAX_PRINTED_BYTES {
            let end =
                (0..=MAX_PRINTED_BYTES).rev().find(|at| typed.printed.is_char_boundary(*at)).unwrap_or(0);
            let left = typed.printed.len() - end;
            typed.printed.truncate(end);
            let cut = format!("\n.. {left} more bytes were printed and are not kept\n");
            typed.printed.push_str(&cut);
        }
        let again = if typed.printed.len() >= MIN_REPEATED_BYTES {
            let mut hash = DefaultHasher::new();
            typed.printed.hash(&mut hash);
            let before = self.printed.insert(hash.finish(), self.all.len());
            before.filter(|n| self.all.get(*n).is_some_and(|earlier| earlier.printed == typed.printed))
        } else {
            None
        };
        self.all.push(typed.clone());
        if again.is_some() {
            typed.printed.clear();
        }
        Typed { again, ..typed }
    }

    pub(super) fn clear(&mut self) {
        self.shown_from = self.all.len();
    }
}
