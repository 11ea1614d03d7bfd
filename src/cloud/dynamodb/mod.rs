//! DynamoDB: tables whose items are encrypted at rest under a KMS key, as DynamoDB does it.

pub mod codec;
pub mod disk;
pub mod number;
pub mod value;
pub mod wire;
