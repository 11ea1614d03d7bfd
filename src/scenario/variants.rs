//! Variants: one file that is several scenarios, of which the seed picks one.
//!
//! What a file offers under `variants` is put in place of `{{variant:NAME}}`, wherever a text or the name of a field says
//! so, before anything else is looked at: all else sees a scenario like others. The ways to choose are counted, and the
//! seed stands for one of them, so that seeds that follow one another go through all.

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::scenario::{FILE, VARIANT_TEXT, VARIANTS};
use crate::limits::steps;
use crate::policy::json::{Node, Value};

/// What a placeholder begins with.
const OPEN: &str = "{{variant:";

/// What a file offers, by name.
#[derive(Debug, Default)]
pub(super) struct Variants(BTreeMap<String, Vec<String>>);

/// What is wrong, and at which byte of the text.
#[derive(Debug)]
pub(super) struct Fault {
    pub at: usize,
    pub message: String,
}

/// A text in which one variant stands.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub text: String,
    pub moved: Vec<Moved>,
}

/// A place where something was put into a text: its bytes now, and those of the placeholder before.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    now: (usize, usize),
    before: (usize, usize),
}

/// Where a byte of the filled text stood before; of what was put in, where its placeholder begins.
pub(super) fn before(moved: &[Moved], offset: usize) -> usize {
    let next = moved.partition_point(|moved| moved.now.0 <= offset);
    match next.checked_sub(1).and_then(|last| moved.get(last)) {
        None => offset,
        Some(last) if offset < last.now.1 => last.before.0,
        Some(last) => last.before.1 + (offset - last.now.1),
    }
}

/// The number of ways in which one of each can be chosen.
pub(super) fn ways(variants: &BTreeMap<String, Vec<String>>) -> usize {
    variants.values().map(Vec::len).fold(1, usize::saturating_mul)
}

/// The one of each that a seed picks.
pub(super) fn chosen(variants: &BTreeMap<String, Vec<String>>, seed: u64) -> BTreeMap<&str, &str> {
    let mut left = seed;
    let mut all = BTreeMap::new();
    for (name, values) in variants {
        let count = (values.len() as u64).max(1);
        let at = usize::try_from(left % count).unwrap_or_default();
        left /= count;
        all.extend(values.get(at).map(|value| (name.as_str(), value.as_str())));
    }
    all
}

impl Variants {
    /// Reads what a file offers; nothing where it offers nothing.
    pub fn of(root: &Node<'_>) -> Result<Self, Fault> {
        let Some(field) = root.get("variants") else { return Ok(Self::default()) };
        let fault =
            |node: &Node<'_>, message: &str| Fault { at: node.span.start, message: message.to_owned() };
        let Some(members) = field.as_object() else {
            return Err(fault(field, "`variants` is an object: names, each with a list of texts"));
        };
        let mut all = BTreeMap::new();
        for member in members {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if member.name.is_empty() || !member.name.chars().all(is_name) {
                return Err(fault(&member.value, "the name of a variant is made of letters, digits and `-`"));
            }
            let Value::Array(elements) = &member.value.value else {
                return Err(fault(
                    &member.value,
                    "a variant is a list of texts, of which the seed picks one",
                ));
            };
            let mut values: Vec<String> = Vec::new();
            let mut seen = BTreeSet::new();
            for element in elements {
                let plain = |c: char| !c.is_control() && !['"', '\\', '{', '}'].contains(&c);
                let Some(value) = element.as_str().filter(|text| !text.is_empty() && text.chars().all(plain))
                else {
                    let message = "a variant is a text of one line, without quotes, backslashes and braces";
                    return Err(fault(element, message));
                };
                VARIANT_TEXT.check(value.len()).map_err(|e| fault(element, &e.to_string()))?;
                if !seen.insert(value.to_owned()) {
                    return Err(fault(element, "this is in the list already; each stands there once"));
                }
                values.push(value.to_owned());
            }
            if values.len() < 2 {
                return Err(fault(
                    &member.value,
                    "a variant has two texts or more; write a single one where it belongs",
                ));
            }
            all.insert(member.name.to_string(), values);
        }
        VARIANTS
            .check(ways(&all))
            .map_err(|e| fault(field, &format!("{e}; offer fewer: `check` proves each of them")))?;
        Ok(Self(all))
    }

    /// Puts what a seed picks into a text. What comes of a text without placeholders is empty: nothing was put in.
    pub fn fill(&self, text: &str, seed: u64) -> Result<Filled, Fault> {
        steps::add(text.len());
        if self.0.is_empty() && !text.contains(OPEN) {
            return Ok(Filled::default());
        }
        let chosen = chosen(&self.0, seed);
        let mut used = BTreeSet::new();
        let mut filled = Filled::default();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find(OPEN)) {
            let start = at + found;
            let rest = text.get(start + OPEN.len()..).unwrap_or_default();
            let name = rest.split_once("}}").map(|(name, _)| name);
            let Some((name, value)) = name.and_then(|name| chosen.get_key_value(name)) else {
                let known: Vec<&str> = chosen.keys().copied().collect();
                let known = known.join(", ");
                let message = if known.is_empty() {
                    "this scenario has no `variants`; offer some there, or write the text".to_owned()
                } else {
                    format!("no variant is called so; `variants` has {known}, as in `{{{{variant:NAME}}}}`")
                };
                return Err(Fault { at: start, message });
            };
            used.insert(*name);
            filled.text += text.get(at..start).unwrap_or_default();
            let now = (filled.text.len(), filled.text.len() + value.len());
            let end = start + OPEN.len() + name.len() + "}}".len();
            filled.text += value;
            FILE.check(filled.text.len()).map_err(|e| Fault { at: start, message: e.to_string() })?;
            filled.moved.push(Moved { now, before: (start, end) });
            at = end;
        }
        filled.text += text.get(at..).unwrap_or_default();
        steps::add(filled.text.len());
        if let Some(name) = self.0.keys().find(|name| !used.contains(name.as_str())) {
            let message = format!("nothing says `{{{{variant:{name}}}}}`; take the variant out, or say it");
            return Err(Fault { at: text.find("\"variants\"").unwrap_or_default(), message });
        }
        Ok(filled)
    }
}

/// Finds a placeholder that stands in a text although all were filled: its braces were written with escapes.
pub(super) fn left(node: &Node<'_>) -> Option<usize> {
    let in_name = |name: &str| name.contains(OPEN);
    match &node.value {
        Value::String(text) => text.contains(OPEN).then_some(node.span.start),
        Value::Array(elements) => elements.iter().find_map(left),
        Value::Object(members) => members.iter().find_map(|member| {
            if in_name(&member.name) { Some(member.name_span.start) } else { left(&member.value) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_the_text_before() {
        let root =
            r#"{"variants": {"a": ["x", "yyyyyyyyyyyyyyyyyyyy"]}, "t": "é{{variant:a}}, {{variant:a}}!"}"#;
        let node = crate::policy::json::read(root).into_result().expect("JSON");
        let variants = Variants::of(&node).expect("sound");
        for (seed, value) in [(0, "x"), (1, "yyyyyyyyyyyyyyyyyyyy"), (2, "x")] {
            let filled = variants.fill(root, seed).expect("filled");
            assert!(filled.text.ends_with(&format!("é{value}, {value}!\"}}")), "{}", filled.text);
            for sign in ["é", ", {{", "!"] {
                let wanted = root.find(sign).expect("there");
                let now = filled.text.rfind(sign.trim_end_matches(" {{")).expect("there");
                let found = before(&filled.moved, now);
                assert!(found == wanted || sign.starts_with(','), "{sign}: {found}, not {wanted}");
            }
            assert_eq!(before(&filled.moved, filled.text.len()), root.len());
            let first = root.find("{{variant").expect("there");
            assert_eq!(before(&filled.moved, filled.text.find(&format!("é{value}")).expect("é") + 2), first);
        }
    }

    #[test]
    fn seeds_that_follow_one_another_go_through_all() {
        let two = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let all = BTreeMap::from([
            ("who".to_owned(), vec!["tess".to_owned(), "dana".to_owned(), "ravi".to_owned()]),
            ("where".to_owned(), two("here", "there")),
        ]);
        let found: BTreeSet<String> = (7..13).map(|seed| format!("{:?}", chosen(&all, seed))).collect();
        assert_eq!((found.len(), ways(&all)), (6, 6));
        assert_eq!(chosen(&all, 7), chosen(&all, 13));
    }
}
