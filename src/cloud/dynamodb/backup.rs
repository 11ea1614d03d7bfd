//! On-demand backups: a copy of a table's disk under the key it had, which a later change of keys does not touch.
//!
//! Source: DynamoDB Developer Guide, "On-demand backup" and "Encryption at rest usage notes" (backups keep their key).

use std::sync::Arc;

use jiff::Timestamp;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::description::{KeySchemaElement, SseDescription, ThroughputDescription};
use super::handle::TableHandle;
use super::keys::open_for_service;
use super::request::{check_limit, check_name, table_handle, table_permission};
use super::state::{Backup, BackupType};
use super::table::Table;
use crate::cloud::permission::Permission;
use crate::cloud::rng::Digest;
use crate::cloud::{ApiError, Arn, Invocation, Operation, World, epoch};

impl BackupType {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::System => "SYSTEM",
        }
    }
}

impl Backup {
    fn details(&self, status: &'static str) -> BackupDetails {
        BackupDetails {
            backup_arn: self.arn.clone(),
            backup_name: self.name.clone(),
            backup_size_bytes: self.table.size_bytes,
            backup_status: status,
            backup_type: self.kind.as_str(),
            backup_creation_date_time: self.created,
        }
    }
}

impl World {
    fn new_backup(&mut self, table: &Table, name: String, kind: BackupType, at: Timestamp) -> Arc<Backup> {
        // An id like AWS's: milliseconds, and four random bytes. The clock can have it made, too.
        let mut own = self.rng.apart(&Digest::of(("backup", &table.id, &name, at)));
        let id = format!("{:014}-{:08x}", at.as_millisecond(), own.next_u32());
        let backup = Arc::new(Backup {
            arn: format!("{}/backup/{id}", table.handle.arn()),
            name,
            created: at,
            kind,
            table: table.clone(),
        });
        self.dynamodb.put_backup(Arc::clone(&backup));
        backup
    }

    /// Makes the backup of a table that is archived. The items stay encrypted: nobody needs the key for it.
    pub(super) fn archive_table(&mut self, table: &Table, at: Timestamp) -> String {
        let name = format!("{}-archive", table.handle.name);
        self.new_backup(table, name, BackupType::System, at).arn.clone()
    }

    pub(super) fn backup(&self, arn: &str) -> Result<Arc<Backup>, ApiError> {
        self.dynamodb
            .backup(arn)
            .cloned()
            .ok_or_else(|| ApiError::new("BackupNotFoundException", format!("Backup not found: {arn}")))
    }
}

/// `BackupDetails`: the backup itself, without its table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BackupDetails {
    pub backup_arn: String,
    pub backup_name: String,
    /// Bytes of the items.
    pub backup_size_bytes: u64,
    /// Either `CREATING` or `AVAILABLE`.
    pub backup_status: &'static str,
    /// Either `USER` or `SYSTEM`.
    pub backup_type: &'static str,
    #[serde(with = "epoch")]
    pub backup_creation_date_time: Timestamp,
}

/// Returns the permission for `action` on a backup.
pub(super) fn backup_permission(operation: &str, arn: &str) -> Result<Permission, ApiError> {
    let parsed: Option<Arn> = arn.parse().ok();
    if parsed.as_ref().and_then(TableHandle::from_arn).is_none() || !arn.contains("/backup/") {
        return Err(ApiError::validation(format!("Invalid backup ARN: {arn}")));
    }
    Ok(Permission::new(format!("dynamodb:{operation}"), arn))
}

/// The request of `CreateBackup`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct CreateBackupRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    /// 3 to 255 characters.
    pub backup_name: String,
}

/// The response of `CreateBackup`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateBackupResponse {
    pub backup_details: BackupDetails,
}

impl Operation for CreateBackupRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![table_permission(invocation, "CreateBackup", &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateBackupResponse, ApiError> {
        check_name("BackupName", "backupName", &self.backup_name)?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.dynamodb.table(&handle).cloned().ok_or_else(|| {
            ApiError::new("TableNotFoundException", format!("Table not found: {}", handle.name))
        })?;
        // The code is this operation's own. Source: DynamoDB API model, CreateBackup, errors.
        table
            .check_changeable(invocation.world.now)
            .map_err(|error| ApiError::new("TableInUseException", error.message))?;
        // DynamoDB works by itself here, and must be able to use the key.
        open_for_service(invocation, &table)?;
        let now = invocation.world.now;
        let backup = invocation.world.new_backup(&table, self.backup_name, BackupType::User, now);
        Ok(CreateBackupResponse { backup_details: backup.details("CREATING") })
    }
}

/// The request of `DescribeBackup`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DescribeBackupRequest {
    pub backup_arn: String,
}

/// `BackupDescription`: a backup and what its table was like.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BackupDescription {
    pub backup_details: BackupDetails,
    /// The table as it was.
    pub source_table_details: SourceTableDetails,
    /// Absent for a table under an AWS owned key.
    pub source_table_feature_details: SourceTableFeatureDetails,
}

/// `SourceTableDetails` of a backup: what its table was like.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SourceTableDetails {
    pub table_name: String,
    pub table_id: String,
    pub table_arn: String,
    /// Bytes of the items.
    pub table_size_bytes: u64,
    pub key_schema: Vec<KeySchemaElement>,
    #[serde(with = "epoch")]
    pub table_creation_date_time: Timestamp,
    pub provisioned_throughput: ThroughputDescription,
    pub item_count: u64,
}

/// `SourceTableFeatureDetails` of a backup: how its table was encrypted.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
pub struct SourceTableFeatureDetails {
    #[serde(rename = "SSEDescription")]
    pub sse_description: Option<SseDescription>,
}

/// The response of `DescribeBackup` and `DeleteBackup`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeBackupResponse {
    pub backup_description: BackupDescription,
}

impl Backup {
    fn describe(&self, status: &'static str) -> BackupDescription {
        let table = self.table.describe(self.created);
        BackupDescription {
            backup_details: self.details(status),
            source_table_details: SourceTableDetails {
                table_name: table.table_name,
                table_id: table.table_id,
                table_arn: table.table_arn,
                table_size_bytes: table.table_size_bytes,
                key_schema: table.key_schema.unwrap_or_default(),
                table_creation_date_time: self.table.created,
                provisioned_throughput: table.provisioned_throughput,
                item_count: table.item_count,
            },
            source_table_feature_details: SourceTableFeatureDetails {
                sse_description: table.sse_description,
            },
        }
    }
}

impl Operation for DescribeBackupRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![backup_permission("DescribeBackup", &self.backup_arn)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DescribeBackupResponse, ApiError> {
        let backup = invocation.world.backup(&self.backup_arn)?;
        Ok(DescribeBackupResponse { backup_description: backup.describe("AVAILABLE") })
    }
}

/// The request of `DeleteBackup`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DeleteBackupRequest {
    pub backup_arn: String,
}

impl Operation for DeleteBackupRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![backup_permission("DeleteBackup", &self.backup_arn)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DescribeBackupResponse, ApiError> {
        let backup = invocation.world.backup(&self.backup_arn)?;
        invocation.world.dynamodb.remove_backup(&self.backup_arn);
        Ok(DescribeBackupResponse { backup_description: backup.describe("DELETED") })
    }
}

/// The request of `ListBackups`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListBackupsRequest {
    /// Only the backups of this table.
    pub table_name: Option<String>,
    /// 1 to 100; 100 unless given.
    pub limit: Option<i64>,
    /// The `LastEvaluatedBackupArn` of the page before.
    pub exclusive_start_backup_arn: Option<String>,
    /// `USER` (unless given), `SYSTEM` or `ALL`.
    pub backup_type: Option<String>,
}

/// One backup in a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BackupSummary {
    pub table_name: String,
    pub table_id: String,
    pub table_arn: String,
    #[serde(flatten)]
    pub details: BackupDetails,
}

/// The response of `ListBackups`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListBackupsResponse {
    pub backup_summaries: Vec<BackupSummary>,
    /// The place to go on from, if there is a next page.
    pub last_evaluated_backup_arn: Option<String>,
}

impl Operation for ListBackupsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // Source: Service Authorization Reference, DynamoDB: ListBackups takes no resource.
        Ok(vec![Permission::new("dynamodb:ListBackups", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListBackupsResponse, ApiError> {
        let limit = check_limit(self.limit)?;
        let kind = self.backup_type.as_deref().unwrap_or("USER");
        super::request::check_word(Some(kind), "backupType", &["USER", "SYSTEM", "AWS_BACKUP", "ALL"])?;
        let wanted = self.table_name.as_deref().map(|name| table_handle(invocation, name)).transpose()?;
        let (account, region) = (invocation.account()?, invocation.region().clone());
        let start = self.exclusive_start_backup_arn.as_deref();
        let mut found: Vec<&Arc<Backup>> = invocation
            .world
            .dynamodb
            .backups()
            .filter(|backup| {
                let handle = &backup.table.handle;
                handle.account == account
                    && handle.region == region
                    && wanted.as_ref().is_none_or(|wanted| wanted == handle)
                    && (kind == "ALL" || backup.kind.as_str() == kind)
                    && start.is_none_or(|start| backup.arn.as_str() > start)
            })
            .take(limit + 1)
            .collect();
        let more = found.len() > limit;
        found.truncate(limit);
        Ok(ListBackupsResponse {
            last_evaluated_backup_arn: found.last().filter(|_| more).map(|backup| backup.arn.clone()),
            backup_summaries: found
                .into_iter()
                .map(|backup| BackupSummary {
                    table_name: backup.table.handle.name.to_string(),
                    table_id: backup.table.id.to_string(),
                    table_arn: backup.table.handle.arn(),
                    details: backup.details("AVAILABLE"),
                })
                .collect(),
        })
    }
}
