//! What is wrong with a signature, and the error of it in each protocol.

use jiff::{SignedDuration, Timestamp};

use super::time::write;
use crate::cloud::ApiError;
use crate::cloud::service::ErrorStyle;

/// What is wrong with a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request has no signature.
    Missing,
    /// A part of it is missing or cannot be read; the text says which.
    Incomplete(String),
    /// The date cannot be read.
    Date(String),
    /// The signature is for another service, Region or day; the text says so.
    Scope(String),
    /// Nobody has the access key, or the session token is not that of the key.
    UnknownKey,
    /// The session has ended.
    ExpiredToken,
    /// The signature was made too long ago.
    Expired { signed: String, now: Timestamp, valid: SignedDuration },
    /// The signature was made in the future.
    NotYet { signed: String, now: Timestamp, valid: SignedDuration },
    /// The signature is not that of the key's secret.
    Mismatch { canonical: String, to_sign: String },
}

impl Fault {
    /// Returns the error as the services of a style answer it.
    // Source: "Common errors" of the API References; dynalite, `index.js`; IAM User Guide, "Troubleshoot AWS SigV4 requests"
    pub fn error(&self, style: ErrorStyle) -> ApiError {
        let is_query = style == ErrorStyle::Query;
        let (code, text): (&'static str, String) = match self {
            Self::Missing => return style.unsigned(),
            Self::UnknownKey => {
                let code = if is_query { "InvalidClientTokenId" } else { "UnrecognizedClientException" };
                (code, "The security token included in the request is invalid.".to_owned())
            }
            Self::ExpiredToken => {
                let code = if is_query { "ExpiredToken" } else { "ExpiredTokenException" };
                (code, "The security token included in the request is expired".to_owned())
            }
            Self::Incomplete(_) | Self::Date(_) => {
                let code = if is_query { "IncompleteSignature" } else { "IncompleteSignatureException" };
                (code, self.text())
            }
            Self::Scope(_) | Self::Expired { .. } | Self::NotYet { .. } | Self::Mismatch { .. } => {
                let code = if is_query { "SignatureDoesNotMatch" } else { "InvalidSignatureException" };
                (code, self.text())
            }
        };
        let is_incomplete = matches!(self, Self::Incomplete(_) | Self::Date(_));
        let status = match style {
            ErrorStyle::Json => 400,
            ErrorStyle::Query if is_incomplete => 400,
            ErrorStyle::Query | ErrorStyle::RestJson => 403,
        };
        ApiError::new(code, text).with_status(status)
    }

    /// The text of what is wrong with the signature itself.
    fn text(&self) -> String {
        match self {
            Self::Missing | Self::UnknownKey | Self::ExpiredToken => String::new(),
            Self::Incomplete(text) | Self::Scope(text) => text.clone(),
            Self::Date(text) => format!(
                "Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Self::Expired { signed, now, valid } => format!(
                "Signature expired: {signed} is now earlier than {} ({} - {} min.)",
                write(*now - *valid),
                write(*now),
                valid.as_mins()
            ),
            Self::NotYet { signed, now, valid } => format!(
                "Signature not yet current: {signed} is still later than {} ({} + {} min.)",
                write(*now + *valid),
                write(*now),
                valid.as_mins()
            ),
            Self::Mismatch { canonical, to_sign } => format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
                 and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request \
                 should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n"
            ),
        }
    }
}
