//! `UpdateTimeToLive` and `DescribeTimeToLive`: the attribute that says when an item may go.
//!
//! Source: DynamoDB API Reference; texts from aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-08, and
//! scylladb/scylladb, test/alternator/test_ttl.py, which is run against DynamoDB.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::request::{table_handle, table_permission};
use super::table::{Table, TimeToLive};
use crate::cloud::error::check_range;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The time after a change for which no other is taken.
///
/// Doubtful: in practice half of it was seen to be enough. One form is known.
/// Source: DynamoDB API Reference, `UpdateTimeToLive`: up to one hour.
const INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// The `TimeToLiveSpecification` of a request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TimeToLiveSpecification {
    /// True to turn it on for this attribute, false to turn it off.
    pub enabled: bool,
    pub attribute_name: String,
}

/// The request of `UpdateTimeToLive`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdateTimeToLiveRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
    pub time_to_live_specification: TimeToLiveSpecification,
}

/// The response of `UpdateTimeToLive`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTimeToLiveResponse {
    pub time_to_live_specification: TimeToLiveSpecification,
}

/// Refuses a specification that does not fit what is in force.
fn check(
    present: Option<&TimeToLive>,
    wanted: &TimeToLiveSpecification,
    now: Timestamp,
) -> Result<(), ApiError> {
    let attribute = present.and_then(|present| present.attribute.as_deref());
    let refusal = match (attribute, wanted.enabled) {
        (Some(attribute), _) if attribute != wanted.attribute_name => {
            format!("TimeToLive is active on a different AttributeName: current AttributeName is {attribute}")
        }
        (Some(_), true) => "TimeToLive is already enabled".to_owned(),
        (None, false) => "TimeToLive is already disabled".to_owned(),
        (Some(_), false) | (None, true) => {
            if present.is_none_or(|present| now.duration_since(present.changed) >= INTERVAL) {
                return Ok(());
            }
            "Time to live has been modified multiple times within a fixed interval".to_owned()
        }
    };
    Err(ApiError::validation(refusal))
}

impl Operation for UpdateTimeToLiveRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let name = &self.time_to_live_specification.attribute_name;
        let member = "timeToLiveSpecification.attributeName";
        check_range("length", name.chars().count(), Some(name), member, 1, 255)?;
        Ok(vec![table_permission(invocation, Self::NAME, &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<UpdateTimeToLiveResponse, ApiError> {
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.control_table(&handle)?;
        let now = invocation.world.now;
        if now < table.active_at {
            let name = &handle.name;
            let text =
                format!("Attempt to change a resource which is still in use: Table {name} is being created");
            return Err(ApiError::new("ResourceInUseException", text));
        }
        let wanted = self.time_to_live_specification;
        check(table.time_to_live.as_ref(), &wanted, now)?;
        let attribute = wanted.enabled.then(|| wanted.attribute_name.clone());
        let mut table = Table::clone(&table);
        table.time_to_live = Some(TimeToLive { attribute, changed: now });
        invocation.world.dynamodb.put_table(table);
        Ok(UpdateTimeToLiveResponse { time_to_live_specification: wanted })
    }
}

/// The request of `DescribeTimeToLive`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DescribeTimeToLiveRequest {
    /// The name of the table, or its ARN.
    pub table_name: String,
}

/// The `TimeToLiveDescription` of a table.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLiveDescription {
    /// Either `ENABLED` or `DISABLED`.
    pub time_to_live_status: &'static str,
    /// Absent where it is disabled.
    pub attribute_name: Option<String>,
}

/// The response of `DescribeTimeToLive`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeTimeToLiveResponse {
    pub time_to_live_description: TimeToLiveDescription,
}

impl Operation for DescribeTimeToLiveRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![table_permission(invocation, Self::NAME, &self.table_name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DescribeTimeToLiveResponse, ApiError> {
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.control_table(&handle)?;
        if invocation.world.now < table.active_at {
            return Err(ApiError::validation(
                "Cannot describe time to live while table is in CREATING state: Current table state is CREATING",
            ));
        }
        let attribute_name = table.time_to_live.as_ref().and_then(|present| present.attribute.clone());
        let time_to_live_status = if attribute_name.is_some() { "ENABLED" } else { "DISABLED" };
        Ok(DescribeTimeToLiveResponse {
            time_to_live_description: TimeToLiveDescription { time_to_live_status, attribute_name },
        })
    }
}
