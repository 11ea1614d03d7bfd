//! Opens a journal and adds to it.

use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::error::JournalError;
use super::holder::holder;
use super::read::{Sound, Sum, beginning, checksum, read};
use crate::lab::disk::{self, Disk, GrowingFile, beside};
use crate::limits;

/// A journal that is open for writing.
#[derive(Debug)]
pub struct Journal {
    file: GrowingFile,
    lines: Lines,
    /// The note that says who has the journal open.
    held: PathBuf,
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

/// The lines of a journal, to which more can be added.
#[derive(Clone, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    last: Sum,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Lines {
    /// Returns the lines as a file holds them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the checksum of the last line.
    pub fn last(&self) -> Sum {
        self.last
    }

    /// Returns the lines of a journal that holds these entries, each in a piece of its own.
    pub fn of(entries: &[Entry]) -> Result<Self, serde_json::Error> {
        let mut lines = Self::default();
        for entry in entries {
            let more = lines.more(std::slice::from_ref(entry))?;
            lines.add(&more);
        }
        Ok(lines)
    }

    /// Returns the lines that some entries make behind these.
    ///
    /// All but the first begin with a blank more: they are written in one piece, so that a power cut may leave the end of
    /// the piece without its beginning.
    pub fn more(&self, entries: &[Entry]) -> Result<Self, serde_json::Error> {
        let mut more = Self { bytes: Vec::new(), last: self.last };
        for (at, entry) in entries.iter().enumerate() {
            let mut json = if at == 0 { Vec::new() } else { vec![b' '] };
            serde_json::to_writer(&mut json, entry)?;
            more.last = checksum(more.last, &json);
            more.bytes.extend_from_slice(base16ct::lower::encode_string(&more.last).as_bytes());
            more.bytes.push(b' ');
            more.bytes.append(&mut json);
            more.bytes.push(b'\n');
        }
        Ok(more)
    }

    /// Adds lines that were made behind these.
    pub fn add(&mut self, more: &Self) {
        self.bytes.extend_from_slice(&more.bytes);
        self.last = more.last;
    }
}

impl Journal {
    /// Opens the file, or makes it, readable by its owner only.
    pub fn open(path: &Path) -> Result<Opened, JournalError> {
        Self::open_on(&Disk::default(), path)
    }

    /// Opens the file, or makes it, on that disk.
    pub fn open_on(disk: &Disk, path: &Path) -> Result<Opened, JournalError> {
        let io = |source| JournalError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            disk.make_folder(folder).map_err(io)?;
        }
        let file = disk.open(path).map_err(io)?;
        let held = beside(path, "held");
        if !lock(&file).map_err(io)? {
            return Err(JournalError::InUse { path: path.to_owned(), holder: holder(&held) });
        }
        let mut bytes =
            limits::file::read_from(&file, &limits::lab::JOURNAL).map_err(|e| io(std::io::Error::from(e)))?;
        let Sound { entries, last, whole } = read(path, &bytes)?;
        let mut cut = None;
        if let Some(lost) = bytes.get(whole..).filter(|lost| !lost.is_empty()) {
            // Written before anything is cut, so that no byte is ever in neither file.
            let aside = beside(path, "cut");
            disk.add_to(&aside, &[lost, b"\n"].concat()).map_err(io)?;
            disk.cut(&file, whole as u64).map_err(io)?;
            cut = Some(aside);
        }
        bytes.truncate(whole);
        // Who holds it is a help to whoever comes second; that it cannot be said stops nobody.
        let _said = disk.note(&held, std::process::id().to_string().as_bytes());
        let file = GrowingFile::new(disk.clone(), path.to_owned(), file, whole as u64);
        Ok(Opened { journal: Self { file, lines: Lines { bytes, last }, held }, entries, cut })
    }

    /// Reads what a file holds, without opening it for more. Nothing is cut, nothing is locked.
    pub fn peek(path: &Path) -> Result<Vec<Entry>, JournalError> {
        Ok(Self::look(path)?.0)
    }

    /// Reads what a file holds, and its sound lines, without opening it for more.
    pub fn look(path: &Path) -> Result<(Vec<Entry>, Lines), JournalError> {
        let io = |source| JournalError::Io { path: path.to_owned(), source };
        let file = disk::open_to_read(path).map_err(io)?;
        let mut bytes =
            limits::file::read_from(&file, &limits::lab::JOURNAL).map_err(|e| io(std::io::Error::from(e)))?;
        let Sound { entries, last, whole } = read(path, &bytes)?;
        bytes.truncate(whole);
        Ok((entries, Lines { bytes, last }))
    }

    /// Adds entries; when this returns, they are on the disk. After an error none of them is.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        let path = self.file.path().to_owned();
        let io = |source| JournalError::Io { path: path.clone(), source };
        let more = self.lines.more(entries).map_err(|e| io(e.into()))?;
        let length = self.lines.bytes.len() + more.bytes.len();
        // What could not be read again is not written.
        limits::lab::JOURNAL.check(length).map_err(|e| io(std::io::Error::other(e)))?;
        self.file.append(&more.bytes).map_err(io)?;
        self.lines.add(&more);
        Ok(())
    }

    /// Makes the file anew where there is none any more, with all lines that it had.
    pub fn restore(&mut self, disk: &Disk) -> Result<(), JournalError> {
        let path = self.file.path().to_owned();
        let io = |source| JournalError::Io { path: path.clone(), source };
        if path.symlink_metadata().is_ok() {
            return Err(io(std::io::ErrorKind::AlreadyExists.into()));
        }
        let mut again = Self::open_on(disk, &path)?.journal;
        again.file.append(&self.lines.bytes).map_err(io)?;
        std::mem::swap(&mut again.file, &mut self.file);
        // What it says of its holder is true of this one.
        again.held = PathBuf::new();
        Ok(())
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Returns the lines that are on the disk.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Before the lock goes: whoever comes next writes it anew.
        let _gone = std::fs::remove_file(&self.held);
        // A process that was started meanwhile may still hold a copy of the file for a moment, and the lock with it.
        let _unlocked = unlock(self.file.file());
    }
}

/// Reads the sound beginning of a journal that may be damaged behind it, and counts the lines of the whole file. A journal
/// that another process holds is not read.
pub fn salvage(path: &Path) -> Result<(Sound, usize), JournalError> {
    let io = |source| JournalError::Io { path: path.to_owned(), source };
    let file = disk::open_to_read(path).map_err(io)?;
    if !lock(&file).map_err(io)? {
        return Err(JournalError::InUse { path: path.to_owned(), holder: holder(&beside(path, "held")) });
    }
    let bytes =
        limits::file::read_from(&file, &limits::lab::JOURNAL).map_err(|e| io(std::io::Error::from(e)))?;
    let (sound, _) = beginning(path, &bytes)?;
    Ok((sound, bytes.split_inclusive(|b| *b == b'\n').count()))
}

/// Keeps other processes from writing; says whether nobody had the file before. Ends with the file.
#[cfg(unix)]
pub(in crate::lab) fn lock(file: &std::fs::File) -> std::io::Result<bool> {
    match rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        // Some file systems of networks have no locks; a journal there is better than none.
        Ok(()) | Err(rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOLCK) => {
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

/// Lets other processes write, whoever else has the file open.
#[cfg(unix)]
fn unlock(file: &std::fs::File) -> std::io::Result<()> {
    Ok(rustix::fs::flock(file, rustix::fs::FlockOperation::Unlock)?)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature everywhere")]
fn unlock(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature everywhere")]
fn lock(_: &std::fs::File) -> std::io::Result<bool> {
    Ok(true)
}
