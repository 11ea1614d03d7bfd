//! What choosing a row of a menu means, with everything that it takes.

use crate::lab::{DocumentId, Somebody, Watched};
use crate::narration::{ActionTarget, Does, Fix, Parts, Snippet, StepRow, VersionRow};
use crate::tui::keys::Action;
use crate::tui::layout::Preset;
use crate::tui::port::Port;

/// What choosing a row does.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Does what the action's key does.
    Act(Action),
    /// Shows how clients on the wire reach the lab.
    Port(Port),
    /// Acts as the identity of that number.
    Identity(usize),
    /// Acts as somebody whom the list of identities does not hold, or says why that cannot be.
    TakeOn(Somebody),
    /// Arranges the panes so.
    Layout(Preset),
    /// Answers the question with the option of that number.
    Answer(usize),
    /// Inserts a statement; asks for whom first, if that is still to be said.
    Insert(Snippet),
    /// Inserts the statement that these parts make, once all are chosen.
    Build(Parts),
    /// Makes an edit that turns the answer around, as a draft.
    Draft(Fix),
    /// Completes the word at the cursor.
    Complete(String),
    /// Lets so many seconds pass.
    Wait {
        /// The time in words.
        name: String,
        seconds: i64,
    },
    /// Does something with a key or a grant.
    Key(Does),
    /// Goes to a step of the history.
    Step(StepRow),
    /// Watches a call from now on.
    Watch(Watched),
    Open(DocumentId),
    /// Shows a version of the document, which has that text unless it was not there, against the draft.
    Version(Option<String>, VersionRow),
    /// Asks what the action can be done to.
    WhoCan(String),
    /// Asks who can do the action to that.
    WhoCanTo(String, ActionTarget),
}
