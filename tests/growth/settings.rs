//! A person's own theme and keys, which are read before the first frame.

use kmslab::tui::Options;
use kmslab::tui::drive::Driver;
use ratatui::backend::TestBackend;

use crate::frame::{Reader, check, filled, listed, nested};

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

#[test]
fn growth_of_a_theme() {
    check(&Reader {
        name: "themes/mine.json",
        read: |input| {
            open("themes/mine.json", input);
            Ok(())
        },
        repeat: |size| filled(size, "{\"styles\": {\"accent\": \"red\"", ", \"sky\": \"red\"", "}}"),
        nest: |size| nested(size, "{\"styles\": ", "1", "}"),
        widen: |size| listed(size, "{\"styles\": {", "}}", |number| format!("\n\"role-{number}\": \"red\"")),
        long_token: |size| filled(size, "{\"base\": \"", "a", "\"}"),
    });
}

#[test]
fn growth_of_a_key_map() {
    check(&Reader {
        name: "keys.json",
        read: |input| {
            open("keys.json", input);
            Ok(())
        },
        repeat: |size| filled(size, "[1", ", {\"action\": \"hint\", \"keys\": [\"f9\"]}", "]"),
        nest: |size| nested(size, "[", "", "]"),
        widen: |size| {
            let key = |number| format!("\n\"key-{number}\"");
            listed(size, "[{\"action\": \"hint\", \"keys\": [", "]}]", key)
        },
        long_token: |size| filled(size, "[{\"action\": \"", "a", "\", \"keys\": []}]"),
    });
}
