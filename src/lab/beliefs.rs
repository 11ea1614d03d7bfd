//! What the guesses of a lab have shown of the beliefs that its scenario is about.

use std::collections::BTreeMap;

/// What guesses have shown of a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// The scenario was played, and no wrong guess shows the belief.
    Seen,
    /// A guess chose the belief, and something has shown since that it was wrong.
    Missed,
}

/// What guesses have shown, by the ids of the beliefs. What was missed stays missed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beliefs(BTreeMap<String, Shown>);

impl Beliefs {
    /// Notes what a guess has shown of a belief.
    pub fn note(&mut self, belief: &str, shown: Shown) {
        let known = self.0.entry(belief.to_owned()).or_insert(shown);
        *known = shown.max(*known);
    }

    /// Returns what is known of a belief, if anything is.
    pub fn of(&self, belief: &str) -> Option<Shown> {
        self.0.get(belief).copied()
    }

    /// The beliefs that guesses chose.
    pub fn missed(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, shown)| **shown == Shown::Missed).map(|(belief, _)| belief.as_str())
    }

    /// Writes them in a line: each id behind `+`, or behind `-` if it was missed.
    pub(super) fn written(&self) -> String {
        let sign = |shown: Shown| match shown {
            Shown::Seen => '+',
            Shown::Missed => '-',
        };
        let words: Vec<String> =
            self.0.iter().map(|(belief, shown)| format!(" {}{belief}", sign(*shown))).collect();
        words.concat()
    }

    /// Reads what [`Beliefs::written`] wrote; `None` of anything else.
    pub(super) fn read<'w>(words: impl Iterator<Item = &'w str>) -> Option<Self> {
        let mut beliefs = Self::default();
        for word in words {
            let seen = word.strip_prefix('+').map(|belief| (belief, Shown::Seen));
            let (belief, shown) = seen.or_else(|| Some((word.strip_prefix('-')?, Shown::Missed)))?;
            beliefs.note(belief, shown);
        }
        Some(beliefs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Lab;
    use crate::scenario;

    /// Plays A2 and answers its first question with the choice whose text begins so.
    fn guessed(begins: &str) -> Lab {
        let mut lab = Lab::open(scenario::find("a2").expect("there"), Some("tess")).expect("it opens");
        let choices = &lab.scenario().predictions().next().expect("a question").choices;
        let choice = choices.iter().position(|choice| choice.text.starts_with(begins)).expect("a choice");
        lab.predict("p1", choice);
        lab
    }

    fn myth_of(lab: &Lab, myth: &str) -> String {
        let asked = lab.scenario().prediction("p1").expect("there");
        let found = asked.choices.iter().find(|choice| choice.myth.as_deref() == Some(myth));
        found.expect("a choice").text.clone()
    }

    #[test]
    fn a_guess_shows_nothing_before_the_world_has_shown_that_it_is_wrong() {
        let texts = myth_of(&guessed(""), "M01");
        let mut lab = guessed(&texts);
        assert_eq!(lab.beliefs(), Beliefs::default());
        lab.ask().expect("a call is watched");
        let beliefs = lab.beliefs();
        assert_eq!((beliefs.of("M01"), beliefs.of("M02")), (Some(Shown::Missed), Some(Shown::Seen)));
        assert_eq!(beliefs.of("M31"), None, "that question is still to come");
        assert_eq!(beliefs.missed().collect::<Vec<_>>(), ["M01"]);
    }

    #[test]
    fn what_was_missed_stays_missed_whoever_begins_again() {
        let texts = myth_of(&guessed(""), "M01");
        let mut lab = guessed(&texts);
        lab.ask().expect("a call is watched");
        lab.reset();
        let right = lab.stage().right_choice("p1").expect("one is right");
        lab.predict("p1", right);
        lab.ask().expect("a call is watched");
        assert_eq!(lab.beliefs().of("M01"), Some(Shown::Missed));
        let entries = lab.take_unsaved();
        let mut again = Lab::open(scenario::find("a2").expect("there"), Some("tess")).expect("it opens");
        again.replay(entries).expect("it is done again");
        assert_eq!(again.beliefs(), lab.beliefs());
    }

    #[test]
    fn a_guess_that_was_changed_in_time_is_none() {
        let texts = myth_of(&guessed(""), "M01");
        let mut lab = guessed(&texts);
        let right = lab.stage().right_choice("p1").expect("one is right");
        lab.predict("p1", right);
        lab.ask().expect("a call is watched");
        assert_eq!(lab.beliefs().of("M01"), Some(Shown::Seen));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut beliefs = Beliefs::default();
        beliefs.note("M01", Shown::Missed);
        beliefs.note("M01", Shown::Seen);
        beliefs.note("M02", Shown::Seen);
        assert_eq!(beliefs.written(), " -M01 +M02");
        assert_eq!(Beliefs::read(beliefs.written().split_whitespace()), Some(beliefs));
        assert_eq!(Beliefs::read(["M01"].into_iter()), None);
    }
}
