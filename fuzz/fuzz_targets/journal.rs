//! Any bytes as a journal. Lines of JSON among them are written as entries first: then they are read as they were,
//! done again to the same end twice, and of a file that is cut or changed nothing is read that was not written.
#![no_main]

use std::cell::RefCell;
use std::path::Path;

use kmslab::lab::{Entry, Journal, JournalError, Lab};
use kmslab_fuzz::{folder, lab, within, write};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PLACE: tempfile::TempDir = folder();
    static LAB: RefCell<Lab> = RefCell::new(lab());
}

/// So many entries are done again.
const ENTRIES_REPLAYED: usize = 12;

/// Any bytes: entries or an error that names the file. Opening cuts at most the end, and then reads the same.
fn open(folder: &Path, bytes: &[u8]) {
    let path = write(folder, "any.journal", bytes);
    let peeked = within(64, bytes.len(), || Journal::peek(&path));
    let opened = Journal::open(&path);
    match (peeked, opened) {
        (Ok(peeked), Ok(opened)) => {
            assert_eq!(peeked, opened.entries);
            let kept = std::fs::read(&path).expect("there");
            assert!(bytes.starts_with(&kept), "nothing but the end is cut");
            if let Some(cut) = opened.cut {
                let lost = std::fs::read(&cut).expect("what was cut is kept");
                assert_eq!(lost, [&bytes[kept.len()..], b"\n"].concat());
                std::fs::remove_file(cut).expect("removed");
            } else {
                assert_eq!(kept, bytes);
            }
        }
        (Err(peeked), Err(opened)) => {
            assert_eq!(peeked.to_string(), opened.to_string());
            assert!(peeked.to_string().contains("any.journal"), "{peeked}");
            assert_eq!(std::fs::read(&path).expect("there"), bytes, "what is refused is left alone");
        }
        (peeked, opened) => panic!("peeked {peeked:?}, opened {opened:?}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        let place = place.path();
        open(place, bytes);
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let entries: Vec<Entry> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).take(ENTRIES_REPLAYED).collect();
        if entries.is_empty() {
            return;
        }
        let path = place.join("made.journal");
        let _gone = std::fs::remove_file(&path);
        let mut journal = Journal::open(&path).expect("new").journal;
        journal.append(&entries).expect("written");
        drop(journal);
        let written = std::fs::read(&path).expect("there");
        match Journal::peek(&path) {
            Ok(read) => assert_eq!(read, entries),
            // A head may tell of another format.
            Err(JournalError::Older { .. } | JournalError::Newer { .. }) => return,
            Err(error) => panic!("it was written so: {error}"),
        }
        // The input says where the file is cut and which bit is turned.
        let at = bytes.iter().fold(0_usize, |at, byte| at.wrapping_mul(31).wrapping_add(usize::from(*byte)));
        let at = at % written.len();
        open(place, &written[..at]);
        let mut turned = written.clone();
        turned[at] ^= 1 << (at % 8);
        open(place, &turned);
        for spoilt in [&written[..at], &turned] {
            let path = write(place, "spoilt.journal", spoilt);
            if let Ok(read) = Journal::peek(&path) {
                assert!(
                    entries.starts_with(&read) && read.len() < entries.len(),
                    "what was not written is read"
                );
            }
        }
        LAB.with_borrow(|lab| {
            let (mut one, mut other) = (lab.clone(), lab.clone());
            let done = one.replay(entries.clone()).map_err(|error| error.to_string());
            assert_eq!(done, other.replay(entries).map_err(|error| error.to_string()));
            assert_eq!(one.history().done().len(), other.history().done().len());
        });
    });
});
