//! Statements that are put together from parts: the statement that choices make, and the sentence that it means.

use serde_json::{Map, Value};

use super::format::{Action, BuilderSpec, PartChoice, PartSpec, Scenario, Task};
use super::resolve::{self, StepError};
use super::{Names, PolicySort};
use crate::cloud::World;

/// What stands in a sentence for a part that is still to be chosen.
const GAP: &str = "____";

impl BuilderSpec {
    /// Returns the statement that choices make, an entry for each part; `None` while one is missing.
    ///
    /// # Errors
    ///
    /// If a value names something that is not there.
    pub fn statement(
        &self,
        chosen: &[Option<usize>],
        names: &Names,
        world: &World,
    ) -> Option<Result<Value, StepError>> {
        let statement = self.made(chosen)?;
        Some(resolve::filled_value(names, world, &statement))
    }

    /// Returns the sentence that a statement of these choices means, with gaps where nothing is chosen.
    pub fn sentence(&self, chosen: &[Option<usize>]) -> String {
        let word = |(part, choice): (&PartSpec, &Option<usize>)| {
            let choice = choice.and_then(|at| part.choices.get(at));
            choice.map_or(GAP.to_owned(), |choice| choice.say.clone())
        };
        let words: Vec<String> =
            self.parts.iter().zip(chosen).map(word).filter(|word| !word.is_empty()).collect();
        format!("{}.", words.join(" "))
    }

    /// The statement as the file has its values.
    fn made(&self, chosen: &[Option<usize>]) -> Option<Value> {
        let mut statement = Map::new();
        for (part, choice) in self.parts.iter().zip(chosen) {
            let choice = part.choices.get((*choice)?)?;
            if !choice.value.is_null() {
                statement.insert(part.element.clone(), choice.value.clone());
            }
        }
        Some(Value::Object(statement))
    }

    /// Tells whether some choices make a statement, its `Sid` left aside.
    fn makes(&self, statement: &Map<String, Value>) -> bool {
        let has = |part: &PartSpec| {
            let wanted = statement.get(&part.element).map_or(Value::Null, plain);
            part.choices.iter().any(|choice| plain(&choice.value) == wanted)
        };
        let is_part = |name: &String| self.parts.iter().any(|part| part.element == *name);
        self.parts.iter().filter(|part| part.element != SID).all(has)
            && statement.keys().filter(|name| *name != SID).all(is_part)
    }
}

impl PartChoice {
    /// Returns the value with its placeholders filled in; as it is where one stands for nothing.
    pub fn filled(&self, names: &Names, world: &World) -> Value {
        resolve::filled_value(names, world, &self.value).unwrap_or_else(|_| self.value.clone())
    }
}

/// The element that names a statement and decides nothing.
const SID: &str = "Sid";

/// A value in which a list of one is its element, at any depth.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(values) => match values.as_slice() {
            [one] => plain(one),
            _ => values.iter().map(plain).collect(),
        },
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Tells whether the parts of a task make a statement that the solution writes while it works at the task.
pub(super) fn makes_what_is_written(scenario: &Scenario, task: &Task, builder: &BuilderSpec) -> bool {
    let mut at = scenario.tasks.first().map(|first| first.id.as_str());
    for step in &scenario.solution {
        at = step.task.as_deref().or(at);
        let (Action::Call(call), true) = (&step.action, at == Some(task.id.as_str())) else { continue };
        let policies: &[&str] = match builder.into {
            PolicySort::KeyPolicy => &["Policy", "add", "replace"],
            PolicySort::IdentityPolicy => &["PolicyDocument"],
        };
        let written = policies.iter().filter_map(|field| call.with.get(*field));
        if written.flat_map(statements).any(|statement| builder.makes(statement)) {
            return true;
        }
    }
    false
}

/// The statements of a policy, of a list of statements, or of one alone.
fn statements(value: &Value) -> Vec<&Map<String, Value>> {
    let inner = value.get("Statement").unwrap_or(value);
    match inner {
        Value::Array(all) => all.iter().filter_map(Value::as_object).collect(),
        Value::Object(one) => vec![one],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
