//! Roles: create, describe, delete, and their trust policies.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation, World, epoch};
use super::operation::identity_operations;
use super::state::{Identity, Kind};
use super::stored_policy::StoredPolicy;
use super::tags::{Tag, check_tags, merge, with_tagging};
use super::users::{AttachedBoundary, create, delete, listed_tags};
use super::{Empty, account, check_length, check_name, check_number, check_path};

/// A role as the API describes it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// `/` or a path.
    pub path: String,
    pub role_name: String,
    /// The unique id, `AROA..`.
    pub role_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    pub assume_role_policy_document: String,
    pub description: Option<String>,
    /// The longest session, in seconds. Absent from the response of `CreateRole`.
    pub max_session_duration: Option<u32>,
    pub permissions_boundary: Option<AttachedBoundary>,
    /// The tags; absent where there are none, and from lists.
    pub tags: Option<Vec<Tag>>,
    /// The last use of the role; in the response of `GetRole` alone.
    pub role_last_used: Option<RoleLastUsed>,
}

/// When and where a role was last used: nothing, as on AWS before the use is some hours old.
// Source: IAM API Reference, RoleLastUsed; LocalStack's snapshots of GetRole, recorded from AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleLastUsed {}

impl From<&Identity> for Role {
    fn from(role: &Identity) -> Self {
        Self {
            path: role.path.clone(),
            role_name: role.name.clone(),
            role_id: role.unique_id.clone(),
            arn: role.arn(),
            create_date: role.created,
            assume_role_policy_document: role
                .trust
                .as_ref()
                .map(|p| p.text().to_string())
                .unwrap_or_default(),
            max_session_duration: Some(role.max_session),
            description: role.description.clone(),
            permissions_boundary: AttachedBoundary::of(role),
            tags: listed_tags(&role.tags),
            role_last_used: None,
        }
    }
}

/// Reads a trust policy and binds its principals to the unique ids they have now.
/// Source: IAM User Guide, "Principal": saved policies keep the unique id of a user or role.
fn read_trust(world: &World, text: &str) -> Result<StoredPolicy, ApiError> {
    StoredPolicy::accept(text, "iam-trust")?.bound_in(&world.iam, "iam-trust")
}

/// The request of `CreateRole`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateRoleRequest {
    /// The new role's name: 1 to 64 of `[\w+=,.@-]`.
    pub role_name: String,
    /// The trust policy: the principals that may assume the role.
    pub assume_role_policy_document: String,
    /// `/` unless the request names another path.
    pub path: Option<String>,
    /// The longest session: 3,600 (the default) to 43,200 seconds.
    pub max_session_duration: Option<u32>,
    /// ARN of a managed policy that bounds what the role may do.
    pub permissions_boundary: Option<String>,
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// The response of `CreateRole`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRoleResponse {
    pub role: Role,
}

impl Operation for CreateRoleRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = super::arn(&account(invocation)?, "role", path, &self.role_name);
        let permission = Permission::new("iam:CreateRole", &arn);
        let permission = match &self.permissions_boundary {
            Some(boundary) => permission.with_key("iam:PermissionsBoundary", boundary),
            None => permission,
        };
        Ok(with_tagging(permission, "iam:TagRole", &self.tags))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateRoleResponse, ApiError> {
        let account = account(invocation)?;
        let path = self.path.unwrap_or_else(|| "/".to_owned());
        check_name(&self.role_name, "roleName", 64)?;
        check_path(&path)?;
        let max_session = self.max_session_duration.unwrap_or(3600);
        check_number(max_session, "maxSessionDuration", 3600, 43_200)?;
        check_length(self.description.as_deref().unwrap_or_default(), "description", 0, 1000)?;
        check_tags(&self.tags)?;
        let trust = read_trust(invocation.world, &self.assume_role_policy_document)?;
        let role = create(
            invocation,
            account,
            Kind::Role,
            path,
            self.role_name,
            self.permissions_boundary,
            |role| {
                role.trust = Some(trust);
                role.max_session = max_session;
                role.description = self.description;
                merge(&mut role.tags, self.tags);
            },
        )?;
        Ok(CreateRoleResponse { role: Role { max_session_duration: None, ..Role::from(&role) } })
    }
}

/// The response of `GetRole`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleResponse {
    pub role: Role,
}

identity_operations! {
    [GetRoleRequest(Role, role_name)] {} -> GetRoleResponse, read_only: true,
    |invocation, kind, role| {
        let role = Role::from(invocation.world.iam.find(&account(invocation)?, kind, &role)?);
        Ok(GetRoleResponse { role: Role { role_last_used: Some(RoleLastUsed {}), ..role } })
    }
}

identity_operations! {
    [DeleteRoleRequest(Role, role_name)] {} -> Empty, read_only: false,
    |invocation, kind, role| delete(invocation, kind, &role)
}

identity_operations! {
    [UpdateAssumeRolePolicyRequest(Role, role_name)]
    { /** The new trust policy. */ policy_document: String } -> Empty, read_only: false,
    |invocation, kind, role| {
        let account = account(invocation)?;
        invocation.world.iam.find(&account, kind, &role)?;
        let trust = read_trust(invocation.world, &policy_document)?;
        invocation.world.iam.edit(&account, kind, &role, |role| {
            role.trust = Some(trust);
            Ok(())
        })?;
        Ok(Empty {})
    }
}
