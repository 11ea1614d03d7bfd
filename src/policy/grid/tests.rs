use super::*;
use crate::policy::decide;
use crate::policy::testing::*;
use crate::policy::tests::properties::policies;
use proptest::prelude::*;

fn subject(principal: Principal, policies: &Policies) -> Subject {
    let Policies { identity, boundary, session, scps, endpoint, .. } = policies.clone();
    let context = [("aws:SecureTransport", "true")].into_iter().collect();
    Subject { principal, identity, boundary, session, scps, endpoint, context }
}

fn target(arn: &str, policies: &Policies) -> Target {
    let Policies { rcps, grants, resource, .. } = policies.clone();
    let modes = vec![(resource.mode, resource.cross_account); 3];
    let context = [("t:resource", arn)].into_iter().collect();
    Target { resource: Resource::new(arn), policy: resource.source, rcps, grants, context, modes }
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

fn every_cell_is_decided(grid: &Grid) -> Result<(), TestCaseError> {
    for subject in 0..grid.subjects.len() {
        for action in 0..grid.actions.len() {
            for target in 0..grid.targets.len() {
                let request = grid.request(subject, action, target).expect("a cell");
                let policies = grid.policies(subject, action, target).expect("a cell");
                let expected = decide(&request, &policies);
                prop_assert_eq!(grid.verdict(subject, action, target), Some(expected.verdict));
                prop_assert_eq!(grid.decision(subject, action, target), Some(expected));
            }
        }
    }
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
        edited in policies(),
    ) {
        let subjects = principals().into_iter().zip(&by_subject).map(|(principal, policies)| subject(principal, policies));
        let targets = ARNS.iter().zip(&by_target).map(|(arn, policies)| target(arn, policies));
        let mut grid = Grid::new(subjects.collect(), actions(), targets.collect());
        every_cell_is_decided(&grid)?;
        grid.replace_subject(0, subject(user("kim"), &edited)).expect("there is one");
        grid.replace_policy(1, edited.resource.source.clone()).expect("there is one");
        every_cell_is_decided(&grid)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn masks_of_several_words_equal_cell_by_cell(by_subject in policies(), by_target in policies()) {
        let subjects = [user("kim"), session("app", "s")].map(|principal| subject(principal, &by_subject));
        let targets = ARNS[..2].iter().map(|arn| {
            let target = target(arn, &by_target);
            Target { modes: vec![target.modes[0]; 131], ..target }
        });
        every_cell_is_decided(&Grid::new(subjects.into(), many_actions(), targets.collect()))?;
    }
}

#[test]
fn editing_one_policy_compiles_that_policy_only() {
    let policies = identity(&[r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#]);
    let shared = policies.identity[0].clone();
    let subjects = (0..5).map(|_| subject(user("kim"), &policies)).collect();
    let mut grid = Grid::new(subjects, actions(), vec![target(KEY, &policies)]);
    let masks = |grid: &Grid| grid.compiled[&address(&shared.document)].statements.clone();
    let before = masks(&grid);
    assert_eq!(grid.compiled.len(), 1);
    let other = identity(&[r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#]);
    grid.replace_subject(0, subject(user("kim"), &other)).expect("there is one");
    assert_eq!(grid.compiled.len(), 2);
    assert!(Arc::ptr_eq(&before, &masks(&grid)));
    assert_eq!(grid.verdict(0, 0, 0), Some(Verdict::ImplicitlyDenied));
    assert_eq!(grid.verdict(1, 0, 0), Some(Verdict::Allowed));
    grid.replace_subject(0, subject(user("kim"), &policies)).expect("there is one");
    drop(other);
    grid.replace_subject(1, subject(user("kim"), &policies)).expect("there is one");
    assert_eq!(grid.compiled.len(), 1, "what nobody uses is forgotten");
    assert_eq!(
        (grid.verdict(9, 0, 0), grid.verdict(0, 9, 0), grid.replace_policy(9, None)),
        (None, None, None)
    );
}
