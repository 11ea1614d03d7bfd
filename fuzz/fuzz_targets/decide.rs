//! Any bytes as the input of `kmslab decide`: one answer for every line that is not blank, each of them JSON,
//! in a number of steps that their length bounds.
#![no_main]

use kmslab::cli::decide::answer_lines;
use kmslab::cloud::reference;
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut output = Vec::new();
    let answered = within(1 << 12, input.len(), || answer_lines(true, reference(), input, &mut output));
    answered.expect("memory takes everything");
    let asked = input.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    let text = std::str::from_utf8(&output).expect("JSON is text");
    assert_eq!(text.lines().count(), asked);
    for line in text.lines() {
        assert!(kmslab::policy::json::read(line).into_result().is_ok() || line.contains("\\u0000"), "{line}");
    }
});
