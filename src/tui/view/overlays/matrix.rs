//! The matrix over the screen, with a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{cast, inside, rect_of};
use crate::narration::MatrixView;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::layout::{Pane, centered};
use crate::tui::overlay::{Overlay, Pick};
use crate::tui::panes::{self, Ctx};

/// Where the parts of the matrix stand, for drawing and for hits.
struct Parts {
    /// The rows that are shown, by their places among all.
    rows: Vec<usize>,
    /// The headings.
    head: Vec<Line<'static>>,
    /// One line for each row.
    body: Vec<Line<'static>>,
    /// The selected cell in words.
    words: Vec<Line<'static>>,
    /// Where those stand: headings, rows, words.
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

/// Draws the window; returns where the cursor is while a name is typed.
pub fn draw_matrix(
    app: &App,
    at: (usize, usize),
    pick: &Pick,
    rect: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
) -> Option<Position> {
    let matrix = &app.lab()?.view.matrix;
    let in_place = app.regions().pane(Pane::Matrix) == Some(rect);
    let title = panes::matrix::title(matrix, ctx)
        .hint(ctx, &ctx.keys.label(Context::List, Action::Open), "why")
        .hint(ctx, &ctx.keys.label(Context::List, Action::Back), if in_place { "leaves" } else { "closes" });
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
    let parts = parts(matrix, at, pick, inner, ctx);
    let [head, room, words] = parts.places;
    panes::draw_lines(&parts.head, head, 0, buf, ctx);
    if parts.body.is_empty() {
        let words = if pick.text.is_empty() { "nothing differs" } else { "nobody matches" };
        Line::from(Span::styled(words, ctx.theme.dim)).render(Rect { height: 1, ..room }, buf);
    }
    panes::draw_lines(&parts.body, room, parts.scroll, buf, ctx);
    panes::draw_lines(&parts.words, words, 0, buf, ctx);
    pick.typing.then(|| Position { x: (inner.x + cast(typed)).min(inner.right()), y: inner.y })
}

/// The parts of the matrix on top.
fn parts_on_top(app: &App) -> Option<Parts> {
    let (Some(overlay @ Overlay::Matrix { at, pick }), Some(lab)) = (app.shell.overlays.last(), app.lab())
    else {
        return None;
    };
    let inner = inside(rect_of(app, overlay, app.shell.area));
    Some(parts(&lab.view.matrix, *at, pick, inner, &Ctx::of(&app.shell, true)))
}

/// The rows that are shown, by their places among these, and how many of them are in sight.
pub fn matrix_rows(app: &App) -> Option<(Vec<Option<usize>>, usize)> {
    let parts = parts_on_top(app)?;
    Some(((0..parts.rows.len()).map(Some).collect(), usize::from(parts.places[1].height)))
}

/// The matrix's cell under a cell of the screen, by row (of those shown) and column.
pub fn matrix_cell_at(app: &App, at: Position) -> Option<(usize, usize)> {
    let (Some(Overlay::Matrix { at: selected, .. }), Some(lab)) = (app.shell.overlays.last(), app.lab())
    else {
        return None;
    };
    let parts = parts_on_top(app)?;
    let [_, room, _] = parts.places;
    if !room.contains(at) {
        return None;
    }
    let row = usize::from(at.y - room.y) + parts.scroll;
    let (c, width) = (Ctx::of(&app.shell, true), usize::from(room.width));
    let columns = panes::matrix::columns(&lab.view.matrix, Some(selected.1), &c, width);
    Some((row, columns.at(usize::from(at.x - room.x))?)).filter(|_| row < parts.rows.len())
}

/// Whether it is the matrix and stands exactly where its pane stands.
pub fn matrix_in_place(app: &App, overlay: &Overlay, rect: Rect) -> bool {
    matches!(overlay, Overlay::Matrix { .. }) && app.regions().pane(Pane::Matrix) == Some(rect)
}

/// The window: wide enough for whole headings if the screen is. Where the lab shows the matrix in a pane, the window is
/// that pane, come alive: it takes the pane's place, and grows beyond it only if it must.
pub fn matrix_rect(app: &App, pick: &Pick, area: Rect) -> Rect {
    let c = Ctx::of(&app.shell, true);
    let Some(matrix) = app.lab().map(|l| &l.view.matrix) else { return centered(area, 64, 9) };
    let shown = panes::matrix::shown(matrix, pick);
    // The choices above, the selected cell in words below, the frame.
    let height = |width: u16| {
        let rows = panes::matrix::lines(matrix, &shown, None, &c, usize::from(width.saturating_sub(4)));
        cast(rows.len().max(4) + 5)
    };
    if let Some(pane) =
        app.regions().pane(Pane::Matrix).filter(|_| app.lab().is_some_and(|lab| lab.present.is_none()))
    {
        let height = height(pane.width).max(pane.height).min(area.height.saturating_sub(2));
        let y = pane.bottom().saturating_sub(height).max(area.y);
        return Rect { y, height, ..pane };
    }
    let width = cast(panes::matrix::natural_width(matrix, &c) + 4).max(72).min(area.width.saturating_sub(2));
    centered(area, width, height(width).clamp(9, area.height.saturating_sub(2).max(9)))
}
