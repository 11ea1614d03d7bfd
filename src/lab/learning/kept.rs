//! What is kept of all that a learner believed: the beliefs that were missed, and the quizzes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::miss::Miss;
use super::quiz::Quiz;
use crate::lab::{Beliefs, Shown};
use crate::scenario::{CLOTHES, Question};

/// The version of the file's format.
pub(super) const FORMAT: u32 = 2;

/// What is kept of all that a learner believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    #[serde(rename = "kmslab-learning")]
    format: u32,
    /// The beliefs that were missed, by their ids.
    #[serde(default)]
    beliefs: BTreeMap<String, Miss>,
    /// The quizzes, by the letter of the chapter.
    #[serde(default)]
    quizzes: BTreeMap<char, Quiz>,
    /// The clothes in which each question was last answered, by its scenario and its id. Format 1 had none.
    #[serde(default)]
    posed: BTreeMap<String, u64>,
}

impl Default for Learning {
    fn default() -> Self {
        Self { format: FORMAT, beliefs: BTreeMap::new(), quizzes: BTreeMap::new(), posed: BTreeMap::new() }
    }
}

/// What a question is called in the file.
fn place(question: &Question) -> String {
    format!("{} {}", question.scenario, question.id)
}

/// How a learner stands to a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeliefState {
    /// Nothing has shown it yet.
    Open,
    /// A scenario about it was played, and no wrong guess shows it.
    Seen,
    /// A guess chose it, and so many answers since were right. It comes back on that day; without one once a review takes
    /// it in.
    Missed { due: Option<Date>, passed: usize },
    /// A guess chose it, and the answers after each of [`super::DAYS`] were right.
    Mended,
}

impl Learning {
    /// Takes in what a lab has shown that was left on a day. What was taken in before changes nothing.
    pub fn take_in(&mut self, scenario: &str, beliefs: &Beliefs, day: Date) {
        for belief in beliefs.missed() {
            let miss = self.beliefs.entry(belief.to_owned()).or_insert_with(|| Miss::new(day));
            miss.miss_in(scenario, day);
        }
    }

    /// Returns how the learner stands to a belief, of which the labs have shown so much.
    pub fn standing(&self, belief: &str, shown: Option<Shown>) -> BeliefState {
        match (self.beliefs.get(belief), shown) {
            (Some(miss), _) => match miss.due() {
                Some(due) => BeliefState::Missed { due: Some(due), passed: miss.passed() },
                None => BeliefState::Mended,
            },
            (None, Some(Shown::Missed)) => BeliefState::Missed { due: None, passed: 0 },
            (None, Some(Shown::Seen)) => BeliefState::Seen,
            (None, None) => BeliefState::Open,
        }
    }

    /// The beliefs that were missed, each with its miss.
    pub fn misses(&self) -> impl Iterator<Item = (&str, &Miss)> {
        self.beliefs.iter().map(|(belief, miss)| (belief.as_str(), miss))
    }

    /// Takes in an answer to a question: whether it was right, and the beliefs that it chose.
    ///
    /// A belief that was due goes one step on, or back to the first. One that was not yet due waits for its day: what counts
    /// is to know it after a while. A belief that was chosen is missed, whether or not it was due.
    pub fn answered(&mut self, question: &Question, right: bool, chosen: &[String], today: Date) {
        for belief in &question.beliefs {
            if let Some(miss) = self.beliefs.get_mut(belief).filter(|miss| miss.is_due(today)) {
                miss.answer(right, today);
            }
        }
        for belief in chosen {
            self.beliefs.entry(belief.clone()).or_insert_with(|| Miss::new(today)).choose(today);
        }
    }

    /// Returns the clothes in which to pose a question: those that are wanted, or the next ones where it was answered in
    /// those the last time.
    pub fn clothes_for(&self, question: &Question, wanted: u64) -> u64 {
        let wanted = wanted % CLOTHES;
        let last = self.posed.get(&place(question)).map(|last| last % CLOTHES);
        if last == Some(wanted) { (wanted + 1) % CLOTHES } else { wanted }
    }

    /// Notes in which clothes a question was answered.
    pub fn was_posed(&mut self, question: &Question, clothes: u64) {
        self.posed.insert(place(question), clothes);
    }

    /// Takes it as this version of the program writes it.
    pub(super) fn renew(&mut self) {
        self.format = FORMAT;
    }

    /// The quiz of a chapter.
    pub fn quiz(&self, chapter: char) -> Option<&Quiz> {
        self.quizzes.get(&chapter)
    }

    /// The quiz of a chapter, to go on with it.
    pub fn quiz_mut(&mut self, chapter: char) -> &mut Quiz {
        self.quizzes.entry(chapter).or_default()
    }

    /// Says what is impossible in it, if anything is.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if !self.beliefs.values().all(Miss::is_possible) {
            return Err("a belief has more right answers in a row than there are reviews");
        }
        if !self.quizzes.values().all(Quiz::is_possible) {
            return Err("a quiz has more answers than questions");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::learning::DAYS;
    use jiff::civil::date;

    fn question(beliefs: &[&str]) -> Question {
        let beliefs = beliefs.iter().map(|belief| (*belief).to_owned()).collect();
        Question { scenario: "a2-full-access-denied", id: "p1".to_owned(), beliefs, is_of_transfer: false }
    }

    #[test]
    fn a_question_never_comes_twice_in_the_same_clothes() {
        let mut learning = Learning::default();
        let (asked, other) = (question(&["M01"]), Question { id: "p2".to_owned(), ..question(&["M01"]) });
        let mut last = None;
        for wanted in [0, 0, 1, 1, CLOTHES - 1, CLOTHES - 1, CLOTHES] {
            let clothes = learning.clothes_for(&asked, wanted);
            assert!(clothes < CLOTHES && Some(clothes) != last, "{wanted}: {clothes} after {last:?}");
            assert_eq!(learning.clothes_for(&other, wanted), wanted % CLOTHES, "that one was not asked");
            learning.was_posed(&asked, clothes);
            last = Some(clothes);
        }
    }

    fn missed(beliefs: &[&str]) -> Beliefs {
        let mut out = Beliefs::default();
        for belief in beliefs {
            out.note(belief, Shown::Missed);
        }
        out
    }

    fn due(learning: &Learning, belief: &str) -> Option<(Date, usize)> {
        match learning.standing(belief, None) {
            BeliefState::Missed { due, passed } => Some((due.expect("it was taken in"), passed)),
            BeliefState::Open | BeliefState::Seen | BeliefState::Mended => None,
        }
    }

    #[test]
    fn a_belief_is_open_then_seen_or_missed_then_mended() {
        let mut learning = Learning::default();
        for (shown, standing) in [
            (None, BeliefState::Open),
            (Some(Shown::Seen), BeliefState::Seen),
            (Some(Shown::Missed), BeliefState::Missed { due: None, passed: 0 }),
        ] {
            assert_eq!(learning.standing("M01", shown), standing);
        }
        let mut day = date(2026, 12, 1);
        learning.take_in("a2", &missed(&["M01"]), day);
        for days in DAYS {
            let (next, _) = due(&learning, "M01").expect("it is missed");
            assert_eq!(next, day.saturating_add(jiff::Span::new().days(days)));
            // Before its day a right answer counts for nothing.
            learning.answered(&question(&["M01"]), true, &[], next.yesterday().expect("a day"));
            assert_eq!(due(&learning, "M01").map(|(day, _)| day), Some(next));
            learning.answered(&question(&["M01"]), true, &[], next);
            day = next;
        }
        assert_eq!(learning.standing("M01", Some(Shown::Missed)), BeliefState::Mended);
        learning.take_in("a2", &missed(&["M01"]), day);
        assert_eq!(learning.standing("M01", None), BeliefState::Mended, "that guess was known");
        learning.take_in("a9", &missed(&["M01"]), day);
        assert_eq!(due(&learning, "M01").map(|(_, passed)| passed), Some(0));
    }

    #[test]
    fn an_answer_moves_what_is_due_and_brings_in_what_it_chose() {
        let (start, today) = (date(2026, 12, 1), date(2026, 12, 2));
        let mut learning = Learning::default();
        learning.take_in("a2", &missed(&["M01", "M02"]), start);
        let asked = question(&["M01", "M02", "M31"]);
        learning.answered(&asked, false, &["M31".to_owned()], today);
        for belief in ["M01", "M02", "M31"] {
            assert_eq!(due(&learning, belief), Some((date(2026, 12, 3), 0)), "{belief}");
        }
        learning.answered(&asked, true, &[], date(2026, 12, 3));
        for belief in ["M01", "M02", "M31"] {
            assert_eq!(due(&learning, belief), Some((date(2026, 12, 6), 1)), "{belief}");
        }
        learning.answered(&asked, false, &["M01".to_owned()], date(2026, 12, 4));
        assert_eq!(due(&learning, "M01"), Some((date(2026, 12, 5), 0)), "chosen again before its day");
        assert_eq!(due(&learning, "M02"), Some((date(2026, 12, 6), 1)));
    }
}
