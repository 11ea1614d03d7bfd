//! How the layers combine, and what is named as the reason.

use crate::policy::testing::*;
use crate::policy::{
    Context, Grant, How, Layer, MapConstraint, Named, Policies, PolicyKind, Principal, Request, Resource,
    ResourceMode, Source, Verdict, decide,
};
use Verdict::{Allowed, ExplicitlyDenied, ImplicitlyDenied};

const ALL: &str = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
const DYNAMODB: &str = r#""Effect": "Allow", "Action": "dynamodb:*", "Resource": "*""#;
const NOT_KMS: &str = r#""Effect": "Allow", "NotAction": "kms:*", "Resource": "*""#;
const DENY_KMS: &str = r#""Sid": "NoKms", "Effect": "Deny", "Action": "kms:*", "Resource": "*""#;
const ROOT_DELEGATES: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*""#;
const NAMES_ADMIN: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/admin"}, "Action": "kms:*", "Resource": "*""#;
const NAMES_KIM: &str = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*""#;

fn on_key(key_policy: &[&str], identity_policy: &[&str]) -> Policies {
    Policies { resource: resource_policy(ResourceMode::Required, key_policy), ..identity(identity_policy) }
}

fn kms_on_key() -> String {
    format!(r#""Effect": "Allow", "Action": "kms:Decrypt", "Resource": "{KEY}""#)
}

fn check(name: &str, request: &Request, policies: &Policies, expected: (Verdict, Layer, How)) {
    let decision = decide(request, policies);
    let found = (decision.verdict, decision.because.layer, decision.because.how);
    assert_eq!(found, expected, "{name}");
}

// Sources: KMS Developer Guide, "key-policy-default", "key-policy-overview", "policy-evaluation"
#[test]
fn a_required_resource_policy_gives_nothing_by_itself() {
    let on_exactly_this_key = kms_on_key();
    for (name, caller, key_policy, identity_policy, expected) in [
        (
            "delegated, no identity policy for the key",
            user("kim"),
            &[ROOT_DELEGATES][..],
            &[DYNAMODB][..],
            (ImplicitlyDenied, Layer::Identity, How::NoAllow),
        ),
        (
            "delegated, and the identity policy allows",
            user("kim"),
            &[ROOT_DELEGATES],
            &[DYNAMODB, &on_exactly_this_key],
            (Allowed, Layer::Identity, How::Delegated),
        ),
        (
            "only another user is named: an administrator is refused",
            user("kim"),
            &[NAMES_ADMIN],
            &[ALL],
            (ImplicitlyDenied, Layer::Resource, How::NoAllow),
        ),
        (
            "the named user needs no identity policy",
            user("admin"),
            &[NAMES_ADMIN],
            &[],
            (Allowed, Layer::Resource, How::ExplicitAllow),
        ),
        (
            "nobody delegates to the account: its root user is refused",
            root(),
            &[NAMES_ADMIN],
            &[],
            (ImplicitlyDenied, Layer::Resource, How::NoAllow),
        ),
        (
            "the root user stands for the account",
            root(),
            &[ROOT_DELEGATES],
            &[],
            (Allowed, Layer::Resource, How::ExplicitAllow),
        ),
        (
            "a Deny in the key policy beats an administrator",
            user("kim"),
            &[
                ROOT_DELEGATES,
                r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*""#,
            ],
            &[ALL],
            (ExplicitlyDenied, Layer::Resource, How::ExplicitDeny),
        ),
        (
            "a Deny in the identity policy beats the key policy",
            user("kim"),
            &[NAMES_KIM],
            &[DENY_KMS],
            (ExplicitlyDenied, Layer::Identity, How::ExplicitDeny),
        ),
        (
            "a statement without Resource does nothing",
            user("kim"),
            &[r#""Effect": "Allow", "Principal": "*", "Action": "kms:*""#],
            &[ALL],
            (ImplicitlyDenied, Layer::Resource, How::NoAllow),
        ),
        (
            "a statement without Action does nothing",
            user("kim"),
            &[r#""Effect": "Allow", "Principal": "*", "Resource": "*""#],
            &[ALL],
            (ImplicitlyDenied, Layer::Resource, How::NoAllow),
        ),
    ] {
        check(name, &decrypt(caller), &on_key(key_policy, identity_policy), expected);
    }
}

#[test]
fn an_optional_resource_policy_or_an_identity_policy_suffices() {
    let bucket = |statements: &[&str], own: &[&str]| Policies {
        resource: resource_policy(ResourceMode::Optional, statements),
        ..identity(own)
    };
    check(
        "identity",
        &decrypt(user("kim")),
        &bucket(&[NAMES_ADMIN], &[ALL]),
        (Allowed, Layer::Identity, How::ExplicitAllow),
    );
    check(
        "resource",
        &decrypt(user("kim")),
        &bucket(&[NAMES_KIM], &[]),
        (Allowed, Layer::Resource, How::ExplicitAllow),
    );
    check(
        "neither",
        &decrypt(user("kim")),
        &bucket(&[NAMES_ADMIN], &[]),
        (ImplicitlyDenied, Layer::Identity, How::NoAllow),
    );
    check(
        "the account is not enough",
        &decrypt(user("kim")),
        &bucket(&[ROOT_DELEGATES], &[]),
        (ImplicitlyDenied, Layer::Identity, How::NoAllow),
    );
    check("root", &decrypt(root()), &identity(&[]), (Allowed, Layer::Identity, How::RootUser));
}

// Sources: KMS Developer Guide, "key-policy-modifying-external-accounts"; IAM User Guide,
// "reference_policies_evaluation-logic-cross-account"
#[test]
fn both_accounts_have_to_allow() {
    let names_account = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:Decrypt", "Resource": "*""#;
    let names_user = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:user/eve"}, "Action": "kms:Decrypt", "Resource": "*""#;
    let everybody = r#""Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*""#;
    let own = kms_on_key();
    for (name, key_policy, identity_policy, expected) in [
        (
            "account named, no identity policy",
            names_account,
            None,
            (ImplicitlyDenied, Layer::Identity, How::NoAllow),
        ),
        (
            "account named, identity policy",
            names_account,
            Some(own.as_str()),
            (Allowed, Layer::Identity, How::Delegated),
        ),
        ("not named", ROOT_DELEGATES, Some(own.as_str()), (ImplicitlyDenied, Layer::Resource, How::NoAllow)),
        (
            "user named, no identity policy",
            names_user,
            None,
            (ImplicitlyDenied, Layer::Identity, How::NoAllow),
        ),
        (
            "user named, identity policy",
            names_user,
            Some(own.as_str()),
            (Allowed, Layer::Identity, How::Delegated),
        ),
        ("everybody, no identity policy", everybody, None, (ImplicitlyDenied, Layer::Identity, How::NoAllow)),
    ] {
        let mut policies = on_key(&[key_policy], identity_policy.as_slice());
        check(name, &decrypt(foreign_user("eve")), &policies, expected);
        policies.resource.cross_account = false;
        let not_effective = decide(&decrypt(foreign_user("eve")), &policies);
        assert_eq!(
            (not_effective.verdict, not_effective.because.layer),
            (ImplicitlyDenied, Layer::Resource),
            "{name}"
        );
    }
    check(
        "no resource policy at all",
        &decrypt(foreign_user("eve")),
        &identity(&[ALL]),
        (ImplicitlyDenied, Layer::Resource, How::NoAllow),
    );
}

// Source: KMS Developer Guide, "conditions-kms" (kms:ViaService) and "conditions-aws" (aws:SourceIp)
#[test]
fn a_condition_tells_direct_use_from_use_through_a_service() {
    let via = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}"#;
    let from_ip = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}"#;
    let deny_direct = r#""Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringNotEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}"#;
    let direct = decrypt_with(user("kim"), &[("aws:SourceIp", "203.0.113.7")]);
    let through = decrypt_with(
        user("kim"),
        &[("kms:ViaService", "dynamodb.us-east-1.amazonaws.com"), ("aws:SourceIp", "198.51.100.2")],
    );
    for (statements, direct_allowed, through_allowed) in
        [(&[via][..], false, true), (&[from_ip], true, false), (&[NAMES_KIM, deny_direct], false, true)]
    {
        let policies = on_key(statements, &[]);
        assert_eq!(decide(&direct, &policies).is_allowed(), direct_allowed, "{statements:?}");
        assert_eq!(decide(&through, &policies).is_allowed(), through_allowed, "{statements:?}");
    }
}

// Source: DynamoDB Developer Guide, "encryption.usagenotes": the policy of the key AWS manages for DynamoDB
#[test]
fn a_managed_key_serves_its_service_only() {
    let key_policy = [
        r#""Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}"#,
        r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*""#,
    ];
    let through = [("kms:CallerAccount", ACCOUNT), ("kms:ViaService", "dynamodb.us-east-1.amazonaws.com")];
    let any_user = on_key(&key_policy, &[DYNAMODB]);
    check(
        "through DynamoDB",
        &decrypt_with(user("kim"), &through),
        &any_user,
        (Allowed, Layer::Resource, How::ExplicitAllow),
    );
    let administrator = on_key(&key_policy, &[ALL]);
    check(
        "directly",
        &decrypt_with(user("admin"), &through[..1]),
        &administrator,
        (ImplicitlyDenied, Layer::Resource, How::NoAllow),
    );
}

// Sources: Organizations User Guide, "orgs_manage_policies_scps_evaluation", "orgs_manage_policies_rcps_evaluation"
#[test]
fn organization_policies_limit_at_every_level() {
    let list = |kind, levels: &[&[&str]]| -> Option<Vec<Vec<Source>>> {
        Some(
            levels
                .iter()
                .map(|level| level.iter().map(|statement| source(kind, &[statement])).collect())
                .collect(),
        )
    };
    let scp = |levels: &[&[&str]]| list(PolicyKind::Scp, levels);
    let base = on_key(&[ROOT_DELEGATES], &[ALL]);
    for (name, scps, expected) in [
        ("no organization", None, (Allowed, Layer::Identity, How::Delegated)),
        ("allowed at all levels", scp(&[&[ALL], &[ALL]]), (Allowed, Layer::Identity, How::Delegated)),
        (
            "a level without an Allow",
            scp(&[&[ALL], &[NOT_KMS]]),
            (ImplicitlyDenied, Layer::Scp, How::NoAllow),
        ),
        ("an empty level", scp(&[&[ALL], &[]]), (ImplicitlyDenied, Layer::Scp, How::NoAllow)),
        ("two policies at a level", scp(&[&[NOT_KMS, ALL]]), (Allowed, Layer::Identity, How::Delegated)),
        (
            "a Deny at one level",
            scp(&[&[ALL, DENY_KMS], &[ALL]]),
            (ExplicitlyDenied, Layer::Scp, How::ExplicitDeny),
        ),
    ] {
        check(name, &decrypt(user("kim")), &Policies { scps, ..base.clone() }, expected);
    }
    let scps = scp(&[&[ALL], &[NOT_KMS]]);
    let policies = Policies { scps, ..base.clone() };
    check(
        "the root user of a member account",
        &decrypt(root()),
        &policies,
        (ImplicitlyDenied, Layer::Scp, How::NoAllow),
    );
    assert_eq!(decide(&decrypt(root()), &policies).because.level, Some(1));

    let everyone = r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#;
    let strangers = r#""Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}"#;
    let rcps = list(PolicyKind::Rcp, &[&[everyone, strangers]]);
    let open = r#""Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*""#;
    let policies = Policies { rcps, ..on_key(&[open], &[ALL]) };
    check("own account", &decrypt(user("kim")), &policies, (Allowed, Layer::Resource, How::ExplicitAllow));
    check(
        "foreign account",
        &decrypt(foreign_user("eve")),
        &policies,
        (ExplicitlyDenied, Layer::Rcp, How::ExplicitDeny),
    );
}

// Source: Organizations User Guide, "orgs_manage_policies_scps": services are no principals of an account
#[test]
fn a_service_on_its_own_behalf_needs_the_resource_alone() {
    let names_service = r#""Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:*", "Resource": "*""#;
    let service = || Principal::Service { name: "logs.amazonaws.com".into() };
    let mut policies = on_key(&[names_service], &[]);
    policies.scps = Some(vec![vec![]]);
    policies.boundary = Some(vec![]);
    check("named", &decrypt(service()), &policies, (Allowed, Layer::Resource, How::ExplicitAllow));
    policies.resource = resource_policy(ResourceMode::Required, &[ROOT_DELEGATES]);
    check("not named", &decrypt(service()), &policies, (ImplicitlyDenied, Layer::Resource, How::NoAllow));
}

// Source: VPC User Guide, "vpc-endpoints-access": the policy limits what passes the endpoint
#[test]
fn an_endpoint_policy_limits() {
    let endpoint = |statement| Some(vec![source(PolicyKind::Endpoint, &[statement])]);
    let base = on_key(&[NAMES_KIM], &[]);
    let open = r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#;
    let closed = r#""Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*""#;
    check(
        "open",
        &decrypt(user("kim")),
        &Policies { endpoint: endpoint(open), ..base.clone() },
        (Allowed, Layer::Resource, How::ExplicitAllow),
    );
    check(
        "closed",
        &decrypt(user("kim")),
        &Policies { endpoint: endpoint(closed), ..base },
        (ImplicitlyDenied, Layer::Endpoint, How::NoAllow),
    );
}

fn grant(grantee: Named) -> Grant {
    Grant {
        id: "g1".into(),
        grantee,
        grantee_id: None,
        operations: vec!["kms:Decrypt".into(), "kms:DescribeKey".into()],
        constraint: None,
        source: None,
        usable: true,
    }
}

fn constrained(exact: bool) -> Grant {
    let constraint = MapConstraint {
        prefix: "kms:EncryptionContext:".into(),
        exact,
        is_case_sensitive: false,
        pairs: [("Tenant".into(), "A".into())].into(),
        exempt: vec!["kms:DescribeKey".into(), "kms:RetireGrant".into()],
    };
    Grant { constraint: Some(constraint), ..grant(Named::Arn("arn:aws:iam::111122223333:user/kim".into())) }
}

// Sources: KMS Developer Guide, "grants", "create-grant-overview", "grant-manage"
#[test]
fn grants_allow_their_operations_to_their_grantee() {
    let kim = || Named::Arn("arn:aws:iam::111122223333:user/kim".into());
    let role = || Named::Arn("arn:aws:iam::111122223333:role/app".into());
    let ask = |principal, action: &str, context: &[(&str, &str)]| {
        Request::new(principal, action, Resource::new(KEY), context.iter().copied().collect::<Context>())
    };
    let tenant = |value| vec![("kms:EncryptionContext:Tenant", value)];
    let service = Principal::Service { name: "dynamodb.amazonaws.com".into() };
    for (name, grant, request, expected) in [
        ("the grantee", grant(kim()), ask(user("kim"), "kms:Decrypt", &[]), true),
        ("somebody else", grant(kim()), ask(user("tess"), "kms:Decrypt", &[]), false),
        ("another operation", grant(kim()), ask(user("kim"), "kms:Encrypt", &[]), false),
        (
            "not usable yet",
            Grant { usable: false, ..grant(kim()) },
            ask(user("kim"), "kms:Decrypt", &[]),
            false,
        ),
        ("a role's session", grant(role()), ask(session("app", "s"), "kms:Decrypt", &[]), true),
        (
            "a service",
            grant(Named::Service("dynamodb.amazonaws.com".into())),
            ask(service, "kms:Decrypt", &[]),
            true,
        ),
        (
            "another user of the same name",
            Grant { grantee_id: Some("AIDAOLD".into()), ..grant(kim()) },
            ask(user("kim"), "kms:Decrypt", &[]),
            false,
        ),
        (
            "a foreign user",
            grant(Named::Arn("arn:aws:iam::444455556666:user/eve".into())),
            ask(foreign_user("eve"), "kms:Decrypt", &[]),
            true,
        ),
        ("equals: exactly the pairs", constrained(true), ask(user("kim"), "kms:Decrypt", &tenant("A")), true),
        ("equals: another value", constrained(true), ask(user("kim"), "kms:Decrypt", &tenant("a")), false),
        (
            "equals: another case of the name",
            constrained(true),
            ask(user("kim"), "kms:Decrypt", &[("kms:EncryptionContext:tenant", "A")]),
            true,
        ),
        (
            "equals: one more pair",
            constrained(true),
            ask(
                user("kim"),
                "kms:Decrypt",
                &[("kms:EncryptionContext:Tenant", "A"), ("kms:EncryptionContext:x", "y")],
            ),
            false,
        ),
        ("equals: no pair", constrained(true), ask(user("kim"), "kms:Decrypt", &[]), false),
        (
            "subset: one more pair",
            constrained(false),
            ask(
                user("kim"),
                "kms:Decrypt",
                &[("kms:EncryptionContext:Tenant", "A"), ("kms:EncryptionContext:x", "y")],
            ),
            true,
        ),
        ("subset: no pair", constrained(false), ask(user("kim"), "kms:Decrypt", &[]), false),
        (
            "an operation without encryption context",
            constrained(true),
            ask(user("kim"), "kms:DescribeKey", &[]),
            true,
        ),
    ] {
        let policies = Policies { grants: vec![grant], ..on_key(&[NAMES_ADMIN], &[]) };
        let decision = decide(&request, &policies);
        assert_eq!(decision.is_allowed(), expected, "{name}");
        if expected {
            assert_eq!(
                (decision.because.layer, decision.because.policy.as_deref()),
                (Layer::Grant, Some("g1")),
                "{name}"
            );
        }
    }
}

#[test]
fn the_reason_names_the_statement() {
    let policies = on_key(&[ROOT_DELEGATES], &[DYNAMODB, DENY_KMS]);
    let because = decide(&decrypt(user("kim")), &policies).because;
    assert_eq!(because.policy.as_deref(), Some("Identity"));
    assert_eq!(
        (because.policy_index, because.statement, because.sid.as_deref()),
        (Some(0), Some(1), Some("NoKms"))
    );
    let text = &policies.identity[0].document.text;
    assert!(because.span.is_some_and(|span| span.of(text).starts_with("{\"Sid\": \"NoKms\"")));
    let json = serde_json::to_value(decide(&decrypt(user("kim")), &policies)).expect("serialises");
    assert_eq!(json["verdict"], "ExplicitlyDenied");
    assert_eq!(json["because"]["layer"], "identity");
}
