//! One question to the policies: who wants to do what to what, under which circumstances.

use super::Principal;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// One question. It cannot be changed, because parts of it are prepared for matching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    principal: Principal,
    action: Arc<str>,
    #[serde(skip)]
    folded_action: Arc<str>,
    resource: Resource,
    context: Context,
}

impl Request {
    /// Puts a question. Condition keys that follow from the principal are added where `context` lacks them:
    /// `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:userid` and `aws:username`.
    ///
    /// `action` is written as in a policy, for example `service:Operation`; its case does not matter.
    pub fn new(
        principal: Principal,
        action: impl Into<Arc<str>>,
        resource: Resource,
        mut context: Context,
    ) -> Self {
        context.add_implied(&principal);
        let action = action.into();
        let folded_action = action.to_lowercase().into();
        Self { principal, action, folded_action, resource, context }
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The action as it was written.
    pub fn action(&self) -> &Arc<str> {
        &self.action
    }

    /// The action in lower case.
    pub(crate) fn folded_action(&self) -> &str {
        &self.folded_action
    }

    /// What the action is to be done to.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The condition keys of the request.
    pub fn context(&self) -> &Context {
        &self.context
    }
}

/// What an action is done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The ARN, or `*` for an action that is bound to no resource.
    pub arn: Arc<str>,
    /// The account that owns it. If unknown, the account in the ARN; if there is none, the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Arc<str>>,
}

impl Resource {
    /// A resource whose account stands in its ARN, or is the caller's.
    pub fn new(arn: impl Into<Arc<str>>) -> Self {
        Self { arn: arn.into(), account: None }
    }

    /// The owning account, if it is stated or stands in the ARN.
    pub fn owner(&self) -> Option<&str> {
        self.account.as_deref().or_else(|| account_of(&self.arn))
    }
}

/// The account in an ARN; `None` if the text is no ARN or names no account.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(3).filter(|account| !account.is_empty())
}

/// The condition keys of a request. Case does not distinguish keys; each has one value or many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Sorted by the key in lower case.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    folded: Arc<str>,
    name: Arc<str>,
    values: Arc<[Arc<str>]>,
}

impl Context {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a key one value, in place of what it had.
    pub fn set(&mut self, key: impl Into<Arc<str>>, value: impl Into<Arc<str>>) {
        self.put(key.into(), [value.into()].into());
    }

    /// Gives a key any number of values, in place of what it had. No values count as an absent key.
    pub fn set_many<V: Into<Arc<str>>>(
        &mut self,
        key: impl Into<Arc<str>>,
        values: impl IntoIterator<Item = V>,
    ) {
        self.put(key.into(), values.into_iter().map(Into::into).collect());
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) {
        let folded = key.to_lowercase();
        self.entries.retain(|entry| *entry.folded != *folded);
    }

    /// The values of a key, written in any case.
    pub fn get(&self, key: &str) -> Option<&[Arc<str>]> {
        self.values(&key.to_lowercase())
    }

    /// The keys as they were written, with their values, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Arc<str>])> {
        self.entries.iter().map(|entry| (&*entry.name, &*entry.values))
    }

    /// The keys in lower case.
    pub(crate) fn folded_keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.folded)
    }

    /// Adds the keys that follow from the principal where they are absent.
    pub(crate) fn add_implied(&mut self, principal: &Principal) {
        for (key, value) in principal.implied_keys() {
            if self.values(&key.to_ascii_lowercase()).is_none() {
                self.set(key, value);
            }
        }
    }

    /// The values of a key given in lower case.
    pub(crate) fn values(&self, folded: &str) -> Option<&[Arc<str>]> {
        let at = self.entries.binary_search_by(|entry| (*entry.folded).cmp(folded)).ok()?;
        self.entries.get(at).map(|entry| &*entry.values)
    }

    fn put(&mut self, name: Arc<str>, values: Arc<[Arc<str>]>) {
        let folded: Arc<str> = name.to_lowercase().into();
        match self.entries.binary_search_by(|entry| entry.folded.cmp(&folded)) {
            Ok(at) => self.entries[at] = Entry { folded, name, values }, // found there
            Err(at) => self.entries.insert(at, Entry { folded, name, values }),
        }
    }
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, values) in self.iter() {
            match values {
                [value] => map.serialize_entry(name, value)?,
                values => map.serialize_entry(name, values)?,
            }
        }
        map.end()
    }
}

/// A value of the JSON form of a [`Context`].
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Arc<str>),
    Many(Vec<Arc<str>>),
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContextVisitor)
    }
}

/// Reads a map and refuses a key that stands twice, in whatever case.
struct ContextVisitor;

impl<'de> Visitor<'de> for ContextVisitor {
    type Value = Context;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of condition keys, each with a string or a list of strings")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Context, M::Error> {
        let mut context = Context::new();
        while let Some(key) = map.next_key::<Arc<str>>()? {
            if context.get(&key).is_some() {
                return Err(M::Error::custom(format_args!("the condition key {key} stands twice")));
            }
            match map.next_value()? {
                OneOrMany::One(value) => context.set(key, value),
                OneOrMany::Many(values) => context.set_many(key, values),
            }
        }
        Ok(context)
    }
}

impl<K: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            context.set(key, value);
        }
        context
    }
}
