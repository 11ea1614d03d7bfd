//! Organizations: accounts in a tree, and the policies that limit what their members may do or have done to them.
//!
//! Source of shapes, codes and rules: AWS Organizations API Reference; AWS Organizations User Guide, "Service control
//! policies (SCPs)" and "Resource control policies (RCPs)".
//!
//! Simplified: an invited account joins at once, as if its owner had accepted.

mod state;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::iam::{Empty, StoredPolicy};
use super::operation::{Wire, service};
use super::permission::Permission;
use super::service::{self, ErrorStyle};
use super::world::Service;
use super::{AccountId, ApiError, Invocation, Operation};
use super::{DocumentId, World, authorize};
use state::error;
pub use state::{Organization, PolicyType, State};

service! {
    "organizations", differs: [
        "Service control policies and resource control policies only.",
    ];
    /// Makes the caller's account the management account of a new organization.
    CreateOrganization(CreateOrganizationRequest) -> OrganizationResponse {
        records: ["FeatureSet"]
        differs: [
            "`ALL` is the only feature set.",
        ]
    };
    /// Describes the caller's organization.
    DescribeOrganization(DescribeOrganizationRequest) -> OrganizationResponse {
        records: []
    };
    /// Names the root of the tree.
    ListRoots(ListRootsRequest) -> ListRootsResponse {
        records: []
        refuses: ["NextToken", "MaxResults"]
    };
    /// Switches one kind of policy on: `FullAWSAccess` is attached everywhere.
    EnablePolicyType(EnablePolicyTypeRequest) -> Empty {
        records: ["RootId", "PolicyType"]
    };
    /// Adds a unit to the tree.
    CreateOrganizationalUnit(CreateOrganizationalUnitRequest) -> CreateOrganizationalUnitResponse {
        records: ["ParentId", "Name"]
        refuses: ["Tags"]
    };
    /// Takes an account into the organization.
    InviteAccountToOrganization(InviteAccountToOrganizationRequest) -> Empty {
        records: ["Target"]
        refuses: ["Notes", "Tags"]
        differs: [
            "The account joins at once, as if its owner had accepted. The answer is empty.",
            "A `Target` of the type `ACCOUNT` only.",
        ]
    };
    /// Moves an account to another place in the tree.
    MoveAccount(MoveAccountRequest) -> Empty {
        records: ["AccountId", "SourceParentId", "DestinationParentId"]
    };
    /// Writes a policy of the organization.
    CreatePolicy(CreatePolicyRequest) -> CreatePolicyResponse {
        records: ["Content", "Description", "Name", "Type"]
        refuses: ["Tags"]
    };
    /// Changes a policy's name or text.
    UpdatePolicy(UpdatePolicyRequest) -> CreatePolicyResponse {
        records: ["PolicyId", "Name", "Content"]
        refuses: ["Description"]
    };
    /// Puts a policy into force at the root, a unit or an account.
    AttachPolicy(AttachPolicyRequest) -> Empty {
        records: ["PolicyId", "TargetId"]
    };
    /// Takes a policy out of force.
    DetachPolicy(DetachPolicyRequest) -> Empty {
        records: ["PolicyId", "TargetId"]
    };
}

/// Organizations in the table of services.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    errors: ErrorStyle::Json,
    facts: service::no_facts,
    grants: service::no_grants,
    grantees: service::no_grantees,
    key_question: service::no_key_question,
    authorization_ids: None,
    refusal: authorize::refusal,
    record_type: service::no_record_type,
    settle: service::nothing_falls_due,
    response_elements: service::elements_as_they_are,
    assumed_keys: service::no_assumed_keys,
    forwards: service::no_forward,
    candidates: service::no_candidates,
    subjects: service::no_subjects,
    documents,
};

/// The policies of all organizations.
fn documents(world: &World) -> Vec<DocumentId> {
    let of = |organization: &Organization| {
        let id = |id: &str, kind| DocumentId::Control(kind, organization.management.clone(), id.to_owned());
        organization.policies().map(|(policy, kind, _)| id(policy, kind)).collect::<Vec<_>>()
    };
    world.organizations.all().flat_map(of).collect()
}

/// The request of `CreateOrganization`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateOrganizationRequest {
    /// `ALL`, the only set that is simulated.
    pub feature_set: Option<String>,
}

/// The response of `CreateOrganization` and `DescribeOrganization`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationResponse {
    pub organization: Description,
}

/// An organization as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Description {
    /// `o-` and ten characters.
    pub id: String,
    pub arn: String,
    /// Always `ALL`, the one feature set here.
    pub feature_set: &'static str,
    pub master_account_id: String,
}

impl From<&Organization> for Description {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.clone(),
            arn: organization.arn(),
            feature_set: "ALL",
            master_account_id: organization.management.to_string(),
        }
    }
}

fn permission(action: &str) -> Vec<Permission> {
    vec![Permission::new(format!("organizations:{action}"), "*")]
}

/// Checks how many characters a text has. Source: Organizations API Reference, InvalidInputException,
/// MIN_LENGTH_EXCEEDED and MAX_LENGTH_EXCEEDED.
fn check_length(text: &str, least: usize, most: usize) -> Result<(), ApiError> {
    if (least..=most).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(error("InvalidInputException", "You specified an invalid value."))
}

fn not_in_use() -> ApiError {
    error("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

/// Changes the organization that the caller's account manages.
fn edit<T>(
    invocation: &mut Invocation<'_>,
    change: impl FnOnce(&mut Organization) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let account = invocation.account()?;
    let state = &mut invocation.world.organizations;
    let organization = state.of(&account).ok_or_else(not_in_use)?;
    if organization.management != account {
        return Err(error("AccessDeniedException", "You don't have permissions to access this resource."));
    }
    let mut organization = organization.clone();
    let done = change(&mut organization)?;
    state.put(organization);
    Ok(done)
}

impl Operation for CreateOrganizationRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<OrganizationResponse, ApiError> {
        let account = invocation.account()?;
        if invocation.world.organizations.of(&account).is_some() {
            let text = "The AWS account is already a member of an organization.";
            return Err(error("AlreadyInOrganizationException", text));
        }
        if self.feature_set.is_some_and(|set| set != "ALL") {
            return Err(error("InvalidInputException", "You specified an invalid value."));
        }
        let id = invocation.world.short_id("o-", 10);
        let root = invocation.world.short_id("r-", 4);
        let organization = Organization::new(id, root, account);
        let description = Description::from(&organization);
        invocation.world.organizations.put(organization);
        Ok(OrganizationResponse { organization: description })
    }
}

/// The request of `DescribeOrganization`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeOrganizationRequest {}

impl Operation for DescribeOrganizationRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<OrganizationResponse, ApiError> {
        let account = invocation.account()?;
        let organization = invocation.world.organizations.of(&account).ok_or_else(not_in_use)?;
        Ok(OrganizationResponse { organization: organization.into() })
    }
}

/// The request of `ListRoots`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRootsRequest {}

/// The response of `ListRoots`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRootsResponse {
    pub roots: Vec<Root>,
}

/// The root of an organization's tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Root {
    /// `r-` and four characters.
    pub id: String,
    pub name: &'static str,
}

impl Operation for ListRootsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListRootsResponse, ApiError> {
        let account = invocation.account()?;
        let organization = invocation.world.organizations.of(&account).ok_or_else(not_in_use)?;
        Ok(ListRootsResponse { roots: vec![Root { id: organization.root.clone(), name: "Root" }] })
    }
}

/// The request of `EnablePolicyType`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EnablePolicyTypeRequest {
    pub root_id: String,
    pub policy_type: PolicyType,
}

impl Operation for EnablePolicyTypeRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        edit(invocation, |organization| {
            if self.root_id != organization.root {
                return Err(error("RootNotFoundException", "You specified a root that doesn't exist."));
            }
            organization.enable(self.policy_type)
        })?;
        Ok(Empty {})
    }
}

/// The request of `CreateOrganizationalUnit`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateOrganizationalUnitRequest {
    /// The root or the unit it hangs on.
    pub parent_id: String,
    pub name: String,
}

/// The response of `CreateOrganizationalUnit`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateOrganizationalUnitResponse {
    pub organizational_unit: OrganizationalUnit,
}

/// A unit as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationalUnit {
    /// `ou-` and its place.
    pub id: String,
    pub name: String,
}

impl Operation for CreateOrganizationalUnitRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateOrganizationalUnitResponse, ApiError> {
        check_length(&self.name, 1, 128)?;
        let tail = invocation.world.short_id("", 8);
        let organizational_unit = edit(invocation, |organization| {
            let id = format!("ou-{}-{tail}", organization.root.trim_start_matches("r-"));
            organization.add_unit(&self.parent_id, id.clone())?;
            Ok(OrganizationalUnit { id, name: self.name })
        })?;
        Ok(CreateOrganizationalUnitResponse { organizational_unit })
    }
}

/// The request of `InviteAccountToOrganization`. The account joins at once, below the root.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InviteAccountToOrganizationRequest {
    pub target: HandshakeParty,
}

/// The account that an invitation goes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct HandshakeParty {
    pub id: AccountId,
    /// Must be `ACCOUNT`: no other kind is simulated.
    #[serde(rename = "Type")]
    pub kind: String,
}

impl Operation for InviteAccountToOrganizationRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        if self.target.kind != "ACCOUNT"
            || !invocation.world.iam().accounts().any(|(a, _)| *a == self.target.id)
        {
            return Err(error("InvalidInputException", "You specified an invalid value."));
        }
        if invocation.world.organizations.of(&self.target.id).is_some() {
            let text = "The account is already a member of an organization.";
            return Err(error("HandshakeConstraintViolationException", text));
        }
        edit(invocation, |organization| {
            organization.add_account(self.target.id);
            Ok(())
        })?;
        Ok(Empty {})
    }
}

/// The request of `MoveAccount`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MoveAccountRequest {
    pub account_id: AccountId,
    pub source_parent_id: String,
    pub destination_parent_id: String,
}

impl Operation for MoveAccountRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        edit(invocation, |organization| {
            organization.move_account(&self.account_id, &self.source_parent_id, &self.destination_parent_id)
        })?;
        Ok(Empty {})
    }
}

/// The request of `CreatePolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreatePolicyRequest {
    pub name: String,
    /// Free text; may be empty.
    pub description: String,
    #[serde(rename = "Type")]
    pub kind: PolicyType,
    pub content: String,
}

/// The response of `CreatePolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyResponse {
    pub policy: PolicyDescription,
}

/// A policy as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDescription {
    /// `p-` and eight characters.
    pub id: String,
    pub arn: String,
    pub name: String,
}

impl Operation for CreatePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreatePolicyResponse, ApiError> {
        check_length(&self.name, 1, 128)?;
        check_length(&self.description, 0, 512)?;
        let policy = StoredPolicy::accept(&self.content, self.kind.profile())?;
        let id = invocation.world.short_id("p-", 8);
        let arn = edit(invocation, |organization| {
            organization.add_policy(id.clone(), &self.name, self.kind, &policy)
        })?;
        Ok(CreatePolicyResponse { policy: PolicyDescription { id, arn, name: self.name } })
    }
}

/// The request of `UpdatePolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdatePolicyRequest {
    pub policy_id: String,
    pub name: Option<String>,
    pub content: Option<String>,
}

impl Operation for UpdatePolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreatePolicyResponse, ApiError> {
        if let Some(name) = &self.name {
            check_length(name, 1, 128)?;
        }
        let id = self.policy_id.clone();
        let (arn, name) = edit(invocation, |organization| {
            let (kind, managed) = organization.policy_type(&id)?;
            if managed {
                // Source: Organizations API Reference, UpdatePolicy, InvalidInputException, IMMUTABLE_POLICY.
                let text = "You specified a policy that is managed by AWS and can't be modified.";
                return Err(error("InvalidInputException", text));
            }
            let policy = self
                .content
                .as_deref()
                .map(|content| StoredPolicy::accept(content, kind.profile()))
                .transpose()?;
            organization.update_policy(&id, self.name.as_deref(), policy.as_ref())
        })?;
        Ok(CreatePolicyResponse { policy: PolicyDescription { id, arn, name } })
    }
}

/// The request of `AttachPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttachPolicyRequest {
    pub policy_id: String,
    /// The root, a unit or an account.
    pub target_id: String,
}

impl Operation for AttachPolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        edit(invocation, |organization| organization.attach(&self.policy_id, &self.target_id))?;
        Ok(Empty {})
    }
}

/// The request of `DetachPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DetachPolicyRequest {
    pub policy_id: String,
    /// The root, a unit or an account.
    pub target_id: String,
}

impl Operation for DetachPolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(permission(Self::NAME))
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        edit(invocation, |organization| organization.detach(&self.policy_id, &self.target_id))?;
        Ok(Empty {})
    }
}
