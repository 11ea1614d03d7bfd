//! The built-in identity provider: an OpenID Connect issuer whose signed tokens AssumeRoleWithWebIdentity takes.
//!
//! It is this program's own. Its tokens are JSON Web Tokens as those of any provider (RFC 7519), signed by ES256 (RFC 7518) with a
//! key that follows from the seed of the world.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::{SignedDuration, Timestamp};
use p256::ecdsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::super::ApiError;
use super::super::rng::{Digest, WorldRng};
use super::super::secrets::wiped;
use crate::limits::steps;

/// The provider's name, which its ARN and its condition keys begin with. RFC 2606 keeps `.example` for such names.
pub const PROVIDER: &str = "oidc.kmslab.example";

/// How long a token is valid.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// The head of every token: `{"alg":"ES256","typ":"JWT"}`.
const HEADER: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9";

/// An identity provider with the key that it signs with. `Debug` does not show the key.
#[derive(Clone)]
pub struct IdentityProvider {
    key: Arc<p256::SecretKey>,
    /// Where the numbers of signatures come from.
    draws: WorldRng,
}

const _: fn(&IdentityProvider) = |provider| wiped::<p256::SecretKey>(&provider.key);

impl std::fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityProvider").finish_non_exhaustive()
    }
}

/// What a token says of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The address of the identity provider.
    pub iss: String,
    /// The subject: whom the token is about.
    pub sub: String,
    /// The application that the token was given to.
    pub aud: String,
    /// Since when the token is valid, in seconds since 1970.
    pub iat: i64,
    /// Until when the token is valid, in seconds since 1970.
    pub exp: i64,
}

impl IdentityProvider {
    /// The provider of a world whose random numbers are these.
    pub(in crate::cloud) fn new(rng: &WorldRng) -> Self {
        let mut draws = rng.apart(&Digest::of("identity provider"));
        Self { key: Arc::new(p256::SecretKey::generate_from_rng(&mut draws)), draws }
    }

    /// Vouches for somebody to an application: the token, which is valid for an hour from `now`.
    pub fn token(&self, subject: &str, audience: &str, now: Timestamp) -> String {
        let (iat, exp) = (now.as_second(), now.as_second() + LIFETIME.as_secs());
        let claims = json!({"iss": issuer(), "sub": subject, "aud": audience, "iat": iat, "exp": exp});
        let signed = format!("{HEADER}.{}", BASE64.encode(claims.to_string()));
        let mut draws = self.draws.apart(&Digest::of(&signed));
        let key = SigningKey::from(&*self.key);
        let signature: Result<Signature, _> = key.sign_prehash_with_rng(&mut draws, &Sha256::digest(&signed));
        // A digest of the curve's own length can be signed; without a signature the token is refused.
        let signature = signature.map(|signature| BASE64.encode(signature.to_bytes())).unwrap_or_default();
        format!("{signed}.{signature}")
    }

    /// Returns what a token says, if it is one of this provider and valid at `now`.
    ///
    /// Doubtful: the words about a signature that is wrong, and about claims that are missing; there are none. One form is known.
    // Source: STS API Reference, AssumeRoleWithWebIdentity, which names the errors alone; the other words are of answers of AWS in public logs of AssumeRoleWithWebIdentity
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Result<Claims, ApiError> {
        steps::add(token.len());
        let no_token =
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
        let [header, payload, signature] = <[&str; 3]>::try_from(token.split('.').collect::<Vec<_>>())
            .map_err(|_| unidentified(no_token))?;
        let payload_bytes = BASE64.decode(payload).map_err(|_| unidentified(no_token))?;
        let said: serde_json::Value =
            serde_json::from_slice(&payload_bytes).map_err(|_| unidentified(no_token))?;
        let from = said["iss"].as_str().ok_or_else(|| unidentified(no_token))?;
        if from != issuer() {
            let text = format!("No OpenIDConnect provider found in your account for {from}");
            return Err(unidentified(&text));
        }
        let signature = BASE64.decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        let signed = Sha256::digest(format!("{header}.{payload}"));
        let verified = signature.filter(|_| header == HEADER).is_some_and(|it| {
            SigningKey::from(&*self.key).verifying_key().verify_prehash(&signed, &it).is_ok()
        });
        if !verified {
            return Err(unidentified(""));
        }
        let claims: Claims = serde_json::from_value(said).map_err(|_| unidentified(""))?;
        if claims.exp <= now.as_second() {
            let text = format!(
                "Token expired: current date/time {} must be before the expiration date/time {}",
                now.as_second(),
                claims.exp
            );
            return Err(ApiError::new("ExpiredTokenException", text));
        }
        Ok(claims)
    }

    /// Returns the key that the provider signs with, for tests that search for it.
    #[cfg(test)]
    pub(in crate::cloud) fn secret(&self) -> Vec<u8> {
        self.key.to_bytes().to_vec()
    }
}

/// The provider's address, as its tokens have it.
fn issuer() -> String {
    format!("https://{PROVIDER}")
}

/// The error for a token that says nothing about anybody.
fn unidentified(message: &str) -> ApiError {
    ApiError::new("InvalidIdentityToken", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-05T09:00:00Z".parse().expect("a time")
    }

    fn provider(seed: u64) -> IdentityProvider {
        IdentityProvider::new(&WorldRng::new(seed))
    }

    #[test]
    fn a_token_says_who_somebody_is_for_an_hour() {
        let token = provider(7).token("repo:lab", "sts.amazonaws.com", now());
        let claims = provider(7).read(&token, now()).expect("a token");
        assert_eq!((&*claims.sub, &*claims.aud), ("repo:lab", "sts.amazonaws.com"));
        let later = now() + LIFETIME;
        let late = provider(7).read(&token, later).expect_err("it is over");
        assert_eq!(late.code, "ExpiredTokenException");
        let text = format!(
            "Token expired: current date/time {0} must be before the expiration date/time {0}",
            later.as_second()
        );
        assert_eq!(late.message, text);
    }

    #[test]
    fn no_other_token_is_believed() {
        let token = provider(7).token("a", "b", now());
        let parts: Vec<&str> = token.split('.').collect();
        let claims = |iss: &str| {
            let said =
                json!({"iss": iss, "sub": "root", "aud": "b", "iat": 0, "exp": now().as_second() + 60});
            BASE64.encode(said.to_string())
        };
        let none = BASE64.encode(r#"{"alg":"none"}"#);
        for (token, words) in [
            (provider(8).token("a", "b", now()), ""),
            (format!("{}.{}.{}", parts[0], claims("https://oidc.kmslab.example"), parts[2]), ""),
            (format!("{none}.{}.", claims("https://oidc.kmslab.example")), ""),
            (format!("{none}.{}.{}", parts[1], parts[2]), ""),
            (
                format!("{}.{}.{}", parts[0], claims("https://a.example"), parts[2]),
                "No OpenIDConnect provider found in your account for https://a.example",
            ),
            ("a.b".to_owned(), "The ID Token provided is not a valid JWT."),
            ("....".to_owned(), "The ID Token provided is not a valid JWT."),
            (format!("{}.{}.{}", parts[0], BASE64.encode("[]"), parts[2]), "The ID Token provided is not"),
        ] {
            let error = provider(7).read(&token, now()).expect_err(&token);
            assert_eq!(error.code, "InvalidIdentityToken", "{token}");
            assert!(
                error.message.starts_with(words) && error.message.is_empty() == words.is_empty(),
                "{error}"
            );
        }
    }
}
