//! Calls a second against the number of keys, grants (for others, and for the caller), principals and items, and the
//! memory that one of them takes.
//!
//! Run with `cargo bench --bench kms`, or for some rows `cargo bench --bench kms -- grants items`. Ratios are to the
//! smallest world in the same run. They fall as searches grow by a step with each doubling and memory gets colder;
//! nothing is looked through one by one.

use std::time::{Duration, Instant};

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const CALLS: usize = 500;

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    println!(
        "{:>14} {:>8} {:>11} {:>6} {:>18} {:>6} {:>10} {:>6} {:>10} {:>6} {:>12}",
        "what",
        "count",
        "Decrypt/s",
        "ratio",
        "GenerateDataKey/s",
        "ratio",
        "GetItem/s",
        "ratio",
        "PutItem/s",
        "ratio",
        "bytes each"
    );
    for what in ["keys", "grants", "own grants", "users", "items"] {
        if !parts.is_empty() && !parts.iter().any(|part| part == what) {
            continue;
        }
        let sizes: &[usize] =
            if what == "items" { &[1_000, 10_000, 100_000, 1_000_000] } else { &[10, 100, 1_000, 10_000] };
        let mut empty = 0;
        let mut worlds = Vec::new();
        for size in std::iter::once(&0).chain(sizes) {
            let mut made = None;
            let info = allocation_counter::measure(|| made = Some(filled(what, *size)));
            let (world, caller, key) = made.expect("filled");
            if *size == 0 {
                empty = info.bytes_current;
            } else {
                worlds.push(Measured::new(world, caller, &key, *size, info.bytes_current - empty));
            }
        }
        // The worlds take turns, so that a busy machine slows all of them.
        for _ in 0..10 {
            worlds.iter_mut().for_each(Measured::round);
        }
        let first = worlds.first().map(Measured::rates).expect("a world");
        for world in &worlds {
            print!("{what:>14} {:>8}", world.size);
            for ((rate, first), width) in world.rates().iter().zip(first).zip([11, 18, 10, 10]) {
                print!(" {rate:>width$.0} {:>6.2}", rate / first);
            }
            println!(" {:>12.0}", world.bytes_each);
        }
    }
}

/// A world and the fastest round of each operation in it.
struct Measured {
    world: World,
    caller: Caller,
    size: usize,
    bytes_each: f64,
    calls: [Vec<Call>; 4],
    best: [Duration; 4],
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn new(mut world: World, caller: Caller, key: &str, size: usize, bytes: i64) -> Self {
        let encrypt = json!({"KeyId": key, "Plaintext": "YQ=="});
        let sealed = ok(&mut world, &Caller::user(&account(), "kim"), "Encrypt", encrypt);
        let pick = |n: usize| n * 7_919 % size;
        let calls = |service: &str, operation: &str, input: &dyn Fn(usize) -> Value| {
            (0..CALLS)
                .map(|n| Call::decode(service, operation, input(n)).expect("a call"))
                .collect::<Vec<_>>()
        };
        let calls = [
            calls("kms", "Decrypt", &|_| json!({"CiphertextBlob": sealed["CiphertextBlob"]})),
            calls("kms", "GenerateDataKey", &|_| json!({"KeyId": key, "KeySpec": "AES_256"})),
            calls(
                "dynamodb",
                "GetItem",
                &|n| json!({"TableName": "Bench", "Key": {"CustomerId": {"S": format!("customer-{:08}", pick(n))}}}),
            ),
            calls("dynamodb", "PutItem", &|n| json!({"TableName": "Bench", "Item": whole(pick(n))})),
        ];
        let bytes_each = bytes as f64 / size as f64;
        Self { world, caller, size, bytes_each, calls, best: [Duration::MAX; 4] }
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn round(&mut self) {
        for (calls, best) in self.calls.iter().zip(&mut self.best) {
            let start = Instant::now();
            for call in calls {
                self.world.call(&self.caller, call.clone()).result.expect("answered");
            }
            *best = (*best).min(start.elapsed());
            self.world.clear_events();
        }
    }

    /// Calls a second.
    #[expect(clippy::cast_precision_loss, reason = "the number of calls is small")]
    fn rates(&self) -> [f64; 4] {
        self.best.map(|time| CALLS as f64 / time.as_secs_f64())
    }
}

fn account() -> AccountId {
    ACCOUNT.parse().expect("an account")
}

/// An item of about 300 bytes.
fn whole(n: usize) -> Value {
    json!({"CustomerId": {"S": format!("customer-{n:08}")}, "Name": {"S": "Alice Johnson"},
        "Email": {"S": format!("alice{n}@example.com")}, "Visits": {"N": n.to_string()},
        "Notes": {"S": "x".repeat(180)}})
}

/// A world with so many of what is counted; a caller who may use the key that is returned.
fn filled(what: &str, size: usize) -> (World, Caller, String) {
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let account = account();
    let mut world = World::new(7, now, Fidelity::instant());
    world.add_account(account.clone(), "bench");
    let root = Caller::Root(account.clone());
    let user = |world: &mut World, name: &str| {
        call(world, &root, "iam", "CreateUser", json!({"UserName": name}));
        // Whoever is to be let in by grants has no permission of his own on keys.
        let action = if what == "own grants" && name == "tess" { "dynamodb:*" } else { "*" };
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": "*"}]});
        let put = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy.to_string()});
        call(world, &root, "iam", "PutUserPolicy", put);
    };
    user(&mut world, "kim");
    user(&mut world, "tess");
    let key = ok(&mut world, &root, "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
    let table = json!({"TableName": "Bench", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "CustomerId", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "CustomerId", "AttributeType": "S"}],
        "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}});
    call(&mut world, &root, "dynamodb", "CreateTable", table);
    world.advance(jiff::SignedDuration::from_mins(1)).expect("forward");
    let put = |world: &mut World, n: usize| {
        call(world, &root, "dynamodb", "PutItem", json!({"TableName": "Bench", "Item": whole(n)}));
    };
    if what != "items" {
        put(&mut world, 0);
    }
    if what == "own grants" {
        let grant = json!({"KeyId": key, "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:user/tess"),
            "Operations": ["GenerateDataKey", "Decrypt"]});
        ok(&mut world, &root, "CreateGrant", grant);
    }
    for count in 0..size {
        if count % 1_000 == 0 {
            world.clear_events();
        }
        match what {
            "keys" => drop(ok(&mut world, &root, "CreateKey", json!({}))),
            "items" => put(&mut world, count),
            "grants" | "own grants" => {
                let grant = json!({"KeyId": key, "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:user/tess"),
                    "Operations": ["Decrypt"]});
                ok(&mut world, &root, "CreateGrant", grant);
            }
            _ => user(&mut world, &format!("user{count}")),
        }
    }
    world.clear_events();
    let caller = if what == "own grants" { "tess" } else { "kim" };
    (world, Caller::user(&account, caller), key.as_str().expect("an ARN").to_owned())
}

fn call(world: &mut World, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
    let call = Call::decode(service, operation, input).expect("a call");
    world.call(caller, call).result.expect(operation).to_json()
}

fn ok(world: &mut World, caller: &Caller, operation: &str, input: Value) -> Value {
    call(world, caller, "kms", operation, input)
}
