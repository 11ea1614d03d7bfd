//! What the terminal sends, byte by byte: keys, clicks, pastes.
//!
//! crossterm waits for the end of a paste however long that takes, and gives out no key meanwhile. So the bytes pass
//! [`Decoder`] first: a paste whose end is lost ends when somebody goes on typing, and so does any sequence. What a
//! sequence means is said by `terminput`, whose parser is crossterm's.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use crate::limits::screen::{PASTE, SEQUENCE};
use crate::limits::steps;

/// What a terminal sends before and behind a pasted text. Source: xterm control sequences, "Bracketed Paste Mode".
const BEGIN: &[u8] = b"\x1b[200~";
const END: &[u8] = b"\x1b[201~";

/// How long nothing comes where a person goes on typing; a terminal sends a text or a sequence in one go.
const SILENCE: Duration = Duration::from_secs(1);

/// How many bytes keys and clicks of a person send at once, at most. A text that goes on after a pause is longer, or has
/// its end in it.
const TYPED_BYTES: usize = 32;

/// The byte of ctrl-c, which no terminal passes on within a paste.
const CTRL_C: u8 = 0x03;

/// Takes apart what the terminal sends.
#[derive(Debug, Default)]
pub struct Decoder {
    /// A sequence of which the end has not come yet.
    held: Vec<u8>,
    /// A paste of which the end has not come yet.
    paste: Option<Vec<u8>>,
}

impl Decoder {
    /// Takes what was read at once, so long after what was read before. `more` says that there is more to read already,
    /// so that an ESC at the end is the begin of a sequence, no key.
    pub fn take(&mut self, bytes: &[u8], silence: Duration, more: bool) -> Vec<Event> {
        steps::add(bytes.len());
        let mut events = Vec::new();
        if self.is_given_up(bytes, silence) {
            self.held.clear();
            events.extend(self.paste.take().map(pasted));
        }
        for (at, byte) in bytes.iter().enumerate() {
            let more = more || at + 1 < bytes.len();
            match &mut self.paste {
                Some(paste) => {
                    paste.push(*byte);
                    bound(paste);
                    if paste.ends_with(END) {
                        paste.truncate(paste.len() - END.len());
                        events.extend(self.paste.take().map(pasted));
                    }
                }
                None => self.push(*byte, more, &mut events),
            }
        }
        events
    }

    /// Tells whether what is unfinished will never be: somebody types on.
    fn is_given_up(&self, bytes: &[u8], silence: Duration) -> bool {
        let Some(paste) = &self.paste else { return silence >= SILENCE };
        let end = paste.len().saturating_sub(END.len() - 1);
        let seam = [paste.get(end..).unwrap_or_default(), bytes].concat();
        let ends = seam.windows(END.len()).any(|found| found == END);
        bytes == [CTRL_C] || (silence >= SILENCE && bytes.len() <= TYPED_BYTES && !ends)
    }

    fn push(&mut self, byte: u8, more: bool, events: &mut Vec<Event>) {
        self.held.push(byte);
        match self.held.as_slice() {
            // The key, or the begin of a sequence.
            [0x1b] if more => {}
            [0x1b, 0x1b] => {
                events.push(escape());
                self.held.pop();
                if !more {
                    events.push(escape());
                    self.held.clear();
                }
            }
            held if held == BEGIN => {
                self.held.clear();
                self.paste = Some(Vec::new());
            }
            held => match terminput::Event::parse_from(held) {
                Ok(None) if SEQUENCE.check(held.len()).is_ok() => {}
                Ok(Some(event)) => {
                    // A button that no mouse here has is no event.
                    events.extend(terminput_crossterm::to_crossterm(event).ok());
                    self.held.clear();
                }
                // Nothing that anybody knows.
                Ok(None) | Err(_) => self.held.clear(),
            },
        }
    }
}

fn escape() -> Event {
    Event::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))
}

/// Leaves out of a paste what no place takes: all but the begin, which is too long everywhere, and what may be a part of
/// its end.
fn bound(paste: &mut Vec<u8>) {
    let most = PASTE.size() + 1;
    let tail = END.len();
    if paste.len() > most + 2 * tail {
        paste.drain(most..paste.len() - tail);
    }
}

fn pasted(mut text: Vec<u8>) -> Event {
    text.truncate(PASTE.size() + 1);
    Event::Paste(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(target_os = "linux")]
pub use terminal::events;

#[cfg(target_os = "linux")]
mod terminal {
    use std::collections::VecDeque;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::task::{Poll, Waker};
    use std::time::Instant;

    use crossterm::event::Event;
    use futures::{Stream, stream};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use super::Decoder;

    /// How many bytes are read at once.
    const CHUNK_BYTES: usize = 4096;

    /// How many times in turn it is read before others have their turn.
    const CHUNKS_IN_TURN: usize = 64;

    /// Returns what the terminal on standard input sends, until it closes.
    ///
    /// It is read where the stream is polled, and so never while another program has the terminal.
    #[expect(clippy::disallowed_methods, reason = "how long nobody has typed is real time")]
    pub fn events() -> io::Result<impl Stream<Item = io::Result<Event>>> {
        let waiting = Waiting::start()?;
        let (mut decoder, mut queue) = (Decoder::default(), VecDeque::new());
        let mut last = Instant::now();
        Ok(stream::poll_fn(move |cx| {
            for _ in 0..CHUNKS_IN_TURN {
                if let Some(event) = queue.pop_front() {
                    return Poll::Ready(Some(Ok(event)));
                }
                match state(Some(&Timespec::default())) {
                    Ok(State::Bytes) => {}
                    Ok(State::Nothing) => {
                        waiting.wake(cx.waker());
                        return Poll::Pending;
                    }
                    Ok(State::Closed) => return Poll::Ready(None),
                    Err(error) => return Poll::Ready(Some(Err(error.into()))),
                }
                let mut chunk = [0; CHUNK_BYTES];
                let read = match rustix::io::read(rustix::stdio::stdin(), &mut chunk) {
                    Ok(0) | Err(Errno::IO) => return Poll::Ready(None),
                    Ok(read) => read,
                    Err(Errno::INTR | Errno::AGAIN) => continue,
                    Err(error) => return Poll::Ready(Some(Err(error.into()))),
                };
                let silence = last.elapsed();
                last = Instant::now();
                let more = matches!(state(Some(&Timespec::default())), Ok(State::Bytes));
                queue.extend(decoder.take(chunk.get(..read).unwrap_or_default(), silence, more));
            }
            // What never becomes an event must not keep the others waiting.
            cx.waker().wake_by_ref();
            queue.pop_front().map_or(Poll::Pending, |event| Poll::Ready(Some(Ok(event))))
        }))
    }

    /// What there is to read.
    enum State {
        Bytes,
        Nothing,
        /// The other end is closed.
        Closed,
    }

    /// Looks whether there is something to read, waiting that long for it, or for ever.
    fn state(wait: Option<&Timespec>) -> Result<State, Errno> {
        let stdin = rustix::stdio::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut fds, wait) {
            Ok(0) | Err(Errno::INTR) => return Ok(State::Nothing),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        let [found] = &fds;
        let found = found.revents();
        Ok(if found.contains(PollFlags::IN) && !found.contains(PollFlags::HUP) {
            State::Bytes
        } else {
            State::Closed
        })
    }

    /// A thread that waits until there is something to read, and reads nothing.
    struct Waiting {
        waker: Sender<Waker>,
        asked: Arc<AtomicBool>,
    }

    impl Waiting {
        fn start() -> io::Result<Self> {
            let (waker, wakers) = channel::<Waker>();
            let asked = Arc::new(AtomicBool::new(false));
            let theirs = Arc::clone(&asked);
            std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
                for waker in wakers {
                    while matches!(state(None), Ok(State::Nothing)) {}
                    theirs.store(false, Ordering::SeqCst);
                    waker.wake();
                }
            })?;
            Ok(Self { waker, asked })
        }

        /// Has somebody woken once there is something to read.
        fn wake(&self, waker: &Waker) {
            if !self.asked.swap(true, Ordering::SeqCst) {
                // The thread ends with this sender only.
                let _sent = self.waker.send(waker.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn letter(c: char) -> Event {
        key(KeyCode::Char(c))
    }

    fn ctrl(c: char) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
    }

    fn alt(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::ALT))
    }

    fn paste(text: &str) -> Event {
        Event::Paste(text.to_owned())
    }

    /// What some bytes are, read in pieces of that length.
    fn read(bytes: &[u8], piece: usize) -> Vec<Event> {
        let mut decoder = Decoder::default();
        let pieces = bytes.len().div_ceil(piece);
        let read = bytes.chunks(piece).enumerate();
        read.flat_map(|(at, bytes)| decoder.take(bytes, AT_ONCE, at + 1 < pieces)).collect()
    }

    #[test]
    fn bytes_are_the_keys_that_terminals_send_them_for() {
        let rows: [(&[u8], Vec<Event>); 16] = [
            (b"q", vec![letter('q')]),
            ("ä€😀".as_bytes(), vec![letter('ä'), letter('€'), letter('😀')]),
            (b"\x1b", vec![key(KeyCode::Esc)]),
            (b"\x1b\x1b", vec![key(KeyCode::Esc), key(KeyCode::Esc)]),
            (b"\x1b\x1b[A", vec![key(KeyCode::Esc), key(KeyCode::Up)]),
            (
                b"\x03\x08\x7f\r\t",
                vec![ctrl('c'), ctrl('h'), key(KeyCode::Backspace), key(KeyCode::Enter), key(KeyCode::Tab)],
            ),
            (b"\x1b[Z", vec![Event::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT))]),
            (b"\x1bOP\x1b[15~\x1b[3~", vec![key(KeyCode::F(1)), key(KeyCode::F(5)), key(KeyCode::Delete)]),
            (b"\x1b[1;3D", vec![alt(KeyCode::Left)]),
            (b"\x1bx", vec![alt(KeyCode::Char('x'))]),
            (b"\x1b[5~\x1b[6~", vec![key(KeyCode::PageUp), key(KeyCode::PageDown)]),
            (b"\x1b[I\x1b[O", vec![Event::FocusGained, Event::FocusLost]),
            (b"\x1b[200~a\r\nb\x1b[201~q", vec![paste("a\r\nb"), letter('q')]),
            (b"\x1b[200~\x1b[201~", vec![paste("")]),
            // An answer that comes late, and something that nobody knows.
            (b"\x1b[?62;4cq", vec![letter('q')]),
            (b"\x1b[999~q", vec![letter('q')]),
        ];
        for (bytes, events) in rows {
            // However the bytes are read, they mean the same.
            for piece in 1..=bytes.len() {
                assert_eq!(read(bytes, piece), events, "{:?} by {piece}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn clicks_and_the_wheel_are_read() {
        let events = read(b"\x1b[<0;12;7M\x1b[<0;12;7m\x1b[<64;1;1M", 64);
        let kinds: Vec<String> = events
            .iter()
            .map(|event| {
                let mouse = event.as_mouse_event().expect("a click or the wheel");
                format!("{:?} {} {}", mouse.kind, mouse.column, mouse.row)
            })
            .collect();
        assert_eq!(kinds, ["Down(Left) 11 6", "Up(Left) 11 6", "ScrollUp 0 0"]);
    }

    #[test]
    fn a_paste_without_an_end_ends_when_somebody_types_on() {
        let long = "x".repeat(TYPED_BYTES + 1);
        let later = SILENCE;
        // What comes behind the begin of a paste, after how long, and what is read then.
        let rows: [(&[u8], Duration, Vec<Event>); 8] = [
            (b"q", later, vec![paste("text"), letter('q')]),
            (b"\x1b", later, vec![paste("text"), key(KeyCode::Esc)]),
            (b"\x1b[A", later, vec![paste("text"), key(KeyCode::Up)]),
            (b"\x03", AT_ONCE, vec![paste("text"), ctrl('c')]),
            (b"q", AT_ONCE, vec![]),
            // A line that was slow.
            (long.as_bytes(), later, vec![]),
            (b" more\x1b[201~", later, vec![paste("text more")]),
            (b"\x1b[201~q", later, vec![paste("text"), letter('q')]),
        ];
        for (bytes, silence, events) in rows {
            let mut decoder = Decoder::default();
            assert_eq!(decoder.take(b"\x1b[200~text", AT_ONCE, false), []);
            let what = String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(decoder.take(bytes, silence, false), events, "{what:?} after {silence:?}");
        }
        // The end itself may come in two pieces.
        let mut decoder = Decoder::default();
        assert_eq!(decoder.take(b"\x1b[200~text\x1b[2", AT_ONCE, false), []);
        assert_eq!(decoder.take(b"01~", later, false), [paste("text")]);
    }

    #[test]
    fn after_a_pause_a_key_is_a_key_whatever_came_before() {
        let begins: [&[u8]; 9] = [
            b"\x1b[200~",
            b"\x1b[200~\x1b[201",
            b"\x1b[",
            b"\x1b[?",
            b"\x1b[<0;1",
            b"\x1bO",
            b"\xf0\x9f",
            b"\x1b[M  ",
            b"\x1b[1;",
        ];
        for begin in begins {
            let mut decoder = Decoder::default();
            decoder.take(begin, AT_ONCE, false);
            assert_eq!(
                decoder.take(b"q", SILENCE, false).last(),
                Some(&letter('q')),
                "{:?}",
                String::from_utf8_lossy(begin)
            );
        }
    }

    #[test]
    fn what_has_no_end_takes_a_bounded_part_of_memory() {
        let mut decoder = Decoder::default();
        decoder.take(BEGIN, AT_ONCE, true);
        let chunk = vec![b'x'; 1 << 16];
        for _ in 0..3 * (PASTE.size() >> 16) {
            assert_eq!(decoder.take(&chunk, AT_ONCE, true), []);
        }
        let events = decoder.take(END, AT_ONCE, false);
        let [Event::Paste(text)] = events.as_slice() else { panic!("{events:?}") };
        // Longer than any place takes, so that it is refused there.
        assert_eq!(text.len(), PASTE.size() + 1);
        let mut decoder = Decoder::default();
        decoder.take(b"\x1b[?", AT_ONCE, true);
        decoder.take(&vec![b'1'; 1 << 16], AT_ONCE, true);
        assert!(decoder.held.len() <= SEQUENCE.size());
    }
}
