//! One learner's session: the world and its history, the identity acted as, the document being edited and what would
//! follow from it, the tasks and how far they are.
//!
//! | file | what |
//! |---|---|
//! | `session` | [`Lab`], which holds all of it and moves it |
//! | `learner` | [`LearnerSession`]: a lab, the journal that keeps it, the file it follows |
//! | `error` | what can go wrong |
//! | `history` | every call with the world after it, branch by branch |
//! | `transcript` | the command lines that were typed, and what came of them |
//! | `beliefs`, `learning` | what the guesses of a lab have shown; what a learner believed in all, and when it comes back |
//! | `between` | two points of the history against each other |
//! | `document`, `documents` | a policy or an item; which there are to open |
//! | `draft`, `drafts` | a document while it is edited; all that are, and applying them |
//! | `journal`, `replay` | what was done, as a file, and doing it again |
//! | `ledger` | all that was done, and how much of it is on the disk |
//! | `disk` | the one way to the disk, where a test lets any step fail |
//! | `task_state`, `tasks` | how the tasks stand, hints, beginning again |
//! | `predictions` | the predictions of a task, compared with what happened |
//! | `cues` | a scenario's solution as moments to show |
//! | `export`, `share` | a lab as one file; what of it is not for others |
//! | `hand_in` | a lab as a report carries it |
//! | `recover` | what is sound of a damaged journal |
//! | `real_files` | files of the real machine, and whether one was read |
//! | `external_editor` | the learner's own editor |
//! | `follow`, `watch` | a file that somebody edits elsewhere |
//! | `typing` | what is being typed, for `kill -9` |
//! | `visit` | what a client on the wire asks of the lab, and the way back to it |
//! | `progress` | how far a scenario is, remembered beside its journal |
//! | `saves` | where journals are, and opening a lab where it was left |
//! | `notice` | what a learner should know after a lab was opened |
//! | `preview` | what each identity would get, in force and on the draft |
//! | `board` | everybody's answers to some questions, in force and on the draft |
//! | `crowd` | everybody beside the identities shown: whose verdicts a draft turns |
//! | `watched`, `watching`, `watchable` | the call that all of this is about; choosing it; which there are to choose |
//!
//! Draws nothing and reads no keys.

mod beliefs;
mod between;
mod board;
mod crowd;
mod cues;
pub mod disk;
mod document;
mod documents;
mod draft;
mod drafts;
mod error;
pub mod export;
pub mod external_editor;
mod follow;
pub mod hand_in;
mod history;
mod journal;
mod learner;
pub mod learning;
mod ledger;
mod notice;
mod predictions;
mod preview;
mod progress;
mod real_files;
pub mod recover;
mod replay;
pub mod saves;
mod session;
pub mod share;
mod shifts;
mod task_state;
mod tasks;
#[cfg(test)]
mod tests;
mod transcript;
mod typing;
pub mod visit;
mod watch;
mod watchable;
mod watched;
mod watching;

pub use crate::cloud::DocumentId;
pub use beliefs::{Beliefs, Shown};
pub use between::{Between, Differing};
pub use crowd::Somebody;
pub use cues::Cue;
pub use draft::Draft;
pub use drafts::AppliedDrafts;
pub use error::{EditorError, LabError, WatchError};
pub use follow::{Follow, find_document};
pub use history::{Branch, CallMade, DocumentVersion, History, Point, Step, StepAction};
pub use journal::{
    CallEntry, Entry, Head, Help, Holder, Journal, JournalError, Opened, OutcomeNote, WatchEntry,
};
pub use learner::LearnerSession;
pub use ledger::{Kept, Ledger, Reason, Unkept};
pub use preview::{CallStatus, Preview};
pub use replay::Difference;
pub use session::Lab;
pub use shifts::{Shift, Shifts, Turned, Way};
pub use tasks::HelpWaits;
pub use transcript::{Transcript, Typed};
pub use watch::Watch;
pub use watchable::{MADE_BEFORE, Watchable};
pub use watched::{Watched, key_called};
