//! Asking the engine without doing anything: may they?
//!
//! The answer comes from the same function that decides real calls. What a real call would look up by itself, such as
//! the encryption context a service sends, the question has to say.

use std::collections::BTreeMap;

use super::authorize::Permission;
use super::iam::Kind;
use super::{ApiError, CallContext, Caller, DecisionRecord, World};
use crate::policy::Principal;

/// One question.
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
    /// The other circumstances.
    pub context: CallContext,
    /// Grant tokens presented with the request.
    pub grant_tokens: Vec<String>,
}

impl Probe {
    /// A question without special circumstances.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), ..Self::default() }
    }
}

impl World {
    /// Whether `caller` may, with the whole reasoning. Nothing is done and nothing recorded.
    ///
    /// An error says that `caller` is nobody here: deleted, or a session that has ended.
    pub fn probe(&self, caller: &Caller, probe: &Probe) -> Result<DecisionRecord, ApiError> {
        let principal = self.principal(caller)?;
        Ok(self.probe_as(caller, &principal, probe))
    }

    /// Whether a session of a role may that nobody has made, without a session policy.
    pub fn probe_principal(&self, principal: &Principal, probe: &Probe) -> DecisionRecord {
        self.probe_as(&Caller::Anonymous, principal, probe)
    }

    /// Everybody whom a decision could be about: every account's root user, users and roles, and an anonymous caller.
    /// A role stands for a session of it that has no session policy.
    pub fn everybody(&self) -> Vec<Principal> {
        let roots =
            self.iam.accounts().map(|(account, _)| Principal::Root { account: account.as_str().into() });
        let identities = self.iam.identities().filter_map(|identity| match identity.kind {
            Kind::User => Some(Principal::User {
                arn: identity.arn().into(),
                account: identity.account.as_str().into(),
                unique_id: Some(identity.unique_id.as_str().into()),
            }),
            Kind::Role => Some(identity.any_session()),
            Kind::Group => None,
        });
        roots.chain(identities).chain([Principal::Anonymous]).collect()
    }

    fn probe_as(&self, caller: &Caller, principal: &Principal, probe: &Probe) -> DecisionRecord {
        let context = match &probe.via {
            Some(service) => probe.context.forwarded_by(service),
            None => probe.context.clone(),
        };
        let mut permission = Permission::new(probe.action.as_str(), &probe.resource);
        // Source: KMS Developer Guide, "AWS KMS condition keys", kms:EncryptionContext and kms:EncryptionContextKeys.
        for (name, value) in &probe.encryption_context {
            permission = permission.with_key(format!("kms:EncryptionContext:{name}"), value);
        }
        if !probe.encryption_context.is_empty() {
            permission = permission
                .with_keys("kms:EncryptionContextKeys", probe.encryption_context.keys().cloned().collect());
        }
        // Present even where the request does not name it. Source: the same, kms:EncryptionAlgorithm.
        if ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"]
            .contains(&probe.action.as_str())
        {
            permission = permission.with_key("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
        }
        permission.grant_tokens.clone_from(&probe.grant_tokens);
        self.decide(caller, principal, &context, &permission)
    }
}
