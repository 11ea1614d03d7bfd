//! The file in the state folder that keeps what was believed. It is always whole: a new one takes the place of the old one.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::kept::{FORMAT, Learning};
use crate::lab::disk::{self, Disk, beside};
use crate::lab::journal::lock;
use crate::limits;
use crate::limits::file::FileError;

/// Why what was believed cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum LearningError {
    /// The file cannot be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is none that kmslab wrote.
    #[error("{path} is damaged: {reason}; move it away to begin anew, the labs are not in it")]
    Damaged { path: PathBuf, reason: String },
    /// A newer kmslab wrote the file.
    #[error(
        "{path} has format {found}, and this kmslab reads format {FORMAT}; use the version that wrote it"
    )]
    Newer { path: PathBuf, found: u32 },
    /// Another process asks questions.
    #[error("another kmslab has a review or a quiz open; end it first ({path})")]
    InUse { path: PathBuf },
}

/// The file of one state folder, open for writing.
#[derive(Debug)]
pub struct LearningFile {
    disk: Disk,
    path: PathBuf,
    /// What is in the file, and what is to be.
    pub learning: Learning,
    /// Keeps other processes from writing, as long as it is open.
    _lock: File,
}

/// The version of a file, whatever else is in it.
#[derive(Deserialize)]
struct Version {
    #[serde(rename = "kmslab-learning")]
    format: u32,
}

fn path_in(state: &Path) -> PathBuf {
    state.join("learning.json")
}

impl Learning {
    /// Reads what the file of a state folder keeps; nothing where there is no file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is damaged, or a newer kmslab wrote it.
    pub fn look(state: &Path) -> Result<Self, LearningError> {
        let path = path_in(state);
        let file = match disk::open_to_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(LearningError::Io { path, source }),
        };
        let bytes = limits::file::read_from(file, &limits::lab::LEARNING);
        let io = |source: FileError| LearningError::Io { path: path.clone(), source: source.into() };
        Self::read(&path, &bytes.map_err(io)?)
    }

    /// Reads what a file holds; `path` is what errors call it.
    ///
    /// # Errors
    ///
    /// If it is damaged, or a newer kmslab wrote it.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, LearningError> {
        let damaged = |reason: String| LearningError::Damaged { path: path.to_owned(), reason };
        limits::steps::add(bytes.len());
        let version: Result<Version, _> = serde_json::from_slice(bytes);
        if let Some(found) = version.ok().map(|version| version.format).filter(|found| *found > FORMAT) {
            return Err(LearningError::Newer { path: path.to_owned(), found });
        }
        let mut learning: Self = serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
        learning.renew();
        learning.check().map_err(|reason| damaged(reason.to_owned()))?;
        Ok(learning)
    }

    /// Returns the bytes of a file that keeps it.
    ///
    /// # Errors
    ///
    /// If it is more than could be read again.
    pub fn written(&self) -> Result<Vec<u8>, std::io::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        limits::lab::LEARNING.check(bytes.len()).map_err(std::io::Error::other)?;
        Ok(bytes)
    }
}

impl LearningFile {
    /// Opens the file of a state folder, which no other process writes to meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Learning::look`]; and if another process has it open, or the folder cannot be made.
    pub fn open_on(disk: &Disk, state: &Path) -> Result<Self, LearningError> {
        let path = path_in(state);
        let io = |source| LearningError::Io { path: path.clone(), source };
        disk.make_folder(state).map_err(io)?;
        // The file itself is another one after each answer.
        let held = disk.open(&beside(&path, "held")).map_err(io)?;
        if !lock(&held).map_err(io)? {
            return Err(LearningError::InUse { path });
        }
        let learning = Learning::look(state)?;
        Ok(Self { disk: disk.clone(), path, learning, _lock: held })
    }

    /// Puts what was learned on the disk. After an error the file is as it was.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn keep(&self) -> Result<(), LearningError> {
        let io = |source| LearningError::Io { path: self.path.clone(), source };
        let bytes = self.learning.written().map_err(io)?;
        self.disk.replace(&self.path, &bytes).map_err(io)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::disk::Fault;
    use crate::lab::{Beliefs, Shown};
    use jiff::civil::date;

    /// Notes one more belief as missed.
    fn miss(learning: &mut Learning, belief: &str) {
        let mut beliefs = Beliefs::default();
        beliefs.note(belief, Shown::Missed);
        learning.take_in("a2", &beliefs, date(2026, 12, 1));
    }

    #[test]
    fn what_is_kept_is_read_again_and_a_step_that_fails_leaves_the_file_whole() {
        for fault in [Fault::Full, Fault::Short, Fault::Broken] {
            let mut at = 0;
            let steps = loop {
                at += 1;
                let state = tempfile::tempdir().expect("a folder");
                let mut file = LearningFile::open_on(&Disk::default(), state.path()).expect("new");
                miss(&mut file.learning, "M01");
                file.keep().expect("written");
                let kept = file.learning.clone();
                drop(file);
                let disk = Disk::failing(at, fault);
                let Ok(mut file) = LearningFile::open_on(&disk, state.path()) else {
                    assert_eq!(Learning::look(state.path()).expect("whole"), kept);
                    continue;
                };
                miss(&mut file.learning, "M02");
                let written = file.keep();
                let found = Learning::look(state.path()).expect("whole");
                if written.is_ok() {
                    assert_eq!(found, file.learning);
                    break disk.steps();
                }
                assert!(found == kept || found == file.learning, "{fault:?} at {at}: {found:?}");
                disk.mend();
                file.keep().expect("it is tried again");
                assert_eq!(Learning::look(state.path()).expect("whole"), file.learning);
            };
            assert!(at > steps && steps > 3, "{steps} steps, and each failed once");
        }
    }

    #[test]
    fn a_file_of_the_first_format_is_read_and_written_in_this_one() {
        let old = br#"{"kmslab-learning":1,"beliefs":{"M01":{"since":"2026-12-01","passed":1}}}"#;
        let learning = Learning::read(Path::new("learning.json"), old).expect("it is sound");
        let written = learning.written().expect("it is short");
        assert!(
            written.starts_with(b"{\n  \"kmslab-learning\": 2,"),
            "{}",
            String::from_utf8_lossy(&written)
        );
        assert_eq!(Learning::read(Path::new("learning.json"), &written).expect("it is sound"), learning);
    }

    #[test]
    fn two_processes_do_not_write_at_once_and_others_may_look() {
        let state = tempfile::tempdir().expect("a folder");
        let mut first = LearningFile::open_on(&Disk::default(), state.path()).expect("new");
        miss(&mut first.learning, "M01");
        first.keep().expect("written");
        let second = LearningFile::open_on(&Disk::default(), state.path()).expect_err("it is open");
        assert!(matches!(second, LearningError::InUse { .. }), "{second}");
        assert_eq!(Learning::look(state.path()).expect("sound"), first.learning);
        drop(first);
        assert!(LearningFile::open_on(&Disk::default(), state.path()).is_ok());
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused_by_name_and_left_alone() {
        for (text, words) in [
            ("", "is damaged"),
            ("{}", "is damaged: missing field `kmslab-learning`"),
            ("{\"kmslab-learning\":3,\"more\":1}", "has format 3, and this kmslab reads format 2"),
            ("{\"kmslab-learning\":1,\"more\":1}", "is damaged: unknown field `more`"),
            (
                "{\"kmslab-learning\":1,\"beliefs\":{\"M01\":{\"since\":\"2026-12-01\",\"passed\":4}}}",
                "is damaged: a belief has more right answers",
            ),
            (
                "{\"kmslab-learning\":1,\"quizzes\":{\"A\":{\"before\":{\"day\":\"2026-12-01\",\"clothes\":0,\"questions\":[],\"answers\":[{\"right\":true}]}}}}",
                "is damaged: a quiz has more answers",
            ),
        ] {
            let state = tempfile::tempdir().expect("a folder");
            let path = path_in(state.path());
            std::fs::write(&path, text).expect("written");
            let look = Learning::look(state.path()).expect_err(text).to_string();
            assert!(look.contains("learning.json") && look.contains(words), "{text}: {look}");
            let open = LearningFile::open_on(&Disk::default(), state.path()).expect_err(text).to_string();
            assert_eq!(open, look);
            assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
        }
    }
}
