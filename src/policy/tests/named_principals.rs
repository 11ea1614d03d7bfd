//! Who is named in a resource's policy decides which other limits apply.

use crate::policy::testing::*;
use crate::policy::{Layer, Policies, PolicyKind, Principal, ResourceMode, Verdict, decide};

const ALLOW_ALL: &str = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
const ALLOW_OTHER: &str = r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*""#;
const DENY_ALL: &str = r#""Effect": "Deny", "Action": "*", "Resource": "*""#;

fn naming(principal: &str) -> String {
    format!(r#""Effect": "Allow", "Principal": {principal}, "Action": "kms:Decrypt", "Resource": "*""#)
}

fn arn(rest: &str) -> String {
    format!(r#"{{"AWS": "arn:aws:{rest}"}}"#)
}

/// Whether a caller named so in the resource's policy is allowed without an identity policy, with a boundary that
/// does not allow, and with a session policy that does not allow.
struct Row {
    named: String,
    caller: Principal,
    without_identity: bool,
    past_boundary: bool,
    past_session: bool,
}

// Sources: IAM User Guide, "reference_policies_evaluation-logic", "access_policies_boundaries" and
// "access_policies" (session policies)
fn rows() -> Vec<Row> {
    let row = |named: String, caller, without_identity, past_boundary, past_session| Row {
        named,
        caller,
        without_identity,
        past_boundary,
        past_session,
    };
    vec![
        row(arn("iam::111122223333:user/kim"), user("kim"), true, true, true),
        row(arn("iam::111122223333:role/app"), session("app", "s1"), true, false, false),
        row(arn("sts::111122223333:assumed-role/app/s1"), session("app", "s1"), true, true, true),
        row(arn("sts::111122223333:federated-user/bob"), federated("bob", "kim"), true, true, true),
        row(arn("iam::111122223333:user/kim"), federated("bob", "kim"), true, false, false),
        row(arn("iam::111122223333:root"), user("kim"), false, false, false),
        row(r#"{"AWS": "111122223333"}"#.into(), session("app", "s1"), false, false, false),
        row(r#""*""#.into(), user("kim"), true, true, true),
        row(r#"{"AWS": "*"}"#.into(), session("app", "s1"), true, true, true),
    ]
}

fn open_session() -> Vec<crate::policy::Source> {
    vec![source(PolicyKind::Session, &[ALLOW_ALL])]
}

#[test]
fn who_is_named_decides_which_limits_apply() {
    for mode in [ResourceMode::Optional, ResourceMode::Required] {
        for Row { named, caller, without_identity, past_boundary, past_session } in rows() {
            let is_session = !matches!(caller, Principal::User { .. });
            let base = Policies {
                resource: resource_policy(mode, &[&naming(&named)]),
                session: is_session.then(open_session),
                ..identity(&[ALLOW_ALL])
            };
            let allowed = |policies: &Policies| decide(&decrypt(caller.clone()), policies).is_allowed();
            assert!(allowed(&base), "{mode:?} {named}: with everything");

            let policies = Policies { identity: vec![], ..base.clone() };
            assert_eq!(allowed(&policies), without_identity, "{mode:?} {named}: without an identity policy");

            let boundary = Some(vec![source(PolicyKind::Boundary, &[ALLOW_OTHER])]);
            let policies = Policies { boundary, ..base.clone() };
            assert_eq!(allowed(&policies), past_boundary, "{mode:?} {named}: boundary without Allow");

            if is_session {
                let session = Some(vec![source(PolicyKind::Session, &[ALLOW_OTHER])]);
                let policies = Policies { session, ..base.clone() };
                assert_eq!(
                    allowed(&policies),
                    past_session,
                    "{mode:?} {named}: session policy without Allow"
                );
            }

            // An explicit Deny wins in every row.
            for layer in [Layer::Identity, Layer::Boundary, Layer::Session] {
                let mut policies = base.clone();
                match layer {
                    Layer::Identity => policies.identity.push(source(PolicyKind::Identity, &[DENY_ALL])),
                    Layer::Boundary => {
                        policies.boundary = Some(vec![source(PolicyKind::Boundary, &[ALLOW_ALL, DENY_ALL])]);
                    }
                    Layer::Rcp
                    | Layer::Scp
                    | Layer::Endpoint
                    | Layer::Resource
                    | Layer::Grant
                    | Layer::Session => {
                        policies.session = Some(vec![source(PolicyKind::Session, &[ALLOW_ALL, DENY_ALL])]);
                    }
                }
                let decision = decide(&decrypt(caller.clone()), &policies);
                assert_eq!(decision.verdict, Verdict::ExplicitlyDenied, "{named} {layer:?}");
                assert_eq!(decision.because.layer, layer, "{named}");
            }
        }
    }
}

// Source: IAM User Guide, "reference_policies_elements_principal"
#[test]
fn names_match_exactly() {
    for (named, caller, expected) in [
        (arn("iam::111122223333:user/kim"), user("tess"), false),
        (arn("iam::111122223333:user/Kim"), user("kim"), false),
        (arn("iam::111122223333:user/kim"), session("kim", "s"), false),
        (arn("iam::111122223333:role/app"), user("app"), false),
        (arn("sts::111122223333:assumed-role/app/s1"), session("app", "s2"), false),
        (r#"{"AWS": "AIDAKIMKIMKIMKIMKIMK"}"#.into(), user("kimkimkimkimkimk"), true),
        (r#"{"AWS": "AIDAKIMKIMKIMKIMKIMK"}"#.into(), user("kim"), false),
        (
            r#"{"Service": "x.amazonaws.com"}"#.into(),
            Principal::Service { name: "x.amazonaws.com".into() },
            true,
        ),
        (
            r#"{"Service": "x.amazonaws.com"}"#.into(),
            Principal::Service { name: "y.amazonaws.com".into() },
            false,
        ),
        (r#"{"Service": "x.amazonaws.com"}"#.into(), user("kim"), false),
        (
            r#"{"Federated": "www.example.com"}"#.into(),
            Principal::Federated { provider: "www.example.com".into() },
            true,
        ),
        (r#"{"CanonicalUser": "79a5"}"#.into(), user("kim"), false),
        (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#.into(), Principal::Anonymous, false),
        (r#""*""#.into(), Principal::Anonymous, true),
        (
            r#"{"AWS": ["arn:aws:iam::111122223333:user/tess", "arn:aws:iam::111122223333:user/kim"]}"#
                .into(),
            user("kim"),
            true,
        ),
    ] {
        let policies = Policies {
            resource: resource_policy(ResourceMode::Optional, &[&naming(&named)]),
            ..identity(&[])
        };
        assert_eq!(decide(&decrypt(caller.clone()), &policies).is_allowed(), expected, "{named} {caller:?}");
    }
}

// Source: IAM User Guide, "reference_policies_elements_notprincipal"
#[test]
fn not_principal() {
    let account = "arn:aws:iam::111122223333:root";
    let role = "arn:aws:iam::111122223333:role/app";
    let session_arn = "arn:aws:sts::111122223333:assumed-role/app/s1";
    for (effect, listed, caller, applies) in [
        ("Deny", vec!["arn:aws:iam::111122223333:user/kim", account], user("kim"), false),
        ("Deny", vec!["arn:aws:iam::111122223333:user/kim", account], user("tess"), true),
        ("Deny", vec!["arn:aws:iam::111122223333:user/kim"], user("kim"), true),
        ("Deny", vec![account], root(), false),
        ("Deny", vec![session_arn, role, account], session("app", "s1"), false),
        ("Deny", vec![session_arn, role, account], session("app", "s2"), true),
        ("Deny", vec![role, account], session("app", "s1"), true),
        ("Allow", vec!["arn:aws:iam::111122223333:user/kim"], user("kim"), false),
        ("Allow", vec!["arn:aws:iam::111122223333:user/kim"], user("tess"), true),
        ("Allow", vec![role], session("app", "s1"), false),
    ] {
        let list = listed.iter().map(|arn| format!("\"{arn}\"")).collect::<Vec<_>>().join(", ");
        let statement = format!(
            r#""Effect": "{effect}", "NotPrincipal": {{"AWS": [{list}]}}, "Action": "*", "Resource": "*""#
        );
        let policies = Policies {
            resource: resource_policy(ResourceMode::Optional, &[&statement]),
            ..identity(if effect == "Deny" { &[ALLOW_ALL] } else { &[] })
        };
        let allowed = decide(&decrypt(caller.clone()), &policies).is_allowed();
        assert_eq!(allowed, applies == (effect == "Allow"), "{effect} {listed:?} {caller:?}");
    }
}

// Source: IAM User Guide, "reference_policies_elements_principal": a saved policy keeps the unique id
#[test]
fn a_bound_name_means_the_principal_it_was_saved_for() {
    let kim = "arn:aws:iam::111122223333:user/kim";
    let mut policies = Policies {
        resource: resource_policy(ResourceMode::Required, &[&naming(&arn("iam::111122223333:user/kim"))]),
        ..identity(&[])
    };
    for (bound, expected) in [("AIDAKIM", true), ("AIDAFORMERKIM", false)] {
        if let Some(source) = &mut policies.resource.source {
            source.bound =
                Some([(kim.into(), bound.into())].into_iter().collect::<crate::policy::BoundIds>().into());
        }
        assert_eq!(decide(&decrypt(user("kim")), &policies).is_allowed(), expected, "{bound}");
    }
}
