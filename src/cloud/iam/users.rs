//! Users: create, describe, list, delete.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::operation::Wire;
use super::super::permission::Permission;
use super::super::{AccountId, ApiError, Invocation, Operation, epoch};
use super::credential::AccessKey;
use super::operation::{identity_operations, identity_permission};
use super::state::{Identity, Kind};
use super::tags::{Tag, check_tags, merge, with_tagging};
use super::{Empty, account, already_exists, check_name, check_path, delete_conflict};
use crate::cloud::made_once::MadeOnce;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A user as the API describes it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    /// `/` or a path.
    pub path: String,
    pub user_name: String,
    /// The unique id, `AIDA..`.
    pub user_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    pub permissions_boundary: Option<AttachedBoundary>,
    /// The tags; absent where there are none, and from lists.
    pub tags: Option<Vec<Tag>>,
}

/// Returns tags as the API lists them; nothing where there are none.
/// Source: IAM API Reference, User, Role and Policy.
pub(super) fn listed_tags(tags: &BTreeMap<String, String>) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag { key: key.clone(), value: value.clone() };
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

/// A permissions boundary as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedBoundary {
    /// Always `Policy`.
    ///
    /// The API Reference names `PermissionsBoundaryPolicy`, which AWS does not answer.
    // Source: LocalStack's snapshots of GetUser and GetRole, recorded from AWS.
    pub permissions_boundary_type: &'static str,
    /// The managed policy's ARN.
    pub permissions_boundary_arn: String,
}

impl AttachedBoundary {
    pub(super) fn of(identity: &Identity) -> Option<Self> {
        identity.boundary.clone().map(|permissions_boundary_arn| Self {
            permissions_boundary_type: "Policy",
            permissions_boundary_arn,
        })
    }
}

impl From<&Identity> for User {
    fn from(user: &Identity) -> Self {
        Self {
            path: user.path.clone(),
            user_name: user.name.clone(),
            user_id: user.unique_id.clone(),
            arn: user.arn(),
            create_date: user.created,
            permissions_boundary: AttachedBoundary::of(user),
            tags: listed_tags(&user.tags),
        }
    }
}

/// Returns the user that a request names: the given one, else the caller. Source: IAM API Reference, GetUser.
fn named_or_caller(invocation: &Invocation<'_>, name: Option<&String>) -> Result<String, ApiError> {
    match (name, &invocation.caller) {
        (Some(name), _) => Ok(name.clone()),
        (None, super::super::Caller::User(_, name)) => Ok(name.to_string()),
        (None, _) => Err(ApiError::new(
            "ValidationError",
            "Must specify userName when calling with non-User credentials",
        )),
    }
}

/// The request of `CreateUser`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateUserRequest {
    /// The new user's name: 1 to 64 of `[\w+=,.@-]`.
    pub user_name: String,
    /// `/` unless the request names another path.
    pub path: Option<String>,
    /// ARN of a managed policy that bounds what the user may do.
    pub permissions_boundary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// The response of `CreateUser`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUserResponse {
    pub user: User,
}

impl Operation for CreateUserRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = super::arn(&account(invocation)?, "user", path, &self.user_name);
        let permission = Permission::new("iam:CreateUser", &arn);
        let permission = match &self.permissions_boundary {
            Some(boundary) => permission.with_key("iam:PermissionsBoundary", boundary),
            None => permission,
        };
        Ok(with_tagging(permission, "iam:TagUser", &self.tags))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateUserResponse, ApiError> {
        let account = account(invocation)?;
        let path = self.path.unwrap_or_else(|| "/".to_owned());
        check_name(&self.user_name, "userName", 64)?;
        check_path(&path)?;
        check_tags(&self.tags)?;
        let (name, boundary) = (self.user_name, self.permissions_boundary);
        let user = create(invocation, account, Kind::User, path, name, boundary, |user| {
            merge(&mut user.tags, self.tags);
        })?;
        Ok(CreateUserResponse { user: User::from(&user) })
    }

    fn response_elements(response: &CreateUserResponse) -> serde_json::Value {
        super::super::audit::lower_camel(serde_json::json!(response))
    }
}

/// Creates a user, role or group of a name that is free.
pub(super) fn create(
    invocation: &mut Invocation<'_>,
    account: AccountId,
    kind: Kind,
    path: String,
    name: String,
    boundary: Option<String>,
    finish: impl FnOnce(&mut Identity),
) -> Result<Identity, ApiError> {
    let world = &mut *invocation.world;
    if world.iam.identity(&account, kind, &name).is_some() {
        return Err(already_exists(format!("{} with name {name} already exists.", kind.noun())));
    }
    if let Some(arn) = &boundary {
        super::policies::boundary(world, arn)?;
    }
    let mut identity = Identity {
        kind,
        account,
        path,
        name,
        unique_id: world.key_like_id(kind.id_prefix(), 17),
        created: world.now,
        inline: BTreeMap::new(),
        attached: Vec::new(),
        groups: BTreeSet::new(),
        tags: BTreeMap::new(),
        boundary,
        description: None,
        trust: None,
        max_session: 3600,
        known: MadeOnce::default(),
    };
    finish(&mut identity);
    world.iam.insert(identity.clone());
    Ok(identity)
}

/// The request of `GetUser`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetUserRequest {
    /// The user; the caller unless given.
    pub user_name: Option<String>,
}

/// The response of `GetUser`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetUserResponse {
    pub user: User,
}

impl Operation for GetUserRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let name = named_or_caller(invocation, self.user_name.as_ref())?;
        Ok(vec![identity_permission(invocation, Kind::User, Self::NAME, &name)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetUserResponse, ApiError> {
        let name = named_or_caller(invocation, self.user_name.as_ref())?;
        let account = account(invocation)?;
        Ok(GetUserResponse { user: invocation.world.iam.find(&account, Kind::User, &name)?.into() })
    }
}

identity_operations! {
    [DeleteUserRequest(User, user_name)] {} -> Empty, read_only: false,
    |invocation, kind, user| delete(invocation, kind, &user)
}

/// Deletes a user, role or group that nothing is attached to.
pub(super) fn delete(invocation: &mut Invocation<'_>, kind: Kind, name: &str) -> Result<Empty, ApiError> {
    let account = account(invocation)?;
    let identity = invocation.world.iam.find(&account, kind, name)?;
    if !identity.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !identity.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    let is_member =
        |i: &Identity| i.account == account && i.groups.iter().any(|g| g.eq_ignore_ascii_case(name));
    let group_has_members = kind == Kind::Group && invocation.world.iam.identities().any(is_member);
    if !identity.groups.is_empty() || group_has_members {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    let has_key = |key: &AccessKey| {
        kind == Kind::User
            && key.account == account
            && key.user.as_ref().is_some_and(|user| user.eq_ignore_ascii_case(name))
    };
    if invocation.world.iam.access_keys().any(has_key) {
        // Source: public logs of DeleteUser
        return Err(delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    invocation.world.iam.remove(&account, kind, name);
    Ok(Empty {})
}
