//! The world's random numbers: seeded, and part of the world's value.

use std::convert::Infallible;

use rand::rngs::ChaCha20Rng;
use rand::{Rng as _, SeedableRng, TryCryptoRng, TryRng};

/// A seeded ChaCha20 generator that can be copied.
///
/// The generator it wraps refuses to be copied, because two copies give the same numbers. Here that is the point: a
/// copy of a world must go on as the world itself would.
pub struct WorldRng(ChaCha20Rng);

impl WorldRng {
    /// The generator that `seed` names.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A generator of its own, seeded with the next numbers of this one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(ChaCha20Rng::from_rng(&mut self.0))
    }
}

impl Clone for WorldRng {
    fn clone(&self) -> Self {
        Self(ChaCha20Rng::deserialize_state(&self.0.serialize_state()))
    }
}

impl TryRng for WorldRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
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
