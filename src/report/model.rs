//! A report as plain blocks of text: what stands in it, without how it is written down.

use crate::limits::report::CELL;
use crate::narration::PathView;
use crate::narration::harmless;

/// One report: of a scenario, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub title: String,
    pub blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Where the report of one of several scenarios begins.
    Part(String),
    /// A heading within the report of a scenario.
    Heading(String),
    /// A paragraph of plain text.
    Text(String),
    /// A paragraph of lesser rank.
    Note(String),
    /// What the learner has said: several lines, if they wrote so.
    Words(String),
    /// Facts by their names.
    Facts(Vec<(&'static str, String)>),
    /// Things that are so or not.
    Checks(Vec<(bool, String)>),
    List(Vec<String>),
    Table(Table),
    Diff(Diff),
    Way(Way),
}

/// Rows of cells under heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
}

/// How a cell is coloured: its text says as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Bad,
    /// Neither good nor bad: a call that failed for another reason.
    Other,
    /// A name of a program's: in even letters.
    Name,
}

/// The change of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    pub name: String,
    pub lines: Vec<(Change, String)>,
}

/// What a line of a comparison is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    Added,
    Removed,
    /// Lines were left out here.
    Gap,
}

impl Change {
    /// The sign before the line.
    pub fn sign(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Added => '+',
            Self::Removed => '-',
            Self::Gap => '@',
        }
    }
}

/// The way of a call at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The simulated time of it.
    pub when: &'static str,
    pub path: PathView,
}

impl Cell {
    /// A cell of plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// A cell with a name of a program's in it.
    pub fn name(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Name }
    }
}

/// Returns a text as it stands in one line: harmless, and not longer than people read.
pub fn line(text: &str) -> String {
    let cut = cut(text);
    let one: Vec<&str> = cut.split_whitespace().collect();
    harmless::clean_line(&one.join(" "))
}

/// Returns a text with its lines: harmless, and not longer than people read.
pub fn lines(text: &str) -> String {
    harmless::clean(&cut(&text.replace("\r\n", "\n").replace('\t', "    ")))
}

/// The beginning of a text that is too long, and that there is more.
fn cut(text: &str) -> String {
    if CELL.check(text.len()).is_ok() {
        return text.to_owned();
    }
    let end = (0..=CELL.size()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{} .. ({} bytes more)", text.get(..end).unwrap_or_default(), text.len() - end)
}
