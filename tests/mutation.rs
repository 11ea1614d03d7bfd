//! Mutants of every scenario: each check turned round, each step, hint and reference broken, one at a time. Reading or
//! proving must refuse each of them; what is not refused stands in a list with its reason.
//!
//! `cargo test --test mutation -- --nocapture` prints how many were made and refused.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use kmslab::scenario::{
    self, CheckReport, CheckStatus, Embedded, Flaw, Play, Prediction, Scenario, Severity,
};
use serde_json::{Value, json};

/// Mutants that nothing refuses, by scenario and by what was done, each with the reason.
const SURVIVORS: &[(&str, &str, &str)] = &[
    ("e1-", "/tasks/1/checks/2/check/all/1/outcome/with/TableName names nothing", NEW_TABLE),
    ("e1-", "/tasks/1/feedback/0/when/all/1/outcome/with/TableName names nothing", NEW_TABLE),
    ("a1-", "/tasks/0/predict/0/choices/0/claim/outcome/with/TableName names nothing", NEW_TABLE),
    ("a1-", "/tasks/0/predict/0/choices/1/claim/all/0/outcome/with/TableName names nothing", NEW_TABLE),
    ("a1-", "/tasks/0/predict/0/choices/1/claim/all/1/outcome/with/TableName names nothing", NEW_TABLE),
];

const NEW_TABLE: &str = "a table that the call makes may have any name";

/// One way to break a scenario.
struct Mutant {
    what: String,
    document: Value,
}

/// The fields whose text names something: what it names in the mutant is not there.
const REFERENCES: [&str; 17] = [
    "as",
    "by",
    "on",
    "of",
    "KeyId",
    "TargetKeyId",
    "TableName",
    "GranteePrincipal",
    "question",
    "answer",
    "task",
    "myth",
    "feedback",
    "for",
    "start_as",
    "role",
    "key",
];

/// The fields whose text names an operation or an action.
const OPERATIONS: [&str; 3] = ["do", "action", "event"];

fn pointer(path: &[String]) -> String {
    let parts: Vec<String> = path.iter().map(|part| part.replace('~', "~0").replace('/', "~1")).collect();
    if parts.is_empty() { String::new() } else { format!("/{}", parts.join("/")) }
}

fn changed(document: &Value, at: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut mutant = document.clone();
    change(mutant.pointer_mut(at).unwrap_or_else(|| panic!("{at}")));
    mutant
}

/// Visits every value with its path.
fn walk(value: &Value, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &Value)) {
    visit(path, value);
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, part) in parts {
        path.push(name);
        walk(part, path, visit);
        path.pop();
    }
}

/// Whether a path leads into a policy document, whose fields are AWS's.
fn is_in_policy(path: &[String]) -> bool {
    const POLICIES: [&str; 8] = [
        "Policy",
        "PolicyDocument",
        "AssumeRolePolicyDocument",
        "policy",
        "inline",
        "add",
        "replace",
        "trust",
    ];
    path.iter().any(|part| POLICIES.contains(&part.as_str()))
}

fn mutants(document: &Value) -> Vec<Mutant> {
    let mut found = Vec::new();
    let mut add = |what: String, document: Value| found.push(Mutant { what, document });
    walk(document, &mut Vec::new(), &mut |path, value| {
        let at = pointer(path);
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match (names.as_slice(), value) {
            (["tasks", _, "checks", _, "check"] | ["invariants", _, "check"], _) => {
                add(
                    format!("{at} turned round"),
                    changed(document, &at, |check| *check = json!({"not": check.take()})),
                );
            }
            (["tasks", _, "hints", _], Value::String(_)) => {
                add(format!("{at} empty"), changed(document, &at, |hint| *hint = json!(" ")));
            }
            (["tasks", _, "hints", _, "say"], _) => {
                add(format!("{at} empty"), changed(document, &at, |hint| *hint = json!(" ")));
            }
            (["tasks", _, "predict", _, "choices", _, "claim"], _) => {
                add(
                    format!("{at} turned round"),
                    changed(document, &at, |claim| *claim = json!({"not": claim.take()})),
                );
            }
            (
                ["solution", _] | ["also" | "wrong", _, "steps", _] | ["world", "before", _],
                Value::Object(step),
            ) => {
                let broken = changed(document, &at, |step| {
                    let fields = step.as_object_mut().expect("a step");
                    if fields.contains_key("do") {
                        let expected = fields.get("expect").and_then(Value::as_str).unwrap_or("ok");
                        let other = if expected == "ok" { "denied" } else { "ok" };
                        fields.insert("expect".to_owned(), json!(other));
                    } else if fields.contains_key("wait") {
                        fields.insert("wait".to_owned(), json!("for a while"));
                    } else {
                        fields.insert("choose".to_owned(), json!(99));
                    }
                });
                add(format!("{at} broken"), broken);
                let is_empty = step.is_empty();
                assert!(!is_empty, "{at}");
            }
            _ => {}
        }
        if let (["solution", number], Value::Object(_)) = (names.as_slice(), value) {
            let number: usize = number.parse().expect("a number");
            add(
                format!("{at} left out"),
                changed(document, "/solution", |steps| {
                    drop(steps.as_array_mut().expect("steps").remove(number));
                }),
            );
        }
        let Some(last) = path.last() else { return };
        let Value::String(text) = value else { return };
        if is_in_policy(path) || text.starts_with("arn:") || text.starts_with("{{") || text == "*" {
            return;
        }
        if REFERENCES.contains(&last.as_str()) {
            add(
                format!("{at} names nothing"),
                changed(document, &at, |name| *name = json!("nothing-of-the-kind")),
            );
        }
        if OPERATIONS.contains(&last.as_str()) {
            // One letter twice, as happens to people.
            let slip = format!("{text}{}", text.chars().last().unwrap_or_default());
            add(format!("{at} misspelt"), changed(document, &at, |name| *name = json!(slip)));
        }
    });
    found
}

/// Whether reading refuses it, a path does not end as it must, or a proof fails.
fn is_refused(document: &Value) -> bool {
    let Ok((scenario, problems)) = scenario::read_with_problems("mutant.json", &document.to_string()) else {
        return true;
    };
    if !problems.is_empty() {
        return true;
    }
    let Ok(stage) = scenario.clone().build() else { return true };
    // The quick ones first: one right choice, calls that end as they must, a start that is unsolved and a solution that
    // works. Only what passes all of them is proved at length.
    let right = |prediction: &Prediction| {
        (0..prediction.choices.len()).filter(|at| stage.is_right(&prediction.id, *at) == Some(true)).count()
    };
    if stage.scenario.predictions().any(|prediction| right(prediction) != 1) {
        return true;
    }
    let scenario_of = &stage.scenario;
    let others = scenario_of.also.iter().map(|path| (&path.like, path.until, &path.steps));
    let others = others.chain(scenario_of.wrong.iter().map(|path| (&path.like, path.until, &path.steps)));
    for (like, until, steps) in others {
        let mut play = Play::new(&stage);
        let first = scenario_of.first_steps(like.as_deref(), until);
        if first.iter().chain(steps).any(|step| play.step(step).unmet.is_some()) {
            return true;
        }
    }
    let mut play = Play::new(&stage);
    let start = play.evaluate();
    let passes = |check: &CheckReport| check.verdict == CheckStatus::Pass;
    if start.iter().flat_map(|task| &task.checks).any(passes)
        || start.iter().flat_map(|task| &*task.invariants).any(|check| !passes(check))
    {
        return true;
    }
    for step in &scenario_of.solution {
        if play.step(step).unmet.is_some() {
            return true;
        }
        play.evaluate();
    }
    if play.evaluate().iter().any(|task| !task.is_done) {
        return true;
    }
    proves_wrong(scenario)
}

fn proves_wrong(scenario: Scenario) -> bool {
    let is_error = |flaw: &Flaw| scenario::severity(flaw) == Severity::Error;
    scenario::prove(scenario).map_or(true, |flaws| flaws.iter().any(is_error))
}

fn of(embedded: &Embedded) -> (usize, usize, Vec<String>) {
    let document: Value = serde_json::from_str(embedded.text).expect("JSON");
    let all = mutants(&document);
    let made = all.len();
    let left: Vec<String> =
        all.into_iter().filter(|mutant| !is_refused(&mutant.document)).map(|mutant| mutant.what).collect();
    (made, made - left.len(), left)
}

/// The scenarios whose mutants were gone through, one by one. `kmslab check` of all is in `tests/golden`; the mutants of the others are
/// still to be read.
const GONE_THROUGH: [&str; 16] =
    ["a0", "a1", "a2", "a3", "a4", "a5", "b1", "b4", "b5", "c1", "c2", "c3", "c5", "d1", "d3", "e1"];

fn gone_through() -> Vec<&'static Embedded> {
    let is_one =
        |embedded: &&Embedded| GONE_THROUGH.iter().any(|id| embedded.id.split('-').next() == Some(id));
    scenario::embedded().iter().filter(is_one).collect()
}

/// How many changes were made, how many refused, and those that were not.
type Tally = (usize, usize, Vec<String>);

#[test]
fn whatever_breaks_in_a_scenario_is_refused() {
    let waiting: Mutex<Vec<&Embedded>> = Mutex::new(gone_through());
    let done: Mutex<BTreeMap<String, Tally>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("a list").pop();
                    let Some(embedded) = next else { break };
                    let result = of(embedded);
                    done.lock().expect("a map").insert(embedded.id.to_owned(), result);
                }
            });
        }
    });
    let done = done.into_inner().expect("a map");
    let mut unexpected = Vec::new();
    for (id, (made, refused, left)) in &done {
        println!("{id}: made {made}, refused {refused}");
        for what in left {
            let reason = SURVIVORS.iter().find(|(of, known, _)| id.starts_with(of) && what == known);
            match reason {
                Some((_, _, reason)) => println!("    {what}: {reason}"),
                None => unexpected.push(format!("{id}: {what}")),
            }
        }
    }
    assert_eq!(unexpected, Vec::<String>::new(), "nothing refuses these");
    let stale = SURVIVORS.iter().filter(|(of, known, _)| {
        !done.iter().any(|(id, (_, _, left))| id.starts_with(of) && left.iter().any(|what| what == known))
    });
    assert_eq!(stale.collect::<Vec<_>>(), [&("", "", ""); 0], "these are refused, or no mutants any more");
    let made: usize = done.values().map(|(made, ..)| made).sum();
    assert!(made > 1000, "only {made} mutants");
}

/// Every built-in scenario is tight: nothing that goes further than its solution passes.
#[test]
fn whatever_goes_too_far_is_refused() {
    let waiting: Mutex<Vec<&Embedded>> = Mutex::new(gone_through());
    let done: Mutex<BTreeMap<String, (usize, Vec<Flaw>)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("a list").pop();
                    let Some(embedded) = next else { break };
                    let stage = embedded.read().and_then(Scenario::build).expect(embedded.id);
                    let found = scenario::excesses(&stage).expect(embedded.id);
                    let mut flaws = found.flaws;
                    let is_error = |flaw: &Flaw| scenario::severity(flaw) == Severity::Error;
                    flaws.extend(scenario::craft(&stage).into_iter().filter(is_error));
                    done.lock().expect("a map").insert(embedded.id.to_owned(), (found.made, flaws));
                }
            });
        }
    });
    for (id, (made, flaws)) in done.into_inner().expect("a map") {
        println!("{id}: {made} changes go too far, {} pass", flaws.len());
        assert_eq!(flaws, [], "{id}");
        assert!(made >= 10, "{id}: {made}");
    }
}

/// A scenario without a word on what is enough lets all of it pass.
#[test]
fn a_lax_scenario_is_told_what_passes() {
    let mut document: Value =
        serde_json::from_str(scenario::find_embedded("a3").expect("a3").text).expect("JSON");
    document["invariants"] = json!([]);
    let stage = scenario::read("lax.json", &document.to_string()).and_then(Scenario::build).expect("a stage");
    let found = scenario::excesses(&stage).expect("a proof");
    for wanted in [
        "kms:* for Principal \"*\" in the key policy of k1",
        "kms:Decrypt for Principal \"*\" in the key policy of k1",
        "kms:* for tess in the key policy of k1",
        "kms:* for another account in the key policy of k1",
        "Action \"kms:*\" in the statement \"TessReads\" in the key policy of k1",
        "Principal \"*\" in the statement \"TessReads\" in the key policy of k1",
        "an IAM policy of tess with Action \"*\"",
        "an IAM policy of tess with Action \"iam:*\"",
        "a grant on k1 for another account",
        "without the statement \"Enable IAM User Permissions\" in the key policy of k1",
        "dynamodb:* for Principal \"*\" in the resource policy of CustomerData",
    ] {
        let told =
            found.flaws.iter().find(|flaw| flaw.message.contains(&format!("after the solution, {wanted}:")));
        let told = told.unwrap_or_else(|| panic!("{wanted}: {:#?}", found.flaws));
        assert!(told.message.contains("`reads`"), "{told:?}");
    }
}
