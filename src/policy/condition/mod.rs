//! Conditions: an operator, a key and the values to compare with, compiled once.
//!
//! [`operator`] knows the names, [`operand`] what a policy's value means, [`value`] dates and addresses.

mod operand;
mod operator;
mod value;

pub(crate) use operand::Operand;
pub(crate) use operator::{Comparison, Test};
pub use operator::{Operator, Quantifier, condition_operators};
pub(crate) use value::Cidr;

use super::request::Context;
use super::terms::Spanned;
use super::{Span, terms::Version};
use crate::limits::steps;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// One key under one operator.
#[derive(Debug)]
pub struct Condition {
    pub operator: Operator,
    /// The operator as written, and its place.
    pub operator_source: Spanned,
    /// The key as written, and its place.
    pub key: Spanned,
    pub(crate) folded_key: Arc<str>,
    /// The values of the policy, as written.
    pub values: Vec<Spanned>,
    pub(crate) operands: Vec<Operand>,
    /// From the key's first to its last value's last character.
    pub span: Span,
}

impl Condition {
    pub(crate) fn new(
        operator: Operator,
        operator_source: Spanned,
        key: Spanned,
        values: Vec<Spanned>,
        span: Span,
        version: Version,
    ) -> Self {
        let operands = values.iter().map(|value| Operand::new(operator.test, &value.text, version)).collect();
        let folded_key = key.text.to_lowercase().into();
        Self { operator, operator_source, key, folded_key, values, operands, span }
    }

    /// The condition keys it looks at, in lower case: its own, and those its values name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        [&*self.folded_key].into_iter().chain(self.operands.iter().flat_map(Operand::keys))
    }

    /// Whether the condition holds.
    // Source: IAM User Guide, "reference_policies_elements_condition_operators" and
    // "reference_policies_multi-value-conditions"
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let values = context.values(&self.folded_key).unwrap_or_default();
        let absent = self.operator.lacks(values);
        if self.operator.test == Test::Null {
            return match self.operator.quantifier {
                // Source: IAM User Guide, "access-analyzer-reference-policy-checks" (Null with qualifier)
                Some(Quantifier::ForAllValues) => true,
                Some(Quantifier::ForAnyValue) => false,
                None => self.operands.iter().any(|operand| operand.is_null(absent)),
            };
        }
        if absent {
            return self.operator.holds_without_key();
        }
        let ready = self.ready(values, context);
        let mut accepted = values.iter().map(|value| ready.accepts(value));
        match self.operator.quantifier {
            Some(Quantifier::ForAnyValue) => accepted.any(|accepted| accepted),
            Some(Quantifier::ForAllValues) => accepted.all(|accepted| accepted),
            None => without_quantifier(self.operator, accepted),
        }
    }

    /// Makes the condition ready for several values of one request: variables are replaced once.
    pub(crate) fn ready<'a>(&'a self, values: &[Arc<str>], context: &'a Context) -> Ready<'a> {
        /// How many times as long a text can become that is turned into lower case.
        const LOWER: usize = 3;
        /// From so many comparisons on, plain values are looked up.
        const MANY: usize = 4096;
        let operands = if values.len() > 1 && self.operands.iter().any(Operand::is_open) {
            let longest = values.iter().map(|value| value.len()).max().unwrap_or(0).saturating_mul(LOWER);
            Cow::Owned(self.operands.iter().map(|operand| operand.closed(context, longest)).collect())
        } else {
            Cow::Borrowed(&*self.operands)
        };
        if values.len() > 1 && values.len().saturating_mul(operands.len()) > MANY {
            let (plain, others) = Plain::new(&operands);
            Ready { condition: self, operands: Cow::Owned(others), plain, context }
        } else {
            Ready { condition: self, operands, plain: Plain::default(), context }
        }
    }
}

/// Many values of a policy that are plain texts, or texts with a last `*`: a value of the request is looked up among them,
/// and not compared with each.
#[derive(Default)]
struct Plain {
    exact: HashSet<Box<str>>,
    /// The beginnings in ascending order, none of which begins with another.
    starts: Vec<Box<str>>,
}

impl Plain {
    /// Takes the plain ones among the values of a policy, and leaves the others.
    fn new(operands: &[Operand]) -> (Self, Vec<Operand>) {
        let mut plain = Self::default();
        let mut others = Vec::new();
        for operand in operands {
            match operand.plain() {
                Some((text, false)) => {
                    plain.exact.insert(text.into());
                }
                Some((text, true)) => plain.starts.push(text.into()),
                None => others.push(operand.clone()),
            }
        }
        plain.starts.sort_unstable();
        let mut last: Option<Box<str>> = None;
        plain.starts.retain(|start| {
            let is_new = last.as_ref().is_none_or(|last| !start.starts_with(&**last));
            if is_new {
                last = Some(start.clone());
            }
            is_new
        });
        steps::add(operands.len());
        (plain, others)
    }

    fn matches(&self, value: &str) -> bool {
        // Between a beginning of the value and the value itself only longer beginnings could stand.
        let before = self.starts.partition_point(|start| **start <= *value).checked_sub(1);
        let start = before.and_then(|at| self.starts.get(at));
        start.is_some_and(|start| value.starts_with(&**start)) || self.exact.contains(value)
    }
}

/// A comparison takes as long as reading so many bytes.
const STEPS_OF_A_COMPARISON: usize = 16;

/// A condition in the course of one request.
pub(crate) struct Ready<'a> {
    condition: &'a Condition,
    operands: Cow<'a, [Operand]>,
    plain: Plain,
    context: &'a Context,
}

impl Ready<'_> {
    /// Whether one value of the request is what the operator asks for: one of the policy's values or, for a
    /// negated operator, none of them.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        let operator = self.condition.operator;
        let folded;
        let value = if operator.test.ignores_case() {
            folded = value.to_lowercase();
            &folded
        } else {
            value
        };
        if operator.negated && !operator.compares(value) {
            return false;
        }
        let mut compared = 1 + value.len() / 8;
        let is_met = |operand: &Operand| {
            compared += STEPS_OF_A_COMPARISON + operand.reads(value);
            steps::is_spent() || operand.matches(operator.test, value, self.context)
        };
        let matched = self.plain.matches(value) || self.operands.iter().any(is_met);
        steps::add(compared);
        matched != operator.negated
    }
}

/// A key with several values under an operator that has no quantifier.
///
/// Doubtful: AWS asks for a quantifier and does not say what happens without one. Here a positive operator wants
/// one match and a negated one wants none, which is what the quantifier a reader would add means. The
/// alternative is that the condition never holds. One form is known.
// Source: IAM User Guide, "reference_policies_condition-single-vs-multi-valued-context-keys": a set operator is required
fn without_quantifier(operator: Operator, mut accepted: impl Iterator<Item = bool>) -> bool {
    if operator.negated { accepted.all(|accepted| accepted) } else { accepted.any(|accepted| accepted) }
}
