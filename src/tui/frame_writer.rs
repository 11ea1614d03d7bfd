//! One frame, one write.
//!
//! What is drawn is gathered until the backend flushes, and then goes out at once, between the marks of a synchronized
//! update: a terminal that knows them shows the frame whole, any other ignores them.

use std::io::{self, Write};

/// Begin and end of a synchronized update. Source: the terminal specification "Synchronized Output", private mode 2026.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Gathers a frame for `out`.
#[derive(Debug)]
pub struct FrameWriter<W> {
    out: W,
    frame: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    /// A writer without a frame yet.
    pub fn new(out: W) -> Self {
        Self { out, frame: Vec::new() }
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.is_empty() {
            self.frame.extend_from_slice(BEGIN);
        }
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.frame.is_empty() {
            self.frame.extend_from_slice(END);
            let written = self.out.write_all(&self.frame);
            self.frame.clear();
            written?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_goes_out_whole_between_its_marks() {
        let mut out = Vec::new();
        let mut writer = FrameWriter::new(&mut out);
        for part in ["\x1b[1;1H", "ab", "\n", "c"] {
            writer.write_all(part.as_bytes()).unwrap();
        }
        assert!(writer.out.is_empty(), "nothing leaves before the frame is done");
        writer.flush().unwrap();
        writer.flush().unwrap();
        assert_eq!(out, b"\x1b[?2026h\x1b[1;1Hab\nc\x1b[?2026l");
    }
}
