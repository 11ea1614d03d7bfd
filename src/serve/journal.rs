//! What has changed the served world, on the disk, so that it is there again after the server ends in whatever way.
//!
//! The file holds calls, not worlds: a first line that says how the world began, then a line for each call that changed it
//! and each use of the control API. At the next start they are made again, at the same times. A line that a crash has cut
//! short was never acknowledged, and is taken away.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::keys::{Key, Keys};
use crate::cloud::iam::Credential;
use crate::cloud::{ApiError, Call, CallContext, Caller};
use crate::limits::wire::{STATE_FILE, STATE_LINE};
use crate::limits::{Exceeded, steps};

/// How the world of a file began.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// The version of the form.
    pub kmslab_serve: u32,
    /// What is served, in words: another world has no use for the calls.
    pub world: String,
    /// The seed of the world's random numbers.
    pub seed: u64,
    /// The time at which the world was served first.
    pub start: Timestamp,
    /// The token of the control API; empty for a server that asks for none.
    #[serde(with = "secret")]
    pub token: Zeroizing<String>,
    keys: Vec<KeptKey>,
}

/// A key that the server gave out.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptKey {
    name: String,
    id: String,
    caller: Caller,
    #[serde(with = "secret")]
    secret: Zeroizing<String>,
    /// The session token; empty for a long-term key.
    #[serde(with = "secret")]
    token: Zeroizing<String>,
}

/// Texts that are wiped when dropped, in JSON.
mod secret {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    /// For `#[serde(with = "secret")]`.
    pub fn serialize<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    /// For `#[serde(with = "secret")]`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(deserializer).map(Zeroizing::new)
    }
}

/// A line behind the first.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Entry {
    /// A call that has changed the world.
    Call {
        /// The time on the world's clock.
        at: Timestamp,
        caller: Caller,
        service: String,
        operation: String,
        input: Value,
        context: Box<CallContext>,
        /// Whether the call ended with an error, which lets time pass all the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        fails: bool,
    },
    /// The clock was moved by so many seconds.
    Advance { at: Timestamp, seconds: i64 },
    /// The world was put back to what it was after so many lines; 0 is the start.
    Back(u64),
}

/// A file that is open, with what was in it.
pub struct Journal {
    pub beginning: Option<Beginning>,
    pub entries: Vec<Entry>,
    /// The file, at its end.
    pub file: File,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system does not open, read or cut the file.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// Another server works on it.
    #[error("{0} is in use by another kmslab; name another file")]
    InUse(PathBuf),
    /// A line is none of such a file.
    #[error("{path}, line {line}: {why}; name another file, or remove this one to begin anew")]
    Line {
        /// The file that the line is in.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The file is too long.
    #[error("{0}: {1}; name another file, or remove this one to begin anew")]
    TooLong(PathBuf, Exceeded),
}

impl Beginning {
    /// The version of the form that is written.
    pub const VERSION: u32 = 1;

    /// A world that begins now.
    pub fn new(world: String, seed: u64, start: Timestamp, token: Zeroizing<String>, keys: &Keys) -> Self {
        let kept = keys.all().map(|key| KeptKey {
            name: key.name.clone(),
            id: key.id.clone(),
            caller: key.caller.clone(),
            secret: Zeroizing::new(key.credential.secret().to_owned()),
            token: Zeroizing::new(key.credential.token().unwrap_or_default().to_owned()),
        });
        Self { kmslab_serve: Self::VERSION, world, seed, start, token, keys: kept.collect() }
    }

    /// Returns the keys that the server gave out.
    pub fn keys(&self) -> Keys {
        let mut keys = Keys::default();
        for kept in &self.keys {
            let credential = if kept.token.is_empty() {
                Credential::long_term(&kept.secret)
            } else {
                Credential::temporary(&kept.secret, &kept.token)
            };
            let (name, id, caller) = (kept.name.clone(), kept.id.clone(), kept.caller.clone());
            keys.add(Key { name, id, world: String::new(), caller, credential });
        }
        keys
    }
}

impl Entry {
    /// Makes the call of an entry anew.
    ///
    /// # Errors
    ///
    /// If there is no such operation, or it takes no such input.
    pub fn decode(
        service: &str,
        operation: &str,
        input: Value,
        context: CallContext,
    ) -> Result<Call, ApiError> {
        Ok(Call::decode(service, operation, input)?.with_context(context))
    }
}

/// Returns a short text that stands for a long one.
pub fn digest(text: &str) -> String {
    let mut hex = base16ct::lower::encode_string(&Sha256::digest(text.as_bytes()));
    hex.truncate(16);
    hex
}

/// Writes a line of a state file.
pub fn line(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // INVARIANT: nothing in these lines has a key that is no text.
    let mut bytes = Zeroizing::new(serde_json::to_vec(value).unwrap_or_default());
    bytes.push(b'\n');
    bytes
}

impl Journal {
    /// Opens a file, or makes one for its owner alone, and reads it.
    ///
    /// # Errors
    ///
    /// If it cannot be read, another server has it open, or a line is none of such a file.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |error| JournalError::Io(path.to_owned(), error);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("not a regular file")));
        }
        #[cfg(unix)]
        if rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(JournalError::InUse(path.to_owned()));
        }
        let length = file.metadata().map_err(failed)?.len();
        let too_long = |error| JournalError::TooLong(path.to_owned(), error);
        STATE_FILE.check(usize::try_from(length).unwrap_or(usize::MAX)).map_err(too_long)?;
        let read = read(&file).map_err(|error| match error {
            Unread::Io(error) => failed(error),
            Unread::Line(line, why) => JournalError::Line { path: path.to_owned(), line, why },
        })?;
        let mut file = file;
        file.set_len(read.whole).map_err(failed)?;
        file.seek(io::SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { beginning: read.beginning, entries: read.entries, file })
    }
}

/// What a file holds.
pub struct Read {
    pub beginning: Option<Beginning>,
    pub entries: Vec<Entry>,
    /// The bytes of all lines that are whole.
    pub whole: u64,
}

/// Why a file is not read: the system's words, or a line with what is wrong with it.
#[derive(Debug)]
pub enum Unread {
    Io(io::Error),
    Line(usize, String),
}

/// Reads the lines of a file.
///
/// # Errors
///
/// If the system refuses, or a whole line is none of such a file.
pub fn read(from: impl io::Read) -> Result<Read, Unread> {
    let mut from = BufReader::new(from);
    let mut found = Read { beginning: None, entries: Vec::new(), whole: 0 };
    let mut bytes = Zeroizing::new(Vec::new());
    for number in 1.. {
        bytes.clear();
        from.by_ref().take(STATE_LINE.most + 1).read_until(b'\n', &mut bytes).map_err(Unread::Io)?;
        let wrong = |why: String| Unread::Line(number, why);
        STATE_LINE.check(bytes.len()).map_err(|error| wrong(error.to_string()))?;
        steps::add(bytes.len());
        // A line that was cut short ends the file; so does nothing.
        let Some(text) = bytes.strip_suffix(b"\n") else { break };
        if number == 1 {
            let beginning: Beginning = serde_json::from_slice(text).map_err(|e| wrong(e.to_string()))?;
            if beginning.kmslab_serve != Beginning::VERSION {
                return Err(wrong(format!("version {} is not read here", beginning.kmslab_serve)));
            }
            found.beginning = Some(beginning);
        } else {
            found.entries.push(serde_json::from_slice(text).map_err(|e| wrong(e.to_string()))?);
        }
        found.whole += bytes.len() as u64;
    }
    Ok(found)
}

/// Returns the entries that led to the world as it is at the end, in their order: what was put back is left out.
pub fn in_force(entries: Vec<Entry>) -> Vec<Entry> {
    // What each line led to: the line that it goes on from, if any; and the line in force after it.
    let mut before: Vec<Option<usize>> = Vec::new();
    let mut after: Vec<Option<usize>> = vec![None];
    for (at, entry) in entries.iter().enumerate() {
        let now = after.last().copied().flatten();
        let then = match entry {
            Entry::Back(lines) => {
                usize::try_from(*lines).ok().and_then(|lines| after.get(lines).copied()).flatten()
            }
            Entry::Call { .. } | Entry::Advance { .. } => Some(at),
        };
        before.push(now);
        after.push(then);
    }
    let mut kept = vec![false; entries.len()];
    let mut next = after.last().copied().flatten();
    while let Some(at) = next {
        if let Some(kept) = kept.get_mut(at) {
            *kept = true;
        }
        next = before.get(at).copied().flatten();
    }
    entries.into_iter().zip(kept).filter_map(|(entry, kept)| kept.then_some(entry)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advance(seconds: i64) -> Entry {
        Entry::Advance { at: Timestamp::UNIX_EPOCH, seconds }
    }

    #[test]
    fn what_was_put_back_is_left_out() {
        let seconds = |entries: Vec<Entry>| {
            let all = in_force(entries).into_iter().map(|entry| match entry {
                Entry::Advance { seconds, .. } => seconds,
                Entry::Call { .. } | Entry::Back(_) => -1,
            });
            all.collect::<Vec<_>>()
        };
        assert_eq!(seconds(vec![advance(1), advance(2)]), [1, 2]);
        assert_eq!(seconds(vec![advance(1), Entry::Back(0), advance(2)]), [2]);
        // Back to the second, on, back to what was before the first return.
        let entries =
            vec![advance(1), advance(2), advance(3), Entry::Back(2), advance(4), Entry::Back(3), advance(5)];
        assert_eq!(seconds(entries), [1, 2, 3, 5]);
        assert_eq!(seconds(vec![advance(1), Entry::Back(99)]), [0; 0]);
    }

    #[test]
    fn a_line_that_is_cut_short_is_no_line_and_a_wrong_one_is_told() {
        let beginning =
            Beginning::new("w".to_owned(), 7, Timestamp::UNIX_EPOCH, Zeroizing::default(), &Keys::default());
        let mut bytes = line(&beginning).to_vec();
        bytes.extend_from_slice(&line(&advance(1)));
        let whole = bytes.len() as u64;
        bytes.extend_from_slice(b"{\"advance\":{\"at\"");
        let found = read(&bytes[..]).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!((found.entries.len(), found.whole), (1, whole));
        assert_eq!(found.beginning.map(|beginning| beginning.seed), Some(7));
        bytes.push(b'\n');
        assert!(matches!(read(&bytes[..]), Err(Unread::Line(3, _))));
    }
}
