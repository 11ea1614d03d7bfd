//! The map of beliefs: what people believe of keys, and how the learner stands to each.
//!
//! Of a belief that nothing has shown yet only its place is told: its words would say that it is wrong.

use super::ScenarioRow;
use crate::lab::Shown;
use crate::lab::learning::{BeliefState, DAYS, Learning};
use crate::scenario::Source;

/// A belief on the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeliefRow {
    /// The id of the belief, such as `M04`.
    pub id: String,
    /// The title of the chapter that it first comes up in.
    pub chapter: String,
    /// The scenario that it first comes up in, in short.
    pub scenario: String,
    pub standing: BeliefState,
    /// What people believe, in a sentence.
    belief: String,
    /// What is so instead, in a sentence or two.
    fact: String,
    /// The documents of the scenario that say so.
    sources: Vec<String>,
}

impl BeliefRow {
    /// Returns how the learner stands to it, in a word.
    pub fn word(&self) -> &'static str {
        match self.standing {
            BeliefState::Open => "open",
            BeliefState::Seen => "seen",
            BeliefState::Missed { .. } => "missed",
            BeliefState::Mended => "mended",
        }
    }

    /// Returns how the learner stands to it, and when it comes back.
    pub fn state(&self) -> String {
        match self.standing {
            BeliefState::Open => format!("open: {} is about it", self.scenario),
            BeliefState::Seen | BeliefState::Mended => self.word().to_owned(),
            BeliefState::Missed { due: None, .. } => "missed: `kmslab review` brings it back".to_owned(),
            BeliefState::Missed { due: Some(day), passed: 0 } => format!("missed: comes back on {day}"),
            BeliefState::Missed { due: Some(day), passed } => {
                format!("missed, and right {passed} of {} times since: comes back on {day}", DAYS.len())
            }
        }
    }

    /// What is to be read of it once something has shown it: the belief, the fact, where AWS says so.
    pub fn revealed(&self) -> Option<(&str, &str, &[String])> {
        match self.standing {
            BeliefState::Open => None,
            BeliefState::Seen | BeliefState::Missed { .. } | BeliefState::Mended => {
                Some((&self.belief, &self.fact, &self.sources))
            }
        }
    }
}

/// Every belief of the course, in the order in which they come up.
pub fn map(library: &[ScenarioRow], learning: &Learning) -> Vec<BeliefRow> {
    let mut out: Vec<BeliefRow> = Vec::new();
    for row in library {
        for myth in &row.myths {
            if out.iter().any(|known| known.id == myth.id) {
                continue;
            }
            let shown: Option<Shown> = library.iter().filter_map(|row| row.beliefs.of(&myth.id)).max();
            out.push(BeliefRow {
                id: myth.id.clone(),
                chapter: row.chapter.clone(),
                scenario: row.short.clone(),
                standing: learning.standing(&myth.id, shown),
                belief: myth.belief.clone(),
                fact: myth.fact.clone(),
                sources: row.sources.iter().map(|source: &Source| source.at.clone()).collect(),
            });
        }
    }
    out
}

/// The beliefs of each chapter, in order.
pub fn chapters(map: &[BeliefRow]) -> impl Iterator<Item = (&str, &[BeliefRow])> {
    let chunks = map.chunk_by(|one, other| one.chapter == other.chapter);
    chunks.filter_map(|rows| Some((rows.first()?.chapter.as_str(), rows)))
}

/// The words for what a seen belief is.
const SEEN: &str = "Seen: a scenario about it is done, or a question that offers it was answered, and no wrong guess shows it.";

/// The whole map in words: how many stand how, then each chapter with its beliefs.
pub fn words(map: &[BeliefRow]) -> Vec<String> {
    let mut lines = vec![format!("Beliefs: {}.", counted(map))];
    for (chapter, rows) in chapters(map) {
        let each: Vec<String> = rows.iter().map(|row| format!("{} {}", row.id, row.word())).collect();
        lines.push(format!("{chapter}: {}.", each.join(", ")));
    }
    if map.iter().any(|row| row.standing == BeliefState::Seen) {
        lines.push(SEEN.to_owned());
    }
    lines
}

/// How many beliefs stand how.
pub fn counted(map: &[BeliefRow]) -> String {
    let count = |word: &str| map.iter().filter(|row| row.word() == word).count();
    let words = ["open", "seen", "missed", "mended"];
    words.map(|word| format!("{} {word}", count(word))).join(", ")
}

/// The beliefs that something has shown, each with the fact; of the others how many there are.
pub fn pages(map: &[BeliefRow]) -> Vec<String> {
    let mut lines = Vec::new();
    for row in map {
        let Some((belief, fact, sources)) = row.revealed() else { continue };
        lines.push(format!("{} ({}). People believe: {belief}", row.id, row.state()));
        lines.push(format!("  In fact: {fact}"));
        if !sources.is_empty() {
            lines.push(format!("  Sources: {}.", sources.join("; ")));
        }
    }
    lines
}

/// Where to read on, in one line: each document with its address. `None` where there is none.
pub fn source_line(sources: &[Source]) -> Option<String> {
    let places: Vec<String> = sources.iter().map(super::card::place_of).collect();
    (!places.is_empty()).then(|| format!("Sources: {}.", places.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Beliefs;
    use crate::narration::course;
    use jiff::civil::date;

    /// A2 was played: its first belief was missed, its second seen.
    fn played() -> (Vec<ScenarioRow>, Learning) {
        let mut library = course::library();
        let mut beliefs = Beliefs::default();
        beliefs.note("M01", Shown::Missed);
        beliefs.note("M02", Shown::Seen);
        let mut learning = Learning::default();
        learning.take_in("a2-full-access-denied", &beliefs, date(2026, 12, 1));
        let row = library.iter_mut().find(|row| row.id == "a2-full-access-denied").expect("there");
        row.beliefs = beliefs;
        (library, learning)
    }

    #[test]
    fn every_belief_stands_once_on_the_map_and_one_that_is_open_is_not_told() {
        let (library, learning) = played();
        let map = map(&library, &learning);
        let mut ids: Vec<&str> = map.iter().map(|row| row.id.as_str()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        let all: std::collections::BTreeSet<&str> =
            library.iter().flat_map(|row| &row.myths).map(|myth| myth.id.as_str()).collect();
        assert_eq!(ids, all.into_iter().collect::<Vec<_>>());
        let told = words(&map).into_iter().chain(pages(&map)).collect::<Vec<_>>().join("\n");
        for row in &map {
            let is_open = row.standing == BeliefState::Open;
            assert_eq!(is_open, row.revealed().is_none());
            assert_eq!(is_open, !told.contains(&row.belief), "{}: {told}", row.id);
            assert_eq!(is_open, !told.contains(&row.fact), "{}", row.id);
        }
        assert!(told.contains("M01 missed, M02 seen") || told.contains("M02 seen, M01 missed"), "{told}");
        assert!(told.contains("M01 (missed: comes back on 2026-12-02)"), "{told}");
        assert!(
            told.starts_with(&format!("Beliefs: {} open, 1 seen, 1 missed, 0 mended.", count - 2)),
            "{told}"
        );
    }

    #[test]
    fn each_chapter_has_its_beliefs_on_one_line() {
        let (library, learning) = played();
        let map = map(&library, &learning);
        let titles: Vec<&str> = chapters(&map).map(|(title, _)| title).collect();
        assert_eq!(titles.len(), 7, "{titles:?}");
        assert!(titles[0].starts_with("A  ") && titles[6].starts_with("G  "), "{titles:?}");
    }
}
