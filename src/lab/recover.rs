//! What is sound of a journal that is damaged: saved as the lab, with the damaged file beside it.

use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::export::{ExportError, put};
use super::journal::{self, Lines};
use super::saves::{Stored, words_of};
use super::{JournalError, Lab, LabError};
use crate::scenario::ScenarioError;

/// A lab of which the sound part was saved.
#[derive(Debug)]
pub struct Recovered {
    /// The id of the scenario that was played.
    pub id: String,
    /// How many entries the lab has now.
    pub entries: usize,
    /// How many lines of the damaged file are not among them.
    pub lost: usize,
    /// Where the damaged file is now.
    pub damaged: PathBuf,
    /// What ended otherwise than when it was done, in words.
    pub different: Option<String>,
}

/// Why a lab was not recovered.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// Nothing was done in this scenario yet.
    #[error("there is nothing to recover: {id} was not played yet (looked for {path})")]
    NotPlayed {
        id: String,
        /// The place where its journal would be.
        path: PathBuf,
    },
    /// There is no such scenario, or it cannot be read.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The scenario cannot be set up.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// The journal cannot be opened, or another version wrote it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The sound part cannot be written.
    #[error(transparent)]
    Put(#[from] ExportError),
    /// All of it can be used as it is.
    #[error("{0} is sound: there is nothing to recover")]
    Sound(PathBuf),
    /// Nothing of it can be used.
    #[error("nothing of {0} can be used; it is left as it is. Move it away to start again")]
    Nothing(PathBuf),
    /// Another text of the scenario is what it was written for.
    #[error("{0} was made with another text of this scenario; `kmslab import` tries to play it on this one")]
    OtherScenario(PathBuf),
}

/// Makes a lab of the sound beginning of its journal, as far as that can be played again. The damaged file is kept beside
/// it, whole.
pub fn recover(state: &Path, which: &str) -> Result<Recovered, RecoverError> {
    let stored = Stored::named(which)?;
    let path = stored.path(state);
    let (sound, lines) = match journal::salvage(&path) {
        Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(RecoverError::NotPlayed { id: stored.scenario.id, path });
        }
        salvaged => salvaged?,
    };
    match sound.entries.first() {
        None => return Err(RecoverError::Nothing(path)),
        Some(first) if !first.head().is_some_and(|head| stored.fits(head)) => {
            return Err(RecoverError::OtherScenario(path));
        }
        Some(_) => {}
    }
    let fresh = || Lab::open(stored.scenario.clone(), None);
    let (entries, differences) = match fresh()?.replay(sound.entries.clone()) {
        Ok(_) if sound.entries.len() == lines => return Err(RecoverError::Sound(path)),
        Ok(differences) => (sound.entries, differences),
        Err(_) => {
            let mut entries = sound.entries;
            let (done, differences, _) = fresh()?.replay_as_far(entries.clone());
            entries.truncate(done);
            (entries, differences)
        }
    };
    let kept = Lines::of(&entries).map_err(|e| JournalError::Io { path: path.clone(), source: e.into() })?;
    let damaged = put(&Disk::default(), &path, kept.bytes())?.unwrap_or_else(|| path.clone());
    Ok(Recovered {
        id: stored.scenario.id,
        entries: entries.len(),
        lost: lines - entries.len(),
        damaged,
        different: words_of(&differences),
    })
}
