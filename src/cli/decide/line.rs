//! The form of one line, before it is understood.

use crate::policy::Context;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One line, its policies still text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) request: RequestLine<'a>,
    #[serde(borrow)]
    pub(super) identity_policies: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) resource_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) permission_boundary: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) scps: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) rcps: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) session_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) vpc_endpoint_policies: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) grants: Vec<GrantLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RequestLine<'a> {
    #[serde(borrow)]
    pub(super) principal: &'a RawValue,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) resource_account: Option<String>,
    #[serde(default)]
    pub(super) context: Context,
}

/// A principal that has no ARN.
#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PrincipalLine {
    Anonymous,
    Service { name: Arc<str> },
}

/// The fields of `CreateGrant`, and the id of a grant that exists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GrantLine {
    pub(super) key_id: Option<String>,
    pub(super) grant_id: Option<Arc<str>>,
    pub(super) name: Option<Arc<str>>,
    pub(super) grantee_principal: Arc<str>,
    pub(super) operations: Vec<String>,
    pub(super) constraints: Option<ConstraintsLine>,
    #[serde(rename = "RetiringPrincipal")]
    pub(super) _retiring_principal: Option<String>,
    #[serde(rename = "GrantTokens")]
    pub(super) _grant_tokens: Option<Vec<String>>,
    #[serde(rename = "DryRun")]
    pub(super) _dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ConstraintsLine {
    pub(super) encryption_context_equals: Option<BTreeMap<Arc<str>, Arc<str>>>,
    pub(super) encryption_context_subset: Option<BTreeMap<Arc<str>, Arc<str>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedPolicy<'a> {
    pub(super) name: Arc<str>,
    #[serde(borrow)]
    pub(super) document: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct OnlyId<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
}
