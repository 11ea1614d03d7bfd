//! Attribute values as they arrive in requests: any mixture of types, not yet checked.
//!
//! A request of the wrong JSON shape is a `SerializationException`; a value of the right shape that DynamoDB does
//! not take is a `ValidationException`. The two are told apart by reading in two steps: shape here by serde, rules
//! in [`WireValue::check`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::invalid::Invalid;
use super::number::Number;
use super::value::{AttributeValue, Item, MAX_DEPTH, MAX_ITEM_SIZE, item_size};
use crate::limits::steps;

/// An attribute value of a request. `Debug` shows the types only: values belong in no log.
#[skip_serializing_none]
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE", default, deny_unknown_fields)]
pub struct WireValue {
    s: Option<String>,
    n: Option<String>,
    b: Option<Base64>,
    bool: Option<bool>,
    null: Option<bool>,
    m: Option<WireItem>,
    l: Option<Vec<WireValue>>,
    ss: Option<Vec<String>>,
    ns: Option<Vec<String>>,
    bs: Option<Vec<Base64>>,
}

/// An item or key of a request.
pub type WireItem = BTreeMap<String, WireValue>;

/// Bytes written as base64.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
struct Base64(Vec<u8>);

impl TryFrom<String> for Base64 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        steps::add(text.len());
        STANDARD.decode(&text).map(Self).map_err(|e| format!("'{text}' can not be converted to a Blob: {e}"))
    }
}

impl From<Base64> for String {
    fn from(bytes: Base64) -> Self {
        STANDARD.encode(bytes.0)
    }
}

impl fmt::Debug for WireValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireValue({})", self.types().collect::<Vec<_>>().join(", "))
    }
}

/// The checks of values that an operation makes. Both find the same faults, but word some of them otherwise.
///
/// Source: paritysuite/dynamodb-conformance, tests/tier3/error-messages/valueLayers.test.ts of 2026-10-09, from four
/// Regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// The checks of `PutItem`, `UpdateItem`, `DeleteItem`, `GetItem`, `BatchGetItem` and `Query`.
    Newer,
    /// The checks of `BatchWriteItem`, `Scan` and, in most Regions, of the two transactions.
    Older,
    /// The older ones, of an update in a transaction: how deep a value goes is looked at when the item is written.
    /// Source: paritysuite/dynamodb-conformance, captures/2026-10-08-transact-write-rollout.json.
    OlderOfUpdate,
}

impl WireValue {
    fn types(&self) -> impl Iterator<Item = &'static str> {
        [
            ("S", self.s.is_some()),
            ("N", self.n.is_some()),
            ("B", self.b.is_some()),
            ("BOOL", self.bool.is_some()),
            ("NULL", self.null.is_some()),
            ("M", self.m.is_some()),
            ("L", self.l.is_some()),
            ("SS", self.ss.is_some()),
            ("NS", self.ns.is_some()),
            ("BS", self.bs.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, set)| set.then_some(name))
    }

    /// Returns the text of a value of a key: a text, a number or bytes in Base64.
    pub fn key_text(&self) -> Option<String> {
        let bytes = || self.b.clone().map(String::from);
        self.s.clone().or_else(|| self.n.clone()).or_else(bytes)
    }

    /// Returns the value, if DynamoDB takes it.
    pub fn check(&self, checks: Checks) -> Result<AttributeValue, Invalid> {
        self.check_first(checks)?;
        self.check_at(match checks {
            Checks::Newer | Checks::Older => Some(0),
            Checks::OlderOfUpdate => None,
        })
    }

    /// Finds the faults that the newer checks look for before all others: numbers, members that are there twice, and
    /// depth.
    pub fn check_first(&self, checks: Checks) -> Result<(), Invalid> {
        match checks {
            Checks::Newer => self.first_fault(0).map_or(Ok(()), Err),
            Checks::Older | Checks::OlderOfUpdate => Ok(()),
        }
    }

    fn first_fault(&self, depth: usize) -> Option<Invalid> {
        if depth >= MAX_DEPTH {
            return Some(too_deep());
        }
        let number = |text: &String| {
            let empty = || Invalid::new("The parameter cannot be converted to a numeric value: ");
            Number::parse(text).err().map(|fault| if text.is_empty() { empty() } else { fault })
        };
        let twice = |printed: &str| {
            Invalid::parameter(format_args!("Input collection [{printed} contains duplicates."))
        };
        if let Some(text) = &self.n {
            return number(text);
        }
        if let Some(list) = &self.ss {
            let printed = twice_in_order(list)?.into_iter().map(|text| format!("\"{text}\""));
            return Some(twice(&format!("{}]", printed.collect::<Vec<_>>().join(", "))));
        }
        if let Some(list) = &self.bs {
            let printed = twice_in_order(list)?.into_iter().map(|b| format!("\"{}\"", String::from(b)));
            return Some(twice(&format!("{}]of type BS", printed.collect::<Vec<_>>().join(","))));
        }
        if let Some(list) = &self.ns {
            let numbers = || list.iter().filter_map(|text| Number::parse(text).ok()).collect::<BTreeSet<_>>();
            return list.iter().find_map(number).or_else(|| {
                (numbers().len() != list.len())
                    .then(|| Invalid::parameter("Input collection contains duplicates."))
            });
        }
        let map = self.m.iter().flat_map(BTreeMap::values);
        map.chain(self.l.iter().flatten()).find_map(|value| value.first_fault(depth + 1))
    }

    // Messages: recorded against DynamoDB by the tests of the open-source emulator dynalite, but for the nesting
    // limit, which the open-source DynamoDB conformance suites record.
    //
    // Without a depth the limit is not looked at; a request has one of its own.
    fn check_at(&self, depth: Option<usize>) -> Result<AttributeValue, Invalid> {
        if depth.is_some_and(|depth| depth >= MAX_DEPTH) {
            return Err(too_deep());
        }
        match self.types().count() {
            0 => Err(Invalid::new(
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
            )),
            1 => self.check_only(depth),
            _ => Err(Invalid::new(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
                 datatypes",
            )),
        }
    }

    fn check_only(&self, depth: Option<usize>) -> Result<AttributeValue, Invalid> {
        let strings = [&self.ss, &self.ns].into_iter().flatten().flatten().chain(&self.s);
        steps::add(1 + strings.map(|text| 1 + text.len()).sum::<usize>());
        let value = match self {
            Self { s: Some(text), .. } => AttributeValue::S(text.clone()),
            Self { n: Some(text), .. } => AttributeValue::N(Number::parse(text)?),
            Self { b: Some(bytes), .. } => AttributeValue::B(bytes.0.clone()),
            Self { bool: Some(value), .. } => AttributeValue::Bool(*value),
            Self { null: Some(true), .. } => AttributeValue::Null,
            Self { null: Some(false), .. } => {
                return Err(Invalid::parameter("Null attribute value types must have the value of true"));
            }
            Self { m: Some(map), .. } => AttributeValue::M(
                map.iter()
                    .map(|(name, value)| Ok((name.clone(), value.check_at(depth.map(|depth| depth + 1))?)))
                    .collect::<Result<_, Invalid>>()?,
            ),
            Self { l: Some(list), .. } => AttributeValue::L(
                list.iter()
                    .map(|value| value.check_at(depth.map(|depth| depth + 1)))
                    .collect::<Result<_, _>>()?,
            ),
            Self { ss: Some(list), .. } => AttributeValue::Ss(string_set(list)?),
            Self { ns: Some(list), .. } => AttributeValue::Ns(number_set(list)?),
            Self { bs: Some(list), .. } => AttributeValue::Bs(binary_set(list)?),
            _ => AttributeValue::Null,
        };
        Ok(value)
    }
}

const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

/// Returns the refusal of a value whose lists and maps go too deep: the attribute itself is the first level.
///
/// Source: paritysuite/dynamodb-conformance, tests/tier3/limits/nestingDepth.test.ts.
fn too_deep() -> Invalid {
    Invalid::new(TOO_DEEP)
}

/// Refuses an item of which a value goes too deep.
pub fn check_depth(item: &Item) -> Result<(), Invalid> {
    if item.values().all(|value| value.levels() <= MAX_DEPTH) { Ok(()) } else { Err(too_deep()) }
}

/// Returns the members of a set in the order in which the newer checks print them, if one is there twice: in order up to the first that
/// comes again, that one, and the rest as it was sent.
fn twice_in_order<T: Ord + Clone>(members: &[T]) -> Option<Vec<T>> {
    let mut seen = BTreeSet::new();
    let again = members.iter().position(|member| !seen.insert(member))?;
    let (before, rest) = members.split_at(again);
    let mut before = before.to_vec();
    before.sort();
    Some([&before, rest].concat())
}

fn string_set(list: &[String]) -> Result<BTreeSet<String>, Invalid> {
    if list.is_empty() {
        return Err(Invalid::parameter("An string set  may not be empty"));
    }
    let set: BTreeSet<String> = list.iter().cloned().collect();
    if set.len() != list.len() {
        return Err(Invalid::parameter(format_args!(
            "Input collection [{}] contains duplicates.",
            list.join(", ")
        )));
    }
    Ok(set)
}

fn number_set(list: &[String]) -> Result<BTreeSet<Number>, Invalid> {
    if list.is_empty() {
        return Err(Invalid::parameter("An number set  may not be empty"));
    }
    let set = list.iter().map(|text| Number::parse(text)).collect::<Result<BTreeSet<_>, _>>()?;
    if set.len() != list.len() {
        return Err(Invalid::new("Input collection contains duplicates"));
    }
    Ok(set)
}

fn binary_set(list: &[Base64]) -> Result<BTreeSet<Vec<u8>>, Invalid> {
    if list.is_empty() {
        return Err(Invalid::parameter("Binary sets should not be empty"));
    }
    let set: BTreeSet<Vec<u8>> = list.iter().map(|bytes| bytes.0.clone()).collect();
    if set.len() != list.len() {
        let printed: Vec<String> = list.iter().map(|bytes| STANDARD.encode(&bytes.0)).collect();
        return Err(Invalid::parameter(format_args!(
            "Input collection [{}]of type BS contains duplicates.",
            printed.join(", ")
        )));
    }
    Ok(set)
}

/// Returns the attributes of an item or key, each one checked.
pub fn check_attributes(item: &WireItem, checks: Checks) -> Result<Item, Invalid> {
    // Source: scylladb/scylladb, test/alternator/test_item.py, which is run against DynamoDB, for the refusal.
    // Doubtful: the text. One form is known.
    if item.contains_key("") {
        return Err(Invalid::parameter("Attribute name must not be empty"));
    }
    item.iter().map(|(name, value)| Ok((name.clone(), value.check(checks)?))).collect()
}

/// Returns an item to be stored: its attributes are checked, its size is within the limit.
pub fn check_item(item: &WireItem, checks: Checks) -> Result<Item, Invalid> {
    let item = check_attributes(item, checks)?;
    check_size(&item)?;
    Ok(item)
}

/// Checks that a whole item is within the size limit.
pub fn check_size(item: &Item) -> Result<(), Invalid> {
    if item_size(item) > MAX_ITEM_SIZE {
        return Err(Invalid::new("Item size has exceeded the maximum allowed size"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::value::arbitrary;
    use super::*;

    fn check(value: serde_json::Value) -> Result<AttributeValue, Invalid> {
        serde_json::from_value::<WireValue>(value).unwrap().check(Checks::Older)
    }

    #[test]
    fn what_dynamodb_refuses_is_refused_in_its_words() {
        let prefix = "One or more parameter values were invalid: ";
        for (value, message) in [
            (json!({}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes".to_owned()),
            (
                json!({"S": "a", "N": "1"}),
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
                 datatypes"
                    .to_owned(),
            ),
            (json!({"NULL": false}), format!("{prefix}Null attribute value types must have the value of true")),
            (json!({"SS": []}), format!("{prefix}An string set  may not be empty")),
            (json!({"NS": []}), format!("{prefix}An number set  may not be empty")),
            (json!({"BS": []}), format!("{prefix}Binary sets should not be empty")),
            (json!({"SS": ["a", "a"]}), format!("{prefix}Input collection [a, a] contains duplicates.")),
            (json!({"BS": ["Yg==", "Yg=="]}), format!("{prefix}Input collection [Yg==, Yg==]of type BS contains duplicates.")),
            (json!({"NS": ["1", "1.0"]}), "Input collection contains duplicates".to_owned()),
            (json!({"N": "b"}), "The parameter cannot be converted to a numeric value: b".to_owned()),
            (json!({"NS": ["1", ""]}), "The parameter cannot be converted to a numeric value".to_owned()),
            (
                json!({"L": [{"M": {"a": {}}}]}),
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes".to_owned(),
            ),
        ] {
            assert_eq!(check(value.clone()), Err(Invalid(message)), "{value}");
        }
    }

    #[test]
    fn nesting_ends_at_32_levels() {
        let nested = |levels: usize| (0..levels).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
        assert!(check(nested(31)).is_ok());
        let refused = check(nested(32)).unwrap_err();
        assert!(refused.0.starts_with("Nesting Levels have exceeded supported limits"), "{refused}");
    }

    #[test]
    fn another_shape_is_not_a_value_at_all() {
        for value in [
            json!({"S": 1}),
            json!({"N": 1}),
            json!({"B": "%"}),
            json!({"X": "a"}),
            json!("a"),
            json!({"L": {}}),
        ] {
            assert!(serde_json::from_value::<WireValue>(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn an_item_of_more_than_400_kb_is_refused() {
        let item = |n: usize| {
            WireItem::from([("a".into(), serde_json::from_value(json!({"S": "x".repeat(n)})).unwrap())])
        };
        assert!(check_item(&item(MAX_ITEM_SIZE - 1), Checks::Newer).is_ok());
        assert_eq!(
            check_item(&item(MAX_ITEM_SIZE), Checks::Newer),
            Err(Invalid::new("Item size has exceeded the maximum allowed size"))
        );
    }

    proptest! {
        #[test]
        fn json_returns_the_value(value in arbitrary::value()) {
            let json = serde_json::to_value(&value).unwrap();
            let read: WireValue = serde_json::from_value(json.clone()).unwrap();
            prop_assert_eq!(serde_json::to_value(&read).unwrap(), json);
            prop_assert_eq!(read.check(Checks::Newer), Ok(value));
        }
    }
}
