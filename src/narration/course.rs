//! The course: its scenarios in order, how far each is, and what comes after one.

use std::path::Path;

use super::data::ScenarioRow;
use crate::lab::saves;
use crate::scenario;

/// The scenario that was worked on last, by its journal's time of change.
pub fn last_played(state: Option<&Path>) -> Option<String> {
    let journals = std::fs::read_dir(state?.join("labs")).ok()?.filter_map(Result::ok);
    let dated = journals.filter_map(|entry| {
        let path = entry.path();
        let named = path.extension().is_some_and(|ending| ending == "journal");
        let id = path.file_stem().filter(|_| named)?.to_str()?.to_owned();
        Some((entry.metadata().ok()?.modified().ok()?, id))
    });
    dated.max().map(|(_, id)| id)
}

/// The scenarios in the program, in the order of the course, then the accounts to play in freely.
pub fn library() -> Vec<ScenarioRow> {
    let all = scenario::embedded().iter().chain(scenario::accounts());
    all.filter_map(scenario::Embedded::outline).map(super::scenario_row).collect()
}

/// How far each scenario is, from the journals that are there.
pub fn read_progress(library: &mut [ScenarioRow], state: Option<&Path>) {
    let Some(state) = state else { return };
    for row in library {
        if let Some(progress) = saves::progress(state, &row.id) {
            row.progress = progress;
        }
    }
}

/// What comes after a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Following {
    /// The next of the course; behind the last one, the first that is not done.
    Scenario(String),
    /// All others are done.
    AllDone,
    /// The scenario is none of the course: a file of the person's own, or an account to play in freely.
    NotOfTheCourse,
}

/// What comes after the scenario of that id.
pub fn following(library: &[ScenarioRow], id: &str) -> Following {
    let course: Vec<&ScenarioRow> = library.iter().filter(|row| !row.is_free()).collect();
    let Some(at) = course.iter().position(|row| row.id == id) else { return Following::NotOfTheCourse };
    let open = || course.iter().find(|row| row.id != id && row.progress.0 < row.progress.1);
    let next = course.get(at + 1).or_else(open);
    next.map_or(Following::AllDone, |row| Following::Scenario(row.id.clone()))
}
