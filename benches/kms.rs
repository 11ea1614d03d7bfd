//! Calls of KMS a second against the number of keys, grants and principals.
//!
//! Run with `cargo bench --bench kms`. Each row is a ratio to the smallest world in the same run; it stays near 1,
//! because keys, grants and principals are found by what a request names.

use std::time::{Duration, Instant};

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

fn main() {
    println!(
        "{:>10} {:>8} {:>14} {:>8} {:>18} {:>8}",
        "what", "count", "Decrypt/s", "ratio", "GenerateDataKey/s", "ratio"
    );
    for what in ["keys", "grants", "users"] {
        let mut first = None;
        for size in SIZES {
            let (mut world, caller, key) = filled(what, size);
            let made = ok(&mut world, &caller, "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}));
            let decrypt = json!({"CiphertextBlob": made["CiphertextBlob"]});
            let generate = json!({"KeyId": key, "KeySpec": "AES_256"});
            let rates = [
                rate(&mut world, &caller, "Decrypt", &decrypt),
                rate(&mut world, &caller, "GenerateDataKey", &generate),
            ];
            let [decrypts, generates] = rates;
            let [first_decrypts, first_generates] = *first.get_or_insert(rates);
            println!(
                "{what:>10} {size:>8} {decrypts:>14.0} {:>8.2} {generates:>18.0} {:>8.2}",
                decrypts / first_decrypts,
                generates / first_generates
            );
        }
    }
}

/// A world with so many of what is counted; a caller who may use the key that is returned.
fn filled(what: &str, size: usize) -> (World, Caller, String) {
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let account: AccountId = ACCOUNT.parse().expect("an account");
    let mut world = World::new(7, now, Fidelity::instant());
    world.add_account(account.clone(), "bench");
    let root = Caller::Root(account.clone());
    let user = |world: &mut World, name: &str| {
        call(world, &root, "iam", "CreateUser", json!({"UserName": name}));
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]});
        let put = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy.to_string()});
        call(world, &root, "iam", "PutUserPolicy", put);
    };
    user(&mut world, "kim");
    user(&mut world, "tess");
    let key = ok(&mut world, &root, "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
    for count in 0..size {
        match what {
            "keys" => drop(ok(&mut world, &root, "CreateKey", json!({}))),
            "grants" => {
                let grant = json!({"KeyId": key, "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:user/tess"),
                    "Operations": ["Decrypt"]});
                ok(&mut world, &root, "CreateGrant", grant);
            }
            _ => user(&mut world, &format!("user{count}")),
        }
    }
    world.clear_events();
    (world, Caller::user(&account, "kim"), key.as_str().expect("an ARN").to_owned())
}

fn call(world: &mut World, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
    let call = Call::decode(service, operation, input).expect("a call");
    world.call(caller, call).result.expect(operation).to_json()
}

fn ok(world: &mut World, caller: &Caller, operation: &str, input: Value) -> Value {
    call(world, caller, "kms", operation, input)
}

/// Calls a second, from the best of five rounds.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#[expect(clippy::cast_precision_loss, reason = "the number of calls is small")]
fn rate(world: &mut World, caller: &Caller, operation: &str, input: &Value) -> f64 {
    const CALLS: usize = 500;
    let call = Call::decode("kms", operation, input.clone()).expect("a call");
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..CALLS {
            world.call(caller, call.clone()).result.expect(operation);
        }
        best = best.min(start.elapsed());
        world.clear_events();
    }
    CALLS as f64 / best.as_secs_f64()
}
