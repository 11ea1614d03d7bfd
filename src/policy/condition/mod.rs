//! Conditions: an operator, a key and the values to compare with, compiled once.
//!
//! [`operator`] knows the names, [`operand`] what a policy's value means, [`value`] dates and addresses.

mod operand;
mod operator;
mod value;

pub(crate) use operand::Operand;
pub(crate) use operator::{Comparison, Test};
pub use operator::{Operator, Quantifier, condition_operators};

use super::request::Context;
use super::terms::Spanned;
use super::{Span, terms::Version};
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
        let mut accepted = values.iter().map(|value| self.accepts(value, context));
        match self.operator.quantifier {
            Some(Quantifier::ForAnyValue) => accepted.any(|accepted| accepted),
            Some(Quantifier::ForAllValues) => accepted.all(|accepted| accepted),
            None => without_quantifier(self.operator, accepted),
        }
    }

    /// Whether one value of the request is what the operator asks for: one of the policy's values or, for a
    /// negated operator, none of them.
    pub(crate) fn accepts(&self, value: &str, context: &Context) -> bool {
        let folded;
        let value = if self.operator.test.ignores_case() {
            folded = value.to_lowercase();
            &folded
        } else {
            value
        };
        if self.operator.negated && !self.operator.compares(value) {
            return false;
        }
        let matches = |operand: &Operand| operand.matches(self.operator.test, value, context);
        self.operands.iter().any(matches) != self.operator.negated
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
