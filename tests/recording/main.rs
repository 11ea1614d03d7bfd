//! The README's pictures come from the real program: the script `assets/recording.json` is typed into it, in a real
//! terminal, and what the screen then shows is written as pictures and as an asciicast.
//!
//! The test fails when a file under `assets/` no longer shows what the program shows. `KMSLAB_RECORD=1 cargo test --test
//! recording` writes the files anew.

#![cfg(unix)]

mod cast;
mod svg;
#[path = "../terminal/mod.rs"]
mod terminal;

use std::path::Path;

use serde::Deserialize;
use terminal::Terminal;

/// What is typed, and which pictures are kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// Columns and rows.
    size: (u16, u16),
    /// The arguments of `kmslab`.
    arguments: Vec<String>,
    /// One frame each.
    steps: Vec<Step>,
}

/// One thing typed, and the frame that follows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Text, or `ctrl-x`, `enter`, `esc`.
    #[serde(default)]
    keys: Vec<String>,
    /// Words the screen must hold before the frame is taken.
    until: String,
    /// How long the frame stays, in seconds.
    seconds: f64,
    /// The name of a still picture of this frame.
    still: Option<String>,
}

/// A frame and the time it stays.
pub struct Frame {
    /// What the terminal shows.
    pub screen: vt100::Screen,
    /// Seconds.
    pub seconds: f64,
}

/// The bytes a terminal sends for a key.
fn bytes(key: &str) -> String {
    match key {
        "enter" => "\r".to_owned(),
        "esc" => "\x1b".to_owned(),
        "tab" => "\t".to_owned(),
        "down" => "\x1b[B".to_owned(),
        "up" => "\x1b[A".to_owned(),
        _ => match key.strip_prefix("ctrl-").and_then(|letter| letter.bytes().next()) {
            Some(letter) => char::from(letter & 0x1f).to_string(),
            None => key.to_owned(),
        },
    }
}

fn assets() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets"))
}

#[test]
fn the_pictures_show_what_the_program_shows() {
    let text = std::fs::read_to_string(assets().join("recording.json")).expect("the script is there");
    let script: Script = serde_json::from_str(&text).expect("the script is well formed");
    let arguments: Vec<&str> = script.arguments.iter().map(String::as_str).collect();
    let mut terminal = Terminal::lab(script.size, &arguments);
    let mut frames = Vec::new();
    let mut files = Vec::new();
    for step in &script.steps {
        for key in &step.keys {
            terminal.send(&bytes(key));
            // A lone Esc must not join the key after it.
            terminal.settled();
        }
        terminal.until(&step.until);
        let frame = Frame { screen: terminal.settled(), seconds: step.seconds };
        if let Some(name) = &step.still {
            files.push((format!("{name}.svg"), svg::still(&frame)));
        }
        frames.push(frame);
    }
    files.push(("tour.svg".to_owned(), svg::animation(&frames)));
    files.push(("tour.cast".to_owned(), cast::asciicast(&frames)));

    let record = std::env::var_os("KMSLAB_RECORD").is_some();
    let mut stale = Vec::new();
    for (name, shown) in files {
        let path = assets().join(&name);
        if record {
            std::fs::write(&path, shown).expect("the pictures can be written");
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(shown.as_str()) {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "the program no longer shows what these files under assets/ show: {}\nlook at the change, then write them anew: KMSLAB_RECORD=1 cargo test --test recording",
        stale.join(", ")
    );
}
