//! Reads a journal: which lines are as they were written, and what they tell.

use std::path::Path;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::FORMAT;
use super::entry::Entry;
use super::error::JournalError;

/// The entries, the last checksum, and how many bytes are whole and sound lines.
///
/// Bad lines with nothing sound behind them are what a power cut leaves where the disk had written the end of the file
/// and not what stands before it: the reading ends there. A bad line before a sound one is damage.
pub fn read(path: &Path, bytes: &[u8]) -> Result<(Vec<Entry>, [u8; 8], usize), JournalError> {
    let mut entries = Vec::new();
    let mut last = [0; 8];
    let mut whole = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let number = entries.len() + 1;
        let damaged =
            |what: &str| JournalError::Damaged { path: path.to_owned(), line: number, what: what.to_owned() };
        let sound = match line.strip_suffix(b"\n") {
            Some(text) => sound(last, text),
            None => Err("it has no end"),
        };
        match sound {
            Ok((json, sum)) => {
                entries.push(entry(path, number, json)?);
                last = sum;
                whole += line.len();
            }
            Err(what) => {
                let rest = bytes.get(whole..).unwrap_or_default();
                // A file that never was a journal is nobody's to cut.
                if any_sound(last, rest) || (entries.is_empty() && !begins_like_a_journal(rest)) {
                    return Err(damaged(what));
                }
                break;
            }
        }
    }
    Ok((entries, last, whole))
}

/// Tells whether any line but the first is as it was written, by the checksum that stands before it or the one that
/// should.
fn any_sound(last: [u8; 8], lines: &[u8]) -> bool {
    let mut before = vec![last];
    for (at, line) in lines.split_inclusive(|b| *b == b'\n').enumerate() {
        let Some(text) = line.strip_suffix(b"\n") else { return false };
        if at > 0 && before.iter().any(|last| sound(*last, text).is_ok()) {
            return true;
        }
        let computed = text.get(17..).and_then(|json| before.first().map(|last| checksum(*last, json)));
        // Wherever it stands: a line whose end was lost holds the next one, too.
        let written = text
            .windows(17)
            .filter(|sum| sum.last() == Some(&b' '))
            .filter_map(|sum| base16ct::lower::decode_vec(sum.get(..16)?).ok()?.try_into().ok());
        before = computed.into_iter().chain(written).collect();
    }
    false
}

/// Tells whether bytes are the beginning of a journal's line, as far as they go.
fn begins_like_a_journal(bytes: &[u8]) -> bool {
    let hex = bytes.iter().take(16).all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    hex && bytes.iter().skip(16).zip(b" {").all(|(is, must)| is == must)
}

/// Returns the text of a line and its checksum, if the line is as it was written behind `last`.
fn sound(last: [u8; 8], line: &[u8]) -> Result<(&[u8], [u8; 8]), &'static str> {
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

pub fn checksum(last: [u8; 8], json: &[u8]) -> [u8; 8] {
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
