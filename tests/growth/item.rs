//! Items and ciphertexts as they are sent: the JSON of a request, without the console around it.

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kmslab::aws_cli::empty_world;
use kmslab::cloud::kms::crypto::read_header;
use kmslab::cloud::{Call, Caller, Fidelity, World};
use serde_json::{Value, json};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, listed};

thread_local! {
    /// A world with a table and a key, and its root user.
    static WORLD: RefCell<(World, Caller)> = RefCell::new(world());
}

fn world() -> (World, Caller) {
    let clock = "2026-01-05T09:00:00Z".parse().expect("a time");
    let (world, names) = empty_world(0, clock, Fidelity::instant());
    let mut made = (world, names.caller("root").expect("there is one"));
    let table = json!({"TableName": "T_T", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}]});
    for (service, operation, input) in
        [("dynamodb", "CreateTable", table), ("kms", "CreateKey", json!({}))]
    {
        let call = Call::decode(service, operation, input).expect("a call");
        made.0.call(&made.1, call).result.expect("made");
    }
    made
}

/// Makes a call with that input in a copy of the world. What AWS's own quotas refuse is a refusal, what it finds otherwise none.
pub fn call(service: &str, operation: &str, input: Value) -> Result<(), String> {
    let Ok(call) = Call::decode(service, operation, input) else { return Ok(()) };
    WORLD.with_borrow(|(world, root)| match world.clone().call(root, call).result {
        Ok(response) => {
            assert!(response.to_json().is_object());
            Ok(())
        }
        Err(error) if crate::frame::is_quota(&error.message) => Err(error.message.clone()),
        Err(_) => Ok(()),
    })
}

/// Writes an item whose JSON is the input.
fn put(input: &[u8]) -> Result<(), String> {
    // A request that nests deeper than JSON is read is none.
    let Ok(item) = serde_json::from_slice::<Value>(input) else {
        return Ok(());
    };
    call("dynamodb", "PutItem", json!({"TableName": "T_T", "Item": item}))
}

/// Reads which key a ciphertext names, and has it decrypted.
fn decrypt(input: &[u8]) -> Result<(), String> {
    assert!(read_header(input).is_err(), "it is none");
    call("kms", "Decrypt", json!({"CiphertextBlob": STANDARD.encode(input)}))
}

const ID: &str = r#"{"Id": {"S": "a"}, "#;

pub const READERS: &[Reader] = &[
    Reader {
        name: "item, as sent",
        read: put,
        repeat: Made(|size| listed(size, &format!("{ID}\"L\": {{\"L\": ["), "]}}", |_| r#"{"S": "b"}"#.to_owned())),
        nest: Made(|size| {
            // As deep as JSON is read, and beside it again.
            let deep = format!("{}{{\"S\": \"b\"}}{}", "{\"L\": [".repeat(50), "]}".repeat(50));
            listed(size, &format!("{ID}\"L\": {{\"L\": ["), "]}}", move |_| deep.clone())
        }),
        widen: Made(|size| listed(size, ID, "}", |number| format!(r#""f{number}": {{"N": "{number}"}}"#))),
        long_token: Made(|size| filled(size, &format!("{ID}\"S\": {{\"S\": \""), "a", "\"}}")),
    },
    Reader {
        name: "sets, as sent",
        read: put,
        // One member twice, at the end: all of the set is looked at, and printed in the refusal.
        repeat: Made(|size| {
            listed(size, &format!("{ID}\"S\": {{\"SS\": [\"0\", "), ", \"0\"]}}", |number| format!("\"{number}\""))
        }),
        nest: Lacks("a set holds texts, numbers or bytes, and none of them another"),
        widen: Made(|size| listed(size, &format!("{ID}\"N\": {{\"NS\": ["), "]}}", |number| format!("\"{number}\""))),
        long_token: Made(|size| filled(size / 4 * 4, &format!("{ID}\"B\": {{\"BS\": [\""), "AAAA", "\"]}}")),
    },
    Reader {
        name: "ciphertext",
        read: decrypt,
        repeat: Made(|size| in_front(&[0x30, 0x82, 0, 0].repeat(size / 4), size)),
        nest: Made(sequences),
        widen: Made(|size| in_front(&(0..=255).cycle().take(size).collect::<Vec<u8>>(), size)),
        long_token: Made(|size| in_front(&vec![0x30; size], size)),
    },
];

/// Bytes behind what every ciphertext begins with, in all so many.
fn in_front(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut all = [&[0x01, 0x02, 0x02, 0x00, 0x78][..], &[7; 32], &[1], &[7; 16]].concat();
    let room = size - all.len() - 4;
    all.extend(u32::try_from(room).expect("short").to_be_bytes());
    all.extend(bytes.iter().take(room));
    all
}

/// A sequence of DER in a sequence in a sequence, each as long as what is left.
fn sequences(size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() + 5 < size {
        let left = u32::try_from(size - bytes.len() - 5).expect("short");
        bytes.push(0x30);
        match left {
            0..0x80 => bytes.push(u8::try_from(left).expect("short")),
            0x80..0x1_0000 => {
                bytes.push(0x82);
                bytes.extend(&left.to_be_bytes()[2..]);
            }
            _ => {
                bytes.push(0x83);
                bytes.extend(&left.to_be_bytes()[1..]);
            }
        }
    }
    in_front(&bytes, size)
}
