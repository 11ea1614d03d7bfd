//! Tests of the disk: what is written is read again, nothing is in the clear, nothing changed opens.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

use super::super::value::arbitrary;
use super::super::{codec, value};
use super::*;

const IDENTITY: [&str; 4] = ["111122223333", "us-east-1", "CustomerData", "5b0d6f4e"];

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

fn wrapped(generation: u32) -> WrappedTableKey {
    WrappedTableKey { generation, kms_key: None, key_material: None, blob: vec![1, 2, 3].into() }
}

fn empty_disk(rng: &mut ChaCha20Rng) -> (TableDisk, TableKeys, PlainKey) {
    let plain = PlainKey::random(rng);
    let (disk, keys) = TableDisk::new(&IDENTITY, wrapped(1), &plain, rng).unwrap();
    (disk, keys, plain)
}

/// A disk with `count` items of about 2 KB in `partitions` partitions: some eleven to a page. Large items keep the
/// number of sealings small, which are slow in a build without optimisation.
fn filled(count: u32, partitions: u32) -> (TableDisk, TableKeys, PlainKey) {
    let mut rng = rng();
    let (mut disk, keys, plain) = empty_disk(&mut rng);
    for n in 0..count {
        let (partition, sort) = (n % partitions, n / partitions);
        disk.put(&keys, &at(&keys, partition, sort), &body(n), &mut rng).unwrap();
    }
    (disk, keys, plain)
}

fn at(keys: &TableKeys, partition: u32, sort: u32) -> Position {
    keys.position(&partition.to_be_bytes(), Some(&sort.to_be_bytes()))
}

fn body(n: u32) -> Vec<u8> {
    format!("item {n} {}", "x".repeat(2000)).into_bytes()
}

fn all(disk: &TableDisk, keys: &TableKeys) -> Result<Vec<(Position, Vec<u8>)>, DiskError> {
    let mut found = Vec::new();
    disk.scan(keys, Bound::Unbounded, &mut |record| {
        found.push((record.position(), record.item.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// The sealed disk as bytes, as if it were read from the platter.
fn bytes_on_disk(disk: &TableDisk) -> Vec<u8> {
    let mut bytes = disk.table_key.blob.to_vec();
    bytes.extend(disk.lookup_key.ciphertext);
    for (slot, page) in &disk.directory {
        bytes.extend(slot.hash);
        bytes.extend(slot.order.to_le_bytes());
        bytes.extend(page.data_key.nonce);
        bytes.extend(page.data_key.tag);
        bytes.extend(page.data_key.ciphertext);
        bytes.extend(page.body.nonce);
        bytes.extend(page.body.tag);
        bytes.extend(&*page.body.ciphertext);
    }
    bytes
}

#[test]
fn a_large_partition_keeps_its_order_and_is_found_by_key() {
    let (disk, keys, _) = filled(250, 1);
    assert!(disk.view().page_count() > 12);
    let sorts: Vec<Vec<u8>> = all(&disk, &keys).unwrap().into_iter().map(|(at, _)| at.sort).collect();
    assert!(sorts.is_sorted());
    for n in 0..250 {
        assert_eq!(disk.get(&keys, &at(&keys, 0, n)).unwrap().unwrap().as_slice(), body(n));
    }
    assert_eq!(disk.get(&keys, &at(&keys, 0, 250)).unwrap(), None);
    assert_eq!(disk.get(&keys, &at(&keys, 1, 0)).unwrap(), None);
}

#[test]
fn inserting_always_at_the_same_place_makes_room_when_orders_run_out() {
    // Descending sort keys split the first page again and again, which halves the room behind it every time.
    let mut rng = rng();
    let (mut disk, keys, _) = empty_disk(&mut rng);
    for n in (0..400_u32).rev() {
        disk.put(&keys, &at(&keys, 0, n), &body(n), &mut rng).unwrap();
    }
    let found = all(&disk, &keys).unwrap();
    assert_eq!(found.len(), 400);
    assert!(found.iter().enumerate().all(|(n, (_, item))| *item == body(u32::try_from(n).unwrap())));
}

#[test]
fn a_scan_goes_on_behind_any_position() {
    let (disk, keys, _) = filled(90, 20);
    let whole = all(&disk, &keys).unwrap();
    for start in (0..whole.len()).step_by(4) {
        let mut rest = Vec::new();
        disk.scan(&keys, Bound::Excluded(&whole[start].0), &mut |record| {
            rest.push(record.item.to_vec());
            if rest.len() == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        let expected: Vec<Vec<u8>> =
            whole[start + 1..].iter().take(5).map(|(_, item)| item.clone()).collect();
        assert_eq!(rest, expected);
    }
}

#[test]
fn deleting_everything_leaves_one_empty_page() {
    let (mut disk, keys, _) = filled(120, 10);
    let mut rng = rng();
    for n in 0..120 {
        let at = at(&keys, n % 10, n / 10);
        assert_eq!(disk.remove(&keys, &at, &mut rng).unwrap().unwrap().as_slice(), body(n));
        assert_eq!(disk.remove(&keys, &at, &mut rng).unwrap(), None);
    }
    assert_eq!((disk.items(), disk.view().page_count()), (0, 1));
    assert_eq!(all(&disk, &keys).unwrap(), []);
}

#[test]
fn a_clone_shares_every_page_but_the_one_written() {
    let (disk, keys, _) = filled(100, 100);
    let mut other = disk.clone();
    let position = at(&keys, 17, 0);
    other.put(&keys, &position, b"changed", &mut rng()).unwrap();
    let shared = disk
        .directory
        .iter()
        .filter(|(slot, page)| other.directory.get(slot).is_some_and(|p| Arc::ptr_eq(p, page)))
        .count();
    assert_eq!(shared, disk.view().page_count() - 1);
    assert_eq!(disk.get(&keys, &position).unwrap().unwrap().as_slice(), body(17));
    let changed: Vec<Changes> =
        other.view().pages().map(|page| page.changes_since(&disk).unwrap()).filter(Changes::any).collect();
    assert_eq!(changed.len(), 1);
    assert!(changed[0].nonce && changed[0].tag && !changed[0].ciphertext.is_empty(), "{changed:?}");
}

type Damage = fn(&mut Page, usize);

/// Every way to damage one page or the keys, each a change of a single bit or a move.
#[test]
fn whatever_is_changed_on_the_disk_no_read_succeeds() {
    let (disk, keys, plain) = filled(100, 100);
    let slots: Vec<Slot> = disk.directory.keys().copied().collect();
    assert!(slots.len() > 3);
    let (first, second) = (slots[0], slots[1]);
    let victim = all(&disk, &keys).unwrap()[0].0.clone();

    let ways: [(&str, Damage, usize); 6] = [
        ("nonce", |page, bit| page.body.nonce[bit / 8] ^= 1 << (bit % 8), 96),
        ("tag", |page, bit| page.body.tag[bit / 8] ^= 1 << (bit % 8), 128),
        ("ciphertext", |page, bit| Arc::make_mut(&mut page.body.ciphertext)[bit / 8] ^= 1 << (bit % 8), 4096),
        ("wrapped key's nonce", |page, bit| page.data_key.nonce[bit / 8] ^= 1 << (bit % 8), 96),
        ("wrapped key's tag", |page, bit| page.data_key.tag[bit / 8] ^= 1 << (bit % 8), 128),
        ("wrapped key", |page, bit| page.data_key.ciphertext[bit / 8] ^= 1 << (bit % 8), 256),
    ];
    for (what, damage, bits) in ways {
        for bit in (0..bits).step_by(7) {
            let mut damaged = disk.clone();
            let mut page = Page::clone(&damaged.directory[&first]);
            damage(&mut page, bit);
            damaged.directory.insert_mut(first, Arc::new(page));
            assert_eq!(damaged.get(&keys, &victim), Err(DiskError::Unauthentic), "{what}, bit {bit}");
            assert_eq!(all(&damaged, &keys), Err(DiskError::Unauthentic), "{what}, bit {bit}");
            assert_eq!(damaged.clone().put(&keys, &victim, b"x", &mut rng()), Err(DiskError::Unauthentic));
            assert_eq!(damaged.clone().remove(&keys, &victim, &mut rng()), Err(DiskError::Unauthentic));
        }
    }

    let mut swapped = disk.clone();
    let (a, b) = (Arc::clone(&disk.directory[&first]), Arc::clone(&disk.directory[&second]));
    swapped.directory.insert_mut(first, b.clone());
    swapped.directory.insert_mut(second, a);
    assert_eq!(all(&swapped, &keys), Err(DiskError::Unauthentic), "two pages swapped");

    let mut swapped = disk.clone();
    let mut page = Page::clone(&disk.directory[&first]);
    page.body = b.body.clone();
    swapped.directory.insert_mut(first, Arc::new(page));
    assert_eq!(
        all(&swapped, &keys),
        Err(DiskError::Unauthentic),
        "another page's bytes under this page's key"
    );

    for part in 0..IDENTITY.len() {
        let mut identity = IDENTITY;
        identity[part] = "other";
        let mut moved = disk.clone();
        moved.identity = identity_bytes(&identity);
        assert!(moved.unlock(&plain).is_err(), "part {part} of the identity");
        assert_eq!(all(&moved, &keys), Err(DiskError::Unauthentic), "part {part} of the identity");
    }

    for bit in 0..256 {
        let mut damaged = disk.clone();
        damaged.lookup_key.ciphertext[bit / 8] ^= 1 << (bit % 8);
        assert!(damaged.unlock(&plain).is_err(), "lookup key, bit {bit}");
    }
    assert!(disk.unlock(&PlainKey::random(&mut ChaCha20Rng::seed_from_u64(8))).is_err(), "another table key");
    assert!(disk.unlock(&plain).is_ok());
}

#[test]
fn another_table_key_rewraps_the_keys_and_leaves_the_pages() {
    let (mut disk, keys, old_plain) = filled(60, 6);
    let before = disk.clone();
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let plain = PlainKey::random(&mut rng);
    let new = disk.rekey(&keys, wrapped(2), &plain, &mut rng).unwrap();
    assert_eq!(all(&disk, &new), all(&before, &keys));
    assert!(disk.unlock(&old_plain).is_err(), "the old table key opens nothing any more");
    assert!(all(&disk, &keys).is_err());
    assert_eq!(disk.view().previous_table_key(), Some(before.table_key()));
    for page in disk.view().pages() {
        assert_eq!(page.table_key_generation(), 2);
        let changes = page.changes_since(&before).unwrap();
        assert!(changes.data_key && !changes.nonce && changes.ciphertext.is_empty());
    }
    disk.forget_previous_key();
    assert_eq!(disk.view().previous_table_key(), None);
}

#[test]
fn a_copy_for_another_table_holds_the_items_under_new_keys() {
    let (disk, keys, _) = filled(60, 6);
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let plain = PlainKey::random(&mut rng);
    let (copy, new) = disk.copy_to(&keys, &["other"], wrapped(1), &plain, &mut rng).unwrap();
    assert_eq!(all(&copy, &new), all(&disk, &keys));
    assert_eq!(copy.items(), disk.items());
    assert!(all(&copy, &keys).is_err());
    assert!(copy.unlock(&plain).is_ok());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(bytes_on_disk(&filled(60, 6).0), bytes_on_disk(&filled(60, 6).0));
}

#[test]
fn keys_show_nothing_of_themselves() {
    let (_, keys, plain) = filled(1, 1);
    assert_eq!(format!("{keys:?} {plain:?}"), "TableKeys(..) PlainKey(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_disk_behaves_like_a_sorted_map(
        steps in proptest::collection::vec((any::<bool>(), 0_u32..4, 0_u32..20, 0_usize..5000), 1..40),
    ) {
        let mut rng = rng();
        let (mut disk, keys, plain) = empty_disk(&mut rng);
        let mut model = BTreeMap::new();
        for (put, partition, sort, size) in steps {
            let at = at(&keys, partition, sort);
            let (old, expected) = if put {
                let item = vec![u8::try_from(sort).unwrap(); size];
                (disk.put(&keys, &at, &item, &mut rng).unwrap(), model.insert(at, item))
            } else {
                (disk.remove(&keys, &at, &mut rng).unwrap(), model.remove(&at))
            };
            prop_assert_eq!(old.as_deref(), expected.as_ref());
        }
        prop_assert_eq!(disk.items(), u64::try_from(model.len()).unwrap());
        let keys = disk.unlock(&plain).unwrap();
        for (at, item) in &model {
            let read = disk.get(&keys, at).unwrap();
            prop_assert_eq!(read.as_deref(), Some(item));
        }
        prop_assert_eq!(all(&disk, &keys).unwrap(), model.into_iter().collect::<Vec<_>>());
    }

    /// Looks for every name and value of four bytes or more among the stored bytes. Shorter ones occur by chance.
    #[test]
    fn no_part_of_an_item_is_found_in_the_stored_bytes(items in proptest::collection::vec(arbitrary::item(), 1..8)) {
        let mut rng = rng();
        let (mut disk, keys, _) = empty_disk(&mut rng);
        let mut needles = Vec::new();
        for (n, item) in items.iter().enumerate() {
            let mut bytes = Vec::new();
            codec::encode(item, &mut bytes);
            let partition = format!("partition key {n}");
            let sort = format!("sort key {n}");
            let at = keys.position(partition.as_bytes(), Some(sort.as_bytes()));
            disk.put(&keys, &at, &bytes, &mut rng).unwrap();
            needles.extend([partition.into_bytes(), sort.into_bytes(), bytes]);
            for (name, value) in item {
                needles.push(name.clone().into_bytes());
                if let value::AttributeValue::S(text) = value {
                    needles.push(text.clone().into_bytes());
                }
            }
        }
        let stored = bytes_on_disk(&disk);
        for needle in needles.iter().filter(|needle| needle.len() >= 4) {
            prop_assert!(!stored.windows(needle.len()).any(|window| window == needle.as_slice()));
        }
    }
}
