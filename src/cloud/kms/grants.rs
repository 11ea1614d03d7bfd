//! Grants: permissions on one key for one principal, kept beside the key policy.
//!
//! Source: KMS Developer Guide, "Grants in AWS KMS".

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

use super::crypto::{EncryptionContext, aws_words};
use super::key::KeyHandle;
use crate::cloud::{AccountId, Region};
use crate::policy::{self, MapConstraint, Named, Principal};

/// How long a new or ended grant takes to be known everywhere.
/// Source: KMS Developer Guide, "Grants", eventual consistency: usually seconds, at most five minutes. The lab takes
/// the longest time, so that the same calls always give the same answers.
pub const PROPAGATION: SignedDuration = SignedDuration::from_mins(5);

/// The most grants a key may have. Source: KMS Developer Guide, "Resource quotas".
pub const MAX_GRANTS: usize = 50_000;

aws_words! {
    /// What a grant may allow.
    GrantOperation {
        /// Decrypt.
        Decrypt = "Decrypt",
        /// Encrypt.
        Encrypt = "Encrypt",
        /// `GenerateDataKey`.
        GenerateDataKey = "GenerateDataKey",
        /// `GenerateDataKeyWithoutPlaintext`.
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// `ReEncrypt`, as the source.
        ReEncryptFrom = "ReEncryptFrom",
        /// `ReEncrypt`, as the destination.
        ReEncryptTo = "ReEncryptTo",
        /// Sign.
        Sign = "Sign",
        /// Verify.
        Verify = "Verify",
        /// `GetPublicKey`.
        GetPublicKey = "GetPublicKey",
        /// `CreateGrant`, of no more than the grant itself allows.
        CreateGrant = "CreateGrant",
        /// `RetireGrant`, of the grant itself.
        RetireGrant = "RetireGrant",
        /// `DescribeKey`.
        DescribeKey = "DescribeKey",
        /// `GenerateDataKeyPair`.
        GenerateDataKeyPair = "GenerateDataKeyPair",
        /// `GenerateDataKeyPairWithoutPlaintext`.
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        /// `GenerateMac`.
        GenerateMac = "GenerateMac",
        /// `VerifyMac`.
        VerifyMac = "VerifyMac",
        /// `DeriveSharedSecret`.
        DeriveSharedSecret = "DeriveSharedSecret",
    }
}

/// What the encryption context of a request must be for a grant to serve it. At most one of the two is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GrantConstraints {
    /// The context holds at least these pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_context_subset: Option<EncryptionContext>,
    /// The context holds exactly these pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_context_equals: Option<EncryptionContext>,
}

impl GrantConstraints {
    /// The pairs, and whether others are forbidden; `None` if nothing is constrained.
    pub fn pairs(&self) -> Option<(&EncryptionContext, bool)> {
        self.encryption_context_equals
            .as_ref()
            .map(|pairs| (pairs, true))
            .or_else(|| self.encryption_context_subset.as_ref().map(|pairs| (pairs, false)))
    }

    /// Whether every request that these constraints let through passes `parent`, too.
    pub fn at_least_as_strict_as(&self, parent: &Self) -> bool {
        let Some((wanted, exact)) = parent.pairs() else { return true };
        let Some((pairs, own_exact)) = self.pairs() else { return false };
        if exact {
            return own_exact && pairs == wanted;
        }
        wanted.iter().all(|(name, value)| pairs.get(name) == Some(value))
    }
}

/// One grant.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The id: 64 hexadecimal digits.
    pub id: Arc<str>,
    /// The key.
    pub key: KeyHandle,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Who may use it: an ARN, or a service such as `dynamodb.us-east-1.amazonaws.com`.
    pub grantee: Arc<str>,
    /// The unique id behind the grantee's ARN when the grant was made.
    pub grantee_id: Option<Arc<str>>,
    /// Who may retire it, beside others.
    pub retiring: Option<Arc<str>>,
    /// The unique id behind the retiring principal's ARN when the grant was made.
    pub retiring_id: Option<Arc<str>>,
    /// The account that made it.
    pub issuer: AccountId,
    /// What it allows.
    pub operations: BTreeSet<GrantOperation>,
    /// For which encryption contexts.
    pub constraints: GrantConstraints,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is known everywhere.
    pub known_from: Timestamp,
    /// Until when it still serves although it was retired or revoked; `None` while it stands.
    pub known_until: Option<Timestamp>,
}

impl GrantOperation {
    /// Whether this is the operation behind an action such as `kms:Decrypt`.
    fn is_action(self, action: &str) -> bool {
        action.strip_prefix("kms:") == Some(self.as_str())
    }
}

impl Grant {
    /// One of the grant's principals as the policy engine knows it.
    pub(super) fn named(&self, principal: &str) -> Named {
        let mut parts = principal.split(':');
        match (parts.nth(4), parts.next()) {
            (Some(account), Some("root")) => Named::Account(account.into()),
            (Some(_), Some(_)) => Named::Arn(principal.into()),
            // A service names itself without its Region.
            _ => Named::Service(principal.replacen(&format!(".{}.", self.key.region), ".", 1).into()),
        }
    }

    /// The grant as the policy engine takes it. `presented` says that the request carries its token.
    fn for_decision(&self, grantee: Named, now: Timestamp, presented: bool) -> policy::Grant {
        let action = |operation: GrantOperation| format!("kms:{operation}").into();
        let constraint = self.constraints.pairs().map(|(pairs, exact)| MapConstraint {
            prefix: "kms:EncryptionContext:".into(),
            exact,
            pairs: pairs.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect(),
            // Source: KMS Developer Guide, "Grant constraints".
            exempt: vec![action(GrantOperation::DescribeKey), action(GrantOperation::RetireGrant)],
        });
        policy::Grant {
            id: self.id.clone(),
            grantee,
            grantee_id: self.grantee_id.clone(),
            operations: self.operations.iter().copied().map(action).collect(),
            constraint,
            usable: self.known_until.is_some() || presented || self.known_from <= now,
        }
    }
}

/// The names under which a grant on a key of `region` can be meant for `principal`, each as the policy engine knows
/// it. A grant names a service with its Region: `dynamodb.us-east-1.amazonaws.com`.
fn names_of(principal: &Principal, region: &Region) -> Vec<(Arc<str>, Named)> {
    let by_arn = |arn: &Arc<str>| (arn.clone(), Named::Arn(arn.clone()));
    let by_account =
        |account: &Arc<str>| (format!("arn:aws:iam::{account}:root").into(), Named::Account(account.clone()));
    let own = match principal {
        Principal::Anonymous | Principal::Root { .. } | Principal::Federated { .. } => vec![],
        Principal::Service { name } => {
            let regional = name.replacen(".amazonaws.com", &format!(".{region}.amazonaws.com"), 1);
            [name.clone(), regional.into()].map(|text| (text, Named::Service(name.clone()))).to_vec()
        }
        Principal::User { arn, .. } => vec![by_arn(arn)],
        Principal::RoleSession { arn, role_arn, .. } => vec![by_arn(arn), by_arn(role_arn)],
        Principal::FederatedUser { arn, user_arn, .. } => {
            std::iter::once(arn).chain(user_arn).map(by_arn).collect()
        }
    };
    own.into_iter().chain(principal.account().map(by_account)).collect()
}

/// All grants, found by key, by grantee, by retiring principal and by token.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    by_id: RedBlackTreeMapSync<(KeyHandle, Arc<str>), Arc<Grant>>,
    by_grantee: RedBlackTreeMapSync<(KeyHandle, Arc<str>, Arc<str>), Arc<Grant>>,
    by_retiring: RedBlackTreeMapSync<(Arc<str>, KeyHandle, Arc<str>), Arc<Grant>>,
    tokens: RedBlackTreeMapSync<Arc<str>, (KeyHandle, Arc<str>)>,
    counts: RedBlackTreeMapSync<KeyHandle, usize>,
    /// The grants that have ended, by the time from which on they serve nobody.
    ended: RedBlackTreeMapSync<(Timestamp, KeyHandle, Arc<str>), Arc<Grant>>,
}

impl Grants {
    /// Adds a grant, or replaces the one of the same id.
    pub(super) fn put(&mut self, grant: Grant) {
        let grant = Arc::new(grant);
        let (key, id) = (grant.key.clone(), grant.id.clone());
        if !self.by_id.contains_key(&(key.clone(), id.clone())) {
            let count = self.count(&key) + 1;
            self.counts.insert_mut(key.clone(), count);
        }
        self.by_grantee.insert_mut((key.clone(), grant.grantee.clone(), id.clone()), grant.clone());
        if let Some(until) = grant.known_until {
            self.ended.insert_mut((until, key.clone(), id.clone()), grant.clone());
        }
        if let Some(retiring) = &grant.retiring {
            self.by_retiring.insert_mut((retiring.clone(), key.clone(), id.clone()), grant.clone());
        }
        self.by_id.insert_mut((key, id), grant);
    }

    /// Lets a token stand for a grant.
    pub(super) fn put_token(&mut self, token: &str, grant: &Grant) {
        self.tokens.insert_mut(token.into(), (grant.key.clone(), grant.id.clone()));
    }

    /// Takes a grant away for good.
    pub(super) fn remove(&mut self, grant: &Grant) {
        let (key, id) = (grant.key.clone(), grant.id.clone());
        if !self.by_id.remove_mut(&(key.clone(), id.clone())) {
            return;
        }
        let count = self.count(&key).saturating_sub(1);
        self.counts.insert_mut(key.clone(), count);
        self.by_grantee.remove_mut(&(key.clone(), grant.grantee.clone(), id.clone()));
        if let Some(retiring) = &grant.retiring {
            self.by_retiring.remove_mut(&(retiring.clone(), key, id));
        }
    }

    /// Takes all grants of a key away, with their tokens.
    pub(super) fn remove_all(&mut self, key: &KeyHandle) {
        for grant in self.all_of(key).cloned().collect::<Vec<_>>() {
            self.remove(&grant);
        }
        self.counts.remove_mut(key);
        let tokens: Vec<_> =
            self.tokens.iter().filter(|(_, (k, _))| k == key).map(|(t, _)| t.clone()).collect();
        for token in tokens {
            self.tokens.remove_mut(&token);
        }
    }

    /// How many grants a key has.
    pub fn count(&self, key: &KeyHandle) -> usize {
        self.counts.get(key).copied().unwrap_or_default()
    }

    /// One grant that stands.
    pub fn get(&self, key: &KeyHandle, id: &str) -> Option<&Arc<Grant>> {
        self.by_id.get(&(key.clone(), id.into())).filter(|grant| grant.known_until.is_none())
    }

    /// The grants of a key that stand, by id.
    pub fn of_key<'a>(&'a self, key: &'a KeyHandle) -> impl Iterator<Item = &'a Arc<Grant>> {
        self.all_of(key).filter(|grant| grant.known_until.is_none())
    }

    fn all_of<'a>(&'a self, key: &'a KeyHandle) -> impl Iterator<Item = &'a Arc<Grant>> {
        self.by_id
            .range((key.clone(), Arc::from(""))..)
            .take_while(move |((k, _), _)| k == key)
            .map(|(_, grant)| grant)
    }

    /// The grants of a key for one grantee, those that have ended included.
    fn of_grantee<'a>(
        &'a self,
        key: &'a KeyHandle,
        grantee: &'a Arc<str>,
    ) -> impl Iterator<Item = &'a Arc<Grant>> {
        self.by_grantee
            .range((key.clone(), grantee.clone(), Arc::from(""))..)
            .take_while(move |((k, g, _), _)| k == key && g == grantee)
            .map(|(_, grant)| grant)
    }

    /// The grants that stand and that `principal` may retire, by key and id.
    pub fn retirable_by<'a>(&'a self, principal: &'a str) -> impl Iterator<Item = &'a Arc<Grant>> {
        let none = KeyHandle {
            // Sorts before every account there can be.
            account: "000000000000".parse().unwrap_or_else(|_| unreachable!("twelve digits")),
            region: Region::new(""),
            id: "".into(),
        };
        self.by_retiring
            .range((Arc::from(principal), none, Arc::from(""))..)
            .take_while(move |((retiring, _, _), _)| **retiring == *principal)
            .map(|(_, grant)| grant)
            .filter(|grant| grant.known_until.is_none())
    }

    /// The standing grant of a key with the same name and the same terms.
    pub(super) fn same_as<'a>(&'a self, wanted: &'a Grant) -> Option<&'a Arc<Grant>> {
        wanted.name.as_ref()?;
        self.of_grantee(&wanted.key, &wanted.grantee).find(|grant| {
            grant.known_until.is_none()
                && grant.name == wanted.name
                && grant.retiring == wanted.retiring
                && grant.operations == wanted.operations
                && grant.constraints == wanted.constraints
        })
    }

    /// The grant a token stands for.
    pub fn by_token(&self, token: &str) -> Option<&Arc<Grant>> {
        self.by_id.get(self.tokens.get(token)?)
    }

    /// The grants on a key that could serve a request of `principal`, as the policy engine takes them. Those that are
    /// not known everywhere yet are among them, marked as not usable.
    pub(super) fn for_decision(
        &self,
        key: &KeyHandle,
        principal: &Principal,
        action: &str,
        tokens: &[String],
        now: Timestamp,
    ) -> Vec<policy::Grant> {
        let presented: Vec<&Arc<Grant>> = tokens.iter().filter_map(|token| self.by_token(token)).collect();
        let names = names_of(principal, &key.region);
        let grants =
            names.iter().flat_map(|(name, named)| self.of_grantee(key, name).map(move |g| (g, named)));
        grants
            .filter(|(grant, _)| grant.known_until.is_none_or(|until| now < until))
            .filter(|(grant, _)| grant.operations.iter().any(|operation| operation.is_action(action)))
            .map(|(grant, named)| {
                grant.for_decision(named.clone(), now, presented.iter().any(|p| p.id == grant.id))
            })
            .collect()
    }

    /// Forgets the grants that have ended and no longer serve anybody.
    pub(super) fn forget_ended(&mut self, now: Timestamp) {
        while let Some((place, grant)) = self.ended.first().filter(|((until, _, _), _)| *until <= now) {
            let (place, grant) = (place.clone(), grant.clone());
            self.remove(&grant);
            self.ended.remove_mut(&place);
        }
    }
}
