//! Items as bytes on the simulated disk, before they are sealed.
//!
//! The format is the lab's own, with a version byte in front. Whatever the bytes are, reading them ends in an item
//! or an error: never in a panic, never in an allocation larger than the input.

use super::number::Number;
use super::value::{AttributeValue, Item, MAX_DEPTH};

/// The version written, and the only one read.
const VERSION: u8 = 1;

/// Bytes that are not an encoded item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored bytes are not an item")]
pub struct Malformed;

/// Appends `item` to `out`.
pub fn encode(item: &Item, out: &mut Vec<u8>) {
    out.push(VERSION);
    put_map(item, out);
}

/// Reads an item that fills `bytes` exactly.
pub fn decode(bytes: &[u8]) -> Result<Item, Malformed> {
    let mut reader = Reader { rest: bytes };
    if reader.byte()? != VERSION {
        return Err(Malformed);
    }
    let item = reader.map(0)?;
    if reader.rest.is_empty() { Ok(item) } else { Err(Malformed) }
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    let mut rest = length;
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn put_map(map: &Item, out: &mut Vec<u8>) {
    put_length(map.len(), out);
    for (name, value) in map {
        put_bytes(name.as_bytes(), out);
        put_value(value, out);
    }
}

fn put_number(number: &Number, out: &mut Vec<u8>) {
    let (negative, exponent, digits) = number.parts();
    out.push(u8::from(negative));
    out.extend(exponent.to_le_bytes());
    put_bytes(digits, out);
}

fn put_value(value: &AttributeValue, out: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) => {
            out.push(b'S');
            put_bytes(text.as_bytes(), out);
        }
        AttributeValue::N(number) => {
            out.push(b'N');
            put_number(number, out);
        }
        AttributeValue::B(bytes) => {
            out.push(b'B');
            put_bytes(bytes, out);
        }
        AttributeValue::Bool(true) => out.push(b'T'),
        AttributeValue::Bool(false) => out.push(b'F'),
        AttributeValue::Null => out.push(b'0'),
        AttributeValue::M(map) => {
            out.push(b'M');
            put_map(map, out);
        }
        AttributeValue::L(list) => {
            out.push(b'L');
            put_length(list.len(), out);
            for value in list {
                put_value(value, out);
            }
        }
        AttributeValue::Ss(set) => {
            out.push(b's');
            put_length(set.len(), out);
            for text in set {
                put_bytes(text.as_bytes(), out);
            }
        }
        AttributeValue::Ns(set) => {
            out.push(b'n');
            put_length(set.len(), out);
            for number in set {
                put_number(number, out);
            }
        }
        AttributeValue::Bs(set) => {
            out.push(b'b');
            put_length(set.len(), out);
            for bytes in set {
                put_bytes(bytes, out);
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*first)
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        let mut length = 0_usize;
        for shift in (0..28).step_by(7) {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(length);
            }
        }
        Err(Malformed)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.length()?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn text(&mut self) -> Result<String, Malformed> {
        str::from_utf8(self.bytes()?).map(str::to_owned).map_err(|_| Malformed)
    }

    fn number(&mut self) -> Result<Number, Malformed> {
        let negative = match self.byte()? {
            0 => false,
            1 => true,
            _ => return Err(Malformed),
        };
        let exponent = i16::from_le_bytes([self.byte()?, self.byte()?]);
        Number::from_parts(negative, exponent, self.bytes()?).ok_or(Malformed)
    }

    fn map(&mut self, depth: usize) -> Result<Item, Malformed> {
        let entries = self.length()?;
        let mut map = Item::new();
        for _ in 0..entries {
            let name = self.text()?;
            let value = self.value(depth)?;
            if map.insert(name, value).is_some() {
                return Err(Malformed);
            }
        }
        Ok(map)
    }

    fn set<T: Ord>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Malformed>,
    ) -> Result<std::collections::BTreeSet<T>, Malformed> {
        let entries = self.length()?;
        let mut set = std::collections::BTreeSet::new();
        for _ in 0..entries {
            if !set.insert(read(self)?) {
                return Err(Malformed);
            }
        }
        if set.is_empty() { Err(Malformed) } else { Ok(set) }
    }

    fn value(&mut self, depth: usize) -> Result<AttributeValue, Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        Ok(match self.byte()? {
            b'S' => AttributeValue::S(self.text()?),
            b'N' => AttributeValue::N(self.number()?),
            b'B' => AttributeValue::B(self.bytes()?.to_vec()),
            b'T' => AttributeValue::Bool(true),
            b'F' => AttributeValue::Bool(false),
            b'0' => AttributeValue::Null,
            b'M' => AttributeValue::M(self.map(depth + 1)?),
            b'L' => {
                let entries = self.length()?;
                let mut list = Vec::new();
                for _ in 0..entries {
                    list.push(self.value(depth + 1)?);
                }
                AttributeValue::L(list)
            }
            b's' => AttributeValue::Ss(self.set(Self::text)?),
            b'n' => AttributeValue::Ns(self.set(Self::number)?),
            b'b' => AttributeValue::Bs(self.set(|reader| Ok(reader.bytes()?.to_vec()))?),
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::value::arbitrary;
    use super::*;

    proptest! {
        #[test]
        fn bytes_return_the_item(item in arbitrary::item()) {
            let mut bytes = Vec::new();
            encode(&item, &mut bytes);
            prop_assert_eq!(decode(&bytes), Ok(item));
        }

        #[test]
        fn garbage_is_an_error_or_an_item_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_changed_or_cut_encoding_never_panics(item in arbitrary::item(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut bytes = Vec::new();
            encode(&item, &mut bytes);
            let at = at.index(bytes.len());
            prop_assert!(decode(&bytes[..at]).is_err(), "a prefix is not an item");
            bytes[at] = byte;
            let _ = decode(&bytes);
        }
    }
}
