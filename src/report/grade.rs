//! A folder of hand-ins, one file a learner: what each of them shows.
//!
//! A hand-in is a report, or an export of one lab. Each is played again; nothing that it says of itself is believed.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::record::{ENGINE, Record};
use super::verify::{Genuine, Verdict, verify};
use super::write::within_bounds;
use crate::lab::hand_in::{self, HandIn};
use crate::lab::saves::Stored;
use crate::lab::{Entry, Help, Lab};
use crate::limits::file::{self, FileError, Links};
use crate::limits::{Exceeded, report};
use crate::narration::{self, harmless};
use crate::scenario::Sureness;

/// What an export begins with.
const EXPORT: &[u8] = b"kmslab-lab ";

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The hand-in was played again and is what it says.
    Genuine,
    /// The hand-in is not what its record leads to.
    Forged,
    /// Another version made it, and here something else comes of it.
    OtherVersion,
    /// The hand-in cannot be read or played.
    NotRead,
}

impl Finding {
    /// The finding in a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Forged => "NOT GENUINE",
            Self::OtherVersion => "other version",
            Self::NotRead => "not read",
        }
    }
}

/// What one lab of a genuine hand-in shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub scenario: String,
    pub tasks_done: usize,
    pub tasks: usize,
    pub guesses_right: usize,
    /// How many guesses were made.
    pub guesses: usize,
    /// How many wrong guesses the learner was certain of.
    pub certain_but_wrong: usize,
    pub hints: usize,
    /// How many times help was taken that writes a part of the answer: the flip, a statement from the list, the solution.
    pub help: [usize; 3],
    pub steps: usize,
    /// What the learner says.
    pub words: Option<String>,
    /// Other files with the very same steps.
    pub same_as: Vec<String>,
}

/// A file, and one lab of it where it is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name of the file, harmless.
    pub file: String,
    /// The name that the learner gave.
    pub name: Option<String>,
    pub finding: Finding,
    /// What the hand-in shows; nothing that is not genuine shows anything.
    pub shown: Option<Shown>,
    /// What else there is to say.
    pub note: String,
}

/// Why a folder cannot be graded.
#[derive(Debug, thiserror::Error)]
pub enum GradeError {
    /// The folder cannot be read.
    #[error("{0} cannot be read as a folder: {1}; name the folder that holds the hand-ins")]
    Folder(String, std::io::Error),
    /// There are too many files.
    #[error("{0}: {1}; grade it in parts")]
    TooMany(String, Exceeded),
}

/// The steps of a lab as a digest, by which the same ones are found.
type Steps = [u8; 32];

/// Grades each file of a folder, in the order of their names. `own` is a scenario that is none of the program.
pub fn grade(folder: &Path, own: Option<&Stored>) -> Result<Vec<Row>, GradeError> {
    let name = || harmless::clean_line(&folder.display().to_string());
    let read = |error| GradeError::Folder(name(), error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        names.push(entry.map_err(read)?.file_name());
        report::HAND_INS.check(names.len()).map_err(|error| GradeError::TooMany(name(), error))?;
    }
    names.sort();
    let mut rows = Vec::new();
    // Each lab's steps, with the place of its row.
    let mut by_steps: BTreeMap<Steps, Vec<usize>> = BTreeMap::new();
    for file in names {
        let shown = harmless::clean_line(&file.to_string_lossy());
        for (row, steps) in graded(&folder.join(&file), &shown, own) {
            if let Some(steps) = steps {
                by_steps.entry(steps).or_default().push(rows.len());
            }
            rows.push(row);
        }
    }
    for same in by_steps.values().filter(|same| same.len() > 1) {
        let files: Vec<(usize, String)> =
            same.iter().filter_map(|at| Some((*at, rows.get(*at)?.file.clone()))).collect();
        for at in same {
            let others =
                files.iter().filter(|(other, _)| other != at).map(|(_, file)| file.clone()).collect();
            if let Some(shown) = rows.get_mut(*at).and_then(|row: &mut Row| row.shown.as_mut()) {
                shown.same_as = others;
            }
        }
    }
    Ok(rows)
}

/// Grades one file: a row for each lab in it, or one that says why there is none.
fn graded(path: &Path, name: &str, own: Option<&Stored>) -> Vec<(Row, Option<Steps>)> {
    let lone = |finding, note: String| {
        let note = harmless::clean_line(&note);
        vec![(Row { file: name.to_owned(), name: None, finding, shown: None, note }, None)]
    };
    let bytes = match read(path) {
        Ok(bytes) => bytes,
        Err(error) => return lone(Finding::NotRead, error.to_string()),
    };
    if bytes.starts_with(EXPORT) {
        return match exported(path, &bytes, own) {
            Ok((lab, hand_in)) => vec![row(name, None, &lab, &hand_in)],
            Err((finding, note)) => lone(finding, note),
        };
    }
    match verify(bytes, own) {
        Verdict::Genuine(Genuine { record: Record { labs, name: learner, .. }, written })
            if !labs.is_empty() =>
        {
            let pairs = written.labs.iter().zip(&labs);
            pairs.map(|(lab, hand_in)| row(name, learner.as_deref(), lab, hand_in)).collect()
        }
        Verdict::Genuine(_) => lone(Finding::NotRead, "it is a report of nothing".to_owned()),
        Verdict::Forged(why) => lone(Finding::Forged, why),
        Verdict::OtherVersion { engine, what } => {
            lone(Finding::OtherVersion, format!("kmslab {engine} made it; grade it with that one ({what})"))
        }
        Verdict::Unknown(why) => lone(Finding::NotRead, why),
    }
}

/// Reads a hand-in: a regular file of its own, and no link to one.
fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    file::read_from(file::open(path, Links::Refuse)?, &report::FILE)
}

/// Plays an export again.
fn exported(path: &Path, bytes: &[u8], own: Option<&Stored>) -> Result<(Lab, HandIn), (Finding, String)> {
    let unread = |error: String| (Finding::NotRead, error);
    let hand_in = hand_in::exported(path, bytes, own).map_err(|error| unread(error.to_string()))?;
    let (lab, differences) =
        within_bounds(|| hand_in.again(own)).map_err(|error| unread(error.to_string()))?;
    match differences.first() {
        None => Ok((lab, hand_in)),
        Some(other) if other.engine == ENGINE => Err((Finding::Forged, other.to_string())),
        Some(other) => Err((Finding::OtherVersion, format!("kmslab {} wrote it: {other}", other.engine))),
    }
}

/// What a lab that was played again shows.
fn row(file: &str, name: Option<&str>, lab: &Lab, hand_in: &HandIn) -> (Row, Option<Steps>) {
    let (tasks_done, tasks) = lab.progress_of_tasks();
    let guesses = narration::card(lab).guesses;
    let wrong = |guess: &&narration::PredictionRow| guess.outcome.as_ref().is_some_and(|(right, _)| !right);
    let right =
        guesses.iter().filter(|guess| guess.outcome.as_ref().is_some_and(|(right, _)| *right)).count();
    let help = |kind| lab.help_taken().iter().filter(|(_, help)| *help == kind).count();
    let shown = Shown {
        scenario: lab.scenario().id.clone(),
        tasks_done,
        tasks,
        guesses_right: right,
        guesses: guesses.iter().filter(|guess| guess.said().is_some()).count(),
        certain_but_wrong: guesses
            .iter()
            .filter(wrong)
            .filter(|guess| guess.sure == Some(Sureness::Certain))
            .count(),
        hints: (0..lab.scenario().tasks.len()).map(|task| lab.hints(task).len()).sum(),
        help: [help(Help::Flip), help(Help::Snippet), help(Help::Solution)],
        steps: lab.history().done().len(),
        words: lab.words().map(str::to_owned),
        same_as: Vec::new(),
    };
    let note = if hand_in.left_out > 0 {
        format!("{} calls were left out", hand_in.left_out)
    } else {
        String::new()
    };
    let name = name.map(harmless::clean_line);
    let row = Row { file: file.to_owned(), name, finding: Finding::Genuine, shown: Some(shown), note };
    (row, steps(hand_in))
}

/// The digest of what was done, whoever says so in which words; none where nothing was done.
fn steps(hand_in: &HandIn) -> Option<Steps> {
    let own = |entry: &&Entry| !matches!(entry, Entry::Head(_) | Entry::Words(_));
    let done: Vec<&Entry> = hand_in.entries.iter().filter(own).collect();
    let bytes = serde_json::to_vec(&(&hand_in.scenario, &done)).ok().filter(|_| !done.is_empty())?;
    Some(Sha256::digest(bytes).into())
}
