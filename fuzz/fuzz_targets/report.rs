//! Any bytes as a report, and reports of labs with some bytes changed: a whole one is genuine, any other is not.
#![no_main]

use std::cell::LazyCell;

use kmslab::lab::hand_in::HandIn;
use kmslab::lab::share::Sharing;
use kmslab::lab::{Entry, LearnerSession};
use kmslab::report::{Kind, Record, Verdict, verify, write};
use kmslab_fuzz::{SCENARIO, folder};
use libfuzzer_sys::fuzz_target;

thread_local! {
    /// A lab in which one hint was asked for.
    static LAB: LazyCell<HandIn> = LazyCell::new(|| {
        let state = folder();
        let mut session = LearnerSession::open(SCENARIO, None, Some(state.path())).expect("it opens").0;
        session.lab_mut().hint();
        session.keep(true);
        HandIn::kept(state.path(), SCENARIO, Sharing::default()).expect("it was played")
    });
}

/// The text without what mail and editors do to it.
fn usual(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.replace("\r\n", "\n").trim_end_matches(['\n', ' ', '\t']).to_owned()
}

fuzz_target!(|bytes: &[u8]| {
    if let Verdict::Genuine(found) = verify(bytes.to_vec(), None) {
        assert_eq!(usual(&found.written.text), usual(std::str::from_utf8(bytes).expect("it was read")));
    }
    // Up to a bar stands which bytes are changed in the report of the entries behind it.
    let Some(end) = bytes.iter().position(|byte| *byte == b'|') else { return };
    let Ok(text) = std::str::from_utf8(&bytes[end + 1..]) else { return };
    let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
    let entries = entries.filter(|entry| entry.head().is_none()).take(8);
    let mut lab = LAB.with(|lab| HandIn::clone(lab));
    lab.entries.extend(entries);
    let kind = if end.is_multiple_of(2) { Kind::Html } else { Kind::Markdown };
    let record = Record {
        kind,
        name: text.lines().next().map(|name| name.chars().take(20).collect()),
        labs: vec![lab],
    };
    let Ok(written) = write(&record, None) else { return };
    let otherwise = written.differences.iter().flatten().count();
    match verify(written.text.clone().into_bytes(), None) {
        Verdict::Genuine(_) => assert_eq!(otherwise, 0, "each call ends as is noted"),
        Verdict::Forged(why) => assert!(otherwise > 0, "{why}"),
        other => panic!("{other:?}"),
    }
    let mut changed = written.text.clone().into_bytes();
    for change in bytes[..end].chunks_exact(3).take(4) {
        let at = (usize::from(change[0]) << 8 | usize::from(change[1])) % changed.len();
        changed[at] ^= change[2];
    }
    let same = std::str::from_utf8(&changed).is_ok_and(|changed| usual(changed) == usual(&written.text));
    let genuine = matches!(verify(changed, None), Verdict::Genuine(_));
    assert!(same || !genuine, "what was changed is found");
});
