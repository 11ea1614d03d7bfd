//! Any keys on the screen of a lab: each frame is drawn, and nothing panics.
#![no_main]

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kmslab::tui::Options;
use kmslab::tui::drive::Driver;
use kmslab_fuzz::SCENARIO;
use libfuzzer_sys::fuzz_target;
use ratatui::backend::TestBackend;

/// So many keys are pressed.
const KEYS: usize = 120;

/// The key that a byte stands for: a letter as itself, the others by their number.
fn key(byte: u8) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match byte {
        b'\n' => plain(KeyCode::Enter),
        b'\t' => plain(KeyCode::Tab),
        0x1b => plain(KeyCode::Esc),
        0x01..0x1b => KeyEvent::new(KeyCode::Char(char::from(byte | 0x60)), KeyModifiers::CONTROL),
        b' '..=b'~' => plain(KeyCode::Char(char::from(byte))),
        0x80 => plain(KeyCode::Up),
        0x81 => plain(KeyCode::Down),
        0x82 => plain(KeyCode::Left),
        0x83 => plain(KeyCode::Right),
        0x84 => plain(KeyCode::PageUp),
        0x85 => plain(KeyCode::PageDown),
        0x86 => plain(KeyCode::Home),
        0x87 => plain(KeyCode::End),
        0x88 => plain(KeyCode::Backspace),
        0x89 => plain(KeyCode::Delete),
        0x8a => plain(KeyCode::BackTab),
        0x8b..=0x96 => plain(KeyCode::F(byte - 0x8a)),
        // Alt with a letter is how a late answer of the terminal begins.
        0xa0..=0xfe => KeyEvent::new(KeyCode::Char(char::from(byte - 0x80)), KeyModifiers::ALT),
        _ => plain(KeyCode::Char(char::from_u32(0x1f600 + u32::from(byte)).unwrap_or('x'))),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (width, height) = match bytes.first() {
        Some(byte) => (u16::from(byte % 16) * 12 + 1, u16::from(byte / 16) * 4 + 1),
        None => return,
    };
    let options = Options { scenario: Some(SCENARIO.to_owned()), ..Options::default() };
    let mut screen =
        Driver::open(&options, TestBackend::new(width, height), (width, height)).expect("it opens");
    for (at, byte) in bytes.iter().skip(1).take(KEYS).enumerate() {
        screen.press(key(*byte)).expect("a key is never an error");
        if at % 4 == 3 {
            screen.draw().expect("memory takes everything");
        }
    }
    screen.draw().expect("memory takes everything");
});
