//! Any bytes as a state file of `serve`: a line that is none is told by its number, and what was read is written and read
//! again as the same.
#![no_main]

use kmslab::serve::journal::{Entry, Unread, in_force, line, read};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let found = match within(4, bytes.len(), || read(bytes)) {
        Ok(found) => found,
        Err(Unread::Line(number, why)) => {
            assert!(number > 0 && !why.is_empty());
            return;
        }
        Err(Unread::Io(error)) => panic!("memory is always read: {error}"),
    };
    assert!(found.whole <= bytes.len() as u64);
    let Some(beginning) = found.beginning else { return };
    let mut written = line(&beginning).to_vec();
    for entry in &found.entries {
        written.extend_from_slice(&line(entry));
    }
    let again = read(&written[..]).expect("it was written here");
    let shown = |entries: &[Entry]| entries.iter().map(|entry| line(entry).to_vec()).collect::<Vec<_>>();
    assert_eq!(again.whole, written.len() as u64);
    assert_eq!(shown(&again.entries), shown(&found.entries));
    assert!(in_force(again.entries).len() <= found.entries.len());
});
