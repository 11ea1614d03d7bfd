//! A JSON reader that keeps the place of every value, reports more than one error, and cannot be made to
//! overflow the stack. It reads policies and everything else of this program that a person writes by hand.
//!
//! It is stricter than JSON where AWS is: a name may stand once in an object, and text holds no NUL.

mod lexer;
mod reader;

pub use lexer::{Lexer, Token, TokenKind, lex};
pub use reader::{MAX_DEPTH, read, utf8};

use super::Span;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    /// From its first to its last character, quotes and brackets included.
    pub span: Span,
}

/// A value of JSON, its parts with their places.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// A number, kept as written; it is finite as an `f64`.
    Number(Box<str>),
    /// A string, escapes resolved.
    String(Box<str>),
    Array(Vec<Node>),
    /// An object; its members keep their order.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The name, escapes resolved.
    pub name: Box<str>,
    /// Where the name stands, quotes included.
    pub name_span: Span,
    pub value: Node,
}

impl Member {
    /// From the name's first to the value's last character.
    pub fn span(&self) -> Span {
        self.name_span.to(self.value.span)
    }
}

impl Node {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        if let Value::Object(members) = &self.value { Some(members) } else { None }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        if let Value::Array(elements) = &self.value { Some(elements) } else { None }
    }

    /// The value of the member called `name`, if this is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.as_object()?.iter().find(|member| &*member.name == name).map(|member| &member.value)
    }

    /// The elements of an array, or the value itself as the only one: most policy elements may be either.
    pub fn one_or_many(&self) -> &[Node] {
        self.as_array().unwrap_or(std::slice::from_ref(self))
    }

    /// What kind of value this is, for messages: `a string`, `an object`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

/// Why a text is not acceptable JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub message: String,
    /// What to do about it, in one line.
    pub remedy: &'static str,
    /// The place of the mistake in the text.
    pub span: Span,
}

/// The value and the mistakes that [`read`] found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The value, if the text could be read to its end. Errors such as a repeated name leave it in place.
    pub root: Option<Node>,
    /// Everything that is wrong, in the order of the text.
    pub errors: Vec<Error>,
}

impl Reading {
    /// The value if nothing at all was wrong, else the first error.
    pub fn into_result(self) -> Result<Node, Error> {
        match (self.errors.into_iter().next(), self.root) {
            (None, Some(root)) => Ok(root),
            (Some(error), _) => Err(error),
            (None, None) => Err(Error {
                message: "there is no JSON value".to_owned(),
                remedy: "Write an object.",
                span: Span::default(),
            }),
        }
    }
}
