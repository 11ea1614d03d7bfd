//! Tables of decisions, each row with the AWS document it follows.

mod conditions;
mod edits;
mod explanation;
mod key_policies;
mod layers;
mod named_principals;
pub(crate) mod properties;
