//! What journals have shown so far, what is due on a day, and which question asks about it.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Learning;
use crate::lab::saves::{self, Far};
use crate::scenario::{Question, embedded};

/// A scenario that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The id of the scenario.
    pub scenario: &'static str,
    pub far: Far,
    /// The day on which its journal was last written, in UTC.
    pub day: Date,
}

impl Played {
    /// Tells whether it has shown what a question asks: its scenario is done.
    pub fn shows_all_of(&self, question: &Question) -> bool {
        let (done, all) = self.far.tasks;
        self.scenario == question.scenario && done >= all
    }
}

/// Reads which scenarios of the program were played, in the order of the course.
pub fn played(state: &Path) -> Vec<Played> {
    let one = |id: &'static str| {
        let far = saves::far(state, id)?;
        Some(Played { scenario: id, far, day: day_of(saves::changed(state, id)?)? })
    };
    embedded().iter().filter_map(|embedded| one(embedded.id)).collect()
}

/// The day of a moment, in UTC.
fn day_of(time: std::time::SystemTime) -> Option<Date> {
    Some(TimeZone::UTC.to_datetime(Timestamp::try_from(time).ok()?).date())
}

impl Learning {
    /// Takes in what was played: what was missed there comes back from the day on which it was left. A day to come counts as
    /// today: clocks differ.
    pub fn take_in_all(&mut self, played: &[Played], today: Date) {
        for one in played {
            self.take_in(one.scenario, &one.far.beliefs, one.day.min(today));
        }
    }
}

/// Something to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due<'q> {
    /// The belief, by its id.
    pub belief: String,
    /// The day from which on it is due.
    pub day: Date,
    /// The right answers so far.
    pub passed: usize,
    /// The question that asks about it this time.
    pub question: &'q Question,
    /// The clothes in which it is posed this time.
    pub clothes: u64,
}

/// What comes back up to a day, the longest due first; all that ever comes back without a day.
///
/// A belief is asked about by questions whose answers the learner has seen already, each time another one or in other
/// clothes, and first by those of other scenarios than the one in which it was missed. Where there is none, as after a quiz,
/// any question will do but those for the task at the end of a chapter.
pub fn due<'q>(
    learning: &Learning,
    played: &[Played],
    all: &'q [Question],
    until: Option<Date>,
) -> Vec<Due<'q>> {
    let mut out = Vec::new();
    for (belief, miss) in learning.misses() {
        let Some(day) = miss.due().filter(|day| until.is_none_or(|until| *day <= until)) else { continue };
        let asks = |asked: &&Question| asked.beliefs.iter().any(|id| id == belief);
        let is_known = |asked: &&Question| {
            let lab = played.iter().find(|one| one.scenario == asked.scenario);
            lab.is_some_and(|one| one.far.beliefs.of(belief).is_some())
        };
        let mut fitting: Vec<&Question> = all.iter().filter(asks).filter(is_known).collect();
        if fitting.is_empty() {
            fitting = all.iter().filter(asks).filter(|asked| !asked.is_of_transfer).collect();
        }
        fitting.sort_by_key(|asked| miss.was_missed_in(asked.scenario));
        let turn = usize::try_from(miss.asked()).unwrap_or_default().checked_rem(fitting.len());
        // A belief that no question asks about any more cannot come back.
        let Some(question) = turn.and_then(|turn| fitting.get(turn).copied()) else { continue };
        let clothes = learning.clothes_for(question, miss.asked());
        out.push(Due { belief: belief.to_owned(), day, passed: miss.passed(), question, clothes });
    }
    out.sort_by(|one, other| (one.day, &one.belief).cmp(&(other.day, &other.belief)));
    out
}
