//! The real loop, driven by keys on a screen in memory.

mod actions;
mod audit;
mod chaos;
mod console;
mod courses;
mod editing;
mod files;
mod flash;
mod matrix;
mod names;
mod present;
mod screens;
mod small;
mod timeline;
mod walks;
mod watch;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crossterm::event::{
    Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use futures::Stream;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::app::{self, App};
use super::event_loop::{Host, Tui};
use super::lab_screen::LabScreen;
use super::message::{Effect, Event, Message};
use super::{Options, app_of};

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
            Effect::Edit(text) => Some(Message::Edited(Ok(text.replace("2012-10-17", "2008-10-17")))),
            Effect::EndFlash(number) => Some(Message::FlashEnds(*number)),
            Effect::Suspend
            | Effect::Reenter
            | Effect::Redraw
            | Effect::Copy(_)
            | Effect::SetMouse(_)
            | Effect::Notes(_) => None,
        };
        self.0.borrow_mut().push(effect);
        Ok(answer)
    }
}

/// One step of a script.
#[derive(Clone, Debug)]
pub enum Step {
    Event(Event),
    /// The screen gets this size.
    Size(u16, u16),
    /// Keep what the screen shows.
    Shot,
}

/// Events from a script. Before each look at the screen it makes the loop idle once, so that it draws.
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
                Some(Step::Shot) => {
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
    let options = Options { scenario: scenario.map(str::to_owned), ascii, ..Options::default() };
    let mut app = app_of(&options, super::settings::Settings::default()).expect("the scenario opens");
    // The environment of the test run must not choose the theme.
    app.shell.theme = super::theme::Theme::new(super::theme::ThemeName::Ansi);
    app
}

/// The open lab, to prepare a test.
pub fn lab_mut(app: &mut App) -> &mut LabScreen {
    match &mut app.screen {
        app::Screen::Home => panic!("no lab is open"),
        app::Screen::Lab(lab) => lab,
    }
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

/// Steps from a line of keys: single characters, names in angle brackets (`<Enter>`, `<C-s>`, `<shot>`,
/// `<click 3,4>`, `<wheel-down 3,4>`, `<drag 3,4 5,6>`, `<paste TEXT>`, `<size 80x24>`, `<type TEXT>`).
pub fn keys(script: &str) -> Vec<Step> {
    let mut out = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(end) = rest.find('>')
        {
            named(&rest[1..end], &mut out);
            rest = &rest[end + 1..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c != ' ' {
            out.push(char_key(c));
        }
    }
    out
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Step {
    Step::Event(Event::Terminal(TerminalEvent::Key(KeyEvent::new(code, modifiers))))
}

fn char_key(c: char) -> Step {
    key(KeyCode::Char(c), KeyModifiers::NONE)
}

fn mouse(kind: MouseEventKind, at: &str) -> Step {
    let (x, y) = at.split_once(',').expect("a place is written x,y");
    let event = MouseEvent {
        kind,
        column: x.trim().parse().expect("a column"),
        row: y.trim().parse().expect("a row"),
        modifiers: KeyModifiers::NONE,
    };
    Step::Event(Event::Terminal(TerminalEvent::Mouse(event)))
}

fn named(name: &str, out: &mut Vec<Step>) {
    let (word, argument) = name.split_once(' ').unwrap_or((name, ""));
    let none = KeyModifiers::NONE;
    let left = MouseButton::Left;
    match word {
        "shot" => out.push(Step::Shot),
        "type" => out.extend(
            argument.chars().map(|c| if c == '\n' { key(KeyCode::Enter, none) } else { char_key(c) }),
        ),
        "paste" => out.push(Step::Event(Event::Terminal(TerminalEvent::Paste(argument.to_owned())))),
        "size" => {
            let (w, h) = argument.split_once('x').expect("a size is written WxH");
            out.push(Step::Size(w.parse().expect("a width"), h.parse().expect("a height")));
        }
        "click" => {
            out.push(mouse(MouseEventKind::Down(left), argument));
            out.push(mouse(MouseEventKind::Up(left), argument));
        }
        "drag" => {
            let (from, to) = argument.split_once(' ').expect("two places");
            out.push(mouse(MouseEventKind::Down(left), from));
            out.push(mouse(MouseEventKind::Drag(left), to));
            out.push(mouse(MouseEventKind::Up(left), to));
        }
        "wheel-down" => out.push(mouse(MouseEventKind::ScrollDown, argument)),
        "wheel-up" => out.push(mouse(MouseEventKind::ScrollUp, argument)),
        "Enter" => out.push(key(KeyCode::Enter, none)),
        "Esc" => out.push(key(KeyCode::Esc, none)),
        "Tab" => out.push(key(KeyCode::Tab, none)),
        "S-Tab" => out.push(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        "Up" => out.push(key(KeyCode::Up, none)),
        "Down" => out.push(key(KeyCode::Down, none)),
        "S-Up" => out.push(key(KeyCode::Up, KeyModifiers::SHIFT)),
        "S-Down" => out.push(key(KeyCode::Down, KeyModifiers::SHIFT)),
        "S-Left" => out.push(key(KeyCode::Left, KeyModifiers::SHIFT)),
        "S-Right" => out.push(key(KeyCode::Right, KeyModifiers::SHIFT)),
        "Left" => out.push(key(KeyCode::Left, none)),
        "Right" => out.push(key(KeyCode::Right, none)),
        "End" => out.push(key(KeyCode::End, none)),
        "Home" => out.push(key(KeyCode::Home, none)),
        "PageUp" => out.push(key(KeyCode::PageUp, none)),
        "PageDown" => out.push(key(KeyCode::PageDown, none)),
        "BS" => out.push(key(KeyCode::Backspace, none)),
        "Insert" => out.push(key(KeyCode::Insert, none)),
        "Delete" => out.push(key(KeyCode::Delete, none)),
        "Space" => out.push(char_key(' ')),
        "f2" => out.push(key(KeyCode::F(2), none)),
        "f3" => out.push(key(KeyCode::F(3), none)),
        "f8" => out.push(key(KeyCode::F(8), none)),
        other => match other.strip_prefix("C-") {
            Some(c) => {
                out.push(key(KeyCode::Char(c.chars().next().expect("a letter")), KeyModifiers::CONTROL));
            }
            None => match (other.strip_prefix("M-"), other.strip_prefix("S-")) {
                (Some(c), _) => {
                    out.push(key(KeyCode::Char(c.chars().next().expect("a letter")), KeyModifiers::ALT));
                }
                (_, Some("Down")) => out.push(key(KeyCode::Down, KeyModifiers::SHIFT)),
                (_, Some("Right")) => out.push(key(KeyCode::Right, KeyModifiers::SHIFT)),
                _ => match other.strip_prefix('f').and_then(|n| n.parse().ok()) {
                    Some(n) => out.push(key(KeyCode::F(n), none)),
                    None => panic!("no key is called <{other}>"),
                },
            },
        },
    }
}
