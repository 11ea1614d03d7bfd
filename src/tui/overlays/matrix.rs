//! The matrix over the screen, with a cursor.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::frame::{Ground, Reply, cast, inside};
use crate::narration::MatrixView;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, centered};
use crate::tui::panes::matrix::Pick;
use crate::tui::panes::{self, Ctx};

/// Everybody against everything, with a cursor.
#[derive(Clone, Debug, Default)]
pub struct MatrixWindow {
    /// The row and column of the cursor, counted in the rows that are shown.
    pub at: (usize, usize),
    /// Which rows are shown, in what order.
    pub pick: Pick,
}

impl MatrixWindow {
    /// Returns the actions that the footer offers.
    pub const OFFERS: &[Action] = &[
        Action::Open,
        Action::MatrixSubject,
        Action::MatrixDiffering,
        Action::MatrixOrder,
        Action::Search,
        Action::Copy,
        Action::Back,
    ];

    /// Takes a key; replies with what it asks for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(&mut self, key: KeyEvent, lab: Option<&LabScreen>) -> Reply {
        let Some(matrix) = lab.map(|lab| &lab.view.matrix) else { return Reply::Pass };
        if self.pick.typing {
            let mut field = self.pick.field.clone();
            if field.on_key(key) {
                return self.choose(matrix, |pick| pick.field = field);
            }
        }
        match key.code {
            KeyCode::Left => self.across(matrix, -1),
            KeyCode::Right => self.across(matrix, 1),
            KeyCode::Enter if self.pick.typing => self.choose(matrix, |pick| pick.typing = false),
            KeyCode::Esc if self.pick.typing => self.choose(matrix, |pick| {
                pick.typing = false;
                pick.field.clear();
            }),
            KeyCode::Char('h') if !self.pick.typing => self.across(matrix, -1),
            KeyCode::Char('l') if !self.pick.typing => self.across(matrix, 1),
            KeyCode::Char('q') if !self.pick.typing => Reply::Close,
            KeyCode::Char('y') if !self.pick.typing => Reply::Act(Action::Copy),
            _ => Reply::Pass,
        }
    }

    /// Takes a key that the key map knows in the lab.
    pub fn on_lab_action(action: Action) -> Reply {
        if action == Action::Matrix {
            Reply::Close
        } else if action == Action::Search {
            Reply::Act(action)
        } else {
            Reply::Pass
        }
    }

    /// Takes pasted text into the name that is typed.
    pub fn paste(&mut self, text: &str, lab: Option<&LabScreen>) -> Reply {
        match lab {
            Some(lab) if self.pick.typing => self.choose(&lab.view.matrix, |pick| pick.field.paste(text)),
            Some(_) | None => Reply::Pass,
        }
    }

    /// Takes a press at a cell of the screen: on a cell of the matrix it opens that.
    pub fn press(&mut self, at: Position, rect: Rect, ground: &Ground<'_>) -> Reply {
        match self.cell_at(at, rect, ground) {
            Some(cell) => {
                self.at = cell;
                Reply::Act(Action::Open)
            }
            None => Reply::Pass,
        }
    }

    /// Changes which rows are shown; the cursor stays with its identity.
    pub fn choose(&mut self, matrix: &MatrixView, change: impl FnOnce(&mut Pick)) -> Reply {
        let row = self.row(matrix);
        change(&mut self.pick);
        self.at.0 = self.rows(matrix).iter().position(|r| Some(*r) == row).unwrap_or(0);
        Reply::Changed
    }

    /// Moves the cursor across.
    fn across(&mut self, matrix: &MatrixView, by: isize) -> Reply {
        let last = matrix.columns.len().saturating_sub(1);
        self.at.1 = self.at.1.saturating_add_signed(by).min(last);
        Reply::Changed
    }

    /// Moves the cursor by rows.
    pub fn move_by(&mut self, by: isize, lab: Option<&LabScreen>) -> Reply {
        self.at.0 = self.at.0.saturating_add_signed(by);
        self.settle(lab);
        Reply::Changed
    }

    /// Puts the cursor on a row that exists.
    pub fn settle(&mut self, lab: Option<&LabScreen>) {
        let count = lab.map_or(0, |lab| self.rows(&lab.view.matrix).len());
        self.at.0 = self.at.0.min(count.saturating_sub(1));
    }

    /// The rows that are shown, by their places among all.
    fn rows(&self, matrix: &MatrixView) -> Vec<usize> {
        panes::matrix::shown(matrix, &self.pick)
    }

    /// The row of the cursor, by its place among all.
    pub fn row(&self, matrix: &MatrixView) -> Option<usize> {
        self.rows(matrix).get(self.at.0).copied()
    }

    /// The name and the lines that the copy key takes.
    pub fn copied(&self, ground: &Ground<'_>) -> Option<(String, Vec<Line<'static>>)> {
        let matrix = &ground.lab?.view.matrix;
        let lines = panes::matrix::lines(matrix, &self.rows(matrix), None, &ground.ctx, 200);
        Some(("matrix".into(), lines))
    }

    /// The rows that are shown, by their places among these, and how many of them are in sight.
    pub fn in_sight(&self, ground: &Ground<'_>) -> (Vec<Option<usize>>, usize) {
        let Some(lab) = ground.lab else { return (Vec::new(), 0) };
        let inner = inside(self.rect(ground));
        let parts = parts(&lab.view.matrix, self.at, &self.pick, inner, &ground.ctx);
        ((0..parts.rows.len()).map(Some).collect(), usize::from(parts.places[1].height))
    }

    /// The matrix's cell under a cell of the screen, by row (of those shown) and column.
    fn cell_at(&self, at: Position, rect: Rect, ground: &Ground<'_>) -> Option<(usize, usize)> {
        let matrix = &ground.lab?.view.matrix;
        let parts = parts(matrix, self.at, &self.pick, inside(rect), &ground.ctx);
        let [_, room, _] = parts.places;
        if !room.contains(at) {
            return None;
        }
        let row = usize::from(at.y - room.y) + parts.scroll;
        let columns = panes::matrix::columns(matrix, Some(self.at.1), &ground.ctx, usize::from(room.width));
        Some((row, columns.at(usize::from(at.x - room.x))?)).filter(|_| row < parts.rows.len())
    }

    /// Returns the rectangle: wide enough for whole headings if the screen is. Where the lab shows the matrix in a pane, the
    /// window is that pane, come alive: it takes the pane's place, and grows beyond it only if it must.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let (area, ctx) = (ground.area, &ground.ctx);
        let Some(lab) = ground.lab else { return centered(area, 64, 9) };
        let matrix = &lab.view.matrix;
        let shown = self.rows(matrix);
        // The choices above, the selected cell in words below, the frame.
        let height = |width: u16| {
            let rows = panes::matrix::lines(matrix, &shown, None, ctx, usize::from(width.saturating_sub(4)));
            cast(rows.len().max(4) + 5)
        };
        if let Some(pane) = pane(ground).filter(|_| lab.present.is_none()) {
            let height = height(pane.width).max(pane.height).min(area.height.saturating_sub(2));
            let y = pane.bottom().saturating_sub(height).max(area.y);
            return Rect { y, height, ..pane };
        }
        let natural = cast(panes::matrix::natural_width(matrix, ctx) + 4);
        let width = natural.max(72).min(area.width.saturating_sub(2));
        centered(area, width, height(width).clamp(9, area.height.saturating_sub(2).max(9)))
    }

    /// Draws the window; returns where the cursor is while a name is typed.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) -> Option<Position> {
        let (matrix, ctx, pick) = (&ground.lab?.view.matrix, &ground.ctx, &self.pick);
        let in_place = is_in_place(rect, ground);
        let leaves = if in_place { "leaves" } else { "closes" };
        let title = panes::matrix::title(matrix, ctx)
            .hint(ctx, &ctx.keys.label(Context::List, Action::Open), "why")
            .hint(ctx, &ctx.keys.label(Context::List, Action::Back), leaves);
        let inner = if in_place {
            panes::shared_border(rect, buf, ctx);
            panes::heading(rect, buf, ctx, title)
        } else {
            panes::frame(rect, buf, ctx, title)
        };
        if matrix.columns.is_empty() {
            let lines = panes::matrix::nothing_yet(usize::from(inner.width), ctx);
            panes::draw_lines(&lines, inner, 0, buf, ctx);
            return None;
        }
        let (choices, typed) = panes::matrix::choices(matrix, pick, ctx, usize::from(inner.width));
        choices.render(Rect { height: 1, ..inner }.intersection(inner), buf);
        let parts = parts(matrix, self.at, pick, inner, ctx);
        let [head, room, words] = parts.places;
        panes::draw_lines(&parts.head, head, 0, buf, ctx);
        if parts.body.is_empty() {
            let words = if pick.field.is_empty() { "nothing differs" } else { "nobody matches" };
            Line::from(Span::styled(words, ctx.theme.dim)).render(Rect { height: 1, ..room }, buf);
        }
        panes::draw_lines(&parts.body, room, parts.scroll, buf, ctx);
        panes::draw_lines(&parts.words, words, 0, buf, ctx);
        pick.typing.then(|| Position { x: (inner.x + cast(typed)).min(inner.right()), y: inner.y })
    }
}

/// Where the lab shows the matrix in a pane.
fn pane(ground: &Ground<'_>) -> Option<Rect> {
    ground.lab?.regions(ground.area).pane(Pane::Matrix)
}

/// Whether the window stands exactly where the matrix's pane stands.
pub fn is_in_place(rect: Rect, ground: &Ground<'_>) -> bool {
    pane(ground) == Some(rect)
}

/// Where the parts of the matrix stand, for drawing and for hits.
struct Parts {
    /// The rows that are shown, by their places among all.
    rows: Vec<usize>,
    head: Vec<Line<'static>>,
    /// One line for each row.
    body: Vec<Line<'static>>,
    /// The selected cell in words.
    words: Vec<Line<'static>>,
    /// The rectangles of headings, rows and words.
    places: [Rect; 3],
    /// The first row on the screen.
    scroll: usize,
}

/// The choices stand above, the headings below them, the selected cell in words at the bottom; rows scroll between.
fn parts(matrix: &MatrixView, at: (usize, usize), pick: &Pick, inner: Rect, ctx: &Ctx<'_>) -> Parts {
    let width = usize::from(inner.width);
    let rows = panes::matrix::shown(matrix, pick);
    let mut head = panes::matrix::lines(matrix, &rows, Some(at), ctx, width);
    let body = head.split_off(head.len().saturating_sub(rows.len()));
    let row = rows.get(at.0).and_then(|r| matrix.rows.get(*r));
    let words = match (row, matrix.columns.get(at.1)) {
        (Some((who, cells)), Some(action)) => cells
            .get(at.1)
            .map(|cell| panes::matrix::cell_in_words(who, action, cell, ctx, width))
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    let part = |from: u16, rows: u16| {
        Rect { y: inner.y.saturating_add(from), height: rows, ..inner }.intersection(inner)
    };
    let below = 1 + cast(words.len().max(1));
    let over = cast(head.len()).min(inner.height.saturating_sub(below + 2));
    let room = part(1 + over, inner.height.saturating_sub(1 + over + below));
    // Right under the last row, unless the rows need all the room.
    let y = (over + 2 + cast(body.len().max(1))).min(inner.height.saturating_sub(below - 1));
    let scroll = (at.0 + 1).saturating_sub(usize::from(room.height));
    Parts { rows, head, body, words, places: [part(1, over), room, part(y, below - 1)], scroll }
}
