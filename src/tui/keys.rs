//! The key map: which key does what, where. Dispatch, footer and help all read the one table in `assets/keys.json`.
//!
//! A person's own table may change keys; it is checked the same way and a mistake names its place.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;

use super::hot;

/// Everything a key, a click in the footer or the palette can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Identity,
    Edit,
    Run,
    Watch,
    Apply,
    NextDocument,
    Documents,
    Versions,
    Discard,
    Diff,
    Hint,
    Predict,
    Next,
    Reset,
    RestartTask,
    Why,
    Fix,
    Matrix,
    MatrixDiffering,
    MatrixOrder,
    MatrixSubject,
    WhoCan,
    Timeline,
    Audit,
    Clock,
    Undo,
    Redo,
    FocusNext,
    FocusPrevious,
    FocusLeft,
    FocusDown,
    FocusUp,
    FocusRight,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Open,
    Search,
    SearchNext,
    SearchPrevious,
    NextFinding,
    Zoom,
    Layout,
    Hide,
    Theme,
    Mouse,
    Present,
    CueOn,
    CueBack,
    VoteFor,
    VoteForLess,
    VoteAgainst,
    VoteAgainstLess,
    Copy,
    CopyCli,
    ExternalEditor,
    Home,
    Back,
    Palette,
    Help,
    Suspend,
    Redraw,
    Quit,
    ForceQuit,
    TextUndo,
    TextRedo,
    Indent,
    DeleteLine,
    Format,
    Snippet,
    Complete,
    OpenFile,
    Export,
    Import,
    Console,
    Keys,
    Compare,
    RunLine,
    CompleteLine,
    CompleteBack,
    OlderLine,
    NewerLine,
    FindLine,
    CancelLine,
    ClearConsole,
    LineStart,
    LineEnd,
    DeleteWord,
    DeleteBefore,
    DeleteAfter,
    PutBack,
}

/// Where keys are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// The list of scenarios.
    Home,
    /// The lab, outside the editor.
    Lab,
    /// Typing into the policy editor.
    Editor,
    /// Typing into the console.
    Console,
    /// A list or a page lying over the screen.
    List,
    /// The presenter's screen.
    Present,
}

impl Context {
    /// What the table calls the places.
    pub const NAMES: [&'static str; 6] = ["home", "lab", "editor", "console", "list", "present"];

    /// What the table calls the place.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Lab => "lab",
            Self::Editor => "editor",
            Self::Console => "console",
            Self::List => "list",
            Self::Present => "present",
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys, any of which does it.
    pub keys: Vec<String>,
    /// Where.
    #[serde(rename = "in")]
    pub contexts: Vec<Context>,
    /// The heading it stands under in the help.
    pub group: String,
    /// A word or two.
    pub name: String,
    /// A sentence.
    pub help: String,
    /// Its rank in the footer (smaller comes first); without one it is not there.
    #[serde(default)]
    pub footer: Option<u8>,
    /// The contexts whose footer shows it, if not all of `contexts`.
    #[serde(default)]
    pub footer_in: Option<Vec<Context>>,
    /// How the footer and the help write the keys, if not as their list.
    #[serde(default)]
    pub show: Option<String>,
}

impl Binding {
    /// The keys as a person reads them: `^S`, `Tab`, `1-9`.
    pub fn label(&self) -> String {
        self.show.clone().unwrap_or_else(|| self.keys.iter().map(|k| pretty(k)).collect::<Vec<_>>().join(" "))
    }

    /// The first key as a person reads it.
    pub fn short_label(&self) -> String {
        self.show.clone().unwrap_or_else(|| self.keys.first().map(|k| pretty(k)).unwrap_or_default())
    }
}

/// Why a key map cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyMapError {
    /// The text is not JSON of the right shape.
    #[error("key map: {0}")]
    Shape(#[from] serde_json::Error),
    /// A key is written in a way nobody can press.
    #[error(
        "key map, entry {entry} ({name}): unknown key {key:?}; write for instance \"s\", \"ctrl-s\", \"tab\", \"f5\""
    )]
    UnknownKey {
        /// Which entry, from 1.
        entry: usize,
        /// Its name.
        name: String,
        /// The key as written.
        key: String,
    },
    /// One key would do two things in one place.
    #[error("key map: {key:?} means both {first:?} and {second:?} in {context:?}")]
    Conflict {
        /// The key as written.
        key: String,
        /// The entry that stands first.
        first: String,
        /// The entry that repeats it.
        second: String,
        /// Where.
        context: Context,
    },
}

/// A checked key map.
#[derive(Clone, Debug)]
pub struct KeyMap {
    bindings: Vec<Binding>,
    index: BTreeMap<(Context, Chord), (Action, usize)>,
    /// The names of keys as they are drawn, and what pressing each of them is.
    names: Vec<(String, KeyEvent)>,
}

/// A key with its modifiers, in one normal form: shift is part of the character, and of an arrow's name.
pub type Chord = (String, bool, bool);

impl KeyMap {
    /// The table the program ships.
    pub fn embedded() -> Self {
        // A test reads the same bytes, so this cannot fail in a build that passed its tests.
        Self::parse(include_str!("../../assets/keys.json")).unwrap_or(Self {
            bindings: vec![],
            index: BTreeMap::new(),
            names: vec![],
        })
    }

    /// Reads and checks a table.
    pub fn parse(text: &str) -> Result<Self, KeyMapError> {
        Self::of(serde_json::from_str(text)?)
    }

    /// Checks rows and makes the map.
    pub fn of(bindings: Vec<Binding>) -> Result<Self, KeyMapError> {
        let mut index = BTreeMap::new();
        let mut names: BTreeMap<(Context, Chord), String> = BTreeMap::new();
        for (entry, binding) in bindings.iter().enumerate() {
            for (nth, key) in binding.keys.iter().enumerate() {
                let chord = chord_of_name(key).ok_or_else(|| KeyMapError::UnknownKey {
                    entry: entry + 1,
                    name: binding.name.clone(),
                    key: key.clone(),
                })?;
                for context in &binding.contexts {
                    if let Some(first) = names.insert((*context, chord.clone()), binding.name.clone()) {
                        let (second, context, key) = (binding.name.clone(), *context, key.clone());
                        return Err(KeyMapError::Conflict { key, first, second, context });
                    }
                    index.insert((*context, chord.clone()), (binding.action, nth));
                }
            }
        }
        let names = names_of(&bindings);
        Ok(Self { bindings, index, names })
    }

    /// The number of a key by its name as drawn, for [`super::hot`]; 0 if there is no such key.
    pub fn number(&self, name: &str) -> u8 {
        let at = self.names.iter().position(|(known, _)| known == name);
        at.and_then(|at| u8::try_from(at + 1).ok()).filter(|n| *n <= hot::MOST).unwrap_or(0)
    }

    /// The key of that number.
    pub fn numbered(&self, number: u8) -> Option<KeyEvent> {
        self.names.get(usize::from(number).checked_sub(1)?).map(|(_, key)| *key)
    }

    /// What `key` does in `context`, and which of the action's keys it was (identity 3 is the third).
    pub fn find(&self, context: Context, key: KeyEvent) -> Option<(Action, usize)> {
        let (name, ctrl, alt) = chord_of_event(key)?;
        // Shift with an arrow that nobody asked for is the arrow.
        let plain = name.strip_prefix("shift-").map(str::to_owned);
        std::iter::once(name)
            .chain(plain)
            .find_map(|name| self.index.get(&(context, (name, ctrl, alt))))
            .copied()
    }

    /// The rows that hold in `context`, in the table's order.
    pub fn rows(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.contexts.contains(&context))
    }

    /// The footer of `context`, best first.
    pub fn footer(&self, context: Context) -> Vec<&Binding> {
        let mut rows: Vec<_> = self
            .rows(context)
            .filter(|b| b.footer.is_some() && b.footer_in.as_ref().is_none_or(|c| c.contains(&context)))
            .collect();
        rows.sort_by_key(|b| b.footer);
        rows
    }

    /// How the first key of `action` in `context` is written, for hints inside panes.
    pub fn label(&self, context: Context, action: Action) -> String {
        self.rows(context).find(|b| b.action == action).map(Binding::short_label).unwrap_or_default()
    }

    /// A key's normal form by its written name; `None` if nobody can press it.
    pub fn chord(name: &str) -> Option<Chord> {
        chord_of_name(name)
    }

    /// Every row.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

const ARROWS: [&str; 4] = ["left", "down", "up", "right"];
/// How a key that was pressed is written; none for what is no key of its own.
pub fn name_of(key: KeyEvent) -> Option<String> {
    let (name, ctrl, alt) = chord_of_event(key)?;
    let ctrl = if ctrl { "ctrl-" } else { "" };
    let name = pretty(&format!("{ctrl}{name}"));
    Some(if alt { format!("Alt-{name}") } else { name })
}

/// Every name under which a key is drawn, once.
fn names_of(bindings: &[Binding]) -> Vec<(String, KeyEvent)> {
    let mut names: Vec<(String, KeyEvent)> = Vec::new();
    for binding in bindings {
        let first = binding.keys.first().map(|key| (binding.short_label(), key));
        let each = binding.keys.iter().map(|key| (pretty(key), key));
        for (name, key) in first.into_iter().chain(each) {
            let event = chord_of_name(key).as_ref().and_then(event_of_chord);
            if let Some(event) = event.filter(|_| !names.iter().any(|(known, _)| *known == name)) {
                names.push((name, event));
            }
        }
    }
    names
}

/// What a terminal sends for a key.
fn event_of_chord((name, ctrl, alt): &Chord) -> Option<KeyEvent> {
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::CONTROL, *ctrl);
    modifiers.set(KeyModifiers::ALT, *alt);
    let code = match name.as_str() {
        "enter" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "insert" => KeyCode::Insert,
        "space" => KeyCode::Char(' '),
        other => {
            if let Some(arrow) = other.strip_prefix("shift-") {
                let plain = event_of_chord(&(arrow.to_owned(), *ctrl, *alt))?;
                return Some(KeyEvent::new(plain.code, plain.modifiers | KeyModifiers::SHIFT));
            }
            let mut chars = other.chars();
            match (chars.next(), chars.as_str()) {
                (Some(c), "") => KeyCode::Char(c),
                (Some('f'), number) => KeyCode::F(number.parse().ok()?),
                _ => return None,
            }
        }
    };
    Some(KeyEvent::new(code, modifiers))
}

fn chord_of_event(key: KeyEvent) -> Option<Chord> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let name = match key.code {
        // Terminals disagree on whether ctrl-S carries shift; the letter alone counts.
        KeyCode::Char(c) if ctrl => c.to_ascii_lowercase().to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::F(n) => format!("f{n}"),
        KeyCode::Enter => "enter".into(),
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => "backtab".into(),
        KeyCode::Tab => "tab".into(),
        KeyCode::BackTab => "backtab".into(),
        KeyCode::Esc => "esc".into(),
        KeyCode::Up => "up".into(),
        KeyCode::Down => "down".into(),
        KeyCode::Left => "left".into(),
        KeyCode::Right => "right".into(),
        KeyCode::PageUp => "pageup".into(),
        KeyCode::PageDown => "pagedown".into(),
        KeyCode::Home => "home".into(),
        KeyCode::End => "end".into(),
        KeyCode::Backspace => "backspace".into(),
        KeyCode::Delete => "delete".into(),
        KeyCode::Insert => "insert".into(),
        _ => return None,
    };
    let name = match name.as_str() {
        " " => "space".into(),
        arrow if ARROWS.contains(&arrow) && key.modifiers.contains(KeyModifiers::SHIFT) => {
            format!("shift-{arrow}")
        }
        _ => name,
    };
    Some((name, ctrl, alt))
}

fn chord_of_name(name: &str) -> Option<Chord> {
    const NAMED: [&str; 17] = [
        "enter",
        "tab",
        "backtab",
        "esc",
        "up",
        "down",
        "left",
        "right",
        "pageup",
        "pagedown",
        "home",
        "end",
        "backspace",
        "delete",
        "insert",
        "space",
        "@",
    ];
    let (mut rest, mut ctrl, mut alt) = (name, false, false);
    loop {
        if let Some(r) = rest.strip_prefix("ctrl-") {
            (rest, ctrl) = (r, true);
        } else if let Some(r) = rest.strip_prefix("alt-") {
            (rest, alt) = (r, true);
        } else {
            break;
        }
    }
    let is_function =
        rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| (1..=24).contains(&n));
    let mut chars = rest.chars();
    let is_char = chars.next().is_some_and(|c| !c.is_control() && c != ' ') && chars.next().is_none();
    let is_shifted = rest.strip_prefix("shift-").is_some_and(|arrow| ARROWS.contains(&arrow));
    (NAMED.contains(&rest) || is_function || is_char || is_shifted).then(|| (rest.to_owned(), ctrl, alt))
}

fn pretty(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("ctrl-") {
        return if rest.len() == 1 {
            format!("^{}", rest.to_uppercase())
        } else {
            format!("^{}", pretty(rest))
        };
    }
    if let Some(arrow) = name.strip_prefix("shift-") {
        return format!("S-{}", pretty(arrow));
    }
    match name {
        "tab" => "Tab".into(),
        "backtab" => "S-Tab".into(),
        "esc" => "Esc".into(),
        "enter" => "Enter".into(),
        "up" => "Up".into(),
        "down" => "Down".into(),
        "pageup" => "PgUp".into(),
        "pagedown" => "PgDn".into(),
        "home" => "Home".into(),
        "end" => "End".into(),
        "space" => "Space".into(),
        "left" => "Left".into(),
        "right" => "Right".into(),
        "backspace" => "Backspace".into(),
        "delete" => "Delete".into(),
        "insert" => "Insert".into(),
        other if other.len() > 1 && other.starts_with('f') => other.to_uppercase(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn the_embedded_table_is_sound() {
        let map = KeyMap::parse(include_str!("../../assets/keys.json")).unwrap();
        assert!(map.bindings().len() > 30);
        for b in map.bindings() {
            assert!(b.help.len() <= 75 && !b.help.ends_with('.'), "{}", b.help);
        }
    }

    /// The page of keys in the documentation, made from the same table as help, footer and dispatch.
    fn page() -> String {
        use std::fmt::Write as _;

        let map = KeyMap::embedded();
        let mut groups: Vec<&str> = Vec::new();
        for binding in map.bindings() {
            if !groups.contains(&binding.group.as_str()) {
                groups.push(&binding.group);
            }
        }
        let mut out =
            "# Keys\n\nMade from `assets/keys.json`; `UPDATE_DOCS=1 cargo test --lib keys` writes it anew. \
                       `keys.json` among your own files gives actions other keys.\n"
                .to_owned();
        for group in groups {
            let _ =
                write!(out, "\n## {group}\n\n| key | where | action | what it does |\n|---|---|---|---|\n");
            for b in map.bindings().iter().filter(|b| b.group == group) {
                let keys: Vec<String> = b.keys.iter().map(|key| format!("`{key}`")).collect();
                let places: Vec<&str> = b.contexts.iter().map(|c| c.name()).collect();
                let (keys, places) = (keys.join(" "), places.join(", "));
                let _ = writeln!(out, "| {keys} | {places} | {} | {} |", b.name, b.help);
            }
        }
        out
    }

    #[test]
    fn the_page_of_keys_is_what_the_table_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == page(), "docs/keys.md is stale: UPDATE_DOCS=1 cargo test --lib keys");
    }

    #[test]
    fn keys_mean_what_their_place_says() {
        let map = KeyMap::embedded();
        let none = KeyModifiers::NONE;
        let ctrl = KeyModifiers::CONTROL;
        let cases = [
            (Context::Lab, key(KeyCode::Char('3'), none), Some((Action::Identity, 2))),
            (Context::Editor, key(KeyCode::Char('3'), none), None),
            (Context::Lab, key(KeyCode::Char('R'), KeyModifiers::SHIFT), Some((Action::Reset, 0))),
            (Context::Lab, key(KeyCode::Char('s'), ctrl), Some((Action::Apply, 0))),
            (Context::Editor, key(KeyCode::Char('S'), ctrl), Some((Action::Apply, 0))),
            (Context::Editor, key(KeyCode::Tab, none), Some((Action::Indent, 0))),
            (Context::Lab, key(KeyCode::Tab, none), Some((Action::FocusNext, 0))),
            (Context::Lab, key(KeyCode::Tab, KeyModifiers::SHIFT), Some((Action::FocusPrevious, 0))),
            (Context::Editor, key(KeyCode::Char('p'), ctrl), Some((Action::Palette, 0))),
            (Context::Editor, key(KeyCode::Char(' '), ctrl), Some((Action::Complete, 0))),
        ];
        for (context, key, want) in cases {
            assert_eq!(map.find(context, key), want, "{context:?} {key:?}");
        }
    }

    #[test]
    fn every_key_can_be_drawn_and_clicked() {
        let map = KeyMap::embedded();
        for binding in map.bindings() {
            for (nth, key) in binding.keys.iter().enumerate() {
                let event = chord_of_name(key).as_ref().and_then(event_of_chord).expect("it can be pressed");
                for context in &binding.contexts {
                    assert_eq!(map.find(*context, event), Some((binding.action, nth)), "{key}");
                }
            }
            let number = map.number(&binding.short_label());
            let event = map.numbered(number).unwrap_or_else(|| panic!("no room for {}", binding.name));
            assert_eq!(map.find(binding.contexts[0], event), Some((binding.action, 0)), "{}", binding.name);
        }
        assert_eq!(map.number("nothing"), 0);
    }

    #[test]
    fn mistakes_name_their_place() {
        let row = |key: &str, name: &str| {
            format!(
                r#"{{"action":"quit","keys":["{key}"],"in":["lab"],"group":"g","name":"{name}","help":"h"}}"#
            )
        };
        let cases = [
            (format!("[{}]", row("hyper-x", "one")), "entry 1 (one): unknown key \"hyper-x\""),
            (
                format!("[{},{}]", row("x", "one"), row("x", "two")),
                "\"x\" means both \"one\" and \"two\" in Lab",
            ),
            ("[{\"action\":\"fly\"}]".to_owned(), "line 1"),
        ];
        for (text, want) in cases {
            let got = KeyMap::parse(&text).unwrap_err().to_string();
            assert!(got.contains(want), "{got}");
        }
    }
}
