//! The brackets of JSON that is being typed.

use crate::policy::json::{TokenKind, lex};

/// Returns the bracket that matches the one at `(line, byte)`, if that is a bracket outside a string and has a partner.
///
/// No string of JSON goes over the end of its line, so each line is cut into tokens by itself.
pub fn matching_bracket(lines: &[String], line: usize, byte: usize) -> Option<(usize, usize)> {
    let mut open: Vec<(&str, usize, usize)> = Vec::new();
    for (number, text) in lines.iter().enumerate() {
        for token in lex(text).filter(|token| token.kind == TokenKind::Punctuation) {
            let start = token.span.start;
            match token.span.of(text) {
                bracket @ ("{" | "[") => open.push((bracket, number, start)),
                bracket @ ("}" | "]") => {
                    let (opening, open_line, open_byte) = open.pop()?;
                    if (opening, bracket) != ("{", "}") && (opening, bracket) != ("[", "]") {
                        return None;
                    }
                    if (number, start) == (line, byte) {
                        return Some((open_line, open_byte));
                    }
                    if (open_line, open_byte) == (line, byte) {
                        return Some((number, start));
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

    #[test]
    fn brackets_find_their_partner_and_ignore_strings() {
        let lines: Vec<String> = ["{ \"a\": [", "  \"]\"", "] }"].map(str::to_owned).into();
        assert_eq!(matching_bracket(&lines, 0, 0), Some((2, 2)));
        assert_eq!(matching_bracket(&lines, 0, 7), Some((2, 0)));
        assert_eq!(matching_bracket(&lines, 2, 0), Some((0, 7)));
        assert_eq!(matching_bracket(&lines, 1, 3), None);
    }
}
