//! The resources of a template, each from its properties. What one names must be in the template, too.
//!
//! Source: CloudFormation Template Reference, "AWS resource and property types reference", of IAM and KMS.

use std::collections::{BTreeMap, BTreeSet};

use super::super::id::{Id, Ids, Sort};
use super::super::plan::{
    Alias, Identity, Inline, Key, Policy, PolicyRef, ROTATION_DAYS, Resource, SESSION_SECONDS, table_arn,
};
use super::super::text::{Doc, Piece, Text};
use super::fault::Fault;
use super::fields::Fields;
use super::sections::{Declared, Kind};
use super::table;
use super::values::{Referred, Values};
use crate::cloud::iam;
use crate::cloud::kms::default_policy;
use crate::limits::template::RESOURCES;
use crate::policy::Span;
use crate::policy::json::Node;

/// What a declared resource became in the plan.
#[derive(Debug, Default)]
pub struct Parts {
    /// The resource itself; several of an inline policy that several users, roles and groups have.
    pub own: Vec<Id>,
    /// The inline policies that stand among the properties, each with its place in the list.
    pub embedded: Vec<(usize, Id)>,
}

/// The plan of a template while it is read.
#[derive(Debug)]
pub struct Reader<'v> {
    pub values: &'v Values,
    ids: Ids,
    /// Users, roles and groups by name.
    identities: BTreeMap<(Sort, String), Id>,
    /// Managed policies by ARN.
    policies: BTreeMap<Text, Id>,
    /// The keys that aliases stand for.
    aliases: BTreeMap<String, Id>,
    pub resources: BTreeMap<Id, Resource>,
    /// Attachments that stand at the policy.
    attached: Vec<(Id, Id)>,
    /// The inline policies by their owner and name.
    inline: BTreeSet<(Id, String)>,
}

/// Notes what references to a resource stand for: its name and its attributes, which other resources need.
/// Source: CloudFormation Template Reference, "Return values" of each type.
pub fn refer(declared: &Declared<'_>, values: &Values) -> Result<Option<Referred>, Fault> {
    let Some(id) = declared.id.clone() else { return Ok(None) };
    let mut fields = declared.fields()?;
    let words = |text: String| Text::from_iter([Piece::Words(text)]);
    let mut named = |name: &'static str| fields.need(name).and_then(|node| values.words(node));
    let (name, attributes) = match id.sort {
        Sort::User | Sort::Role | Sort::Group => {
            let (kind, noun) = kind_of(id.sort);
            let name = named(noun)?;
            let path = path(&mut fields, values)?;
            let identity = blank(kind, name.clone(), path);
            (Some(words(name)), vec![("Arn", identity.arn())])
        }
        Sort::Policy => {
            let name = named("ManagedPolicyName")?;
            let path = path(&mut fields, values)?;
            let empty = Doc::Fields(Vec::new());
            let arn = Policy { name, path, description: None, document: empty }.arn();
            (Some(arn.clone()), vec![("PolicyArn", arn)])
        }
        Sort::Key => {
            let key_id = Text::from_iter([Piece::KeyId(id.clone())]);
            (
                Some(key_id.clone()),
                vec![("Arn", Text::from_iter([Piece::KeyArn(id.clone())])), ("KeyId", key_id)],
            )
        }
        Sort::Alias => (Some(words(named("AliasName")?)), Vec::new()),
        Sort::Table => {
            let name = named("TableName")?;
            let arn = table_arn(&values.region, &name);
            (Some(words(name)), vec![("Arn", arn)])
        }
        Sort::UserPolicy | Sort::RolePolicy | Sort::GroupPolicy | Sort::Grant => (None, Vec::new()),
    };
    Ok(Some(Referred { name, attributes }))
}

/// Returns the kind of a user, a role or a group, and the property with its name.
fn kind_of(sort: Sort) -> (iam::Kind, &'static str) {
    match sort {
        Sort::User | Sort::UserPolicy => (iam::Kind::User, "UserName"),
        Sort::Role | Sort::RolePolicy => (iam::Kind::Role, "RoleName"),
        Sort::Group
        | Sort::GroupPolicy
        | Sort::Key
        | Sort::Alias
        | Sort::Policy
        | Sort::Table
        | Sort::Grant => (iam::Kind::Group, "GroupName"),
    }
}

fn path(fields: &mut Fields<'_>, values: &Values) -> Result<String, Fault> {
    fields.take("Path").map_or_else(|| Ok("/".to_owned()), |node| values.words(node))
}

/// A user, a role or a group that has nothing yet.
fn blank(kind: iam::Kind, name: String, path: String) -> Identity {
    Identity {
        kind,
        name,
        path,
        tags: BTreeMap::new(),
        description: None,
        trust: None,
        max_session: SESSION_SECONDS,
        attached: BTreeSet::new(),
        boundary: None,
        groups: BTreeSet::new(),
    }
}

impl<'v> Reader<'v> {
    /// Begins with what references stand for, and refuses two resources of one name.
    pub fn new(declared: &[Declared<'_>], values: &'v Values) -> Result<Self, Fault> {
        let mut reader = Self {
            values,
            ids: Ids::default(),
            identities: BTreeMap::new(),
            policies: BTreeMap::new(),
            aliases: BTreeMap::new(),
            resources: BTreeMap::new(),
            attached: Vec::new(),
            inline: BTreeSet::new(),
        };
        let mut names = BTreeSet::new();
        for one in declared {
            let Some(id) = &one.id else { continue };
            reader.ids.take(id);
            let Some(Referred { name: Some(name), attributes, .. }) = values.referred.get(one.logical) else {
                continue;
            };
            // Source: IAM API Reference, CreatePolicy: names are unique in the account, whatever the path.
            let called = name.filled(&|piece| format!("{piece:?}"));
            let behind_path = called.rsplit('/').next().filter(|_| id.sort == Sort::Policy);
            if !names.insert((id.sort, behind_path.unwrap_or(&called).to_owned())) {
                let message = format!("two resources of the type {} have one name", one.type_name);
                return Err(Fault::new(one.at, message, "leave one of them"));
            }
            match (id.sort, attributes.as_slice()) {
                (Sort::User | Sort::Role | Sort::Group, _) => {
                    let name = name.words().unwrap_or_default().to_owned();
                    reader.identities.insert((id.sort, name), id.clone());
                }
                (Sort::Policy, [(_, arn), ..]) => {
                    reader.policies.insert(arn.clone(), id.clone());
                }
                _ => {}
            }
        }
        Ok(reader)
    }

    /// Reads one resource with all its properties.
    pub fn read(&mut self, declared: &Declared<'_>) -> Result<Parts, Fault> {
        let mut fields = declared.fields()?;
        let mut parts = Parts::default();
        match (declared.kind, &declared.id) {
            (Kind::Unknown, _) => return Ok(parts),
            (Kind::One(_), Some(id)) => {
                let resource = self.resource(id, &mut fields, &mut parts)?;
                self.add(declared.at, id.clone(), resource)?;
                parts.own.push(id.clone());
            }
            (Kind::Shared | Kind::One(_), _) => self.shared(declared.at, &mut fields, &mut parts)?,
        }
        fields.end()?;
        Ok(parts)
    }

    fn add(&mut self, at: Span, id: Id, resource: Resource) -> Result<(), Fault> {
        if let Resource::Inline(Inline { owner, name, .. }) = &resource
            && !self.inline.insert((owner.clone(), name.clone()))
        {
            let message = format!("{owner} has two policies called {name}");
            return Err(Fault::new(at, message, "leave one of them"));
        }
        self.resources.insert(id, resource);
        RESOURCES.check(self.resources.len()).map_err(|beyond| Fault::beyond(at, beyond))
    }

    fn resource(&mut self, id: &Id, fields: &mut Fields<'_>, parts: &mut Parts) -> Result<Resource, Fault> {
        Ok(match id.sort {
            Sort::User | Sort::Role | Sort::Group => Resource::Identity(self.identity(id, fields, parts)?),
            Sort::Key => Resource::Key(self.key(fields)?),
            Sort::Alias => Resource::Alias(self.alias(fields)?),
            Sort::Policy => Resource::Policy(self.policy(id, fields)?),
            Sort::UserPolicy | Sort::RolePolicy | Sort::GroupPolicy => {
                Resource::Inline(self.inline(id.sort, fields)?)
            }
            Sort::Table => {
                let of_alias = |name: &str| self.aliases.get(name).cloned();
                Resource::Table(table::read(fields, self.values, &of_alias)?)
            }
            // CloudFormation has no type for it.
            Sort::Grant => return Err(fields.misplaced()),
        })
    }

    fn identity(&mut self, id: &Id, fields: &mut Fields<'_>, parts: &mut Parts) -> Result<Identity, Fault> {
        let values = self.values;
        let (kind, noun) = kind_of(id.sort);
        let mut identity = blank(kind, values.words(fields.need(noun)?)?, path(fields, values)?);
        if kind == iam::Kind::Role {
            identity.trust = Some(values.policy(fields.need("AssumeRolePolicyDocument")?)?);
            identity.description = fields.words("Description", values)?.filter(|words| !words.is_empty());
            if let Some(node) = fields.take("MaxSessionDuration") {
                identity.max_session = values.number(node)?;
            }
        }
        if kind == iam::Kind::User {
            for node in fields.list("Groups")? {
                identity.groups.insert(self.somebody(Sort::Group, node)?);
            }
        }
        if kind != iam::Kind::Group {
            identity.tags = fields.tags(values)?;
            identity.boundary =
                fields.take("PermissionsBoundary").map(|node| self.policy_ref(node)).transpose()?;
        }
        for node in fields.list("ManagedPolicyArns")? {
            identity.attached.insert(self.policy_ref(node)?);
        }
        for (index, node) in fields.list("Policies")?.iter().enumerate() {
            let mut policy = Fields::of("a policy", node)?;
            let name = values.words(policy.need("PolicyName")?)?;
            let document = values.policy(policy.need("PolicyDocument")?)?;
            policy.end()?;
            let own = self.ids.give(Sort::of_inline(kind), &format!("{} {name}", identity.name));
            self.add(node.span, own.clone(), Resource::Inline(Inline { owner: id.clone(), name, document }))?;
            parts.embedded.push((index, own));
        }
        Ok(identity)
    }

    fn key(&self, fields: &mut Fields<'_>) -> Result<Key, Fault> {
        let values = self.values;
        let flag = |fields: &mut Fields<'_>, name, unless: bool| {
            fields.take(name).map_or(Ok(unless), |node| values.flag(node))
        };
        let rotates = flag(fields, "EnableKeyRotation", false)?;
        let days = fields.take("RotationPeriodInDays").map(|node| values.number(node)).transpose()?;
        let policy = match fields.take("KeyPolicy") {
            Some(node) => values.policy(node)?,
            None => self.default_policy(),
        };
        // These bear on how a key is made and deleted, not on what it is.
        fields.take("BypassPolicyLockoutSafetyCheck");
        fields.take("PendingWindowInDays");
        if let Some(node) = fields.take("Origin")
            && values.words(node)? != "AWS_KMS"
        {
            return Err(Fault::new(node.span, "kmslab makes the material of a key itself", "write AWS_KMS"));
        }
        Ok(Key {
            description: fields.words("Description", values)?.unwrap_or_default(),
            spec: fields.words("KeySpec", values)?.unwrap_or_else(|| "SYMMETRIC_DEFAULT".to_owned()),
            usage: fields.words("KeyUsage", values)?.unwrap_or_else(|| "ENCRYPT_DECRYPT".to_owned()),
            enabled: flag(fields, "Enabled", true)?,
            multi_region: flag(fields, "MultiRegion", false)?,
            rotation: rotates.then(|| days.unwrap_or(ROTATION_DAYS)),
            tags: fields.tags(values)?,
            policy,
        })
    }

    /// The policy that AWS gives a key without one.
    fn default_policy(&self) -> Doc {
        let account = self.values.account.parse().ok();
        let text = account.map(|account| default_policy(&account)).unwrap_or_default();
        let node = crate::policy::json::read(&text).root;
        node.and_then(|node| self.values.document(&node).ok()).unwrap_or(Doc::Fields(Vec::new()))
    }

    fn alias(&mut self, fields: &mut Fields<'_>) -> Result<Alias, Fault> {
        let name = self.values.words(fields.need("AliasName")?)?;
        let node = fields.need("TargetKeyId")?;
        let target = self.values.text(node)?;
        let [Piece::KeyId(key) | Piece::KeyArn(key)] = target.pieces() else {
            let message = format!("{name} is for a key that is not in the template");
            return Err(Fault::new(node.span, message, "declare the key and refer to it"));
        };
        let key = key.clone();
        self.aliases.insert(name.clone(), key.clone());
        Ok(Alias { name, key })
    }

    fn policy(&mut self, id: &Id, fields: &mut Fields<'_>) -> Result<Policy, Fault> {
        let values = self.values;
        let policy = Policy {
            name: values.words(fields.need("ManagedPolicyName")?)?,
            path: path(fields, values)?,
            description: fields.words("Description", values)?,
            document: values.policy(fields.need("PolicyDocument")?)?,
        };
        for who in self.holders(fields)? {
            self.attached.push((id.clone(), who));
        }
        Ok(policy)
    }

    /// The users, roles and groups that have a policy.
    fn holders(&self, fields: &mut Fields<'_>) -> Result<Vec<Id>, Fault> {
        let mut found = Vec::new();
        for (name, sort) in [("Users", Sort::User), ("Roles", Sort::Role), ("Groups", Sort::Group)] {
            for node in fields.list(name)? {
                found.push(self.somebody(sort, node)?);
            }
        }
        Ok(found)
    }

    fn inline(&self, sort: Sort, fields: &mut Fields<'_>) -> Result<Inline, Fault> {
        let (kind, noun) = kind_of(sort);
        Ok(Inline {
            name: self.values.words(fields.need("PolicyName")?)?,
            owner: self.somebody(Sort::of_identity(kind), fields.need(noun)?)?,
            document: self.values.policy(fields.need("PolicyDocument")?)?,
        })
    }

    /// An inline policy of several users, roles and groups.
    fn shared(&mut self, at: Span, fields: &mut Fields<'_>, parts: &mut Parts) -> Result<(), Fault> {
        let name = self.values.words(fields.need("PolicyName")?)?;
        let node = fields.need("PolicyDocument")?;
        let document = self.values.policy(node)?;
        for owner in self.holders(fields)? {
            self.values.spend(node.span.end.saturating_sub(node.span.start), node.span)?;
            let kind = kind_of(owner.sort).0;
            let id = self.ids.give(Sort::of_inline(kind), &format!("{} {name}", owner.label()));
            let inline = Inline { owner, name: name.clone(), document: document.clone() };
            self.add(at, id.clone(), Resource::Inline(inline))?;
            parts.own.push(id);
        }
        Ok(())
    }

    /// Returns the user, role or group of the template that a text names.
    fn somebody(&self, sort: Sort, node: &Node<'_>) -> Result<Id, Fault> {
        let name = self.values.words(node)?;
        self.identities.get(&(sort, name.clone())).cloned().ok_or_else(|| {
            let word = sort.word().to_lowercase();
            let remedy = format!("declare the {word} in the template");
            Fault::new(node.span, format!("the template has no {word} {name}"), remedy)
        })
    }

    /// Returns the managed policy that a text names by its ARN.
    fn policy_ref(&self, node: &Node<'_>) -> Result<PolicyRef, Fault> {
        let arn = self.values.text(node)?;
        match (self.policies.get(&arn), arn.words()) {
            (Some(id), _) => Ok(PolicyRef::Own(id.clone())),
            (None, Some(arn)) => Ok(PolicyRef::Aws(arn.to_owned())),
            (None, None) => {
                let message = "a managed policy of the account that is not in the template";
                Err(Fault::new(node.span, message, "declare it as AWS::IAM::ManagedPolicy and refer to it"))
            }
        }
    }

    /// Ends the reading: attachments that stand at policies go to those who have them.
    pub fn end(mut self) -> BTreeMap<Id, Resource> {
        for (policy, who) in self.attached {
            if let Some(Resource::Identity(identity)) = self.resources.get_mut(&who) {
                identity.attached.insert(PolicyRef::Own(policy));
            }
        }
        self.resources
    }
}
