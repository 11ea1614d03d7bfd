//! The world: one value that holds the whole simulated cloud.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;

use super::audit::{Event, EventDraft};
use super::invocation::Invocation;
use super::rng::WorldRng;
use super::{ApiError, Call, Caller, Fidelity, Outcome, dynamodb, iam, kms, network, organizations};
use crate::policy::Principal;

/// The simulated cloud: its clock, its random numbers, and the state of every service.
///
/// A world is a value. The same seed, clock and calls give the same world, byte for byte. Cloning costs a few
/// reference counts whatever the world holds, because all state is shared until it is written.
#[derive(Clone)]
pub struct World {
    pub(in crate::cloud) now: Timestamp,
    pub(in crate::cloud) rng: WorldRng,
    pub(in crate::cloud) fidelity: Fidelity,
    pub(in crate::cloud) iam: iam::State,
    pub(in crate::cloud) organizations: organizations::State,
    pub(in crate::cloud) kms: kms::State,
    pub(in crate::cloud) dynamodb: dynamodb::State,
    pub(in crate::cloud) network: network::State,
    /// What services did by themselves and nobody has put on the trail yet.
    own_events: Vec<Arc<Event>>,
    trail: Trail,
}

/// The audit records so far. Not undone when a call fails, so it draws its ids from numbers of its own.
#[derive(Clone)]
struct Trail {
    events: rpds::VectorSync<Arc<Event>>,
    rng: WorldRng,
}

/// The state of every service. Key material shows itself in no debug output, and the audit trail is left out.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now)
            .field("fidelity", &self.fidelity)
            .field("iam", &self.iam)
            .field("organizations", &self.organizations)
            .field("kms", &self.kms)
            .field("dynamodb", &self.dynamodb)
            .finish_non_exhaustive()
    }
}

impl World {
    /// An empty cloud. `seed` decides every random number, `now` is the time on its clock.
    pub fn new(seed: u64, now: Timestamp, fidelity: Fidelity) -> Self {
        let mut rng = WorldRng::new(seed);
        let trail = Trail { events: rpds::VectorSync::new_sync(), rng: rng.fork() };
        Self {
            now,
            rng,
            fidelity,
            iam: iam::State::default(),
            organizations: organizations::State::default(),
            kms: kms::State::default(),
            dynamodb: dynamodb::State::default(),
            network: network::State::default(),
            own_events: Vec::new(),
            trail,
        }
    }

    /// The one way to do anything in the simulated cloud: authorizes the call, executes it, and records it.
    pub fn call(&mut self, caller: &Caller, call: Call) -> Outcome {
        let outcome = self.perform(caller, call);
        for event in &outcome.events {
            self.trail.events.push_back_mut(event.clone());
        }
        outcome
    }

    /// A call whose records its maker keeps.
    pub(super) fn perform(&mut self, caller: &Caller, call: Call) -> Outcome {
        let request_id = uuid(&mut self.trail.rng);
        if *caller == Caller::Anonymous {
            let result = Err(unsigned(call.input.service()));
            return Outcome { result, decisions: Vec::new(), events: Vec::new(), request_id };
        }
        match self.iam.principal(caller, self.now) {
            Ok(principal) => {
                let Call { input, context } = call;
                input.run(Invocation::new(self, caller, principal, context, request_id))
            }
            Err(error) => {
                Outcome { result: Err(error), decisions: Vec::new(), events: Vec::new(), request_id }
            }
        }
    }

    /// The time on the world's clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Moves the clock forward; it never moves by itself, and never back.
    pub fn advance(&mut self, by: SignedDuration) -> Result<(), ClockError> {
        let later = self.now.checked_add(by).map_err(|e| ClockError::OutOfRange(e.to_string()))?;
        if later < self.now {
            return Err(ClockError::Backwards);
        }
        let from = std::mem::replace(&mut self.now, later);
        self.settle_dynamodb(from, Self::settle_keys);
        Ok(())
    }

    /// Lets happen to keys what is due, and records it.
    fn settle_keys(&mut self) {
        self.settle_kms();
        for event in self.take_own_events() {
            self.trail.events.push_back_mut(event);
        }
    }

    /// Which delays and caches are simulated.
    pub fn fidelity(&self) -> &Fidelity {
        &self.fidelity
    }

    /// Every audit record, oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Arc<Event>> + ExactSizeIterator {
        self.trail.events.iter()
    }

    /// Forgets the audit records so far: what a scenario sets up before the learner comes is not theirs to read.
    pub fn clear_events(&mut self) {
        self.trail.events = rpds::VectorSync::new_sync();
    }

    /// Who `caller` is now.
    pub fn principal(&self, caller: &Caller) -> Result<Principal, ApiError> {
        self.iam.principal(caller, self.now)
    }

    /// A random (version 4) UUID.
    pub(in crate::cloud) fn uuid(&mut self) -> String {
        uuid(&mut self.rng)
    }

    /// `N` random bytes.
    pub(in crate::cloud) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Takes everything back but the audit trail.
    pub(in crate::cloud) fn restore(&mut self, before: Self) {
        let trail = std::mem::replace(&mut self.trail, before.trail.clone());
        *self = Self { trail, ..before };
    }

    /// Notes something that KMS did by itself to a key.
    pub(in crate::cloud) fn note_own_event(
        &mut self,
        at: Timestamp,
        name: &'static str,
        key: &kms::KeyHandle,
        details: serde_json::Value,
    ) {
        let id = uuid(&mut self.trail.rng);
        self.own_events.push(Arc::new(Event::of_kms_itself(id, at, name, key, details)));
    }

    /// What services did by themselves since this was last asked.
    pub(super) fn take_own_events(&mut self) -> Vec<Arc<Event>> {
        std::mem::take(&mut self.own_events)
    }

    pub(in crate::cloud) fn record(&mut self, draft: EventDraft<'_>) -> Arc<Event> {
        let id = uuid(&mut self.trail.rng);
        draft.finish(id, self.now)
    }
}

/// The error for a request that nobody has signed: none of these services takes one.
/// Source: "Common errors" of the API References.
fn unsigned(service: &str) -> ApiError {
    let text = "Request is missing Authentication Token";
    match service {
        "iam" | "sts" => ApiError::new("MissingAuthenticationToken", text).with_status(403),
        _ => ApiError::new("MissingAuthenticationTokenException", text),
    }
}

/// Why the clock did not move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The clock only goes forward.
    #[error("the clock only moves forward")]
    Backwards,
    /// The date cannot be represented.
    #[error("the clock cannot show that time: {0}")]
    OutOfRange(String),
}

fn uuid(rng: &mut WorldRng) -> String {
    let mut bytes = [0_u8; 16];
    rng.fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}
