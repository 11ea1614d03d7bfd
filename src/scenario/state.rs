//! Fields of keys, aliases and tables, as checks ask for them.

use serde_json::{Value, json};

use super::names::{Names, UnknownName};
use super::views;
use crate::cloud::World;
use crate::cloud::dynamodb::Table;
use crate::cloud::kms;

/// A field of a key, an alias or a table, by AWS's name.
pub(super) fn state(world: &World, names: &Names, of: &str, field: &str) -> Result<Value, UnknownName> {
    let unknown = || UnknownName(format!("`{of}` has no {field} here"));
    if of.starts_with("alias/") && field == "TargetKeyArn" {
        return names.key(world, of).map(Value::String);
    }
    let arn = names.resource(world, of)?;
    if let Some(table) = views::table(world, &arn) {
        return table_state(world, table, field).ok_or_else(unknown);
    }
    let key = views::key(world, &arn).ok_or_else(unknown)?;
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
