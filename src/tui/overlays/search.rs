//! The input for text to look for.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::frame::{Ground, Reply, cast};
use crate::tui::panes::{self, Title};
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::text_field::TextField;

/// What is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The page below the input.
    Page,
    /// The audit records, which are filtered as one types.
    Records,
    /// The pane of that name.
    Pane(&'static str),
}

/// Text to look for, as it is typed.
#[derive(Clone, Debug)]
pub struct SearchInput {
    /// What is looked through.
    pub scope: Scope,
    pub field: TextField,
}

impl SearchInput {
    /// Takes a key; replies with what it asks for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(&mut self, key: KeyEvent) -> Reply {
        if self.field.on_key(key) {
            return Reply::Typed;
        }
        match key.code {
            KeyCode::Enter => Reply::Find,
            KeyCode::Esc if self.scope == Scope::Records => Reply::ShowAll,
            _ => Reply::Pass,
        }
    }

    /// Takes pasted text; replies with what it asks for.
    pub fn paste(&mut self, text: &str) -> Reply {
        self.field.paste(text);
        Reply::Typed
    }

    /// Returns the rectangle that the overlay takes.
    pub fn rect(ground: &Ground<'_>) -> Rect {
        let area = ground.area;
        let width = 60.min(area.width.saturating_sub(4));
        let x = area.x + (area.width.saturating_sub(width)) / 2;
        Rect { x, y: area.bottom().saturating_sub(6), width, height: 3 }.intersection(area)
    }

    /// Draws it; returns where the cursor is.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) -> Position {
        let ctx = &ground.ctx;
        let (name, hint) = match self.scope {
            Scope::Page => ("Search the page".to_owned(), "Enter finds"),
            Scope::Records => ("Find records".to_owned(), "Enter keeps, Esc shows all"),
            Scope::Pane(name) => (format!("Search: {name}"), "Enter finds"),
        };
        let inner = panes::frame(rect, buf, ctx, Title::new(ctx, &name).right(ctx, hint));
        let width = usize::from(inner.width.saturating_sub(3));
        let shown = text::fit_left(&clean(self.field.text()), width, ctx.glyphs.ellipsis);
        let line =
            Line::from(vec![Span::styled("/ ", ctx.theme.accent), Span::styled(shown, ctx.theme.text)]);
        let at = Position { x: inner.x + cast(line.width()), y: inner.y };
        line.render(inner, buf);
        at
    }
}
