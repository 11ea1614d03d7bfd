//! Any text as a file for `kmslab lint`, with any text as `kmslab-lint.toml` beside it: a report in each format that is
//! no larger than the limits allow, or an error that names the file.
#![no_main]

use kmslab::cli::{Exit, run};
use kmslab_fuzz::{folder, within, write};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PLACE: tempfile::TempDir = folder();
}

/// What stands between the policy and the exceptions.
const BORDER: &str = "\n=====\n";
/// A finding with its place and its words has fewer bytes, and so many of them are printed at most.
const MOST_BYTES: usize = 4 << 20;

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.windows(BORDER.len()).position(|window| window == BORDER.as_bytes());
    let (policy, exceptions) = match at {
        Some(at) => (&bytes[..at], Some(&bytes[at + BORDER.len()..])),
        None => (bytes, None),
    };
    PLACE.with(|place| {
        let place = place.path();
        let _gone = std::fs::remove_file(place.join("kmslab-lint.toml"));
        let file = write(place, "policy.json", policy).display().to_string();
        if let Some(exceptions) = exceptions {
            write(place, "kmslab-lint.toml", exceptions);
        }
        for format in ["text", "json", "sarif"] {
            let mut out = Vec::new();
            match within(1 << 12, bytes.len(), || run(["lint", "--format", format, &file], &mut out)) {
                Ok(exit) => assert!(matches!(exit, Exit::Done | Exit::Failed), "{exit:?}"),
                Err(error) => {
                    let said = format!("{error:#}");
                    assert!(said.contains("policy.json") || said.contains("kmslab-lint.toml"), "{said}");
                    continue;
                }
            }
            assert!(out.len() <= MOST_BYTES, "{} bytes of {format}", out.len());
            let text = std::str::from_utf8(&out).expect("a report is text");
            if format != "text" {
                assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
            }
        }
    });
});
