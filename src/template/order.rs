//! Which resource waits for which. What would close a circle is left away, and said.

use std::collections::{BTreeMap, BTreeSet};

use super::id::{Id, Sort};
use super::plan::{Key, Plan, PolicyRef, Resource, TableKey};

/// What each resource waits for.
#[derive(Debug, Default)]
pub struct Waits {
    all: BTreeMap<Id, BTreeSet<Id>>,
}

impl Waits {
    /// Lets a resource wait for another, unless that would close a circle. Tells whether it waits.
    fn add(&mut self, from: &Id, to: &Id) -> bool {
        if self.reaches(to, from) {
            return false;
        }
        self.all.entry(from.clone()).or_default().insert(to.clone());
        true
    }

    fn reaches(&self, from: &Id, to: &Id) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                open.extend(self.all.get(at).into_iter().flatten());
            }
        }
        false
    }

    /// Returns these names, each behind those of them that it waits for.
    pub fn sorted<'a>(&'a self, ids: impl Iterator<Item = &'a Id>) -> Vec<&'a Id> {
        let wanted: BTreeSet<&Id> = ids.collect();
        let mut sorted = Vec::with_capacity(wanted.len());
        let mut seen = BTreeSet::new();
        // Whoever is met a second time has all that it waits for behind it.
        let mut open: Vec<(&Id, bool)> = wanted.iter().rev().map(|id| (*id, false)).collect();
        while let Some((id, is_ready)) = open.pop() {
            if is_ready {
                sorted.extend(wanted.get(id));
            } else if seen.insert(id) {
                open.push((id, true));
                open.extend(self.all.get(id).into_iter().flatten().map(|to| (to, false)));
            }
        }
        sorted
    }
}

/// Returns the order among users and roles whose trust policies name each other. What a trust policy names and cannot wait for
/// is added to `circles`: the role, and whom it names.
pub fn of_trust(plan: &Plan, waits: &mut Waits, circles: &mut Vec<(Id, Id)>) {
    let named = plan.named();
    for (id, identity) in plan.identities() {
        for named in identity.trust.iter().flat_map(|trust| named.by(trust)) {
            if !waits.add(id, named) {
                circles.push((id.clone(), named.clone()));
            }
        }
    }
}

/// What CloudFormation makes of a plan: there a policy is a part of its key, and an attachment of one of its two ends.
#[derive(Debug, Default)]
pub struct Stack {
    /// Whom a resource has to wait for although it does not refer to them: principals of its policy.
    pub depends: BTreeMap<Id, BTreeSet<Id>>,
    /// Attachments that stand at the policy: the policy, and who has it.
    pub at_policy: BTreeSet<(Id, Id)>,
    /// Attachments that are in no stack.
    pub unattached: BTreeSet<(Id, Id)>,
    /// The identities whose boundary is in no stack.
    pub unbounded: BTreeSet<Id>,
    /// Keys whose policy names a key that it cannot refer to: the key of the policy, and the other.
    pub unreferred: BTreeSet<(Id, Id)>,
    /// Roles with whom their trust policy names and who cannot be made before.
    pub circles: Vec<(Id, Id)>,
}

impl Stack {
    /// Works out the order of a plan. What is more than a convenience goes first: references, then principals, then
    /// boundaries, then attachments.
    pub fn of(plan: &Plan) -> Self {
        let mut stack = Self::default();
        let mut waits = Waits::default();
        let named = plan.named();
        for (id, resource) in &plan.resources {
            for to in references(resource) {
                if !waits.add(id, &to) {
                    stack.unreferred.insert((id.clone(), to));
                }
            }
        }
        for (id, resource) in &plan.resources {
            if id.sort == Sort::Key || id.sort == Sort::Table {
                for named in resource.documents().into_iter().flat_map(|document| named.by(document)) {
                    // Users and roles wait for nothing yet, so that this closes no circle.
                    waits.add(id, named);
                    stack.depends.entry(id.clone()).or_default().insert(named.clone());
                }
            }
        }
        of_trust(plan, &mut waits, &mut stack.circles);
        for (id, identity) in plan.identities() {
            for named in identity.trust.iter().flat_map(|trust| named.by(trust)) {
                if !stack.circles.contains(&(id.clone(), named.clone())) {
                    stack.depends.entry(id.clone()).or_default().insert(named.clone());
                }
            }
        }
        for (id, identity) in plan.identities() {
            if let Some(PolicyRef::Own(policy)) = &identity.boundary
                && !waits.add(id, policy)
            {
                stack.unbounded.insert(id.clone());
            }
        }
        for (id, identity) in plan.identities() {
            for policy in &identity.attached {
                let PolicyRef::Own(policy) = policy else { continue };
                let pair = (policy.clone(), id.clone());
                if waits.add(id, policy) {
                    continue;
                }
                if waits.add(policy, id) {
                    stack.at_policy.insert(pair);
                } else {
                    stack.unattached.insert(pair);
                }
            }
        }
        stack
    }
}

/// What a resource refers to, whatever form it has.
fn references(resource: &Resource) -> BTreeSet<Id> {
    let mut found: BTreeSet<Id> = match resource {
        Resource::Identity(identity) => identity.groups.clone(),
        Resource::Alias(alias) => BTreeSet::from([alias.key.clone()]),
        Resource::Inline(inline) => BTreeSet::from([inline.owner.clone()]),
        Resource::Table(table) => match &table.encryption {
            TableKey::Own(key) => BTreeSet::from([key.clone()]),
            TableKey::AwsOwned | TableKey::AwsManaged | TableKey::Other(_) => BTreeSet::new(),
        },
        Resource::Grant(grant) => BTreeSet::from([grant.key.clone()]),
        Resource::Key(Key { .. }) | Resource::Policy(_) => BTreeSet::new(),
    };
    for document in resource.documents() {
        found.extend(document.texts().into_iter().flat_map(|text| text.keys().cloned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_close_a_circle_does_not_wait() {
        let id = |label: &str| Id::new(Sort::Role, label);
        let mut waits = Waits::default();
        assert!(waits.add(&id("A"), &id("B")));
        assert!(waits.add(&id("B"), &id("C")));
        assert!(!waits.add(&id("C"), &id("A")));
        assert!(!waits.add(&id("A"), &id("A")));
        let all = [id("A"), id("B"), id("C"), id("D")];
        assert_eq!(waits.sorted(all.iter()), [&id("C"), &id("B"), &id("A"), &id("D")]);
    }
}
