//! Making a line on which the two evaluators differ as short as it can be made.

use serde_json::Value;

use crate::evaluate::{Verdict, evaluate};

/// The program is started once a round.
const MAX_ROUNDS: usize = 25;

/// Every line that lacks one field or one item of this one.
fn shorter(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let mut without = map.clone();
                without.shift_remove(name);
                found.push(Value::Object(without));
                for one in shorter(inner) {
                    let mut changed = map.clone();
                    changed.insert(name.clone(), one);
                    found.push(Value::Object(changed));
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(index);
                found.push(Value::Array(without));
                for one in shorter(inner) {
                    let mut changed = items.clone();
                    changed[index] = one;
                    found.push(Value::Array(changed));
                }
            }
        }
        Value::String(text) if text.len() > 1_000 => {
            found.push(Value::String(text[..text.len() / 2].to_owned()));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

/// The shortest line on which the two still differ in the same way.
pub fn shorten(line: &Value, ask: impl Fn(&[Value]) -> Vec<(Verdict, String)>) -> Value {
    let mut best = line.clone();
    let wanted = (evaluate(line), ask(std::slice::from_ref(line))[0].0);
    // The largest parts go first, so that few rounds are needed.
    for _ in 0..MAX_ROUNDS {
        let candidates: Vec<Value> =
            shorter(&best).into_iter().filter(|line| evaluate(line) == wanted.0).collect();
        let answers = ask(&candidates);
        let differing = candidates.into_iter().zip(answers).filter(|(_, (answer, _))| *answer == wanted.1);
        match differing.map(|(line, _)| line).min_by_key(|line| line.to_string().len()) {
            Some(line) => best = line,
            None => break,
        }
    }
    best
}
