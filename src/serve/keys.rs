//! The access keys that the server gives out: one for each identity that somebody may play. They are drawn anew at each
//! start, and are no part of the world: whoever is deleted there has a key that is nobody's.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::cloud::Caller;
use crate::cloud::iam::Credential;

/// An access key that the server has given out.
#[derive(Clone, Debug)]
pub struct Key {
    /// What people call its holder: the name of the profile.
    pub name: String,
    /// The access key id.
    pub id: String,
    /// The name of the world that the key is of; empty for the one that all share.
    pub world: String,
    pub caller: Caller,
    pub credential: Credential,
}

/// All of them, by their ids.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<String, Key>);

/// Why no random numbers are to be had.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub struct NoRandom(getrandom::Error);

impl Keys {
    /// Draws a key for each of these, by name.
    ///
    /// # Errors
    ///
    /// If the system gives no random numbers.
    pub fn draw(holders: impl IntoIterator<Item = (String, Caller)>) -> Result<Self, NoRandom> {
        let mut keys = Self::default();
        for (name, caller) in holders {
            keys.add(Key::draw(name, caller)?);
        }
        Ok(keys)
    }

    /// Adds a key, in the place of one with its id.
    pub(super) fn add(&mut self, key: Key) {
        self.0.insert(key.id.clone(), key);
    }

    /// Removes the keys of a world.
    pub(super) fn remove_of(&mut self, world: &str) {
        self.0.retain(|_, key| key.world != world);
    }

    /// Returns the key of an id.
    pub fn find(&self, id: &str) -> Option<&Key> {
        self.0.get(id)
    }

    /// Returns the key of a holder by the name of the profile.
    pub fn of(&self, name: &str) -> Option<&Key> {
        self.all().find(|key| key.name == name)
    }

    /// Returns all keys, by their ids.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        self.0.values()
    }
}

impl Key {
    /// Draws a key of the world that all share.
    ///
    /// # Errors
    ///
    /// If the system gives no random numbers.
    pub(super) fn draw(name: String, caller: Caller) -> Result<Self, NoRandom> {
        const ID_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let secret = random_text(40)?;
        // Source: IAM User Guide, "IAM identifiers", prefixes of unique ids; temporary credentials have a token.
        let (prefix, credential) = match &caller {
            Caller::Root(_) | Caller::User(..) | Caller::Anonymous => {
                ("AKIA", Credential::long_term(&secret))
            }
            Caller::Session(_) | Caller::Role(..) | Caller::Service(_) => {
                ("ASIA", Credential::temporary(&secret, &random_text(120)?))
            }
        };
        let id = random::<16>()?.map(|byte| char::from(ID_LETTERS[usize::from(byte % 32)]));
        let id = prefix.chars().chain(id).collect();
        Ok(Self { name, id, world: String::new(), caller, credential })
    }
}

/// Returns random bytes of the system.
///
/// # Errors
///
/// If the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandom)?;
    Ok(bytes)
}

/// A text of random letters and digits, of which nobody can guess a part.
///
/// # Errors
///
/// If the system gives no random numbers.
pub fn random_text(length: usize) -> Result<Zeroizing<String>, NoRandom> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Zeroizing::new(vec![0; length]);
    getrandom::fill(&mut bytes).map_err(NoRandom)?;
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)]));
    Ok(Zeroizing::new(letters.collect()))
}

/// A request id for what comes to no call: a UUID.
pub(super) fn request_id() -> String {
    // Without random numbers the id is as good as any: nothing rests on it.
    let bytes = random::<16>().unwrap_or_default();
    let hex = base16ct::lower::encode_string(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
