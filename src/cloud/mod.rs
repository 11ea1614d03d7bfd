//! The simulated accounts: identities, keys, tables, the audit trail, and the one entry to them, [`World::call`].
//!
//! | file | what |
//! |---|---|
//! | `world`, `rng` | the world as one value: clock, random numbers, the services' state |
//! | `call`, `invocation` | a call, its outcome, what an operation must say about itself, how one runs |
//! | `authorize` | which policies and condition keys apply; the wording of a refusal |
//! | `secrets` | keys in the clear: wiped, and searched for by tests |
//! | `strict`, `tags` | requests read from JSON; the tags in them |
//! | `network` | VPC endpoints, and the path a request takes |
//! | `audit` | CloudTrail-shaped records |
//! | `cloudtrail` | reading them |
//! | `iam`, `sts`, `organizations`, `kms`, `dynamodb` | the services; none touches another's state |
//!
//! No files, no environment, no system clock, no terminal: the same seed and calls give the same bytes.

pub mod arn;
pub mod audit;
pub mod authorize;
pub mod blob;
pub mod call;
pub mod caller;
pub mod cloudtrail;
pub mod dynamodb;
pub mod error;
pub mod fidelity;
pub mod iam;
mod invocation;
pub mod kms;
pub mod network;
pub mod organizations;
pub mod probe;
mod reference;
mod rng;
pub(crate) mod secrets;
mod strict;
pub mod sts;
pub mod tags;
#[cfg(test)]
mod tests;
mod what_if;
pub mod world;

pub use arn::{AccountId, Arn, Region};
pub use audit::Event;
pub use authorize::DecisionRecord;
pub use blob::{Blob, epoch};
pub use call::{Call, Input, Operation, Outcome, Output, SERVICES, SUPPORT};
pub use caller::{CallContext, Caller};
pub use error::ApiError;
pub use fidelity::Fidelity;
pub use invocation::{Invocation, NestedError};
pub use probe::Probe;
pub use reference::{reference, rulebook};
pub use world::World;
