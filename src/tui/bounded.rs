//! A terminal of any size, of which at most the part within the limits is drawn.
//!
//! A terminal says itself how large it is, and may say 65,535 by 65,535: two buffers of so many cells are more memory than
//! a machine has. What lies beyond the part stays blank.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};

use crate::limits::screen::{COLUMNS, ROWS};

/// Passes everything on to another backend but its size, which stays within the limits.
#[derive(Debug)]
pub struct Bounded<B>(pub B);

/// Returns the part of a terminal that is drawn.
pub fn part(size: Size) -> Rect {
    let within = |cells: u16, limit: usize| cells.min(u16::try_from(limit).unwrap_or(u16::MAX));
    Rect::new(0, 0, within(size.width, COLUMNS.size()), within(size.height, ROWS.size()))
}

impl<B: Backend> Backend for Bounded<B> {
    type Error = B::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.0.draw(content)
    }

    fn append_lines(&mut self, n: u16) -> Result<(), Self::Error> {
        self.0.append_lines(n)
    }

    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Self::Error> {
        self.0.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Self::Error> {
        self.0.clear_region(clear_type)
    }

    fn size(&self) -> Result<Size, Self::Error> {
        Ok(part(self.0.size()?).as_size())
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        let size = self.0.window_size()?;
        Ok(WindowSize { columns_rows: part(size.columns_rows).as_size(), ..size })
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush()
    }
}
