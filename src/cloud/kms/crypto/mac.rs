//! The cryptography of `GenerateMac` and `VerifyMac`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::{CryptoError, MacAlgorithm};

/// Runs an expression with a keyed MAC of the algorithm.
macro_rules! with_mac {
    ($algorithm:expr, $key:expr, $message:expr, $mac:ident => $body:expr) => {
        match $algorithm {
            MacAlgorithm::HmacSha224 => with_mac!(@ Sha224, $key, $message, $mac => $body),
            MacAlgorithm::HmacSha256 => with_mac!(@ Sha256, $key, $message, $mac => $body),
            MacAlgorithm::HmacSha384 => with_mac!(@ Sha384, $key, $message, $mac => $body),
            MacAlgorithm::HmacSha512 => with_mac!(@ Sha512, $key, $message, $mac => $body),
        }
    };
    (@ $hash:ident, $key:expr, $message:expr, $mac:ident => $body:expr) => {{
        let $mac = Hmac::<$hash>::new_from_slice($key).map_err(|_| CryptoError::WrongMaterial)?.chain_update($message);
        $body
    }};
}

/// Returns the HMAC of `message` under `key`.
pub(super) fn generate(algorithm: MacAlgorithm, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    with_mac!(algorithm, key, message, mac => Ok(mac.finalize().into_bytes().to_vec()))
}

/// Compares in constant time; a shortened code does not pass.
pub(super) fn verify(
    algorithm: MacAlgorithm,
    key: &[u8],
    message: &[u8],
    code: &[u8],
) -> Result<(), CryptoError> {
    with_mac!(algorithm, key, message, mac => mac.verify_slice(code).map_err(|_| CryptoError::InvalidSignature))
}
