//! A read-only look at what the disk holds: ciphertext, nonces, tags, wrapped keys, and what changed.
//!
//! Needs no key and shows no plaintext: it is what somebody with the disk in his hands would see. No AWS API
//! returns any of it.

use std::ops::Range;
use std::sync::Arc;

use super::data::{Page, Slot, TableDisk, WrappedTableKey};
use super::seal::WrappedKey;

/// A view of what the disk of one table holds.
#[derive(Clone, Copy, Debug)]
pub struct DiskView<'a> {
    disk: &'a TableDisk,
}

/// One page as it lies on the disk.
#[derive(Clone, Copy, Debug)]
pub struct PageView<'a> {
    slot: Slot,
    page: &'a Page,
}

/// The differences of a page from an earlier state.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Changes {
    /// The nonce is another one: the page was sealed again.
    pub nonce: bool,
    /// The tag is another one.
    pub tag: bool,
    /// The data key is wrapped differently.
    pub data_key: bool,
    /// Ranges of the ciphertext that differ, in bytes.
    pub ciphertext: Vec<Range<usize>>,
}

impl Changes {
    /// Tells whether anything differs.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// The differences of a disk from an earlier state.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DiskChanges {
    /// The table key is another one, or is wrapped differently.
    pub table_key: bool,
    /// The lookup key is wrapped differently.
    pub lookup_key: bool,
    /// The pages that differ, by their place in the order of [`DiskView::pages`]. All of a new page differs.
    pub pages: Vec<(usize, Changes)>,
    pub removed: usize,
}

impl DiskChanges {
    /// Tells whether anything differs.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

impl TableDisk {
    /// Changes a byte of the wrapped table key.
    #[cfg(test)]
    pub(in crate::cloud::dynamodb) fn damage_table_key(&mut self, at: usize) {
        Arc::make_mut(&mut self.table_key.blob)[at] ^= 1;
    }

    /// Returns every key on the disk, for tests to search for.
    #[cfg(test)]
    pub(in crate::cloud) fn keys_in_the_clear(&self, table_key: &super::PlainKey) -> Vec<super::PlainKey> {
        let keys = self.unlock(table_key).expect("its own key");
        let mut all = vec![keys.lookup.clone()];
        for (slot, page) in &self.directory {
            let aad = self.aad(super::Kind::DataKey, *slot);
            all.push(page.data_key.unwrap_key(&keys.table, &aad).expect("its own key"));
        }
        all
    }

    /// Returns what the disk holds.
    pub fn view(&self) -> DiskView<'_> {
        DiskView { disk: self }
    }
}

impl<'a> DiskView<'a> {
    /// Returns the table key as KMS wrapped it.
    pub fn table_key(&self) -> &'a WrappedTableKey {
        &self.disk.table_key
    }

    /// Returns the wrapped table key before, while a change of keys is under way.
    pub fn previous_table_key(&self) -> Option<&'a WrappedTableKey> {
        self.disk.previous.as_ref()
    }

    /// Returns the key that hashes partition keys, wrapped under the table key.
    pub fn lookup_key(&self) -> &'a WrappedKey {
        &self.disk.lookup_key
    }

    /// Returns the number of items.
    pub fn items(&self) -> u64 {
        self.disk.items
    }

    /// Returns the number of pages.
    pub fn page_count(&self) -> usize {
        self.disk.directory.size()
    }

    /// Returns what differs from an earlier state of the disk; everything, if there was none.
    pub fn changes_since(&self, earlier: Option<&TableDisk>) -> DiskChanges {
        let changes = |page: PageView<'_>| {
            let all = || Changes {
                nonce: true,
                tag: true,
                data_key: true,
                ciphertext: std::iter::once(0..page.ciphertext().len()).collect(),
            };
            earlier.and_then(|earlier| page.changes_since(earlier)).unwrap_or_else(all)
        };
        let directory = &self.disk.directory;
        let is_gone = |slot: &&Slot| !directory.contains_key(*slot);
        DiskChanges {
            table_key: earlier.is_none_or(|earlier| earlier.table_key != self.disk.table_key),
            lookup_key: earlier.is_none_or(|earlier| earlier.lookup_key != self.disk.lookup_key),
            pages: self.pages().map(changes).enumerate().filter(|(_, changes)| changes.any()).collect(),
            removed: earlier.map_or(0, |earlier| earlier.directory.keys().filter(is_gone).count()),
        }
    }

    /// Returns the pages in order.
    pub fn pages(&self) -> impl Iterator<Item = PageView<'a>> + use<'a> {
        self.disk.directory.iter().map(|(slot, page)| PageView { slot: *slot, page })
    }
}

impl<'a> PageView<'a> {
    /// Returns the number of items on the page.
    pub fn items(&self) -> u32 {
        self.page.items
    }

    /// Returns the nonce: random, and new at every sealing.
    pub fn nonce(&self) -> &'a [u8] {
        &self.page.body.nonce
    }

    /// Returns the authentication tag of the page.
    pub fn tag(&self) -> &'a [u8] {
        &self.page.body.tag
    }

    /// Returns the encrypted bytes of the page.
    pub fn ciphertext(&self) -> &'a [u8] {
        &self.page.body.ciphertext
    }

    /// Returns the page's data key, wrapped under the table key.
    pub fn data_key(&self) -> &'a WrappedKey {
        &self.page.data_key
    }

    /// Returns which of the table's keys wraps the data key.
    #[cfg(test)]
    pub fn table_key_generation(&self) -> u32 {
        self.page.generation
    }

    /// Returns what differs from the page in the same place of `earlier`; `None` if there was no page.
    pub fn changes_since(&self, earlier: &TableDisk) -> Option<Changes> {
        let before = earlier.directory.get(&self.slot)?;
        if std::ptr::eq(Arc::as_ptr(before), self.page) {
            return Some(Changes::default());
        }
        Some(Changes {
            nonce: before.body.nonce != self.page.body.nonce,
            tag: before.body.tag != self.page.body.tag,
            data_key: before.data_key != self.page.data_key,
            ciphertext: differing(&before.body.ciphertext, &self.page.body.ciphertext),
        })
    }
}

fn differing(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, byte) in after.iter().enumerate() {
        if before.get(at) == Some(byte) {
            continue;
        }
        match ranges.last_mut() {
            Some(range) if range.end == at => range.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}
