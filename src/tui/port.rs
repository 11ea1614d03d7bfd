//! The port by which clients outside reach the lab that is played: what the screen says of it.

use futures::channel::mpsc::Receiver;

use crate::lab::visit::Visit;

/// A port that leads to a lab. `Debug` does not show how it is used, which holds a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Port {
    /// Address and number, such as `127.0.0.1:4566`.
    pub address: String,
    /// The id of the scenario whose lab it leads to.
    pub scenario: String,
    /// Lines to paste into a shell that lead to the port.
    pub how: Vec<String>,
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, scenario, how: _ } = self;
        f.debug_struct("Port").field("address", address).field("scenario", scenario).finish_non_exhaustive()
    }
}

/// A port with those who come by it.
#[derive(Debug)]
pub struct Served {
    pub port: Port,
    pub visits: Receiver<Visit>,
}
