//! What a command prints, and how it ends.

use crate::limits::Exceeded;

/// The CLI's exit code for a command that is written wrongly. Source: AWS CLI User Guide, "Command line return codes".
pub(super) const USAGE: u8 = 252;
/// The CLI's exit code for an error that the service answers. Source: the same.
pub(super) const SERVICE_ERROR: u8 = 254;
/// The CLI's exit code for anything else. Source: the same.
pub(super) const GENERAL: u8 = 255;

/// What one command printed.
#[derive(Default)]
pub(super) struct Printed {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: u8,
}

impl Printed {
    pub(super) fn ok(out: impl Into<String>) -> Self {
        Self { out: out.into(), ..Self::default() }
    }

    pub(super) fn failed(code: u8, err: impl Into<String>) -> Self {
        Self { out: String::new(), err: err.into(), code }
    }

    /// Says that a line asks for more than a limit allows.
    pub(super) fn beyond(exceeded: Exceeded) -> Self {
        Self::failed(2, format!("kmslab: {exceeded}\n"))
    }
}
