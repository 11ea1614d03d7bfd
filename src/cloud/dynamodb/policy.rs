//! Resource policies of tables.
//!
//! Source: DynamoDB Developer Guide, "Using resource-based policies for DynamoDB"; DynamoDB API Reference,
//! `PutResourcePolicy`.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource_arn::governed;
use super::table::{Table, TablePolicy};
use crate::cloud::iam::StoredPolicy;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The revision a request names if there must be no policy yet.
const NO_POLICY: &str = "NO_POLICY";

/// The name of the rules for table policies in the embedded data.
const PROFILE: &str = "dynamodb-table";

fn permission(invocation: &Invocation<'_>, operation: &str, arn: &str) -> Result<Vec<Permission>, ApiError> {
    Ok(vec![Permission::new(format!("dynamodb:{operation}"), governed(invocation, arn)?.arn())])
}

fn table(invocation: &Invocation<'_>, arn: &str) -> Result<Table, ApiError> {
    let handle = governed(invocation, arn)?;
    invocation.world.dynamodb.table(&handle).map(|table| Table::clone(table)).ok_or_else(|| {
        ApiError::new(
            "ResourceNotFoundException",
            format!("Requested resource not found: Table: {} not found", handle.name),
        )
    })
}

fn no_policy(what: &str) -> ApiError {
    ApiError::new(
        "PolicyNotFoundException",
        format!("Resource-based policy not found for the provided ResourceArn: {what}"),
    )
}

/// Checks that the policy is the one that a request expects.
///
/// Source: getmoto/moto, tests/test_dynamodb, the tests of resource policies that are verified on AWS.
/// Doubtful: the text for a revision where there is no policy. One form is known.
fn check_revision(table: &Table, expected: Option<&str>) -> Result<(), ApiError> {
    let (Some(expected), name) = (expected, &table.handle.name) else { return Ok(()) };
    match &table.policy {
        None if expected == NO_POLICY => Ok(()),
        None => Err(no_policy(&table.handle.arn())),
        Some(present) if expected == present.revision => Ok(()),
        Some(present) if expected == NO_POLICY => Err(no_policy(&format!(
            "Requested policy update expecting none to be present for table {name}, but a policy exists with revision \
             id {}.",
            present.revision
        ))),
        Some(present) => Err(no_policy(&format!(
            "Requested update for policy with revision id {expected}, but the policy associated to target table {name} \
             has revision id {}.",
            present.revision
        ))),
    }
}

/// The request of `PutResourcePolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PutResourcePolicyRequest {
    pub resource_arn: String,
    /// The policy, at most 20 KB.
    pub policy: String,
    /// The policy there must be now, or `NO_POLICY`.
    pub expected_revision_id: Option<String>,
    /// True lets callers lock themselves out.
    pub confirm_remove_self_resource_access: Option<bool>,
}

/// The response of `PutResourcePolicy` and `DeleteResourcePolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RevisionResponse {
    /// The policy's revision; the one before for `DeleteResourcePolicy`.
    pub revision_id: Option<String>,
}

impl Operation for PutResourcePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permission(invocation, "PutResourcePolicy", &self.resource_arn)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<RevisionResponse, ApiError> {
        let mut table = table(invocation, &self.resource_arn)?;
        check_revision(&table, self.expected_revision_id.as_deref())?;
        // Measured on DynamoDB: a list is answered as a text that is no JSON at all.
        let text = if self.policy.trim_start().starts_with('[') { "" } else { &self.policy };
        let stored = StoredPolicy::accept(text, PROFILE)?.bound_in(invocation.world.iam(), PROFILE)?;
        // The same text again is no new revision. Source: DynamoDB API Reference, PutResourcePolicy, idempotent.
        let same = table.policy.as_ref().filter(|present| present.policy.text() == stored.text());
        let revision = match same {
            Some(present) => present.revision.clone(),
            None => invocation.world.uuid(),
        };
        table.policy = Some(TablePolicy { policy: stored, revision: revision.clone() });
        let arn = table.handle.arn();
        invocation.world.dynamodb.put_table(table);
        if self.confirm_remove_self_resource_access != Some(true) {
            check_lockout(invocation, &arn)?;
        }
        Ok(RevisionResponse { revision_id: Some(revision) })
    }
}

/// Checks that the caller could still change the policy. An error takes the new one back.
///
/// Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, DDB-TABLE-210.
fn check_lockout(invocation: &mut Invocation<'_>, arn: &str) -> Result<(), ApiError> {
    let later = Permission::new("dynamodb:PutResourcePolicy", arn);
    let record =
        invocation.world.decide(&invocation.caller, &invocation.principal, &invocation.context, &later);
    if record.decision.is_allowed() {
        return Ok(());
    }
    invocation.lockout = Some(Box::new(record));
    let text = "The new resource policy will not allow you to update the resource policy in the future.";
    Err(ApiError::new("AccessDeniedException", text))
}

/// The request of `GetResourcePolicy`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct GetResourcePolicyRequest {
    pub resource_arn: String,
}

/// The response of `GetResourcePolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetResourcePolicyResponse {
    pub policy: String,
    pub revision_id: String,
}

impl Operation for GetResourcePolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permission(invocation, "GetResourcePolicy", &self.resource_arn)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetResourcePolicyResponse, ApiError> {
        let table = table(invocation, &self.resource_arn)?;
        let present = table.policy.ok_or_else(|| no_policy(&self.resource_arn))?;
        Ok(GetResourcePolicyResponse {
            policy: present.policy.text().to_string(),
            revision_id: present.revision,
        })
    }
}

/// The request of `DeleteResourcePolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DeleteResourcePolicyRequest {
    pub resource_arn: String,
    /// The policy there must be now.
    pub expected_revision_id: Option<String>,
}

impl Operation for DeleteResourcePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permission(invocation, "DeleteResourcePolicy", &self.resource_arn)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<RevisionResponse, ApiError> {
        let mut table = table(invocation, &self.resource_arn)?;
        check_revision(&table, self.expected_revision_id.as_deref())?;
        // Deleting what is not there is no error. Source: DynamoDB API Reference, DeleteResourcePolicy, idempotent.
        let revision_id = table.policy.take().map(|policy| policy.revision);
        invocation.world.dynamodb.put_table(table);
        Ok(RevisionResponse { revision_id })
    }
}
