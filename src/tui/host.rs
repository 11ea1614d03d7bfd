//! The outside of the loop on a real terminal: where events come from and who carries out effects.

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};

use anyhow::Context;
use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;
use futures::channel::mpsc::{Receiver, UnboundedReceiver, UnboundedSender};
use futures::{Stream, StreamExt, stream};

use super::background::ReplyFilter;
use super::event_loop::Host;
#[cfg(target_os = "linux")]
use super::input::events as terminal_events;
use super::message::{Effect, Event, Message};
#[cfg(unix)]
use super::notes::Notes;
use super::terminal;
use super::work::Work;
use crate::lab::Watch;
use crate::lab::external_editor::{self, ToEdit};
use crate::lab::visit::Visit;

/// The most text put on the clipboard, in bytes: terminals drop longer OSC 52 sequences silently.
const MAX_COPY_BYTES: usize = 74_000;

/// How often a watched file is looked at.
const WATCH_INTERVAL: std::time::Duration = std::time::Duration::from_millis(500);

/// How often it is drawn how far work is.
const PROGRESS_INTERVAL: std::time::Duration = std::time::Duration::from_millis(100);

/// The thread that does work, one after the other.
#[derive(Clone, Debug)]
pub struct Worker {
    works: Sender<Work>,
    own: UnboundedSender<Event>,
}

/// The stack of the worker: as large as the main thread's, for what both read.
const STACK_BYTES: usize = 8 << 20;

impl Worker {
    /// Starts the thread, which tells of the end of each work.
    pub fn start(own: UnboundedSender<Event>) -> std::io::Result<Self> {
        let (works, waiting) = channel::<Work>();
        let told = own.clone();
        thread("worker").spawn(move || waiting.into_iter().for_each(|work| finish(&work, &told)))?;
        Ok(Self { works, own })
    }

    /// Has the work done once what was begun before is over, or at once where neither minds the other.
    pub fn begin(&self, work: Work) {
        if work.is_alone() {
            let (theirs, own) = (work.clone(), self.own.clone());
            if thread("writer").spawn(move || finish(&theirs, &own)).is_ok() {
                return;
            }
        }
        // The thread ends with the program only.
        let _ = self.works.send(work);
    }
}

fn thread(name: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES)
}

/// Does the work to its end, and tells of that.
fn finish(work: &Work, own: &UnboundedSender<Event>) {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work.run()));
    if done.is_err() {
        // The terminal is given back and the message printed; a program that waits for ever helps nobody.
        std::process::exit(101);
    }
    // Nobody listens once the loop has ended.
    let _ = own.unbounded_send(Event::Worked);
}

/// Carries out effects on the terminal of this process.
#[derive(Debug)]
pub struct TerminalHost {
    mouse: bool,
    /// Whether the cursor is a bar.
    bar: bool,
    state: Option<PathBuf>,
    /// Does work beside the loop.
    worker: Worker,
    /// Where the program sends events to itself.
    own: UnboundedSender<Event>,
    /// The socket of the notes, once something was presented.
    #[cfg(unix)]
    notes: Option<Notes>,
    /// Whether the socket was tried for.
    #[cfg(unix)]
    noted: bool,
}

impl TerminalHost {
    /// A host that knows whether the mouse is taken and where labs are kept, and sends events of its own: the end of an
    /// effect, the end of the terminal.
    pub fn new(mouse: bool, state: Option<PathBuf>, worker: Worker, own: UnboundedSender<Event>) -> Self {
        #[cfg(unix)]
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            watch_terminal(own.clone());
        }
        Self {
            mouse,
            bar: false,
            state,
            worker,
            own,
            #[cfg(unix)]
            notes: None,
            #[cfg(unix)]
            noted: false,
        }
    }

    /// Sends a page to whoever reads along. Notes are a help: that they cannot be sent is told once and stops no lesson.
    #[cfg(unix)]
    fn show_notes(&mut self, page: &str) -> Option<Message> {
        let mut told = None;
        if !std::mem::replace(&mut self.noted, true) {
            match Notes::listen(self.state.as_deref()?) {
                Ok(notes) => self.notes = Some(notes),
                Err(why) => told = Some(Message::NoNotes(why.to_string())),
            }
        }
        if let Some(notes) = &self.notes {
            notes.show(page);
        }
        told
    }

    #[cfg(not(unix))]
    fn show_notes(&mut self, _: &str) -> Option<Message> {
        None
    }

    /// Has it drawn again and again how far work is.
    pub fn tell_progress(&self, work: Work) {
        let own = self.own.clone();
        tokio::spawn(async move {
            while !work.is_over() {
                tokio::time::sleep(PROGRESS_INTERVAL).await;
                let _ = own.unbounded_send(Event::Worked);
            }
        });
    }

    fn edit(&self, wanted: &ToEdit) -> Result<String, String> {
        terminal::lend();
        let edited = external_editor::edit(wanted);
        let taken = terminal::resume(self.mouse).and_then(|()| terminal::set_bar(self.bar));
        taken.map_err(|e| format!("the terminal cannot be taken over again: {e}"))?;
        edited.map_err(|e| e.to_string())
    }
}

impl Host for TerminalHost {
    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        match effect {
            Effect::Suspend => {
                terminal::suspend(self.mouse).context("the program cannot be stopped")?;
                terminal::set_bar(self.bar)?;
            }
            Effect::Reenter => {
                terminal::resume(self.mouse)?;
                terminal::set_bar(self.bar)?;
            }
            Effect::Bar(on) => {
                self.bar = on;
                terminal::set_bar(on)?;
            }
            Effect::Redraw => {}
            Effect::Copy(mut text) => {
                let mut end = text.len().min(MAX_COPY_BYTES);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
                execute!(terminal::Output, CopyToClipboard::to_clipboard_from(text))?;
            }
            Effect::SetMouse(on) => {
                self.mouse = on;
                terminal::set_mouse(on)?;
            }
            Effect::Answer(visit) => visit.send(),
            Effect::Notes(page) => return Ok(self.show_notes(&page)),
            Effect::Work(work) => {
                self.worker.begin(work.clone());
                self.tell_progress(work);
            }
            Effect::Follow(path) => {
                let own = self.own.clone();
                std::thread::Builder::new().name("watch".to_owned()).spawn(move || follow(&path, &own))?;
            }
            Effect::EndFlash(number, after) => {
                let own = self.own.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    // Nobody listens once the loop has ended.
                    let _ = own.unbounded_send(Event::FlashEnds(number));
                });
            }
            Effect::Edit(wanted) => return Ok(Some(Message::Edited(self.edit(&wanted)))),
        }
        Ok(None)
    }
}

/// Looks at a file again and again, and tells what it says. A file that does not answer holds up nobody else.
fn follow(path: &std::path::Path, own: &UnboundedSender<Event>) {
    let mut watch = Watch::new(path);
    while own.unbounded_send(Event::Look(watch.look())).is_ok() {
        std::thread::sleep(WATCH_INTERVAL);
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
#[cfg(not(target_os = "linux"))]
fn terminal_events() -> std::io::Result<impl Stream<Item = std::io::Result<crossterm::event::Event>>> {
    let mut events = crossterm::event::EventStream::new();
    Ok(stream::poll_fn(move |cx| match closed(Some(std::time::Duration::ZERO)) {
        Some(true) => std::task::Poll::Ready(None),
        _ => events.poll_next_unpin(cx),
    }))
}

/// Everything that happens to this process: the terminal's events, its `own` events, of which signals are some, and the
/// `visits` of clients on the wire, where the lab is served.
///
/// An answer of the terminal that is `late` is no key; it tells what the background is.
pub fn events(
    mut late: ReplyFilter,
    own: UnboundedReceiver<Event>,
    visits: Option<Receiver<Visit>>,
) -> std::io::Result<impl Stream<Item = Event>> {
    let terminal = terminal_events()?.flat_map(move |event| {
        let events = match event {
            Ok(event) => {
                let mut events: Vec<Event> = late.pass(event).into_iter().map(Event::Terminal).collect();
                events.extend(late.told().map(Event::Background));
                events
            }
            Err(_) => vec![Event::Lost],
        };
        stream::iter(events)
    });
    // When the terminal ends, so must the loop, though its own events never do.
    let terminal = terminal.chain(stream::once(std::future::ready(Event::Lost)));
    let visits = stream::iter(visits).flatten().map(Event::Visit);
    // Each in turn: many visits keep no key waiting.
    Ok(stream::select(stream::select(own, visits), terminal))
}
