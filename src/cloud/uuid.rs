//! The ids of requests and of records: UUIDs, kept as bytes and written when somebody reads them.

use std::fmt;

use rand::Rng;
use serde::{Serialize, Serializer};

/// The id of a request or a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 16]);

impl Uuid {
    /// Draws a random one: version 4.
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 32];
        let digits = base16ct::lower::encode_str(&self.0, &mut digits).unwrap_or_default();
        // Groups of 8, 4, 4, 4 and 12 digits.
        let mut text = [b'-'; 36];
        for (from, to, length) in [(0, 0, 8), (8, 9, 4), (12, 14, 4), (16, 19, 4), (20, 24, 12)] {
            text[to..to + length].copy_from_slice(&digits.as_bytes()[from..from + length]);
        }
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::rng::WorldRng;

    #[test]
    fn a_uuid_is_written_in_five_groups() {
        assert_eq!(Uuid([0; 16]).to_string(), "00000000-0000-0000-0000-000000000000");
        let bytes = [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Uuid(bytes).to_string(), "12345678-9abc-def0-0102-030405060708");
        let drawn = Uuid::draw(&mut WorldRng::new(7)).to_string();
        assert_eq!((drawn.get(14..15), drawn.len()), (Some("4"), 36));
        assert!(drawn.get(19..20).is_some_and(|digit| "89ab".contains(digit)), "{drawn}");
    }
}
