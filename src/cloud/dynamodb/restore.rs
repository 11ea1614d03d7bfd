//! `RestoreTableFromBackup`: a new table of the items of a backup.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::backup::backup_permission;
use super::create_table::{TableDescriptionResponse, WantedKey, billing, described_elements};
use super::description::{SseSpecification, TableDescription};
use super::keys::{NewTableKey, adopt_key, new_owned_table_key, open_backup};
use super::request::{check_name, table_handle, table_permission};
use super::table::{Billing, Encryption, Restored, Table};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The request of `RestoreTableFromBackup`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct RestoreTableFromBackupRequest {
    /// The new table's name.
    pub target_table_name: String,
    pub backup_arn: String,
    /// Another way to pay than the backup's.
    pub billing_mode_override: Option<String>,
    /// Another key than the backup's.
    #[serde(rename = "SSESpecificationOverride")]
    pub sse_specification_override: Option<SseSpecification>,
}

impl Operation for RestoreTableFromBackupRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_name("TargetTableName", "targetTableName", &self.target_table_name)?;
        // Source: DynamoDB Developer Guide, "Using IAM with DynamoDB backup and restore": permission on the backup and
        // on the new table.
        Ok(vec![
            backup_permission("RestoreTableFromBackup", &self.backup_arn)?,
            table_permission(invocation, "RestoreTableFromBackup", &self.target_table_name)?,
        ])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<TableDescriptionResponse, ApiError> {
        let handle = table_handle(invocation, &self.target_table_name)?;
        let backup = invocation.world.backup(&self.backup_arn)?;
        if invocation.world.dynamodb.table(&handle).is_some() {
            let message = format!("Table already exists: {}", handle.name);
            return Err(ApiError::new("TableAlreadyExistsException", message));
        }
        let source = &backup.table;
        let wanted = match (&self.sse_specification_override, &source.encryption) {
            (Some(specification), _) => specification.wanted()?,
            (None, Encryption::AwsOwned) => WantedKey::AwsOwned,
            (None, Encryption::Kms(encryption)) => WantedKey::Kms(encryption.key_arn.clone()),
        };
        // The items can be had only with the key that the backup was made under.
        let keys = open_backup(invocation, source)?;
        let (encryption, new): (Encryption, NewTableKey) = match wanted {
            WantedKey::AwsOwned => (Encryption::AwsOwned, new_owned_table_key(invocation, &handle, 1)?),
            WantedKey::Kms(key) => adopt_key(invocation, &handle, &key, 1)?,
        };
        let id: Arc<str> = invocation.world.uuid().into();
        let identity = Table::disk_identity(&handle, &id);
        let rng = &mut invocation.world.rng;
        let (disk, _) = source.disk.copy_to(&keys, &identity, new.wrapped, &new.plain, rng)?;
        let now = invocation.world.now;
        let billing = match self.billing_mode_override.as_deref() {
            None => source.billing,
            mode => billing(mode, None)?,
        };
        let table = Table {
            id,
            created: now,
            active_at: now,
            billing,
            on_demand_since: (billing == Billing::OnDemand).then_some(now),
            class_named: false,
            deletion_protection: false,
            tags: std::collections::BTreeMap::default(),
            encryption,
            disk,
            change: None,
            key_changes: Vec::new(),
            inaccessible_since: None,
            archive: None,
            policy: None,
            // Source: DynamoDB Developer Guide, "Restoring a DynamoDB table from a backup": set up by hand.
            time_to_live: None,
            recovery: None,
            restored: Some(Restored {
                backup_arn: backup.arn.clone(),
                source_table_arn: source.handle.arn(),
                at: now,
            }),
            handle,
            ..source.clone()
        };
        let mut table_description = TableDescription { table_status: "CREATING", ..table.describe(now) };
        if let Some(summary) = &mut table_description.restore_summary {
            summary.restore_in_progress = true;
        }
        invocation.world.dynamodb.put_table(table);
        Ok(TableDescriptionResponse { table_description })
    }

    fn response_elements(response: &TableDescriptionResponse) -> serde_json::Value {
        described_elements(response)
    }
}
