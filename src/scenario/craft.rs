//! How a scenario is made: what teaches badly although every proof holds.
//!
//! [`LINTS`] says of each finding whether it is an error, which makes `kmslab check` fail, or a warning.

use std::collections::BTreeSet;

use super::format::{Action, Answer, Check, Choice, HelpFrom, OutcomeCheck, Prediction, Scenario, Task};
use super::key_names::in_words;
use super::prove::Flaw;
use super::{Stage, excess, parts, watched};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The finding makes the check fail.
    Error,
    /// The finding is told.
    Warning,
}

/// One way in which a scenario can be made badly.
#[derive(Clone, Copy, Debug)]
pub struct Lint {
    /// The name that `kmslab check` prints before the message.
    pub name: &'static str,
    pub severity: Severity,
    /// What is looked at.
    pub what: &'static str,
}

/// Everything that is looked at. What is not in the table is a proof, and an error.
pub const LINTS: [Lint; 11] = [
    Lint {
        name: excess::PROOF,
        severity: Severity::Error,
        what: "after the solution each policy is widened, somebody is given more, a guard is taken away: something must object",
    },
    Lint {
        name: DEAD_MYTH,
        severity: Severity::Error,
        what: "each misconception is what a choice or a feedback points at",
    },
    Lint {
        name: SPOILER,
        severity: Severity::Error,
        what: "neither title, story nor task says which choice is right",
    },
    Lint {
        name: SAME_PLACE,
        severity: Severity::Warning,
        what: "of three questions or more, the right choices are not all shown in the same place, by the file's seed",
    },
    Lint {
        name: TWO_CHOICES,
        severity: Severity::Warning,
        what: "a question has three choices or more, or is asked for its reason",
    },
    Lint {
        name: FIRST_HINT,
        severity: Severity::Warning,
        what: "the first of several hints does not name what the solution writes",
    },
    Lint { name: ONE_HINT, severity: Severity::Warning, what: "a task has a ladder of hints, not one alone" },
    Lint { name: SILENCE, severity: Severity::Warning, what: "a task has feedback for what goes wrong" },
    Lint {
        name: NO_FLIP,
        severity: Severity::Warning,
        what: "on some path the watched call comes to end otherwise for somebody whom the learner may play",
    },
    Lint {
        name: NO_PARTS,
        severity: Severity::Error,
        what: "the parts of a `builder` make a statement that the solution writes in that task",
    },
    Lint { name: ADDRESS, severity: Severity::Warning, what: "a source has its address" },
];

const DEAD_MYTH: &str = "nobody points at it";
const SPOILER: &str = "no spoilers";
const SAME_PLACE: &str = "always the same place";
const TWO_CHOICES: &str = "two choices";
const FIRST_HINT: &str = "the first hint is the answer";
const ONE_HINT: &str = "one hint";
const SILENCE: &str = "no feedback";
const NO_FLIP: &str = "the watched call never flips";
const NO_PARTS: &str = "not of these parts";
const ADDRESS: &str = "no address";

/// Returns how much a flaw weighs, by its name.
pub fn severity(flaw: &Flaw) -> Severity {
    LINTS.iter().find(|lint| lint.name == flaw.proof).map_or(Severity::Error, |lint| lint.severity)
}

/// Looks at how a scenario is made.
pub fn craft(stage: &Stage) -> Vec<Flaw> {
    let scenario = &stage.scenario;
    let mut flaws = Vec::new();
    myths(scenario, &mut flaws);
    places(stage, &mut flaws);
    for task in &scenario.tasks {
        hints(scenario, task, &mut flaws);
        builder(scenario, task, &mut flaws);
    }
    spoilers(stage, &mut flaws);
    flip(stage, &mut flaws);
    let sources = scenario.sources.iter().filter(|source| source.url.is_none());
    flaws.extend(
        sources
            .map(|source| Flaw { proof: ADDRESS, message: format!("the source {} has no `url`", source.at) }),
    );
    flaws
}

fn builder(scenario: &Scenario, task: &Task, flaws: &mut Vec<Flaw>) {
    let Some(builder) = &task.builder else { return };
    if !parts::makes_what_is_written(scenario, task, builder) {
        let message = format!(
            "the parts of `builder` in the task `{}` make no statement that the solution writes there",
            task.id
        );
        flaws.push(Flaw { proof: NO_PARTS, message });
    }
}

fn myths(scenario: &Scenario, flaws: &mut Vec<Flaw>) {
    let feedback = scenario.tasks.iter().flat_map(|task| &task.feedback).map(|rule| &rule.myth);
    let choices = scenario.predictions().flat_map(|one| &one.choices).map(|choice| &choice.myth);
    let named: BTreeSet<&String> = feedback.chain(choices).flatten().collect();
    for myth in scenario.myths.iter().filter(|myth| !named.contains(&myth.id)) {
        let message = format!("no choice and no feedback points at the misconception `{}`", myth.id);
        flaws.push(Flaw { proof: DEAD_MYTH, message });
    }
}

/// Where the right choices are shown, and how many choices there are.
fn places(stage: &Stage, flaws: &mut Vec<Flaw>) {
    let mut shown = Vec::new();
    for prediction in stage.scenario.predictions() {
        let has_reason = |one: &Prediction| one.reason_of.as_ref() == Some(&prediction.id);
        if prediction.choices.len() < 3 && !stage.scenario.predictions().any(has_reason) {
            // A grid asks for no reasons.
            let or = if prediction.cell.is_some() { "" } else { "a `why`, or " };
            let message = format!(
                "the question `{}` has {} choices; {or}a third one, with the right verdict and a wrong reason, asks for the \
                 reason",
                prediction.id,
                prediction.choices.len()
            );
            flaws.push(Flaw { proof: TWO_CHOICES, message });
        }
        let right = stage.right_choice(&prediction.id);
        let order = stage.order_of(prediction);
        shown.extend(right.and_then(|right| order.iter().position(|place| *place == right)));
    }
    if let [first, _, _, ..] = shown.as_slice()
        && shown.iter().all(|place| place == first)
    {
        let message = format!(
            "all {} right choices are shown in place {}; another `seed` mixes them",
            shown.len(),
            first + 1
        );
        flaws.push(Flaw { proof: SAME_PLACE, message });
    }
}

fn hints(scenario: &Scenario, task: &Task, flaws: &mut Vec<Flaw>) {
    let asks_only = |check: &Check| matches!(check, Check::Predicted(_));
    let acts = task.checks.iter().any(|named| !asks_only(&named.check));
    if task.feedback.is_empty() {
        let message = format!("the task `{}` says nothing whatever goes wrong in it", task.id);
        flaws.push(Flaw { proof: SILENCE, message });
    }
    if let ([only], true) = (task.hints.as_slice(), acts && scenario.help != HelpFrom::Alone) {
        let message = format!("the task `{}` has one hint alone: \"{}\"", task.id, in_words(&only.say));
        flaws.push(Flaw { proof: ONE_HINT, message });
    }
    let written = written_in(scenario, &task.id);
    if let [first, _, ..] = task.hints.as_slice()
        && !written.is_empty()
        && written.iter().all(|word| first.say.contains(word) && !task.say.contains(word))
    {
        let message = format!(
            "the first hint of the task `{}` names {}, which is what the solution writes; a first hint says where to look",
            task.id,
            written.iter().cloned().collect::<Vec<_>>().join(", ")
        );
        flaws.push(Flaw { proof: FIRST_HINT, message });
    }
}

/// The operations that the solution calls in a task, without their service, reads left aside.
fn written_in(scenario: &Scenario, task: &str) -> BTreeSet<String> {
    let mut current = scenario.tasks.first().map(|first| first.id.as_str());
    let mut found = BTreeSet::new();
    for step in &scenario.solution {
        current = step.task.as_deref().or(current);
        let Action::Call(call) = &step.action else { continue };
        let (_, name) = call.operation.split_once(':').unwrap_or_default();
        if current == Some(task) && !call.is_read() {
            found.insert(name.to_owned());
        }
    }
    found
}

/// Whether the call that is watched shows what the scenario is about.
fn flip(stage: &Stage, flaws: &mut Vec<Flaw>) {
    let message = match watched::flips(stage) {
        Ok(None | Some(true)) => return,
        Ok(Some(false)) => {
            "no step of any path changes how the watched call ends for anybody in the palette; name in `watch` the call \
             whose answer the learner turns"
                .to_owned()
        }
        Err(error) => error.to_string(),
    };
    flaws.push(Flaw { proof: NO_FLIP, message });
}

/// Words that give away that something is refused, or that it is not.
const REFUSED: [&str; 7] = ["denied", "refused", "refuses", "error", "cannot", "fails", "forbidden"];
const ALLOWED: [&str; 6] = ["allowed", "works", "succeeds", "still reading", "reads", "permitted"];

fn spoilers(stage: &Stage, flaws: &mut Vec<Flaw>) {
    let scenario = &stage.scenario;
    let mut add = |place: String, words: &str, prediction: &Prediction| {
        let message = format!(
            "{place} says \"{words}\", which is the right choice of the question `{}`",
            prediction.id
        );
        flaws.push(Flaw { proof: SPOILER, message });
    };
    for prediction in scenario.predictions() {
        let right = stage.right_choice(&prediction.id).and_then(|right| prediction.choices.get(right));
        let Some(right) = right else { continue };
        let title = scenario.title.to_lowercase();
        let words: &[&str] = match verdict(right) {
            Some(Answer::Deny) => &REFUSED,
            Some(Answer::Allow) => &ALLOWED,
            None => &[],
        };
        if let Some(word) = words.iter().find(|word| holds_word(&title, word)) {
            add("the title".to_owned(), word, prediction);
        }
        // A short answer, such as "Allowed", is a word like others.
        let text = right.text.to_lowercase();
        if text.chars().count() < LONG_ENOUGH {
            continue;
        }
        let holds = |shown: &str| shown.to_lowercase().contains(&text);
        if scenario.story.iter().any(|paragraph| holds(paragraph)) {
            add("the story".to_owned(), &right.text, prediction);
        }
        for task in scenario.tasks.iter().filter(|task| holds(&task.say)) {
            add(format!("the task `{}`", task.id), &right.text, prediction);
        }
        if holds(&prediction.ask) {
            add("the question".to_owned(), &right.text, prediction);
        }
    }
}

/// The letters from which on an answer is more than a word.
const LONG_ENOUGH: usize = 12;

/// Whether a text holds a word, or words, as such.
fn holds_word(text: &str, word: &str) -> bool {
    let is_letter = |at: Option<char>| at.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !is_letter(before) && !is_letter(after)
    })
}

/// Whether a choice claims that something is allowed or refused.
fn verdict(choice: &Choice) -> Option<Answer> {
    let ends = |outcome: &OutcomeCheck| if outcome.error.is_some() { Answer::Deny } else { Answer::Allow };
    let decided = choice.claim.decision().map(|decision| decision.is);
    decided.or_else(|| choice.claim.outcome().map(ends))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::scenario::{embedded, find_embedded, read};

    /// Says what is found in A3 once it is changed.
    fn found(change: impl Fn(&mut Value)) -> Vec<&'static str> {
        let mut document: Value = serde_json::from_str(find_embedded("a3").expect("a3").text).expect("JSON");
        change(&mut document);
        let scenario = read("x.json", &document.to_string()).unwrap_or_else(|e| panic!("{e}"));
        let stage = scenario.build().unwrap_or_else(|e| panic!("{e}"));
        craft(&stage).into_iter().map(|flaw| flaw.proof).collect()
    }

    #[test]
    fn each_way_to_make_a_scenario_badly_is_found() {
        assert_eq!(found(|_| ()), [""; 0]);
        let set = |pointer: &'static str, value: Value| {
            move |scenario: &mut Value| *scenario.pointer_mut(pointer).expect(pointer) = value.clone()
        };
        let right = "Allowed: the key policy names her, that is enough";
        let same = json!({"text": right, "claim": {"answered": {"question": "p1", "right": true}}});
        let rows: [(&str, &'static str, Value); 8] = [
            (DEAD_MYTH, "/myths/0/id", json!("M99")),
            (SPOILER, "/title", json!("Allowed by the key's own door")),
            (SPOILER, "/story/0", json!(format!("{right}."))),
            (SPOILER, "/tasks/0/say", json!(format!("{right}."))),
            (FIRST_HINT, "/tasks/0/hints/0", json!("The call is PutKeyPolicy.")),
            (ONE_HINT, "/tasks/0/hints", json!(["Look."])),
            (SILENCE, "/tasks/0/feedback", json!([])),
            (ADDRESS, "/sources/0/url", Value::Null),
        ];
        for (wanted, pointer, value) in rows {
            let change = |scenario: &mut Value| {
                set(pointer, value.clone())(scenario);
                if wanted == DEAD_MYTH {
                    let choice = scenario.pointer_mut("/tasks/0/predict/0/choices/0");
                    choice.and_then(Value::as_object_mut).expect("a choice").remove("myth");
                }
                if wanted == SILENCE {
                    scenario["wrong"] = json!([{"name": "x", "steps": [{"wait": "+1s"}], "feedback": "f"}]);
                    let second = json!({"id": "two", "say": "Go on.", "hints": ["Look.", "There."], "checks":
                        [{"id": "after", "say": "it is so", "check": same["claim"]}], "feedback":
                        [{"id": "f", "say": "Not yet.", "when": same["claim"]}]});
                    scenario["tasks"].as_array_mut().expect("tasks").push(second);
                    scenario["solution"].as_array_mut().expect("steps").truncate(1);
                    scenario["also"] = json!([]);
                    scenario["solution"][0]["task"] = json!("open");
                    scenario["myths"] = json!([]);
                    scenario["sources"] = json!([]);
                    for choice in
                        scenario["tasks"][0]["predict"][0]["choices"].as_array_mut().expect("choices")
                    {
                        choice.as_object_mut().expect("a choice").remove("myth");
                    }
                }
            };
            assert!(found(change).contains(&wanted), "{wanted} by {pointer}");
        }
        let two = |scenario: &mut Value| {
            scenario["tasks"][0]["predict"][0]["choices"].as_array_mut().expect("choices").truncate(2);
        };
        assert!(found(two).contains(&TWO_CHOICES));
    }

    #[test]
    fn right_choices_that_all_stand_in_one_place_are_told() {
        // Questions with the same choices show them in the same order, whatever the seed.
        let thrice = |scenario: &mut Value| {
            let asked = scenario["tasks"][0]["predict"].as_array_mut().expect("questions");
            let first = asked[0].clone();
            for id in ["p2", "p3"] {
                let mut copy = first.clone();
                copy["id"] = json!(id);
                asked.push(copy);
            }
        };
        assert_eq!(found(thrice), [SAME_PLACE]);
        let a5 = embedded().iter().find(|one| one.id.starts_with("a5")).expect("a5");
        let stage = a5.read().and_then(Scenario::build).expect("a5");
        assert!(!craft(&stage).iter().any(|flaw| flaw.proof == SAME_PLACE));
    }

    /// The page has the table as it is in the code.
    #[test]
    fn the_page_has_every_row() {
        let page = include_str!("../../docs/scenarios.md");
        for Lint { name, severity, what } in LINTS {
            let weight = match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            assert!(page.contains(&format!("| {name} | {weight} | {what} |")), "{name}");
        }
    }
}
