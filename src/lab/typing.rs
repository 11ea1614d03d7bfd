//! What is being typed and is no step yet: the texts of drafts, the line at the console. It is on the disk after at most
//! some seconds, so that `kill -9` takes no more than that.
//!
//! A journal would grow by the whole text each time; so it stands in a file of its own, which is true behind one last line
//! of the journal only. A thread writes it: nobody who types waits for a disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::DocumentId;
use super::disk::{self, Disk, beside};
use super::journal::{Lines, Sum, checksum, sound};
use crate::limits;

/// How old a text on the disk may be while somebody types.
const DELAY: Duration = Duration::from_secs(2);

/// What was typed and is no step yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfinished {
    /// The document that is edited, and its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<(DocumentId, String)>,
    /// The documents that were edited before it, and their texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked: Vec<(DocumentId, String)>,
    /// The line at the console.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub line: String,
}

/// Writes what is being typed, in a thread of its own.
#[derive(Debug)]
pub struct Typing {
    /// What is to be in the file; `None` for no file.
    wanted: Option<Vec<u8>>,
    sender: Option<Sender<Option<Vec<u8>>>>,
    thread: Option<JoinHandle<()>>,
    /// Why the last writing failed.
    failed: Arc<Mutex<Option<String>>>,
}

impl Typing {
    /// Begins for a journal. What is there already, true or not, is to go with the first step that is kept.
    pub fn new(journal: Option<&Path>) -> Self {
        let there = journal.is_some_and(|journal| path_of(journal).symlink_metadata().is_ok());
        Self { wanted: there.then(Vec::new), sender: None, thread: None, failed: Arc::default() }
    }

    /// Wants this to be on the disk soon, behind the last line of a journal. Nothing unfinished means no file.
    pub fn note(&mut self, disk: &Disk, journal: &Path, lines: &Lines, unfinished: &Unfinished) {
        let wanted = if *unfinished == Unfinished::default() { None } else { line(lines.last(), unfinished) };
        if wanted == self.wanted {
            return;
        }
        self.wanted.clone_from(&wanted);
        let sender = if let Some(sender) = &self.sender {
            sender
        } else {
            let (sender, receiver) = channel();
            let (disk, path, failed) = (disk.clone(), path_of(journal), Arc::clone(&self.failed));
            let thread = std::thread::Builder::new().name("typing".to_owned());
            self.thread = thread.spawn(move || write_all(&disk, &path, &receiver, &failed)).ok();
            self.sender.insert(sender)
        };
        // The thread ends with the sender only.
        let _sent = sender.send(wanted);
    }

    /// Returns why what is being typed could not be written, as long as that is so.
    pub fn failed(&self) -> Option<String> {
        self.failed.lock().ok()?.clone()
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Returns what was being typed behind the last line of a journal.
pub fn unfinished(journal: &Path, lines: &Lines) -> Option<Unfinished> {
    note(&path_of(journal), lines)
}

/// Reads a note of what is unfinished, which is true behind the last line of a journal only.
pub(super) fn note(path: &Path, lines: &Lines) -> Option<Unfinished> {
    let file = disk::open_to_read(path).ok()?;
    let bytes = limits::file::read_from(file, &limits::lab::TYPING).ok()?;
    let (json, _) = sound(lines.last(), bytes.strip_suffix(b"\n")?).ok()?;
    serde_json::from_slice(json).ok()
}

fn path_of(journal: &Path) -> PathBuf {
    beside(journal, "typing")
}

/// Returns the line of such a note; `None` for what could not be read again.
pub(super) fn line(last: Sum, unfinished: &Unfinished) -> Option<Vec<u8>> {
    let json = serde_json::to_vec(unfinished).ok()?;
    limits::lab::TYPING.check(json.len() + 18).ok()?;
    let sum = base16ct::lower::encode_string(&checksum(last, &json));
    Some([sum.as_bytes(), b" ", &json, b"\n"].concat())
}

/// Writes what is wanted, the newest only, until nobody can want anything any more.
#[expect(clippy::disallowed_methods, reason = "how old a text on the disk may be is real time")]
fn write_all(disk: &Disk, path: &Path, wanted: &Receiver<Option<Vec<u8>>>, failed: &Mutex<Option<String>>) {
    while let Ok(mut next) = wanted.recv() {
        let until = Instant::now() + DELAY;
        // What is no longer wanted goes at once.
        while next.is_some() {
            match wanted.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(newer) => next = newer,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        let written = match next {
            Some(bytes) => disk.replace(path, &bytes),
            None => disk.remove(path),
        };
        if let Ok(mut failed) = failed.lock() {
            *failed = written.err().map(|error| format!("{}: {error}", path.display()));
        }
    }
}
