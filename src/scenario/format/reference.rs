//! The papers about the format, made from its types: the JSON Schema, and the tables of fields in `docs/scenarios.md`.
//!
//! Checked by tests only: the program itself reads scenarios by the types.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::conforms::{PATTERNS, faults};
use super::{Check, Scenario, schema};
use crate::limits::scenario::DECISIONS;
use crate::scenario::budget::{Budget, Round};
use crate::scenario::check::Evaluator;
use crate::scenario::{CheckStatus, Play, accounts, embedded, excesses, prove, reader};

const STALE: &str = "is stale: UPDATE_DOCS=1 cargo test --lib reference";

/// Around what is made in `docs/scenarios.md`; the rest of the page is written by hand.
const BEGIN: &str = "<!-- made from the types, from here -->\n";
const END: &str = "<!-- to here -->\n";

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// Compares a file with what it should be, or writes it where `UPDATE_DOCS` asks for that.
fn keep(file: &str, wanted: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path(file), wanted).expect("docs can be written");
    }
    let kept = fs::read_to_string(path(file)).unwrap_or_default();
    assert!(kept == wanted, "{file} {STALE}");
}

#[test]
fn the_schema_in_the_repository_is_current() {
    keep("docs/scenario.schema.json", &format!("{:#}\n", schema()));
}

#[test]
fn the_tables_of_fields_are_current() {
    let page = fs::read_to_string(path("docs/scenarios.md")).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the mark where it begins");
    let (_, after) = rest.split_once(END).expect("the mark where it ends");
    keep("docs/scenarios.md", &format!("{before}{BEGIN}\n{}\n{END}{after}", tables(&schema()).trim_end()));
}

#[test]
fn the_schema_takes_every_scenario() {
    let schema = schema();
    for scenario in embedded().iter().chain(accounts()) {
        let value: Value = serde_json::from_str(scenario.text).expect("JSON");
        assert_eq!(faults(&schema, &schema, &value, ""), Vec::<String>::new(), "{}", scenario.id);
    }
}

/// The example of the page is a scenario as an author would want one.
#[test]
fn the_example_on_the_page_is_sound() {
    let page = fs::read_to_string(path("docs/scenarios.md")).expect("the page");
    let (_, rest) = page.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    // What `kmslab new` writes is the same.
    let own = example
        .replace("../docs/scenario.schema.json", "scenario.schema.json")
        .replace("x1-name-tess", "NAME");
    assert_eq!(include_str!("../../../assets/new-scenario.json"), own);
    let scenario = reader::read("docs/scenarios.md", example).expect("a scenario");
    assert_eq!(prove(scenario.clone()).expect("a world"), []);
    let stage = scenario.build().expect("a world");
    assert_eq!(excesses(&stage).expect("a world").flaws, []);
}

/// What the reader refuses for its shape, the schema refuses too. What a name stands for, no schema can know.
#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = schema();
    let text = embedded().iter().find(|one| one.id == "a3-key-policy-door").expect("a3").text;
    let sound: Value = serde_json::from_str(text).expect("JSON");
    let broken = |pointer: &str, value: Value| {
        let mut scenario = sound.clone();
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        match scenario.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}")) {
            Value::Object(fields) => _ = fields.insert(field.to_owned(), value),
            Value::Array(elements) => elements[field.parse::<usize>().expect("an index")] = value,
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                panic!("{parent} is {other}")
            }
        }
        scenario
    };
    let check = "/tasks/0/checks/0/check";
    let rows = [
        ("another format", "/format", json!(2)),
        ("an id with a space", "/id", json!("a3 door")),
        ("a title that is too long", "/title", json!("t".repeat(61))),
        ("too many minutes", "/minutes", json!(31)),
        ("minutes as a text", "/minutes", json!("5")),
        ("a level that is none", "/level", json!("hard")),
        ("a field that is none", "/colour", json!("red")),
        ("a field of the world that is none", "/world/buckets", json!({})),
        ("an account number that is none", "/world/accounts/12", json!({})),
        ("a fidelity that is none", "/fidelity", json!("slow")),
        ("a switch that is none", "/fidelity", json!({"table_cache": true})),
        ("a source without a date", "/sources/0/checked", json!("yesterday")),
        ("no task list", "/tasks", json!({})),
        ("a task with five hints", "/tasks/0/hints", json!(["a", "b", "c", "d", "e"])),
        ("a check that is none", check, json!({"maybe": {}})),
        ("two checks in one", check, json!({"all": [], "any": []})),
        ("a check that lacks a field", check, json!({"decision": {"is": "allow"}})),
        (
            "an answer that is none",
            check,
            json!({"decision": {"probe": {"as": "kim", "action": "kms:Decrypt", "on": "*"}, "is": "maybe"}}),
        ),
        ("a step of two kinds", "/solution/0", json!({"as": "kim", "do": "kms:ListKeys", "wait": "+5m"})),
        ("a call by nobody", "/solution/0", json!({"do": "kms:ListKeys"})),
        ("an answer without a choice", "/solution/0", json!({"answer": "p1"})),
        ("a wait with an input", "/solution/0", json!({"wait": "+5m", "with": {}})),
        ("a length of time that is none", "/solution/0", json!({"wait": "5 minutes"})),
        ("an operation that is none", "/solution/0", json!({"as": "kim", "do": "kms:OpenSesame"})),
    ];
    for (what, pointer, value) in rows {
        let scenario = broken(pointer, value);
        assert!(reader::read("x.json", &scenario.to_string()).is_err(), "the reader takes {what}");
        assert!(!faults(&schema, &schema, &scenario, "").is_empty(), "the schema takes {what}");
    }
}

/// A kind of check that was never asked, or never passed, would be noticed by no test.
#[test]
fn every_kind_of_check_passes_once_and_fails_once() {
    let a3 = embedded().iter().find(|one| one.id == "a3-key-policy-door").expect("a3");
    let mut a3: Value = serde_json::from_str(a3.text).expect("JSON");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS":
        {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, "Action": "kms:*", "Resource": "*"}]});
    let key = json!({"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}});
    let name = json!({"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/notes", "TargetKeyId": {"Ref": "NotesKey"}}});
    a3["world"]["template"] =
        json!({"account": "111122223333", "json": {"Resources": {"NotesKey": key, "NotesName": name}}});
    let stage = reader::read("a3.json", &a3.to_string()).and_then(Scenario::build).expect("a3");
    let mut play = Play::new(&stage);
    for step in &stage.scenario.solution {
        assert_eq!(play.step(step).unmet, None);
    }
    let put = json!({"as": "root", "do": "events:PutRule",
        "with": {"Name": "puts", "EventPattern": {"detail": {"eventName": ["PutKeyPolicy", "DisableKey"]}}}});
    assert_eq!(play.step(&serde_json::from_value(put).expect("a step")).unmet, None);
    let budget = Budget::new(&DECISIONS);
    let round = &Round::new(&budget);
    let evaluator =
        Evaluator { stage: &stage, names: &play.names, world: &play.world, progress: &play.progress, round };
    let tess = json!({"as": "tess", "action": "kms:Decrypt", "on": "k1"});
    let decision = |is: &str| json!({"decision": {"probe": tess, "is": is}});
    let flip = |from: &str, to: &str| json!({"flip": {"probe": tess, "from": from, "to": to}});
    let only = |allowed: &[&str]| json!({"only": {"action": "kms:Decrypt", "on": "k1", "allowed": allowed}});
    let scan = |items: usize| json!({"outcome": {"as": "tess", "do": "dynamodb:Scan", "with": {"TableName": "CustomerData"}, "items": items}});
    let rows = [
        (decision("allow"), decision("deny")),
        (only(&["kim", "tess", "root"]), only(&["kim"])),
        (
            json!({"allows_only": {"more": {"tess": ["kms:Decrypt"]}, "less": {}}}),
            json!({"allows_only": {"more": {"kim": ["kms:Decrypt"]}}}),
        ),
        (json!({"not": decision("deny")}), json!({"not": decision("allow")})),
        (flip("deny", "allow"), flip("allow", "deny")),
        (scan(1), scan(2)),
        (
            json!({"state": {"of": "k1", "field": "KeyState", "is": "Enabled"}}),
            json!({"state": {"of": "k1", "field": "KeyState", "is": "Disabled"}}),
        ),
        (
            json!({"storage": {"of": "CustomerData", "lacks": "Alice Johnson"}}),
            json!({"storage": {"of": "CustomerData", "unchanged": false}}),
        ),
        (
            json!({"audit": {"event": "PutKeyPolicy", "by": "kim"}}),
            json!({"audit": {"event": "DeleteTable"}}),
        ),
        (
            json!({"rule": {"name": "puts", "finds": [{"event": "PutKeyPolicy"}]}}),
            json!({"rule": {"name": "puts", "finds": [{"event": "PutKeyPolicy"}],
                "after": [{"as": "root", "do": "kms:DisableKey", "with": {"KeyId": "k1"}}]}}),
        ),
        (
            json!({"drift": {"of": "NotesKey", "is": "IN_SYNC"}}),
            json!({"drift": {"of": "NotesName", "is": "DELETED"}}),
        ),
        (json!({"answered": {"question": "p1"}}), json!({"answered": {"question": "p1", "right": false}})),
        (json!({"all": [decision("allow"), scan(1)]}), json!({"all": [decision("allow"), scan(2)]})),
        (json!({"any": [decision("deny"), scan(1)]}), json!({"any": [decision("deny"), scan(2)]})),
    ];
    let mut asked = BTreeSet::new();
    for (so, not_so) in rows {
        for (check, wanted) in [(so, CheckStatus::Pass), (not_so, CheckStatus::Fail)] {
            let read: Check = serde_json::from_value(check.clone()).expect("a check");
            let finding = evaluator.ask(&read);
            assert_eq!(finding.verdict, wanted, "{check}: {}", finding.note);
            asked.extend(check.as_object().into_iter().flat_map(Map::keys).cloned());
        }
    }
    let kinds = schema()["$defs"]["Check"]["oneOf"].take();
    let kinds = kinds.as_array().into_iter().flatten().filter_map(|kind| kind["required"][0].as_str());
    assert_eq!(asked, kinds.map(str::to_owned).collect(), "a kind of check has no row above");
}

/// The patterns mean in the schema what they mean in the test.
#[test]
fn whatever_a_pattern_makes_fits_it() {
    let mut runner = TestRunner::deterministic();
    for (pattern, holds) in PATTERNS {
        let texts = string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).expect(pattern);
        for _ in 0..200 {
            let text = texts.new_tree(&mut runner).expect("a text").current();
            assert!(holds(&text), "{pattern}: {text}");
        }
    }
}

/// The tables of all types, in the order in which the head of a scenario leads to them.
fn tables(schema: &Value) -> String {
    let mut text = section("Scenario", schema);
    for name in reached(schema) {
        text += &section(&name, &schema["$defs"][&name]);
    }
    text
}

/// The names of the types that a scenario is made of: each after the first type that has it.
fn reached(schema: &Value) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
    let mut waiting = vec![schema];
    while let Some(next) = waiting.pop() {
        let mut found = Vec::new();
        references(next, &mut found);
        let new: Vec<String> = found.into_iter().filter(|name| seen.insert(name.clone())).collect();
        waiting.extend(new.iter().rev().map(|name| &schema["$defs"][name]));
        names.extend(new);
    }
    names
}

/// The types that a schema refers to, the definitions of other types apart.
fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().and_then(|text| text.strip_prefix("#/$defs/")) {
                    Some(reference) if name == "$ref" => found.push(reference.to_owned()),
                    _ if name == "$defs" => {}
                    _ => references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A heading, what the type is, and its fields, its choices or its values.
fn section(name: &str, schema: &Value) -> String {
    let mut text = format!("### {name}\n\n{}\n\n", described(schema));
    if let Some(properties) = schema["properties"].as_object() {
        text += &fields(properties, &schema["required"]);
    } else if let Some(choices) = schema["oneOf"].as_array() {
        text += &choices_of(choices);
    }
    text + "\n"
}

fn fields(properties: &Map<String, Value>, required: &Value) -> String {
    let required: BTreeSet<&str> =
        required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = String::from("| field | type | what |\n|---|---|---|\n");
    for (name, schema) in properties {
        let mark = if required.contains(name.as_str()) { "" } else { " (optional)" };
        let _infallible = writeln!(text, "| `{name}`{mark} | {} | {} |", kind(schema), described(schema));
    }
    text
}

/// The rows of a type that is one of several: words, or objects with one field.
fn choices_of(choices: &[Value]) -> String {
    let mut text = String::from("| one of | type | what |\n|---|---|---|\n");
    for choice in choices {
        let object = choice["properties"].as_object().and_then(|fields| fields.iter().next());
        let (name, kind) = match object {
            Some((name, schema)) => (format!("`{{\"{name}\": ..}}`"), kind(schema)),
            None => (format!("`{}`", choice["const"].as_str().unwrap_or_default()), "a word".to_owned()),
        };
        let _infallible = writeln!(text, "| {name} | {kind} | {} |", described(choice));
    }
    text
}

/// The description on one line.
fn described(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The type of a field in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|text| text.strip_prefix("#/$defs/")) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(constant) = schema.get("const") {
        return format!("`{constant}`");
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let kinds: Vec<String> = any.iter().filter(|one| one["type"] != "null").map(kind).collect();
        return kinds.join(" or ");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).filter(|one| *one != "null").collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    match (types.as_slice(), schema["enum"].as_array()) {
        (["array"], _) => format!("list of {}", kind(&schema["items"])),
        (["object"], _) if schema["additionalProperties"].is_object() => {
            format!("object; each value: {}", kind(&schema["additionalProperties"]))
        }
        // The simulated operations are a page of their own.
        (["string"], Some(all)) if all.len() > 9 => "[operation](operations.md)".to_owned(),
        (_, Some(all)) => all
            .iter()
            .map(|one| format!("`{}`", one.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(" or "),
        (["string"], None) => "text".to_owned(),
        (["integer"], None) => "whole number".to_owned(),
        (["boolean"], None) => "`true` or `false`".to_owned(),
        (["object"], None) => "object".to_owned(),
        _ => "any JSON".to_owned(),
    }
}
