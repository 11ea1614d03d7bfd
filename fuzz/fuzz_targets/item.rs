//! Any JSON as an item, any text as a number, any bytes as a stored item: what is read is written, and read again as the
//! same.
#![no_main]

use kmslab::cloud::dynamodb::codec;
use kmslab::cloud::dynamodb::number::Number;
use kmslab::cloud::dynamodb::value::{MAX_ITEM_SIZE, item_size};
use kmslab::cloud::dynamodb::wire::{Checks, WireItem, check_item};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

fn numbers(text: &str) {
    let mut read = Vec::new();
    for word in text.split([',', '"', ' ']).take(8) {
        match Number::parse(word) {
            Ok(number) => {
                assert!(number.significant_digits() <= 38);
                assert_eq!(Number::parse(&number.to_string()).as_ref(), Ok(&number), "{word}");
                read.push(number);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    for a in &read {
        for b in &read {
            assert_eq!(a.cmp(b), a.order_bytes().cmp(&b.order_bytes()), "{a} and {b}");
            assert_eq!(a.add(b, false), b.add(a, false), "{a} and {b}");
            assert!(a.add(a, true).is_ok_and(|nothing| nothing == Number::zero()), "{a} less itself");
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(item) = codec::decode(bytes) {
        let mut written = Vec::new();
        codec::encode(&item, &mut written);
        assert_eq!(codec::decode(&written).as_ref(), Ok(&item));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    numbers(text);
    let Ok(wire) = serde_json::from_str::<WireItem>(text) else { return };
    for checks in [Checks::Newer, Checks::Older, Checks::OlderOfUpdate] {
        let item = match within(64, bytes.len(), || check_item(&wire, checks)) {
            Ok(item) => item,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        assert!(item_size(&item) <= MAX_ITEM_SIZE);
        let printed = serde_json::to_string(&item).expect("an item is JSON");
        let again: WireItem = serde_json::from_str(&printed).expect("as a request has it");
        assert_eq!(check_item(&again, checks).as_ref(), Ok(&item), "{printed}");
        let mut stored = Vec::new();
        codec::encode(&item, &mut stored);
        assert_eq!(codec::decode(&stored), Ok(item));
    }
});
