//! What scenarios look up in a world without asking anybody's permission.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Names, UnknownName};
use crate::cloud::dynamodb::{Table, TableHandle};
use crate::cloud::kms::{self, Key, KeyHandle};
use crate::cloud::{AccountId, Arn, Blob, Region, World};

/// The key of an ARN.
fn key<'w>(world: &'w World, arn: &str) -> Option<&'w Key> {
    let arn: Arn = arn.parse().ok()?;
    let id = arn.resource_after("key/")?.into();
    let handle = KeyHandle { account: arn.account_id()?, region: Region::new(&arn.region), id };
    world.kms().key(&handle).map(AsRef::as_ref)
}

/// The text of a key's policy.
pub(super) fn key_policy(world: &World, arn: &str) -> Option<String> {
    key(world, arn).map(|key| kms::shown_policy(world, key))
}

/// The ARN of the key that an alias points to.
pub(super) fn alias_target(
    world: &World,
    account: &AccountId,
    region: &Region,
    name: &str,
) -> Option<String> {
    let (handle, alias) =
        world.kms().aliases_in(account, region).find(|(handle, _)| *handle.name == *name)?;
    let id = alias.target.clone();
    Some(KeyHandle { account: handle.account.clone(), region: handle.region.clone(), id }.to_string())
}

/// The table of an ARN.
pub(super) fn table<'w>(world: &'w World, arn: &str) -> Option<&'w Table> {
    let handle = TableHandle::from_arn(&arn.parse().ok()?)?;
    world.dynamodb().table(&handle).map(AsRef::as_ref)
}

/// The table key of a table or backup as KMS wrapped it: what a thief of the disk would have.
pub(super) fn wrapped_table_key(world: &World, arn: &str) -> Option<Blob> {
    let stored = world.dynamodb().stored_at(arn)?;
    Some(Blob::new(stored.disk().table_key().blob.as_ref()))
}

/// Every byte of the items of a table or backup as they lie on the disk.
pub(super) fn stored_bytes(world: &World, arn: &str) -> Option<Vec<u8>> {
    let pages = world.dynamodb().stored_at(arn)?.disk().pages();
    Some(pages.flat_map(|page| [page.nonce(), page.tag(), page.ciphertext()].concat()).collect())
}

/// The ARN of the first table encrypted under a key.
pub(super) fn table_under(world: &World, key: &str) -> Option<String> {
    world.dynamodb().tables().find(|table| table.key_arn() == Some(key)).map(|table| table.handle.arn())
}

/// The encryption context that DynamoDB sends for a table.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", DynamoDB encryption context.
pub(super) fn table_context(arn: &str) -> Option<BTreeMap<String, String>> {
    let arn: Arn = arn.parse().ok()?;
    let table = arn.resource_after("table/")?.to_owned();
    Some(BTreeMap::from([
        ("aws:dynamodb:tableName".to_owned(), table),
        ("aws:dynamodb:subscriberId".to_owned(), arn.account),
    ]))
}

/// A field of a key, an alias or a table, by AWS's name.
pub(super) fn state(world: &World, names: &Names, of: &str, field: &str) -> Result<Value, UnknownName> {
    let unknown = || UnknownName(format!("`{of}` has no {field} here"));
    if of.starts_with("alias/") && field == "TargetKeyArn" {
        return names.key(world, of).map(Value::String);
    }
    let arn = names.resource(world, of)?;
    if let Some(table) = table(world, &arn) {
        return table_state(world, table, field).ok_or_else(unknown);
    }
    let key = key(world, &arn).ok_or_else(unknown)?;
    Ok(match field {
        "KeyState" => json!(key.state().as_str()),
        "Enabled" => json!(key.state() == kms::KeyState::Enabled),
        "Description" => json!(key.description),
        "KeyRotationEnabled" => json!(key.rotation.is_some()),
        "CurrentKeyMaterialId" => json!(key.current_id().map(|id| id.to_string())),
        "RotationCount" => json!(key.materials.iter().filter(|material| material.rotated.is_some()).count()),
        _ => return Err(unknown()),
    })
}

/// A field of a table's description, or of its `SSEDescription` or `ArchivalSummary`.
fn table_state(world: &World, table: &Table, field: &str) -> Option<Value> {
    let description = serde_json::to_value(table.describe(world.now())).ok()?;
    let found = [&description, &description["SSEDescription"], &description["ArchivalSummary"]]
        .into_iter()
        .find_map(|part| part.get(field).cloned());
    // A table under an AWS owned key has no key to show.
    found.or_else(|| (field == "KMSMasterKeyArn").then_some(Value::Null))
}
