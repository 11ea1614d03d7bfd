//! Colours for JSON, one line at a time.
//!
//! JSON strings never cross lines, so a line needs no memory of the lines before it and only visible lines cost
//! anything. This colours text that may be half typed; whether it is valid is for the policy reader to say.

use std::ops::Range;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A string followed by a colon.
    Key,
    /// Any other string.
    String,
    /// A number, `true`, `false`, `null`, or a word that should not be there.
    Word,
    /// A bracket, comma or colon.
    Punct,
}

/// The tokens of one line as byte ranges, left to right, without overlap.
pub fn tokens(line: &str) -> Vec<(Range<usize>, Token)> {
    let bytes = line.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let start = at;
        match b {
            b'"' => {
                at = string_end(bytes, at);
                let is_key = bytes.get(at..).unwrap_or_default().iter().find(|b| !b.is_ascii_whitespace());
                out.push((start..at, if is_key == Some(&b':') { Token::Key } else { Token::String }));
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                at += 1;
                out.push((start..at, Token::Punct));
            }
            _ if b.is_ascii_whitespace() => at += 1,
            _ => {
                while bytes.get(at).is_some_and(|b| !b" \t{}[],:\"".contains(b)) {
                    at += 1;
                }
                // A byte that ends no word (none is left here today) must still move on.
                at = at.max(start + 1);
                out.push((start..at, Token::Word));
            }
        }
    }
    out
}

/// The byte after the string that starts at `at`, or the end of the line if it is not closed.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(b) = bytes.get(at) {
        at += 1;
        match b {
            b'\\' => at += 1,
            b'"' => return at,
            _ => {}
        }
    }
    bytes.len()
}

/// The bracket that matches the one at `(line, byte)`, if that is a bracket outside a string and has a partner.
pub fn matching_bracket(lines: &[String], line: usize, byte: usize) -> Option<(usize, usize)> {
    let mut open: Vec<(u8, usize, usize)> = Vec::new();
    for (l, text) in lines.iter().enumerate() {
        for (range, token) in tokens(text) {
            if token != Token::Punct {
                continue;
            }
            let Some(&b) = text.as_bytes().get(range.start) else { continue };
            match b {
                b'{' | b'[' => open.push((b, l, range.start)),
                b'}' | b']' => {
                    let (o, ol, ob) = open.pop()?;
                    if (o, b) != (b'{', b'}') && (o, b) != (b'[', b']') {
                        return None;
                    }
                    if (l, range.start) == (line, byte) {
                        return Some((ol, ob));
                    }
                    if (ol, ob) == (line, byte) {
                        return Some((l, range.start));
                    }
                }
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_statement_line_is_told_apart() {
        let line = r#"  "Sid": "A\"b", "n": 12, [true}"#;
        let got: Vec<_> = tokens(line).into_iter().map(|(r, t)| (&line[r], t)).collect();
        assert_eq!(
            got,
            [
                ("\"Sid\"", Token::Key),
                (":", Token::Punct),
                (r#""A\"b""#, Token::String),
                (",", Token::Punct),
                ("\"n\"", Token::Key),
                (":", Token::Punct),
                ("12", Token::Word),
                (",", Token::Punct),
                ("[", Token::Punct),
                ("true", Token::Word),
                ("}", Token::Punct),
            ]
        );
        assert_eq!(tokens("\"never closed"), [(0..13, Token::String)]);
    }

    #[test]
    fn brackets_find_their_partner_and_ignore_strings() {
        let lines: Vec<String> = ["{ \"a\": [", "  \"]\"", "] }"].map(str::to_owned).into();
        assert_eq!(matching_bracket(&lines, 0, 0), Some((2, 2)));
        assert_eq!(matching_bracket(&lines, 0, 7), Some((2, 0)));
        assert_eq!(matching_bracket(&lines, 2, 0), Some((0, 7)));
        assert_eq!(matching_bracket(&lines, 1, 3), None);
    }

    proptest! {
        #[test]
        fn tokens_lie_on_character_boundaries_in_order(line in "[^\n]{0,80}") {
            let mut last = 0;
            for (range, _) in tokens(&line) {
                prop_assert!(range.start >= last && range.end > range.start);
                prop_assert!(line.get(range.clone()).is_some(), "{:?} {:?}", line, range);
                last = range.end;
            }
        }
    }
}
