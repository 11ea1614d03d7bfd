//! Whether a signature is that of the key it names: its scope, its time, itself.

use jiff::{SignedDuration, Timestamp};

use super::super::message::Request;
use super::super::spoken::Spoken;
use super::canonical::{self, SigningKey, string_to_sign};
use super::fault::Fault;
use super::presented::{Presented, TERMINATOR};
use super::time;

/// How far a client's clock may be off.
// Source: answers of AWS to requests that were signed too early or too late, "- 5 min."
// Doubtful for DynamoDB, whose guide writes 15 minutes. One form is known.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Presented {
    /// Checks that the credential is scoped to this service, to a Region, and to the day of the signature.
    // Source: dynalite, `index.js`, the order in which DynamoDB checks
    pub fn check_scope(&self, spoken: &Spoken) -> Result<(), Fault> {
        let scope = |text: String| Err(Fault::Scope(format!("Credential should be scoped {text}")));
        if self.terminator != TERMINATOR {
            return scope(format!("with a valid terminator: '{TERMINATOR}', not '{}'.", self.terminator));
        }
        if self.service != spoken.signing {
            return scope(format!("to correct service: '{}'.", spoken.signing));
        }
        if !is_region(&self.region) {
            return scope(format!("to a valid Region, not '{}'.", self.region));
        }
        let day = self.at.get(..8).unwrap_or_default();
        if self.date != day {
            return Err(Fault::Scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}', \
                 from '{}'.",
                self.date, self.at
            )));
        }
        Ok(())
    }

    /// Checks the time and the signature by the signing key of its scope, at a time of the client's clock.
    pub fn check(&self, request: &Request, key: &SigningKey, now: Timestamp) -> Result<(), Fault> {
        self.check_time(now)?;
        let canonical = canonical::request(request, self);
        let to_sign = string_to_sign(self, &canonical);
        if key.verifies(self, &to_sign) {
            return Ok(());
        }
        Err(Fault::Mismatch { canonical, to_sign })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Fault> {
        let Some(signed) = time::read(&self.at) else { return Err(Fault::Date(self.at.clone())) };
        let valid = self.expires.unwrap_or(SKEW);
        if signed < now - valid {
            return Err(Fault::Expired { signed: self.at.clone(), now, valid });
        }
        if signed > now + SKEW {
            return Err(Fault::NotYet { signed: self.at.clone(), now, valid: SKEW });
        }
        Ok(())
    }
}

/// Whether a text has the form of a Region's name: every Region answers here, whenever AWS opens it.
pub(super) fn is_region(name: &str) -> bool {
    let mut parts = name.split('-');
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let first = parts.next().is_some_and(is_word);
    let number =
        parts.next_back().is_some_and(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()));
    let mut words = parts.peekable();
    first && number && words.peek().is_some() && words.all(is_word)
}
