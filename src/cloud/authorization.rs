//! What is kept of a refusal that carries an authorization id: all that the request was decided from.
//!
//! Source: IAM User Guide, "Troubleshoot access denied error messages with authorization ID (Preview)".

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::AccountId;
use super::iam::State as Iam;
use super::organizations::State as Organizations;
use super::permission::DecisionRecord;
use super::shared::Shared;
use crate::policy::Context;

/// The evaluation of one refused request, with the identities and organizations as they were then.
#[derive(Clone)]
pub struct Authorization {
    /// The authorization id, as the message of the refusal quotes it.
    pub id: String,
    /// The Region in which the id can be looked up.
    pub region: &'static str,
    /// The account of the principal that was refused.
    pub account: Option<AccountId>,
    /// The condition keys that every permission of the request was decided with.
    pub(in crate::cloud) context: Context,
    /// The decisions in order; the last is the refusal.
    pub(in crate::cloud) decisions: Vec<DecisionRecord>,
    pub(in crate::cloud) iam: Shared<Iam>,
    pub(in crate::cloud) organizations: Shared<Organizations>,
}

/// An authorization stands for one request, so its id tells whether two are the same.
impl PartialEq for Authorization {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Shows the id alone: the state of two services is behind it.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Returns the authorization id of a request: no random number is drawn for it.
// Source: ids in public logs since 2026-08 have 24 or 25 characters, as 128 bits have in base 36; iam-toolbox API
// Reference, GetRequestAuthorizationDetails: digits and small letters.
pub(super) fn id(request_id: impl fmt::Display) -> String {
    base36(&format!("authorization of {request_id}"))
}

/// Returns 128 bits of a text's digest in base 36.
pub(in crate::cloud) fn base36(of: &str) -> String {
    let digest = Sha256::digest(of.as_bytes());
    let mut left = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut digits = Vec::new();
    while left > 0 || digits.is_empty() {
        digits.extend(char::from_digit((left % 36) as u32, 36));
        left /= 36;
    }
    digits.iter().rev().collect()
}

/// Returns what follows the message of a refusal that carries an authorization id.
///
/// Doubtful: which operations of IAM leave it out ("most APIs in IAM" have it). Of those that are simulated, one public
/// log has a refusal of CreateRole without it; all others have it, and so CreateRole has it here. One form is
/// known.
// Source: IAM User Guide, "Troubleshoot access denied error messages with authorization ID (Preview)", its example;
// public logs since 2026-08
pub(super) fn remedy(id: &str, region: &str) -> String {
    format!(
        ". Go to https://{region}.console.aws.amazon.com/iam/home?region={region}#/authorization-details/{id} for \
         complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: {id}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_128_bits_in_base_36() {
        let ids: Vec<String> = (0..2_000).map(|n| id(format!("request {n}"))).collect();
        let usual = ids.iter().filter(|id| matches!(id.len(), 24 | 25)).count();
        assert!(usual > 1_990, "{usual}");
        assert!(ids.iter().all(|id| id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())));
        assert!(ids.iter().zip(ids.iter().skip(1)).all(|(one, next)| one != next));
    }
}
