//! What a learner hands in: a report of what was done in scenarios, and whether a report is what it says.
//!
//! A report carries a record of all that was done. It is made from the record alone, by doing everything again, so that
//! whoever has the file can make it anew and compare: that is how it is verified.
//!
//! | file | what |
//! |---|---|
//! | `model` | a report as plain blocks |
//! | `telling` | from a lab to its blocks |
//! | `html`, `markdown`, `picture` | blocks written down; the way of a call as a drawing |
//! | `escape` | text from outside inside of HTML and SVG |
//! | `record` | what a report carries, packed into a comment of the file |
//! | `write` | from a record to the file |
//! | `verify` | whether a file is what its record leads to |
//! | `grade`, `class` | a folder of hand-ins; the table of a class as CSV and Markdown |
//!
//! Text from outside is escaped where it is written down, and nowhere else.

mod class;
mod escape;
mod grade;
mod html;
mod markdown;
mod model;
mod picture;
mod record;
mod telling;
mod verify;
mod write;

pub use class::{csv, markdown as class_page, summary};
pub use grade::{Finding, GradeError, Row, Shown, grade};
pub use record::{ENGINE, Kind, Record, RecordError};
pub use verify::{Genuine, Verdict, read, verify};
pub use write::{Written, write};
