//! STS: who am I, and role sessions.
//!
//! Source: STS API Reference; IAM User Guide, "Temporary security credentials".

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::iam::{self, Kind, check_length, check_letters, check_number, check_tags};
use super::operation::service;
use super::permission::{DecisionRecord, Permission, Probe};
use super::service::{self, ErrorStyle, Subject};
use super::tags::{Tag, with_request_tags};
use super::world::Service;
use super::{ApiError, Arn, Caller, Invocation, Operation, World, epoch};
use crate::policy::Principal;

service! {
    "sts";
    /// Says who the caller is. Needs no permission.
    GetCallerIdentity(GetCallerIdentityRequest) -> GetCallerIdentityResponse {
        records: []
    };
    /// Makes a session of a role.
    AssumeRole(AssumeRoleRequest) -> AssumeRoleResponse {
        records: ["RoleArn", "RoleSessionName", "Policy", "DurationSeconds", "Tags", "ExternalId", "SerialNumber", "TokenCode", "SourceIdentity"]
        refuses: ["PolicyArns", "TransitiveTagKeys", "ProvidedContexts", "MinimumSessionTokenSize"]
        differs: [
            "`SessionToken` is random text. In the lab and at the console the access key id alone is the credential; on the wire \
             (`kmslab serve`) requests are signed as on AWS.",
            "Any `TokenCode` of six digits counts as multi-factor authentication.",
        ]
    };
}

/// The characters of a secret access key. Source: IAM User Guide, "Manage access keys for IAM users", its example.
pub(in crate::cloud) const SECRET_LENGTH: usize = 40;

/// The characters of a session token.
///
/// Doubtful: AWS fixes no length ("make no assumptions about the maximum size"). Those of moto (`moto/sts/utils.py`) have
/// 356, that of botocore's example of AssumeRole (`sts/2011-06-15/examples-1.json`) has 336. One form is known.
/// Source: STS API Reference, Credentials, `SessionToken`.
const SESSION_TOKEN_LENGTH: usize = 356;

/// STS in the table of services. Its sessions are IAM's to know, and its resources are roles.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    own_events: &[],
    errors: ErrorStyle::Query,
    facts: service::no_facts,
    grants: service::no_grants,
    refusal,
    grantees: service::no_grantees,
    key_question: service::no_key_question,
    fails: service::nothing_fails,
    authorization_ids: None,
    record_type: service::no_record_type,
    settle: service::nothing_falls_due,
    response_elements: service::elements_as_they_are,
    assumed_keys: service::no_assumed_keys,
    caller_keys: service::no_caller_keys,
    forwards: service::no_forward,
    candidates: iam::candidates,
    subjects,
    documents: service::no_documents,
    named: service::nothing_is_named,
    short: |resource| resource.strip_prefix("assumed-role/"),
    field: service::no_fields,
};

/// Words a refusal: STS gives no reason. Source: messages of AssumeRole as returned.
fn refusal(record: &DecisionRecord, permission: &Permission) -> String {
    let who = record.request.principal().name();
    format!(
        "User: {who} is not authorized to perform: {} on resource: {}",
        permission.action, permission.resource
    )
}

/// All roles together: who may take which of them on.
fn subjects(world: &World) -> Vec<Subject> {
    let roles = world.iam.identities().filter(|identity| identity.kind == Kind::Role);
    let columns: Vec<_> =
        roles.map(|role| (role.name.clone(), Probe::new("sts:AssumeRole", role.arn()))).collect();
    let title = "who may assume which role".to_owned();
    if columns.is_empty() { Vec::new() } else { vec![Subject { title, columns }] }
}

/// The request of `GetCallerIdentity`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetCallerIdentityRequest {}

/// The response of `GetCallerIdentity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetCallerIdentityResponse {
    /// The unique id; `ROLE-ID:SESSION` for a role session; the account for the root user.
    pub user_id: String,
    pub account: String,
    pub arn: String,
}

impl Operation for GetCallerIdentityRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // Even an explicit deny has no effect. Source: STS API Reference, GetCallerIdentity.
        Ok(Vec::new())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetCallerIdentityResponse, ApiError> {
        let account = invocation.account()?.to_string();
        let arn = invocation.principal.name().to_string();
        let user_id = match &invocation.principal {
            Principal::User { unique_id: Some(id), .. } => id.to_string(),
            Principal::RoleSession { role_id: Some(role_id), session_name, .. } => {
                format!("{role_id}:{session_name}")
            }
            Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Root { .. }
            | Principal::User { .. }
            | Principal::RoleSession { .. }
            | Principal::FederatedUser { .. }
            | Principal::Federated { .. } => account.clone(),
        };
        Ok(GetCallerIdentityResponse { user_id, account, arn })
    }
}

/// The request of `AssumeRole`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AssumeRoleRequest {
    pub role_arn: String,
    /// The session's name: 2 to 64 of `[\w+=,.@-]`.
    pub role_session_name: String,
    /// 900 to 43,200 seconds, at most the role's own limit; 3,600 unless given.
    pub duration_seconds: Option<u32>,
    /// A session policy: the session may do only what this allows, too.
    pub policy: Option<String>,
    /// Session tags. The trust policy must allow `sts:TagSession`, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// A name that stays with every session made from this one.
    pub source_identity: Option<String>,
    /// The MFA device. Any six digits are taken as its code: nobody holds a device here.
    pub serial_number: Option<String>,
    /// The six digits the device shows.
    pub token_code: Option<String>,
    /// A secret that the trust policy may ask for.
    pub external_id: Option<String>,
}

/// The response of `AssumeRole`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleResponse {
    /// The principal that acts in the session.
    pub assumed_role_user: AssumedRoleUser,
    /// The keys that the session signs its requests with.
    pub credentials: Credentials,
}

/// The session of a role that was assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumedRoleUser {
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`; the role's path is not in it.
    pub arn: String,
    /// Of the form `ROLE-ID:SESSION`.
    pub assumed_role_id: String,
}

/// Temporary credentials. `Debug` hides the secrets.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// `ASIA..`: what [`Caller::Session`] holds.
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

impl AssumeRoleRequest {
    /// Checks the constraints of the model. Source: STS API Reference, AssumeRole.
    fn check(&self) -> Result<(), ApiError> {
        let names = [
            ("roleSessionName", Some(&self.role_session_name)),
            ("sourceIdentity", self.source_identity.as_ref()),
        ];
        for (member, name) in names {
            let Some(name) = name else { continue };
            check_length(name, member, 2, 64)?;
            check_letters(name, member, '*')?;
        }
        check_length(&self.role_arn, "roleArn", 20, 2048)?;
        for (member, text, least, most) in [
            ("externalId", &self.external_id, 2, 1224),
            ("serialNumber", &self.serial_number, 9, 256),
            ("tokenCode", &self.token_code, 6, 6),
        ] {
            if let Some(text) = text {
                check_length(text, member, least, most)?;
            }
        }
        if let Some(seconds) = self.duration_seconds {
            check_number(seconds, "durationSeconds", 900, 43_200)?;
        }
        // Doubtful for reserved names; recorded for names that are there twice. One form is known.
        // Source: localstack/localstack, tests/aws/services/sts, recorded answers of AssumeRole.
        check_tags(&self.tags).map_err(|error| match error.code.as_ref() {
            "InvalidInput" => ApiError::new("InvalidParameterValue", error.message),
            _ => error,
        })
    }
}

impl Operation for AssumeRoleRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // Source: a recording of AssumeRole with a bad name and a bad ARN: the model's constraints come first.
        self.check()?;
        if matches!(invocation.principal, Principal::Root { .. }) && !invocation.world.permissive {
            // Source: STS API Reference, AssumeRole; the message as returned in public logs.
            let text = "Roles may not be assumed by root accounts.";
            return Err(ApiError::new("AccessDenied", text).with_status(403));
        }
        let arn: Arn = self.role_arn.parse().map_err(|_| invalid(format!("{} is invalid", self.role_arn)))?;
        if arn.service != "iam" || arn.resource_after("role/").is_none() {
            return Err(invalid(format!("{} is invalid", self.role_arn)));
        }
        let permission = |action: &str| {
            let permission =
                Permission::new(action, &arn).with_key("sts:RoleSessionName", &self.role_session_name);
            let permission = with_request_tags(permission, &self.tags);
            let optional =
                [("sts:ExternalId", &self.external_id), ("sts:SourceIdentity", &self.source_identity)];
            let given = optional.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
            // Source: IAM User Guide, "Secure API access with MFA": a role whose trust policy asks for
            // aws:MultiFactorAuthPresent is assumed by a call that carries the device's number and its code.
            let permission = match self.mfa() {
                Ok(true) => permission
                    .with_key("aws:MultiFactorAuthPresent", "true")
                    .with_key("aws:MultiFactorAuthAge", "0"),
                Ok(false) | Err(_) => permission,
            };
            given.fold(permission, |permission, (key, value)| permission.with_key(key, value))
        };
        let mut permissions = vec![permission("sts:AssumeRole")];
        // Source: IAM User Guide, "Pass session tags in AWS STS"; "Monitor and control actions taken with assumed roles".
        if !self.tags.is_empty() {
            permissions.push(permission("sts:TagSession"));
        }
        if self.source_identity.is_some() {
            permissions.push(permission("sts:SetSourceIdentity"));
        }
        Ok(permissions)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<AssumeRoleResponse, ApiError> {
        let name = &self.role_session_name;
        let role_arn: Arn = self.role_arn.parse().map_err(|_| invalid("the role's ARN is invalid"))?;
        let role_name = role_arn.resource.rsplit('/').next().unwrap_or_default();
        let account = role_arn.account_id().ok_or_else(|| invalid("the role's ARN is invalid"))?;
        let role = invocation
            .world
            .iam()
            .identity(&account, Kind::Role, role_name)
            .cloned()
            .ok_or_else(|| invalid("the role does not exist"))?;
        let seconds = self.duration_seconds.unwrap_or(3600);
        // Source: IAM User Guide, "Role chaining": a session that makes a session is limited to one hour.
        let chained = matches!(invocation.caller, Caller::Session(_));
        if chained && seconds > 3600 {
            // Source: messages of AssumeRole as returned in public logs.
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        if seconds > role.max_session {
            return Err(invalid(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let mfa = self.mfa()?;
        let source_identity =
            self.source_identity.or_else(|| invocation.world.iam.source_identity(&invocation.caller));
        let mut tags = std::collections::BTreeMap::new();
        iam::merge(&mut tags, self.tags);
        let policy =
            self.policy.as_deref().map(|text| iam::StoredPolicy::accept(text, "session")).transpose()?;
        let world = &mut *invocation.world;
        let issued = world.now;
        let expires = issued + SignedDuration::from_secs(i64::from(seconds));
        let arn =
            Arn::new("sts", "", account.as_str(), &format!("assumed-role/{}/{name}", role.name)).to_string();
        let principal = Principal::RoleSession {
            arn: arn.as_str().into(),
            account: account.as_str().into(),
            role_arn: role.arn().into(),
            role_id: Some(role.unique_id.as_str().into()),
            session_name: name.as_str().into(),
        };
        let credentials = Credentials {
            access_key_id: world.key_like_id("ASIA", 16),
            secret_access_key: world.secret_text("", SECRET_LENGTH),
            session_token: world.secret_text("FwoGZXIvYXdz", SESSION_TOKEN_LENGTH),
            expiration: expires,
        };
        let credential =
            iam::Credential::temporary(&credentials.secret_access_key, &credentials.session_token);
        world.iam.insert_session(
            &credentials.access_key_id,
            iam::Session { principal, policy, issued, expires, tags, source_identity, mfa, credential },
        );
        let assumed_role_id = format!("{}:{name}", role.unique_id);
        Ok(AssumeRoleResponse { assumed_role_user: AssumedRoleUser { arn, assumed_role_id }, credentials })
    }

    fn response_elements(response: &AssumeRoleResponse) -> serde_json::Value {
        serde_json::json!({ "assumedRoleUser": {
            "arn": response.assumed_role_user.arn, "assumedRoleId": response.assumed_role_user.assumed_role_id,
        }})
    }
}

impl AssumeRoleRequest {
    /// Says whether the call is made with a device: any code of six digits is right.
    fn mfa(&self) -> Result<bool, ApiError> {
        match (&self.serial_number, &self.token_code) {
            (Some(_), Some(code)) if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) => Ok(true),
            (None, None) => Ok(false),
            _ => Err(invalid("MultiFactorAuthentication failed with invalid MFA one time pass code.")),
        }
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}
