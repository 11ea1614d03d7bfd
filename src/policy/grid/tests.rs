use super::*;
use crate::policy::testing::*;
use crate::policy::tests::properties::policies;
use crate::policy::{Policies, Principal, Request, Resource, ResourcePolicy, decide};
use proptest::prelude::*;

fn subject(principal: Principal, policies: &Policies) -> Subject {
    let Policies { identity, boundary, session, scps, endpoint, .. } = policies.clone();
    let context = [("aws:SecureTransport", "true")].into_iter().collect();
    Subject { principal, identity, boundary, session, scps, endpoint, context }
}

fn target(arn: &str, policies: &Policies, actions: usize) -> Target {
    let Policies { rcps, resource, .. } = policies.clone();
    let modes = vec![Some((resource.mode, resource.cross_account)); actions];
    let context = [("t:resource", arn)].into_iter().collect();
    Target { resource: Resource::new(arn), policy: resource.source, rcps, context, modes }
}

fn actions() -> Vec<(Arc<str>, Context)> {
    let via = [("kms:ViaService", "dynamodb.us-east-1.amazonaws.com")].into_iter().collect();
    vec![
        ("kms:Decrypt".into(), via),
        ("kms:Encrypt".into(), Context::new()),
        ("s3:GetObject".into(), Context::new()),
    ]
}

/// More actions than a word has bits, by name and with keys in turn.
fn many_actions() -> Vec<(Arc<str>, Context)> {
    let short = actions();
    (0..131).map(|n| short[n * n % 7 % 3].clone()).collect()
}

/// One by one, as [`decide`] is asked.
fn cell(
    subject: &Subject,
    (action, keys): &(Arc<str>, Context),
    target: &Target,
    at: usize,
) -> (Request, Policies) {
    let mut context = subject.context.clone();
    for (key, values) in target.context.iter().chain(keys.iter()) {
        context.set_many(key, values.iter().cloned());
    }
    let (mode, cross_account) = target.modes[at].expect("it is asked");
    let Subject { identity, boundary, session, scps, endpoint, .. } = subject.clone();
    let resource = ResourcePolicy { mode, source: target.policy.clone(), cross_account };
    let rcps = target.rcps.clone();
    let policies = Policies { identity, boundary, session, scps, rcps, endpoint, resource, grants: vec![] };
    (Request::new(subject.principal.clone(), action.clone(), target.resource.clone(), context), policies)
}

fn every_cell_is_decided(
    subjects: &[Subject],
    actions: &[(Arc<str>, Context)],
    targets: &[Target],
) -> Result<(), TestCaseError> {
    let grid = Grid::decide(subjects, actions, targets);
    for (s, subject) in subjects.iter().enumerate() {
        for (a, action) in actions.iter().enumerate() {
            for (t, target) in targets.iter().enumerate() {
                let (request, policies) = cell(subject, action, target, a);
                prop_assert_eq!(grid.verdict(s, a, t), Some(decide(&request, &policies).verdict));
            }
        }
    }
    prop_assert_eq!(grid.verdict(subjects.len(), 0, 0), None);
    prop_assert_eq!(grid.verdict(0, actions.len(), 0), None);
    prop_assert_eq!(grid.verdict(0, 0, targets.len()), None);
    Ok(())
}

const ARNS: [&str; 3] = [KEY, "arn:aws:s3:::bucket/kim", "*"];

fn principals() -> Vec<Principal> {
    let service = Principal::Service { name: "dynamodb.amazonaws.com".into() };
    vec![
        user("kim"),
        root(),
        session("app", "s"),
        federated("bob", "kim"),
        foreign_user("eve"),
        service,
        Principal::Anonymous,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn masks_equal_cell_by_cell(
        by_subject in proptest::collection::vec(policies(), 7),
        by_target in proptest::collection::vec(policies(), 3),
    ) {
        let subjects = principals().into_iter().zip(&by_subject).map(|(principal, policies)| subject(principal, policies));
        let targets = ARNS.iter().zip(&by_target).map(|(arn, policies)| target(arn, policies, 3));
        every_cell_is_decided(&subjects.collect::<Vec<_>>(), &actions(), &targets.collect::<Vec<_>>())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn masks_of_several_words_equal_cell_by_cell(by_subject in policies(), by_target in policies()) {
        let subjects = [user("kim"), session("app", "s")].map(|principal| subject(principal, &by_subject));
        let targets = [ARNS[0], ARNS[1]].map(|arn| target(arn, &by_target, 131));
        every_cell_is_decided(&subjects, &many_actions(), &targets)?;
    }
}

#[test]
fn documents_are_compiled_once_however_many_have_them() {
    let policies = identity(&[r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#]);
    let other = identity(&[r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#]);
    let subjects = [&policies, &policies, &other].map(|policies| subject(user("kim"), policies));
    let targets = [target(KEY, &policies, 3)];
    let compiled = masks::compiled(&subjects, &actions(), &targets);
    assert_eq!(compiled.len(), 2);
    assert_eq!(compiled.of(&policies.identity[0].document).len(), 1);
    let grid = Grid::decide(&subjects, &actions(), &targets);
    let verdicts = [0, 1, 2].map(|subject| grid.verdict(subject, 0, 0));
    assert_eq!(verdicts, [Verdict::Allowed, Verdict::Allowed, Verdict::ImplicitlyDenied].map(Some));
}
