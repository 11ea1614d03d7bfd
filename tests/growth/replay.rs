//! A lab that is opened again: what its journal tells of is done again, entry by entry.
//!
//! The rows are kinds of journals, each of them sound, with calls as somebody may have made them. Four times the entries may
//! take 4.5 times the steps and the bytes.

use kmslab::lab::{Entry, Lab};
use kmslab::limits::steps;
use kmslab::scenario;
use serde_json::{Value, json};

/// The entries of the smaller journal; the larger has four times as many.
const ENTRIES: usize = 120;

/// How many times the work of a fourfold journal may be.
const MOST_PER_FOURFOLD: f64 = 4.5;

/// A kind of journal: its name, the scenario, and its entry of each number.
type Kind = (&'static str, &'static str, fn(usize) -> Vec<Value>);

const KINDS: &[Kind] = &[
    ("calls that only read", "a3", |_| vec![call("root", "kms", "ListKeys", &json!({}))]),
    ("calls that are refused", "a3", |_| vec![call("tess", "kms", "ListKeys", &json!({}))]),
    ("new users", "a3", |n| vec![new_user(n)]),
    ("new users, without tasks", "free-sample", |n| vec![new_user(n)]),
    ("users made and deleted", "a3", |n| vec![new_user(n), delete_user(n)]),
    ("users who act", "a3", |n| vec![new_user(n), json!({"act": format!("u{n}")}), json!({"act": "kim"})]),
    ("the same two act", "a3", |n| vec![new_user(n), json!({"act": "tess"}), json!({"act": "kim"})]),
    ("roles and their sessions", "a3", |n| {
        vec![new_role(n), assume(n), json!({"act": format!("r{n}/night")})]
    }),
    ("new keys", "a3", |_| vec![call("root", "kms", "CreateKey", &json!({}))]),
    ("keys that are used", "a3", |_| {
        vec![call(
            "root",
            "kms",
            "GenerateDataKey",
            &json!({"KeyId": "alias/dynamodb-encryption-key", "KeySpec": "AES_256"}),
        )]
    }),
    // A pair takes seconds where it is made.
    ("data key pairs", "a3", |_| {
        vec![call(
            "root",
            "kms",
            "GenerateDataKeyPair",
            &json!({"KeyId": "alias/dynamodb-encryption-key", "KeyPairSpec": "RSA_4096"}),
        )]
    }),
    // Each fills a good part of a page of the table, since a page that is not full yet grows with each item.
    ("new items", "a3", |n| {
        let item = json!({"CustomerID": {"S": format!("c{n}")}, "Name": {"S": "Bob".repeat(3_000)}});
        vec![call("root", "dynamodb", "PutItem", &json!({"TableName": "CustomerData", "Item": item}))]
    }),
    ("the same item written again", "a3", |n| {
        let item = json!({"CustomerID": {"S": "12345"}, "Name": {"S": format!("Bob {n}")}});
        vec![call("root", "dynamodb", "PutItem", &json!({"TableName": "CustomerData", "Item": item}))]
    }),
    ("console lines", "a3", |n| {
        let printed = format!("{}{n:08}", "x".repeat(400));
        let changed = json!({"A": format!("{n}")});
        vec![json!({"typed": {"prompt": "$ ", "text": format!("echo {n}"), "printed": printed, "code": 0,
            "acting": "kim", "changed": changed}})]
    }),
    ("an hour passes", "a3", |_| vec![json!({"wait": 3600})]),
    ("undone and done again", "a3", |n| {
        vec![call("root", "kms", "ListKeys", &json!({})), json!({"go_to": n / 2}), json!({"go_to": n})]
    }),
    ("a draft that is edited", "a3", |n| {
        let text = json!({"Version": "2012-10-17", "Statement": [{"Sid": format!("S{n}"), "Effect": "Allow",
            "Principal": "*", "Action": "kms:*", "Resource": "*"}]});
        vec![json!({"draft": {"document": {"item": null}, "text": text.to_string()}})]
    }),
    ("a prediction of what comes after something", "a3", |n| {
        let answer = json!({"answer": {"question": "p1", "choose": 0}});
        let call = call("tess", "dynamodb", "ListTables", &json!({}));
        if n == 0 { vec![answer, call] } else { vec![call] }
    }),
];

/// A call as a journal has it. How it ended is not noted as it was, which is told of each call.
fn call(who: &str, service: &str, operation: &str, input: &Value) -> Value {
    let caller =
        if who == "root" { json!({"Root": "111122223333"}) } else { json!({"User": ["111122223333", who]}) };
    json!({"call": {"who": who, "caller": caller, "service": service, "operation": operation, "input": input,
        "context": {"region": "us-east-1", "source_ip": "198.51.100.7", "user_agent": "kmslab",
            "secure_transport": true, "connection": 0, "keys": {}},
        "outcome": {"status": if who == "tess" && service == "kms" { "denied" } else { "allowed" }, "hash": "00"}}})
}

fn new_user(n: usize) -> Value {
    call("root", "iam", "CreateUser", &json!({"UserName": format!("u{n}")}))
}

fn delete_user(n: usize) -> Value {
    call("root", "iam", "DeleteUser", &json!({"UserName": format!("u{n}")}))
}

fn new_role(n: usize) -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}}]});
    let input = json!({"RoleName": format!("r{n}"), "AssumeRolePolicyDocument": trust.to_string()});
    call("root", "iam", "CreateRole", &input)
}

fn assume(n: usize) -> Value {
    let input =
        json!({"RoleArn": format!("arn:aws:iam::111122223333:role/r{n}"), "RoleSessionName": "night"});
    call("kim", "sts", "AssumeRole", &input)
}

/// What doing a journal again takes: steps and allocated bytes.
fn work((name, id, entry): &Kind, entries: usize) -> (u64, u64) {
    let mut lab = Lab::open(scenario::find(id).expect("there"), None).expect("it opens");
    lab.open_first_document();
    let document = lab.draft().map(|draft| serde_json::to_value(draft.document()).expect("it is written"));
    lab.take_unsaved();
    let entries: Vec<Entry> = (0..)
        .flat_map(entry)
        .take(entries)
        .map(|mut entry| {
            if let Some(draft) = entry.get_mut("draft") {
                draft["document"] = document.clone().expect("one is open");
            }
            serde_json::from_value(entry).expect("an entry")
        })
        .collect();
    let calls = entries.iter().filter(|entry| matches!(entry, Entry::Call(_))).count();
    let (mut told, mut taken) = (Vec::new(), 0);
    let asked = allocation_counter::measure(|| {
        (told, taken) = steps::counted(|| lab.replay(entries).unwrap_or_else(|why| panic!("{name}: {why}")));
    });
    // The calls end as they are meant to, or the row is about something else.
    for difference in &told {
        assert!(!difference.to_string().contains(" now"), "{name}: {difference}");
    }
    assert!(told.len() <= calls);
    (taken, asked.bytes_total)
}

#[test]
fn doing_again_grows_with_the_entries() {
    let mut table = String::new();
    let mut faults = Vec::new();
    for kind in KINDS {
        let _warm = work(kind, 8);
        let ((steps, bytes), (more_steps, more_bytes)) = (work(kind, ENTRIES), work(kind, 4 * ENTRIES));
        #[expect(clippy::cast_precision_loss, reason = "both are far below 2 to the power of 52")]
        let ratio = |before: u64, after: u64| after.max(1) as f64 / before.max(1) as f64;
        let ratios = [ratio(steps, more_steps), ratio(bytes, more_bytes)];
        let row = format!(
            "{:<30} | {steps:>9} steps {:>9} KiB | x{:.2} x{:.2}",
            kind.0,
            bytes >> 10,
            ratios[0],
            ratios[1]
        );
        if ratios.iter().any(|ratio| *ratio > MOST_PER_FOURFOLD) {
            faults.push(row.clone());
        }
        println!("{row}");
        table.push_str(&row);
        table.push('\n');
    }
    assert!(faults.is_empty(), "{}\n{table}", faults.join("\n"));
}
