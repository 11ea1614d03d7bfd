//! The world: one value that holds the whole simulated cloud.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;

use super::audit::{Event, EventDraft, EventResource};
use super::dynamodb::State as DynamoDb;
use super::eventbridge::State as EventBridge;
use super::iam::State as Iam;
use super::kms::{LastUses, State as Kms};
use super::network::{Endpoint, Location, NetworkPath, State as Network};
use super::organizations::State as Organizations;
use super::remembered::{ReadByDecisions, Remembered};
use super::rng::{Digest, WorldRng};
use super::service::{Description, Forward};
use super::shared::Shared;
use super::sts::IdentityProvider;
use super::uuid::Uuid;
use super::{AccountId, ApiError, CallContext, Caller, Fidelity, Region};
use crate::limits::Exceeded;
use crate::policy::Principal;

/// What a service of a world says about itself.
pub type Service = Description<World>;

/// The simulated cloud: its clock, its random numbers, and the state of every service.
///
/// A world is a value. The same seed, clock and calls give the same world, byte for byte. Cloning costs a few
/// reference counts whatever the world holds, because all state is shared until it is written.
#[derive(Clone)]
pub struct World {
    /// The services there are. The table is handed in, because it stands above everything that a service is made of.
    pub(in crate::cloud) services: &'static [&'static Service],
    pub(in crate::cloud) now: Timestamp,
    pub(in crate::cloud) rng: WorldRng,
    pub(in crate::cloud) fidelity: Fidelity,
    /// How much time passes with each call.
    call_time: SignedDuration,
    /// Whether calls are carried out that their decisions refuse.
    pub(in crate::cloud) permissive: bool,
    pub(in crate::cloud) iam: Shared<Iam>,
    pub(in crate::cloud) organizations: Shared<Organizations>,
    pub(in crate::cloud) kms: Shared<Kms>,
    pub(in crate::cloud) key_uses: Shared<LastUses>,
    pub(in crate::cloud) dynamodb: Shared<DynamoDb>,
    pub(in crate::cloud) eventbridge: Shared<EventBridge>,
    pub(in crate::cloud) network: Shared<Network>,
    identity_provider: IdentityProvider,
    /// What services did by themselves and nobody has put on the trail yet.
    own_events: Vec<Arc<Event>>,
    trail: Trail,
    /// The decisions that were made last, where they are remembered; all copies of a world have them together.
    pub(in crate::cloud) remembered: Option<Arc<Remembered>>,
}

/// The audit records so far. Not undone when a call fails, so it draws its ids from numbers of its own.
#[derive(Clone)]
struct Trail {
    events: rpds::VectorSync<Arc<Event>>,
    rng: WorldRng,
    /// How many records are kept at least; `None` for all.
    kept: Option<usize>,
    /// How many records were dropped.
    dropped: u64,
}

/// The state of every service. Key material shows itself in no debug output, and the audit trail is left out.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without `..`: the state of a new service is asked for here.
        let Self {
            services: _,
            now,
            rng: _,
            fidelity,
            iam,
            organizations,
            kms,
            key_uses,
            dynamodb,
            eventbridge,
            network: _,
            identity_provider: _,
            own_events: _,
            trail: _,
            call_time: _,
            permissive: _,
            remembered: _,
        } = self;
        f.debug_struct("World")
            .field("now", now)
            .field("fidelity", fidelity)
            .field("iam", iam)
            .field("organizations", organizations)
            .field("kms", kms)
            .field("key_uses", key_uses)
            .field("dynamodb", dynamodb)
            .field("eventbridge", eventbridge)
            .finish_non_exhaustive()
    }
}

impl World {
    /// An empty cloud of these services. `seed` decides every random number, `now` is the time on its clock.
    pub(super) fn of(
        services: &'static [&'static Service],
        seed: u64,
        now: Timestamp,
        fidelity: Fidelity,
    ) -> Self {
        let mut rng = WorldRng::new(seed);
        let trail = Trail { events: no_events(), rng: rng.fork(), kept: None, dropped: 0 };
        let identity_provider = IdentityProvider::new(&rng);
        Self {
            services,
            now,
            rng,
            fidelity,
            call_time: SignedDuration::ZERO,
            permissive: false,
            iam: Shared::default(),
            organizations: Shared::default(),
            kms: Shared::default(),
            key_uses: Shared::default(),
            dynamodb: Shared::default(),
            eventbridge: Shared::default(),
            network: Shared::default(),
            identity_provider,
            own_events: Vec::new(),
            trail,
            remembered: None,
        }
    }

    /// The services, in the order of the table.
    pub fn services(&self) -> &'static [&'static Service] {
        self.services
    }

    /// The service of that prefix, such as `kms`; `None` for one that is not simulated.
    pub fn service(&self, prefix: &str) -> Option<&'static Service> {
        self.services.iter().copied().find(|service| service.prefix == prefix)
    }

    /// What services ask of a KMS key in their callers' names.
    pub fn forwards<'w>(&'w self, key: &'w str) -> impl Iterator<Item = Forward> + 'w {
        self.services.iter().filter_map(move |service| (service.forwards)(self, key))
    }

    /// Opens an account. It has a root user and nothing else.
    pub fn add_account(&mut self, account: AccountId, name: &str) {
        self.iam.add_account(account, name);
    }

    /// IAM's state, to look at.
    pub fn iam(&self) -> &Iam {
        &self.iam
    }

    /// Organizations' state, to look at.
    pub fn organizations(&self) -> &Organizations {
        &self.organizations
    }

    /// EventBridge's state, to look at.
    pub fn eventbridge(&self) -> &EventBridge {
        &self.eventbridge
    }

    /// KMS's state, to look at.
    pub fn kms(&self) -> &Kms {
        &self.kms
    }

    /// DynamoDB's state, to look at: tables and what their disks hold.
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.dynamodb
    }

    /// The network, to look at.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Puts a VPC endpoint up. Without a policy it lets everything pass. An error says what is wrong with the policy.
    pub fn add_endpoint(
        &mut self,
        id: &str,
        vpc: &str,
        service: &str,
        policy: Option<&str>,
    ) -> Result<(), ApiError> {
        self.network.add(Endpoint::new(id, vpc, service, policy)?);
        Ok(())
    }

    /// Says from where somebody calls; without a location a call comes over the internet. An error says that `caller`
    /// is nobody here.
    pub fn locate(&mut self, caller: &Caller, location: Location) -> Result<(), ApiError> {
        let name = self.principal(caller)?.name();
        self.network.locate(name, location);
        Ok(())
    }

    /// Returns the path of a request to `service`.
    pub(in crate::cloud) fn network_path(
        &self,
        principal: &Principal,
        context: &CallContext,
        service: &str,
    ) -> NetworkPath {
        self.network.path(principal, context, service, self.fidelity.forwarded_address)
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
        // In a day no key rotates twice.
        if by > SignedDuration::from_hours(24) {
            self.check_rotations(by)?;
        }
        let from = std::mem::replace(&mut self.now, later);
        self.look_at_tables(from, Self::settle);
        Ok(())
    }

    /// Lets this much time pass with each call from now on; none unless this is said.
    pub fn set_call_time(&mut self, each: SignedDuration) {
        self.call_time = each;
    }

    /// Simulates these delays and caches from now on.
    pub fn set_fidelity(&mut self, fidelity: Fidelity) {
        self.fidelity = fidelity;
    }

    /// Draws other random numbers from now on: those of this seed.
    pub fn reseed(&mut self, seed: u64) {
        self.rng = WorldRng::new(seed);
        self.trail.rng = self.rng.fork();
        self.identity_provider = IdentityProvider::new(&self.rng);
    }

    /// Remembers the decisions that were made last from now on, apart from the world that this is a copy of. What is decided is
    /// the same; a world that is asked for the same again and again answers sooner.
    pub fn remember_decisions(&mut self) {
        self.remembered = Some(Arc::default());
    }

    /// Carries every call out from now on, whatever its decisions say: they are made and explained all the same.
    pub fn permit_everything(&mut self) {
        self.permissive = true;
    }

    /// Lets the time of a call pass. At the end of the calendar the clock stands still.
    pub(super) fn pass_call_time(&mut self) {
        if self.call_time.is_positive() {
            let _stands_still = self.advance(self.call_time);
        }
    }

    /// Lets every service do what is due, in the order of the table, and records what they did.
    fn settle(&mut self) {
        for service in self.services {
            (service.settle)(self);
        }
        for event in self.take_own_events() {
            self.keep(event);
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

    /// Returns the audit records behind the first `from`, oldest first, without a walk over those.
    pub fn events_from(&self, from: usize) -> impl Iterator<Item = &Arc<Event>> {
        (from..self.trail.events.len()).filter_map(|at| self.trail.events.get(at))
    }

    /// Tells whether nothing has changed since a copy of this world was made, the audit trail and the numbers drawn next
    /// left aside. What was changed and changed back counts as changed.
    pub fn is_as_it_was(&self, then: &Self) -> bool {
        // Without `..`: the state of a new service is asked for here.
        let Self {
            services: _,
            now,
            rng: _,
            fidelity,
            call_time,
            permissive,
            iam,
            organizations,
            kms,
            key_uses,
            dynamodb,
            eventbridge,
            network,
            identity_provider: _,
            own_events: _,
            trail: _,
            remembered: _,
        } = self;
        *now == then.now
            && *permissive == then.permissive
            && *fidelity == then.fidelity
            && *call_time == then.call_time
            && iam.is_shared_with(&then.iam)
            && organizations.is_shared_with(&then.organizations)
            && kms.is_shared_with(&then.kms)
            && key_uses.is_shared_with(&then.key_uses)
            && dynamodb.is_shared_with(&then.dynamodb)
            && eventbridge.is_shared_with(&then.eventbridge)
            && network.is_shared_with(&then.network)
    }

    /// Tells whether what is done next leads to the same as in a copy that was made then, the audit trail left aside: nothing
    /// has changed, and no numbers were drawn.
    pub fn goes_on_as(&self, then: &Self) -> bool {
        self.is_as_it_was(then) && self.draws_as(then)
    }

    /// Tells whether the numbers that are drawn next are those of a copy that was made then.
    pub fn draws_as(&self, then: &Self) -> bool {
        self.rng.goes_on_as(&then.rng)
    }

    /// All that a decision may read beside who asks for what.
    pub(in crate::cloud) fn read_by_decisions(&self) -> ReadByDecisions {
        // Without `..`: the state of a new service is asked for here.
        let Self {
            services: _,
            now,
            rng: _,
            fidelity,
            call_time: _,
            permissive: _,
            iam,
            organizations,
            kms,
            key_uses: _,
            dynamodb,
            eventbridge,
            network,
            identity_provider: _,
            own_events: _,
            trail: _,
            remembered: _,
        } = self;
        ReadByDecisions {
            now: *now,
            fidelity: fidelity.clone(),
            iam: iam.clone(),
            organizations: organizations.clone(),
            kms: kms.clone(),
            dynamodb: dynamodb.clone(),
            eventbridge: eventbridge.clone(),
            network: network.clone(),
        }
    }

    /// Forgets the audit records so far: what a scenario sets up before the learner comes is not theirs to read.
    pub fn clear_events(&mut self) {
        self.trail.events = no_events();
    }

    /// Keeps the latest `least` audit records from now on, and at most twice as many: a world that is served for long would
    /// grow with each call.
    pub fn keep_latest_events(&mut self, least: usize) {
        self.trail.kept = Some(least);
    }

    /// Returns how many audit records were dropped.
    pub fn dropped_events(&self) -> u64 {
        self.trail.dropped
    }

    /// Puts a record on the trail.
    pub(super) fn keep(&mut self, event: Arc<Event>) {
        let trail = &mut self.trail;
        trail.events.push_back_mut(event);
        let Some(least) = trail.kept.filter(|least| trail.events.len() > 2 * least) else { return };
        let old = trail.events.len() - least;
        let mut kept = no_events();
        trail.events.iter().skip(old).for_each(|event| kept.push_back_mut(event.clone()));
        trail.events = kept;
        trail.dropped += old as u64;
    }

    /// The identity provider that AssumeRoleWithWebIdentity believes.
    pub fn identity_provider(&self) -> &IdentityProvider {
        &self.identity_provider
    }

    /// Who `caller` is now.
    pub fn principal(&self, caller: &Caller) -> Result<Principal, ApiError> {
        self.iam.principal(caller, self.now)
    }

    /// The id of the next request.
    pub(super) fn request_id(&mut self) -> Uuid {
        Uuid::draw(&mut self.trail.rng)
    }

    /// A random (version 4) UUID.
    pub(in crate::cloud) fn uuid(&mut self) -> String {
        Uuid::draw(&mut self.rng).to_string()
    }

    /// Draws `N` bytes from the world's random numbers.
    pub(in crate::cloud) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// `prefix` and `length` characters of the alphabet that ids of IAM and STS use.
    pub(in crate::cloud) fn key_like_id(&mut self, prefix: &str, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bytes: [u8; 32] = self.random();
        let tail = bytes.iter().take(length).map(|b| char::from(ALPHABET[usize::from(b % 32)]));
        prefix.chars().chain(tail).collect()
    }

    /// `prefix` and random base64 behind it, `length` characters in all.
    pub(in crate::cloud) fn secret_text(&mut self, prefix: &str, length: usize) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bytes = vec![0; length.saturating_sub(prefix.len())];
        self.rng.fill_bytes(&mut bytes);
        prefix.chars().chain(bytes.iter().map(|b| char::from(ALPHABET[usize::from(b % 64)]))).collect()
    }

    /// `prefix` and `length` lower-case letters and digits.
    pub(in crate::cloud) fn short_id(&mut self, prefix: &str, length: usize) -> String {
        let bytes: [u8; 16] = self.random();
        let letters = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let tail = bytes.iter().take(length).map(|b| char::from(letters[usize::from(*b) % letters.len()]));
        prefix.chars().chain(tail).collect()
    }

    /// Begins the numbers of a call, and those of its records.
    pub(super) fn begin_draws(&mut self, what: &Digest) {
        self.rng.begin(what);
        self.trail.rng.begin(what);
    }

    /// Ends the numbers of a call. A call that failed has changed nothing, but it has left records.
    pub(super) fn end_draws(&mut self, changed: bool, succeeded: bool) {
        self.rng.end(changed, succeeded);
        self.trail.rng.end(true, true);
    }

    /// Takes everything back but the audit trail and the place in the random numbers.
    pub(in crate::cloud) fn restore(&mut self, before: Self) {
        // Nothing is drawn twice by what goes on behind a call inside of it that was taken back.
        let rng = std::mem::replace(&mut self.rng, before.rng.clone());
        let trail = std::mem::replace(&mut self.trail, before.trail.clone());
        *self = Self { rng, trail, ..before };
    }

    /// Notes something that a service did by itself to a resource.
    pub(in crate::cloud) fn note_own_event(
        &mut self,
        at: Timestamp,
        service: &'static Service,
        name: &'static str,
        (region, resource): (&Region, EventResource),
        details: serde_json::Value,
    ) {
        let id = Uuid::draw(&mut self.trail.rng);
        let event = Event::of_service_itself(id, at, (service.prefix, name), region, resource, details);
        self.own_events.push(Arc::new(event));
    }

    /// What services did by themselves since this was last asked.
    pub(super) fn take_own_events(&mut self) -> Vec<Arc<Event>> {
        std::mem::take(&mut self.own_events)
    }

    pub(in crate::cloud) fn record(&mut self, draft: EventDraft<'_>) -> Arc<Event> {
        let id = Uuid::draw(&mut self.trail.rng);
        draft.finish(id, self.now)
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
    /// The keys that rotate by themselves would have more materials than a world may have.
    #[error("{0}; let less time pass, or switch the rotation off")]
    Rotations(#[from] Exceeded),
}

/// An audit trail without records. Each call copies the path to its end, since a copy of the world before is kept: five levels
/// of at most eight are fewer records to count than three of at most 32.
fn no_events() -> rpds::VectorSync<Arc<Event>> {
    const BITS: u8 = 3;
    rpds::VectorSync::new_with_bits(BITS)
}
