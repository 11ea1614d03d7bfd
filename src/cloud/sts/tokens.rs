//! GetSessionToken and GetFederationToken: sessions of users, and of whom they vouch for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::iam::{self, check_length, check_letters, check_number};
use super::super::permission::Permission;
use super::super::tags::{Tag, with_request_tags};
use super::super::{ApiError, Arn, Caller, Invocation, Operation};
use super::credentials::{
    Credentials, NewSession, Passed, PolicyDescriptor, check_device, check_session_tags,
    no_session_credentials, with_device,
};
use crate::policy::Principal;

/// How long a session is unless the request says, and how long one of a root user may be at most, in seconds.
/// Source: STS API Reference, GetSessionToken and GetFederationToken, `DurationSeconds`.
const TWELVE_HOURS: u32 = 43_200;
const ONE_HOUR: u32 = 3_600;

/// Returns how long a session is: of a root user at most an hour.
///
/// Doubtful: what becomes of a root user who asks for longer; here the session is an hour long. The alternative is an error. One
/// form is known.
/// Source: STS API Reference, GetSessionToken: root credentials have "a default of one hour" and at most that.
fn seconds(principal: &Principal, asked: Option<u32>) -> u32 {
    match principal {
        Principal::Root { .. } => asked.unwrap_or(ONE_HOUR).min(ONE_HOUR),
        Principal::Anonymous
        | Principal::Service { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated { .. } => asked.unwrap_or(TWELVE_HOURS),
    }
}

/// Refuses temporary credentials, which make no further ones here.
// Source: IAM User Guide, "id_credentials_temp_request": both are called with the credentials of a user or root user
fn check_long_term(caller: &Caller, operation: &str) -> Result<(), ApiError> {
    match caller {
        Caller::Root(_) | Caller::User(..) => Ok(()),
        Caller::Anonymous | Caller::Session(_) | Caller::Service(_) | Caller::Role(..) => {
            Err(no_session_credentials(operation))
        }
    }
}

fn check_seconds(asked: Option<u32>) -> Result<(), ApiError> {
    asked.map_or(Ok(()), |seconds| check_number(seconds, "durationSeconds", 900, 129_600))
}

/// The request of `GetSessionToken`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetSessionTokenRequest {
    /// 900 to 129,600 seconds; 43,200 unless given, and 3,600 for a root user.
    pub duration_seconds: Option<u32>,
    /// The MFA device. Any six digits are taken as its code: nobody holds a device here.
    pub serial_number: Option<String>,
    /// The six digits the device shows.
    pub token_code: Option<String>,
}

/// The response of `GetSessionToken`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetSessionTokenResponse {
    /// The keys that the user signs with for a time.
    pub credentials: Credentials,
}

impl Operation for GetSessionTokenRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_seconds(self.duration_seconds)?;
        check_device(self.serial_number.as_deref(), self.token_code.as_deref())?;
        check_long_term(&invocation.caller, "GetSessionToken")?;
        Ok(vec![Permission::new("sts:GetSessionToken", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetSessionTokenResponse, ApiError> {
        let mfa = with_device(self.serial_number.as_deref(), self.token_code.as_deref())?;
        let session = NewSession {
            principal: invocation.principal.clone(),
            policies: None,
            seconds: seconds(&invocation.principal, self.duration_seconds),
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            source_identity: None,
            mfa,
            origin: iam::Origin::User,
        };
        Ok(GetSessionTokenResponse { credentials: session.begin(invocation.world) })
    }
}

/// The request of `GetFederationToken`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetFederationTokenRequest {
    /// The name of whom the user vouches for: 2 to 32 of `[\w+=,.@-]`.
    pub name: String,
    /// A session policy: without any the session may do nothing that no resource's policy allows it.
    pub policy: Option<String>,
    /// Managed policies as session policies, up to 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<PolicyDescriptor>,
    /// 900 to 129,600 seconds; 43,200 unless given, and 3,600 for a root user.
    pub duration_seconds: Option<u32>,
    /// Session tags. The user needs `sts:TagSession`, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// The response of `GetFederationToken`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFederationTokenResponse {
    /// The principal that acts in the session.
    pub federated_user: FederatedUser,
    /// The keys that the session signs its requests with.
    pub credentials: Credentials,
}

/// Somebody whom a user vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FederatedUser {
    /// The ARN of the session, `arn:aws:sts::ACCOUNT:federated-user/NAME`.
    pub arn: String,
    /// Of the form `ACCOUNT:NAME`.
    pub federated_user_id: String,
}

impl GetFederationTokenRequest {
    fn passed(&self) -> Passed<'_> {
        Passed { document: self.policy.as_deref(), arns: &self.policy_arns }
    }

    fn arn(&self, invocation: &Invocation<'_>) -> Result<Arn, ApiError> {
        let account = invocation.account()?;
        Ok(Arn::new("sts", "", account.as_str(), &["federated-user/", &self.name]))
    }
}

impl Operation for GetFederationTokenRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_length(&self.name, "name", 2, 32)?;
        check_letters(&self.name, "name", '*')?;
        check_seconds(self.duration_seconds)?;
        self.passed().check()?;
        check_session_tags(&self.tags)?;
        check_long_term(&invocation.caller, "GetFederationToken")?;
        // Source: Service Authorization Reference, GetFederationToken and TagSession
        let arn = self.arn(invocation)?;
        let permission = |action: &str| with_request_tags(Permission::new(action, &arn), &self.tags);
        let mut permissions = vec![permission("sts:GetFederationToken")];
        if !self.tags.is_empty() {
            permissions.push(permission("sts:TagSession"));
        }
        Ok(permissions)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetFederationTokenResponse, ApiError> {
        let (arn, account) = (self.arn(invocation)?.to_string(), invocation.account()?);
        let (user_arn, user_id) = match &invocation.principal {
            Principal::User { arn, unique_id, .. } => (Some(arn.clone()), unique_id.clone()),
            Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Root { .. }
            | Principal::RoleSession { .. }
            | Principal::FederatedUser { .. }
            | Principal::Federated { .. } => (None, None),
        };
        let policies = self.passed().read(invocation.world, account.as_str())?;
        let seconds = seconds(&invocation.principal, self.duration_seconds);
        let mut tags = BTreeMap::new();
        iam::merge(&mut tags, self.tags);
        let session = NewSession {
            principal: Principal::FederatedUser {
                arn: arn.as_str().into(),
                account: account.as_str().into(),
                user_arn,
            },
            policies: Some(policies),
            seconds,
            transitive: tags.keys().cloned().collect(),
            tags,
            source_identity: None,
            mfa: false,
            origin: iam::Origin::Federation { user_id },
        };
        let federated_user_id = format!("{account}:{}", self.name);
        let credentials = session.begin(invocation.world);
        Ok(GetFederationTokenResponse {
            federated_user: FederatedUser { arn, federated_user_id },
            credentials,
        })
    }

    fn response_elements(response: &GetFederationTokenResponse) -> serde_json::Value {
        let FederatedUser { arn, federated_user_id } = &response.federated_user;
        serde_json::json!({ "federatedUser": {"arn": arn, "federatedUserId": federated_user_id} })
    }
}
