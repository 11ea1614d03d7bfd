//! The simulated AWS on a port of this machine: HTTP, the state behind it, and the control API.
//!
//! | file | what |
//! |---|---|
//! | `listen` | the port: connections, their limits, the end |
//! | `http` | one request from the socket, one answer back |
//! | `backend` | from a request to its answer: who signed, the call, what it led to |
//! | `signing` | the signing keys that were derived last |
//! | `worlds` | the worlds, and the keys to them |
//! | `served`, `moment` | one world that is served; a world with its clock |
//! | `turns`, `last`, `snapshots` | whose turn it is with a world; its last call; what is kept of it by name |
//! | `played` | a lab that somebody plays on the screen, in the place of worlds |
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
mod last;
pub mod listen;
mod moment;
pub mod played;
pub mod profile;
mod recorder;
mod served;
mod signing;
mod snapshots;
mod turns;
mod worlds;

pub use backend::{Backend, Behind, Checks};
pub use keys::{Key, Keys};
pub use listen::{Bound, bind};
pub use moment::NotRestored;
pub use played::Played;
pub use worlds::Worlds;
