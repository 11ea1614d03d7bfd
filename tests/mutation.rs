//! Mutants of every scenario: each check turned round, each step, hint and reference broken, one at a time. Reading or
//! proving must refuse each of them; what is not refused stands in a list with its reason.
//!
//! `cargo test --test mutation -- --nocapture` prints how many were made and refused.

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
    ("d2-", "/wrong/1/steps/2/with/RoleName names nothing", NEW_ROLE),
    ("a1-", "/tasks/0/predict/0/choices/0/claim/outcome/with/TableName names nothing", NEW_TABLE),
    ("a1-", "/tasks/0/predict/0/choices/1/claim/all/0/outcome/with/TableName names nothing", NEW_TABLE),
    ("a1-", "/tasks/0/predict/0/choices/1/claim/all/1/outcome/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/tasks/3/predict/0/choices/0/claim/outcome/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/tasks/3/predict/0/choices/1/claim/outcome/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/tasks/3/predict/0/choices/2/claim/outcome/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/solution/14/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/also/0/steps/14/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/also/0/steps/15/with/TableName names nothing", NEW_TABLE),
    ("g3-", "/wrong/9/steps/0/with/TableName names nothing", NEW_TABLE),
    ("f5-", "/tasks/0/predict/0/choices/0/claim/all/0/outcome/with/TableName names nothing", NEW_TABLE),
    ("f5-", "/tasks/0/predict/0/choices/1/claim/all/0/outcome/with/TableName names nothing", NEW_TABLE),
    ("f5-", "/tasks/0/predict/0/choices/2/claim/outcome/with/TableName names nothing", NEW_TABLE),
    ("f5-", "/tasks/1/checks/0/check/all/0/not/allows_only/less/ClinicApp/2 misspelt", STILL_AN_ACTION),
    ("f5-", "/tasks/1/feedback/4/when/all/1/allows_only/less/ClinicApp/2 misspelt", STILL_AN_ACTION),
    ("g1-", "/solution/2/with/KeyId names nothing", LENGTH_FIRST),
];

const NEW_TABLE: &str = "a table that the call makes may have any name";
const STILL_AN_ACTION: &str = "kms:ReEncryptt* stands for kms:ReEncryptTo";
const LENGTH_FIRST: &str = "a plaintext that is too long is refused before its key is looked for";
const NEW_ROLE: &str = "the mistake is that the old role is gone, whatever the new one is called";

/// One way to break a scenario.
struct Mutant {
    what: String,
    document: Value,
}

/// The fields whose text names something: what it names in the mutant is not there.
const REFERENCES: [&str; 30] = [
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
    "via",
    "once",
    "table",
    "like",
    "to",
    "boundary",
    "account",
    "service",
    "UserName",
    "RoleName",
    "GroupName",
    "KMSMasterKeyId",
    "RoleArn",
];

/// The lists whose texts name something.
const LISTS: [&str; 5] = ["identities", "allowed", "attach", "operations", "on"];

/// The objects whose fields are called by the name of somebody.
const BY_NAME: [&str; 4] = ["more", "less", "from", "numbers"];

/// The fields whose text names an operation or an action.
const OPERATIONS: [&str; 6] = ["do", "action", "event", "since", "until", "element"];

/// The lists whose texts name operations or actions.
const OPERATION_LISTS: [&str; 2] = ["actions", "unaided"];

/// The fields that hold words for a learner.
const WORDS: [&str; 3] = ["say", "text", "ask"];

/// What nothing is called.
const NOTHING: &str = "nothing-of-the-kind";

/// One letter twice, as happens to people; in front of a `*`.
fn misspelt(text: &str) -> String {
    let (text, end) = text.strip_suffix('*').map_or((text, ""), |text| (text, "*"));
    format!("{text}{}{end}", text.chars().last().unwrap_or_default())
}

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
            (
                ["tasks", _, "predict", _, "choices", _, "claim"]
                | ["tasks", _, "predict", _, "why", "choices", _, "claim"]
                | ["tasks", _, "feedback", _, "when"],
                _,
            ) => {
                add(
                    format!("{at} turned round"),
                    changed(document, &at, |claim| *claim = json!({"not": claim.take()})),
                );
            }
            (
                ["solution", _]
                | ["also" | "wrong", _, "steps", _]
                | ["world", "early" | "before", _]
                | ["world", "past", _, "steps", _]
                | ["tasks", _, "predict", _, "after", _],
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
        if let (Some(last), Value::Object(fields)) = (names.last(), value)
            && BY_NAME.contains(last)
            && !is_in_policy(path)
        {
            for name in fields.keys() {
                let renamed = |fields: &mut Value| {
                    let fields = fields.as_object_mut().expect("an object");
                    let value = fields.remove(name).expect("a field");
                    fields.insert(NOTHING.to_owned(), value);
                };
                add(format!("{at}/{name} names nothing"), changed(document, &at, renamed));
            }
        }
        let Value::String(text) = value else { return };
        let mut put = |done: &str, text: &str| {
            add(format!("{at} {done}"), changed(document, &at, |name| *name = json!(text)));
        };
        match names.as_slice() {
            ["world", "template", "yaml", _] => {
                if let Some((before, name)) = text.split_once("!Ref ") {
                    put("refers to nothing", &format!("{before}!Ref {NOTHING}{name}"));
                }
            }
            _ if is_in_policy(path) => {}
            [.., "more" | "less", _, _] => match text.split_once(" on ") {
                Some((action, on)) => {
                    put("misspelt", &format!("{} on {on}", misspelt(action)));
                    put("is on nothing", &format!("{action} on {NOTHING}"));
                }
                None if text != "*" => put("misspelt", &misspelt(text)),
                None => {}
            },
            [.., last] if text.starts_with("{{") && text.ends_with("}}") && !WORDS.contains(last) => {
                put("names nothing", &format!("{{{{{NOTHING}}}}}"));
            }
            _ if text.starts_with("arn:") || text == "*" => {}
            [.., list, _] if LISTS.contains(list) => put("names nothing", NOTHING),
            [.., list, _] if OPERATION_LISTS.contains(list) => put("misspelt", &misspelt(text)),
            // A pair of an encryption context is what somebody calls it.
            [.., "EncryptionContext", _] => {}
            [.., last] if REFERENCES.contains(last) => put("names nothing", NOTHING),
            [.., last] if OPERATIONS.contains(last) => put("misspelt", &misspelt(text)),
            _ => {}
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
    if start.iter().any(|task| task.feedback.is_some() || task.checks.iter().any(passes))
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

/// How many changes of a scenario were made and refused, and those that were not; and all that there are.
struct Tally {
    id: &'static str,
    all: Vec<String>,
    tried: usize,
    left: Vec<String>,
}

impl Tally {
    /// Tries each `step`th mutant of a scenario, in each scenario from another one on.
    fn of(embedded: &'static Embedded, number: usize, step: usize) -> Self {
        let document: Value = serde_json::from_str(embedded.text).expect("JSON");
        let mutants = mutants(&document);
        let tried = || mutants.iter().skip(number % step).step_by(step);
        let left = tried().filter(|mutant| !is_refused(&mutant.document));
        let left: Vec<String> = left.map(|mutant| mutant.what.clone()).collect();
        let tried = tried().count();
        let all = mutants.into_iter().map(|mutant| mutant.what).collect();
        Self { id: embedded.id, all, tried, left }
    }
}

/// Each eighth of what takes long where `KMSLAB_EACH` is 8, else all.
fn in_turn() -> usize {
    let step = std::env::var("KMSLAB_EACH").map_or(1, |n| n.parse().expect("KMSLAB_EACH is a number"));
    assert!(step > 0, "KMSLAB_EACH is a number from 1 on");
    step
}

/// Does something with each of many, on all cores.
fn each<T: Send, R: Send>(all: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(all);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("a list").pop();
                    let Some(one) = next else { break };
                    let result = work(one);
                    done.lock().expect("a list").push(result);
                }
            });
        }
    });
    done.into_inner().expect("a list")
}

fn reason_for(id: &str, what: &str) -> Option<&'static str> {
    let known = SURVIVORS.iter().find(|(of, known, _)| id.starts_with(of) && what == *known);
    known.map(|(_, _, reason)| *reason)
}

#[test]
fn whatever_breaks_in_a_scenario_is_refused() {
    let step = in_turn();
    let all: Vec<_> = scenario::embedded().iter().enumerate().collect();
    let done = each(all, |(number, embedded)| {
        let tally = Tally::of(embedded, number, step);
        let (made, left) = (tally.all.len(), tally.left.len());
        println!("{}: of {made} tried {}, refused {}", tally.id, tally.tried, tally.tried - left);
        for what in &tally.left {
            println!("    {what}: {}", reason_for(tally.id, what).unwrap_or("NOT REFUSED"));
        }
        tally
    });
    let mut unexpected = Vec::new();
    let mut stale = Vec::new();
    for tally in &done {
        let left = tally.left.iter().filter(|what| reason_for(tally.id, what).is_none());
        unexpected.extend(left.map(|what| format!("{}: {what}", tally.id)));
        for (_, known, _) in SURVIVORS.iter().filter(|(of, ..)| tally.id.starts_with(of)) {
            let is_there = if step == 1 { &tally.left } else { &tally.all };
            if !is_there.iter().any(|what| what == known) {
                stale.push(format!("{}: {known}", tally.id));
            }
        }
    }
    assert_eq!(unexpected, Vec::<String>::new(), "nothing refuses these");
    assert_eq!(stale, Vec::<String>::new(), "these are refused, or no mutants any more");
    let made: usize = done.iter().map(|tally| tally.all.len()).sum();
    assert!(made > 100 * done.len(), "only {made} mutants");
}

/// Every built-in scenario is tight: nothing that goes further than its solution passes.
#[test]
fn whatever_goes_too_far_is_refused() {
    let tried: Vec<&Embedded> = scenario::embedded().iter().step_by(in_turn()).collect();
    let done = each(tried, |embedded| {
        let stage = embedded.read().and_then(Scenario::build).expect(embedded.id);
        let found = scenario::excesses(&stage).expect(embedded.id);
        let mut flaws = found.flaws;
        let is_error = |flaw: &Flaw| scenario::severity(flaw) == Severity::Error;
        flaws.extend(scenario::craft(&stage).into_iter().filter(is_error));
        println!("{}: {} changes go too far, {} pass", embedded.id, found.made, flaws.len());
        (embedded.id, found.made, flaws)
    });
    for (id, made, flaws) in done {
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
