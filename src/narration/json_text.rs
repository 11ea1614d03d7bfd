//! JSON as text: laid out afresh, or with one more statement, what the person wrote left as it is.

use crate::policy;

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

/// Valid JSON, token by token: strings are copied as they are, so nothing but blanks can change.
fn layout_json(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut chars = text.chars().peekable();
    let newline = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push(c);
                while let Some(c) = chars.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|n| matches!((c, *n), ('{', '}') | ('[', ']'))) {
                    out.push(close);
                } else {
                    depth += 1;
                    newline(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                newline(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                newline(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// The policy with one more statement after the others, and the line where it starts.
///
/// Works on the text, so that what the person wrote keeps its shape: the statement goes before the bracket that closes
/// `Statement`. A text without such a bracket gets it at the cursor's line.
pub fn with_statement(text: &str, cursor_line: usize, json: &str) -> (String, usize) {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let close = closing_bracket(&lines);
    if let Some((line, byte, empty)) = close {
        let before = lines[..line].join("\n");
        let head = lines.get(line).and_then(|l| l.get(..byte)).unwrap_or_default();
        let tail = lines.get(line).and_then(|l| l.get(byte..)).unwrap_or_default();
        let mut start: String = if line == 0 { head.to_owned() } else { format!("{before}\n{head}") };
        start.truncate(start.trim_end().len());
        if !empty {
            start.push(',');
        }
        let indent = lines[line].chars().take_while(|c| *c == ' ').count();
        let pad = " ".repeat(indent + 2);
        let block: Vec<String> = json.lines().map(|l| format!("{pad}{l}")).collect();
        let at = start.lines().count();
        let rest: Vec<&str> = lines.iter().skip(line + 1).map(String::as_str).collect();
        let mut out = format!("{start}\n{}\n{}{tail}", block.join("\n"), " ".repeat(indent));
        if !rest.is_empty() {
            out = format!("{out}\n{}", rest.join("\n"));
        }
        (out, at)
    } else {
        let at = (cursor_line + 1).min(lines.len());
        let mut all = lines;
        for (i, l) in json.lines().enumerate() {
            all.insert(at + i, l.to_owned());
        }
        (all.join("\n"), at)
    }
}

/// The bracket that closes the array of statements: its line, its byte, and whether the array is empty.
fn closing_bracket(lines: &[String]) -> Option<(usize, usize, bool)> {
    use super::highlight::{Token, matching_bracket, tokens};
    let mut after_key = false;
    for (number, line) in lines.iter().enumerate() {
        for (range, token) in tokens(line) {
            let text = line.get(range.clone()).unwrap_or_default();
            match token {
                Token::Key => after_key = text == "\"Statement\"",
                Token::Punct if after_key && text == "[" => {
                    let (end_line, end_byte) = matching_bracket(lines, number, range.start)?;
                    let mut inside = String::new();
                    for (n, l) in lines.iter().enumerate().take(end_line + 1).skip(number) {
                        let from = if n == number { range.end } else { 0 };
                        let to = if n == end_line { end_byte } else { l.len() };
                        inside.push_str(l.get(from..to).unwrap_or_default());
                    }
                    return Some((end_line, end_byte, inside.trim().is_empty()));
                }
                Token::Punct if text == ":" => {}
                _ => after_key = false,
            }
        }
    }
    None
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
