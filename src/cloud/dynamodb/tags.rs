//! Tags of tables: `TagResource`, `UntagResource`, `ListTagsOfResource`.
//!
//! Source: DynamoDB Developer Guide, "Adding tags and labels to resources"; messages recorded against DynamoDB by the
//! tests of the emulator dynalite, unless a line says that they are doubtful.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource_arn::{not_found, tagged};
use super::table::Table;
use crate::cloud::iam::Empty;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
pub use crate::cloud::tags::Tag;
use crate::cloud::tags::with_request_tags;
use crate::cloud::{ApiError, Invocation, Operation};

/// The most tags a table may have. Source: DynamoDB Developer Guide, "Tagging restrictions".
const MAX_TAGS: usize = 50;

/// So many tags are in one answer. Source: DynamoDB API Reference, `ListTagsOfResource`.
const PAGE: usize = 10;

fn permission(invocation: &Invocation<'_>, operation: &str, arn: &str) -> Result<Permission, ApiError> {
    Ok(Permission::new(format!("dynamodb:{operation}"), tagged(invocation, arn)?.arn()))
}

fn table(invocation: &Invocation<'_>, arn: &str) -> Result<Table, ApiError> {
    let handle = tagged(invocation, arn)?;
    let table = invocation.world.dynamodb.table(&handle);
    table.map(|table| Table::clone(table)).ok_or_else(|| not_found(arn))
}

/// Whether a text is of the letters of tags: letters, digits and spaces of any script, and these signs.
fn is_legal(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "+-=._:/@".contains(c))
}

/// Checks the name of a tag.
/// Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, DDB-TABLE-107 and DDB-TABLE-372.
fn check_key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() || key.chars().count() > 128 || !is_legal(key) {
        return Err(ApiError::validation(format!("The Tag Key provided is invalid, Key: {key}")));
    }
    Ok(())
}

/// Checks the limits of each tag, and that no name is there twice.
/// Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, DDB-TABLE-107 and DDB-TABLE-372.
pub(super) fn check_tags(tags: &[Tag]) -> Result<(), ApiError> {
    let mut names = BTreeSet::new();
    for Tag { key, value } in tags {
        check_key(key)?;
        if value.chars().count() > 256 || !is_legal(value) {
            return Err(ApiError::validation(format!("The Tag Value provided is invalid, Value: {value}")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::validation(format!("Tag Key cannot be prefixed with aws:, Key: {key}")));
        }
        if !names.insert(key) {
            let text = format!("Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}");
            return Err(ApiError::validation(text));
        }
    }
    Ok(())
}

/// Refuses too many tags on one table, or in one request.
/// Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, DDB-TABLE-107, for the text; DynamoDB
/// Developer Guide, "Tagging restrictions in DynamoDB": 50 tags a resource.
pub(super) fn check_quota(tags: usize) -> Result<(), ApiError> {
    if tags > MAX_TAGS {
        Err(ApiError::validation("Number of Tags exceed the current limit for the provided ResourceArn"))
    } else {
        Ok(())
    }
}

/// The request of `TagResource`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TagResourceRequest {
    pub resource_arn: String,
    /// The tags to set.
    pub tags: Vec<Tag>,
}

impl Operation for TagResourceRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = permission(invocation, Self::NAME, &self.resource_arn)?;
        Ok(vec![with_request_tags(permission, &self.tags)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        if self.tags.is_empty() {
            return Err(ApiError::validation("Atleast one Tag needs to be provided as Input."));
        }
        check_tags(&self.tags)?;
        let mut table = table(invocation, &self.resource_arn)?;
        table.tags.extend(self.tags.into_iter().map(|tag| (tag.key, tag.value)));
        check_quota(table.tags.len())?;
        invocation.world.dynamodb.put_table(table);
        Ok(Empty {})
    }
}

/// The request of `UntagResource`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UntagResourceRequest {
    pub resource_arn: String,
    /// The names of the tags to take away.
    pub tag_keys: Vec<String>,
}

impl Operation for UntagResourceRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let permission = permission(invocation, Self::NAME, &self.resource_arn)?;
        Ok(vec![permission.with_keys("aws:TagKeys", self.tag_keys.clone())])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        if self.tag_keys.is_empty() {
            return Err(ApiError::validation("Atleast one Tag Key needs to be provided as Input."));
        }
        check_quota(self.tag_keys.len())?;
        self.tag_keys.iter().try_for_each(|key| check_key(key))?;
        let mut table = table(invocation, &self.resource_arn)?;
        table.tags.retain(|name, _| !self.tag_keys.contains(name));
        invocation.world.dynamodb.put_table(table);
        Ok(Empty {})
    }
}

/// The request of `ListTagsOfResource`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListTagsOfResourceRequest {
    pub resource_arn: String,
    /// The token of the last answer, to go on from.
    pub next_token: Option<String>,
}

/// The response of `ListTagsOfResource`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsOfResourceResponse {
    pub tags: Vec<Tag>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

impl Operation for ListTagsOfResourceRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![permission(invocation, Self::NAME, &self.resource_arn)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListTagsOfResourceResponse, ApiError> {
        let table = table(invocation, &self.resource_arn)?;
        // The token is the name of the last tag shown.
        let after = self.next_token.unwrap_or_default();
        let mut rest = table.tags.into_iter().filter(|(name, _)| after.is_empty() || *name > after);
        let tags: Vec<Tag> = rest.by_ref().take(PAGE).map(|(key, value)| Tag { key, value }).collect();
        let next_token = rest.next().and(tags.last()).map(|tag| tag.key.clone());
        Ok(ListTagsOfResourceResponse { tags, next_token })
    }
}
