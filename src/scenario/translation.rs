//! Translations: a file that holds the words of a scenario in another language, and nothing that decides.
//!
//! A translation names the scenario that it `translates`, a file beside it or one of the program, and has the same fields,
//! as far as they are words. Lists of what has an id are objects by these ids. What it leaves out stays as the scenario says
//! it. It is put in before anything else is read: whoever opens the translation plays the scenario in its words.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::library::find_embedded;
use super::reader::{self, Places};
use super::{ScenarioError, is_file_name};
use crate::limits::file::Given;
use crate::limits::scenario::{FILE, PROBLEMS};
use crate::limits::steps;
use crate::policy::json::{self, Node, Value};

/// The field by which a translation is known: the scenario that it is about.
const TRANSLATES: &str = "translates";

/// What a translation has beside words.
const HEAD: [&str; 4] = ["$schema", "format", TRANSLATES, "language"];

/// The fields of a scenario that hold words, or what has words in it.
const WORDS: [&str; 20] = [
    "title",
    "story",
    "simplified",
    "debrief",
    "tasks",
    "say",
    "hints",
    "checks",
    "predict",
    "ask",
    "choices",
    "text",
    "why",
    "feedback",
    "builder",
    "parts",
    "invariants",
    "myths",
    "belief",
    "fact",
];

/// What a translation leaves out, by places such as `tasks/open/say`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Untranslated {
    pub places: Vec<String>,
    /// The number of words that are there in both.
    pub done: usize,
}

/// Tells whether a text is a translation rather than a scenario.
fn is_translation(text: &str) -> bool {
    // A folder is read whole, and shall not be read twice.
    text.contains("\"translates\"")
        && json::read(text).into_result().is_ok_and(|root| root.get(TRANSLATES).is_some())
}

/// The text of a scenario in the words of a translation, if the text is one; else the text as it is.
pub(super) fn resolved(path: &Path, text: String) -> Result<String, ScenarioError> {
    if !is_translation(&text) {
        return Ok(text);
    }
    let (from, original) = original(path, &text)?;
    let name = path.display().to_string();
    let translated = translate(&name, &text, &original)?;
    // Whatever is wrong with the scenario itself is said of the scenario.
    reader::read(&from, &original)?;
    let places = Places::new(&name, &text);
    let with = |error: &ScenarioError| {
        let message = if let ScenarioError::Place { message, .. } = error {
            message.clone()
        } else {
            error.to_string()
        };
        places.at(0, &format!("with these words: {message}"), "")
    };
    let (_, problems) = reader::read_with_problems(&name, &translated).map_err(|error| with(&error))?;
    problems.first().map_or(Ok(translated), |problem| Err(with(problem)))
}

/// Says what a translation leaves out; `None` for a file that is none.
///
/// # Errors
///
/// If it is no translation of a scenario that can be read.
pub fn untranslated(path: &Path, given: Given) -> Result<Option<Untranslated>, ScenarioError> {
    let text = reader::text_of_file(path, given)?;
    if !is_translation(&text) {
        return Ok(None);
    }
    let (_, original) = original(path, &text)?;
    let name = path.display().to_string();
    resolved(path, text.clone())?;
    let places = Places::new(&name, &text);
    let root = json::read(&text).into_result().map_err(|e| places.at(e.span.start, &e.message, e.remedy))?;
    let original: Json = serde_json::from_str(&original).map_err(|e| places.at(0, &e.to_string(), ""))?;
    let mut found = Untranslated::default();
    look(&original, Some(&root), "", &mut found);
    Ok(Some(found))
}

/// What errors call the scenario that a translation is about, and its text.
fn original(path: &Path, text: &str) -> Result<(String, String), ScenarioError> {
    let name = path.display().to_string();
    let places = Places::new(&name, text);
    let root = json::read(text).into_result().map_err(|e| places.at(e.span.start, &e.message, e.remedy))?;
    reader::check_format(&places, &root)?;
    let Some(field) = root.get(TRANSLATES) else {
        return Err(places.at(0, "a translation names the scenario that it `translates`", ""));
    };
    let wanted = field.as_str().unwrap_or_default();
    let is_plain = !wanted.is_empty() && !wanted.contains(['/', '\\']) && wanted != "..";
    if !is_plain {
        let message = "name a file in the same folder, or the id of a scenario of the program";
        return Err(places.at(field.span.start, message, ""));
    }
    if !is_file_name(wanted) {
        let found = find_embedded(wanted).map_err(|e| places.at(field.span.start, &e.to_string(), ""))?;
        return Ok((found.file(), found.text.to_owned()));
    }
    let beside = path.with_file_name(wanted);
    let original = reader::text_of_file(&beside, Given::Found)?;
    if is_translation(&original) {
        return Err(places.at(field.span.start, "this is a translation itself; name the scenario", ""));
    }
    Ok((beside.display().to_string(), original))
}

/// Puts the words of a translation, whose file errors name, in place of those of a scenario.
///
/// # Errors
///
/// For what has no place in the scenario, or is no word.
pub fn translate(file: &str, text: &str, original: &str) -> Result<String, ScenarioError> {
    FILE.check(text.len())
        .map_err(|e| ScenarioError::Unreadable { file: file.to_owned(), reason: e.to_string() })?;
    let places = Places::new(file, text);
    let root = json::read(text).into_result().map_err(|e| places.at(e.span.start, &e.message, e.remedy))?;
    let mut whole: Json = serde_json::from_str(original).map_err(|e| places.at(0, &e.to_string(), ""))?;
    let mut faults = Vec::new();
    for member in root.as_object().unwrap_or_default() {
        if !HEAD.contains(&&*member.name) {
            put_field(member, &mut whole, &mut faults);
        }
    }
    let errors: Vec<ScenarioError> =
        faults.iter().take(PROBLEMS.size()).map(|(at, message)| places.at(*at, message, "")).collect();
    match errors.as_slice() {
        [] => Ok(whole.to_string()),
        [one] => Err(one.clone()),
        _ => Err(ScenarioError::Several { all: errors }),
    }
}

/// What is wrong, and at which byte.
type Faults = Vec<(usize, String)>;

fn put_field(member: &json::Member<'_>, object: &mut Json, faults: &mut Faults) {
    let name = &*member.name;
    let at = member.name_span.start;
    if !WORDS.contains(&name) {
        return faults.push((at, format!("a translation holds words only, and `{name}` is none")));
    }
    match object.get_mut(name) {
        Some(field) => put(&member.value, field, faults),
        None => faults.push((at, format!("the scenario has no `{name}` here"))),
    }
}

fn put(words: &Node<'_>, into: &mut Json, faults: &mut Faults) {
    steps::add(1);
    let at = words.span.start;
    match (&words.value, into) {
        (Value::String(text), Json::String(own)) => text.as_ref().clone_into(own),
        // What has nothing but `say` to be translated.
        (Value::String(text), Json::Object(own)) if own.contains_key("say") => {
            own.insert("say".to_owned(), Json::from(text.as_ref()));
        }
        (Value::Array(all), Json::Array(own)) if all.len() == own.len() => {
            all.iter().zip(own).for_each(|(words, own)| put(words, own, faults));
        }
        (Value::Array(_), Json::Array(own)) => {
            faults.push((at, format!("the scenario has {} of these", own.len())));
        }
        (Value::Object(members), Json::Array(own)) => {
            let mut by_id: BTreeMap<String, &mut Json> =
                own.iter_mut().filter_map(|one| Some((id_of(one)?.to_owned(), one))).collect();
            for member in members {
                match by_id.get_mut(&*member.name) {
                    Some(own) => put(&member.value, own, faults),
                    None => faults.push((
                        member.name_span.start,
                        format!("nothing here has the id `{}` in the scenario", member.name),
                    )),
                }
            }
        }
        (Value::Object(members), own @ Json::Object(_)) => {
            for member in members {
                put_field(member, own, faults);
            }
        }
        _ => faults.push((at, "the scenario has something else here".to_owned())),
    }
}

fn id_of(one: &Json) -> Option<&str> {
    one.get("id").and_then(Json::as_str)
}

/// Compares what a scenario says with what a translation says in its place.
fn look(own: &Json, words: Option<&Node<'_>>, place: &str, found: &mut Untranslated) {
    let within = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}/{name}") };
    match own {
        Json::String(_) if words.is_some() => found.done += 1,
        Json::String(_) => found.places.push(place.to_owned()),
        Json::Array(all) => {
            let by_id = all.iter().any(|one| id_of(one).is_some());
            for (number, one) in all.iter().enumerate() {
                let name =
                    id_of(one).filter(|_| by_id).map_or_else(|| (number + 1).to_string(), str::to_owned);
                let words = match words.map(|words| &words.value) {
                    Some(Value::Array(all)) => all.get(number),
                    _ => words.and_then(|words| words.get(&name)),
                };
                look(one, words, &within(&name), found);
            }
        }
        Json::Object(fields) => {
            let whole = words.filter(|words| words.as_str().is_some());
            for (name, field) in fields.iter().filter(|(name, _)| WORDS.contains(&name.as_str())) {
                let words =
                    whole.filter(|_| name == "say").or_else(|| words.and_then(|words| words.get(name)));
                look(field, words, &within(name), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{self, find_embedded};

    fn a3() -> &'static str {
        find_embedded("a3").expect("it is embedded").text
    }

    fn of_a3(words: &str) -> String {
        format!(r#"{{"format": 1, "translates": "a3", "language": "de", {words}}}"#)
    }

    #[test]
    fn words_are_replaced_and_nothing_that_decides() {
        let own: Json = serde_json::from_str(a3()).expect("JSON");
        let task = &own["tasks"][0];
        let (id, check) =
            (task["id"].as_str().expect("an id"), task["checks"][0]["id"].as_str().expect("an id"));
        let text = of_a3(&format!(
            r#""title": "Die eigene Tür", "tasks": {{"{id}": {{"say": "Öffne sie.", "checks": {{"{check}": "offen"}}}}}}"#
        ));
        let made = translate("a3.de.json", &text, a3()).expect("it fits");
        let scenario = scenario::read("a3.de.json", &made).expect("sound");
        let first = &scenario.tasks[0];
        assert_eq!(
            (&*scenario.title, &*first.say, &*first.checks[0].say),
            ("Die eigene Tür", "Öffne sie.", "offen")
        );
        assert_eq!(
            scenario.debrief,
            scenario::find("a3").expect("embedded").debrief,
            "what is left out stays"
        );
        let decides = crate::scenario::decides::without_words;
        assert_eq!(decides(&made), decides(a3()));
    }

    #[test]
    fn what_has_no_place_is_told_with_its_own_place() {
        for (words, said) in [
            (r#""seed": 4"#, "a translation holds words only, and `seed` is none"),
            (r#""tasks": {"nowhere": {"say": "x"}}"#, "nothing here has the id `nowhere`"),
            (r#""debrief": ["one"]"#, "of these"),
            (r#""title": ["x"]"#, "something else here"),
            (r#""hints": ["x"]"#, "the scenario has no `hints` here"),
        ] {
            let error = translate("a3.de.json", &of_a3(words), a3()).expect_err(words).to_string();
            assert!(error.starts_with("a3.de.json:1:") && error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_file_is_opened_in_the_words_of_its_translation() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("mine.json"), a3()).expect("written");
        let path = folder.path().join("mine.de.json");
        let name = path.to_string_lossy().into_owned();
        let words = of_a3(r#""title": "Tür""#).replace(r#""a3""#, r#""mine.json""#);
        std::fs::write(&path, &words).expect("written");
        assert_eq!(scenario::find(&name).expect("it opens").title, "Tür");
        let left = untranslated(&path, Given::ByName).expect("it fits").expect("a translation");
        assert!(left.done == 1 && left.places.contains(&"debrief/1".to_owned()), "{left:?}");
        for (from, said) in [
            ("../mine.json", "name a file in the same folder"),
            ("mine.de.json", "this is a translation itself"),
            ("zz", "there is no scenario `zz`"),
        ] {
            std::fs::write(&path, words.replace("mine.json", from)).expect("written");
            let error = scenario::find(&name).expect_err(from).to_string();
            assert!(error.contains(said), "{error}");
        }
        std::fs::write(&path, words.replace("Tür", &"ü".repeat(70))).expect("written");
        let error = scenario::find(&name).expect_err("a long title").to_string();
        assert!(error.contains("with these words: "), "{error}");
    }
}
