//! A JSON reader that keeps the place of every value, reports more than one error, and cannot be made to
//! overflow the stack. It reads policies and everything else of this program that a person writes by hand.
//!
//! It is stricter than JSON where AWS is: a name may stand once in an object, and text holds no NUL.

mod lexer;
mod reader;

pub use lexer::{Lexer, Token, TokenKind, lex};
pub use reader::{read, utf8};

use super::Span;
use std::borrow::Cow;

/// A value and its place. Its texts are those of the text it was read from, where they hold no escapes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    pub value: Value<'a>,
    /// From its first to its last character, quotes and brackets included.
    pub span: Span,
}

/// A value of JSON, its parts with their places.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    /// A number, kept as written; it is finite as an `f64`.
    Number(Cow<'a, str>),
    /// A string, escapes resolved.
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    /// An object; its members keep their order.
    Object(Vec<Member<'a>>),
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// The name, escapes resolved.
    pub name: Cow<'a, str>,
    /// Where the name stands, quotes included.
    pub name_span: Span,
    pub value: Node<'a>,
}

impl Member<'_> {
    /// From the name's first to the value's last character.
    pub fn span(&self) -> Span {
        self.name_span.to(self.value.span)
    }
}

impl<'a> Node<'a> {
    /// Returns the value with texts of its own, so that it can outlive the text it was read from.
    pub fn into_owned(self) -> Node<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        let value = match self.value {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(text) => Value::Number(own(text)),
            Value::String(text) => Value::String(own(text)),
            Value::Array(elements) => Value::Array(elements.into_iter().map(Node::into_owned).collect()),
            Value::Object(members) => {
                let member = |Member { name, name_span, value }: Member<'a>| Member {
                    name: own(name),
                    name_span,
                    value: value.into_owned(),
                };
                Value::Object(members.into_iter().map(member).collect())
            }
        };
        Node { value, span: self.span }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&[Member<'a>]> {
        if let Value::Object(members) = &self.value { Some(members) } else { None }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Node<'a>]> {
        if let Value::Array(elements) = &self.value { Some(elements) } else { None }
    }

    /// The value of the member called `name`, if this is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.as_object()?.iter().find(|member| &*member.name == name).map(|member| &member.value)
    }

    /// The elements of an array, or the value itself as the only one: most policy elements may be either.
    pub fn one_or_many(&self) -> &[Node<'a>] {
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
pub struct Reading<'a> {
    /// The value, if the text could be read to its end. Errors such as a repeated name leave it in place.
    pub root: Option<Node<'a>>,
    /// Everything that is wrong, in the order of the text.
    pub errors: Vec<Error>,
}

impl<'a> Reading<'a> {
    /// The value if nothing at all was wrong, else the first error.
    pub fn into_result(self) -> Result<Node<'a>, Error> {
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
