//! The words that every part of the policy language uses: kinds, effects, versions, and texts with their place.

use super::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a policy is attached to, and so which elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PolicyKind {
    /// A user, group or role, inline or managed.
    Identity,
    /// A key, a bucket, a table.
    Resource,
    /// A role, saying who may assume it.
    Trust,
    /// A user or role, as its permissions boundary.
    Boundary,
    /// Passed when a session is made.
    Session,
    /// A service control policy of an organization.
    Scp,
    /// A resource control policy of an organization.
    Rcp,
    Endpoint,
}

/// What a statement does where it applies: `Allow` or `Deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Effect {
    /// The statement allows, unless another denies.
    Allow,
    /// The statement denies, whatever else allows.
    Deny,
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Version {
    /// `2008-10-17`, also where none is written: `${...}` is plain text.
    #[serde(rename = "2008-10-17")]
    V2008,
    /// The version `2012-10-17`, which knows policy variables.
    #[serde(rename = "2012-10-17")]
    V2012,
}

/// A text and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spanned {
    pub text: Arc<str>,
    /// The place in the document, quotes included.
    pub span: Span,
}
