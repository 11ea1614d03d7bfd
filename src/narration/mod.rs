//! What there is to say about a lab's state, as plain data and plain sentences. Every face of the lab speaks from it.
//!
//! | file | what |
//! |---|---|
//! | `lab_view` | all of it at once |
//! | `marks`, `answer`, `why`, `calls` | how a call ended, and the reasons |
//! | `task`, `card`, `audit` | the task with its checks and predictions, what stands at its end, the audit trail |
//! | `path`, `next`, `due` | the way of the watched call, what the solution needs next, what time brings |
//! | `crux` | what the last decision rests on |
//! | `matrix`, `who_can` | many people asked at once |
//! | `documents`, `snippets`, `parts`, `fixes`, `complete` | policies and items, and what helps to write them |
//! | `storage`, `keys`, `steps` | what is stored, the keys, the history |
//! | `keeping` | what of a lab is not on the disk |
//! | `fidelity` | the delays of the world, and the rules that it turns |
//! | `help` | help that writes a part of the answer |
//! | `harmless` | text from outside as it may be shown |
//! | `beliefs` | the map of beliefs |
//! | `course` | the scenarios in order, and how far each is |
//! | `brackets`, `diff`, `json_text`, `json_place` | texts: pairs of brackets, comparison, layout, and where in one a place is |
//!
//! Only looks and words: every verdict, reason and byte is the engine's. Nothing here knows of a terminal.

mod answer;
mod audit;
pub mod beliefs;
mod brackets;
mod calls;
mod card;
mod clicks;
mod complete;
pub mod course;
mod crux;
pub mod diff;
mod documents;
mod due;
pub mod fidelity;
mod fixes;
pub mod harmless;
pub mod help;
mod json_place;
pub mod json_text;
pub mod keeping;
mod keys;
mod lab_view;
mod marks;
mod matrix;
mod missing;
mod next;
mod parts;
mod path;
mod shifts;
mod snippets;
mod steps;
mod storage;
mod task;
mod who_can;
mod why;

pub use answer::{AnswerView, Moment};
pub use audit::{AuditRow, RuleCount, audit as audit_rows};
pub use brackets::matching_bracket;
pub use calls::{PresentedCall, Refusal, applied, decisions_at, own_words, presented, refusal, told};
pub use card::{Card, card};
pub use clicks::clicks;
pub use complete::completions;
pub use course::{ScenarioRow, scenario_row};
pub use crux::{Crux, Place, record_of};
pub use documents::{
    Comparison, DocumentHead, DocumentRow, VersionRow, comparison, document_name, document_rows, draft_rows,
    is_read_only, versions,
};
pub use due::Due;
pub use fixes::{Fix, fixes};
pub use json_place::{JsonPlace, json_place};
pub use keys::{Does, GrantRow, KeyAction, KeyRow, ResourceStanding, actions as key_actions};
pub use lab_view::{Head, IdentityRow, LabView, OtherSession, ResourceRow, ViewOptions, lab_view};
pub use marks::{Applied, Mark};
pub use matrix::{Cell, MatrixView, probe as matrix_probe};
pub use missing::{Maker, Missing, make_missing, missing};
pub use next::Next;
pub use parts::{PartRow, Parts};
pub use path::{Gate, Passage, PathView, path as way};
pub use snippets::{ForWhom, Snippet, for_whom, snippets};
pub use steps::{StepRow, step_words};
pub use storage::{Disk, PageChange, StorageView, Stored, StoredKey, StoredPage};
pub use task::{CheckRow, PredictionRow, TaskView, Tick};
pub use who_can::{May, WhoCanView, find_target, known_actions, targets, who_can};
pub use why::{StatementPlace, Weight, WhyLine, WhyStep, why_step};

pub use crate::cloud::service::ActionTarget;
pub use crate::lab::CallStatus;

use marks::{clock, mark};
