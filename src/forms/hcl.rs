//! The language of Terraform: blocks, arguments and expressions.
//!
//! Source: Terraform Language, "Syntax" and "Strings and templates".

use std::fmt::Write as _;

use crate::narration::harmless::is_unsafe;
use crate::template::{Doc, Piece, Text};

/// What the account is called in the file.
pub const ACCOUNT: &str = "data.aws_caller_identity.current.account_id";

/// A block while it is written.
#[derive(Debug)]
pub struct Block {
    text: String,
    depth: usize,
}

impl Block {
    /// Begins a block of a kind with its labels.
    pub fn new(kind: &str, labels: &[&str]) -> Self {
        let mut block = Self { text: String::new(), depth: 0 };
        block.open(kind, labels);
        block
    }

    fn open(&mut self, kind: &str, labels: &[&str]) {
        let labels = labels.iter().map(|label| quoted(label));
        let words: Vec<String> = std::iter::once(kind.to_owned()).chain(labels).collect();
        self.line(&format!("{} {{", words.join(" ")));
        self.depth += 1;
    }

    fn line(&mut self, text: &str) {
        let _infallible = writeln!(self.text, "{:1$}{text}", "", self.depth * 2);
    }

    /// Adds an argument, whose value is an expression.
    pub fn set(&mut self, name: &str, expression: &str) {
        self.line(&format!("{name} = {expression}"));
    }

    /// Adds an argument whose value is a text.
    pub fn set_text(&mut self, name: &str, text: &str) {
        self.set(name, &quoted(text));
    }

    /// Adds an argument whose value is a policy document.
    pub fn set_document(&mut self, name: &str, document: &Doc) {
        let object = value(document, self.depth);
        self.set(name, &format!("jsonencode({object})"));
    }

    /// Adds texts by name, unless there are none.
    pub fn set_map<'a>(&mut self, name: &str, pairs: impl IntoIterator<Item = (&'a String, &'a String)>) {
        let pairs: Vec<_> = pairs.into_iter().collect();
        if pairs.is_empty() {
            return;
        }
        self.line(&format!("{name} = {{"));
        self.depth += 1;
        for (key, value) in pairs {
            self.set(&quoted(key), &quoted(value));
        }
        self.depth -= 1;
        self.line("}");
    }

    /// Adds a list of expressions, unless it is empty.
    pub fn set_list(&mut self, name: &str, expressions: impl IntoIterator<Item = String>) {
        let all: Vec<String> = expressions.into_iter().collect();
        if !all.is_empty() {
            self.set(name, &format!("[{}]", all.join(", ")));
        }
    }

    /// Adds a block inside of this one.
    pub fn inner(&mut self, kind: &str, fill: impl FnOnce(&mut Self)) {
        self.open(kind, &[]);
        fill(self);
        self.close();
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    /// Ends the block that was begun last.
    pub fn end(mut self) -> String {
        self.close();
        self.text
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // What would begin a template is written twice.
            '$' | '%' if chars.peek() == Some(&'{') => out.extend([c, c]),
            c if is_unsafe(c) => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// A text with references as an expression.
pub fn expression(text: &Text) -> String {
    let reference = |piece: &Piece| match piece {
        Piece::Words(_) => None,
        Piece::Account => Some(ACCOUNT.to_owned()),
        Piece::KeyArn(id) => Some(format!("{}.arn", id.address())),
        Piece::KeyId(id) => Some(format!("{}.key_id", id.address())),
    };
    if let [single] = text.pieces()
        && let Some(reference) = reference(single)
    {
        return reference;
    }
    let part = |piece: &Piece| match piece {
        Piece::Words(words) => escaped(words),
        Piece::Account | Piece::KeyArn(_) | Piece::KeyId(_) => {
            format!("${{{}}}", reference(piece).unwrap_or_default())
        }
    };
    format!("\"{}\"", text.pieces().iter().map(part).collect::<String>())
}

/// A document as an expression whose first line stands at some depth.
fn value(document: &Doc, depth: usize) -> String {
    let pad = |depth: usize| " ".repeat(depth * 2);
    match document {
        Doc::Plain(plain) => plain.to_string(),
        Doc::Text(text) => expression(text),
        Doc::List(docs) if docs.iter().all(|doc| matches!(doc, Doc::Plain(_) | Doc::Text(_))) => {
            format!("[{}]", docs.iter().map(|doc| value(doc, depth)).collect::<Vec<_>>().join(", "))
        }
        Doc::List(docs) => {
            let lines = docs.iter().map(|doc| format!("{}{},\n", pad(depth + 1), value(doc, depth + 1)));
            format!("[\n{}{}]", lines.collect::<String>(), pad(depth))
        }
        Doc::Fields(fields) if fields.is_empty() => "{}".to_owned(),
        Doc::Fields(fields) => {
            let lines = fields.iter().map(|(name, doc)| {
                format!("{}{} = {}\n", pad(depth + 1), quoted(name), value(doc, depth + 1))
            });
            format!("{{\n{}{}}}", lines.collect::<String>(), pad(depth))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_never_a_template() {
        for (text, expected) in [
            ("a", "\"a\""),
            ("${aws:username}", "\"$${aws:username}\""),
            ("%{if}", "\"%%{if}\""),
            ("$5 100%", "\"$5 100%\""),
            ("\"\\\n\u{1b}", "\"\\\"\\\\\\n\\u001b\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
