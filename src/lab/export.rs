//! A lab as one file, to carry to another machine or to hand in.
//!
//! The first line names the format, the scenario, the length and the SHA-256 of the rest; the rest is the journal. So a
//! file that lost a byte anywhere is refused, its last line included. Reading back replays everything before anything
//! is written.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::disk::{Disk, beside};
use super::journal::{self, Sound};
use super::record::Record;
use super::saves::{Stored, old_names, words_of};
use super::{Entry, Journal, JournalError, Lab, LabError};
use crate::limits;
use crate::scenario::{self, ScenarioError};

/// The word every exported lab begins with.
const WORD: &str = "kmslab-lab";
/// The version of the format.
const VERSION: &str = "1";

/// Why a lab could not be carried.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file cannot be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no such scenario, or it cannot be read.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Nothing was done in this scenario yet.
    #[error("there is nothing to export: {id} was not played yet (looked for {path})")]
    Nothing {
        id: String,
        /// The place where its journal would be.
        path: PathBuf,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file is something else.
    #[error("{0} is no lab that `kmslab export` wrote")]
    NotALab(PathBuf),
    /// The file has another format.
    #[error(
        "{path} has format {found:?}, and this kmslab reads format {VERSION}; use the version that wrote it"
    )]
    Version {
        path: PathBuf,
        /// The format that the file says.
        found: String,
    },
    /// The file is not what was written.
    #[error("{path} is damaged ({what}); nothing was imported. Export it again, or copy it again")]
    Damaged { path: PathBuf, what: String },
    /// The file was made when the scenario was another.
    #[error(
        "{path} was made with another version of the scenario {id}; nothing was imported. Use the kmslab that wrote it"
    )]
    OtherScenario { path: PathBuf, id: String },
    /// The journal tells of something that cannot be done again.
    #[error("{path} cannot be played again: {source}; nothing was imported")]
    Replay { path: PathBuf, source: LabError },
}

/// A session that was imported, as its journal stands now.
#[derive(Debug)]
pub struct Imported {
    pub id: String,
    /// How many entries its journal has.
    pub entries: usize,
    /// Where the lab went that was there before.
    pub kept: Option<PathBuf>,
    /// What ended otherwise than when it was done, in words.
    pub different: Option<String>,
}

/// Writes the lab of a scenario to a new file that only its owner can read. Answers the number of entries.
pub fn export(state: &Path, which: &str, to: &Path) -> Result<usize, ExportError> {
    let stored = Stored::named(which)?;
    let path = stored.path(state);
    let (entries, lines) = match Journal::look(&path) {
        Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(ExportError::Nothing { id: stored.scenario.id, path });
        }
        looked => looked?,
    };
    if entries.is_empty() {
        return Err(ExportError::Nothing { id: stored.scenario.id, path });
    }
    // A last line that a power cut left unfinished is nothing that was done.
    write(&stored.scenario.id, lines.bytes(), to)?;
    Ok(entries.len())
}

/// Writes all that was done in an open lab to a new file, whether or not it is kept. Answers the number of entries.
pub fn export_open(record: &Record, to: &Path) -> Result<usize, ExportError> {
    let io = |source| ExportError::Io { path: to.to_owned(), source };
    let id = record.head().map(|head| head.scenario.clone()).unwrap_or_default();
    let lines = record.lines().map_err(|e| io(e.into()))?;
    let bytes = lines.bytes();
    write(&id, bytes, to)?;
    Ok(bytes.split_inclusive(|byte| *byte == b'\n').count())
}

/// Writes the lines of a journal to a new file, behind a first line that says what they are.
fn write(id: &str, lines: &[u8], to: &Path) -> Result<(), ExportError> {
    let sum = base16ct::lower::encode_string(&Sha256::digest(lines));
    let head = format!("{WORD} {VERSION} {id} {} {sum}\n", lines.len());
    Disk::default()
        .create_new(to, &[head.as_bytes(), lines])
        .map_err(|source| ExportError::Io { path: to.to_owned(), source })
}

/// Reads a lab back. The one that is there is kept beside it. Nothing is written unless all of it can be used.
pub fn import(state: &Path, from: &Path) -> Result<Imported, ExportError> {
    let io = |source| ExportError::Io { path: from.to_owned(), source };
    let bytes = limits::file::read_named(from, &limits::lab::EXPORT).map_err(|e| io(e.into()))?;
    let (id, bytes) = checked(from, &bytes)?;
    let Sound { entries, whole, .. } = match journal::read(from, bytes) {
        Err(other @ (JournalError::Newer { .. } | JournalError::Older { .. })) => return Err(other.into()),
        read => read.map_err(|e| ExportError::Damaged { path: from.to_owned(), what: e.to_string() })?,
    };
    if whole != bytes.len() {
        return Err(ExportError::Damaged {
            path: from.to_owned(),
            what: "its last line has no end".to_owned(),
        });
    }
    let stored = Stored::of(scenario::open(&id)?);
    if !entries.first().and_then(Entry::head).is_some_and(|found| stored.fits(found)) {
        return Err(ExportError::OtherScenario { path: from.to_owned(), id });
    }
    let count = entries.len();
    let path = stored.path(state);
    let differences = Lab::open(stored.scenario, None)
        .and_then(|mut lab| lab.replay(entries))
        .map_err(|source| ExportError::Replay { path: from.to_owned(), source })?;
    let kept = put(&Disk::default(), &path, bytes)?;
    let different = words_of(&differences);
    Ok(Imported { id, entries: count, kept, different })
}

/// The scenario's id and the journal, if the first line fits the rest.
fn checked<'b>(from: &Path, bytes: &'b [u8]) -> Result<(String, &'b [u8]), ExportError> {
    let damaged = |what: &str| ExportError::Damaged { path: from.to_owned(), what: what.to_owned() };
    if !bytes.starts_with(WORD.as_bytes()) {
        return Err(ExportError::NotALab(from.to_owned()));
    }
    let end = bytes.iter().position(|b| *b == b'\n').ok_or_else(|| damaged("its first line has no end"))?;
    let (head, rest) = bytes.split_at(end);
    let rest = rest.get(1..).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| damaged("its first line is not text"))?;
    let words: Vec<&str> = head.split(' ').collect();
    match words.as_slice() {
        [WORD, VERSION, id, length, sum] => {
            if length.parse() != Ok(rest.len()) {
                return Err(damaged("it is shorter or longer than it was written"));
            }
            if *sum != base16ct::lower::encode_string(&Sha256::digest(rest)) {
                return Err(damaged("its checksum does not fit"));
            }
            Ok(((*id).to_owned(), rest))
        }
        [WORD, version, ..] if *version != VERSION => {
            Err(ExportError::Version { path: from.to_owned(), found: (*version).to_owned() })
        }
        _ => Err(damaged("its first line is not what was written")),
    }
}

/// Puts a journal in its place; answers where the one went that was there.
fn put(disk: &Disk, path: &Path, bytes: &[u8]) -> Result<Option<PathBuf>, ExportError> {
    let io = |source| ExportError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        disk.make_folder(folder).map_err(io)?;
    }
    let fresh = beside(path, &format!("new{}", std::process::id()));
    disk.create_new(&fresh, &[bytes]).map_err(io)?;
    let placed = place(disk, path, &fresh);
    if placed.is_err() {
        let _gone = std::fs::remove_file(&fresh);
    }
    placed
}

/// Gives a new journal its name; answers where the one went that had it.
fn place(disk: &Disk, path: &Path, fresh: &Path) -> Result<Option<PathBuf>, ExportError> {
    let io = |source| ExportError::Io { path: path.to_owned(), source };
    let mut moved = None;
    let mut held = None;
    if path.symlink_metadata().is_ok() {
        // Held until the end, so that no running kmslab loses its file. A damaged one is moved all the same.
        match Journal::open_on(disk, path) {
            Err(error @ JournalError::InUse { .. }) => return Err(error.into()),
            opened => held = opened.ok(),
        }
        moved = Some(disk.move_aside(path, old_names(path)).map_err(io)?);
    }
    let placed = disk.move_aside(fresh, std::iter::once(path.to_owned()));
    drop(held);
    if placed.is_err()
        && let Some(old) = &moved
    {
        // What was there before goes back.
        let _back = std::fs::rename(old, path);
    }
    placed.map_err(io)?;
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::saves;

    /// A lab with something done in it.
    fn played(state: &Path) {
        let saves::Resumed { mut lab, mut record, .. } =
            saves::resume("a3", None, Some(state)).expect("it opens");
        lab.predict("p1", 1);
        lab.switch(1);
        lab.ask();
        record.keep(&mut lab, true);
        assert_eq!(record.unkept(), None);
    }

    #[test]
    fn a_lab_goes_through_a_file_and_the_one_before_is_kept() {
        let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        let file = here.path().join("a3.lab");
        assert!(matches!(export(here.path(), "a3", &file), Err(ExportError::Nothing { .. })));
        played(here.path());
        let written = export(here.path(), "a3", &file).expect("exported");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(
            matches!(export(here.path(), "a3", &file), Err(ExportError::Io { .. })),
            "nothing is overwritten"
        );
        let imported = import(there.path(), &file).expect("imported");
        assert_eq!((imported.id.as_str(), imported.entries), ("a3-key-policy-door", written));
        assert!(imported.kept.is_none());
        let lab = saves::resume("a3", None, Some(there.path())).expect("it opens").lab;
        assert_eq!((lab.persona().name.as_str(), lab.history().done().len()), ("tess", 1));
        drop(lab);
        let again = import(there.path(), &file).expect("imported again");
        assert!(again.kept.expect("the first is kept").exists());
    }

    #[test]
    fn every_damaged_byte_is_refused_and_nothing_is_written() {
        let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        played(here.path());
        let file = here.path().join("a3.lab");
        export(here.path(), "a3", &file).expect("exported");
        let whole = std::fs::read(&file).expect("there");
        let refused = |bytes: &[u8], what: &str| {
            std::fs::write(&file, bytes).expect("damaged");
            let error = import(there.path(), &file).expect_err(what).to_string();
            assert!(error.contains("a3.lab") || error.contains("scenario"), "{what}: {error}");
            assert!(!there.path().join("labs").exists(), "{what}");
        };
        for at in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            refused(&bytes, &format!("byte {at}"));
            refused(&whole[..at], &format!("cut at {at}"));
        }
        refused(&[&whole[..], b"x"].concat(), "longer");
        let other = String::from_utf8(whole).expect("text").replacen("kmslab-lab 1", "kmslab-lab 2", 1);
        std::fs::write(&file, other).expect("another version");
        assert!(matches!(import(there.path(), &file), Err(ExportError::Version { .. })));
    }
}
