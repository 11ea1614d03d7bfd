//! Lists of users, roles and groups, and who is in a group.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation};
use super::groups::Group;
use super::operation::identity_operations;
use super::roles::Role;
use super::state::{Identity, Kind};
use super::tags::Tag;
use super::users::{User, listed_tags};
use super::{account, check_prefix};

/// Returns what the account has of a kind below a path, by name.
fn listed<T>(
    invocation: &Invocation<'_>,
    kind: Kind,
    prefix: Option<&str>,
    describe: impl Fn(&Identity) -> T,
) -> Result<Vec<T>, ApiError> {
    let account = account(invocation)?;
    // Source: IAM API Reference, `pathPrefixType`.
    check_prefix(prefix, r"\u002F[\u0021-\u007F]*", |prefix| {
        prefix.starts_with('/') && prefix.bytes().all(|b| (0x21..=0x7f).contains(&b))
    })?;
    let prefix = prefix.unwrap_or("/");
    let all = invocation.world.iam.identities();
    let wanted = all.filter(|i| i.account == account && i.kind == kind && i.path.starts_with(prefix));
    Ok(wanted.map(describe).collect())
}

/// Writes the operation that lists the account's users, roles or groups, and its answer.
macro_rules! list_operation {
    ($request:ident($kind:ident, $action:literal) -> $response:ident { $field:ident: $item:ty }, $describe:expr) => {
        /// The request of the operation of the same name.
        #[skip_serializing_none]
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            /// Only what is below this path.
            pub path_prefix: Option<String>,
        }

        /// The response of the operation of the same name.
        #[derive(Clone, Debug, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $response {
            /// All of them, by name.
            pub $field: Vec<$item>,
            /// Always false: the list comes whole.
            pub is_truncated: bool,
        }

        impl Operation for $request {
            const READ_ONLY: bool = true;

            fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
                let prefix = self.path_prefix.as_deref().unwrap_or("/");
                let arn = super::arn(&account(invocation)?, Kind::$kind.word(), prefix, "");
                Ok(vec![Permission::new(concat!("iam:", $action), arn)])
            }

            fn execute(self, invocation: &mut Invocation<'_>) -> Result<$response, ApiError> {
                let $field = listed(invocation, Kind::$kind, self.path_prefix.as_deref(), $describe)?;
                Ok($response { $field, is_truncated: false })
            }
        }
    };
}

// Source: IAM API Reference, ListUsers and ListRoles: neither tags nor boundaries.
list_operation! {
    ListUsersRequest(User, "ListUsers") -> ListUsersResponse { users: User },
    |user| User { tags: None, permissions_boundary: None, ..User::from(user) }
}
list_operation! {
    ListRolesRequest(Role, "ListRoles") -> ListRolesResponse { roles: Role },
    |role| Role { tags: None, permissions_boundary: None, ..Role::from(role) }
}
list_operation! {
    ListGroupsRequest(Group, "ListGroups") -> ListAllGroupsResponse { groups: Group },
    |group| Group::from(group)
}

/// The response of `GetGroup`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupResponse {
    pub group: Group,
    /// The members, by name.
    pub users: Vec<User>,
    /// Always false: the list comes whole.
    pub is_truncated: bool,
}

identity_operations! {
    [GetGroupRequest(Group, group_name)] {} -> GetGroupResponse, read_only: true,
    |invocation, kind, group| {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let group = iam.find(&account, kind, &group)?;
        let is_member = |i: &&Identity| i.account == account && i.groups.contains(&group.name);
        let users = iam.identities().filter(is_member);
        let users = users.map(|user| User { tags: None, ..User::from(user) }).collect();
        Ok(GetGroupResponse { group: group.into(), users, is_truncated: false })
    }
}

/// The response of `ListUserTags` and `ListRoleTags`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsResponse {
    /// The tags, by name.
    pub tags: Vec<Tag>,
    /// Always false: the list comes whole.
    pub is_truncated: bool,
}

identity_operations! {
    [ListUserTagsRequest(User, user_name), ListRoleTagsRequest(Role, role_name)] {} -> ListTagsResponse,
    read_only: true,
    |invocation, kind, owner| {
        let owner = invocation.world.iam.find(&account(invocation)?, kind, &owner)?;
        Ok(ListTagsResponse { tags: listed_tags(owner).unwrap_or_default(), is_truncated: false })
    }
}
