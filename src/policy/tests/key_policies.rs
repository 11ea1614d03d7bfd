//! Situations around one key that people meet in practice.

use crate::policy::testing::*;
use crate::policy::{
    Grant, How, Layer, Named, Policies, PolicyKind, Principal, Request, Resource, ResourceMode, Verdict,
    decide,
};

const ALL: &str = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
const DYNAMODB: &str = r#""Effect": "Allow", "Action": "dynamodb:*", "Resource": "*""#;
const ACCOUNT_STATEMENT: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*""#;

fn names(principal: &str, action: &str) -> String {
    format!(
        r#""Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "{action}", "Resource": "*""#
    )
}

fn on_key(key_policy: &[&str], own: &[&str]) -> Policies {
    Policies { resource: resource_policy(ResourceMode::Required, key_policy), ..identity(own) }
}

fn ask(principal: Principal, action: &str) -> Request {
    Request::new(principal, action, Resource::new(KEY), crate::policy::Context::new())
}

// Source: IAM User Guide, "access_policies" (session policies): the role's ARN is limited, the session's is not
#[test]
fn a_session_policy_limits_the_role_and_not_the_session() {
    let session_policy = Some(vec![source(PolicyKind::Session, &[DYNAMODB])]);
    for (named, expected) in [
        ("arn:aws:iam::111122223333:role/app", (Verdict::ImplicitlyDenied, Layer::Session)),
        ("arn:aws:sts::111122223333:assumed-role/app/s1", (Verdict::Allowed, Layer::Resource)),
    ] {
        let statement = names(named, "kms:Decrypt");
        let policies = Policies { session: session_policy.clone(), ..on_key(&[&statement], &[ALL]) };
        let decision = decide(&decrypt(session("app", "s1")), &policies);
        assert_eq!((decision.verdict, decision.because.layer), expected, "{named}");
    }
}

// Source: IAM User Guide, "access_policies_boundaries"
#[test]
fn a_boundary_limits_what_the_account_gives_and_not_what_the_key_gives() {
    let boundary = Some(vec![source(PolicyKind::Boundary, &[DYNAMODB])]);
    let named = names("arn:aws:iam::111122223333:user/kim", "kms:Decrypt");
    for (key_policy, own, expected) in [
        (named.as_str(), vec![], (Verdict::Allowed, Layer::Resource)),
        (ACCOUNT_STATEMENT, vec![ALL], (Verdict::ImplicitlyDenied, Layer::Boundary)),
    ] {
        let policies = Policies { boundary: boundary.clone(), ..on_key(&[key_policy], &own) };
        let decision = decide(&decrypt(user("kim")), &policies);
        assert_eq!((decision.verdict, decision.because.layer), expected, "{key_policy}");
    }
}

// Source: KMS API Reference, PutKeyPolicy (lockout safety check): the caller must be able to do it again, by the new
// policy together with his own policies
#[test]
fn who_could_put_the_policy_again() {
    let own = r#""Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*""#;
    let (kim, tess) = ("arn:aws:iam::111122223333:user/kim", "arn:aws:iam::111122223333:user/tess");
    let (kim_manages, tess_manages) = (names(kim, "kms:*"), names(tess, "kms:*"));
    let kim_uses = names(kim, "kms:Decrypt");
    for (name, new_policy, own, expected) in [
        ("the caller is named", vec![kim_manages.as_str()], vec![], true),
        ("the account, and his own policy", vec![ACCOUNT_STATEMENT], vec![own], true),
        ("the account, and nothing of his own", vec![ACCOUNT_STATEMENT, &kim_uses], vec![DYNAMODB], false),
        ("somebody else", vec![tess_manages.as_str()], vec![ALL], false),
    ] {
        let decision = decide(&ask(user("kim"), "kms:PutKeyPolicy"), &on_key(&new_policy, &own));
        assert_eq!(decision.is_allowed(), expected, "{name}");
    }
}

// Source: KMS Developer Guide, "key-policy-default" (key administrators), "grants"
#[test]
fn an_administrator_without_cryptography_can_give_himself_a_grant() {
    let administrators = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Resource": "*",
        "Action": ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*",
        "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource",
        "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]"#;
    let mut policies = on_key(&[administrators], &[]);
    assert!(decide(&ask(user("kim"), "kms:CreateGrant"), &policies).is_allowed());
    assert!(!decide(&decrypt(user("kim")), &policies).is_allowed());
    let grant = Grant {
        id: "g".into(),
        grantee: Named::Arn("arn:aws:iam::111122223333:user/kim".into()),
        grantee_id: None,
        operations: vec!["kms:Decrypt".into()],
        constraint: None,
        source: None,
        usable: false,
    };
    policies.grants = vec![grant.clone()];
    assert!(!decide(&decrypt(user("kim")), &policies).is_allowed(), "before the grant has spread");
    policies.grants = vec![Grant { usable: true, ..grant }];
    let decision = decide(&decrypt(user("kim")), &policies);
    assert_eq!((decision.because.layer, decision.because.how), (Layer::Grant, How::ExplicitAllow));
}

// The choice of this engine where AWS does not say: a grant limits and is limited like a statement naming its grantee.
#[test]
fn grants_beside_boundaries_and_session_policies() {
    let limits = Some(vec![source(PolicyKind::Session, &[DYNAMODB])]);
    let to = |grantee: Named| Grant {
        id: "g".into(),
        grantee,
        grantee_id: None,
        operations: vec!["kms:Decrypt".into()],
        constraint: None,
        source: None,
        usable: true,
    };
    let tess = names("arn:aws:iam::111122223333:user/tess", "kms:*");
    for (grantee, own, expected) in [
        (
            Named::Arn("arn:aws:iam::111122223333:role/app".into()),
            vec![],
            (Verdict::ImplicitlyDenied, Layer::Session),
        ),
        (
            Named::Arn("arn:aws:sts::111122223333:assumed-role/app/s".into()),
            vec![],
            (Verdict::Allowed, Layer::Grant),
        ),
        (Named::Account(ACCOUNT.into()), vec![], (Verdict::ImplicitlyDenied, Layer::Identity)),
        (Named::Account(ACCOUNT.into()), vec![ALL], (Verdict::ImplicitlyDenied, Layer::Session)),
    ] {
        let mut policies = Policies { session: limits.clone(), ..on_key(&[&tess], &own) };
        policies.grants = vec![to(grantee.clone())];
        let decision = decide(&decrypt(session("app", "s")), &policies);
        assert_eq!((decision.verdict, decision.because.layer), expected, "{grantee:?}");
    }
}
