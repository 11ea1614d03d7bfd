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

/// Writes the canonical request.
pub(super) fn request(request: &Request, presented: &Presented) -> String {
    let mut text = [request.method.as_str(), &path(&request.path), &query(&request.query), ""].join("\n");
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
    text.push_str(&presented.signed_headers.join(";"));
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

/// Signs a string to sign; the signature is in hex.
pub fn signature_of(presented: &Presented, secret: &str, to_sign: &str) -> String {
    let signed = signing_mac(presented, secret).chain_update(to_sign.as_bytes()).finalize().into_bytes();
    hex(&signed)
}

/// Compares a signature with the right one, in the same time wherever they differ.
pub(super) fn is_signature_of(presented: &Presented, secret: &str, to_sign: &str) -> bool {
    let mut bytes = [0_u8; 32];
    let given = base16ct::lower::decode(presented.signature.as_bytes(), &mut bytes);
    let mac = signing_mac(presented, secret).chain_update(to_sign.as_bytes());
    given.is_ok_and(|given| mac.verify_slice(given).is_ok())
}

/// The HMAC under the signing key, which is derived from the secret and the scope.
fn signing_mac(presented: &Presented, secret: &str) -> Hmac<Sha256> {
    let mut key = Zeroizing::new(format!("AWS4{secret}").into_bytes());
    for part in [&*presented.date, &*presented.region, &*presented.service, TERMINATOR] {
        key = Zeroizing::new(mac(&key).chain_update(part.as_bytes()).finalize().into_bytes().to_vec());
    }
    mac(&key)
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    // INVARIANT: HMAC takes keys of any length.
    Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}
