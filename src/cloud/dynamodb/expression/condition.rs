//! Conditions and what they say of an item.

use std::cmp::Ordering;

use super::super::number::Number;
use super::super::value::{AttributeValue, Item};
use super::Path;
use crate::limits::steps;

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// The value at a path.
    Path(Path),
    /// A value of the request.
    Value(AttributeValue),
    /// The size of the value at a path.
    Size(Path),
}

/// A comparison of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    /// Returns the comparison that `sign` writes.
    pub fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Equal,
            "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Returns the comparison that says the same with its sides exchanged.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// Returns the sign of the comparison.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A condition expression that was read and checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparator, Operand),
    /// The first is neither less than the second nor greater than the third.
    Between(Operand, Operand, Operand),
    /// The first equals one of the others.
    In(Operand, Vec<Operand>),
    /// There is something at the path.
    Exists(Path),
    /// There is nothing at the path.
    NotExists(Path),
    /// The value at the path has this type.
    Type(Path, AttributeValue),
    /// The first begins with the second.
    BeginsWith(Operand, Operand),
    /// The first, a text or a collection, holds the second.
    Contains(Operand, Operand),
}

impl Condition {
    /// Returns the top-level attributes that the condition looks at.
    pub fn attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::And(a, b) | Self::Or(a, b) => {
                a.collect(found);
                b.collect(found);
            }
            Self::Not(inner) => inner.collect(found),
            Self::Compare(a, _, b) | Self::BeginsWith(a, b) | Self::Contains(a, b) => {
                found.extend([a, b].into_iter().filter_map(Operand::attribute));
            }
            Self::Between(a, b, c) => found.extend([a, b, c].into_iter().filter_map(Operand::attribute)),
            Self::In(a, others) => {
                found.extend(std::iter::once(a).chain(others).filter_map(Operand::attribute));
            }
            Self::Exists(path) | Self::NotExists(path) | Self::Type(path, _) => found.push(&path.attribute),
        }
    }
}

impl Operand {
    fn attribute(&self) -> Option<&str> {
        match self {
            Self::Path(path) | Self::Size(path) => Some(&path.attribute),
            Self::Value(_) => None,
        }
    }
}

/// Tells whether an item fulfils a condition. A condition on something the item does not have is not fulfilled.
pub fn matches(condition: &Condition, item: &Item) -> bool {
    match condition {
        Condition::And(a, b) => matches(a, item) && matches(b, item),
        Condition::Or(a, b) => matches(a, item) || matches(b, item),
        Condition::Not(inner) => !matches(inner, item),
        Condition::Compare(a, comparator, b) => compare(value(a, item), *comparator, value(b, item)),
        Condition::Between(middle, low, high) => {
            compare(value(low, item), Comparator::LessOrEqual, value(middle, item))
                && compare(value(middle, item), Comparator::LessOrEqual, value(high, item))
        }
        Condition::In(one, others) => {
            others.iter().any(|other| compare(value(one, item), Comparator::Equal, value(other, item)))
        }
        Condition::Exists(path) => path.get(item).is_some(),
        Condition::NotExists(path) => path.get(item).is_none(),
        Condition::Type(path, name) => {
            path.get(item).is_some_and(|found| *name == AttributeValue::S(found.type_name().to_owned()))
        }
        Condition::BeginsWith(whole, start) => match (value(whole, item), value(start, item)) {
            (Some(AttributeValue::S(whole)), Some(AttributeValue::S(start))) => {
                whole.starts_with(start.as_str())
            }
            (Some(AttributeValue::B(whole)), Some(AttributeValue::B(start))) => whole.starts_with(&start),
            _ => false,
        },
        Condition::Contains(whole, part) => match (value(whole, item), value(part, item)) {
            (Some(whole), Some(part)) => contains(&whole, &part),
            _ => false,
        },
    }
}

fn value(operand: &Operand, item: &Item) -> Option<AttributeValue> {
    match operand {
        Operand::Value(value) => Some(value.clone()),
        Operand::Path(path) => path.get(item).cloned(),
        Operand::Size(path) => {
            let size = match path.get(item)? {
                AttributeValue::S(text) => text.chars().count(),
                AttributeValue::B(bytes) => bytes.len(),
                AttributeValue::M(map) => map.len(),
                AttributeValue::L(list) => list.len(),
                AttributeValue::Ss(set) => set.len(),
                AttributeValue::Ns(set) => set.len(),
                AttributeValue::Bs(set) => set.len(),
                AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null => return None,
            };
            Number::parse(&size.to_string()).ok().map(AttributeValue::N)
        }
    }
}

/// Compares two operands, either of which may not exist.
///
/// Source: scylladb/scylladb, test/alternator/test_condition_expression.py, which is run against DynamoDB: "an unset attribute is
/// always 'not equal' to anything - even to another unset attribute", and no order holds of one.
fn compare(a: Option<AttributeValue>, comparator: Comparator, b: Option<AttributeValue>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return comparator == Comparator::NotEqual };
    let order = order(&a, &b);
    match comparator {
        Comparator::Equal => a == b,
        Comparator::NotEqual => a != b,
        Comparator::Less => order == Some(Ordering::Less),
        Comparator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparator::Greater => order == Some(Ordering::Greater),
        Comparator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// Compares two values: only texts, numbers and bytes have an order, and only among their own.
fn order(a: &AttributeValue, b: &AttributeValue) -> Option<Ordering> {
    match (a, b) {
        (AttributeValue::S(a), AttributeValue::S(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (AttributeValue::N(a), AttributeValue::N(b)) => Some(a.cmp(b)),
        (AttributeValue::B(a), AttributeValue::B(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn contains(whole: &AttributeValue, part: &AttributeValue) -> bool {
    match (whole, part) {
        (AttributeValue::S(whole), AttributeValue::S(part)) => {
            steps::add(whole.len() + part.len());
            whole.contains(part.as_str())
        }
        (AttributeValue::B(whole), AttributeValue::B(part)) => holds(whole, part),
        (AttributeValue::L(list), part) => list.contains(part),
        (AttributeValue::Ss(set), AttributeValue::S(part)) => set.contains(part),
        (AttributeValue::Ns(set), AttributeValue::N(part)) => set.contains(part),
        (AttributeValue::Bs(set), AttributeValue::B(part)) => set.contains(part),
        _ => false,
    }
}

/// Tells whether bytes hold others in one piece, in time that grows with the sum of both: each may have 400 KB.
///
/// Where some bytes fit and the next does not, what is known of them says how many still fit (Knuth, Morris and Pratt).
fn holds(whole: &[u8], part: &[u8]) -> bool {
    let mut compared = 0;
    // For each beginning of the part, the longest shorter beginning that it ends with.
    let mut ends_with = vec![0_usize; part.len()];
    let mut longer = |ends_with: &[usize], mut fits: usize, byte: u8| {
        loop {
            compared += 1;
            if part.get(fits) == Some(&byte) {
                return fits + 1;
            }
            match fits.checked_sub(1).and_then(|last| ends_with.get(last)) {
                Some(shorter) => fits = *shorter,
                None => return 0,
            }
        }
    };
    let mut fits = 0;
    for (at, byte) in part.iter().enumerate().skip(1) {
        fits = longer(&ends_with, fits, *byte);
        if let Some(end) = ends_with.get_mut(at) {
            *end = fits;
        }
    }
    let mut fits = 0;
    let found = part.is_empty()
        || whole.iter().any(|byte| {
            fits = longer(&ends_with, fits, *byte);
            fits == part.len()
        });
    steps::add(compared);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_found_wherever_a_window_finds_them(
            whole in proptest::collection::vec(0_u8..2, 0..40),
            part in proptest::collection::vec(0_u8..2, 0..8),
        ) {
            let in_a_window = part.is_empty() || whole.windows(part.len()).any(|window| window == part);
            prop_assert_eq!(holds(&whole, &part), in_a_window);
        }
    }
}
