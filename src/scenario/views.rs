//! What scenarios look up in a world without asking anybody's permission.

use std::collections::BTreeMap;

use crate::cloud::dynamodb::{Table, TableHandle};
use crate::cloud::kms::{self, Key, KeyHandle};
use crate::cloud::{Arn, Blob, Region, World};

/// The key of an ARN.
pub(super) fn key<'w>(world: &'w World, arn: &str) -> Option<&'w Key> {
    let arn: Arn = arn.parse().ok()?;
    let id = arn.resource_after("key/")?.into();
    let handle = KeyHandle { account: arn.account_id()?, region: Region::new(arn.region()), id };
    world.kms().key(&handle).map(AsRef::as_ref)
}

/// The text of a key's policy.
pub(super) fn key_policy(world: &World, arn: &str) -> Option<String> {
    key(world, arn).map(|key| kms::shown_policy(world, key))
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

/// The encryption context that DynamoDB sends for a table.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", DynamoDB encryption context.
pub(super) fn table_context(arn: &str) -> Option<BTreeMap<String, String>> {
    let arn: Arn = arn.parse().ok()?;
    let table = arn.resource_after("table/")?.to_owned();
    Some(BTreeMap::from([
        ("aws:dynamodb:tableName".to_owned(), table),
        ("aws:dynamodb:subscriberId".to_owned(), arn.account().to_owned()),
    ]))
}
