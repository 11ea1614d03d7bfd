//! A person's own keys: rows that take the place of the built-in ones.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::file::File;
use crate::limits::screen::{KEY_ROWS, KEYS};
use crate::policy::Span;
use crate::policy::json::Node;
use crate::tui::keys::{Action, Binding, Context, KeyMap};

/// One member of a row.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Action(IgnoredAny),
    Keys(Vec<String>),
    In(Vec<Context>),
    Group(String),
    Name(String),
    Help(String),
    Show(String),
    // The program says itself which rows the footer shows.
    Footer(IgnoredAny),
    FooterIn(IgnoredAny),
}

/// A row with the places of its keys.
struct Row {
    binding: Binding,
    places: Vec<Span>,
}

/// Returns the built-in key map with a person's rows in it, if nothing in the file is wrong.
pub(super) fn read(file: &mut File) -> Option<KeyMap> {
    let root = file.root()?;
    let Some(nodes) = root.as_array() else {
        file.report(root.span, format!("a key map is an array of rows, and this is {}", root.kind()));
        return None;
    };
    let keys = nodes.iter().filter_map(|node| node.get("keys")?.as_array()).map(<[_]>::len).sum();
    if let Err(exceeded) = KEY_ROWS.check(nodes.len()).and(KEYS.check(keys)) {
        file.report(root.span, exceeded);
        return None;
    }
    let built_in = KeyMap::embedded();
    let own: Vec<Row> = nodes.iter().filter_map(|node| row(file, node, &built_in)).collect();
    if !file.problems.is_empty() {
        return None;
    }
    let merged = merge(built_in.bindings(), &own);
    report_conflicts(file, &merged, &own);
    if !file.problems.is_empty() {
        return None;
    }
    KeyMap::of(merged).map_err(|e| file.report(root.span, e)).ok()
}

/// Returns the built-in rows, with each row of a person in the place of those that it replaces.
fn merge(built_in: &[Binding], own: &[Row]) -> Vec<Binding> {
    let mut merged = built_in.to_vec();
    for Row { binding, .. } in own {
        let mut place = merged.len();
        for (at, other) in merged.iter_mut().enumerate() {
            if other.action == binding.action && other.contexts.iter().any(|c| binding.contexts.contains(c)) {
                other.contexts.retain(|c| !binding.contexts.contains(c));
                place = place.min(at);
            }
        }
        merged.insert(place, binding.clone());
        merged.retain(|b| !b.contexts.is_empty());
    }
    merged
}

/// Reports the keys of a person's rows that would do two things in one place.
fn report_conflicts(file: &mut File, merged: &[Binding], own: &[Row]) {
    let merged: Vec<_> = merged
        .iter()
        .map(|b| (b, b.keys.iter().filter_map(|key| KeyMap::chord(key)).collect::<Vec<_>>()))
        .collect();
    // A row of a person counts for its action from the last one on.
    let last: BTreeMap<Action, usize> =
        own.iter().enumerate().map(|(at, row)| (row.binding.action, at)).collect();
    for (at, row) in own.iter().enumerate() {
        for (key, span) in row.binding.keys.iter().zip(&row.places) {
            let Some(chord) = KeyMap::chord(key) else { continue };
            for context in &row.binding.contexts {
                let same = |(b, chords): &&(&Binding, Vec<_>)| {
                    b.contexts.contains(context) && b.action != row.binding.action && chords.contains(&chord)
                };
                let Some((other, _)) = merged.iter().find(same) else { continue };
                // Two rows of one person are reported once, at the later one.
                if last.get(&other.action).is_some_and(|last| *last > at) {
                    continue;
                }
                let (place, name) = (context.name(), &other.name);
                let why = format!("`{key}` also means `{name}` in the {place}");
                file.report(*span, format!("{why}; give that action other keys in a row of its own"));
                break;
            }
        }
    }
}

/// Returns the row if nothing in it is wrong.
fn row(file: &mut File, node: &Node, built_in: &KeyMap) -> Option<Row> {
    let before = file.problems.len();
    let parts = file.parts::<Part>("member", node);
    let Some(action_node) = node.get("action") else {
        if file.problems.len() == before {
            file.report(node.span, "this row lacks `action`");
        }
        return None;
    };
    let Ok(action) = file.value::<Action>(action_node) else {
        let why = match action_node.as_str() {
            Some(name) => format!("unknown action `{name}`; assets/keys.json of the source lists them"),
            None => format!("`action` is a string, and this is {}", action_node.kind()),
        };
        file.report(action_node.span, why);
        return None;
    };
    let mut same = built_in.bindings().iter().filter(|b| b.action == action);
    let Some(first) = same.next() else {
        file.report(action_node.span, "this action has no keys to change");
        return None;
    };
    let mut binding = Binding { keys: Vec::new(), show: None, ..first.clone() };
    binding.contexts.extend(same.flat_map(|b| b.contexts.iter().copied()));
    let mut places = None;
    for (member, part) in parts {
        match part {
            Part::Action(_) | Part::Footer(_) | Part::FooterIn(_) => {}
            Part::Keys(keys) => {
                places = Some(places_of(file, &member.value));
                binding.keys = keys;
            }
            Part::In(contexts) if contexts.is_empty() => {
                file.report(member.value.span, "`in` names at least one place");
            }
            Part::In(contexts) => binding.contexts = contexts,
            Part::Group(text) => binding.group = text,
            Part::Name(text) => binding.name = text,
            Part::Help(text) => binding.help = text,
            Part::Show(text) => binding.show = Some(text),
        }
    }
    if places.is_none() && node.get("keys").is_none() {
        file.report(node.span, "this row lacks `keys`");
    }
    places.filter(|_| file.problems.len() == before).map(|places| Row { binding, places })
}

/// Returns the places of the keys, and reports those that nobody can press.
fn places_of(file: &mut File, keys: &Node) -> Vec<Span> {
    let nodes = keys.as_array().unwrap_or_default();
    for node in nodes {
        if node.as_str().and_then(KeyMap::chord).is_none() {
            file.report(node.span, "unknown key; write for instance `s`, `ctrl-s`, `tab`, `f5`");
        }
    }
    nodes.iter().map(|node| node.span).collect()
}
