//! The quiz of a chapter: the same questions before and after it, each time in other clothes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::scenario::{CLOTHES, Question, Sureness};

/// So many questions a quiz has at most: a few minutes.
const MOST_QUESTIONS: usize = 8;

/// Whether a quiz comes before its chapter or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    Before,
    After,
}

/// What the quizzes of a chapter came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// The one before the chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Sitting>,
    /// The last one after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Sitting>,
    /// One that has begun and is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<(When, Sitting)>,
}

/// A quiz that was done, or as far as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sitting {
    /// The day on which it began.
    day: Date,
    clothes: u64,
    /// The questions: scenario and prediction of each.
    questions: Vec<(String, String)>,
    /// The answers so far, in the order of the questions.
    answers: Vec<Given>,
}

/// An answer that was given in a quiz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Whether the world said so, of the reason as well.
    pub right: bool,
    /// How sure the learner was, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<Sureness>,
}

/// Chooses the questions of a chapter's quiz: as few as ask about as many of its beliefs as one question of each scenario can,
/// as far as a quiz has room, and in the order of the course. A second question of a scenario would often say what is right
/// in the first. What the chapter keeps for the task at its end is not among them.
pub fn questions_for(chapter: char, all: &[Question]) -> Vec<&Question> {
    let of_chapter = |question: &&Question| question.chapter() == Some(chapter) && !question.is_of_transfer;
    let candidates: Vec<&Question> = all.iter().filter(of_chapter).collect();
    let mut open: BTreeSet<&String> = candidates.iter().flat_map(|question| &question.beliefs).collect();
    let (mut chosen, mut scenarios) = (BTreeSet::new(), BTreeSet::new());
    while chosen.len() < MOST_QUESTIONS {
        let news =
            |question: &Question| question.beliefs.iter().filter(|belief| open.contains(belief)).count();
        // Of those that ask about as much, the first.
        let free =
            candidates.iter().enumerate().filter(|(_, question)| !scenarios.contains(question.scenario));
        let best = free.rev().max_by_key(|(_, question)| news(question));
        let Some((at, best)) = best.filter(|(_, question)| news(question) > 0) else { break };
        best.beliefs.iter().for_each(|belief| {
            open.remove(belief);
        });
        chosen.insert(at);
        scenarios.insert(best.scenario);
    }
    chosen.into_iter().filter_map(|at| candidates.get(at).copied()).collect()
}

impl Sitting {
    /// Tells whether every question is answered.
    pub fn is_done(&self) -> bool {
        self.left() == 0
    }

    /// How many answers were right, of how many questions.
    pub fn score(&self) -> (usize, usize) {
        (self.answers.iter().filter(|given| given.right).count(), self.questions.len())
    }

    /// How many answers were wrong although the learner was certain.
    pub fn certain_and_wrong(&self) -> usize {
        self.answers.iter().filter(|given| !given.right && given.sure == Some(Sureness::Certain)).count()
    }

    /// Whether the learner said of any answer how sure they were.
    pub fn tells_how_sure(&self) -> bool {
        self.answers.iter().any(|given| given.sure.is_some())
    }

    /// The questions that are still to come, each with its number from 1.
    pub fn to_come<'q>(&self, all: &'q [Question]) -> Vec<(usize, Option<&'q Question>)> {
        let find =
            |scenario: &str, id: &str| all.iter().find(|asked| asked.scenario == scenario && asked.id == id);
        let numbered = self.questions.iter().enumerate().skip(self.answers.len());
        numbered.map(|(at, (scenario, id))| (at + 1, find(scenario, id))).collect()
    }

    /// How many questions it has.
    pub fn count(&self) -> usize {
        self.questions.len()
    }

    /// How many questions are still to come.
    pub fn left(&self) -> usize {
        self.questions.len().saturating_sub(self.answers.len())
    }

    /// The clothes in which its questions stand.
    pub fn clothes(&self) -> u64 {
        self.clothes
    }
}

impl Quiz {
    /// The one before the chapter, once it is done.
    pub fn before(&self) -> Option<&Sitting> {
        self.before.as_ref()
    }

    /// The last one after the chapter that is done.
    pub fn after(&self) -> Option<&Sitting> {
        self.after.as_ref()
    }

    /// The one that has begun and is not done.
    pub fn under_way(&self) -> Option<(When, &Sitting)> {
        self.under_way.as_ref().map(|(when, sitting)| (*when, sitting))
    }

    /// Says which quiz comes now: one that has begun, else the one before the chapter; that after it once the chapter is
    /// done. `None` while that is still to come.
    pub fn next(&self, is_done: bool) -> Option<When> {
        match (&self.under_way, &self.before) {
            (Some((when, _)), _) => Some(*when),
            (None, _) if is_done => Some(When::After),
            (None, None) => Some(When::Before),
            (None, Some(_)) => None,
        }
    }

    /// Begins a quiz, unless one has begun: with the questions that were asked before the chapter, if they were.
    pub fn begin(&mut self, when: When, questions: &[&Question], today: Date) {
        if self.under_way.is_some() {
            return;
        }
        let fresh = || questions.iter().map(|asked| (asked.scenario.to_owned(), asked.id.clone())).collect();
        let asked_before = self.before.as_ref().filter(|_| when == When::After);
        let questions = asked_before.map_or_else(fresh, |before| before.questions.clone());
        let last = self.after.as_ref().or(self.before.as_ref());
        let clothes = last.map_or(0, |last| last.clothes.wrapping_add(1) % CLOTHES);
        self.under_way = Some((when, Sitting { day: today, clothes, questions, answers: Vec::new() }));
        self.settle();
    }

    /// Takes down an answer to the next question. With the last one the quiz is done.
    pub fn answer(&mut self, given: Given) {
        if let Some((_, sitting)) = &mut self.under_way {
            sitting.answers.push(given);
        }
        self.settle();
    }

    /// Ends the quiz that has begun once every question is answered. One without questions was none.
    fn settle(&mut self) {
        let Some((when, sitting)) = self.under_way.take_if(|(_, sitting)| sitting.is_done()) else { return };
        if sitting.count() > 0 {
            match when {
                When::Before => self.before = Some(sitting),
                When::After => self.after = Some(sitting),
            }
        }
    }

    /// Leaves out the next question, which this version of the program does not have any more.
    pub fn leave_out(&mut self) {
        if let Some((_, sitting)) = &mut self.under_way {
            let next = sitting.answers.len();
            if next < sitting.questions.len() {
                sitting.questions.remove(next);
            }
        }
        self.settle();
    }

    /// Tells whether any answers can have led to it.
    pub(super) fn is_possible(&self) -> bool {
        let done = self
            .before
            .iter()
            .chain(&self.after)
            .all(|sitting| sitting.answers.len() == sitting.questions.len());
        let going = self.under_way.as_ref().is_none_or(|(_, sitting)| !sitting.is_done());
        done && going
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::embedded;
    use jiff::civil::date;

    fn all() -> Vec<Question> {
        embedded().iter().flat_map(|embedded| embedded.questions().expect("it is sound")).collect()
    }

    #[test]
    fn a_chapters_quiz_asks_one_question_a_scenario_and_leaves_the_transfer_task_alone() {
        let all = all();
        for chapter in 'A'..='G' {
            let chosen = questions_for(chapter, &all);
            assert!((3..=MOST_QUESTIONS).contains(&chosen.len()), "{chapter}: {}", chosen.len());
            let scenarios: BTreeSet<&str> = chosen.iter().map(|question| question.scenario).collect();
            assert_eq!(scenarios.len(), chosen.len(), "{chapter}");
            let of = |questions: &[&Question]| -> BTreeSet<String> {
                questions.iter().flat_map(|question| question.beliefs.clone()).collect()
            };
            let possible: Vec<&Question> =
                all.iter().filter(|q| q.chapter() == Some(chapter) && !q.is_of_transfer).collect();
            let asked = of(&chosen);
            // What no question of a scenario that is left out could add.
            let left = possible.iter().filter(|question| !scenarios.contains(question.scenario));
            let more = left.flat_map(|question| &question.beliefs).find(|belief| !asked.contains(*belief));
            assert!(chosen.len() == MOST_QUESTIONS || more.is_none(), "{chapter}: {more:?}");
            assert!(chosen.iter().all(|question| !question.is_of_transfer && !question.beliefs.is_empty()));
            for (at, question) in chosen.iter().enumerate() {
                let others: Vec<&Question> =
                    chosen.iter().copied().enumerate().filter(|(n, _)| *n != at).map(|(_, q)| q).collect();
                assert!(
                    of(&others).len() < asked.len() || of(&[question]).len() > 1,
                    "{chapter}: {} asks nothing new",
                    question.id
                );
            }
        }
    }

    #[test]
    fn the_same_questions_come_before_and_after_in_other_clothes() {
        let all = all();
        let (today, later) = (date(2026, 12, 1), date(2026, 12, 9));
        let mut quiz = Quiz::default();
        assert_eq!((quiz.next(false), quiz.next(true)), (Some(When::Before), Some(When::After)));
        quiz.begin(When::Before, &questions_for('D', &all), today);
        let ids = |quiz: &Quiz| -> Vec<_> {
            let (_, sitting) = quiz.under_way().expect("it has begun");
            sitting
                .to_come(&all)
                .into_iter()
                .map(|(n, asked)| (n, asked.expect("there").id.clone()))
                .collect()
        };
        let before = ids(&quiz);
        let clothes = quiz.under_way().expect("it has begun").1.clothes();
        for n in 0..before.len() {
            // Whatever is begun meanwhile, this one goes on.
            quiz.begin(When::After, &[], later);
            assert_eq!(quiz.next(true), Some(When::Before));
            assert_eq!(ids(&quiz), before[n..]);
            quiz.answer(Given { right: n == 0, sure: Some(Sureness::Certain) });
        }
        assert!(quiz.under_way().is_none());
        assert_eq!(quiz.before().map(Sitting::score), Some((1, before.len())));
        assert_eq!(quiz.before().map(Sitting::certain_and_wrong), Some(before.len() - 1));
        assert_eq!((quiz.next(false), quiz.next(true)), (None, Some(When::After)));
        quiz.begin(When::After, &[], later);
        assert_eq!(ids(&quiz), before, "what was asked before");
        assert_ne!(quiz.under_way().expect("it has begun").1.clothes(), clothes);
        for _ in &before {
            quiz.answer(Given { right: true, sure: None });
        }
        assert_eq!(quiz.after().map(Sitting::score), Some((before.len(), before.len())));
        assert_eq!(quiz.before().map(Sitting::tells_how_sure), Some(true));
        assert_eq!(quiz.after().map(Sitting::tells_how_sure), Some(false));
        assert!(quiz.is_possible());
    }

    #[test]
    fn a_question_that_is_gone_is_left_out_and_a_quiz_without_questions_is_none() {
        let mut quiz = Quiz::default();
        quiz.begin(When::Before, &[], date(2026, 12, 1));
        quiz.answer(Given { right: true, sure: None });
        assert_eq!(quiz, Quiz::default());
        let all = all();
        quiz.begin(When::Before, &questions_for('D', &all)[..2], date(2026, 12, 1));
        quiz.leave_out();
        quiz.answer(Given { right: true, sure: None });
        assert_eq!(quiz.before().map(Sitting::score), Some((1, 1)));
        assert!(quiz.is_possible());
    }
}
