//! Temporary credentials, what every operation of STS that makes a session checks, and how sessions are kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::iam::{self, SessionPolicies, StoredPolicy, check_length, check_tags};
use super::super::tags::Tag;
use super::super::{ApiError, World, epoch};
use crate::policy::Principal;

/// The characters of a secret access key. Source: IAM User Guide, "Manage access keys for IAM users", its example.
pub(in crate::cloud) const SECRET_LENGTH: usize = 40;

/// The characters of a session token.
///
/// Doubtful: AWS fixes no length ("make no assumptions about the maximum size"). Those of moto (`moto/sts/utils.py`) have
/// 356, that of botocore's example of AssumeRole (`sts/2011-06-15/examples-1.json`) has 336. One form is known.
/// Source: STS API Reference, Credentials, `SessionToken`.
const SESSION_TOKEN_LENGTH: usize = 356;

/// The most managed policies of one session. Source: STS API Reference, AssumeRole, `PolicyArns`.
const MOST_POLICIES: usize = 10;

/// Temporary credentials. `Debug` hides the secrets.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// `ASIA..`: what `Caller::Session` holds.
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    #[serde(with = "epoch")]
    pub expiration: Timestamp,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// The error for a value that STS does not take.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// A managed policy by its ARN, as requests of STS name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDescriptor {
    /// The ARN of the managed policy.
    pub arn: String,
}

/// The session policies of a request: a document, and managed policies.
#[derive(Clone, Copy)]
pub(super) struct Passed<'a> {
    pub document: Option<&'a str>,
    pub arns: &'a [PolicyDescriptor],
}

impl Passed<'_> {
    /// Checks the constraints of the model.
    pub(super) fn check(self) -> Result<(), ApiError> {
        if self.arns.len() > MOST_POLICIES {
            let error = ApiError::constraint(
                None,
                "policyArns",
                format!("Member must have length less than or equal to {MOST_POLICIES}"),
            );
            return Err(ApiError { code: "ValidationError".into(), ..error });
        }
        for (at, policy) in self.arns.iter().enumerate() {
            check_length(&policy.arn, &format!("policyArns.{}.member.arn", at + 1), 20, 2048)?;
        }
        Ok(())
    }

    /// Reads the policies as they are kept with a session; those of an account are its own alone.
    ///
    /// Doubtful: the words about a managed policy that does not exist; those of AttachRolePolicy are not known to be STS's, so
    /// there are none. One form is known.
    /// Source: STS API Reference, AssumeRole, `PolicyArns`: "The policies must exist in the same account as the role."
    pub(super) fn read(self, world: &World, account: &str) -> Result<SessionPolicies, ApiError> {
        let document = self.document.map(|text| StoredPolicy::accept(text, "session")).transpose()?;
        let arns: Vec<String> = self.arns.iter().map(|policy| policy.arn.clone()).collect();
        let owners = [format!("arn:aws:iam::{account}:policy/"), "arn:aws:iam::aws:policy/".to_owned()];
        let is_there = |arn: &String| {
            owners.iter().any(|owner| arn.starts_with(owner)) && world.iam.managed_policy(arn).is_some()
        };
        if arns.iter().all(is_there) { Ok(SessionPolicies { document, arns }) } else { Err(invalid("")) }
    }
}

impl Passed<'_> {
    /// Reads the policies of a session that may do without: `None` where none are passed.
    pub(super) fn read_some(self, world: &World, account: &str) -> Result<Option<SessionPolicies>, ApiError> {
        let is_passed = self.document.is_some() || !self.arns.is_empty();
        is_passed.then(|| self.read(world, account)).transpose()
    }
}

/// Checks the tags of a session.
///
/// Doubtful for reserved names; recorded for names that are there twice. One form is known.
/// Source: localstack/localstack, tests/aws/services/sts, recorded answers of AssumeRole.
pub(super) fn check_session_tags(tags: &[Tag]) -> Result<(), ApiError> {
    check_tags(tags).map_err(|error| match error.code.as_ref() {
        "InvalidInput" => invalid_parameter(error.message),
        _ => error,
    })
}

/// The error for tags that do not fit each other.
pub(super) fn invalid_parameter(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// The error of a call that takes no temporary credentials.
// Source: answers of AWS in public logs: "Cannot call GetSessionToken with session credentials"
pub(super) fn no_session_credentials(operation: &str) -> ApiError {
    let text = format!("Cannot call {operation} with session credentials");
    ApiError::new("AccessDenied", text).with_status(403)
}

/// Says whether a call is made with a device: any code of six digits is right.
pub(super) fn with_device(serial_number: Option<&str>, token_code: Option<&str>) -> Result<bool, ApiError> {
    match (serial_number, token_code) {
        (Some(_), Some(code)) if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) => Ok(true),
        (None, None) => Ok(false),
        _ => Err(invalid("MultiFactorAuthentication failed with invalid MFA one time pass code.")),
    }
}

/// Checks the device of a call and its code. Source: STS API Reference, AssumeRole, `SerialNumber` and `TokenCode`.
pub(super) fn check_device(serial_number: Option<&str>, token_code: Option<&str>) -> Result<(), ApiError> {
    for (member, text, least, most) in
        [("serialNumber", serial_number, 9, 256), ("tokenCode", token_code, 6, 6)]
    {
        if let Some(text) = text {
            check_length(text, member, least, most)?;
        }
    }
    Ok(())
}

/// A session that is about to begin.
pub(super) struct NewSession {
    pub principal: Principal,
    /// The policies that limit it; `None` for a session without any, which may do what its maker may.
    pub policies: Option<SessionPolicies>,
    pub seconds: u32,
    pub tags: BTreeMap<String, String>,
    pub transitive: BTreeSet<String>,
    pub source_identity: Option<String>,
    pub mfa: bool,
    pub origin: iam::Origin,
}

impl NewSession {
    /// Begins the session, and returns what its requests are signed with.
    pub(super) fn begin(self, world: &mut World) -> Credentials {
        let issued = world.now;
        let expires = issued + SignedDuration::from_secs(i64::from(self.seconds));
        let credentials = Credentials {
            access_key_id: world.key_like_id("ASIA", 16),
            secret_access_key: world.secret_text("", SECRET_LENGTH),
            session_token: world.secret_text("FwoGZXIvYXdz", SESSION_TOKEN_LENGTH),
            expiration: expires,
        };
        let credential =
            iam::Credential::temporary(&credentials.secret_access_key, &credentials.session_token);
        let Self { principal, policies, seconds: _, tags, transitive, source_identity, mfa, origin } = self;
        let session = iam::Session {
            principal,
            policies,
            issued,
            expires,
            tags,
            transitive,
            source_identity,
            mfa,
            origin,
            credential,
        };
        world.iam.insert_session(&credentials.access_key_id, session);
        credentials
    }
}
