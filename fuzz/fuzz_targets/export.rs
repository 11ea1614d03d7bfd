//! Any bytes as an export, and exports of labs with some bytes changed: a whole one is imported as it was, and of any
//! other nothing is written.
#![no_main]

use std::path::Path;

use kmslab::lab::share::Sharing;
use kmslab::lab::{Entry, Journal, export};
use kmslab::limits::file::Given;
use kmslab::scenario;
use kmslab_fuzz::{SCENARIO, folder, write};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PLACE: tempfile::TempDir = folder();
}

fn is_empty(state: &Path) -> bool {
    std::fs::read_dir(state.join("labs")).map_or(true, |mut files| files.next().is_none())
}

/// What the first bytes say is done to the others: how many are cut off, and which are changed.
fn spoilt(whole: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for change in changes.chunks_exact(3).take(4) {
        let at = usize::from(change[0]) << 8 | usize::from(change[1]);
        match change[2] {
            0 => bytes.truncate(at),
            by => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= by;
                }
            }
        }
    }
    bytes
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        let place = place.path();
        let state = place.join("to");
        let _gone = std::fs::remove_dir_all(&state);
        let any = write(place, "any.lab", bytes);
        match export::import(&state, &any, Given::ByName, None) {
            // The checksum of a whole export.
            Ok(imported) => assert!(imported.entries > 0),
            Err(error) => {
                assert!(
                    error.to_string().contains("any.lab") || error.to_string().contains("scenario"),
                    "{error}"
                );
                assert!(is_empty(&state), "nothing is written of what is refused: {error}");
            }
        }
        // Up to a zero byte stands what is done to the export of the entries behind it.
        let Some(end) = bytes.iter().position(|byte| *byte == b'|') else { return };
        let (changes, rest) = (&bytes[..end], &bytes[end + 1..]);
        let Ok(text) = std::str::from_utf8(rest) else { return };
        let entries: Vec<Entry> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|entry: &Entry| entry.head().is_none())
            .take(8)
            .collect();
        let from = place.join("from");
        let _gone = std::fs::remove_dir_all(&from);
        let journal = from.join("labs").join(format!("{SCENARIO}.journal"));
        // The head is the one that kmslab writes itself: another one may be of a newer format, which no export takes.
        let mut session = kmslab::lab::LearnerSession::open(SCENARIO, None, Some(&from)).expect("it opens").0;
        session.lab_mut().hint();
        session.keep(true);
        assert!(session.is_kept(), "it is written");
        drop(session);
        let Ok(opened) = Journal::open(&journal) else { panic!("kmslab wrote it") };
        let mut journal_file = opened.journal;
        journal_file.append(&entries).expect("written");
        drop(journal_file);
        let file = place.join("made.lab");
        let _gone = std::fs::remove_file(&file);
        export::export(&from, SCENARIO, &file, Sharing { with_paths: true, ..Sharing::default() })
            .expect("there is something");
        let whole = std::fs::read(&file).expect("there");
        let bytes = spoilt(&whole, changes);
        std::fs::write(&file, &bytes).expect("written");
        let _gone = std::fs::remove_dir_all(&state);
        match export::import(&state, &file, Given::Found, None) {
            Ok(imported) => {
                assert_eq!(bytes, whole, "what was changed is refused");
                assert_eq!(imported.id, scenario::find_embedded(SCENARIO).expect("embedded").id);
                let there = state.join("labs").join(format!("{SCENARIO}.journal"));
                assert_eq!(Journal::peek(&there).expect("sound"), Journal::peek(&journal).expect("sound"));
            }
            Err(error) => assert!(is_empty(&state), "nothing is written of what is refused: {error}"),
        }
    });
});
