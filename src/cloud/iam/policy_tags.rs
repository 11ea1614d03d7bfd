//! Tags of customer managed policies.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::tags::with_request_tags;
use super::super::{ApiError, Invocation, Operation};
use super::Empty;
use super::lists::ListTagsResponse;
use super::paging::{Page, page};
use super::tags::{Tag, add, check_tags, remove};
use super::users::listed_tags;
use super::versions::{edit, editable};

/// The request of `TagPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagPolicyRequest {
    pub policy_arn: String,
    /// The tags to set; one of a name that is there replaces it.
    pub tags: Vec<Tag>,
}

impl Operation for TagPolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = Permission::new("iam:TagPolicy", &self.policy_arn);
        Ok(vec![with_request_tags(permission, &self.tags)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        check_tags(&self.tags)?;
        edit(invocation, &self.policy_arn, |policy| add(&mut policy.tags, self.tags))?;
        Ok(Empty {})
    }
}

/// The request of `UntagPolicy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UntagPolicyRequest {
    pub policy_arn: String,
    /// The names of the tags to remove.
    pub tag_keys: Vec<String>,
}

impl Operation for UntagPolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = Permission::new("iam:UntagPolicy", &self.policy_arn);
        Ok(vec![permission.with_keys("aws:TagKeys", self.tag_keys.clone())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        edit(invocation, &self.policy_arn, |policy| {
            remove(&mut policy.tags, &self.tag_keys);
            Ok(())
        })?;
        Ok(Empty {})
    }
}

/// The request of `ListPolicyTags`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListPolicyTagsRequest {
    pub policy_arn: String,
    /// The marker of the last answer, to go on from.
    pub marker: Option<String>,
    /// At most so many: 1 to 1,000, 100 unless given.
    pub max_items: Option<u32>,
}

impl Operation for ListPolicyTagsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:ListPolicyTags", &self.policy_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListTagsResponse, ApiError> {
        let tags = listed_tags(&editable(invocation, &self.policy_arn)?.tags).unwrap_or_default();
        let Page { items, marker } =
            page(tags, |tag| tag.key.clone(), self.marker.as_deref(), self.max_items)?;
        Ok(ListTagsResponse { tags: items, is_truncated: marker.is_some(), marker })
    }
}
