//! Any text as any kind of document: read, reviewed, its places inside the text, its edits verified.
#![no_main]

use kmslab::cloud::{reference, rulebook};
use kmslab::policy::{json, line_col, review};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for token in json::lex(text) {
        assert!(text.get(token.span.start..token.span.end).is_some());
    }
    for name in rulebook().names() {
        let Some(profile) = rulebook().profile(name) else { continue };
        let review = review(text, profile, reference());
        for finding in &review.diagnostics {
            assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
            line_col(text, finding.span.end);
        }
        assert_eq!(review.document.is_none(), review.refusal.is_some());
    }
});
