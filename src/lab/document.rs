//! The documents a learner can open: which there are, what they say now, and the call that would change one.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cloud::dynamodb::{self, Table, TableHandle};
use crate::cloud::iam::{self, Identity, Kind, StoredPolicy};
use crate::cloud::kms::{self, Key, KeyHandle};
use crate::cloud::organizations::{self, PolicyType};
use crate::cloud::{AccountId, ApiError, Arn, Call, Caller, Region, World, rulebook};
use crate::policy::{PolicyKind, Profile};
use crate::scenario::key_label;

/// A policy or an item of the simulated cloud.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentId {
    /// The policy of a KMS key, by the key's ARN.
    KeyPolicy(String),
    /// An inline policy of a user, role or group.
    Inline(AccountId, Kind, String, String),
    /// A managed policy, by its ARN: attached, or the permissions boundary of somebody. AWS's own can be read only.
    Managed(String),
    /// The trust policy of a role.
    Trust(AccountId, String),
    /// The resource policy of a table, by the table's ARN.
    TablePolicy(String),
    /// A policy of an organization: its type, the management account, the policy's id.
    Control(PolicyType, AccountId, String),
    /// An item, by the table's ARN and the item's key as JSON; without a key one that is still to be written.
    Item(String, String),
}

impl DocumentId {
    /// What kind of policy it is, which decides what it may contain; `None` for an item.
    pub fn kind(&self) -> Option<PolicyKind> {
        Some(match self {
            Self::KeyPolicy(_) | Self::TablePolicy(_) => PolicyKind::Resource,
            Self::Inline(..) | Self::Managed(_) => PolicyKind::Identity,
            Self::Trust(..) => PolicyKind::Trust,
            Self::Control(kind, ..) => kind.policy_kind(),
            Self::Item(..) => return None,
        })
    }

    /// Returns the rules of the service that takes the document; `None` for an item.
    pub fn profile(&self) -> Option<&'static Profile> {
        rulebook().profile(match self {
            Self::KeyPolicy(_) => "kms-key",
            Self::Inline(..) => "iam-inline",
            Self::Managed(_) => "iam-managed",
            Self::Trust(..) => "iam-trust",
            Self::TablePolicy(_) => "dynamodb-table",
            Self::Control(PolicyType::ServiceControlPolicy, ..) => "scp",
            Self::Control(PolicyType::ResourceControlPolicy, ..) => "rcp",
            Self::Item(..) => return None,
        })
    }

    /// Names the document in a few words: `Key policy`, `Inline policy of user tess`.
    pub fn title(&self, world: &World) -> String {
        match self {
            Self::KeyPolicy(_) => "Key policy".to_owned(),
            Self::Inline(_, kind, owner, _) => format!("Inline policy of {} {owner}", kind.word()),
            Self::Managed(arn) if is_aws_managed(arn) => "AWS managed policy".to_owned(),
            Self::Managed(arn) => match bounded(world, arn) {
                Some(identity) => {
                    format!("Permissions boundary of {} {}", identity.kind.word(), identity.name)
                }
                None => "Managed policy".to_owned(),
            },
            Self::Trust(..) => "Trust policy of role".to_owned(),
            Self::TablePolicy(_) => "Resource policy of table".to_owned(),
            Self::Control(PolicyType::ServiceControlPolicy, ..) => "Service control policy".to_owned(),
            Self::Control(PolicyType::ResourceControlPolicy, ..) => "Resource control policy".to_owned(),
            Self::Item(_, key) if key.is_empty() => "New item".to_owned(),
            Self::Item(..) => "Item".to_owned(),
        }
    }

    /// Which one it is: the key's alias or id, the policy's name, the item's key.
    pub fn name(&self, world: &World) -> String {
        match self {
            Self::KeyPolicy(arn) => key_label(world, arn),
            Self::Inline(_, _, _, name) => name.clone(),
            Self::Managed(arn) | Self::TablePolicy(arn) => last(arn).to_owned(),
            Self::Trust(_, role) => role.clone(),
            Self::Control(_, management, id) => {
                let organization = world.organizations().of(management);
                let mut found = organization.into_iter().flat_map(organizations::Organization::policies);
                found
                    .find(|(known, ..)| known == id)
                    .map_or_else(|| id.clone(), |(_, _, s)| s.name.to_string())
            }
            Self::Item(table, key) if key.is_empty() => last(table).to_owned(),
            Self::Item(table, key) => format!("{} {}", last(table), item_label(key)),
        }
    }

    /// Whether anybody can change it at all.
    pub fn is_editable(&self) -> bool {
        !matches!(self, Self::Managed(arn) if is_aws_managed(arn))
    }

    /// Returns the text that holds now; `None` if the document does not exist (yet). Of an item it is what `caller` can
    /// read.
    pub fn text(&self, world: &World, caller: &Caller) -> Option<String> {
        match self {
            Self::KeyPolicy(arn) => key(world, arn).map(|key| kms::shown_policy(world, key)),
            Self::Inline(account, kind, owner, name) => {
                let identity = world.iam().identity(account, *kind, owner)?;
                identity.inline.get(name).map(|policy| policy.text().to_string())
            }
            Self::Managed(arn) => world.iam().managed_policy(arn).map(|policy| policy.text().to_string()),
            Self::Trust(account, role) => {
                let role = world.iam().identity(account, Kind::Role, role)?;
                role.trust.as_ref().map(|policy| policy.text().to_string())
            }
            Self::TablePolicy(arn) => {
                table(world, arn)?.policy.as_ref().map(|held| held.policy.text().to_string())
            }
            Self::Control(_, management, id) => {
                let organization = world.organizations().of(management)?;
                let mut policies = organization.policies();
                policies
                    .find(|(known, ..)| known == id)
                    .map(|(_, _, source)| source.document.text.to_string())
            }
            Self::Item(_, key) if key.is_empty() => None,
            Self::Item(arn, key) => {
                let key: Value = serde_json::from_str(key).ok()?;
                let call = Call::decode("dynamodb", "GetItem", json!({"TableName": arn, "Key": key})).ok()?;
                let answer = world.clone().call(caller, in_region(call, arn)).result.ok()?.to_json();
                answer.get("Item").map(|item| format!("{item:#}"))
            }
        }
    }

    /// The policy as it is evaluated; `None` if it does not exist (yet), and for an item.
    pub(super) fn stored(&self, world: &World) -> Option<StoredPolicy> {
        match self {
            Self::KeyPolicy(arn) => key(world, arn).map(|key| key.policy.clone()),
            Self::Inline(account, kind, owner, name) => {
                world.iam().identity(account, *kind, owner)?.inline.get(name).cloned()
            }
            Self::Managed(arn) => world.iam().managed_policy(arn).map(|policy| StoredPolicy::clone(&policy)),
            Self::Trust(account, role) => world.iam().identity(account, Kind::Role, role)?.trust.clone(),
            Self::TablePolicy(arn) => table(world, arn)?.policy.as_ref().map(|held| held.policy.clone()),
            Self::Control(_, management, id) => {
                let mut policies = world.organizations().of(management)?.policies();
                policies.find(|(known, ..)| known == id).map(|(_, _, source)| StoredPolicy {
                    document: source.document.clone(),
                    bound: source.bound.clone().unwrap_or_default(),
                })
            }
            Self::Item(..) => None,
        }
    }

    /// What a document that does not exist yet starts as: something harmless of the right kind, about that key.
    pub(super) fn template(&self, world: &World, key: Option<&str>) -> String {
        let statement = match self {
            Self::Item(arn, _) => return item_template(world, arn),
            Self::TablePolicy(arn) => {
                let account = arn.parse::<Arn>().map(|arn| arn.account).unwrap_or_default();
                let root = format!("arn:aws:iam::{account}:root");
                json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "dynamodb:DescribeTable",
                    "Resource": arn})
            }
            Self::KeyPolicy(_)
            | Self::Inline(..)
            | Self::Managed(_)
            | Self::Trust(..)
            | Self::Control(..) => {
                json!({"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": key.unwrap_or("*")})
            }
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        format!("{policy:#}")
    }

    /// The world as it would be if the document read `text`. An item is put by `caller`; where that is refused, nothing
    /// changes.
    pub fn what_if(&self, world: &World, caller: &Caller, text: &str) -> Result<World, ApiError> {
        let as_it_is = || Ok(world.clone());
        match self {
            Self::KeyPolicy(arn) => match handle(arn) {
                Some(handle) => world.with_key_policy(&handle, text),
                None => as_it_is(),
            },
            Self::Inline(account, kind, owner, name) => {
                world.with_inline_policy(account, *kind, owner, name, text)
            }
            Self::Managed(arn) if is_aws_managed(arn) => as_it_is(),
            Self::Managed(arn) => world.with_managed_policy(arn, text),
            Self::Trust(account, role) => world.with_trust_policy(account, role, text),
            Self::TablePolicy(arn) => match table_handle(arn) {
                Some(handle) => world.with_table_policy(&handle, text),
                None => as_it_is(),
            },
            Self::Control(_, management, id) => world.with_organization_policy(management, id, text),
            Self::Item(..) => {
                let mut changed = world.clone();
                match changed.call(caller, self.put(text)?).result {
                    Ok(_) => Ok(changed),
                    Err(error) if error.is_access_denied() => as_it_is(),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// The operation that changes it, as policies write it; `None` if nobody can.
    pub fn action(&self) -> Option<&'static str> {
        Some(match self {
            Self::KeyPolicy(_) => "kms:PutKeyPolicy",
            Self::Inline(_, Kind::User, ..) => "iam:PutUserPolicy",
            Self::Inline(_, Kind::Role, ..) => "iam:PutRolePolicy",
            Self::Inline(_, Kind::Group, ..) => "iam:PutGroupPolicy",
            Self::Managed(arn) if is_aws_managed(arn) => return None,
            Self::Managed(_) => "iam:CreatePolicyVersion",
            Self::Trust(..) => "iam:UpdateAssumeRolePolicy",
            Self::TablePolicy(_) => "dynamodb:PutResourcePolicy",
            Self::Control(..) => "organizations:UpdatePolicy",
            Self::Item(..) => "dynamodb:PutItem",
        })
    }

    /// The call that makes the document read `text`. An item that is no JSON of the right shape cannot be sent.
    pub fn put(&self, text: &str) -> Result<Call, ApiError> {
        let policy_document = text.to_owned();
        Ok(match self {
            Self::KeyPolicy(arn) => {
                let call = Call::new(kms::PutKeyPolicyRequest {
                    key_id: arn.clone(),
                    policy_name: None,
                    policy: policy_document,
                    bypass_policy_lockout_safety_check: None,
                });
                in_region(call, arn)
            }
            Self::Inline(_, Kind::User, owner, name) => Call::new(iam::PutUserPolicyRequest {
                user_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            }),
            Self::Inline(_, Kind::Role, owner, name) => Call::new(iam::PutRolePolicyRequest {
                role_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            }),
            Self::Inline(_, Kind::Group, owner, name) => Call::new(iam::PutGroupPolicyRequest {
                group_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            }),
            Self::Managed(arn) => Call::new(iam::CreatePolicyVersionRequest {
                policy_arn: arn.clone(),
                policy_document,
                set_as_default: Some(true),
            }),
            Self::Trust(_, role) => {
                Call::new(iam::UpdateAssumeRolePolicyRequest { role_name: role.clone(), policy_document })
            }
            Self::TablePolicy(arn) => {
                let call = Call::new(dynamodb::PutResourcePolicyRequest {
                    resource_arn: arn.clone(),
                    policy: policy_document,
                    ..Default::default()
                });
                in_region(call, arn)
            }
            Self::Control(_, _, id) => Call::new(organizations::UpdatePolicyRequest {
                policy_id: id.clone(),
                name: None,
                content: Some(policy_document),
            }),
            Self::Item(arn, _) => {
                let item: Value = serde_json::from_str(text)
                    .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
                // By ARN, so that it is the same table whoever calls.
                let input = json!({"TableName": arn, "Item": item});
                in_region(Call::decode("dynamodb", "PutItem", input)?, arn)
            }
        })
    }

    /// The item that `text` is, if this is an item of a table.
    pub(super) fn written(&self, world: &World, text: &str) -> Option<Self> {
        let Self::Item(arn, _) = self else { return None };
        let item: Value = serde_json::from_str(text).ok()?;
        item_id(table(world, arn)?, &item)
    }
}

/// The document that an item of a table is.
pub(super) fn item_id(table: &Table, item: &Value) -> Option<DocumentId> {
    let mut key = serde_json::Map::new();
    for attribute in table.key_attributes() {
        key.insert(attribute.name.clone(), item.get(&attribute.name)?.clone());
    }
    Some(DocumentId::Item(table.handle.arn(), Value::Object(key).to_string()))
}

fn is_aws_managed(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::aws:")
}

/// Somebody whose permissions boundary the policy is, unless it is attached to anybody as well.
fn bounded<'w>(world: &'w World, arn: &str) -> Option<&'w Identity> {
    let attached = world.iam().identities().any(|identity| identity.attached.iter().any(|a| a == arn));
    let mut bounded = world.iam().identities().filter(|identity| identity.boundary.as_deref() == Some(arn));
    bounded.next().filter(|_| !attached)
}

/// An item's key in short: its values without their types.
fn item_label(key: &str) -> String {
    let Ok(Value::Object(key)) = serde_json::from_str(key) else { return String::new() };
    key.values().map(attribute_text).collect::<Vec<_>>().join(" / ")
}

/// An attribute's value without its type: `{"S": "x"}` is `x`.
pub(super) fn attribute_text(typed: &Value) -> String {
    match typed.as_object().and_then(|o| o.values().next()) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn item_template(world: &World, arn: &str) -> String {
    let mut item = serde_json::Map::new();
    for attribute in table(world, arn).into_iter().flat_map(Table::key_attributes) {
        let kind = attribute.kind.as_str();
        let value = if kind == "N" { "1" } else { "new1" };
        item.insert(attribute.name.clone(), json!({ kind: value }));
    }
    item.insert("Note".to_owned(), json!({"S": "written here"}));
    format!("{:#}", Value::Object(item))
}

/// A name that no inline policy of `identity` has yet.
pub(super) fn new_name(identity: &Identity) -> String {
    let mut number = 1;
    loop {
        let name = format!("inline-{number}");
        if !identity.inline.contains_key(&name) {
            return name;
        }
        number += 1;
    }
}

fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The same call in the Region of what it is about.
fn in_region(call: Call, arn: &str) -> Call {
    let Ok(arn) = arn.parse::<Arn>() else { return call };
    let mut context = call.context.clone();
    context.region = Region::new(&arn.region);
    call.with_context(context)
}

fn handle(arn: &str) -> Option<KeyHandle> {
    KeyHandle::of(&arn.parse().ok()?)
}

fn key<'w>(world: &'w World, arn: &str) -> Option<&'w Key> {
    world.kms().key(&handle(arn)?).map(AsRef::as_ref)
}

fn table_handle(arn: &str) -> Option<TableHandle> {
    TableHandle::from_arn(&arn.parse().ok()?)
}

fn table<'w>(world: &'w World, arn: &str) -> Option<&'w Table> {
    world.dynamodb().table(&table_handle(arn)?).map(AsRef::as_ref)
}
