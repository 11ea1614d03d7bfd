//! AssumeRole: sessions of roles.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::iam::{self, Identity, Kind, check_length, check_letters, check_number};
use super::super::permission::Permission;
use super::super::tags::{Tag, with_request_tags};
use super::super::{ApiError, Arn, Caller, Invocation, Operation, World};
use super::credentials::{
    Credentials, NewSession, Passed, PolicyDescriptor, check_device, check_session_tags, invalid,
    invalid_parameter, with_device,
};
use crate::policy::Principal;

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
    /// Managed policies as session policies, up to 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<PolicyDescriptor>,
    /// Session tags. The trust policy must allow `sts:TagSession`, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The names of the tags that sessions made from this one have, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive_tag_keys: Vec<String>,
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

/// Checks the constraints of the model that all requests for a session of a role have.
pub(super) fn check_role_session(role_arn: &str, name: &str, seconds: Option<u32>) -> Result<(), ApiError> {
    check_length(name, "roleSessionName", 2, 64)?;
    check_letters(name, "roleSessionName", '*')?;
    check_length(role_arn, "roleArn", 20, 2048)?;
    seconds.map_or(Ok(()), |seconds| check_number(seconds, "durationSeconds", 900, 43_200))
}

/// Reads the ARN of a role.
pub(super) fn role_arn(text: &str) -> Result<Arn, ApiError> {
    let arn: Option<Arn> = text.parse().ok();
    let is_role = |arn: &Arn| arn.service() == "iam" && arn.resource_after("role/").is_some();
    arn.filter(is_role).ok_or_else(|| invalid(format!("{text} is invalid")))
}

/// Returns the role that an ARN names.
pub(super) fn find_role(world: &World, arn: &Arn) -> Result<Identity, ApiError> {
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let account = arn.account_id().ok_or_else(|| invalid("the role's ARN is invalid"))?;
    let role = world.iam().identity(&account, Kind::Role, name);
    role.cloned().ok_or_else(|| invalid("the role does not exist"))
}

/// Checks how long a session of a role may be, and returns it in seconds.
pub(super) fn session_seconds(role: &Identity, asked: Option<u32>) -> Result<u32, ApiError> {
    let seconds = asked.unwrap_or(3600);
    if seconds <= role.max_session {
        return Ok(seconds);
    }
    Err(invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."))
}

/// Returns the principal of a session of a role, and the session as an answer describes it.
pub(super) fn session_of(role: &Identity, name: &str) -> (Principal, AssumedRoleUser) {
    let arn = Arn::text("sts", "", role.account.as_str(), &["assumed-role/", &role.name, "/", name]);
    let principal = Principal::RoleSession {
        arn: arn.as_str().into(),
        account: role.account.as_str().into(),
        role_arn: role.arn().into(),
        role_id: Some(role.unique_id.as_str().into()),
        session_name: name.into(),
    };
    (principal, AssumedRoleUser { arn, assumed_role_id: format!("{}:{name}", role.unique_id) })
}

impl AssumeRoleRequest {
    /// Checks the constraints of the model. Source: STS API Reference, AssumeRole.
    fn check(&self) -> Result<(), ApiError> {
        if let Some(name) = &self.source_identity {
            check_length(name, "sourceIdentity", 2, 64)?;
            check_letters(name, "sourceIdentity", '*')?;
        }
        check_role_session(&self.role_arn, &self.role_session_name, self.duration_seconds)?;
        if let Some(text) = &self.external_id {
            check_length(text, "externalId", 2, 1224)?;
        }
        check_device(self.serial_number.as_deref(), self.token_code.as_deref())?;
        self.passed().check()?;
        check_session_tags(&self.tags)?;
        self.check_transitive()
    }

    // Source: localstack/localstack, tests/aws/services/sts, recorded answers of AssumeRole
    fn check_transitive(&self) -> Result<(), ApiError> {
        let is_passed = |key: &String| self.tags.iter().any(|tag| tag.key.eq_ignore_ascii_case(key));
        if self.transitive_tag_keys.iter().all(is_passed) {
            return Ok(());
        }
        Err(invalid_parameter("The specified transitive tag key must be included in the requested tags."))
    }

    fn passed(&self) -> Passed<'_> {
        Passed { document: self.policy.as_deref(), arns: &self.policy_arns }
    }

    fn mfa(&self) -> Result<bool, ApiError> {
        with_device(self.serial_number.as_deref(), self.token_code.as_deref())
    }

    /// Adds the tags of the request to the transitive ones of the calling session.
    // Source: IAM User Guide, "Pass session tags in AWS STS", role chaining; localstack/localstack, tests/aws/services/sts
    fn session_tags(
        &self,
        inherited: BTreeMap<String, String>,
    ) -> Result<(BTreeMap<String, String>, BTreeSet<String>), ApiError> {
        let is_inherited = |tag: &Tag| inherited.keys().any(|key| key.eq_ignore_ascii_case(&tag.key));
        if self.tags.iter().any(is_inherited) {
            return Err(invalid_parameter(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from \
                 the calling session.",
            ));
        }
        let mut transitive: BTreeSet<String> = inherited.keys().cloned().collect();
        let mut tags = inherited;
        iam::merge(&mut tags, self.tags.clone());
        let is_transitive =
            |key: &&String| self.transitive_tag_keys.iter().any(|other| other.eq_ignore_ascii_case(key));
        transitive.extend(tags.keys().filter(is_transitive).cloned());
        Ok((tags, transitive))
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
        // Source: IAM User Guide, "id_credentials_temp_request": with GetFederationToken's credentials GetCallerIdentity alone can be
        // called. Its words are not known.
        if matches!(invocation.principal, Principal::FederatedUser { .. }) {
            return Err(ApiError::new("AccessDenied", "").with_status(403));
        }
        let arn = role_arn(&self.role_arn)?;
        let permission = |action: &str| {
            let permission =
                Permission::new(action, &arn).with_key("sts:RoleSessionName", &self.role_session_name);
            let mut permission = with_request_tags(permission, &self.tags);
            if !self.transitive_tag_keys.is_empty() {
                permission = permission.with_keys("sts:TransitiveTagKeys", self.transitive_tag_keys.clone());
            }
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
        let role = find_role(invocation.world, &role_arn(&self.role_arn)?)?;
        // Source: IAM User Guide, "Role chaining": a session that makes a session is limited to one hour.
        let chained = matches!(invocation.caller, Caller::Session(_))
            && matches!(invocation.principal, Principal::RoleSession { .. });
        if chained && self.duration_seconds.is_some_and(|seconds| seconds > 3600) {
            // Source: messages of AssumeRole as returned in public logs.
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        let seconds = session_seconds(&role, self.duration_seconds)?;
        let mfa = self.mfa()?;
        let calling = invocation.world.iam.session_of(&invocation.caller);
        let inherited = calling.as_ref().map(|session| session.transitive_tags()).unwrap_or_default();
        let (tags, transitive) = self.session_tags(inherited)?;
        let source_identity = self
            .source_identity
            .clone()
            .or_else(|| calling.and_then(|session| session.source_identity.clone()));
        let policies = self.passed().read_some(invocation.world, role.account.as_str())?;
        let (principal, assumed_role_user) = session_of(&role, &self.role_session_name);
        let origin = iam::Origin::Role;
        let session =
            NewSession { principal, policies, seconds, tags, transitive, source_identity, mfa, origin };
        Ok(AssumeRoleResponse { assumed_role_user, credentials: session.begin(invocation.world) })
    }

    fn response_elements(response: &AssumeRoleResponse) -> serde_json::Value {
        serde_json::json!({ "assumedRoleUser": {
            "arn": response.assumed_role_user.arn, "assumedRoleId": response.assumed_role_user.assumed_role_id,
        }})
    }
}
