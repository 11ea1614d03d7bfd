//! Condition keys: their names, in the case they were written in and in lower case, and their values.
//!
//! Every request has some twenty, most of them the same: names that the program knows cost nothing to make and to copy.

use std::ops::Deref;
use std::sync::Arc;

/// The name of a condition key; reads as it was written.
#[derive(Debug, Clone)]
pub struct ConditionKey {
    name: Text,
    folded: Text,
}

/// A text that is part of the program, or was made while it runs.
#[derive(Debug, Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl ConditionKey {
    /// A name with its form in lower case; see the macro `key`.
    pub const fn known(name: &'static str, folded: &'static str) -> Self {
        Self { name: Text::Static(name), folded: Text::Static(folded) }
    }

    /// Returns the name in lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// Returns the bytes of a name in lower case, for the macro `key`.
pub const fn in_lower_case<const N: usize>(name: &str) -> [u8; N] {
    let mut folded = [0; N];
    let mut at = 0;
    while at < N {
        folded[at] = name.as_bytes()[at].to_ascii_lowercase();
        at += 1;
    }
    folded
}

/// A [`ConditionKey`] by a name that is part of the program, in ASCII.
macro_rules! key {
    ($name:literal) => {{
        const FOLDED: &[u8; $name.len()] = &$crate::policy::key::in_lower_case($name);
        const KEY: $crate::policy::ConditionKey = match std::str::from_utf8(FOLDED) {
            Ok(folded) => $crate::policy::ConditionKey::known($name, folded),
            Err(_) => panic!("the name of a condition key is in ASCII"),
        };
        KEY
    }};
}
pub(crate) use key;

impl Deref for ConditionKey {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl PartialEq for ConditionKey {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ConditionKey {}

impl From<Arc<str>> for ConditionKey {
    fn from(name: Arc<str>) -> Self {
        Self { folded: Text::Shared(folded(&name)), name: Text::Shared(name) }
    }
}

impl From<&str> for ConditionKey {
    fn from(name: &str) -> Self {
        Arc::<str>::from(name).into()
    }
}

impl From<String> for ConditionKey {
    fn from(name: String) -> Self {
        Arc::<str>::from(name).into()
    }
}

/// Returns a text in lower case.
pub(super) fn folded(text: &Arc<str>) -> Arc<str> {
    if !text.is_ascii() {
        return text.to_lowercase().into();
    }
    if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return text.clone();
    }
    let mut folded: Arc<str> = Arc::from(&**text);
    // Nobody else has the new text.
    Arc::make_mut(&mut folded).make_ascii_lowercase();
    folded
}

/// The values of a condition key. Most have one, which needs no list.
#[derive(Debug, Clone)]
pub enum Values {
    One(Arc<str>),
    Many(Arc<[Arc<str>]>),
}

impl Deref for Values {
    type Target = [Arc<str>];

    fn deref(&self) -> &[Arc<str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Values {}

impl<T: Into<Arc<str>>> From<T> for Values {
    fn from(value: T) -> Self {
        Self::One(value.into())
    }
}

impl<T: Into<Arc<str>>> FromIterator<T> for Values {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values = values.into_iter().map(Into::into);
        match (values.next(), values.next()) {
            (Some(only), None) => Self::One(only),
            (first, second) => Self::Many(first.into_iter().chain(second).chain(values).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_was_made() {
        for (known, made) in [(key!("aws:SourceIp"), "aws:SourceIp"), (key!("kms:a/B"), "kms:a/B")] {
            assert_eq!(known, ConditionKey::from(made));
            assert_eq!(known.folded(), made.to_lowercase());
            assert_eq!(ConditionKey::from(made).folded(), made.to_lowercase());
        }
        assert_eq!(
            ConditionKey::from("aws:RequestTag/\u{212a}").folded(),
            "aws:requesttag/k",
            "the sign of the kelvin"
        );
    }
}
