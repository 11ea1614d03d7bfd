//! What access is decided on: one permission, what its resource brings along, and the decision that comes of both.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::{AccountId, CallContext};
use crate::policy::{
    self, ConditionKey, Decision, Explanation, Grant, Policies, Principal, Request, ResourceMode,
    ResourcePolicy, Source, Values,
};

/// Condition keys with their values.
pub(in crate::cloud) type Keys = Vec<(ConditionKey, Values)>;

/// One permission that an operation needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// The ARN of what it acts on, or `*`.
    pub resource: Arc<str>,
    /// Condition keys that only the operation knows, such as `kms:EncryptionContext:AppName`.
    pub keys: Vec<(ConditionKey, Values)>,
    /// Grants that decide in place of the resource's own, whose policy then only denies. For retiring a grant.
    pub only_grants: Option<Vec<Grant>>,
    /// Grant tokens presented with the request.
    pub grant_tokens: Vec<String>,
    /// How a refusal names the resource.
    pub wording: Wording,
}

/// How the message of a refusal names the resource.
/// Source: AWS KMS error messages as returned by Decrypt with and without `KeyId`, and for keys of other accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// `on resource: <ARN>`.
    Arn,
    /// `on the resource associated with this ciphertext`: the request named no key.
    Ciphertext,
}

impl Permission {
    /// Permission for `action` on `resource`.
    pub fn new(action: impl Into<String>, resource: impl std::fmt::Display) -> Self {
        Self {
            action: action.into(),
            resource: resource.to_string().into(),
            keys: Vec::new(),
            only_grants: None,
            grant_tokens: Vec::new(),
            wording: Wording::Arn,
        }
    }

    /// With one more condition key of one value.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<ConditionKey>, value: impl AsRef<str>) -> Self {
        self.keys.push((key.into(), value.as_ref().into()));
        self
    }

    /// With one more condition key of any number of values.
    #[must_use]
    pub fn with_keys<V: Into<Arc<str>>>(
        mut self,
        key: impl Into<ConditionKey>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.keys.push((key.into(), values.into_iter().collect()));
        self
    }

    /// The prefix of the service whose action it is.
    pub fn service(&self) -> &str {
        self.action.split(':').next().unwrap_or_default()
    }
}

/// A question to the engine that needs no request: may somebody do this?
///
/// What a real call would look up by itself, such as the encryption context a service sends, the question has to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probe {
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// The ARN of what it is done to, or `*`.
    pub resource: String,
    /// The service that asks in the caller's name, such as `dynamodb.amazonaws.com`.
    pub via: Option<String>,
    /// The encryption context of a cryptographic operation.
    pub encryption_context: BTreeMap<String, String>,
    /// The circumstances that have no field of their own.
    pub context: CallContext,
    /// Grant tokens presented with the request.
    pub grant_tokens: Vec<String>,
    /// Condition keys in place of what the request would have.
    pub stated: BTreeMap<String, Vec<String>>,
}

impl Probe {
    /// A question without special circumstances.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), ..Self::default() }
    }
}

/// Who wants a permission, and under which circumstances.
pub(in crate::cloud) struct Requester<'a> {
    pub principal: &'a Principal,
    pub context: &'a CallContext,
}

/// What the cloud knows of a resource that matters to access, whoever asks.
pub(in crate::cloud) struct ResourceFacts {
    /// Who owns it; `None` if it does not belong to an account.
    pub owner: Option<AccountId>,
    /// The resource's policy and how much it weighs.
    pub policy: ResourcePolicy,
    /// Whether there are grants on it, where a grant can cover the action. Which of them could serve somebody is asked apart.
    pub granted: bool,
    /// Condition keys it supplies, such as `aws:ResourceTag/team`.
    pub keys: Keys,
}

impl ResourceFacts {
    /// A resource with neither policy nor grants.
    pub fn plain(owner: Option<AccountId>) -> Self {
        Self {
            owner,
            policy: ResourcePolicy { mode: ResourceMode::None, source: None, cross_account: true },
            granted: false,
            keys: Vec::new(),
        }
    }
}

/// What a caller brings to every decision about them.
#[derive(Clone, Debug)]
pub(in crate::cloud) struct CallerSide {
    pub principal: Principal,
    pub policies: Vec<Source>,
    pub boundary: Option<Vec<Source>>,
    pub session: Option<Vec<Source>>,
    pub scps: Option<Vec<Vec<Source>>>,
    pub keys: Keys,
}

/// What a resource brings to every decision about an action on it, grants aside.
#[derive(Clone, Debug)]
pub(in crate::cloud) struct ResourceSide {
    /// Who owns it; `None` if it does not belong to an account.
    pub owner: Option<AccountId>,
    pub policy: ResourcePolicy,
    pub rcps: Option<Vec<Vec<Source>>>,
    pub keys: Keys,
    /// Whether there are grants on it.
    pub granted: bool,
}

/// A decision with everything it was made from, so that it can be explained at any later time.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionRecord {
    /// Who asked for what, with all condition keys.
    pub request: Arc<Request>,
    /// All policies that applied.
    #[serde(skip)]
    pub policies: Arc<Policies>,
    /// The decision with its reasons.
    pub decision: Decision,
    /// The service that asked in the caller's name, if one did.
    pub invoked_by: Option<Arc<str>>,
}

impl DecisionRecord {
    /// The whole reasoning: every layer and statement in order.
    pub fn explain(&self) -> Explanation {
        policy::explain(&self.request, &self.policies)
    }
}
