//! What a pattern asks of one value of an event.

use std::net::IpAddr;

use serde_json::Value;

use crate::limits::steps;
use crate::policy::{Cidr, Glob};

/// An entry of a field's list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wanted {
    /// This text, letter by letter.
    Text(String),
    /// This number, however it is written.
    Number(f64),
    /// `true`, `false` or `null`.
    Word(Value),
    /// A text that begins so.
    Prefix(Part),
    /// A text that ends so.
    Suffix(Part),
    /// This text, whatever its case.
    IgnoreCase(String),
    /// A text that is like this one.
    Wildcard(Glob),
    /// A number in this range.
    Numeric(Range),
    /// An address in this block.
    Address(Cidr),
    /// Any value that is there.
    Exists,
    /// No value at all, by the number of the field's path among those of the pattern.
    Absent(usize),
    /// Any value but these.
    AnythingBut(Vec<Wanted>),
}

/// The beginning or the end of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// In lower case, if case does not matter.
    pub text: String,
    pub ignores_case: bool,
}

/// A range of numbers, each end with whether it belongs to the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub from: Option<(f64, bool)>,
    pub to: Option<(f64, bool)>,
}

impl Wanted {
    /// Tells whether a value that is there is what is wanted. Of a list each value is asked by itself.
    pub fn is(&self, value: &Value) -> bool {
        let text = value.as_str();
        steps::add(1 + text.map_or(0, str::len));
        match self {
            Self::Text(wanted) => text == Some(wanted),
            Self::Number(wanted) => value.as_f64().is_some_and(|found| same(found, *wanted)),
            Self::Word(wanted) => value == wanted,
            Self::Prefix(part) => text.is_some_and(|text| part.of(text, |text, part| text.starts_with(part))),
            Self::Suffix(part) => text.is_some_and(|text| part.of(text, |text, part| text.ends_with(part))),
            Self::IgnoreCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
            Self::Wildcard(glob) => text.is_some_and(|text| glob.matches(text)),
            Self::Numeric(range) => value.as_f64().is_some_and(|found| range.holds(found)),
            Self::Address(block) => {
                let address = text.and_then(|text| text.parse::<IpAddr>().ok());
                address.is_some_and(|address| block.contains(address))
            }
            Self::Exists => true,
            Self::Absent(_) => false,
            // Source: aws/event-ruler, ByteMachine: "For anything-but patterns, we assume they've matched unless we can prove
            // they didn't", so a value of another type is something else.
            Self::AnythingBut(unwanted) => !unwanted.iter().any(|unwanted| unwanted.is(value)),
        }
    }
}

impl Part {
    fn of(&self, text: &str, holds: fn(&str, &str) -> bool) -> bool {
        if self.ignores_case { holds(&text.to_lowercase(), &self.text) } else { holds(text, &self.text) }
    }
}

impl Range {
    fn holds(self, found: f64) -> bool {
        let above = |(from, within): (f64, bool)| found > from || within && same(found, from);
        let below = |(to, within): (f64, bool)| found < to || within && same(found, to);
        self.from.is_none_or(above) && self.to.is_none_or(below)
    }
}

/// Tells whether two numbers are one: EventBridge looks at six digits behind the point.
///
/// Doubtful: for a number that is an entry by itself. The alternative is that 300 and 300.0 differ there, as older texts of the
/// guide have it. One form is known.
/// Source: aws/event-ruler, README, "Numeric matching", and JsonRuleCompiler, which takes a number in both forms.
fn same(one: f64, other: f64) -> bool {
    #[expect(clippy::float_cmp, reason = "the same number, or the same digits")]
    let is_same = one == other || (one * 1e6).round() == (other * 1e6).round();
    is_same
}
