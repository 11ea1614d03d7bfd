//! Asking the terminal for its background, so that the colours suit it.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

#[cfg(unix)]
use crate::limits::screen::TERMINAL_ANSWER;

/// Whether the terminal's background is light, where it tells. And whether an answer may still come.
///
/// Needs raw mode. Waits a fifth of a second at most.
pub fn is_light() -> (Option<bool>, bool) {
    let Some(answer) = ask() else { return (None, false) };
    (luminance(&answer).map(|light| light > 0.5), !is_complete(&answer))
}

/// Whether the last question has been answered, which every terminal answers.
fn is_complete(answer: &[u8]) -> bool {
    answer.windows(3).position(|w| w == b"\x1b[?").is_some_and(|at| answer[at..].contains(&b'c'))
}

/// Takes an answer that comes after the wait out of the events. It is no sequence that keys send, so it would arrive as
/// a key press for each of its characters.
#[derive(Debug)]
pub struct ReplyFilter {
    awaited: bool,
    held: Vec<KeyEvent>,
    /// Whether the background is light, once the answer has told.
    light: Option<bool>,
}

impl ReplyFilter {
    /// Lets everything pass unless an answer is awaited.
    pub fn new(awaited: bool) -> Self {
        Self { awaited, held: Vec::new(), light: None }
    }

    /// Whether the background is light, as an answer told that has come since this was asked last.
    pub fn told(&mut self) -> Option<bool> {
        self.light.take()
    }

    /// The events that go on. What may be the start of an answer is held until the next key tells.
    pub fn pass(&mut self, event: Event) -> Vec<Event> {
        /// `]11;rgba:ffff/ffff/ffff/ffff` and its end.
        const MAX_REPLY_KEYS: usize = 40;
        let Event::Key(key) = event else { return vec![event] };
        let starts = matches!(key.code, KeyCode::Char(']'));
        if !self.awaited || (self.held.is_empty() && !starts) {
            return vec![event];
        }
        self.held.push(key);
        // The end: ESC and a backslash arrive as alt and a backslash, BEL as ctrl and g.
        let bell = key.code == KeyCode::Char('g') && key.modifiers.contains(KeyModifiers::CONTROL);
        let ends = bell || key.code == KeyCode::Char('\\');
        let letters: String = self.held.iter().filter_map(|key| key.code.as_char()).collect();
        let fits = self.held.iter().enumerate().all(|(at, key)| match (at, key.code) {
            (0..4, KeyCode::Char(c)) => "]11;".chars().nth(at) == Some(c),
            (_, KeyCode::Char(c)) => c.is_ascii_hexdigit() || "rgba:/".contains(c),
            (_, KeyCode::Esc) => true,
            _ => false,
        });
        if ends && letters.starts_with("]11;") {
            self.awaited = false;
            self.held.clear();
            self.light = luminance(letters.as_bytes()).map(|light| light > 0.5);
            return Vec::new();
        }
        if fits && self.held.len() < MAX_REPLY_KEYS {
            return Vec::new();
        }
        std::mem::take(&mut self.held).into_iter().map(Event::Key).collect()
    }
}

/// Asks for the background colour, then for the terminal's attributes: every terminal answers the second, so its answer
/// ends the wait where the first is not understood.
#[cfg(unix)]
fn ask() -> Option<Vec<u8>> {
    use std::io::Write;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    super::terminal::Output.write_all(b"\x1b]11;?\x1b\\\x1b[c").ok()?;
    let stdin = rustix::stdio::stdin();
    let mut answer = Vec::new();
    let wait = Timespec::try_from(Duration::from_millis(200)).ok()?;
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        if poll(&mut fds, Some(&wait)).ok()? == 0 {
            return Some(answer);
        }
        let mut buffer = [0; 256];
        let read = rustix::io::read(stdin, &mut buffer).ok()?;
        answer.extend_from_slice(buffer.get(..read)?);
        if read == 0 || is_complete(&answer) || TERMINAL_ANSWER.check(answer.len()).is_err() {
            return Some(answer);
        }
    }
}

#[cfg(not(unix))]
fn ask() -> Option<Vec<u8>> {
    None
}

/// How light the colour in an answer like `ESC ] 11 ; rgb:fafa/fafa/fafa ESC \` is, from 0 to 1.
/// Source: xterm control sequences, "OSC 11"; each part has one to four hex digits.
fn luminance(answer: &[u8]) -> Option<f64> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("]11;")?;
    let (_, rest) = rest.split_once("rgb")?;
    let rest = rest.split_once(':')?.1;
    let parts: Vec<f64> = rest
        .split(|c: char| !c.is_ascii_hexdigit())
        .take(3)
        .filter(|p| (1..=4).contains(&p.len()))
        .filter_map(|p| {
            let value = u16::from_str_radix(p, 16).ok()?;
            let most = (1_u32 << (4 * p.len())) - 1;
            Some(f64::from(value) / f64::from(most))
        })
        .collect();
    match parts.as_slice() {
        [r, g, b] => Some(0.2126 * r + 0.7152 * g + 0.0722 * b),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a terminal's bytes arrive as.
    fn keys(text: &str) -> Vec<Event> {
        let mut out = Vec::new();
        let mut alt = KeyModifiers::NONE;
        for c in text.chars() {
            match c {
                '\x1b' => {
                    alt = KeyModifiers::ALT;
                    continue;
                }
                '\x07' => out.push(Event::Key(KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL))),
                c => out.push(Event::Key(KeyEvent::new(KeyCode::Char(c), alt))),
            }
            alt = KeyModifiers::NONE;
        }
        out
    }

    fn passed(awaited: bool, text: &str) -> Vec<Event> {
        let mut late = ReplyFilter::new(awaited);
        keys(text).into_iter().flat_map(|event| late.pass(event)).collect()
    }

    #[test]
    fn a_late_answer_is_no_key_press() {
        for (text, rest) in [
            ("\x1b]11;rgb:fafa/fafa/fafa\x1b\\2", "2"),
            ("\x1b]11;rgb:12/14/17\x07s", "s"),
            ("1\x1b]11;rgba:1212/1414/1717/ffff\x07", "1"),
            // Not answers: everything arrives, in order.
            ("]1x", "]1x"),
            ("[]12;", "[]12;"),
            ("]11;rgb:zz", "]11;rgb:zz"),
        ] {
            assert_eq!(passed(true, text), keys(rest), "{text:?}");
        }
        for (text, light) in [
            ("\x1b]11;rgb:fafa/fafa/fafa\x1b\\", Some(true)),
            ("\x1b]11;rgb:12/14/17\x07", Some(false)),
            ("]1x", None),
        ] {
            let mut late = ReplyFilter::new(true);
            for event in keys(text) {
                drop(late.pass(event));
            }
            assert_eq!((late.told(), late.told()), (light, None), "{text:?}");
        }
        assert_eq!(passed(false, "]1"), keys("]1"), "nothing is held when nothing is awaited");
        let twice = "\x1b]11;rgb:12/14/17\x07]11;";
        assert_eq!(passed(true, twice), keys("]11;"), "one answer is awaited, not two");
    }

    #[test]
    fn answers_of_every_width_are_read() {
        let cases: [(&[u8], Option<bool>); 5] = [
            (b"\x1b]11;rgb:fafa/fafa/fafa\x1b\\\x1b[?62;c", Some(true)),
            (b"\x1b]11;rgb:12/14/17\x07", Some(false)),
            (b"\x1b]11;rgba:1212/1414/1717/ffff\x07", Some(false)),
            (b"\x1b[?1;2c", None),
            (b"", None),
        ];
        for (answer, light) in cases {
            assert_eq!(luminance(answer).map(|l| l > 0.5), light, "{answer:?}");
        }
    }
}
