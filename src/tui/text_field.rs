//! One text that is typed: a filter, a path, the console's line.
//!
//! [`TextField::on_key`] is all that an input at the end of its text needs; moving and cutting serve [`super::prompt`],
//! whose keys the key map names. Knows nothing of what the text is for.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// The longest text to look for, in bytes.
pub const MAX_FILTER_BYTES: usize = 200;
/// The longest path, in bytes, as Linux takes it.
pub const MAX_PATH_BYTES: usize = 4096;

/// A text, a cursor in it, and how long it may grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextField {
    text: String,
    /// Where the cursor is, in bytes; always between two characters.
    cursor: usize,
    max_bytes: usize,
}

impl TextField {
    /// An empty text that may grow to so many bytes.
    pub fn new(max_bytes: usize) -> Self {
        Self { text: String::new(), cursor: 0, max_bytes }
    }

    /// An empty text to look for.
    pub fn filter() -> Self {
        Self::new(MAX_FILTER_BYTES)
    }

    /// Returns the text that was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Takes a key that every text takes: a character, backspace, or ctrl-u, which clears it as in a shell. Says whether
    /// it was one.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(&mut self, key: KeyEvent) -> bool {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => self.clear(),
            KeyCode::Char(c) if plain => {
                self.insert(c.encode_utf8(&mut [0; 4]));
            }
            KeyCode::Backspace => {
                self.remove(self.left_of_cursor()..self.cursor);
            }
            _ => return false,
        }
        true
    }

    /// Inserts pasted text, as much of it as there is room for; it stays one line.
    pub fn paste(&mut self, pasted: &str) {
        for c in pasted.chars().filter(|c| !c.is_control()) {
            if !self.insert(c.encode_utf8(&mut [0; 4])) {
                return;
            }
        }
    }

    /// Inserts text at the cursor, all of it or nothing. Says whether there was room.
    pub fn insert(&mut self, typed: &str) -> bool {
        let fits = self.text.len() + typed.len() <= self.max_bytes;
        if fits {
            self.text.insert_str(self.cursor, typed);
            self.cursor += typed.len();
        }
        fits
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.cursor = self.text.len();
    }

    /// Takes the text away.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Takes the text out.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Takes a part of the text out; the cursor goes where it stood. A part that is none leaves everything as it is.
    pub fn remove(&mut self, part: Range<usize>) -> String {
        let Some(removed) = self.text.get(part.clone()).map(str::to_owned) else { return String::new() };
        self.text.replace_range(part.clone(), "");
        self.cursor = part.start;
        removed
    }

    /// Moves the cursor to a byte; it stays where it is if no character starts there.
    pub fn go_to(&mut self, at: usize) {
        if self.text.is_char_boundary(at) {
            self.cursor = at;
        }
    }

    /// The text before the cursor.
    pub fn before(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    /// The text behind the cursor.
    pub fn after(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or_default()
    }

    /// Where the character before the cursor starts.
    pub fn left_of_cursor(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    /// Where the character at the cursor ends.
    pub fn right_of_cursor(&self) -> usize {
        self.cursor + self.after().graphemes(true).next().map_or(0, str::len)
    }

    /// Where the cursor's line starts.
    pub fn line_start(&self) -> usize {
        self.before().rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the cursor's line ends.
    pub fn line_end(&self) -> usize {
        let after = self.after();
        self.cursor + after.find('\n').unwrap_or(after.len())
    }

    /// Where the word before the cursor starts; words are parted by blanks, as in a shell's ctrl-w.
    pub fn word_start(&self) -> usize {
        let trimmed = self.before().trim_end();
        let blank = trimmed.char_indices().rev().find(|(_, c)| c.is_whitespace());
        blank.map_or(0, |(at, c)| at + c.len_utf8())
    }

    /// Where the word behind the cursor ends.
    pub fn word_end(&self) -> usize {
        let after = self.after();
        let blanks = after.len() - after.trim_start().len();
        let word = after.trim_start().find(char::is_whitespace).unwrap_or(after.trim_start().len());
        self.cursor + blanks + word
    }
}

impl Default for TextField {
    fn default() -> Self {
        Self::filter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(field: &mut TextField, code: KeyCode, modifiers: KeyModifiers) -> bool {
        field.on_key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn every_text_takes_characters_backspace_and_ctrl_u() {
        let mut field = TextField::filter();
        for c in "kms 漢".chars() {
            assert!(press(&mut field, KeyCode::Char(c), KeyModifiers::NONE));
        }
        assert!(press(&mut field, KeyCode::Backspace, KeyModifiers::NONE));
        assert_eq!((field.text(), field.cursor()), ("kms ", 4));
        assert!(!press(&mut field, KeyCode::Char('x'), KeyModifiers::ALT), "that is another key");
        assert!(!press(&mut field, KeyCode::Enter, KeyModifiers::NONE));
        assert!(press(&mut field, KeyCode::Char('u'), KeyModifiers::CONTROL));
        assert!(field.is_empty());
    }

    #[test]
    fn a_paste_stays_one_line_and_within_the_room() {
        let mut field = TextField::new(5);
        field.paste("a\n\tb漢漢");
        assert_eq!(field.text(), "ab漢", "what does not fit whole is left away");
        assert!(!field.insert("xy"));
        assert_eq!(field.text(), "ab漢");
    }
}
