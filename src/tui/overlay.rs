//! What may lie over the screen: menus, pages, questions. Their contents are computed from the app; this file holds
//! their small state and the matching of what is typed into them.

use super::keys::Action;
use crate::lab::Point;
use crate::narration::ActionTarget;
use crate::narration::Comparison;
use crate::narration::Refusal;

/// One thing lying over the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// A list to choose from.
    Menu(Menu),
    /// Lines to read.
    Page(Page),
    /// Everybody against everything, with a cursor.
    Matrix {
        /// The row and column of the cursor, counted in the rows that are shown.
        at: (usize, usize),
        /// Which rows are shown, in what order.
        pick: Pick,
    },
    /// A question answered by y or n.
    Confirm(Question),
    /// The path of a file.
    Path {
        /// What for.
        purpose: Purpose,
        /// What was typed.
        text: String,
        /// Why the last one could not be used.
        error: Option<String>,
    },
    /// Text to look for in the policy.
    Search {
        /// What was typed.
        text: String,
    },
}

/// What a path is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To open a scenario.
    Open,
    /// To write the open lab to a new file.
    Export,
    /// To read a lab that was written so.
    Import,
}

/// Which rows of the matrix are shown, in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Part of a name; empty for everybody.
    pub text: String,
    /// Whether keys go into `text`.
    pub typing: bool,
    /// Whether rows that say the same as the first identity's, on the draft too, are left out.
    pub differing: bool,
    /// The order of the rows.
    pub order: Order,
}

/// The orders of the matrix's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As the scenario lists the identities.
    #[default]
    Scenario,
    /// Those who may do most first.
    Allowed,
    /// Those for whom the draft changes most first.
    Flips,
}

impl Order {
    /// The order after this one.
    pub fn next(self) -> Self {
        match self {
            Self::Scenario => Self::Allowed,
            Self::Allowed => Self::Flips,
            Self::Flips => Self::Scenario,
        }
    }

    /// The order in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario order",
            Self::Allowed => "most allowed first",
            Self::Flips => "flips first",
        }
    }
}

/// A list to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What it offers.
    pub kind: MenuKind,
    /// What was typed to narrow it; none if typing does not narrow it.
    pub filter: Option<String>,
    /// The chosen row among those that match.
    pub selected: usize,
    /// The row that the next one is compared with.
    pub marked: Option<usize>,
}

/// The menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuKind {
    /// Every action.
    Palette,
    /// Every key, with its sentence.
    Help,
    /// The answers to the task's question.
    Predict,
    /// Statements to insert.
    Snippets,
    /// Edits that would turn the answer around.
    Fixes,
    /// Completions of the word at the cursor.
    Completions,
    /// How long to wait.
    Clock,
    /// Every step so far.
    Timeline,
    /// Actions to ask about.
    WhoCan,
    /// What the action of that number can be done to.
    WhoCanTo(usize),
    /// What can be done with the key or grant on that row.
    Key(usize),
    /// Calls to watch.
    Watch,
    /// Documents to open.
    Documents,
    /// Versions of the document on the screen.
    Versions,
}

impl Menu {
    /// A menu narrowed by typing.
    pub fn typed(kind: MenuKind) -> Self {
        Self { kind, filter: Some(String::new()), selected: 0, marked: None }
    }

    /// A menu walked by keys.
    pub fn walked(kind: MenuKind) -> Self {
        Self { kind, filter: None, selected: 0, marked: None }
    }
}

/// Lines to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What they are about.
    pub kind: PageKind,
    /// The first line shown.
    pub scroll: usize,
}

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// The draft against the applied text.
    Diff,
    /// Every identity and resource in full.
    Everybody,
    /// One audit record.
    Record(usize),
    /// The decisions of the call at a point of the history.
    Decisions(Point),
    /// Who may do this action to that.
    WhoCan(String, ActionTarget),
    /// Why one cell of the matrix is as it is.
    Cell(usize, usize),
    /// A version of the document against the draft, by its row in the list.
    Version(usize),
    /// Two moments against each other.
    Comparison(Comparison),
    /// Why the draft was not applied.
    Refused(Refusal),
}

/// A question answered by y or n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Leave with a draft that is not applied?
    Quit,
    /// Go back to the list with a draft that is not applied?
    Home,
    /// Start the scenario again?
    Reset,
    /// Begin the current task again?
    RestartTask,
    /// Throw the draft away?
    Discard,
    /// Throw the draft away to show the next document?
    NextDocument,
    /// Throw the draft away to show that row of the list of documents?
    OpenDocument(usize),
    /// Open the next scenario before this one is done?
    Next,
}

impl Question {
    /// The question in words; `kept` says whether a draft stays on the disk.
    pub fn ask(self, kept: bool) -> &'static str {
        match self {
            Self::Quit if kept => "The draft is not applied. It is kept with this lab. Leave kmslab?",
            Self::Quit => "The draft is not applied. Leave kmslab and lose it?",
            Self::Home if kept => "The draft is not applied. It is kept with this lab. Go to the list?",
            Self::Home => "The draft is not applied. Go to the list and lose it?",
            Self::Reset => "Start this scenario again? Calls made and the draft are lost.",
            Self::RestartTask => {
                "Go back to where this task began? The draft and its answers are lost; calls stay in the timeline."
            }
            Self::Discard => "Throw the draft away and show the applied policy?",
            Self::NextDocument | Self::OpenDocument(_) => {
                "The draft is not applied. Show another document and lose it?"
            }
            Self::Next => "This scenario is not done. Open the next one all the same?",
        }
    }

    /// What a yes does.
    pub fn yes(self) -> &'static str {
        match self {
            Self::Quit => "leave",
            Self::Home => "go to the list",
            Self::Reset => "start again",
            Self::RestartTask => "begin the task again",
            Self::Discard => "throw it away",
            Self::NextDocument | Self::OpenDocument(_) => "show the other",
            Self::Next => "open the next",
        }
    }
}

/// One row of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// The row's word.
    pub label: String,
    /// A sentence beside or below it.
    pub detail: String,
    /// The key that does the same.
    pub key: String,
    /// The heading it stands under, where the menu has headings.
    pub group: String,
    /// What choosing it does.
    pub choice: Choice,
}

/// What choosing a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The action, as if its key had been pressed.
    Act(Action),
    /// The row's number in the menu's own list.
    Number(usize),
    /// The text.
    Text(String),
}

/// How well `typed` matches `text`: its letters must appear in order. Smaller is better; none is no match.
///
/// Letters in a row, at the start of a word and near the front count as better.
pub fn fuzzy(typed: &str, text: &str) -> Option<usize> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut cost = 0;
    let mut at = 0;
    let mut last: Option<usize> = None;
    for c in typed.to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        let found = (at..text.len()).find(|i| text.get(*i) == Some(&c))?;
        let word_start = found == 0 || text.get(found - 1).is_some_and(|p| !p.is_alphanumeric());
        cost += match last {
            Some(l) if found == l + 1 => 0,
            _ if word_start => 1,
            _ => 3 + (found - at).min(8),
        };
        last = Some(found);
        at = found + 1;
    }
    Some(cost)
}

/// The items that match what was typed, best first; all of them in order when nothing was typed.
pub fn matching(items: Vec<MenuItem>, filter: Option<&str>) -> Vec<MenuItem> {
    let Some(typed) = filter.filter(|f| !f.trim().is_empty()) else { return items };
    let mut scored: Vec<(usize, usize, MenuItem)> = items
        .into_iter()
        .enumerate()
        .filter_map(|(i, item)| {
            let own = fuzzy(typed, &item.label);
            // A sentence matches word by word only: scattered letters in prose match everything.
            let lower = format!("{} {} {}", item.group, item.label, item.detail).to_lowercase();
            let told = typed.to_lowercase().split_whitespace().all(|w| lower.contains(w)).then_some(40);
            let key = (item.key.eq_ignore_ascii_case(typed.trim())).then_some(0);
            [own, told, key].into_iter().flatten().min().map(|score| (score, i, item))
        })
        .collect();
    scored.sort_by_key(|(score, i, _)| (*score, *i));
    scored.into_iter().map(|(_, _, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_comes_first() {
        let item = |label: &str, detail: &str| MenuItem {
            label: label.into(),
            detail: detail.into(),
            key: String::new(),
            group: String::new(),
            choice: Choice::Text(label.into()),
        };
        let items = vec![
            item("discard draft", "Throw it away"),
            item("diff", "Compare the draft"),
            item("redo", "Make the step again"),
        ];
        let labels = |typed: &str| -> Vec<String> {
            matching(items.clone(), Some(typed)).into_iter().map(|i| i.label).collect()
        };
        assert_eq!(labels("df"), ["diff", "discard draft"]);
        assert_eq!(labels("step"), ["redo"]);
        assert_eq!(labels(""), ["discard draft", "diff", "redo"]);
        assert!(labels("zzz").is_empty());
    }
}
