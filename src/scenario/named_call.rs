//! In whose name a call is made, and the table that it is about.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::cloud::dynamodb::{Table, TableHandle};
use crate::cloud::{Arn, Call, Caller, World};

/// Returns a call as somebody makes it: a service for itself says for which resource, and for whose, which is the call's
/// table, or the first there is.
// Source: IAM User Guide, "The confused deputy problem": a service calls with aws:SourceArn and aws:SourceAccount
pub fn in_the_name_of(caller: &Caller, mut call: Call, world: &World) -> Call {
    if !matches!(caller, Caller::Service(_)) {
        return call;
    }
    let input = call.input.to_json();
    let named = input.get("TableName").and_then(Value::as_str).and_then(|name| table_called(world, name));
    let sealed = || table_of_key(world, input.get("CiphertextBlob")?.as_str()?);
    if let Some(table) = named.or_else(sealed).or_else(|| world.dynamodb().tables().next()) {
        let keys =
            [("aws:SourceArn", table.handle.arn()), ("aws:SourceAccount", table.handle.account.to_string())];
        for (key, value) in keys {
            call.context.keys.entry(key.to_owned()).or_insert_with(|| vec![value]);
        }
    }
    call
}

/// Finds a table by its name or its ARN.
pub fn table_called<'w>(world: &'w World, name: &str) -> Option<&'w Arc<Table>> {
    if let Some(handle) = name.parse().ok().and_then(|arn: Arn| TableHandle::from_arn(&arn)) {
        return world.dynamodb().table(&handle);
    }
    world.dynamodb().tables().find(|table| *table.handle.name == *name)
}

/// Finds the table whose table key that is, in base64.
pub fn table_of_key<'w>(world: &'w World, blob: &str) -> Option<&'w Arc<Table>> {
    let blob = BASE64.decode(blob).ok()?;
    world.dynamodb().tables().find(|table| table.disk.view().table_key().blob[..] == blob[..])
}
