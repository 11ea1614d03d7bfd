//! Any bytes from the terminal, in any pieces: nothing panics, what is held is bounded, and after a pause a key is a key.
#![no_main]

use std::time::Duration;

use crossterm::event::{Event, KeyCode};
use kmslab::tui::input::Decoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let mut decoder = Decoder::default();
    for piece in rest.chunks(usize::from(*first) + 1) {
        // Each piece says by its first byte how long nothing came, and whether there is more.
        let told = piece.first().copied().unwrap_or_default();
        let silence = Duration::from_millis(u64::from(told) * 10);
        for event in decoder.take(piece, silence, told % 2 == 0) {
            if let Event::Paste(text) = event {
                // A byte that is no text becomes a character of three.
                assert!(text.len() <= 3 * bytes.len());
            }
        }
    }
    let last = decoder.take(b"q", Duration::from_secs(1), false).pop();
    assert!(matches!(last, Some(Event::Key(key)) if key.code == KeyCode::Char('q')), "{last:?}");
});
