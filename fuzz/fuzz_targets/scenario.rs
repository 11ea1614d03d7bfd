//! Any bytes as a scenario: what is wrong is said with its place, and what is sound reads the same when its JSON is
//! printed otherwise, and makes a world.
#![no_main]

use kmslab::scenario::{self, Play, ScenarioError};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

const FILE: &str = "x.json";
/// So many steps of a solution are played.
const STEPS_PLAYED: usize = 8;

fn check(error: &ScenarioError, text: &str) {
    let said = error.to_string();
    assert!(said.starts_with(FILE), "{said}");
    if let ScenarioError::Place { line, column, .. } = error {
        let lines = text.split('\n').count();
        assert!((1..=lines).contains(line), "line {line} of {lines}: {said}");
        let length = text.split('\n').nth(line - 1).unwrap_or_default().chars().count();
        assert!(*column <= length + 1, "column {column} of {length}: {said}");
    }
}

fuzz_target!(|text: &str| {
    let original = scenario::find_embedded("a3").expect("it is embedded").text;
    match within(256, text.len(), || scenario::translate(FILE, text, original)) {
        // Words alone never make another world, though they can be too long.
        Ok(translated) => {
            drop(scenario::read_with_problems(FILE, &translated).expect("the scenario is sound"))
        }
        Err(error) => check(&error, text),
    }
    let (scenario, problems) = match within(256, text.len(), || scenario::read_with_problems(FILE, text)) {
        Ok(read) => read,
        Err(error) => return check(&error, text),
    };
    problems.iter().for_each(|problem| check(problem, text));
    let value: serde_json::Value = serde_json::from_str(text).expect("it was read");
    let pretty = serde_json::to_string_pretty(&value).expect("it is JSON");
    let (again, _) = scenario::read_with_problems(FILE, &pretty).expect("the same in other lines");
    assert_eq!(again, scenario);
    if !problems.is_empty() {
        return;
    }
    match scenario.build() {
        Ok(stage) => {
            let mut play = Play::new(&stage);
            for step in stage.scenario.solution.iter().take(STEPS_PLAYED) {
                play.step(step);
            }
            assert_eq!(play.evaluate().len(), stage.scenario.tasks.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
