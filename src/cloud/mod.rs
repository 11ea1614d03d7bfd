//! The simulated accounts: identities, keys, tables, the audit trail, and the one entry to them.

pub mod dynamodb;
pub mod kms;
