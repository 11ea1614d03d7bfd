//! ListEntitiesForPolicy: who has a managed policy.
//!
//! Source of shapes, codes and messages: IAM API Reference.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation};
use super::catalog::unknown_usage;
use super::paging::{Page, page};
use super::state::{Identity, Kind};
use super::{PATH_PATTERN, account, broken, check_prefix, is_path, no_such_entity};

/// The request of `ListEntitiesForPolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListEntitiesForPolicyRequest {
    pub policy_arn: String,
    /// `User`, `Role` or `Group`: only these; `LocalManagedPolicy` and `AWSManagedPolicy` leave nothing.
    pub entity_filter: Option<String>,
    /// Only who is below this path.
    pub path_prefix: Option<String>,
    /// Only whom the policy permits something (`PermissionsPolicy`), or whom it bounds (`PermissionsBoundary`).
    pub policy_usage_filter: Option<String>,
    /// The marker of the last answer, to go on from.
    pub marker: Option<String>,
    /// At most so many: 1 to 1,000, 100 unless given.
    pub max_items: Option<u32>,
}

/// The response of `ListEntitiesForPolicy`: who has a policy attached.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListEntitiesForPolicyResponse {
    pub policy_groups: Vec<PolicyGroup>,
    pub policy_users: Vec<PolicyUser>,
    pub policy_roles: Vec<PolicyRole>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

/// Writes how a list names a user, role or group.
macro_rules! entity {
    ($name:ident { $called:ident, $id:ident }) => {
        /// What the list says of somebody that a policy is attached to.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $name {
            pub $called: String,
            pub $id: String,
        }

        impl From<&Identity> for $name {
            fn from(who: &Identity) -> Self {
                Self { $called: who.name.clone(), $id: who.unique_id.clone() }
            }
        }
    };
}

entity! {
    PolicyGroup { group_name, group_id }
}
entity! {
    PolicyUser { user_name, user_id }
}
entity! {
    PolicyRole { role_name, role_id }
}

impl ListEntitiesForPolicyRequest {
    /// Tells which kinds the request asks for. Source: the model's `EntityType`.
    fn kinds(&self) -> Result<&'static [Kind], ApiError> {
        Ok(match self.entity_filter.as_deref() {
            None => &[Kind::Group, Kind::User, Kind::Role],
            Some("User") => &[Kind::User],
            Some("Role") => &[Kind::Role],
            Some("Group") => &[Kind::Group],
            Some("LocalManagedPolicy" | "AWSManagedPolicy") => &[],
            Some(other) => {
                let set = "Member must satisfy enum value set: [User, Role, Group, LocalManagedPolicy, AWSManagedPolicy]";
                return Err(broken(other, "entityFilter", set));
            }
        })
    }

    /// Tells whether somebody has the policy in a way that the request asks for.
    fn uses(&self, who: &Identity) -> Result<bool, ApiError> {
        let is_attached = who.attached.contains(&self.policy_arn);
        let bounds = who.boundary.as_ref() == Some(&self.policy_arn);
        Ok(match self.policy_usage_filter.as_deref() {
            None => is_attached || bounds,
            Some("PermissionsPolicy") => is_attached,
            Some("PermissionsBoundary") => bounds,
            Some(other) => return Err(unknown_usage(other)),
        })
    }
}

impl Operation for ListEntitiesForPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:ListEntitiesForPolicy", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListEntitiesForPolicyResponse, ApiError> {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let kinds = self.kinds()?;
        check_prefix(self.path_prefix.as_deref(), PATH_PATTERN, is_path)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        if iam.managed_policy(&self.policy_arn).is_none() {
            return Err(no_such_entity(format!("Policy {} was not found.", self.policy_arn)));
        }
        let mut having: Vec<&Identity> = Vec::new();
        for who in iam.identities().filter(|who| who.account == account && who.path.starts_with(prefix)) {
            if kinds.contains(&who.kind) && self.uses(who)? {
                having.push(who);
            }
        }
        let Page { items, marker } = page(having, |who| who.arn(), self.marker.as_deref(), self.max_items)?;
        let of = |kind: Kind| items.iter().copied().filter(move |who| who.kind == kind);
        Ok(ListEntitiesForPolicyResponse {
            policy_groups: of(Kind::Group).map(PolicyGroup::from).collect(),
            policy_users: of(Kind::User).map(PolicyUser::from).collect(),
            policy_roles: of(Kind::Role).map(PolicyRole::from).collect(),
            is_truncated: marker.is_some(),
            marker,
        })
    }
}
