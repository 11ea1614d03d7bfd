//! The world's random numbers: seeded, and part of the world's value.
//!
//! Every call draws from a stream of its own, which follows from the secret state of the world's chance and from the
//! call: caller, service, operation, input, circumstances, time. So the same call in the same state gives the same
//! answer, and another call other numbers, whatever is undone, branched or previewed: no nonce meets two plaintexts, and
//! no answer of GenerateRandom is a key of another call. A call that succeeded moves the state on.

use std::convert::Infallible;
use std::io;

use rand::rngs::ChaCha20Rng;
use rand::{Rng as _, SeedableRng, TryCryptoRng, TryRng};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A seeded ChaCha20 generator that can be copied.
///
/// The generator it wraps refuses to be copied, because two copies give the same numbers. Here that is the point: a
/// copy of a world must go on as the world itself would.
pub struct WorldRng {
    generator: Generator,
    /// What all that was done so far has led to. Known to nobody inside the world.
    state: [u8; 32],
    /// What is being done, if anything is: the state moves on by it.
    begun: Option<Digest>,
    /// Whether anything was drawn since [`Self::begin`].
    drawn: bool,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a box would cost an allocation at the first draw of every copy"
)]
enum Generator {
    Running(ChaCha20Rng),
    /// A copy that nobody has drawn from yet. Most copies never are, and filling the buffer takes a microsecond.
    Copied([u8; 49]),
    /// The stream of what was begun, from which nobody has drawn yet. Most calls draw nothing, and its key is made when
    /// somebody does.
    Begun,
    /// The stream between two calls, from which nobody draws.
    Between,
}

impl WorldRng {
    /// The generator that `seed` names.
    pub fn new(seed: u64) -> Self {
        Self::from_generator(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A generator of its own, seeded with the next 32 bytes of this one.
    ///
    /// Code that draws as much as it likes gets one, so that what is drawn behind it does not depend on that.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self::from_generator(ChaCha20Rng::from_rng(self.running()))
    }

    /// A generator for something that happens by itself, which `what` says in full. It takes nothing from this one, so
    /// that it does not matter in how many steps the clock gets there.
    #[must_use]
    pub fn apart(&self, what: &Digest) -> Self {
        Self::from_generator(ChaCha20Rng::from_seed(derive(b"kmslab apart", &self.state, what)))
    }

    fn from_generator(mut generator: ChaCha20Rng) -> Self {
        let mut state = [0; 32];
        generator.fill_bytes(&mut state);
        Self { generator: Generator::Running(generator), state, begun: None, drawn: false }
    }

    /// Begins the stream of something that is done, which `what` says in full.
    pub fn begin(&mut self, what: &Digest) {
        if self.drawn {
            // Somebody drew between two calls: nobody draws that again.
            self.state = derive(b"kmslab drawn", &self.state, what);
        }
        self.begun = Some(*what);
        self.generator = Generator::Begun;
        self.drawn = false;
    }

    /// Ends what was begun. Where it has changed something or drawn anything, the state moves on: what is done next draws
    /// other numbers even if it is the same.
    pub fn end(&mut self, changed: bool, kept: bool) {
        if let Some(what) = self.begun.take().filter(|_| kept && (changed || self.drawn)) {
            self.state = derive(b"kmslab state", &self.state, &what);
        }
        // Nothing draws between two calls. If it did, it would not meet the numbers of one.
        self.generator = Generator::Between;
        self.drawn = false;
    }

    /// Tells whether what is begun next draws the same as from another one, between two calls.
    pub fn goes_on_as(&self, other: &Self) -> bool {
        self.state == other.state
    }

    fn running(&mut self) -> &mut ChaCha20Rng {
        self.drawn = true;
        let seeded = |label: &[u8], what: &Digest| ChaCha20Rng::from_seed(derive(label, &self.state, what));
        let started = match (&self.generator, &self.begun) {
            (Generator::Running(_), _) => None,
            (Generator::Copied(state), _) => Some(ChaCha20Rng::deserialize_state(state)),
            (Generator::Begun, Some(what)) => Some(seeded(b"kmslab stream", what)),
            (Generator::Begun, None) | (Generator::Between, _) => {
                Some(seeded(b"kmslab between", &Digest([0; 32])))
            }
        };
        if let Some(started) = started {
            self.generator = Generator::Running(started);
        }
        match &mut self.generator {
            Generator::Running(generator) => generator,
            Generator::Copied(_) | Generator::Begun | Generator::Between => {
                unreachable!("it has just been started")
            }
        }
    }
}

/// A digest of something that is done, all that can make a difference included.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of some parts, in order. Their JSON is self-delimiting, so that no two rows of parts meet.
    pub fn of(parts: impl Serialize) -> Self {
        let mut hash = Hashed { hash: Sha256::new(), waiting: Zeroizing::new([0; BLOCKS]), filled: 0 };
        let written = serde_json::to_writer(&mut hash, &parts);
        // Requests are made to be written as JSON. One that could not would share its draws with others.
        debug_assert!(written.is_ok(), "it cannot be written: {written:?}");
        hash.hash_waiting();
        Self(hash.hash.finalize().into())
    }
}

/// How many bytes are hashed at once.
const BLOCKS: usize = 256;

/// Hashes what is written to it. JSON is written in pieces of a few bytes: they wait until there are some blocks of them.
struct Hashed {
    hash: Sha256,
    /// What is written may be secret.
    waiting: Zeroizing<[u8; BLOCKS]>,
    filled: usize,
}

impl Hashed {
    fn hash_waiting(&mut self) {
        self.hash.update(&self.waiting[..self.filled]); // never more than there is room for
        self.filled = 0;
    }
}

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > BLOCKS - self.filled {
            self.hash_waiting();
        }
        match self.waiting.get_mut(self.filled..self.filled + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.filled += bytes.len();
            }
            None => self.hash.update(bytes),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn derive(label: &[u8], state: &[u8; 32], what: &Digest) -> [u8; 32] {
    Sha256::new().chain_update(label).chain_update(state).chain_update(what.0).finalize().into()
}

impl Clone for WorldRng {
    fn clone(&self) -> Self {
        let generator = match &self.generator {
            Generator::Running(generator) => Generator::Copied(generator.serialize_state()),
            Generator::Copied(state) => Generator::Copied(*state),
            Generator::Begun => Generator::Begun,
            Generator::Between => Generator::Between,
        };
        Self { generator, state: self.state, begun: self.begun, drawn: self.drawn }
    }
}

impl TryRng for WorldRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.running().next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.running().next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.running().fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for WorldRng {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_goes_on_as_the_original_does() {
        for consumed in [0, 1, 3, 63, 64, 65, 1000] {
            let mut original = WorldRng::new(7);
            for _ in 0..consumed {
                original.next_u32();
            }
            let mut copy = original.clone();
            assert_eq!([original.next_u64(), original.next_u64()], [copy.next_u64(), copy.next_u64()]);
        }
    }

    /// What is drawn first in something, from a state.
    fn first(rng: &WorldRng, what: &str) -> u64 {
        let mut rng = rng.clone();
        rng.begin(&Digest::of(what));
        rng.next_u64()
    }

    #[test]
    fn a_digest_is_that_of_the_json_however_long_its_pieces_are() {
        for length in [0, 1, 100, 250, 255, 256, 257, 600] {
            let parts = ("a", "b".repeat(length), "c\n".repeat(length), 7);
            let whole: [u8; 32] = Sha256::digest(serde_json::to_vec(&parts).expect("JSON")).into();
            assert_eq!(Digest::of(&parts).0, whole, "{length}");
        }
    }

    #[test]
    fn the_same_in_the_same_state_draws_the_same_and_nothing_else_does() {
        let mut rng = WorldRng::new(7);
        assert_eq!(first(&rng, "one"), first(&rng, "one"));
        assert_ne!(first(&rng, "one"), first(&rng, "two"));
        let before = first(&rng, "one");
        let mut ended = |changed, kept, draws: bool| {
            rng.begin(&Digest::of("a call"));
            if draws {
                rng.next_u64();
            }
            rng.end(changed, kept);
            first(&rng, "one")
        };
        assert_eq!(ended(false, true, false), before, "what only looks leaves everything as it was");
        assert_eq!(ended(true, false, true), before, "and so does what is taken back");
        let drawn = ended(false, true, true);
        assert_ne!(drawn, before);
        assert_ne!(ended(true, true, false), drawn);
    }

    #[test]
    fn a_fork_takes_the_same_from_its_parent_whatever_is_drawn_from_it() {
        let after = |draws: usize| {
            let mut rng = WorldRng::new(7);
            let mut fork = rng.fork();
            for _ in 0..draws {
                fork.next_u64();
            }
            rng.next_u64()
        };
        assert_eq!(after(0), after(1000));
    }
}
