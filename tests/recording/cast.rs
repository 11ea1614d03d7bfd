//! Frames as an asciicast, version 2, for `asciinema play`.

use std::fmt::Write as _;

use super::Frame;

/// The recording as a file's text: a header, then one event for each frame, holding what changed since the last.
pub fn asciicast(frames: &[Frame]) -> String {
    let Some(first) = frames.first() else { return String::new() };
    let (rows, cols) = first.screen.size();
    let header = serde_json::json!({
        "version": 2, "width": cols.get(), "height": rows.get(),
        "title": "kmslab", "env": {"TERM": "xterm-256color"},
    });
    let mut text = format!("{header}\n");
    let mut at = 0.0;
    for (i, frame) in frames.iter().enumerate() {
        let shown = match i.checked_sub(1).and_then(|before| frames.get(before)) {
            Some(before) => frame.screen.contents_diff(&before.screen),
            None => frame.screen.contents_formatted(),
        };
        let _ = writeln!(text, "{}", serde_json::json!([at, "o", shown]));
        at += frame.seconds;
    }
    // The last frame stays its time, too.
    let _ = writeln!(text, "{}", serde_json::json!([at, "o", ""]));
    text
}
