//! JSON as text: laid out afresh, or with one more statement, what the person wrote left as it is.

use super::brackets::matching_bracket;
use crate::policy;
use crate::policy::json::{TokenKind, lex};

/// A text that is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct NotJson {
    /// The line, from 1.
    line: usize,
    /// The column, from 1.
    column: usize,
    /// What is wrong there.
    message: String,
}

/// Returns the text with its JSON laid out afresh, objects' fields kept in their order.
pub fn format_json(text: &str) -> Result<String, NotJson> {
    let parsed = policy::parse(text, policy::PolicyKind::Resource);
    if let Some(error) = parsed.diagnostics.iter().find(|d| d.code == "invalid-json") {
        let (line, column) = policy::line_col(text, error.span.start);
        return Err(NotJson { line, column, message: error.message.clone() });
    }
    Ok(layout_json(text))
}

/// Lays valid JSON out token by token: strings are copied as they are, so nothing but blanks can change.
fn layout_json(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let newline = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    let mut tokens = lex(text).map(|token| token.span.of(text)).peekable();
    while let Some(token) = tokens.next() {
        match token {
            "{" | "[" => {
                out.push_str(token);
                if let Some(close) = tokens.next_if(|next| matches!(*next, "}" | "]")) {
                    out.push_str(close);
                } else {
                    depth += 1;
                    newline(&mut out, depth);
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                newline(&mut out, depth);
                out.push_str(token);
            }
            "," => {
                out.push_str(token);
                newline(&mut out, depth);
            }
            ":" => out.push_str(": "),
            word => out.push_str(word),
        }
    }
    out
}

/// The policy with one more statement after the others, and the line where it starts.
///
/// Works on the text, so that what the person wrote keeps its shape: the statement goes before the bracket that closes
/// `Statement`. A text without such a bracket gets it at the cursor's line.
pub fn with_statement(text: &str, cursor_line: usize, json: &str) -> (String, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let text = lines.join("\n");
    let Some((close, empty)) = closing_bracket(&text) else {
        let at = (cursor_line + 1).min(lines.len());
        let (above, below) = lines.split_at(at);
        return ([above, &json.lines().collect::<Vec<_>>(), below].concat().join("\n"), at);
    };
    let (before, rest) = text.split_at(close);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let block: Vec<String> = json.lines().map(|l| format!("{}{l}", " ".repeat(indent + 2))).collect();
    let comma = if empty { "" } else { "," };
    let start = before.trim_end();
    let with = format!("{start}{comma}\n{}\n{}{rest}", block.join("\n"), " ".repeat(indent));
    (with, start.lines().count())
}

/// Returns the byte of the bracket that closes the array of statements, and whether the array is empty.
fn closing_bracket(text: &str) -> Option<(usize, bool)> {
    let mut tokens = lex(text).map(|token| (token.kind, token.span));
    tokens.find(|(kind, span)| *kind == TokenKind::Key && span.of(text) == "\"Statement\"")?;
    let (_, open) = tokens.nth(1).filter(|(_, span)| span.of(text) == "[")?;
    let (_, close) = matching_bracket(&[text.to_owned()], 0, open.start)?;
    Some((close, text[open.end..close].trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_joins_the_others() {
        let cases = [
            (
                "{\n  \"Statement\": [\n    {\n      \"Sid\": \"A\"\n    }\n  ]\n}",
                "{\n  \"Statement\": [\n    {\n      \"Sid\": \"A\"\n    },\n    {}\n  ]\n}",
            ),
            ("{\n  \"Statement\": []\n}", "{\n  \"Statement\": [\n    {}\n  ]\n}"),
            ("{\"Statement\": [{\"Sid\": \"]\"}]}", "{\"Statement\": [{\"Sid\": \"]\"},\n  {}\n]}"),
        ];
        for (before, after) in cases {
            assert_eq!(with_statement(before, 0, "{}").0, after);
        }
        assert_eq!(with_statement("{", 0, "{}"), ("{\n{}".to_owned(), 1));
    }

    #[test]
    fn layout_changes_blanks_only() {
        let text = r#"{"a":[1,{"b\"}":"x, y: z"}],"e":[ ],"f":{}}"#;
        let laid = format_json(text).unwrap();
        assert_eq!(
            laid,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\\\"}\": \"x, y: z\"\n    }\n  ],\n  \"e\": [],\n  \"f\": {}\n}"
        );
        assert_eq!(format_json(&laid).unwrap(), laid);
        assert!(format_json("{\"a\": }").unwrap_err().to_string().contains("line 1"));
    }
}
