//! A person's own theme and keys, which are read before the first frame.

use kmslab::tui::Options;
use kmslab::tui::drive::Driver;
use ratatui::backend::TestBackend;

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

/// Opens the list of scenarios with the input as one of the person's own files.
fn open(name: &str, input: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
    std::fs::write(&path, input).expect("written");
    let options = Options { config: Some(folder.path().to_owned()), ..Options::default() };
    let mut screen = Driver::open(&options, TestBackend::new(80, 24), (80, 24)).expect("it opens");
    screen.draw().expect("memory takes everything");
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "settings.json",
        read: |input| {
            open("settings.json", input);
            Ok(())
        },
        repeat: Made(|size| filled(size, "{\"ascii\": true", ", \"ascii\": true", "}")),
        nest: Made(|size| nested(size, "{\"theme\": ", "1", "}")),
        widen: Made(|size| listed(size, "{", "}", |number| format!("\n\"setting-{number}\": true"))),
        long_token: Made(|size| filled(size, "{\"theme\": \"", "a", "\"}")),
    },
    Reader {
        name: "themes/mine.json",
        read: |input| {
            open("themes/mine.json", input);
            Ok(())
        },
        repeat: Made(|size| filled(size, "{\"styles\": {\"accent\": \"red\"", ", \"sky\": \"red\"", "}}")),
        nest: Made(|size| nested(size, "{\"styles\": ", "1", "}")),
        widen: Made(|size| listed(size, "{\"styles\": {", "}}", |number| format!("\n\"role-{number}\": \"red\""))),
        long_token: Made(|size| filled(size, "{\"base\": \"", "a", "\"}")),
    },
    Reader {
        name: "keys.json",
        read: |input| {
            open("keys.json", input);
            Ok(())
        },
        repeat: Made(|size| filled(size, "[1", ", {\"action\": \"hint\", \"keys\": [\"f9\"]}", "]")),
        nest: Made(|size| nested(size, "[", "", "]")),
        widen: Made(|size| {
            let key = |number| format!("\n\"key-{number}\"");
            listed(size, "[{\"action\": \"hint\", \"keys\": [", "]}]", key)
        }),
        long_token: Made(|size| filled(size, "[{\"action\": \"", "a", "\", \"keys\": []}]")),
    },
];
