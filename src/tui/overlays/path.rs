//! The input for the path of a file.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::frame::{Ground, Reply, cast};
use crate::limits::lab::WORDS;
use crate::tui::layout::centered;
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::text_field::{MAX_PATH_BYTES, TextField};

/// What a path is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To open a scenario.
    Open,
    /// To write the open lab to a new file.
    Export,
    /// To read a lab that was written so.
    Import,
    /// Not a path: what the learner says before the lesson.
    Words,
}

/// The path of a file, as it is typed.
#[derive(Clone, Debug)]
pub struct PathInput {
    pub purpose: Purpose,
    pub field: TextField,
    /// Why the last path could not be used.
    pub error: Option<String>,
}

impl PathInput {
    /// What Enter does, in a word or two.
    pub fn enter_word(&self) -> &'static str {
        match self.purpose {
            Purpose::Open => "open",
            Purpose::Export => "write",
            Purpose::Import => "read",
            Purpose::Words => "go on",
        }
    }

    /// Returns an empty input for a path.
    pub fn new(purpose: Purpose) -> Self {
        let most = match purpose {
            Purpose::Open | Purpose::Export | Purpose::Import => MAX_PATH_BYTES,
            Purpose::Words => WORDS.size(),
        };
        Self { purpose, field: TextField::new(most), error: None }
    }

    /// Takes a key; replies with what it asks for.
    pub fn on_key(&mut self, key: KeyEvent) -> Reply {
        if self.field.on_key(key) {
            self.error = None;
            Reply::Changed
        } else if key.code == KeyCode::Enter {
            Reply::UsePath
        } else {
            Reply::Pass
        }
    }

    /// Takes pasted text; replies with what it asks for.
    pub fn paste(&mut self, text: &str) -> Reply {
        self.field.paste(text.trim());
        self.error = None;
        Reply::Changed
    }

    /// Returns the rectangle that the overlay takes.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let area = ground.area;
        if self.purpose == Purpose::Words {
            // The lesson lies below.
            return ground.lab.and_then(|lab| lab.panes_rect(area)).unwrap_or(area);
        }
        let width = 100.min(area.width.saturating_sub(4)).max(1);
        let inner = usize::from(width.saturating_sub(4));
        let style = ground.ctx.theme.text;
        let rows = self.error.as_ref().map_or(1, |e| text::wrap(&clean(e), inner, style).len());
        centered(area, width, cast(rows + 4).min(area.height.saturating_sub(2)).max(6))
    }

    /// Draws it; returns where the cursor is.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) -> Position {
        let ctx = &ground.ctx;
        let (name, enter, about) = match self.purpose {
            Purpose::Open => (
                "Open a scenario file",
                "Enter opens",
                "The path of a JSON file, such as ./mine.json or ~/labs/mine.json.",
            ),
            Purpose::Export => (
                "Export this lab",
                "Enter writes",
                "The path of a new file. One that ends in .html or .md is a report to hand in; any other is the lab itself, \
                 which holds the secrets of the simulated world.",
            ),
            Purpose::Import => ("Import a lab", "Enter reads", "The path of a file that export wrote."),
            Purpose::Words => (
                "In your own words: what decided here, and why?",
                "Enter goes on",
                "It stands in your report, beside what the lesson says. Without a word Enter goes on as well.",
            ),
        };
        let inner = panes::frame(rect, buf, ctx, Title::new(ctx, name).right(ctx, enter));
        let width = usize::from(inner.width);
        if self.purpose == Purpose::Words {
            return self.draw_words(inner, buf, ground, about);
        }
        let shown = text::fit_left(&clean(self.field.text()), width.saturating_sub(3), ctx.glyphs.ellipsis);
        let line =
            Line::from(vec![Span::styled("> ", ctx.theme.accent), Span::styled(shown, ctx.theme.text)]);
        let at = Position { x: inner.x + cast(line.width()), y: inner.y };
        let below = match &self.error {
            Some(error) => text::wrap(&clean(error), width, ctx.theme.denied),
            None => text::wrap(about, width, ctx.theme.dim),
        };
        let mut lines = vec![line, Line::default()];
        lines.extend(below);
        panes::draw_lines(&lines, inner, 0, buf, ctx);
        at
    }

    /// Draws several lines of words; returns where the cursor is.
    fn draw_words(&self, inner: Rect, buf: &mut Buffer, ground: &Ground<'_>, about: &str) -> Position {
        let (ctx, width) = (&ground.ctx, usize::from(inner.width));
        let mut lines =
            text::wrap(&format!("> {}", clean(self.field.text())), width.saturating_sub(1), ctx.theme.text);
        let last = lines.last().map_or(0, Line::width);
        // A blank at the end is where the next word begins.
        let blank = usize::from(self.field.text().ends_with(' ') && last > 2);
        let rows = lines.len();
        lines.push(Line::default());
        lines.extend(text::wrap(about, width, ctx.theme.dim));
        // What the words are about lies under the window.
        if let Some(lab) = ground.lab {
            if let Some(guess) = lab.view.task.judged_last() {
                lines.push(Line::default());
                // The reason is what the learner is asked for.
                lines.extend(panes::story::verdict(guess, ctx, width));
            }
            let answer = &lab.view.answer;
            let call = format!("{} {} {}", clean(&answer.who), ctx.glyphs.marker, clean(&answer.call));
            lines.extend([Line::default(), Line::from(Span::styled(call, ctx.theme.title))]);
            // No key works here: AWS's words stand whole.
            lines.extend(panes::answer::lines(answer, &Ctx { expanded: true, ..*ctx }, width));
        }
        let scroll = rows.saturating_sub(usize::from(inner.height));
        panes::draw_lines(&lines, inner, scroll, buf, ctx);
        let row = rows.saturating_sub(1).saturating_sub(scroll);
        Position {
            x: inner.x + cast(last + blank).min(inner.width.saturating_sub(1)),
            y: inner.y + cast(row),
        }
    }
}
