//! Groups: create, delete, and who is in them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation, epoch};
use super::operation::identity_operations;
use super::state::{Identity, Kind};
use super::users::{create, delete};
use super::{Empty, account, check_name, check_path};

/// A group as the API describes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    /// `/` or a path.
    pub path: String,
    pub group_name: String,
    /// The unique id, `AGPA..`.
    pub group_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
}

impl From<&Identity> for Group {
    fn from(group: &Identity) -> Self {
        Self {
            path: group.path.clone(),
            group_name: group.name.clone(),
            group_id: group.unique_id.clone(),
            arn: group.arn(),
            create_date: group.created,
        }
    }
}

/// The request of `CreateGroup`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateGroupRequest {
    /// The new group's name: 1 to 128 of `[\w+=,.@-]`.
    pub group_name: String,
    /// `/` unless the request names another path.
    pub path: Option<String>,
}

/// The response of `CreateGroup`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGroupResponse {
    pub group: Group,
}

impl Operation for CreateGroupRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = super::arn(&account(invocation)?, "group", path, &self.group_name);
        Ok(vec![Permission::new("iam:CreateGroup", arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateGroupResponse, ApiError> {
        let account = account(invocation)?;
        let path = self.path.unwrap_or_else(|| "/".to_owned());
        check_name(&self.group_name, "groupName", 128)?;
        check_path(&path)?;
        let group = create(invocation, account, Kind::Group, path, self.group_name, None, |_| {})?;
        Ok(CreateGroupResponse { group: Group::from(&group) })
    }
}

identity_operations! {
    [DeleteGroupRequest(Group, group_name)] {} -> Empty, read_only: false,
    |invocation, kind, group| delete(invocation, kind, &group)
}

/// The most groups a user may be in. Source: IAM User Guide, "IAM and AWS STS quotas".
const MAX_GROUPS: usize = 10;

identity_operations! {
    [AddUserToGroupRequest(Group, group_name)] { user_name: String } -> Empty, read_only: false,
    |invocation, kind, group| {
        let account = account(invocation)?;
        let group = invocation.world.iam.find(&account, kind, &group)?.name.clone();
        invocation.world.iam.edit(&account, Kind::User, &user_name, |user| {
            if user.groups.len() == MAX_GROUPS && !user.groups.contains(&group) {
                let text = format!("Cannot exceed quota for GroupsPerUser: {MAX_GROUPS}");
                return Err(ApiError::new("LimitExceeded", text).with_status(409));
            }
            user.groups.insert(group);
            Ok(())
        })?;
        Ok(Empty {})
    }
}

identity_operations! {
    [RemoveUserFromGroupRequest(Group, group_name)] { user_name: String } -> Empty, read_only: false,
    |invocation, kind, group| {
        let account = account(invocation)?;
        let group = invocation.world.iam.find(&account, kind, &group)?.name.clone();
        invocation.world.iam.edit(&account, Kind::User, &user_name, |user| {
            user.groups.remove(&group);
            Ok(())
        })?;
        Ok(Empty {})
    }
}
