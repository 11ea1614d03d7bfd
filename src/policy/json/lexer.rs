//! Cuts a text into the tokens of JSON. It never fails: what is no token becomes an error token, so that an
//! editor can colour a text that is being typed.

use crate::policy::Span;
use crate::policy::span::floor_char_boundary;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A string that names a member: the next token is a colon.
    Key,
    String,
    /// A number, or something that starts like one.
    Number,
    /// `true`, `false` or `null`.
    Literal,
    /// One of `{ } [ ] : ,`.
    Punctuation,
    /// Text that belongs to no JSON: an open string, a bare word, a stray character.
    Error,
}

/// One token and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// The tokens of `text`, first to last, white space left out.
pub fn lex(text: &str) -> Lexer<'_> {
    Lexer { text, at: 0 }
}

/// The iterator behind [`lex`].
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn skip_white_space(&self, from: usize) -> usize {
        // INVARIANT: `from` never passes the end of the text.
        let rest = &self.text.as_bytes()[from..];
        from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
    }

    /// The end of the string that opens at `start`, and whether it is closed on its line.
    fn string_end(&self, start: usize) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => return (at + 1, true),
                b'\\' if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
                b'\n' => break,
                _ => at += 1,
            }
        }
        (floor_char_boundary(self.text, at), false)
    }

    fn run_end(&self, start: usize, belongs: impl Fn(char) -> bool) -> usize {
        self.text[start..].find(|c| !belongs(c)).map_or(self.text.len(), |length| start + length)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.skip_white_space(self.at);
        let first = self.text[start..].chars().next()?;
        let (end, kind) = match first {
            '{' | '}' | '[' | ']' | ':' | ',' => (start + 1, TokenKind::Punctuation),
            '"' => match self.string_end(start) {
                (end, false) => (end, TokenKind::Error),
                (end, true) if self.text.as_bytes().get(self.skip_white_space(end)) == Some(&b':') => {
                    (end, TokenKind::Key)
                }
                (end, true) => (end, TokenKind::String),
            },
            '-' | '0'..='9' => {
                let part_of_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
                (self.run_end(start, part_of_number), TokenKind::Number)
            }
            c if c.is_alphanumeric() || c == '_' => {
                let end = self.run_end(start, |c| c.is_alphanumeric() || c == '_');
                match &self.text[start..end] {
                    "true" | "false" | "null" => (end, TokenKind::Literal),
                    _ => (end, TokenKind::Error),
                }
            }
            stray => (start + stray.len_utf8(), TokenKind::Error),
        };
        self.at = end;
        Some(Token { kind, span: Span::new(start, end) })
    }
}

#[cfg(test)]
mod tests {
    use super::TokenKind::{Error, Key, Literal, Number, Punctuation, String};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_of_tokens() {
        let text = r#"{"a" : "b", "c": [-1.5e3, true], oops "open"#;
        let found: Vec<_> = lex(text).map(|token| (token.kind, token.span.of(text))).collect();
        let expected = [
            (Punctuation, "{"),
            (Key, "\"a\""),
            (Punctuation, ":"),
            (String, "\"b\""),
            (Punctuation, ","),
            (Key, "\"c\""),
            (Punctuation, ":"),
            (Punctuation, "["),
            (Number, "-1.5e3"),
            (Punctuation, ","),
            (Literal, "true"),
            (Punctuation, "]"),
            (Punctuation, ","),
            (Error, "oops"),
            (Error, "\"open"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_open_string_ends_with_its_line() {
        let text = "\"a\\\n1";
        assert_eq!(lex(text).map(|token| token.kind).collect::<Vec<_>>(), [Error, Number]);
    }

    proptest! {
        #[test]
        fn every_text_is_cut_into_ordered_tokens_and_white_space(text in "[ \\PC\n\"{}:,\\\\]{0,80}") {
            let mut end = 0;
            for token in lex(&text) {
                prop_assert!(text[end..token.span.start].trim_matches([' ', '\t', '\n', '\r']).is_empty());
                prop_assert!(token.span.end > token.span.start);
                end = token.span.end;
            }
            prop_assert!(text[end..].trim_matches([' ', '\t', '\n', '\r']).is_empty());
        }
    }
}
