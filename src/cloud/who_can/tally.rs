//! Everybody's answers in a word each, without reasons: what is needed to tell who gains and who loses by a change.

use std::collections::HashMap;

use super::asked::{ANY_SERVICE, Asked};
use super::open::is_open;
use super::tier::{Standing, Tier};
use super::{Asking, Detail, May, Row};
use crate::cloud::{Answers, Probe, Who, World};
use crate::policy::{self, Openness, Verdict};

/// Whom some questions are put to.
#[derive(Clone, Debug, PartialEq)]
pub struct Roll {
    /// Each with the questions that [`World::who_can`] would put to them.
    rows: Vec<(Asked, Vec<bool>)>,
}

/// Everybody's answers to some questions, by the rows of a [`Roll`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    rows: Vec<Vec<May>>,
}

/// Somebody on a roll.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'r> {
    pub tier: Tier,
    /// The name that a [`Row`] would have.
    pub name: &'r str,
    pub who: &'r Who,
    /// For each question whether [`World::who_can`] puts it to them.
    pub is_asked: &'r [bool],
}

impl Listed<'_> {
    /// Says whether they stand for whoever is not named.
    pub fn is_stand_in(&self) -> bool {
        self.tier == Tier::Anybody || self.name == ANY_SERVICE
    }
}

impl Roll {
    /// Returns everybody of this roll and whoever else is on another to the same questions.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        let places = self.places();
        for (asked, questions) in other.rows {
            match places.get(&asked.name).and_then(|place| self.rows.get_mut(*place)) {
                Some((_, known)) => known.iter_mut().zip(questions).for_each(|(known, new)| *known |= new),
                None => self.rows.push((asked, questions)),
            }
        }
        self
    }

    /// Where everybody stands, by name.
    fn places(&self) -> HashMap<String, usize> {
        self.rows.iter().enumerate().map(|(place, (asked, _))| (asked.name.clone(), place)).collect()
    }

    /// Returns everybody, in the order of the answers.
    pub fn listed(&self) -> impl Iterator<Item = Listed<'_>> + Clone {
        self.rows.iter().map(|(asked, is_asked)| Listed {
            tier: asked.tier,
            name: &asked.name,
            who: &asked.who,
            is_asked,
        })
    }
}

impl Tally {
    /// Returns the answers by person and question.
    pub fn rows(&self) -> &[Vec<May>] {
        &self.rows
    }
}

impl World {
    /// Returns whom [`World::who_can`] puts these questions to.
    pub fn roll(&self, probes: &[Probe]) -> Roll {
        let all = |asked: Asked| (asked, vec![true; probes.len()]);
        let people = Roll { rows: self.people().into_iter().map(all).collect() };
        let others = |(number, probe): (usize, &Probe)| {
            let only = |asked: Asked| (asked, (0..probes.len()).map(|n| n == number).collect());
            Roll { rows: self.others_about(probe).into_iter().map(only).collect() }
        };
        probes.iter().enumerate().map(others).fold(people, Roll::with)
    }

    /// Answers these questions for everybody on a roll: to each what the rows of [`World::who_can`] come to.
    pub fn tally(&self, probes: &[Probe], roll: &Roll) -> Tally {
        // Whom the other world does not name, this one may: whoever stands for everybody is neither's.
        let is_named = |account: &str| roll.rows.iter().any(|(asked, _)| asked.name.contains(account));
        let stranger = self.stranger(&is_named).map(|stranger| stranger.who);
        let who = |(asked, _): &(Asked, Vec<bool>)| match asked.tier {
            Tier::Anybody => stranger.clone().unwrap_or_else(|| asked.who.clone()),
            Tier::Here | Tier::Elsewhere | Tier::Services => asked.who.clone(),
        };
        let who: Vec<Who> = roll.rows.iter().map(who).collect();
        let answers = self.answers(&who, probes);
        let asking: Vec<Asking<'_>> =
            probes.iter().enumerate().map(|(number, probe)| self.asking(number, probe)).collect();
        let answer = |(at, (asked, _)): (usize, &(Asked, Vec<bool>))| {
            asking.iter().map(|asking| self.may(&answers, at, asked, asking)).collect()
        };
        Tally { rows: roll.rows.iter().enumerate().map(answer).collect() }
    }

    /// Says whether somebody may do what one question asks. Reasons are worked out only where conditions are left.
    fn may(&self, answers: &Answers, at: usize, asked: &Asked, asking: &Asking<'_>) -> May {
        let is_allowed = answers.verdict(at, asking.number) == Some(Ok(Verdict::Allowed));
        let open = |key: &str| is_open(asked.standing, asking.probe, key);
        if asked.tier == Tier::Here && is_allowed {
            return May::Yes;
        }
        let by_statement = asked.standing == Standing::Anybody || asked.name == ANY_SERVICE;
        if by_statement {
            // Which statement lets them in says whether they are meant apart.
            let rows = self.rows_of(answers, at, asked, std::slice::from_ref(asking), Detail::Conditions);
            return rows.iter().map(Row::may).max().unwrap_or(May::No);
        }
        if !is_allowed && !answers.is_conditional(at, asking.number, &open) {
            return May::No;
        }
        let Some(Ok(record)) = answers.record(at, asking.number) else { return May::No };
        let request = super::placed(&record, &open, asked.tier != Tier::Here);
        match policy::provisos(&request, &record.policies, Openness { is_open: &open, only: None }) {
            None => May::No,
            Some(found) if found.provisos.is_empty() => May::Yes,
            Some(_) => May::If,
        }
    }
}
