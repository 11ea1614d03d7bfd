//! Reads a journal: which lines are as they were written, and what they tell.

use std::path::Path;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::entry::{Entry, FORMAT};
use super::error::JournalError;
use crate::limits::steps;

/// No more of what looks like a checksum in one bad line is tried on the line behind it: each try reads that line. Few lines
/// lose their ends at once.
const MAX_SUMS_A_LINE: usize = 16;

/// The checksum of a line.
pub type Sum = [u8; 8];

/// The sound part of a journal.
#[derive(Debug)]
pub struct Sound {
    pub entries: Vec<Entry>,
    /// The checksum of its last line.
    pub last: Sum,
    /// How many bytes its lines have.
    pub whole: usize,
}

/// Reads the lines that are whole and sound.
///
/// Bad lines at the end are what a power cut leaves where the disk had written the end of a piece and not what stands
/// before it: the reading ends there. A bad line before a sound one of a later piece is damage.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Sound, JournalError> {
    let (found, bad) = beginning(path, bytes)?;
    if let Some(what) = bad {
        let rest = bytes.get(found.whole..).unwrap_or_default();
        // A file that never was a journal is nobody's to cut.
        let strange = found.entries.is_empty() && !begins_like_a_journal(rest);
        if strange || any_later(found.last, rest) {
            let (path, line, what) = (path.to_owned(), found.entries.len() + 1, what.to_owned());
            return Err(JournalError::Damaged { path, line, what });
        }
    }
    Ok(found)
}

/// Reads the lines up to the first that is not sound. Says what is wrong with that one.
pub fn beginning(path: &Path, bytes: &[u8]) -> Result<(Sound, Option<&'static str>), JournalError> {
    let mut found = Sound { entries: Vec::new(), last: [0; 8], whole: 0 };
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let sound = match line.strip_suffix(b"\n") {
            Some(text) => sound(found.last, text),
            None => Err("it has no end"),
        };
        match sound {
            Ok((json, sum)) => {
                found.entries.push(entry(path, found.entries.len() + 1, json)?);
                found.last = sum;
                found.whole += line.len();
            }
            Err(what) => return Ok((found, Some(what))),
        }
    }
    Ok((found, None))
}

/// Tells whether any line but the first is as it was written, by the checksum that stands before it or the one that
/// should, and begins a piece: what stood before it was on the disk by then.
fn any_later(last: Sum, lines: &[u8]) -> bool {
    let mut before = vec![last];
    for (at, line) in lines.split_inclusive(|b| *b == b'\n').enumerate() {
        let Some(text) = line.strip_suffix(b"\n") else { return false };
        let begins = |last: &Sum| sound(*last, text).is_ok_and(|(json, _)| !json.starts_with(b" "));
        if at > 0 && before.iter().any(begins) {
            return true;
        }
        let computed = text.get(17..).and_then(|json| before.first().map(|last| checksum(*last, json)));
        // Wherever it stands: a line whose end was lost holds the next one, too. The nearest to the end counts first.
        let written = text
            .windows(17)
            .rev()
            .filter(|sum| sum.last() == Some(&b' '))
            .filter_map(|sum| base16ct::lower::decode_vec(sum.get(..16)?).ok()?.try_into().ok())
            .take(MAX_SUMS_A_LINE);
        before = computed.into_iter().chain(written).collect();
    }
    false
}

/// Tells whether bytes are the beginning of a journal's line, as far as they go.
pub fn begins_like_a_journal(bytes: &[u8]) -> bool {
    let hex = bytes.iter().take(16).all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    hex && bytes.iter().skip(16).zip(b" {").all(|(is, must)| is == must)
}

/// Returns the text of a line and its checksum, if the line is as it was written behind `last`.
pub fn sound(last: Sum, line: &[u8]) -> Result<(&[u8], Sum), &'static str> {
    let (sum, json) = line.split_at_checked(16).ok_or("it is too short")?;
    let json = json.strip_prefix(b" ").ok_or("there is no blank behind its checksum")?;
    let expected = checksum(last, json);
    if sum != base16ct::lower::encode_string(&expected).as_bytes() {
        return Err("its checksum does not fit");
    }
    Ok((json, expected))
}

/// Reads an entry whose checksum fits. What this version does not know can only be a newer one's.
fn entry(path: &Path, line: usize, json: &[u8]) -> Result<Entry, JournalError> {
    let newer = |what| JournalError::Newer { path: path.to_owned(), line, what };
    if !json.trim_ascii_start().starts_with(b"{\"head\"") {
        return serde_json::from_slice(json).map_err(|error| newer(error.to_string()));
    }
    match serde_json::from_slice(json) {
        Ok(AnyHead { head: HeadOfAnyFormat { format, engine } }) if format < FORMAT => {
            Err(JournalError::Older { path: path.to_owned(), engine, format })
        }
        Ok(AnyHead { head: HeadOfAnyFormat { format, engine } }) if format > FORMAT => {
            Err(newer(format!("kmslab {engine}, in format {format}; format {FORMAT} is read here")))
        }
        Ok(_) | Err(_) => serde_json::from_slice(json).map_err(|error| newer(error.to_string())),
    }
}

/// Returns the checksum of a line behind one with the checksum `last`.
pub fn checksum(last: Sum, json: &[u8]) -> Sum {
    steps::add(json.len());
    let digest = Sha256::new().chain_update(last).chain_update(json).finalize();
    let mut sum = [0; 8];
    sum.copy_from_slice(&digest[..8]);
    sum
}

/// The part of a head that every format has.
#[derive(Deserialize)]
struct AnyHead {
    head: HeadOfAnyFormat,
}

#[derive(Deserialize)]
struct HeadOfAnyFormat {
    format: u32,
    engine: String,
}
