//! The calls that make what a plan has, in an order in which AWS takes them.
//!
//! Policies of keys come last: until then a key has the policy that AWS gives it, under which whoever makes the calls can make
//! aliases, grants and tables.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::id::{Id, Sort};
use super::order::{self, Waits};
use super::plan::{
    Grant, Identity, Key, Plan, PolicyRef, ROTATION_DAYS, Resource, SESSION_SECONDS, Table, TableKey,
};
use super::properties::unless;
use super::text::{Doc, Piece, Text};
use crate::cloud::iam::Kind;

/// A trust policy that trusts nobody, for as long as those whom the real one names are not there.
const NOBODY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;

/// One thing that is done to make what a plan has.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// A call, its input in AWS's own shape.
    Call {
        service: &'static str,
        operation: String,
        input: Value,
        /// The key of the plan that the call makes.
        key: Option<Id>,
    },
    /// What comes next needs the table of that name.
    AwaitTable(String),
}

/// Deeds of one sort, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The words for what the deeds make.
    pub title: &'static str,
    pub deeds: Vec<Deed>,
}

/// Returns the calls that make what a plan has. `stands_for` says what is written for a reference.
pub fn making(plan: &Plan, stands_for: &dyn Fn(&Piece) -> String) -> Vec<Part> {
    let fill = Fill { plan, stands_for };
    let parts = [
        ("Groups, users and roles", identities(&fill)),
        ("Keys", keys(&fill)),
        ("What users and roles may do", policies(&fill)),
        ("Tables", tables(&fill)),
        ("Grants", grants(&fill)),
        ("Policies of keys, which may shut out whoever plays this", key_policies(&fill)),
    ];
    let parts = parts.into_iter().filter(|(_, deeds)| !deeds.is_empty());
    parts.map(|(title, deeds)| Part { title, deeds }).collect()
}

/// A call that makes no key.
fn call(service: &'static str, operation: &str, input: Value) -> Deed {
    Deed::Call { service, operation: operation.to_owned(), input, key: None }
}

/// Writes down texts of a plan.
struct Fill<'p> {
    plan: &'p Plan,
    /// What stands for a reference.
    stands_for: &'p dyn Fn(&Piece) -> String,
}

impl Fill<'_> {
    fn text(&self, text: &Text) -> String {
        text.filled(self.stands_for)
    }

    fn key_id(&self, id: &Id) -> String {
        (self.stands_for)(&Piece::KeyId(id.clone()))
    }

    fn document(&self, document: &Doc) -> String {
        document.to_json(&|text| json!(self.text(text))).to_string()
    }

    fn policy_arn(&self, policy: &PolicyRef) -> String {
        match policy {
            PolicyRef::Aws(arn) => arn.clone(),
            PolicyRef::Own(id) => match self.plan.resources.get(id) {
                Some(Resource::Policy(policy)) => self.text(&policy.arn()),
                // A plan refers to policies that it has.
                Some(_) | None => id.to_string(),
            },
        }
    }
}

/// An input of these fields, without those that are null.
fn input<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn tags(tags: &BTreeMap<String, String>, [key, value]: [&str; 2]) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    tags.iter().map(|(name, words)| json!({key: name, value: words})).collect()
}

/// The name of the field that names a user, a role or a group, and the word of the operations on them.
fn nouns(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::User => ("UserName", "User"),
        Kind::Role => ("RoleName", "Role"),
        Kind::Group => ("GroupName", "Group"),
    }
}

fn identities(fill: &Fill<'_>) -> Vec<Deed> {
    let plan = fill.plan;
    let mut waits = Waits::default();
    let mut circles = Vec::new();
    order::of_trust(plan, &mut waits, &mut circles);
    let all: BTreeMap<&Id, &Identity> = plan.identities().collect();
    let mut deeds = Vec::new();
    let mut late = Vec::new();
    for (id, identity) in waits.sorted(all.keys().copied()).into_iter().filter_map(|id| all.get_key_value(id))
    {
        let Identity { kind, name, path, description, trust, max_session, groups, .. } = identity;
        let (field, word) = nouns(*kind);
        let must_wait = circles.iter().any(|(role, _)| role == *id);
        let trust = trust.as_ref().map(|trust| fill.document(trust));
        if let Some(trust) = trust.as_ref().filter(|_| must_wait) {
            let policy = json!({"RoleName": name, "PolicyDocument": trust});
            late.push(call("iam", "UpdateAssumeRolePolicy", policy));
        }
        let trust = if must_wait { trust.map(|_| NOBODY.to_owned()) } else { trust };
        let fields = [
            (field, json!(name)),
            ("Path", unless("/", path.as_str())),
            ("AssumeRolePolicyDocument", json!(trust)),
            ("Description", json!(description)),
            ("MaxSessionDuration", unless(&SESSION_SECONDS, max_session)),
            ("Tags", tags(&identity.tags, ["Key", "Value"])),
        ];
        deeds.push(call("iam", &format!("Create{word}"), input(fields)));
        for group in groups {
            if let Some(group) = all.get(group) {
                let member = json!({"GroupName": group.name, "UserName": name});
                deeds.push(call("iam", "AddUserToGroup", member));
            }
        }
    }
    deeds.extend(late);
    deeds
}

fn keys(fill: &Fill<'_>) -> Vec<Deed> {
    let plan = fill.plan;
    let mut deeds = Vec::new();
    for (id, resource) in plan.of_sort(Sort::Key) {
        let Resource::Key(key) = resource else { continue };
        let Key { description, spec, usage, multi_region, rotation, .. } = key;
        let is_plain = spec == "SYMMETRIC_DEFAULT" && usage == "ENCRYPT_DECRYPT";
        let kind = |word: &str| if is_plain { Value::Null } else { json!(word) };
        let fields = [
            ("Description", unless("", description.as_str())),
            ("KeySpec", kind(spec)),
            ("KeyUsage", kind(usage)),
            ("MultiRegion", unless(&false, multi_region)),
            ("Tags", tags(&key.tags, ["TagKey", "TagValue"])),
        ];
        deeds.push(Deed::Call {
            service: "kms",
            operation: "CreateKey".to_owned(),
            input: input(fields),
            key: Some(id.clone()),
        });
        if let Some(days) = rotation {
            let days = unless(&ROTATION_DAYS, days);
            let fields = [("KeyId", json!(fill.key_id(id))), ("RotationPeriodInDays", days)];
            deeds.push(call("kms", "EnableKeyRotation", input(fields)));
        }
    }
    for (_, resource) in plan.of_sort(Sort::Alias) {
        if let Resource::Alias(alias) = resource {
            let alias = json!({"AliasName": alias.name, "TargetKeyId": fill.key_id(&alias.key)});
            deeds.push(call("kms", "CreateAlias", alias));
        }
    }
    deeds
}

fn policies(fill: &Fill<'_>) -> Vec<Deed> {
    let plan = fill.plan;
    let mut deeds = Vec::new();
    for (_, resource) in plan.of_sort(Sort::Policy) {
        let Resource::Policy(policy) = resource else { continue };
        let fields = [
            ("PolicyName", json!(policy.name)),
            ("Path", unless("/", policy.path.as_str())),
            ("Description", json!(policy.description)),
            ("PolicyDocument", json!(fill.document(&policy.document))),
        ];
        deeds.push(call("iam", "CreatePolicy", input(fields)));
    }
    for (id, identity) in plan.identities() {
        let (field, word) = nouns(identity.kind);
        let name = &identity.name;
        for policy in &identity.attached {
            let attached = json!({field: name, "PolicyArn": fill.policy_arn(policy)});
            deeds.push(call("iam", &format!("Attach{word}Policy"), attached));
        }
        for (_, resource) in plan.of_sort(Sort::of_inline(identity.kind)) {
            if let Resource::Inline(inline) = resource
                && inline.owner == *id
            {
                let document = fill.document(&inline.document);
                let put = json!({field: name, "PolicyName": inline.name, "PolicyDocument": document});
                deeds.push(call("iam", &format!("Put{word}Policy"), put));
            }
        }
        if let Some(boundary) = &identity.boundary {
            let put = json!({field: name, "PermissionsBoundary": fill.policy_arn(boundary)});
            deeds.push(call("iam", &format!("Put{word}PermissionsBoundary"), put));
        }
    }
    deeds
}

fn tables(fill: &Fill<'_>) -> Vec<Deed> {
    let plan = fill.plan;
    let mut deeds = Vec::new();
    for (_, resource) in plan.of_sort(Sort::Table) {
        let Resource::Table(table) = resource else { continue };
        let Table { name, key, capacity, encryption, deletion_protection, policy, .. } = table;
        let attribute =
            |(name, kind): &(String, String)| json!({"AttributeName": name, "AttributeType": kind});
        let part =
            |((name, _), kind): (&(String, String), &str)| json!({"AttributeName": name, "KeyType": kind});
        let under = |key: Option<String>| {
            input([("Enabled", json!(true)), ("SSEType", json!("KMS")), ("KMSMasterKeyId", json!(key))])
        };
        let units =
            |(read, write): (u64, u64)| json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write});
        let fields = [
            ("TableName", json!(name)),
            ("AttributeDefinitions", key.iter().map(attribute).collect()),
            ("KeySchema", key.iter().zip(["HASH", "RANGE"]).map(part).collect()),
            ("BillingMode", json!(if capacity.is_none() { "PAY_PER_REQUEST" } else { "PROVISIONED" })),
            ("ProvisionedThroughput", capacity.map(units).unwrap_or_default()),
            (
                "SSESpecification",
                match encryption {
                    TableKey::AwsOwned => Value::Null,
                    TableKey::AwsManaged => under(None),
                    TableKey::Own(id) => under(Some((fill.stands_for)(&Piece::KeyArn(id.clone())))),
                    TableKey::Other(arn) => under(Some(arn.clone())),
                },
            ),
            ("DeletionProtectionEnabled", unless(&false, deletion_protection)),
            ("Tags", tags(&table.tags, ["Key", "Value"])),
        ];
        deeds.push(call("dynamodb", "CreateTable", input(fields)));
        if let Some(policy) = policy {
            deeds.push(Deed::AwaitTable(name.clone()));
            let arn = fill.text(&table.arn(&plan.region));
            let put = json!({"ResourceArn": arn, "Policy": fill.document(policy)});
            deeds.push(call("dynamodb", "PutResourcePolicy", put));
        }
    }
    deeds
}

fn grants(fill: &Fill<'_>) -> Vec<Deed> {
    let plan = fill.plan;
    let mut deeds = Vec::new();
    for (_, resource) in plan.of_sort(Sort::Grant) {
        let Resource::Grant(grant) = resource else { continue };
        let Grant { grant_id: _, key, name, grantee, retiring, operations, context, source } = grant;
        let pairs =
            |wanted: bool| context.as_ref().filter(|(_, exact)| *exact == wanted).map(|(pairs, _)| pairs);
        let constraints = input([
            ("EncryptionContextSubset", json!(pairs(false))),
            ("EncryptionContextEquals", json!(pairs(true))),
            ("SourceArn", json!(source.as_ref().map(|source| fill.text(source)))),
        ]);
        let has_some = constraints.as_object().is_some_and(|fields| !fields.is_empty());
        let fields = [
            ("KeyId", json!(fill.key_id(key))),
            ("GranteePrincipal", json!(fill.text(grantee))),
            ("RetiringPrincipal", json!(retiring.as_ref().map(|retiring| fill.text(retiring)))),
            ("Operations", json!(operations)),
            ("Constraints", if has_some { constraints } else { Value::Null }),
            ("Name", json!(name)),
        ];
        deeds.push(call("kms", "CreateGrant", input(fields)));
    }
    deeds
}

fn key_policies(fill: &Fill<'_>) -> Vec<Deed> {
    let plan = fill.plan;
    let mut deeds = Vec::new();
    for (id, resource) in plan.of_sort(Sort::Key) {
        let Resource::Key(key) = resource else { continue };
        if !key.enabled {
            deeds.push(call("kms", "DisableKey", json!({"KeyId": fill.key_id(id)})));
        }
        let put = json!({
            "KeyId": fill.key_id(id),
            "BypassPolicyLockoutSafetyCheck": true,
            "Policy": fill.document(&key.policy),
        });
        deeds.push(call("kms", "PutKeyPolicy", put));
    }
    deeds
}
