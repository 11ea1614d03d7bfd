//! `UpdateContinuousBackups` and `DescribeContinuousBackups`: whether a table could be restored as it was at any second.
//!
//! Source: DynamoDB API Reference; DynamoDB Developer Guide, "Point-in-time recovery"; codes and texts for a missing table
//! from aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-08.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::request::{table_handle, table_permission};
use super::table::{Recovery, Table};
use crate::cloud::error::check_range;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation, epoch};

/// The days for which a table can be restored, unless a request says otherwise; also the most.
const DAYS: i64 = 35;

/// The time by which the latest moment to restore lies behind the present.
const BEHIND: SignedDuration = SignedDuration::from_mins(5);

/// The `PointInTimeRecoverySpecification` of a request.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PointInTimeRecoverySpecification {
    pub point_in_time_recovery_enabled: bool,
    /// 1 to 35 days; 35 unless given.
    pub recovery_period_in_days: Option<i64>,
}

/// The request of `UpdateContinuousBackups`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdateContinuousBackupsRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    pub point_in_time_recovery_specification: PointInTimeRecoverySpecification,
}

/// The request of `DescribeContinuousBackups`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DescribeContinuousBackupsRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
}

/// The `PointInTimeRecoveryDescription` of a table: all but the status only where it is enabled.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PointInTimeRecoveryDescription {
    /// Either `ENABLED` or `DISABLED`.
    pub point_in_time_recovery_status: &'static str,
    pub recovery_period_in_days: Option<i64>,
    #[serde(with = "epoch::option")]
    pub earliest_restorable_date_time: Option<Timestamp>,
    #[serde(with = "epoch::option")]
    pub latest_restorable_date_time: Option<Timestamp>,
}

/// The `ContinuousBackupsDescription` of a table.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContinuousBackupsDescription {
    /// Always `ENABLED`, for every table.
    pub continuous_backups_status: &'static str,
    pub point_in_time_recovery_description: PointInTimeRecoveryDescription,
}

/// The response of `UpdateContinuousBackups` and `DescribeContinuousBackups`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContinuousBackupsResponse {
    pub continuous_backups_description: ContinuousBackupsDescription,
}

impl Recovery {
    /// Returns the first and the last moment to which the table could be restored.
    fn window(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let ago = |time: SignedDuration| now.checked_sub(time).unwrap_or(Timestamp::MIN).max(self.since);
        (ago(SignedDuration::from_hours(24 * self.days)), ago(BEHIND))
    }
}

fn described(table: &Table, now: Timestamp) -> ContinuousBackupsResponse {
    let window = table.recovery.as_ref().map(|recovery| recovery.window(now));
    ContinuousBackupsResponse {
        continuous_backups_description: ContinuousBackupsDescription {
            continuous_backups_status: "ENABLED",
            point_in_time_recovery_description: PointInTimeRecoveryDescription {
                point_in_time_recovery_status: if window.is_some() { "ENABLED" } else { "DISABLED" },
                recovery_period_in_days: table.recovery.as_ref().map(|recovery| recovery.days),
                earliest_restorable_date_time: window.map(|(first, _)| first),
                latest_restorable_date_time: window.map(|(_, last)| last),
            },
        },
    }
}

fn table(invocation: &Invocation<'_>, name: &str) -> Result<Table, ApiError> {
    let handle = table_handle(invocation, name)?;
    let found = invocation.world.dynamodb.table(&handle).map(|table| Table::clone(table));
    found.ok_or_else(|| ApiError::new("TableNotFoundException", format!("Table not found: {}", handle.name)))
}

impl Operation for UpdateContinuousBackupsRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        if let Some(days) = self.point_in_time_recovery_specification.recovery_period_in_days {
            let member = "pointInTimeRecoverySpecification.recoveryPeriodInDays";
            check_range("value", days, Some(&days.to_string()), member, 1, DAYS)?;
        }
        Ok(vec![table_permission(invocation, Self::NAME, &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ContinuousBackupsResponse, ApiError> {
        let mut table = table(invocation, &self.table_name)?;
        let now = invocation.world.now;
        if now < table.active_at {
            let text =
                format!("Backups are being enabled for the table: {}. Please retry later", table.handle.name);
            return Err(ApiError::new("ContinuousBackupsUnavailableException", text));
        }
        let wanted = self.point_in_time_recovery_specification;
        let since = table.recovery.as_ref().map_or(now, |present| present.since);
        let days = wanted.recovery_period_in_days.unwrap_or(DAYS);
        table.recovery = wanted.point_in_time_recovery_enabled.then_some(Recovery { since, days });
        let response = described(&table, now);
        invocation.world.dynamodb.put_table(table);
        Ok(response)
    }
}

impl Operation for DescribeContinuousBackupsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![table_permission(invocation, Self::NAME, &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ContinuousBackupsResponse, ApiError> {
        Ok(described(&table(invocation, &self.table_name)?, invocation.world.now))
    }
}
