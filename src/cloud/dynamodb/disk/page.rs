//! Pages: what lies inside one sealed page, in the clear.
//!
//! A page is a version byte and records in order of their position. A record is its length, the hash of its
//! partition, its sort key in comparable bytes, and the encoded item. Reading checks every length.

use std::ops::Range;

use super::data::{Position, share};
use super::error::DiskError;

/// A page is split when its plaintext grows beyond this; pages filled in random order hold about 22 KiB.
///
/// A scan pays for each page: its data key is unwrapped and a key schedule made, about as much as opening 4 KiB. A
/// point read or write pays for the whole page. This size keeps both small.
pub const PAGE_BYTES: usize = 32 * 1024;

const VERSION: u8 = 1;
const LENGTH: usize = 4;
const HASH: usize = 16;
const SORT_LENGTH: usize = 2;

/// One item on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Keyed hash of the partition key.
    pub hash: &'a [u8; HASH],
    /// The sort key in comparable bytes; empty if the table has none.
    pub sort: &'a [u8],
    pub item: &'a [u8],
}

impl Record<'_> {
    /// Returns in which of so many equal shares of all hashes the item lies, counted from 0.
    pub fn share(&self, shares: u32) -> u32 {
        share(self.hash, shares)
    }

    pub(super) fn position(&self) -> Position {
        Position { hash: *self.hash, sort: self.sort.to_vec() }
    }

    pub(super) fn order(&self, other: &Position) -> std::cmp::Ordering {
        (self.hash, self.sort).cmp(&(&other.hash, other.sort.as_slice()))
    }
}

/// Returns the plaintext of a page without records.
pub fn empty() -> Vec<u8> {
    vec![VERSION]
}

/// Appends a record to a page.
pub fn push(out: &mut Vec<u8>, at: &Position, item: &[u8]) -> Result<(), DiskError> {
    let sort_length = u16::try_from(at.sort.len()).map_err(|_| DiskError::TooLarge)?;
    let length =
        u32::try_from(HASH + SORT_LENGTH + at.sort.len() + item.len()).map_err(|_| DiskError::TooLarge)?;
    out.extend(length.to_le_bytes());
    out.extend(at.hash);
    out.extend(sort_length.to_le_bytes());
    out.extend_from_slice(&at.sort);
    out.extend_from_slice(item);
    Ok(())
}

/// Returns the records of a page with the offsets at which they begin.
pub fn records(page: &[u8]) -> Result<Records<'_>, DiskError> {
    match page.split_first() {
        Some((&VERSION, rest)) => Ok(Records { rest, offset: 1 }),
        _ => Err(DiskError::Malformed),
    }
}

/// Iterator over the records of a page.
pub struct Records<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Records<'a> {
    /// Returns where the next record begins, or the page's end.
    pub fn offset(&self) -> usize {
        self.offset
    }

    fn read(&mut self) -> Result<Record<'a>, DiskError> {
        let (length, rest) = self.rest.split_first_chunk::<LENGTH>().ok_or(DiskError::Malformed)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| DiskError::Malformed)?;
        let (record, rest) = rest.split_at_checked(length).ok_or(DiskError::Malformed)?;
        let (hash, record) = record.split_first_chunk::<HASH>().ok_or(DiskError::Malformed)?;
        let (sort_length, record) = record.split_first_chunk::<SORT_LENGTH>().ok_or(DiskError::Malformed)?;
        let (sort, item) =
            record.split_at_checked(u16::from_le_bytes(*sort_length).into()).ok_or(DiskError::Malformed)?;
        self.rest = rest;
        self.offset += LENGTH + length;
        Ok(Record { hash, sort, item })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, DiskError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.rest = &[];
        }
        Some(read)
    }
}

/// Returns where `at` stands on a page: the byte range of its record, empty at the place to insert it.
pub fn find(page: &[u8], at: &Position) -> Result<Range<usize>, DiskError> {
    let mut all = records(page)?;
    loop {
        let start = all.offset();
        let Some(record) = all.next().transpose()? else {
            return Ok(start..start);
        };
        match record.order(at) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Ok(start..all.offset()),
            std::cmp::Ordering::Greater => return Ok(start..start),
        }
    }
}

/// Returns the item of the record in `place`, as [`find`] returned it; `None` if there was none.
pub fn item_in(page: &[u8], place: Range<usize>) -> Result<Option<&[u8]>, DiskError> {
    let rest = page.get(place).ok_or(DiskError::Malformed)?;
    let record = Records { rest, offset: 0 }.next().transpose()?;
    Ok(record.map(|record| record.item))
}

/// Returns where on a page its items lie, in order.
pub fn items(page: &[u8]) -> Result<Vec<Range<usize>>, DiskError> {
    let mut all = records(page)?;
    let mut out = Vec::new();
    while let Some(record) = all.next() {
        let end = all.offset();
        out.push(end - record?.item.len()..end);
    }
    Ok(out)
}

/// A page cut in two, and the positions on either side of the cut.
pub struct Halves {
    pub left: Vec<u8>,
    pub right: Vec<u8>,
    pub last_left: Position,
    pub first_right: Position,
}

/// Cuts a page at the record boundary nearest its middle. `None` if it holds a single record.
pub fn split(page: &[u8]) -> Result<Option<Halves>, DiskError> {
    let mut all = records(page)?;
    let mut best: Option<(usize, Position, Position)> = None;
    let mut before: Option<Position> = None;
    loop {
        let offset = all.offset();
        let Some(record) = all.next().transpose()? else { break };
        if let Some(last) = before.take() {
            let distance = |at: usize| at.abs_diff(page.len() / 2);
            if best.as_ref().is_none_or(|(at, ..)| distance(offset) < distance(*at)) {
                best = Some((offset, last, record.position()));
            }
        }
        before = Some(record.position());
    }
    Ok(best.map(|(at, last_left, first_right)| {
        let mut right = Vec::with_capacity(1 + page.len() - at);
        right.push(VERSION);
        right.extend_from_slice(&page[at..]);
        Halves { left: page[..at].to_vec(), right, last_left, first_right }
    }))
}

impl Position {
    /// Tells whether `record` belongs to the same partition.
    pub fn same_partition(&self, record: &Record<'_>) -> bool {
        self.hash == *record.hash
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_read_as_records_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let at = Position { hash: [7; 16], sort: vec![1] };
            let _ = find(&bytes, &at);
            let _ = split(&bytes).map(|halves| halves.is_some());
        }
    }
}
