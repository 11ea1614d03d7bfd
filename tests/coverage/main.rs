//! What the course covers: each belief that people hold about keys, and each thing that write-ups of the exercise name, with
//! the task in which a learner meets it. `docs/coverage.md` is made from the scenarios and from the two tables here:
//! `UPDATE_DOCS=1 cargo test --test coverage` makes it anew.
//!
//! `beliefs.tsv` lists ids that must be met, and the reason where none is; `items.tsv` names for each item what it is,
//! scenario, task and check or question, and the reason where there is none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kmslab::scenario::{self, Scenario, Task};

const LEAD: &str = "# What the course covers\n\nMade from the scenarios; `UPDATE_DOCS=1 cargo test --test coverage` makes it anew.\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn course() -> Vec<Scenario> {
    scenario::embedded().iter().map(|embedded| embedded.read().expect("it is sound")).collect()
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("tests/coverage").join(file)).expect("it is there");
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Where a learner meets a belief: scenario, task, and whether a question asks about it.
struct Met<'s> {
    scenario: &'s Scenario,
    task: &'s str,
    asked: bool,
}

/// Where the choices of questions and the feedback of tasks point to the belief.
fn met<'s>(course: &'s [Scenario], belief: &str) -> Vec<Met<'s>> {
    let is_it = |myth: &Option<String>| myth.as_deref() == Some(belief);
    let mut out = Vec::new();
    for scenario in course {
        for task in &scenario.tasks {
            let mut choices = task.predictions.iter().flat_map(|asked| &asked.choices);
            let asked = choices.any(|choice| is_it(&choice.myth));
            if asked || task.feedback.iter().any(|said| is_it(&said.myth)) {
                out.push(Met { scenario, task: &task.id, asked });
            }
        }
    }
    out
}

fn has(task: &Task, id: &str) -> bool {
    task.checks.iter().any(|check| check.id == id) || task.predictions.iter().any(|asked| asked.id == id)
}

#[test]
fn every_belief_and_every_item_is_met_or_says_why_not() {
    let course = course();
    let mut wrong = Vec::new();
    let mut page = LEAD.to_owned();
    let wanted: BTreeMap<String, String> = rows("beliefs.tsv")
        .into_iter()
        .map(|row| (row[0].clone(), row.get(1).cloned().unwrap_or_default()))
        .collect();
    let mut beliefs: BTreeMap<&str, &str> = BTreeMap::new();
    for myth in course.iter().flat_map(|scenario| &scenario.myths) {
        beliefs.entry(&myth.id).or_insert(&myth.belief);
    }
    page.push_str(
        "\n## Beliefs\n\nA question asks about the belief, or feedback answers who acts on it (in brackets).\n\n\
         | belief | | task |\n|---|---|---|\n",
    );
    let ids: Vec<&str> = {
        let mut ids: Vec<&str> = wanted.keys().map(String::as_str).chain(beliefs.keys().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    for id in ids {
        let met = met(&course, id);
        let reason = wanted.get(id).map_or("", String::as_str);
        if met.is_empty() && reason.is_empty() {
            wrong.push(format!("the belief {id} is met nowhere"));
        }
        if !met.is_empty() && !reason.is_empty() {
            wrong.push(format!("the belief {id} is met, and beliefs.tsv has a reason why not"));
        }
        let place = |met: &Met<'_>| {
            let place = format!("`{}` {}", met.scenario.id, met.task);
            if met.asked { place } else { format!("({place})") }
        };
        let places = met.iter().map(place).collect::<Vec<_>>().join(", ");
        let told = if met.is_empty() { reason } else { &places };
        writeln!(page, "| {id} | {} | {told} |", beliefs.get(id).unwrap_or(&"")).expect("text");
    }
    page.push_str("\n## What write-ups of the exercise name\n\n| | | scenario | task | check or question |\n|---|---|---|---|---|\n");
    for (at, row) in rows("items.tsv").iter().enumerate() {
        let [number, what, id, task, check, ..] = row.as_slice() else {
            wrong.push(format!("line {} of items.tsv has too few columns", at + 1));
            continue;
        };
        if *number != (at + 1).to_string() {
            wrong.push(format!("line {} of items.tsv is numbered {number}", at + 1));
        }
        if id == "-" {
            let reason = row.get(5).map_or("", String::as_str);
            if reason.is_empty() {
                wrong.push(format!("item {number}: neither a scenario nor a reason"));
            }
            writeln!(page, "| {number} | {what} | {reason} | | |").expect("text");
            continue;
        }
        let found = course.iter().find(|scenario| scenario.id == *id);
        let found = found.and_then(|scenario| scenario.tasks.iter().find(|of| of.id == *task));
        if !found.is_some_and(|task| has(task, check)) {
            wrong.push(format!("item {number}: there is no {check} in the task {task} of {id}"));
        }
        writeln!(page, "| {number} | {what} | `{id}` | {task} | {check} |").expect("text");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = root().join("docs/coverage.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("written");
    }
    let told = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(told, page, "UPDATE_DOCS=1 cargo test --test coverage");
}
