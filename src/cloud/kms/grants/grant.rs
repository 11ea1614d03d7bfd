//! One grant: a permission on one key for one principal, and what it asks of a request.
//!
//! Source: KMS Developer Guide, "Grants in AWS KMS".

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::crypto::{EncryptionContext, aws_words};
use super::super::key::KeyHandle;
use crate::cloud::AccountId;
use crate::policy::{self, KeyConstraint, MapConstraint, Named};

/// The most grants a key may have. Source: KMS Developer Guide, "Resource quotas".
pub const MAX_GRANTS: usize = 50_000;

aws_words! {
    /// The operations that a grant may allow.
    GrantOperation {
        Decrypt = "Decrypt",
        Encrypt = "Encrypt",
        GenerateDataKey = "GenerateDataKey",
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// `ReEncrypt`, as the source.
        ReEncryptFrom = "ReEncryptFrom",
        /// `ReEncrypt`, as the destination.
        ReEncryptTo = "ReEncryptTo",
        Sign = "Sign",
        Verify = "Verify",
        GetPublicKey = "GetPublicKey",
        /// `CreateGrant`, of no more than the grant itself allows.
        CreateGrant = "CreateGrant",
        /// `RetireGrant`, of the grant itself.
        RetireGrant = "RetireGrant",
        DescribeKey = "DescribeKey",
        GenerateDataKeyPair = "GenerateDataKeyPair",
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        GenerateMac = "GenerateMac",
        VerifyMac = "VerifyMac",
        DeriveSharedSecret = "DeriveSharedSecret",
        Encapsulate = "Encapsulate",
        Decapsulate = "Decapsulate",
    }
}

/// The constraints on the requests that a grant serves. At most one of the two on the encryption context is set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GrantConstraints {
    /// The context holds at least these pairs.
    pub encryption_context_subset: Option<EncryptionContext>,
    /// The context holds exactly these pairs.
    pub encryption_context_equals: Option<EncryptionContext>,
    /// The resource, by ARN, that the request is made for.
    pub source_arn: Option<String>,
}

impl GrantConstraints {
    /// Tells whether nothing is constrained.
    pub fn is_empty(&self) -> bool {
        self.pairs().is_none() && self.source_arn.is_none()
    }

    /// Returns the pairs of the context, and whether others are forbidden; `None` if the context is not constrained.
    pub fn pairs(&self) -> Option<(&EncryptionContext, bool)> {
        self.encryption_context_equals
            .as_ref()
            .map(|pairs| (pairs, true))
            .or_else(|| self.encryption_context_subset.as_ref().map(|pairs| (pairs, false)))
    }

    /// Tells whether every request that these constraints let through passes `parent`, too.
    pub fn at_least_as_strict_as(&self, parent: &Self, is_case_sensitive: bool) -> bool {
        if parent.source_arn.is_some() && self.source_arn != parent.source_arn {
            return false;
        }
        let Some((wanted, exact)) = parent.pairs() else { return true };
        let Some((pairs, own_exact)) = self.pairs() else { return false };
        let holds = |one, other| includes(one, other, is_case_sensitive);
        holds(pairs, wanted) && (!exact || (own_exact && holds(wanted, pairs)))
    }
}

/// Tells whether an encryption context includes the pairs of another, as constraints compare them.
///
/// Doubtful: the API reference says that the case of a name in a constraint does not matter; the developer guide calls the
/// match between a constraint and an encryption context case-sensitive as a whole. Names are compared as the API reference has
/// it, unless a world says otherwise. It also does not say whether letters beyond ASCII have a case; here they have none.
// Source: KMS API Reference, GrantConstraints; KMS Developer Guide, "create-grant-overview" (grant constraints)
// Switch: `case_sensitive_constraints`
fn includes(context: &EncryptionContext, pairs: &EncryptionContext, is_case_sensitive: bool) -> bool {
    pairs.iter().all(|(name, value)| {
        let is_it = |(other, given): (&String, &String)| given == value && other.eq_ignore_ascii_case(name);
        context.get(name) == Some(value) || (!is_case_sensitive && context.iter().any(is_it))
    })
}

/// The operations that constraints on the encryption context do not concern.
/// Source: KMS Developer Guide, "Grant constraints".
pub(in crate::cloud::kms) const UNCONSTRAINED: [GrantOperation; 2] =
    [GrantOperation::DescribeKey, GrantOperation::RetireGrant];

/// The operations that a constraint on the source does not concern.
/// Source: KMS API Reference, `GrantConstraints`, SourceArn.
const UNSOURCED: [GrantOperation; 1] = [GrantOperation::RetireGrant];

/// The condition key that a constraint on the source is about.
/// Source: KMS Developer Guide, "SourceArn constraint".
pub(in crate::cloud::kms) const SOURCE_KEY: &str = "aws:SourceArn";

/// A grant: what one principal may do with one key.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The id: 64 hexadecimal digits.
    pub id: Arc<str>,
    pub key: KeyHandle,
    /// The name, if the grant was given one.
    pub name: Option<String>,
    /// The principal that may use the grant: an ARN, or a service such as `dynamodb.us-east-1.amazonaws.com`.
    pub grantee: Arc<str>,
    /// Whether the grantee was given as a `GranteeServicePrincipal`.
    pub grantee_is_service: bool,
    /// The unique id behind the grantee's ARN when the grant was made.
    pub grantee_id: Option<Arc<str>>,
    /// The principal that may retire the grant, beside others.
    pub retiring: Option<Arc<str>>,
    /// Whether the retiring principal was given as a `RetiringServicePrincipal`.
    pub retiring_is_service: bool,
    /// The unique id behind the retiring principal's ARN when the grant was made.
    pub retiring_id: Option<Arc<str>>,
    /// The account that made it.
    pub issuer: AccountId,
    pub operations: BTreeSet<GrantOperation>,
    /// What a request must carry to be served.
    pub constraints: GrantConstraints,
    pub created: Timestamp,
    /// The time from which on the grant is known everywhere.
    pub known_from: Timestamp,
    /// The time until which the grant serves although it was retired or revoked; `None` while it stands.
    pub known_until: Option<Timestamp>,
}

impl GrantOperation {
    /// Tells whether this is the operation behind an action such as `kms:Decrypt`.
    pub(in crate::cloud::kms) fn is_action(self, action: &str) -> bool {
        action.strip_prefix("kms:") == Some(self.as_str())
    }
}

impl Grant {
    /// Returns one of the grant's principals as the policy engine knows it.
    pub(in crate::cloud::kms) fn named(&self, principal: &str) -> Named {
        let mut parts = principal.split(':');
        match (parts.nth(4), parts.next()) {
            (Some(account), Some("root")) => Named::Account(account.into()),
            (Some(_), Some(_)) => Named::Arn(principal.into()),
            // A service names itself without its Region.
            _ => Named::Service(principal.replacen(&format!(".{}.", self.key.region), ".", 1).into()),
        }
    }

    /// Tells whether the grant is known everywhere, and so serves without its token.
    pub fn is_known(&self, now: Timestamp) -> bool {
        self.known_from <= now
    }

    /// Returns the resource that requests for an operation have to be made for, if the grant says so.
    pub(in crate::cloud::kms) fn source(&self, operation: GrantOperation) -> Option<&str> {
        self.constraints.source_arn.as_deref().filter(|_| !UNSOURCED.contains(&operation))
    }

    /// Tells whether the constraints let a request with this context through, whatever it is made for.
    pub(in crate::cloud::kms) fn constraints_hold(
        &self,
        operation: GrantOperation,
        context: Option<&EncryptionContext>,
        is_case_sensitive: bool,
    ) -> bool {
        let Some((pairs, exact)) = self.constraints.pairs().filter(|_| !UNCONSTRAINED.contains(&operation))
        else {
            return true;
        };
        context.is_some_and(|context| {
            let holds = |one, other| includes(one, other, is_case_sensitive);
            holds(context, pairs) && (!exact || holds(pairs, context))
        })
    }

    /// Returns the grant as the policy engine takes it. `presented` says that the request carries its token.
    pub(in crate::cloud::kms) fn for_decision(
        &self,
        grantee: Named,
        now: Timestamp,
        presented: bool,
        is_case_sensitive: bool,
    ) -> policy::Grant {
        let action = |operation: GrantOperation| format!("kms:{operation}").into();
        let constraint = self.constraints.pairs().map(|(pairs, exact)| MapConstraint {
            prefix: "kms:EncryptionContext:".into(),
            exact,
            is_case_sensitive,
            pairs: pairs.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect(),
            exempt: UNCONSTRAINED.map(action).to_vec(),
        });
        let source = self.constraints.source_arn.as_ref().map(|arn| KeyConstraint {
            key: SOURCE_KEY.into(),
            value: arn.as_str().into(),
            exempt: UNSOURCED.map(action).to_vec(),
        });
        policy::Grant {
            id: self.id.clone(),
            grantee,
            grantee_id: self.grantee_id.clone(),
            operations: self.operations.iter().copied().map(action).collect(),
            constraint,
            source,
            usable: presented || self.is_known(now),
        }
    }
}
