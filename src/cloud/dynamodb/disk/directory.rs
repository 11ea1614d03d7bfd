//! The directory of pages: which page holds a position, and where a new page goes.
//!
//! Pages are in order of the hash at which they begin. Inside one partition they are in order of the sort key, which
//! the directory must not show; there they carry plain numbers, and finding a sort key opens a few pages.

use std::sync::Arc;

use rand::Rng;

use super::data::{Page, Position, Slot, TableDisk, TableKeys};
use super::error::DiskError;
use super::page;
use super::seal::PlainBytes;

impl TableDisk {
    /// Returns the page that holds `at`, or would.
    pub(super) fn locate(&self, keys: &TableKeys, at: &Position) -> Result<Option<(Slot, &Page)>, DiskError> {
        let slot = |order| Slot { hash: at.hash, order };
        let Some(mut found) = self.directory.range(Slot::FIRST..=slot(0)).next_back() else {
            return Ok(None);
        };
        // Hardly any partition is larger than a page.
        if self.directory.range(slot(1)..=slot(u64::MAX)).next().is_none() {
            return Ok(Some((*found.0, found.1)));
        }
        // Pages that begin inside the partition: bisect over their orders. The directory does not know their sort
        // keys, so each step opens a page.
        let mut top = u64::MAX;
        loop {
            let from = if found.0.hash == at.hash { found.0.order } else { 0 };
            if from >= top {
                break;
            }
            let middle = from + (top - from).div_ceil(2);
            let lower = self.directory.range(slot(from + 1)..=slot(middle)).next_back();
            let candidate = match lower {
                None if middle < top => self.directory.range(slot(middle + 1)..=slot(top)).next(),
                other => other,
            };
            let Some(candidate) = candidate else { break };
            let mut plain = PlainBytes::default();
            self.open(keys, *candidate.0, candidate.1, &mut plain)?;
            match page::records(&plain)?.next().transpose()? {
                Some(first) if first.order(at).is_le() => found = candidate,
                _ => top = candidate.0.order - 1,
            }
        }
        Ok(Some((*found.0, found.1)))
    }

    /// Returns a free slot for the page that begins at `right`, just behind the page at `left_slot`.
    pub(super) fn slot_between(
        &mut self,
        keys: &TableKeys,
        left_slot: Slot,
        left: &Position,
        right: &Position,
        rng: &mut impl Rng,
    ) -> Result<Slot, DiskError> {
        if left.hash != right.hash {
            return Ok(Slot { hash: right.hash, order: 0 });
        }
        let hash = right.hash;
        for _ in 0..2 {
            let left_slot = self.locate(keys, left)?.map_or(left_slot, |(slot, _)| slot);
            let low = if left_slot.hash == hash { left_slot.order } else { 0 };
            let behind = self
                .directory
                .range(Slot { hash, order: low.saturating_add(1) }..=Slot { hash, order: u64::MAX });
            let order = match { behind }.next() {
                None => low.checked_add(Slot::STEP),
                Some((next, _)) if next.order - low >= 2 => Some(low + (next.order - low) / 2),
                Some(_) => None,
            };
            match order {
                Some(order) => return Ok(Slot { hash, order }),
                None => self.spread(keys, hash, rng)?,
            }
        }
        Err(DiskError::TooLarge)
    }

    /// Spaces the orders of a partition's pages evenly again. Their place is sealed in, so they are sealed anew.
    fn spread(&mut self, keys: &TableKeys, hash: [u8; 16], rng: &mut impl Rng) -> Result<(), DiskError> {
        let inside = Slot { hash, order: 1 }..=Slot { hash, order: u64::MAX };
        let pages: Vec<(Slot, Arc<Page>)> =
            self.directory.range(inside).map(|(slot, page)| (*slot, Arc::clone(page))).collect();
        let mut plain = PlainBytes::default();
        let mut moved = self.clone();
        for (slot, _) in &pages {
            moved.directory.remove_mut(slot);
        }
        let mut order = 0;
        for (slot, page) in &pages {
            order += Slot::STEP;
            let data_key = self.open(keys, *slot, page, &mut plain)?;
            moved.write(keys, Slot { hash, order }, &data_key, &plain, rng)?;
        }
        *self = moved;
        Ok(())
    }
}
