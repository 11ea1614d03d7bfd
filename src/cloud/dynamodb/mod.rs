//! DynamoDB: tables whose items are encrypted at rest under a KMS key, as DynamoDB does it.

pub mod codec;
pub mod disk;
pub mod expression;
pub mod number;
mod state;
pub mod value;
pub mod wire;

pub use state::State;

/// The prefix of this service's actions and endpoints.
pub const SERVICE: &str = "dynamodb";
