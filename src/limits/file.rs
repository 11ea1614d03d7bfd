//! Reads files of others within a limit.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::{Exceeded, Limit, steps};

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

/// How the name of a file was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Somebody has written it on the command line, where it may stand for a pipe.
    ByName,
    /// The name was found in a folder, or typed on the screen: only a regular file is read.
    Found,
}

/// Whether a link at the end of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    Follow,
    Refuse,
}

/// Reads a regular file. Whatever else stands at the path is refused without waiting for it.
pub fn read(path: &Path, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    let file = open(path, Links::Follow)?;
    // As long as it says it is: what grows while it is read would take twice as much.
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX).min(limit.size());
    read_into(Vec::with_capacity(length + 1), file, limit)
}

/// Opens a regular file to read. Whatever else stands at the path is refused without waiting for it.
///
/// The open file is asked what it is, never its path: between two looks at a path another file may have come there.
pub fn open(path: &Path, links: Links) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Opening a pipe waits for its writer unless told not to.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = match links {
            Links::Follow => OFlags::NONBLOCK,
            Links::Refuse => OFlags::NONBLOCK | OFlags::NOFOLLOW,
        };
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    if links == Links::Refuse && path.symlink_metadata()?.is_symlink() {
        return Err(FileError::NotRegular);
    }
    let file = match options.open(path) {
        // A link that is not followed, a socket, a device without a driver. Source: open(2), ELOOP and ENXIO.
        #[cfg(unix)]
        Err(error) if is_no_file(&error) => return Err(FileError::NotRegular),
        opened => opened?,
    };
    regular(file)
}

/// Tells whether opening failed since what stands there is no file.
#[cfg(unix)]
fn is_no_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::NXIO))
}

/// Refuses an open file that is no regular one.
pub fn regular(file: File) -> Result<File, FileError> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(FileError::NotRegular) }
}

/// Reads a regular file as text.
pub fn read_text(path: &Path, limit: &'static Limit) -> Result<String, FileError> {
    text(read(path, limit)?)
}

/// Reads what a name on the command line stands for, which may be a pipe.
pub fn read_named(path: &Path, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    read_from(File::open(path)?, limit)
}

/// Reads what a name stands for, which may be a pipe only where it was given on the command line.
pub fn read_given(path: &Path, given: Given, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    match given {
        Given::ByName => read_named(path, limit),
        Given::Found => read(path, limit),
    }
}

/// Reads to the end, at most as far as the limit.
pub fn read_from(input: impl Read, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    read_into(Vec::new(), input, limit)
}

fn read_into(mut bytes: Vec<u8>, input: impl Read, limit: &'static Limit) -> Result<Vec<u8>, FileError> {
    input.take(limit.most + 1).read_to_end(&mut bytes)?;
    limit.check(bytes.len())?;
    Ok(bytes)
}

/// Takes bytes as text.
pub fn text(bytes: Vec<u8>) -> Result<String, FileError> {
    steps::add(bytes.len());
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
        assert!(matches!(read_given(&pipe, Given::Found, &LIMIT), Err(FileError::NotRegular)));
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
        assert!(matches!(read(&socket, &LIMIT), Err(FileError::NotRegular)));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_only_where_it_may_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "text").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        assert_eq!(read(&link, &LIMIT).expect("read"), b"text");
        assert!(matches!(open(&link, Links::Refuse), Err(FileError::NotRegular)));
        assert!(open(&file, Links::Refuse).is_ok());
        assert!(open(&folder.path().join("none"), Links::Refuse).is_err_and(|e| e.is_missing()));
    }

    /// A program that changes what stands at a path as fast as it can.
    #[cfg(unix)]
    #[test]
    fn a_pipe_that_takes_the_place_of_a_file_is_never_waited_for() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicBool, Ordering};

        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "text").expect("written");
        assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().expect("mkfifo").success());
        let over = Arc::new(AtomicBool::new(false));
        let (theirs, here) = (Arc::clone(&over), folder.path().to_owned());
        let changing = std::thread::spawn(move || {
            while !theirs.load(Ordering::SeqCst) {
                for name in ["file", "pipe"] {
                    let _linked = std::fs::hard_link(here.join(name), here.join("next"));
                    let _placed = std::fs::rename(here.join("next"), here.join("here"));
                    let _gone = std::fs::remove_file(here.join("next"));
                }
            }
        });
        let mut seen = [0; 2];
        while seen.contains(&0) || seen.iter().sum::<usize>() < 2_000 {
            match read_given(&path("here"), Given::Found, &LIMIT) {
                Ok(text) => {
                    assert_eq!(text, b"text");
                    seen[0] += 1;
                }
                Err(FileError::NotRegular) => seen[1] += 1,
                Err(error) => assert!(error.is_missing(), "{error}"),
            }
        }
        over.store(true, Ordering::SeqCst);
        changing.join().expect("no panic");
    }
}
