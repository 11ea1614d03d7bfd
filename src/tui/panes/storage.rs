//! What the disk holds. No AWS API returns this, and the pane says so.

use ratatui::text::{Line, Span};

use super::{Ctx, Title};
use crate::tui::data::StorageView;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The title.
pub fn title(ctx: &Ctx<'_>, width: u16) -> Title {
    let words = if width >= 60 {
        "what the disk holds; no API returns this"
    } else {
        "the disk; no API returns this"
    };
    Title::new(ctx, "Storage").right(ctx, words)
}

/// Each item's bytes, then the wrapped table key.
pub fn lines(view: &StorageView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = Vec::new();
    let label = view.items.iter().map(|i| text::width(&clean(&i.label))).max().unwrap_or(6).clamp(6, 16) + 2;
    for item in &view.items {
        let parts = [("nonce", &item.nonce), ("data", &item.ciphertext), ("tag", &item.tag)];
        for (n, (word, hex)) in parts.into_iter().enumerate() {
            let first = if n == 0 { clean(&item.label).into_owned() } else { String::new() };
            let head = format!("{}{}", text::pad(&first, label, ctx.glyphs.ellipsis), text::pad(word, 6, ""));
            let room = width.saturating_sub(text::width(&head)).max(4);
            let rows = if ctx.expanded { usize::MAX } else { 3 };
            for (r, chunk) in hex_rows(hex, room, rows, ctx.glyphs.ellipsis).into_iter().enumerate() {
                let lead = if r == 0 { head.clone() } else { " ".repeat(text::width(&head)) };
                out.push(Line::from(vec![Span::styled(lead, theme.dim), Span::styled(chunk, theme.stored)]));
            }
        }
    }
    if view.items.is_empty() {
        out.push(Line::from(Span::styled("nothing is stored yet", theme.dim)));
    }
    if let Some((wrapped, key)) = &view.table_key {
        out.push(Line::default());
        let tail = format!("  wrapped by {} {}", ctx.glyphs.key, clean(key));
        let room = width.saturating_sub(11 + text::width(&tail)).max(4);
        let line = Line::from(vec![
            Span::styled("table key  ", theme.dim),
            Span::styled(text::fit(&clean(wrapped), room, ctx.glyphs.ellipsis), theme.stored),
            Span::styled("  wrapped by ", theme.dim),
            Span::styled(format!("{} {}", ctx.glyphs.key, clean(key)), theme.accent),
        ]);
        out.extend(text::wrap_line(&line, width, 2));
    }
    if !view.note.is_empty() {
        out.extend(text::wrap(&clean(&view.note), width, theme.dim));
    }
    out
}

/// Hex digits in groups of two bytes, as many as fit in a row, at most `max` rows.
fn hex_rows(hex: &str, room: usize, max: usize, ellipsis: &str) -> Vec<String> {
    let hex = clean(hex);
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let groups: Vec<String> = digits.chunks(4).map(|c| c.iter().collect()).collect();
    let per_row = ((room + 1) / 5).max(1);
    let mut rows: Vec<String> = groups.chunks(per_row).map(|g| g.join(" ")).collect();
    if rows.len() > max {
        rows.truncate(max);
        if let Some(last) = rows.last_mut() {
            let cut = text::fit(last, room.saturating_sub(text::width(ellipsis) + 1), "");
            *last = format!("{cut} {ellipsis}");
        }
    }
    rows
}
