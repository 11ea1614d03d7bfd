//! One belief that was missed, and when it comes back.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// So many days after it was missed, and then after each right answer, a belief is asked about again.
///
/// Source: Butler, Fazio, Marsh, "The hypercorrection effect persists over a week, but high-confidence errors return",
/// Psychonomic Bulletin & Review 18 (2011), 1238: an error that was put right comes back within a week unless it is asked
/// about in between.
pub const DAYS: [i64; 3] = [1, 3, 7];

/// A belief that was missed: since when, and what came of asking again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Miss {
    /// The scenarios in whose labs a guess chose it.
    #[serde(default)]
    missed_in: BTreeSet<String>,
    /// The day on which it was last missed or answered right.
    since: Date,
    /// The right answers in a row.
    #[serde(default)]
    passed: usize,
    /// How many answers to questions by themselves were about it: the next one comes in other clothes.
    #[serde(default)]
    asked: u64,
}

impl Miss {
    /// Returns the miss of a belief that a guess chose on a day.
    pub(super) fn new(day: Date) -> Self {
        Self { missed_in: BTreeSet::new(), since: day, passed: 0, asked: 0 }
    }

    /// The day from which on it is asked about again; `None` once it is mended.
    pub fn due(&self) -> Option<Date> {
        DAYS.get(self.passed).map(|days| self.since.saturating_add(Span::new().days(*days)))
    }

    /// Tells whether it is to be asked about on a day.
    pub fn is_due(&self, today: Date) -> bool {
        self.due().is_some_and(|due| due <= today)
    }

    /// The right answers in a row, of as many as [`DAYS`] has.
    pub fn passed(&self) -> usize {
        self.passed
    }

    /// How many answers to questions by themselves were about it.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// Tells whether a guess in the lab of a scenario chose it.
    pub fn was_missed_in(&self, scenario: &str) -> bool {
        self.missed_in.contains(scenario)
    }

    /// Goes one step on after a right answer, and back to the first after any other.
    pub(super) fn answer(&mut self, right: bool, today: Date) {
        self.asked = self.asked.saturating_add(1);
        self.passed = if right { self.passed + 1 } else { 0 };
        self.since = today;
    }

    /// Begins again after a question whose answer chose it.
    pub(super) fn choose(&mut self, today: Date) {
        self.asked = self.asked.saturating_add(1);
        self.begin_again(today);
    }

    /// Begins again: it was chosen once more.
    fn begin_again(&mut self, day: Date) {
        self.passed = 0;
        self.since = self.since.max(day);
    }

    /// Takes in that a lab shows it, once for each scenario.
    pub(super) fn miss_in(&mut self, scenario: &str, day: Date) {
        if self.missed_in.insert(scenario.to_owned()) {
            self.begin_again(day);
        }
    }

    /// Tells whether any answers can have led to it.
    pub(super) fn is_possible(&self) -> bool {
        self.passed <= DAYS.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn it_comes_back_after_one_three_and_seven_days_and_from_the_start_after_a_wrong_answer() {
        let mut miss = Miss::new(date(2026, 2, 27));
        for (day, right, next) in [
            (date(2026, 2, 28), true, Some(date(2026, 3, 3))),
            (date(2026, 3, 5), true, Some(date(2026, 3, 12))),
            (date(2026, 3, 12), false, Some(date(2026, 3, 13))),
            (date(2026, 3, 13), true, Some(date(2026, 3, 16))),
            (date(2026, 3, 16), true, Some(date(2026, 3, 23))),
            (date(2026, 3, 23), true, None),
        ] {
            assert!(
                miss.is_due(day) && !miss.is_due(day.yesterday().expect("a day")) || day == date(2026, 3, 5)
            );
            miss.answer(right, day);
            assert_eq!(miss.due(), next, "{day}");
        }
        assert!(!miss.is_due(Date::MAX));
        assert_eq!((miss.passed(), miss.asked()), (3, 6));
        miss.miss_in("a2", date(2026, 4, 1));
        assert_eq!(miss.due(), Some(date(2026, 4, 2)));
        miss.answer(true, date(2026, 4, 2));
        miss.miss_in("a2", date(2026, 4, 9));
        assert_eq!(miss.due(), Some(date(2026, 4, 5)), "that one was known");
    }

    #[test]
    fn the_last_day_of_the_calendar_has_one_behind_it_nowhere() {
        assert_eq!(Miss::new(Date::MAX).due(), Some(Date::MAX));
    }
}
