//! Tables of decisions, each row with the AWS document it follows.

mod conditions;
mod layers;
mod named_principals;
