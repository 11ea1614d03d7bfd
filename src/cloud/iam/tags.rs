//! Tags of users and roles, which policies can ask about as `aws:PrincipalTag`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::authorize::Permission;
use super::super::call::Wire;
use super::super::{ApiError, Invocation, Operation};
use super::state::Kind;
use super::users::identity_permission;
use super::{Empty, account, check_length};

/// A tag of a user, role or session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The name: 1 to 128 characters.
    pub key: String,
    /// The value: up to 256 characters.
    pub value: String,
}

/// The most tags of one identity or session. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 50;

/// Checks tags; the names must differ, whatever their case.
pub(in crate::cloud) fn check_tags(tags: &[Tag]) -> Result<(), ApiError> {
    let invalid = |text: &str| Err(ApiError::new("InvalidInput", text));
    if tags.len() > MOST {
        let constraint = format!("Member must have length less than or equal to {MOST}");
        let error = ApiError::constraint(None, "tags", constraint);
        return Err(ApiError { code: "ValidationError".into(), ..error });
    }
    for (at, tag) in tags.iter().enumerate() {
        check_length(&tag.key, &format!("tags.{}.member.key", at + 1), 1, 128)?;
        check_length(&tag.value, &format!("tags.{}.member.value", at + 1), 0, 256)?;
        if tag.key.to_lowercase().starts_with("aws:") {
            return invalid("Tag keys beginning with aws: are reserved for system use.");
        }
        if tags.iter().take(at).any(|other| other.key.eq_ignore_ascii_case(&tag.key)) {
            return invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
    }
    Ok(())
}

/// The condition keys of a request that passes tags. Source: IAM User Guide, `aws:RequestTag`, `aws:TagKeys`.
pub(in crate::cloud) fn with_request_tags(permission: Permission, tags: &[Tag]) -> Permission {
    if tags.is_empty() {
        return permission;
    }
    let permission = permission.with_keys("aws:TagKeys", tags.iter().map(|tag| tag.key.clone()).collect());
    tags.iter().fold(permission, |permission, tag| {
        permission.with_key(format!("aws:RequestTag/{}", tag.key), &tag.value)
    })
}

/// Sets tags in a map; a name that is there in another case is replaced.
pub(in crate::cloud) fn merge(into: &mut BTreeMap<String, String>, tags: Vec<Tag>) {
    for tag in tags {
        into.retain(|name, _| !name.eq_ignore_ascii_case(&tag.key));
        into.insert(tag.key, tag.value);
    }
}

fn set_tags(
    invocation: &mut Invocation<'_>,
    kind: Kind,
    owner: &str,
    tags: Vec<Tag>,
) -> Result<Empty, ApiError> {
    check_tags(&tags)?;
    let account = account(invocation)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        merge(&mut identity.tags, tags);
        if identity.tags.len() > MOST {
            let text = format!("The number of tags has reached the maximum limit of {MOST}.");
            return Err(ApiError::new("LimitExceeded", text).with_status(409));
        }
        Ok(())
    })?;
    Ok(Empty {})
}

fn remove_tags(
    invocation: &mut Invocation<'_>,
    kind: Kind,
    owner: &str,
    keys: &[String],
) -> Result<Empty, ApiError> {
    let account = account(invocation)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        identity.tags.retain(|name, _| !keys.iter().any(|key| key.eq_ignore_ascii_case(name)));
        Ok(())
    })?;
    Ok(Empty {})
}

/// The request of `TagUser`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagUserRequest {
    pub user_name: String,
    /// The tags; one of a name that is there replaces it.
    pub tags: Vec<Tag>,
}

impl Operation for TagUserRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permissions = identity_permission(invocation, Kind::User, Self::NAME, &self.user_name)?;
        Ok(permissions.into_iter().map(|permission| with_request_tags(permission, &self.tags)).collect())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        set_tags(invocation, Kind::User, &self.user_name, self.tags)
    }
}

/// The request of `UntagUser`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UntagUserRequest {
    pub user_name: String,
    /// The names of the tags to remove.
    pub tag_keys: Vec<String>,
}

impl Operation for UntagUserRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permissions = identity_permission(invocation, Kind::User, Self::NAME, &self.user_name)?;
        Ok(permissions
            .into_iter()
            .map(|permission| permission.with_keys("aws:TagKeys", self.tag_keys.clone()))
            .collect())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        remove_tags(invocation, Kind::User, &self.user_name, &self.tag_keys)
    }
}

/// The request of `TagRole`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagRoleRequest {
    pub role_name: String,
    /// The tags; one of a name that is there replaces it.
    pub tags: Vec<Tag>,
}

impl Operation for TagRoleRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permissions = identity_permission(invocation, Kind::Role, Self::NAME, &self.role_name)?;
        Ok(permissions.into_iter().map(|permission| with_request_tags(permission, &self.tags)).collect())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        set_tags(invocation, Kind::Role, &self.role_name, self.tags)
    }
}

/// The request of `UntagRole`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UntagRoleRequest {
    pub role_name: String,
    /// The names of the tags to remove.
    pub tag_keys: Vec<String>,
}

impl Operation for UntagRoleRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permissions = identity_permission(invocation, Kind::Role, Self::NAME, &self.role_name)?;
        Ok(permissions
            .into_iter()
            .map(|permission| permission.with_keys("aws:TagKeys", self.tag_keys.clone()))
            .collect())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        remove_tags(invocation, Kind::Role, &self.role_name, &self.tag_keys)
    }
}
