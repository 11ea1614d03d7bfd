//! From a record to the file: everything is done again, told, and written down.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::record::{Kind, Record};
use super::{html, markdown, telling};
use crate::lab::hand_in::AgainError;
use crate::lab::saves::Stored;
use crate::lab::{Difference, Lab, LabError};
use crate::limits::work::{self, Ticket};
use crate::limits::{Exceeded, report, steps};

/// Stands where the record comes: no text of a report holds it, since a control character never stays in one.
const MARK: &str = "\u{1}record\u{1}";

/// A report that was written.
pub struct Written {
    pub text: String,
    /// Each lab as it was left.
    pub labs: Vec<Lab>,
    /// What ended otherwise than is noted, of each lab.
    pub differences: Vec<Vec<Difference>>,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").field("labs", &self.labs.len()).finish_non_exhaustive()
    }
}

/// Does everything again that a record tells of, in bounded time and memory, and writes the report. `own` is a scenario that
/// is none of the program.
pub fn write(record: &Record, own: Option<&Stored>) -> Result<Written, AgainError> {
    within_bounds(|| written(record, own))
}

/// Plays something again in bounded time and memory: each byte of an answer is a step of the bound.
pub fn within_bounds<T>(play: impl FnOnce() -> Result<T, AgainError>) -> Result<T, AgainError> {
    let ticket = Arc::new(Ticket::default());
    let (over, waits) = mpsc::channel::<()>();
    let theirs = Arc::clone(&ticket);
    let watch = thread::spawn(move || {
        // The other end is dropped when the work is over.
        if waits.recv_timeout(Duration::from_secs(report::PATIENCE.most)) == Err(RecvTimeoutError::Timeout) {
            theirs.give_up();
        }
    });
    let (done, ended) = steps::as_far_as(&report::WORK, || work::with(Arc::clone(&ticket), play));
    drop(over);
    // The thread only waits: it cannot have panicked.
    let _ended = watch.join();
    ended?;
    match done {
        Err(AgainError::Lab(LabError::GivenUp)) if ticket.is_given_up() => {
            Err(AgainError::TooMuch(Exceeded(&report::PATIENCE)))
        }
        done => done,
    }
}

fn written(record: &Record, own: Option<&Stored>) -> Result<Written, AgainError> {
    let (mut labs, mut differences) = (Vec::new(), Vec::new());
    for lab in &record.labs {
        let (lab, different) = lab.again(own)?;
        labs.push(lab);
        differences.push(different);
    }
    let report = telling::report(record, &labs);
    let text = match record.kind {
        Kind::Html => html::write(&report, MARK),
        Kind::Markdown => markdown::write(&report, MARK),
    };
    Ok(Written { text: record.put_into(&text, MARK), labs, differences })
}
