//! Any bytes as the file of what was believed: an error that names the file, or what is written again and read as the same,
//! and what is due and answered in it goes on within its limits.
#![no_main]

use std::path::Path;

use jiff::civil::date;
use kmslab::lab::learning::{Given, Learning, When, due};
use kmslab::limits::lab::LEARNING;
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("learning.json");
    let mut learning = match within(64, bytes.len(), || Learning::read(path, bytes)) {
        Ok(learning) => learning,
        Err(error) => {
            assert!(error.to_string().contains("learning.json"), "{error}");
            return;
        }
    };
    // Blanks may be more in what is written than in what was read.
    let Ok(written) = learning.written() else { return };
    assert!(LEARNING.check(written.len()).is_ok());
    assert_eq!(Learning::read(path, &written).expect("it was written so"), learning);
    let today = date(2026, 12, 1);
    assert!(due(&learning, &[], &[], None).is_empty(), "no question asks about it");
    let quiz = learning.quiz_mut('A');
    quiz.begin(When::After, &[], today);
    let before = quiz.under_way().map(|(_, sitting)| sitting.left());
    quiz.answer(Given { right: true, sure: None });
    let after = quiz.under_way().map(|(_, sitting)| sitting.left());
    assert!(before.unwrap_or_default() >= after.unwrap_or_default());
    if let Ok(written) = learning.written() {
        assert_eq!(Learning::read(path, &written).expect("it was written so"), learning);
    }
});
