//! The matrix over the screen, with a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::cast;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlay::Pick;
use crate::tui::panes::{self, Ctx};
use crate::tui::sanitize::clean;

/// The choices stand above, the columns' names below them, the selected cell in words at the bottom; rows scroll between.
pub fn draw_matrix(
    app: &App,
    at: (usize, usize),
    pick: &Pick,
    rect: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
) -> Option<Position> {
    let matrix = &app.lab.as_ref()?.view.matrix;
    let title = panes::matrix::title(matrix, ctx)
        .hint(ctx, &ctx.keys.label(Context::List, Action::Open), "why")
        .hint(ctx, &ctx.keys.label(Context::List, Action::Back), "closes");
    let inner = panes::frame(rect, buf, ctx, title);
    let width = usize::from(inner.width);
    let part = |from: u16, rows: u16| {
        Rect { y: inner.y.saturating_add(from), height: rows, ..inner }.intersection(inner)
    };
    let (choices, typed) = panes::matrix::choices(matrix, pick, ctx, width);
    choices.render(part(0, 1), buf);

    let rows = panes::matrix::shown(matrix, pick);
    let mut lines = panes::matrix::lines(matrix, &rows, Some(at), ctx, width);
    let body = lines.split_off(lines.len().saturating_sub(rows.len()));
    let below = 2;
    let head = cast(lines.len()).min(inner.height.saturating_sub(below + 2));
    panes::draw_lines(&lines, part(1, head), 0, buf, ctx);
    let room = part(1 + head, inner.height.saturating_sub(1 + head + below));
    if body.is_empty() {
        let words = if pick.text.is_empty() { "nothing differs" } else { "nobody matches" };
        Line::from(Span::styled(words, ctx.theme.dim)).render(part(1 + head, 1), buf);
    }
    panes::draw_lines(&body, room, (at.0 + 1).saturating_sub(usize::from(room.height)), buf, ctx);

    let row = rows.get(at.0).and_then(|r| matrix.rows.get(*r));
    if let (Some((who, cells)), Some(action)) = (row, matrix.columns.get(at.1))
        && let Some(cell) = cells.get(at.1)
    {
        let mut spans = vec![
            Span::styled(clean(who).into_owned(), ctx.theme.title),
            Span::styled(format!(" {} {} ", ctx.glyphs.marker, clean(action)), ctx.theme.text),
        ];
        spans.extend(ctx.verdict(cell.applied));
        if let Some(draft) = cell.draft.filter(|d| *d != cell.applied) {
            spans.push(Span::styled(format!(" {} on the draft ", ctx.glyphs.arrow), ctx.theme.draft));
            spans.extend(ctx.verdict(draft));
        }
        // Right under the last row, unless the rows need all the room.
        let y = (head + 2 + cast(body.len())).min(inner.height.saturating_sub(1));
        Line::from(spans).render(part(y, 1), buf);
    }
    pick.typing.then(|| Position { x: (inner.x + cast(typed)).min(inner.right()), y: inner.y })
}
