//! Tags of users and roles, which policies can ask about as `aws:PrincipalTag`.

use std::collections::BTreeMap;

use super::super::permission::Permission;
use super::super::tags::with_request_tags;
use super::super::{ApiError, Invocation};
use super::operation::identity_operations;
use super::state::Kind;
use super::{Empty, account, check_length};
pub use crate::cloud::tags::Tag;

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

/// Sets tags in a map; a name that is there in another case is replaced.
pub(in crate::cloud) fn merge(into: &mut BTreeMap<String, String>, tags: Vec<Tag>) {
    for tag in tags {
        into.retain(|name, _| !name.eq_ignore_ascii_case(&tag.key));
        into.insert(tag.key, tag.value);
    }
}

/// Returns the permissions to create something: with tags, also the one to tag it.
// Source: IAM User Guide, "Tags for AWS Identity and Access Management resources": who creates with tags needs both.
pub(super) fn with_tagging(permission: Permission, action: &str, tags: &[Tag]) -> Vec<Permission> {
    if tags.is_empty() {
        return vec![permission];
    }
    let tagging = with_request_tags(Permission::new(action, &permission.resource), tags);
    vec![with_request_tags(permission, tags), tagging]
}

fn set_tags(
    invocation: &mut Invocation<'_>,
    kind: Kind,
    owner: &str,
    tags: Vec<Tag>,
) -> Result<Empty, ApiError> {
    check_tags(&tags)?;
    let account = account(invocation)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| add(&mut identity.tags, tags))?;
    Ok(Empty {})
}

/// Sets tags beside those that are there.
pub(super) fn add(into: &mut BTreeMap<String, String>, tags: Vec<Tag>) -> Result<(), ApiError> {
    merge(into, tags);
    if into.len() > MOST {
        let text = format!("The number of tags has reached the maximum limit of {MOST}.");
        return Err(ApiError::new("LimitExceeded", text).with_status(409));
    }
    Ok(())
}

/// Removes tags by their names, whatever their case.
pub(super) fn remove(from: &mut BTreeMap<String, String>, keys: &[String]) {
    from.retain(|name, _| !keys.iter().any(|key| key.eq_ignore_ascii_case(name)));
}

fn remove_tags(
    invocation: &mut Invocation<'_>,
    kind: Kind,
    owner: &str,
    keys: &[String],
) -> Result<Empty, ApiError> {
    let account = account(invocation)?;
    invocation.world.iam.edit(&account, kind, owner, |identity| {
        remove(&mut identity.tags, keys);
        Ok(())
    })?;
    Ok(Empty {})
}

identity_operations! {
    [TagUserRequest(User, user_name), TagRoleRequest(Role, role_name)]
    { /** The tags to set; one of a name that is there replaces it. */ tags: Vec<Tag> } -> Empty, read_only: false,
    permission: |permission, r| with_request_tags(permission, &r.tags),
    |invocation, kind, owner| set_tags(invocation, kind, &owner, tags)
}

identity_operations! {
    [UntagUserRequest(User, user_name), UntagRoleRequest(Role, role_name)]
    { /** The names of the tags to remove. */ tag_keys: Vec<String> } -> Empty, read_only: false,
    permission: |permission, r| permission.with_keys("aws:TagKeys", r.tag_keys.clone()),
    |invocation, kind, owner| remove_tags(invocation, kind, &owner, &tag_keys)
}
