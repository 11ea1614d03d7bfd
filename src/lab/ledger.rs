//! Everything that was done in a lab, as lines of a journal, and how much of it is on the disk.
//!
//! What could not be written stays here and is tried again with each step. So a full disk that has room again has lost
//! nothing, and a lab that cannot be kept at all can still be written to a file.

use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::external_editor::{self, LeftOver, ToEdit};
use super::journal::Lines;
use super::notice::Notice;
use super::progress::{self, Far};
use super::typing::{self, Typing, Unfinished};
use super::{DocumentId, Entry, Head, Holder, Journal, JournalError, Lab};

/// What was done in a lab, and where it is kept.
#[derive(Debug)]
pub struct Ledger {
    disk: Disk,
    place: Place,
    /// What a journal of this lab begins with.
    head: Entry,
    /// What is not on the disk yet, in order.
    pending: Vec<Entry>,
    /// Why the last writing failed, until one succeeds.
    failed: Option<String>,
    /// The line at the console that is no step yet.
    line: String,
    typing: Typing,
    /// The text of a scenario of the program, for which it is remembered how far it is.
    text: Option<&'static str>,
    /// How far the scenario is.
    progress: Option<Far>,
}

/// Where a lab is kept.
#[derive(Debug)]
enum Place {
    Journal(Box<Journal>),
    /// A journal that was let go for a moment, with its path and how long it was.
    LetGo(PathBuf, Lines),
    /// Nowhere, and what was done before by the journal that could only be looked at.
    Nowhere(Reason, Lines),
}

/// Why a lab is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no directory for labs.
    NoFolder,
    /// Another process has the journal open, so that this one only looks.
    Held(Option<Holder>),
    /// The journal cannot be used, in words.
    Unusable(String),
    /// The last writing failed, in words. It is tried again with each step.
    Failed(String),
}

/// What would be lost if the program ended now, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unkept {
    /// How many calls and waits are not on the disk.
    pub steps: usize,
    /// Whether the text of a draft is not.
    pub draft: bool,
    /// Whether anything else is not that would be missed: a hint, a guess, a line at the console.
    pub others: bool,
    pub reason: Reason,
}

impl Unkept {
    /// Tells whether anything would be lost.
    pub fn is_loss(&self) -> bool {
        self.steps > 0 || self.draft || self.others
    }
}

/// What came of writing down what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing that was not so before.
    AsBefore,
    /// Writing failed for the first time since it last succeeded.
    Fails(String),
    /// What could not be written before is on the disk now.
    Again,
}

impl Ledger {
    /// Goes on with a journal; `head` says whether a head comes first.
    pub(super) fn in_journal(disk: Disk, journal: Journal, head: Entry, begins: bool) -> Self {
        let pending = if begins { vec![head.clone()] } else { Vec::new() };
        Self::at(disk, Place::Journal(Box::new(journal)), head, pending)
    }

    /// Begins what is kept nowhere, behind what a journal tells that cannot be written to.
    pub(super) fn nowhere(disk: Disk, reason: Reason, looked_at: Option<Lines>, head: Entry) -> Self {
        let pending = if looked_at.is_some() { Vec::new() } else { vec![head.clone()] };
        let place = Place::Nowhere(reason, looked_at.unwrap_or_default());
        Self::at(disk, place, head, pending)
    }

    fn at(disk: Disk, place: Place, head: Entry, pending: Vec<Entry>) -> Self {
        let journal = if let Place::Journal(journal) = &place { Some(journal.path()) } else { None };
        let (line, typing) = (String::new(), Typing::new(journal));
        Self { disk, place, head, pending, failed: None, line, typing, text: None, progress: None }
    }

    /// Remembers how far the scenario is, whose text this is.
    pub(super) fn remember(&mut self, text: &'static str, lab: &Lab) {
        self.text = Some(text);
        self.progress = Some(Far::of(lab));
    }

    /// Takes back what was being typed when the program was killed, here or in the person's own editor. Returns what there
    /// is to say of a text from the latter.
    pub(super) fn take_up(&mut self, lab: &mut Lab) -> Option<Notice> {
        let Place::Journal(journal) = &self.place else { return None };
        let typed = typing::unfinished(journal.path(), journal.lines());
        let left = external_editor::left_over(&self.disk, journal.path(), journal.lines());
        if let Some(Unfinished { draft, parked, line }) = typed {
            self.line = line;
            for (document, text) in parked.into_iter().chain(draft) {
                self.take_draft(lab, document, text);
            }
        }
        match left? {
            // It was made from the draft above.
            LeftOver::Text(document, text) => self.take_draft(lab, document, text).then(|| Notice {
                good: true,
                words: "what your editor had open when kmslab was killed is the draft now".to_owned(),
            }),
            LeftOver::Aside(words) => Some(Notice { good: false, words }),
        }
    }

    /// Takes a text as the draft of a document, and tells whether that is still there.
    fn take_draft(&mut self, lab: &mut Lab, document: DocumentId, text: String) -> bool {
        let entry = Entry::Draft { document, text };
        // A text is taken over whatever it is; only a document may be gone.
        let taken = lab.replay(vec![entry.clone()]).is_ok();
        if taken {
            self.pending.push(entry);
        }
        taken
    }

    /// Returns a text for the person's own editor, to lie beside the journal where there is one.
    pub(super) fn to_edit(&self, document: Option<DocumentId>, text: String) -> ToEdit {
        match (&self.place, document) {
            (Place::Journal(journal), Some(document)) => {
                ToEdit::beside(&self.disk, journal.path(), journal.lines(), document, text)
            }
            (Place::Journal(_) | Place::LetGo(..) | Place::Nowhere(..), _) => ToEdit::new(text),
        }
    }

    /// Takes down the line at the console that is no step yet.
    pub(super) fn note_line(&mut self, line: &str) {
        if self.line != line {
            line.clone_into(&mut self.line);
        }
    }

    /// Returns the line at the console that is no step yet.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Returns what would be lost if the program ended now; `None` if everything is on the disk or will be with the next
    /// step.
    pub fn unkept(&self) -> Option<Unkept> {
        let reason = match (&self.place, &self.failed) {
            (Place::Nowhere(reason, _), _) => reason.clone(),
            (Place::Journal(_) | Place::LetGo(..), Some(why)) => Reason::Failed(why.clone()),
            (Place::Journal(_) | Place::LetGo(..), None) => match self.typing.failed() {
                Some(why) => Reason::Failed(why),
                None => return None,
            },
        };
        let (mut steps, mut draft, mut others) = (0, false, false);
        for entry in &self.pending {
            match entry {
                Entry::Call(_) | Entry::Wait(_) => steps += 1,
                Entry::Draft { .. } => draft = true,
                // Nobody would miss where they looked.
                Entry::Head(_) | Entry::Act(_) | Entry::Watch(_) | Entry::Clear => {}
                Entry::GoTo(_)
                | Entry::GoToBranch(_)
                | Entry::Predict { .. }
                | Entry::Sure { .. }
                | Entry::Hint
                | Entry::Help(_)
                | Entry::Words(_)
                | Entry::Typed(_)
                | Entry::RestartTask
                | Entry::Reset => others = true,
            }
        }
        Some(Unkept { steps, draft, others, reason })
    }

    /// Writes down what the lab has done since the last time, and what could not be written before. Text being typed waits
    /// unless `all`.
    pub fn keep(&mut self, lab: &mut Lab, all: bool) -> Kept {
        let kept = self.write(lab, all);
        self.progress = Some(Far::of(lab));
        if let Place::Journal(journal) = &self.place {
            let mut parked: Vec<_> = self
                .pending
                .iter()
                .filter_map(|entry| {
                    if let Entry::Draft { document, text } = entry {
                        Some((document.clone(), text.clone()))
                    } else {
                        None
                    }
                })
                .collect();
            let draft = parked.pop();
            let unfinished = Unfinished { draft, parked, line: self.line.clone() };
            self.typing.note(&self.disk, journal.path(), journal.lines(), &unfinished);
        }
        kept
    }

    fn write(&mut self, lab: &mut Lab, all: bool) -> Kept {
        for entry in lab.take_unsaved() {
            // Of several states of one text the last is enough.
            if let Entry::Draft { document, .. } = &entry {
                let is_draft = |entry: &Entry| matches!(entry, Entry::Draft { .. });
                let from = self.pending.iter().rposition(|entry| !is_draft(entry)).map_or(0, |at| at + 1);
                let same = |entry: &Entry| matches!(entry, Entry::Draft { document: d, .. } if d == document);
                if let Some(at) = self.pending.iter().skip(from).position(same) {
                    self.pending.remove(from + at);
                }
            }
            self.pending.push(entry);
        }
        let mut done = self.pending.iter().filter(|e| !matches!(e, Entry::Head(_))).peekable();
        if done.peek().is_none() || (!all && done.all(|e| matches!(e, Entry::Draft { .. }))) {
            return Kept::AsBefore;
        }
        let written = match &mut self.place {
            Place::Nowhere(..) => return Kept::AsBefore,
            Place::LetGo(path, lines) => match open_again(&self.disk, path, lines) {
                Ok(mut journal) => {
                    let written = journal.append(&self.pending);
                    self.place = Place::Journal(Box::new(journal));
                    written
                }
                Err(why) => Err(why),
            },
            Place::Journal(journal) => journal.append(&self.pending).or_else(|why| {
                // A file that somebody has taken away is made anew, with all that was in it.
                let restored = journal.restore(&self.disk);
                restored.map_err(|_| why).and_then(|()| journal.append(&self.pending))
            }),
        };
        match written {
            Ok(()) => {
                self.pending.clear();
                if self.failed.take().is_some() { Kept::Again } else { Kept::AsBefore }
            }
            Err(why) => {
                let why = why.in_a_line();
                let first = self.failed.replace(why.clone()).is_none();
                if first { Kept::Fails(why) } else { Kept::AsBefore }
            }
        }
    }

    /// Lets other openings have the journal until something is to be written.
    pub(super) fn let_go(&mut self) {
        if let Place::Journal(journal) = &self.place {
            self.place = Place::LetGo(journal.path().to_owned(), journal.lines().clone());
        }
    }

    /// Returns all that was done as the lines of a journal, on the disk or not.
    pub fn lines(&self) -> Result<Lines, serde_json::Error> {
        let on_disk = match &self.place {
            Place::Journal(journal) => journal.lines(),
            Place::LetGo(_, lines) | Place::Nowhere(_, lines) => lines,
        };
        let mut lines = on_disk.clone();
        let more = lines.more(&self.pending)?;
        lines.add(&more);
        Ok(lines)
    }

    /// Goes on in a new journal with all that was done: a copy of a lab that another process holds.
    pub(super) fn take_copy(&mut self, state: &Path) -> Result<PathBuf, JournalError> {
        let mut last = None;
        for path in copy_names(state, self.head.head().map_or("lab", |head| &head.scenario)) {
            last = Some(path.clone());
            let io = |source| JournalError::Io { path: path.clone(), source };
            if let Some(folder) = path.parent() {
                self.disk.make_folder(folder).map_err(io)?;
            }
            let lines = self.lines().map_err(|e| io(e.into()))?;
            match self.disk.create_new(&path, &[lines.bytes()]) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(io(error)),
            }
            let journal = Journal::open_on(&self.disk, &path)?.journal;
            self.place = Place::Journal(Box::new(journal));
            (self.pending, self.failed) = (Vec::new(), None);
            return Ok(path);
        }
        let path = last.unwrap_or_default();
        Err(JournalError::Io { path, source: std::io::ErrorKind::AlreadyExists.into() })
    }

    /// Returns where the journal is; `None` if there is none.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Journal(journal) => Some(journal.path()),
            Place::LetGo(path, _) => Some(path),
            Place::Nowhere(..) => None,
        }
    }

    /// Returns what a journal of this lab begins with.
    pub fn head(&self) -> Option<&Head> {
        self.head.head()
    }

    /// Returns the disk that the lab is written to.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if let (Place::Journal(journal), Some(text), Some(progress)) =
            (&self.place, self.text, &self.progress)
            && !journal.lines().bytes().is_empty()
            && self.pending.iter().all(|entry| matches!(entry, Entry::Head(_)))
        {
            progress::note(&self.disk, journal.path(), journal.lines(), text, progress);
        }
    }
}

/// Returns the names that a copy of a lab may get.
fn copy_names(state: &Path, id: &str) -> impl Iterator<Item = PathBuf> {
    (1..1000).map(move |n| state.join("labs").join("copies").join(format!("{id}.{n}.journal")))
}

/// Opens a journal that was let go, which must be as it was then.
fn open_again(disk: &Disk, path: &Path, lines: &Lines) -> Result<Journal, JournalError> {
    let opened = Journal::open_on(disk, path)?;
    if opened.journal.lines().bytes() == lines.bytes() {
        return Ok(opened.journal);
    }
    let source = std::io::Error::other("the file has changed meanwhile; write this lab to a file of its own");
    Err(JournalError::Io { path: path.to_owned(), source })
}
