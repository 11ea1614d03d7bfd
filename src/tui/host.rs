//! The outside of the loop on a real terminal: where events come from and who carries out effects.

use std::path::PathBuf;

use anyhow::Context;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::EventStream;
use crossterm::execute;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{Stream, StreamExt, stream};

use super::background::ReplyFilter;
use super::event_loop::Host;
use super::message::{Effect, Event, Message};
#[cfg(unix)]
use super::notes::Notes;
use super::terminal;
use crate::lab::external_editor;

/// The most text put on the clipboard, in bytes: terminals drop longer OSC 52 sequences silently.
const MAX_COPY_BYTES: usize = 74_000;

/// How often a watched file is looked at.
const WATCH_INTERVAL: std::time::Duration = std::time::Duration::from_millis(500);

/// How long a flip is lit.
const FLASH_DURATION: std::time::Duration = std::time::Duration::from_millis(280);

/// Carries out effects on the terminal of this process.
#[derive(Debug)]
pub struct TerminalHost {
    mouse: bool,
    state: Option<PathBuf>,
    /// Where the program sends events to itself.
    own: UnboundedSender<Event>,
    /// The socket of the notes, once something was presented.
    #[cfg(unix)]
    notes: Option<Notes>,
}

impl TerminalHost {
    /// A host that knows whether the mouse is taken, and where labs are kept; and the events that the program sends to
    /// itself: the end of an effect, the end of the terminal.
    pub fn new(mouse: bool, state: Option<PathBuf>) -> (Self, UnboundedReceiver<Event>) {
        let (own, events) = unbounded();
        #[cfg(unix)]
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            watch_terminal(own.clone());
        }
        let host = Self {
            mouse,
            state,
            own,
            #[cfg(unix)]
            notes: None,
        };
        (host, events)
    }

    /// Sends a page to whoever reads along. Notes are a help; that they cannot be sent stops no lesson.
    #[cfg(unix)]
    fn show_notes(&mut self, page: &str) {
        if self.notes.is_none()
            && let Some(state) = &self.state
        {
            self.notes = Notes::listen(state).ok();
        }
        if let Some(notes) = &self.notes {
            notes.show(page);
        }
    }

    #[cfg(not(unix))]
    fn show_notes(&mut self, _: &str) {}

    fn edit(&self, text: &str) -> Result<String, String> {
        terminal::restore();
        let edited = external_editor::edit(text);
        terminal::resume(self.mouse).map_err(|e| format!("the terminal cannot be taken over again: {e}"))?;
        edited.map_err(|e| e.to_string())
    }
}

impl Host for TerminalHost {
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        match effect {
            Effect::Suspend => terminal::suspend(self.mouse).context("the program cannot be stopped")?,
            Effect::Reenter => terminal::resume(self.mouse)?,
            Effect::Redraw => {}
            Effect::Copy(mut text) => {
                let mut end = text.len().min(MAX_COPY_BYTES);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
                execute!(std::io::stdout(), CopyToClipboard::to_clipboard_from(text))?;
            }
            Effect::SetMouse(on) => {
                self.mouse = on;
                terminal::set_mouse(on)?;
            }
            Effect::Notes(page) => self.show_notes(&page),
            Effect::EndFlash(number) => {
                let own = self.own.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(FLASH_DURATION).await;
                    // Nobody listens once the loop has ended.
                    let _ = own.unbounded_send(Event::FlashEnds(number));
                });
            }
            Effect::Edit(text) => return Ok(Some(Message::Edited(self.edit(&text)))),
        }
        Ok(None)
    }
}

/// How long the program may take to end by itself once its terminal has closed.
const HANGUP_GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// Says so when the other end of the terminal is closed. A terminal that does not control this process closes without a
/// signal.
///
/// The thread waits for nothing but that end, so it never wakes up before. A terminal that cannot be waited for is not
/// watched. Should the program hang then, in the loop in which crossterm reads the end of a terminal again and again, it
/// is ended: every call made is on the disk by then.
#[cfg(unix)]
fn watch_terminal(own: UnboundedSender<Event>) {
    std::thread::spawn(move || {
        if let Some(true) = closed(None) {
            let _ = own.unbounded_send(Event::Lost);
            std::thread::sleep(HANGUP_GRACE);
            std::process::exit(0);
        }
    });
}

/// Whether the other end of the terminal is closed, waiting that long for it, or for ever. `None` if that cannot be
/// said.
#[cfg(unix)]
fn closed(wait: Option<std::time::Duration>) -> Option<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    let stdin = rustix::stdio::stdin();
    let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
        let found = poll(&mut fds, wait.as_ref());
        let [end] = &fds;
        let gone = end.revents().intersects(PollFlags::HUP | PollFlags::ERR);
        match found {
            Ok(0) if wait.is_some() => return Some(false),
            Ok(_) if gone => return Some(true),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) | Err(_) => return None,
        }
    }
}

#[cfg(not(unix))]
fn closed(_: Option<std::time::Duration>) -> Option<bool> {
    None
}

/// The terminal's events until it closes. crossterm must not be asked for more then: it would not return.
fn until_closed(events: EventStream) -> impl Stream<Item = std::io::Result<crossterm::event::Event>> {
    let mut events = events;
    stream::poll_fn(move |cx| match closed(Some(std::time::Duration::ZERO)) {
        Some(true) => std::task::Poll::Ready(None),
        _ => events.poll_next_unpin(cx),
    })
}

/// Everything that happens to this process: the terminal's events, signals, and its `own` events.
///
/// An answer of the terminal that is `late` is no event. While a file is watched, the program wakes up twice a second.
pub fn events(
    mut late: ReplyFilter,
    watching: bool,
    own: UnboundedReceiver<Event>,
) -> anyhow::Result<impl Stream<Item = Event>> {
    let terminal = until_closed(EventStream::new()).flat_map(move |event| {
        let events = match event {
            Ok(event) => late.pass(event).into_iter().map(Event::Terminal).collect(),
            Err(_) => vec![Event::Lost],
        };
        stream::iter(events)
    });
    // When the terminal ends, so must the loop, though the signals' stream never does.
    let terminal = terminal.chain(stream::once(std::future::ready(Event::Lost)));
    let looks = if watching {
        let every = tokio::time::interval(WATCH_INTERVAL);
        stream::unfold(every, |mut every| async move {
            every.tick().await;
            Some((Event::Look, every))
        })
        .boxed_local()
    } else {
        stream::pending().boxed_local()
    };
    Ok(stream::select(stream::select(own, terminal), stream::select(signals()?, looks)))
}

#[cfg(unix)]
fn signals() -> anyhow::Result<impl Stream<Item = Event>> {
    use tokio::signal::unix::{SignalKind, signal};

    let on = |kind: SignalKind, event: Event| -> anyhow::Result<_> {
        let signal = signal(kind).context("signals cannot be received")?;
        Ok(stream::unfold((signal, event), |(mut signal, event)| async move {
            signal.recv().await?;
            Some((event.clone(), (signal, event)))
        })
        .boxed_local())
    };
    let number = |kind: SignalKind| kind.as_raw_value();
    // SIGTSTP is 20 on Linux and 18 on macOS; the kernel's own number comes from the signal's name.
    let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
    let resumed = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
    Ok(stream::select_all([
        on(SignalKind::terminate(), Event::Terminate(number(SignalKind::terminate())))?,
        on(SignalKind::hangup(), Event::Terminate(number(SignalKind::hangup())))?,
        on(SignalKind::interrupt(), Event::Terminate(number(SignalKind::interrupt())))?,
        on(stop, Event::Suspend)?,
        on(resumed, Event::Continued)?,
    ]))
}

#[cfg(not(unix))]
fn signals() -> anyhow::Result<impl Stream<Item = Event>> {
    Ok(stream::pending::<Event>())
}
