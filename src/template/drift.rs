//! What a world has come to beside its template, with the words of CloudFormation's drift detection.
//!
//! Source: CloudFormation API Reference, StackResourceDrift and PropertyDifference; CloudFormation User Guide, "Detect unmanaged
//! configuration changes to stacks and resources with drift detection".

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::difference::{Difference, between};
use super::id::{Id, Sort};
use super::order::Stack;
use super::plan::{Inline, Plan, PolicyRef, Resource, TableKey};
use super::properties::{References, properties};
use super::read::{Stated, Template};
use super::text::{Piece, Text};

/// What a resource of a template has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The world has it as the template states it.
    InSync,
    /// A property that the template states is another one.
    Modified,
    /// The world has it no more.
    Deleted,
    /// The resource was not compared.
    NotChecked,
}

impl Status {
    /// Tells whether a resource is not as the template states it.
    pub fn has_drifted(self) -> bool {
        matches!(self, Self::Modified | Self::Deleted)
    }

    /// Returns the word of CloudFormation.
    pub fn word(self) -> &'static str {
        match self {
            Self::InSync => "IN_SYNC",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
            Self::NotChecked => "NOT_CHECKED",
        }
    }
}

/// A resource of a template beside the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The logical id in the template.
    pub logical: String,
    pub type_name: String,
    pub status: Status,
    /// Where the world differs from what the template states.
    pub differences: Vec<Difference>,
    /// Properties that the template does not state and that are not as AWS makes them by itself. CloudFormation's drift
    /// detection does not look at these.
    pub unstated: Vec<Difference>,
}

/// A resource of the world that is not in the template. CloudFormation's drift detection does not look for these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The type that it would have in a template.
    pub type_name: &'static str,
    /// The name of the resource in the world.
    pub name: String,
}

/// A world beside a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    pub resources: Vec<Checked>,
    pub others: Vec<Other>,
    /// What of the world no template holds, each in a clause.
    pub not_compared: Vec<String>,
}

impl Drift {
    /// Compares a world, written down as a plan, with a template.
    pub fn of(template: &Template, world: &Plan) -> Self {
        let pairs = Pairs::of(&template.plan, world);
        let logical: BTreeMap<&Id, &str> = template
            .resources
            .iter()
            .flat_map(|stated| stated.own.iter().map(|id| (id, stated.logical.as_str())))
            .collect();
        let here = Side::of(&template.plan, &|id| logical.get(id).map(|logical| (*logical).to_owned()));
        let there = Side::of(world, &|id| {
            let own = pairs.back.get(id).and_then(|id| logical.get(id));
            own.map(|logical| (*logical).to_owned())
        });
        let resources =
            template.resources.iter().map(|stated| checked(stated, &pairs, &here, &there)).collect();
        let mut others = Vec::new();
        let mut not_compared = world.left_out.clone();
        for (id, resource) in world.resources.iter().filter(|(id, _)| !pairs.back.contains_key(id)) {
            let name = there.called(id);
            match (id.sort.cloudformation(), resource) {
                (Some(type_name), _) => others.push(Other { type_name, name }),
                // The calls and the list of keys know a grant by its id.
                (None, Resource::Grant(grant)) => not_compared.push(format!(
                    "the grant {} ({name}), for which CloudFormation has no resource",
                    grant.grant_id
                )),
                (None, _) => not_compared.push(format!("{name}, for which CloudFormation has no resource")),
            }
        }
        Self { resources, others, not_compared }
    }

    /// Tells whether CloudFormation would say that the stack has drifted.
    pub fn has_drifted(&self) -> bool {
        self.resources.iter().any(|one| one.status.has_drifted())
    }

    /// Tells whether the world is as the template states it and has nothing else.
    pub fn is_equal(&self) -> bool {
        !self.has_drifted()
            && self.others.is_empty()
            && self.resources.iter().all(|one| one.unstated.is_empty())
    }
}

/// Which resource of the template is which of the world.
#[derive(Debug, Default)]
struct Pairs {
    /// From the template's to the world's.
    to: BTreeMap<Id, Id>,
    /// From the world's to the template's.
    back: BTreeMap<Id, Id>,
}

impl Pairs {
    /// Pairs resources by what they are called in AWS. A key has no name there: it is the one that `export` would call so, else
    /// the one that a table of the template is under, else the one of an alias, since aliases are what people move.
    fn of(template: &Plan, world: &Plan) -> Self {
        let mut pairs = Self::default();
        let named: BTreeMap<(Sort, String), &Id> =
            world.resources.keys().filter_map(|id| Some((name_in_aws(world, id)?, id))).collect();
        for id in template.resources.keys() {
            if let Some(other) = name_in_aws(template, id).and_then(|name| named.get(&name)) {
                pairs.pair(id, other);
            }
        }
        for (id, _) in template.of_sort(Sort::Key) {
            if world.resources.contains_key(id) {
                pairs.pair(id, id);
            }
        }
        for sort in [Sort::Table, Sort::Alias] {
            for (id, resource) in template.of_sort(sort) {
                let other = pairs.to.get(id).and_then(|other| world.resources.get(other));
                if let Some((one, other)) = key_of(resource).zip(other.and_then(key_of)) {
                    pairs.pair(one, other);
                }
            }
        }
        pairs
    }

    fn pair(&mut self, id: &Id, other: &Id) {
        if !self.to.contains_key(id) && !self.back.contains_key(other) {
            self.to.insert(id.clone(), other.clone());
            self.back.insert(other.clone(), id.clone());
        }
    }
}

/// The key that an alias or a table has.
fn key_of(resource: &Resource) -> Option<&Id> {
    match resource {
        Resource::Alias(alias) => Some(&alias.key),
        Resource::Table(table) => match &table.encryption {
            TableKey::Own(key) => Some(key),
            TableKey::AwsOwned | TableKey::AwsManaged | TableKey::Other(_) => None,
        },
        Resource::Identity(_)
        | Resource::Key(_)
        | Resource::Policy(_)
        | Resource::Inline(_)
        | Resource::Grant(_) => None,
    }
}

/// What a resource is called in its account; nothing for a key or a grant.
fn name_in_aws(plan: &Plan, id: &Id) -> Option<(Sort, String)> {
    let name = match plan.resources.get(id)? {
        Resource::Identity(identity) => identity.name.clone(),
        Resource::Alias(alias) => alias.name.clone(),
        Resource::Policy(policy) => policy.name.clone(),
        Resource::Inline(Inline { owner, name, .. }) => format!("{name} of {}", name_in_aws(plan, owner)?.1),
        Resource::Table(table) => table.name.clone(),
        Resource::Key(_) | Resource::Grant(_) => return None,
    };
    Some((id.sort, name))
}

/// A plan as it is shown beside another: the account is its number, a key is called as in the template.
struct Side<'p> {
    plan: &'p Plan,
    keys: BTreeMap<&'p Id, String>,
    /// For policies: all who have one are listed there. For all else: policies are listed at whoever has them.
    stacks: [Stack; 2],
}

impl<'p> Side<'p> {
    fn of(plan: &'p Plan, logical: &dyn Fn(&Id) -> Option<String>) -> Self {
        let keys = plan.of_sort(Sort::Key).map(|(id, _)| (id, logical(id).unwrap_or_else(|| id.to_string())));
        // In its own policy `*` stands for a key.
        let unreferred: BTreeSet<(Id, Id)> =
            plan.of_sort(Sort::Key).map(|(id, _)| (id.clone(), id.clone())).collect();
        let mut at_policy = BTreeSet::new();
        for (id, identity) in plan.identities() {
            for policy in &identity.attached {
                if let PolicyRef::Own(policy) = policy {
                    at_policy.insert((policy.clone(), id.clone()));
                }
            }
        }
        let of_policies = Stack { at_policy, ..Stack::default() };
        let of_others = Stack { unreferred, ..Stack::default() };
        Self { plan, keys: keys.collect(), stacks: [of_policies, of_others] }
    }

    /// The properties of a resource, those included that AWS sets by itself.
    fn properties(&self, id: &Id) -> Map<String, Value> {
        let [of_policies, of_others] = &self.stacks;
        let stack = if id.sort == Sort::Policy { of_policies } else { of_others };
        let resource = self.plan.resources.get(id);
        resource.map(|resource| properties(self, stack, id, resource)).unwrap_or_default()
    }

    /// What people call a resource.
    fn called(&self, id: &Id) -> String {
        match self.plan.resources.get(id) {
            Some(Resource::Inline(Inline { owner, name, .. })) => {
                format!("{name} of the {} {}", owner.sort.word().to_lowercase(), self.called(owner))
            }
            Some(_) | None => name_in_aws(self.plan, id).map_or_else(|| id.to_string(), |(_, name)| name),
        }
    }

    fn filled(&self, text: &Text) -> String {
        text.filled(&|piece| match piece {
            Piece::Account => self.plan.account.clone(),
            Piece::KeyArn(id) => format!("${{{}.Arn}}", self.key(id)),
            Piece::KeyId(id) => format!("${{{}}}", self.key(id)),
            Piece::Words(words) => words.clone(),
        })
    }

    fn key(&self, id: &Id) -> String {
        self.keys.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

impl References for Side<'_> {
    fn text(&self, text: &Text) -> Value {
        json!(self.filled(text))
    }

    fn name(&self, id: &Id) -> Value {
        match self.plan.resources.get(id) {
            Some(Resource::Policy(policy)) => json!(self.filled(&policy.arn())),
            Some(Resource::Key(_)) => json!(format!("${{{}}}", self.key(id))),
            Some(_) | None => json!(self.called(id)),
        }
    }

    fn key_arn(&self, id: &Id) -> Value {
        json!(format!("${{{}.Arn}}", self.key(id)))
    }
}

/// Compares one resource of a template.
fn checked(stated: &Stated, pairs: &Pairs, here: &Side<'_>, there: &Side<'_>) -> Checked {
    let mut checked = Checked {
        logical: stated.logical.clone(),
        type_name: stated.type_name.clone(),
        status: Status::InSync,
        differences: Vec::new(),
        unstated: Vec::new(),
    };
    // Source: CloudFormation Template Reference, AWS::IAM::Policy: "This resource does not support drift detection".
    if stated.is_apart {
        checked.status = Status::NotChecked;
        return checked;
    }
    for id in &stated.own {
        let Some(other) = pairs.to.get(id) else {
            checked.status = Status::Deleted;
            return checked;
        };
        let (expected, actual) = (here.properties(id), there.properties(other));
        let more = actual.keys().filter(|name| !expected.contains_key(*name));
        for name in expected.keys().chain(more) {
            let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
            let found = between(&format!("/{name}"), &of(&expected), &of(&actual));
            // Source: CloudFormation API Reference, StackResourceDrift: only properties that the template states are checked.
            let is_stated = stated.properties.contains(name);
            if is_stated { &mut checked.differences } else { &mut checked.unstated }.extend(found);
        }
    }
    for (index, id) in &stated.embedded {
        let document =
            |side: &Side<'_>, id: &Id| side.properties(id).remove("PolicyDocument").unwrap_or_default();
        let expected = document(here, id);
        let actual = pairs.to.get(id).map(|other| document(there, other)).unwrap_or_default();
        let found = between(&format!("/Policies/{index}/PolicyDocument"), &expected, &actual);
        checked.differences.extend(found);
    }
    if !checked.differences.is_empty() {
        checked.status = Status::Modified;
    }
    checked
}
