//! A file that a person wrote: its text, its tree, and what is wrong in it with the place of each mistake.
//!
//! The tree comes from the reader of policies, which knows the place of each value; serde says what a value means.

use std::fmt::Display;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use crate::limits::{self, screen::PROBLEMS};
use crate::policy::Span;
use crate::policy::json::{self, Member, Node};

/// How serde says that an enum has no such variant.
const UNKNOWN: &str = "unknown variant";

/// A file that is being read.
pub(super) struct File {
    path: PathBuf,
    text: String,
    /// The mistakes found so far, as many as are told: file, line, column and reason.
    pub(super) problems: Vec<String>,
    /// How many more there are.
    untold: usize,
    /// The byte up to which lines were counted, and the line and column there, from 1.
    counted: (usize, usize, usize),
}

impl File {
    /// Returns the file with its text. A file that cannot be read is reported; one that is not there is not.
    pub(super) fn open(path: PathBuf, problems: &mut Vec<String>) -> Option<Self> {
        match limits::file::read_text(&path, &limits::screen::SETTINGS_FILE) {
            Ok(text) => {
                return Some(Self { path, text, problems: Vec::new(), untold: 0, counted: (0, 1, 1) });
            }
            Err(e) if e.is_missing() => {}
            Err(e) => problems.push(format!("{}: {e}", path.display())),
        }
        None
    }

    /// Returns the name of the file without its extension.
    pub(super) fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Reports a mistake with its place. Beyond a number of them they are counted only.
    pub(super) fn report(&mut self, span: Span, why: impl Display) {
        if self.problems.len() >= PROBLEMS.size() {
            self.untold += 1;
            return;
        }
        let (line, column) = self.place(span.start);
        self.problems.push(format!("{}:{line}:{column}: {why}", self.path.display()));
    }

    /// Returns the line and the column of a byte. Counts on from the last one, since mistakes come in order.
    fn place(&mut self, byte: usize) -> (usize, usize) {
        let (at, line, column) = if byte < self.counted.0 { (0, 1, 1) } else { self.counted };
        let between = self.text.get(at..byte).unwrap_or_default();
        limits::steps::add(between.len());
        let lines = between.matches('\n').count();
        let place = match between.rsplit_once('\n') {
            Some((_, last)) => (byte, line + lines, last.chars().count() + 1),
            None => (byte, line, column + between.chars().count()),
        };
        self.counted = place;
        (place.1, place.2)
    }

    /// Returns the mistakes for the person to read, and says how many more there are.
    pub(super) fn told(&mut self) -> Vec<String> {
        let mut told = std::mem::take(&mut self.problems);
        if self.untold > 0 {
            told.push(format!("{}: {} more mistakes", self.path.display(), self.untold));
        }
        told
    }

    /// Returns the value that fills the file, if the text is JSON.
    pub(super) fn root(&mut self) -> Option<Node<'static>> {
        match json::read(&self.text).into_result() {
            Ok(root) => Some(root.into_owned()),
            Err(e) => {
                self.report(e.span, e.message);
                None
            }
        }
    }

    /// Reads each member of an object as the variant of `T` that has its name. A member that is none, or whose value
    /// does not fit, is reported; the others are kept.
    pub(super) fn parts<'n, T: DeserializeOwned>(
        &mut self,
        what: &str,
        node: &'n Node<'n>,
    ) -> Vec<(&'n Member<'n>, T)> {
        let Some(members) = node.as_object() else {
            self.report(node.span, format!("expected an object of {what}s, found {}", node.kind()));
            return Vec::new();
        };
        let mut parts = Vec::new();
        for member in members {
            match self.part(what, member) {
                Ok(part) => parts.push((member, part)),
                Err((span, why)) => self.report(span, why),
            }
        }
        parts
    }

    /// A member alone in braces is what serde reads as a variant: its name, and the value in it.
    fn part<T: DeserializeOwned>(&self, what: &str, member: &Member) -> Result<T, (Span, String)> {
        let alone =
            |member: &str| serde_json::from_str::<T>(&format!("{{{member}}}")).map_err(|e| reason(&e));
        alone(member.span().of(&self.text)).map_err(|of_value| {
            // Without a value only the name can be unknown.
            let of_name = alone(&format!("{}:null", member.name_span.of(&self.text))).err();
            if let Some(name) = of_name.as_deref().and_then(|e| e.strip_prefix(UNKNOWN)) {
                (member.name_span, format!("unknown {what}{name}"))
            } else {
                let why = of_value.replacen(UNKNOWN, "unknown name", 1);
                (member.value.span, format!("`{}`: {why}", member.name))
            }
        })
    }

    /// Reads a node as a value of the wanted type.
    pub(super) fn value<T: DeserializeOwned>(&self, node: &Node) -> Result<T, String> {
        serde_json::from_str(node.span.of(&self.text)).map_err(|e| reason(&e))
    }
}

/// The words of an error without the place in the cut-out text, which is not the place in the file.
fn reason(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}
