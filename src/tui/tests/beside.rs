//! Work beside the loop: what is shown and what keys do while it goes on.

use std::cell::RefCell;
use std::rc::Rc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use super::super::event_loop::{Host, Tui};
use super::super::message::{Effect, Message};
use super::super::shell::Front;
use super::super::work::{Job, Open, Work};
use super::{Screen, app};
use crate::narration::Refusal;
use crate::tui::app::App;
use crate::tui::overlays::{Overlay, Page, PageKind};

/// The outside, which does no work before it is told to.
#[derive(Clone, Default)]
struct Late(Rc<RefCell<Vec<Work>>>);

impl Host for Late {
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        if let Effect::Work(work) = effect {
            self.0.borrow_mut().push(work);
        }
        Ok(None)
    }
}

/// A screen in memory, and the work that it waits for.
struct Desk {
    tui: Tui<Screen, Late>,
    screen: Screen,
    late: Late,
}

impl Desk {
    fn new(app: App) -> Self {
        let screen = Screen(Rc::new(RefCell::new(TestBackend::new(120, 40))));
        let late = Late::default();
        let mut tui = Tui::new(screen.clone(), app, late.clone()).expect("a screen in memory starts");
        tui.handle(Message::Resize(Rect::new(0, 0, 120, 40)));
        Self { tui, screen, late }
    }

    fn key(&mut self, code: KeyCode) {
        self.tui.handle(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// Does the work that waits, and tells of it.
    fn work(&mut self) {
        let works: Vec<Work> = self.late.0.borrow_mut().drain(..).collect();
        for work in works {
            work.run();
            self.tui.handle(Message::Worked);
        }
    }

    fn shown(&mut self) -> String {
        self.tui.draw().expect("a screen in memory takes everything");
        self.screen.text()
    }

    /// Asks for a file by its path.
    fn open(&mut self, path: &str) {
        self.key(KeyCode::Char('o'));
        self.tui.handle(Message::Paste(path.to_owned()));
        self.key(KeyCode::Enter);
    }
}

const FILE: &str = "scenarios/a3-key-policy-door.json";

#[test]
fn what_is_typed_while_a_lab_is_opened_is_done_when_it_is_open() {
    let mut desk = Desk::new(app(None, false));
    desk.open(FILE);
    let waiting = desk.shown();
    assert!(waiting.contains(&format!("opening {FILE}")) && waiting.contains("stops"), "{waiting}");
    // The second identity, then its call.
    desk.key(KeyCode::Char('2'));
    desk.key(KeyCode::Char('s'));
    assert_eq!(desk.shown(), waiting, "nothing is done yet");
    desk.work();
    let open = desk.shown();
    assert!(open.contains("tess ▸ dynamodb:Scan") && open.contains("ran 09:"), "{open}");
    assert!(!open.contains("opening"), "{open}");
}

#[test]
fn esc_stops_the_work_and_its_end_changes_nothing() {
    let mut desk = Desk::new(app(None, false));
    desk.open(FILE);
    desk.key(KeyCode::Char('q'));
    desk.key(KeyCode::Esc);
    let stopped = desk.shown();
    assert!(stopped.contains("stopped: opening"), "{stopped}");
    desk.work();
    assert_eq!(desk.shown(), stopped);
    // The input for the path is still there, and works.
    desk.key(KeyCode::Enter);
    desk.work();
    assert!(desk.shown().contains("Identities"), "{}", desk.shown());
}

#[test]
fn what_is_typed_ahead_of_a_failure_goes_nowhere() {
    let mut desk = Desk::new(app(None, false));
    desk.open("./nowhere.json");
    desk.key(KeyCode::Char('x'));
    desk.work();
    let failed = desk.shown();
    assert!(failed.contains("No such file") && failed.contains("> ./nowhere.json"), "{failed}");
    assert!(!failed.contains("nowhere.jsonx"), "{failed}");
}

#[test]
fn the_list_is_there_before_it_is_known_how_far_each_scenario_is() {
    let state = tempfile::tempdir().expect("a folder");
    let kept = || {
        let mut app = app(None, false);
        app.shell.state = Some(state.path().to_owned());
        app
    };
    let mut played = Desk::new(kept());
    played.key(KeyCode::Enter);
    played.work();
    for key in ['2', 's'] {
        played.key(KeyCode::Char(key));
    }
    drop(played);
    let mut desk = Desk::new(kept());
    assert!(desk.shown().contains("Scenarios"), "{}", desk.shown());
    assert_eq!(desk.late.0.borrow().len(), 1, "one journal waits to be read");
    // A lab can be opened meanwhile; what is read then still counts.
    desk.key(KeyCode::Enter);
    desk.work();
    assert!(desk.shown().contains("continued where you left"), "{}", desk.shown());
}

#[test]
fn the_solution_is_played_beside_the_loop() {
    let mut desk = Desk::new(app(Some("a3"), false));
    desk.key(KeyCode::Char('P'));
    let waiting = desk.shown();
    assert!(waiting.contains("playing the solution"), "{waiting}");
    desk.work();
    let lesson = desk.shown();
    assert!(!lesson.contains("playing the solution") && lesson != waiting, "{lesson}");
}

#[test]
fn esc_closes_what_lies_over_the_work_before_it_stops_the_work() {
    let mut app = app(None, false);
    let refusal =
        Refusal { title: "Files of yours".to_owned(), message: "a mistake".to_owned(), why: Vec::new() };
    app.shell.overlays.push(Overlay::Page(Page::new(PageKind::Refused(refusal))));
    let open = Open { which: "a3".to_owned(), ..Open::default() };
    app.shell.front = Some(Front::new(Work::new("opening a3", Job::Open(open))));
    let mut desk = Desk::new(app);
    let told = desk.shown();
    assert!(told.contains("Files of yours") && told.contains("opening a3"), "{told}");
    assert!(!told.contains("stops"), "one key is not said to do two things: {told}");
    desk.key(KeyCode::Esc);
    let waiting = desk.shown();
    assert!(!waiting.contains("Files of yours"), "{waiting}");
    assert!(waiting.contains("opening a3") && waiting.contains("stops"), "{waiting}");
    desk.key(KeyCode::Esc);
    let stopped = desk.shown();
    assert!(stopped.contains("stopped: opening a3"), "{stopped}");
}

#[test]
fn a_lab_is_written_beside_the_screen() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.lab");
    let mut desk = Desk::new(app(Some("a3"), false));
    desk.key(KeyCode::Char('X'));
    desk.tui.handle(Message::Paste(file.display().to_string()));
    desk.key(KeyCode::Enter);
    let waiting = desk.shown();
    assert!(waiting.contains("writing ") && waiting.contains("stops"), "{waiting}");
    desk.key(KeyCode::Esc);
    desk.work();
    assert!(desk.shown().contains("stopped: writing "), "{}", desk.shown());
    assert!(!file.exists(), "nobody waits for it");
    // The input for the path is still there.
    desk.key(KeyCode::Enter);
    desk.work();
    let written = desk.shown();
    assert!(written.contains("written to") && !written.contains("Export this lab"), "{written}");
    assert!(file.exists());
}
