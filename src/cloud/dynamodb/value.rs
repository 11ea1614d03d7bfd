//! Attribute values and items: the data of a table, checked, with the size DynamoDB counts for it.
//!
//! What arrives in a request is a [`super::wire::WireValue`]; it becomes an [`AttributeValue`] only when it is
//! valid. Storage encoding lives in [`super::codec`].

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::number::Number;

/// Largest item: attribute names and values, in bytes.
/// Source: DynamoDB Developer Guide, "Constraints: Items".
pub const MAX_ITEM_SIZE: usize = 400 * 1024;

/// Deepest nesting of lists and maps.
/// Source: DynamoDB Developer Guide, "Constraints: Nested attributes".
pub const MAX_DEPTH: usize = 32;

/// The value of one attribute. `Debug` shows it; it is the lab's own data, not key material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    S(String),
    N(Number),
    B(Vec<u8>),
    Bool(bool),
    Null,
    /// Attributes of their own.
    M(Item),
    L(Vec<AttributeValue>),
    Ss(BTreeSet<String>),
    Ns(BTreeSet<Number>),
    Bs(BTreeSet<Vec<u8>>),
}

/// An item, or the map inside one: attributes by name.
pub type Item = BTreeMap<String, AttributeValue>;

impl AttributeValue {
    /// Returns the number of levels of lists and maps in each other, the value itself being the first.
    pub fn levels(&self) -> usize {
        let deepest = match self {
            Self::M(map) => map.values().map(Self::levels).max(),
            Self::L(list) => list.iter().map(Self::levels).max(),
            Self::S(_)
            | Self::N(_)
            | Self::B(_)
            | Self::Bool(_)
            | Self::Null
            | Self::Ss(_)
            | Self::Ns(_)
            | Self::Bs(_) => None,
        };
        1 + deepest.unwrap_or(0)
    }

    /// Returns the type's name in DynamoDB's JSON.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::M(_) => "M",
            Self::L(_) => "L",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
            Self::Bs(_) => "BS",
        }
    }

    /// Returns the type's name as messages about update expressions write it.
    pub fn long_type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "STRING",
            Self::N(_) => "NUMBER",
            Self::B(_) => "BINARY",
            Self::Bool(_) => "BOOLEAN",
            Self::Null => "NULL",
            Self::M(_) => "MAP",
            Self::L(_) => "LIST",
            Self::Ss(_) => "STRING_SET",
            Self::Ns(_) => "NUMBER_SET",
            Self::Bs(_) => "BINARY_SET",
        }
    }

    /// Returns bytes that DynamoDB counts for the value.
    /// Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats"; numbers are "approximately" this there.
    pub fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number_size(number),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::M(map) => 3 + map.len() + item_size(map),
            Self::L(list) => 3 + list.len() + list.iter().map(Self::size).sum::<usize>(),
            Self::Ss(set) => set.iter().map(String::len).sum(),
            Self::Ns(set) => set.iter().map(number_size).sum(),
            Self::Bs(set) => set.iter().map(Vec::len).sum(),
        }
    }

    /// Returns the value as an item's key is compared: bytes in DynamoDB's order. `None` if the type cannot be
    /// a key.
    pub fn key_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::S(text) => Some(text.as_bytes().to_vec()),
            Self::N(number) => Some(number.order_bytes()),
            Self::B(bytes) => Some(bytes.clone()),
            Self::Bool(_)
            | Self::Null
            | Self::M(_)
            | Self::L(_)
            | Self::Ss(_)
            | Self::Ns(_)
            | Self::Bs(_) => None,
        }
    }
}

fn number_size(number: &Number) -> usize {
    number.significant_digits().div_ceil(2) + 1
}

/// Returns bytes that DynamoDB counts for an item: names and values.
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

impl Serialize for AttributeValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        let name = self.type_name();
        match self {
            Self::S(text) => map.serialize_entry(name, text)?,
            Self::N(number) => map.serialize_entry(name, &number.to_string())?,
            Self::B(bytes) => map.serialize_entry(name, &STANDARD.encode(bytes))?,
            Self::Bool(value) => map.serialize_entry(name, value)?,
            Self::Null => map.serialize_entry(name, &true)?,
            Self::M(inner) => map.serialize_entry(name, inner)?,
            Self::L(list) => map.serialize_entry(name, list)?,
            Self::Ss(set) => map.serialize_entry(name, set)?,
            Self::Ns(set) => {
                map.serialize_entry(name, &set.iter().map(ToString::to_string).collect::<Vec<_>>())?;
            }
            Self::Bs(set) => {
                map.serialize_entry(name, &set.iter().map(|b| STANDARD.encode(b)).collect::<Vec<_>>())?;
            }
        }
        map.end()
    }
}

/// Values for property tests.
#[cfg(test)]
pub(super) mod arbitrary {
    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = Number> {
        (any::<i64>(), -100_i32..100).prop_map(|(n, e)| Number::parse(&format!("{n}e{e}")).unwrap())
    }

    pub fn value() -> impl Strategy<Value = AttributeValue> {
        let leaf = prop_oneof![
            ".{0,30}".prop_map(AttributeValue::S),
            number().prop_map(AttributeValue::N),
            vec(any::<u8>(), 0..30).prop_map(AttributeValue::B),
            any::<bool>().prop_map(AttributeValue::Bool),
            Just(AttributeValue::Null),
            btree_set(".{0,8}", 1..4).prop_map(AttributeValue::Ss),
            btree_set(number(), 1..4).prop_map(AttributeValue::Ns),
            btree_set(vec(any::<u8>(), 0..8), 1..4).prop_map(AttributeValue::Bs),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
                btree_map(".{0,6}", inner, 0..4).prop_map(AttributeValue::M),
            ]
        })
    }

    pub fn item() -> impl Strategy<Value = Item> {
        btree_map("[a-z]{1,8}", value(), 0..6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_items_size_counts_names_and_values() {
        let value = |v| Item::from([("ab".to_owned(), v)]);
        for (item, size) in [
            (value(AttributeValue::S("héllo".into())), 2 + 6),
            (value(AttributeValue::N(Number::parse("123").unwrap())), 2 + 3),
            (value(AttributeValue::B(vec![0; 10])), 2 + 10),
            (value(AttributeValue::Bool(true)), 3),
            (value(AttributeValue::Null), 3),
            (value(AttributeValue::L(vec![AttributeValue::Null, AttributeValue::Null])), 2 + 3 + 2 + 2),
            (value(AttributeValue::M(value(AttributeValue::Null))), 2 + 3 + 1 + 3),
            (value(AttributeValue::Ss(["a".into(), "bcd".into()].into())), 2 + 4),
        ] {
            assert_eq!(item_size(&item), size, "{item:?}");
        }
    }
}
