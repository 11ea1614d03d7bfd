//! Lists of users, roles and groups, and who is in a group.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation};
use super::groups::Group;
use super::operation::identity_operations;
use super::paging::{Page, listing_operations, page};
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
            /// The marker of the last answer, to go on from.
            pub marker: Option<String>,
            /// At most so many: 1 to 1,000, 100 unless given.
            pub max_items: Option<u32>,
        }

        /// The response of the operation of the same name.
        #[skip_serializing_none]
        #[derive(Clone, Debug, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $response {
            /// The page of the list, by name.
            pub $field: Vec<$item>,
            /// Whether there are more.
            pub is_truncated: bool,
            /// The marker to go on with, if there are more.
            pub marker: Option<String>,
        }

        impl Operation for $request {
            const READ_ONLY: bool = true;

            fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
                let prefix = self.path_prefix.as_deref().unwrap_or("/");
                let arn = super::arn(&account(invocation)?, Kind::$kind.word(), prefix, "");
                Ok(vec![Permission::new(concat!("iam:", $action), arn)])
            }

            fn execute(self, invocation: &mut Invocation<'_>) -> Result<$response, ApiError> {
                let all = listed(invocation, Kind::$kind, self.path_prefix.as_deref(), $describe)?;
                let Page { items, marker } =
                    page(all, |item| item.arn.clone(), self.marker.as_deref(), self.max_items)?;
                Ok($response { $field: items, is_truncated: marker.is_some(), marker })
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
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupResponse {
    pub group: Group,
    /// The members, by name.
    pub users: Vec<User>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

identity_operations! {
    [GetGroupRequest(Group, group_name)] {
        /** The marker of the last answer, to go on from. */
        marker: Option<String>,
        /** At most so many members: 1 to 1,000, 100 unless given. */
        max_items: Option<u32>,
    } -> GetGroupResponse, read_only: true,
    |invocation, kind, group| {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let group = iam.find(&account, kind, &group)?;
        let is_member = |i: &&Identity| i.account == account && i.groups.contains(&group.name);
        let users = iam.identities().filter(is_member);
        let users = users.map(|user| User { tags: None, ..User::from(user) }).collect();
        let Page { items, marker } = page(users, |user| user.arn.clone(), marker.as_deref(), max_items)?;
        Ok(GetGroupResponse { group: group.into(), users: items, is_truncated: marker.is_some(), marker })
    }
}

listing_operations! {
    [ListUserTagsRequest(User, user_name), ListRoleTagsRequest(Role, role_name)] {}
        -> /** The response of the operations that list tags: the tags, by name. */ ListTagsResponse { tags: Tag },
    name: |tag| tag.key.clone(),
    |invocation, kind, owner| {
        listed_tags(&invocation.world.iam.find(&account(invocation)?, kind, &owner)?.tags).unwrap_or_default()
    }
}

/// An instance profile. There are none here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum InstanceProfile {}

listing_operations! {
    [ListInstanceProfilesForRoleRequest(Role, role_name)] {}
        -> /** The response of `ListInstanceProfilesForRole`. */
        ListInstanceProfilesForRoleResponse { instance_profiles: InstanceProfile },
    name: |profile| match *profile {},
    |invocation, kind, role| {
        invocation.world.iam.find(&account(invocation)?, kind, &role)?;
        Vec::new()
    }
}

listing_operations! {
    [ListGroupsForUserRequest(User, user_name)] {}
        -> /** The response of `ListGroupsForUser`: groups, by name. */ ListGroupsResponse { groups: Group },
    name: |group| group.arn.clone(),
    |invocation, kind, user| {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let user = iam.find(&account, kind, &user)?;
        let groups = user.groups.iter().filter_map(|name| iam.identity(&account, Kind::Group, name));
        groups.map(Group::from).collect()
    }
}
