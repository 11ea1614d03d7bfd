//! What comes in ([`Event`]), what it means to the app ([`Message`]), and what the app asks for ([`Effect`]).

use std::path::PathBuf;

use crossterm::event::{
    Event as TerminalEvent, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::{Position, Rect, Size};

use super::bounded;
use super::work::Work;
use crate::lab::WatchError;
use crate::lab::external_editor::ToEdit;
use crate::lab::visit::Visit;

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Event {
    /// The terminal reports a key, a click, a paste, a new size.
    Terminal(TerminalEvent),
    /// A signal asks the program to end; its number.
    Terminate(i32),
    /// A signal asks the program to stop for a while.
    Suspend,
    /// The program was continued after it was stopped from outside.
    Continued,
    /// The terminal can no longer be read.
    Lost,
    /// The file that a document follows was looked at; what it says, or why it cannot be read, if that is news.
    Look(Option<Result<String, WatchError>>),
    /// Work beside the loop is over, or goes on and is drawn again.
    Worked,
    /// What was lit for that flash has been lit long enough.
    FlashEnds(u32),
    /// The terminal has told, late, whether its background is light.
    Background(bool),
    /// A client on the wire asks something of the lab.
    Visit(Visit),
}

/// Something the app reacts to.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key went down.
    Key(KeyEvent),
    Paste(String),
    /// The left button went down.
    Press(Position),
    /// The mouse moved with the button down.
    Drag(Position),
    /// The button went up.
    Release,
    /// The wheel turned; negative is up.
    Wheel(Position, isize),
    /// The screen has this size now, the part of the terminal that is drawn.
    Resize(Rect),
    Terminate(i32),
    /// Stop for a while.
    Suspend,
    /// Take the terminal again.
    Continued,
    /// The terminal is gone.
    Lost,
    /// The followed file says this, if that is news.
    Look(Option<Result<String, WatchError>>),
    /// Work beside the loop is over, or goes on.
    Worked,
    /// That flash is over, unless a newer one has begun.
    FlashEnds(u32),
    /// Whether the background is light is known now.
    Background(bool),
    /// A client on the wire asks something of the lab.
    Visit(Visit),
    /// The notes cannot be sent to a second terminal, and why.
    NoNotes(String),
    /// The external editor ended with this text, or could not be used.
    Edited(Result<String, String>),
}

/// How far one notch of the wheel scrolls.
const WHEEL_ROWS: isize = 3;

impl Message {
    /// The message an event stands for; none if it means nothing to anybody.
    pub fn from_event(event: Event) -> Option<Self> {
        match event {
            Event::Terminal(TerminalEvent::Key(key)) if key.kind != KeyEventKind::Release => {
                Some(Self::Key(key))
            }
            Event::Terminal(TerminalEvent::Paste(text)) => Some(Self::Paste(text)),
            Event::Terminal(TerminalEvent::Resize(w, h)) => {
                Some(Self::Resize(bounded::part(Size::new(w, h))))
            }
            Event::Terminal(TerminalEvent::Mouse(mouse)) => Self::from_mouse(mouse),
            Event::Terminal(_) => None,
            Event::Terminate(signal) => Some(Self::Terminate(signal)),
            Event::Suspend => Some(Self::Suspend),
            Event::Continued => Some(Self::Continued),
            Event::Lost => Some(Self::Lost),
            Event::Look(seen) => Some(Self::Look(seen)),
            Event::Worked => Some(Self::Worked),
            Event::FlashEnds(number) => Some(Self::FlashEnds(number)),
            Event::Background(light) => Some(Self::Background(light)),
            Event::Visit(visit) => Some(Self::Visit(visit)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of crossterm's mouse, only the left button and the wheel count"
    )]
    fn from_mouse(mouse: MouseEvent) -> Option<Self> {
        let at = Position { x: mouse.column, y: mouse.row };
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Self::Press(at)),
            MouseEventKind::Drag(MouseButton::Left) => Some(Self::Drag(at)),
            MouseEventKind::Up(MouseButton::Left) => Some(Self::Release),
            MouseEventKind::ScrollUp => Some(Self::Wheel(at, -WHEEL_ROWS)),
            MouseEventKind::ScrollDown => Some(Self::Wheel(at, WHEEL_ROWS)),
            _ => None,
        }
    }
}

/// Something only the world outside can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Do this beside the loop.
    Work(Work),
    /// Look at this file from now on, again and again.
    Follow(PathBuf),
    /// Stop the program until the shell continues it.
    Suspend,
    /// Enter the terminal's modes again.
    Reenter,
    Redraw,
    /// Put text on the clipboard (OSC 52).
    Copy(String),
    /// Take the mouse or leave it to the terminal.
    SetMouse(bool),
    /// Make a bar of the cursor, since letters are text now, or leave it as the person has set it.
    Bar(bool),
    /// Edit text in the person's own editor.
    Edit(ToEdit),
    /// Show the teacher this page of notes in the second terminal.
    Notes(String),
    /// Tell a client on the wire what came of what it asked, which is kept by now.
    Answer(Visit),
    /// Say so when that flash has been lit long enough: within 300 milliseconds.
    EndFlash(u32, std::time::Duration),
}

impl Effect {
    /// Whether what stands on the screen must not be trusted afterwards.
    pub fn spoils_screen(&self) -> bool {
        matches!(self, Self::Redraw | Self::Reenter)
    }

    /// Whether something else writes to the terminal meanwhile.
    pub fn gives_terminal_away(&self) -> bool {
        matches!(self, Self::Suspend | Self::Edit(_) | Self::Reenter)
    }
}
