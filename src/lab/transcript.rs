//! What was typed into a lab's console and what it printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws_cli::{Changes, Variables};

/// The most of one answer that is kept, in bytes. More is cut, and the cut is said.
const MAX_PRINTED_BYTES: usize = 256 * 1024;

/// One text typed into the console, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// The prompt it was typed behind.
    pub prompt: String,
    /// What was typed: one command or several.
    pub text: String,
    pub printed: String,
    /// The command's exit code.
    pub code: u8,
    /// Whom later commands act as.
    pub acting: String,
    /// The variables that it set, and with nothing behind them those that it unset.
    ///
    /// Journals of before have none: there all variables stood in [`Self::variables`] each time, and a few long ones filled
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

/// Everything typed so far.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    all: Vec<Typed>,
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

    pub(super) fn push(&mut self, mut typed: Typed) {
        if typed.printed.len() > MAX_PRINTED_BYTES {
            let end =
                (0..=MAX_PRINTED_BYTES).rev().find(|at| typed.printed.is_char_boundary(*at)).unwrap_or(0);
            let left = typed.printed.len() - end;
            typed.printed.truncate(end);
            let cut = format!("\n.. {left} more bytes were printed and are not kept\n");
            typed.printed.push_str(&cut);
        }
        self.all.push(typed);
    }

    pub(super) fn clear(&mut self) {
        self.shown_from = self.all.len();
    }
}
