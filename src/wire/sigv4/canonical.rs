//! The canonical request, the string to sign, and the signature.
//!
//! Source: IAM User Guide, "Create a signed AWS API request".

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::super::message::Request;
use super::super::percent::{decode, encode};
use super::presented::{ALGORITHM, Presented, TERMINATOR};
use crate::limits::steps;

/// The bytes that most canonical requests have at most: one is written without moving to a larger place.
const ROOM: usize = 1_024;

/// Writes the canonical request.
pub(super) fn request(request: &Request, presented: &Presented) -> String {
    let mut text = String::with_capacity(ROOM);
    for part in [request.method.as_str(), &path(&request.path), &query(&request.query)] {
        text.push_str(part);
        text.push('\n');
    }
    for name in &presented.signed_headers {
        text.push_str(name);
        let values = request.headers.iter().filter(|(known, _)| known == name);
        // A header that is not there is written like one without a value.
        let mut before = ':';
        for (_, value) in values {
            text.push(before);
            push_with_single_blanks(&mut text, value);
            before = ',';
        }
        text.push_str(if before == ':' { ":\n" } else { "\n" });
    }
    text.push('\n');
    let mut before = "";
    for name in &presented.signed_headers {
        text.push_str(before);
        text.push_str(name);
        before = ";";
    }
    text.push('\n');
    text.push_str(&hex(&Sha256::digest(&request.body)));
    text
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// Encodes the parts of a path once more: all services but S3 sign it so.
fn path(path: &str) -> String {
    if path.is_empty() {
        return "/".to_owned();
    }
    encode(path.as_bytes(), b"/")
}

/// The parameters, encoded and sorted; the signature itself is none of them.
fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            steps::add(pair.len());
            (encode(&decode(name, true), b""), encode(&decode(value, true), b""))
        })
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Writes a header's value with one blank for each run of blanks, and none at its ends.
fn push_with_single_blanks(text: &mut String, value: &str) {
    let mut parts = value.split(' ').filter(|part| !part.is_empty());
    text.extend(parts.next());
    for part in parts {
        text.push(' ');
        text.push_str(part);
    }
}

/// Writes the string to sign.
pub fn string_to_sign(presented: &Presented, canonical: &str) -> String {
    let Presented { at, date, region, service, .. } = presented;
    let hash = hex(&Sha256::digest(canonical.as_bytes()));
    format!("{ALGORITHM}\n{at}\n{date}/{region}/{service}/{TERMINATOR}\n{hash}")
}

/// The key that requests of one scope are signed with: derived from a secret, a day, a Region and a service. Wiped when
/// dropped.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl SigningKey {
    /// Derives the key of a signature's scope from a secret.
    pub fn derive(presented: &Presented, secret: &str) -> Self {
        let under = |key: &[u8], part: &str| -> Zeroizing<[u8; 32]> {
            Zeroizing::new(mac(key).chain_update(part.as_bytes()).finalize().into_bytes().into())
        };
        let first = Zeroizing::new(format!("AWS4{secret}").into_bytes());
        let mut key = under(&first, &presented.date);
        for part in [&*presented.region, &*presented.service, TERMINATOR] {
            key = under(&*key, part);
        }
        Self(key)
    }

    /// Signs a string to sign; the signature is in hex.
    pub fn sign(&self, to_sign: &str) -> String {
        hex(&mac(&*self.0).chain_update(to_sign.as_bytes()).finalize().into_bytes())
    }

    /// Compares a signature with the right one, in the same time wherever they differ.
    pub(super) fn verifies(&self, presented: &Presented, to_sign: &str) -> bool {
        let mut bytes = [0_u8; 32];
        let given = base16ct::lower::decode(presented.signature.as_bytes(), &mut bytes);
        let mac = mac(&*self.0).chain_update(to_sign.as_bytes());
        given.is_ok_and(|given| mac.verify_slice(given).is_ok())
    }
}

/// Signs a string to sign; the signature is in hex.
pub fn signature_of(presented: &Presented, secret: &str, to_sign: &str) -> String {
    SigningKey::derive(presented, secret).sign(to_sign)
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    // INVARIANT: HMAC takes keys of any length.
    Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}
