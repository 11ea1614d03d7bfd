//! The Key Management Service: keys, what may be done with them, and the cryptography itself.

pub mod crypto;
mod state;

pub use state::State;

/// The prefix of this service's actions and endpoints.
pub const SERVICE: &str = "kms";
