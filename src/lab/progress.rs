//! How far a scenario is and what its guesses have shown, remembered beside its journal, so that a list need not do
//! everything again to say so.
//!
//! A note is true for one length and end of the journal and one text of the scenario. Any other note, or a damaged one, is
//! as good as none.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::Lab;
use super::beliefs::Beliefs;
use super::disk::{self, Disk, beside};
use super::journal::Lines;
use crate::limits;

/// What a note begins with: its word and the version of its format.
const WORD: &str = "kmslab-progress 2";

/// How far a scenario is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Far {
    /// Tasks done, and tasks in all.
    pub tasks: (usize, usize),
    /// What the guesses have shown of the scenario's beliefs.
    pub beliefs: Beliefs,
}

impl Far {
    /// Returns how far a lab is.
    pub fn of(lab: &Lab) -> Self {
        Self { tasks: lab.progress_of_tasks(), beliefs: lab.beliefs() }
    }
}

/// Returns what was noted for a journal as it is now, and that text of its scenario.
pub fn noted(journal: &Path, text: &str) -> Option<Far> {
    let file = disk::open_to_read(&beside(journal, "progress")).ok()?;
    let bytes = limits::file::read_from(file, &limits::lab::PROGRESS).ok()?;
    let note = std::str::from_utf8(&bytes).ok()?;
    let (said, sum) = note.trim_end().rsplit_once(' ')?;
    let mut words = (sum == hash(said)).then(|| said.strip_prefix(WORD))??.split(' ').skip(1);
    let length: u64 = words.next()?.parse().ok()?;
    let at: u64 = words.next()?.parse().ok()?;
    let last = words.next()?;
    if words.next()? != hash(text) {
        return None;
    }
    let tasks = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let beliefs = Beliefs::read(words)?;
    let mut journal = disk::open_to_read(journal).ok()?;
    let mut found = [0; 16];
    journal.seek(SeekFrom::Start(at)).ok()?;
    journal.read_exact(&mut found).ok()?;
    (journal.metadata().ok()?.len() == length && found == last.as_bytes()).then_some(Far { tasks, beliefs })
}

/// Notes how far a scenario is by its journal. That it cannot be noted costs time at the next start and nothing else.
pub fn note(disk: &Disk, journal: &Path, lines: &Lines, text: &str, far: &Far) {
    let ((done, tasks), beliefs) = (far.tasks, far.beliefs.written());
    let bytes = lines.bytes();
    let before = bytes.get(..bytes.len().saturating_sub(1)).unwrap_or_default();
    let at = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let Some(last) = bytes.get(at..at + 16).and_then(|sum| std::str::from_utf8(sum).ok()) else { return };
    let said = format!("{WORD} {} {at} {last} {} {done} {tasks}{beliefs}", bytes.len(), hash(text));
    let _noted = disk.note(&beside(journal, "progress"), format!("{said} {}\n", hash(&said)).as_bytes());
}

/// Returns the beginning of the SHA-256 of a text, in hex.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    base16ct::lower::encode_string(digest.first_chunk::<8>().map_or(&[][..], |few| few))
}
