//! Any body as a request of a JSON service: it is refused, or what was read is written and read again as the same.
#![no_main]

use kmslab::wire::{Request, route};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

/// A request of DynamoDB.
fn request(body: &[u8]) -> Request {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![
            header("content-type", "application/x-amz-json-1.0"),
            header("x-amz-target", "DynamoDB_20120810.PutItem"),
        ],
        body: body.to_vec(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    match within(4, bytes.len(), || route(&request(bytes))) {
        Ok(read) => {
            assert_eq!((read.spoken.service, read.operation.as_str()), ("dynamodb", "PutItem"));
            let again = route(&request(read.input.to_string().as_bytes())).expect("it was written here");
            assert_eq!(again, read);
        }
        Err(lost) => assert_eq!(lost.error.code, "SerializationException"),
    }
});
