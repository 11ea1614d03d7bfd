//! Where the files that parameters name come from.

use super::Files;
use crate::limits::console::PARAMETER_FILE;
use crate::limits::file::{self, FileError};

/// Files as the operating system has them, from the working directory.
#[derive(Clone, Copy, Debug)]
pub struct RealFiles;

impl Files for RealFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let home = path.strip_prefix("~/").and_then(|rest| Some(std::env::home_dir()?.join(rest)));
        let path = home.unwrap_or_else(|| path.into());
        // The words are Python's, which the CLI passes on.
        let words = |error: &std::io::Error| {
            let number = error.raw_os_error().unwrap_or_default();
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            format!("[Errno {number}] {text}: '{}'", path.display())
        };
        if path.is_dir() {
            return Err(words(&std::io::Error::from_raw_os_error(IS_A_DIRECTORY)));
        }
        // The CLI waits for a pipe and reads a device for ever; a lab must not.
        file::read(&path, &PARAMETER_FILE).map_err(|error| match error {
            FileError::Io(error) => words(&error),
            FileError::NotRegular => {
                format!("'{}' is not a regular file, and kmslab reads no other", path.display())
            }
            FileError::TooLong(exceeded) => format!("'{}': {exceeded}", path.display()),
            FileError::NotText(_) => format!("'{}': {error}", path.display()),
        })
    }
}

/// The number of the system's error for reading a folder.
const IS_A_DIRECTORY: i32 = 21;

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_never_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        for path in ["/dev/zero", pipe.to_str().expect("a text")] {
            let words = RealFiles.read(path).expect_err("no file");
            assert_eq!(words, format!("'{path}' is not a regular file, and kmslab reads no other"));
        }
        let words = RealFiles.read("/").expect_err("a folder");
        assert_eq!(words, "[Errno 21] Is a directory: '/'");
        let words = RealFiles.read("/nowhere").expect_err("nothing");
        assert_eq!(words, "[Errno 2] No such file or directory: '/nowhere'");
        let long = folder.path().join("long");
        std::fs::write(&long, vec![b'a'; PARAMETER_FILE.size() + 1]).expect("a file");
        let words = RealFiles.read(long.to_str().expect("a text")).expect_err("too long");
        assert!(words.contains("`parameter-file`"), "{words}");
    }
}
