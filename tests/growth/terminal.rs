//! What the terminal sends.

use std::time::Duration;

use kmslab::tui::input::Decoder;

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

pub const READERS: &[Reader] = &[Reader {
    name: "terminal",
    read: |input| {
        let mut decoder = Decoder::default();
        for chunk in input.chunks(4096) {
            decoder.take(chunk, Duration::ZERO, true);
        }
        Ok(())
    },
    repeat: Made(|size| filled(size, "", "\u{1b}[<0;12;7M", "")),
    nest: Made(|size| nested(size, "\u{1b}[200~", "", "\u{1b}[201~")),
    widen: Made(|size| listed(size, "", "", |number| format!("\u{1b}[200~text {number}\u{1b}[201~"))),
    long_token: Made(|size| filled(size, "\u{1b}[200~", "a", "\u{1b}[201~")),
}];
