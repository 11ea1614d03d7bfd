//! A lab as one file, to carry to another machine or to hand in.
//!
//! The first line names the format, the scenario, the length and the SHA-256 of the rest; the rest is the journal. So a
//! file that lost a byte anywhere is refused, its last line included. Reading back replays everything before anything
//! is written.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::disk::{Disk, beside};
use super::journal::{self, Lines, Sound};
use super::ledger::Ledger;
use super::saves::{Stored, old_names, words_of};
use super::share::{self, Holds, Sharing};
use super::{Entry, Journal, JournalError, Lab, LabError};
use crate::limits::{self, file::Given};
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
        "{path} was made with another version of the scenario {id}; nothing was imported. Use the kmslab that wrote it, or the \
         scenario's file with --scenario FILE"
    )]
    OtherScenario { path: PathBuf, id: String },
    /// The scenario is none of the program.
    #[error(
        "{path} was made in the scenario {id}, which is no part of the program; name its file with --scenario FILE"
    )]
    OwnScenario { path: PathBuf, id: String },
    /// What was done cannot be done again for a report.
    #[error("{path} cannot be played again: {source}; nothing was written")]
    Again { path: PathBuf, source: Box<super::hand_in::AgainError> },
    /// A report of a scenario that is none of the program needs its file.
    #[error("{0} is no scenario of the program: leave, and write the report with `kmslab report FILE`")]
    OwnReport(String),
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
    /// The file of the scenario, where it is none of the program.
    pub scenario: Option<String>,
}

/// A lab that was written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many entries the file has.
    pub entries: usize,
    /// What of the lab its owner may not want to hand on, left out or not.
    pub holds: Holds,
    /// How many calls were left out, so that what follows them may end otherwise.
    pub left_out: usize,
}

/// Writes the lab of a scenario to a new file that only its owner can read.
pub fn export(state: &Path, which: &str, to: &Path, sharing: Sharing) -> Result<Exported, ExportError> {
    let stored = Stored::named(which)?;
    let entries = entries_of(state, &stored)?;
    write(&stored.scenario.id, entries, to, sharing)
}

/// Reads what was done in a scenario, without opening its journal for more.
pub(super) fn entries_of(state: &Path, stored: &Stored) -> Result<Vec<Entry>, ExportError> {
    let path = stored.path(state);
    let nothing = |path| ExportError::Nothing { id: stored.scenario.id.clone(), path };
    match Journal::look(&path) {
        Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(nothing(path))
        }
        looked => Ok(looked?.0)
            .and_then(|entries| if entries.is_empty() { Err(nothing(path)) } else { Ok(entries) }),
    }
}

/// Reads the journal of an export, and which scenario it is of.
pub(super) fn entries_in(from: &Path, bytes: &[u8]) -> Result<(String, Vec<Entry>), ExportError> {
    let (id, lines) = checked(from, bytes)?;
    let Sound { entries, whole, .. } = journal::read(from, lines)?;
    if whole == lines.len() {
        return Ok((id, entries));
    }
    Err(ExportError::Damaged { path: from.to_owned(), what: "its last line has no end".to_owned() })
}

/// All that was done in an open lab, whether or not it is kept: to be written by whoever has time to wait for a disk.
#[derive(Debug)]
pub struct Whole {
    /// The id of the scenario.
    id: String,
    lines: Lines,
}

impl Whole {
    /// Takes what was done so far.
    pub fn of(ledger: &Ledger) -> Result<Self, serde_json::Error> {
        let id = ledger.head().map(|head| head.scenario.clone()).unwrap_or_default();
        Ok(Self { id, lines: ledger.lines()? })
    }

    /// Writes it to a new file that only its owner can read.
    pub fn write(&self, to: &Path, sharing: Sharing) -> Result<Exported, ExportError> {
        write(&self.id, self.entries(to)?, to, sharing)
    }

    /// Returns the id of its scenario.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Reads its entries, which are to go to that file.
    pub(super) fn entries(&self, to: &Path) -> Result<Vec<Entry>, JournalError> {
        Ok(journal::read(to, self.lines.bytes())?.entries)
    }
}

/// Writes all that was done in an open lab to a new file, whether or not it is kept.
pub fn export_open(ledger: &Ledger, to: &Path, sharing: Sharing) -> Result<Exported, ExportError> {
    let io = |source: serde_json::Error| ExportError::Io { path: to.to_owned(), source: source.into() };
    Whole::of(ledger).map_err(io)?.write(to, sharing)
}

/// Writes entries to a new file, behind a first line that says what they are.
fn write(id: &str, entries: Vec<Entry>, to: &Path, sharing: Sharing) -> Result<Exported, ExportError> {
    let io = |source| ExportError::Io { path: to.to_owned(), source };
    let holds = share::holds(&entries);
    let (entries, left_out) = share::shared(entries, sharing);
    let lines = Lines::of(&entries).map_err(|e| io(e.into()))?;
    let lines = lines.bytes();
    let sum = base16ct::lower::encode_string(&Sha256::digest(lines));
    let head = format!("{WORD} {VERSION} {id} {} {sum}\n", lines.len());
    Disk::default().create_new(to, &[head.as_bytes(), lines]).map_err(io)?;
    Ok(Exported { entries: entries.len(), holds, left_out })
}

/// Reads a lab back: an export, or a journal that was set aside. The lab that is there is kept beside it. Nothing is written
/// unless all of it can be used.
///
/// A lab of a scenario that is a file of the person's own needs that file, `scenario`.
pub fn import(
    state: &Path,
    from: &Path,
    given: Given,
    scenario: Option<&str>,
) -> Result<Imported, ExportError> {
    let io = |source| ExportError::Io { path: from.to_owned(), source };
    let bytes = limits::file::read_given(from, given, &limits::lab::EXPORT).map_err(|e| io(e.into()))?;
    let set_aside = journal::begins_like_a_journal(&bytes) && !bytes.is_empty();
    let (id, lines) =
        if set_aside { (None, &bytes[..]) } else { checked(from, &bytes).map(|(id, b)| (Some(id), b))? };
    let Sound { entries, whole, .. } = match journal::read(from, lines) {
        Err(other @ (JournalError::Newer { .. } | JournalError::Older { .. })) => return Err(other.into()),
        read => read.map_err(|e| ExportError::Damaged { path: from.to_owned(), what: e.to_string() })?,
    };
    if whole != lines.len() {
        return Err(ExportError::Damaged {
            path: from.to_owned(),
            what: "its last line has no end".to_owned(),
        });
    }
    let Some(head) = entries.first().and_then(Entry::head).cloned() else {
        return Err(ExportError::Damaged { path: from.to_owned(), what: "it has no head".to_owned() });
    };
    let id = id.unwrap_or_else(|| head.scenario.clone());
    let stored = stored(from, &id, scenario)?;
    // A journal is set aside because its scenario has changed: it is tried on the one there is now.
    let fits = stored.fits(&head);
    if head.scenario != stored.scenario.id || !(fits || set_aside) {
        return Err(ExportError::OtherScenario { path: from.to_owned(), id });
    }
    let count = entries.len();
    let path = stored.path(state);
    let entries = if fits { entries } else { for_this_text(entries, &stored) };
    let lines = Lines::of(&entries).map_err(|e| io(e.into()))?;
    let differences = Lab::open(stored.scenario, None)
        .and_then(|mut lab| lab.replay(entries))
        .map_err(|source| ExportError::Replay { path: from.to_owned(), source })?;
    let kept = put(&Disk::default(), &path, lines.bytes())?;
    let different = words_of(&differences);
    Ok(Imported { id, entries: count, kept, different, scenario: scenario.map(str::to_owned) })
}

/// Finds the scenario that a lab was made in: the file that is named, else one of the program.
fn stored(from: &Path, id: &str, scenario: Option<&str>) -> Result<Stored, ExportError> {
    if let Some(scenario) = scenario {
        return Ok(Stored::named(scenario)?);
    }
    // A part of an id is for people to type.
    match scenario::find_embedded(id) {
        Ok(embedded) if embedded.id == id => Ok(Stored::named(id)?),
        Ok(_) | Err(_) => Err(ExportError::OwnScenario { path: from.to_owned(), id: id.to_owned() }),
    }
}

/// Returns the entries as those of the scenario as it reads now.
fn for_this_text(entries: Vec<Entry>, stored: &Stored) -> Vec<Entry> {
    let digest = stored.head().digest;
    let renewed = |mut entry| {
        if let Entry::Head(head) = &mut entry {
            head.digest.clone_from(&digest);
        }
        entry
    };
    entries.into_iter().map(renewed).collect()
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
pub(super) fn put(disk: &Disk, path: &Path, bytes: &[u8]) -> Result<Option<PathBuf>, ExportError> {
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
        let saves::Resumed { mut lab, mut ledger, .. } =
            saves::resume("a3", None, Some(state)).expect("it opens");
        lab.predict("p1", 1);
        lab.switch(1);
        lab.ask();
        ledger.keep(&mut lab, true);
        assert_eq!(ledger.unkept(), None);
    }

    #[test]
    fn a_lab_goes_through_a_file_and_the_one_before_is_kept() {
        let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        let file = here.path().join("a3.lab");
        assert!(matches!(
            export(here.path(), "a3", &file, Sharing::default()),
            Err(ExportError::Nothing { .. })
        ));
        played(here.path());
        let written = export(here.path(), "a3", &file, Sharing::default()).expect("exported");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(
            matches!(export(here.path(), "a3", &file, Sharing::default()), Err(ExportError::Io { .. })),
            "nothing is overwritten"
        );
        let imported = import(there.path(), &file, Given::ByName, None).expect("imported");
        assert_eq!((imported.id.as_str(), imported.entries), ("a3-key-policy-door", written.entries));
        assert!(imported.kept.is_none());
        let lab = saves::resume("a3", None, Some(there.path())).expect("it opens").lab;
        assert_eq!((lab.persona().name.as_str(), lab.history().done().len()), ("tess", 1));
        drop(lab);
        let again = import(there.path(), &file, Given::ByName, None).expect("imported again");
        assert!(again.kept.expect("the first is kept").exists());
    }

    #[test]
    fn every_damaged_byte_is_refused_and_nothing_is_written() {
        let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        played(here.path());
        let file = here.path().join("a3.lab");
        export(here.path(), "a3", &file, Sharing::default()).expect("exported");
        let whole = std::fs::read(&file).expect("there");
        let refused = |bytes: &[u8], what: &str| {
            std::fs::write(&file, bytes).expect("damaged");
            let error = import(there.path(), &file, Given::ByName, None).expect_err(what).to_string();
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
        assert!(matches!(import(there.path(), &file, Given::ByName, None), Err(ExportError::Version { .. })));
    }
}
