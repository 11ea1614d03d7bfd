//! Names of keys that can be clicked.
//!
//! Wherever a key's name is drawn, its cells carry the number of the key in bits of their style that no terminal knows. So
//! wrapping, cutting, scrolling and whatever lies above need not know of it: what is on the screen can be clicked, and
//! nothing else. The bits are read when the mouse is pressed, and taken away before a frame leaves. The cells of scroll bars
//! carry numbers of their own.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Modifier, Style};

/// The first bit above those that mean something to a terminal.
const SHIFT: u32 = 9;

/// The largest number of a key; those above stand for the parts of a scroll bar.
pub const MAX_KEY: u8 = TRACK - 1;
/// Where the thumb of a scroll bar can go.
pub const TRACK: u8 = 0x7e;
/// The number of a scroll bar's thumb.
pub const THUMB: u8 = 0x7f;

/// A style that carries a key's number; 0 is none.
pub fn mark(style: Style, number: u8) -> Style {
    style.add_modifier(Modifier::from_bits_retain(u16::from(number & THUMB) << SHIFT))
}

/// The number a style carries.
pub fn of(style: Style) -> u8 {
    u8::try_from(style.add_modifier.bits() >> SHIFT).unwrap_or(0)
}

/// The number a cell carries.
pub fn number(cell: &Cell) -> u8 {
    u8::try_from(cell.modifier.bits() >> SHIFT).unwrap_or(0)
}

/// Takes all numbers away.
pub fn wipe(buf: &mut Buffer) {
    for cell in &mut buf.content {
        cell.modifier = Modifier::from_bits_truncate(cell.modifier.bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_lies_beside_what_a_terminal_knows() {
        assert_eq!(Modifier::all().bits() >> SHIFT, 0, "the bits are free");
        let style = mark(Style::default().add_modifier(Modifier::BOLD), 77);
        let mut buf = Buffer::empty(ratatui::layout::Rect::new(0, 0, 2, 1));
        buf.set_string(0, 0, "x", style);
        // A selected row is drawn in one style; the key stays.
        buf.set_style(buf.area, Style::reset());
        assert_eq!((number(&buf[(0, 0)]), number(&buf[(1, 0)])), (77, 0));
        buf.set_string(0, 0, "x", style);
        wipe(&mut buf);
        assert_eq!((number(&buf[(0, 0)]), buf[(0, 0)].modifier), (0, Modifier::BOLD));
    }
}
