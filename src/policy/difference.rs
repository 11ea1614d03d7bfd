//! What changed between two texts of one policy, and whether that can bear on a request.

use std::sync::Arc;

use super::document::{Document, Statement};
use super::policies::{Policies, Source};
use super::{Request, Verdict, decide};

/// One policy before and after an edit, with the statements that are not in both.
///
/// A decision depends on the statements that speak of the request, never on their order. So where none of the changed
/// ones does, the edit leaves the decision as it is.
#[derive(Clone, Debug)]
pub struct Difference {
    before: Source,
    after: Source,
    gone: Vec<usize>,
    new: Vec<usize>,
}

impl Difference {
    /// Compares the two texts statement by statement.
    pub fn between(before: Source, after: Source) -> Self {
        let (old, young) = (texts(&before.document), texts(&after.document));
        let versions = before.document.version == after.document.version;
        let same = |(a, b): (&(usize, &str), &(usize, &str))| {
            versions && a.1 == b.1 && names_stand_for_the_same(&before, &after, a.0)
        };
        let start = old.iter().zip(&young).take_while(|(a, b)| same((a, b))).count();
        let rest = |texts: &[(usize, &str)]| texts.len() - start;
        let both = rest(&old).min(rest(&young));
        let backwards = old.iter().rev().zip(young.iter().rev()).take(both);
        let end = backwards.take_while(|(a, b)| same((a, b))).count();
        let gone = (start..old.len() - end).collect();
        let new = (start..young.len() - end).collect();
        Self { before, after, gone, new }
    }

    /// Whether a statement that was taken away, added or changed speaks of the request.
    pub fn bears_on(&self, request: &Request) -> bool {
        let speaks = |source: &Source, indices: &[usize]| {
            let statements = indices.iter().filter_map(|at| source.document.statements.get(*at));
            statements.into_iter().any(|statement: &Statement| {
                [false, true].iter().any(|bounded| statement.applies(request, *bounded, source).is_some())
            })
        };
        speaks(&self.before, &self.gone) || speaks(&self.after, &self.new)
    }

    /// Whether a decision ends as it did once the edit is in force. Its reason may be another.
    pub fn leaves(&self, request: &Request, policies: &Policies, verdict: Verdict) -> bool {
        let edited = || self.bears_on(request).then(|| self.in_force(policies)).flatten();
        edited().is_none_or(|policies| decide(request, &policies).verdict == verdict)
    }

    /// The policies of a decision with the edit in force; `None` if the policy is not among them.
    fn in_force(&self, held: &Policies) -> Option<Policies> {
        let is_it = |source: &Source| Arc::ptr_eq(&source.document, &self.before.document);
        let mut edited = held.clone();
        let Policies { identity, boundary, session, endpoint, scps, rcps, resource, grants: _ } = &mut edited;
        let single = identity.iter_mut().chain(&mut resource.source);
        let lists = [boundary, session, endpoint].into_iter().flatten();
        let levels = [scps, rcps].into_iter().flatten().flatten();
        let mut found = false;
        for source in single.chain(lists.chain(levels).flatten()).filter(|source| is_it(source)) {
            source.document = self.after.document.clone();
            source.bound.clone_from(&self.after.bound);
            found = true;
        }
        found.then_some(edited)
    }
}

/// The statements with their places.
fn texts(document: &Document) -> Vec<(usize, &str)> {
    document.statements.iter().map(|statement| statement.span.of(&document.text)).enumerate().collect()
}

/// Whether the principals of a statement are still those they were when the policy was saved.
fn names_stand_for_the_same(before: &Source, after: &Source, statement: usize) -> bool {
    let id = |source: &Source, name: &str| source.bound.as_ref().and_then(|bound| bound.get(name).cloned());
    let names = before.document.statements.get(statement).map(|statement| statement.principals.entries());
    names.into_iter().flatten().all(|entry| id(before, &entry.text) == id(after, &entry.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::testing::*;
    use crate::policy::tests::properties::{a_source, request};
    use crate::policy::{Context, PolicyKind, Principal, Resource, ResourceMode, ResourcePolicy};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const KIM: &str = "arn:aws:iam::111122223333:user/kim";

    fn policy(statements: &[&str]) -> Source {
        source(PolicyKind::Resource, statements)
    }

    #[test]
    fn only_what_changed_bears_on_a_request() {
        let kim = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*""#;
        let tess = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:Decrypt", "Resource": "*""#;
        let ask = |who| Request::new(user(who), "kms:Decrypt", Resource::new(KEY), Context::new());
        let cases: [(&[&str], &[&str], [bool; 2]); 5] = [
            (&[kim], &[kim], [false, false]),
            (&[kim], &[kim, tess], [false, true]),
            (&[kim, tess], &[tess], [true, false]),
            (&[kim, kim], &[kim], [true, false]),
            (&[kim], &[tess], [true, true]),
        ];
        for (before, after, [of_kim, of_tess]) in cases {
            let difference = Difference::between(policy(before), policy(after));
            assert_eq!(difference.bears_on(&ask("kim")), of_kim, "{before:?} {after:?}");
            assert_eq!(difference.bears_on(&ask("tess")), of_tess, "{before:?} {after:?}");
        }
        // The same text, but the user was deleted and made again between the two.
        let bound = |id: &str| {
            let ids = BTreeMap::from([(Arc::from(KIM), Arc::from(id))]);
            Source { bound: Some(Arc::new(ids)), ..policy(&[kim]) }
        };
        let again = Difference::between(bound("AIDAOLD"), bound("AIDANEW"));
        let kim =
            Principal::User { arn: KIM.into(), account: ACCOUNT.into(), unique_id: Some("AIDANEW".into()) };
        assert!(again.bears_on(&Request::new(kim, "kms:Decrypt", Resource::new(KEY), Context::new())));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

        #[test]
        fn what_bears_on_nothing_changes_no_decision(
            request in request(),
            before in a_source(PolicyKind::Resource, &["Allow", "Deny"]),
            after in a_source(PolicyKind::Resource, &["Allow", "Deny"]),
        ) {
            let decided = |source: &Source| {
                let resource = ResourcePolicy { mode: ResourceMode::Optional, source: Some(source.clone()), cross_account: true };
                decide(&request, &Policies { resource, ..Policies::default() }).verdict
            };
            let difference = Difference::between(before.clone(), after.clone());
            if !difference.bears_on(&request) {
                prop_assert_eq!(decided(&before), decided(&after));
            }
            let resource = ResourcePolicy { mode: ResourceMode::Optional, source: Some(before.clone()), cross_account: true };
            let held = Policies { resource, ..Policies::default() };
            let leaves = difference.leaves(&request, &held, decided(&before));
            prop_assert_eq!(leaves, decided(&before) == decided(&after));
        }
    }
}
