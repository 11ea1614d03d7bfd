//! The Key Management Service: keys, what may be done with them, and the cryptography itself.

pub mod crypto;
