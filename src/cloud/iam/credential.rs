//! Access keys and the secret half of them: what requests are signed with.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::super::secrets::wiped;
use super::super::{AccountId, Caller, Region};

/// The secret access key of a pair, and the session token of a temporary one. Copies share them; they are wiped when the last
/// is dropped, and `Debug` shows neither.
#[derive(Clone)]
pub struct Credential(Arc<Secrets>);

struct Secrets {
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

impl Credential {
    /// The secret of temporary credentials, with their token.
    pub fn temporary(secret: &str, token: &str) -> Self {
        Self::of(secret, Some(token))
    }

    /// The secret of a long-term access key.
    pub fn long_term(secret: &str) -> Self {
        Self::of(secret, None)
    }

    fn of(secret: &str, token: Option<&str>) -> Self {
        let kept = |text: &str| Zeroizing::new(text.to_owned());
        Self(Arc::new(Secrets { secret: kept(secret), token: token.map(kept) }))
    }

    /// Returns the secret access key.
    pub fn secret(&self) -> &str {
        &self.0.secret
    }

    /// Returns the session token of temporary credentials.
    pub fn token(&self) -> Option<&str> {
        self.0.token.as_ref().map(|token| token.as_str())
    }
}

impl ZeroizeOnDrop for Credential {}

const _: fn(&Credential) = |credential| {
    wiped(&credential.0.secret);
    if let Some(token) = &credential.0.token {
        wiped(token);
    }
};

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}

/// An access key as the world keeps it.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// The access key id, `AKIA..`.
    pub id: String,
    pub account: AccountId,
    /// The user whose key it is, by name; `None` for the root user.
    pub user: Option<Arc<str>>,
    pub status: Status,
    pub created: Timestamp,
    /// The last request that was signed with it.
    pub used: Option<Use>,
    /// What requests are signed with.
    pub credential: Credential,
}

/// The use of a key: when, for which service, in which Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The time, in whole minutes. Source: IAM API Reference, GetAccessKeyLastUsed, its examples.
    pub minute: Timestamp,
    /// The service's prefix, such as `kms`.
    pub service: &'static str,
    pub region: Region,
}

/// Whether a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Active,
    Inactive,
}

impl AccessKey {
    /// Returns who signs with the key.
    pub fn holder(&self) -> Caller {
        match &self.user {
            Some(name) => Caller::User(self.account.clone(), name.clone()),
            None => Caller::Root(self.account.clone()),
        }
    }
}
