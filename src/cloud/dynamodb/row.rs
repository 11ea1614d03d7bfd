//! What DynamoDB says about itself in the table of services, beside its operations.

use super::keys::PRINCIPAL;
use crate::cloud::service::{ActionTarget, Forward, Subject, columns};
use crate::cloud::{Arn, DocumentId, World};

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
    (arn.resource.split(['/', ':']).next() == Some("table")).then_some("AWS::DynamoDB::Table")
}

/// What DynamoDB asks of a key for a table under it.
pub(super) fn forwards(world: &World, key: &str) -> Option<Forward> {
    let table = world.dynamodb.tables().find(|table| table.key_arn() == Some(key))?;
    let encryption_context = table.encryption_context();
    Some(Forward { principal: PRINCIPAL, name: "DynamoDB", short: "DDB", encryption_context })
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
