//! Tables of decisions, each row with the AWS document it follows.

mod conditions;
mod edits;
mod explanation;
mod layers;
mod named_principals;
pub(crate) mod properties;
