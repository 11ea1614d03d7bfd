//! Bytes in requests and responses: base64 in JSON, wiped from memory when dropped, never printed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::secrets::wiped;
use crate::limits::steps;

/// Bytes that may be secret (a plaintext, a data key) or not (a ciphertext). `Debug` shows the length only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Blob(Zeroizing<Vec<u8>>);

impl Blob {
    /// Takes the bytes over.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// Returns the bytes themselves.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Standard base64 with padding.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.as_bytes())
    }

    /// Reads standard base64 with padding.
    pub fn from_base64(text: &str) -> Result<Self, base64::DecodeError> {
        steps::add(text.len());
        STANDARD.decode(text).map(Self::new)
    }
}

impl ZeroizeOnDrop for Blob {}

const _: fn(&Blob) = |blob| wiped(&blob.0);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl From<Zeroizing<Vec<u8>>> for Blob {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(self.to_base64()))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Self::from_base64(&text).map_err(|e| serde::de::Error::custom(format!("not base64: {e}")))
    }
}

/// Timestamps in responses: seconds since the epoch with a fraction, as the JSON protocols write them.
pub mod epoch {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// For `#[serde(with = "epoch")]`.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date near ours fit 53 bits")]
        serializer.serialize_f64(at.as_millisecond() as f64 / 1000.0)
    }

    /// For `#[serde(with = "epoch")]`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "out of range saturates, then Timestamp refuses it"
        )]
        Timestamp::from_millisecond((seconds * 1000.0).round() as i64).map_err(D::Error::custom)
    }

    /// The same for an optional timestamp: `#[serde(with = "epoch::option")]`.
    pub mod option {
        use jiff::Timestamp;
        use serde::{Deserialize, Deserializer, Serializer};

        /// For `#[serde(with = "epoch::option")]`.
        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// For `#[serde(with = "epoch::option")]`.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            #[derive(Deserialize)]
            struct Wrapped(#[serde(with = "super")] Timestamp);
            Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|w| w.0))
        }
    }
}
