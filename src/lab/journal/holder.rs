//! Who has a journal open: a note beside it, for whoever comes second.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::lab::disk;
use crate::limits;

/// Who has a journal open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The number of the process.
    pub process: u32,
    /// How long the process has had it.
    pub since: Duration,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.since.as_secs();
        let (count, unit) = match seconds {
            0..120 => (seconds, "second"),
            120..7_200 => (seconds / 60, "minute"),
            7_200..172_800 => (seconds / 3_600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "process {}, for {count} {unit}{plural}", self.process)
    }
}

/// Returns who has said to hold a journal; the note's time of change is since when.
pub fn holder(note: &Path) -> Option<Holder> {
    let file = disk::open_to_read(note).ok()?;
    let since = file.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
    let bytes = limits::file::read_from(&file, &limits::lab::HOLDER).ok()?;
    let process = std::str::from_utf8(&bytes).ok()?.trim().parse().ok()?;
    Some(Holder { process, since })
}
