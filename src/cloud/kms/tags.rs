//! Tags of keys.
//!
//! Source: KMS API Reference, `TagResource`; KMS Developer Guide, "Tags in AWS KMS".

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Empty;
use super::errors;
use super::input::{Page, check_text, page};
use super::key::Needs;
use super::names::Naming;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::tags::{RequestTag, with_request_tags};
use crate::cloud::{ApiError, Invocation, Operation};

/// The most tags a key may have.
const MAX_TAGS: usize = 50;

/// A tag of a resource: its name and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The name: 1 to 128 characters.
    pub tag_key: String,
    /// The value: at most 256 characters.
    pub tag_value: String,
}

impl RequestTag for Tag {
    fn name(&self) -> &str {
        &self.tag_key
    }

    fn value(&self) -> &str {
        &self.tag_value
    }
}

/// Checks the limits of each tag, and that no name is there twice.
pub(super) fn check_tags(tags: &[Tag]) -> Result<(), ApiError> {
    for (index, tag) in tags.iter().enumerate() {
        check_text(&tag.tag_key, &format!("tags.{}.member.tagKey", index + 1), 1, 128)?;
        check_text(&tag.tag_value, &format!("tags.{}.member.tagValue", index + 1), 0, 256)?;
    }
    let names: BTreeSet<_> = tags.iter().map(|tag| &tag.tag_key).collect();
    if names.len() < tags.len() {
        return Err(errors::bad_tags("Duplicate tag keys"));
    }
    if tags.len() > MAX_TAGS {
        return Err(errors::bad_tags("Too many tags"));
    }
    tags.iter().try_for_each(|tag| check_not_reserved(&tag.tag_key))
}

fn check_not_reserved(name: &str) -> Result<(), ApiError> {
    if name.to_ascii_lowercase().starts_with("aws:") {
        return Err(errors::bad_tags("Tags beginning with aws: are reserved"));
    }
    Ok(())
}

/// Returns tags as a key holds them.
pub(super) fn to_map(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect()
}

/// The request of `TagResource`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagResourceRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// Tags to add, or to give another value.
    pub tags: Vec<Tag>,
}

impl Operation for TagResourceRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_tags(&self.tags)?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![with_request_tags(permission, &self.tags)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        key.require(Needs::NotPendingDeletion)?;
        let mut tags = key.tags.clone();
        tags.extend(to_map(self.tags));
        if tags.len() > MAX_TAGS {
            return Err(errors::bad_tags("Too many tags"));
        }
        invocation.world.note_labels(&key.handle);
        invocation.world.kms.edit_key(&key.handle, |key| key.tags = tags);
        Ok(Empty {})
    }
}

/// The request of `UntagResource`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UntagResourceRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// The names of the tags to take away.
    pub tag_keys: Vec<String>,
}

impl Operation for UntagResourceRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        for (index, name) in self.tag_keys.iter().enumerate() {
            check_text(name, &format!("tagKeys.{}.member", index + 1), 1, 128)?;
            check_not_reserved(name)?;
        }
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        Ok(vec![permission.with_keys("aws:TagKeys", self.tag_keys.clone())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        key.require(Needs::NotPendingDeletion)?;
        invocation.world.note_labels(&key.handle);
        invocation.world.kms.edit_key(&key.handle, |key| {
            key.tags.retain(|name, _| !self.tag_keys.contains(name));
        });
        Ok(Empty {})
    }
}

/// The request of `ListResourceTags`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListResourceTagsRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// The most tags to return, at most 50.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

/// The response of `ListResourceTags`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListResourceTagsResponse {
    /// The tags, by name.
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub page: Page,
}

impl Operation for ListResourceTagsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListResourceTagsResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        let tags = key.tags.iter().map(|(k, v)| Tag { tag_key: k.clone(), tag_value: v.clone() });
        let (tags, page) =
            page(tags, self.limit, self.marker.as_deref(), 50, |tag: &Tag| tag.tag_key.clone())?;
        Ok(ListResourceTagsResponse { tags, page })
    }
}
