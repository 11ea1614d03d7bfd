//! What the types cannot say: sizes, unique ids, and names that must stand for something.
//!
//! Looks at the scenario alone. Whether the world can be set up and the solution works is for the author's proofs.
//!
//! | file | what |
//! |---|---|
//! | `mod` | the head, and what all parts use |
//! | `counts` | how much there may be of everything |
//! | `world` | the world: its accounts, tables and sessions, its endpoints and who stands where |
//! | `tasks` | the tasks, and the steps of the solution and of every other path |
//! | `checks` | what is asked of a world |
//! | `known`, `names` | the names there are; names that must stand for something |

mod checks;
mod counts;
mod known;
mod names;
mod tasks;
mod world;

use std::collections::BTreeSet;

use super::{Scenario, key_names};
use crate::limits::scenario::PROBLEMS;
use known::Known;
pub(super) use names::nearly;

/// Something wrong, and where in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Names of fields and numbers of elements, from the root.
    pub path: Vec<String>,
    /// What is wrong, and the remedy.
    pub message: String,
}

/// Everything that is wrong, and how many problems there are besides.
pub(super) fn validate(scenario: &Scenario) -> (Vec<Problem>, usize) {
    let mut validator = Validator { known: Known::default(), scenario, problems: Vec::new(), more: 0 };
    validator.counts();
    if validator.problems.is_empty() {
        validator.known = Known::of(scenario);
        validator.head();
        validator.world();
        validator.tasks();
        validator.paths();
    }
    (validator.problems, validator.more)
}

/// Where in the document: a cheap list that grows to the right.
#[derive(Clone, Copy)]
struct At<'a> {
    before: Option<&'a At<'a>>,
    name: &'a str,
}

impl<'a> At<'a> {
    fn root(name: &'a str) -> Self {
        Self { before: None, name }
    }

    fn then<'b>(&'b self, name: &'b str) -> At<'b> {
        At { before: Some(self), name }
    }

    fn path(&self) -> Vec<String> {
        let mut path = self.before.map_or_else(Vec::new, At::path);
        path.push(self.name.to_owned());
        path
    }
}

struct Validator<'a> {
    scenario: &'a Scenario,
    known: Known,
    problems: Vec<Problem>,
    /// The number of problems that are not kept.
    more: usize,
}

impl<'a> Validator<'a> {
    fn problem(&mut self, at: At<'_>, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS.size() {
            self.problems.push(Problem { path: at.path(), message: message.into() });
        } else {
            self.more += 1;
        }
    }

    fn require(&mut self, holds: bool, at: At<'_>, message: &str) {
        if !holds {
            self.problem(at, message);
        }
    }

    /// An account to play in freely asks for nothing: no task, no solution, no mistakes.
    fn is_free(&self) -> bool {
        let scenario = self.scenario;
        scenario.tasks.is_empty() && scenario.solution.is_empty() && scenario.wrong.is_empty()
    }

    fn text(&mut self, text: &str, at: At<'_>) {
        self.require(!text.trim().is_empty(), at, "this text is empty; say something");
    }

    /// A text that is shown in a lab, where it may name keys.
    fn lab_text(&mut self, text: &str, at: At<'_>) {
        self.text(text, at);
        for fault in key_names::faults(text) {
            self.problem(at, fault);
        }
    }

    fn lab_texts(&mut self, texts: &[String], at: At<'_>) {
        for (index, text) in texts.iter().enumerate() {
            self.lab_text(text, at.then(&index.to_string()));
        }
    }

    /// A text that is shown also where there is no lab.
    fn keyless(&mut self, text: &str, at: At<'_>) {
        self.text(text, at);
        self.require(
            !text.contains("{{"),
            at,
            "this text is shown outside of the lab, too, and can name no key",
        );
    }

    /// Ids share one space a kind, so that a report can name them alone.
    fn unique(&mut self, seen: &mut BTreeSet<&'a str>, id: &'a str, at: At<'_>) {
        let legal = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        self.require(legal, at, "an id is made of letters, digits and `-`");
        if !seen.insert(id) {
            self.problem(at, format!("the id `{id}` is used twice; ids are unique in a scenario"));
        }
    }

    fn head(&mut self) {
        let scenario = self.scenario;
        let id = &scenario.id;
        let first = id.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        let rest = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        self.require(
            first && rest && (3..=40).contains(&id.len()),
            At::root("id"),
            "an id is 3 to 40 lower-case letters, digits and `-`, a letter first, such as `a3-key-policy-door`",
        );
        self.keyless(&scenario.title, At::root("title"));
        self.require(
            scenario.title.chars().count() <= 60,
            At::root("title"),
            "a title has at most 60 characters",
        );
        self.require(
            self.is_free() || (2..=30).contains(&scenario.minutes),
            At::root("minutes"),
            "a scenario takes 2 to 30 minutes; cut a longer one in two",
        );
        self.require(
            self.is_free() || !scenario.teaches.is_empty(),
            At::root("teaches"),
            "name at least one idea that it teaches",
        );
        self.require(
            scenario.myths.is_empty() || !scenario.sources.is_empty(),
            At::root("myths"),
            "a scenario that corrects people needs `sources` that say so",
        );
        let mut seen = BTreeSet::new();
        let myths = At::root("myths");
        for (index, myth) in scenario.myths.iter().enumerate() {
            let index = index.to_string();
            let at = myths.then(&index);
            self.unique(&mut seen, &myth.id, at.then("id"));
            self.keyless(&myth.belief, at.then("belief"));
            self.keyless(&myth.fact, at.then("fact"));
        }
        let sources = At::root("sources");
        for (index, source) in scenario.sources.iter().enumerate() {
            let index = index.to_string();
            let at = sources.then(&index);
            self.require(
                is_date(&source.checked),
                at.then("checked"),
                "write when the source was last read, as 2026-11 or 2026-11-21",
            );
            self.require(
                source.text.as_deref().is_none_or(is_date),
                at.then("text"),
                "write of when the text is that was read, as 2023-06 or 2023-06-15",
            );
            self.require(
                source.url.as_deref().is_none_or(|url| {
                    url.starts_with("https://") && url.chars().all(|c| c.is_ascii_graphic())
                }),
                at.then("url"),
                "an address begins with https:// and has no spaces",
            );
        }
        self.lab_texts(&scenario.story, At::root("story"));
        self.lab_texts(&scenario.simplified, At::root("simplified"));
        self.lab_texts(&scenario.debrief, At::root("debrief"));
        self.caller(&scenario.start_as, At::root("start_as"));
        let identities = At::root("palette");
        if let Some(why) = &scenario.palette.why {
            self.lab_text(why, identities.then("why"));
        }
        for (index, name) in scenario.palette.identities.iter().enumerate() {
            self.caller(name, identities.then("identities").then(&index.to_string()));
        }
        let mut taken = BTreeSet::new();
        for (name, number) in &scenario.palette.numbers {
            let at = identities.then("numbers");
            let at = at.then(name);
            let named = scenario.palette.identities.contains(name);
            self.require(named, at, "only who stands in `identities` has a number; name them there");
            self.require((1..=9).contains(number), at, "a number is a key of the screen, from 1 to 9");
            self.require(taken.insert(number), at, "two have this number; give each their own");
        }
        for (index, name) in scenario.palette.actions.iter().enumerate() {
            self.action(name, identities.then("actions").then(&index.to_string()));
        }
        for (index, name) in scenario.palette.unaided.iter().enumerate() {
            self.operation(name, identities.then("unaided").then(&index.to_string()));
        }
    }
}

/// Whether a text is a month or a day, as 2026-11 or 2026-11-21.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    digits && matches!(lengths.as_slice(), [4, 2] | [4, 2, 2])
}
