//! How many cells of the screen a text takes where it is edited.

use unicode_width::UnicodeWidthChar;

use crate::limits;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The cells a character takes when drawn alone, after cleaning.
pub fn cell_width(c: char) -> usize {
    limits::steps::add(1);
    if c.is_ascii() && !c.is_ascii_control() {
        return 1;
    }
    let mut buffer = [0; 4];
    let shown = clean(c.encode_utf8(&mut buffer));
    if shown.len() == c.len_utf8() && c.width() == Some(0) { 0 } else { text::width(&shown) }
}

/// The cells that a text takes, drawn character by character.
pub fn cells(text: &str) -> usize {
    text.chars().map(cell_width).sum()
}
