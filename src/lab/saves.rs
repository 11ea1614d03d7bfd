//! What was done in a lab, kept in the person's state directory, so that it survives leaving and `kill -9`.
//!
//! One journal a scenario. Steps are on the disk before the screen shows them; the text being typed is written when the
//! editor is left, and with the next step.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Entry, Head, Journal, JournalError, Lab, LabError};
use crate::scenario::{self, Embedded};

/// The version of the journals' format.
const FORMAT: u32 = 1;

/// A lab as it was left.
pub struct Resumed {
    /// The lab, with everything done again.
    pub lab: Lab,
    /// Where further steps go; `None` if they are not kept.
    pub save: Option<Save>,
    /// Something the learner should know.
    pub notice: Option<Notice>,
}

/// Something a learner should know after a scenario was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// True for good news, which is shown as such.
    pub good: bool,
    pub words: String,
}

/// Opens a scenario by id or file, where it was left if `state` holds its journal.
pub fn resume(which: &str, acting: Option<&str>, state: Option<&Path>) -> Result<Resumed, LabError> {
    let fresh = || {
        let mut lab = Lab::open(scenario::find(which)?, acting)?;
        lab.open_first_document();
        lab.take_unsaved();
        Ok::<_, LabError>(lab)
    };
    let mut lab = fresh()?;
    let bad = |words: String| Some(Notice { good: false, words });
    let unsaved = |lab, notice| Ok(Resumed { lab, save: None, notice });
    let Some(state) = state else { return unsaved(lab, None) };
    let found = match find(state, which) {
        Ok(Some(found)) => found,
        Ok(None) => return unsaved(lab, None),
        Err(why) => return unsaved(lab, bad(format!("this lab is not kept: {why}"))),
    };
    let resumed = !found.entries.is_empty();
    if let Err(why) = lab.replay(found.entries) {
        return unsaved(fresh()?, bad(format!("what was done before cannot be done again: {why}")));
    }
    if let Some(n) = lab.personas().iter().position(|p| Some(p.name.as_str()) == acting)
        && n != lab.acting()
    {
        lab.switch(n);
    }
    let resumed =
        resumed.then(|| Notice { good: true, words: "continued where you left; R starts again".to_owned() });
    let notice = found.notice.and_then(bad).or(resumed);
    Ok(Resumed { lab, save: Some(found.save), notice })
}

/// An open journal and what is still to be written.
#[derive(Debug)]
pub struct Save {
    journal: Journal,
    pending: Vec<Entry>,
}

/// A journal found for a scenario.
#[derive(Debug)]
pub struct FoundJournal {
    /// Where further steps go.
    pub save: Save,
    /// What was done so far.
    pub entries: Vec<Entry>,
    /// Something the person should know.
    pub notice: Option<String>,
}

/// How far a scenario is, by its journal: tasks done, and tasks in all. `None` if it was never opened, or its journal
/// cannot be used.
pub fn progress(state: &Path, id: &str) -> Option<(usize, usize)> {
    let path = path_of(state, id);
    if !path.exists() {
        return None;
    }
    let entries = Journal::peek(&path).ok()?;
    let embedded = scenario::find_embedded(id).ok()?;
    if !matches!(entries.first(), Some(Entry::Head(found)) if fits(found, &head_of(embedded))) {
        return None;
    }
    let mut lab = Lab::open(embedded.read().ok()?, None).ok()?;
    lab.replay(entries).ok()?;
    let reports = lab.reports();
    Some((reports.iter().filter(|report| report.is_done()).count(), reports.len()))
}

/// Where the journal of a scenario is.
pub(super) fn path_of(state: &Path, id: &str) -> PathBuf {
    state.join("labs").join(format!("{id}.journal"))
}

/// What a journal of that scenario starts with.
pub(super) fn head_of(embedded: &Embedded) -> Head {
    Head {
        format: FORMAT,
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: embedded.id.to_owned(),
        digest: digest_of(embedded.text),
    }
}

/// Whether a journal can be replayed on the scenario as it reads now.
pub(super) fn fits(found: &Head, wanted: &Head) -> bool {
    found.format == wanted.format && found.scenario == wanted.scenario && found.digest == wanted.digest
}

/// The journal of an embedded scenario; `None` for a scenario from a file, which may change under its journal.
pub fn find(state: &Path, which: &str) -> Result<Option<FoundJournal>, LabError> {
    if scenario::is_file_name(which) {
        return Ok(None);
    }
    let embedded = scenario::find_embedded(which)?;
    let head = head_of(embedded);
    let path = path_of(state, embedded.id);
    let opened = Journal::open(&path)?;
    let fits = match opened.entries.first() {
        Some(Entry::Head(found)) => fits(found, &head),
        Some(_) => false,
        None => true,
    };
    let mut notice =
        (opened.dropped > 0).then(|| "the last step was cut off on the disk and is left out".to_owned());
    let (mut journal, mut entries) = (opened.journal, opened.entries);
    if !fits {
        // A journal fits one text of a scenario only. The old one is kept beside the new one.
        drop(journal);
        let old = old_name(&path);
        std::fs::rename(&path, &old).map_err(|source| JournalError::Io { path: path.clone(), source })?;
        notice =
            Some(format!("this scenario has changed; what was done before is kept in {}", old.display()));
        let again = Journal::open(&path)?;
        (journal, entries) = (again.journal, again.entries);
    }
    // The first line is written with the first thing that is done: opening a lab waits for no disk.
    let pending = if entries.is_empty() { vec![Entry::Head(head)] } else { Vec::new() };
    let entries = entries.into_iter().filter(|e| !matches!(e, Entry::Head(_))).collect();
    Ok(Some(FoundJournal { save: Save { journal, pending }, entries, notice }))
}

/// SHA-256 of a scenario's text, in hex.
fn digest_of(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

pub(super) fn old_name(path: &Path) -> PathBuf {
    let free = (1..1000).map(|n| path.with_extension(format!("journal.old{n}"))).find(|p| !p.exists());
    free.unwrap_or_else(|| path.with_extension("journal.old"))
}

impl Save {
    /// Writes what the lab has done since the last time. Text being typed waits unless `all`.
    pub fn write(&mut self, lab: &mut Lab, all: bool) -> Result<(), JournalError> {
        for entry in lab.take_unsaved() {
            // Of several states of one text the last is enough.
            if matches!((&entry, self.pending.last()), (Entry::Draft { .. }, Some(Entry::Draft { .. }))) {
                self.pending.pop();
            }
            self.pending.push(entry);
        }
        let mut done = self.pending.iter().filter(|e| !matches!(e, Entry::Head(_))).peekable();
        if done.peek().is_none() || (!all && done.all(|e| matches!(e, Entry::Draft { .. }))) {
            return Ok(());
        }
        self.journal.append(&self.pending)?;
        self.pending.clear();
        Ok(())
    }
}
