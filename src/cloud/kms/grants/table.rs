//! All grants: kept beside the key policies, filed so that a request finds those that could serve it.
//!
//! Source: KMS Developer Guide, "Grants in AWS KMS".

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

use super::super::crypto::EncryptionContext;
use super::super::key::KeyHandle;
use super::grant::{Grant, GrantOperation, UNCONSTRAINED};
use crate::cloud::Region;
use crate::policy::{self, Named, Principal};

/// A name under which a grant can be meant for somebody.
struct Name {
    /// As the grant writes it. A service is written with its Region: `dynamodb.us-east-1.amazonaws.com`.
    text: Arc<str>,
    /// As the policy engine knows it.
    named: Named,
    /// The unique id behind it.
    unique_id: Option<Arc<str>>,
}

/// Returns the names under which a grant on a key of `region` can be meant for `principal`.
fn names_of(principal: &Principal, region: &Region) -> Vec<Name> {
    let name = |text: &Arc<str>, named: Named, unique_id: Option<&Arc<str>>| Name {
        text: text.clone(),
        named,
        unique_id: unique_id.cloned(),
    };
    let by_arn = |arn: &Arc<str>, unique_id| name(arn, Named::Arn(arn.clone()), unique_id);
    let own = match principal {
        Principal::Anonymous | Principal::Root { .. } | Principal::Federated { .. } => vec![],
        Principal::Service { name: service } => {
            let regional = service.replacen(".amazonaws.com", &format!(".{region}.amazonaws.com"), 1).into();
            [service, &regional].map(|text| name(text, Named::Service(service.clone()), None)).into()
        }
        Principal::User { arn, unique_id, .. } => vec![by_arn(arn, unique_id.as_ref())],
        Principal::RoleSession { arn, role_arn, role_id, .. } => {
            vec![by_arn(arn, None), by_arn(role_arn, role_id.as_ref())]
        }
        Principal::FederatedUser { arn, user_arn, .. } => {
            std::iter::once(arn).chain(user_arn).map(|arn| by_arn(arn, None)).collect()
        }
    };
    let account = principal.account().map(|account| {
        name(&format!("arn:aws:iam::{account}:root").into(), Named::Account(account.clone()), None)
    });
    own.into_iter().chain(account).collect()
}

/// The place where a grant is filed for one of its operations, by what its constraints ask of the encryption
/// context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Filed {
    /// No constraint at all.
    Open,
    /// A context of these pairs. Names are in lower case, so that a grant is found whatever their case means.
    Exactly(BTreeSet<(String, String)>),
    /// A context with this pair and perhaps more: the last pair of the subset, because AWS's own grants begin with
    /// what all of them share. The name is in lower case, too.
    Holding((String, String)),
}

impl Filed {
    /// Returns where `grant` is filed for `operation`.
    fn of(grant: &Grant, operation: GrantOperation) -> Self {
        match grant.constraints.pairs() {
            _ if UNCONSTRAINED.contains(&operation) => Self::Open,
            None => Self::Open,
            Some((pairs, true)) => Self::Exactly(in_lower_case(pairs)),
            Some((pairs, false)) => in_lower_case(pairs).pop_last().map_or(Self::Open, Self::Holding),
        }
    }

    /// Returns where the grants are filed that can serve a request with this context.
    fn for_context(context: &EncryptionContext) -> impl Iterator<Item = Self> + use<> {
        let pairs = in_lower_case(context);
        [Self::Open, Self::Exactly(pairs.clone())].into_iter().chain(pairs.into_iter().map(Self::Holding))
    }
}

/// The pairs with their names in lower case.
fn in_lower_case(pairs: &EncryptionContext) -> BTreeSet<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

/// The place where a request finds a grant: grantee, operation, the resource that the request is made for, constraint on
/// the context, the grantee's unique id, and then those first that serve first.
type Use = (Arc<str>, GrantOperation, Option<Arc<str>>, Filed, Option<Arc<str>>, Timestamp, Arc<str>);

/// The grants of one key.
#[derive(Clone, Debug, Default)]
struct KeyGrants {
    by_id: RedBlackTreeMapSync<Arc<str>, Arc<Grant>>,
    by_use: RedBlackTreeMapSync<Use, Arc<Grant>>,
    by_name: RedBlackTreeMapSync<(String, Arc<str>), Arc<Grant>>,
    /// Tokens by the id of their grant.
    tokens: RedBlackTreeSetSync<(Arc<str>, Arc<str>)>,
}

impl KeyGrants {
    fn put(&mut self, grant: &Arc<Grant>) {
        self.remove(&grant.id);
        for place in uses(grant) {
            self.by_use.insert_mut(place, grant.clone());
        }
        if let Some(name) = &grant.name {
            self.by_name.insert_mut((name.clone(), grant.id.clone()), grant.clone());
        }
        self.by_id.insert_mut(grant.id.clone(), grant.clone());
    }

    fn remove(&mut self, id: &Arc<str>) -> bool {
        let Some(grant) = self.by_id.get(id).cloned() else { return false };
        for place in uses(&grant) {
            self.by_use.remove_mut(&place);
        }
        if let Some(name) = &grant.name {
            self.by_name.remove_mut(&(name.clone(), id.clone()));
        }
        self.by_id.remove_mut(id)
    }

    /// Returns the grants filed in one place for somebody, those first that serve first.
    fn filed(
        &self,
        name: &Name,
        operation: GrantOperation,
        source: Option<&str>,
        filed: Filed,
    ) -> impl Iterator<Item = &Arc<Grant>> {
        let id = name.unique_id.clone();
        let source: Option<Arc<str>> = source.map(Into::into);
        let from: Use = (name.text.clone(), operation, source, filed, id, Timestamp::MIN, "".into());
        let (text, source, filed, id) = (from.0.clone(), from.2.clone(), from.3.clone(), from.4.clone());
        self.by_use
            .range(from..)
            .take_while(move |(place, _)| {
                let of_name = place.0 == text && place.1 == operation;
                of_name && place.2 == source && place.3 == filed && place.4 == id
            })
            .map(|(_, grant)| grant)
    }

    /// Returns all grants of an operation under a name.
    fn of_name<'a>(
        &'a self,
        name: &Name,
        operation: GrantOperation,
    ) -> impl Iterator<Item = &'a Arc<Grant>> + use<'a> {
        let text = name.text.clone();
        self.by_use
            .range((text.clone(), operation, None, Filed::Open, None, Timestamp::MIN, Arc::from(""))..)
            .take_while(move |(place, _)| place.0 == text && place.1 == operation)
            .map(|(_, grant)| grant)
    }
}

/// Returns every place where a grant is found.
fn uses(grant: &Grant) -> impl Iterator<Item = Use> + use<'_> {
    grant.operations.iter().map(|operation| {
        (
            grant.grantee.clone(),
            *operation,
            grant.source(*operation).map(Into::into),
            Filed::of(grant, *operation),
            grant.grantee_id.clone(),
            grant.known_from,
            grant.id.clone(),
        )
    })
}

/// A request that grants may serve.
pub(in crate::cloud::kms) struct Sought<'a> {
    pub key: &'a KeyHandle,
    pub principal: &'a Principal,
    /// The action asked for, such as `kms:Decrypt`.
    pub action: &'a str,
    pub tokens: &'a [String],
    /// Says with which encryption context; `None` if its names differ in nothing but their case, so that the policy engine
    /// must look at every grant.
    pub context: &'a dyn Fn() -> Option<EncryptionContext>,
    /// Whether the case of names in constraints matters.
    pub is_case_sensitive: bool,
    /// The resource that it is made for, by ARN.
    pub source: Option<String>,
}

/// The number of grants that are shown with a decision although they do not serve the request.
const SHOWN: usize = 16;

/// All grants, found by key, by grantee and use, by retiring principal and by token.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    by_key: RedBlackTreeMapSync<KeyHandle, Arc<KeyGrants>>,
    by_retiring: RedBlackTreeMapSync<(Arc<str>, KeyHandle, Arc<str>), Arc<Grant>>,
    tokens: RedBlackTreeMapSync<Arc<str>, (KeyHandle, Arc<str>)>,
    /// The grants that have ended, by the time from which on they serve nobody.
    ended: RedBlackTreeMapSync<(Timestamp, KeyHandle, Arc<str>), Arc<Grant>>,
}

impl Grants {
    /// Changes what is known of one key's grants.
    fn edit<T>(&mut self, key: &KeyHandle, change: impl FnOnce(&mut KeyGrants) -> T) -> T {
        let mut held = self.by_key.get(key).map(|held| KeyGrants::clone(held)).unwrap_or_default();
        let done = change(&mut held);
        self.by_key.insert_mut(key.clone(), Arc::new(held));
        done
    }

    /// Adds a grant, or replaces the one of the same id.
    pub(in crate::cloud::kms) fn put(&mut self, grant: Grant) {
        let grant = Arc::new(grant);
        let (key, id) = (grant.key.clone(), grant.id.clone());
        self.edit(&key, |held| held.put(&grant));
        if let Some(until) = grant.known_until {
            self.ended.insert_mut((until, key.clone(), id.clone()), grant.clone());
        }
        if let Some(retiring) = &grant.retiring {
            self.by_retiring.insert_mut((retiring.clone(), key, id), grant.clone());
        }
    }

    /// Lets a token stand for a grant.
    pub(in crate::cloud::kms) fn put_token(&mut self, token: &str, grant: &Grant) {
        let token: Arc<str> = token.into();
        self.edit(&grant.key, |held| held.tokens.insert_mut((grant.id.clone(), token.clone())));
        self.tokens.insert_mut(token, (grant.key.clone(), grant.id.clone()));
    }

    /// Takes a grant away for good.
    pub(in crate::cloud::kms) fn remove(&mut self, grant: &Grant) {
        if !self.by_key.contains_key(&grant.key) || !self.edit(&grant.key, |held| held.remove(&grant.id)) {
            return;
        }
        if let Some(retiring) = &grant.retiring {
            self.by_retiring.remove_mut(&(retiring.clone(), grant.key.clone(), grant.id.clone()));
        }
    }

    /// Takes all grants of a key away, with their tokens.
    pub(in crate::cloud::kms) fn remove_all(&mut self, key: &KeyHandle) {
        let Some(held) = self.by_key.get(key).cloned() else { return };
        for grant in held.by_id.values() {
            self.remove(grant);
        }
        for (_, token) in &held.tokens {
            self.tokens.remove_mut(token);
        }
        self.by_key.remove_mut(key);
    }

    /// Returns how many grants a key has.
    pub fn count(&self, key: &KeyHandle) -> usize {
        self.by_key.get(key).map_or(0, |held| held.by_id.size())
    }

    /// Tells whether a key has grants, those included that have ended and are still known.
    pub(in crate::cloud::kms) fn knows(&self, key: &KeyHandle) -> bool {
        self.by_key.get(key).is_some_and(|held| !held.by_id.is_empty())
    }

    /// Returns one grant that stands.
    pub fn get(&self, key: &KeyHandle, id: &str) -> Option<&Arc<Grant>> {
        self.by_key.get(key)?.by_id.get(id).filter(|grant| grant.known_until.is_none())
    }

    /// Returns the grants of a key that stand, by id.
    pub fn of_key(&self, key: &KeyHandle) -> impl Iterator<Item = &Arc<Grant>> {
        let held = self.by_key.get(key);
        held.into_iter().flat_map(|held| held.by_id.values()).filter(|grant| grant.known_until.is_none())
    }

    /// Returns the grants of a key that have ended, and still serve where that is not known yet.
    pub fn ending_of_key(&self, key: &KeyHandle) -> impl Iterator<Item = &Arc<Grant>> {
        let held = self.by_key.get(key);
        held.into_iter().flat_map(|held| held.by_id.values()).filter(|grant| grant.known_until.is_some())
    }

    /// Returns the grants that stand and that `principal` may retire, by key and id.
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

    /// Returns the standing grant of a key with the same name and the same terms.
    pub(in crate::cloud::kms) fn same_as(&self, wanted: &Grant) -> Option<&Arc<Grant>> {
        let name = wanted.name.as_ref()?;
        self.by_key
            .get(&wanted.key)?
            .by_name
            .range((name.clone(), Arc::from(""))..)
            .take_while(|((other, _), _)| other == name)
            .map(|(_, grant)| grant)
            .find(|grant| {
                grant.known_until.is_none()
                    && grant.grantee == wanted.grantee
                    && grant.retiring == wanted.retiring
                    && grant.grantee_is_service == wanted.grantee_is_service
                    && grant.retiring_is_service == wanted.retiring_is_service
                    && grant.operations == wanted.operations
                    && grant.constraints == wanted.constraints
            })
    }

    /// Returns the grant a token stands for.
    pub fn by_token(&self, token: &str) -> Option<&Arc<Grant>> {
        let (key, id) = self.tokens.get(token)?;
        self.by_key.get(key)?.by_id.get(id)
    }

    /// Returns the grants on a key that bear on a request, as the policy engine takes them: those whose tokens
    /// are shown, and for each name of the caller one that serves, if any does. If none does, some that do not,
    /// so that the reason can be seen: those that are not known everywhere yet are among them, marked as not
    /// usable.
    ///
    /// The work does not grow with the number of grants, except of those whose subset ends in the same pair.
    pub(in crate::cloud::kms) fn for_decision(
        &self,
        sought: &Sought<'_>,
        now: Timestamp,
    ) -> Vec<policy::Grant> {
        let Sought { key, principal, action, tokens, context, source, is_case_sensitive } = sought;
        let operation = GrantOperation::ALL.iter().find(|operation| operation.is_action(action));
        let Some((held, &operation)) = self.by_key.get(*key).zip(operation) else { return Vec::new() };
        let mut names = names_of(principal, &key.region);
        // Most callers have none, and are asked about no place of filing.
        names.retain(|name| held.of_name(name, operation).next().is_some());
        if names.is_empty() {
            return Vec::new();
        }
        let context = context();
        let shown: Vec<&Arc<Grant>> = tokens.iter().filter_map(|token| self.by_token(token)).collect();
        let alive = |grant: &Grant| grant.known_until.is_none_or(|until| now < until);
        let mut found: Vec<(&Arc<Grant>, &Name)> = Vec::new();
        for grant in shown.iter().filter(|grant| grant.key == **key && grant.operations.contains(&operation))
        {
            let name = names.iter().find(|name| name.text == grant.grantee);
            found.extend(name.filter(|_| alive(grant)).map(|name| (*grant, name)));
        }
        // One for each name, because it matters how a grant names the caller.
        let serving = |name: &Name| {
            let sources = [None, source.as_deref()];
            let sources = if source.is_some() { &sources[..] } else { &sources[..1] };
            let places = context.iter().flat_map(Filed::for_context);
            let mut places =
                places.flat_map(|filed| sources.iter().map(move |source| (*source, filed.clone())));
            places.find_map(|(source, filed)| {
                held.filed(name, operation, source, filed).take_while(|grant| grant.is_known(now)).find(
                    |grant| {
                        alive(grant)
                            && grant.constraints_hold(operation, context.as_ref(), *is_case_sensitive)
                    },
                )
            })
        };
        let before = found.len();
        found.extend(names.iter().filter_map(|name| Some((serving(name)?, name))));
        if found.len() == before {
            let most = if context.is_some() { SHOWN } else { usize::MAX };
            for name in &names {
                let all = held.of_name(name, operation).filter(|grant| alive(grant));
                found.extend(all.take(most).map(|grant| (grant, name)));
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|(grant, _)| seen.insert(grant.id.clone()));
        found
            .into_iter()
            .map(|(grant, name)| {
                let presented = shown.iter().any(|shown| shown.id == grant.id);
                grant.for_decision(name.named.clone(), now, presented, *is_case_sensitive)
            })
            .collect()
    }

    /// Forgets the grants that have ended and no longer serve anybody.
    pub(in crate::cloud::kms) fn forget_ended(&mut self, now: Timestamp) {
        while let Some((place, grant)) = self.ended.first().filter(|((until, _, _), _)| *until <= now) {
            let (place, grant) = (place.clone(), grant.clone());
            self.remove(&grant);
            self.ended.remove_mut(&place);
        }
    }
}
