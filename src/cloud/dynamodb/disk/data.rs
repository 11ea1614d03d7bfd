//! What lies on the disk of one table, and the keys that open it.

use std::cmp::Ordering;
use std::sync::Arc;

use aes_gcm::Aes256Gcm;
use rpds::RedBlackTreeMapSync;
use zeroize::ZeroizeOnDrop;

use super::seal::{PlainKey, Sealed, WrappedKey};
use crate::cloud::secrets::wiped;

/// The position of an item: the keyed hash of its partition key, then its sort key in comparable bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub(super) hash: [u8; 16],
    pub(super) sort: Vec<u8>,
}

impl Position {
    /// Returns the sort key in comparable bytes.
    pub fn sort(&self) -> &[u8] {
        &self.sort
    }

    /// Returns in which of so many equal shares of all hashes the item lies, counted from 0.
    pub fn share(&self, shares: u32) -> u32 {
        share(&self.hash, shares)
    }

    /// Returns the place in the same partition with another sort key.
    #[must_use]
    pub fn with_sort(&self, sort: Vec<u8>) -> Self {
        Self { hash: self.hash, sort }
    }
}

/// Returns in which of so many equal shares of all hashes one lies, counted from 0.
pub(super) fn share(hash: &[u8; 16], shares: u32) -> u32 {
    // The high bits of a product, so that every share has as many hashes.
    let scaled = (u128::from_be_bytes(*hash) >> 96) * u128::from(shares);
    u32::try_from(scaled >> 32).unwrap_or(u32::MAX)
}

/// The place at which a page begins: at a partition's hash, or (order above 0) somewhere inside that partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) hash: [u8; 16],
    pub(super) order: u64,
}

impl Slot {
    pub(super) const FIRST: Self = Self { hash: [0; 16], order: 0 };
    pub(super) const LAST: Self = Self { hash: [u8::MAX; 16], order: u64::MAX };
    /// Distance between the orders of pages that are appended to a partition.
    pub(super) const STEP: u64 = 1 << 32;
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        // As numbers: a search compares a dozen slots, and comparing bytes would call a function for each.
        let hash = |slot: &Self| u128::from_be_bytes(slot.hash);
        hash(self).cmp(&hash(other)).then(self.order.cmp(&other.order))
    }
}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A page as it lies on the disk, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) data_key: WrappedKey,
    /// The generation of the table key that wraps the data key.
    pub(super) generation: u32,
    pub(super) body: Sealed,
    pub(super) items: u32,
}

/// A table key as KMS wrapped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedTableKey {
    /// 1 for the table's first key, one more for each later one.
    pub generation: u32,
    /// ARN of the KMS key that wraps it; `None` for an AWS owned key.
    pub kms_key: Option<String>,
    /// The material of the KMS key that wraps the table key, as KMS said when it made the table key.
    pub key_material: Option<String>,
    /// The ciphertext that KMS returned.
    pub blob: Arc<[u8]>,
}

/// The keys of a table in the clear, for as long as they are needed.
#[derive(Clone)]
pub struct TableKeys {
    pub(super) table: Aes256Gcm,
    pub(super) lookup: PlainKey,
}

impl ZeroizeOnDrop for TableKeys {}

const _: fn(&TableKeys) = |keys| {
    wiped(&keys.table);
    wiped(&keys.lookup);
};

impl std::fmt::Debug for TableKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TableKeys(..)")
    }
}

impl TableKeys {
    /// Returns where the item with these key bytes stands.
    pub fn position(&self, partition: &[u8], sort: Option<&[u8]>) -> Position {
        Position { hash: self.lookup.keyed_hash(partition), sort: sort.unwrap_or_default().to_vec() }
    }
}

/// The disk of one table. A clone is another value that shares all pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDisk {
    /// Additional data that names the table.
    pub(super) identity: Arc<[u8]>,
    pub(super) table_key: WrappedTableKey,
    /// The key before, while a change of keys is under way.
    pub(super) previous: Option<WrappedTableKey>,
    pub(super) lookup_key: WrappedKey,
    pub(super) directory: RedBlackTreeMapSync<Slot, Arc<Page>>,
    pub(super) items: u64,
}
