//! The scenarios inside the program.

use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::format::{Level, Myth, Source};
use super::reader;
use super::{Scenario, ScenarioError};

/// A scenario that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedded {
    pub id: &'static str,
    pub text: &'static str,
}

/// What a list says of a scenario.
#[derive(Clone, Debug, Deserialize)]
pub struct Outline {
    pub id: String,
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    #[serde(default)]
    pub level: Level,
    /// The lessons, a sentence each.
    #[serde(default)]
    pub teaches: Vec<String>,
    /// The scenarios it builds on.
    #[serde(default)]
    pub requires: Vec<String>,
    /// The misconceptions it clears up.
    #[serde(default)]
    pub myths: Vec<Myth>,
    /// The documents that say so.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What has happened so far.
    #[serde(default)]
    pub story: Vec<String>,
    /// The tasks, of which only the number counts.
    #[serde(default)]
    pub tasks: Vec<IgnoredAny>,
}

impl Embedded {
    /// What errors call it.
    pub fn file(&self) -> String {
        format!("scenarios/{}.json", self.id)
    }

    /// Reads what a list says of it, and nothing else: a list is there before anybody can have chosen.
    pub fn outline(&self) -> Option<Outline> {
        serde_json::from_str(&reader::filled(self.text)).ok()
    }

    /// Returns what decides in the scenario, without its words: two texts that give the same lead from the same steps to
    /// the same end.
    pub fn decides(&self) -> String {
        super::decides::without_words(self.text)
    }

    /// Reads the scenario from its text.
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        reader::read(&self.file(), self.text)
    }
}

macro_rules! embedded {
    ($($id:literal),+ $(,)?) => {
        &[$(Embedded { id: $id, text: include_str!(concat!("../../scenarios/", $id, ".json")) }),+]
    };
}

static EMBEDDED: &[Embedded] = embedded![
    "a0-first-minute",
    "a1-lock-a-table",
    "a2-full-access-denied",
    "a3-key-policy-door",
    "a4-iam-door",
    "a5-three-kinds-of-key",
    "a6-wall-is-not-a-lock",
    "a7-tess-writes",
    "a9-the-library",
    "b1-account-line",
    "b2-read-the-error",
    "b3-explicit-deny",
    "b4-admins-who-cannot-read",
    "b5-front-desk",
    "b6-on-the-way",
    "b9-the-theatre",
    "c1-revoked-still-reading",
    "c2-valet-key",
    "c3-rotation",
    "c4-change-of-keys",
    "c5-off-then-gone",
    "c6-clean-up",
    "c9-the-ferry",
    "d1-door-behind-you",
    "d2-locked-out",
    "d3-ghost-in-the-policy",
    "d9-harbour-handover",
    "e1-creategrant-is-decrypt",
    "e2-policy-writer",
    "e3-service-that-copies",
    "e4-letter-on-monday",
    "e5-two-hundred-records",
    "e9-auction-day",
    "f1-neighbour-one-table",
    "f2-keys-by-team",
    "f3-rule-from-above",
    "f4-two-limits",
    "f5-fourteen-statements",
    "f6-what-friday-left",
    "f7-the-pipelines-lock",
    "f9-zoo-and-aquarium",
    "g1-envelope-by-hand",
    "g2-one-attribute",
    "g3-one-key-out",
];

macro_rules! accounts {
    ($($id:literal),+ $(,)?) => {
        &[$(Embedded { id: $id, text: include_str!(concat!("../../assets/accounts/", $id, ".json")) }),+]
    };
}

static ACCOUNTS: &[Embedded] = accounts!["free-empty", "free-sample"];

/// Accounts to play in freely: scenarios without a task.
pub fn accounts() -> &'static [Embedded] {
    ACCOUNTS
}

/// All scenarios of the program, in the order of the course.
pub fn embedded() -> &'static [Embedded] {
    EMBEDDED
}

/// Which of many a test takes that takes long with each: each third where `KMSLAB_EACH` is 3, else all.
///
/// # Panics
///
/// Where `KMSLAB_EACH` is no number from 1 on.
#[cfg(test)]
pub fn in_turn() -> usize {
    let step = std::env::var("KMSLAB_EACH").map_or(1, |n| n.parse().expect("KMSLAB_EACH is a number"));
    assert!(step > 0, "KMSLAB_EACH is a number from 1 on");
    step
}

/// The scenarios that such a test goes through.
#[cfg(test)]
pub fn embedded_in_turn() -> impl Iterator<Item = &'static Embedded> {
    embedded().iter().step_by(in_turn())
}

/// Whether a name is a file's rather than an id.
pub fn is_file_name(name: &str) -> bool {
    name.contains('/')
        || Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// Finds an embedded scenario by its id, which may be shortened while only one begins so.
pub fn find_embedded(name: &str) -> Result<&'static Embedded, ScenarioError> {
    let wanted = name.to_lowercase();
    if let Some(exact) = EMBEDDED.iter().chain(ACCOUNTS).find(|e| e.id == wanted) {
        return Ok(exact);
    }
    let fitting: Vec<_> =
        EMBEDDED.iter().chain(ACCOUNTS).filter(|e| !wanted.is_empty() && e.id.starts_with(&wanted)).collect();
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
    fn every_file_of_the_folder_is_embedded_under_its_id() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder exists")
            .map(|entry| entry.expect("it can be listed").file_name().into_string().expect("names are UTF-8"))
            .collect();
        files.sort();
        let mut known: Vec<String> = EMBEDDED.iter().map(|e| format!("{}.json", e.id)).collect();
        known.sort();
        assert_eq!(files, known);
        for entry in EMBEDDED {
            let scenario = entry.read().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(scenario.id, entry.id);
            let outline = entry.outline().expect("what can be read has an outline");
            assert_eq!(
                (outline.id, outline.title, outline.story, outline.tasks.len()),
                (scenario.id, scenario.title, scenario.story, scenario.tasks.len())
            );
        }
    }

    #[test]
    fn the_accounts_can_be_set_up() {
        for account in ACCOUNTS {
            let scenario = account.read().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(scenario.id, account.id);
            assert!(scenario.tasks.is_empty());
            let stage = scenario.build().unwrap_or_else(|e| panic!("{e}"));
            assert!(!stage.personas.is_empty());
        }
    }

    #[test]
    fn an_id_may_be_shortened_while_only_one_begins_so() {
        for name in ["a3", "A3", "a3-key", "a3-key-policy-door"] {
            assert_eq!(find_embedded(name).map(|e| e.id), Ok("a3-key-policy-door"), "{name}");
        }
        let many = find_embedded("a").expect_err("several begin with a");
        assert!(many.to_string().starts_with("`a` could be any of: a"), "{many}");
        for name in ["", "zz", "a3-key-policy-doors", "\u{1b}[31m"] {
            let error = find_embedded(name).expect_err(name);
            assert!(matches!(error, ScenarioError::Unknown { .. }));
            assert!(!error.to_string().contains('\u{1b}'));
        }
    }
}
