//! The loop: event in, message, update, effects, draw. The backend, the events and the effects' executor come from
//! outside, so tests drive the very same loop.

use std::pin::Pin;
use std::task::Poll;

use futures::{Stream, StreamExt};
use ratatui::Terminal;
use ratatui::backend::Backend;

use super::app::App;
use super::bounded::{self, Bounded};
use super::message::{Effect, Event, Message};
use super::shell::Exit;
use super::{update, view};

/// The most events taken before the screen is drawn: a held key must not starve it.
const MAX_EVENTS_PER_FRAME: usize = 64;

/// Carries out what `update` asks of the world outside the app.
pub trait Host {
    /// Performs the effect; may answer with a message.
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>>;
}

/// The running screen: the app, its terminal and its host.
#[derive(Debug)]
pub struct Tui<B: Backend, H> {
    terminal: Terminal<Bounded<B>>,
    app: App,
    host: H,
}

impl<B, H> Tui<B, H>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
    H: Host,
{
    /// A screen on that backend.
    pub fn new(backend: B, app: App, host: H) -> anyhow::Result<Self> {
        Ok(Self { terminal: Terminal::new(Bounded(backend))?, app, host })
    }

    /// Returns what the screen stands on.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Runs until the app is done or the events end (the terminal is lost).
    pub async fn run(
        mut self,
        events: impl Stream<Item = Event>,
    ) -> anyhow::Result<(App, Terminal<Bounded<B>>)> {
        let mut events = std::pin::pin!(events);
        let size = self.terminal.size()?;
        self.handle(Message::Resize(bounded::part(size)));
        self.draw()?;
        while self.app.shell.exit.is_none() {
            let Some(event) = events.next().await else {
                self.app.shell.exit = Some(Exit::TerminalLost);
                break;
            };
            // A call from outside is seen by itself, as it arrives.
            let mut seen = matches!(event, Event::Visit(_));
            let mut changed = self.take(event);
            for _ in 0..MAX_EVENTS_PER_FRAME {
                if self.app.shell.exit.is_some() || seen {
                    break;
                }
                match ready(&mut events).await {
                    Some(event) => {
                        seen = matches!(event, Event::Visit(_));
                        changed |= self.take(event);
                    }
                    None => break,
                }
            }
            if changed && self.app.shell.exit.is_none() && self.draw().is_err() {
                // Nobody can see it any more: what was done is kept, and the program ends.
                self.handle(Message::Lost);
            }
        }
        Ok((self.app, self.terminal))
    }

    fn take(&mut self, event: Event) -> bool {
        match Message::from_event(event) {
            Some(message) => self.handle(message),
            None => false,
        }
    }

    /// Returns whether the screen must be drawn.
    pub(super) fn handle(&mut self, message: Message) -> bool {
        let mut queue = std::collections::VecDeque::from([message]);
        let mut changed = false;
        while let Some(message) = queue.pop_front() {
            let outcome = update::update(&mut self.app, message);
            changed |= outcome.changed;
            queue.extend(outcome.again);
            for effect in outcome.effects {
                changed |= effect.spoils_screen() || effect.gives_terminal_away();
                match self.perform(effect) {
                    Ok(answer) => queue.extend(answer),
                    // The terminal is gone: a hangup also continues the program. What was done is kept.
                    Err(_) => queue.push_back(Message::Lost),
                }
            }
        }
        changed
    }

    /// Has an effect carried out. What stood on the screen is forgotten where it cannot be trusted.
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        if effect.spoils_screen() {
            self.forget_screen()?;
        }
        let again = effect.gives_terminal_away();
        let answer = self.host.perform(effect)?;
        if again {
            self.forget_screen()?;
        }
        Ok(answer)
    }

    /// Clears the screen and forgets what stood there, so that the next frame is drawn whole. `Terminal::clear` would
    /// first ask the terminal where its cursor is, and wait for an answer that the stream of events may have taken.
    fn forget_screen(&mut self) -> anyhow::Result<()> {
        self.terminal.backend_mut().clear()?;
        // After a frame the current buffer is blank; swapping blanks the one that remembers the frame.
        self.terminal.swap_buffers();
        Ok(())
    }

    pub(super) fn draw(&mut self) -> anyhow::Result<()> {
        let app = &self.app;
        self.terminal.draw(|frame| view::view(app, frame))?;
        Ok(())
    }
}

/// The next event if there is one now. Polls with this task's own waker: crossterm's stream remembers the waker of the
/// first poll that found nothing, so a poll with an idle one would lose the wake-up for the next key.
async fn ready<S: Stream<Item = Event>>(events: &mut Pin<&mut S>) -> Option<Event> {
    std::future::poll_fn(|cx| match events.as_mut().poll_next(cx) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
