//! The world's random numbers: seeded, and part of the world's value.

use std::convert::Infallible;

use rand::rngs::ChaCha20Rng;
use rand::{Rng as _, SeedableRng, TryCryptoRng, TryRng};

/// A seeded ChaCha20 generator that can be copied.
///
/// The generator it wraps refuses to be copied, because two copies give the same numbers. Here that is the point: a
/// copy of a world must go on as the world itself would.
pub struct WorldRng(Generator);

#[expect(
    clippy::large_enum_variant,
    reason = "a box would cost an allocation at the first draw of every copy"
)]
enum Generator {
    Running(ChaCha20Rng),
    /// A copy that nobody has drawn from yet. Most copies never are, and filling the buffer takes a microsecond.
    Copied([u8; 49]),
}

impl WorldRng {
    /// The generator that `seed` names.
    pub fn new(seed: u64) -> Self {
        Self(Generator::Running(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// A generator of its own, seeded with the next numbers of this one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(Generator::Running(ChaCha20Rng::from_rng(self.running())))
    }

    fn running(&mut self) -> &mut ChaCha20Rng {
        if let Generator::Copied(state) = &self.0 {
            self.0 = Generator::Running(ChaCha20Rng::deserialize_state(state));
        }
        match &mut self.0 {
            Generator::Running(generator) => generator,
            Generator::Copied(_) => unreachable!("it has just been started"),
        }
    }
}

impl Clone for WorldRng {
    fn clone(&self) -> Self {
        Self(Generator::Copied(match &self.0 {
            Generator::Running(generator) => generator.serialize_state(),
            Generator::Copied(state) => *state,
        }))
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
}
