//! The scenarios inside the program, and how one is found by its name.

use std::path::Path;

use super::{Scenario, ScenarioError, reader};

/// A scenario that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Its id.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Embedded {
    /// What errors call it.
    pub fn file(&self) -> String {
        format!("scenarios/{}.json", self.id)
    }

    /// Reads it.
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        reader::read(&self.file(), self.text)
    }
}

macro_rules! embedded {
    ($($id:literal),* $(,)?) => {
        &[$(Embedded { id: $id, text: include_str!(concat!("../../scenarios/", $id, ".json")) }),*]
    };
}

static EMBEDDED: &[Embedded] = embedded![];

/// All scenarios of the program, in the order of the course.
pub fn embedded() -> &'static [Embedded] {
    EMBEDDED
}

/// Finds a scenario: a file if the name has a `/` or ends in `.json`, else an embedded one. The id of an embedded one
/// may be shortened while only one begins so.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    if is_file_name(name) { reader::read_file(Path::new(name)) } else { find_embedded(name)?.read() }
}

/// Whether a name is a file's rather than an id.
pub fn is_file_name(name: &str) -> bool {
    name.contains('/')
        || Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// Finds an embedded scenario by its id, which may be shortened while only one begins so.
pub fn find_embedded(name: &str) -> Result<&'static Embedded, ScenarioError> {
    let wanted = name.to_lowercase();
    if let Some(exact) = EMBEDDED.iter().find(|e| e.id == wanted) {
        return Ok(exact);
    }
    let fitting: Vec<_> =
        EMBEDDED.iter().filter(|e| !wanted.is_empty() && e.id.starts_with(&wanted)).collect();
    match fitting.as_slice() {
        [only] => Ok(only),
        [] => Err(ScenarioError::Unknown { wanted: shown(name) }),
        many => {
            let candidates = many.iter().map(|e| e.id.to_owned()).collect();
            Err(ScenarioError::Ambiguous { wanted: shown(name), candidates })
        }
    }
}

/// A name as it may be printed: short, and without anything a terminal would obey.
fn shown(name: &str) -> String {
    name.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_slash_or_the_ending_is_a_file() {
        for name in ["./nowhere", "nowhere.json", "nowhere.JSON", "/"] {
            assert!(matches!(find(name), Err(ScenarioError::Unreadable { .. })), "{name}");
        }
    }
}
