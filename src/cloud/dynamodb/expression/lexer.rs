//! Text of an expression to tokens.

use std::ops::Range;

use super::super::invalid::Invalid;
use crate::limits::steps;

/// Longest expression.
/// Source: DynamoDB Developer Guide, "Constraints: Expression parameters".
const MAX_BYTES: usize = 4096;

/// A token of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or keyword.
    Word(String),
    Name(String),
    Value(String),
    /// Digits, as in `[3]`.
    Index(usize),
    /// Punctuation or an operator.
    Sign(&'static str),
}

/// Longer signs first: `<=` is not `<` and `=`.
const SIGNS: [&str; 14] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-"];

/// Returns the tokens of an expression and where they stand.
pub fn tokens(what: &str, text: &str) -> Result<Vec<(Token, Range<usize>)>, Invalid> {
    if text.len() > MAX_BYTES {
        return Err(Invalid(format!(
            "Invalid {what}: Expression size has exceeded the maximum allowed size; expression size: {}",
            text.len()
        )));
    }
    steps::add(text.len());
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let token = if let Some(sign) = SIGNS.iter().find(|sign| text[at..].starts_with(**sign)) {
            at += sign.len();
            Token::Sign(sign)
        } else {
            let body = start + usize::from(matches!(first, '#' | ':'));
            let length = text[body..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            at = length.map_or(text.len(), |length| body + length);
            let word = &text[start..at];
            match first {
                '#' if at > body => Token::Name(word.to_owned()),
                ':' if at > body => Token::Value(word.to_owned()),
                '0'..='9' => match word.parse() {
                    Ok(index) => Token::Index(index),
                    // Digits alone are an index, if one beyond every list.
                    Err(_) if word.bytes().all(|b| b.is_ascii_digit()) => Token::Index(usize::MAX),
                    Err(_) => return Err(syntax_error(what, text, start..at)),
                },
                _ if at > start && body == start => Token::Word(word.to_owned()),
                _ => return Err(syntax_error(what, text, start..start + first.len_utf8())),
            }
        };
        found.push((token, start..at));
    }
    Ok(found)
}

/// Returns the message for text that no expression holds at this place; it quotes the token and what stands
/// around it.
pub fn syntax_error(what: &str, text: &str, token: Range<usize>) -> Invalid {
    let token_text = text.get(token.clone()).filter(|t| !t.is_empty()).unwrap_or("<EOF>");
    let before = text.get(..token.start).unwrap_or_default();
    let after = text.get(token.end..).unwrap_or_default();
    let last_word = before.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let next_word = after.trim_start().find(char::is_whitespace);
    let end =
        next_word.map_or(text.len(), |length| token.end + (after.len() - after.trim_start().len()) + length);
    let near = text.get(last_word..end).unwrap_or(text).trim();
    Invalid(format!("Invalid {what}: Syntax error; token: \"{token_text}\", near: \"{near}\""))
}
