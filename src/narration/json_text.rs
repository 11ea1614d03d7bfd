//! JSON as text: laid out afresh, or with one statement more or less, what the person wrote left as it is.

use std::ops::Range;

use super::brackets::matching_bracket;
use crate::policy;
use crate::policy::json::{TokenKind, Value, lex, read};

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

/// A policy's text without one of its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    pub text: String,
    /// The byte where the statement stood.
    pub at: usize,
    pub taken: Taken,
}

/// A statement that was taken out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The statement as it was written, its first line without an indent.
    pub json: String,
    /// How many statements stood before it.
    pub index: usize,
}

impl Taken {
    /// Names the statement: its Sid, else its place.
    pub fn name(&self) -> String {
        let parsed = serde_json::from_str::<serde_json::Value>(&self.json).ok();
        let sid = parsed.as_ref().and_then(|statement| statement.get("Sid")?.as_str());
        sid.map_or_else(|| format!("statement {}", self.index + 1), |sid| format!("`{sid}`"))
    }

    /// Tells whether the statement stands in a text, written the same way.
    pub fn is_in(&self, text: &str) -> bool {
        let found = statements(text).map(|found| found.elements).unwrap_or_default();
        found.into_iter().any(|statement| dedented(text, &statement) == self.json)
    }

    /// The text with the statement where it stood, and the line where it starts.
    pub fn put_into(&self, text: &str) -> (String, usize) {
        let found = statements(text).ok().filter(|found| found.brackets.is_some());
        let found = found.map(|found| found.elements);
        let Some(next) = found.and_then(|elements| elements.get(self.index).cloned()) else {
            return with_statement(text, text.lines().count(), &self.json);
        };
        let indent = " ".repeat(indent_at(text, next.start));
        let block = self.json.replace('\n', &format!("\n{indent}"));
        let (before, after) = text.split_at(next.start);
        (format!("{before}{block},\n{indent}{after}"), before.matches('\n').count())
    }
}

/// Why no statement can be taken out of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStatement {
    #[error("the cursor is in no statement; go to the one that is meant")]
    Elsewhere,
    #[error("the brackets do not match here, so nobody can say where the statement ends; mend them first")]
    Open,
}

/// Takes the statement at a byte out of a text, with the comma that parts it from its neighbour.
pub fn without_statement(text: &str, at: usize) -> Result<Without, NoStatement> {
    let Statements { brackets, elements } = statements(text)?;
    let holds = |element: &Range<usize>| (element.start..=element.end).contains(&at);
    // A cursor in the blanks before a statement, or behind its comma, means that one.
    let beside = |element: &Range<usize>| {
        let before = text.get(at..element.start).is_some_and(|gap| gap.chars().all(|c| c == ' '));
        before || text.get(element.end..at).is_some_and(|gap| gap.chars().all(|c| matches!(c, ' ' | ',')))
    };
    let index = elements.iter().position(holds).or_else(|| elements.iter().position(beside));
    let (index, element) =
        index.and_then(|index| Some((index, elements.get(index)?.clone()))).ok_or(NoStatement::Elsewhere)?;
    let taken = Taken { json: dedented(text, &element), index };
    let (gone, instead) = match (brackets, elements.get(index + 1)) {
        (None, _) => (element, "[]"),
        (Some(_), Some(next)) => (element.start..next.start, ""),
        (Some(brackets), None) => {
            let behind = &text[element.end..];
            let comma = behind.trim_start().starts_with(',');
            let end = if comma { element.end + behind.find(',').unwrap_or(0) + 1 } else { element.end };
            match index.checked_sub(1).and_then(|before| elements.get(before)) {
                Some(before) => (before.end..end, ""),
                None => (brackets, ""),
            }
        }
    };
    let at = gone.start;
    let text = format!("{}{instead}{}", &text[..gone.start], &text[gone.end..]);
    Ok(Without { text, at, taken })
}

/// The byte where each statement of a text starts; none where their brackets do not match.
pub fn statement_places(text: &str) -> Vec<usize> {
    let found = statements(text).map(|found| found.elements).unwrap_or_default();
    found.into_iter().map(|element| element.start).collect()
}

/// The byte where the statement with that Sid starts, if one has it.
pub fn place_of(text: &str, sid: &str) -> Option<usize> {
    let has_it = |element: &Range<usize>| {
        let written = text.get(element.clone()).unwrap_or_default();
        let parsed = serde_json::from_str::<serde_json::Value>(written).ok();
        parsed.is_some_and(|statement| statement.get("Sid").and_then(serde_json::Value::as_str) == Some(sid))
    };
    statements(text).ok()?.elements.into_iter().find(has_it).map(|element| element.start)
}

/// Tells whether a text is by itself a whole policy.
pub fn is_policy(text: &str) -> bool {
    let found = read(text);
    let Some(Value::Object(members)) = found.root.map(|node| node.value) else { return false };
    found.errors.is_empty() && members.iter().any(|member| member.name == "Statement")
}

/// The statements of a text: each from its first character to behind its last.
struct Statements {
    /// What stands between the brackets around them; none where one statement stands without.
    brackets: Option<Range<usize>>,
    elements: Vec<Range<usize>>,
}

/// Finds the statements of a text that may be half typed, if their brackets match.
fn statements(text: &str) -> Result<Statements, NoStatement> {
    let mut tokens = lex(text).map(|token| (token.kind, token.span));
    tokens
        .find(|(kind, span)| *kind == TokenKind::Key && span.of(text) == "\"Statement\"")
        .ok_or(NoStatement::Elsewhere)?;
    let (_, open) = tokens.nth(1).ok_or(NoStatement::Open)?;
    let (_, close) = matching_bracket(&[text.to_owned()], 0, open.start).ok_or(NoStatement::Open)?;
    if open.of(text) == "{" {
        let only = open.start..close + 1;
        return Ok(Statements { brackets: None, elements: Vec::from([only]) });
    }
    let mut elements: Vec<Range<usize>> = Vec::new();
    let (mut depth, mut goes_on) = (0_usize, false);
    for (_, span) in tokens.take_while(|(_, span)| span.start < close) {
        let word = span.of(text);
        if depth == 0 && word == "," {
            goes_on = false;
            continue;
        }
        match elements.last_mut().filter(|_| goes_on && !(depth == 0 && word == "{")) {
            Some(element) => element.end = span.end,
            None => elements.push(span.start..span.end),
        }
        goes_on = true;
        match word {
            "{" | "[" => depth += 1,
            "}" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(Statements { brackets: Some(open.end..close), elements })
}

/// The blanks at the head of the line of a byte.
fn indent_at(text: &str, at: usize) -> usize {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|c| *c == ' ').count()
}

/// A part of a text, its further lines moved to the left as far as its first one stands to the right.
fn dedented(text: &str, part: &Range<usize>) -> String {
    let indent = indent_at(text, part.start);
    let mut lines = text[part.clone()].lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let blanks = line.chars().take_while(|c| *c == ' ').count().min(indent);
        out.push('\n');
        out.push_str(&line[blanks..]);
    }
    out
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

    /// The text without its `|`, and where that stood.
    fn caret(text: &str) -> (String, usize) {
        let at = text.find('|').expect("a caret");
        (text.replacen('|', "", 1), at)
    }

    #[test]
    fn a_statement_is_taken_out_with_its_comma() {
        let cases = [
            (
                "{\n  \"Statement\": [\n    {\n      \"Sid|\": \"A\"\n    },\n    {\n      \"Sid\": \"B\"\n    }\n  ]\n}",
                "{\n  \"Statement\": [\n    {\n      \"Sid\": \"B\"\n    }\n  ]\n}",
            ),
            (
                "{\n  \"Statement\": [\n    {\n      \"Sid\": \"A\"\n    },\n    {\n      \"Sid\": \"B\"\n    }|\n  ]\n}",
                "{\n  \"Statement\": [\n    {\n      \"Sid\": \"A\"\n    }\n  ]\n}",
            ),
            // The only one; one without brackets; one with a comma too many behind it.
            ("{\"Statement\": [ {|} ]}", "{\"Statement\": []}"),
            ("{\"Statement\": {\"Sid|\": \"A\"}}", "{\"Statement\": []}"),
            ("{\"Statement\": [{}, {\"Sid\": \"|\"},]}", "{\"Statement\": [{}]}"),
            // Between two that no comma parts, in brackets of its own, and before the first letter of its line.
            ("{\"Statement\": [{} {\"Action\": [\"|a\", {}]} {}]}", "{\"Statement\": [{} {}]}"),
            ("{\"Statement\": [\n {},\n| {\"Sid\": \"]}\"},\n {}]}", "{\"Statement\": [\n {},\n {}]}"),
            // What is half typed is a statement, too.
            ("{\"Statement\": [{}, \"A|ct]\n]}", "{\"Statement\": [{}\n]}"),
        ];
        for (before, after) in cases {
            let (text, at) = caret(before);
            assert_eq!(
                without_statement(&text, at).map(|without| without.text).as_deref(),
                Ok(after),
                "{before}"
            );
        }
        for (text, why) in [
            ("{\"Version\": \"|x\",\n\"Statement\": [{}]}", NoStatement::Elsewhere),
            ("{\"Statement\": [\n{}\n]|}", NoStatement::Elsewhere),
            ("{\"Statement\": [{|]}", NoStatement::Open),
            ("{\"Version\": \"|\", \"Statement\": [{}, {}]}", NoStatement::Elsewhere),
            ("{|}", NoStatement::Elsewhere),
        ] {
            let (text, at) = caret(text);
            assert_eq!(without_statement(&text, at).map(|without| without.text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_statement_that_was_taken_out_goes_back_where_it_stood() {
        for id in ["a3", "d1", "b4", "e1"] {
            let scenario = crate::scenario::find(id).expect("a scenario of the program");
            let lab = crate::lab::Lab::open(scenario, None).expect("it opens");
            let caller = &lab.persona().caller;
            for document in lab.documents() {
                let Some(text) = document.text(lab.world(), caller) else { continue };
                let Ok(text) = format_json(&text) else { panic!("{text}") };
                for statement in statements(&text).expect("statements").elements {
                    let without = without_statement(&text, statement.start).expect("a statement");
                    assert!(!without.taken.is_in(&without.text));
                    let (back, line) = without.taken.put_into(&without.text);
                    assert_eq!(back.lines().nth(line).map(str::trim), Some("{"), "{back}");
                    assert!(without.taken.is_in(&back));
                    assert_eq!(format_json(&back).as_deref(), Ok(text.as_str()));
                }
            }
        }
    }

    #[test]
    fn a_whole_policy_is_told_from_a_part_of_one() {
        for text in ["{\"Statement\": []}", " {\"Version\": \"2012-10-17\", \"Statement\": {}}\n"] {
            assert!(is_policy(text), "{text}");
        }
        for text in ["{\"Sid\": \"Statement\"}", "\"Statement\": []", "{\"Statement\": [}", "[]", "arn:aws"] {
            assert!(!is_policy(text), "{text}");
        }
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
