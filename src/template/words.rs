//! What has drifted, in lines that people read.

use serde_json::Value;

use super::difference::{Change, Difference};
use super::drift::{Checked, Drift, Other};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What CloudFormation's drift detection tells: of each resource of the template whether, and where, it is another one.
    Detected,
    /// Also what the world has and the template does not.
    Whole,
}

/// Says what has drifted, a line each. Texts from outside stand in them as they are.
pub fn lines(drift: &Drift, scope: Scope) -> Vec<String> {
    let mut lines = Vec::new();
    for Checked { logical, type_name, status, differences, .. } in &drift.resources {
        lines.push(format!("{:<11} {logical} ({type_name})", status.word()));
        for Difference { path, change, expected, actual } in differences {
            lines.push(format!("  {path}: {}", change.word()));
            for (whose, value) in [("template", expected), ("world", actual)] {
                if !value.is_null() {
                    lines.push(format!("    {whose:<8}  {}", value_in_words(value)));
                }
            }
        }
    }
    lines.extend(legend(drift));
    let beside = beside(drift);
    if scope == Scope::Whole {
        if !beside.is_empty() {
            lines.push("Not in the template, which CloudFormation would not tell:".to_owned());
        }
        lines.extend(beside.iter().map(|what| format!("  {what}")));
        if !drift.not_compared.is_empty() {
            lines.push("Not compared, since no template holds it:".to_owned());
        }
        lines.extend(drift.not_compared.iter().map(|what| format!("  {what}")));
    }
    let changed = drift.resources.iter().filter(|one| !one.differences.is_empty()).count();
    let missing = drift.resources.iter().filter(|one| one.status == super::Status::Deleted).count();
    let mut sum =
        format!("{} resources of the template: {changed} changed, {missing} missing", drift.resources.len());
    if scope == Scope::Whole {
        sum = format!("{sum}; {} not in the template", beside.len());
    }
    lines.push(sum);
    lines
}

/// What the words beside the properties mean, of those that there are.
fn legend(drift: &Drift) -> Option<String> {
    let differences = || drift.resources.iter().flat_map(|one| &one.differences);
    let words = [Change::Add, Change::Remove, Change::NotEqual].into_iter();
    let words = words.filter(|word| differences().any(|found| found.change == *word));
    let words: Vec<String> = words.map(|word| format!("{}: {}", word.word(), word.meaning())).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// What the world has beside what the template states.
fn beside(drift: &Drift) -> Vec<String> {
    let others = drift.others.iter().map(|Other { type_name, name }| format!("{name} ({type_name})"));
    let unstated = drift.resources.iter().flat_map(|one| one.unstated.iter().map(move |found| (one, found)));
    let unstated = unstated.map(|(one, found)| {
        let value = if found.actual.is_null() { "nothing".to_owned() } else { value_in_words(&found.actual) };
        format!("{} of {}: {value}", found.path, one.logical)
    });
    others.chain(unstated).collect()
}

/// A value in a line: a text as it is, everything else as JSON.
fn value_in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
