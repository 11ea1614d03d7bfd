//! The four ways to name a key: key id, key ARN, alias name, alias ARN.
//!
//! Source: KMS API Reference, `KeyId`; KMS Developer Guide, "Key identifiers (KeyId)".

use super::errors;
use super::input::check_text;
use super::key::{Key, KeyHandle};
use super::state::{AliasHandle, State};
use crate::cloud::permission::Permission;
use crate::cloud::{AccountId, ApiError, Arn, Invocation, Region};

/// The kinds of key names that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Key ids and ARNs, aliases and their ARNs: cryptographic operations.
    KeyOrAlias,
    /// The same: `DescribeKey`, `GetPublicKey`.
    Metadata,
    /// Key ids and ARNs only: management.
    KeyOnly,
    /// Key ids and ARNs only: the key that an alias is to point to.
    AliasTarget,
}

impl Naming {
    fn takes_aliases(self) -> bool {
        matches!(self, Self::KeyOrAlias | Self::Metadata)
    }

    /// Returns the error for a text that begins like an ARN and is none of KMS.
    ///
    /// Doubtful: the text. One form is known.
    /// Source: KMS API Reference, "Errors" of DescribeKey, Encrypt and CreateAlias, for the codes.
    fn invalid_arn(self, text: &str) -> ApiError {
        match self {
            Self::Metadata | Self::KeyOnly => errors::invalid_arn(text),
            Self::KeyOrAlias | Self::AliasTarget => errors::invalid_key_id(text),
        }
    }
}

/// The key that a name in a request stands for.
#[derive(Clone, Debug)]
pub struct NamedKey {
    /// The ARN that access is decided on: the key's, whichever way it was named. For an alias of another account
    /// that does not exist, the alias's.
    pub arn: Arn,
    /// The key, if the name leads to one.
    pub handle: Option<KeyHandle>,
    /// The name of the alias that was used, `alias/` included.
    pub alias: Option<String>,
}

impl NamedKey {
    /// Returns the permission for an operation on this key.
    pub fn permission(&self, operation: &str) -> Permission {
        let permission = Permission::new(format!("kms:{operation}"), &self.arn);
        match &self.alias {
            // Source: KMS Developer Guide, "kms:RequestAlias".
            Some(alias) => permission.with_key("kms:RequestAlias", alias),
            None => permission,
        }
    }
}

/// Tells whether the text has the form of a key id.
pub fn is_key_id(text: &str) -> bool {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if let Some(digits) = text.strip_prefix("mrk-") {
        return digits.len() == 32 && digits.bytes().all(is_hex);
    }
    // Groups of 8, 4, 4, 4 and 12 digits.
    let fits = |(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { is_hex(byte) };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// Finds what `key_id` names for a caller of `account` at the endpoint of `region`.
///
/// A key of the caller's own account that does not exist is an error here; of another account's keys nothing is
/// said, so that the refusal that follows tells a stranger nothing.
pub fn resolve(
    state: &State,
    account: &AccountId,
    region: &Region,
    key_id: &str,
    naming: Naming,
) -> Result<NamedKey, ApiError> {
    check_text(key_id, "keyId", 1, 2048)?;
    let (owner, resource) = if key_id.starts_with("arn:") {
        let arn: Arn = key_id.parse().map_err(|_| naming.invalid_arn(key_id))?;
        let owner = arn.account_id().ok_or_else(|| naming.invalid_arn(key_id))?;
        if arn.service() != "kms" || arn.partition() != crate::cloud::arn::partition_of(arn.region()) {
            return Err(naming.invalid_arn(key_id));
        }
        if arn.region() != region.as_str() {
            return Err(errors::wrong_region(arn.region()));
        }
        (owner, arn.resource().to_owned())
    } else if key_id.starts_with("alias/") {
        (account.clone(), key_id.to_owned())
    } else {
        (account.clone(), format!("key/{key_id}"))
    };
    if resource.starts_with("alias/") && naming == Naming::KeyOnly {
        return Err(errors::aliases_not_taken());
    }
    let (id, alias) = if resource.starts_with("alias/") && naming.takes_aliases() {
        let name = resource.as_str().into();
        let handle = AliasHandle { account: owner.clone(), region: region.clone(), name };
        match state.alias(&handle) {
            Some(found) => (found.target.clone(), Some(resource)),
            None if owner == *account => return Err(errors::no_such_alias(handle.arn())),
            None => return Ok(NamedKey { arn: handle.arn(), handle: None, alias: Some(resource) }),
        }
    } else {
        let id = resource.strip_prefix("key/").filter(|id| is_key_id(id));
        (id.ok_or_else(|| errors::invalid_key_id(key_id))?.into(), None)
    };
    let handle = KeyHandle { account: owner, region: region.clone(), id };
    let exists = state.key(&handle).is_some();
    if !exists && handle.account == *account {
        return Err(absent(&handle));
    }
    Ok(NamedKey { arn: handle.arn(), handle: exists.then_some(handle), alias })
}

/// Returns what the owner's own account hears of a key that does not exist.
///
/// Doubtful: whether a caller without permission is told so, too, or refused. Here everybody of the account is told. One
/// form is known.
/// Source: localstack/localstack, recorded answers of KMS, of callers who have the permission.
fn absent(handle: &KeyHandle) -> ApiError {
    errors::no_such_key(handle)
}

impl Invocation<'_> {
    /// Returns what a request's key name stands for.
    pub(super) fn named_key(&self, key_id: &str, naming: Naming) -> Result<NamedKey, ApiError> {
        resolve(&self.world.kms, &self.account()?, self.region(), key_id, naming)
    }

    /// Returns the permission for an operation on the key a request names.
    pub(super) fn key_permission(
        &self,
        operation: &str,
        key_id: &str,
        naming: Naming,
    ) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![self.named_key(key_id, naming)?.permission(operation)])
    }

    /// Returns the key a request names.
    pub(super) fn key(&self, key_id: &str, naming: Naming) -> Result<std::sync::Arc<Key>, ApiError> {
        let target = self.named_key(key_id, naming)?;
        let handle = target.handle.ok_or_else(|| errors::no_such_key(&target.arn))?;
        self.key_at(&handle)
    }

    /// Returns the key of a handle.
    pub(super) fn key_at(&self, handle: &KeyHandle) -> Result<std::sync::Arc<Key>, ApiError> {
        self.world.kms.key(handle).cloned().ok_or_else(|| errors::no_such_key(handle))
    }
}
