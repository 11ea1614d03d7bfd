//! What a half-typed word in a policy could become: the words of the language, actions, condition keys, and the names
//! of this world.

use std::collections::BTreeSet;

use super::who_can::known_actions;
use crate::cloud::iam::Identity;
use crate::cloud::reference;
use crate::lab::Lab;

/// The most that is offered.
const MOST: usize = 60;

/// The elements of a policy and the values some of them have.
/// Source: IAM User Guide, "IAM JSON policy elements reference".
const ELEMENTS: [&str; 16] = [
    "Version",
    "2012-10-17",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Allow",
    "Deny",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "AWS",
];

/// What a half-typed word could become, the likeliest first.
pub fn completions(lab: &Lab, typed: &str) -> Vec<String> {
    let world = lab.world();
    let roots = world.iam().accounts().map(|(account, _)| format!("arn:aws:iam::{account}:root"));
    let principals = roots.chain(world.iam().identities().map(Identity::arn));
    let keys = world.kms().keys().map(|key| key.arn());
    let tables = world.dynamodb().tables().map(|table| table.handle.arn());
    let service = format!("dynamodb.{}.amazonaws.com", lab.stage().names.region);
    let services = [service, "dynamodb.amazonaws.com".to_owned()];
    let elements = ELEMENTS.map(str::to_owned).into_iter();
    let operators = crate::policy::condition_operators();
    let condition_keys = reference().services.values().flat_map(|service| service.keys.keys().cloned());
    let condition_keys = reference().global_keys.keys().cloned().chain(condition_keys);
    let all = elements
        .chain(known_actions(lab).into_iter().map(|(action, _)| action))
        .chain(operators)
        .chain(principals)
        .chain(keys)
        .chain(tables)
        .chain(services)
        .chain(condition_keys.map(|key| key.trim_end_matches('*').to_owned()));
    let wanted = typed.to_lowercase();
    // A name typed alone finds the ARN that ends in it.
    let fits = |candidate: &String| {
        let candidate = candidate.to_lowercase();
        candidate.starts_with(&wanted) || (wanted.len() >= 3 && candidate.ends_with(&format!("/{wanted}")))
    };
    let mut seen = BTreeSet::new();
    all.filter(fits).filter(|word| word != typed && seen.insert(word.clone())).take(MOST).collect()
}
