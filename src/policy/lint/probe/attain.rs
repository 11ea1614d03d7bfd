//! Looks for circumstances under which a statement holds, among those that a caller can bring about.

use super::{Bench, MAX_TRIED};
use crate::limits::steps;
use crate::policy::condition::{Condition, Operand};
use crate::policy::document::Statement;
use crate::policy::principal::{Principal, Principals};
use crate::policy::request::Context;
use crate::policy::terms::Effect;

/// Values that a caller may send beside those that the conditions name.
const CHOICES: [&str; 5] = ["true", "false", "2026-06-01T00:00:00Z", "1", "canary"];

impl Bench<'_> {
    /// The context, with a value for each key that the caller can choose, under which the statement holds and no Deny
    /// that he can escape. `None` if he cannot bring that about.
    pub(super) fn attain(
        &mut self,
        statement: &Statement,
        principal: &Principal,
        mut context: Context,
        is_free: &dyn Fn(&str) -> bool,
    ) -> Option<Context> {
        self.asked += 1;
        steps::add(self.document.statements.len());
        context.add_implied(principal);
        for condition in &statement.conditions {
            let key = &*condition.key.text;
            if steps::is_spent() {
                return None;
            }
            if is_free(key) {
                context = choose(&statement.conditions, key, context, true)?;
            }
        }
        let holds = |context: &Context| statement.conditions.iter().all(|condition| condition.holds(context));
        if !holds(&context) {
            return None;
        }
        for deny in self.statements(Effect::Deny) {
            // To escape a Deny that does not mean the caller does no harm, so nobody looks who is excepted.
            let meant = match &deny.principals {
                Principals::Unstated | Principals::Except(_) => true,
                Principals::Only(entries) => {
                    entries.iter().any(|entry| entry.admits(principal, None).is_some())
                }
            };
            if !meant || deny.conditions.iter().any(|condition| !condition.holds(&context)) {
                continue;
            }
            let escape = deny.conditions.iter().filter(|condition| is_free(&condition.key.text)).find_map(
                |condition| {
                    let only = std::slice::from_ref(condition);
                    let escaped = choose(only, &condition.key.text, context.clone(), false)?;
                    holds(&escaped).then_some(escaped)
                },
            );
            context = escape.unwrap_or(context);
        }
        Some(context)
    }
}

/// The context with a value of the key under which all conditions on it hold, or under which they do not.
fn choose(conditions: &[Condition], key: &str, context: Context, wanted: bool) -> Option<Context> {
    steps::add(conditions.len() + context.iter().count());
    let of_key: Vec<&Condition> =
        conditions.iter().filter(|condition| condition.key.text.eq_ignore_ascii_case(key)).collect();
    let fits = |context: &Context| of_key.iter().all(|condition| condition.holds(context)) == wanted;
    if fits(&context) {
        return Some(context);
    }
    let written = of_key.iter().take(MAX_TRIED).flat_map(|condition| written(condition, &context));
    let written = written.collect::<Vec<_>>();
    let candidates = written.into_iter().chain(CHOICES.iter().map(|choice| (*choice).to_owned()));
    let with = |value: String| {
        let mut tried = context.clone();
        tried.set(key, value);
        tried
    };
    let without = || {
        let mut tried = context.clone();
        tried.remove(key);
        Some(tried).filter(&fits)
    };
    candidates.map(with).find(&fits).or_else(without)
}

/// The values that a condition names, and those just beside them.
fn written(condition: &Condition, context: &Context) -> Vec<String> {
    const DAY: i128 = 86_400;
    let around =
        |seconds: i128, step: i128| [seconds, seconds - step, seconds + step].map(|value| value.to_string());
    let values = condition.operands.iter().zip(&condition.values);
    values
        .take(MAX_TRIED)
        .flat_map(|(operand, value)| match operand {
            Operand::Date(nanos) => around(nanos / 1_000_000_000, DAY).to_vec(),
            Operand::Number(number) => {
                vec![number.to_string(), (number - 1.0).to_string(), (number + 1.0).to_string()]
            }
            // The network of a range is an address in it.
            Operand::Address(_) => value.text.split('/').next().map(str::to_owned).into_iter().collect(),
            Operand::Text(_) | Operand::Arn(_) | Operand::Bool(_) | Operand::Binary(_) | Operand::Never => {
                let plain = operand.resolved(context).unwrap_or_else(|| value.text.to_string());
                vec![if condition.operator.test.takes_wildcards() { instance(&plain) } else { plain }]
            }
        })
        .collect()
}

/// A text that a pattern matches.
pub(super) fn instance(pattern: &str) -> String {
    pattern.replace('*', "canary").replace('?', "0")
}
