//! Expressions of DynamoDB, and what they are asked of: AWS takes 4 KB of each, and items of 400 KB.

use std::collections::BTreeMap;

use kmslab::cloud::dynamodb::expression::{Placeholders, apply, matches, project};
use kmslab::cloud::dynamodb::value::Item;
use kmslab::cloud::dynamodb::wire::{Checks, WireItem, WireValue, check_attributes};
use serde_json::{Value, json};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, listed, nested};
use crate::item::call;

fn text(input: &[u8]) -> &str {
    std::str::from_utf8(input).expect("text")
}

/// Makes a call with the input as one of its parameters.
fn with(operation: &str, mut request: Value, parameter: &str, input: &[u8]) -> Result<(), String> {
    request["TableName"] = json!("T_T");
    request[parameter] = json!(text(input));
    call("dynamodb", operation, request)
}

fn key() -> Value {
    json!({"Key": {"Id": {"S": "a"}}})
}

/// Reads `{"b": VALUE, "v": VALUE}`: the attribute of an item, and the value of a request.
fn pair(input: &[u8]) -> (Item, WireItem) {
    let mut both: WireItem = serde_json::from_slice(input).expect("two values");
    let value: WireValue = both.remove("v").expect("a value");
    let item = check_attributes(&both, Checks::Older).expect("sound");
    (item, BTreeMap::from([(":v".to_owned(), value)]))
}

/// Asks a condition of an item whose attribute stands in the input beside the value that it is compared with.
fn holds(input: &[u8], condition: &str) {
    let (item, values) = pair(input);
    let mut placeholders = Placeholders::new(None, Some(&values), Checks::Older).expect("sound");
    let condition = placeholders.condition("FilterExpression", Some(condition)).expect("sound").expect("there");
    assert!(!matches(&condition, &item), "the shapes are made so that all of them is looked at");
}

/// Changes an item whose attribute stands in the input by the value beside it.
fn changed(input: &[u8], update: &str) {
    let (item, values) = pair(input);
    let mut placeholders = Placeholders::new(None, Some(&values), Checks::Older).expect("sound");
    let update = placeholders.update(Some(update)).expect("sound").expect("there");
    assert!(apply(&update, &item).is_ok(), "the shapes are made so that it can be done");
}

/// Two values of one kind, each with a half of the bytes.
fn two(size: usize, open: &str, part: [&str; 2], close: [&str; 2]) -> Vec<u8> {
    let item = filled(size / 2, &format!("{{\"b\": {open}"), part[0], &format!("{}, ", close[0]));
    let value = filled(size / 2, &format!("\"v\": {open}"), part[1], &format!("{}}}", close[1]));
    [item, value].concat()
}

/// Two lists or sets, each with a half of the bytes.
fn two_lists(size: usize, kind: &str, part: fn(usize) -> String, other: fn(usize) -> String) -> Vec<u8> {
    let item = listed(size / 2, &format!("{{\"b\": {{\"{kind}\": ["), "]}, ", part);
    let value = listed(size / 2, &format!("\"v\": {{\"{kind}\": ["), "]}}", other);
    [item, value].concat()
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "filter expression",
        read: |input| with("Scan", json!({}), "FilterExpression", input),
        repeat: Made(|size| filled(size, "a = b", " AND a = b", "")),
        nest: Made(|size| nested(size, "(", "a = b", ")")),
        widen: Made(|size| listed(size, "a IN (", ")", |number| format!("f{number}"))),
        long_token: Made(|size| filled(size, "attribute_exists(", "a", ")")),
    },
    Reader {
        name: "condition expression",
        read: |input| {
            with("PutItem", json!({"Item": {"Id": {"S": "a"}}}), "ConditionExpression", input)
        },
        repeat: Made(|size| filled(size, "a = b", " OR NOT a = b", "")),
        nest: Made(|size| nested(size, "NOT (", "a = b", ")")),
        widen: Made(|size| filled(size, "a", "[0].b", " = c")),
        long_token: Made(|size| filled(size, "a[", "1", "] = b")),
    },
    Reader {
        name: "projection expression",
        read: |input| with("GetItem", key(), "ProjectionExpression", input),
        repeat: Made(|size| filled(size, "a", ", a", "")),
        nest: Made(|size| filled(size, "a", ".a", "")),
        widen: Made(|size| listed(size, "", "", |number| format!("f{number}"))),
        long_token: Made(|size| filled(size, "", "a", "")),
    },
    Reader {
        name: "update expression",
        read: |input| with("UpdateItem", key(), "UpdateExpression", input),
        repeat: Made(|size| filled(size, "SET a = b", ", a = b", "")),
        nest: Made(|size| nested(size, "if_not_exists(a, ", "b", ")")),
        widen: Made(|size| listed(size, "SET ", "", |number| format!("f{number} = g{number}"))),
        long_token: Made(|size| filled(size, "REMOVE ", "a", "")),
    },
    Reader {
        name: "key condition expression",
        read: |input| with("Query", json!({}), "KeyConditionExpression", input),
        repeat: Made(|size| filled(size, "Id = :v", " AND Id = :v", "")),
        nest: Made(|size| nested(size, "(", "Id = :v", ")")),
        widen: Made(|size| {
            let text = listed(size, "", "", |number| format!("f{number} = :v"));
            text.into_iter().map(|byte| if byte == b',' { b'&' } else { byte }).collect()
        }),
        long_token: Made(|size| filled(size, "begins_with(Id, :", "v", ")")),
    },
    Reader {
        name: "names and values of expressions",
        read: |input| {
            let given: Value = serde_json::from_slice(input).expect("JSON");
            let (names, values) = (&given["n"], &given["v"]);
            let request = json!({"TableName": "T_T", "FilterExpression": "#a = :a",
                "ExpressionAttributeNames": names, "ExpressionAttributeValues": values});
            call("dynamodb", "Scan", request)
        },
        repeat: Made(|size| {
            listed(size, r##"{"n": {"#a": "b"}, "v": {":a": {"L": ["##, "]}}}", |_| r#"{"S": "b"}"#.to_owned())
        }),
        nest: Made(|size| {
            let deep = format!("{}{{\"S\": \"b\"}}{}", "{\"L\": [".repeat(50), "]}".repeat(50));
            listed(size, r##"{"n": {"#a": "b"}, "v": {":a": {"L": ["##, "]}}}", move |_| deep.clone())
        }),
        widen: Made(|size| {
            listed(size, r#"{"v": {":a": {"S": "b"}}, "n": {"#, "}}", |number| format!("\"#a{number}\": \"b\""))
        }),
        long_token: Made(|size| filled(size, r##"{"v": {":a": {"S": "b"}}, "n": {"#a": ""##, "a", "\"}}")),
    },
    Reader {
        name: "filter of an item",
        read: |input| {
            holds(input, "contains(b, :v)");
            Ok(())
        },
        // Bytes that are almost there at every place.
        repeat: Made(|size| two(size, "{\"B\": \"", ["AAAA", "AAAA"], ["\"}", "AAAB\"}"])),
        nest: Made(|size| {
            let deep = |number: usize| format!("{}{{\"N\": \"{number}\"}}{}", "{\"L\": [".repeat(30), "]}".repeat(30));
            let item = listed(size / 2, "{\"b\": {\"L\": [", "]}, ", deep);
            let value = filled(size / 2, "\"v\": {\"S\": \"", "a", "\"}}");
            [item, value].concat()
        }),
        widen: Made(|size| {
            two_lists(size, "SS", |number| format!("\"a{number}\""), |number| format!("\"b{number}\""))
        }),
        long_token: Made(|size| two(size, "{\"S\": \"", ["a", "a"], ["\"}", "b\"}"])),
    },
    Reader {
        name: "comparison with an item",
        // Sets have no order.
        read: |input| {
            let are_sets = input.starts_with(br#"{"b": {"NS""#);
            holds(input, if are_sets { "b = :v" } else { "b < :v OR begins_with(b, :v)" });
            Ok(())
        },
        repeat: Made(|size| two(size, "{\"B\": \"", ["AAAB", "AAAA"], ["\"}", "\"}"])),
        nest: Lacks("lists and maps have no order; that they are equal is asked in `filter of an item`"),
        widen: Made(|size| {
            two_lists(size, "NS", |number| format!("\"{number}\""), |number| format!("\"-{number}1\""))
        }),
        long_token: Made(|size| two(size, "{\"S\": \"", ["b", "a"], ["\"}", "\"}"])),
    },
    Reader {
        name: "update of an item",
        read: |input| {
            changed(input, "SET c = list_append(b, :v), d = if_not_exists(e, :v)");
            Ok(())
        },
        repeat: Made(|size| two_lists(size, "L", |_| r#"{"S": "a"}"#.to_owned(), |_| r#"{"S": "b"}"#.to_owned())),
        nest: Made(|size| {
            let deep = |number: usize| format!("{}{{\"N\": \"{number}\"}}{}", "{\"L\": [".repeat(30), "]}".repeat(30));
            two_lists(size, "L", deep, deep)
        }),
        widen: Made(|size| {
            let member = |number: usize| format!("{{\"N\": \"{number}\"}}");
            two_lists(size, "L", member, member)
        }),
        long_token: Made(|size| two(size, "{\"L\": [{\"S\": \"", ["a", "b"], ["\"}]}", "\"}]}"])),
    },
    Reader {
        name: "sets added to an item",
        read: |input| {
            changed(input, "ADD b :v");
            Ok(())
        },
        repeat: Made(|size| {
            two_lists(size, "SS", |number| format!("\"a{number}\""), |number| format!("\"a{number}\""))
        }),
        nest: Lacks("a set holds texts, numbers or bytes, and none of them another"),
        widen: Made(|size| {
            two_lists(size, "NS", |number| format!("\"{number}\""), |number| format!("\"-1{number}\""))
        }),
        long_token: Made(|size| two(size, "{\"SS\": [\"", ["a", "b"], ["\"]}", "\"]}"])),
    },
    Reader {
        name: "projection of an item",
        read: |input| {
            let item: WireItem = serde_json::from_slice(input).expect("an item");
            let item = check_attributes(&item, Checks::Older).expect("sound");
            let mut placeholders = Placeholders::new(None, None, Checks::Older).expect("sound");
            let paths = placeholders.projection(Some("b, c[0].d, c[1].e, g.h")).expect("sound").expect("there");
            assert!(!project(&item, &paths).is_empty());
            Ok(())
        },
        repeat: Made(|size| listed(size, r#"{"b": {"L": ["#, "]}}", |_| r#"{"S": "a"}"#.to_owned())),
        nest: Made(|size| {
            let deep = |number: usize| format!("{}{{\"N\": \"{number}\"}}{}", "{\"L\": [".repeat(30), "]}".repeat(30));
            listed(size, r#"{"b": {"L": ["#, "]}}", deep)
        }),
        widen: Made(|size| listed(size, r#"{"b": {"M": {"#, "}}}", |number| format!(r#""f{number}": {{"NULL": true}}"#))),
        long_token: Made(|size| filled(size, r#"{"b": {"S": ""#, "a", r#""}}"#)),
    },
];
