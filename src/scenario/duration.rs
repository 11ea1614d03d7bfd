//! Stretches of time as people type them: `+5m`, `+8d`, `1h30m`.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::limits::steps;

/// A length of time: numbers with a unit (`s`, `m`, `h`, `d`, `w`, `y`), such as `+5m` or `+1d12h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String", extend("pattern" = r"^\+?([0-9]+[ywdhms])+$"))]
pub struct Duration(u32);

/// Units from long to short, each with its length in seconds. A year counts 365 days.
const UNITS: [(char, u64); 6] =
    [('y', 31_536_000), ('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A longer stretch would leave the dates that the clock can show.
const MAX_SECONDS: u64 = 100 * UNITS[0].1;

impl Duration {
    /// Takes a number of seconds, fewer than those of a century.
    pub(super) const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// Returns the length in seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// The same as the clock takes it.
    pub fn signed(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }
}

/// A text that is not a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no stretch of time: write a number and a unit (s, m, h, d, w, y), such as +5m or +1d12h, at most 100y"
)]
pub struct BadDuration(String);

impl FromStr for Duration {
    type Err = BadDuration;

    fn from_str(text: &str) -> Result<Self, BadDuration> {
        steps::add(text.len());
        let bad = || BadDuration(text.chars().take(40).collect());
        let mut seconds = 0_u64;
        let mut number: Option<u64> = None;
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() {
            return Err(bad());
        }
        for letter in digits.chars() {
            if let Some(digit) = letter.to_digit(10) {
                let so_far = number.unwrap_or(0).checked_mul(10);
                number = Some(so_far.and_then(|n| n.checked_add(u64::from(digit))).ok_or_else(bad)?);
            } else {
                let (_, unit) = UNITS.iter().find(|(name, _)| *name == letter).ok_or_else(bad)?;
                let part = number.take().ok_or_else(bad)?.checked_mul(*unit).ok_or_else(bad)?;
                seconds = seconds.checked_add(part).filter(|sum| *sum <= MAX_SECONDS).ok_or_else(bad)?;
            }
        }
        if number.is_some() {
            return Err(bad());
        }
        u32::try_from(seconds).map(Self).map_err(|_| bad())
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = u64::from(self.0);
        f.write_str(if left == 0 { "+0s" } else { "+" })?;
        for (name, unit) in UNITS {
            if left >= unit {
                write!(f, "{}{name}", left / unit)?;
                left %= unit;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stretches_read() {
        for (text, seconds) in
            [("+5m", 300), ("5m", 300), ("+8d", 691_200), ("+1h30m", 5_400), ("+0s", 0), ("+1y", 31_536_000)]
        {
            assert_eq!(text.parse::<Duration>().map(Duration::seconds), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in
            ["", "+", "5", "m", "-5m", "+5 m", "+5min", "+5x", "++5m", "101y", "99999999999999999999s"]
        {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_agree(seconds in 0_u32..=3_153_600_000) {
            let duration = Duration(seconds);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
