//! Any operator, key and values: deciding and explaining agree, and nothing panics.
#![no_main]

use kmslab::policy::{
    Context, Operator, Policies, PolicyKind, Principal, Request, Resource, Source, decide, edits, explain,
    parse,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u8, bool, Vec<&str>, Vec<&str>)| {
    let (operator, quantifier, if_exists, wanted, found) = input;
    let quote = |text: &str| {
        let plain: String = text.chars().filter(|c| *c >= ' ' && !"\"\\".contains(*c)).collect();
        format!("\"{plain}\"")
    };
    let names: Vec<&str> = Operator::names().collect();
    let prefix = ["", "ForAnyValue:", "ForAllValues:"][usize::from(quantifier) % 3];
    let suffix = if if_exists { "IfExists" } else { "" };
    let name = names[usize::from(operator) % names.len()];
    let values: Vec<String> = wanted.iter().map(|text| quote(text)).collect();
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"{prefix}{name}{suffix}": {{"t:k": [{}]}}}}}}}}"#,
        values.join(", ")
    );
    let Some(document) = parse(&policy, PolicyKind::Identity).document else { return };
    let policies = Policies { identity: vec![Source::new("p", document)], ..Policies::default() };
    let principal = Principal::from_arn("arn:aws:iam::111122223333:user/kim").expect("a user");
    let mut context = Context::new();
    context.set_many("t:k", found);
    let request = Request::new(principal, "a:b", Resource::new("*"), context);
    let explanation = explain(&request, &policies);
    assert_eq!(explanation.decision, decide(&request, &policies));
    for edit in edits(&explanation, &request, &policies).take(3) {
        assert_ne!(edit.decision.is_allowed(), explanation.decision.is_allowed());
    }
});
