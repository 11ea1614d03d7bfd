//! Times as requests write them: ISO 8601 in its basic form, `20261121T215247Z`.

use jiff::Timestamp;

/// Reads a time of ISO 8601's basic form.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let is_it = text.len() == 16
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    if is_it { text.parse().ok() } else { None }
}

/// Turns the date of a header `Date` into the basic form.
pub(super) fn of_http(text: &str) -> Option<String> {
    if read(text).is_some() {
        return Some(text.to_owned());
    }
    let time = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(write(time))
}

/// Writes a time in ISO 8601's basic form.
pub(super) fn write(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}
