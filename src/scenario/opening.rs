//! From a name to a [`Scenario`]: one of the program, a file, or a file that translates one of these.

use std::path::Path;

use super::library::{find_embedded, is_file_name};
use super::reader::{self, Readable};
use super::{Scenario, ScenarioError, translation};
use crate::limits::file::Given;

/// Finds a scenario: a file if the name has a `/` or ends in `.json`, else an embedded one. The id of an embedded one
/// may be shortened while only one begins so.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    if is_file_name(name) {
        reader::read(name, &read_text(Path::new(name), Given::ByName)?)
    } else {
        find_embedded(name)?.read()
    }
}

/// A scenario with what must stay so for what was done in it to be done again.
#[derive(Clone, Debug)]
pub struct Opened {
    pub scenario: Scenario,
    /// What decides in it, see [`super::Embedded::decides`].
    pub decides: String,
    /// All of it, its words included.
    pub text: String,
    /// True for a file of the person's own, false for a scenario of the program.
    pub own: bool,
}

/// Finds a scenario as [`find`] does. A file is read once: it may be a pipe where its name was given on the command line.
pub fn open(name: &str, given: Given) -> Result<Opened, ScenarioError> {
    if is_file_name(name) {
        let text = read_text(Path::new(name), given)?;
        let scenario = reader::read(name, &text)?;
        let decides = super::decides::without_words(&text);
        return Ok(Opened { scenario, decides, text, own: true });
    }
    let embedded = find_embedded(name)?;
    let (decides, text) = (embedded.decides(), embedded.text.to_owned());
    Ok(Opened { scenario: embedded.read()?, decides, text, own: false })
}

/// Reads a scenario from a file, and says everything that is wrong with it, see [`reader::read_with_problems`].
pub fn read_file_with_problems(path: &Path, given: Given) -> Result<Readable, ScenarioError> {
    let text = read_text(path, given)?;
    reader::read_with_problems(&path.display().to_string(), &text)
}

/// Reads the text of a scenario's file; that of a translation is the scenario's in its words.
fn read_text(path: &Path, given: Given) -> Result<String, ScenarioError> {
    translation::resolved(path, reader::text_of_file(path, given)?)
}

/// Reads every scenario that a file is, see [`reader::read_all`].
pub fn read_file_all(path: &Path, given: Given) -> Result<Vec<Readable>, ScenarioError> {
    let text = read_text(path, given)?;
    reader::read_all(&path.display().to_string(), &text)
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
