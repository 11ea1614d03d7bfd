//! Memory that something is written into until a limit is reached.

use std::io;

use serde_json::Value;

use super::{Exceeded, Limit};

/// Takes bytes up to a length, behind those that are there.
pub struct Sink<'a> {
    bytes: &'a mut Vec<u8>,
    most: usize,
}

impl<'a> Sink<'a> {
    /// Makes a sink that takes so many more bytes.
    pub fn new(bytes: &'a mut Vec<u8>, more: usize) -> Self {
        let most = bytes.len().saturating_add(more);
        Self { bytes, most }
    }
}

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(bytes.len()) > self.most {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a value as JSON over several lines, with so many blanks a level.
///
/// What is nested deeply is far longer in print than it is as a value, and so the limit is asked while it is written.
///
/// # Errors
///
/// If the text would be longer than the limit.
pub fn pretty(value: &Value, indent: &[u8], limit: &'static Limit) -> Result<String, Exceeded> {
    let mut bytes = Vec::new();
    let mut sink = Sink::new(&mut bytes, limit.size());
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
    let mut serializer = serde_json::Serializer::with_formatter(&mut sink, formatter);
    // Writing a value to memory fails for no other reason than its length.
    serde::Serialize::serialize(value, &mut serializer).map_err(|_| Exceeded(limit))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}
