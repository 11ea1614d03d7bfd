//! STS: who am I, and sessions of roles, of users, of people that users or an identity provider vouch for.
//!
//! Source: STS API Reference; IAM User Guide, "Temporary security credentials".
//!
//! | file | what |
//! |---|---|
//! | `credentials` | what all that makes a session shares |
//! | `assume_role` | sessions of roles |
//! | `tokens` | sessions of users, and of whom a user vouches for |
//! | `web_identity`, `provider` | sessions of roles for whom the identity provider vouches, and the provider with its tokens |

mod assume_role;
mod credentials;
mod provider;
mod tokens;
mod web_identity;

#[cfg(test)]
mod tests;

pub use assume_role::*;
pub(in crate::cloud) use credentials::SECRET_LENGTH;
pub use credentials::{Credentials, PolicyDescriptor};
pub use provider::{IdentityProvider, PROVIDER};
pub use tokens::*;
pub use web_identity::*;

use serde::{Deserialize, Serialize};

use super::iam::{self, Kind, check_length};
use super::operation::service;
use super::permission::{DecisionRecord, Permission, Probe};
use super::service::{self, ErrorStyle, Subject};
use super::world::Service;
use super::{ApiError, Invocation, Operation, World};
use crate::policy::Principal;

service! {
    "sts";
    /// Says who the caller is. Needs no permission.
    GetCallerIdentity(GetCallerIdentityRequest) -> GetCallerIdentityResponse {
        records: []
    };
    /// Makes a session of a role.
    AssumeRole(AssumeRoleRequest) -> AssumeRoleResponse {
        records: [
            "RoleArn", "RoleSessionName", "Policy", "PolicyArns", "DurationSeconds", "Tags", "TransitiveTagKeys", "ExternalId",
            "SerialNumber", "TokenCode", "SourceIdentity",
        ]
        refuses: ["ProvidedContexts", "MinimumSessionTokenSize"]
        differs: [
            "`SessionToken` is random text. In the lab and at the console the access key id alone is the credential; on the wire \
             (`kmslab serve`) requests are signed as on AWS.",
            "Any `TokenCode` of six digits counts as multi-factor authentication.",
            "`PackedPolicySize` is left out, and so is its limit: AWS does not say how session policies and tags are packed.",
        ]
    };
    /// Makes a session of a role for somebody whom the built-in identity provider vouches for. Needs no signature.
    AssumeRoleWithWebIdentity(AssumeRoleWithWebIdentityRequest) -> AssumeRoleWithWebIdentityResponse {
        records: ["RoleArn", "RoleSessionName", "Policy", "PolicyArns", "DurationSeconds"]
        refuses: ["ProviderId", "MinimumSessionTokenSize"]
        differs: [
            "One provider is there, `oidc.kmslab.example`, in every account, without CreateOpenIDConnectProvider; it vouches to any \
             audience. `POST /_kmslab/web-identity` gives out its tokens.",
            "`PackedPolicySize` is left out.",
        ]
    };
    /// Makes temporary credentials of the user who calls.
    GetSessionToken(GetSessionTokenRequest) -> GetSessionTokenResponse {
        records: ["DurationSeconds", "SerialNumber", "TokenCode"]
        refuses: ["MinimumSessionTokenSize"]
        differs: [
            "Any `TokenCode` of six digits counts as multi-factor authentication.",
        ]
    };
    /// Makes temporary credentials for somebody whom the calling user vouches for.
    GetFederationToken(GetFederationTokenRequest) -> GetFederationTokenResponse {
        records: ["Name", "Policy", "PolicyArns", "DurationSeconds", "Tags"]
        refuses: ["MinimumSessionTokenSize"]
        differs: [
            "`PackedPolicySize` is left out.",
        ]
    };
    /// Tells which account an access key belongs to.
    GetAccessKeyInfo(GetAccessKeyInfoRequest) -> GetAccessKeyInfoResponse {
        records: ["AccessKeyId"]
        differs: [
            "Keys of this world alone: those that CreateAccessKey and STS have made, not those that `kmslab serve` gave out at its start.",
        ]
    };
}

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
    takes: service::any_caller,
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

/// Words a refusal: STS gives no reason, and names nobody whom an identity provider vouches for.
/// Source: messages of AssumeRole and of AssumeRoleWithWebIdentity as returned.
fn refusal(record: &DecisionRecord, permission: &Permission) -> String {
    if matches!(record.request.principal(), Principal::Federated { .. }) {
        return format!("Not authorized to perform {}", permission.action);
    }
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
    /// The unique id; `ROLE-ID:SESSION` for a role session, `ACCOUNT:NAME` for a federated user; the account for the root user.
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
            Principal::FederatedUser { arn, .. } => {
                format!("{account}:{}", arn.rsplit('/').next().unwrap_or_default())
            }
            Principal::User { unique_id: Some(id), .. } => id.to_string(),
            Principal::RoleSession { role_id: Some(role_id), session_name, .. } => {
                format!("{role_id}:{session_name}")
            }
            Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Root { .. }
            | Principal::User { .. }
            | Principal::RoleSession { .. }
            | Principal::Federated { .. } => account.clone(),
        };
        Ok(GetCallerIdentityResponse { user_id, account, arn })
    }
}

/// The request of `GetAccessKeyInfo`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetAccessKeyInfoRequest {
    pub access_key_id: String,
}

/// The response of `GetAccessKeyInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyInfoResponse {
    /// The id of the account, twelve digits.
    pub account: String,
}

impl Operation for GetAccessKeyInfoRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_length(&self.access_key_id, "accessKeyId", 16, 128)?;
        // Source: Service Authorization Reference, GetAccessKeyInfo, which names no resource type
        Ok(vec![Permission::new("sts:GetAccessKeyInfo", "*")])
    }

    /// Doubtful: the answer to a key that is nobody's. AWS reads the account out of the id and never looks the key up; here
    /// ids hold no account. Its code is that of other bad values, and it has no words. One form is known.
    /// Source: STS API Reference, GetAccessKeyInfo, which names no errors.
    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetAccessKeyInfoResponse, ApiError> {
        let found = invocation.world.iam.account_of_key(&self.access_key_id);
        let account = found.ok_or_else(|| credentials::invalid(""))?;
        Ok(GetAccessKeyInfoResponse { account })
    }
}
