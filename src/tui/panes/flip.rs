//! A flip on the stage: the verdict before and after in large letters, and the stored bytes becoming the row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::present::{big, centre};
use super::task::on_drafts;
use super::{Ctx, Title, frame};
use crate::narration::{CallStatus, LabView, PathView};
use crate::tui::flash::Turn;
use crate::tui::sanitize::clean;

/// The rows of the flip: the frame, the letters, a line for what is read.
const ROWS: u16 = 9;
/// The fewest columns for both words side by side.
const BOTH_FROM: u16 = 96;

/// Draws the flip over the upper part of `area`, if there is room for it.
pub fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, turn: &Turn, view: &LabView) {
    if area.height < ROWS || area.width < 48 {
        return;
    }
    let area = Rect { height: ROWS, ..area };
    Clear.render(area, buf);
    buf.set_style(area, ctx.theme.screen);
    let path = &view.path;
    let on = if turn.draft { on_drafts(view.drafts) } else { "for real".to_owned() };
    let ctx = &Ctx { focused: true, ..*ctx };
    let inner = frame(area, buf, ctx, Title::new(ctx, &format!("{} {on}", clean(&turn.who))));
    let letters = Rect { height: 5, ..inner };
    let style = |status: CallStatus| match status {
        _ if turn.draft => ctx.theme.draft,
        CallStatus::Allowed => ctx.theme.allowed,
        CallStatus::Denied | CallStatus::Failed => ctx.theme.denied,
    };
    let after = style(turn.after).add_modifier(Modifier::BOLD);
    if area.width >= BOTH_FROM {
        let half = (letters.width - 4) / 2;
        big(turn.before.word(), ctx.theme.dim, ctx, Rect { width: half, ..letters }, buf);
        let arrow = Rect { x: letters.x + half, y: letters.y + 2, width: 4, height: 1 };
        Line::from(Span::styled(format!(" {} ", ctx.glyphs.marker), after)).render(arrow, buf);
        let right = Rect { x: letters.x + half + 4, width: letters.width - half - 4, ..letters };
        big(turn.after.word(), after, ctx, right, buf);
    } else {
        big(turn.after.word(), after, ctx, letters, buf);
    }
    let words = if area.width >= BOTH_FROM {
        became(path, ctx)
    } else {
        let mut spans =
            vec![Span::styled(format!("{} {} ", turn.before.word(), ctx.glyphs.arrow), ctx.theme.dim)];
        spans.push(Span::styled(turn.after.word(), after));
        spans.push(Span::raw("   "));
        spans.extend(became(path, ctx).spans);
        Line::from(spans)
    };
    centre(inner, words, inner.y + 6, buf);
}

/// What is got at the end of the way.
fn became(path: &PathView, ctx: &Ctx<'_>) -> Line<'static> {
    if path.is_plain {
        Line::from(vec![
            Span::styled("the stored bytes become  ", ctx.theme.stored),
            Span::styled(clean(&path.end).into_owned(), ctx.theme.title),
        ])
    } else {
        Line::from(vec![
            Span::styled("the row stays  ", Style::reset().patch(ctx.theme.dim)),
            Span::styled(clean(&path.end).into_owned(), ctx.theme.stored),
            Span::styled("  on the disk", ctx.theme.dim),
        ])
    }
}
