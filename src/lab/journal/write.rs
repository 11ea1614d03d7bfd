//! Opens a journal and adds to it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::error::JournalError;
use super::read::{checksum, read};

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
pub fn sync_folder(path: &Path) -> std::io::Result<()> {
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
