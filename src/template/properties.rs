//! The properties of resources, as CloudFormation has them: what a template states, and what a world has come to beside it.
//!
//! Source: CloudFormation Template Reference, "AWS resource and property types reference".

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::id::{Id, Sort};
use super::order::Stack;
use super::plan::{
    Alias, Identity, Inline, Key, Policy, PolicyRef, ROTATION_DAYS, Resource, SESSION_SECONDS, Table,
    TableKey,
};
use super::text::{Doc, Text};
use crate::cloud::iam::Kind;

/// How references stand in the properties of a resource.
pub trait References {
    /// Returns a text, with its references.
    fn text(&self, text: &Text) -> Value;

    /// Returns what a resource is called: a user, a role or a group by its name, a policy by its ARN, a key by its id.
    fn name(&self, id: &Id) -> Value;

    /// Returns the ARN of a key.
    fn key_arn(&self, id: &Id) -> Value;
}

/// Returns the properties of a resource.
pub fn properties(
    references: &dyn References,
    stack: &Stack,
    id: &Id,
    resource: &Resource,
) -> Map<String, Value> {
    let refer = |id: &Id| references.name(id);
    let document = |document: &Doc| document.to_json(&|text| references.text(text));
    let policy_ref = |policy: &PolicyRef| match policy {
        PolicyRef::Own(id) => refer(id),
        PolicyRef::Aws(arn) => json!(arn),
    };
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    match resource {
        Resource::Identity(identity) => {
            let Identity { kind, name, path, tags, description, trust, max_session, .. } = identity;
            let noun = match kind {
                Kind::User => "UserName",
                Kind::Role => "RoleName",
                Kind::Group => "GroupName",
            };
            set(noun, json!(name));
            set("Path", unless("/", path.as_str()));
            set("Description", json!(description));
            set("AssumeRolePolicyDocument", trust.as_ref().map(&document).unwrap_or_default());
            set("MaxSessionDuration", unless(&SESSION_SECONDS, max_session));
            let groups: Vec<Value> = identity.groups.iter().map(&refer).collect();
            set("Groups", listed(groups));
            let is_here = |policy: &&PolicyRef| match policy {
                PolicyRef::Own(policy) => {
                    let pair = (policy.clone(), id.clone());
                    !stack.at_policy.contains(&pair) && !stack.unattached.contains(&pair)
                }
                PolicyRef::Aws(_) => true,
            };
            set(
                "ManagedPolicyArns",
                listed(identity.attached.iter().filter(is_here).map(&policy_ref).collect()),
            );
            let boundary = identity.boundary.as_ref().filter(|_| !stack.unbounded.contains(id));
            set("PermissionsBoundary", boundary.map(&policy_ref).unwrap_or_default());
            set("Tags", tag_list(tags));
        }
        Resource::Key(key) => {
            let Key { description, spec, usage, enabled, multi_region, rotation, tags, policy } = key;
            set("Description", unless("", description.as_str()));
            set("KeySpec", json!(spec));
            set("KeyUsage", json!(usage));
            set("Enabled", json!(enabled));
            set("MultiRegion", unless(&false, multi_region));
            set("EnableKeyRotation", unless(&false, &rotation.is_some()));
            set("RotationPeriodInDays", unless(&ROTATION_DAYS, &rotation.unwrap_or(ROTATION_DAYS)));
            set("BypassPolicyLockoutSafetyCheck", json!(true));
            set("KeyPolicy", key_policy(references, stack, id, policy));
            set("Tags", tag_list(tags));
        }
        Resource::Alias(Alias { name, key }) => {
            set("AliasName", json!(name));
            set("TargetKeyId", refer(key));
        }
        Resource::Policy(Policy { name, path, description, document: policy }) => {
            set("ManagedPolicyName", json!(name));
            set("Path", unless("/", path.as_str()));
            set("Description", json!(description));
            set("PolicyDocument", document(policy));
            for (field, sort) in [("Users", Sort::User), ("Roles", Sort::Role), ("Groups", Sort::Group)] {
                let here = stack.at_policy.iter().filter(|(policy, who)| policy == id && who.sort == sort);
                set(field, listed(here.map(|(_, who)| refer(who)).collect()));
            }
        }
        Resource::Inline(Inline { owner, name, document: policy }) => {
            set("PolicyName", json!(name));
            let noun = match owner.sort {
                Sort::User => "UserName",
                Sort::Role => "RoleName",
                Sort::Group
                | Sort::Key
                | Sort::Alias
                | Sort::Policy
                | Sort::UserPolicy
                | Sort::RolePolicy
                | Sort::GroupPolicy
                | Sort::Table
                | Sort::Grant => "GroupName",
            };
            set(noun, refer(owner));
            set("PolicyDocument", document(policy));
        }
        Resource::Table(table) => table_properties(references, table, &mut set),
        // No type, so that nobody asks.
        Resource::Grant(_) => {}
    }
    fields
}

fn table_properties(references: &dyn References, table: &Table, set: &mut dyn FnMut(&str, Value)) {
    let Table { name, key, capacity, encryption, deletion_protection, tags, policy } = table;
    set("TableName", json!(name));
    let attribute = |(name, kind): &(String, String)| json!({"AttributeName": name, "AttributeType": kind});
    set("AttributeDefinitions", key.iter().map(attribute).collect());
    let part = |((name, _), kind): (&(String, String), &str)| json!({"AttributeName": name, "KeyType": kind});
    set("KeySchema", key.iter().zip(["HASH", "RANGE"]).map(part).collect());
    match capacity {
        None => set("BillingMode", json!("PAY_PER_REQUEST")),
        Some((read, write)) => {
            set("BillingMode", json!("PROVISIONED"));
            set("ProvisionedThroughput", json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write}));
        }
    }
    let under = |key: Value| json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": key});
    match encryption {
        TableKey::AwsOwned => {}
        TableKey::AwsManaged => set("SSESpecification", json!({"SSEEnabled": true, "SSEType": "KMS"})),
        TableKey::Own(id) => set("SSESpecification", under(references.key_arn(id))),
        TableKey::Other(arn) => set("SSESpecification", under(json!(arn))),
    }
    set("DeletionProtectionEnabled", unless(&false, deletion_protection));
    let policy = policy.as_ref();
    let policy =
        policy.map(|policy| json!({"PolicyDocument": policy.to_json(&|text| references.text(text))}));
    set("ResourcePolicy", policy.unwrap_or_default());
    set("Tags", tag_list(tags));
}

/// A list, or null for an empty one.
fn listed(values: Vec<Value>) -> Value {
    if values.is_empty() { Value::Null } else { Value::Array(values) }
}

fn tag_list(tags: &BTreeMap<String, String>) -> Value {
    listed(tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect())
}

/// A key policy. It cannot refer to its own key, for which `*` stands there.
/// Source: KMS Developer Guide, "Key policies in AWS KMS", Resource.
fn key_policy(references: &dyn References, stack: &Stack, id: &Id, policy: &Doc) -> Value {
    let out: BTreeSet<&Id> =
        stack.unreferred.iter().filter(|(key, _)| key == id).map(|(_, named)| named).collect();
    policy.to_json(&|own| {
        if own.keys().any(|key| out.contains(key)) { json!("*") } else { references.text(own) }
    })
}

/// Returns a value as JSON, or null for the one that AWS takes where none is given.
pub fn unless<T: serde::Serialize + PartialEq + ?Sized>(default: &T, value: &T) -> Value {
    if value == default { Value::Null } else { json!(value) }
}
