//! Any text as an event pattern, on the event behind it or one that stands here.
#![no_main]

use kmslab::cloud::eventbridge::EventPattern;
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const EVENT: &str = r#"{"source": "aws.kms", "detail": {"eventName": "Decrypt", "n": 5, "ip": "10.0.0.7", "none": null,
    "list": [{"a": 1, "b": "x"}, {"a": 2}], "words": ["one", "two"], "empty": ""}}"#;

fuzz_target!(|text: &str| {
    let (text, behind) = text.split_once('\n').unwrap_or((text, ""));
    let event: Option<Value> = serde_json::from_str(behind).ok();
    let event = event.unwrap_or_else(|| serde_json::from_str(EVENT).expect("an event"));
    within(256, text.len() * (16 + behind.len()), || match EventPattern::read(text) {
        Ok(pattern) => {
            let matches = pattern.matches(&event);
            // The same as an alternative of itself, and beside what is always so.
            if let Ok(value) = serde_json::from_str::<Value>(text)
                && let Ok(twice) = EventPattern::read(&json!({"$or": [value, value]}).to_string())
            {
                assert_eq!(twice.matches(&event), matches, "{text}");
            }
        }
        Err(error) => {
            let span = error.span();
            assert!(span.start <= span.end && span.start <= text.len().max(1), "{error}: {span:?}");
            assert!(!error.to_string().is_empty());
        }
    });
});
