//! Checks of request fields against the limits of the API model, with AWS's messages.
//!
//! Source of limits: KMS API model (`service-2.json`).

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::crypto::{EncryptionContext, Word};
use crate::cloud::error::check_range;
use crate::cloud::{ApiError, Blob};

/// A field that must hold one of AWS's words, and may hold anything until it is checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Choice<T> {
    text: String,
    #[serde(skip)]
    kind: PhantomData<T>,
}

impl<T: Word> Choice<T> {
    /// Returns the value, or the error that lists the legal ones. `member` is the field's name in lower camel
    /// case.
    pub fn check(&self, member: &str) -> Result<T, ApiError> {
        T::from_word(&self.text).ok_or_else(|| {
            let constraint = format!("Member must satisfy enum value set: [{}]", T::listed().join(", "));
            ApiError::constraint(Some(&self.text), member, constraint)
        })
    }

    /// Returns the text as given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<T: Word> From<T> for Choice<T> {
    fn from(value: T) -> Self {
        Self { text: value.as_str().to_owned(), kind: PhantomData }
    }
}

impl<T> fmt::Debug for Choice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Returns the value of an optional field that must hold one of AWS's words.
pub fn check_choice<T: Word>(choice: Option<&Choice<T>>, member: &str) -> Result<Option<T>, ApiError> {
    choice.map(|choice| choice.check(member)).transpose()
}

/// Checks that a text has between `least` and `most` characters.
pub fn check_text(text: &str, member: &str, least: usize, most: usize) -> Result<(), ApiError> {
    check_range("length", text.chars().count(), Some(text), member, least, most)
}

/// Checks that a blob has between `least` and `most` bytes; the message does not repeat them.
pub fn check_blob(blob: &Blob, member: &str, least: usize, most: usize) -> Result<(), ApiError> {
    check_range("length", blob.as_bytes().len(), None, member, least, most)
}

/// Checks that `legal` takes every character; `pattern` is how the model writes that.
pub fn check_pattern(
    text: &str,
    member: &str,
    legal: impl Fn(char) -> bool,
    pattern: &str,
) -> Result<(), ApiError> {
    check_shape(text, member, text.chars().all(legal), pattern)
}

/// Answers as for a text that does not match `pattern`, unless it is found to be `legal`.
pub fn check_shape(text: &str, member: &str, legal: bool, pattern: &str) -> Result<(), ApiError> {
    if legal {
        return Ok(());
    }
    let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
    Err(ApiError::constraint(Some(text), member, constraint))
}

/// Checks that a number is between `least` and `most`.
pub fn check_number(number: i64, member: &str, least: i64, most: i64) -> Result<(), ApiError> {
    check_range("value", number, Some(&number.to_string()), member, least, most)
}

/// Checks that there are at most ten grant tokens of at most 8192 characters.
pub fn check_grant_tokens(tokens: &[String]) -> Result<(), ApiError> {
    if tokens.len() > 10 {
        let constraint = "Member must have length less than or equal to 10";
        return Err(ApiError::constraint(
            Some(&format!("[{}]", tokens.join(", "))),
            "grantTokens",
            constraint,
        ));
    }
    tokens.iter().try_for_each(|token| check_text(token, "grantTokens.1.member", 1, 8192))
}

/// The longest encryption context, names and values together.
///
/// Doubtful: the number is documented for the context of the encryption SDK's header and repeated by users of the
/// API; the model has none. Without it a context has no bound but that of the request. One form is known.
/// Source: KMS API Reference, Encrypt, `EncryptionContext`, without a limit; AWS Encryption SDK Developer Guide, "Encryption
/// context".
const MAX_CONTEXT: usize = 8192;

/// Checks that an encryption context has a reasonable size.
pub fn check_context(context: &EncryptionContext, member: &str) -> Result<(), ApiError> {
    let len = context.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    check_range("length", len, None, member, 0, MAX_CONTEXT)
}

/// The end of an answer to a list, which says whether there is more.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Page {
    /// The marker to go on from.
    pub next_marker: Option<String>,
    pub truncated: bool,
}

/// Returns one page of a list: the items after `marker`, at most `limit` of them, and whether there are more.
///
/// The marker is the id of the last item shown; `id` gives an item's. The order must be that of the ids.
/// Source: KMS API Reference, `Limit`, `Marker`, `NextMarker`, `Truncated`.
pub fn page<T>(
    items: impl Iterator<Item = T>,
    limit: Option<i64>,
    marker: Option<&str>,
    most: i64,
    id: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Page), ApiError> {
    let limit = limit.unwrap_or(most.min(100));
    check_number(limit, "limit", 1, 1000)?;
    let limit = usize::try_from(limit.min(most)).unwrap_or(usize::MAX);
    let after = match marker {
        None => None,
        Some(marker) => {
            Some(marker.strip_prefix(MARKER).ok_or_else(super::errors::invalid_marker)?.to_owned())
        }
    };
    let mut rest = items.skip_while(|item| after.as_ref().is_some_and(|after| id(item) <= *after));
    let shown: Vec<T> = rest.by_ref().take(limit).collect();
    let next_marker = rest.next().and(shown.last()).map(|last| format!("{MARKER}{}", id(last)));
    Ok((shown, Page { truncated: next_marker.is_some(), next_marker }))
}

/// The beginning of every marker, so that text that never was a marker is noticed.
const MARKER: &str = "after:";

#[cfg(test)]
mod tests {
    use super::super::crypto::KeySpec;
    use super::*;

    #[test]
    fn a_word_that_is_none_is_answered_with_the_legal_ones() {
        let choice: Choice<KeySpec> = serde_json::from_str("\"RSA_1024\"").unwrap();
        let error = choice.check("keySpec").unwrap_err();
        assert_eq!(error.code, "ValidationException");
        assert!(error.message.starts_with(
            "1 validation error detected: Value 'RSA_1024' at 'keySpec' failed to satisfy constraint: Member must \
             satisfy enum value set: [RSA_2048, RSA_3072,"
        ));
        assert_eq!(Choice::from(KeySpec::Hmac224).check("keySpec"), Ok(KeySpec::Hmac224));
    }

    #[test]
    fn lists_come_in_pages() {
        let items = || ["a", "b", "c"].into_iter();
        let id = |item: &&str| (*item).to_owned();
        let more = |page: Page| page.next_marker.inspect(|_| assert!(page.truncated));
        let (first, page_of) = page(items(), Some(2), None, 1000, id).unwrap();
        assert_eq!(first, ["a", "b"]);
        let (second, end) = page(items(), Some(2), more(page_of).as_deref(), 1000, id).unwrap();
        assert_eq!((second, end), (vec!["c"], Page { next_marker: None, truncated: false }));
        assert_eq!(more(page(items(), None, None, 1000, id).unwrap().1), None);
        assert_eq!(more(page(items(), Some(3), None, 1000, id).unwrap().1), None);
        assert!(page(items(), Some(0), None, 1000, id).is_err());
        assert!(page(items(), Some(1001), None, 1000, id).is_err());
        assert_eq!(page(items(), None, Some("?"), 1000, id).unwrap_err().code, "InvalidMarkerException");
    }
}
