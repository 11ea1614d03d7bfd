//! What terminals have told of their backgrounds, kept so that the next start looks right at its first frame: an answer may
//! come late, and `kmslab` and `kmslab play` are to look alike.
//!
//! One file in the folder where labs are kept, a line a terminal: `light` or `dark`, then what the environment calls the
//! terminal. A file that cannot be read is no file, and one that cannot be written is left as it is: nothing is lost with it.

use std::path::Path;

use crate::lab::disk::Disk;
use crate::limits::file;
use crate::limits::screen::{TERMINAL_NAME, TERMINALS, TERMINALS_FILE};

/// The name of the file.
const FILE: &str = "terminals";

/// The variables that tell one terminal from another.
const VARIABLES: [&str; 3] = ["TERM", "TERM_PROGRAM", "COLORTERM"];

/// What is taken of the value of each: with the blanks between them all fit into a name.
const PART: usize = TERMINAL_NAME.size() / VARIABLES.len() - 1;

/// What the environment calls a terminal, the variables one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Returns the name that variables give, each asked for by its own name. What cannot stand in a line is left out.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let part = |name: &&str| {
            let value = variable(name).unwrap_or_default();
            let graphic = value.chars().filter(char::is_ascii_graphic);
            graphic.take(PART).collect::<String>()
        };
        Self(VARIABLES.iter().map(part).collect::<Vec<_>>().join(" "))
    }

    /// Returns the name of the terminal that the program runs in.
    pub fn of_environment() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }
}

/// What is known of terminals, the one that told last first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminals(Vec<(Name, bool)>);

impl Terminals {
    /// Reads the lines of the file. What is no such line is passed over, and of too many the first are taken.
    pub fn read(text: &str) -> Self {
        let line = |line: &str| {
            let (told, name) = line.split_once(' ')?;
            let light = match told {
                "light" => true,
                "dark" => false,
                _ => return None,
            };
            let sound = name.chars().all(|c| c == ' ' || c.is_ascii_graphic());
            (sound && TERMINAL_NAME.check(name.len()).is_ok()).then(|| (Name(name.to_owned()), light))
        };
        Self(text.lines().filter_map(line).take(TERMINALS.size()).collect())
    }

    /// Returns the lines of the file.
    pub fn written(&self) -> String {
        let line = |(Name(name), light): &(Name, bool)| {
            format!("{} {name}\n", if *light { "light" } else { "dark" })
        };
        self.0.iter().map(line).collect()
    }

    /// Whether a terminal has a light background, if it has told.
    pub fn is_light(&self, name: &Name) -> Option<bool> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, light)| *light)
    }

    /// Notes what a terminal has told. The one that told longest ago goes where there are too many.
    pub fn note(&mut self, name: Name, light: bool) {
        self.0.retain(|(known, _)| *known != name);
        self.0.insert(0, (name, light));
        self.0.truncate(TERMINALS.size());
    }

    /// Reads the file in a folder; what cannot be read is as if nothing had been told.
    pub fn in_folder(folder: &Path) -> Self {
        let text = file::read_text(&folder.join(FILE), &TERMINALS_FILE);
        text.map(|text| Self::read(&text)).unwrap_or_default()
    }

    /// Writes down in a folder what a terminal has told, unless that stands there. Another process may write at the same
    /// time: the file is always whole, and one of two answers may have to be given again.
    pub fn keep(folder: &Path, name: Name, light: bool) -> std::io::Result<()> {
        let mut known = Self::in_folder(folder);
        if known.is_light(&name) == Some(light) {
            return Ok(());
        }
        known.note(name, light);
        let disk = Disk::default();
        disk.make_folder(folder)?;
        disk.replace(&folder.join(FILE), known.written().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(of: &str) -> Name {
        Name::of(|variable| Some(format!("{of}-{variable}")))
    }

    #[test]
    fn what_a_terminal_told_is_known_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("not there yet");
        assert_eq!(Terminals::in_folder(&state).is_light(&name("tmux")), None);
        for light in [true, false, false, true] {
            Terminals::keep(&state, name("tmux"), light).expect("it is written");
            Terminals::keep(&state, name("xterm"), !light).expect("it is written");
            let known = Terminals::in_folder(&state);
            assert_eq!(
                (known.is_light(&name("tmux")), known.is_light(&name("xterm"))),
                (Some(light), Some(!light))
            );
            assert_eq!(known.is_light(&name("kitty")), None);
        }
    }

    #[test]
    fn it_holds_no_more_than_so_many_and_is_never_too_long() {
        let mut known = Terminals::default();
        for number in 0..3 * TERMINALS.size() {
            known.note(Name::of(|_| Some(format!("{number}{}", "x".repeat(500)))), number % 2 == 0);
        }
        assert_eq!(known.0.len(), TERMINALS.size());
        let text = known.written();
        assert!(TERMINALS_FILE.check(text.len()).is_ok(), "{}", text.len());
        assert_eq!(Terminals::read(&text), known);
    }

    #[test]
    fn what_is_no_line_of_it_is_passed_over() {
        let long = "x".repeat(TERMINAL_NAME.size() + 1);
        for (text, known) in [
            ("", 0),
            ("light xterm  truecolor\n", 1),
            ("dark xterm\nlight", 1),
            ("pink xterm\ndark tmux a b\n\n  \n", 1),
            ("light \u{1b}]11;x\n", 0),
            ("light \u{e9}\n", 0),
            (&format!("light {long}\n"), 0),
        ] {
            assert_eq!(Terminals::read(text).0.len(), known, "{text:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_to_be_read_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        std::fs::write(&path, [0xff, 0xfe]).expect("written");
        assert_eq!(Terminals::in_folder(folder.path()), Terminals::default());
        std::fs::write(&path, "light x\n".repeat(TERMINALS_FILE.size())).expect("written");
        assert_eq!(Terminals::in_folder(folder.path()), Terminals::default());
        // It is made anew.
        Terminals::keep(folder.path(), name("tmux"), true).expect("it is written");
        assert_eq!(Terminals::in_folder(folder.path()).is_light(&name("tmux")), Some(true));
    }
}
