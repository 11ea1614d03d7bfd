//! What a key contributes to a decision: its policy, its grants, its condition keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::crypto::EncryptionContext;
use super::grants::{GrantOperation, SOURCE_KEY, Sought};
use super::key::{Key, KeyHandle};
use super::names::is_key_id;
use super::state::State;
use crate::cloud::permission::{Keys, Permission, Requester, ResourceFacts};
use crate::cloud::{Arn, CallContext, Region, reference};
use crate::policy::{Grant, Named, Principal, ResourceMode, ResourcePolicy, Source, key};

/// The operations that a principal of another account can be allowed at all.
/// Source: KMS Developer Guide, "Allowing users in other accounts to use a KMS key".
pub(super) const CROSS_ACCOUNT: [&str; 22] = [
    "kms:CreateGrant",
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:DescribeKey",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

impl State {
    /// Returns what matters to access to a key or an alias; `None` for anything else.
    pub(in crate::cloud) fn facts(
        &self,
        arn: &Arn,
        permission: &Permission,
        now: Timestamp,
    ) -> Option<ResourceFacts> {
        // An alias has no policy: the caller's own policies decide, and the key is asked about apart.
        // Source: KMS Developer Guide, "Controlling access to aliases".
        let handle = handle_of(arn)?;
        let owner = handle.account.clone();
        let rule = reference().resource_rule(&permission.action, &permission.resource);
        let required = |source: Option<Source>| ResourcePolicy {
            mode: rule.map_or(ResourceMode::Required, |rule| rule.mode),
            source: source
                .map(|source| Source { unseen: rule.and_then(|rule| rule.unseen_keys.clone()), ..source }),
            cross_account: CROSS_ACCOUNT.contains(&permission.action.as_str()),
        };
        let Some(key) = self.key(&handle) else {
            // Nobody is let in to a key that does not exist.
            return Some(ResourceFacts { policy: required(None), ..ResourceFacts::plain(Some(owner)) });
        };
        let covered = || is_granted(&permission.action) && self.grants.knows(&handle);
        let (policy, granted) = match &permission.only_grants {
            Some(grants) => (None, !grants.is_empty()),
            None => (Some(key.policy.source("key policy")), covered()),
        };
        Some(ResourceFacts {
            owner: Some(owner),
            policy: required(policy),
            granted,
            keys: condition_keys(key, now),
        })
    }

    /// Returns the grants on a key that could serve a requester.
    pub(in crate::cloud) fn grants_for(
        &self,
        arn: &Arn,
        permission: &Permission,
        requester: &Requester<'_>,
        now: Timestamp,
        is_case_sensitive: bool,
    ) -> Vec<Grant> {
        if let Some(grants) = &permission.only_grants {
            return grants.clone();
        }
        let Some(handle) = handle_of(arn) else { return Vec::new() };
        let sought = Sought {
            key: &handle,
            principal: requester.principal,
            action: &permission.action,
            tokens: &permission.grant_tokens,
            context: &|| encryption_context(permission, requester.context),
            is_case_sensitive,
            source: source_of(requester),
        };
        self.grants.for_decision(&sought, now)
    }

    /// Returns whom the grants on a key name that cover an action, each once.
    pub(in crate::cloud) fn grantees(
        &self,
        arn: &Arn,
        permission: &Permission,
        now: Timestamp,
    ) -> Vec<Named> {
        let Some(handle) = handle_of(arn).filter(|_| is_granted(&permission.action)) else {
            return Vec::new();
        };
        let covers = |grant: &&Arc<super::grants::Grant>| {
            let is_alive = grant.known_until.is_none_or(|until| now < until);
            is_alive && grant.operations.iter().any(|operation| operation.is_action(&permission.action))
        };
        let named = |grant: &Arc<super::grants::Grant>| (grant.grantee.clone(), grant.named(&grant.grantee));
        let grantees: BTreeMap<_, _> = self.grants.of_key(&handle).filter(covers).map(named).collect();
        grantees.into_values().collect()
    }
}

/// Whether there is a grant operation for an action: there is none for most.
fn is_granted(action: &str) -> bool {
    GrantOperation::ALL.iter().any(|operation| operation.is_action(action))
}

/// Returns the key that an ARN names, whether it is there or not; `None` for any other resource.
fn handle_of(arn: &Arn) -> Option<KeyHandle> {
    let id = arn.resource_after("key/").filter(|id| is_key_id(id))?;
    Some(KeyHandle { account: arn.account_id()?, region: Region::new(arn.region()), id: id.into() })
}

/// Returns the resource that a request is made for, as the condition key says that the engine sees.
fn source_of(requester: &Requester<'_>) -> Option<String> {
    let behalf = requester.context.on_behalf_of.as_ref();
    if let (Principal::Service { .. }, Some(behalf)) = (requester.principal, behalf) {
        return Some(behalf.arn.clone());
    }
    let mut brought = requester.context.keys.iter().filter(|(key, _)| key.eq_ignore_ascii_case(SOURCE_KEY));
    brought.find_map(|(_, values)| values.first().cloned())
}

/// Returns the encryption context behind the condition keys of a request; `None` if they do not tell it
/// exactly: names that differ only in case share a key, and a caller can bring keys of their own.
fn encryption_context(permission: &Permission, context: &CallContext) -> Option<EncryptionContext> {
    const PREFIX: &str = "kms:EncryptionContext:";
    let name = |key: &str| {
        let (start, name) = key.split_at_checked(PREFIX.len())?;
        start.eq_ignore_ascii_case(PREFIX).then(|| name.to_owned())
    };
    if context.keys.iter().any(|(key, _)| name(key).is_some()) {
        return None;
    }
    let mut pairs = EncryptionContext::new();
    for (key, values) in &permission.keys {
        let Some(name) = name(key) else { continue };
        let [value] = &**values else { return None };
        pairs.insert(name, value.to_string());
    }
    Some(pairs)
}

/// Returns the condition keys of a key.
///
/// Source: KMS Developer Guide, "AWS KMS condition keys"; IAM User Guide, `aws:ResourceTag`.
fn condition_keys(key: &Key, now: Timestamp) -> Keys {
    let (tags, aliases) = key.labels(now);
    let is_replicated = key.primary_region.is_some();
    let mut keys: Keys = vec![
        (key!("kms:KeyOrigin"), key.origin.as_str().into()),
        (key!("kms:KeySpec"), key.spec.as_str().into()),
        (key!("kms:KeyUsage"), key.usage.as_str().into()),
        (key!("kms:MultiRegion"), if is_replicated { "true" } else { "false" }.into()),
    ];
    if is_replicated {
        let kind = if key.is_primary() { "PRIMARY" } else { "REPLICA" };
        keys.push((key!("kms:MultiRegionKeyType"), kind.into()));
    }
    if !aliases.is_empty() {
        keys.push((key!("kms:ResourceAliases"), aliases.iter().map(String::as_str).collect()));
    }
    keys.extend(
        tags.iter().map(|(tag, value)| (format!("aws:ResourceTag/{tag}").into(), value.as_str().into())),
    );
    keys
}
