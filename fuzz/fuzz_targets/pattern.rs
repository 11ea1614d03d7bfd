//! A pattern, a text, and the value of a policy variable in the pattern, each on a line: the answer of the engine is that
//! of the definition, in a number of steps that the lengths bound.
#![no_main]

use kmslab::policy::{Context, Policies, PolicyKind, Principal, Request, Resource, Source, decide, parse};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

/// One element of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Any,
    One,
    Letter(char),
}

/// The elements of a pattern; `None` if it has a variable but `${t:v}` and the three that stand for a sign.
fn elements(pattern: &str, value: &str) -> Option<Vec<Element>> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let signs = [("${*}", "*"), ("${?}", "?"), ("${$}", "$"), ("${t:v}", value)];
        if let Some((sign, text)) = signs.into_iter().find(|(sign, _)| rest.starts_with(sign)) {
            found.extend(text.chars().map(Element::Letter));
            rest = &rest[sign.len()..];
            continue;
        }
        if rest.starts_with("${") {
            return None;
        }
        found.push(match letter {
            '*' => Element::Any,
            '?' => Element::One,
            letter => Element::Letter(letter),
        });
        rest = &rest[letter.len_utf8()..];
    }
    Some(found)
}

/// A table instead of the engine's pieces: which beginnings of the text each beginning of the pattern can match.
fn matches(elements: &[Element], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for element in elements {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match element {
                Element::Any => reached[at] || (at > 0 && next[at - 1]),
                Element::One => at > 0 && reached[at - 1],
                Element::Letter(letter) => at > 0 && reached[at - 1] && *letter == text[at - 1],
            };
        }
        reached = next;
    }
    reached[text.len()]
}

fuzz_target!(|input: &str| {
    let mut lines = input.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (pattern, text, value) = (line(), line(), line());
    let Some(elements) = elements(pattern, value) else { return };
    if elements.len() * text.len() > 1 << 22 {
        return;
    }
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"t:k": [pattern]}}});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    // A document may be longer than any that AWS takes.
    let Some(document) = parse(&policy, PolicyKind::Identity).document else { return };
    let policies = Policies { identity: vec![Source::new("p", document)], ..Policies::default() };
    let principal = Principal::from_arn("arn:aws:iam::111122223333:user/kim").expect("a user");
    let mut context = Context::new();
    context.set_many("t:k", [text]);
    context.set_many("t:v", [value]);
    let request = Request::new(principal, "a:b", Resource::new("*"), context);
    let bytes = (pattern.len() + 1) * (value.len() + 1) + text.len();
    let decision = within(64, bytes, || decide(&request, &policies));
    assert_eq!(decision.is_allowed(), matches(&elements, text));
});
