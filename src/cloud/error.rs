//! The error an AWS API answers with.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// An error as a client sees it: code, message, HTTP status.
///
/// The message may be empty: some AWS errors have none (`InvalidCiphertextException`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{code}{}{message}", if message.is_empty() { "" } else { ": " })]
pub struct ApiError {
    /// The error code, such as `AccessDeniedException`.
    pub code: Cow<'static, str>,
    /// The text for people.
    pub message: String,
    /// The HTTP status that goes with the code.
    pub status: u16,
    /// What the error holds beside its message, as an object of the API model: the reasons why a transaction was
    /// cancelled, say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Box<Value>>,
}

impl ApiError {
    /// A client error with HTTP status 400, the usual one of the JSON services.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), status: 400, members: None }
    }

    /// The same error with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same error with what it holds beside its message.
    #[must_use]
    pub fn with_members(mut self, members: Value) -> Self {
        self.members = Some(Box::new(members));
        self
    }

    /// Makes a `ValidationException` with `message`.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// `ValidationException` for one value that breaks a constraint of the API model.
    ///
    /// `member` is the path in lower camel case, as AWS prints it (`encryptionContext`, `tags.1.member.tagKey`).
    pub fn constraint(value: Option<&str>, member: &str, constraint: impl fmt::Display) -> Self {
        let value = value.map_or(String::new(), |v| format!(" '{v}'"));
        Self::validation(format!(
            "1 validation error detected: Value{value} at '{member}' failed to satisfy constraint: {constraint}"
        ))
    }

    /// Whether the caller was refused for want of permission.
    pub fn is_access_denied(&self) -> bool {
        matches!(self.code.as_ref(), "AccessDenied" | "AccessDeniedException")
    }
}

/// Checks that a length or a value is in its range, in the words of the API models.
///
/// `what` is `length` or `value`; a value that is not `shown` is left out of the message.
pub(in crate::cloud) fn check_range<N: Copy + PartialOrd + fmt::Display>(
    what: &str,
    measured: N,
    shown: Option<&str>,
    member: &str,
    least: N,
    most: N,
) -> Result<(), ApiError> {
    let (word, limit) = if measured < least {
        ("greater", least)
    } else if measured > most {
        ("less", most)
    } else {
        return Ok(());
    };
    let constraint = format_args!("Member must have {what} {word} than or equal to {limit}");
    Err(ApiError::constraint(shown, member, constraint))
}
