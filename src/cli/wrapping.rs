//! Output for a terminal whose lines break between words.

use std::io::{self, IsTerminal as _, Write};

use ratatui::style::Style;

use crate::plain::output::shown;
use crate::tui::text;

/// Writes on, each line broken between words so that none is wider than the terminal; of what is no terminal as it is.
pub struct Wrapping<'o> {
    out: &'o mut dyn Write,
    /// The columns there are; `None` if nobody counts them.
    width: Option<usize>,
    /// What was written since the last end of a line.
    line: Vec<u8>,
}

impl<'o> Wrapping<'o> {
    /// For the standard output, as wide as its terminal is now.
    pub fn new(out: &'o mut dyn Write) -> Self {
        let size = crossterm::terminal::size().ok().filter(|_| io::stdout().is_terminal());
        Self { out, width: size.map(|(width, _)| usize::from(width)), line: Vec::new() }
    }

    /// Writes a line that has ended.
    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        match (self.width, str::from_utf8(&line)) {
            (Some(width), Ok(line)) => self.out.write_all(wrapped(line, width).as_bytes())?,
            (_, _) => self.out.write_all(&line)?,
        }
        self.out.write_all(b"\n")
    }
}

impl Write for Wrapping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.line.extend(end);
                    self.end_line()?;
                }
                None => self.line.extend(piece),
            }
        }
        Ok(bytes.len())
    }

    /// A line that has not ended, such as a prompt, goes out as it is.
    fn flush(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.line);
        self.out.write_all(&begun)?;
        self.out.flush()
    }
}

/// Text whose lines break between words; further rows of a line stand below where its words begin.
pub fn wrapped(page: &str, width: usize) -> String {
    let rows = page.lines().flat_map(|line| {
        let indent = line.len() - line.trim_start().len();
        text::wrap_line(&ratatui::text::Line::styled(shown(line), Style::default()), width, indent)
    });
    rows.map(|row| row.to_string().trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: Option<usize>, pieces: &[&str]) -> String {
        let mut bytes = Vec::new();
        let mut out = Wrapping { out: &mut bytes, width, line: Vec::new() };
        for piece in pieces {
            out.write_all(piece.as_bytes()).expect("it is memory");
        }
        out.flush().expect("it is memory");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn lines_break_between_words_and_nowhere_else() {
        let text = "how sure you are: 1 guessing, 3 certain\n";
        assert_eq!(written(Some(18), &[text]), "how sure you are:\n1 guessing, 3\ncertain\n");
        // In whatever pieces it comes.
        let pieces: Vec<&str> = text.split_inclusive(' ').collect();
        assert_eq!(written(Some(18), &pieces), written(Some(18), &[text]));
        assert_eq!(written(Some(14), &["  1. an error: no\n\nend\n"]), "  1. an error:\n  no\n\nend\n");
        assert_eq!(written(None, &[text]), text);
    }

    #[test]
    fn a_prompt_goes_out_before_its_line_ends() {
        assert_eq!(written(Some(18), &["a question\n", "answer> "]), "a question\nanswer> ");
    }

    #[test]
    fn notes_break_between_words() {
        let page = "Careful: this terminal is 80x24\n\n  1. one";
        assert_eq!(wrapped(page, 20), "Careful: this\nterminal is 80x24\n\n  1. one");
    }
}
