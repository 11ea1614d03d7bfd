//! What holds for all policies and all requests.

use crate::policy::testing::*;
use crate::policy::{
    Context, Grant, Named, Policies, PolicyKind, Principal, Request, Resource, ResourceMode, ResourcePolicy,
    Source, Verdict, decide, explain,
};
use proptest::prelude::*;
use proptest::sample::select;

/// The insides of statements that overlap in every way with the requests below.
fn statement(with_principal: bool, effects: &'static [&'static str]) -> impl Strategy<Value = String> {
    let principals = vec![
        r#""*""#,
        r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
        r#"{"AWS": "arn:aws:iam::111122223333:user/kim"}"#,
        r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#,
        r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s"}"#,
        r#"{"AWS": ["arn:aws:iam::444455556666:user/eve", "444455556666"]}"#,
        r#"{"Service": "dynamodb.amazonaws.com"}"#,
    ];
    let conditions = vec![
        "",
        r#", "Condition": {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}"#,
        r#", "Condition": {"StringNotEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}"#,
        r#", "Condition": {"Null": {"aws:username": "false"}}"#,
        r#", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/k*"}, "Bool": {"aws:SecureTransport": true}}"#,
    ];
    let actions = vec![
        r#""Action": "*""#,
        r#""Action": ["kms:Decrypt", "kms:Encrypt"]"#,
        r#""Action": "kms:De*""#,
        r#""NotAction": "kms:Decrypt""#,
        r#""Action": "s3:GetObject""#,
    ];
    let resources = vec![
        r#""Resource": "*""#,
        r#""Resource": "arn:aws:kms:us-east-1:111122223333:key/*""#,
        r#""NotResource": "arn:aws:s3:::*""#,
        r#""Resource": "arn:aws:s3:::bucket/${aws:username}""#,
    ];
    let elements =
        (select(effects), select(principals), select(actions), select(resources), select(conditions));
    elements.prop_map(move |(effect, principal, action, resource, condition)| {
        let principal = if with_principal { format!(r#""Principal": {principal}, "#) } else { String::new() };
        format!(r#""Effect": "{effect}", {principal}{action}, {resource}{condition}"#)
    })
}

const BOTH: &[&str] = &["Allow", "Allow", "Deny"];

pub(crate) fn a_source(kind: PolicyKind, effects: &'static [&'static str]) -> impl Strategy<Value = Source> {
    let with_principal = matches!(kind, PolicyKind::Resource | PolicyKind::Rcp | PolicyKind::Endpoint);
    proptest::collection::vec(statement(with_principal, effects), 1..4)
        .prop_map(move |statements| source(kind, &statements.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn sources(kind: PolicyKind) -> impl Strategy<Value = Vec<Source>> {
    proptest::collection::vec(a_source(kind, BOTH), 0..3)
}

fn levels(kind: PolicyKind) -> impl Strategy<Value = Option<Vec<Vec<Source>>>> {
    proptest::option::weighted(0.3, proptest::collection::vec(sources(kind), 0..3))
}

fn optional(kind: PolicyKind) -> impl Strategy<Value = Option<Vec<Source>>> {
    proptest::option::weighted(0.3, sources(kind))
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let grantee = select(vec![
        Named::Arn("arn:aws:iam::111122223333:user/kim".into()),
        Named::Arn("arn:aws:iam::111122223333:role/app".into()),
        Named::Account(ACCOUNT.into()),
    ]);
    let grant = grantee.prop_map(|grantee| Grant {
        id: "g".into(),
        grantee,
        grantee_id: None,
        operations: vec!["kms:Decrypt".into()],
        constraint: None,
        source: None,
        usable: true,
    });
    proptest::collection::vec(grant, 0..2)
}

prop_compose! {
    pub(crate) fn policies()(
        identity in sources(PolicyKind::Identity),
        boundary in optional(PolicyKind::Boundary),
        session in optional(PolicyKind::Session),
        scps in levels(PolicyKind::Scp),
        rcps in levels(PolicyKind::Rcp),
        endpoint in optional(PolicyKind::Endpoint),
        mode in select(vec![ResourceMode::None, ResourceMode::Optional, ResourceMode::Required]),
        source in proptest::option::weighted(0.8, a_source(PolicyKind::Resource, BOTH)),
        cross_account in any::<bool>(),
        grants in grants(),
    ) -> Policies {
        let resource = ResourcePolicy { mode, source, cross_account };
        Policies { identity, boundary, session, scps, rcps, endpoint, resource, grants }
    }
}

prop_compose! {
    pub(crate) fn request()(
        principal in select(vec![
            user("kim"), user("tess"), root(), session("app", "s"), federated("bob", "kim"), foreign_user("eve"),
            Principal::Service { name: "dynamodb.amazonaws.com".into() }, Principal::Anonymous,
        ]),
        action in select(vec!["kms:Decrypt", "kms:Encrypt", "s3:GetObject"]),
        resource in select(vec![KEY, "arn:aws:s3:::bucket/kim", "*"]),
        via in any::<bool>(),
        secure in any::<bool>(),
    ) -> Request {
        let mut context = Context::new();
        context.set("aws:SecureTransport", if secure { "true" } else { "false" });
        if via {
            context.set("kms:ViaService", "dynamodb.us-east-1.amazonaws.com");
        }
        Request::new(principal, action, Resource::new(resource), context)
    }
}

/// The document with its statements in the opposite order.
fn reversed(source: &Source) -> Source {
    let document = &source.document;
    let statements: Vec<_> =
        document.statements.iter().rev().map(|statement| statement.span.of(&document.text)).collect();
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "));
    let parsed = crate::policy::parse(&text, document.kind);
    Source { document: parsed.document.expect("the same statements"), ..source.clone() }
}

fn all_reversed(policies: &Policies) -> Policies {
    let list = |sources: &Vec<Source>| sources.iter().rev().map(reversed).collect::<Vec<_>>();
    let levels = |levels: &Vec<Vec<Source>>| levels.iter().rev().map(list).collect();
    Policies {
        identity: list(&policies.identity),
        boundary: policies.boundary.as_ref().map(list),
        session: policies.session.as_ref().map(list),
        scps: policies.scps.as_ref().map(levels),
        rcps: policies.rcps.as_ref().map(levels),
        endpoint: policies.endpoint.as_ref().map(list),
        resource: ResourcePolicy {
            source: policies.resource.source.as_ref().map(reversed),
            ..policies.resource.clone()
        },
        grants: policies.grants.iter().rev().cloned().collect(),
    }
}

/// Adds a policy to one of the layers, whichever are there.
fn with_policy(
    policies: &Policies,
    layer: usize,
    effects: &'static [&'static str],
) -> BoxedStrategy<Policies> {
    let policies = policies.clone();
    let kinds =
        [PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Session, PolicyKind::Scp, PolicyKind::Rcp];
    let kind = kinds[layer % kinds.len()];
    a_source(kind, effects)
        .prop_map(move |source| {
            let mut policies = policies.clone();
            match kind {
                PolicyKind::Boundary => policies.boundary.iter_mut().for_each(|l| l.push(source.clone())),
                PolicyKind::Session => policies.session.iter_mut().for_each(|list| list.push(source.clone())),
                PolicyKind::Scp => at_first_level(&mut policies.scps, &source),
                PolicyKind::Rcp => at_first_level(&mut policies.rcps, &source),
                PolicyKind::Identity | PolicyKind::Resource | PolicyKind::Trust | PolicyKind::Endpoint => {
                    policies.identity.push(source.clone());
                }
            }
            policies
        })
        .boxed()
}

fn at_first_level(levels: &mut Option<Vec<Vec<Source>>>, source: &Source) {
    levels.iter_mut().flatten().take(1).for_each(|level| level.push(source.clone()));
}

/// Policies, and the same with one more policy.
fn one_more(effects: &'static [&'static str]) -> impl Strategy<Value = (Policies, Policies)> {
    (policies(), 0..5_usize).prop_flat_map(move |(policies, layer)| {
        let more = with_policy(&policies, layer, effects);
        (Just(policies), more)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn explaining_and_deciding_agree(request in request(), policies in policies()) {
        prop_assert_eq!(explain(&request, &policies).decision, decide(&request, &policies));
    }

    #[test]
    fn order_never_matters(request in request(), policies in policies()) {
        let straight = decide(&request, &policies);
        let backwards = decide(&request, &all_reversed(&policies));
        prop_assert_eq!(straight.verdict, backwards.verdict);
        prop_assert_eq!(straight.because.layer, backwards.because.layer);
    }

    #[test]
    fn a_further_deny_never_allows(request in request(), (before, after) in one_more(&["Deny"])) {
        if decide(&request, &after).is_allowed() {
            prop_assert!(decide(&request, &before).is_allowed());
        }
    }

    #[test]
    fn a_further_allow_never_denies(request in request(), (before, after) in one_more(&["Allow"])) {
        let (before, after) = (decide(&request, &before), decide(&request, &after));
        if before.is_allowed() {
            prop_assert!(after.is_allowed());
        }
        prop_assert_eq!(before.verdict == Verdict::ExplicitlyDenied, after.verdict == Verdict::ExplicitlyDenied);
    }
}
