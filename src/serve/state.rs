//! All that changes while a server runs: its worlds, with their clocks, snapshots and last calls, and the keys to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::clock::{Clock, machine_time};
use super::journal::{Beginning, Entry, in_force, line};
use super::keys::{Key, Keys, NoRandom, random};
use super::recorder::Recorder;
use crate::cloud::iam::Credential;
use crate::cloud::world::ClockError;
use crate::cloud::{ApiError, Call, Caller, Outcome, World};
use crate::limits::Exceeded;
use crate::limits::wire::{SNAPSHOTS, WORLDS};

/// The audit records that a world keeps at least: some 60 MB.
const EVENTS: usize = 20_000;

/// The name of the world that the server's own keys belong to. Another world is called by the id of its first key.
pub const SHARED: &str = "";

/// The worlds of a server.
pub struct State {
    /// As every world is at its start.
    start: Moment,
    worlds: BTreeMap<String, Served>,
    keys: Keys,
    /// Where what changes the shared world is recorded.
    recorder: Option<Recorder>,
}

/// A world with its clock.
#[derive(Clone)]
struct Moment {
    world: World,
    clock: Clock,
}

/// A world that is served.
struct Served {
    start: Moment,
    now: Moment,
    /// Kept worlds by name, each with how many lines were recorded then.
    snapshots: BTreeMap<String, (Moment, u64)>,
    /// The last call, with what it led to.
    last: Option<(String, Arc<Outcome>)>,
}

/// Whose access key it is.
pub struct KeyOwner {
    /// The name of the world.
    pub world: String,
    pub caller: Caller,
    /// What the holder signs with.
    pub credential: Credential,
}

/// Why there is no further world.
#[derive(Debug, thiserror::Error)]
pub enum NoWorld {
    /// There are as many as there may be.
    #[error(transparent)]
    TooMany(#[from] Exceeded),
    /// Nothing can be drawn for it.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
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
    Thread(#[from] std::io::Error),
}

impl State {
    /// A world as it was served first, with the keys to it. It keeps its latest audit records alone, and carries everything
    /// out if it is permissive.
    pub fn new(world: World, beginning: &Beginning, is_permissive: bool) -> Self {
        let mut start = Moment { clock: Clock::of(&world, beginning.start), world };
        start.clock.keep(&mut start.world, beginning.start);
        start.world.keep_latest_events(EVENTS);
        if is_permissive {
            start.world.permit_everything();
        }
        let shared = Served::of(start.clone());
        let worlds = BTreeMap::from([(SHARED.to_owned(), shared)]);
        Self { start, worlds, keys: beginning.keys(), recorder: None }
    }

    /// Makes calls again that have changed the world before; from now on such calls are recorded.
    ///
    /// # Errors
    ///
    /// If one of them leads to another end than then.
    pub fn restore_from(&mut self, entries: Vec<Entry>, recorder: Recorder) -> Result<(), NotRestored> {
        let served = self.worlds.entry(SHARED.to_owned()).or_insert_with(|| Served::of(self.start.clone()));
        for entry in in_force(entries) {
            served.now.again(entry)?;
        }
        self.recorder = Some(recorder);
        Ok(())
    }

    /// How many lines were handed in to be recorded: an answer waits until they are on the disk.
    pub fn recorded(&self) -> u64 {
        self.recorder.as_ref().map_or(0, Recorder::position)
    }

    /// Hands in a line about the shared world.
    fn record(&mut self, world: &str, entry: impl FnOnce() -> Entry) {
        if let Some(recorder) = self.recorder.as_mut().filter(|_| world == SHARED) {
            recorder.add(line(&entry()));
        }
    }

    /// Returns whose access key this is: one that the server gave out, or one that was made in a world.
    pub fn holder(&self, access_key: &str) -> Option<KeyOwner> {
        if let Some(key) = self.keys.find(access_key) {
            let (world, caller) = (key.world.clone(), key.caller.clone());
            return Some(KeyOwner { world, caller, credential: key.credential.clone() });
        }
        self.worlds.iter().find_map(|(name, served)| {
            let (caller, credential) = served.now.world.iam().holder_of(access_key)?;
            Some(KeyOwner { world: name.clone(), caller, credential })
        })
    }

    /// Makes a call in a world; `None` if that has gone.
    pub fn call(&mut self, world: &str, caller: &Caller, call: Call) -> Option<Arc<Outcome>> {
        let served = self.worlds.get_mut(world)?;
        served.now.keep_time();
        let (action, at) = (call.action(), served.now.world.now());
        let recorded = self.recorder.as_ref().filter(|_| world == SHARED).map(|_| call.clone());
        // INVARIANT: a call that panics leaves the world as it was.
        let mut after = served.now.world.clone();
        let outcome = Arc::new(after.call(caller, call));
        let has_changed = !after.goes_on_as(&served.now.world);
        served.now.world = after;
        served.last = Some((action, outcome.clone()));
        if let Some(call) = recorded.filter(|_| has_changed) {
            self.record(world, || Entry::Call {
                at,
                caller: caller.clone(),
                service: call.input.service().to_owned(),
                operation: call.input.operation().to_owned(),
                input: call.input.to_json(),
                context: Box::new(call.context),
                fails: outcome.result.is_err(),
            });
        }
        Some(outcome)
    }

    /// Opens a world of its own, as the start is; returns the keys to it. The numbers that it draws are its own, too: no key
    /// that is made in it is that of another world.
    ///
    /// # Errors
    ///
    /// If there are too many, or the system gives no random numbers.
    pub fn open(&mut self) -> Result<Vec<Key>, NoWorld> {
        WORLDS.check(self.worlds.len())?;
        let shared = self.keys.all().filter(|key| key.world == SHARED);
        let holders: Vec<(String, Caller)> =
            shared.map(|key| (key.name.clone(), key.caller.clone())).collect();
        let mut keys = Vec::new();
        for (name, caller) in holders {
            keys.push(Key::draw(name, caller)?);
        }
        let name = keys.first().map(|key| key.id.clone()).unwrap_or_default();
        let mut moment = self.start.clone();
        moment.world.reseed(u64::from_le_bytes(random()?));
        for key in &mut keys {
            key.world.clone_from(&name);
            self.keys.add(key.clone());
        }
        self.worlds.insert(name, Served::of(moment));
        Ok(keys)
    }

    /// Closes a world with its keys; answers whether there was one. The shared one stays.
    pub fn close(&mut self, world: &str) -> bool {
        if world == SHARED || self.worlds.remove(world).is_none() {
            return false;
        }
        self.keys.remove_of(world);
        true
    }

    /// Says how a world is: its time, and how long its audit trail is.
    pub fn health(&self, world: &str) -> Option<Value> {
        let world = &self.worlds.get(world)?.now.world;
        Some(json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "time": world.now().to_string(),
            "events": world.events().len(),
            "droppedEvents": world.dropped_events(),
        }))
    }

    /// Puts a world back to the start; answers whether there is one.
    pub fn reset(&mut self, world: &str) -> bool {
        let Some(served) = self.worlds.get_mut(world) else { return false };
        served.now = served.start.clone();
        served.last = None;
        self.record(world, || Entry::Back(0));
        true
    }

    /// Keeps a world as it is under a name; answers whether there is one.
    ///
    /// # Errors
    ///
    /// If there are too many snapshots.
    pub fn snapshot(&mut self, world: &str, name: &str) -> Result<bool, Exceeded> {
        let kept: usize = self.worlds.values().map(|served| served.snapshots.len()).sum();
        let Some(served) = self.worlds.get_mut(world) else { return Ok(false) };
        if !served.snapshots.contains_key(name) {
            SNAPSHOTS.check(kept + 1)?;
        }
        let position = self.recorder.as_ref().map_or(0, Recorder::position);
        served.snapshots.insert(name.to_owned(), (served.now.clone(), position));
        Ok(true)
    }

    /// Puts a world back to what was kept under a name; answers whether there is such a thing.
    pub fn restore(&mut self, world: &str, name: &str) -> bool {
        let Some(served) = self.worlds.get_mut(world) else { return false };
        let Some((kept, position)) = served.snapshots.get(name).cloned() else { return false };
        served.now = kept;
        served.last = None;
        self.record(world, || Entry::Back(position));
        true
    }

    /// Moves a world's clock; returns its time, `None` if there is no such world.
    ///
    /// # Errors
    ///
    /// If time would run out of range.
    pub fn advance(&mut self, world: &str, by: SignedDuration) -> Result<Option<String>, ClockError> {
        let Some(served) = self.worlds.get_mut(world) else { return Ok(None) };
        let now = &mut served.now;
        now.keep_time();
        let at = now.world.now();
        now.clock.advance(&mut now.world, by)?;
        let time = now.world.now().to_string();
        self.record(world, || Entry::Advance { at, seconds: by.as_secs() });
        Ok(Some(time))
    }

    /// The last call of a world with its decisions, each with its reasoning; nothing before the first.
    pub fn explained(&self, world: &str) -> Option<Value> {
        let Some((action, outcome)) = &self.worlds.get(world)?.last else { return Some(Value::Null) };
        let decisions = outcome.decisions.iter().map(|record| {
            json!({
                "principal": &*record.request.principal().name(),
                "action": record.request.action().to_string(),
                "allowed": record.decision.is_allowed(),
                "invokedBy": record.invoked_by,
                "explanation": record.explain(),
            })
        });
        Some(json!({
            "operation": action,
            "requestId": outcome.request_id,
            "error": outcome.result.as_ref().err(),
            "decisions": decisions.collect::<Vec<_>>(),
        }))
    }
}

impl Served {
    fn of(now: Moment) -> Self {
        Self { start: now.clone(), now, snapshots: BTreeMap::new(), last: None }
    }
}

impl Moment {
    /// Does again what an entry says, at its time.
    fn again(&mut self, entry: Entry) -> Result<(), NotRestored> {
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

    /// Lets the clock catch up with the machine's.
    fn keep_time(&mut self) {
        self.clock.keep(&mut self.world, machine_time());
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::super::recorder::Kept;
    use super::*;
    use crate::cloud::{AccountId, Fidelity};

    /// A world with the root user of an account, who calls.
    fn state() -> (State, Caller) {
        let account: AccountId = "111122223333".parse().expect("twelve digits");
        let start = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, start, Fidelity::instant());
        world.add_account(account.clone(), "lab");
        let root = Caller::Root(account);
        let keys = Keys::draw([("root".to_owned(), root.clone())]).expect("random numbers");
        let beginning = Beginning::new("w".to_owned(), 7, start, Zeroizing::default(), &keys);
        (State::new(world, &beginning, false), root)
    }

    fn call(operation: &str, input: Value) -> Call {
        Call::decode("iam", operation, input).expect("a call")
    }

    #[test]
    fn the_trail_keeps_the_latest_records_and_counts_the_others() {
        let (mut state, root) = state();
        state.worlds.get_mut(SHARED).expect("it is there").now.world.keep_latest_events(10);
        for number in 0..50 {
            let outcome =
                state.call(SHARED, &root, call("CreateUser", json!({"UserName": format!("u{number}")})));
            assert!(outcome.expect("a world").result.is_ok());
        }
        let health = state.health(SHARED).expect("a world");
        let (kept, dropped) = (health["events"].as_u64(), health["droppedEvents"].as_u64());
        assert!(kept.is_some_and(|kept| (10..=20).contains(&kept)), "{health}");
        assert_eq!(kept.zip(dropped).map(|(kept, dropped)| kept + dropped), Some(50));
        let last = state.worlds[SHARED].now.world.events().next_back().expect("a record");
        assert_eq!(last.request_parameters["userName"], "u49");
    }

    #[test]
    fn what_was_recorded_leads_to_the_same_world() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let file = std::fs::File::create(&path).expect("a file");
        let (mut state, root) = state();
        let (recorder, kept) = Recorder::start(file, 0).expect("a thread");
        state.restore_from(Vec::new(), recorder).expect("nothing is done again");
        let ids = |state: &State| {
            let users = state.worlds[SHARED].now.world.iam().identities();
            users.map(|user| (user.name.clone(), user.unique_id.clone())).collect::<Vec<_>>()
        };
        state.call(SHARED, &root, call("CreateUser", json!({"UserName": "kim"})));
        state.call(SHARED, &root, call("ListUsers", json!({})));
        state.snapshot(SHARED, "kim").expect("few");
        state.call(SHARED, &root, call("CreateUser", json!({"UserName": "tess"})));
        state.call(SHARED, &root, call("CreateUser", json!({"UserName": "tess"})));
        state.restore(SHARED, "kim");
        state.call(SHARED, &root, call("CreateUser", json!({"UserName": "ravi"})));
        // Two users, the way back, a user; what only reads or is refused is not recorded.
        assert_eq!(state.recorded(), 4);
        while *kept.borrow() != Kept::Lines(4) {
            std::thread::yield_now();
        }
        let text = std::fs::read_to_string(&path).expect("a text");
        let entries: Vec<Entry> =
            text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
        let (mut again, _) = self::state();
        again.keys = state.keys.clone();
        let file = std::fs::File::options().append(true).open(&path).expect("a file");
        let (recorder, _) = Recorder::start(file, 4).expect("a thread");
        again.restore_from(entries, recorder).expect("they are done again");
        assert_eq!(ids(&again), ids(&state));
        assert_eq!(ids(&again).len(), 2);
    }
}
