//! Versions of customer managed policies.
//!
//! Source of shapes, codes and messages: IAM API Reference; IAM User Guide, "Versioning IAM policies".

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::operation::Wire;
use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation, epoch};
use super::customer_managed::{Versions, check_managed_size};
use super::managed::aws_managed_versions;
use super::paging::{Page, page};
use super::state::State;
use super::stored_policy::StoredPolicy;
use super::{Empty, delete_conflict, no_such_entity};

/// The most versions of one policy. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 5;

impl Versions {
    fn describe(&self, number: u32, text: bool) -> Option<PolicyVersion> {
        let (policy, created) = self.all.get(&number)?;
        Some(PolicyVersion {
            document: text.then(|| policy.text().to_string()),
            version_id: format!("v{number}"),
            is_default_version: number == self.default,
            create_date: *created,
        })
    }

    fn number(&self, version_id: &str, arn: &str) -> Result<u32, ApiError> {
        let number = version_id.strip_prefix('v').and_then(|n| n.parse().ok());
        number.filter(|n| self.all.contains_key(n)).ok_or_else(|| {
            no_such_entity(format!("Policy {arn} version {version_id} does not exist or is not attachable."))
        })
    }
}

/// A version of a managed policy as the API describes it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyVersion {
    /// The text; absent where versions are listed. The query protocol encodes it for URLs; it is kept plain here.
    pub document: Option<String>,
    /// `v` and a number.
    pub version_id: String,
    pub is_default_version: bool,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
}

/// One version of a policy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyVersionResponse {
    pub policy_version: PolicyVersion,
}

fn versions<'a>(invocation: &'a Invocation<'_>, arn: &str) -> Result<Cow<'a, Versions>, ApiError> {
    known_versions(&invocation.world.iam, arn)
        .ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
}

/// Returns the versions of a managed policy, AWS's or a customer's.
fn known_versions<'a>(iam: &'a State, arn: &str) -> Option<Cow<'a, Versions>> {
    let own = iam.versions(arn).map(Cow::Borrowed);
    own.or_else(|| aws_managed_versions(arn).map(Cow::Owned))
}

/// Returns the versions of a managed policy with their texts, the newest first.
pub(super) fn all_versions(iam: &State, arn: &str) -> Vec<PolicyVersion> {
    let Some(found) = known_versions(iam, arn) else { return Vec::new() };
    found.all.keys().rev().filter_map(|number| found.describe(*number, true)).collect()
}

/// Returns a policy that the account may change.
///
/// Doubtful: the words of the refusal for a policy that AWS manages; as they are reported from AWS. One form is known.
/// Source: IAM API Reference, DeletePolicy, which names no error for them.
pub(super) fn editable<'a>(invocation: &'a Invocation<'_>, arn: &str) -> Result<Cow<'a, Versions>, ApiError> {
    if arn.starts_with("arn:aws:iam::aws:") {
        return Err(ApiError::new("AccessDenied", "Policy is outside your own account.").with_status(403));
    }
    versions(invocation, arn)
}

/// Changes a policy of an account.
pub(super) fn edit<T>(
    invocation: &mut Invocation<'_>,
    arn: &str,
    change: impl FnOnce(&mut Versions) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let mut changed = editable(invocation, arn)?.into_owned();
    let done = change(&mut changed)?;
    invocation.world.iam.put_versions(arn.to_owned(), changed);
    Ok(done)
}

/// The request of `CreatePolicyVersion`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreatePolicyVersionRequest {
    pub policy_arn: String,
    /// The text, at most 6,144 characters, white space not counted.
    pub policy_document: String,
    /// True brings the version into force at once.
    pub set_as_default: Option<bool>,
}

impl Operation for CreatePolicyVersionRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:CreatePolicyVersion", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<PolicyVersionResponse, ApiError> {
        let now = invocation.world.now();
        let policy_version = edit(invocation, &self.policy_arn, |versions| {
            check_managed_size(&self.policy_document)?;
            let policy = StoredPolicy::accept(&self.policy_document, "iam-managed")?;
            if versions.all.len() == MOST {
                let text = format!(
                    "A managed policy can have up to {MOST} versions. Before you create a new version, you must delete an \
                     existing version."
                );
                return Err(ApiError::new("LimitExceeded", text).with_status(409));
            }
            versions.last += 1;
            versions.all.insert(versions.last, (Arc::new(policy), now));
            if self.set_as_default == Some(true) {
                versions.default = versions.last;
            }
            versions.describe(versions.last, false).ok_or_else(|| no_such_entity(String::new()))
        })?;
        Ok(PolicyVersionResponse { policy_version })
    }
}

macro_rules! version_operation {
    ($(#[$doc:meta])* $request:ident -> $response:ty, read_only: $read_only:literal,
     |$invocation:ident, $this:ident| $body:expr) => {
        $(#[$doc])*
        ///
        /// Names one version of a customer managed policy.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            pub policy_arn: String,
            pub version_id: String,
        }

        impl Operation for $request {
            const READ_ONLY: bool = $read_only;

            fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
                Ok(vec![Permission::new(format!("iam:{}", Self::NAME), &self.policy_arn)])
            }

            fn execute(self, $invocation: &mut Invocation<'_>) -> Result<$response, ApiError> {
                let $this = self;
                $body
            }
        }
    };
}

version_operation! {
    /// The request of `SetDefaultPolicyVersion`.
    SetDefaultPolicyVersionRequest -> Empty, read_only: false,
    |invocation, r| edit(invocation, &r.policy_arn, |versions| {
        versions.default = versions.number(&r.version_id, &r.policy_arn)?;
        Ok(Empty {})
    })
}

version_operation! {
    /// The request of `DeletePolicyVersion`.
    DeletePolicyVersionRequest -> Empty, read_only: false,
    |invocation, r| edit(invocation, &r.policy_arn, |versions| {
        let number = versions.number(&r.version_id, &r.policy_arn)?;
        if number == versions.default {
            return Err(delete_conflict("Cannot delete the default version of a policy."));
        }
        versions.all.remove(&number);
        Ok(Empty {})
    })
}

version_operation! {
    /// The request of `GetPolicyVersion`.
    ///
    /// Of an AWS managed policy there is the default version alone.
    GetPolicyVersionRequest -> PolicyVersionResponse, read_only: true,
    |invocation, r| {
        let versions = versions(invocation, &r.policy_arn)?;
        let number = versions.number(&r.version_id, &r.policy_arn)?;
        let found = versions.describe(number, true);
        let policy_version = found.ok_or_else(|| no_such_entity(String::new()))?;
        Ok(PolicyVersionResponse { policy_version })
    }
}

/// The request of `ListPolicyVersions`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListPolicyVersionsRequest {
    pub policy_arn: String,
    /// The marker of the last answer, to go on from.
    pub marker: Option<String>,
    /// At most so many: 1 to 1,000, 100 unless given.
    pub max_items: Option<u32>,
}

/// The response of `ListPolicyVersions`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListPolicyVersionsResponse {
    /// The versions, the newest first.
    pub versions: Vec<PolicyVersion>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

impl Operation for ListPolicyVersionsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:ListPolicyVersions", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListPolicyVersionsResponse, ApiError> {
        let found = versions(invocation, &self.policy_arn)?;
        let all = found.all.keys().rev().filter_map(|n| found.describe(*n, false)).collect();
        let name = |version: &PolicyVersion| version.version_id.clone();
        let Page { items, marker } = page(all, name, self.marker.as_deref(), self.max_items)?;
        Ok(ListPolicyVersionsResponse { versions: items, is_truncated: marker.is_some(), marker })
    }
}
