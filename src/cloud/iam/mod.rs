//! IAM: users, groups, roles and their policies.
//!
//! Source of shapes, codes and messages: IAM API Reference; IAM User Guide.
//! IAM is global: its calls count as made in us-east-1.
//!
//! | file | what |
//! |---|---|
//! | `state` | what IAM knows: accounts, identities, policies |
//! | `session` | the sessions that STS made |
//! | `credential`, `access_keys` | what requests are signed with, and the operations on it |
//! | `stored_policy`, `binding` | a policy as a service keeps it; the identities it names |
//! | `managed`, `customer_managed` | the policies that AWS and customers manage |
//! | `operation`, `paging` | what most operations share |
//! | `users`, `groups`, `roles`, `lists`, `tags`, `policies`, `policy_tags`, `catalog`, `entities`, `versions`, `details` | operations |
//! | `simulate` | the policy simulator |

mod access_keys;
mod binding;
mod catalog;
mod credential;
mod customer_managed;
mod details;
mod entities;
mod groups;
mod lists;
mod managed;
mod operation;
mod paging;
mod policies;
mod policy_tags;
mod roles;
mod row;
mod session;
mod simulate;
mod state;
mod stored_policy;
mod tags;
mod users;
mod versions;

pub use access_keys::*;
pub use catalog::*;
pub use credential::{AccessKey, Credential, Status, Use};
pub use customer_managed::Versions;
pub use details::*;
pub use entities::*;
pub use groups::*;
pub use lists::*;
pub use managed::{ManagedPolicy, managed_policies, managed_policy};
pub use policies::*;
pub use policy_tags::*;
pub use roles::*;
pub(in crate::cloud) use row::candidates;
pub use session::{Origin, Session, SessionPolicies};
pub use simulate::*;
pub use state::{Identity, Kind, State};
pub(in crate::cloud) use state::{PrincipalFacts, Resolved, unknown_token};
pub use stored_policy::StoredPolicy;
pub(in crate::cloud) use stored_policy::{refused, rules};
pub use tags::*;
pub use users::*;
pub use versions::*;

use super::error::check_range;
use super::operation::service;
use super::service::{self, ErrorStyle};
use super::world::Service;
use super::{ApiError, Arn, Invocation};

service! {
    "iam", differs: [
        "In the lab and at the console a user's name is the credential; on the wire (`kmslab serve`) it is an access key. Passwords \
         and MFA devices are not simulated.",
        "Changes are in force at once.",
        "Of an AWS managed policy only the default version is known.",
    ];
    /// Creates a user of the account.
    CreateUser(CreateUserRequest) -> CreateUserResponse {
        records: ["Path", "UserName", "PermissionsBoundary", "Tags"]
    };
    /// Describes a user of the account.
    GetUser(GetUserRequest) -> GetUserResponse {
        records: ["UserName"]
    };
    /// Deletes a user that has nothing attached any more.
    DeleteUser(DeleteUserRequest) -> Empty {
        records: ["UserName"]
    };
    /// Lists the account's users.
    ListUsers(ListUsersRequest) -> ListUsersResponse {
        records: ["PathPrefix", "Marker", "MaxItems"]
    };
    /// Writes an inline policy of a user.
    PutUserPolicy(PutUserPolicyRequest) -> Empty {
        records: ["UserName", "PolicyName", "PolicyDocument"]
    };
    /// Reads an inline policy of a user.
    GetUserPolicy(GetUserPolicyRequest) -> GetUserPolicyResponse {
        records: ["UserName", "PolicyName"]
        differs: [
            "The document is answered as it is, not URL-encoded, as the AWS CLI shows it.",
        ]
    };
    /// Deletes an inline policy of a user.
    DeleteUserPolicy(DeleteUserPolicyRequest) -> Empty {
        records: ["UserName", "PolicyName"]
    };
    /// Names the inline policies of a user.
    ListUserPolicies(ListUserPoliciesRequest) -> ListPolicyNamesResponse {
        records: ["UserName", "Marker", "MaxItems"]
    };
    /// Attaches a managed policy to a user.
    AttachUserPolicy(AttachUserPolicyRequest) -> Empty {
        records: ["UserName", "PolicyArn"]
    };
    /// Detaches a managed policy from a user.
    DetachUserPolicy(DetachUserPolicyRequest) -> Empty {
        records: ["UserName", "PolicyArn"]
    };
    /// Lists the managed policies attached to a user.
    ListAttachedUserPolicies(ListAttachedUserPoliciesRequest) -> ListAttachedPoliciesResponse {
        records: ["UserName", "PathPrefix", "Marker", "MaxItems"]
    };
    /// Sets the permissions boundary of a user.
    PutUserPermissionsBoundary(PutUserPermissionsBoundaryRequest) -> Empty {
        records: ["UserName", "PermissionsBoundary"]
    };
    /// Removes the permissions boundary of a user.
    DeleteUserPermissionsBoundary(DeleteUserPermissionsBoundaryRequest) -> Empty {
        records: ["UserName"]
    };
    /// Sets tags of a user.
    TagUser(TagUserRequest) -> Empty {
        records: ["UserName", "Tags"]
    };
    /// Removes tags of a user.
    UntagUser(UntagUserRequest) -> Empty {
        records: ["UserName", "TagKeys"]
    };
    /// Sets tags of a role.
    TagRole(TagRoleRequest) -> Empty {
        records: ["RoleName", "Tags"]
    };
    /// Removes tags of a role.
    UntagRole(UntagRoleRequest) -> Empty {
        records: ["RoleName", "TagKeys"]
    };
    /// Creates a group of users.
    CreateGroup(CreateGroupRequest) -> CreateGroupResponse {
        records: ["Path", "GroupName"]
    };
    /// Deletes a group that has neither members nor policies any more.
    DeleteGroup(DeleteGroupRequest) -> Empty {
        records: ["GroupName"]
    };
    /// Puts a user into a group.
    AddUserToGroup(AddUserToGroupRequest) -> Empty {
        records: ["GroupName", "UserName"]
    };
    /// Takes a user out of a group.
    RemoveUserFromGroup(RemoveUserFromGroupRequest) -> Empty {
        records: ["GroupName", "UserName"]
    };
    /// Lists the groups a user is in.
    ListGroupsForUser(ListGroupsForUserRequest) -> ListGroupsResponse {
        records: ["UserName", "Marker", "MaxItems"]
    };
    /// Writes an inline policy of a group.
    PutGroupPolicy(PutGroupPolicyRequest) -> Empty {
        records: ["GroupName", "PolicyName", "PolicyDocument"]
    };
    /// Reads an inline policy of a group.
    GetGroupPolicy(GetGroupPolicyRequest) -> GetGroupPolicyResponse {
        records: ["GroupName", "PolicyName"]
        differs: [
            "The document is answered as it is, not URL-encoded, as the AWS CLI shows it.",
        ]
    };
    /// Deletes an inline policy of a group.
    DeleteGroupPolicy(DeleteGroupPolicyRequest) -> Empty {
        records: ["GroupName", "PolicyName"]
    };
    /// Attaches a managed policy to a group.
    AttachGroupPolicy(AttachGroupPolicyRequest) -> Empty {
        records: ["GroupName", "PolicyArn"]
    };
    /// Detaches a managed policy from a group.
    DetachGroupPolicy(DetachGroupPolicyRequest) -> Empty {
        records: ["GroupName", "PolicyArn"]
    };
    /// Creates a role with its trust policy.
    CreateRole(CreateRoleRequest) -> CreateRoleResponse {
        records: ["Path", "RoleName", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"]
        refuses: ["MaxSigninSessionDuration"]
    };
    /// Describes a role with its trust policy.
    GetRole(GetRoleRequest) -> GetRoleResponse {
        records: ["RoleName"]
        differs: [
            "`RoleLastUsed` is always empty.",
            "The document is answered as it is, not URL-encoded, as the AWS CLI shows it.",
        ]
    };
    /// Deletes a role that has nothing attached any more.
    DeleteRole(DeleteRoleRequest) -> Empty {
        records: ["RoleName"]
    };
    /// Replaces a role's trust policy.
    UpdateAssumeRolePolicy(UpdateAssumeRolePolicyRequest) -> Empty {
        records: ["RoleName", "PolicyDocument"]
    };
    /// Writes an inline policy of a role.
    PutRolePolicy(PutRolePolicyRequest) -> Empty {
        records: ["RoleName", "PolicyName", "PolicyDocument"]
    };
    /// Reads an inline policy of a role.
    GetRolePolicy(GetRolePolicyRequest) -> GetRolePolicyResponse {
        records: ["RoleName", "PolicyName"]
        differs: [
            "The document is answered as it is, not URL-encoded, as the AWS CLI shows it.",
        ]
    };
    /// Deletes an inline policy of a role.
    DeleteRolePolicy(DeleteRolePolicyRequest) -> Empty {
        records: ["RoleName", "PolicyName"]
    };
    /// Attaches a managed policy to a role.
    AttachRolePolicy(AttachRolePolicyRequest) -> Empty {
        records: ["RoleName", "PolicyArn"]
    };
    /// Detaches a managed policy from a role.
    DetachRolePolicy(DetachRolePolicyRequest) -> Empty {
        records: ["RoleName", "PolicyArn"]
    };
    /// Names the inline policies of a group.
    ListGroupPolicies(ListGroupPoliciesRequest) -> ListPolicyNamesResponse {
        records: ["GroupName", "Marker", "MaxItems"]
    };
    /// Names the inline policies of a role.
    ListRolePolicies(ListRolePoliciesRequest) -> ListPolicyNamesResponse {
        records: ["RoleName", "Marker", "MaxItems"]
    };
    /// Lists the managed policies attached to a group.
    ListAttachedGroupPolicies(ListAttachedGroupPoliciesRequest) -> ListAttachedPoliciesResponse {
        records: ["GroupName", "PathPrefix", "Marker", "MaxItems"]
    };
    /// Lists the managed policies attached to a role.
    ListAttachedRolePolicies(ListAttachedRolePoliciesRequest) -> ListAttachedPoliciesResponse {
        records: ["RoleName", "PathPrefix", "Marker", "MaxItems"]
    };
    /// Sets the permissions boundary of a role.
    PutRolePermissionsBoundary(PutRolePermissionsBoundaryRequest) -> Empty {
        records: ["RoleName", "PermissionsBoundary"]
    };
    /// Removes the permissions boundary of a role.
    DeleteRolePermissionsBoundary(DeleteRolePermissionsBoundaryRequest) -> Empty {
        records: ["RoleName"]
    };
    /// Lists the account's roles.
    ListRoles(ListRolesRequest) -> ListRolesResponse {
        records: ["PathPrefix", "Marker", "MaxItems"]
    };
    /// Lists the account's groups.
    ListGroups(ListGroupsRequest) -> ListAllGroupsResponse {
        records: ["PathPrefix", "Marker", "MaxItems"]
    };
    /// Describes a group and names its members.
    GetGroup(GetGroupRequest) -> GetGroupResponse {
        records: ["GroupName", "Marker", "MaxItems"]
    };
    /// Lists the tags of a user.
    ListUserTags(ListUserTagsRequest) -> ListTagsResponse {
        records: ["UserName", "Marker", "MaxItems"]
    };
    /// Lists the tags of a role.
    ListRoleTags(ListRoleTagsRequest) -> ListTagsResponse {
        records: ["RoleName", "Marker", "MaxItems"]
    };
    /// Describes a managed policy, AWS's or a customer's.
    GetPolicy(GetPolicyRequest) -> GetPolicyResponse {
        records: ["PolicyArn"]
        differs: [
            "Of AWS's policies `PolicyId` and `Description` are left out.",
        ]
    };
    /// Creates an access key of a user, or of the caller.
    CreateAccessKey(CreateAccessKeyRequest) -> CreateAccessKeyResponse {
        records: ["UserName"]
        differs: [
            "In the lab and at the console nobody needs the key; it signs requests on the wire (`kmslab serve`).",
        ]
    };
    /// Lists the access keys of a user, or of the caller, without their secrets.
    ListAccessKeys(ListAccessKeysRequest) -> ListAccessKeysResponse {
        records: ["UserName", "Marker", "MaxItems"]
    };
    /// Switches an access key off, or on again.
    UpdateAccessKey(UpdateAccessKeyRequest) -> Empty {
        records: ["UserName", "AccessKeyId", "Status"]
    };
    /// Deletes an access key.
    DeleteAccessKey(DeleteAccessKeyRequest) -> Empty {
        records: ["UserName", "AccessKeyId"]
    };
    /// Deletes a customer managed policy that nobody has any more.
    DeletePolicy(DeletePolicyRequest) -> Empty {
        records: ["PolicyArn"]
    };
    /// Lists managed policies: the account's own, AWS's, or both.
    ListPolicies(ListPoliciesRequest) -> ListPoliciesResponse {
        records: ["Scope", "OnlyAttached", "PathPrefix", "PolicyUsageFilter", "Marker", "MaxItems"]
        differs: [
            "`PolicyId` of AWS's policies is left out. The account's policies come by ARN, then those of AWS by name.",
        ]
    };
    /// Lists the users, roles and groups that a managed policy is attached to.
    ListEntitiesForPolicy(ListEntitiesForPolicyRequest) -> ListEntitiesForPolicyResponse {
        records: ["PolicyArn", "EntityFilter", "PathPrefix", "PolicyUsageFilter", "Marker", "MaxItems"]
    };
    /// Creates a customer managed policy.
    CreatePolicy(CreatePolicyRequest) -> CreatePolicyResponse {
        records: ["PolicyName", "Path", "PolicyDocument", "Description", "Tags"]
    };
    /// Adds a version to a customer managed policy.
    CreatePolicyVersion(CreatePolicyVersionRequest) -> PolicyVersionResponse {
        records: ["PolicyArn", "PolicyDocument", "SetAsDefault"]
    };
    /// Deletes a version that is not in force.
    DeletePolicyVersion(DeletePolicyVersionRequest) -> Empty {
        records: ["PolicyArn", "VersionId"]
    };
    /// Puts a version into force.
    SetDefaultPolicyVersion(SetDefaultPolicyVersionRequest) -> Empty {
        records: ["PolicyArn", "VersionId"]
    };
    /// Reads a version of a customer managed policy.
    GetPolicyVersion(GetPolicyVersionRequest) -> PolicyVersionResponse {
        records: ["PolicyArn", "VersionId"]
    };
    /// Sets tags of a customer managed policy.
    TagPolicy(TagPolicyRequest) -> Empty {
        records: ["PolicyArn", "Tags"]
    };
    /// Removes tags of a customer managed policy.
    UntagPolicy(UntagPolicyRequest) -> Empty {
        records: ["PolicyArn", "TagKeys"]
    };
    /// Lists the tags of a customer managed policy.
    ListPolicyTags(ListPolicyTagsRequest) -> ListTagsResponse {
        records: ["PolicyArn", "Marker", "MaxItems"]
    };
    /// Tells when and for what an access key was last used.
    GetAccessKeyLastUsed(GetAccessKeyLastUsedRequest) -> GetAccessKeyLastUsedResponse {
        records: ["AccessKeyId"]
        differs: [
            "In the lab and at the console no keys are used. On the wire the last use is known at once; AWS says so late. It is forgotten \
             when a server ends, `--state` or not.",
        ]
    };
    /// Lists the instance profiles of a role.
    ListInstanceProfilesForRole(ListInstanceProfilesForRoleRequest) -> ListInstanceProfilesForRoleResponse {
        records: ["RoleName", "Marker", "MaxItems"]
        differs: [
            "Instance profiles are not simulated: there are none.",
        ]
    };
    /// Lists the users, groups, roles and policies of the account with all that permits something.
    GetAccountAuthorizationDetails(GetAccountAuthorizationDetailsRequest) -> GetAccountAuthorizationDetailsResponse {
        records: ["Filter", "Marker", "MaxItems"]
        differs: [
            "`RoleLastUsed` is always empty.",
            "Documents are answered as they are, not URL-encoded, as the AWS CLI shows them.",
        ]
    };
    /// Says what the policies of a user, group or role, and others with them, would permit.
    SimulatePrincipalPolicy(SimulatePrincipalPolicyRequest) -> SimulatePolicyResponse {
        records: [
            "PolicySourceArn", "PolicyInputList", "PermissionsBoundaryPolicyInputList", "ActionNames", "ResourceArns", "ResourcePolicy",
            "ResourceOwner", "CallerArn", "ContextEntries", "Marker", "MaxItems",
        ]
        refuses: ["PolicyExclusionList", "ResourceHandlingOption"]
        differs: [
            "`ResourceSpecificResults` is left out: each resource has a result of its own.",
            "Key policies and other policies of resources are not looked up, as on AWS: `GET /_kmslab/explain` says what they did.",
        ]
    };
    /// Says what policies would permit, nobody's in particular.
    SimulateCustomPolicy(SimulateCustomPolicyRequest) -> SimulatePolicyResponse {
        records: [
            "PolicyInputList", "PermissionsBoundaryPolicyInputList", "ActionNames", "ResourceArns", "ResourcePolicy", "ResourceOwner",
            "CallerArn", "ContextEntries", "Marker", "MaxItems",
        ]
        refuses: ["OrderedOrganizationPolicyInputList", "ResourceHandlingOption"]
        differs: [
            "`ResourceSpecificResults` is left out: each resource has a result of its own.",
        ]
    };
    /// Lists the versions of a customer managed policy.
    ListPolicyVersions(ListPolicyVersionsRequest) -> ListPolicyVersionsResponse {
        records: ["PolicyArn", "Marker", "MaxItems"]
    };
}

/// IAM in the table of services.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    own_events: &[],
    errors: ErrorStyle::Query,
    facts: |world, arn, permission| Some(world.iam.facts(arn, permission)),
    grants: service::no_grants,
    grantees: service::no_grantees,
    key_question: service::no_key_question,
    fails: row::fails,
    authorization_ids: Some("us-east-1"),
    refusal: row::refusal,
    record_type: service::no_record_type,
    settle: service::nothing_falls_due,
    response_elements: service::elements_as_they_are,
    takes: row::takes,
    assumed_keys: service::no_assumed_keys,
    caller_keys: service::no_caller_keys,
    forwards: service::no_forward,
    candidates,
    subjects: service::no_subjects,
    documents: row::documents,
    // Users and roles are callers: a scenario looks them up among these.
    named: service::nothing_is_named,
    short: row::short,
    field: service::no_fields,
};

/// The response of an operation that answers nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Empty {}

/// Returns the ARN of a user, role, group or customer managed policy: `arn:aws:iam::ACCOUNT:kind/path/name`.
pub(in crate::cloud) fn arn(account: &super::AccountId, kind: &str, path: &str, name: &str) -> String {
    Arn::text(PREFIX, "", account.as_str(), &[kind, path, name])
}

/// Returns the ARN of the root user of an account.
pub(in crate::cloud) fn root_arn(account: &super::AccountId) -> String {
    Arn::text(PREFIX, "", account.as_str(), &["root"])
}

fn no_such(kind: Kind, name: &str) -> ApiError {
    no_such_entity(format!("The {} with name {name} cannot be found.", kind.word()))
}

fn no_such_entity(message: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", message).with_status(404)
}

fn already_exists(message: impl Into<String>) -> ApiError {
    ApiError::new("EntityAlreadyExists", message).with_status(409)
}

fn delete_conflict(message: impl Into<String>) -> ApiError {
    ApiError::new("DeleteConflict", message).with_status(409)
}

/// Returns the error of IAM and STS for one value that breaks a constraint of their models.
pub(in crate::cloud) fn broken(value: &str, member: &str, constraint: impl std::fmt::Display) -> ApiError {
    as_validation_error(ApiError::constraint(Some(value), member, constraint))
}

/// Checks how many characters a text has.
pub(in crate::cloud) fn check_length(
    text: &str,
    member: &str,
    least: usize,
    most: usize,
) -> Result<(), ApiError> {
    check_range("length", text.chars().count(), Some(text), member, least, most).map_err(as_validation_error)
}

/// Checks that a number is in a range.
pub(in crate::cloud) fn check_number(
    value: u32,
    member: &str,
    least: u32,
    most: u32,
) -> Result<(), ApiError> {
    check_range("value", value, Some(&value.to_string()), member, least, most).map_err(as_validation_error)
}

/// Makes a constraint's error one of IAM and STS.
fn as_validation_error(error: ApiError) -> ApiError {
    ApiError { code: "ValidationError".into(), ..error }
}

/// Checks a name: 1 to `most` of `[\w+=,.@-]`. Source: IAM API Reference, `userNameType`.
fn check_name(name: &str, member: &str, most: usize) -> Result<(), ApiError> {
    check_length(name, member, 1, most)?;
    check_letters(name, member, '+')
}

/// Checks that a name is of `[\w+=,.@-]`; `often` is how the model's pattern ends, `+` or `*`.
pub(in crate::cloud) fn check_letters(name: &str, member: &str, often: char) -> Result<(), ApiError> {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Ok(());
    }
    let pattern = format!("Member must satisfy regular expression pattern: [\\w+=,.@-]{often}");
    Err(broken(name, member, pattern))
}

/// Checks a path: `/`, or slashes around printable ASCII. Source: IAM API Reference, `pathType`.
fn check_path(path: &str) -> Result<(), ApiError> {
    check_length(path, "path", 1, 512)?;
    if is_path(path) {
        return Ok(());
    }
    Err(broken(path, "path", format_args!("Member must satisfy regular expression pattern: {PATH_PATTERN}")))
}

/// The pattern of a path. Source: IAM API Reference, `pathType`.
const PATH_PATTERN: &str = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)";

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.ends_with('/') && path.bytes().all(|b| (0x21..=0x7e).contains(&b))
}

/// Checks the path that a list is narrowed to.
fn check_prefix(prefix: Option<&str>, pattern: &str, is_one: impl Fn(&str) -> bool) -> Result<(), ApiError> {
    let Some(prefix) = prefix else { return Ok(()) };
    check_length(prefix, "pathPrefix", 1, 512)?;
    if is_one(prefix) {
        return Ok(());
    }
    Err(broken(
        prefix,
        "pathPrefix",
        format_args!("Member must satisfy regular expression pattern: {pattern}"),
    ))
}

/// Returns the account of the call. IAM has no Region.
fn account(invocation: &Invocation<'_>) -> Result<super::AccountId, ApiError> {
    invocation.account()
}
