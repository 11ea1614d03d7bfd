//! A journal, sound or torn.

use kmslab::lab::{Entry, Journal, JournalError};

use crate::frame::{Reader, Shape::Made, filled, nested};

fn peek(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a3.journal");
    std::fs::write(&path, input).expect("written");
    match Journal::peek(&path) {
        // What is no journal, or was damaged, is refused with its line.
        Ok(_) | Err(JournalError::Damaged { .. }) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// A sound journal of that many bytes.
fn sound(size: usize) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a3.journal");
    let mut journal = Journal::open(&path).expect("new").journal;
    // A checksum, a blank, `{"wait":1}` and the end of the line.
    let entries = vec![Entry::Wait(1); size / 29];
    journal.append(&entries).expect("written");
    std::fs::read(&path).expect("there")
}

/// Four lines of a torn end, full of what looks like checksums: each may be that of the line before.
fn torn(size: usize) -> Vec<u8> {
    let line = filled(size / 4, "0123456789abcdef {", "0123456789abcdef ", "\n");
    line.repeat(4)
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "a journal",
        read: peek,
        repeat: Made(sound),
        nest: Made(|size| nested(size, "0123456789abcdef {", "", "}\n")),
        widen: Made(torn),
        long_token: Made(|size| filled(size, "0123456789abcdef {\"act\":\"", "a", "\"}\n")),
    },
];
