//! `UpdateTable`: another key, another way to pay, protection against deletion.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::create_table::{
    ProvisionedThroughput, TableDescriptionResponse, WantedKey, billing, described_elements,
};
use super::description::SseSpecification;
use super::handle::TableHandle;
use super::invalid::Invalid;
use super::keys::{adopt_key, new_owned_table_key, open_for_change, retire_grant};
use super::request::{check_name, table_handle, table_permission};
use super::table::{Billing, Encryption, KeyChange, Table};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The time that a change of keys takes, and after which part of it the new key is shown. Measured on AWS.
const CHANGING: SignedDuration = SignedDuration::from_secs(22);
const NEW_KEY_SHOWN: SignedDuration = SignedDuration::from_secs(8);

/// Changes of keys in a day that are not spaced, and the spacing of the others.
/// Source: DynamoDB Developer Guide, "Service quotas", encryption at rest.
const FREE_CHANGES: usize = 4;
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
const SPACING: SignedDuration = SignedDuration::from_hours(6);

/// The request of `UpdateTable`. Secondary indexes, streams and replicas are not simulated.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UpdateTableRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    /// Either `PROVISIONED` or `PAY_PER_REQUEST`.
    pub billing_mode: Option<String>,
    /// The capacity of a provisioned table.
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Another key. Must be the only change.
    #[serde(rename = "SSESpecification")]
    pub sse_specification: Option<SseSpecification>,
    pub deletion_protection_enabled: Option<bool>,
}

impl Operation for UpdateTableRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![table_permission(invocation, "UpdateTable", &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<TableDescriptionResponse, ApiError> {
        check_name("TableName", "tableName", &self.table_name)
            .or_else(|error| if self.table_name.starts_with("arn:") { Ok(()) } else { Err(error) })?;
        let pays = self.billing_mode.is_some() || self.provisioned_throughput.is_some();
        if !pays && self.sse_specification.is_none() && self.deletion_protection_enabled.is_none() {
            return Err(ApiError::validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
                 GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
            ));
        }
        if self.sse_specification.is_some() && (pays || self.deletion_protection_enabled.is_some()) {
            return Err(Invalid::parameter(
                "Server-Side Encryption modification must be the only operation in the request",
            )
            .into());
        }
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.control_table(&handle)?;
        let now = invocation.world.now;
        table.check_changeable(now)?;
        let mut table = Table::clone(&table);
        if pays {
            let wanted = billing(self.billing_mode.as_deref(), self.provisioned_throughput.as_ref())?;
            if let (Billing::Provisioned(reads, writes), true) = (wanted, wanted == table.billing) {
                // Source: the answer of DynamoDB, in the tests of moto that are verified on AWS.
                return Err(ApiError::validation(format!(
                    "The provisioned throughput for the table will not change. The requested value equals the current \
                     value. Current ReadCapacityUnits provisioned for the table: {reads}. Requested \
                     ReadCapacityUnits: {reads}. Current WriteCapacityUnits provisioned for the table: {writes}. \
                     Requested WriteCapacityUnits: {writes}. Refer to the Amazon DynamoDB Developer Guide for \
                     current limits and how to request higher limits."
                )));
            }
            if wanted == Billing::OnDemand && table.billing != wanted {
                table.on_demand_since = Some(now);
            }
            table.billing = wanted;
        }
        if let Some(protection) = self.deletion_protection_enabled {
            table.deletion_protection = protection;
        }
        if let Some(specification) = &self.sse_specification {
            change_key(invocation, &handle, &mut table, &specification.wanted()?)?;
        }
        let table_description = table.describe(now);
        invocation.world.dynamodb.put_table(table);
        Ok(TableDescriptionResponse { table_description })
    }

    fn response_elements(response: &TableDescriptionResponse) -> Value {
        described_elements(response)
    }
}

/// Puts a table under another key: a new table key, under which the data keys are wrapped anew. No page is written.
fn change_key(
    invocation: &mut Invocation<'_>,
    handle: &TableHandle,
    table: &mut Table,
    wanted: &WantedKey,
) -> Result<(), ApiError> {
    // Source: messages as returned by DynamoDB. The comparison is one of texts: the same key by alias or id is taken.
    match (&table.encryption, wanted) {
        (Encryption::AwsOwned, WantedKey::AwsOwned) => {
            return Err(Invalid::parameter("Table is already encrypted by default").into());
        }
        (Encryption::Kms(present), WantedKey::Kms(key)) if present.key_arn == *key => {
            return Err(Invalid::parameter(
                "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to \
                 change Master Key",
            )
            .into());
        }
        _ => {}
    }
    let now = invocation.world.now;
    check_quota(&table.key_changes, now)?;
    let generation = table.disk.table_key().generation.saturating_add(1);
    let (encryption, new) = match wanted {
        WantedKey::AwsOwned => (Encryption::AwsOwned, new_owned_table_key(invocation, handle, generation)?),
        WantedKey::Kms(key) => adopt_key(invocation, handle, key, generation)?,
    };
    let keys = open_for_change(invocation, table)?;
    table.disk.rekey(&keys, new.wrapped, &new.plain, &mut invocation.world.rng)?;
    invocation.world.dynamodb.cache.forget_table(handle);
    let before = std::mem::replace(&mut table.encryption, encryption);
    retire_grant(invocation, handle, &before);
    let (shown, done) = if invocation.world.fidelity.table_update_delay {
        (later(now, NEW_KEY_SHOWN), later(now, CHANGING))
    } else {
        (now, now)
    };
    table.change = Some(KeyChange { before, shown_at: shown, done_at: done });
    table.inaccessible_since = None;
    table.key_changes.retain(|at| now.duration_since(*at) < WINDOW);
    table.key_changes.push(now);
    Ok(())
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(now)
}

/// Refuses more than four changes in 24 hours, then more than one in six hours. Changes that failed do not
/// count.
fn check_quota(changes: &[Timestamp], now: Timestamp) -> Result<(), ApiError> {
    let mut recent = changes.iter().filter(|at| now.duration_since(**at) < WINDOW);
    let (Some(first), Some(last), number) =
        (recent.clone().next(), recent.clone().next_back(), recent.by_ref().count())
    else {
        return Ok(());
    };
    if number < FREE_CHANGES || now.duration_since(*last) >= SPACING {
        return Ok(());
    }
    // Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, DDB-TABLE-443 for the text, and
    // DDB-TABLE-449 for the times: ISO 8601 with milliseconds.
    let written = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    Err(ApiError::new(
        "LimitExceededException",
        format!(
            "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at {}. After the \
             first 4 change, each subsequent change in the same window can be performed at most once every 21600 \
             seconds. Number of updates today: {number}. Last change at {}. Next changes can be made at {}.",
            written(later(*first, WINDOW)),
            written(*last),
            written(later(*last, SPACING))
        ),
    ))
}
