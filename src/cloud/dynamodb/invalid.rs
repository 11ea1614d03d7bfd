//! What DynamoDB says of a value or an expression that it refuses.

use crate::cloud::ApiError;

/// A value or expression that DynamoDB refuses: the text of its `ValidationException`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    /// Returns the refusal with `message` as its text.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Returns the refusal in the words that DynamoDB puts before most complaints about parameters.
    pub fn parameter(message: impl std::fmt::Display) -> Self {
        Self(format!("One or more parameter values were invalid: {message}"))
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::validation(invalid.0)
    }
}
