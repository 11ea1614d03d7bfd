//! Menus: a title, what was typed, and rows to choose from.
//!
//! A menu's rows are made when it is opened ([`super::menus`]); what was typed chooses among them. `draw` draws it.

mod draw;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::cells::next_sureness;
use super::choice::Choice;
use super::frame::{Ground, Reply, plain};
use crate::narration::{ActionTarget, StepRow};
use crate::scenario::Sureness;
use crate::tui::keys::Action;
use crate::tui::text_field::TextField;

/// A list to choose from.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Which menu it is.
    pub kind: MenuKind,
    pub name: String,
    /// What is said beside the name.
    pub about: String,
    /// The question that stands above the rows, where one is answered.
    pub question: Option<String>,
    /// Everything there is to choose.
    pub rows: Vec<Row>,
    /// A row for exactly what was typed, where none matches.
    pub(super) typed: Option<Box<Row>>,
    /// What was typed to narrow it; none if typing does not narrow it.
    pub filter: Option<TextField>,
    /// The chosen row among those that match.
    pub selected: usize,
    /// The row that the next one is compared with.
    pub marked: Option<usize>,
    /// The row that the mouse has selected, where a second press chooses it.
    pub(super) pressed: Option<usize>,
    /// How sure the answer is that is chosen, if that is said.
    pub sure: Option<Sureness>,
}

/// The menus that the screen knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuKind {
    Palette,
    /// Every key, with its sentence.
    Help,
    /// The answers to the task's question.
    Predict,
    Snippets,
    /// Everybody for whom a statement may be.
    ForWhom,
    /// The parts of a statement that is put together.
    Parts,
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
    /// What the action can be done to.
    WhoCanTo(String),
    /// What can be done with a key or grant.
    Key,
    Watch,
    /// Everybody in the world whom the list of identities does not hold.
    Anybody,
    Documents,
    /// Versions of the document on the screen.
    Versions,
}

/// One row of a menu.
#[derive(Clone, Debug)]
pub struct Row {
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

impl MenuKind {
    /// Returns the name of the menu, and what Enter does there.
    fn title(&self) -> (&'static str, &'static str) {
        match self {
            Self::Palette => ("Command", "type to narrow, Enter does it"),
            Self::Help => ("Keys", "type to narrow, Enter does it, Esc closes"),
            Self::Predict => ("What do you expect?", "Enter answers, Esc skips"),
            Self::Snippets => ("Insert a statement", "Enter inserts"),
            Self::ForWhom => ("For whom?", "Enter inserts"),
            Self::Parts => ("Put a statement together", "Left Right choose, Enter inserts"),
            Self::Fixes => ("One edit that turns this answer around", "Enter drafts it"),
            Self::Completions => ("Complete", "Enter takes it"),
            Self::Clock => ("Let time pass", "Enter or a digit waits"),
            Self::Timeline => ("Timeline", "Enter goes there, d compares two, Y copies the call"),
            Self::WhoCan => ("Who can", "type an action, Enter takes it"),
            Self::WhoCanTo(_) => ("Who can do it to what?", "Enter asks"),
            Self::Key => ("Key", "Enter makes the call"),
            Self::Watch => ("The watched call", "type to narrow, Enter watches"),
            Self::Anybody => ("Act as anybody", "type to narrow, Enter acts"),
            Self::Documents => ("Documents", "type to narrow, Enter opens"),
            Self::Versions => ("Versions of this document", "Enter compares"),
        }
    }

    /// The action that opens it, whose key closes it again.
    fn opened_by(&self) -> Option<Action> {
        match self {
            Self::Timeline => Some(Action::Timeline),
            Self::Clock => Some(Action::Clock),
            Self::Key => Some(Action::Keys),
            Self::Versions => Some(Action::Versions),
            // Their keys are letters that narrow the rows, or belong to another place.
            Self::Palette
            | Self::Help
            | Self::Predict
            | Self::Snippets
            | Self::ForWhom
            | Self::Parts
            | Self::Fixes
            | Self::Completions
            | Self::WhoCan
            | Self::WhoCanTo(_)
            | Self::Watch
            | Self::Anybody
            | Self::Documents => None,
        }
    }

    /// Tells whether the rows stand under headings.
    fn has_headings(&self) -> bool {
        matches!(self, Self::Help | Self::Documents | Self::Watch)
    }

    /// Tells whether each row takes one line, so that a long one is cut.
    fn has_one_line_rows(&self) -> bool {
        !matches!(self, Self::Predict | Self::Fixes | Self::Parts)
    }

    /// What stands there where no row does.
    fn nothing(&self, narrowed: bool) -> &'static str {
        match self {
            Self::Timeline => "no step yet",
            Self::Key => "there is no key yet",
            Self::Anybody if !narrowed => "everybody stands in the list already",
            Self::Watch if !narrowed => "there is no table, key or role to ask about yet",
            Self::Palette
            | Self::Help
            | Self::Predict
            | Self::Snippets
            | Self::ForWhom
            | Self::Parts
            | Self::Fixes
            | Self::Completions
            | Self::Clock
            | Self::WhoCan
            | Self::WhoCanTo(_)
            | Self::Watch
            | Self::Anybody
            | Self::Documents
            | Self::Versions => "nothing matches",
        }
    }
}

impl Row {
    /// A row without a key or a heading.
    pub fn new(label: impl Into<String>, detail: impl Into<String>, choice: Choice) -> Self {
        Self { label: label.into(), detail: detail.into(), key: String::new(), group: String::new(), choice }
    }

    /// How well the row matches what was typed; smaller is better, none is no match.
    fn score(&self, typed: &str) -> Option<usize> {
        let own = fuzzy(typed, &self.label);
        // A sentence matches word by word only: scattered letters in prose match everything.
        let lower = format!("{} {} {}", self.group, self.label, self.detail).to_lowercase();
        let told = typed.to_lowercase().split_whitespace().all(|w| lower.contains(w)).then_some(40);
        let key = self.key.eq_ignore_ascii_case(typed.trim()).then_some(0);
        [own, told, key].into_iter().flatten().min()
    }
}

impl Menu {
    /// A menu walked by keys.
    pub fn walked(kind: MenuKind, rows: Vec<Row>) -> Self {
        let name = kind.title().0.to_owned();
        Self {
            kind,
            name,
            about: String::new(),
            question: None,
            rows,
            typed: None,
            filter: None,
            selected: 0,
            marked: None,
            pressed: None,
            sure: None,
        }
    }

    /// A menu narrowed by typing.
    pub fn typed(kind: MenuKind, rows: Vec<Row>) -> Self {
        Self { filter: Some(TextField::filter()), ..Self::walked(kind, rows) }
    }

    /// Takes a key; replies with what it asks for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(&mut self, key: KeyEvent) -> Reply {
        if let Some(filter) = &mut self.filter {
            // The key that opened the list of keys closes it.
            if self.kind == MenuKind::Help && filter.is_empty() && key.code == KeyCode::Char('?') {
                return Reply::Close;
            }
            if filter.on_key(key) {
                self.narrowed();
                self.selected = 0;
                return Reply::Changed;
            }
            return Reply::Pass;
        }
        match key.code {
            // What is typed goes into the text; the list follows.
            KeyCode::Char(_) | KeyCode::Backspace if self.kind == MenuKind::Completions && plain(key) => {
                Reply::TypeOn(key)
            }
            // An answer counts as it was given first, and a call is made: a digit shows which it would be, and Enter does it.
            KeyCode::Char(c @ '1'..='9')
                if matches!(self.kind, MenuKind::Predict | MenuKind::Parts | MenuKind::Key) && plain(key) =>
            {
                let row = usize::from(c as u8 - b'1');
                if row < self.rows.len() {
                    self.selected = row;
                }
                Reply::Changed
            }
            // A step goes by its number, and is only selected.
            KeyCode::Char(c @ '0'..='9') if self.kind == MenuKind::Timeline && plain(key) => {
                let number = usize::from(c as u8 - b'0');
                let is_it = |step: &StepRow| !step.aside && step.point.position == number;
                let row = (0..self.rows.len()).find(|row| self.step(*row).is_some_and(is_it));
                self.selected = row.unwrap_or(self.selected);
                Reply::Changed
            }
            // A digit chooses a row at once.
            KeyCode::Char(c @ '1'..='9') if self.kind != MenuKind::Completions && plain(key) => {
                let Some(row) = self.rows.iter().position(|row| row.key.chars().eq([c])) else {
                    return Reply::Pass;
                };
                self.selected = row;
                Reply::Choose
            }
            KeyCode::Left if self.kind == MenuKind::Parts => Reply::Turn(-1),
            KeyCode::Right if self.kind == MenuKind::Parts => Reply::Turn(1),
            KeyCode::Char(' ') if self.kind == MenuKind::Parts && plain(key) => Reply::Turn(1),
            KeyCode::Char(' ') if self.kind == MenuKind::Predict && plain(key) => {
                self.sure = next_sureness(self.sure);
                Reply::Changed
            }
            _ => Reply::Pass,
        }
    }

    /// Takes a key that the key map knows in the lab.
    pub fn on_lab_action(&self, action: Action) -> Reply {
        if self.kind.opened_by() == Some(action) {
            Reply::Close
        } else if self.kind == MenuKind::Timeline && action == Action::Diff {
            Reply::Compare
        } else {
            Reply::Pass
        }
    }

    /// Takes pasted text into what narrows the rows.
    pub fn paste(&mut self, text: &str) -> Reply {
        let Some(filter) = &mut self.filter else { return Reply::Pass };
        filter.paste(text);
        self.narrowed();
        Reply::Changed
    }

    /// Whether a press only selects a row, and another one chooses it: what is chosen there counts, or goes far.
    fn takes_two_presses(&self) -> bool {
        matches!(self.kind, MenuKind::Predict | MenuKind::Timeline | MenuKind::Key)
    }

    /// Takes a press: on a row it chooses that, or selects it first.
    pub fn press(&mut self, at: Position, rect: Rect, ground: &Ground<'_>) -> Reply {
        if self.kind == MenuKind::Predict && self.press_sureness(at, rect) {
            return Reply::Changed;
        }
        match self.row_at(at, rect, ground) {
            Some(row) if self.kind == MenuKind::Parts => {
                self.selected = row;
                Reply::Turn(1)
            }
            Some(row) => {
                self.selected = row;
                let is_second = self.pressed.replace(row) == Some(row);
                if self.takes_two_presses() && !is_second { Reply::Changed } else { Reply::Choose }
            }
            None => Reply::Pass,
        }
    }

    /// Moves the selection by rows.
    pub fn move_by(&mut self, by: isize) -> Reply {
        self.pressed = None;
        self.selected = self.selected.saturating_add_signed(by);
        self.settle();
        Reply::Changed
    }

    /// Selects a row that exists.
    pub fn settle(&mut self) {
        self.selected = self.selected.min(self.shown().len().saturating_sub(1));
    }

    /// Returns the actions that the footer offers.
    pub fn offers(&self) -> &'static [Action] {
        if self.kind == MenuKind::Timeline {
            &[Action::Open, Action::Diff, Action::CopyCli, Action::Back]
        } else {
            &[Action::Open, Action::Back]
        }
    }

    /// The footer's word for an action, where it is not the one in the table of keys.
    pub fn word_for(&self, action: Action) -> Option<&'static str> {
        let compares = self.kind == MenuKind::Timeline && action == Action::Diff;
        compares.then_some(if self.marked.is_some() { "compare the two" } else { "mark, to compare" })
    }

    /// The rows that match what was typed, best first; all of them in order when nothing was typed.
    pub fn shown(&self) -> Vec<&Row> {
        let Some(typed) = self.needle() else { return self.rows.iter().collect() };
        let rows = self.rows.iter().enumerate();
        let mut scored: Vec<(usize, usize, &Row)> =
            rows.filter_map(|(i, row)| Some((row.score(typed)?, i, row))).collect();
        scored.sort_by_key(|(score, i, _)| (*score, *i));
        if scored.is_empty() {
            return self.typed.as_deref().into_iter().collect();
        }
        scored.into_iter().map(|(_, _, row)| row).collect()
    }

    /// Returns the row that is selected, if any matches.
    pub fn chosen(&self) -> Option<&Row> {
        self.shown().get(self.selected).copied()
    }

    /// The step of that number, where the rows are steps.
    pub fn step(&self, row: usize) -> Option<&StepRow> {
        if let Choice::Step(step) = &self.shown().get(row)?.choice { Some(step) } else { None }
    }

    /// What was typed, if it narrows the rows.
    fn needle(&self) -> Option<&str> {
        self.filter.as_ref().map(TextField::text).filter(|typed| !typed.trim().is_empty())
    }

    /// Makes a row of what was typed where that can be asked about: an ARN that is not of this world.
    fn narrowed(&mut self) {
        let target = self.needle().and_then(|typed| ActionTarget::typed(typed.trim()));
        self.typed = match (&self.kind, target) {
            (MenuKind::WhoCanTo(action), Some(target)) => {
                let label = target.label.clone();
                Some(Box::new(Row::new(label, "as typed", Choice::WhoCanTo(action.clone(), target))))
            }
            _ => None,
        };
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(menu: &Menu) -> Vec<&str> {
        menu.shown().into_iter().map(|row| row.label.as_str()).collect()
    }

    #[test]
    fn the_closest_name_comes_first() {
        let row = |label: &str, detail: &str| Row::new(label, detail, Choice::Complete(label.into()));
        let rows = vec![
            row("discard draft", "Throw it away"),
            row("diff", "Compare the draft"),
            row("redo", "Make the step again"),
        ];
        for (typed, wanted) in [
            ("df", vec!["diff", "discard draft"]),
            ("step", vec!["redo"]),
            ("", vec!["discard draft", "diff", "redo"]),
            ("zzz", vec![]),
        ] {
            let mut menu = Menu::typed(MenuKind::Palette, rows.clone());
            menu.paste(typed);
            assert_eq!(labels(&menu), wanted, "{typed}");
        }
    }

    #[test]
    fn an_arn_of_no_known_thing_can_be_asked_about() {
        let mut menu = Menu::typed(MenuKind::WhoCanTo("kms:Decrypt".into()), Vec::new());
        menu.paste("nothing");
        assert!(menu.shown().is_empty());
        menu.paste(" arn:aws:kms:eu-central-1:111122223333:key/x");
        assert!(menu.shown().is_empty(), "that is two words");
        let mut menu = Menu::typed(MenuKind::WhoCanTo("kms:Decrypt".into()), Vec::new());
        menu.paste("arn:aws:kms:eu-central-1:111122223333:key/x");
        let asked = menu.chosen().map(|row| &row.choice);
        assert!(matches!(asked, Some(Choice::WhoCanTo(action, _)) if action == "kms:Decrypt"), "{asked:?}");
    }
}
