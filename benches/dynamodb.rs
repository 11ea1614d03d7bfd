//! What encryption at rest costs: scans against a bare loop of the same cipher, point reads and writes by table size.
//!
//! Run with `cargo bench --bench dynamodb`. `KMSLAB_BENCH_ITEMS` sets the number of items (1,000,000 unless given).
//! Figures depend on the machine; the ratios are what is held.

use std::hint::black_box;
use std::ops::{Bound, ControlFlow};
use std::time::{Duration, Instant};

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use kmslab::cloud::dynamodb::disk::{PlainKey, Position, TableDisk, TableKeys, WrappedTableKey};
use kmslab::cloud::dynamodb::value::{AttributeValue, Item};
use kmslab::cloud::dynamodb::{codec, number::Number};
use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};
use serde_json::json;

fn main() {
    let items: u32 =
        std::env::var("KMSLAB_BENCH_ITEMS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    println!("filling a table with {items} items of about 300 bytes");
    let (disk, keys) = filled(items, &mut rng);
    if wanted("scan") {
        scan(&disk, &keys, items, &mut rng);
    }
    // For a profiler: one kind of scan, again and again.
    for (part, decode) in [("found", false), ("decoded", true)] {
        if parts.iter().any(|wanted| wanted == part) {
            // About ten seconds, whatever the number of items.
            for _ in 0..(40_000_000 / items.max(1)) {
                black_box(scanned(&disk, &keys, items, decode));
            }
        }
    }
    if wanted("points") {
        for size in [1_000, 10_000, 100_000, items] {
            points(&disk, size, &mut rng);
        }
    }
    if wanted("world") {
        through_the_world();
    }
}

fn item(n: u32) -> Item {
    Item::from([
        ("CustomerId".to_owned(), AttributeValue::S(format!("customer-{n:08}"))),
        ("Name".to_owned(), AttributeValue::S("Alice Johnson".to_owned())),
        ("Email".to_owned(), AttributeValue::S(format!("alice{n}@example.com"))),
        ("Visits".to_owned(), AttributeValue::N(Number::parse(&n.to_string()).expect("a number"))),
        ("Notes".to_owned(), AttributeValue::S("x".repeat(180))),
    ])
}

fn position(keys: &TableKeys, n: u32) -> Position {
    keys.position(format!("customer-{n:08}").as_bytes(), None)
}

fn filled(items: u32, rng: &mut ChaCha20Rng) -> (TableDisk, TableKeys) {
    let plain = PlainKey::random(rng);
    let wrapped =
        WrappedTableKey { generation: 1, kms_key: None, key_material: None, blob: vec![0; 32].into() };
    let (mut disk, keys) = TableDisk::new(&["bench"], wrapped, &plain, rng).expect("a disk");
    let mut bytes = Vec::new();
    for n in 0..items {
        bytes.clear();
        codec::encode(&item(n), &mut bytes);
        disk.put(&keys, &position(&keys, n), &bytes, rng).expect("stored");
    }
    (disk, keys)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed<T>(mut run: impl FnMut() -> T) -> Duration {
    black_box(run());
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed());
    }
    best
}

/// One sealed page of the bare loop.
struct Bare {
    key: [u8; 32],
    nonce: [u8; 12],
    tag: [u8; 16],
    bytes: Vec<u8>,
}

/// Pages as large as those of the disk, sealed with the same crate and nothing else around them.
fn bare_pages(disk: &TableDisk, rng: &mut ChaCha20Rng, one_key: bool) -> Vec<Bare> {
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    disk.view()
        .pages()
        .map(|page| {
            if !one_key {
                rng.fill_bytes(&mut key);
            }
            let mut nonce = [0; 12];
            rng.fill_bytes(&mut nonce);
            let mut bytes = vec![0; page.ciphertext().len()];
            rng.fill_bytes(&mut bytes);
            let cipher = Aes256Gcm::new((&key).into());
            let tag = cipher
                .encrypt_inout_detached((&nonce).into(), b"", bytes.as_mut_slice().into())
                .expect("sealed")
                .into();
            Bare { key, nonce, tag, bytes }
        })
        .collect()
}

fn open_all(pages: &[Bare], cipher: Option<&Aes256Gcm>) -> usize {
    let mut buffer = Vec::new();
    let mut bytes = 0;
    for page in pages {
        buffer.clear();
        buffer.extend_from_slice(&page.bytes);
        let own = cipher.is_none().then(|| Aes256Gcm::new((&page.key).into()));
        let cipher = cipher.or(own.as_ref()).expect("a cipher");
        let opened = cipher.decrypt_inout_detached(
            (&page.nonce).into(),
            b"",
            buffer.as_mut_slice().into(),
            (&page.tag).into(),
        );
        opened.expect("opens");
        bytes += black_box(&buffer).len();
    }
    bytes
}

fn scan(disk: &TableDisk, keys: &TableKeys, items: u32, rng: &mut ChaCha20Rng) {
    let rounds = 20;
    let stored: usize = disk.view().pages().map(|page| page.ciphertext().len() + 12 + 16 + 60 + 32).sum();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let per_item = stored as f64 / f64::from(items);
    println!(
        "{} pages, {} bytes a page on average, {per_item:.0} bytes stored an item\n",
        disk.view().page_count(),
        stored / disk.view().page_count().max(1),
    );
    let one_key = bare_pages(disk, rng, true);
    let many_keys = bare_pages(disk, rng, false);
    let cipher = one_key.first().map(|page| Aes256Gcm::new((&page.key).into()));
    // The bare loops' pages lie in memory in one piece. Those of a table that grew item by item do not, and reading
    // them costs whatever the memory costs; those of a table restored from a backup do.
    let plain = PlainKey::random(rng);
    let wrapped =
        WrappedTableKey { generation: 1, kms_key: None, key_material: None, blob: vec![0; 32].into() };
    let (restored, restored_keys) =
        disk.copy_to(keys, &["restored"], wrapped, &plain, rng).expect("a copy of the table");
    let [bare, keyed, found, grown, decoded] = fastest(
        rounds,
        [
            &mut || open_all(&one_key, cipher.as_ref()),
            &mut || open_all(&many_keys, None),
            &mut || scanned(&restored, &restored_keys, items, false),
            &mut || scanned(disk, keys, items, false),
            &mut || scanned(&restored, &restored_keys, items, true),
        ],
    );
    for (what, time) in [
        ("bare loop: copy and open, one key ready made", bare),
        ("bare loop: copy and open, a key for each page", keyed),
        ("scan: unwrap, open, every record found", found),
        ("the same of a table that grew item by item", grown),
        ("scan with decoding", decoded),
    ] {
        println!(
            "{what:<52} {:>7.1} ms  {:>5.2} M items/s  {:>5.3} of the bare loop",
            time.as_secs_f64() * 1e3,
            f64::from(items) / time.as_secs_f64() / 1e6,
            bare.as_secs_f64() / time.as_secs_f64(),
        );
    }
    println!();
}

/// Every item of the table, one thread.
fn scanned(disk: &TableDisk, keys: &TableKeys, items: u32, decode: bool) -> usize {
    let mut seen = 0_u32;
    let mut total = 0;
    disk.scan(keys, Bound::Unbounded, &mut |record| {
        seen += 1;
        total += if decode { codec::decode(record.item).expect("an item").len() } else { record.item.len() };
        ControlFlow::Continue(())
    })
    .expect("scanned");
    assert_eq!(seen, items);
    total
}

/// The fastest run of each, the runs taking turns so that a busy machine slows all of them.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn fastest<const N: usize>(rounds: usize, mut runs: [&mut dyn FnMut() -> usize; N]) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..rounds {
        for (run, best) in runs.iter_mut().zip(&mut best) {
            let start = Instant::now();
            black_box(run());
            *best = (*best).min(start.elapsed());
        }
    }
    best
}

/// Point reads and writes in a table of `items` items, straight on the disk.
fn points(large: &TableDisk, items: u32, rng: &mut ChaCha20Rng) {
    let (disk, keys) = if u64::from(items) == large.items() { refilled(items) } else { filled(items, rng) };
    let rounds = 2_000_u32;
    let picks: Vec<u32> = (0..rounds).map(|_| rng.next_u32() % items).collect();
    let read = timed(|| {
        for n in &picks {
            black_box(disk.get(&keys, &position(&keys, *n)).expect("read").expect("there"));
        }
    });
    let mut bytes = Vec::new();
    codec::encode(&item(0), &mut bytes);
    let mut written = disk.clone();
    let write = timed(|| {
        for n in &picks {
            written.put(&keys, &position(&keys, *n), &bytes, rng).expect("written");
        }
    });
    let copy = timed(|| black_box(disk.clone()));
    println!(
        "{items:>9} items: get {:>5.1} us, put {:>5.1} us, clone of the table {:>4} ns",
        read.as_secs_f64() * 1e6 / f64::from(rounds),
        write.as_secs_f64() * 1e6 / f64::from(rounds),
        copy.as_nanos(),
    );
}

fn refilled(items: u32) -> (TableDisk, TableKeys) {
    filled(items, &mut ChaCha20Rng::seed_from_u64(8))
}

/// The same through `World::call`: authorization, KMS, audit and all.
fn through_the_world() {
    let account: AccountId = "111122223333".parse().expect("an account");
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    println!();
    for (name, fidelity) in
        [("asking KMS each time", Fidelity::instant()), ("with the table key cached", Fidelity::aws())]
    {
        for items in [1_000_u32, 10_000] {
            let mut world = World::new(7, now, fidelity.clone());
            world.add_account(account.clone(), "bench");
            let root = Caller::Root(account.clone());
            let mut call = |service: &str, operation: &str, input: serde_json::Value| {
                let call = Call::decode(service, operation, input).expect("a call");
                world.call(&root, call).result.expect(operation).to_json()
            };
            let key = call("kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
            call(
                "dynamodb",
                "CreateTable",
                json!({"TableName": "Bench", "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "CustomerId", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "CustomerId", "AttributeType": "S"}],
                "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}}),
            );
            world.advance(jiff::SignedDuration::from_mins(1)).expect("forward");
            let mut call = |operation: &str, input: serde_json::Value| {
                let call = Call::decode("dynamodb", operation, input).expect("a call");
                world.call(&root, call).result.expect(operation)
            };
            for n in 0..items {
                call("PutItem", json!({"TableName": "Bench", "Item": item(n)}));
            }
            let rounds = 500_u32;
            let read = timed(|| {
                for n in 0..rounds {
                    let key = json!({"CustomerId": {"S": format!("customer-{n:08}")}});
                    black_box(call("GetItem", json!({"TableName": "Bench", "Key": key})));
                }
            });
            let write = timed(|| {
                for n in 0..rounds {
                    black_box(call("PutItem", json!({"TableName": "Bench", "Item": item(n)})));
                }
            });
            println!(
                "World::call, {name}, {items} items: GetItem {:.1} us, PutItem {:.1} us",
                read.as_secs_f64() * 1e6 / f64::from(rounds),
                write.as_secs_f64() * 1e6 / f64::from(rounds),
            );
        }
    }
}
