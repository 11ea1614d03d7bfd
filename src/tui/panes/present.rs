//! The presenter's screen: one verdict in letters that can be read from the back row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::Ctx;
use crate::tui::app::Present;
use crate::tui::data::{LabView, Verdict};
use crate::tui::keys::Action;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The letters needed for ALLOWED, DENIED, FAILED and VOTE, five rows each, one bit a cell.
const LETTERS: [(char, [u8; 5]); 11] = [
    ('A', [0b01110, 0b10001, 0b11111, 0b10001, 0b10001]),
    ('D', [0b11110, 0b10001, 0b10001, 0b10001, 0b11110]),
    ('E', [0b11111, 0b10000, 0b11110, 0b10000, 0b11111]),
    ('F', [0b11111, 0b10000, 0b11110, 0b10000, 0b10000]),
    ('I', [0b01110, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('L', [0b10000, 0b10000, 0b10000, 0b10000, 0b11111]),
    ('N', [0b10001, 0b11001, 0b10101, 0b10011, 0b10001]),
    ('O', [0b01110, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('V', [0b10001, 0b10001, 0b01010, 0b01010, 0b00100]),
    ('W', [0b10001, 0b10001, 0b10101, 0b11011, 0b10001]),
];

/// Draws the verdict of the answer, or the vote while frozen.
pub fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, view: &LabView, present: &Present) {
    let theme = ctx.theme;
    let (word, style) = match view.answer.mark.as_ref().map(|m| m.verdict) {
        _ if present.frozen => ("VOTE", theme.draft),
        Some(Verdict::Allowed) => ("ALLOWED", theme.allowed),
        Some(Verdict::Denied) => ("DENIED", theme.denied),
        _ => ("FAILED", theme.denied),
    };
    let answer = &view.answer;
    let question = format!("{} {} {}", clean(&answer.who), ctx.glyphs.marker, clean(&answer.call));
    let y = centre(area, Line::from(Span::styled(question, theme.title)), area.y + area.height / 8, buf);
    let y =
        big(word, style, ctx, Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area }, buf);
    let mut lines = Vec::new();
    if present.frozen {
        if let Some(p) = &view.task.prediction {
            lines.push(Line::from(Span::styled(clean(&p.ask).into_owned(), theme.title)));
        }
        lines.push(Line::from(Span::styled("Allowed or denied? Hands up.", theme.text)));
    } else {
        if let Some(mark) = answer.mark.as_ref().filter(|m| !m.because.is_empty()) {
            lines.push(Line::from(Span::styled(clean(&mark.because).into_owned(), theme.title)));
        }
        if let Some(step) = view.why.last().filter(|s| !s.conclusion.is_empty()) {
            lines.push(Line::from(Span::styled(clean(&step.conclusion).into_owned(), theme.text)));
        }
        for row in answer.rows.iter().take(3) {
            let cells: Vec<_> = row.iter().map(|c| clean(c).into_owned()).collect();
            lines.push(Line::from(Span::styled(cells.join("   "), theme.text)));
        }
    }
    let (yes, no) = present.votes;
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled(format!("{} {yes}", ctx.glyphs.allowed), theme.allowed),
        Span::styled("   hands   ", theme.dim),
        Span::styled(format!("{} {no}", ctx.glyphs.denied), theme.denied),
    ]));
    lines.push(Line::default());
    let next = if present.frozen { "reveals" } else { "ends" };
    lines.push(Line::from(vec![
        Span::styled("+ -", theme.accent),
        Span::styled(" count hands for   ", theme.dim),
        Span::styled("[ ]", theme.accent),
        Span::styled(" against   ", theme.dim),
        Span::styled(ctx.key(Action::Present), theme.accent),
        Span::styled(format!(" {next}   "), theme.dim),
        Span::styled("1-9", theme.accent),
        Span::styled(" identity", theme.dim),
    ]));
    let mut y = y + 1;
    for line in lines {
        for row in text::wrap_line(&line, usize::from(area.width.saturating_sub(8)), 0) {
            y = centre(area, row, y, buf);
        }
    }
    if area.width < 100 || area.height < 30 {
        let words = format!(
            "this terminal is {}x{}; a larger font reads better from 100x30 up",
            area.width, area.height
        );
        let row = Line::from(Span::styled(words, theme.dim));
        centre(area, row, area.bottom().saturating_sub(1), buf);
    }
}

fn centre(area: Rect, line: Line<'_>, y: u16, buf: &mut Buffer) -> u16 {
    let width = u16::try_from(line.width()).unwrap_or(area.width).min(area.width);
    let rect = Rect { x: area.x + (area.width - width) / 2, y, width, height: 1 };
    line.render(rect.intersection(area), buf);
    y + 1
}

/// Draws a word in blocks as large as fits; returns the row below it.
fn big(word: &str, style: Style, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let letters: Vec<&[u8; 5]> =
        word.chars().filter_map(|c| LETTERS.iter().find(|(l, _)| *l == c).map(|(_, rows)| rows)).collect();
    let units = u16::try_from(letters.len() * 6).unwrap_or(u16::MAX).saturating_sub(1).max(1);
    // A cell is about twice as high as wide, so a square takes two; a narrow screen has to do with one.
    let scale = (area.width.saturating_sub(4) / units / 2).min(area.height / 3 / 5).clamp(1, 3);
    let wide = if units * scale * 2 <= area.width { scale * 2 } else { scale };
    if units * wide > area.width || 5 * scale > area.height {
        return centre(area, Line::from(Span::styled(word.to_owned(), style)), area.y, buf);
    }
    let width = units * wide;
    let x0 = area.x + area.width.saturating_sub(width) / 2;
    for (i, rows) in letters.iter().enumerate() {
        let left = x0 + u16::try_from(i).unwrap_or(0) * 6 * wide;
        for (r, bits) in (0_u16..).zip(rows.iter()) {
            for c in (0..5_u16).filter(|c| bits >> (4 - c) & 1 == 1) {
                for dy in 0..scale {
                    let y = area.y + r * scale + dy;
                    if y < area.bottom() {
                        let cells = ctx.glyphs.block.repeat(usize::from(wide));
                        buf.set_stringn(left + c * wide, y, cells, usize::from(wide), style);
                    }
                }
            }
        }
    }
    area.y + 5 * scale
}
