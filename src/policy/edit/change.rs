//! What an edit does.

use schemars::JsonSchema;
use serde::Serialize;

/// What an edit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// A statement is added.
    AddStatement,
    /// A statement is removed.
    RemoveStatement,
    /// A principal is added to a list.
    AddPrincipal,
    /// A principal is removed from a list.
    RemovePrincipal,
    /// An action is added to a list.
    AddAction,
    /// An action is removed from a list.
    RemoveAction,
    /// A resource is added to a list.
    AddResource,
    /// A resource is removed from a list.
    RemoveResource,
    /// A value is added to a condition.
    AddConditionValue,
    /// A value is removed from a condition.
    RemoveConditionValue,
    /// A condition is removed.
    RemoveCondition,
}
