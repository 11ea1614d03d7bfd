use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;

fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}

#[test]
fn the_embedded_table_is_sound() {
    let map = KeyMap::parse(include_str!("../../../assets/keys.json")).unwrap();
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
        let _ = write!(out, "\n## {group}\n\n| key | where | action | what it does |\n|---|---|---|---|\n");
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
        format!(r#"{{"action":"quit","keys":["{key}"],"in":["lab"],"group":"g","name":"{name}","help":"h"}}"#)
    };
    let cases = [
        (format!("[{}]", row("hyper-x", "one")), "entry 1 (one): unknown key `hyper-x`"),
        (format!("[{},{}]", row("x", "one"), row("x", "two")), "`x` means both `one` and `two` in `Lab`"),
        ("[{\"action\":\"fly\"}]".to_owned(), "line 1"),
    ];
    for (text, want) in cases {
        let got = KeyMap::parse(&text).unwrap_err().to_string();
        assert!(got.contains(want), "{got}");
    }
}

#[test]
fn every_key_that_a_text_may_name_is_on_the_map() {
    let map = KeyMap::embedded();
    for (action, _) in crate::scenario::KEYS {
        assert_ne!(map.of_name(action), "", "{action}");
    }
    for (action, label) in [("run", "s"), ("snippet", "^T"), ("complete-line", "Tab"), ("fly", "")] {
        assert_eq!(map.of_name(action), label, "{action}");
    }
}
