//! One question to the policies: who wants to do what to what, under which circumstances.

use super::key::{ConditionKey, Values, folded};
use super::principal::{Principal, account_of};
use crate::limits::steps;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashSet;
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
        let folded_action = folded(&action);
        Self { principal, action, folded_action, resource, context }
    }

    /// Puts the same question under other condition keys, which hold those that follow from the principal already.
    pub(crate) fn under(&self, context: Context) -> Self {
        Self { context, ..self.clone() }
    }

    /// Puts the same question without some condition keys.
    #[must_use]
    pub fn without(&self, keys: &[String]) -> Self {
        let mut context = self.context.clone();
        for key in keys {
            context.remove(key);
        }
        self.under(context)
    }

    /// Returns the principal that makes the request.
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
    ///
    /// Where an ARN says `aws`, as that of an AWS managed policy does, the resource stands in every account.
    /// Source: IAM User Guide, "Managed policies and inline policies": the ARN of an AWS managed policy.
    pub fn owner(&self) -> Option<&str> {
        self.account.as_deref().or_else(|| account_of(&self.arn).filter(|account| *account != "aws"))
    }
}

/// The condition keys of a request, each with one value or many. Case does not distinguish keys, except that names
/// people choose, such as those of tags, may stand beside each other in several spellings; see [`Context::get`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Sorted by the key in lower case, then by the name in it that people choose.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    key: ConditionKey,
    values: Values,
}

impl Context {
    /// Returns a context without any keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a context without any keys, in which so many have room.
    pub(crate) fn with_room(keys: usize) -> Self {
        Self { entries: Vec::with_capacity(keys) }
    }

    /// Gives a key one value, in place of what it had.
    pub fn set(&mut self, key: impl Into<ConditionKey>, value: impl Into<Arc<str>>) {
        self.put(key.into(), Values::One(value.into()));
    }

    /// Gives a key any number of values, in place of what it had. No values count as an absent key.
    pub fn set_many<V: Into<Arc<str>>>(
        &mut self,
        key: impl Into<ConditionKey>,
        values: impl IntoIterator<Item = V>,
    ) {
        self.put(key.into(), values.into_iter().map(Into::into).collect());
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) {
        let folded = key.to_lowercase();
        self.entries.retain(|entry| entry.key.folded() != folded);
    }

    /// Returns the context without some keys, told by their names as written.
    pub(crate) fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Cow<'_, Self> {
        steps::add(self.entries.len());
        if !self.entries.iter().any(|entry| is_left_out(&entry.key)) {
            return Cow::Borrowed(self);
        }
        let entries = self.entries.iter().filter(|entry| !is_left_out(&entry.key));
        Cow::Owned(Self { entries: entries.cloned().collect() })
    }

    /// The values of a key, written in any case. None if several spellings of it have values.
    pub fn get(&self, key: &str) -> Option<&[Arc<str>]> {
        self.values(&key.to_lowercase())
    }

    /// The keys as they were written, with their values, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Arc<str>])> {
        self.entries.iter().map(|entry| (&*entry.key, &*entry.values))
    }

    /// The keys in lower case.
    pub(crate) fn folded_keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.folded())
    }

    /// Adds the keys that follow from the principal where they are absent.
    pub(crate) fn add_implied(&mut self, principal: &Principal) {
        for (key, value) in principal.implied_keys() {
            if self.values(key.folded()).is_none() {
                self.set(key, value);
            }
        }
    }

    /// The values of a key given in lower case.
    pub(crate) fn values(&self, folded: &str) -> Option<&[Arc<str>]> {
        match &self.entries[self.spellings(folded)] {
            [] => None,
            [only] => Some(&only.values),
            several => in_several_spellings(several),
        }
    }

    /// The entries that differ from the key in case only.
    fn spellings(&self, folded: &str) -> std::ops::Range<usize> {
        let start = self.entries.partition_point(|entry| entry.key.folded() < folded);
        let same = self.entries[start..].partition_point(|entry| entry.key.folded() == folded);
        start..start + same
    }

    /// Where the entry of this very key stands, or where it would.
    fn place(&self, key: &ConditionKey) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| {
            entry.key.folded().cmp(key.folded()).then_with(|| chosen(&entry.key).cmp(chosen(key)))
        })
    }

    /// The keys that differ from one in case only, as they were written.
    pub(crate) fn spelled_like(&self, key: &str) -> impl Iterator<Item = (&str, &[Arc<str>])> {
        let spellings = self.spellings(&key.to_lowercase());
        self.entries[spellings].iter().map(|entry| (&*entry.key, &*entry.values))
    }

    /// The keys that begin with a prefix in whatever case, by the rest of their names.
    pub(crate) fn beginning<'a>(
        &'a self,
        prefix: &'a str,
        folded_prefix: &str,
    ) -> impl Iterator<Item = (&'a str, &'a [Arc<str>])> {
        let start = self.entries.partition_point(|entry| entry.key.folded() < folded_prefix);
        let length =
            self.entries[start..].partition_point(|entry| entry.key.folded().starts_with(folded_prefix));
        self.entries[start..start + length].iter().filter_map(|entry| {
            let (begin, rest) = entry.key.split_at_checked(prefix.len())?;
            begin.eq_ignore_ascii_case(prefix).then_some((rest, &*entry.values))
        })
    }

    /// Gives a key its values, in place of what it had.
    pub(crate) fn put(&mut self, key: ConditionKey, values: Values) {
        match self.place(&key) {
            Ok(at) => self.entries[at] = Entry { key, values }, // found there
            Err(at) => self.entries.insert(at, Entry { key, values }),
        }
    }
}

/// Whether a known key, in which a `*` at the end stands for a name, is this one.
pub(crate) fn is_key(known: &str, key: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => {
            key.len() > start.len() && key.get(..start.len()).is_some_and(|k| k.eq_ignore_ascii_case(start))
        }
        None => known.eq_ignore_ascii_case(key),
    }
}

/// The part of a condition key that people choose: the name of a tag, or of a pair of an encryption context. It comes
/// after the first slash or the second colon.
fn chosen(key: &str) -> &str {
    let colons = key.match_indices(':').nth(1).map(|(at, _)| at);
    let slash = key.find('/');
    let end = colons.into_iter().chain(slash).min();
    end.map_or("", |at| &key[at + 1..])
}

/// What a condition sees of a key that the request has in several spellings, such as the tags `team` and `Team`.
///
/// Doubtful. The documentation says that a condition on a tag matches a key of either spelling, "but not both", and
/// advises against such pairs in encryption contexts. Here the key counts as absent then, so that no condition that
/// wants a value is met by choosing a second spelling. The alternatives are that the first or the last spelling
/// counts, or that all values count as those of one key. One form is known.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:ResourceTag, aws:RequestTag); KMS API Reference,
// GrantConstraints
fn in_several_spellings(_entries: &[Entry]) -> Option<&[Arc<str>]> {
    None
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
struct OneOrMany(Vec<Arc<str>>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("text, a number, true or false, or a list of these as the value of a condition key")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<OneOrMany, E> {
        Ok(OneOrMany(Vec::new()))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<OneOrMany, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<OneOrMany, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<OneOrMany, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<OneOrMany, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![text.into()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
        let mut values = Vec::new();
        while let Some(OneOrMany(value)) = list.next_element()? {
            let [value] = <[_; 1]>::try_from(value).map_err(|_| A::Error::custom("a list inside a list"))?;
            values.push(value);
        }
        Ok(OneOrMany(values))
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContextVisitor)
    }
}

/// Reads a map and refuses a key that stands twice, in whatever case; only names that people choose may.
struct ContextVisitor;

impl<'de> Visitor<'de> for ContextVisitor {
    type Value = Context;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of condition keys, each with a value or a list of values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Context, M::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashSet<(Box<str>, Box<str>)> = HashSet::new();
        while let Some(name) = map.next_key::<Arc<str>>()? {
            let key = ConditionKey::from(name);
            if !seen.insert((Box::from(key.folded()), Box::from(chosen(&key)))) {
                let name = &*key;
                return Err(M::Error::custom(format_args!("the condition key {name} stands twice")));
            }
            let OneOrMany(values) = map.next_value()?;
            entries.push(Entry { key, values: values.into_iter().collect() });
        }
        entries.sort_by(|a, b| (a.key.folded(), chosen(&a.key)).cmp(&(b.key.folded(), chosen(&b.key))));
        Ok(Context { entries })
    }
}

impl<K: Into<ConditionKey>, V: Into<Arc<str>>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            context.set(key, value);
        }
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Source: IAM User Guide, "reference_policies_condition-keys" (aws:ResourceTag)
    #[test]
    fn case_distinguishes_chosen_names_only() {
        let mut context = Context::new();
        context.set("aws:SourceIp", "203.0.113.1");
        context.set("AWS:sourceip", "203.0.113.2");
        assert_eq!(context.get("aws:SourceIP").map(<[_]>::len), Some(1));
        assert_eq!(context.iter().count(), 1);
        for (one, other) in [
            ("aws:RequestTag/team", "aws:RequestTag/Team"),
            ("kms:EncryptionContext:App", "kms:EncryptionContext:APP"),
            ("kms:EncryptionContext:a/b", "kms:EncryptionContext:A/b"),
        ] {
            let mut context: Context = [(one, "1")].into_iter().collect();
            assert!(context.get(other).is_some(), "{one}: either spelling is found");
            context.set(other, "2");
            assert_eq!(context.iter().count(), 2, "{one}: both are kept");
            assert_eq!(context.get(one), None, "{one}: neither is found");
            context.set(other, "3");
            context.set(one, "4");
            assert_eq!(context.iter().count(), 2, "{one}: a key is replaced by itself");
            context.remove(one);
            assert_eq!(context, Context::new());
        }
    }

    #[test]
    fn a_key_stands_once_in_the_json_form() {
        let read = |text: &str| serde_json::from_str::<Context>(text);
        assert!(read(r#"{"aws:SourceIp": "a", "AWS:SourceIp": "b"}"#).is_err());
        assert!(read(r#"{"aws:RequestTag/a": "a", "AWS:RequestTag/a": "b"}"#).is_err());
        assert_eq!(
            read(r#"{"aws:RequestTag/a": "a", "aws:RequestTag/A": "b"}"#).map(|c| c.iter().count()).ok(),
            Some(2)
        );
    }
}
