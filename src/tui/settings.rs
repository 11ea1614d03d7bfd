//! A person's own files: settings, key map and themes, in `$XDG_CONFIG_HOME/kmslab`.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings.json` | `{"theme": "dark", "ascii": false, "mouse": true, "reduced_motion": false}`, each of them optional |
//! | `keys.json` | rows as in `assets/keys.json`, of which `action` and `keys` are enough; each takes the place of the built-in keys of its action |
//! | `themes/NAME.json` | `{"base": "dark", "styles": {"accent": "#ff8800", "denied": {"fg": "red", "bold": true}}}` |
//!
//! A file that cannot be used changes nothing: the built-in values hold, and what is wrong is said with its place.

use std::io::Read as _;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};
use serde::de::value::{Error as NameError, StrDeserializer};

use super::keys::{Action, Binding, Context, KeyMap};
use super::theme::{Theme, ThemeName};
use crate::policy::json::{self, Node, Value};
use crate::policy::{Span, line_col};

/// A file is never longer.
const MOST: u64 = 1 << 20;

/// What a person has chosen, and what is wrong with how it was written.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The theme to start with.
    pub theme: Option<String>,
    /// Whether to draw with ASCII characters only.
    pub ascii: Option<bool>,
    /// Whether nothing may flash.
    pub reduced_motion: Option<bool>,
    /// Whether to take the mouse.
    pub mouse: Option<bool>,
    /// The merged key map, if there is one of theirs.
    pub keys: Option<KeyMap>,
    /// Themes of their own, by name.
    pub themes: Vec<Theme>,
    /// What could not be used: file, line, column and reason.
    pub problems: Vec<String>,
}

/// Something wrong in a text, and where.
struct Wrong(Span, String);

/// Reads everything in the folder; a missing file is no problem.
pub fn read(folder: Option<&Path>) -> Settings {
    let mut settings = Settings::default();
    let Some(folder) = folder else { return settings };
    let mut problems = Vec::new();
    if let Some(text) = load(&folder.join("settings.json"), &mut problems) {
        let wrong = general(&text, &mut settings);
        report(&folder.join("settings.json"), &text, wrong, &mut problems);
    }
    if let Some(text) = load(&folder.join("keys.json"), &mut problems) {
        match keys(&text) {
            Ok(keys) => settings.keys = Some(keys),
            Err(wrong) => report(&folder.join("keys.json"), &text, wrong, &mut problems),
        }
    }
    let mut files: Vec<_> = std::fs::read_dir(folder.join("themes"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    for path in files {
        let Some(name) = path.file_stem().map(|n| n.to_string_lossy().into_owned()) else { continue };
        let Some(text) = load(&path, &mut problems) else { continue };
        match theme(&name, &text) {
            Ok(theme) => settings.themes.push(theme),
            Err(wrong) => report(&path, &text, wrong, &mut problems),
        }
    }
    settings.problems = problems;
    settings
}

/// The text of a file, if it is there and can be read.
fn load(path: &Path, problems: &mut Vec<String>) -> Option<String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return None,
        Err(e) => {
            problems.push(format!("{}: {e}", path.display()));
            return None;
        }
    };
    let mut text = String::new();
    match file.take(MOST + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 <= MOST => return Some(text),
        Ok(_) => problems.push(format!("{}: it is larger than 1 MiB", path.display())),
        Err(e) => problems.push(format!("{}: {e}", path.display())),
    }
    None
}

fn report(path: &Path, text: &str, wrong: Vec<Wrong>, problems: &mut Vec<String>) {
    for Wrong(span, why) in wrong {
        let (line, column) = line_col(text, span.start);
        problems.push(format!("{}:{line}:{column}: {why}", path.display()));
    }
}

fn parse(text: &str) -> Result<Node, Vec<Wrong>> {
    json::read(text).into_result().map_err(|e| vec![Wrong(e.span, e.message)])
}

fn flag(node: &Node) -> Option<bool> {
    if let Value::Bool(flag) = node.value { Some(flag) } else { None }
}

fn general(text: &str, settings: &mut Settings) -> Vec<Wrong> {
    let root = match parse(text) {
        Ok(root) => root,
        Err(wrong) => return wrong,
    };
    let Some(members) = root.as_object() else {
        return vec![Wrong(root.span, format!("settings are an object, and this is {}", root.kind()))];
    };
    let mut wrong = Vec::new();
    for member in members {
        let value = &member.value;
        let expected = match &*member.name {
            "theme" => {
                settings.theme = value.as_str().map(str::to_owned);
                settings.theme.is_none().then_some("the name of a theme")
            }
            "ascii" => {
                settings.ascii = flag(value);
                settings.ascii.is_none().then_some("true or false")
            }
            "mouse" => {
                settings.mouse = flag(value);
                settings.mouse.is_none().then_some("true or false")
            }
            "reduced_motion" => {
                settings.reduced_motion = flag(value);
                settings.reduced_motion.is_none().then_some("true or false")
            }
            other => {
                let why =
                    format!("there is no setting {other:?}; there are theme, ascii, mouse, reduced_motion");
                wrong.push(Wrong(member.name_span, why));
                None
            }
        };
        if let Some(expected) = expected {
            let why = format!("{:?} must be {expected}, and this is {}", member.name, value.kind());
            wrong.push(Wrong(value.span, why));
        }
    }
    wrong
}

/// A row of a person's key map, with the places of its keys.
struct Row {
    binding: Binding,
    keys: Vec<(String, Span)>,
}

/// The built-in key map with a person's rows in it.
fn keys(text: &str) -> Result<KeyMap, Vec<Wrong>> {
    let root = parse(text)?;
    let Some(rows) = root.as_array() else {
        let why = format!("a key map is an array of rows, and this is {}", root.kind());
        return Err(vec![Wrong(root.span, why)]);
    };
    let built_in = KeyMap::embedded();
    let mut wrong = Vec::new();
    let mut own = Vec::new();
    for node in rows {
        match row(node, &built_in) {
            Ok(row) => own.push(row),
            Err(more) => wrong.extend(more),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut merged: Vec<Binding> = built_in.bindings().to_vec();
    for Row { binding, .. } in &own {
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
    let wrong = conflicts(&merged, &own);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    KeyMap::of(merged).map_err(|e| vec![Wrong(root.span, e.to_string())])
}

/// Keys of a person's rows that would do two things in one place.
fn conflicts(merged: &[Binding], own: &[Row]) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (at, row) in own.iter().enumerate() {
        for (key, span) in &row.keys {
            let Some(chord) = KeyMap::chord(key) else { continue };
            for context in &row.binding.contexts {
                let same = |b: &&Binding| {
                    b.contexts.contains(context)
                        && b.action != row.binding.action
                        && b.keys.iter().any(|k| KeyMap::chord(k).as_ref() == Some(&chord))
                };
                let Some(other) = merged.iter().find(same) else { continue };
                // Two rows of one's own are told once, at the later one.
                if own.iter().skip(at + 1).any(|later| later.binding.action == other.action) {
                    continue;
                }
                let place = context.name();
                let why = format!(
                    "{key:?} also means {:?} in the {place}; give that action other keys in a row of its own",
                    other.name
                );
                wrong.push(Wrong(*span, why));
                break;
            }
        }
    }
    wrong
}

fn row(node: &Node, built_in: &KeyMap) -> Result<Row, Vec<Wrong>> {
    let Some(members) = node.as_object() else {
        return Err(vec![Wrong(node.span, format!("a row is an object, and this is {}", node.kind()))]);
    };
    let Some(action_node) = node.get("action") else {
        return Err(vec![Wrong(node.span, "this row lacks \"action\"".to_owned())]);
    };
    let name = action_node.as_str().unwrap_or_default();
    let Some(action) = named::<Action>(name) else {
        let why = format!("there is no action {name:?}; assets/keys.json of the source lists them");
        return Err(vec![Wrong(action_node.span, why)]);
    };
    let mut same = built_in.bindings().iter().filter(|b| b.action == action);
    let Some(first) = same.next() else {
        return Err(vec![Wrong(action_node.span, format!("the action {name:?} has no keys to change"))]);
    };
    let mut binding = first.clone();
    binding.show = None;
    binding.contexts.extend(same.flat_map(|b| b.contexts.iter().copied()));
    let mut wrong = Vec::new();
    let mut keys = None;
    for member in members {
        let value = &member.value;
        match &*member.name {
            // Which rows the footer shows is the program's to say.
            "action" | "footer" | "footer_in" => {}
            "keys" => keys = Some(key_list(value, &mut wrong)),
            "in" => {
                let found: Vec<Option<Context>> =
                    value.as_array().unwrap_or_default().iter().map(|c| named(c.as_str()?)).collect();
                match found.iter().copied().collect::<Option<Vec<_>>>() {
                    Some(contexts) if !contexts.is_empty() => binding.contexts = contexts,
                    _ => wrong.push(Wrong(
                        value.span,
                        format!("\"in\" lists places: {}", Context::NAMES.join(", ")),
                    )),
                }
            }
            "group" | "name" | "help" | "show" => match value.as_str() {
                Some(text) => {
                    let text = text.to_owned();
                    match &*member.name {
                        "group" => binding.group = text,
                        "name" => binding.name = text,
                        "help" => binding.help = text,
                        _ => binding.show = Some(text),
                    }
                }
                None => wrong.push(Wrong(value.span, format!("{:?} is a text", member.name))),
            },
            other => wrong.push(Wrong(member.name_span, format!("a row has no {other:?}"))),
        }
    }
    let Some(keys) = keys else {
        wrong.push(Wrong(node.span, "this row lacks \"keys\"".to_owned()));
        return Err(wrong);
    };
    binding.keys = keys.iter().map(|(key, _)| key.clone()).collect();
    if wrong.is_empty() { Ok(Row { binding, keys }) } else { Err(wrong) }
}

fn key_list(value: &Node, wrong: &mut Vec<Wrong>) -> Vec<(String, Span)> {
    let Some(nodes) = value.as_array() else {
        wrong.push(Wrong(value.span, format!("\"keys\" is an array, and this is {}", value.kind())));
        return Vec::new();
    };
    let mut keys = Vec::new();
    for node in nodes {
        match node.as_str() {
            Some(key) if KeyMap::chord(key).is_some() => keys.push((key.to_owned(), node.span)),
            _ => {
                let why = "unknown key; write for instance \"s\", \"ctrl-s\", \"tab\", \"f5\"".to_owned();
                wrong.push(Wrong(node.span, why));
            }
        }
    }
    keys
}

/// What the key map calls something.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<NameError>::new(name)).ok()
}

fn theme(name: &str, text: &str) -> Result<Theme, Vec<Wrong>> {
    let root = parse(text)?;
    let Some(members) = root.as_object() else {
        return Err(vec![Wrong(root.span, format!("a theme is an object, and this is {}", root.kind()))]);
    };
    let mut wrong = Vec::new();
    if ThemeName::parse(name).is_some() {
        wrong.push(Wrong(root.span, format!("{name:?} is a built-in theme; give the file another name")));
    }
    let base = root.get("base");
    let base = match base.map(|b| (b, b.as_str().and_then(ThemeName::parse))) {
        Some((_, Some(base))) => base,
        Some((node, None)) => {
            let known = ThemeName::ALL.map(ThemeName::as_str).join(", ");
            wrong.push(Wrong(node.span, format!("\"base\" is one of {known}")));
            ThemeName::Ansi
        }
        None => ThemeName::Ansi,
    };
    let mut theme = Theme::new(base);
    theme.own = Some(name.to_owned());
    for member in members {
        match &*member.name {
            "base" => {}
            "styles" => {
                let Some(styles) = member.value.as_object() else {
                    wrong.push(Wrong(
                        member.value.span,
                        "\"styles\" is an object: a style for each role".to_owned(),
                    ));
                    continue;
                };
                for role in styles {
                    match (theme.role_mut(&role.name), style(&role.value)) {
                        (Some(place), Ok(style)) => *place = style,
                        (None, _) => {
                            let known = Theme::ROLES.join(", ");
                            let why = format!("there is no role {:?}; there are {known}", role.name);
                            wrong.push(Wrong(role.name_span, why));
                        }
                        (_, Err(Wrong(span, why))) => wrong.push(Wrong(span, why)),
                    }
                }
            }
            other => {
                wrong.push(Wrong(
                    member.name_span,
                    format!("a theme has \"base\" and \"styles\", no {other:?}"),
                ));
            }
        }
    }
    if wrong.is_empty() { Ok(theme) } else { Err(wrong) }
}

/// A colour, or an object of `fg`, `bg`, `bold`, `dim`, `italic`, `underline`, `reverse`.
fn style(node: &Node) -> Result<Style, Wrong> {
    if node.as_str().is_some() {
        return Ok(Style::new().fg(colour(node)?));
    }
    let Some(members) = node.as_object() else {
        return Err(Wrong(
            node.span,
            format!("a style is a colour or an object, and this is {}", node.kind()),
        ));
    };
    let mut style = Style::new();
    for member in members {
        let modifier = match &*member.name {
            "fg" => {
                style = style.fg(colour(&member.value)?);
                continue;
            }
            "bg" => {
                style = style.bg(colour(&member.value)?);
                continue;
            }
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underline" => Modifier::UNDERLINED,
            "reverse" => Modifier::REVERSED,
            other => {
                let why =
                    format!("a style has fg, bg, bold, dim, italic, underline and reverse, no {other:?}");
                return Err(Wrong(member.name_span, why));
            }
        };
        match flag(&member.value) {
            Some(true) => style = style.add_modifier(modifier),
            Some(false) => {}
            None => return Err(Wrong(member.value.span, format!("{:?} is true or false", member.name))),
        }
    }
    Ok(style)
}

fn colour(node: &Node) -> Result<Color, Wrong> {
    let read = node.as_str().and_then(|text| text.parse().ok());
    read.ok_or_else(|| {
        Wrong(
            node.span,
            "a colour is a name such as \"cyan\", a number to \"255\", or \"#rrggbb\"".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        folder
    }

    #[test]
    fn nothing_is_no_problem() {
        let settings = read(Some(folder(&[]).path()));
        assert!(settings.problems.is_empty() && settings.keys.is_none() && settings.themes.is_empty());
        assert!(read(None).problems.is_empty());
    }

    #[test]
    fn what_is_right_is_taken_over() {
        let own = folder(&[
            ("settings.json", r#"{"theme": "mine", "ascii": true, "mouse": false}"#),
            (
                "keys.json",
                r#"[{"action": "hint", "keys": ["H"]}, {"action": "run", "keys": ["h", "s"]},
                    {"action": "cue-on", "keys": ["n"]}]"#,
            ),
            (
                "themes/mine.json",
                r##"{"base": "dark", "styles": {"accent": "#ff8800", "denied": {"fg": "red", "bold": true}}}"##,
            ),
        ]);
        let settings = read(Some(own.path()));
        assert_eq!(settings.problems, Vec::<String>::new());
        assert_eq!(
            (settings.theme.as_deref(), settings.ascii, settings.mouse),
            (Some("mine"), Some(true), Some(false))
        );
        let keys = settings.keys.expect("merged");
        let key = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        let action = |c| keys.find(Context::Lab, key(c)).map(|(action, _)| action);
        assert_eq!(
            (action('H'), action('h'), action('s')),
            (Some(Action::Hint), Some(Action::Run), Some(Action::Run))
        );
        assert_eq!(action('e'), Some(Action::Edit), "the others stay");
        let presenting = keys.find(Context::Present, key('n')).map(|(action, _)| action);
        assert_eq!((presenting, action('n')), (Some(Action::CueOn), Some(Action::Next)));
        assert_eq!(keys.bindings().len(), KeyMap::embedded().bindings().len());
        let theme = &settings.themes[0];
        assert_eq!(theme.accent.fg, Some(Color::Rgb(0xff, 0x88, 0)));
        assert!(theme.denied.add_modifier.contains(Modifier::BOLD));
        assert_eq!(theme.allowed, Theme::new(ThemeName::Dark).allowed);
        assert_eq!(theme.own.as_deref(), Some("mine"));
    }

    #[test]
    fn mistakes_name_their_place_and_change_nothing() {
        let cases = [
            (
                "keys.json",
                "[{\"action\": \"fly\", \"keys\": []}]",
                "keys.json:1:13: there is no action \"fly\"",
            ),
            (
                "keys.json",
                "[\n {\"action\": \"hint\", \"keys\": [\"hyper-x\"]}]",
                "keys.json:2:30: unknown key",
            ),
            (
                "keys.json",
                "[{\"action\": \"hint\", \"keys\": [\"s\"]}]",
                "keys.json:1:30: \"s\" also means \"scan\" in the lab",
            ),
            (
                "keys.json",
                "[{\"action\": \"hint\", \"keys\": [\"f9\"]},\n{\"action\": \"why\", \"keys\": [\"f9\"]}]",
                "keys.json:2:28: \"f9\" also means \"hint\" in the lab",
            ),
            ("keys.json", "[{\"action\": \"hint\"}]", "keys.json:1:2: this row lacks \"keys\""),
            (
                "keys.json",
                "[{\"action\": \"hint\", \"keys\": [], \"in\": [\"sky\"]}]",
                "keys.json:1:39: \"in\" lists places",
            ),
            ("keys.json", "{}", "keys.json:1:1: a key map is an array of rows"),
            ("keys.json", "[{\"action\": \"hint\", \"keys\": []", "keys.json:1:"),
            ("settings.json", "{\"theme\": 3}", "settings.json:1:11: \"theme\" must be the name of a theme"),
            ("settings.json", "{\"colour\": 3}", "settings.json:1:2: there is no setting \"colour\""),
            ("themes/a.json", "{\"styles\": {\"sky\": \"blue\"}}", "a.json:1:13: there is no role \"sky\""),
            ("themes/a.json", "{\"styles\": {\"dim\": \"bluish\"}}", "a.json:1:20: a colour is"),
            ("themes/a.json", "{\"base\": \"none\"}", "a.json:1:10: \"base\" is one of ansi"),
            ("themes/dark.json", "{}", "dark.json:1:1: \"dark\" is a built-in theme"),
        ];
        for (name, text, want) in cases {
            let settings = read(Some(folder(&[(name, text)]).path()));
            assert!(settings.keys.is_none() && settings.themes.is_empty(), "{text}");
            assert!(settings.problems.iter().any(|p| p.contains(want)), "{text}: {:?}", settings.problems);
        }
    }

    #[test]
    fn every_role_can_be_set() {
        let roles: Vec<String> = Theme::ROLES.iter().map(|role| format!("{role:?}: \"red\"")).collect();
        let text = format!("{{\"styles\": {{{}}}}}", roles.join(", "));
        let settings = read(Some(folder(&[("themes/red.json", &text)]).path()));
        assert_eq!(settings.problems, Vec::<String>::new());
        assert_eq!(settings.themes[0].selection.fg, Some(Color::Red));
    }
}
