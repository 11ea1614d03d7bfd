//! Names of the documents that the cloud keeps and people edit: policies, items, event patterns.

use serde::{Deserialize, Serialize};

use super::iam::Kind;
use super::organizations::PolicyType;
use super::{AccountId, rulebook};
use crate::policy::{PolicyKind, Profile};

/// A policy, an item or an event pattern of the simulated cloud.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentId {
    /// The policy of a KMS key, by the key's ARN.
    KeyPolicy(String),
    /// An inline policy of a user, role or group.
    Inline(AccountId, Kind, String, String),
    /// A managed policy, by its ARN: attached, or the permissions boundary of somebody. AWS's own can be read only.
    Managed(String),
    /// The trust policy of a role.
    Trust(AccountId, String),
    /// The resource policy of a table, by the table's ARN.
    TablePolicy(String),
    /// A policy of an organization: its type, the management account, the policy's id.
    Control(PolicyType, AccountId, String),
    /// An item, by the table's ARN and the item's key as JSON; without a key one that is still to be written.
    Item(String, String),
    /// The event pattern of a rule, by the rule's ARN.
    EventPattern(String),
}

impl DocumentId {
    /// The kind of policy, which decides what it may contain; `None` for what is no policy.
    pub fn kind(&self) -> Option<PolicyKind> {
        Some(match self {
            Self::KeyPolicy(_) | Self::TablePolicy(_) => PolicyKind::Resource,
            Self::Inline(..) | Self::Managed(_) => PolicyKind::Identity,
            Self::Trust(..) => PolicyKind::Trust,
            Self::Control(kind, ..) => kind.policy_kind(),
            Self::Item(..) | Self::EventPattern(_) => return None,
        })
    }

    /// What the service demands of the policy; `None` for what is no policy.
    pub fn profile(&self) -> Option<&'static Profile> {
        rulebook().profile(match self {
            Self::KeyPolicy(_) => "kms-key",
            Self::Inline(..) => "iam-inline",
            Self::Managed(_) => "iam-managed",
            Self::Trust(..) => "iam-trust",
            Self::TablePolicy(_) => "dynamodb-table",
            Self::Control(PolicyType::ServiceControlPolicy, ..) => "scp",
            Self::Control(PolicyType::ResourceControlPolicy, ..) => "rcp",
            Self::Item(..) | Self::EventPattern(_) => return None,
        })
    }

    /// Tells whether the document is a policy of AWS's own, which nobody can change.
    pub fn is_aws_managed(&self) -> bool {
        matches!(self, Self::Managed(arn) if arn.starts_with("arn:aws:iam::aws:"))
    }

    /// The operation that changes it, as policies write it; `None` if nobody can.
    pub fn action(&self) -> Option<&'static str> {
        if self.is_aws_managed() {
            return None;
        }
        Some(match self {
            Self::KeyPolicy(_) => "kms:PutKeyPolicy",
            Self::Inline(_, Kind::User, ..) => "iam:PutUserPolicy",
            Self::Inline(_, Kind::Role, ..) => "iam:PutRolePolicy",
            Self::Inline(_, Kind::Group, ..) => "iam:PutGroupPolicy",
            Self::Managed(_) => "iam:CreatePolicyVersion",
            Self::Trust(..) => "iam:UpdateAssumeRolePolicy",
            Self::TablePolicy(_) => "dynamodb:PutResourcePolicy",
            Self::Control(..) => "organizations:UpdatePolicy",
            Self::Item(..) => "dynamodb:PutItem",
            Self::EventPattern(_) => "events:PutRule",
        })
    }
}
