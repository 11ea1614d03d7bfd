//! Text on its way to the terminal: what came from a file or an item must not be obeyed by it.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

pub use crate::narration::harmless::{clean, clean_line};
use crate::narration::harmless::{is_unsafe, replaced};

/// A line of text, whatever stands in it.
pub fn line(out: &mut dyn Write, text: impl AsRef<str>) -> io::Result<()> {
    writeln!(out, "{}", clean_line(text.as_ref()))
}

/// Text of any number of lines, tabs included.
pub fn text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(shown(text).as_bytes())
}

/// Text of any number of lines as [`text`] writes it.
pub fn shown(text: &str) -> String {
    replaced(text, &['\n', '\t'])
}

/// A JSON value over several lines, harmless to a terminal.
pub fn json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    writeln!(out, "{}", escape(&format!("{value:#}")))
}

/// JSON text in which everything that a terminal would obey is escaped, as JSON allows inside of strings.
pub fn escape(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_unsafe(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _infallible = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_gets_through() {
        let nasty = "a\u{1b}[31mb\u{7}c\u{9b}d\u{202e}e\r\nf\u{2066}";
        assert_eq!(clean(nasty), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}\nf\u{fffd}");
        assert_eq!(clean_line("a\nb: sound\rc"), "a\u{fffd}b: sound\u{fffd}c");
        let mut out = Vec::new();
        json(&mut out, &Value::from(nasty)).expect("writing to memory");
        let text = String::from_utf8(out).expect("it is UTF-8");
        assert!(!text.trim_end().chars().any(is_unsafe), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("it is JSON"), Value::from(nasty));
    }
}
