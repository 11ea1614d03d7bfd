//! A person's own files: settings, key map and themes, in `$XDG_CONFIG_HOME/kmslab`.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings.json` | `{"theme": "dark", "ascii": false, "mouse": true, "reduced_motion": false}`, each of them optional |
//! | `keys.json` | rows as in `assets/keys.json`, of which `action` and `keys` are enough; each takes the place of the built-in keys of its action |
//! | `themes/NAME.json` | `{"base": "dark", "styles": {"accent": "#ff8800", "denied": {"fg": "red", "bold": true}}}` |
//!
//! A file that cannot be used changes nothing: the built-in values hold, and what is wrong is said with its place.

mod file;
mod key_rows;
mod theme;

use std::path::Path;

use serde::Deserialize;

use super::keys::KeyMap;
use super::theme::Theme;
use crate::limits::screen::THEMES;
use file::File;

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
    /// The built-in key map with a person's rows in it, if there are any.
    pub keys: Option<KeyMap>,
    /// Themes that a person wrote, by name.
    pub themes: Vec<Theme>,
    /// What could not be used: file, line, column and reason.
    pub problems: Vec<String>,
}

/// One member of `settings.json`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Setting {
    Theme(String),
    Ascii(bool),
    Mouse(bool),
    ReducedMotion(bool),
}

/// Reads everything in the folder; a missing file is no problem.
pub fn read(folder: Option<&Path>) -> Settings {
    let mut settings = Settings::default();
    let Some(folder) = folder else { return settings };
    let mut problems = Vec::new();
    if let Some(mut file) = File::open(folder.join("settings.json"), &mut problems) {
        general(&mut file, &mut settings);
        problems.append(&mut file.told());
    }
    if let Some(mut file) = File::open(folder.join("keys.json"), &mut problems) {
        settings.keys = key_rows::read(&mut file);
        problems.append(&mut file.told());
    }
    let mut themes: Vec<_> = std::fs::read_dir(folder.join("themes"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    themes.sort();
    if let Err(exceeded) = THEMES.check(themes.len()) {
        problems.push(format!("{}: {exceeded}; the first are used", folder.join("themes").display()));
        themes.truncate(THEMES.size());
    }
    for path in themes {
        let Some(mut file) = File::open(path, &mut problems) else { continue };
        settings.themes.extend(theme::read(&mut file));
        problems.append(&mut file.told());
    }
    settings.problems = problems;
    settings
}

/// Takes over each setting that can be read, whatever is wrong with the others.
fn general(file: &mut File, settings: &mut Settings) {
    let Some(root) = file.root() else { return };
    for (_, setting) in file.parts("setting", &root) {
        match setting {
            Setting::Theme(name) => settings.theme = Some(name),
            Setting::Ascii(on) => settings.ascii = Some(on),
            Setting::Mouse(on) => settings.mouse = Some(on),
            Setting::ReducedMotion(on) => settings.reduced_motion = Some(on),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::screen::{KEYS, PROBLEMS};
    use crate::tui::keys::{Action, Context};
    use crate::tui::theme::ThemeName;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use ratatui::style::{Color, Modifier};

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
                "keys.json:1:13: unknown action `fly`; assets/keys.json",
            ),
            (
                "keys.json",
                "[\n {\"action\": \"hint\", \"keys\": [\"hyper-x\"]}]",
                "keys.json:2:30: unknown key",
            ),
            (
                "keys.json",
                "[{\"action\": \"hint\", \"keys\": [\"s\"]}]",
                "keys.json:1:30: `s` also means `scan` in the lab",
            ),
            (
                "keys.json",
                "[{\"action\": \"hint\", \"keys\": [\"f9\"]},\n{\"action\": \"why\", \"keys\": [\"f9\"]}]",
                "keys.json:2:28: `f9` also means `hint` in the lab",
            ),
            ("keys.json", "[{\"action\": \"hint\"}]", "keys.json:1:2: this row lacks `keys`"),
            (
                "keys.json",
                "[{\"action\": \"hint\", \"keys\": [], \"in\": [\"sky\"]}]",
                "keys.json:1:39: `in`: unknown name `sky`, expected one of `home`, `lab`",
            ),
            ("keys.json", "{}", "keys.json:1:1: a key map is an array of rows"),
            ("keys.json", "[{\"action\": \"hint\", \"keys\": []", "keys.json:1:"),
            (
                "settings.json",
                "{\"theme\": 3}",
                "settings.json:1:11: `theme`: invalid type: integer `3`, expected a string",
            ),
            (
                "settings.json",
                "{\"colour\": 3}",
                "settings.json:1:2: unknown setting `colour`, expected one of `theme`, `ascii`",
            ),
            (
                "themes/a.json",
                "{\"styles\": {\"sky\": \"blue\"}}",
                "a.json:1:13: unknown role `sky`, expected one of `text`",
            ),
            ("themes/a.json", "{\"styles\": {\"dim\": \"bluish\"}}", "a.json:1:20: a colour is"),
            (
                "themes/a.json",
                "{\"base\": \"none\"}",
                "a.json:1:10: `base`: unknown name `none`, expected one of `ansi`",
            ),
            ("themes/a.json", "{\"styles\": {\"dim\": {\"bold\": 1}}}", "a.json:1:29: `bold`: invalid type"),
            (
                "themes/a.json",
                "{\"styles\": {\"dim\": {\"blink\": true}}}",
                "a.json:1:21: unknown part of a style `blink`, expected one of `fg`",
            ),
            ("themes/a.json", "{\"styles\": 1}", "a.json:1:12: `styles` has a style for each role"),
            (
                "themes/a.json",
                "{\"style\": 1}",
                "a.json:1:2: unknown member `style`, expected `base` or `styles`",
            ),
            ("settings.json", "[]", "settings.json:1:1: expected an object of settings, found an array"),
            ("themes/dark.json", "{}", "dark.json:1:1: `dark` is a built-in theme"),
        ];
        for (name, text, want) in cases {
            let settings = read(Some(folder(&[(name, text)]).path()));
            assert!(settings.keys.is_none() && settings.themes.is_empty(), "{text}");
            assert!(settings.problems.iter().any(|p| p.contains(want)), "{text}: {:?}", settings.problems);
        }
    }

    #[test]
    fn the_settings_of_the_first_version_are_read() {
        let text = include_str!("../../../tests/data/kmslab-0.1.0/settings.json");
        let settings = read(Some(folder(&[("settings.json", text)]).path()));
        assert_eq!(settings.problems, Vec::<String>::new());
        assert_eq!(settings.theme.as_deref(), Some("high-contrast"));
        assert_eq!(
            (settings.ascii, settings.mouse, settings.reduced_motion),
            (Some(true), Some(false), Some(true))
        );
    }

    #[test]
    fn one_setting_that_is_wrong_loses_no_other() {
        let text =
            "{\"theme\": 3, \"ascii\": true,\n \"sound\": true, \"mouse\": \"no\", \"reduced_motion\": true}";
        let settings = read(Some(folder(&[("settings.json", text)]).path()));
        assert_eq!((settings.ascii, settings.reduced_motion), (Some(true), Some(true)));
        assert_eq!((settings.theme, settings.mouse), (None, None));
        let places: Vec<&str> =
            settings.problems.iter().map(|p| &p[p.find(".json").expect("named")..]).collect();
        let [theme, sound, mouse] = places[..] else { panic!("{places:?}") };
        assert!(theme.starts_with(".json:1:11: `theme`: "), "{theme}");
        assert!(sound.starts_with(".json:2:2: unknown setting `sound`, "), "{sound}");
        assert!(mouse.starts_with(".json:2:26: `mouse`: "), "{mouse}");
    }

    #[test]
    fn many_mistakes_are_told_in_part_and_read_in_one_pass() {
        let read_with = |roles: usize| {
            let roles: Vec<String> = (0..roles).map(|n| format!("\n\"role-{n:05}\": \"red\"")).collect();
            let text = format!("{{\"styles\": {{{}}}}}", roles.join(","));
            let own = folder(&[("themes/mine.json", &text)]);
            (crate::limits::steps::counted(|| read(Some(own.path()))), text.len())
        };
        let ((settings, steps), length) = read_with(40_000);
        let all = PROBLEMS.size();
        assert_eq!(settings.problems.len(), all + 1, "{:?}", settings.problems.last());
        assert!(settings.problems[all].ends_with(&format!("mine.json: {} more mistakes", 40_000 - all)));
        assert!(settings.problems[1].contains("mine.json:3:1: unknown role `role-00001`"));
        assert!(steps <= 10 * length as u64, "{steps} steps for {length} bytes");
        assert_eq!(read_with(all).0.0.problems.len(), all, "nothing is left to count");
        let key = "\"x\",".repeat(KEYS.size() + 1);
        let text = format!("[{{\"action\": \"hint\", \"keys\": [{}]}}]", key.trim_end_matches(','));
        let settings = read(Some(folder(&[("keys.json", &text)]).path()));
        assert!(settings.problems[0].contains("the limit `keys`"), "{:?}", settings.problems);
        assert!(settings.keys.is_none());
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
