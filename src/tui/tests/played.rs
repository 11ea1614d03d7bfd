//! How each scenario is played at the screen: a file of `tests/data/played` for each, line by line.
//!
//! | line | what is done |
//! |---|---|
//! | `# ..` | nothing: it is for readers |
//! | `$ LINE` | the line is typed into the console that is open, and run |
//! | `policy KEY without "SID" with {..}` | in the editor that is open the text becomes the key policy that the key begins with, without that statement and with this one; either may be missing or stand more than once |
//! | `text ..` | in the editor that is open the text becomes this one |
//! | anything else | a script; `!` before an action says that the solution needs it now, and that its key is named on the screen |

use serde_json::Value;

use super::script::{Step, keys};
use crate::scenario::Embedded;

/// The steps of a scenario from its start to its end, each with whether it is needed.
pub fn of(embedded: &Embedded) -> Vec<(Step, bool)> {
    let file = format!("{}/tests/data/played/{}.txt", env!("CARGO_MANIFEST_DIR"), embedded.id);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    read(embedded.text, &text)
}

/// Reads the steps by the scenario's text.
fn read(scenario: &str, text: &str) -> Vec<(Step, bool)> {
    let done = |line: &str| {
        if let Some(line) = line.strip_prefix("$ ") {
            return pasted("", line, "[run-line]");
        }
        if let Some(change) = line.strip_prefix("policy ") {
            return pasted("[select-all]", &policy(scenario, change), "");
        }
        if let Some(text) = line.strip_prefix("text ") {
            return pasted("[select-all]", text, "");
        }
        steps(line)
    };
    text.lines().filter(|line| !line.starts_with('#')).flat_map(done).collect()
}

/// The steps of a script, each with whether it is needed.
pub fn steps(script: &str) -> Vec<(Step, bool)> {
    let mut out = Vec::new();
    for (at, part) in script.split('!').enumerate() {
        let all = keys(part);
        out.extend(all.into_iter().enumerate().map(|(n, step)| (step, at > 0 && n == 0)));
    }
    out
}

/// A text that is pasted between two scripts.
fn pasted(before: &str, text: &str, after: &str) -> Vec<(Step, bool)> {
    let paste = Step::Event(super::Event::Terminal(super::TerminalEvent::Paste(text.to_owned())));
    [steps(before), vec![(paste, false)], steps(after)].concat()
}

/// A key policy of the scenario with a change.
fn policy(scenario: &str, change: &str) -> String {
    let (key, mut change) = change.split_once(' ').unwrap_or((change, ""));
    let scenario = crate::scenario::read("played", scenario).expect("it is sound");
    let mut specs = scenario.world.accounts.values().filter_map(|account| account.keys.get(key));
    let spec = specs.next().unwrap_or_else(|| panic!("the world has no key {key}"));
    let mut policy = spec.policy.clone().unwrap_or_else(|| panic!("{key} has the default policy"));
    let statements = policy["Statement"].as_array_mut().expect("statements");
    while !change.is_empty() {
        let (word, rest) = change.split_once(' ').unwrap_or_else(|| panic!("without, or with: {change}"));
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next().and_then(Result::ok).unwrap_or_else(|| panic!("JSON after {word}: {rest}"));
        match word {
            "with" => statements.push(value),
            "without" => {
                let all = statements.len();
                statements.retain(|statement| statement["Sid"] != value);
                assert!(statements.len() < all, "{key} has no statement {value}");
            }
            other => panic!("without, or with: {other}"),
        }
        change = rest[values.byte_offset()..].trim_start();
    }
    policy.to_string()
}
