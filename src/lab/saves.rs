//! What was done in a lab, kept in the person's state directory, so that it survives leaving and `kill -9`.
//!
//! One journal a scenario. Steps are on the disk before the screen shows them; the text being typed is written when the
//! editor is left, and with the next step.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::journal::FORMAT;
use super::{Difference, Entry, Head, Journal, JournalError, Lab, LabError};
use crate::scenario::{self, Embedded};

/// The version of this kmslab.
const ENGINE: &str = env!("CARGO_PKG_VERSION");

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
    let resumed = found.entries.iter().any(|entry| !matches!(entry, Entry::Head(_)));
    let different = match lab.replay(found.entries) {
        Ok(differences) => words_of(&differences),
        Err(why) => {
            let path = found.save.journal.path().display();
            return unsaved(
                fresh()?,
                bad(format!(
                    "what was done before cannot be done again: {why}. {path} is left as it is; move it away to start again"
                )),
            );
        }
    };
    if let Some(n) = lab.personas().iter().position(|p| Some(p.name.as_str()) == acting)
        && n != lab.acting()
    {
        lab.switch(n);
    }
    let resumed =
        resumed.then(|| Notice { good: true, words: "continued where you left; R starts again".to_owned() });
    let notice = found.notice.or(different).and_then(bad).or(resumed);
    Ok(Resumed { lab, save: Some(found.save), notice })
}

/// Says in words what ended otherwise than a journal notes, and what to do; `None` if nothing did.
pub(super) fn words_of(differences: &[Difference]) -> Option<String> {
    let (first, more) = differences.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
    let versions = match (first.engine.as_str(), ENGINE) {
        (wrote, this) if wrote == this => format!("although kmslab {this} wrote it"),
        (wrote, this) => format!("kmslab {wrote} wrote it, and this is {this}"),
    };
    Some(format!(
        "{first}{more}: {versions}. What follows may be otherwise than you left it; the journal keeps how it was, and \
         R starts again"
    ))
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
    if !matches!(entries.first(), Some(Entry::Head(found)) if fits(found, embedded)) {
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
        engine: ENGINE.to_owned(),
        scenario: embedded.id.to_owned(),
        digest: hex(&embedded.decides()),
    }
}

/// Whether a journal can be replayed on the scenario as it reads now.
pub(super) fn fits(found: &Head, embedded: &Embedded) -> bool {
    found.scenario == embedded.id && found.digest == hex(&embedded.decides())
}

/// Whether a version is newer than this one. What is no version of ours is not known to be older.
fn is_newer(engine: &str) -> bool {
    let numbers = |text: &str| {
        let core = text.split(['-', '+']).next().unwrap_or(text);
        core.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>()
    };
    numbers(engine).is_none_or(|found| Some(found) > numbers(ENGINE))
}

/// SHA-256 of a text, in hex.
fn hex(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

/// The journal of an embedded scenario; `None` for a scenario from a file, which may change under its journal.
pub fn find(state: &Path, which: &str) -> Result<Option<FoundJournal>, LabError> {
    if scenario::is_file_name(which) {
        return Ok(None);
    }
    let embedded = scenario::find_embedded(which)?;
    let path = path_of(state, embedded.id);
    let opened = Journal::open(&path)?;
    let heads = || opened.entries.iter().filter_map(Entry::head);
    let fits = opened.entries.is_empty()
        || matches!(opened.entries.first(), Some(Entry::Head(found)) if fits(found, embedded));
    // An older kmslab must not put aside what a newer one has for a newer text of the scenario.
    if let Some(head) = heads().find(|head| !fits && is_newer(&head.engine)) {
        let what = format!("kmslab {}, for another text of the scenario", head.engine);
        return Err(JournalError::Newer { path, line: 1, what }.into());
    }
    let goes_on = heads().next_back().is_some_and(|head| head.engine == ENGINE);
    let mut notice = opened.cut.map(|cut| {
        format!(
            "the last step was cut off on the disk and is left out; what is left of it is in {}",
            cut.display()
        )
    });
    let (mut journal, mut entries) = (opened.journal, opened.entries);
    if !fits {
        // A journal fits scenarios that decide alike only. The old one is kept beside the new one.
        drop(journal);
        let old = old_name(&path);
        std::fs::rename(&path, &old).map_err(|source| JournalError::Io { path: path.clone(), source })?;
        notice =
            Some(format!("this scenario has changed; what was done before is kept in {}", old.display()));
        let again = Journal::open(&path)?;
        (journal, entries) = (again.journal, again.entries);
    }
    // The first line is written with the first thing that is done: opening a lab waits for no disk.
    let known = fits && goes_on;
    let pending = if known { Vec::new() } else { vec![Entry::Head(head_of(embedded))] };
    Ok(Some(FoundJournal { save: Save { journal, pending }, entries, notice }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::CallStatus;

    const ID: &str = "a3-key-policy-door";

    /// What a scan as tess leaves in a journal.
    fn entries() -> Vec<Entry> {
        let mut lab = Lab::open(scenario::find("a3").expect("there"), Some("tess")).expect("it opens");
        lab.take_unsaved();
        lab.ask().expect("a call is watched");
        lab.take_unsaved()
    }

    fn head() -> Head {
        head_of(scenario::find_embedded(ID).expect("there"))
    }

    fn head_by(engine: &str) -> Head {
        Head { engine: engine.to_owned(), ..head() }
    }

    /// A journal that was opened.
    struct Opened {
        words: String,
        /// Whether further steps are kept.
        kept: bool,
        /// How many steps were made again.
        steps: usize,
        /// Whether the file is as it was.
        same: bool,
        /// The files beside it, and it.
        files: Vec<String>,
        /// The heads after one thing more was done.
        heads: Vec<String>,
    }

    /// Puts a journal down and opens its scenario.
    fn opened(entries: &[Entry]) -> Opened {
        let state = tempfile::tempdir().expect("a folder");
        let path = path_of(state.path(), ID);
        Journal::open(&path).expect("new").journal.append(entries).expect("written");
        let bytes = std::fs::read(&path).expect("there");
        let mut resumed = resume("a3", None, Some(state.path())).expect("it opens");
        let same = std::fs::read(&path).is_ok_and(|now| now == bytes);
        let steps = resumed.lab.history().done().len();
        let kept = resumed.save.is_some();
        let mut heads = Vec::new();
        if let Some(save) = &mut resumed.save {
            resumed.lab.ask().expect("a call is watched");
            save.write(&mut resumed.lab, true).expect("written");
            let entries = Journal::peek(&path).expect("sound");
            heads = entries.iter().filter_map(Entry::head).map(|head| head.engine.clone()).collect();
        }
        let files = std::fs::read_dir(path.parent().expect("a folder")).expect("there");
        let mut files: Vec<_> =
            files.map(|file| file.expect("read").file_name().into_string().expect("UTF-8")).collect();
        files.sort();
        let words = resumed.notice.map(|notice| notice.words).unwrap_or_default();
        Opened { words, kept, steps, same, files, heads }
    }

    fn behind(head: Head, entries: &[Entry]) -> Vec<Entry> {
        [&[Entry::Head(head)], entries].concat()
    }

    /// The entries with what is noted of the call's end changed.
    fn noted(change: fn(&mut crate::lab::OutcomeNote)) -> Vec<Entry> {
        let mut entries = entries();
        let Some(Entry::Call(call)) = entries.first_mut() else { panic!("a call") };
        change(&mut call.outcome);
        entries
    }

    #[test]
    fn a_call_that_ends_otherwise_is_told_with_its_step_its_version_and_a_remedy() {
        let as_before = opened(&behind(head(), &entries()));
        assert_eq!(as_before.words, "continued where you left; R starts again");
        assert_eq!(
            (as_before.kept, as_before.steps, as_before.heads.as_slice()),
            (true, 1, &[ENGINE.to_owned()][..])
        );
        let turned = noted(|note| note.status = CallStatus::Allowed);
        let told = opened(&behind(head_by("0.0.9"), &turned));
        assert!(
            told.words.starts_with(
                "step 1, dynamodb:Scan as tess, was allowed and is denied now: kmslab 0.0.9 wrote it, and this is "
            ),
            "{}",
            told.words
        );
        assert!(
            told.words.ends_with("R starts again") && told.kept && told.steps == 1 && told.same,
            "{}",
            told.words
        );
        assert_eq!(told.heads, ["0.0.9", ENGINE], "who goes on says so");
        let other = noted(|note| note.hash = "00".to_owned());
        let told = opened(&behind(head(), &other));
        assert!(
            told.words
                .starts_with("step 1, dynamodb:Scan as tess, is answered otherwise than it was: although"),
            "{}",
            told.words
        );
        // The version named is that of the step.
        let two = [behind(head_by("0.0.8"), &entries()), behind(head_by("0.0.9"), &other)].concat();
        let told = opened(&two);
        assert!(
            told.words.starts_with("step 2, ") && told.words.contains("kmslab 0.0.9 wrote it"),
            "{}",
            told.words
        );
    }

    #[test]
    fn a_journal_of_the_first_format_is_refused_with_words_and_left_alone() {
        let first = opened(&behind(Head { format: 1, engine: "0.1.0".to_owned(), ..head() }, &entries()));
        for words in ["a3-key-policy-door.journal: kmslab 0.1.0 wrote this in format 1", "move the file away"]
        {
            assert!(first.words.contains(words), "{}", first.words);
        }
        assert!(!first.kept && first.steps == 0 && first.same);
        assert_eq!(first.files, ["a3-key-policy-door.journal"]);
    }

    #[test]
    fn a_journal_of_another_scenario_is_set_aside_unless_it_is_newer() {
        for (engine, is_set_aside) in [
            (ENGINE, true),
            ("0.0.9", true),
            ("0.1.0-alpha", true),
            ("99.0.0", false),
            ("0.99.1", false),
            ("soon", false),
        ] {
            let found = opened(&behind(Head { digest: hex("another"), ..head_by(engine) }, &entries()));
            assert_eq!((found.same, found.kept, found.steps), (!is_set_aside, is_set_aside, 0), "{engine}");
            let words = if is_set_aside { "this scenario has changed" } else { "a newer kmslab wrote this" };
            assert!(found.words.contains(words), "{engine}: {}", found.words);
            assert_eq!(
                found.files.iter().any(|name| name.contains(".old")),
                is_set_aside,
                "{:?}",
                found.files
            );
        }
    }

    #[test]
    fn what_cannot_be_done_again_is_left_alone_and_its_file_named() {
        let mut entries = entries();
        let Some(Entry::Call(call)) = entries.first_mut() else { panic!("a call") };
        call.operation = "Juggle".to_owned();
        let found = opened(&behind(head(), &entries));
        assert!(found.words.starts_with("what was done before cannot be done again"), "{}", found.words);
        assert!(
            found.words.contains("a3-key-policy-door.journal is left as it is; move it away"),
            "{}",
            found.words
        );
        assert!(found.same && !found.kept && found.steps == 0);
    }
}
