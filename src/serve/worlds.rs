//! The worlds of a server, and the keys to them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use super::clock::Clock;
use super::journal::{Beginning, Journal, line};
use super::keys::{Key, Keys, NoRandom, random};
use super::moment::{Moment, NotRestored};
use super::recorder::Recorder;
use super::served::Served;
use crate::cloud::iam::Credential;
use crate::cloud::{Caller, World};
use crate::limits::Exceeded;
use crate::limits::wire::WORLDS;

/// The audit records that a world keeps at least: some 60 MB.
const EVENTS: usize = 20_000;

/// The name of the world that the server's own keys belong to. Another world is called by the id of its first key.
pub const SHARED: &str = "";

/// The worlds of a server. Each has a turn of its own: none waits for what is done in another.
pub struct Worlds {
    /// As every world is at its start.
    start: Arc<Moment>,
    all: RwLock<BTreeMap<String, Arc<Served>>>,
    keys: RwLock<Keys>,
}

/// Whose access key it is.
pub(super) struct KeyOwner {
    pub world: Arc<Served>,
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

impl Worlds {
    /// A world as it was served first, with the keys to it, which goes on from a file if there is one. It keeps its latest
    /// audit records alone, and carries everything out if it is permissive.
    ///
    /// # Errors
    ///
    /// If what the file holds cannot be done again.
    pub fn new(
        world: World,
        beginning: &Beginning,
        is_permissive: bool,
        journal: Option<Journal>,
    ) -> Result<Self, NotRestored> {
        let mut start = Moment { clock: Clock::of(&world, beginning.start), world };
        start.clock.keep(&mut start.world, beginning.start);
        start.world.keep_latest_events(EVENTS);
        start.world.remember_decisions();
        if is_permissive {
            start.world.permit_everything();
        }
        let start = Arc::new(start);
        let shared = match journal {
            None => Served::new(start.clone()),
            Some(Journal { beginning: known, entries, mut file }) => {
                if known.is_none() {
                    file.write_all(&line(beginning))?;
                    file.sync_all()?;
                }
                let recorder = Recorder::start(file, entries.len() as u64)?;
                Served::restored(start.clone(), entries, recorder)?
            }
        };
        let all = RwLock::new(BTreeMap::from([(SHARED.to_owned(), Arc::new(shared))]));
        Ok(Self { start, all, keys: RwLock::new(beginning.keys()) })
    }

    /// Returns a world by its name.
    pub(super) fn find(&self, world: &str) -> Option<Arc<Served>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).get(world).cloned()
    }

    /// Returns whose access key this is: one that the server gave out, or one that was made in a world.
    pub(super) fn holder(&self, access_key: &str) -> Option<KeyOwner> {
        {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(key) = keys.find(access_key) {
                let (caller, credential) = (key.caller.clone(), key.credential.clone());
                return Some(KeyOwner { world: self.find(&key.world)?, caller, credential });
            }
        }
        self.all().into_iter().find_map(|world| {
            let (caller, credential) = world.now().world.iam().holder_of(access_key)?;
            Some(KeyOwner { world, caller, credential })
        })
    }

    fn all(&self) -> Vec<Arc<Served>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many snapshots the other worlds have.
    pub(super) fn snapshots_beside(&self, world: &Arc<Served>) -> usize {
        self.all().iter().filter(|other| !Arc::ptr_eq(other, world)).map(|other| other.snapshots()).sum()
    }

    /// Opens a world of its own, as the start is; returns the keys to it. The numbers that it draws are its own, too: no key
    /// that is made in it is that of another world.
    ///
    /// # Errors
    ///
    /// If there are too many, or the system gives no random numbers.
    pub fn open(&self) -> Result<Vec<Key>, NoWorld> {
        let mut all_keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let mut worlds = self.all.write().unwrap_or_else(PoisonError::into_inner);
        WORLDS.check(worlds.len())?;
        let mut keys = Vec::new();
        for holder in all_keys.all().filter(|key| key.world == SHARED) {
            keys.push(Key::draw(holder.name.clone(), holder.caller.clone())?);
        }
        let name = keys.first().map(|key| key.id.clone()).unwrap_or_default();
        let mut start = Moment::clone(&self.start);
        start.world.reseed(u64::from_le_bytes(random()?));
        start.world.remember_decisions();
        for key in &mut keys {
            key.world.clone_from(&name);
            all_keys.add(key.clone());
        }
        worlds.insert(name, Arc::new(Served::new(Arc::new(start))));
        Ok(keys)
    }

    /// Closes a world with its keys; answers whether there was one. The shared one stays. A call that is being made there is
    /// answered.
    pub fn close(&self, world: &str) -> bool {
        if world == SHARED {
            return false;
        }
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let closed = self.all.write().unwrap_or_else(PoisonError::into_inner).remove(world);
        keys.remove_of(world);
        closed.is_some()
    }
}
