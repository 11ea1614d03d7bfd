//! What was done in a lab, kept in the person's state directory, so that it survives leaving and `kill -9`.
//!
//! One journal a scenario; a scenario from a file has one for each text that decides otherwise. Steps are on the disk before
//! the screen shows them; the text being typed is written when the editor is left, and with the next step.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::disk::{Disk, beside};
use super::journal::FORMAT;
use super::ledger::{Ledger, Reason};
pub use super::notice::Notice;
use super::progress;
pub use super::progress::Far;
use super::{Difference, Entry, Head, Journal, JournalError, Lab, LabError};
use crate::limits::file::Given;
use crate::scenario;

/// The version of this kmslab.
const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// A lab as it was left.
pub struct Resumed {
    /// The lab, with everything done again.
    pub lab: Lab,
    /// What was done, and where further steps go.
    pub ledger: Ledger,
    /// Something the learner should know.
    pub notice: Option<Notice>,
}

/// Opens a scenario by id or file, where it was left if `state` holds its journal.
pub fn resume(which: &str, acting: Option<&str>, state: Option<&Path>) -> Result<Resumed, LabError> {
    resume_on(&Disk::default(), scenario::open(which, Given::ByName)?, acting, state)
}

/// Opens a scenario as [`resume`] does, on that disk.
pub fn resume_on(
    disk: &Disk,
    opened: scenario::Opened,
    acting: Option<&str>,
    state: Option<&Path>,
) -> Result<Resumed, LabError> {
    let stored = Stored::of(opened);
    let fresh = || {
        let mut lab = Lab::open(stored.scenario.clone(), acting)?;
        lab.open_first_document();
        lab.take_unsaved();
        Ok::<_, LabError>(lab)
    };
    let mut lab = fresh()?;
    let head = || Entry::Head(stored.head());
    let bad = |words: String| Some(Notice { good: false, words });
    let Some(state) = state else {
        let ledger = Ledger::nowhere(disk.clone(), Reason::NoFolder, None, head());
        let why = "nothing of this lab is kept: neither XDG_STATE_HOME nor HOME is set; name a directory with --state";
        return Ok(Resumed { lab, ledger, notice: bad(why.to_owned()) });
    };
    let unusable = |why: String| Ledger::nowhere(disk.clone(), Reason::Unusable(why), None, head());
    let found = match find_on(disk, state, &stored) {
        Ok(found) => found,
        Err(JournalError::InUse { path, holder }) => {
            // What the other has done so far can be looked at.
            let looked = Journal::look(&path).ok().filter(
                |(entries, _)| matches!(entries.first(), Some(Entry::Head(found)) if stored.fits(found)),
            );
            let lines = looked.and_then(|(entries, lines)| lab.replay(entries).ok().map(|_| lines));
            if lines.is_none() {
                lab = fresh()?;
            }
            act_as(&mut lab, acting);
            let words = JournalError::InUse { path, holder }.in_a_line();
            let ledger = Ledger::nowhere(disk.clone(), Reason::Held(holder), lines, head());
            return Ok(Resumed { lab, ledger, notice: bad(format!("{words}; nothing you do here is kept")) });
        }
        Err(why) => {
            let words = format!("this lab is not kept: {}", why.in_a_line());
            return Ok(Resumed { lab, ledger: unusable(why.to_string()), notice: bad(words) });
        }
    };
    let resumed = found.entries.iter().any(|entry| !matches!(entry, Entry::Head(_)));
    let different = match lab.replay(found.entries) {
        Ok(differences) => words_of(&differences),
        Err(why) => {
            let path = found.journal.path().display();
            let words = format!(
                "what was done before cannot be done again: {why}. {path} is left as it is; move it away to start again"
            );
            return Ok(Resumed { lab: fresh()?, ledger: unusable(words.clone()), notice: bad(words) });
        }
    };
    let mut ledger = Ledger::in_journal(disk.clone(), found.journal, head(), found.begins);
    let left = ledger.take_up(&mut lab);
    if let Some(embedded) = scenario::find_embedded(&stored.scenario.id).ok().filter(|_| !stored.own) {
        ledger.remember(embedded.text, &lab);
    }
    act_as(&mut lab, acting);
    let resumed =
        resumed.then(|| Notice { good: true, words: "continued where you left; R starts again".to_owned() });
    let notice = found.notice.or(different).and_then(bad).or(left).or(resumed);
    Ok(Resumed { lab, ledger, notice })
}

/// Takes on the identity that was asked for.
fn act_as(lab: &mut Lab, acting: Option<&str>) {
    if let Some(n) = lab.personas().iter().position(|p| Some(p.name.as_str()) == acting)
        && n != lab.acting()
    {
        lab.switch(n);
    }
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

/// A journal found for a scenario.
#[derive(Debug)]
pub struct FoundJournal {
    /// Where further steps go.
    pub journal: Journal,
    /// Whether a head comes before further steps.
    pub begins: bool,
    /// What was done so far.
    pub entries: Vec<Entry>,
    /// Something the person should know.
    pub notice: Option<String>,
}

/// Where the journal of a scenario of the program is.
fn path_of(state: &Path, id: &str) -> PathBuf {
    state.join("labs").join(format!("{id}.journal"))
}

/// Tells whether a scenario of the program was ever worked on.
pub fn has_journal(state: &Path, id: &str) -> bool {
    path_of(state, id).exists()
}

/// When the journal of a scenario of the program was last written; `None` if there is none.
pub fn changed(state: &Path, id: &str) -> Option<std::time::SystemTime> {
    path_of(state, id).symlink_metadata().ok()?.modified().ok()
}

/// How far a scenario is, by its journal: tasks done, and tasks in all. `None` if it was never opened, or its journal
/// cannot be used.
pub fn progress(state: &Path, id: &str) -> Option<(usize, usize)> {
    far(state, id).map(|far| far.tasks)
}

/// How far a scenario is, and what its guesses have shown, by its journal; `None` as of [`progress`].
pub fn far(state: &Path, id: &str) -> Option<Far> {
    let embedded = scenario::find_embedded(id).ok()?;
    let path = path_of(state, embedded.id);
    if path.symlink_metadata().is_err() {
        return None;
    }
    if let Some(far) = progress::noted(&path, embedded.text) {
        return Some(far);
    }
    let stored = Stored::named(embedded.id).ok()?;
    let (entries, lines) = Journal::look(&path).ok()?;
    if !matches!(entries.first(), Some(Entry::Head(found)) if stored.fits(found)) {
        return None;
    }
    let mut lab = Lab::open(stored.scenario, None).ok()?;
    lab.replay(entries).ok()?;
    let far = Far::of(&lab);
    progress::note(&Disk::default(), &path, &lines, embedded.text, &far);
    Some(far)
}

/// A scenario with what its journals are known by.
#[derive(Clone, Debug)]
pub struct Stored {
    pub scenario: scenario::Scenario,
    /// SHA-256 of what decides in it, in hex.
    digest: String,
    /// SHA-256 of all of it, its words included, in hex.
    words: String,
    own: bool,
}

impl Stored {
    /// Takes a scenario that was opened.
    pub fn of(opened: scenario::Opened) -> Self {
        let scenario::Opened { scenario, decides, text, own } = opened;
        let hash = |text: String| base16ct::lower::encode_string(&Sha256::digest(text));
        Self { scenario, digest: hash(decides), words: hash(text), own }
    }

    /// Finds a scenario by its id or file.
    pub fn named(which: &str) -> Result<Self, scenario::ScenarioError> {
        scenario::open(which, Given::ByName).map(Self::of)
    }

    /// Returns the SHA-256 of its whole text in hex: two that are equal say the same words.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Returns where its journal is.
    pub fn path(&self, state: &Path) -> PathBuf {
        let id = &self.scenario.id;
        if self.own {
            // Another text that decides otherwise is another lab, whatever its file is called.
            let digest = self.digest.get(..16).unwrap_or(&self.digest);
            return state.join("labs").join("own").join(format!("{id}.{digest}.journal"));
        }
        path_of(state, id)
    }

    /// Returns what a journal of it begins with.
    pub fn head(&self) -> Head {
        let (engine, digest) = (ENGINE.to_owned(), self.digest.clone());
        Head { format: FORMAT, engine, scenario: self.scenario.id.clone(), digest }
    }

    /// Tells whether a journal can be replayed on the scenario as it reads now.
    pub fn fits(&self, found: &Head) -> bool {
        found.scenario == self.scenario.id && found.digest == self.digest
    }

    /// Returns a journal of an earlier text of the same file, by its id.
    fn earlier(&self, state: &Path) -> Option<PathBuf> {
        let mine = self.path(state);
        let begin = format!("{}.", self.scenario.id);
        let beside = std::fs::read_dir(mine.parent().filter(|_| self.own)?).ok()?.filter_map(Result::ok);
        let same = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            *path != mine && name.starts_with(&begin) && path.extension().is_some_and(|e| e == "journal")
        };
        let dated = beside.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())));
        dated.filter(|(_, path)| same(path)).max().map(|(_, path)| path)
    }
}

/// Whether a version is newer than this one. What is no version of ours is not known to be older.
fn is_newer(engine: &str) -> bool {
    let numbers = |text: &str| {
        let core = text.split(['-', '+']).next().unwrap_or(text);
        core.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>()
    };
    numbers(engine).is_none_or(|found| Some(found) > numbers(ENGINE))
}

/// Returns the journal of a scenario, opened for writing.
pub fn find(state: &Path, which: &str) -> Result<FoundJournal, LabError> {
    Ok(find_on(&Disk::default(), state, &Stored::named(which)?)?)
}

fn find_on(disk: &Disk, state: &Path, stored: &Stored) -> Result<FoundJournal, JournalError> {
    let path = stored.path(state);
    let earlier = if path.symlink_metadata().is_ok() { None } else { stored.earlier(state) };
    let opened = Journal::open_on(disk, &path)?;
    let heads = || opened.entries.iter().filter_map(Entry::head);
    let fits = opened.entries.is_empty()
        || matches!(opened.entries.first(), Some(Entry::Head(found)) if stored.fits(found));
    // An older kmslab must not put aside what a newer one has for a newer text of the scenario.
    if let Some(head) = heads().find(|head| !fits && is_newer(&head.engine)) {
        let what = format!("kmslab {}, for another text of the scenario", head.engine);
        return Err(JournalError::Newer { path, line: 1, what });
    }
    let goes_on = heads().next_back().is_some_and(|head| head.engine == ENGINE);
    let changed = |path: &Path| {
        format!("this scenario has changed; what was done before is kept in {}", path.display())
    };
    let cut = |cut: PathBuf| {
        format!(
            "the last step was cut off on the disk and is left out; what is left of it is in {}",
            cut.display()
        )
    };
    let mut notice = opened.cut.map(cut).or(earlier.as_deref().map(changed));
    let (mut journal, mut entries) = (opened.journal, opened.entries);
    if !fits {
        // A journal fits scenarios that decide alike only. The old one is kept beside the new one.
        drop(journal);
        let io = |source| JournalError::Io { path: path.clone(), source };
        let old = disk.move_aside(&path, old_names(&path)).map_err(io)?;
        notice = Some(changed(&old));
        let again = Journal::open_on(disk, &path)?;
        (journal, entries) = (again.journal, again.entries);
    }
    // The first line is written with the first thing that is done: opening a lab waits for no disk.
    Ok(FoundJournal { journal, begins: !(fits && goes_on), entries, notice })
}

/// Returns the names that a journal gets when another takes its place, the first free one to be taken.
pub(super) fn old_names(path: &Path) -> impl Iterator<Item = PathBuf> {
    (1..1000).map(|n| beside(path, &format!("old{n}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{CallStatus, Kept};

    const ID: &str = "a3-key-policy-door";

    /// What a scan as tess leaves in a journal.
    fn entries() -> Vec<Entry> {
        let mut lab = Lab::open(scenario::find("a3").expect("there"), Some("tess")).expect("it opens");
        lab.take_unsaved();
        lab.ask().expect("a call is watched");
        lab.take_unsaved()
    }

    fn head() -> Head {
        Stored::named(ID).expect("there").head()
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
        let path = Stored::named("a3").expect("there").path(state.path());
        Journal::open(&path).expect("new").journal.append(entries).expect("written");
        let bytes = std::fs::read(&path).expect("there");
        let mut resumed = resume("a3", None, Some(state.path())).expect("it opens");
        let same = std::fs::read(&path).is_ok_and(|now| now == bytes);
        let steps = resumed.lab.history().done().len();
        let kept = resumed.ledger.unkept().is_none();
        let mut heads = Vec::new();
        if kept {
            resumed.lab.ask().expect("a call is watched");
            assert_eq!(resumed.ledger.keep(&mut resumed.lab, true), Kept::AsBefore);
            let entries = Journal::peek(&path).expect("sound");
            heads = entries.iter().filter_map(Entry::head).map(|head| head.engine.clone()).collect();
        }
        drop(resumed.ledger);
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
        for words in ["this lab is not kept: kmslab 0.1.0 wrote this", "y-door.journal"] {
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
            let found = opened(&behind(Head { digest: "another".to_owned(), ..head_by(engine) }, &entries()));
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
