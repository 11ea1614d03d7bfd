//! Whether a report is what its record leads to.
//!
//! Everything that the record tells of is done again, the report is made anew, and the two texts are compared. Only how lines
//! end, and blanks at the end of the file, may differ: mail and editors change them.

use std::path::Path;

use super::record::{self, ENGINE, Found, Record, RecordError};
use super::write::{Written, write};
use crate::lab::hand_in::AgainError;
use crate::lab::saves::Stored;
use crate::limits::file::{self, FileError};
use crate::narration::harmless;

/// What is found of a file.
#[derive(Debug)]
pub enum Verdict {
    /// The text is what its record leads to.
    Genuine(Genuine),
    /// The text, or what its record says of how calls ended, is not what the record leads to.
    Forged(String),
    /// Another version made it, and here something else comes of it.
    OtherVersion { engine: String, what: String },
    /// Nothing can be said: the file is no report, or cannot be played here.
    Unknown(String),
}

/// A report that is what its record leads to.
#[derive(Debug)]
pub struct Genuine {
    pub record: Record,
    pub written: Written,
}

/// How much of a line is shown where it differs.
const SHOWN: usize = 80;

/// Reads a report and finds out whether it is what its record leads to. `own` is a scenario that is none of the program.
pub fn verify(bytes: Vec<u8>, own: Option<&Stored>) -> Verdict {
    let text = match file::text(bytes) {
        Ok(text) => usual(&text),
        Err(
            error
            @ (FileError::Io(_) | FileError::NotRegular | FileError::TooLong(_) | FileError::NotText(_)),
        ) => {
            return Verdict::Unknown(error.to_string());
        }
    };
    let Found { engine, sum_fits, record } = match record::find(&text) {
        Ok(found) => found,
        Err(error) => return Verdict::Unknown(error.to_string()),
    };
    let changed = "it is not as it was written: its checksum does not fit";
    let record = match record {
        Ok(record) => record,
        Err(error) if !sum_fits => return Verdict::Forged(format!("{changed}, and {error}")),
        Err(error @ RecordError::TooMuch(_)) => return Verdict::Unknown(error.to_string()),
        Err(error) => return other_or(&engine, error.to_string(), Verdict::Forged),
    };
    let written = match write(&record, own) {
        Ok(written) => written,
        Err(error) if !sum_fits => return Verdict::Forged(format!("{changed}, and {error}")),
        Err(error @ (AgainError::OwnScenario(_) | AgainError::Scenario(_) | AgainError::TooMuch(_))) => {
            return Verdict::Unknown(error.to_string());
        }
        Err(error @ AgainError::OtherText(_)) => {
            return other_or(&engine, error.to_string(), Verdict::Unknown);
        }
        Err(error @ AgainError::Lab(_)) => return other_or(&engine, error.to_string(), Verdict::Forged),
    };
    let first = written.differences.iter().flatten().next();
    let found = match (first, difference(&text, &usual(&written.text))) {
        (None, None) => return Verdict::Genuine(Genuine { record, written }),
        (_, Some(difference)) if !sum_fits => return Verdict::Forged(format!("{changed}; {difference}")),
        (Some(difference), _) => difference.to_string(),
        (None, Some(difference)) => difference,
    };
    other_or(&engine, found, Verdict::Forged)
}

/// Reads the file at a path, which may be a pipe only where its name was given.
pub fn read(path: &Path, given: file::Given) -> Result<Vec<u8>, FileError> {
    file::read_given(path, given, &crate::limits::report::FILE)
}

/// What is found of a report that another version made is that version's to judge.
fn other_or(engine: &str, what: String, else_: fn(String) -> Verdict) -> Verdict {
    if engine == ENGINE {
        else_(what)
    } else {
        Verdict::OtherVersion { engine: harmless::clean_line(engine), what }
    }
}

/// A text as it was before mail and editors had it: no mark at its beginning, lines that end alike, no blanks at its end.
fn usual(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    format!("{}\n", text.replace("\r\n", "\n").trim_end_matches(['\n', ' ', '\t']))
}

/// Says where a text differs from what it should be; `None` if it does not.
fn difference(is: &str, should: &str) -> Option<String> {
    if is == should {
        return None;
    }
    let pair = is.lines().zip(should.lines()).enumerate().find(|(_, (is, should))| is != should);
    Some(match pair {
        Some((at, (is, should))) => {
            format!(
                "line {} reads {}, and the record leads to {}",
                at + 1,
                around(is, should),
                around(should, is)
            )
        }
        None => "it is shorter or longer than what its record leads to".to_owned(),
    })
}

/// The part of a line where it differs from another.
fn around(line: &str, other: &str) -> String {
    let same = line.chars().zip(other.chars()).take_while(|(one, two)| one == two).count();
    let from = same.saturating_sub(SHOWN / 2);
    let part: String = line.chars().skip(from).take(SHOWN).collect();
    let dots = |more: bool| if more { ".." } else { "" };
    format!(
        "`{}{}{}`",
        dots(from > 0),
        harmless::clean_line(&part),
        dots(line.chars().count() > from + SHOWN)
    )
}
