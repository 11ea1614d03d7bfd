//! What KMS knows: all keys, aliases and grants of all accounts and Regions.
//!
//! Everything is found by account, Region and name, in maps that share what a copy of the world does not change.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

use super::crypto::{KeyMaterial, WrappingAlgorithm};
use super::grants::Grants;
use super::key::{Key, KeyHandle};
use crate::cloud::{AccountId, Arn, Region, Uuid};

/// KMS's state of all accounts and Regions.
#[derive(Clone, Debug, Default)]
pub struct State {
    keys: RedBlackTreeMapSync<KeyHandle, Arc<Key>>,
    aliases: RedBlackTreeMapSync<AliasHandle, Arc<Alias>>,
    /// The Regions of each multi-Region key.
    regions: RedBlackTreeMapSync<(AccountId, Arc<str>), BTreeSet<Region>>,
    /// The times at which something about a key changes next.
    due: RedBlackTreeSetSync<(Timestamp, KeyHandle)>,
    pub(super) grants: Grants,
    /// The wrapping keys that were handed out, by import token.
    pub(super) imports: RedBlackTreeMapSync<Vec<u8>, Arc<ImportSession>>,
}

/// The last use of each key. Apart from all else, since it changes with each call that uses a key, and decides nothing.
#[derive(Clone, Debug, Default)]
pub struct LastUses(RedBlackTreeMapSync<KeyHandle, LastUse>);

impl LastUses {
    /// Notes that a key was used.
    pub(super) fn note(&mut self, handle: &KeyHandle, last: LastUse) {
        self.0.insert_mut(handle.clone(), last);
    }

    /// Returns the last use of a key.
    pub fn of(&self, handle: &KeyHandle) -> Option<&LastUse> {
        self.0.get(handle)
    }

    /// Forgets the use of a key that is deleted.
    pub(super) fn forget(&mut self, handle: &KeyHandle) {
        self.0.remove_mut(handle);
    }
}

/// The last time a key's material was used.
#[derive(Clone, Debug)]
pub struct LastUse {
    pub operation: &'static str,
    pub at: Timestamp,
    /// The id of the request.
    pub request_id: Uuid,
}

/// A wrapping key that was handed out.
#[derive(Clone, Debug)]
pub struct ImportSession {
    /// The key to import into.
    pub key: KeyHandle,
    pub algorithm: WrappingAlgorithm,
    pub wrapping_key: Arc<KeyMaterial>,
    /// The time until which the wrapping key can be used.
    pub valid_to: Timestamp,
}

/// The account, Region and name that an alias is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AliasHandle {
    /// The account that owns it.
    pub account: AccountId,
    /// The Region it lives in.
    pub region: Region,
    /// The name, `alias/` included.
    pub name: Arc<str>,
}

impl AliasHandle {
    /// Returns the alias's ARN.
    pub fn arn(&self) -> Arn {
        Arn::new("kms", self.region.as_str(), self.account.as_str(), &[&self.name])
    }
}

/// A name for a key.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The id of the key it points to, in its own account and Region.
    pub target: Arc<str>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

impl State {
    /// Returns the key that a handle names.
    pub fn key(&self, handle: &KeyHandle) -> Option<&Arc<Key>> {
        self.keys.get(handle)
    }

    /// Returns all keys of one account in one Region, by id.
    pub fn keys_in<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
    ) -> impl Iterator<Item = &'a Arc<Key>> {
        let first = KeyHandle { account: account.clone(), region: region.clone(), id: "".into() };
        self.keys
            .range(first..)
            .take_while(move |(handle, _)| handle.account == *account && handle.region == *region)
            .map(|(_, key)| key)
    }

    /// Returns all keys of all accounts, by account, Region and id.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.keys.values()
    }

    /// Returns the Regions in which a multi-Region key lives, by name.
    pub fn regions_of(&self, key: &Key) -> impl Iterator<Item = &Region> {
        let id = (key.handle.account.clone(), key.handle.id.clone());
        self.regions.get(&id).into_iter().flatten()
    }

    /// Adds a key, or replaces it.
    pub(super) fn put_key(&mut self, key: Key) {
        if key.primary_region.is_some() {
            self.edit_regions(&key.handle, |regions| regions.insert(key.handle.region.clone()));
        }
        self.forget_due(&key.handle);
        if let Some(due) = key.due() {
            self.due.insert_mut((due, key.handle.clone()));
        }
        self.keys.insert_mut(key.handle.clone(), Arc::new(key));
    }

    /// Changes a key that exists.
    pub(in crate::cloud) fn edit_key(&mut self, handle: &KeyHandle, change: impl FnOnce(&mut Key)) {
        if let Some(key) = self.keys.get(handle) {
            let mut key = Key::clone(key);
            change(&mut key);
            self.put_key(key);
        }
    }

    /// Deletes a key with its material, its aliases and its grants.
    /// Source: KMS Developer Guide, "Deleting AWS KMS keys".
    pub(super) fn remove_key(&mut self, handle: &KeyHandle) {
        let Some(key) = self.keys.get(handle).cloned() else { return };
        for name in &key.aliases {
            self.aliases.remove_mut(&alias_of(handle, name));
        }
        self.grants.remove_all(handle);
        if key.primary_region.is_some() {
            self.edit_regions(handle, |regions| regions.remove(&handle.region));
        }
        self.forget_due(handle);
        self.keys.remove_mut(handle);
    }

    fn forget_due(&mut self, handle: &KeyHandle) {
        if let Some(due) = self.keys.get(handle).and_then(|key| key.due()) {
            self.due.remove_mut(&(due, handle.clone()));
        }
    }

    /// Returns what falls due next: when, and for which key.
    pub(super) fn next_due(&self) -> Option<(Timestamp, KeyHandle)> {
        self.due.first().cloned()
    }

    fn edit_regions(&mut self, handle: &KeyHandle, change: impl FnOnce(&mut BTreeSet<Region>) -> bool) {
        let id = (handle.account.clone(), handle.id.clone());
        let mut regions = self.regions.get(&id).cloned().unwrap_or_default();
        if change(&mut regions) {
            self.regions.insert_mut(id, regions);
        }
    }

    /// Returns the wrapping keys that were handed out, for tests to search for.
    #[cfg(test)]
    pub(in crate::cloud) fn wrapping_keys(&self) -> impl Iterator<Item = &super::crypto::KeyMaterial> {
        self.imports.values().map(|session| session.wrapping_key.as_ref())
    }

    /// Returns the grants of all keys.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Returns the alias that a handle names.
    pub fn alias(&self, handle: &AliasHandle) -> Option<&Alias> {
        self.aliases.get(handle).map(AsRef::as_ref)
    }

    /// Returns all aliases of one account in one Region, by name.
    pub fn aliases_in<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
    ) -> impl Iterator<Item = (&'a AliasHandle, &'a Alias)> {
        let first = AliasHandle { account: account.clone(), region: region.clone(), name: "".into() };
        self.aliases
            .range(first..)
            .take_while(move |(handle, _)| handle.account == *account && handle.region == *region)
            .map(|(handle, alias)| (handle, alias.as_ref()))
    }

    /// Points an alias to a key, whether it is new or moves.
    pub(super) fn put_alias(&mut self, handle: &AliasHandle, target: &KeyHandle, now: Timestamp) {
        let created = self.alias(handle).map_or(now, |alias| alias.created);
        self.remove_alias(handle);
        let name = handle.name.to_string();
        self.edit_key(target, |key| {
            key.aliases.insert(name);
        });
        let alias = Alias { target: target.id.clone(), created, updated: now };
        self.aliases.insert_mut(handle.clone(), Arc::new(alias));
    }

    /// Takes an alias away.
    pub(super) fn remove_alias(&mut self, handle: &AliasHandle) {
        let Some(alias) = self.aliases.get(handle).cloned() else { return };
        let AliasHandle { account, region, name } = handle.clone();
        self.edit_key(&KeyHandle { account, region, id: alias.target.clone() }, |key| {
            key.aliases.remove(&*name);
        });
        self.aliases.remove_mut(handle);
    }
}

fn alias_of(key: &KeyHandle, name: &str) -> AliasHandle {
    AliasHandle { account: key.account.clone(), region: key.region.clone(), name: name.into() }
}
