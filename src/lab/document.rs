//! The documents a learner can open, in words: what people call one, and what a new one starts as.

use serde_json::{Value, json};

use crate::cloud::dynamodb::{Table, TableHandle};
use crate::cloud::iam::Identity;
use crate::cloud::kms::key_label;
use crate::cloud::organizations::{self, PolicyType};
use crate::cloud::{Arn, Caller, DocumentId, World};

impl DocumentId {
    /// Names the document in a few words: `Key policy`, `Inline policy of user tess`.
    pub fn title(&self, world: &World) -> String {
        match self {
            Self::KeyPolicy(_) => "Key policy".to_owned(),
            Self::Inline(_, kind, owner, _) => format!("Inline policy of {} {owner}", kind.word()),
            Self::Managed(_) if self.is_aws_managed() => "AWS managed policy".to_owned(),
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
            Self::EventPattern(_) => "Event pattern of rule".to_owned(),
        }
    }

    /// Which one it is: the key's alias or id, the policy's name, the item's key.
    pub fn name(&self, world: &World) -> String {
        match self {
            Self::KeyPolicy(arn) => key_label(world, arn),
            Self::Inline(_, _, _, name) => name.clone(),
            Self::Managed(arn) | Self::TablePolicy(arn) | Self::EventPattern(arn) => last(arn).to_owned(),
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
        !self.is_aws_managed()
    }

    /// What a document that does not exist yet starts as: something harmless of the right kind, about that key. An item
    /// has a key that `caller` finds nothing under.
    pub(super) fn template(&self, world: &World, caller: &Caller, key: Option<&str>) -> String {
        let statement = match self {
            Self::Item(arn, _) => return item_template(world, caller, arn),
            Self::EventPattern(_) => return format!("{:#}", json!({"source": ["aws.kms"]})),
            Self::TablePolicy(arn) => {
                let account = arn.parse::<Arn>().map(|arn| arn.account().to_owned()).unwrap_or_default();
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

/// Keys that are tried for a new item.
const MOST_TRIED: usize = 100;

/// An item under whose key `caller` finds nothing.
fn item_template(world: &World, caller: &Caller, arn: &str) -> String {
    let table = table(world, arn);
    let numbered = |number: usize| {
        let mut item = serde_json::Map::new();
        for attribute in table.into_iter().flat_map(Table::key_attributes) {
            let kind = attribute.kind.as_str();
            let value = if kind == "N" { number.to_string() } else { format!("new{number}") };
            item.insert(attribute.name.clone(), json!({ kind: value }));
        }
        Value::Object(item)
    };
    let is_taken = |item: &Value| {
        let id = table.and_then(|table| item_id(table, item));
        id.is_some_and(|id| id.text(world, caller).is_some())
    };
    let free = (1..MOST_TRIED).find(|number| !is_taken(&numbered(*number)));
    let mut item = numbered(free.unwrap_or(MOST_TRIED));
    item["Note"] = json!({"S": "written here"});
    format!("{item:#}")
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

fn table_handle(arn: &str) -> Option<TableHandle> {
    TableHandle::from_arn(&arn.parse().ok()?)
}

fn table<'w>(world: &'w World, arn: &str) -> Option<&'w Table> {
    world.dynamodb().table(&table_handle(arn)?).map(AsRef::as_ref)
}
