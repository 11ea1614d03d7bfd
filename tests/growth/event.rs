//! Events that a pattern is tried on: AWS takes patterns of 4 KB, so it is the event that grows.

use serde_json::json;

use crate::frame::{Reader, Shape::Made, filled, listed};
use crate::item::call;

/// Tries a pattern that looks at all of an event.
fn tried(input: &[u8]) -> Result<(), String> {
    let event = std::str::from_utf8(input).expect("text");
    let pattern = json!({"detail": {"l": {"x": ["no", {"wildcard": "*a*b*c"}], "z": [{"exists": false}],
        "$or": [{"a": [{"anything-but": {"suffix": "a"}}]}, {"a": [{"equals-ignore-case": "AB"}]}]}}});
    call("events", "TestEventPattern", json!({"EventPattern": pattern.to_string(), "Event": event}))
}

/// The beginning of an event, up to what its lists hold.
const OPEN: &str = r#"{"id": "1", "account": "111122223333", "source": "aws.kms", "time": "2026-01-05T09:00:00Z",
    "region": "us-east-1", "detail-type": "x", "detail": {"l": ["#;

pub const READERS: &[Reader] = &[Reader {
    name: "event",
    read: tried,
    repeat: Made(|size| filled(size, OPEN, r#"{"x": "ab", "a": "a"},"#, r#"{"x": "b"}]}}"#)),
    nest: Made(|size| {
        let part = format!("{}\"a\"{},", "[".repeat(100), "]".repeat(100));
        filled(size, OPEN, &part, "1]}}")
    }),
    widen: Made(|size| listed(size, OPEN, "]}}", |n| format!(r#"{{"x": "{n}", "a": ["a", "{n}a"]}}"#))),
    long_token: Made(|size| filled(size, &format!("{OPEN}{{\"x\": \""), "ab", "\"}]}}")),
}];
