//! What can be wrong with a scenario, worded so that its author, or the person who typed its name, knows what to do.

use super::FORMAT;

/// Why a scenario cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// No embedded scenario has that name.
    #[error(
        "there is no scenario `{wanted}`; `kmslab list` shows all of them, and a file needs a `/` or the ending .json"
    )]
    Unknown {
        /// What was asked for.
        wanted: String,
    },
    /// Several embedded scenarios have names that begin so.
    #[error("`{wanted}` could be any of: {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        candidates: Vec<String>,
    },
    /// The file cannot be read.
    #[error("{file}: {reason}")]
    Unreadable {
        file: String,
        /// What the operating system says.
        reason: String,
    },
    /// The file is written in a newer format.
    #[error(
        "{file}: written in format {found}; this kmslab reads format {FORMAT}: get a newer kmslab to play it"
    )]
    Newer {
        file: String,
        /// The format it names.
        found: String,
    },
    /// The text is wrong at one place: not JSON, not the format, or a name that stands for nothing.
    #[error("{file}:{line}:{column}: {message}")]
    Place {
        file: String,
        /// The line's number, counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What is wrong, and the remedy.
        message: String,
    },
    /// Several things are wrong with the text.
    #[error("{}", all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several {
        /// All of them, in order.
        all: Vec<ScenarioError>,
    },
    /// More problems than are told.
    #[error("{file}: and {more} more")]
    More {
        file: String,
        /// The number of problems that are left out.
        more: usize,
    },
    /// The scenario asks for more than a limit allows.
    #[error("{file}: {reason}; {remedy}")]
    Limit {
        file: String,
        /// The limit, and what is beyond it.
        reason: String,
        remedy: &'static str,
    },
    /// The simulated cloud refused something that the world of the scenario needs.
    #[error("{file}: the world cannot be set up: {what}: {reason}")]
    World {
        file: String,
        /// What was being made.
        what: String,
        /// What the cloud answered.
        reason: String,
    },
}
