//! Any text as each kind of expression of DynamoDB, on the item behind it or one that stands here.
#![no_main]

use std::collections::BTreeMap;

use kmslab::cloud::dynamodb::expression::{KeyCondition, Path, Placeholders, Step, apply, matches, project};
use kmslab::cloud::dynamodb::value::Item;
use kmslab::cloud::dynamodb::wire::{Checks, WireItem, check_item};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

const VALUES: &str = r#"{":a": {"S": "Al"}, ":n": {"N": "5"}, ":l": {"L": [{"N": "9"}]}, ":s": {"SS": ["red"]},
    ":m": {"M": {"k": {"N": "1"}}}, ":b": {"B": "AAE="}, ":t": {"S": "S"}, ":z": {"NULL": true}}"#;
const ITEM: &str = r#"{"id": {"S": "1"}, "age": {"N": "7"}, "tags": {"SS": ["red", "blue"]}, "ns": {"NS": ["1", "2"]},
    "l": {"L": [{"N": "1"}, {"M": {"deep": {"S": "x"}}}]}, "m": {"M": {"k": {"N": "5"}}}, "b": {"B": "AAEC"}}"#;

fn placeholders() -> Placeholders {
    let names = BTreeMap::from([("#a".to_owned(), "age".to_owned()), ("#m".to_owned(), "m".to_owned())]);
    let values: WireItem = serde_json::from_str(VALUES).expect("values");
    Placeholders::new(Some(&names), Some(&values), Checks::Newer).expect("they are sound")
}

fn item(text: &str) -> Option<Item> {
    check_item(&serde_json::from_str(text).ok()?, Checks::Newer).ok()
}

fuzz_target!(|text: &str| {
    let (text, behind) = text.split_once('\n').unwrap_or((text, ""));
    let item = item(behind).or_else(|| item(ITEM)).expect("one of them is sound");
    let condition = |text: &str| placeholders().condition("FilterExpression", Some(text));
    within(256, text.len() + behind.len(), || match condition(text) {
        Ok(Some(read)) => {
            let holds = matches(&read, &item);
            // Depth and length have limits of their own.
            if let Ok(Some(turned)) = condition(&format!("NOT ({text})")) {
                assert_ne!(matches(&turned, &item), holds, "NOT turns it around");
            }
            if let Ok(Some(twice)) = condition(&format!("({text}) OR ({text})")) {
                assert_eq!(matches(&twice, &item), holds);
            }
            let _a_key_or_not = KeyCondition::of(read, "id", Some("age"));
        }
        Ok(None) => panic!("there was a text"),
        Err(error) => assert!(error.to_string().contains("FilterExpression"), "{error}"),
    });
    if let Ok(Some(paths)) = placeholders().projection(Some(text)) {
        let part = project(&item, &paths);
        assert!(part.keys().all(|name| item.contains_key(name)), "nothing new");
        // The second element of a list is the only one of its projection.
        let by_name = |path: &Path| path.rest.iter().all(|step| matches!(step, Step::Key(_)));
        if paths.iter().all(by_name) {
            assert_eq!(project(&part, &paths), part);
        }
    }
    if let Ok(Some(update)) = placeholders().update(Some(text)) {
        let named: Vec<_> = update.paths().collect();
        if let Ok(after) = apply(&update, &item) {
            for (name, value) in &item {
                if !named.iter().any(|path| path.attribute == *name) {
                    assert_eq!(after.get(name), Some(value), "{name} is not named");
                }
            }
        }
    }
});
