//! One learner's session, as every face of it needs it: the lab, the journal it is kept in, and the file that a document
//! follows.
//!
//! Draws nothing. Which words are said when something cannot be kept is for the face to choose.

use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::external_editor::ToEdit;
use super::ledger::{Kept, Ledger, Reason, Unkept};
use super::saves::{self, Notice, Resumed};
use super::{Cue, Follow, Help, Holder, JournalError, Lab, LabError, WatchError};
use crate::limits::file::Given;
use crate::scenario;

/// An open scenario with all that outlives a single step.
pub struct LearnerSession {
    /// The lab; while a lesson is shown, the lesson's.
    lab: Lab,
    revision: u64,
    /// What was done, and where it is kept.
    ledger: Ledger,
    /// The document that follows a file.
    follow: Option<Follow>,
    lesson: Option<Lesson>,
    /// What the followed file was seen to say during a lesson.
    unheard: Option<Result<String, WatchError>>,
}

/// The scenario's solution while it is shown, and the learner's own lab meanwhile.
struct Lesson {
    cues: Vec<Cue>,
    own: Lab,
}

impl std::fmt::Debug for LearnerSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnerSession").field("scenario", &self.lab.scenario().id).finish_non_exhaustive()
    }
}

impl LearnerSession {
    /// Opens a scenario by id or file, where it was left if `state` holds its journal.
    pub fn open(
        which: &str,
        acting: Option<&str>,
        state: Option<&Path>,
    ) -> Result<(Self, Option<Notice>), LabError> {
        Self::open_on(&Disk::default(), which, acting, state)
    }

    /// Opens a scenario as [`LearnerSession::open`] does, on that disk.
    pub fn open_on(
        disk: &Disk,
        which: &str,
        acting: Option<&str>,
        state: Option<&Path>,
    ) -> Result<(Self, Option<Notice>), LabError> {
        Self::begin(disk, scenario::open(which, Given::ByName)?, acting, state)
    }

    /// Opens a scenario whose name was typed on the screen: a file must be a regular one, since anything else may never
    /// answer.
    pub fn open_found(
        which: &str,
        acting: Option<&str>,
        state: Option<&Path>,
    ) -> Result<(Self, Option<Notice>), LabError> {
        Self::begin(&Disk::default(), scenario::open(which, Given::Found)?, acting, state)
    }

    fn begin(
        disk: &Disk,
        opened: scenario::Opened,
        acting: Option<&str>,
        state: Option<&Path>,
    ) -> Result<(Self, Option<Notice>), LabError> {
        let Resumed { lab, ledger, notice } = saves::resume_on(disk, opened, acting, state)?;
        Ok((Self { lab, revision: 0, ledger, follow: None, lesson: None, unheard: None }, notice))
    }

    /// Returns the lab; while a lesson is shown, the lesson's.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Returns the lab to change it.
    pub fn lab_mut(&mut self) -> &mut Lab {
        self.revision += 1;
        &mut self.lab
    }

    /// Returns a number that grows with everything that may change what is shown: what was made from the same revision
    /// is still true.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Opens another scenario in the place of this one, whose journal is let go first. A file is followed no longer. If it
    /// cannot be opened, this one goes on.
    pub fn open_next(
        &mut self,
        which: &str,
        acting: Option<&str>,
        state: Option<&Path>,
    ) -> Result<Option<Notice>, LabError> {
        self.let_go();
        let (next, notice) = Self::open_on(&self.ledger.disk().clone(), which, acting, state)?;
        *self = next;
        Ok(notice)
    }

    /// Lets the same scenario be opened again, by this process or another. With the next step the journal is taken back,
    /// if nobody has changed it.
    pub fn let_go(&mut self) {
        self.ledger.let_go();
    }

    /// Writes down what was done, and what could not be written before. A text that is being typed waits unless `all`.
    ///
    /// Nothing of a lesson is written.
    pub fn keep(&mut self, all: bool) -> Kept {
        if self.lesson.is_some() {
            self.lab.take_unsaved();
            return Kept::AsBefore;
        }
        self.ledger.keep(&mut self.lab, all)
    }

    /// Takes down the line at the console that is being typed, for the next opening if the program is killed.
    pub fn note_line(&mut self, line: &str) {
        self.ledger.note_line(line);
    }

    /// Tells whether what is done now is written down.
    pub fn is_kept(&self) -> bool {
        self.lesson.is_none() && self.ledger.unkept().is_none()
    }

    /// Returns what of the learner's own lab would be lost now, and why; `None` if all is kept. A lesson changes nothing
    /// about it.
    pub fn unkept(&self) -> Option<Unkept> {
        self.ledger.unkept()
    }

    /// Returns what was done, and where it is kept.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Tells whether another process has the lab open, so that only a copy of it can be kept. Returns who that is, if it
    /// is known.
    pub fn held(&self) -> Option<Option<Holder>> {
        match self.ledger.unkept()?.reason {
            Reason::Held(holder) => Some(holder),
            Reason::NoFolder | Reason::Unusable(_) | Reason::Failed(_) => None,
        }
    }

    /// Goes on in a copy of the lab that another process holds, with what was done here. Returns where the copy is kept.
    pub fn take_copy(&mut self, state: &Path) -> Result<PathBuf, JournalError> {
        self.ledger.take_copy(state)
    }

    /// Returns the text of the open document for the person's own editor, with where it lies meanwhile. Of a lab that is
    /// kept that is beside its journal, so that the text is taken back if the program is killed.
    ///
    /// What was done before is to be kept first.
    pub fn to_edit(&self, text: String) -> ToEdit {
        // Nothing of a lesson is kept.
        let own = self.lesson.is_none();
        let document = self.lab.draft().map(|draft| draft.document().clone()).filter(|_| own);
        self.ledger.to_edit(document, text)
    }

    /// Lets a document follow a file: `FILE`, for the one that is open, or `DOCUMENT=FILE`.
    pub fn follow(&mut self, watch: &str) -> Result<(), LabError> {
        self.follow = Some(Follow::new(&self.lab, watch)?);
        Ok(())
    }

    /// Returns the file that a document follows, if one does.
    pub fn followed(&self) -> Option<&Path> {
        Some(self.follow.as_ref()?.path())
    }

    /// Takes over what the followed file was seen to say, as [`LearnerSession::look`] does that looks itself.
    pub fn hear(&mut self, seen: Option<Result<String, WatchError>>) -> Option<(String, bool)> {
        if self.lesson.is_some() {
            // Told when the lesson is over.
            self.unheard = seen.or(self.unheard.take());
            return None;
        }
        let seen = seen.or_else(|| self.unheard.take());
        let news = self.follow.as_mut()?.hear(&mut self.lab, seen)?;
        self.revision += 1;
        Some(news)
    }

    /// Takes over what the followed file says. Returns what to say of it, and whether the draft has changed; `None` if
    /// there is no news. A lesson is not disturbed.
    pub fn look(&mut self) -> Option<(String, bool)> {
        if self.lesson.is_some() {
            return None;
        }
        let news = self.follow.as_mut()?.look(&mut self.lab)?;
        self.revision += 1;
        Some(news)
    }

    /// Starts the scenario again.
    pub fn reset(&mut self) {
        self.lab_mut().reset();
        self.lab_mut().open_first_document();
    }

    /// Returns how many cues the lesson has that is shown; none where none is.
    pub fn cues(&self) -> Option<usize> {
        Some(self.lesson.as_ref()?.cues.len())
    }

    /// Begins to show the scenario's solution, whose cues [`Lab::cues`] made, while the learner's own lab waits.
    pub fn begin_lesson(&mut self, cues: Vec<Cue>) {
        if self.lesson.is_some() {
            return;
        }
        // What was done up to here is written first: nothing of a lesson is. What cannot be written is tried again when
        // the lesson is over.
        let _kept = self.keep(true);
        self.lesson = Some(Lesson { cues, own: self.lab.clone() });
    }

    /// Puts the lab at a cue, from 0, exactly as it was there. Returns the cue, and the title of the one behind it.
    pub fn show_cue(&mut self, n: usize) -> Option<(Cue, Option<String>)> {
        let lesson = self.lesson.as_mut()?;
        let cue = lesson.cues.get(n)?.clone();
        let next = lesson.cues.get(n + 1).map(|next| next.title.clone());
        if !lesson.own.knows_the_solution() {
            // Whoever reads the evidence of the learner's lab is to know.
            lesson.own.note_help(Help::Solution);
        }
        *self.lab_mut() = cue.lab.clone();
        Some((cue, next))
    }

    /// Goes back to the learner's own lab.
    pub fn end_lesson(&mut self) {
        if let Some(lesson) = self.lesson.take() {
            *self.lab_mut() = lesson.own;
        }
    }
}
