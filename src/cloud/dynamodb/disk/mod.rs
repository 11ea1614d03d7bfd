//! The simulated disk of one table: pages of items, sealed, and the keys that open them, wrapped.
//!
//! ```text
//! KMS key  -> table key  (one a table, a KMS ciphertext)
//!               -> lookup key   (hashes partition keys; wrapped under the table key)
//!               -> data keys    (one a page; wrapped under the table key)
//!                    -> page    (up to 32 KiB of items, sealed under its data key)
//! ```
//!
//! Account, Region, table name, table id and the page's place are additional data of every page and every wrapped
//! key, so bytes that are changed, moved to another place or swapped do not open. What an attacker with the disk
//! could still do is put back an older version of the same page; nothing here detects that.
//!
//! Items are ordered by a keyed hash of the partition key, then by the sort key; both stand inside the sealed
//! pages. The directory beside the pages is in the clear. It shows: how many pages and items there are and how
//! large, the keyed hash at which each page begins, whether a partition spans several pages, and, between two
//! looks, which pages changed. It shows no attribute name, no value and no key.
//!
//! A point read opens one page (and a few more only inside a partition that spans many pages). Cloning shares
//! everything; writing copies one page and its path in the directory. This is the disk alone: who may have the
//! table key is decided by KMS.

mod data;
mod directory;
mod error;
mod page;
pub mod seal;
mod view;

#[cfg(test)]
mod tests;

use std::ops::{Bound, ControlFlow, Range};
use std::sync::Arc;

use rand::Rng;
use rpds::RedBlackTreeMapSync;

use data::{Page, Slot};
pub use data::{Position, TableDisk, TableKeys, WrappedTableKey};
pub use error::DiskError;
pub use page::{PAGE_BYTES, Record};
pub use seal::{PlainBytes, PlainKey};
use seal::{Sealed, WrappedKey};
pub use view::{Changes, DiskChanges, DiskView, PageView};

/// The number of pages that a scan looks at before it opens the first of them.
const AHEAD: usize = 64;

/// The kind of a wrapped or sealed thing, as part of its additional data.
#[derive(Clone, Copy)]
enum Kind {
    LookupKey = 1,
    DataKey = 2,
    Page = 3,
}

impl TableDisk {
    /// Returns an empty disk for the table that `identity` names, under a table key that KMS has just made.
    pub fn new(
        identity: &[&str],
        table_key: WrappedTableKey,
        plain: &PlainKey,
        rng: &mut impl Rng,
    ) -> Result<(Self, TableKeys), DiskError> {
        let identity = identity_bytes(identity);
        let keys = TableKeys { table: plain.cipher(), lookup: PlainKey::random(rng) };
        let aad = additional_data(&identity, Kind::LookupKey, Slot::FIRST);
        let lookup_key = WrappedKey::wrap(&keys.table, &aad, &keys.lookup, rng)?;
        let disk = Self {
            identity,
            table_key,
            previous: None,
            lookup_key,
            directory: RedBlackTreeMapSync::new_sync(),
            items: 0,
        };
        Ok((disk, keys))
    }

    /// Returns the table key that must be unwrapped by KMS before anything can be read or written.
    pub fn table_key(&self) -> &WrappedTableKey {
        &self.table_key
    }

    /// Returns the keys of the table, given its table key.
    pub fn unlock(&self, table_key: &PlainKey) -> Result<TableKeys, DiskError> {
        let table = table_key.cipher();
        let lookup = self.lookup_key.unwrap_key(&table, &self.aad(Kind::LookupKey, Slot::FIRST))?;
        Ok(TableKeys { table, lookup })
    }

    /// Returns the number of items.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// Returns the encoded item at a position.
    pub fn get(&self, keys: &TableKeys, at: &Position) -> Result<Option<PlainBytes>, DiskError> {
        let Some((slot, sealed)) = self.locate(keys, at)? else { return Ok(None) };
        let mut plain = PlainBytes::default();
        self.open(keys, slot, sealed, &mut plain)?;
        item_in(&plain, page::find(&plain, at)?)
    }

    /// Stores an encoded item and returns the one it replaces. An error leaves the disk as it was.
    pub fn put(
        &mut self,
        keys: &TableKeys,
        at: &Position,
        item: &[u8],
        rng: &mut impl Rng,
    ) -> Result<Option<PlainBytes>, DiskError> {
        let mut plain = PlainBytes::default();
        let (slot, data_key) = if let Some((slot, sealed)) = self.locate(keys, at)? {
            (slot, self.open(keys, slot, sealed, &mut plain)?)
        } else {
            *plain = page::empty();
            (Slot::FIRST, PlainKey::random(rng))
        };
        let place = page::find(&plain, at)?;
        let old = item_in(&plain, place.clone())?;
        let mut changed = PlainBytes::with_capacity(plain.len() + item.len() + at.sort.len() + 32);
        changed.extend_from_slice(&plain[..place.start]);
        page::push(&mut changed, at, item)?;
        changed.extend_from_slice(&plain[place.end..]);

        let halves = if changed.len() > PAGE_BYTES { page::split(&changed)? } else { None };
        if let Some(halves) = halves {
            let (left, right) = (PlainBytes::from(halves.left), PlainBytes::from(halves.right));
            let mut written = self.clone();
            let new_slot = written.slot_between(keys, slot, &halves.last_left, &halves.first_right, rng)?;
            // Making room may have moved the page itself.
            let slot = written.locate(keys, &halves.last_left)?.map_or(slot, |(slot, _)| slot);
            written.write(keys, slot, &data_key, &left, rng)?;
            written.write(keys, new_slot, &PlainKey::random(rng), &right, rng)?;
            *self = written;
        } else {
            self.write(keys, slot, &data_key, &changed, rng)?;
        }
        self.items += u64::from(old.is_none());
        Ok(old)
    }

    /// Removes an item and returns it. An error leaves the disk as it was.
    pub fn remove(
        &mut self,
        keys: &TableKeys,
        at: &Position,
        rng: &mut impl Rng,
    ) -> Result<Option<PlainBytes>, DiskError> {
        let Some((slot, sealed)) = self.locate(keys, at)? else { return Ok(None) };
        let mut plain = PlainBytes::default();
        let data_key = self.open(keys, slot, sealed, &mut plain)?;
        let place = page::find(&plain, at)?;
        let Some(old) = item_in(&plain, place.clone())? else { return Ok(None) };
        plain.drain(place);
        // A page that shrinks takes in its right neighbour, so that deleting leaves no trail of tiny pages.
        let next = self.directory.range((Bound::Excluded(slot), Bound::Unbounded)).next();
        let merged = match next {
            Some((next, sealed)) if plain.len() + sealed.body.ciphertext.len() < PAGE_BYTES / 2 => {
                let mut right = PlainBytes::default();
                self.open(keys, *next, sealed, &mut right)?;
                // Its version byte stays behind.
                plain.extend_from_slice(right.get(1..).unwrap_or_default());
                Some(*next)
            }
            _ => None,
        };
        self.write(keys, slot, &data_key, &plain, rng)?;
        if let Some(next) = merged {
            self.directory.remove_mut(&next);
        }
        self.items -= 1;
        Ok(Some(old))
    }

    /// Visits the records in order, from `start` on, until the visitor breaks.
    ///
    /// Each page is opened into one buffer that is used again for the next and wiped at the end.
    pub fn scan(
        &self,
        keys: &TableKeys,
        start: Bound<&Position>,
        visit: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), DiskError> {
        let first = match start {
            Bound::Included(at) | Bound::Excluded(at) => {
                self.locate(keys, at)?.map_or(Slot::FIRST, |(slot, _)| slot)
            }
            Bound::Unbounded => Slot::FIRST,
        };
        let too_early = |record: &Record<'_>| match start {
            Bound::Included(at) => record.order(at).is_lt(),
            Bound::Excluded(at) => record.order(at).is_le(),
            Bound::Unbounded => false,
        };
        let mut plain = PlainBytes::with_capacity(PAGE_BYTES);
        let mut pages = self.directory.range(first..=Slot::LAST);
        let mut ahead = Vec::with_capacity(AHEAD);
        loop {
            ahead.extend(pages.by_ref().take(AHEAD));
            fetch(&ahead);
            if ahead.is_empty() {
                return Ok(());
            }
            for (slot, sealed) in ahead.drain(..) {
                self.open(keys, *slot, sealed, &mut plain)?;
                for record in page::records(&plain)? {
                    let record = record?;
                    if *slot == first && too_early(&record) {
                        continue;
                    }
                    if visit(&record).is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Opens a page, counted from 0, in which all that belongs to no item is zero; `None` if there is no such page.
    pub fn page(&self, keys: &TableKeys, nth: usize) -> Result<Option<PlainBytes>, DiskError> {
        let Some((slot, page)) = self.directory.iter().nth(nth) else { return Ok(None) };
        let mut plain = PlainBytes::with_capacity(page.body.ciphertext.len());
        self.open(keys, *slot, page, &mut plain)?;
        let mut from = 0;
        for item in page::items(&plain)? {
            plain.get_mut(from..item.start).into_iter().flatten().for_each(|byte| *byte = 0);
            from = item.end;
        }
        plain.get_mut(from..).into_iter().flatten().for_each(|byte| *byte = 0);
        Ok(Some(plain))
    }

    /// Puts the disk under another table key: every wrapped key is wrapped anew, no page is rewritten.
    /// Source: DynamoDB Developer Guide, "DynamoDB encryption at rest: usage notes" (table keys and data keys).
    pub fn rekey(
        &mut self,
        keys: &TableKeys,
        table_key: WrappedTableKey,
        plain: &PlainKey,
        rng: &mut impl Rng,
    ) -> Result<TableKeys, DiskError> {
        let new = TableKeys { table: plain.cipher(), lookup: keys.lookup.clone() };
        let lookup_key =
            WrappedKey::wrap(&new.table, &self.aad(Kind::LookupKey, Slot::FIRST), &new.lookup, rng)?;
        let mut directory = RedBlackTreeMapSync::new_sync();
        for (slot, sealed) in &self.directory {
            let aad = self.aad(Kind::DataKey, *slot);
            let data_key = sealed.data_key.unwrap_key(&keys.table, &aad)?;
            let mut page = Page::clone(sealed);
            page.data_key = WrappedKey::wrap(&new.table, &aad, &data_key, rng)?;
            page.generation = table_key.generation;
            directory.insert_mut(*slot, Arc::new(page));
        }
        self.previous = Some(std::mem::replace(&mut self.table_key, table_key));
        self.lookup_key = lookup_key;
        self.directory = directory;
        Ok(new)
    }

    /// Throws the table key before the present one away: the change of keys is over.
    pub fn forget_previous_key(&mut self) {
        self.previous = None;
    }

    /// Returns the same items on the disk of another table, every page opened and sealed again under new data
    /// keys.
    ///
    /// The copy keeps the lookup key, so pages of the two tables begin at the same hashes.
    pub fn copy_to(
        &self,
        keys: &TableKeys,
        identity: &[&str],
        table_key: WrappedTableKey,
        plain: &PlainKey,
        rng: &mut impl Rng,
    ) -> Result<(Self, TableKeys), DiskError> {
        let (mut copy, mut new) = Self::new(identity, table_key, plain, rng)?;
        new.lookup = keys.lookup.clone();
        copy.lookup_key =
            WrappedKey::wrap(&new.table, &copy.aad(Kind::LookupKey, Slot::FIRST), &new.lookup, rng)?;
        let mut page = PlainBytes::default();
        for (slot, sealed) in &self.directory {
            self.open(keys, *slot, sealed, &mut page)?;
            copy.write(&new, *slot, &PlainKey::random(rng), &page, rng)?;
        }
        copy.items = self.items;
        Ok((copy, new))
    }

    fn aad(&self, kind: Kind, slot: Slot) -> Vec<u8> {
        additional_data(&self.identity, kind, slot)
    }

    /// Opens a page into `out` and returns its data key.
    fn open(
        &self,
        keys: &TableKeys,
        slot: Slot,
        page: &Page,
        out: &mut PlainBytes,
    ) -> Result<PlainKey, DiskError> {
        let mut aad = self.aad(Kind::DataKey, slot);
        let data_key = page.data_key.unwrap_key(&keys.table, &aad)?;
        set_kind(&mut aad, Kind::Page);
        page.body.open_into(&data_key.cipher(), &aad, out)?;
        Ok(data_key)
    }

    /// Seals a page and puts it in its place; a page without records leaves the directory.
    fn write(
        &mut self,
        keys: &TableKeys,
        slot: Slot,
        data_key: &PlainKey,
        plain: &[u8],
        rng: &mut impl Rng,
    ) -> Result<(), DiskError> {
        let items = u32::try_from(page::records(plain)?.count()).map_err(|_| DiskError::TooLarge)?;
        // The first page always begins at the lowest place, so that every position has a page to the left of it.
        if items == 0 && slot != Slot::FIRST {
            self.directory.remove_mut(&slot);
            return Ok(());
        }
        let wrapped = WrappedKey::wrap(&keys.table, &self.aad(Kind::DataKey, slot), data_key, rng)?;
        let body = Sealed::seal(&data_key.cipher(), &self.aad(Kind::Page, slot), plain, rng)?;
        let page = Page { data_key: wrapped, generation: self.table_key.generation, body, items };
        self.directory.insert_mut(slot, Arc::new(page));
        Ok(())
    }
}

/// Looks at every 4 KiB of the pages. They lie scattered in memory: so the processor waits for all of them at once, and
/// not for each when it is opened. Measured with a million items: a scan takes a fifth less.
fn fetch(pages: &[(&Slot, &Arc<Page>)]) {
    const STRIDE: usize = 4096;
    let mut seen = 0_u8;
    for (_, page) in pages {
        seen ^= page.data_key.tag[0];
        seen = page.body.ciphertext.iter().step_by(STRIDE).fold(seen, |seen, byte| seen ^ byte);
    }
    std::hint::black_box(seen);
}

fn item_in(plain: &[u8], place: Range<usize>) -> Result<Option<PlainBytes>, DiskError> {
    Ok(page::item_in(plain, place)?.map(|item| PlainBytes::from(item.to_vec())))
}

/// Returns the parts of a table's identity, each with its length in front so that no two lists give the same
/// bytes.
fn identity_bytes(parts: &[&str]) -> Arc<[u8]> {
    let mut bytes = b"kmslab table 1".to_vec();
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.into()
}

fn additional_data(identity: &[u8], kind: Kind, slot: Slot) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(identity.len() + 25);
    bytes.extend_from_slice(identity);
    bytes.extend(slot.hash);
    bytes.extend(slot.order.to_le_bytes());
    bytes.push(kind as u8);
    bytes
}

fn set_kind(aad: &mut [u8], kind: Kind) {
    if let Some(last) = aad.last_mut() {
        *last = kind as u8;
    }
}
