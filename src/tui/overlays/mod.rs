//! What may lie over the screen: menus, pages, the matrix with a cursor, questions, inputs. A file each.
//!
//! An overlay owns what it shows, takes keys and pasted text, and draws itself. What it cannot do itself it asks for by a
//! [`Reply`]: a menu's row carries the [`Choice`] that it stands for, never a number that somebody looks up again. What a
//! choice does to the lab is in [`super::update`]; nothing here changes anything but an overlay.

pub mod cells;
mod choice;
mod confirm;
mod frame;
mod matrix;
pub mod menu;
pub mod menus;
mod page;
mod path;
mod search;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Clear, Widget};

use super::keys::Action;
use super::lab_screen::LabScreen;

pub use cells::CellsWindow;
pub use choice::Choice;
pub use confirm::{Question, Standing};
pub use frame::{Ground, Reply};
pub use matrix::MatrixWindow;
pub use menu::Menu;
pub use page::{Page, PageKind};
pub use path::{PathInput, Purpose};
pub use search::{Scope, SearchInput};

/// One thing lying over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// A list to choose from.
    Menu(Menu),
    Page(Page),
    /// Everybody against everything, with a cursor.
    Matrix(MatrixWindow),
    /// A grid whose cells are guessed.
    Cells(CellsWindow),
    /// A question answered by y or n.
    Confirm(Question),
    /// The path of a file.
    Path(PathInput),
    /// Text to look for.
    Search(SearchInput),
}

impl Overlay {
    /// Takes a key; replies with what it asks for.
    pub fn on_key(&mut self, key: KeyEvent, lab: Option<&LabScreen>) -> Reply {
        match self {
            Self::Menu(menu) => menu.on_key(key),
            Self::Page(_) => Page::on_key(key),
            Self::Matrix(window) => window.on_key(key, lab),
            Self::Cells(window) => window.on_key(key, lab),
            Self::Confirm(_) => Question::on_key(key),
            Self::Path(input) => input.on_key(key),
            Self::Search(input) => input.on_key(key),
        }
    }

    /// Takes a key that the key map knows in the lab; the key that opened an overlay closes it, for instance.
    pub fn on_lab_action(&self, action: Action) -> Reply {
        match self {
            Self::Menu(menu) => menu.on_lab_action(action),
            Self::Page(page) => page.on_lab_action(action),
            Self::Matrix(_) => MatrixWindow::on_lab_action(action),
            Self::Cells(_) | Self::Confirm(_) | Self::Path(_) | Self::Search(_) => Reply::Pass,
        }
    }

    /// Takes pasted text; replies with what it asks for.
    pub fn paste(&mut self, text: &str, lab: Option<&LabScreen>) -> Reply {
        match self {
            Self::Menu(menu) => menu.paste(text),
            Self::Matrix(window) => window.paste(text, lab),
            Self::Path(input) => input.paste(text),
            Self::Search(input) => input.paste(text),
            Self::Page(_) | Self::Confirm(_) | Self::Cells(_) => Reply::Pass,
        }
    }

    /// Takes a press at a cell of its rectangle.
    pub fn press(&mut self, at: Position, rect: Rect, ground: &Ground<'_>) -> Reply {
        match self {
            Self::Menu(menu) => menu.press(at, rect, ground),
            Self::Matrix(window) => window.press(at, rect, ground),
            Self::Cells(window) => window.press(at, rect, ground),
            Self::Confirm(_) => Question::press(at, rect),
            Self::Page(_) | Self::Path(_) | Self::Search(_) => Reply::Pass,
        }
    }

    /// Moves the selection, or what is in sight, by rows.
    pub fn move_by(&mut self, by: isize, ground: &Ground<'_>) -> Reply {
        match self {
            Self::Menu(menu) => menu.move_by(by),
            Self::Page(page) => page.move_by(by, ground),
            Self::Matrix(window) => window.move_by(by, ground.lab),
            Self::Cells(window) => window.move_by(by, ground.lab),
            Self::Confirm(_) | Self::Path(_) | Self::Search(_) => Reply::Pass,
        }
    }

    /// Moves what is in sight to a part of the whole: `along` makes of the last place the one that is wanted.
    pub fn pull(&mut self, along: impl Fn(usize) -> usize, ground: &Ground<'_>) {
        match self {
            Self::Menu(menu) => menu.selected = pulled(menu.in_sight(ground), along),
            Self::Page(page) => page.scroll = along(page.max_scroll(ground)),
            Self::Matrix(window) => window.at.0 = pulled(window.in_sight(ground), along),
            Self::Cells(_) | Self::Confirm(_) | Self::Path(_) | Self::Search(_) => {}
        }
    }

    /// Selects something that exists.
    pub fn settle(&mut self, lab: Option<&LabScreen>) {
        match self {
            Self::Menu(menu) => menu.settle(),
            Self::Matrix(window) => window.settle(lab),
            Self::Cells(_) | Self::Page(_) | Self::Confirm(_) | Self::Path(_) | Self::Search(_) => {}
        }
    }

    /// Whether letters are typed into it.
    pub fn is_typing(&self) -> bool {
        match self {
            Self::Menu(menu) => menu.filter.is_some(),
            Self::Matrix(window) => window.pick.typing,
            Self::Path(_) | Self::Search(_) => true,
            Self::Page(_) | Self::Confirm(_) | Self::Cells(_) => false,
        }
    }

    /// Returns the actions that the footer offers, besides the answers of a question.
    pub fn offers(&self) -> &'static [Action] {
        match self {
            Self::Menu(menu) => menu.offers(),
            Self::Page(page) => page.offers(),
            Self::Matrix(_) => MatrixWindow::OFFERS,
            Self::Cells(_) | Self::Confirm(_) | Self::Path(_) | Self::Search(_) => &[Action::Back],
        }
    }

    /// The name and the lines that the copy key takes.
    pub fn copied(&self, ground: &Ground<'_>) -> Option<(String, Vec<Line<'static>>)> {
        match self {
            Self::Page(page) => Some((page.name(ground.lab), page.lines(ground, 120))),
            Self::Matrix(window) => window.copied(ground),
            Self::Menu(_) | Self::Cells(_) | Self::Confirm(_) | Self::Path(_) | Self::Search(_) => None,
        }
    }

    /// Returns the rectangle that the overlay takes.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        match self {
            Self::Menu(menu) => menu.rect(ground),
            Self::Page(page) => page.rect(ground),
            Self::Matrix(window) => window.rect(ground),
            Self::Cells(window) => window.rect(ground),
            Self::Confirm(question) => question.rect(ground),
            Self::Path(input) => input.rect(ground),
            Self::Search(_) => SearchInput::rect(ground),
        }
    }

    /// Draws it; returns where the cursor is if it takes text.
    fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) -> Option<Position> {
        match self {
            Self::Menu(menu) => menu.draw(rect, buf, ground),
            Self::Matrix(window) => window.draw(rect, buf, ground),
            Self::Path(input) => Some(input.draw(rect, buf, ground)),
            Self::Search(input) => Some(input.draw(rect, buf, ground)),
            Self::Cells(window) => {
                window.draw(rect, buf, ground);
                None
            }
            Self::Page(page) => {
                page.draw(rect, buf, ground);
                None
            }
            Self::Confirm(question) => {
                question.draw(rect, buf, ground);
                None
            }
        }
    }
}

/// The item of the last row in sight, once a list of such rows is pulled to a part of the whole.
fn pulled((rows, height): (Vec<Option<usize>>, usize), along: impl Fn(usize) -> usize) -> usize {
    let last = along(rows.len().saturating_sub(height)) + height;
    rows.iter().take(last).rev().find_map(|row| *row).unwrap_or(0)
}

/// Draws all overlays, the topmost last; returns where the cursor is if the topmost takes text.
pub fn draw(overlays: &[Overlay], buf: &mut Buffer, ground: &Ground<'_>) -> Option<Position> {
    let mut cursor = None;
    for overlay in overlays {
        let rect = overlay.rect(ground);
        let in_place = matches!(overlay, Overlay::Matrix(_)) && matrix::is_in_place(rect, ground);
        let cleared = if in_place { within_lines(rect) } else { with_margins(rect, ground.area) };
        Clear.render(cleared, buf);
        buf.set_style(cleared, ground.ctx.theme.screen);
        cursor = overlay.draw(rect, buf, ground);
    }
    cursor
}

/// The columns beside an overlay in which nothing can be read any more.
const STUBS: u16 = 20;

/// The rectangle of an overlay with what is beside it, where that is too narrow to hold more than stubs of words.
fn with_margins(rect: Rect, area: Rect) -> Rect {
    let (left, right) = (rect.x.saturating_sub(area.x), area.right().saturating_sub(rect.right()));
    let left = if left < STUBS { left } else { 0 };
    let right = if right < STUBS { right } else { 0 };
    Rect { x: rect.x - left, width: rect.width + left + right, ..rect }
}

/// The inside of a pane and its title: all but the lines that it shares with others.
fn within_lines(rect: Rect) -> Rect {
    Rect {
        x: rect.x.saturating_add(1),
        width: rect.width.saturating_sub(2),
        height: rect.height.saturating_sub(1),
        ..rect
    }
}
