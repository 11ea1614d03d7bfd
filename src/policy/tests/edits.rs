//! The smallest edit that flips a decision.

use super::properties::{policies, request};
use crate::policy::testing::*;
use crate::policy::{
    Change, Layer, Policies, PolicyKind, ResourceMode, Source, decide, edits, explain, parse, smallest_edit,
};
use proptest::prelude::*;

const ACCOUNT_ONLY: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*""#;
const NAMES_TESS: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:*", "Resource": "*""#;
const TESS_DECRYPTS: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": ["kms:Decrypt", "kms:ReEncrypt*"], "Resource": "*""#;
const FOR_KIM: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*"}"#;
const VIA: &str = r#""Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "a"}}"#;

#[test]
fn the_smallest_edit_of_each_kind() {
    let encrypt = r#""Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*""#;
    let decrypt_too = r#""Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*""#;
    let other_key = r#""Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:s3:::b""#;
    let deny = r#""Effect": "Deny", "Action": "kms:*", "Resource": "*""#;
    let all = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    for (name, key_policy, own, change, layer, value) in [
        (
            "an action is missing",
            ACCOUNT_ONLY,
            vec![encrypt],
            Change::AddAction,
            Layer::Identity,
            "\"kms:Decrypt\"",
        ),
        (
            "an action is too many",
            ACCOUNT_ONLY,
            vec![decrypt_too],
            Change::RemoveAction,
            Layer::Identity,
            "\"kms:Decrypt\"",
        ),
        (
            "a resource is missing, but its statement would give the whole service",
            ACCOUNT_ONLY,
            vec![other_key],
            Change::AddStatement,
            Layer::Resource,
            FOR_KIM,
        ),
        (
            "a principal is missing, but his statement would give the whole service",
            NAMES_TESS,
            vec![],
            Change::AddStatement,
            Layer::Resource,
            FOR_KIM,
        ),
        (
            "a principal is missing",
            TESS_DECRYPTS,
            vec![],
            Change::AddPrincipal,
            Layer::Resource,
            "\"arn:aws:iam::111122223333:user/kim\"",
        ),
        ("a condition fails", ACCOUNT_ONLY, vec![VIA], Change::AddConditionValue, Layer::Identity, "\"b\""),
        (
            "a Deny",
            ACCOUNT_ONLY,
            vec![all, deny],
            Change::RemoveStatement,
            Layer::Identity,
            r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}"#,
        ),
    ] {
        let policies =
            Policies { resource: resource_policy(ResourceMode::Required, &[key_policy]), ..identity(&own) };
        let edit =
            smallest_edit(&decrypt_with(user("kim"), &[("kms:ViaService", "b")]), &policies).expect(name);
        assert_eq!((edit.change, edit.layer, &*edit.value), (change, layer, value), "{name}");
    }
}

#[test]
fn an_edit_says_what_it_gives_away_beside() {
    let encrypt = r#""Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:user/kim", "arn:aws:iam::111122223333:user/tess"]}, "Action": "kms:Encrypt", "Resource": "*""#;
    let conditional = r#""Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "a"}}"#;
    let sweeping_deny = r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:*", "Resource": "*""#;
    let kim_decrypts = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*""#;
    for (key_policy, change, actions, principals) in [
        (vec![NAMES_TESS], Change::AddPrincipal, vec!["kms:*"], vec![]),
        (vec![NAMES_TESS], Change::AddStatement, vec![], vec![]),
        (vec![TESS_DECRYPTS], Change::AddPrincipal, vec!["kms:ReEncrypt*"], vec![]),
        (vec![encrypt], Change::AddAction, vec![], vec!["arn:aws:iam::111122223333:user/tess"]),
        (vec![conditional], Change::AddConditionValue, vec![], vec!["*"]),
        // Only what another statement allows comes back when the Deny goes.
        (vec![sweeping_deny, kim_decrypts], Change::RemoveStatement, vec![], vec![]),
    ] {
        let policies =
            Policies { resource: resource_policy(ResourceMode::Required, &key_policy), ..identity(&[]) };
        let request = decrypt_with(user("kim"), &[("kms:ViaService", "b")]);
        let mut edits = edits(&explain(&request, &policies), &request, &policies);
        let edit = edits.find(|edit| edit.change == change).expect("an edit");
        let texts = |list: &[std::sync::Arc<str>]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = (texts(&edit.beyond.actions), texts(&edit.beyond.principals));
        assert_eq!(
            found,
            (
                actions.into_iter().map(str::to_owned).collect(),
                principals.into_iter().map(str::to_owned).collect()
            ),
            "{key_policy:?} {change:?}"
        );
        assert_eq!(edit.beyond.is_nothing(), found.0.is_empty() && found.1.is_empty());
    }
}

#[test]
fn a_policy_that_is_missing_is_written() {
    let policies =
        Policies { resource: resource_policy(ResourceMode::Required, &[ACCOUNT_ONLY]), ..identity(&[]) };
    let edits: Vec<_> = {
        let request = decrypt(user("kim"));
        edits(&explain(&request, &policies), &request, &policies).collect()
    };
    let new = edits.iter().find(|edit| edit.layer == Layer::Identity).expect("one adds an identity policy");
    assert_eq!((new.change, new.policy_index, new.policy.as_deref()), (Change::AddStatement, 0, None));
    assert!(parse(new.document.as_deref().expect("text"), PolicyKind::Identity).document.is_some());
}

#[test]
fn the_layout_of_the_text_is_kept() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"kms:Encrypt\"\n      ],\n      \"Resource\": \"*\"\n    }\n  ]\n}";
    let document = parse(text, PolicyKind::Identity).document.expect("valid");
    let policies = Policies { identity: vec![Source::new("p", document)], ..Policies::default() };
    let edit = smallest_edit(&decrypt(user("kim")), &policies).expect("an edit");
    assert_eq!(
        edit.document.as_deref(),
        Some(text.replace("Encrypt\"\n", "Encrypt\",\n        \"kms:Decrypt\"\n").as_str())
    );
}

#[test]
fn two_faults_have_no_single_edit() {
    let policies = Policies { scps: Some(vec![vec![]]), ..identity(&[]) };
    assert_eq!(smallest_edit(&decrypt(user("kim")), &policies), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_edit_offered_does_flip(request in request(), policies in policies()) {
        let before = decide(&request, &policies);
        for edit in edits(&explain(&request, &policies), &request, &policies).take(5) {
            prop_assert_ne!(edit.decision.is_allowed(), before.is_allowed());
            let Some(text) = &edit.document else { continue };
            let old = old_text(&policies, edit.layer, edit.level, edit.policy_index);
            let patched = format!("{}{}{}", &old[..edit.span.start], edit.replacement, &old[edit.span.end..]);
            prop_assert_eq!(&patched, text);
        }
    }
}

fn old_text(policies: &Policies, layer: Layer, level: usize, index: usize) -> String {
    let list = match layer {
        Layer::Identity => Some(&policies.identity),
        Layer::Boundary => policies.boundary.as_ref(),
        Layer::Session => policies.session.as_ref(),
        Layer::Endpoint => policies.endpoint.as_ref(),
        Layer::Scp => policies.scps.as_ref().map(|levels| &levels[level]),
        Layer::Rcp => policies.rcps.as_ref().map(|levels| &levels[level]),
        Layer::Resource | Layer::Grant => None,
    };
    let source = match layer {
        Layer::Resource => policies.resource.source.as_ref(),
        Layer::Rcp
        | Layer::Scp
        | Layer::Endpoint
        | Layer::Grant
        | Layer::Identity
        | Layer::Boundary
        | Layer::Session => list.and_then(|list| list.get(index)),
    };
    source.map_or(String::new(), |source| source.document.text.to_string())
}
