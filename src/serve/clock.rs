//! The world's clock while it is served: it follows the machine's, and can be moved ahead of it.

use jiff::{SignedDuration, Timestamp};

use crate::cloud::World;
use crate::cloud::world::ClockError;

/// How far a world's clock is ahead of the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    ahead: SignedDuration,
}

/// The time on the machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "clients sign by the machine's clock, and a served world follows it"
)]
pub fn machine_time() -> Timestamp {
    Timestamp::now()
}

impl Clock {
    /// A clock for a world: a world of the past comes to the present, one of the future stays ahead.
    pub fn of(world: &World, now: Timestamp) -> Self {
        Self { ahead: world.now().duration_since(now).max(SignedDuration::ZERO) }
    }

    /// Lets the world's clock catch up, a second or more at a time: what is due then happens once a second at most.
    ///
    /// Where the clock cannot move (keys that rotate by themselves would have too many materials), it stands still.
    pub fn keep(self, world: &mut World, now: Timestamp) {
        let behind = (now + self.ahead).duration_since(world.now());
        if behind >= SignedDuration::from_secs(1) {
            let _stands_still = world.advance(SignedDuration::from_secs(behind.as_secs()));
        }
    }

    /// Moves the clock, and the world with it.
    ///
    /// # Errors
    ///
    /// If time would run backwards or out of range.
    pub fn advance(&mut self, world: &mut World, by: SignedDuration) -> Result<(), ClockError> {
        world.advance(by)?;
        self.ahead = self.ahead.saturating_add(by);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Fidelity;

    #[test]
    fn a_world_follows_the_machine_and_never_goes_back() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let world = |time| World::new(1, at(time), Fidelity::instant());
        let now = at("2026-06-01T00:00:00Z");
        let mut past = world("2026-01-05T09:00:00Z");
        let mut clock = Clock::of(&past, now);
        clock.keep(&mut past, now);
        assert_eq!(past.now(), now);
        clock.advance(&mut past, SignedDuration::from_hours(1)).expect("an hour");
        clock.keep(&mut past, now + SignedDuration::from_secs(2));
        assert_eq!(past.now(), at("2026-06-01T01:00:02Z"));
        let mut future = world("2027-01-01T00:00:00Z");
        let clock = Clock::of(&future, now);
        clock.keep(&mut future, now + SignedDuration::from_secs(5));
        assert_eq!(future.now(), at("2027-01-01T00:00:05Z"));
    }
}
