//! The signing keys that were derived last: a client signs many requests of a day with one.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::wire::sigv4::{Presented, SigningKey};

/// How many signing keys are kept.
const KEPT: usize = 64;

/// The signing keys that were derived last.
#[derive(Default)]
pub(super) struct SigningKeys(Mutex<Vec<Derived>>);

/// A signing key with all that it was derived from.
struct Derived {
    secret: Zeroizing<String>,
    date: String,
    region: String,
    service: String,
    key: SigningKey,
}

impl Derived {
    fn is_of(&self, presented: &Presented, secret: &str) -> bool {
        let Self { secret: known, date, region, service, key: _ } = self;
        **known == *secret
            && *date == presented.date
            && *region == presented.region
            && *service == presented.service
    }
}

impl SigningKeys {
    /// Returns the signing key of a signature's scope, derived from a secret.
    pub fn of(&self, presented: &Presented, secret: &str) -> SigningKey {
        // An entry is there or it is not.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|derived| derived.is_of(presented, secret)) {
            return found.key.clone();
        }
        let key = SigningKey::derive(presented, secret);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(Derived {
            secret: Zeroizing::new(secret.to_owned()),
            date: presented.date.clone(),
            region: presented.region.clone(),
            service: presented.service.clone(),
            key: key.clone(),
        });
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presented(date: &str, region: &str, service: &str) -> Presented {
        Presented {
            access_key: "AKIA".to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            terminator: "aws4_request".to_owned(),
            signed_headers: Vec::new(),
            signature: String::new(),
            at: String::new(),
            token: None,
            expires: None,
        }
    }

    #[test]
    fn a_key_that_was_kept_is_the_one_that_would_be_derived() {
        let keys = SigningKeys::default();
        for _ in 0..3 {
            for secret in ["one", "other"] {
                for scope in [
                    presented("20261121", "us-east-1", "kms"),
                    presented("20261122", "us-east-1", "kms"),
                    presented("20261121", "eu-west-1", "kms"),
                    presented("20261121", "us-east-1", "iam"),
                ] {
                    let derived = SigningKey::derive(&scope, secret).sign("text");
                    assert_eq!(keys.of(&scope, secret).sign("text"), derived);
                }
            }
        }
        assert_eq!(keys.0.lock().expect("nothing panics").len(), 8);
        for day in 0..1_000 {
            let scope = presented(&day.to_string(), "us-east-1", "kms");
            assert_eq!(keys.of(&scope, "one").sign("a"), SigningKey::derive(&scope, "one").sign("a"));
        }
        assert_eq!(keys.0.lock().expect("nothing panics").len(), KEPT);
    }
}
