//! The list of scenarios: which there are, how far each is, which one is selected.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::path::Path;

use super::text_field::TextField;
use super::work::Work;
use crate::lab::learning::Learning;
use crate::lab::saves::Far;
use crate::narration::beliefs::{self, BeliefRow};
use crate::narration::{ScenarioRow, course};

/// The list of scenarios.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// The scenarios to choose from, once the list was needed: a lab that is opened at once does not wait for it.
    library: OnceCell<Vec<ScenarioRow>>,
    /// The scenarios of which it is still to be read how far they are; none before the list was shown.
    to_read: Option<VecDeque<String>>,
    /// The one of them that is being read.
    pub reading: Option<(String, Work)>,
    /// The scenario behind which the next one is to be opened, once it is known how far all are.
    pub next_after: Option<String>,
    /// The selected row among those that match.
    pub selected: usize,
    /// What is looked for.
    pub filter: TextField,
    /// Whether letters go into the filter.
    pub searching: bool,
    /// What is kept of the beliefs that were missed.
    learning: Learning,
    /// Why that cannot be read, if so.
    pub unread: Option<String>,
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

    /// Reads what is kept of the beliefs that were missed: a review in another terminal changes it.
    pub fn read_learning(&mut self, state: &Path) {
        let read = Learning::look(state);
        self.unread = read.as_ref().err().map(ToString::to_string);
        self.learning = read.unwrap_or_default();
    }

    /// Every belief of the course, with how the learner stands to it.
    pub fn beliefs(&self) -> Vec<BeliefRow> {
        beliefs::map(self.library(), &self.learning)
    }

    /// Ends the search and shows every scenario.
    pub fn show_all(&mut self) {
        self.searching = false;
        self.filter.clear();
    }

    /// Begins a search, afresh.
    pub fn search(&mut self) {
        self.filter.clear();
        self.searching = true;
    }

    /// Selects a scenario that somebody comes back from, among all.
    pub fn come_back(&mut self, id: &str) {
        self.show_all();
        self.last = Some(id.to_owned());
        let at = self.matching().iter().position(|n| self.library().get(*n).is_some_and(|s| s.id == id));
        self.selected = at.unwrap_or(self.selected);
    }

    /// Returns the next scenario of which it is to be read how far it is, and counts it as read; none while one is being
    /// read, and when all are.
    ///
    /// A journal is replayed for that, which takes a while: the list is there before.
    pub fn next_to_read(&mut self, state: &Path) -> Option<String> {
        if self.reading.is_some() {
            return None;
        }
        if self.to_read.is_none() {
            self.read_learning(state);
            // The list opens where the person left.
            self.last = self.last.take().or_else(|| course::last_played(Some(state)));
            let last = self.library().iter().position(|s| self.last.as_ref() == Some(&s.id));
            self.selected = last.unwrap_or(0);
            self.to_read = Some(course::played(self.library(), state).into());
        }
        self.to_read.as_mut()?.pop_front()
    }

    /// Gives up what is being read, until the list is shown again: a lab that is opened does not wait for it.
    pub fn stop_reading(&mut self) {
        if let Some((id, work)) = self.reading.take() {
            work.give_up();
            self.to_read.get_or_insert_default().push_front(id);
        }
    }

    /// Says whether it is known how far each scenario is.
    pub fn knows_progress(&self, state: Option<&Path>) -> bool {
        let read = self.reading.is_none() && self.to_read.as_ref().is_some_and(VecDeque::is_empty);
        state.is_none() || read
    }

    /// Notes how far a scenario is.
    pub fn note_progress(&mut self, id: &str, far: Far) {
        let Some(row) = self.library_mut().iter_mut().find(|s| s.id == id) else { return };
        row.beliefs = far.beliefs;
        if far.tasks.0 >= row.progress.0 {
            row.progress = far.tasks;
        }
    }
}
