//! What was done in a lab, kept in the person's state directory, so that it survives leaving and `kill -9`.
//!
//! One journal a scenario. Steps are on the disk before the screen shows them; the text being typed is written when the
//! editor is left, and with the next step.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::text::hex;
use crate::lab::{Entry, Head, Journal, Lab};
use crate::scenario;

/// The version of the journals' format.
const FORMAT: u32 = 1;

/// An open journal and what is still to be written.
#[derive(Debug)]
pub struct Save {
    journal: Journal,
    pending: Vec<Entry>,
}

/// A journal found for a scenario.
#[derive(Debug)]
pub struct Found {
    /// Where further steps go.
    pub save: Save,
    /// What was done so far.
    pub entries: Vec<Entry>,
    /// Something the person should know.
    pub notice: Option<String>,
}

/// The journal of an embedded scenario; `None` for a scenario from a file, which may change under its journal.
pub fn find(state: &Path, which: &str) -> Result<Option<Found>, String> {
    if scenario::is_file_name(which) {
        return Ok(None);
    }
    let embedded = scenario::find_embedded(which).map_err(|e| e.to_string())?;
    let digest = hex(&Sha256::digest(embedded.text));
    let head = Head {
        format: FORMAT,
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: embedded.id.to_owned(),
        digest,
    };
    let path = state.join("labs").join(format!("{}.journal", embedded.id));
    let opened = Journal::open(&path).map_err(|e| e.to_string())?;
    let fits = match opened.entries.first() {
        Some(Entry::Head(found)) => found.format == head.format && found.digest == head.digest,
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
        std::fs::rename(&path, &old).map_err(|e| format!("{}: {e}", path.display()))?;
        notice =
            Some(format!("this scenario has changed; what was done before is kept in {}", old.display()));
        let again = Journal::open(&path).map_err(|e| e.to_string())?;
        (journal, entries) = (again.journal, again.entries);
    }
    if entries.is_empty() {
        journal.append(&[Entry::Head(head)]).map_err(|e| e.to_string())?;
    }
    let entries = entries.into_iter().filter(|e| !matches!(e, Entry::Head(_))).collect();
    Ok(Some(Found { save: Save { journal, pending: Vec::new() }, entries, notice }))
}

fn old_name(path: &Path) -> PathBuf {
    let free = (1..1000).map(|n| path.with_extension(format!("journal.old{n}"))).find(|p| !p.exists());
    free.unwrap_or_else(|| path.with_extension("journal.old"))
}

impl Save {
    /// Writes what the lab has done since the last time. Text being typed waits unless `all`.
    pub fn write(&mut self, lab: &mut Lab, all: bool) -> Result<(), String> {
        for entry in lab.take_unsaved() {
            // Of several states of one text the last is enough.
            if matches!((&entry, self.pending.last()), (Entry::Draft { .. }, Some(Entry::Draft { .. }))) {
                self.pending.pop();
            }
            self.pending.push(entry);
        }
        let only_drafts = self.pending.iter().all(|e| matches!(e, Entry::Draft { .. }));
        if self.pending.is_empty() || (only_drafts && !all) {
            return Ok(());
        }
        self.journal.append(&self.pending).map_err(|e| e.to_string())?;
        self.pending.clear();
        Ok(())
    }
}
