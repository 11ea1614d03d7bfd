//! A pattern and a text: the answer of the engine is that of the definition.
#![no_main]

use kmslab::policy::{Context, Policies, PolicyKind, Principal, Request, Resource, Source, decide, parse};
use libfuzzer_sys::fuzz_target;

/// `*` is any text, `?` one character; a table instead of the engine's pieces.
fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for c in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            if c == '*' {
                next[at] = reached[at] || (at > 0 && next[at - 1]);
            } else if at > 0 {
                next[at] = reached[at - 1] && (c == '?' || c == text[at - 1]);
            }
        }
        reached = next;
    }
    reached[text.len()]
}

fuzz_target!(|input: (&str, &str)| {
    let (pattern, text) = input;
    if pattern.len() * text.len() > 1 << 20
        || [pattern, text].iter().any(|s| s.contains(['"', '\\', '$']) || s.chars().any(|c| c < ' '))
    {
        return;
    }
    let (pattern, text) = (format!("arn:{pattern}"), format!("arn:{text}"));
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "{pattern}"}}}}"#
    );
    let document = parse(&policy, PolicyKind::Identity).document.expect("a valid document");
    let policies = Policies { identity: vec![Source::new("p", document)], ..Policies::default() };
    let principal = Principal::from_arn("arn:aws:iam::111122223333:user/kim").expect("a user");
    let resource = Resource { arn: text.as_str().into(), account: Some("111122223333".into()) };
    let request = Request::new(principal, "a:b", resource, Context::new());
    assert_eq!(decide(&request, &policies).is_allowed(), matches(&pattern, &text));
});
