//! Organizations: accounts in a tree, and the policies that limit what their members may do or have done to them.
//!
//! Source of shapes, codes and rules: AWS Organizations API Reference; AWS Organizations User Guide, "Service control
//! policies (SCPs)" and "Resource control policies (RCPs)".
//!
//! Simplified: an invited account joins at once, as if its owner had accepted.
//!
//! | file | what |
//! |---|---|
//! | `state`, `read` | what Organizations knows: changing it, and looking at it |
//! | `organization` | operations on the organization and its root |
//! | `tree`, `accounts` | units, what hangs on what; the member accounts |
//! | `policies`, `attachments` | policies; what they are attached to |
//! | `paging` | lists that come in pages |

mod accounts;
mod attachments;
mod organization;
mod paging;
mod policies;
mod read;
mod state;
mod tree;

pub use accounts::*;
pub use attachments::*;
pub use organization::*;
pub use policies::*;
pub use state::{Organization, PolicyType, State};
pub use tree::*;

use super::iam::Empty;
use super::operation::service;
use super::permission::Permission;
use super::service::{self, ErrorStyle};
use super::world::Service;
use super::{ApiError, DocumentId, Invocation, World, authorize};
use state::error;

service! {
    "organizations", differs: [
        "Service control policies and resource control policies only.",
        "Accounts have no e-mail addresses.",
        "No account is a delegated administrator: the management account alone reads and changes the organization.",
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
        records: ["NextToken", "MaxResults"]
    };
    /// Switches one kind of policy on: `FullAWSAccess` is attached everywhere.
    EnablePolicyType(EnablePolicyTypeRequest) -> RootResponse {
        records: ["RootId", "PolicyType"]
    };
    /// Adds a unit to the tree.
    CreateOrganizationalUnit(CreateOrganizationalUnitRequest) -> OrganizationalUnitResponse {
        records: ["ParentId", "Name"]
        refuses: ["Tags"]
    };
    /// Describes a unit of the tree.
    DescribeOrganizationalUnit(DescribeOrganizationalUnitRequest) -> OrganizationalUnitResponse {
        records: ["OrganizationalUnitId"]
    };
    /// Lists the units right below the root or a unit.
    ListOrganizationalUnitsForParent(ListOrganizationalUnitsForParentRequest) -> ListOrganizationalUnitsForParentResponse {
        records: ["ParentId", "NextToken", "MaxResults"]
    };
    /// Names what a unit or an account hangs on.
    ListParents(ListParentsRequest) -> ListParentsResponse {
        records: ["ChildId", "NextToken", "MaxResults"]
    };
    /// Names the units or the accounts right below the root or a unit.
    ListChildren(ListChildrenRequest) -> ListChildrenResponse {
        records: ["ParentId", "ChildType", "NextToken", "MaxResults"]
    };
    /// Lists the accounts of the organization.
    ListAccounts(ListAccountsRequest) -> ListAccountsResponse {
        records: ["NextToken", "MaxResults"]
    };
    /// Lists the accounts right below the root or a unit.
    ListAccountsForParent(ListAccountsForParentRequest) -> ListAccountsResponse {
        records: ["ParentId", "NextToken", "MaxResults"]
    };
    /// Describes an account of the organization.
    DescribeAccount(DescribeAccountRequest) -> DescribeAccountResponse {
        records: ["AccountId"]
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
    CreatePolicy(CreatePolicyRequest) -> PolicyResponse {
        records: ["Content", "Description", "Name", "Type"]
        refuses: ["Tags"]
    };
    /// Changes a policy's name, description or text.
    UpdatePolicy(UpdatePolicyRequest) -> PolicyResponse {
        records: ["PolicyId", "Name", "Description", "Content"]
    };
    /// Describes a policy, with its text.
    DescribePolicy(DescribePolicyRequest) -> PolicyResponse {
        records: ["PolicyId"]
    };
    /// Deletes a policy that is attached to nothing.
    DeletePolicy(DeletePolicyRequest) -> Empty {
        records: ["PolicyId"]
    };
    /// Lists the policies of one type, AWS's own included.
    ListPolicies(ListPoliciesRequest) -> ListPoliciesResponse {
        records: ["Filter", "NextToken", "MaxResults"]
    };
    /// Lists the policies of one type that are attached to the root, a unit or an account itself.
    ListPoliciesForTarget(ListPoliciesForTargetRequest) -> ListPoliciesResponse {
        records: ["TargetId", "Filter", "NextToken", "MaxResults"]
    };
    /// Lists what a policy is attached to.
    ListTargetsForPolicy(ListTargetsForPolicyRequest) -> ListTargetsForPolicyResponse {
        records: ["PolicyId", "NextToken", "MaxResults"]
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
    own_events: &[],
    errors: ErrorStyle::Json,
    facts: service::no_facts,
    grants: service::no_grants,
    grantees: service::no_grantees,
    key_question: service::no_key_question,
    fails: service::nothing_fails,
    authorization_ids: None,
    refusal: authorize::refusal,
    record_type: service::no_record_type,
    settle: service::nothing_falls_due,
    response_elements: service::elements_as_they_are,
    takes: service::any_caller,
    assumed_keys: service::no_assumed_keys,
    caller_keys: service::no_caller_keys,
    forwards: service::no_forward,
    candidates: service::no_candidates,
    subjects: service::no_subjects,
    documents,
    named: service::nothing_is_named,
    short: service::no_short,
    field: service::no_fields,
};

/// The policies of all organizations.
fn documents(world: &World) -> Vec<DocumentId> {
    let of = |organization: &Organization| {
        let id = |id: &str, kind| DocumentId::Control(kind, organization.management.clone(), id.to_owned());
        organization.policies().map(|(policy, kind, _)| id(policy, kind)).collect::<Vec<_>>()
    };
    world.organizations.all().flat_map(of).collect()
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

/// Returns the organization that the caller's account is a member of.
fn joined<'a>(invocation: &'a Invocation<'_>) -> Result<&'a Organization, ApiError> {
    let found = invocation.world.organizations.of(&invocation.account()?);
    found.ok_or_else(|| {
        error("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    })
}

/// Returns the organization that the caller's account manages.
// Source: Organizations API Reference: all but DescribeOrganization "only from the management account or a member
// account that is a delegated administrator"
fn managed<'a>(invocation: &'a Invocation<'_>) -> Result<&'a Organization, ApiError> {
    let (organization, account) = (joined(invocation)?, invocation.account()?);
    if organization.management != account {
        return Err(error("AccessDeniedException", "You don't have permissions to access this resource."));
    }
    Ok(organization)
}

/// Changes the organization that the caller's account manages.
fn edit<T>(
    invocation: &mut Invocation<'_>,
    change: impl FnOnce(&mut Organization) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let mut organization = managed(invocation)?.clone();
    let done = change(&mut organization)?;
    invocation.world.organizations.put(organization);
    Ok(done)
}

/// Declares an operation that needs one permission and no check before it.
macro_rules! plain {
    ($request:ty => $response:ty, read_only: $read_only:literal, |$this:ident, $invocation:ident| $body:expr) => {
        impl crate::cloud::Operation for $request {
            const READ_ONLY: bool = $read_only;

            fn authorization(
                &self,
                _: &crate::cloud::Invocation<'_>,
            ) -> Result<Vec<crate::cloud::permission::Permission>, crate::cloud::ApiError> {
                Ok(super::permission(<Self as crate::cloud::Wire>::NAME))
            }

            fn execute(
                self,
                $invocation: &mut crate::cloud::Invocation<'_>,
            ) -> Result<$response, crate::cloud::ApiError> {
                let $this = self;
                $body
            }
        }
    };
}
use plain;
