//! The course: its scenarios in order, how far each is, and what comes after one.

use std::path::Path;

use crate::lab::{Beliefs, saves};
use crate::scenario::{self, Myth, Outline, Source, in_words};

/// One scenario in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioRow {
    /// The full id, by which the scenario is opened.
    pub id: String,
    pub short: String,
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    /// For whom it is.
    pub level: &'static str,
    /// The lessons, a sentence each.
    pub teaches: Vec<String>,
    /// The scenarios that should come before.
    pub requires: Vec<String>,
    pub story: Vec<String>,
    /// Tasks done and tasks in all, this run of the program.
    pub progress: (usize, usize),
    /// The misconceptions that it clears up.
    pub myths: Vec<Myth>,
    /// The documents that say so.
    pub sources: Vec<Source>,
    /// What guesses have shown of these, this run of the program.
    pub beliefs: Beliefs,
    /// The title of the scenario's chapter.
    pub chapter: String,
}

impl ScenarioRow {
    /// Says whether the scenario has no tasks.
    pub fn is_free(&self) -> bool {
        self.progress.1 == 0
    }
}

/// A scenario for the list.
pub fn scenario_row(outline: Outline) -> ScenarioRow {
    let free = outline.tasks.is_empty();
    let short = outline.id.split('-').next().unwrap_or_default().to_uppercase();
    let letter: String = short.chars().take(1).collect();
    ScenarioRow {
        short: if free { String::new() } else { short },
        chapter: if free { "Free play".to_owned() } else { chapter(&letter) },
        progress: (0, outline.tasks.len()),
        myths: outline.myths,
        sources: outline.sources,
        beliefs: Beliefs::default(),
        id: outline.id,
        title: outline.title,
        minutes: outline.minutes,
        level: outline.level.for_whom(),
        teaches: outline.teaches,
        requires: outline.requires,
        story: outline.story.iter().map(|text| in_words(text)).collect(),
    }
}

/// Returns the title of a chapter of the course, by its letter.
pub fn chapter_title(letter: &str) -> Option<&'static str> {
    let title = match letter {
        "A" => "The walk-through",
        "B" => "Who really decides",
        "C" => "Time, caches and grants",
        "D" => "Keys have lives",
        "E" => "Attack and defence",
        "F" => "Organisation scale",
        "G" => "Beyond the table",
        _ => return None,
    };
    Some(title)
}

/// A chapter as it stands in the list.
fn chapter(letter: &str) -> String {
    chapter_title(letter).map_or_else(|| letter.to_owned(), |title| format!("{letter}  {title}"))
}

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
    all.filter_map(scenario::Embedded::outline).map(scenario_row).collect()
}

/// How far each scenario is, from the journals that are there.
pub fn read_progress(library: &mut [ScenarioRow], state: Option<&Path>) {
    let Some(state) = state else { return };
    for row in library {
        if let Some(far) = saves::far(state, &row.id) {
            (row.progress, row.beliefs) = (far.tasks, far.beliefs);
        }
    }
}

/// The scenarios that have a journal, by which it can be read how far they are.
pub fn played(library: &[ScenarioRow], state: &Path) -> Vec<String> {
    library.iter().filter(|row| saves::has_journal(state, &row.id)).map(|row| row.id.clone()).collect()
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

/// Says whether a scenario is the last of the course: how far the others are decides what comes after it.
pub fn is_last(library: &[ScenarioRow], id: &str) -> bool {
    library.iter().rfind(|row| !row.is_free()).is_some_and(|row| row.id == id)
}

/// What comes after the scenario of that id.
pub fn following(library: &[ScenarioRow], id: &str) -> Following {
    let course: Vec<&ScenarioRow> = library.iter().filter(|row| !row.is_free()).collect();
    let Some(at) = course.iter().position(|row| row.id == id) else { return Following::NotOfTheCourse };
    let open = || course.iter().find(|row| row.id != id && row.progress.0 < row.progress.1);
    let next = course.get(at + 1).or_else(open);
    next.map_or(Following::AllDone, |row| Following::Scenario(row.id.clone()))
}
