//! The properties of a DynamoDB table.
//!
//! Source: CloudFormation Template Reference, AWS::DynamoDB::Table.

use std::collections::BTreeMap;

use super::super::id::Id;
use super::super::plan::{Table, TableKey};
use super::super::text::{Doc, Piece};
use super::fault::Fault;
use super::fields::Fields;
use super::values::Values;
use crate::policy::json::Node;

/// The alias of the key that AWS manages for DynamoDB.
/// Source: DynamoDB Developer Guide, "DynamoDB encryption at rest", AWS managed key.
const AWS_MANAGED: &str = "alias/aws/dynamodb";

/// Reads a table. `of_alias` returns the key of the template that an alias stands for.
pub fn read(
    fields: &mut Fields<'_>,
    values: &Values,
    of_alias: &dyn Fn(&str) -> Option<Id>,
) -> Result<Table, Fault> {
    let name = values.words(fields.need("TableName")?)?;
    let key = key_schema(fields, values)?;
    let is_on_demand = match fields.take("BillingMode") {
        None => false,
        Some(node) => match &*values.words(node)? {
            "PAY_PER_REQUEST" => true,
            "PROVISIONED" => false,
            other => {
                let message = format!("`{other}` is no billing mode");
                return Err(Fault::new(node.span, message, "write PAY_PER_REQUEST or PROVISIONED"));
            }
        },
    };
    let capacity =
        if is_on_demand { None } else { Some(throughput(fields.need("ProvisionedThroughput")?, values)?) };
    let encryption = fields.take("SSESpecification").map(|node| encryption(node, values, of_alias));
    let protection = fields.take("DeletionProtectionEnabled").map(|node| values.flag(node));
    let policy = fields.take("ResourcePolicy").map(|node| resource_policy(node, values));
    Ok(Table {
        name,
        key,
        capacity,
        encryption: encryption.transpose()?.unwrap_or(TableKey::AwsOwned),
        deletion_protection: protection.transpose()?.unwrap_or_default(),
        tags: fields.tags(values)?,
        policy: policy.transpose()?,
    })
}

/// Returns the names and the types of the partition key and the sort key.
fn key_schema(fields: &mut Fields<'_>, values: &Values) -> Result<Vec<(String, String)>, Fault> {
    let mut types = BTreeMap::new();
    for node in fields.list("AttributeDefinitions")? {
        let mut attribute = Fields::of("an attribute", node)?;
        let name = values.words(attribute.need("AttributeName")?)?;
        types.insert(name, values.words(attribute.need("AttributeType")?)?);
        attribute.end()?;
    }
    let schema = fields.need("KeySchema")?;
    let wrong = || {
        Fault::new(schema.span, "no key of a table", "write a HASH, and behind it a RANGE if there is one")
    };
    let parts = schema.as_array().filter(|parts| (1..=2).contains(&parts.len())).ok_or_else(wrong)?;
    let mut key = Vec::new();
    for (node, wanted) in parts.iter().zip(["HASH", "RANGE"]) {
        let mut part = Fields::of("a part of the key", node)?;
        let name = values.words(part.need("AttributeName")?)?;
        if values.words(part.need("KeyType")?)? != wanted {
            return Err(wrong());
        }
        part.end()?;
        let kind = types.get(&name).cloned().ok_or_else(|| {
            Fault::new(node.span, format!("{name} has no type"), "name it in AttributeDefinitions")
        })?;
        key.push((name, kind));
    }
    Ok(key)
}

fn resource_policy(node: &Node<'_>, values: &Values) -> Result<Doc, Fault> {
    let mut policy = Fields::of("ResourcePolicy", node)?;
    let document = values.policy(policy.need("PolicyDocument")?)?;
    policy.end()?;
    Ok(document)
}

fn throughput(node: &Node<'_>, values: &Values) -> Result<(u64, u64), Fault> {
    let mut units = Fields::of("ProvisionedThroughput", node)?;
    let read = values.number(units.need("ReadCapacityUnits")?)?;
    let write = values.number(units.need("WriteCapacityUnits")?)?;
    units.end()?;
    Ok((read, write))
}

fn encryption(
    node: &Node<'_>,
    values: &Values,
    of_alias: &dyn Fn(&str) -> Option<Id>,
) -> Result<TableKey, Fault> {
    let mut fields = Fields::of("SSESpecification", node)?;
    let enabled = values.flag(fields.need("SSEEnabled")?)?;
    if let Some(kind) = fields.take("SSEType")
        && values.words(kind)? != "KMS"
    {
        return Err(Fault::new(kind.span, "a table is encrypted under KMS", "write KMS"));
    }
    let key = fields.take("KMSMasterKeyId").map(|node| values.text(node)).transpose()?;
    fields.end()?;
    let Some(key) = key.filter(|_| enabled) else {
        return Ok(if enabled { TableKey::AwsManaged } else { TableKey::AwsOwned });
    };
    if let [Piece::KeyId(id) | Piece::KeyArn(id)] = key.pieces() {
        return Ok(TableKey::Own(id.clone()));
    }
    let name = key.filled(&|_| values.account.clone());
    if name == AWS_MANAGED {
        return Ok(TableKey::AwsManaged);
    }
    Ok(of_alias(&name).map_or(TableKey::Other(name), TableKey::Own))
}
