//! Blobs as the CLI takes and shows them: in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Bytes as they are shown and sent.
pub fn encoded(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}

/// The bytes of a text in base64. The CLI passes over characters that are none of the alphabet, and over whatever
/// follows the padding; a text whose padding does not fit is refused. Source: Python's `base64.b64decode`.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut letters = String::new();
    let mut pads = 0;
    for c in text.chars() {
        match c {
            '=' if letters.len() % 4 >= 2 => {
                pads += 1;
                if letters.len() % 4 + pads >= 4 {
                    break;
                }
            }
            c if c.is_ascii_alphanumeric() || c == '+' || c == '/' => {
                letters.push(c);
                pads = 0;
            }
            _ => {}
        }
    }
    let is_whole = letters.len().is_multiple_of(4) || letters.len() % 4 + pads >= 4;
    // Bits that are left over are no fault.
    let lenient = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    is_whole.then(|| lenient.decode(letters).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: `base64.b64decode` of the same texts.
    #[test]
    fn base64_is_read_as_the_cli_reads_it() {
        for (text, bytes) in [
            ("aGVsbG8=", Some(&b"hello"[..])),
            ("aGVsbG8=\n", Some(b"hello")),
            ("aGVs bG8=", Some(b"hello")),
            ("aGVsbG8=trailing", Some(b"hello")),
            ("aGVsbG9=", Some(b"hello")),
            ("*", Some(b"")),
            ("", Some(b"")),
            ("hello", None),
            ("a", None),
            ("aGVsbG8", None),
        ] {
            assert_eq!(decoded(text).as_deref(), bytes, "{text:?}");
        }
    }
}
