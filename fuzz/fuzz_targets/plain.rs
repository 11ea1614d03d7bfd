//! Any lines in plain mode: an answer to each in words, bounded, and the session ends well.
#![no_main]

use kmslab::plain::{Options, run};
use kmslab_fuzz::SCENARIO;
use libfuzzer_sys::fuzz_target;

/// So many lines are typed.
const LINES: usize = 16;
/// No answer is longer.
const BYTES_A_LINE: usize = 4 << 20;

fuzz_target!(|bytes: &[u8]| {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').take(LINES).collect();
    let input = lines.concat();
    let options = Options { scenario: SCENARIO.to_owned(), ..Options::default() };
    let mut out = Vec::new();
    if let Err(error) = run(&options, &mut &input[..], &mut out, false) {
        assert!(error.to_string().contains("more than"), "{error:#}");
    }
    assert!(out.len() <= (lines.len() + 1) * BYTES_A_LINE, "{} bytes are printed", out.len());
    let text = std::str::from_utf8(&out).expect("words are text");
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!text.contains(is_control), "control characters reach the terminal");
});
