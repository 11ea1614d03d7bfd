//! `DescribeTable`, `ListTables` and `DeleteTable`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::create_table::{TableDescriptionResponse, described_elements};
use super::description::TableDescription;
use super::handle::TableHandle;
use super::keys::retire_grant;
use super::request::{check_limit, table_handle, table_permission};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The request of `DescribeTable`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DescribeTableRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
}

/// The response of `DescribeTable`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeTableResponse {
    pub table: TableDescription,
}

impl Operation for DescribeTableRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![table_permission(invocation, "DescribeTable", &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DescribeTableResponse, ApiError> {
        let handle = table_handle(invocation, &self.table_name)?;
        if !invocation.world.fidelity.table_status_delay {
            invocation.world.look_at(&handle);
        }
        let table = invocation.world.control_table(&handle)?;
        Ok(DescribeTableResponse { table: table.describe_in_full(invocation.world.now) })
    }
}

/// The request of `DeleteTable`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DeleteTableRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
}

impl Operation for DeleteTableRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![table_permission(invocation, "DeleteTable", &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<TableDescriptionResponse, ApiError> {
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.control_table(&handle)?;
        if table.deletion_protection {
            return Err(ApiError::validation(
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection \
                 first.",
            ));
        }
        let now = invocation.world.now;
        table.check_changeable(now)?;
        retire_grant(invocation, &handle, &table.encryption);
        invocation.world.dynamodb.remove_table(&handle);
        // The answer says DELETING even though the next call finds the table gone. It names no keys.
        // Source: DynamoDB API Reference, DeleteTable, example.
        let table_description = TableDescription {
            table_status: "DELETING",
            attribute_definitions: None,
            key_schema: None,
            creation_date_time: None,
            ..table.describe(now)
        };
        Ok(TableDescriptionResponse { table_description })
    }

    fn response_elements(response: &TableDescriptionResponse) -> Value {
        described_elements(response)
    }
}

/// The request of `ListTables`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListTablesRequest {
    /// The `LastEvaluatedTableName` of the page before.
    pub exclusive_start_table_name: Option<String>,
    /// 1 to 100; 100 unless given.
    pub limit: Option<i64>,
}

/// The response of `ListTables`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTablesResponse {
    pub table_names: Vec<String>,
    /// The place to go on from, if there is a next page.
    pub last_evaluated_table_name: Option<String>,
}

impl Operation for ListTablesRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // Source: refusals of DynamoDB since 2023, which name every table of the Region.
        let all = TableHandle {
            account: invocation.account()?,
            region: invocation.region().clone(),
            name: "*".into(),
        };
        Ok(vec![Permission::new("dynamodb:ListTables", all.arn())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListTablesResponse, ApiError> {
        let limit = check_limit(self.limit)?;
        let (account, region) = (invocation.account()?, invocation.region().clone());
        let start = self.exclusive_start_table_name.as_deref();
        let mut table_names: Vec<String> = invocation
            .world
            .dynamodb
            .tables_of(&account, &region)
            .map(|table| table.handle.name.to_string())
            .filter(|name| start.is_none_or(|start| name.as_str() > start))
            .take(limit + 1)
            .collect();
        let more = table_names.len() > limit;
        table_names.truncate(limit);
        let last_evaluated_table_name = table_names.last().filter(|_| more).cloned();
        Ok(ListTablesResponse { table_names, last_evaluated_table_name })
    }
}
