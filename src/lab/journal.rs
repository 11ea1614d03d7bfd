//! What a learner did, on disk: an append-only file that a lab can be replayed from.
//!
//! A line is a checksum, a blank and one [`Entry`] as JSON. The checksum covers the line and the checksum before it, so
//! a line that was changed, moved or lost is found. What a power cut leaves at the end, behind which nothing is sound,
//! is cut off into a file beside it, and the caller is told. Damage anywhere else is refused and the file left alone, and
//! so is what a newer kmslab wrote.
//!
//! A journal holds what was typed and what was answered, as it stands on the screen, and it names the scenario, whose
//! seed every simulated key is made from. So it holds no key material, and whoever has it can make all keys again.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{CallStatus, DocumentId, Point, Typed};
use crate::cloud::{ApiError, Call, CallContext, Caller, Outcome};

/// The version of the journals' format.
///
/// Format 1, of kmslab 0.1.0, noted no outcomes. It is not read: keys and identifiers came from another stream of random
/// numbers, so what names one of them would miss it, and nobody could be told.
pub const FORMAT: u32 = 2;

/// One thing the learner did, or the head of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The first line: what the rest is replayed on.
    Head(Head),
    /// Took on another identity.
    Act(String),
    Call(Box<CallEntry>),
    /// Moved the clock forward, in seconds.
    Wait(i64),
    /// Went to the place behind so many steps.
    GoTo(usize),
    /// Went to a point of another branch.
    GoToBranch(Point),
    #[serde(rename = "answer")]
    Predict {
        #[serde(rename = "question")]
        prediction: String,
        /// The choice, counted from 0.
        choose: usize,
    },
    /// Asked for a hint.
    Hint,
    /// Chose the watched call; `None` is the scenario's own.
    Watch(Option<Box<WatchEntry>>),
    Draft {
        document: DocumentId,
        text: String,
    },
    /// Typed something into the console. The calls it made stand before it, one by one, as [`Entry::Call`].
    Typed(Box<Typed>),
    Clear,
    /// Began the current task again.
    RestartTask,
    Reset,
}

/// What a journal was written for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The version of this format.
    pub format: u32,
    /// The version of kmslab that wrote what follows. Where another version goes on, it writes a head of its own.
    pub engine: String,
    pub scenario: String,
    /// SHA-256 of what decides in the scenario, in hex: a journal fits scenarios that differ in words only.
    pub digest: String,
}

impl Entry {
    /// Returns the head, if it is one.
    pub fn head(&self) -> Option<&Head> {
        if let Self::Head(head) = self { Some(head) } else { None }
    }
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

/// How a call ended, as a journal keeps it, to be compared when the call is made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeNote {
    /// The end in a word.
    pub status: CallStatus,
    /// The beginning of the SHA-256 of the response, or of the error's code, in hex.
    ///
    /// The words of an error are left out: mending them changes nothing for a learner.
    pub hash: String,
}

impl OutcomeNote {
    /// Returns what is noted of an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        let text = match &outcome.result {
            Ok(response) => response.to_json().to_string(),
            Err(error) => error.code.to_string(),
        };
        let digest = Sha256::digest(text);
        let hash = base16ct::lower::encode_string(digest.first_chunk::<8>().map_or(&[][..], |few| few));
        Self { status: CallStatus::of(outcome), hash }
    }
}

/// A call as a journal keeps it. Holds whatever the input holds, secrets of the simulated world included; its debug
/// form does not.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallEntry {
    /// The name of the identity that made it.
    pub who: String,
    /// The credentials it was made with.
    pub caller: Caller,
    pub service: String,
    pub operation: String,
    /// The input, as AWS's JSON.
    pub input: Value,
    pub context: CallContext,
    /// The end of the call.
    pub outcome: OutcomeNote,
}

impl std::fmt::Debug for CallEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let call = format_args!("{}:{}", self.service, self.operation);
        f.debug_struct("CallEntry").field("who", &self.who).field("call", &call).finish_non_exhaustive()
    }
}

impl CallEntry {
    /// What is kept of a call and its end.
    pub fn of(who: &str, caller: &Caller, call: &Call, outcome: &Outcome) -> Self {
        Self {
            who: who.to_owned(),
            caller: caller.clone(),
            service: call.input.service().to_owned(),
            operation: call.input.operation().to_owned(),
            input: call.input.to_json(),
            context: call.context.clone(),
            outcome: OutcomeNote::of(outcome),
        }
    }
}

/// The watched call as a journal keeps it. Like [`CallEntry`], it holds whatever the input holds.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchEntry {
    service: String,
    operation: String,
    input: Value,
    context: CallContext,
}

impl std::fmt::Debug for WatchEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let call = format_args!("{}:{}", self.service, self.operation);
        f.debug_struct("WatchEntry").field("call", &call).finish_non_exhaustive()
    }
}

impl WatchEntry {
    /// What is kept of a call.
    pub fn of(call: &Call) -> Self {
        Self {
            service: call.input.service().to_owned(),
            operation: call.input.operation().to_owned(),
            input: call.input.to_json(),
            context: call.context.clone(),
        }
    }

    /// Returns the call that the entry tells of.
    pub fn into_call(self) -> Result<Call, ApiError> {
        Ok(Call::decode(&self.service, &self.operation, self.input)?.with_context(self.context))
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process writes to it.
    #[error("{path}: another kmslab has this lab open")]
    InUse { path: PathBuf },
    /// A line in the middle is not what was written.
    #[error(
        "{path}:{line}: this line is damaged ({what}); the file is left as it is. Move it away to start again"
    )]
    Damaged {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        what: String,
    },
    /// A newer version wrote it, in a format or with an entry that this one does not know.
    #[error(
        "{path}:{line}: a newer kmslab wrote this ({what}), and this is kmslab {}; the file is left as it is. Go on \
         with the newer version, or move the file away to start again",
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        what: String,
    },
    /// An older version wrote it, in a format that notes no outcomes: what is done again would end otherwise, and nobody
    /// could tell where.
    #[error(
        "{path}: kmslab {engine} wrote this in format {format}, whose steps cannot be made again here; the file is left \
         as it is. Go on with the kmslab that wrote it, or move the file away to start again"
    )]
    Older {
        path: PathBuf,
        /// The version that wrote it.
        engine: String,
        format: u32,
    },
}

/// A journal that is open for writing.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    last: [u8; 8],
    /// Whether nothing was written yet, so that the folder does not have the file for sure.
    fresh: bool,
}

/// A journal that was opened, and what it held.
#[derive(Debug)]
pub struct Opened {
    /// The journal, ready for more.
    pub journal: Journal,
    /// What was done so far.
    pub entries: Vec<Entry>,
    /// Where the end went that the disk had lost in part; `None` if all was sound.
    pub cut: Option<PathBuf>,
}

impl Journal {
    /// Opens the file, or makes it, readable by its owner only.
    pub fn open(path: &Path) -> Result<Opened, JournalError> {
        let io = |source| JournalError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let mut file = private(path).map_err(io)?;
        if !lock(&file).map_err(io)? {
            return Err(JournalError::InUse { path: path.to_owned() });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (entries, last, whole) = read(path, &bytes)?;
        let mut cut = None;
        if let Some(lost) = bytes.get(whole..).filter(|lost| !lost.is_empty()) {
            // Written before anything is cut, so that no byte is ever in neither file.
            let beside = path.with_extension("journal.cut");
            keep_aside(&beside, lost).map_err(io)?;
            file.set_len(whole as u64).and_then(|()| file.sync_all()).map_err(io)?;
            cut = Some(beside);
        }
        file.seek(SeekFrom::End(0)).map_err(io)?;
        let fresh = bytes.is_empty();
        Ok(Opened { journal: Self { path: path.to_owned(), file, last, fresh }, entries, cut })
    }

    /// What a file holds, without opening it for more. Nothing is cut, nothing is locked.
    pub fn peek(path: &Path) -> Result<Vec<Entry>, JournalError> {
        let io = |source| JournalError::Io { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(io)?;
        Ok(read(path, &bytes)?.0)
    }

    /// Adds entries; when this returns, they are on the disk.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        let mut lines = Vec::new();
        let mut last = self.last;
        for entry in entries {
            let json = serde_json::to_vec(entry).map_err(|e| self.io(e.into()))?;
            last = checksum(last, &json);
            lines.extend_from_slice(base16ct::lower::encode_string(&last).as_bytes());
            lines.push(b' ');
            lines.extend_from_slice(&json);
            lines.push(b'\n');
        }
        self.file.write_all(&lines).and_then(|()| self.file.sync_data()).map_err(|e| self.io(e))?;
        if std::mem::take(&mut self.fresh) {
            sync_folder(&self.path).map_err(|e| self.io(e))?;
        }
        self.last = last;
        Ok(())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn io(&self, source: std::io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), source }
    }
}

/// Keeps other processes from writing; says whether nobody had the file before. Ends with the file.
#[cfg(unix)]
fn lock(file: &File) -> std::io::Result<bool> {
    match rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        // Some file systems of networks have no locks; a journal there is better than none.
        Ok(()) | Err(rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOLCK) => {
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature everywhere")]
fn lock(_: &File) -> std::io::Result<bool> {
    Ok(true)
}

/// Puts a new file's name on the disk: syncing the file alone does not.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Adds what is cut off a journal to the file for that, down to the disk.
fn keep_aside(path: &Path, lost: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(lost)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    sync_folder(path)
}

/// The entries, the last checksum, and how many bytes are whole and sound lines.
///
/// Bad lines with nothing sound behind them are what a power cut leaves where the disk had written the end of the file
/// and not what stands before it: the reading ends there. A bad line before a sound one is damage.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<(Vec<Entry>, [u8; 8], usize), JournalError> {
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

fn checksum(last: [u8; 8], json: &[u8]) -> [u8; 8] {
    let digest = Sha256::new().chain_update(last).chain_update(json).finalize();
    let mut sum = [0; 8];
    sum.copy_from_slice(&digest[..8]);
    sum
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lab::Lab;

    fn entries() -> Vec<Entry> {
        let answer = Entry::Predict { prediction: "p1".to_owned(), choose: 1 };
        vec![Entry::Act("kim".to_owned()), Entry::Wait(300), answer, Entry::Hint, Entry::Reset]
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state/a3.journal");
        let mut opened = Journal::open(&path).expect("new");
        assert!(opened.entries.is_empty());
        opened.journal.append(&entries()).expect("written");
        (folder, path)
    }

    #[test]
    fn a_note_tells_answers_and_kinds_of_errors_apart_but_not_their_words() {
        let lab = Lab::open(crate::scenario::find("a3").expect("there"), Some("root")).expect("it opens");
        let mut world = lab.world().clone();
        let mut note = |operation, input| {
            let call = Call::decode("kms", operation, input).expect("a request");
            OutcomeNote::of(&world.call(&lab.personas()[lab.acting()].caller, call))
        };
        let mut key = |id: &str| note("DescribeKey", json!({"KeyId": id}));
        assert_eq!(key("alias/dynamodb-encryption-key"), key("alias/dynamodb-encryption-key"));
        assert_eq!(key("alias/one"), key("alias/two"), "two errors of one kind, each naming its alias");
        assert_ne!(key("alias/one"), key(""), "two kinds of errors");
        let mut random = || note("GenerateRandom", json!({"NumberOfBytes": 32}));
        assert_ne!(random(), random(), "two answers");
    }

    #[test]
    fn what_was_written_is_read_back_and_goes_on() {
        let (_folder, path) = written();
        let mut opened = Journal::open(&path).expect("again");
        assert_eq!((opened.entries.clone(), opened.cut.clone()), (entries(), None));
        opened.journal.append(&[Entry::Hint]).expect("written");
        assert!(matches!(Journal::open(&path), Err(JournalError::InUse { .. })), "one writer at a time");
        assert_eq!(Journal::peek(&path).expect("looking is allowed").len(), entries().len() + 1);
        drop(opened);
        assert_eq!(Journal::open(&path).expect("again").entries.len(), entries().len() + 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path) = written();
        let mode = std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_cut_anywhere_keeps_every_whole_line() {
        let (_folder, path) = written();
        let bytes = std::fs::read(&path).expect("there");
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).expect("cut");
            let opened = Journal::open(&path).expect("cut files open");
            let whole =
                bytes[..length].split_inclusive(|b| *b == b'\n').filter(|l| l.ends_with(b"\n")).count();
            assert_eq!(opened.entries, entries()[..whole], "cut at {length}");
            let kept = std::fs::read(&path).expect("there").len();
            assert_eq!(opened.cut.is_some(), kept < length);
            if let Some(cut) = opened.cut {
                assert_eq!(std::fs::read(&cut).expect("there"), [&bytes[kept..length], b"\n"].concat());
                std::fs::remove_file(cut).expect("removed");
            }
        }
    }

    #[test]
    fn a_changed_line_is_refused_and_the_file_left_alone() {
        let (_folder, path) = written();
        let bytes = std::fs::read(&path).expect("there");
        let last_line = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').expect("lines");
        for at in 0..last_line {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).expect("damaged");
            let error = Journal::open(&path).expect_err("damage is found");
            assert!(matches!(error, JournalError::Damaged { .. }), "byte {at}: {error}");
            assert_eq!(std::fs::read(&path).expect("there"), damaged);
        }
    }

    #[test]
    fn lines_cannot_be_taken_out_or_swapped() {
        let (_folder, path) = written();
        let text = std::fs::read_to_string(&path).expect("there");
        let lines: Vec<_> = text.lines().collect();
        for (a, b) in [(0, 1), (1, 2), (0, 3)] {
            let mut swapped = lines.clone();
            swapped.swap(a, b);
            std::fs::write(&path, swapped.join("\n") + "\n").expect("swapped");
            assert!(Journal::open(&path).is_err(), "{a} and {b}");
        }
        std::fs::write(&path, lines[1..].join("\n") + "\n").expect("cut at the front");
        assert!(Journal::open(&path).is_err());
    }

    #[test]
    fn a_torn_end_is_cut_off_and_kept_beside() {
        let (_folder, path) = written();
        let bytes = std::fs::read(&path).expect("there");
        let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
        // The end of the file reached the disk, and some sector before it did not.
        for lost in 1..=3 {
            let sound = ends[ends.len() - 1 - lost] + 1;
            let mut torn = bytes.clone();
            for byte in &mut torn[sound..bytes.len() - 1] {
                *byte = 0;
            }
            std::fs::write(&path, &torn).expect("torn");
            let opened = Journal::open(&path).expect("a torn end is cut off");
            assert_eq!(opened.entries, entries()[..entries().len() - lost]);
            assert_eq!(std::fs::read(&path).expect("there"), bytes[..sound]);
            let cut = opened.cut.expect("it is said");
            assert_eq!(cut.extension().and_then(|e| e.to_str()), Some("cut"));
            assert_eq!(std::fs::read(&cut).expect("there"), [&torn[sound..], b"\n"].concat());
            std::fs::remove_file(cut).expect("removed");
            drop(opened.journal);
            std::fs::write(&path, &bytes).expect("whole again");
        }
    }

    #[test]
    fn a_file_that_is_no_journal_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hosts.journal");
        for text in ["127.0.0.1 localhost", "{}", "\0\0\0", "0123456789abcdef:{}\n", "\n"] {
            std::fs::write(&path, text).expect("written");
            assert!(matches!(Journal::open(&path), Err(JournalError::Damaged { line: 1, .. })), "{text:?}");
            assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
        }
    }

    #[test]
    fn what_a_newer_version_wrote_is_called_so_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a3.journal");
        let head = |format: u32, more: &str| {
            format!(
                r#"{{"head":{{"format":{format},"engine":"9.8.7","scenario":"a3","digest":"00"{more}}}}}"#
            )
        };
        let rows: [(&[&str], usize, &str); 5] = [
            (&[&head(FORMAT + 1, "")], 1, "kmslab 9.8.7, in format 3"),
            (&[&head(FORMAT + 1, r#","seal":"x""#), r#"{"other":1}"#], 1, "kmslab 9.8.7, in format 3"),
            (&[&head(FORMAT, ""), r#"{"wait":5}"#, r#"{"juggle":{"balls":3}}"#], 3, "juggle"),
            (&[&head(FORMAT, ""), r#""juggle""#, r#""hint""#], 2, "juggle"),
            (&[&head(FORMAT, ""), r#"{"wait":"a while"}"#], 2, "a while"),
        ];
        for (lines, at, word) in rows {
            let mut last = [0; 8];
            let mut text = String::new();
            for line in lines {
                last = checksum(last, line.as_bytes());
                text.extend([&base16ct::lower::encode_string(&last), " ", line, "\n"]);
            }
            std::fs::write(&path, &text).expect("written");
            let error = Journal::open(&path).expect_err(word);
            assert!(matches!(error, JournalError::Newer { line, .. } if line == at), "{error}");
            let said = error.to_string();
            assert!(said.contains("a newer kmslab wrote this") && said.contains(word), "{said}");
            assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
        }
    }
}
