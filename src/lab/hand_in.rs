//! A lab as it goes into a report: what was done, without what is not for others, and doing it again.
//!
//! A report carries the entries of a journal, so that whoever receives it can do everything again. They begin with one head,
//! that of the program which wrote the report, and note how each call ends in that program: the report is made from them alone.

use std::path::Path;

use super::export::{ExportError, Whole, entries_in, entries_of};
use super::journal::{self, Lines, Sound};
use super::saves::Stored;
use super::share::{self, Sharing};
use super::{Difference, Entry, JournalError, Lab, LabError};
use crate::limits::{Exceeded, report};
use crate::scenario;

/// What was done in one scenario, as it is handed in.
#[derive(Clone, Debug)]
pub struct HandIn {
    /// The id of the scenario.
    pub scenario: String,
    /// The SHA-256 of the scenario's whole text, see [`Stored::words`].
    pub words: String,
    /// How many calls were left out because they held key material or files.
    pub left_out: usize,
    pub entries: Vec<Entry>,
}

/// Why what was handed in cannot be done again.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// The scenario is none of the program.
    #[error(
        "it was made in the scenario {0}, which is no part of this program; name its file with --scenario FILE"
    )]
    OwnScenario(String),
    /// The scenario cannot be read.
    #[error(transparent)]
    Scenario(#[from] scenario::ScenarioError),
    /// The scenario has another text here.
    #[error(
        "it was made with another text of the scenario {0}; use the kmslab, or the file, that it was made with"
    )]
    OtherText(String),
    /// An entry cannot be done again.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// There is more in it than a report may hold.
    #[error(transparent)]
    TooMuch(#[from] Exceeded),
}

impl HandIn {
    /// Takes what is kept of a scenario, without what is not for others.
    pub fn kept(state: &Path, which: &str, sharing: Sharing) -> Result<Self, ExportError> {
        let stored = Stored::named(which)?;
        let entries = entries_of(state, &stored)?;
        Self::of(&stored, entries, &stored.path(state), sharing)
    }

    /// Takes what was done in an open lab of a scenario of the program, whether or not it is kept. `to` is the file that it is
    /// for.
    pub fn open(whole: &Whole, to: &Path, sharing: Sharing) -> Result<Self, ExportError> {
        let id = whole.id();
        match scenario::find_embedded(id) {
            Ok(embedded) if embedded.id == id => {
                Self::of(&Stored::named(id)?, whole.entries(to)?, to, sharing)
            }
            Ok(_) | Err(_) => Err(ExportError::OwnReport(id.to_owned())),
        }
    }

    fn of(stored: &Stored, entries: Vec<Entry>, path: &Path, sharing: Sharing) -> Result<Self, ExportError> {
        let id = stored.scenario.id.clone();
        let fits = |entry: &Entry| entry.head().is_none_or(|head| stored.fits(head));
        if !entries.iter().all(fits) {
            return Err(ExportError::OtherScenario { path: path.to_owned(), id });
        }
        let (entries, left_out) = share::shared(entries, sharing);
        let done = entries.into_iter().filter(|entry| entry.head().is_none());
        let entries = std::iter::once(Entry::Head(stored.head())).chain(done).collect();
        let mut own = Self { scenario: id, words: stored.words().to_owned(), left_out, entries };
        let (_, differences) = own
            .again(Some(stored))
            .map_err(|source| ExportError::Again { path: path.to_owned(), source: Box::new(source) })?;
        own.note_anew(&differences);
        Ok(own)
    }

    /// Notes of each call that ended otherwise how it ends now: an earlier version has noted it, or a call before it was left
    /// out.
    fn note_anew(&mut self, differences: &[Difference]) {
        for difference in differences {
            if let Some(Entry::Call(call)) = self.entries.get_mut(difference.entry) {
                call.outcome = difference.is.clone();
            }
        }
    }

    /// Does everything again. Returns the lab as it was left, without what was only drafted, and the calls that ended otherwise
    /// than is noted. `stored` is the scenario, where it is known; else it must be one of the program.
    pub fn again(&self, stored: Option<&Stored>) -> Result<(Lab, Vec<Difference>), AgainError> {
        report::ENTRIES.check(self.entries.len())?;
        let embedded = || match scenario::find_embedded(&self.scenario) {
            // A part of an id is for people to type.
            Ok(embedded) if embedded.id == self.scenario => Ok(Stored::named(embedded.id)?),
            Ok(_) | Err(_) => Err(AgainError::OwnScenario(self.scenario.clone())),
        };
        let stored = stored.filter(|stored| stored.scenario.id == self.scenario);
        let stored = stored.cloned().map_or_else(embedded, Ok)?;
        let fits = |entry: &Entry| entry.head().is_none_or(|head| stored.fits(head));
        if stored.words() != self.words || !self.entries.iter().all(fits) {
            return Err(AgainError::OtherText(self.scenario.clone()));
        }
        let mut lab = Lab::open(stored.scenario, None)?;
        lab.open_first_document();
        lab.take_unsaved();
        let differences = lab.replay(self.entries.clone())?;
        lab.forget_drafts();
        Ok((lab, differences))
    }

    /// Returns the entries as the lines of a journal.
    pub fn lines(&self) -> Result<Vec<u8>, serde_json::Error> {
        Ok(Lines::of(&self.entries)?.bytes().to_vec())
    }
}

/// Reads the lines of a journal that a report from `path` carries: all of them must be sound.
pub fn entries(path: &Path, lines: &[u8]) -> Result<Vec<Entry>, JournalError> {
    let Sound { entries, whole, .. } = journal::read(path, lines)?;
    if whole == lines.len() {
        return Ok(entries);
    }
    let what = "it has no end".to_owned();
    Err(JournalError::Damaged { path: path.to_owned(), line: entries.len() + 1, what })
}

/// Takes an export as it would be handed in: it says nothing of the words of its scenario, which are taken to be those of
/// `stored`, or of the program.
pub fn exported(path: &Path, bytes: &[u8], stored: Option<&Stored>) -> Result<HandIn, ExportError> {
    let (scenario, entries) = entries_in(path, bytes)?;
    let known = match stored.filter(|stored| stored.scenario.id == scenario) {
        Some(stored) => stored.clone(),
        None => match scenario::find_embedded(&scenario) {
            Ok(embedded) if embedded.id == scenario => Stored::named(embedded.id)?,
            Ok(_) | Err(_) => return Err(ExportError::OwnScenario { path: path.to_owned(), id: scenario }),
        },
    };
    Ok(HandIn { scenario, words: known.words().to_owned(), left_out: 0, entries })
}
