//! The list of scenarios: which there are, how far each is, which one is selected.

use std::cell::OnceCell;
use std::path::Path;

use super::text_field::TextField;
use crate::narration::{ScenarioRow, course};

/// The list of scenarios.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// The scenarios to choose from, once the list was needed: a lab that is opened at once does not wait for it.
    library: OnceCell<Vec<ScenarioRow>>,
    /// Whether the progress in each scenario has been read.
    progress_known: bool,
    /// The selected row among those that match.
    pub selected: usize,
    /// What is looked for.
    pub filter: TextField,
    /// Whether letters go into the filter.
    pub searching: bool,
    /// The scenario that was worked on last.
    pub last: Option<String>,
}

impl Home {
    /// The scenarios to choose from.
    pub fn library(&self) -> &[ScenarioRow] {
        self.library.get_or_init(course::library)
    }

    /// The scenarios to choose from, to note how far they are.
    pub fn library_mut(&mut self) -> &mut [ScenarioRow] {
        self.library();
        self.library.get_mut().map_or(&mut [], Vec::as_mut_slice)
    }

    /// The scenarios that match what is looked for, as numbers in the library.
    pub fn matching(&self) -> Vec<usize> {
        let needle = self.filter.text().to_lowercase();
        let words: Vec<&str> = needle.split_whitespace().collect();
        self.library()
            .iter()
            .enumerate()
            .filter(|(_, s)| {
                let text =
                    format!("{} {} {} {}", s.short, s.title, s.chapter, s.teaches.join(" ")).to_lowercase();
                words.iter().all(|w| text.contains(w))
            })
            .map(|(i, _)| i)
            .collect()
    }

    /// Returns the scenario that is selected in the list.
    pub fn chosen(&self) -> Option<&ScenarioRow> {
        self.matching().get(self.selected).and_then(|i| self.library().get(*i))
    }

    /// Moves the selection by so many rows.
    pub fn move_by(&mut self, by: isize) {
        let last = self.matching().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// Ends the search and shows every scenario.
    pub fn show_all(&mut self) {
        self.searching = false;
        self.filter.clear();
    }

    /// Reads once how far each scenario is: it takes a while, and a lab that is opened at once does not wait for it.
    pub fn read_progress(&mut self, state: Option<&Path>) {
        if !std::mem::replace(&mut self.progress_known, true) {
            course::read_progress(self.library_mut(), state);
            // The list opens where the person left.
            self.last = course::last_played(state);
            let last = self.library().iter().position(|s| self.last.as_ref() == Some(&s.id));
            self.selected = last.unwrap_or(0);
        }
    }

    /// Notes how far a scenario is: tasks done and tasks in all.
    pub fn note_progress(&mut self, id: &str, progress: (usize, usize)) {
        if let Some(row) = self.library_mut().iter_mut().find(|s| s.id == id)
            && progress.0 >= row.progress.0
        {
            row.progress = progress;
        }
    }
}
