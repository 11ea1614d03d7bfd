//! Any headers and any query as a signed request: what is wrong is said, and a signature that is made of what was read is
//! accepted.
#![no_main]

use jiff::Timestamp;
use kmslab::cloud::service::ErrorStyle;
use kmslab::wire::Request;
use kmslab::wire::sigv4::{Fault, SigningKey, presented, signature_of, string_to_sign};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

/// A request whose first line is the query, and whose further lines are headers.
fn request(text: &str) -> Request {
    let mut lines = text.lines();
    let query = lines.next().unwrap_or_default().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Request { method: "GET".to_owned(), path: "/".to_owned(), query, headers, body: Vec::new() }
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let request = request(&text);
    let now: Timestamp = "2026-11-21T21:52:47Z".parse().expect("a time");
    let mut found = match within(16, bytes.len(), || presented(&request)) {
        Ok(Some(found)) => found,
        Ok(None) => return,
        Err(fault) => {
            assert!(!fault.error(ErrorStyle::Json).message.is_empty());
            return;
        }
    };
    found.at = "20261121T215247Z".to_owned();
    let Err(Fault::Mismatch { canonical, .. }) =
        within(64, bytes.len(), || found.check(&request, &SigningKey::derive(&found, "secret"), now))
    else {
        return;
    };
    found.signature = signature_of(&found, "secret", &string_to_sign(&found, &canonical));
    assert_eq!(found.check(&request, &SigningKey::derive(&found, "secret"), now), Ok(()));
});
