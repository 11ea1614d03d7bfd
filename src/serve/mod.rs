//! The simulated AWS on a port of this machine: HTTP, the state behind it, and the control API.
//!
//! | file | what |
//! |---|---|
//! | `listen` | the port: connections, their limits, the end |
//! | `http` | one request from the socket, one answer back |
//! | `backend` | from a request to its answer: who signed, the call, what it led to |
//! | `state` | the worlds, with their clocks, snapshots and last calls |
//! | `journal`, `recorder` | what has changed a world, on the disk |
//! | `keys` | the access keys that the server gives out |
//! | `profile` | these keys as files of the AWS CLI and the SDKs |
//! | `clock` | the world's clock, which follows the machine's |
//! | `control` | `/_kmslab/`: reset, snapshots, time, explanations |
//!
//! What the requests mean is `wire`'s to know, and what happens then the cloud's. Nothing here decides about access.

pub mod backend;
pub mod clock;
pub mod control;
mod http;
pub mod journal;
pub mod keys;
pub mod listen;
pub mod profile;
mod recorder;
mod state;

pub use backend::{Backend, Checks};
pub use keys::{Key, Keys};
pub use listen::{Bound, bind};
