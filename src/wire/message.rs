//! A request and an answer: what the protocols need of HTTP.

use std::fmt;

/// A request as it arrived. `Debug` shows neither headers nor body, which hold tokens and plaintexts.
#[derive(Clone, Default)]
pub struct Request {
    /// `POST` or `GET`, in capitals.
    pub method: String,
    /// The path as sent, percent-encoded.
    pub path: String,
    /// What stands behind the `?` as sent; empty for nothing.
    pub query: String,
    /// The headers in their order; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes behind the head, all of them.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, query: _, headers: _, body } = self;
        write!(f, "Request({method} {path}, {} bytes)", body.len())
    }
}

impl Request {
    /// Returns the first value of a header; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the content type without its parameters.
    pub fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim()
    }
}

/// An answer to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP, such as 200.
    pub status: u16,
    /// The headers beside the length and the date.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer of one content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the first value of a header; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}
