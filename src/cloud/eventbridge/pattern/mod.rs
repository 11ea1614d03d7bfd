//! Event patterns of EventBridge: which events a rule is about. Reading and matching, pure functions of their input.
//!
//! A pattern has the shape of the events that it matches. Fields beside each other must all match; a field's list matches if
//! one of its entries does. The language is none of IAM's, and nothing but events is matched with it: hence a part of
//! its service, and not of the floor below.
//!
//! Source: Amazon EventBridge User Guide, "Event pattern syntax" (eb-create-pattern), "Comparison operators for use in
//! event patterns" (eb-create-pattern-operators), "Arrays in event patterns" (eb-event-patterns-arrays), "Null values and
//! empty strings" (eb-event-patterns-null-values); what these leave open, from aws/event-ruler, the library that
//! EventBridge matches with.
//!
//! | file | what |
//! |---|---|
//! | `wanted` | what one value is asked |
//! | `fields` | a pattern, and events held against it |
//! | `read` | a pattern from its text |

mod fields;
mod read;
#[cfg(test)]
mod tests;
mod wanted;

pub use fields::EventPattern;
pub use read::PatternError;
