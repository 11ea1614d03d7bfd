//! IAM Toolbox (preview): why a request was refused, looked up by the authorization id in the message of the refusal.
//!
//! Source of shapes, codes and rules: the API model `iam-toolbox` 2018-05-10 as of botocore 1.44.8; IAM User Guide,
//! "Troubleshoot access denied error messages with authorization ID (Preview)".

mod details;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

pub use details::{AttachedTo, Check, Details, Evaluation, MatchedPolicy, MatchedStatement, PolicyInfo};

use super::audit::Event;
use super::authorization::Authorization;
use super::authorize;
use super::error::check_range;
use super::operation::service;
use super::permission::Permission;
use super::service::{self, ErrorStyle};
use super::world::Service;
use super::{AccountId, ApiError, Invocation, Operation};

service! {
    "iam-toolbox", differs: [
        "What a refusal was decided from is there at once; AWS may take a moment.",
        "After 24 hours it is gone; AWS keeps it for at least 24 hours.",
    ];
    /// Says what a refused request was decided from, by the authorization id in the message of the refusal.
    GetRequestAuthorizationDetails(GetRequestAuthorizationDetailsRequest) -> Details {
        records: ["authorizationId"]
        refuses: ["nextToken"]
        differs: [
            "Everything comes in one answer.",
        ]
    };
    /// Reads a policy as it was when a request was refused.
    GetRequestAuthorizationPolicy(GetRequestAuthorizationPolicyRequest) -> GetRequestAuthorizationPolicyResponse {
        records: ["authorizationId", "policyUri"]
        differs: [
            "The whole policy is answered, with the actions of all services.",
        ]
    };
}

/// IAM Toolbox in the table of services.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    own_events: &[],
    errors: ErrorStyle::RestJson,
    facts: service::no_facts,
    grants: service::no_grants,
    grantees: service::no_grantees,
    key_question: service::no_key_question,
    fails: service::nothing_fails,
    authorization_ids: None,
    refusal: authorize::refusal,
    record_type: service::no_record_type,
    settle: service::nothing_falls_due,
    response_elements: service::elements_as_they_are,
    takes: service::any_caller,
    assumed_keys: service::no_assumed_keys,
    caller_keys: service::no_caller_keys,
    forwards: service::no_forward,
    candidates: service::no_candidates,
    subjects: service::no_subjects,
    documents: service::no_documents,
    named: service::nothing_is_named,
    short: service::no_short,
    field: service::no_fields,
};

/// How long after a refusal it can be looked up.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The request of `GetRequestAuthorizationDetails`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetRequestAuthorizationDetailsRequest {
    /// The id from the message of the refusal.
    pub authorization_id: String,
}

/// The request of `GetRequestAuthorizationPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetRequestAuthorizationPolicyRequest {
    /// The id from the message of the refusal.
    pub authorization_id: String,
    /// What `GetRequestAuthorizationDetails` calls the policy.
    pub policy_uri: String,
}

/// The response of `GetRequestAuthorizationPolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetRequestAuthorizationPolicyResponse {
    /// The policy as it was when the request was refused.
    pub policy_document: Value,
}

impl Operation for GetRequestAuthorizationDetailsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_id(&self.authorization_id)?;
        Ok(vec![Permission::new("iam:GetRequestAuthorizationDetails", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Details, ApiError> {
        Ok(Details::of(&*find(invocation, &self.authorization_id)?))
    }
}

impl Operation for GetRequestAuthorizationPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_id(&self.authorization_id)?;
        let length = self.policy_uri.chars().count();
        check_range("length", length, Some(&self.policy_uri), "policyUri", 1, 2048)?;
        Ok(vec![Permission::new("iam:GetRequestAuthorizationPolicy", "*")])
    }

    fn execute(
        self,
        invocation: &mut Invocation<'_>,
    ) -> Result<GetRequestAuthorizationPolicyResponse, ApiError> {
        let authorization = find(invocation, &self.authorization_id)?;
        let text = details::text_of(&authorization, &self.policy_uri).ok_or_else(not_found)?;
        // A policy that was decided with has been read as JSON before.
        let policy_document = serde_json::from_str(&text).map_err(|_| not_found())?;
        Ok(GetRequestAuthorizationPolicyResponse { policy_document })
    }
}

/// Checks an id against the model. Source: the model's `AuthorizationId`.
fn check_id(id: &str) -> Result<(), ApiError> {
    const MEMBER: &str = "authorizationId";
    check_range("length", id.chars().count(), Some(id), MEMBER, 0, 256)?;
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) {
        return Ok(());
    }
    let pattern = "Member must satisfy regular expression pattern: [0123456789abcdefghijklmnopqrstuvwxyz]+";
    Err(ApiError::constraint(Some(id), MEMBER, pattern))
}

/// Returns what a refusal was decided from, if the caller may see it.
// Source: the model's GetRequestAuthorizationPolicy and ResourceNotFoundException: in the Region of the refusal, for
// principals of the organization that was recorded, without one for those of the account
fn find(invocation: &Invocation<'_>, id: &str) -> Result<Arc<Authorization>, ApiError> {
    let (world, reader) = (&invocation.world, invocation.account()?);
    let is_fresh = |event: &&Arc<Event>| world.now().duration_since(event.time) <= KEPT;
    let mut recent =
        world.events().rev().take_while(is_fresh).filter_map(|event| event.authorization.as_ref());
    let found = recent.find(|kept| kept.id == id).filter(|kept| {
        let organization = |account: &AccountId| world.organizations.of(account).map(|found| &found.id);
        let recorded = kept.account.as_ref().and_then(|account| kept.organizations.of(account));
        kept.region == invocation.region().as_str()
            && match recorded {
                Some(recorded) => organization(&reader) == Some(&recorded.id),
                None => kept.account.as_ref() == Some(&reader),
            }
    });
    found.cloned().ok_or_else(not_found)
}

/// Doubtful: the text is that of the model's documentation; what AWS answers is not in any public log. One
/// form is known.
// Source: the model's ResourceNotFoundException
fn not_found() -> ApiError {
    let text = "The requested policy or authorization details do not exist in this region or have expired.";
    ApiError::new("ResourceNotFoundException", text).with_status(404)
}
