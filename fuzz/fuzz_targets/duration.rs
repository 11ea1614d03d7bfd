//! Any text as a stretch of time: what is read is printed, and read again as the same.
#![no_main]

use kmslab::scenario::Duration;
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let read = within(8, text.len(), || text.parse::<Duration>());
    match read {
        Ok(duration) => {
            assert_eq!(duration.to_string().parse(), Ok(duration));
            assert!(duration.seconds() <= 100 * 365 * 86_400, "beyond the clock");
        }
        Err(error) => {
            let said = error.to_string();
            let begin: String = text.chars().take(40).collect();
            assert!(said.contains(&begin) && said.contains("+5m") && said.len() < 400, "{said}");
        }
    }
});
