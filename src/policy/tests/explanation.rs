//! What an explanation says.

use crate::policy::testing::*;
use crate::policy::{
    ConditionReason, ElementReason, Layer, LayerEffect, Policies, Principal, ResourceMode, Verdict, explain,
};

const KEY_POLICY: [&str; 2] = [
    r#""Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*""#,
    r#""Sid": "Tess", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": ["kms:Encrypt", "kms:De*"], "Resource": "*",
       "Condition": {"StringLike": {"kms:ViaService": "${t:service}.*"}, "Null": {"aws:SourceIp": "true"}}"#,
];

#[test]
fn every_element_says_what_matched_and_why() {
    let policies =
        Policies { resource: resource_policy(ResourceMode::Required, &KEY_POLICY), ..identity(&[]) };
    let request = decrypt_with(
        user("kim"),
        &[("kms:ViaService", "s3.us-east-1.amazonaws.com"), ("t:service", "dynamodb")],
    );
    let explanation = explain(&request, &policies);
    assert_eq!(explanation.decision.verdict, Verdict::ImplicitlyDenied);
    let resource = explanation.layers.iter().find(|layer| layer.layer == Layer::Resource).expect("a layer");
    assert_eq!(resource.effect, LayerEffect::Allows);
    let [account, tess] = &resource.policies[0].statements[..] else { panic!("two statements") };
    assert!(account.applies && account.principal.why == ElementReason::Listed);
    assert!(!tess.applies);
    assert_eq!(
        (tess.principal.why, &*tess.principal.asked),
        (ElementReason::NotListed, "arn:aws:iam::111122223333:user/kim")
    );
    let text = &policies.resource.source.as_ref().expect("a policy").document.text;
    let by = tess.action.by.as_ref().expect("a pattern matched");
    assert_eq!((by.span.of(text), &*by.text), ("\"kms:De*\"", "kms:De*"));
    let [via, null] = &tess.conditions[..] else { panic!("two conditions") };
    assert!(!via.holds && via.why == ConditionReason::Compared);
    assert_eq!(via.wanted[0].resolved.as_deref(), Some("dynamodb.*"));
    assert_eq!((&*via.found[0].text, via.found[0].accepted), ("s3.us-east-1.amazonaws.com", false));
    assert!(null.holds && null.why == ConditionReason::KeyAbsent);
}

#[test]
fn layers_that_do_not_take_part_say_so() {
    let policies = Policies { scps: Some(vec![]), boundary: Some(vec![]), ..identity(&[]) };
    let service = Principal::Service { name: "logs.amazonaws.com".into() };
    let explanation = explain(&decrypt(service), &policies);
    let effect =
        |layer| explanation.layers.iter().find(|trace| trace.layer == layer).map(|trace| trace.effect);
    for (layer, expected) in [
        (Layer::Rcp, LayerEffect::NoPolicy),
        (Layer::Scp, LayerEffect::NotForCaller),
        (Layer::Identity, LayerEffect::NotForCaller),
        (Layer::Boundary, LayerEffect::NotForCaller),
        (Layer::Session, LayerEffect::NoPolicy),
        (Layer::Resource, LayerEffect::NoPolicy),
        (Layer::Grant, LayerEffect::NoPolicy),
    ] {
        assert_eq!(effect(layer), Some(expected), "{layer:?}");
    }
    assert!(
        serde_json::to_string(&explanation).expect("serialises").contains("\"outcome\":\"notForCaller\"")
    );
}
