//! GetAccountAuthorizationDetails: all users, groups, roles and policies of an account in one list.
//!
//! Source of shapes: IAM API Reference, GetAccountAuthorizationDetails and its data types.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Invocation, Operation, epoch};
use super::catalog::{DescribedPolicy, described_in};
use super::paging::{Page, page};
use super::policies::AttachedPolicy;
use super::roles::RoleLastUsed;
use super::state::{Identity, Kind, State};
use super::tags::Tag;
use super::users::{AttachedBoundary, listed_tags};
use super::versions::{PolicyVersion, all_versions};
use super::{account, broken};

/// The request of `GetAccountAuthorizationDetails`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetAccountAuthorizationDetailsRequest {
    /// What is listed: `User`, `Role`, `Group`, `LocalManagedPolicy`, `AWSManagedPolicy`; everything unless given, of AWS's policies
    /// those that somebody has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<String>,
    /// The marker of the last answer, to go on from.
    pub marker: Option<String>,
    /// At most so many of all kinds: 1 to 1,000, 100 unless given.
    pub max_items: Option<u32>,
}

/// The response of `GetAccountAuthorizationDetails`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccountAuthorizationDetailsResponse {
    pub user_detail_list: Vec<UserDetail>,
    pub group_detail_list: Vec<GroupDetail>,
    pub role_detail_list: Vec<RoleDetail>,
    pub policies: Vec<ManagedPolicyDetail>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

/// An inline policy with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDetail {
    pub policy_name: String,
    pub policy_document: String,
}

fn inline(owner: &Identity) -> Vec<PolicyDetail> {
    let detail = |(name, policy): (&String, &super::StoredPolicy)| PolicyDetail {
        policy_name: name.clone(),
        policy_document: policy.text().to_string(),
    };
    owner.inline.iter().map(detail).collect()
}

fn attached(owner: &Identity) -> Vec<AttachedPolicy> {
    owner.attached.iter().map(|arn| AttachedPolicy::of(arn)).collect()
}

/// A user with everything that permits something.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserDetail {
    /// `/` or a path.
    pub path: String,
    pub user_name: String,
    /// The unique id, `AIDA..`.
    pub user_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    /// The inline policies, by name.
    pub user_policy_list: Vec<PolicyDetail>,
    /// The names of the user's groups.
    pub group_list: Vec<String>,
    pub attached_managed_policies: Vec<AttachedPolicy>,
    pub permissions_boundary: Option<AttachedBoundary>,
    pub tags: Vec<Tag>,
}

/// A group with everything that permits something.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupDetail {
    /// `/` or a path.
    pub path: String,
    pub group_name: String,
    /// The unique id, `AGPA..`.
    pub group_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    /// The inline policies, by name.
    pub group_policy_list: Vec<PolicyDetail>,
    pub attached_managed_policies: Vec<AttachedPolicy>,
}

/// A role with everything that permits something.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoleDetail {
    /// `/` or a path.
    pub path: String,
    pub role_name: String,
    /// The unique id, `AROA..`.
    pub role_id: String,
    pub arn: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
    pub assume_role_policy_document: String,
    /// Always empty: instance profiles are not simulated.
    pub instance_profile_list: [(); 0],
    /// The inline policies, by name.
    pub role_policy_list: Vec<PolicyDetail>,
    pub attached_managed_policies: Vec<AttachedPolicy>,
    pub permissions_boundary: Option<AttachedBoundary>,
    pub tags: Vec<Tag>,
    pub role_last_used: RoleLastUsed,
}

/// A managed policy with its versions.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManagedPolicyDetail {
    #[serde(flatten)]
    pub policy: DescribedPolicy,
    /// The versions with their texts, the newest first.
    pub policy_version_list: Vec<PolicyVersion>,
}

/// Something that the list can hold.
enum Entry<'a> {
    Identity(&'a Identity),
    Policy(String),
}

impl Entry<'_> {
    fn arn(&self) -> String {
        match self {
            Entry::Identity(who) => who.arn(),
            Entry::Policy(arn) => arn.clone(),
        }
    }
}

impl From<&Identity> for UserDetail {
    fn from(user: &Identity) -> Self {
        Self {
            path: user.path.clone(),
            user_name: user.name.clone(),
            user_id: user.unique_id.clone(),
            arn: user.arn(),
            create_date: user.created,
            user_policy_list: inline(user),
            group_list: user.groups.iter().cloned().collect(),
            attached_managed_policies: attached(user),
            permissions_boundary: AttachedBoundary::of(user),
            tags: listed_tags(&user.tags).unwrap_or_default(),
        }
    }
}

impl From<&Identity> for GroupDetail {
    fn from(group: &Identity) -> Self {
        Self {
            path: group.path.clone(),
            group_name: group.name.clone(),
            group_id: group.unique_id.clone(),
            arn: group.arn(),
            create_date: group.created,
            group_policy_list: inline(group),
            attached_managed_policies: attached(group),
        }
    }
}

impl From<&Identity> for RoleDetail {
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
            instance_profile_list: [],
            role_policy_list: inline(role),
            attached_managed_policies: attached(role),
            permissions_boundary: AttachedBoundary::of(role),
            tags: listed_tags(&role.tags).unwrap_or_default(),
            role_last_used: RoleLastUsed {},
        }
    }
}

impl GetAccountAuthorizationDetailsRequest {
    fn asks_for(&self, kind: &str) -> bool {
        self.filter.is_empty() || self.filter.iter().any(|wanted| wanted == kind)
    }

    /// Checks the filter. Source: the model's `EntityType`.
    fn check(&self) -> Result<(), ApiError> {
        const KINDS: [&str; 5] = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];
        match self.filter.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
            None => Ok(()),
            Some(other) => {
                let set = format!("Member must satisfy enum value set: [{}]", KINDS.join(", "));
                Err(broken(other, "filter.1.member", set))
            }
        }
    }

    /// Lists all that the request asks for, in a fixed order.
    fn entries<'a>(&self, iam: &'a State, account: &super::super::AccountId) -> Vec<Entry<'a>> {
        let own: Vec<&Identity> = iam.identities().filter(|who| who.account == *account).collect();
        let mut entries = Vec::new();
        for (name, kind) in [("User", Kind::User), ("Group", Kind::Group), ("Role", Kind::Role)] {
            if self.asks_for(name) {
                entries.extend(own.iter().copied().filter(|who| who.kind == kind).map(Entry::Identity));
            }
        }
        if self.asks_for("LocalManagedPolicy") {
            let prefix = super::arn(account, "policy", "/", "");
            let local = iam.customer_policies().filter(|arn| arn.starts_with(&prefix));
            entries.extend(local.map(|arn| Entry::Policy(arn.to_owned())));
        }
        if self.asks_for("AWSManagedPolicy") {
            // Doubtful: AWS answers the policies of AWS that are in use; whether a boundary is a use. One form is known.
            // Source: IAM API Reference, GetAccountAuthorizationDetails, which is silent.
            let used = own.iter().flat_map(|who| who.attached.iter().chain(&who.boundary));
            let mut used: Vec<&String> = used.filter(|arn| arn.starts_with("arn:aws:iam::aws:")).collect();
            used.sort();
            used.dedup();
            entries.extend(used.into_iter().cloned().map(Entry::Policy));
        }
        entries
    }
}

impl Operation for GetAccountAuthorizationDetailsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.check()?;
        // Source: Service Authorization Reference, GetAccountAuthorizationDetails, which names no resource type
        Ok(vec![Permission::new("iam:GetAccountAuthorizationDetails", "*")])
    }

    fn execute(
        self,
        invocation: &mut Invocation<'_>,
    ) -> Result<GetAccountAuthorizationDetailsResponse, ApiError> {
        let account = account(invocation)?;
        let iam = &invocation.world.iam;
        let entries = self.entries(iam, &account);
        let Page { items, marker } = page(entries, Entry::arn, self.marker.as_deref(), self.max_items)?;
        let mut answer = GetAccountAuthorizationDetailsResponse {
            user_detail_list: Vec::new(),
            group_detail_list: Vec::new(),
            role_detail_list: Vec::new(),
            policies: Vec::new(),
            is_truncated: marker.is_some(),
            marker,
        };
        for entry in items {
            match entry {
                Entry::Identity(who) => match who.kind {
                    Kind::User => answer.user_detail_list.push(who.into()),
                    Kind::Group => answer.group_detail_list.push(who.into()),
                    Kind::Role => answer.role_detail_list.push(who.into()),
                },
                Entry::Policy(arn) => answer.policies.extend(managed(iam, &account, &arn)),
            }
        }
        Ok(answer)
    }
}

fn managed(iam: &State, account: &super::super::AccountId, arn: &str) -> Option<ManagedPolicyDetail> {
    let policy = described_in(iam, account, arn)?;
    Some(ManagedPolicyDetail { policy, policy_version_list: all_versions(iam, arn) })
}
