//! A table's scan beside two bare loops that copy and open the same bytes: one with the crate kmslab uses, one with
//! aws-lc-rs, which is about what this machine can do.
//!
//! `KMSLAB_BENCH_ITEMS` sets the number of items (1,000,000 unless given).

use std::hint::black_box;
use std::ops::{Bound, ControlFlow};
use std::time::{Duration, Instant};

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use kmslab::cloud::dynamodb::disk::{PlainKey, TableDisk, TableKeys, WrappedTableKey};
use kmslab::cloud::dynamodb::value::{AttributeValue, Item};
use kmslab::cloud::dynamodb::{codec, number::Number};
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};

const ROUNDS: usize = 20;

/// One sealed page: ciphertext with its tag behind it.
struct Bare {
    nonce: [u8; 12],
    bytes: Vec<u8>,
}

fn main() {
    let items: u32 =
        std::env::var("KMSLAB_BENCH_ITEMS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let (disk, keys) = filled(items, &mut rng);
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    let rust = Aes256Gcm::new((&key).into());
    let lc = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("a key"));
    let pages: Vec<Bare> =
        disk.view().pages().map(|page| sealed(&lc, page.ciphertext().len(), &mut rng)).collect();
    println!(
        "{items} items of about 300 bytes on {} pages, one thread, fastest of {ROUNDS} runs in turn",
        pages.len()
    );

    let mut buffer = Vec::new();
    let mut other = Vec::new();
    let mut runs: [(&str, &mut dyn FnMut()); 3] = [
        ("bare loop with aes-gcm: copy and open", &mut || {
            for page in &pages {
                let (bytes, tag) = page.bytes.split_at(page.bytes.len() - 16);
                let tag: &[u8; 16] = tag.try_into().expect("a tag");
                buffer.clear();
                buffer.extend_from_slice(bytes);
                let out = buffer.as_mut_slice().into();
                rust.decrypt_inout_detached((&page.nonce).into(), b"", out, tag.into()).expect("opens");
                black_box(&buffer);
            }
        }),
        ("bare loop with aws-lc-rs: copy and open", &mut || {
            for page in &pages {
                other.clear();
                other.extend_from_slice(&page.bytes);
                let nonce = Nonce::assume_unique_for_key(page.nonce);
                black_box(lc.open_in_place(nonce, Aad::empty(), &mut other).expect("opens"));
            }
        }),
        ("kmslab: unwrap, open, find every item", &mut || {
            let mut seen = 0;
            disk.scan(&keys, Bound::Unbounded, &mut |record| {
                black_box(record.item);
                seen += 1;
                ControlFlow::Continue(())
            })
            .expect("scanned");
            assert_eq!(seen, items);
        }),
    ];
    let mut best = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        for ((_, run), best) in runs.iter_mut().zip(&mut best) {
            let start = Instant::now();
            run();
            *best = (*best).min(start.elapsed());
        }
    }
    for ((what, _), time) in runs.iter().zip(best) {
        let seconds = time.as_secs_f64();
        println!(
            "{what:<42} {:>7.1} ms  {:>6.2} M items/s  {:.3} of aes-gcm, {:.3} of aws-lc-rs",
            seconds * 1e3,
            f64::from(items) / seconds / 1e6,
            best[0].as_secs_f64() / seconds,
            best[1].as_secs_f64() / seconds,
        );
    }
}

fn sealed(key: &LessSafeKey, length: usize, rng: &mut ChaCha20Rng) -> Bare {
    let mut nonce = [0; 12];
    rng.fill_bytes(&mut nonce);
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes)
        .expect("sealed");
    Bare { nonce, bytes }
}

fn filled(items: u32, rng: &mut ChaCha20Rng) -> (TableDisk, TableKeys) {
    let plain = PlainKey::random(rng);
    let wrapped =
        WrappedTableKey { generation: 1, kms_key: None, key_material: None, blob: vec![0; 32].into() };
    let (mut disk, keys) = TableDisk::new(&["bench"], wrapped, &plain, rng).expect("a disk");
    let mut bytes = Vec::new();
    for n in 0..items {
        let name = format!("customer-{n:08}");
        let at = keys.position(name.as_bytes(), None);
        bytes.clear();
        codec::encode(
            &Item::from([
                ("CustomerId".to_owned(), AttributeValue::S(name)),
                ("Name".to_owned(), AttributeValue::S("Alice Johnson".to_owned())),
                ("Email".to_owned(), AttributeValue::S(format!("alice{n}@example.com"))),
                ("Visits".to_owned(), AttributeValue::N(Number::parse(&n.to_string()).expect("a number"))),
                ("Notes".to_owned(), AttributeValue::S("x".repeat(180))),
            ]),
            &mut bytes,
        );
        disk.put(&keys, &at, &bytes, rng).expect("stored");
    }
    (disk, keys)
}
