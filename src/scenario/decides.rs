//! What decides in a scenario: its text without what is only said.
//!
//! What was done in a scenario is kept for as long as the same steps lead to the same end. A mended word does not change
//! that, another seed or check does.

use serde_json::{Map, Value};

/// The fields of a scenario that only say something, to the learner, the author or a list, and the paths that only prove
/// it. A field that is not named here decides, so that a new one does until somebody says otherwise.
const OF_SCENARIO: &[&str] = &[
    "$schema",
    "title",
    "minutes",
    "level",
    "teaches",
    "requires",
    "myths",
    "sources",
    "simplified",
    "story",
    "debrief",
    "guided",
    "watch",
    "help",
    "solution",
    "also",
    "wrong",
];

/// The fields of a task that only say something.
const OF_TASK: &[&str] = &["say", "hints", "feedback", "builder"];

/// Returns the text of a scenario without its words, as JSON. A text that is no JSON is returned as it is.
pub(super) fn without_words(text: &str) -> String {
    let Ok(Value::Object(mut scenario)) = serde_json::from_str(text) else { return text.to_owned() };
    drop_all(&mut scenario, OF_SCENARIO);
    if let Some(Value::Object(palette)) = scenario.get_mut("palette") {
        drop_all(palette, &["why", "actions", "unaided", "numbers"]);
    }
    each(&mut scenario, "tasks", |task| {
        drop_all(task, OF_TASK);
        each(task, "checks", |check| drop_all(check, &["say", "keep"]));
        each(task, "predict", |prediction| {
            words_of_question(prediction);
            if let Some(Value::Object(why)) = prediction.get_mut("why") {
                words_of_question(why);
            }
        });
    });
    each(&mut scenario, "invariants", |check| drop_all(check, &["say", "keep"]));
    Value::Object(scenario).to_string()
}

/// Drops the words of a question and of its choices.
fn words_of_question(question: &mut Map<String, Value>) {
    drop_all(question, &["ask", "cell"]);
    each(question, "choices", |choice| drop_all(choice, &["text", "say", "myth"]));
}

fn drop_all(object: &mut Map<String, Value>, fields: &[&str]) {
    object.retain(|name, _| !fields.contains(&name.as_str()));
}

/// Does something to every object of a list that the object holds.
fn each(object: &mut Map<String, Value>, list: &str, mut act: impl FnMut(&mut Map<String, Value>)) {
    let Some(Value::Array(elements)) = object.get_mut(list) else { return };
    for element in elements {
        if let Value::Object(object) = element {
            act(object);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::find_embedded;

    fn a3() -> &'static str {
        find_embedded("a3").expect("it is embedded").text
    }

    /// A scenario with one place changed.
    fn with(place: &str, value: &str) -> String {
        let mut scenario: Value = serde_json::from_str(a3()).expect("JSON");
        *scenario.pointer_mut(place).expect(place) = Value::from(value);
        scenario.to_string()
    }

    #[test]
    fn words_do_not_decide_and_everything_else_does() {
        let was = without_words(a3());
        let word = || Value::from("another word");
        for place in [
            "/title",
            "/story/0",
            "/debrief/0",
            "/tasks/0/say",
            "/tasks/0/hints/0",
            "/tasks/0/checks/0/say",
            "/tasks/0/predict/0/ask",
            "/tasks/0/predict/0/choices/0/text",
            "/invariants/0/say",
            "/wrong/0/name",
        ] {
            assert_eq!(without_words(&with(place, "another word")), was, "{place}");
        }
        for place in [
            "/seed",
            "/clock",
            "/start_as",
            "/fidelity",
            "/world/accounts",
            "/world/call_time",
            "/world/accounts/111122223333/users/kim/inline/KeyAdmin/Statement/0/Action",
            "/world/accounts/111122223333/keys/k1/policy/Statement/0/Effect",
            "/palette/identities",
            "/tasks/0/id",
            "/tasks/0/checks/0/id",
            "/tasks/0/checks/0/check",
            "/tasks/0/predict/0/id",
            "/tasks/0/predict/0/choices/0/claim",
            "/invariants/0/check",
        ] {
            let mut scenario: Value = serde_json::from_str(a3()).expect("JSON");
            if scenario.pointer(place).is_none() {
                let (parent, name) = place.rsplit_once('/').expect("a place");
                scenario
                    .pointer_mut(parent)
                    .and_then(Value::as_object_mut)
                    .expect(place)
                    .insert(name.to_owned(), word());
            } else {
                *scenario.pointer_mut(place).expect(place) = word();
            }
            assert_ne!(without_words(&scenario.to_string()), was, "{place}");
        }
    }
}
