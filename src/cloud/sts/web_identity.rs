//! AssumeRoleWithWebIdentity: a session of a role for somebody whom the identity provider vouches for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::iam::{self, check_length};
use super::super::operation::Bearer;
use super::super::permission::Permission;
use super::super::{ApiError, Arn, Invocation, Operation, World};
use super::assume_role::{
    AssumedRoleUser, check_role_session, find_role, role_arn, session_of, session_seconds,
};
use super::credentials::{Credentials, NewSession, Passed, PolicyDescriptor};
use super::provider::{Claims, PROVIDER};
use crate::limits::wire::WEB_IDENTITY;
use crate::policy::Principal;

/// The request of `AssumeRoleWithWebIdentity`. `Debug` does not show the token.
#[skip_serializing_none]
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AssumeRoleWithWebIdentityRequest {
    pub role_arn: String,
    /// The session's name: 2 to 64 of `[\w+=,.@-]`.
    pub role_session_name: String,
    /// What the provider says of the caller.
    pub web_identity_token: String,
    /// 900 to 43,200 seconds, at most the role's own limit; 3,600 unless given.
    pub duration_seconds: Option<u32>,
    /// A session policy: the session may do only what this allows, too.
    pub policy: Option<String>,
    /// Managed policies as session policies, up to 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<PolicyDescriptor>,
}

impl std::fmt::Debug for AssumeRoleWithWebIdentityRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AssumeRoleWithWebIdentityRequest")
            .field("role_arn", &self.role_arn)
            .finish_non_exhaustive()
    }
}

/// The response of `AssumeRoleWithWebIdentity`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithWebIdentityResponse {
    /// Whom the provider vouches for.
    pub subject_from_web_identity_token: String,
    /// The principal that acts in the session.
    pub assumed_role_user: AssumedRoleUser,
    /// The keys that the session signs its requests with.
    pub credentials: Credentials,
    /// The address of the identity provider.
    pub provider: String,
    /// The application that the token was given to.
    pub audience: String,
}

impl AssumeRoleWithWebIdentityRequest {
    fn passed(&self) -> Passed<'_> {
        Passed { document: self.policy.as_deref(), arns: &self.policy_arns }
    }

    fn claims(&self, world: &World) -> Result<Claims, ApiError> {
        check_length(&self.web_identity_token, "webIdentityToken", 4, WEB_IDENTITY.size())?;
        world.identity_provider().read(&self.web_identity_token, world.now())
    }

    /// Whoever the provider vouches for, as trust policies name it: the ARN that the provider has in the role's account.
    fn bearer(&self, world: &World) -> Result<Principal, ApiError> {
        check_role_session(&self.role_arn, &self.role_session_name, self.duration_seconds)?;
        let role = role_arn(&self.role_arn)?;
        self.claims(world)?;
        Ok(Principal::Federated { provider: provider_arn(&role).into() })
    }
}

/// Returns the ARN that the provider has in the account of a role.
fn provider_arn(role: &Arn) -> String {
    Arn::text("iam", "", role.account(), &["oidc-provider/", PROVIDER])
}

impl Operation for AssumeRoleWithWebIdentityRequest {
    const READ_ONLY: bool = true;

    const BEARER: Option<Bearer<Self>> = Some(Self::bearer);

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.passed().check()?;
        let claims = self.claims(invocation.world)?;
        // Source: IAM User Guide, "reference_policies_iam-condition-keys", keys of OIDC federation
        let permission = Permission::new("sts:AssumeRoleWithWebIdentity", role_arn(&self.role_arn)?)
            .with_key("sts:RoleSessionName", &self.role_session_name)
            .with_key(format!("{PROVIDER}:aud"), claims.aud)
            .with_key(format!("{PROVIDER}:sub"), claims.sub);
        Ok(vec![permission])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<AssumeRoleWithWebIdentityResponse, ApiError> {
        let arn = role_arn(&self.role_arn)?;
        let role = find_role(invocation.world, &arn)?;
        let Claims { iss, sub, aud, .. } = self.claims(invocation.world)?;
        let policies = self.passed().read_some(invocation.world, role.account.as_str())?;
        let (principal, assumed_role_user) = session_of(&role, &self.role_session_name);
        let session = NewSession {
            principal,
            policies,
            seconds: session_seconds(&role, self.duration_seconds)?,
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            source_identity: None,
            mfa: false,
            origin: iam::Origin::WebIdentity { provider: provider_arn(&arn) },
        };
        Ok(AssumeRoleWithWebIdentityResponse {
            subject_from_web_identity_token: sub,
            assumed_role_user,
            credentials: session.begin(invocation.world),
            provider: iss,
            audience: aud,
        })
    }

    // Source: CloudTrail User Guide, "userIdentity element", its example of AssumeRoleWithWebIdentity
    fn response_elements(response: &AssumeRoleWithWebIdentityResponse) -> serde_json::Value {
        serde_json::json!({
            "subjectFromWebIdentityToken": response.subject_from_web_identity_token,
            "assumedRoleUser": {
                "arn": response.assumed_role_user.arn,
                "assumedRoleId": response.assumed_role_user.assumed_role_id,
            },
            "provider": response.provider,
            "audience": response.audience,
        })
    }
}
