//! The simulated accounts: identities, keys, tables, the audit trail, and the one entry to them, [`World::call`].
//!
//! | file | what |
//! |---|---|
//! | `world`, `rng` | the world as one value: clock, random numbers, the services' state |
//! | `call` | a call, its outcome, the one entry, and the table of services |
//! | `service` | what a service says about itself: one row of that table |
//! | `operation`, `invocation`, `run` | what an operation must say about itself, what it works with, how it runs |
//! | `permission`, `authorize` | what access is decided on; which policies and condition keys apply |
//! | `authorization` | what is kept of a refusal that can be looked up |
//! | `probe`, `answers` | asking without doing: one question, many at once |
//! | `who_can` | one question, put to everybody here and to whomever else the answer could be about |
//! | `document_id`, `document` | the documents that can be edited, and worlds as they would be with one edited |
//! | `secrets` | keys in the clear: wiped, and searched for by tests |
//! | `strict`, `tags` | requests read from JSON; the tags in them |
//! | `network` | VPC endpoints, and the path a request takes |
//! | `audit`, `user_identity` | CloudTrail-shaped records, and who called as they tell it |
//! | `cloudtrail` | reading them |
//! | `eventbridge` | rules that match them |
//! | `iam_toolbox` | looking refusals up that carry an authorization id |
//! | `iam`, `sts`, `organizations`, `kms`, `dynamodb` | the services; none touches another's state |
//!
//! No files, no environment, no system clock, no terminal: the same seed and calls give the same bytes.

mod answers;
pub mod arn;
pub mod audit;
mod authorization;
mod authorize;
pub mod blob;
pub mod call;
pub mod caller;
pub mod cloudtrail;
mod document;
mod document_id;
pub mod dynamodb;
pub mod error;
pub mod eventbridge;
pub mod fidelity;
pub mod iam;
pub mod iam_toolbox;
mod implied;
mod invocation;
pub mod kms;
mod made_once;
pub mod network;
#[cfg(test)]
mod nonces;
mod operation;
pub mod organizations;
mod permission;
mod probe;
mod reference;
mod remembered;
mod rng;
mod run;
pub(crate) mod secrets;
pub mod service;
mod shared;
mod strict;
pub mod sts;
pub mod tags;
#[cfg(test)]
mod tests;
mod user_identity;
mod uuid;
pub mod who_can;
pub mod world;

pub use answers::{Answers, Who};
pub use arn::{AccountId, Arn, Region};
pub use audit::Event;
pub use authorization::Authorization;
pub use blob::{Blob, epoch};
pub use call::{Call, Input, Outcome, Output, SERVICES};
pub use caller::{CallContext, Caller};
pub use document_id::DocumentId;
pub use error::ApiError;
pub use fidelity::Fidelity;
pub use implied::{implied_by_caller, implied_by_way};
pub use invocation::{Invocation, NestedError};
pub use operation::{Operation, Performed, Wire};
pub use permission::{DecisionRecord, Permission, Probe};
pub use reference::{reference, rulebook};
pub use service::CallerKey;
pub use user_identity::UserIdentity;
pub use uuid::Uuid;
pub use world::{Service, World};
