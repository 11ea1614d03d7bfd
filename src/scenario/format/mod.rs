//! The scenario format: what an author writes, as types.
//!
//! Data only: nothing here runs anything. Reading lives in `reader`, checking that references hold in `validate`.
//! Policies stay in their own JSON, so that an author can paste them from AWS.
//!
//! | file | what |
//! |---|---|
//! | `mod` | the scenario itself: its head |
//! | `world`, `template` | the world it begins in, and the template that it is made from |
//! | `tasks` | what the learner is offered, asked and told |
//! | `steps` | calls, waiting, answers, and the paths made of them |
//! | `checks` | what can be asked of a world |

mod checks;
#[cfg(test)]
mod conforms;
#[cfg(test)]
mod reference;
mod steps;
mod tasks;
mod template;
mod world;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::variants;
use crate::cloud::Fidelity;

pub use checks::*;
pub use steps::*;
pub use tasks::*;
pub use template::*;
pub use world::*;

/// The version of the format that this program reads.
pub const FORMAT: u64 = 1;

/// One lesson: a world, what to do in it, and how to know that it is done.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[schemars(title = "A scenario of kmslab")]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where an editor finds the schema: `../docs/scenario.schema.json` for a file in `scenarios/`. The program ignores it.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// The version of the format: 1.
    #[schemars(extend("const" = FORMAT))]
    pub format: u64,
    /// A short name, unique among all scenarios, such as `a3-key-policy-door`: its letter is the chapter, its first part
    /// the short form that commands take.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{2,39}$"))]
    pub id: String,
    /// The title that lists show, at most 60 characters.
    #[schemars(length(min = 1, max = 60))]
    pub title: String,
    /// How long a learner needs, in minutes: 2 to 30, or 0 in an account to play in freely.
    #[schemars(range(max = 30))]
    pub minutes: u32,
    /// Whom the scenario is for; `first` unless given.
    #[serde(default)]
    pub level: Level,
    /// The ideas it teaches, by names of the author's choice, such as `kms.grants`. Other scenarios may require them.
    pub teaches: Vec<String>,
    /// The ideas that another scenario must have taught before. They give the order of the course.
    #[serde(default)]
    pub requires: Vec<String>,
    /// The misconceptions it clears up. A scenario that has some needs `sources`.
    #[serde(default)]
    pub myths: Vec<Myth>,
    /// The public documents that say what the scenario shows.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// The seed of every random number of the world, key material included; 0 unless given.
    #[serde(default)]
    pub seed: u64,
    /// Texts to choose from, by name: the seed picks one of each, which stands wherever the file says `{{variant:NAME}}`.
    /// `check` proves each way to choose.
    #[serde(default)]
    pub variants: BTreeMap<String, Vec<String>>,
    /// The time on the world's clock when the learner comes, as in `2026-01-05T09:00:00Z`.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub clock: Timestamp,
    /// Whether the screen leads through it by the hand: what is not needed at the moment is dim. For a first scenario.
    #[serde(default)]
    pub guided: bool,
    /// From when on help that writes a part of the answer is given: the smallest edit that turns the answer around, and
    /// statements from the list; `free` unless given.
    #[serde(default)]
    pub help: HelpFrom,
    /// Which of AWS's delays and caches the world keeps: `instant` (none), `aws` (all), or an object of switches.
    /// `instant` unless given.
    #[schemars(schema_with = "fidelity_schema")]
    #[serde(default, deserialize_with = "fidelity")]
    pub fidelity: Fidelity,
    /// What the scenario leaves out, in words, to be shown where it matters.
    #[serde(default)]
    pub simplified: Vec<String>,
    /// The world at the start.
    pub world: WorldSpec,
    /// The identity that the learner plays first.
    pub start_as: String,
    /// The identities and actions that the learner is offered.
    #[serde(default)]
    pub palette: Palette,
    /// The call that is made again, for everybody, after each change; the first scan of a check unless given.
    #[serde(default)]
    pub watch: Option<WatchSpec>,
    /// Statements by name, for policies that are written as a list: `"policy": ["account", "admin:kim", {..}]`. Known
    /// without are `account` (IAM policies of the account decide), `admin:NAME` (the console's key administrator) and
    /// `reader:NAME` (may decrypt).
    #[serde(default)]
    pub statements: BTreeMap<String, Value>,
    /// What happened before, a paragraph each.
    #[serde(default)]
    pub story: Vec<String>,
    /// The tasks, in order. Only an account to play in freely has none.
    pub tasks: Vec<Task>,
    /// What must hold at the start and at the end, whatever the learner does to reach the goal.
    #[serde(default)]
    pub invariants: Vec<NamedCheck>,
    /// One way to the goal, which `run` plays, presenters show and `check` proves.
    pub solution: Vec<Step>,
    /// Other ways to the goal. `check` proves that they count as well.
    #[serde(default)]
    pub also: Vec<Path>,
    /// Mistakes that people make, each with the feedback that answers it.
    pub wrong: Vec<WrongPath>,
    /// What to take home, a paragraph each.
    #[serde(default)]
    pub debrief: Vec<String>,
}

/// Returns the JSON Schema of scenarios.
pub fn schema() -> Value {
    schemars::schema_for!(Scenario).to_value()
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

    /// Returns the steps that a path begins with: those of another path, or none. Of a name that no path has there are
    /// none; that is a fault of its own.
    pub fn first_steps(&self, like: Option<&str>, until: Option<usize>) -> Vec<Step> {
        let Some(like) = like else { return Vec::new() };
        let most = until.unwrap_or(usize::MAX);
        if like == "solution" {
            return self.solution.iter().take(most).cloned().collect();
        }
        // A path begins like an earlier one, so there is an end.
        let Some(at) = self.also.iter().position(|path| path.name == like) else { return Vec::new() };
        let Some(path) = self.also.get(at) else { return Vec::new() };
        let earlier = path.like.as_deref().filter(|name| self.is_before(name, at));
        let mut steps = self.first_steps(earlier, path.until);
        steps.extend(path.steps.iter().cloned());
        steps.truncate(most);
        steps
    }

    /// Tells whether a path has steps that another one of `also`, by its number, can begin with.
    pub fn is_before(&self, name: &str, at: usize) -> bool {
        name == "solution" || self.also.iter().take(at).any(|path| path.name == name)
    }

    /// The number of scenarios that the variants make: one without variants.
    pub fn ways(&self) -> usize {
        variants::ways(&self.variants)
    }

    /// The variants that the seed has picked, by name.
    pub fn chosen(&self) -> BTreeMap<&str, &str> {
        variants::chosen(&self.variants, self.seed)
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
            Self::First => "for beginners",
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

/// From when on help is given that writes a part of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HelpFrom {
    /// Help is given from the beginning.
    #[default]
    Free,
    /// In each task once its last hint is shown.
    LastHint,
    /// Once all tasks are done: the learner writes what is wanted.
    Done,
    /// As `done`, and the key that comes next is not named either: the learner shows what they know.
    Alone,
}

/// A misconception and the fact behind it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Myth {
    /// The id that choices and feedback name, such as `M04`.
    pub id: String,
    /// The belief that the scenario corrects.
    pub belief: String,
    /// The fact that takes the belief's place.
    pub fact: String,
}

/// A public document that says what the scenario shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document, by title or address.
    pub at: String,
    /// The address of the document on the web.
    #[schemars(regex(pattern = r"^https://"))]
    #[serde(default)]
    pub url: Option<String>,
    /// The words of the source, in short.
    pub says: String,
    /// The date of the text that was read, where it is another than that of the document today: a copy of an older one.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"))]
    #[serde(default)]
    pub text: Option<String>,
    /// The month or day on which somebody last read it there, as in `2026-11` or `2026-11-21`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"))]
    pub checked: String,
}

/// The schema of what [`fidelity`] reads.
fn fidelity_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "enum": ["instant", "aws"] }, generator.subschema_for::<Fidelity>()] })
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
