//! What stands on the card at the end of a scenario: the lesson, what was changed, who gets what now, what was guessed.

use super::{CallStatus, PredictionRow, comparison, help};
use crate::lab::{Lab, Point, Watched};
use crate::scenario::{Source, in_words, words_of};

/// The card at the end of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub title: String,
    /// What was learned, a paragraph an entry.
    pub lesson: Vec<String>,
    /// Who gets what from the watched call, at the start and now.
    pub verdicts: Vec<(String, CallStatus, CallStatus)>,
    /// What the watched call is.
    pub watched: String,
    /// Each policy that was changed: its name and its lines at the start and now.
    pub policies: Vec<(String, [Vec<String>; 2])>,
    /// The questions with what was answered.
    pub guesses: Vec<PredictionRow>,
    /// The help that was taken and writes a part of the answer, in words; empty if none was.
    pub help: String,
    /// What the learner has said.
    pub words: Option<String>,
    /// Beliefs that the scenario is about, each with the fact.
    pub facts: Vec<(String, String)>,
    /// Where AWS says so: the document, and what it says.
    pub sources: Vec<(String, String)>,
}

/// Where a source is to be found: its title, its address, and of when the text is that was read.
pub(super) fn place_of(source: &Source) -> String {
    let url = source.url.as_ref().map(|url| format!(", {url}"));
    let text = source.text.as_ref().map(|date| format!(", text of {date}"));
    [Some(source.at.clone()), url, text].into_iter().flatten().collect()
}

/// The card of a scenario whose tasks are done.
pub fn card(lab: &Lab) -> Card {
    let scenario = lab.scenario();
    let here = lab.history().point();
    let guesses = scenario.tasks.iter().flat_map(|task| super::task::predictions(lab, task));
    let mut guesses: Vec<PredictionRow> = guesses.collect();
    for guess in &mut guesses {
        guess.name_keys(&|name| words_of(name).unwrap_or(name).to_owned());
    }
    let changed = comparison(lab, Point { branch: here.branch, position: 0 }, here);
    Card {
        title: scenario.title.clone(),
        lesson: scenario.debrief.iter().map(|text| in_words(text)).collect(),
        verdicts: changed.verdicts,
        watched: lab.watched().map(Watched::title).unwrap_or_default(),
        policies: changed.policies,
        guesses,
        help: help::taken(lab.help_taken()),
        words: lab.words().map(str::to_owned),
        facts: scenario.myths.iter().map(|myth| (myth.belief.clone(), myth.fact.clone())).collect(),
        sources: scenario.sources.iter().map(|source| (place_of(source), source.says.clone())).collect(),
    }
}
