//! What can go wrong with a learner's session.

use std::path::PathBuf;

use super::JournalError;
use crate::cloud::ApiError;
use crate::cloud::world::ClockError;
use crate::limits::Exceeded;
use crate::limits::file::FileError;
use crate::scenario::ScenarioError;

/// Why a lab did not open, or did not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The scenario cannot be found or read, or its world cannot be set up.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Nobody in the scenario has that name.
    #[error("there is no identity `{name}` in this scenario; there are {}", known.join(", "))]
    NoSuchIdentity {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// There is no draft to apply.
    #[error("no document is open; open one first")]
    NoDocument,
    /// The draft is the text in force.
    #[error("the document already reads like this; change it first")]
    Unchanged,
    /// The draft says in other words what is in force.
    #[error("only spacing and order differ from what is in force: the document would say the same")]
    Respaced,
    /// The document is AWS's own.
    #[error("AWS managed policies cannot be changed; write a policy of your own instead")]
    ReadOnly,
    /// The draft cannot be made a request.
    #[error("not sent: {}", .0.message)]
    Unsendable(ApiError),
    /// The clock cannot be moved that far.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The journal tells of things that this scenario does not have.
    #[error("the saved lab belongs to another version of this scenario")]
    OtherScenario,
    /// Going back once more would hold too much.
    #[error("{0}; start again, with R or with `reset` in plain mode")]
    TooMuch(#[from] Exceeded),
    /// Nobody waits any more for a journal to be replayed.
    #[error("given up")]
    GivenUp,
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The document that is to follow a file does not exist.
    #[error("`--watch {watch}`: there is no document `{which}`; there are {}", known.join(", "))]
    NoSuchDocument {
        /// The document and the file, as they were given.
        watch: String,
        /// The document that was asked for.
        which: String,
        /// The documents there are.
        known: Vec<String>,
    },
    /// The document that is to follow a file is AWS's own.
    #[error("`--watch {watch}`: AWS managed policies cannot be changed; name another document")]
    CannotFollow {
        /// The document and the file, as they were given.
        watch: String,
    },
}

/// Why the learner's own editor did not change a text.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// The environment names no editor.
    #[error("neither `VISUAL` nor `EDITOR` names an editor; set one of them, for instance to `vi`")]
    NoEditor,
    /// The variable holds blanks only.
    #[error("`EDITOR` names no program; set it, for instance to `vi`")]
    NoProgram,
    /// The editor cannot be started.
    #[error("`{program}` cannot be started: {source}; `VISUAL` or `EDITOR` names the editor")]
    NotStarted {
        program: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The editor says that it failed.
    #[error("`{program}` ended with {status}; the draft is as it was")]
    Failed { program: String, status: std::process::ExitStatus },
    /// The file for the editor cannot be made.
    #[error("no file for the editor can be made in `{}`: {source}; `TMPDIR` names another folder", folder.display())]
    NoFile {
        /// The folder of temporary files.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// All names for the file are taken.
    #[error("no name for a file is free in `{}`; remove old files `kmslab-*` there", .0.display())]
    NoName(PathBuf),
    /// The draft cannot be written to the file.
    #[error("the draft cannot be written for the editor: {0}")]
    NotWritten(std::io::Error),
    /// The edited text cannot be read back.
    #[error("the edited text cannot be read: {0}")]
    NotRead(FileError),
}

/// Why a followed file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WatchError(pub String);
