//! Builds the tree of values from the tokens.

use super::{Error, Member, Node, Reading, Token, TokenKind, Value, lex};
use crate::limits::policy::{JSON_DEPTH, JSON_ERRORS};
use crate::limits::{Exceeded, steps};
use crate::policy::Span;
use std::borrow::Cow;

/// Reads one JSON value that fills the whole text.
pub fn read(text: &str) -> Reading<'_> {
    let mut reader = Reader { text, tokens: lex(text), ahead: None, errors: Vec::new() };
    let root = reader.value(0).filter(|_| reader.at_end());
    Reading { root, errors: reader.errors }
}

/// The bytes as text, or the place of the first byte that is not UTF-8.
pub fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Error {
            message: "this byte is not UTF-8 text".to_owned(),
            remedy: "Save the text as UTF-8.",
            span: Span::new(at, at + error.error_len().unwrap_or(1)),
        }
    })
}

struct Reader<'a> {
    text: &'a str,
    tokens: super::Lexer<'a>,
    ahead: Option<Token>,
    errors: Vec<Error>,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<Token> {
        if self.ahead.is_none() {
            self.ahead = self.tokens.next();
            steps::add(self.ahead.map_or(1, |token| token.span.end - token.span.start));
        }
        self.ahead
    }

    fn next(&mut self) -> Option<Token> {
        self.peek();
        self.ahead.take()
    }

    /// Reports an error; after the last one that is reported, that there are more.
    fn error(&mut self, span: Span, message: impl Into<String>, remedy: &'static str) {
        if self.has_too_many_errors() {
            return;
        }
        let error = if self.errors.len() < JSON_ERRORS.size() {
            Error { message: message.into(), remedy, span }
        } else {
            let message = Exceeded(&JSON_ERRORS).to_string();
            Error { message, remedy: "Begin with the first error.", span }
        };
        self.errors.push(error);
    }

    /// Whether reading ends because of the number of errors.
    fn has_too_many_errors(&self) -> bool {
        self.errors.len() > JSON_ERRORS.size()
    }

    /// Reports what stands at the next token instead of what was expected. Always `None`: reading ends here.
    fn unexpected<T>(&mut self, expected: &str, remedy: &'static str) -> Option<T> {
        match self.peek() {
            None => {
                let end = Span::new(self.text.len(), self.text.len());
                self.error(end, format!("the text ends where {expected} should stand"), remedy);
            }
            Some(token) if token.kind == TokenKind::Error => {
                let found = token.span.of(self.text);
                if found.starts_with('"') {
                    self.error(token.span, "this string is not closed on its line", "Close it with \".");
                } else {
                    let found = printable(found);
                    self.error(token.span, format!("expected {expected}, found {found}"), remedy);
                }
            }
            Some(token) => {
                let found = printable(token.span.of(self.text));
                self.error(token.span, format!("expected {expected}, found {found}"), remedy);
            }
        }
        None
    }

    fn punctuation(&mut self, wanted: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| token.kind == TokenKind::Punctuation && token.span.of(self.text) == wanted);
        if found {
            self.ahead = None;
        }
        found
    }

    fn at_end(&mut self) -> bool {
        self.peek().is_none()
            || self.unexpected::<()>("the end of the text", "Remove what follows the value.").is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        const REMEDY: &str = "Write a string in quotes, a number, true, false, null, [ or {.";
        let Some(token) = self.peek() else { return self.unexpected("a value", REMEDY) };
        let whole: &'a str = self.text;
        let source = token.span.of(whole);
        if depth > JSON_DEPTH.size() {
            self.error(token.span, Exceeded(&JSON_DEPTH).to_string(), "Write it with fewer levels.");
            return None;
        }
        if self.has_too_many_errors() {
            return None;
        }
        let value = match token.kind {
            TokenKind::String | TokenKind::Key => {
                self.ahead = None;
                Value::String(self.string(token.span))
            }
            TokenKind::Number => {
                self.ahead = None;
                self.number(token.span);
                Value::Number(Cow::Borrowed(source))
            }
            TokenKind::Literal => {
                self.ahead = None;
                match source {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    _ => Value::Null,
                }
            }
            TokenKind::Punctuation if source == "{" => return self.object(token.span, depth),
            TokenKind::Punctuation if source == "[" => return self.array(token.span, depth),
            TokenKind::Punctuation | TokenKind::Error => return self.unexpected("a value", REMEDY),
        };
        Some(Node { value, span: token.span })
    }

    fn array(&mut self, open: Span, depth: usize) -> Option<Node<'a>> {
        self.ahead = None;
        let mut elements = Vec::new();
        if let Some(close) = self.close("]") {
            return Some(Node { value: Value::Array(elements), span: open.to(close) });
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if let Some(close) = self.close("]") {
                return Some(Node { value: Value::Array(elements), span: open.to(close) });
            }
            self.comma("]")?;
        }
    }

    fn object(&mut self, open: Span, depth: usize) -> Option<Node<'a>> {
        self.ahead = None;
        let mut members: Vec<Member<'a>> = Vec::new();
        if let Some(close) = self.close("}") {
            return Some(Node { value: Value::Object(members), span: open.to(close) });
        }
        loop {
            const REMEDY: &str = "Write a name in double quotes, a colon and a value.";
            let Some(Token { kind: TokenKind::Key, span: name_span }) = self.peek() else {
                let is_name = self.peek().is_some_and(|token| token.kind == TokenKind::String);
                if is_name {
                    self.next();
                    return self.unexpected("a colon", "Write a colon between the name and its value.");
                }
                return self.unexpected("a name in double quotes", REMEDY);
            };
            self.ahead = None;
            let name = self.string(name_span);
            // INVARIANT: a colon follows, that is what makes the token a key.
            self.punctuation(":");
            members.push(Member { name, name_span, value: self.value(depth + 1)? });
            if let Some(close) = self.close("}") {
                self.report_repeated_names(&members);
                return Some(Node { value: Value::Object(members), span: open.to(close) });
            }
            self.comma("}")?;
        }
    }

    fn close(&mut self, bracket: &str) -> Option<Span> {
        let token = self.peek()?;
        self.punctuation(bracket).then_some(token.span)
    }

    /// Takes the comma before the next element, and forgives none after the last one.
    fn comma(&mut self, bracket: &str) -> Option<()> {
        let comma = self.peek();
        if !self.punctuation(",") {
            return self.unexpected(&format!("a comma or {bracket}"), "Separate with a comma.");
        }
        let closes = self.peek().is_some_and(|token| token.span.of(self.text) == bracket);
        if closes {
            let span = comma.map_or(Span::default(), |token| token.span);
            self.error(span, "nothing follows this comma", "Remove the comma.");
            return None;
        }
        Some(())
    }

    fn report_repeated_names(&mut self, members: &[Member<'_>]) {
        // Nearly every object is small and repeats nothing.
        const SMALL: usize = 16;
        let repeats = |(at, member): (usize, &Member<'_>)| {
            members.iter().take(at).any(|before| before.name == member.name)
        };
        if members.len() <= SMALL && !members.iter().enumerate().any(repeats) {
            return;
        }
        steps::add(members.len());
        let mut order: Vec<&Member<'_>> = members.iter().collect();
        order.sort_by_key(|member| (&member.name, member.name_span.start));
        for pair in order.windows(2) {
            if self.has_too_many_errors() {
                return;
            }
            if let [first, second] = pair
                && first.name == second.name
            {
                let message = format!("the name {} stands twice in this object", printable(&second.name));
                self.error(second.name_span, message, "Keep one of the two, or merge their values.");
            }
        }
    }

    fn number(&mut self, span: Span) {
        let text = span.of(self.text);
        if !is_number(text) {
            let message = format!("{} is not a number", printable(text));
            self.error(span, message, "Write digits such as -12.5, or put the text in quotes.");
        } else if !text.parse::<f64>().is_ok_and(f64::is_finite) {
            let message = format!("{} is too large", printable(text));
            self.error(span, message, "Write a number within the range of a 64-bit float.");
        }
    }

    /// The text of the string at `span`, escapes resolved. What is wrong is reported and left out.
    fn string(&mut self, span: Span) -> Cow<'a, str> {
        // INVARIANT: a closed string has two quotation marks.
        let whole: &'a str = self.text;
        let inner = &whole[span.start + 1..span.end - 1];
        if !inner.bytes().any(|byte| byte == b'\\' || byte < 0x20) {
            return Cow::Borrowed(inner);
        }
        let mut text = String::with_capacity(inner.len());
        let mut at = 0;
        while let Some(c) = inner[at..].chars().next() {
            if self.has_too_many_errors() {
                break;
            }
            let start = span.start + 1 + at;
            at += c.len_utf8();
            if c == '\\' {
                let (unescaped, length) = unescape(&inner[at..]);
                at += length;
                match unescaped {
                    Ok(c) => text.push(c),
                    Err(message) => {
                        let place = Span::new(start, start + 1 + length);
                        self.error(place, message, "Write the character itself, or double the backslash.");
                    }
                }
            } else if c < ' ' {
                let message = format!("the control character U+{:04X} stands in a string", u32::from(c));
                self.error(Span::new(start, start + 1), message, "Remove it, or write it as an escape.");
            } else {
                text.push(c);
            }
        }
        Cow::Owned(text)
    }
}

/// The character of the escape whose text after the backslash is `rest`, and how many bytes it takes.
fn unescape(rest: &str) -> (Result<char, String>, usize) {
    let first = rest.chars().next().unwrap_or('\\');
    let c = match first {
        '"' | '\\' | '/' => first,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unescape_unicode(rest),
        other => {
            let message = format!("\\{} is no escape of JSON", other.escape_debug());
            return (Err(message), other.len_utf8());
        }
    };
    (Ok(c), 1)
}

fn unescape_unicode(rest: &str) -> (Result<char, String>, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(1) else {
        return (Err("\\u needs four hexadecimal digits".to_owned()), 1);
    };
    if first == 0 {
        return (Err("text must not hold NUL".to_owned()), 5);
    }
    if let Some(c) = char::from_u32(first) {
        return (Ok(c), 5);
    }
    // A character beyond U+FFFF is written as a high surrogate and a low one.
    let second = rest.get(5..7).filter(|text| *text == "\\u").and_then(|_| unit(7));
    let whole = match second {
        Some(second @ 0xDC00..=0xDFFF) if first < 0xDC00 => {
            char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        }
        _ => None,
    };
    match whole {
        Some(c) => (Ok(c), 11),
        None => (Err(format!("\\u{first:04x} is half of a surrogate pair")), 5),
    }
}

/// Whether the text is a number by the grammar of JSON.
fn is_number(text: &str) -> bool {
    fn digits(text: &str) -> &str {
        text.trim_start_matches(|c: char| c.is_ascii_digit())
    }
    let text = text.strip_prefix('-').unwrap_or(text);
    let whole = &text[..text.len() - digits(text).len()];
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return false;
    }
    let mut rest = digits(text);
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = digits(fraction);
        if rest.len() == fraction.len() {
            return false;
        }
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        rest = digits(exponent);
        if rest.len() == exponent.len() {
            return false;
        }
    }
    rest.is_empty()
}

/// A short quotation that is safe to print.
fn printable(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars().take(40) {
        // A quotation mark is what stands there; signs that cannot be seen are written out.
        if matches!(c, '"' | '\'' | '\\') { quoted.push(c) } else { quoted.extend(c.escape_debug()) }
    }
    if text.chars().nth(40).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
