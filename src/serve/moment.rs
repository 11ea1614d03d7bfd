//! A world with its clock: the calls of a journal done again, and what a served world notes by itself.

use jiff::SignedDuration;

use super::clock::{Clock, machine_time};
use super::journal::Entry;
use crate::cloud::world::ClockError;
use crate::cloud::{ApiError, Region, World};

/// A world with its clock.
#[derive(Clone)]
pub(super) struct Moment {
    pub world: World,
    pub clock: Clock,
}

/// Why a world is not there again.
#[derive(Debug, thiserror::Error)]
pub enum NotRestored {
    /// A call that succeeded is refused now.
    #[error(
        "a call of the state file ends otherwise than before: {0}; this version of kmslab cannot go on from it"
    )]
    Call(#[from] ApiError),
    /// A call that was refused succeeds now.
    #[error("a call of {0} in the state file succeeds now; this version of kmslab cannot go on from it")]
    Succeeds(String),
    /// The clock cannot be moved as it was.
    #[error("the clock cannot be moved as the state file says: {0}")]
    Clock(#[from] ClockError),
    /// The system gives no thread for the file.
    #[error("the state file cannot be written: {0}")]
    Io(#[from] std::io::Error),
}

impl Moment {
    /// Does again what an entry says, at its time.
    pub fn again(&mut self, entry: Entry) -> Result<(), NotRestored> {
        let (Entry::Call { at, .. } | Entry::Advance { at, .. }) = &entry else { return Ok(()) };
        let behind = at.duration_since(self.world.now());
        if behind.is_positive() {
            self.world.advance(behind)?;
        }
        match entry {
            Entry::Call { at: _, caller, service, operation, input, context, fails } => {
                let call = Entry::decode(&service, &operation, input, *context)?;
                match self.world.call(&caller, call).result.err() {
                    Some(error) if !fails => return Err(NotRestored::Call(error)),
                    None if fails => return Err(NotRestored::Succeeds(operation)),
                    Some(_) | None => {}
                }
            }
            Entry::Advance { at: _, seconds } => {
                self.clock.advance(&mut self.world, SignedDuration::from_secs(seconds))?;
            }
            Entry::Back(_) => {}
        }
        Ok(())
    }

    /// Returns the world with the note that a request was signed with one of its keys, if that is news.
    pub fn with_key_use(&self, access_key: &str, service: &'static str, region: &Region) -> Option<Self> {
        // The keys that the server gave out are no part of the world.
        if !self.world.iam().has_access_key(access_key) {
            return None;
        }
        let mut after = self.clone();
        after.keep_time();
        after.world.note_key_use(access_key, service, region).then_some(after)
    }

    /// Lets the clock catch up with the machine's.
    pub fn keep_time(&mut self) {
        self.clock.keep(&mut self.world, machine_time());
    }
}
