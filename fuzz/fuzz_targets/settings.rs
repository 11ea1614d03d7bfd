//! Any bytes as settings, keys or a theme: the screen opens and draws whatever they say.
#![no_main]

use kmslab::tui::Options;
use kmslab::tui::drive::Driver;
use kmslab_fuzz::{folder, write};
use libfuzzer_sys::fuzz_target;
use ratatui::backend::TestBackend;

thread_local! {
    static PLACE: tempfile::TempDir = folder();
}

const NAMES: [&str; 3] = ["settings.json", "keys.json", "themes/mine.json"];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, text)) = bytes.split_first() else { return };
    PLACE.with(|place| {
        for name in NAMES {
            let _gone = std::fs::remove_file(place.path().join(name));
        }
        let name = NAMES[usize::from(*which) % NAMES.len()];
        write(place.path(), name, text);
        let options = Options { config: Some(place.path().to_owned()), ..Options::default() };
        let mut screen = match Driver::open(&options, TestBackend::new(80, 24), (80, 24)) {
            Ok(screen) => screen,
            Err(error) => panic!("the screen does not open: {error:#}"),
        };
        screen.draw().expect("memory takes everything");
    });
});
