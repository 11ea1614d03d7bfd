//! A table: its schema, its encryption, its disk, and what it says of itself at a given time.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::disk::{Position, TableDisk, TableKeys};
use super::handle::TableHandle;
use super::invalid::Invalid;
use super::value::{AttributeValue, Item};
use crate::cloud::iam::StoredPolicy;
use crate::cloud::kms::PROPAGATION;
use crate::cloud::permission::ResourceFacts;
use crate::policy::{ResourceMode, ResourcePolicy};

/// Largest partition key and largest sort key, in bytes.
/// Source: DynamoDB Developer Guide, "Constraints: Partition keys and sort keys".
const MAX_PARTITION_KEY: usize = 2048;
const MAX_SORT_KEY: usize = 1024;

/// A type that a key attribute can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyType {
    S,
    N,
    B,
}

impl KeyType {
    /// Returns the type's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }
}

/// An attribute of the primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAttribute {
    pub name: String,
    pub kind: KeyType,
}

/// The units a second that one partition serves: reads, writes.
/// Source: DynamoDB Developer Guide, "Designing partition keys to distribute your workload".
const PARTITION_UNITS: (u64, u64) = (3000, 1000);

/// The number of partitions of a new on-demand table: it serves 12,000 reads and 4,000 writes a second.
/// Source: DynamoDB Developer Guide, "Initial throughput for on-demand capacity mode".
const ON_DEMAND_PARTITIONS: u32 = 4;

/// The two ways to pay for a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billing {
    OnDemand,
    /// By capacity: read and write units.
    Provisioned(u64, u64),
}

impl Billing {
    /// Returns the number of partitions that the items lie in, as a scan is billed for them.
    pub(super) fn partitions(self) -> u32 {
        let (reads, writes) = PARTITION_UNITS;
        match self {
            Self::OnDemand => ON_DEMAND_PARTITIONS,
            Self::Provisioned(read, write) => {
                let thousandths =
                    (read.saturating_mul(1000) / reads).saturating_add(write.saturating_mul(1000) / writes);
                u32::try_from(thousandths.div_ceil(1000).max(1)).unwrap_or(u32::MAX)
            }
        }
    }
}

/// Under which key a table's table key is wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// An AWS owned key: in no account, and nobody is asked.
    AwsOwned,
    /// A KMS key of an account.
    Kms(KmsEncryption),
}

/// A table's KMS key and the grant on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsEncryption {
    /// The key's ARN, as it was resolved when the table was put under it.
    pub key_arn: String,
    /// True for the AWS managed key `alias/aws/dynamodb`.
    pub managed: bool,
    /// The grant under which DynamoDB works by itself.
    pub grant_id: String,
    pub(super) granted_at: Timestamp,
    /// The grant's token, so that it serves at once.
    pub(super) grant_token: String,
}

impl KmsEncryption {
    /// Returns what DynamoDB presents to KMS besides its name: the grant's token, as long as the grant may not
    /// be known everywhere. Later the token would only be a second way for it to be invalid.
    pub(super) fn grant_tokens(&self, now: Timestamp) -> Vec<String> {
        let young = now.duration_since(self.granted_at) < PROPAGATION;
        young.then(|| self.grant_token.clone()).into_iter().collect()
    }
}

/// A table with its data: keys, disk, tags, policy.
#[derive(Clone, Debug)]
pub struct Table {
    /// Account, Region and name.
    pub handle: TableHandle,
    /// A UUID; another table of the same name has another one.
    pub id: Arc<str>,
    pub created: Timestamp,
    /// The time from which on the table can be used.
    pub active_at: Timestamp,
    pub partition: KeyAttribute,
    /// The sort key, if there is one.
    pub sort: Option<KeyAttribute>,
    pub billing: Billing,
    /// When the table was last turned to payment by request, if it ever was.
    pub on_demand_since: Option<Timestamp>,
    /// True for a table whose class was named when it was made.
    pub class_named: bool,
    /// True for a table that can be deleted only after this is turned off.
    pub deletion_protection: bool,
    /// True if the type of the sort key was defined before that of the partition key.
    pub sort_defined_first: bool,
    pub tags: BTreeMap<String, String>,
    pub encryption: Encryption,
    pub disk: TableDisk,
    /// Bytes that DynamoDB counts for the items.
    pub size_bytes: u64,
    /// The last change of keys, until it is over.
    pub change: Option<KeyChange>,
    /// The times of the key's changes in the last 24 hours, oldest first.
    pub key_changes: Vec<Timestamp>,
    /// The time since which DynamoDB knows that it cannot use the key.
    pub inaccessible_since: Option<Timestamp>,
    /// The table's end, if its key could not be used for too long.
    pub archive: Option<Archive>,
    /// Present for tables that were restored from a backup.
    pub restored: Option<Restored>,
    pub policy: Option<TablePolicy>,
    /// The time to live of items, once it was ever set.
    pub time_to_live: Option<TimeToLive>,
    /// Present while the table could be restored as it was at any second.
    pub recovery: Option<Recovery>,
}

/// The time to live of the items of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeToLive {
    /// The attribute that holds it, unless it is turned off.
    pub attribute: Option<String>,
    /// The time of the last change.
    pub changed: Timestamp,
}

/// The point-in-time recovery of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    pub since: Timestamp,
    /// The number of days that it reaches back.
    pub days: i64,
}

/// The resource policy of a table.
#[derive(Clone, Debug)]
pub struct TablePolicy {
    pub policy: StoredPolicy,
    /// The id of this version of the policy.
    pub revision: String,
}

/// A change of keys under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    pub before: Encryption,
    /// The time from which on descriptions name the new key.
    pub shown_at: Timestamp,
    pub done_at: Timestamp,
}

/// The archiving of a table whose key could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    pub at: Timestamp,
    pub archived_at: Timestamp,
    /// The backup that was made.
    pub backup_arn: String,
}

/// The backup and the table that a restored table comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub backup_arn: String,
    /// The table it was made of.
    pub source_table_arn: String,
    pub at: Timestamp,
}

impl Table {
    /// Returns the ARN of the key that encrypts the table, if that is the key of an account.
    pub fn key_arn(&self) -> Option<&str> {
        match &self.encryption {
            Encryption::Kms(kms) => Some(&kms.key_arn),
            Encryption::AwsOwned => None,
        }
    }

    /// Returns what matters to access to the table, or (`itself` false) to a backup or other part of it, which
    /// has no policy.
    pub(super) fn facts(&self, itself: bool) -> ResourceFacts {
        let source = self.policy.as_ref().filter(|_| itself).map(|held| held.policy.source("table policy"));
        ResourceFacts {
            policy: ResourcePolicy { mode: ResourceMode::Optional, source, cross_account: true },
            // Source: Service Authorization Reference, DynamoDB: tables supply aws:ResourceTag.
            keys: self
                .tags
                .iter()
                .map(|(k, v)| (format!("aws:ResourceTag/{k}").into(), v.as_str().into()))
                .collect(),
            ..ResourceFacts::plain(Some(self.handle.account.clone()))
        }
    }

    /// Returns the context under which the table key is wrapped: it names table and account.
    /// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", encryption context.
    pub fn encryption_context(&self) -> BTreeMap<String, String> {
        encryption_context(&self.handle)
    }

    /// Returns the attributes of the primary key.
    pub fn key_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition).chain(&self.sort)
    }

    /// Tells whether `name` is part of the primary key.
    pub fn is_key(&self, name: &str) -> bool {
        self.key_attributes().any(|attribute| attribute.name == name)
    }

    /// Returns the primary key of an item of this table.
    pub fn key_of(&self, item: &Item) -> Item {
        self.key_attributes()
            .filter_map(|attribute| item.get_key_value(&attribute.name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Checks that the key of a request holds exactly the key attributes, of the right types.
    pub fn check_key(&self, key: &Item) -> Result<(), Invalid> {
        let mismatch = || Invalid::new("The provided key element does not match the schema");
        if key.len() != self.key_attributes().count() {
            return Err(mismatch());
        }
        for attribute in self.key_attributes() {
            match key.get(&attribute.name) {
                Some(value) if value.type_name() == attribute.kind.as_str() => {
                    self.check_key_value(attribute, value)?;
                }
                _ => return Err(mismatch()),
            }
        }
        Ok(())
    }

    /// Checks that an item to be stored has the key attributes, of the right types.
    pub fn check_item_keys(&self, item: &Item) -> Result<(), Invalid> {
        for attribute in self.key_attributes() {
            let Some(value) = item.get(&attribute.name) else {
                return Err(Invalid::parameter(format_args!(
                    "Missing the key {} in the item",
                    attribute.name
                )));
            };
            if value.type_name() != attribute.kind.as_str() {
                return Err(Invalid::parameter(format_args!(
                    "Type mismatch for key {} expected: {} actual: {}",
                    attribute.name,
                    attribute.kind.as_str(),
                    value.type_name()
                )));
            }
            self.check_key_value(attribute, value)?;
        }
        Ok(())
    }

    /// Refuses an empty text, or no bytes, as a part of the key.
    pub(super) fn check_not_empty(attribute: &KeyAttribute, value: &AttributeValue) -> Result<(), Invalid> {
        match length(value) {
            Some((0, kind)) => Err(Invalid(format!(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
                 empty {kind} value. Key: {}",
                attribute.name
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks the length of a text or of bytes that stand for a part of the key.
    pub(super) fn check_key_value(
        &self,
        attribute: &KeyAttribute,
        value: &AttributeValue,
    ) -> Result<(), Invalid> {
        Self::check_not_empty(attribute, value)?;
        let Some((length, _)) = length(value) else { return Ok(()) };
        let is_partition = attribute.name == self.partition.name;
        if is_partition && length > MAX_PARTITION_KEY {
            return Err(Invalid::parameter(
                "Size of hashkey has exceeded the maximum size limit of2048 bytes",
            ));
        }
        if !is_partition && length > MAX_SORT_KEY {
            return Err(Invalid::parameter(
                "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
            ));
        }
        Ok(())
    }

    /// Returns where the item with this (checked) key stands on the disk.
    pub(super) fn position(&self, keys: &TableKeys, key: &Item) -> Option<Position> {
        let bytes = |attribute: &KeyAttribute| key.get(&attribute.name)?.key_bytes();
        let sort = self.sort.as_ref().map(bytes);
        let sort = match sort {
            Some(None) => return None,
            Some(Some(bytes)) => Some(bytes),
            None => None,
        };
        Some(keys.position(&bytes(&self.partition)?, sort.as_deref()))
    }

    /// Returns what names the table in the additional data of everything on its disk.
    pub(super) fn disk_identity<'a>(handle: &'a TableHandle, id: &'a str) -> [&'a str; 4] {
        [handle.account.as_str(), handle.region.as_str(), &handle.name, id]
    }
}

/// Returns the length of a text or of bytes, with the word for which of them it is.
fn length(value: &AttributeValue) -> Option<(usize, &'static str)> {
    match value {
        AttributeValue::S(text) => Some((text.len(), "string")),
        AttributeValue::B(bytes) => Some((bytes.len(), "binary")),
        AttributeValue::N(_)
        | AttributeValue::Bool(_)
        | AttributeValue::Null
        | AttributeValue::M(_)
        | AttributeValue::L(_)
        | AttributeValue::Ss(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Bs(_) => None,
    }
}

/// Returns the encryption context of a table.
pub(super) fn encryption_context(handle: &TableHandle) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("aws:dynamodb:tableName".to_owned(), handle.name.to_string()),
        ("aws:dynamodb:subscriberId".to_owned(), handle.account.to_string()),
    ])
}
