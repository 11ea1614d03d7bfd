//! Work beside the loop: what may take longer than a frame runs on another thread, and its end comes back as a message.
//!
//! A [`Work`] is held by the state, which shows its name and how far it is, and by the worker, which does it. The state
//! alone takes what came of it; given up, the work drops what it has where it is.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::lab::disk::Disk;
use crate::lab::export::{self, Whole};
use crate::lab::hand_in::HandIn;
use crate::lab::saves::Far;
use crate::lab::share::Sharing;
use crate::lab::{Cue, Lab, LabError, LearnerSession, saves};
use crate::limits::file::Given;
use crate::limits::work::{self, Ticket};
use crate::narration::keeping;
use crate::report::{self, Kind, Record};

/// What is to be done.
pub enum Job {
    /// Opens a scenario, where it was left.
    Open(Open),
    /// Reads a lab from a file, and opens its scenario.
    Import { state: PathBuf, path: PathBuf },
    /// Writes a lab to a new file.
    Export { lab: Box<Whole>, path: PathBuf },
    /// Reads how far a scenario is.
    Progress { state: PathBuf, id: String },
    /// Plays the solution of the lab's scenario, moment by moment.
    Lesson(Box<Lab>),
}

/// How a scenario is to be opened.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// The id or the file of the scenario.
    pub which: String,
    /// Whether the scenario was named on the screen: a file must be a regular one then, since anything else may never answer.
    pub inside: bool,
    /// The identity to act as first.
    pub acting: Option<String>,
    /// The directory in which labs are kept.
    pub state: Option<PathBuf>,
    /// What a document of it is to follow.
    pub watch: Option<String>,
    /// Whether to begin with the lesson.
    pub present: bool,
    /// How the scenario was asked for.
    pub asked: Asked,
}

/// How a scenario was asked for, which says where it is told that it cannot be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// On the command line.
    #[default]
    AtStart,
    /// By its row in the list, or as the next one.
    ByRow,
    /// By the path of its file.
    ByPath,
}

/// A lab that was opened.
#[derive(Debug)]
pub struct Opened {
    pub session: LearnerSession,
    /// Something the person should know.
    pub notice: Option<saves::Notice>,
    pub asked: Asked,
    /// Whether the lesson has begun.
    pub presented: bool,
}

/// What came of a job.
pub enum Done {
    /// A scenario is open, or why it is not.
    Opened(Result<Box<Opened>, (Asked, String)>),
    /// A lab was read and is open, with what to say of it, or why not.
    Imported(Result<(Box<Opened>, String), String>),
    /// The lab was written, with what to say of it, or why not.
    Exported(Result<String, String>),
    /// How far that scenario is, if that is known.
    Progress(String, Option<Far>),
    /// The cues of the lesson.
    Lesson(Vec<Cue>),
}

/// A job from its beginning to its end.
enum Stage {
    Waiting(Job),
    Running,
    Over(Done),
    /// What came of the work was taken, or nobody wants it any more.
    Gone,
}

/// Work that was begun, as both sides hold it.
#[derive(Clone)]
pub struct Work {
    name: Arc<str>,
    /// Whether the work stands in nobody's way and nothing in its own.
    alone: bool,
    ticket: Arc<Ticket>,
    stage: Arc<(Mutex<Stage>, Condvar)>,
}

impl Work {
    /// Returns work that nobody does yet.
    pub fn new(name: &str, job: Job) -> Self {
        let alone = match &job {
            // A disk that does not answer must not hold up what is done after it was given up.
            Job::Export { .. } => true,
            // An open journal is let go before the next work begins.
            Job::Open(_) | Job::Import { .. } | Job::Progress { .. } | Job::Lesson(_) => false,
        };
        Self {
            name: name.into(),
            alone,
            ticket: Arc::default(),
            stage: Arc::new((Mutex::new(Stage::Waiting(job)), Condvar::new())),
        }
    }

    /// Returns what is done, as words to go on with: "opening a3".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether the work may be done while other work is done, too.
    pub fn is_alone(&self) -> bool {
        self.alone
    }

    /// Returns how many parts are done, and of how many, where that is known.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.ticket.progress()
    }

    /// Does the work on this thread.
    pub fn run(&self) {
        let waiting = self.replace(Stage::Running);
        let Stage::Waiting(job) = waiting else {
            self.replace(waiting);
            return;
        };
        let done = work::with(Arc::clone(&self.ticket), || job.run());
        let mut stage = self.lock();
        // What nobody wants is dropped here, an open journal with it, before the next work begins.
        *stage = if self.ticket.is_given_up() { Stage::Gone } else { Stage::Over(done) };
        self.stage.1.notify_all();
    }

    /// Waits until the work is over, but no longer than that.
    pub fn wait(&self, most: Duration) {
        let on = |stage: &mut Stage| matches!(stage, Stage::Waiting(_) | Stage::Running);
        let _over = self.stage.1.wait_timeout_while(self.lock(), most, on);
    }

    /// Tells whether there is nothing more to wait for.
    pub fn is_over(&self) -> bool {
        matches!(*self.lock(), Stage::Over(_) | Stage::Gone)
    }

    /// Takes what came of the work, once it is over.
    pub fn take(&self) -> Option<Done> {
        let mut stage = self.lock();
        if !matches!(*stage, Stage::Over(_)) {
            return None;
        }
        match std::mem::replace(&mut *stage, Stage::Gone) {
            Stage::Over(done) => Some(done),
            Stage::Waiting(_) | Stage::Running | Stage::Gone => None,
        }
    }

    /// Gives the work up: whatever comes of it, nobody sees.
    pub fn give_up(&self) {
        let mut stage = self.lock();
        self.ticket.give_up();
        match *stage {
            Stage::Waiting(_) | Stage::Over(_) => *stage = Stage::Gone,
            Stage::Running | Stage::Gone => {}
        }
    }

    fn replace(&self, next: Stage) -> Stage {
        std::mem::replace(&mut *self.lock(), next)
    }

    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.stage.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Work {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.stage, &other.stage)
    }
}

impl Eq for Work {}

impl Job {
    fn run(self) -> Done {
        match self {
            Self::Open(open) => {
                let asked = open.asked;
                Done::Opened(open.run().map(Box::new).map_err(|why| (asked, why)))
            }
            Self::Import { state, path } => Done::Imported(import(state, &path)),
            Self::Export { lab, path } => Done::Exported(write(&lab, &path)),
            Self::Progress { state, id } => {
                let far = saves::far(&state, &id);
                Done::Progress(id, far)
            }
            Self::Lesson(lab) => Done::Lesson(lab.cues()),
        }
    }
}

impl Open {
    /// Opens the scenario on this thread.
    pub fn run(self) -> Result<Opened, String> {
        let words = |e: LabError| e.to_string();
        let open = if self.inside { LearnerSession::open_found } else { LearnerSession::open };
        let opened = open(&self.which, self.acting.as_deref(), self.state.as_deref());
        let (mut session, notice) = opened.map_err(words)?;
        if let Some(watch) = &self.watch {
            session.follow(watch).map_err(words)?;
        }
        if self.present {
            let cues = session.lab().cues();
            session.begin_lesson(cues);
        }
        Ok(Opened { session, notice, asked: self.asked, presented: self.present })
    }
}

fn import(state: PathBuf, path: &Path) -> Result<(Box<Opened>, String), String> {
    let imported = export::import(&state, path, Given::Found, None).map_err(|e| e.to_string())?;
    let kept = imported.kept.map(|kept| format!("; what was there before is in {}", kept.display()));
    let words = format!("read: {} entries{}", imported.entries, kept.unwrap_or_default());
    let open = Open { which: imported.id, state: Some(state), asked: Asked::ByPath, ..Open::default() };
    Ok((Box::new(open.run()?), words))
}

/// Writes a lab to a new file, as a report if the file's name is that of a page. A file that nobody waits for any more is taken
/// away again.
fn write(lab: &Whole, path: &Path) -> Result<String, String> {
    let words = if let Some(kind) = report_kind(path) {
        write_report(lab, path, kind)?
    } else {
        let written = lab.write(path, Sharing::default()).map_err(|e| e.to_string())?;
        keeping::exported(&written)
    };
    if !work::go_on(1, 1) {
        // That it stays is no harm: it is whole, and was asked for.
        let _gone = std::fs::remove_file(path);
    }
    Ok(format!("written to {}: {words}", path.display()))
}

/// The kind of report that a file's name asks for; none for the lab itself.
fn report_kind(path: &Path) -> Option<Kind> {
    let ending = path.extension()?.to_str()?.to_lowercase();
    ["html", "htm", "md", "markdown"].contains(&ending.as_str()).then(|| Kind::of_file(path))
}

/// Writes a report of a lab to a new file.
fn write_report(lab: &Whole, path: &Path, kind: Kind) -> Result<String, String> {
    // As on the command line: what is not for others is left out.
    let sharing = Sharing { without_secrets: true, with_paths: false };
    let lab = HandIn::open(lab, path, sharing).map_err(|e| e.to_string())?;
    let record = Record { kind, name: None, labs: vec![lab] };
    let written = report::write(&record, None).map_err(|e| e.to_string())?;
    Disk::default().create_new(path, &[written.text.as_bytes()]).map_err(|e| e.to_string())?;
    Ok("a report; `kmslab report --name NAME` writes one with your name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(which: &str) -> Work {
        Work::new("opening", Job::Open(Open { which: which.to_owned(), ..Open::default() }))
    }

    #[test]
    fn what_comes_of_work_is_taken_once() {
        let work = open("a3");
        assert!(work.take().is_none() && !work.is_over());
        work.run();
        assert!(work.is_over());
        assert!(matches!(work.take(), Some(Done::Opened(Ok(_)))));
        assert!(work.take().is_none());
        work.run();
        assert!(work.take().is_none(), "it is done once");
    }

    #[test]
    fn what_was_given_up_is_not_done_or_not_seen() {
        for run_first in [false, true] {
            let work = open("a3");
            if run_first {
                work.run();
            }
            work.give_up();
            work.run();
            assert!(work.is_over() && work.take().is_none(), "{run_first}");
        }
    }

    #[test]
    fn a_lesson_that_nobody_waits_for_ends_early() {
        let lab = Lab::open(crate::scenario::find("a3").expect("embedded"), None).expect("it opens");
        let all = lab.cues().len();
        let ticket = Arc::new(Ticket::default());
        ticket.give_up();
        let given_up = work::with(ticket, || lab.cues().len());
        assert!(given_up < all, "{given_up} of {all}");
    }

    #[test]
    fn a_file_that_nobody_waits_for_any_more_is_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        for given_up in [false, true] {
            let (session, _) = LearnerSession::open("a3", None, Some(folder.path())).expect("it opens");
            let lab = Box::new(Whole::of(session.ledger()).expect("it can be written"));
            let path = folder.path().join(format!("{given_up}.lab"));
            let ticket = Arc::new(Ticket::default());
            if given_up {
                ticket.give_up();
            }
            let done = work::with(ticket, || Job::Export { lab, path: path.clone() }.run());
            assert!(matches!(done, Done::Exported(Ok(_))));
            assert_eq!(path.exists(), !given_up);
        }
    }
}
