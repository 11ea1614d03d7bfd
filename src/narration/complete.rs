//! What a half-typed word in a policy could become: the words of the language where they fit, actions, condition keys, and
//! the names of this world.

use std::collections::BTreeSet;

use super::JsonPlace;
use super::who_can::known_actions;
use crate::cloud::iam::Identity;
use crate::cloud::reference;
use crate::lab::Lab;
use crate::policy::PolicyKind;

/// The most that is offered.
const MAX_COMPLETIONS: usize = 60;

/// The elements of a policy.
/// Source: IAM User Guide, "IAM JSON policy elements reference".
const ROOT: [&str; 3] = ["Version", "Id", "Statement"];

/// The elements of a statement, those for principals last.
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Principal",
    "NotPrincipal",
];

/// The kinds of principals.
/// Source: IAM User Guide, "AWS JSON policy elements: Principal".
const PRINCIPALS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// What could stand at a place, the likeliest first.
pub fn completions(lab: &Lab, place: &JsonPlace) -> Vec<String> {
    // An item's names and values are nobody's but its own.
    let Some(kind) = lab.draft().and_then(|draft| draft.document().kind()) else { return Vec::new() };
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let all = if place.is_name { names(&path, kind) } else { values(lab, &path) };
    let wanted = place.typed.to_lowercase();
    // A name typed alone finds the ARN that ends in it.
    let fits = |candidate: &String| {
        let candidate = candidate.to_lowercase();
        candidate.starts_with(&wanted) || (wanted.len() >= 3 && candidate.ends_with(&format!("/{wanted}")))
    };
    let taken = |word: &String| place.is_name && *word != place.typed && place.taken.contains(word);
    let mut seen = BTreeSet::new();
    all.into_iter()
        .filter(fits)
        .filter(|word| *word != place.typed && !taken(word) && seen.insert(word.clone()))
        .take(MAX_COMPLETIONS)
        .collect()
}

/// The names that members of the object there may have.
fn names(path: &[&str], kind: PolicyKind) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match path {
        [] => words(&ROOT),
        // A policy of an identity says nothing of who: it is attached to them.
        ["Statement"] if kind == PolicyKind::Identity => words(&STATEMENT[..7]),
        ["Statement"] => words(&STATEMENT),
        ["Statement", "Principal" | "NotPrincipal"] => words(&PRINCIPALS),
        ["Statement", "Condition"] => crate::policy::condition_operators().collect(),
        ["Statement", "Condition", _] => {
            let own = reference().services.values().flat_map(|service| service.keys.keys().cloned());
            let keys = reference().global_keys.keys().cloned().chain(own);
            keys.map(|key| key.trim_end_matches('*').to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// The values that the member of that name may have.
fn values(lab: &Lab, path: &[&str]) -> Vec<String> {
    let world = lab.world();
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let roots = world.iam().accounts().map(|(account, _)| format!("arn:aws:iam::{account}:root"));
    let principals = roots.chain(world.iam().identities().map(Identity::arn));
    let keys = world.kms().keys().map(|key| key.arn());
    let tables = world.dynamodb().tables().map(|table| table.handle.arn());
    let service = format!("dynamodb.{}.amazonaws.com", lab.stage().names.region);
    let services = [service, "dynamodb.amazonaws.com".to_owned()];
    let anything = words(&["*"]).into_iter();
    let actions = known_actions(lab).into_iter().map(|(action, _)| action);
    match path {
        ["Version"] => words(&["2012-10-17", "2008-10-17"]),
        // Words of one's own, or an object.
        [] | ["Id" | "Statement"] | ["Statement", "Sid" | "Condition"] => Vec::new(),
        ["Statement", "Effect"] => words(&["Allow", "Deny"]),
        ["Statement", "Action" | "NotAction"] => actions.collect(),
        ["Statement", "Principal" | "NotPrincipal"] => anything.collect(),
        ["Statement", "Principal" | "NotPrincipal", "Service"] => services.into(),
        ["Statement", "Principal" | "NotPrincipal", _] => principals.chain(anything).collect(),
        ["Statement", "Resource" | "NotResource"] => keys.chain(tables).chain(anything).collect(),
        ["Statement", "Condition", ..] => {
            principals.chain(keys).chain(tables).chain(services).chain(words(&["true", "false"])).collect()
        }
        // Where nobody knows what it is, whatever this world has.
        _ => actions.chain(principals).chain(keys).chain(tables).chain(services).collect(),
    }
}
