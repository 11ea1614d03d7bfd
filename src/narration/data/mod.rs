//! What the panes draw: plain data, made anew whenever the lab changed.
//!
//! Panes know only these types. The files beside this folder fill them from the lab; the tests fill them by hand.

mod keys;
mod storage;
mod task;

pub use keys::{GrantRow, KeyRow, ResourceStanding};
pub use storage::{Disk, PageChange, StorageView, Stored, StoredKey, StoredPage};
pub use task::{CheckRow, PredictionRow, TaskView, Tick};

pub use crate::lab::CallStatus;
use crate::lab::{DocumentId, Point};

/// A verdict and the word that explains it best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub verdict: CallStatus,
    /// The action that was refused or the error's code; empty when allowed.
    pub because: String,
}

/// What is said of an identity's verdict on what is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Applied {
    /// No call is watched.
    #[default]
    Nothing,
    /// The mark would give away the answer to a question that is open.
    Hidden,
    Is(Mark),
}

impl Applied {
    /// The verdict, where it is said.
    pub fn mark(&self) -> Option<&Mark> {
        match self {
            Self::Is(mark) => Some(mark),
            Self::Nothing | Self::Hidden => None,
        }
    }
}

/// An identity as the identities pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    pub name: String,
    /// The kind of identity: user, role, root.
    pub kind: String,
    /// Whether calls are made as this one now.
    pub acting: bool,
    /// The verdict on what is applied.
    pub applied: Applied,
    /// The verdict on the draft, while there is one.
    pub draft: Option<Mark>,
}

impl IdentityRow {
    /// Whether the draft changes the verdict.
    pub fn flips(&self) -> bool {
        self.draft.as_ref().zip(self.applied.mark()).is_some_and(|(then, now)| then.verdict != now.verdict)
    }

    /// The verdict to show: on the draft if there is one.
    pub fn shown(&self) -> Option<&Mark> {
        self.draft.as_ref().or(self.applied.mark())
    }
}

/// A key or a table, for the list under the identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    pub is_key: bool,
    pub name: String,
    /// The state of a key, or what a table is encrypted with.
    pub note: String,
}

/// The first line of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The scenario's short id.
    pub id: String,
    pub title: String,
    pub account: String,
    pub region: String,
    /// The simulated time of day.
    pub clock: String,
    /// Which of AWS's delays are on.
    pub fidelity: String,
    /// The task in work, from 1, and how many there are.
    pub task: (usize, usize),
    /// How long it takes.
    pub minutes: u32,
    /// Whether every task is done.
    pub done: bool,
    /// Set while an earlier moment is on the screen.
    pub past: Option<String>,
    /// The branch, once there are several.
    pub branch: Option<String>,
}

/// The document in the policy pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentHead {
    /// What kind: key policy, identity policy.
    pub kind: String,
    /// Whose: an alias, a user's policy.
    pub subject: String,
    /// The call that applies it: `kms:PutKeyPolicy`; empty if it cannot be changed here.
    pub applied_by: String,
    /// How many statements the last valid text has; none for an item.
    pub statements: Option<usize>,
    /// False for a document that is still to be written.
    pub exists: bool,
    /// Whether the text on screen is a valid policy.
    pub valid: bool,
    /// How many documents there are to walk through, and which this is, from 1.
    pub position: (usize, usize),
}

/// A document to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// The heading it stands under.
    pub group: String,
    /// Whose it is and its name.
    pub name: String,
    /// The call that changes it, or why there is none.
    pub about: String,
    /// True for the document on the screen.
    pub shown: bool,
}

/// One version of the document on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The simulated time of day.
    pub time: String,
    pub who: String,
    pub what: String,
    /// How many lines it has.
    pub lines: usize,
}

/// When the shown answer was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// Nobody has made the call; this is what it would return.
    #[default]
    Preview,
    /// The call was made at that time.
    Ran(String),
    /// The answer that the call would get under the draft.
    Draft,
}

/// The answer to the watched call, as the answer pane shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerView {
    pub who: String,
    /// What is called: `dynamodb:Scan CustomerData`.
    pub call: String,
    /// Whether there are others like it, or it is not the scenario's own: the title then says how to choose one.
    pub others: bool,
    pub moment: Moment,
    pub mark: Option<Mark>,
    /// True if the outcome would give away the answer to a question that is open.
    pub hidden: bool,
    /// The mark under the applied policy, while a draft is shown and differs.
    pub was: Option<Mark>,
    /// How the answer that is shown stands to a draft that it does not follow.
    pub caveat: Option<String>,
    /// AWS's error code and message.
    pub error: Option<(String, String)>,
    /// Column names and rows.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// The fields of an answer that is no list of items.
    pub fields: Vec<(String, String)>,
    /// A sentence or two below.
    pub notes: Vec<String>,
}

/// How one line of the reasoning counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Allows,
    Denies,
    /// The statement says nothing about this request.
    Silent,
}

/// One line of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyLine {
    pub weight: Weight,
    /// The layer: key policy, identity policy.
    pub layer: String,
    /// The subject: a statement's Sid, a policy's name.
    pub subject: String,
    /// What the statement says about the request.
    pub text: String,
    pub deciding: bool,
    /// The statement's place, if its document can be opened.
    pub place: Option<StatementPlace>,
}

impl WhyLine {
    /// Returns the first and last line, from 0, if the document is the one on the screen.
    pub fn lines(&self) -> Option<(usize, usize)> {
        self.place.as_ref().filter(|place| place.shown).map(|place| place.lines)
    }
}

/// Where a statement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPlace {
    pub document: DocumentId,
    /// True for the document on the screen.
    pub shown: bool,
    /// The first and last line in the document, from 0.
    pub lines: (usize, usize),
}

/// One decision on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyStep {
    pub action: String,
    /// `on key 1234abcd, as tess via dynamodb`.
    pub about: String,
    pub verdict: CallStatus,
    pub lines: Vec<WhyLine>,
    /// The verdict in one sentence.
    pub conclusion: String,
}

/// An audit record as the audit pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The simulated time of day.
    pub time: String,
    pub event: String,
    /// Who, and via which service.
    pub who: String,
    /// The error's code, if it failed.
    pub error: Option<String>,
    /// True for a data event.
    pub data: bool,
    /// The record as JSON.
    pub json: String,
    /// The aws command that would make the call.
    pub cli: Option<String>,
    /// The point behind the call that left it, if it is one of this session.
    pub call: Option<Point>,
}

/// One cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The verdict on what is applied.
    pub applied: CallStatus,
    /// The verdict on the draft, while there is one.
    pub draft: Option<CallStatus>,
}

/// The matrix: everybody against everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixView {
    /// What the actions are about.
    pub title: String,
    /// Which subject that is, from 0, and how many there are.
    pub subject: (usize, usize),
    pub columns: Vec<String>,
    /// The identities with their cells; without cells where they are kept back.
    pub rows: Vec<(String, Vec<Cell>)>,
}

/// One step of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// The simulated time of day.
    pub time: String,
    pub who: String,
    pub what: String,
    pub verdict: CallStatus,
    /// Whether the screen stands at this step.
    pub here: bool,
    /// The point behind it.
    pub point: Point,
    /// True for a step on another branch than the one the screen stands on.
    pub aside: bool,
    pub cli: Option<String>,
}

/// Two moments against each other, the earlier one first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub title: String,
    /// Who gets what at either moment.
    pub verdicts: Vec<(String, CallStatus, CallStatus)>,
    /// Each policy that differs: its name and the lines it has at either moment; none where it is not there.
    pub policies: Vec<(String, [Vec<String>; 2])>,
}

/// Everything the lab screen draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabView {
    pub head: Head,
    /// The watched call's short name, over the verdicts.
    pub watched: String,
    pub identities: Vec<IdentityRow>,
    pub resources: Vec<ResourceRow>,
    /// The document's head; its text is the editor's.
    pub document: DocumentHead,
    /// Whether the draft differs from what is applied.
    pub dirty: bool,
    /// How applying the draft as the acting identity would end, while there is a valid one.
    pub apply: Option<Mark>,
    pub task: TaskView,
    pub answer: AnswerView,
    pub storage: StorageView,
    pub why: Vec<WhyStep>,
    /// The log, newest first.
    pub audit: Vec<AuditRow>,
    /// How many records the filter hides.
    pub audit_hidden: usize,
    /// Whether the log shows data events.
    pub data_events: bool,
    pub matrix: MatrixView,
    /// Every step so far, newest first.
    pub steps: Vec<StepRow>,
    /// The keys and their grants.
    pub keys: Vec<KeyRow>,
    /// The second of two sessions, while they are shown.
    pub other: Option<OtherSession>,
}

/// The second of two sessions side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherSession {
    /// What the watched call returns to it.
    pub answer: AnswerView,
    pub why: Vec<WhyStep>,
}

impl LabView {
    /// How many identities the draft flips; none if that of some is kept back.
    pub fn flips(&self) -> Option<usize> {
        let known = self.identities.iter().all(|row| row.applied != Applied::Hidden);
        known.then(|| self.identities.iter().filter(|row| row.flips()).count())
    }
}

/// One scenario in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioRow {
    /// The full id, by which the scenario is opened.
    pub id: String,
    pub short: String,
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    /// For whom it is.
    pub level: &'static str,
    /// The lessons, a sentence each.
    pub teaches: Vec<String>,
    /// The scenarios that should come before.
    pub requires: Vec<String>,
    pub story: Vec<String>,
    /// Tasks done and tasks in all, this run of the program.
    pub progress: (usize, usize),
    /// The title of the scenario's chapter.
    pub chapter: String,
}

impl ScenarioRow {
    /// Says whether the scenario has no tasks.
    pub fn is_free(&self) -> bool {
        self.progress.1 == 0
    }
}
