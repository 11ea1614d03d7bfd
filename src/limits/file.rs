//! Reads files of others within a limit.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::{Exceeded, Limit};

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses; its words.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The path leads to a pipe, a device, a socket or a folder, which may never end or answer.
    #[error("not a regular file")]
    NotRegular,
    /// The file is too long.
    #[error(transparent)]
    TooLong(#[from] Exceeded),
    /// A byte is no part of UTF-8 text.
    #[error("not UTF-8 text, from byte {0} on")]
    NotText(usize),
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io(error) => error,
            other @ (FileError::NotRegular | FileError::TooLong(_) | FileError::NotText(_)) => {
                Self::new(io::ErrorKind::InvalidData, other)
            }
        }
    }
}

impl FileError {
    /// Returns whether the path leads nowhere.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Reads a regular file. Whatever else stands at the path is refused without waiting for it.
pub fn read(path: &Path, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    read_from(open(path)?, limit)
}

/// Refuses whatever is no regular file, without waiting for it.
pub fn check_regular(path: &Path) -> Result<(), FileError> {
    open(path).map(drop)
}

fn open(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Opening a pipe waits for its writer unless told not to.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(FileError::NotRegular);
    }
    Ok(file)
}

/// Reads a regular file as text.
pub fn read_text(path: &Path, limit: &'static Limit) -> Result<String, FileError> {
    text(read(path, limit)?)
}

/// Reads what a name on the command line stands for, which may be a pipe.
pub fn read_named(path: &Path, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    read_from(File::open(path)?, limit)
}

/// Reads to the end, at most as far as the limit.
pub fn read_from(input: impl Read, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    input.take(limit.most + 1).read_to_end(&mut bytes)?;
    limit.check(bytes.len())?;
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|e| FileError::NotText(e.utf8_error().valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::screen::SETTINGS_FILE as LIMIT;

    #[test]
    fn the_limit_is_the_last_length_that_is_read() {
        let whole = vec![b'a'; LIMIT.size()];
        assert_eq!(read_from(&whole[..], &LIMIT).expect("as long as it may be").len(), whole.len());
        let longer = [&whole[..], b"a"].concat();
        assert!(
            matches!(read_from(&longer[..], &LIMIT), Err(FileError::TooLong(Exceeded(limit))) if *limit == LIMIT)
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        for path in ["/dev/zero", "/dev/null", "/"] {
            assert!(matches!(read(Path::new(path), &LIMIT), Err(FileError::NotRegular)), "{path}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert!(matches!(read(&pipe, &LIMIT), Err(FileError::NotRegular)));
    }
}
