//! The screen without a terminal of its own: whoever holds it presses the keys and gives the backend. For measuring.

use crossterm::event::KeyEvent;
use ratatui::backend::Backend;
use ratatui::layout::Rect;

use super::event_loop::{Host, Tui};
use super::message::{Effect, Message};
use super::{Options, app_of};

/// A screen that is driven step by step.
#[derive(Debug)]
pub struct Driver<B: Backend>(Tui<B, Nowhere>);

/// There is no outside: work is done in its place, other effects are not carried out.
#[derive(Debug)]
struct Nowhere;

impl Host for Nowhere {
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        let Effect::Work(work) = effect else { return Ok(None) };
        work.run();
        Ok(Some(Message::Worked))
    }
}

impl<B> Driver<B>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
{
    /// A screen of that size on that backend.
    pub fn open(options: &Options, backend: B, size: (u16, u16)) -> anyhow::Result<Self> {
        let settings = super::settings::read(options.config.as_deref());
        let mut tui = Tui::new(backend, app_of(options, settings)?, Nowhere)?;
        tui.handle(Message::Resize(Rect::new(0, 0, size.0, size.1)));
        Ok(Self(tui))
    }

    /// Does what a key does. Answers whether the screen must be drawn.
    pub fn press(&mut self, key: KeyEvent) -> anyhow::Result<bool> {
        Ok(self.0.handle(Message::Key(key)))
    }

    /// Takes pasted text. Answers whether the screen must be drawn.
    pub fn paste(&mut self, text: &str) -> bool {
        self.0.handle(Message::Paste(text.to_owned()))
    }

    /// Returns what the screen says about the last thing that was done.
    pub fn said(&self) -> Option<&str> {
        self.0.app().shell.toast.as_ref().map(|(_, words)| words.as_str())
    }

    /// Draws the app into one frame.
    pub fn draw(&mut self) -> anyhow::Result<()> {
        self.0.draw()
    }
}
