//! The scenario format: what an author writes, as types.
//!
//! Data only: nothing here runs anything. Reading lives in `reader`, checking that references hold in `validate`.
//! Policies stay in their own JSON, so that an author can paste them from AWS.
//!
//! | file | what |
//! |---|---|
//! | `mod` | the scenario itself: its head |
//! | `world` | the world it begins in |
//! | `tasks` | what the learner is offered, asked and told |
//! | `steps` | calls, waiting, answers, and the paths made of them |
//! | `checks` | what can be asked of a world |

mod checks;
mod steps;
mod tasks;
mod world;

use std::fmt;

use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::cloud::Fidelity;

pub use checks::*;
pub use steps::*;
pub use tasks::*;
pub use world::*;

/// The version of the format that this program reads.
pub const FORMAT: u64 = 1;

/// One lesson: a world, what to do in it, and how to know that it is done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where a text editor finds the format's JSON schema; of no meaning here.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// The version of the format.
    pub format: u64,
    /// A short name, unique among all scenarios, such as `a3-key-policy-door`.
    pub id: String,
    /// What people read in a list, at most 60 characters.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// For whom.
    #[serde(default)]
    pub level: Level,
    /// Ideas it teaches. Another scenario may require them.
    pub teaches: Vec<String>,
    /// Ideas that another scenario must have taught before.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Misconceptions it clears up.
    #[serde(default)]
    pub myths: Vec<Myth>,
    /// Where AWS says so.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Decides every random number of the world.
    #[serde(default)]
    pub seed: u64,
    /// The time on the world's clock when the learner comes.
    pub clock: Timestamp,
    /// Which of AWS's delays and caches are on: `instant`, `aws`, or an object of switches.
    #[serde(default, deserialize_with = "fidelity")]
    pub fidelity: Fidelity,
    /// What the scenario leaves out, in words, to be shown where it matters.
    #[serde(default)]
    pub simplified: Vec<String>,
    /// What is there at the start.
    pub world: WorldSpec,
    /// Whom the learner plays first.
    pub start_as: String,
    /// Whom the learner may play, and with what.
    #[serde(default)]
    pub palette: Palette,
    /// What happened before, a paragraph each.
    #[serde(default)]
    pub story: Vec<String>,
    /// What to do, in order.
    pub tasks: Vec<Task>,
    /// What must hold at the start and at the end.
    #[serde(default)]
    pub invariants: Vec<NamedCheck>,
    /// One way to do it.
    pub solution: Vec<Step>,
    /// Other ways that must count as well.
    #[serde(default)]
    pub also: Vec<Path>,
    /// Mistakes people make, each with the feedback that answers it.
    pub wrong: Vec<WrongPath>,
    /// What to take home, a paragraph each.
    #[serde(default)]
    pub debrief: Vec<String>,
}

impl Scenario {
    /// The chapter it belongs to: the first letter of its id, in upper case.
    pub fn chapter(&self) -> String {
        self.id.chars().take(1).flat_map(char::to_uppercase).collect()
    }

    /// The short form of its id: `a3` of `a3-key-policy-door`.
    pub fn short_id(&self) -> &str {
        self.id.split('-').next().unwrap_or(&self.id)
    }

    /// The questions of all tasks, in order.
    pub fn predictions(&self) -> impl Iterator<Item = &Prediction> {
        self.tasks.iter().flat_map(|task| &task.predictions)
    }

    /// The question with this id.
    pub fn prediction(&self, id: &str) -> Option<&Prediction> {
        self.predictions().find(|prediction| prediction.id == id)
    }
}

/// For whom a scenario is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For somebody who has never seen a key policy.
    #[default]
    First,
    /// For somebody who has done the first ones.
    Core,
    /// For somebody who wants it hard.
    Expert,
}

impl Level {
    /// For whom it is, in a few words.
    pub fn for_whom(self) -> &'static str {
        match self {
            Self::First => "nothing to know before",
            Self::Core => "after the first ones",
            Self::Expert => "for experts",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Core => "core",
            Self::Expert => "expert",
        })
    }
}

/// What many people believe, and what is so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Myth {
    /// The id that choices and feedback point at, such as `M04`.
    pub id: String,
    /// What people believe.
    pub belief: String,
    /// What is so.
    pub fact: String,
}

/// A public document that says what the scenario shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Which document, by title or address.
    pub at: String,
    /// What it says, in short.
    pub says: String,
    /// When somebody last read it there, as `YYYY-MM` or `YYYY-MM-DD`.
    pub checked: String,
}

/// Reads `instant`, `aws` or an object of switches.
fn fidelity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fidelity, D::Error> {
    struct Choice;

    impl<'de> Visitor<'de> for Choice {
        type Value = Fidelity;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("`instant`, `aws` or an object of switches")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Fidelity, E> {
            match word {
                "instant" => Ok(Fidelity::instant()),
                "aws" => Ok(Fidelity::aws()),
                _ => Err(E::unknown_variant(word, &["instant", "aws"])),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fidelity, A::Error> {
            Fidelity::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(Choice)
}
