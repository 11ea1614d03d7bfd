//! The real loop, driven by keys on a screen in memory.

mod actions;
mod audit;
mod beliefs;
mod beside;
mod chaos;
mod console;
mod courses;
mod editing;
mod ending;
mod files;
mod flash;
mod guesses;
mod in_sight;
mod matrix;
mod names;
mod next;
mod on_stage;
mod played;
mod present;
mod screens;
mod script;
mod small;
mod stage;
mod timeline;
mod visits;
mod walks;
mod watch;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crossterm::event::Event as TerminalEvent;
use futures::Stream;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::app::{self, App};
use super::event_loop::{Host, Tui};
use super::lab_screen::LabScreen;
use super::message::{Effect, Event, Message};
use super::{Options, app_of};

pub use script::{Step, keys};

/// A screen in memory that the script can look at and resize while the loop runs.
#[derive(Clone)]
struct Screen(Rc<RefCell<TestBackend>>);

impl Backend for Screen {
    type Error = core::convert::Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.0.borrow_mut().draw(content)
    }
    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().hide_cursor()
    }
    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().show_cursor()
    }
    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        self.0.borrow_mut().get_cursor_position()
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        self.0.borrow_mut().set_cursor_position(position)
    }
    fn clear(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().clear()
    }
    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Self::Error> {
        self.0.borrow_mut().clear_region(clear_type)
    }
    fn size(&self) -> Result<Size, Self::Error> {
        self.0.borrow().size()
    }
    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        self.0.borrow_mut().window_size()
    }
    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().flush()
    }
}

impl Screen {
    fn text(&self) -> String {
        let backend = self.0.borrow();
        let buffer = backend.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = super::text::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out
    }
}

/// Remembers the effects it was asked for.
#[derive(Clone, Default)]
struct Recorder(Rc<RefCell<Vec<Effect>>>);

impl Host for Recorder {
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        let answer = match &effect {
            Effect::Edit(wanted) => {
                Some(Message::Edited(Ok(wanted.text().replace("2012-10-17", "2008-10-17"))))
            }
            Effect::EndFlash(number, _) => Some(Message::FlashEnds(*number)),
            Effect::Work(work) => {
                work.run();
                Some(Message::Worked)
            }
            Effect::Answer(visit) => {
                visit.send();
                None
            }
            Effect::Follow(_)
            | Effect::Suspend
            | Effect::Reenter
            | Effect::Redraw
            | Effect::Copy(_)
            | Effect::SetMouse(_)
            | Effect::Bar(_)
            | Effect::Notes(_) => None,
        };
        self.0.borrow_mut().push(effect);
        Ok(answer)
    }
}

/// Events from a script. Before each look at the screen the loop is made to idle once, so that it draws.
struct Script {
    steps: VecDeque<Step>,
    rested: bool,
    screen: Screen,
    shots: Rc<RefCell<Vec<String>>>,
}

impl Stream for Script {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            match self.steps.front() {
                Some(Step::Event(_)) => {
                    let Some(Step::Event(event)) = self.steps.pop_front() else { return Poll::Ready(None) };
                    return Poll::Ready(Some(event));
                }
                Some(Step::Size(..)) => {
                    let Some(Step::Size(w, h)) = self.steps.pop_front() else { return Poll::Ready(None) };
                    self.screen.0.borrow_mut().resize(w, h);
                    return Poll::Ready(Some(Event::Terminal(TerminalEvent::Resize(w, h))));
                }
                Some(Step::Shot) if self.rested => {
                    self.rested = false;
                    self.steps.pop_front();
                    let text = self.screen.text();
                    self.shots.borrow_mut().push(text);
                }
                Some(Step::Choose(_)) if self.rested => {
                    self.rested = false;
                    let Some(Step::Choose(row)) = self.steps.pop_front() else { return Poll::Ready(None) };
                    return Poll::Ready(Some(script::choosing(&self.screen.text(), &row)));
                }
                Some(Step::Guess) if self.rested => {
                    self.rested = false;
                    self.steps.pop_front();
                    if let Some(event) = script::guessing(&self.screen.text()) {
                        return Poll::Ready(Some(event));
                    }
                }
                Some(Step::Answer(_)) if self.rested => {
                    self.rested = false;
                    let Some(Step::Answer(key)) = self.steps.pop_front() else { return Poll::Ready(None) };
                    if script::answers(&self.screen.text()) {
                        return Poll::Ready(Some(Event::Terminal(TerminalEvent::Key(key))));
                    }
                }
                Some(Step::Shot | Step::Choose(_) | Step::Guess | Step::Answer(_)) => {
                    self.rested = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => return Poll::Ready(None),
            }
        }
    }
}

/// What a script led to.
pub struct Played {
    /// The app at the end.
    pub app: App,
    /// What the screen showed at each look.
    pub shots: Vec<String>,
    /// What the outside was asked for.
    pub effects: Vec<Effect>,
}

impl Played {
    /// Returns what the screen showed last.
    pub fn last(&self) -> &str {
        self.shots.last().map_or("", String::as_str)
    }
}

/// An app with a scenario open, or the list.
pub fn app(scenario: Option<&str>, ascii: bool) -> App {
    let mut app = as_it_is(scenario, ascii);
    give_help(&mut app);
    app
}

/// Lets help wait no longer: most tests are about something else than when it is given.
pub fn give_help(app: &mut App) {
    if let app::Screen::Lab(lab) = &mut app.screen {
        lab.session.lab_mut().give_help();
        lab.view.help_waits = None;
    }
}

/// Returns the program at a scenario, where help waits as the scenario says.
pub fn as_it_is(scenario: Option<&str>, ascii: bool) -> App {
    let options = Options { ascii, ..Options::default() };
    let mut app = app_of(&options, super::settings::Settings::default()).expect("the list opens");
    if let Some(scenario) = scenario {
        // Kept, as it is for everybody who has a home; each in a folder of its own.
        app.shell.state = Some(folder());
        super::update::open_scenario(&mut app, scenario, None).expect("the scenario opens");
        app.shell.toast = None;
    }
    // The environment of the test run must not choose the theme.
    app.shell.theme = super::theme::Theme::new(super::theme::ThemeName::Ansi);
    app
}

/// Returns a new folder for labs that goes when the thread of the test ends. In memory where there is such a place: no
/// test needs to wait for a disk.
fn folder() -> std::path::PathBuf {
    thread_local! {
        static FOLDERS: RefCell<Vec<tempfile::TempDir>> = const { RefCell::new(Vec::new()) };
    }
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let made = made.expect("a folder");
    let path = made.path().to_owned();
    FOLDERS.with_borrow_mut(|folders| folders.push(made));
    path
}

/// The open lab, to prepare a test.
pub fn lab_mut(app: &mut App) -> &mut LabScreen {
    match &mut app.screen {
        app::Screen::Home => panic!("no lab is open"),
        app::Screen::Lab(lab) => lab,
    }
}

/// Returns what is drawn at the end, cell by cell with its style.
pub fn cells(played: &Played, size: (u16, u16)) -> Vec<(String, ratatui::style::Style)> {
    let area = ratatui::layout::Rect::new(0, 0, size.0, size.1);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    super::view::draw(&played.app, area, &mut buffer);
    buffer.content().iter().map(|cell| (cell.symbol().to_owned(), cell.style())).collect()
}

/// Runs the loop on a screen of that size until the script ends.
pub fn play(app: App, size: (u16, u16), steps: Vec<Step>) -> Played {
    let screen = Screen(Rc::new(RefCell::new(TestBackend::new(size.0, size.1))));
    let shots = Rc::new(RefCell::new(Vec::new()));
    let host = Recorder::default();
    let script = Script { steps: steps.into(), rested: false, screen: screen.clone(), shots: shots.clone() };
    let tui = Tui::new(screen, app, host.clone()).expect("a screen in memory starts");
    let (app, _) = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime starts")
        .block_on(tui.run(script))
        .expect("the loop ends well");
    let shots = shots.borrow().clone();
    let effects = host.0.borrow().clone();
    Played { app, shots, effects }
}
