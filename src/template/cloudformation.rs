//! A plan as a template of CloudFormation.
//!
//! Source: CloudFormation Template Reference, "AWS resource and property types reference".

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::id::{Id, Sort};
use super::order::Stack;
use super::plan::{
    Alias, Identity, Inline, Key, Plan, Policy, PolicyRef, ROTATION_DAYS, Resource, SESSION_SECONDS, Table,
    TableKey,
};
use super::text::{Doc, Piece, Text};
use super::{Written, head, unless};
use crate::cloud::iam::Kind;

/// What was done with templates of this program.
const TRIED: &str = "cfn-lint finds no error in such templates of all scenarios of the program.";

/// Writes a plan as a CloudFormation template.
pub fn write(plan: &Plan, of: &str) -> Written {
    let stack = Stack::of(plan);
    let left_out: Vec<String> = plan.left_out.iter().cloned().chain(not_in_a_stack(plan, &stack)).collect();
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "An account of a kmslab scenario. Not tried on AWS: see Metadata.",
        "Metadata": {"kmslab": head(plan, of, TRIED, &left_out)},
        "Resources": resources(plan, &stack),
    });
    Written { text: format!("{template:#}\n"), left_out }
}

/// Returns the resources of a plan as the template has them.
pub fn resources(plan: &Plan, stack: &Stack) -> Value {
    let mut all = Map::new();
    for (id, resource) in &plan.resources {
        let Some(kind) = id.sort.cloudformation() else { continue };
        let mut own = Map::from_iter([("Type".to_owned(), json!(kind))]);
        if let Some(depends) = stack.depends.get(id) {
            let names: Vec<String> = depends.iter().map(ToString::to_string).collect();
            own.insert("DependsOn".to_owned(), json!(names));
        }
        own.insert("Properties".to_owned(), Value::Object(properties(&Functions, stack, id, resource)));
        all.insert(id.to_string(), Value::Object(own));
    }
    Value::Object(all)
}

/// What a stack cannot have and the plan has.
fn not_in_a_stack(plan: &Plan, stack: &Stack) -> Vec<String> {
    let mut left = Vec::new();
    for (id, _) in plan.of_sort(Sort::Grant) {
        left.push(format!("the grant {id}, for which CloudFormation has no resource: `--as aws` and `--as terraform` write it"));
    }
    for id in &stack.unbounded {
        left.push(format!(
            "the permissions boundary of {id}, since the policy waits for a key and the key's policy for {id}: put it on with \
             `aws iam put-{}-permissions-boundary` once the stack stands",
            id.sort.word().to_lowercase()
        ));
    }
    for (policy, id) in &stack.unattached {
        left.push(format!("the attachment of {policy} to {id}, since each waits for the other: attach it once the stack stands"));
    }
    for (role, named) in &stack.circles {
        left.push(format!(
            "the order of {role} and {named}: the trust policy of {role} names {named}, and AWS takes that once {named} is there"
        ));
    }
    for (key, named) in &stack.unreferred {
        left.push(format!(
            "the reference to {named} in the policy of {key}, which cannot wait for it: where it is the policy's own key, \
             `*` stands for it"
        ));
    }
    for (id, resource) in &plan.resources {
        if let Resource::Table(Table { encryption: TableKey::Own(key), .. }) = resource
            && let Some(Resource::Key(Key { enabled: false, .. })) = plan.resources.get(key)
        {
            left.push(format!(
                "the order of {key} and {id}: the key is written as disabled, and AWS makes no table under it until it is enabled"
            ));
        }
    }
    left
}

/// How references stand in the properties of a resource.
pub trait References {
    /// Returns a text, with its references.
    fn text(&self, text: &Text) -> Value;

    /// Returns what a resource is called: a user, a role or a group by its name, a policy by its ARN, a key by its id.
    fn name(&self, id: &Id) -> Value;

    /// Returns the ARN of a key.
    fn key_arn(&self, id: &Id) -> Value;
}

/// References as functions of CloudFormation.
#[derive(Debug)]
struct Functions;

impl References for Functions {
    fn text(&self, text: &Text) -> Value {
        self::text(text)
    }

    // Source: CloudFormation Template Reference, "Return values" of each type: Ref returns these.
    fn name(&self, id: &Id) -> Value {
        refer(id)
    }

    fn key_arn(&self, id: &Id) -> Value {
        get_arn(id)
    }
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

fn refer(id: &Id) -> Value {
    json!({"Ref": id.to_string()})
}

fn get_arn(id: &Id) -> Value {
    json!({"Fn::GetAtt": [id.to_string(), "Arn"]})
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

/// A text: as it is, as one reference, or with references in it.
fn text(text: &Text) -> Value {
    if let Some(words) = text.words() {
        return json!(words);
    }
    match text.pieces() {
        [Piece::Account] => json!({"Ref": "AWS::AccountId"}),
        [Piece::KeyArn(id)] => get_arn(id),
        [Piece::KeyId(id)] => refer(id),
        // Source: CloudFormation Template Reference, Fn::Sub: a name ends with a brace. A text that begins one and does not end it
        // is joined instead.
        pieces if pieces.iter().any(has_open_name) => {
            let piece = |piece: &Piece| self::text(&Text::from_iter([piece.clone()]));
            json!({"Fn::Join": ["", pieces.iter().map(piece).collect::<Value>()]})
        }
        pieces => {
            let piece = |piece: &Piece| match piece {
                // Source: CloudFormation Template Reference, Fn::Sub: `${!` writes a dollar and a brace.
                Piece::Words(words) => words.replace("${", "${!"),
                Piece::Account => "${AWS::AccountId}".to_owned(),
                Piece::KeyArn(id) => format!("${{{id}.Arn}}"),
                Piece::KeyId(id) => format!("${{{id}}}"),
            };
            json!({"Fn::Sub": pieces.iter().map(piece).collect::<String>()})
        }
    }
}

/// Tells whether words hold `${` with no brace behind it, or end in a dollar.
fn has_open_name(piece: &Piece) -> bool {
    match piece {
        Piece::Words(words) => {
            words.ends_with('$') || words.rsplit_once("${").is_some_and(|(_, behind)| !behind.contains('}'))
        }
        Piece::Account | Piece::KeyArn(_) | Piece::KeyId(_) => false,
    }
}
