//! The key map: which key does what, where. Dispatch, footer and help all read the one table in `assets/keys.json`.
//!
//! A person's own table may change keys; it is checked the same way and a mistake names its place.

mod action;
mod chord;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;
use serde::Deserialize;
use serde::de::IntoDeserializer as _;

use super::click_targets;
use chord::{chord_of_event, chord_of_name, event_of_chord, pretty};

pub use action::Action;
pub use chord::{Chord, name_of};

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
    Present,
}

impl Context {
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
    pub action: Action,
    /// The keys, any of which does it.
    pub keys: Vec<String>,
    #[serde(rename = "in")]
    pub contexts: Vec<Context>,
    /// The heading it stands under in the help.
    pub group: String,
    /// A word or two.
    pub name: String,
    pub help: String,
    /// The rank in the footer (smaller comes first); an action without a rank is not there.
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
        "key map, entry {entry} ({name}): unknown key `{key}`; write for instance `s`, `ctrl-s`, `tab`, `f5`"
    )]
    UnknownKey {
        /// Which entry, from 1.
        entry: usize,
        name: String,
        /// The key as written.
        key: String,
    },
    /// One key would do two things in one place.
    #[error(
        "key map: `{key}` means both `{first}` and `{second}` in `{context:?}`; give one of them another key"
    )]
    Conflict {
        /// The key as written.
        key: String,
        /// The entry that stands first.
        first: String,
        /// The entry that repeats it.
        second: String,
        context: Context,
    },
}

/// A checked key map.
#[derive(Clone, Debug)]
pub struct KeyMap {
    bindings: Vec<Binding>,
    /// By where and by which key: the place of the binding, and which of its keys it was.
    index: BTreeMap<(Context, Chord), (usize, usize)>,
    /// The names of keys as they are drawn, and what pressing each of them is.
    names: Vec<(String, KeyEvent)>,
}

impl KeyMap {
    /// The table the program ships.
    pub fn embedded() -> Self {
        // A test reads the same bytes, so this cannot fail in a build that passed its tests.
        Self::parse(include_str!("../../../assets/keys.json")).unwrap_or(Self {
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
        let mut index: BTreeMap<(Context, Chord), (usize, usize)> = BTreeMap::new();
        for (entry, binding) in bindings.iter().enumerate() {
            for (nth, key) in binding.keys.iter().enumerate() {
                let chord = chord_of_name(key).ok_or_else(|| KeyMapError::UnknownKey {
                    entry: entry + 1,
                    name: binding.name.clone(),
                    key: key.clone(),
                })?;
                for context in &binding.contexts {
                    if let Some((first, _)) = index.insert((*context, chord.clone()), (entry, nth)) {
                        let first = bindings.get(first).unwrap_or(binding).name.clone();
                        let (second, context, key) = (binding.name.clone(), *context, key.clone());
                        return Err(KeyMapError::Conflict { key, first, second, context });
                    }
                }
            }
        }
        let names = names_of(&bindings);
        Ok(Self { bindings, index, names })
    }

    /// The number of a key by its name as drawn, for [`super::click_targets`]; 0 if there is no such key.
    pub fn number(&self, name: &str) -> u8 {
        let at = self.names.iter().position(|(known, _)| known == name);
        at.and_then(|at| u8::try_from(at + 1).ok()).filter(|n| *n <= click_targets::MAX_KEY).unwrap_or(0)
    }

    /// The key of that number.
    pub fn numbered(&self, number: u8) -> Option<KeyEvent> {
        self.names
            .get(usize::from(number).checked_sub(1)?)
            .filter(|_| number <= click_targets::MAX_KEY)
            .map(|(_, key)| *key)
    }

    /// What `key` does in `context`, and which of the action's keys it was (identity 3 is the third).
    pub fn find(&self, context: Context, key: KeyEvent) -> Option<(Action, usize)> {
        let (name, ctrl, alt) = chord_of_event(key)?;
        // Shift with an arrow that nobody asked for is the arrow.
        let plain = name.strip_prefix("shift-").map(str::to_owned);
        let (entry, nth) = std::iter::once(name)
            .chain(plain)
            .find_map(|name| self.index.get(&(context, (name, ctrl, alt))))?;
        Some((self.bindings.get(*entry)?.action, *nth))
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

    /// Returns the key of an action as a person reads it, where the action works first of all; empty if there is none.
    pub fn of_name(&self, action: &str) -> String {
        let action: Result<Action, serde::de::value::Error> = Action::deserialize(action.into_deserializer());
        let Ok(action) = action else { return String::new() };
        let places = [Context::Lab, Context::Editor, Context::Console];
        let labels = places.map(|place| self.label(place, action));
        labels.into_iter().find(|label| !label.is_empty()).unwrap_or_default()
    }

    /// A key's normal form by its written name; `None` if nobody can press it.
    pub fn chord(name: &str) -> Option<Chord> {
        chord_of_name(name)
    }

    /// Returns what a terminal sends for a key by its written name; `None` if nobody can press it.
    #[cfg(test)]
    pub fn event(name: &str) -> Option<KeyEvent> {
        chord_of_name(name).as_ref().and_then(event_of_chord)
    }

    /// Returns every row of the key map.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
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
