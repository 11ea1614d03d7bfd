//! Questions answered by y or n.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

use super::frame::{Ground, Reply, cast, inside};
use crate::lab::DocumentId;
use crate::narration::Tick;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::centered;
use crate::tui::panes::{self, Title, head};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// A question answered by y or n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Leave with a draft that is not applied?
    Quit,
    /// Go back to the list with a draft that is not applied?
    Home,
    /// Start the scenario again?
    Reset,
    /// Begin the current task again?
    RestartTask,
    /// Throw the draft away?
    Discard,
    /// Throw the draft away to show the next document?
    NextDocument,
    /// Throw the draft away to show that document?
    OpenDocument(DocumentId),
    /// Open the next scenario before this one is done?
    Next,
}

impl Question {
    /// Takes a key; replies with what it asks for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Char('y' | 'Y') => Reply::Confirmed,
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => Reply::Close,
            _ => Reply::Pass,
        }
    }

    /// Takes a press: on the last row the left half means yes, the right half no.
    pub fn press(at: Position, rect: Rect) -> Reply {
        let inner = inside(rect);
        if at.y + 1 != inner.bottom() {
            Reply::Pass
        } else if at.x < inner.x + inner.width / 2 {
            Reply::Confirmed
        } else {
            Reply::Close
        }
    }

    /// The question in words; `kept` says whether a draft stays on the disk.
    pub fn ask(&self, kept: bool) -> &'static str {
        match self {
            Self::Quit if kept => "The draft is not applied. It is kept with this lab. Leave kmslab?",
            Self::Quit => "The draft is not applied. Leave kmslab and lose it?",
            Self::Home if kept => "The draft is not applied. It is kept with this lab. Go to the list?",
            Self::Home => "The draft is not applied. Go to the list and lose it?",
            Self::Reset => "Start this scenario again? Calls made and the draft are lost.",
            Self::RestartTask => {
                "Go back to where this task began? The draft and its answers are lost; calls stay in the timeline."
            }
            Self::Discard => "Throw the draft away and show the applied policy?",
            Self::NextDocument | Self::OpenDocument(_) => {
                "The draft is not applied. Show another document and lose it?"
            }
            Self::Next => "This scenario is not done. Open the next one all the same?",
        }
    }

    /// What a yes does.
    fn yes(&self) -> &'static str {
        match self {
            Self::Quit => "leave",
            Self::Home => "go to the list",
            Self::Reset => "start again",
            Self::RestartTask => "begin the task again",
            Self::Discard => "throw it away",
            Self::NextDocument | Self::OpenDocument(_) => "show the other",
            Self::Next => "open the next",
        }
    }

    /// The question, and what is missing where that is what it is about.
    fn words(&self, lab: Option<&LabScreen>) -> String {
        let asked = self.ask(lab.is_some_and(|lab| lab.session.is_kept())).to_owned();
        let checks = lab.filter(|_| *self == Self::Next).into_iter().flat_map(|lab| &lab.view.task.checks);
        match checks.into_iter().find(|check| check.applied != Tick::Done) {
            Some(check) => format!("{asked} Still missing: {}.", clean(&check.say)),
            None => asked,
        }
    }

    /// Returns the rectangle that the overlay takes.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let words = self.words(ground.lab);
        let width = cast(text::width(&words) + 8).clamp(44, 90.min(ground.area.width.max(44)));
        let rows = text::wrap(&words, usize::from(width.saturating_sub(4)), ground.ctx.theme.text).len();
        centered(ground.area, width, cast(rows + 5))
    }

    /// Draws the overlay into its rectangle.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) {
        let ctx = &ground.ctx;
        let inner = panes::frame(rect, buf, ctx, Title::new(ctx, "Sure?"));
        let words = text::wrap(&self.words(ground.lab), usize::from(inner.width), ctx.theme.text);
        for (i, line) in (0_u16..).zip(words) {
            line.render(Rect { y: inner.y + i, height: 1, ..inner }.intersection(inner), buf);
        }
        let spans = ctx.key_words("y", &format!(" {}", self.yes()), ctx.theme.text).to_vec();
        let right = ctx.key_words("Esc", " no, stay", ctx.theme.text).to_vec();
        let line = head::spread(spans, right, usize::from(inner.width), ctx);
        line.render(Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, buf);
    }
}
