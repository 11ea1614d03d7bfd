//! The condition operators by name.

use std::cmp::Ordering;

/// What an operator compares, its negation and modifiers apart.
///
/// Not public, so that the compiler warns of a variant to which no row of [`NAMES`] gives a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// `Numeric...`: the request's value stands so to the policy's.
    Numeric(Comparison),
    /// The family `Date...`, one for each comparison.
    Date(Comparison),
    Bool,
    Binary,
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which are the same.
    Arn,
    Null,
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Comparison {
    pub(crate) fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        })
    }
}

impl Test {
    pub(crate) fn ignores_case(self) -> bool {
        match self {
            Self::StringEqualsIgnoreCase => true,
            Self::StringEquals
            | Self::StringLike
            | Self::Numeric(_)
            | Self::Date(_)
            | Self::Bool
            | Self::Binary
            | Self::IpAddress
            | Self::Arn
            | Self::Null => false,
        }
    }

    /// Whether the policy's values may hold variables.
    // Source: IAM User Guide, "reference_policies_variables": "string operators or the ARN operators", and not "Numeric,
    // Date, Boolean, Binary, IP Address, or Null operators"
    pub(crate) fn takes_variables(self) -> bool {
        match self {
            Self::StringEquals | Self::StringEqualsIgnoreCase | Self::StringLike | Self::Arn => true,
            Self::Numeric(_) | Self::Date(_) | Self::Bool | Self::Binary | Self::IpAddress | Self::Null => {
                false
            }
        }
    }

    /// Whether `*` and `?` in the policy's values stand for other characters.
    // Source: IAM User Guide, "reference_policies_elements_condition_operators": StringLike and the ARN operators, of
    // which ArnEquals and ArnLike behave identically.
    pub(crate) fn takes_wildcards(self) -> bool {
        match self {
            Self::StringLike | Self::Arn => true,
            Self::StringEquals
            | Self::StringEqualsIgnoreCase
            | Self::Numeric(_)
            | Self::Date(_)
            | Self::Bool
            | Self::Binary
            | Self::IpAddress
            | Self::Null => false,
        }
    }

    /// Returns how the request's value has to stand to the policy's, for operators that put values in an order.
    pub(crate) fn comparison(self) -> Option<Comparison> {
        match self {
            Self::Numeric(comparison) | Self::Date(comparison) => Some(comparison),
            Self::StringEquals
            | Self::StringEqualsIgnoreCase
            | Self::StringLike
            | Self::Bool
            | Self::Binary
            | Self::IpAddress
            | Self::Arn
            | Self::Null => None,
        }
    }
}

/// The prefix that says how many values of a key have to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `ForAllValues:`; also true when there are no values.
    ForAllValues,
    /// `ForAnyValue:`; false when there are no values.
    ForAnyValue,
}

/// An operator with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// The way in which values are compared.
    pub(crate) test: Test,
    /// True for the `Not` form of the test.
    pub negated: bool,
    /// The prefix for keys of many values: `ForAllValues` or `ForAnyValue`.
    pub quantifier: Option<Quantifier>,
    /// Whether an absent key makes it true.
    pub if_exists: bool,
}

/// Every operator by its bare name.
// Source: IAM User Guide, "reference_policies_elements_condition_operators"
const NAMES: &[(&str, Test, bool)] = {
    use Comparison::{Equals, GreaterThan, GreaterThanEquals, LessThan, LessThanEquals};
    &[
        ("StringEquals", Test::StringEquals, false),
        ("StringNotEquals", Test::StringEquals, true),
        ("StringEqualsIgnoreCase", Test::StringEqualsIgnoreCase, false),
        ("StringNotEqualsIgnoreCase", Test::StringEqualsIgnoreCase, true),
        ("StringLike", Test::StringLike, false),
        ("StringNotLike", Test::StringLike, true),
        ("NumericEquals", Test::Numeric(Equals), false),
        ("NumericNotEquals", Test::Numeric(Equals), true),
        ("NumericLessThan", Test::Numeric(LessThan), false),
        ("NumericLessThanEquals", Test::Numeric(LessThanEquals), false),
        ("NumericGreaterThan", Test::Numeric(GreaterThan), false),
        ("NumericGreaterThanEquals", Test::Numeric(GreaterThanEquals), false),
        ("DateEquals", Test::Date(Equals), false),
        ("DateNotEquals", Test::Date(Equals), true),
        ("DateLessThan", Test::Date(LessThan), false),
        ("DateLessThanEquals", Test::Date(LessThanEquals), false),
        ("DateGreaterThan", Test::Date(GreaterThan), false),
        ("DateGreaterThanEquals", Test::Date(GreaterThanEquals), false),
        ("Bool", Test::Bool, false),
        ("BinaryEquals", Test::Binary, false),
        ("IpAddress", Test::IpAddress, false),
        ("NotIpAddress", Test::IpAddress, true),
        ("ArnEquals", Test::Arn, false),
        ("ArnLike", Test::Arn, false),
        ("ArnNotEquals", Test::Arn, true),
        ("ArnNotLike", Test::Arn, true),
        ("Null", Test::Null, false),
    ]
};

/// The names of all operators, without prefix and suffix.
pub fn condition_operators() -> impl Iterator<Item = String> {
    NAMES.iter().map(|(name, ..)| (*name).to_owned())
}

impl Operator {
    /// Reads the name of an operator as a policy writes it; case does not matter.
    pub fn parse(name: &str) -> Option<Self> {
        let strip_prefix = |prefix: &str| {
            name.get(..prefix.len())
                .filter(|start| start.eq_ignore_ascii_case(prefix))
                .map(|_| &name[prefix.len()..])
        };
        let (quantifier, name) = if let Some(rest) = strip_prefix("ForAllValues:") {
            (Some(Quantifier::ForAllValues), rest)
        } else if let Some(rest) = strip_prefix("ForAnyValue:") {
            (Some(Quantifier::ForAnyValue), rest)
        } else {
            (None, name)
        };
        let bare = name.len().checked_sub("IfExists".len()).and_then(|at| name.split_at_checked(at));
        let (if_exists, name) = match bare {
            Some((bare, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (true, bare),
            _ => (false, name),
        };
        let (_, test, negated) = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        // Source: IAM User Guide, "access-analyzer-reference-policy-checks": Null takes a quantifier, and no IfExists.
        (*test != Test::Null || !if_exists).then_some(Self {
            test: *test,
            negated: *negated,
            quantifier,
            if_exists,
        })
    }

    /// The bare names of all operators, for messages and completion.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }

    /// Whether the values of a key come to none.
    ///
    /// Doubtful for `Null`, where an empty text counts as an absent key on IAM's policy simulator only; the alternative is
    /// that it counts as a value. Of `ForAllValues` it is documented. One form is known.
    // Source: IAM User Guide, "reference_policies_condition-single-vs-multi-valued-context-keys": true "if the context
    // key value resolves to a null dataset, such as an empty string"; PMapper, test_null_condition_handling
    pub(crate) fn lacks<V: AsRef<str>>(self, values: &[V]) -> bool {
        let empty_counts = self.test == Test::Null || self.quantifier == Some(Quantifier::ForAllValues);
        values.is_empty() || (empty_counts && values.iter().all(|value| value.as_ref().is_empty()))
    }

    /// Whether a value is of the sort that the operator compares, for a negated operator.
    ///
    /// Doubtful: on IAM's policy simulator a negated ARN operator is false for what is no ARN; nothing says so of
    /// production, nor of the other sorts. The alternative is that what is no ARN is unlike each of them. One form is
    /// known.
    // Source: PMapper, test_arn_condition ("Validated against the Simulator API")
    pub(crate) fn compares(self, value: &str) -> bool {
        self.test != Test::Arn || (value.starts_with("arn:") && value.splitn(6, ':').count() == 6)
    }

    /// What the condition is when the request lacks the key.
    // Source: IAM User Guide, "reference_policies_elements_condition_operators" (missing keys, ...IfExists) and
    // "reference_policies_multi-value-conditions" (ForAllValues is true, ForAnyValue false)
    pub(crate) fn holds_without_key(self) -> bool {
        match (self.if_exists, self.quantifier) {
            (true, _) | (_, Some(Quantifier::ForAllValues)) => true,
            (_, Some(Quantifier::ForAnyValue)) => false,
            (_, None) => self.negated,
        }
    }
}
