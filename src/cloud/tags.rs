//! Tags in requests, as the services take them.

use serde::{Deserialize, Serialize};

use super::permission::Permission;

/// A tag of a request. KMS alone calls its parts otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The name: 1 to 128 characters.
    pub key: String,
    /// The value: up to 256 characters.
    pub value: String,
}

/// A tag, however its service calls its parts.
pub(in crate::cloud) trait RequestTag {
    /// Returns the tag's name.
    fn name(&self) -> &str;

    /// Returns the tag's value.
    fn value(&self) -> &str;
}

impl RequestTag for Tag {
    fn name(&self) -> &str {
        &self.key
    }

    fn value(&self) -> &str {
        &self.value
    }
}

/// Adds the condition keys of a request that passes tags.
///
/// Source: IAM User Guide, `aws:RequestTag`, `aws:TagKeys`.
pub(in crate::cloud) fn with_request_tags(permission: Permission, tags: &[impl RequestTag]) -> Permission {
    if tags.is_empty() {
        return permission;
    }
    let permission = permission.with_keys("aws:TagKeys", tags.iter().map(RequestTag::name));
    tags.iter().fold(permission, |permission, tag| {
        permission.with_key(format!("aws:RequestTag/{}", tag.name()), tag.value())
    })
}
