//! The policies a learner can open: which there are, what they say now, and the call that would change one.

use serde::{Deserialize, Serialize};

use crate::cloud::iam::{self, Identity, Kind, StoredPolicy};
use crate::cloud::kms::{self, Key, KeyHandle};
use crate::cloud::{AccountId, ApiError, Call, World};
use crate::policy::PolicyKind;

/// A policy of the simulated cloud.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentId {
    /// The policy of a KMS key, by the key's ARN.
    KeyPolicy(String),
    /// An inline policy of a user, role or group.
    Inline(AccountId, Kind, String, String),
    /// A managed policy, by its ARN. AWS's own can be read, not changed.
    Managed(String),
}

impl DocumentId {
    /// What kind of policy it is, which decides what it may contain.
    pub fn kind(&self) -> PolicyKind {
        match self {
            Self::KeyPolicy(_) => PolicyKind::Resource,
            Self::Inline(..) | Self::Managed(_) => PolicyKind::Identity,
        }
    }

    /// What it is, in a few words: `Key policy`, `Inline policy of user tess`.
    pub fn title(&self) -> String {
        match self {
            Self::KeyPolicy(_) => "Key policy".to_owned(),
            Self::Inline(_, kind, owner, _) => format!("Inline policy of {} {owner}", kind.word()),
            Self::Managed(_) => "Managed policy".to_owned(),
        }
    }

    /// Which one it is: the key's alias or id, the policy's name.
    pub fn name(&self, world: &World) -> String {
        match self {
            Self::KeyPolicy(arn) => key_label(world, arn),
            Self::Inline(_, _, _, name) => name.clone(),
            Self::Managed(arn) => arn.rsplit('/').next().unwrap_or(arn).to_owned(),
        }
    }

    /// Whether anybody can change it at all.
    pub fn is_editable(&self) -> bool {
        !matches!(self, Self::Managed(_))
    }

    /// What it says now; `None` if it does not exist (yet).
    pub fn text(&self, world: &World) -> Option<String> {
        match self {
            Self::KeyPolicy(arn) => key(world, arn).map(|key| kms::shown_policy(world, key)),
            Self::Inline(account, kind, owner, name) => {
                let identity = world.iam().identity(account, *kind, owner)?;
                identity.inline.get(name).map(|policy| policy.text().to_string())
            }
            Self::Managed(arn) => world.iam().managed_policy(arn).map(|policy| policy.text().to_string()),
        }
    }

    /// The policy as it is evaluated; `None` if it does not exist (yet).
    pub(super) fn stored(&self, world: &World) -> Option<StoredPolicy> {
        match self {
            Self::KeyPolicy(arn) => key(world, arn).map(|key| key.policy.clone()),
            Self::Inline(account, kind, owner, name) => {
                world.iam().identity(account, *kind, owner)?.inline.get(name).cloned()
            }
            Self::Managed(arn) => world.iam().managed_policy(arn).map(|policy| StoredPolicy::clone(&policy)),
        }
    }

    /// What a document that does not exist yet starts as: a harmless statement about the first key.
    pub(super) fn template(world: &World) -> String {
        let key = world.kms().keys().next().map_or_else(|| "*".to_owned(), |key| key.arn());
        let statement = serde_json::json!({"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": key});
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
        format!("{policy:#}")
    }

    /// The world as it would be if the document read `text`.
    pub fn what_if(&self, world: &World, text: &str) -> Result<World, ApiError> {
        match self {
            Self::KeyPolicy(arn) => match handle(arn) {
                Some(handle) => world.with_key_policy(&handle, text),
                None => Ok(world.clone()),
            },
            Self::Inline(account, kind, owner, name) => {
                world.with_inline_policy(account, *kind, owner, name, text)
            }
            Self::Managed(_) => Ok(world.clone()),
        }
    }

    /// The call that makes the document read `text`; `None` if nobody can change it.
    pub fn put(&self, text: &str) -> Option<Call> {
        let policy_document = text.to_owned();
        match self {
            Self::KeyPolicy(arn) => Some(Call::new(kms::PutKeyPolicyRequest {
                key_id: arn.clone(),
                policy_name: None,
                policy: policy_document,
                bypass_policy_lockout_safety_check: None,
            })),
            Self::Inline(_, Kind::User, owner, name) => Some(Call::new(iam::PutUserPolicyRequest {
                user_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            })),
            Self::Inline(_, Kind::Role, owner, name) => Some(Call::new(iam::PutRolePolicyRequest {
                role_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            })),
            Self::Inline(_, Kind::Group, owner, name) => Some(Call::new(iam::PutGroupPolicyRequest {
                group_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            })),
            Self::Managed(_) => None,
        }
    }

    /// The call that takes the document away; `None` if that is impossible.
    pub fn delete(&self) -> Option<Call> {
        match self {
            Self::Inline(_, Kind::User, owner, name) => Some(Call::new(iam::DeleteUserPolicyRequest {
                user_name: owner.clone(),
                policy_name: name.clone(),
            })),
            Self::Inline(_, Kind::Role, owner, name) => Some(Call::new(iam::DeleteRolePolicyRequest {
                role_name: owner.clone(),
                policy_name: name.clone(),
            })),
            Self::Inline(_, Kind::Group, owner, name) => Some(Call::new(iam::DeleteGroupPolicyRequest {
                group_name: owner.clone(),
                policy_name: name.clone(),
            })),
            Self::KeyPolicy(_) | Self::Managed(_) => None,
        }
    }
}

/// A name that no inline policy of `identity` has yet.
pub(super) fn new_name(identity: &Identity) -> String {
    let mut number = 1;
    loop {
        let name = format!("inline-{number}");
        if !identity.inline.contains_key(&name) {
            return name;
        }
        number += 1;
    }
}

/// How people call a key: its first alias, else the start of its id.
pub fn key_label(world: &World, arn: &str) -> String {
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let alias = key(world, arn).and_then(|key| key.aliases.first().cloned());
    alias.unwrap_or_else(|| id.chars().take(8).collect())
}

fn handle(arn: &str) -> Option<KeyHandle> {
    KeyHandle::of(&arn.parse().ok()?)
}

fn key<'w>(world: &'w World, arn: &str) -> Option<&'w Key> {
    world.kms().key(&handle(arn)?).map(AsRef::as_ref)
}
