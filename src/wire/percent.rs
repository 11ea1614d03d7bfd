//! Percent-encoding, as forms, paths and canonical requests have it.

use crate::limits::steps;

/// Encodes all but the letters and digits that RFC 3986 leaves, and those of `keep`.
pub fn encode(text: &[u8], keep: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 0x0f)]));
        }
    }
    out
}

/// Decodes; a `%` without two hex digits stands for itself. In a form a `+` is a blank.
pub fn decode(text: &str, form: bool) -> Vec<u8> {
    steps::add(text.len());
    let digit = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2))).filter(|_| byte == b'%');
        let decoded = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        out.push(decoded.unwrap_or(if form && byte == b'+' { b' ' } else { byte }));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

/// Decodes text; what is no UTF-8 is none.
pub fn decode_text(text: &str, form: bool) -> Option<String> {
    String::from_utf8(decode(text, form)).ok()
}

/// The parameters of a form or behind a `?`, in their order; `None` if one is no UTF-8.
pub fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_text(name, true)?, decode_text(value, true)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_again() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all, b""), true), all);
        assert_eq!(encode("a b/\u{e4}~".as_bytes(), b"/"), "a%20b/%C3%A4~");
        assert_eq!(decode_text("a+b%2Fc%", true).as_deref(), Some("a b/c%"));
        assert_eq!(decode_text("a+b", false).as_deref(), Some("a+b"));
        assert_eq!(decode_text("%ff", true), None);
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(parameters("a=1&&b&c=%3D"), Some(vec![of("a", "1"), of("b", ""), of("c", "=")]));
    }
}
