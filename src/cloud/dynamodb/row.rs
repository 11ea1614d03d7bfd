//! What DynamoDB says about itself in the table of services, beside its operations.

use serde_json::Value;

use super::keys::PRINCIPAL;
use super::table::encryption_context;
use super::{PREFIX, TableHandle};
use crate::cloud::service::{ActionTarget, Forward, Subject, columns};
use crate::cloud::{AccountId, Arn, DocumentId, Probe, Region, World};

/// The columns of the matrix about a table.
const TABLE: [&str; 10] = [
    "dynamodb:Scan",
    "dynamodb:Query",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:UpdateTable",
    "dynamodb:DeleteTable",
    "dynamodb:PutResourcePolicy",
];

/// The type of tables, and of what belongs to one.
pub(super) fn record_type(arn: &Arn) -> Option<&'static str> {
    (arn.resource().split(['/', ':']).next() == Some("table")).then_some("AWS::DynamoDB::Table")
}

/// What DynamoDB asks of a key for a table under it.
pub(super) fn forwards(world: &World, key: &str) -> Option<Forward> {
    let table = world.dynamodb.tables().find(|table| table.key_arn() == Some(key))?;
    let encryption_context = table.encryption_context();
    Some(Forward { principal: PRINCIPAL, name: "DynamoDB", short: "DDB", encryption_context })
}

/// The actions for which DynamoDB opens a table, or a backup, in the caller's name.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes"; KMS Developer Guide, "How DynamoDB uses AWS KMS".
const OPENING: [&str; 14] = [
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLSelect",
    "PartiQLUpdate",
    "PutItem",
    "Query",
    "RestoreTableFromBackup",
    "Scan",
    "UpdateItem",
];

/// What DynamoDB asks of the key of a table or backup in the caller's name; `None` where no key of the account is asked.
pub(super) fn key_question(world: &World, arn: &Arn, action: &str) -> Option<Probe> {
    let operation = action.split_once(':')?.1;
    OPENING.iter().find(|known| known.eq_ignore_ascii_case(operation))?;
    let table = world.dynamodb.tables().find(|table| table.handle.arn() == arn.to_string());
    let key = table.map_or_else(
        || world.dynamodb.stored_at(&arn.to_string())?.disk().table_key().kms_key.clone(),
        |table| table.key_arn().map(str::to_owned),
    )?;
    let encryption_context = encryption_context(&TableHandle::from_arn(arn)?);
    Some(
        Forward { principal: PRINCIPAL, name: "DynamoDB", short: "DDB", encryption_context }
            .probe("kms:Decrypt", &key),
    )
}

/// Says that there is no such table, whoever asks for an action on it.
pub(super) fn fails(world: &World, arn: &Arn, action: &str) -> Option<String> {
    let name = arn.resource_after("table/").filter(|name| !name.contains(['/', '*', '?']))?;
    let creates = action.to_ascii_lowercase().starts_with("dynamodb:create");
    let is_there = world.dynamodb.table(&TableHandle::from_arn(arn)?).is_some();
    (!is_there && !creates).then(|| format!("there is no table {name}"))
}

/// Lists every table as a target of an action.
pub(super) fn candidates(world: &World) -> Vec<ActionTarget> {
    let tables = world.dynamodb.tables();
    tables.map(|table| ActionTarget::direct(table.handle.name.to_string(), table.handle.arn())).collect()
}

/// Lists each table as a subject of the matrix.
pub(super) fn subjects(world: &World) -> Vec<Subject> {
    let of_table = |arn: String| {
        let name = arn.rsplit('/').next().unwrap_or(&arn);
        Subject { title: format!("table {name}"), columns: columns(&TABLE, &arn) }
    };
    world.dynamodb.tables().map(|table| of_table(table.handle.arn())).collect()
}

/// The resource policies of all tables, written or not.
pub(super) fn documents(world: &World) -> Vec<DocumentId> {
    world.dynamodb.tables().map(|table| DocumentId::TablePolicy(table.handle.arn())).collect()
}

/// Finds the ARN of a table.
pub(super) fn named(world: &World, account: &AccountId, region: &Region, name: &str) -> Option<String> {
    let arn = Arn::new(PREFIX, region.as_str(), account.as_str(), &["table/", name]);
    let handle = TableHandle::from_arn(&arn)?;
    world.dynamodb.table(&handle).map(|_| arn.to_string())
}

/// Finds a field of a table's description, or of its `SSEDescription` or `ArchivalSummary`.
pub(super) fn field(world: &World, resource: &Arn, field: &str) -> Option<Value> {
    let table = world.dynamodb.table(&TableHandle::from_arn(resource)?)?;
    let description = serde_json::to_value(table.describe(world.now)).ok()?;
    let found = [Some(&description), description.get("SSEDescription"), description.get("ArchivalSummary")]
        .into_iter()
        .flatten()
        .find_map(|part| part.get(field).cloned());
    // A table under an AWS owned key has no key to show.
    found.or_else(|| (field == "KMSMasterKeyArn").then_some(Value::Null))
}
