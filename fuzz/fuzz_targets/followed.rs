//! Any bytes as a file that a document follows: the draft is that text, with findings inside it, and nothing is news
//! twice.
#![no_main]

use std::cell::RefCell;

use kmslab::lab::{Follow, Lab};
use kmslab_fuzz::{folder, lab, within, write};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PLACE: tempfile::TempDir = folder();
    static LAB: RefCell<Lab> = RefCell::new(lab());
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|place| {
        let path = write(place.path(), "policy.json", bytes);
        LAB.with_borrow(|lab| {
            let mut lab = lab.clone();
            let mut follow = Follow::new(&lab, &path.display().to_string()).expect("a policy is open");
            let news = within(1 << 12, bytes.len(), || follow.look(&mut lab));
            let (words, changed) = news.expect("it is news at first");
            match std::str::from_utf8(bytes) {
                Ok(text) => {
                    let draft = lab.draft().expect("a document is open");
                    assert_eq!(draft.text(), text.trim_end(), "{words}");
                    for finding in draft.diagnostics() {
                        let span = finding.span;
                        assert!(draft.text().get(span.start..span.end).is_some(), "{finding:?}");
                    }
                }
                Err(_) => assert!(!changed && words.contains("cannot be read"), "{words}"),
            }
            assert_eq!(follow.look(&mut lab), None, "the same is no news");
        });
    });
});
