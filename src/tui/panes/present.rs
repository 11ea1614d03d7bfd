//! The presenter's screen: one verdict in letters that can be read from the back row, and below it what explains it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};

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

/// The digits of a tally, as the letters above.
const DIGITS: [[u8; 5]; 10] = [
    [0b01110, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b01110],
    [0b11110, 0b00001, 0b01110, 0b10000, 0b11111],
    [0b11110, 0b00001, 0b01110, 0b00001, 0b11110],
    [0b10010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b11110],
    [0b01110, 0b10000, 0b11110, 0b10001, 0b01110],
    [0b11111, 0b00010, 0b00100, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b01110, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b01111, 0b00001, 0b01110],
];

/// The smallest terminal in which the verdict is readable from the back row.
pub const SMALLEST: (u16, u16) = (100, 30);

/// What stands on the screen: the call of the cue if it has one, else the watched call.
fn subject<'v>(view: &'v LabView, present: &'v Present) -> (&'v str, &'v str, Option<Verdict>) {
    let answer = &view.answer;
    let watched = || (answer.who.as_str(), answer.call.as_str(), answer.mark.as_ref().map(|m| m.verdict));
    present.call.as_ref().map_or_else(watched, |call| (&call.who, &call.what, Some(call.verdict)))
}

/// Draws the verdict, or the vote while frozen: above what happened, below who may and which statement decided.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    view: &LabView,
    document: &[String],
    present: &Present,
) {
    let theme = ctx.theme;
    let mut y = area.y;
    if let Some((n, all, title)) = &present.place {
        let words = format!("{n} of {all}  {}  {}", ctx.glyphs.dot, clean(title));
        y = centre(area, Line::from(Span::styled(words, theme.dim)), y, buf);
    }
    let (who, what, verdict) = subject(view, present);
    let (word, style) = match verdict {
        _ if present.frozen => ("VOTE", theme.draft),
        Some(Verdict::Allowed) => ("ALLOWED", theme.allowed),
        Some(Verdict::Denied) => ("DENIED", theme.denied),
        _ => ("FAILED", theme.denied),
    };
    let question = format!("{} {} {}", clean(who), ctx.glyphs.marker, clean(what));
    y = centre(area, Line::from(Span::styled(question, theme.title)), y + area.height / 16, buf);
    let top = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
    y = big(word, style, ctx, top, buf) + 1;
    for line in sentences(ctx, view, present) {
        for row in text::wrap_line(&line, usize::from(area.width.saturating_sub(8)), 0) {
            y = centre(area, row, y, buf);
        }
    }
    // Three rows at the bottom are the keys' and the size's.
    let rest = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 4), ..area };
    if present.frozen {
        tally(ctx, present, rest, buf);
    } else {
        below(ctx, view, document, rest, buf);
    }
    keys(ctx, present, area, buf);
}

/// The words under the verdict.
fn sentences(ctx: &Ctx<'_>, view: &LabView, present: &Present) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut lines = Vec::new();
    let mut say = |words: &str, style: Style| {
        lines.push(Line::from(Span::styled(clean(words).into_owned(), style)));
    };
    if present.frozen {
        say("Allowed or denied? Hands up.", theme.text);
        return lines;
    }
    if let Some(call) = &present.call {
        if !call.because.is_empty() {
            say(&call.because, theme.title);
        }
        if !call.conclusion.is_empty() {
            say(&call.conclusion, theme.text);
        }
    } else {
        if let Some(mark) = view.answer.mark.as_ref().filter(|m| !m.because.is_empty()) {
            say(&mark.because, theme.title);
        }
        if let Some(step) = view.why.last().filter(|s| !s.conclusion.is_empty()) {
            say(&step.conclusion, theme.text);
        }
    }
    let scanned = present.call.as_ref().is_none_or(|call| call.watched);
    for row in view.answer.rows.iter().take(if scanned { 3 } else { 0 }) {
        say(&row.join("   "), theme.text);
    }
    let (yes, no) = present.votes;
    if yes + no > 0 {
        lines.push(Line::from(vec![
            Span::styled(format!("{} {yes}", ctx.glyphs.allowed), theme.allowed),
            Span::styled("   hands   ", theme.dim),
            Span::styled(format!("{} {no}", ctx.glyphs.denied), theme.denied),
        ]));
    }
    lines
}

/// The hands counted, in figures as large as fits.
fn tally(ctx: &Ctx<'_>, present: &Present, area: Rect, buf: &mut Buffer) {
    let (yes, no) = present.votes;
    let half = Rect { width: area.width / 2, ..area };
    let other = Rect { x: area.x + area.width / 2, width: area.width - area.width / 2, ..area };
    for (rect, count, word, style) in
        [(half, yes, "ALLOWED", ctx.theme.allowed), (other, no, "DENIED", ctx.theme.denied)]
    {
        let y = centre(rect, Line::from(Span::styled(word, style)), rect.y, buf) + 1;
        let digits = Rect { y, height: rect.bottom().saturating_sub(y), ..rect };
        big(&count.to_string(), style, ctx, digits, buf);
    }
}

/// Who may, and the statement that decided.
fn below(ctx: &Ctx<'_>, view: &LabView, document: &[String], area: Rect, buf: &mut Buffer) {
    if area.height < 4 || area.width < 60 {
        return;
    }
    let theme = ctx.theme;
    let left = Rect { width: area.width / 2, ..area };
    let right = Rect { x: area.x + left.width, width: area.width - left.width, ..area };
    let inside = |rect, title: String| {
        let block = Block::bordered()
            .border_set(ctx.glyphs.border)
            .border_style(theme.frame)
            .title(Span::styled(title, theme.title));
        let inner = block.inner(rect);
        (block, inner)
    };
    let (block, inner) = inside(left, format!(" {} ", view.watched));
    block.render(left, buf);
    let name = view.identities.iter().map(|i| text::width(&clean(&i.name))).max().unwrap_or(0);
    for (row, y) in view.identities.iter().zip(inner.y..inner.bottom()) {
        let marker = if row.acting { ctx.glyphs.marker } else { " " };
        let mut spans = vec![
            Span::styled(format!(" {marker} "), theme.accent),
            Span::styled(format!("{}  ", text::pad(&clean(&row.name), name, "")), theme.title),
        ];
        spans.extend(ctx.mark(row.draft.as_ref().unwrap_or(&row.applied)));
        Line::from(spans).render(Rect { y, height: 1, ..inner }, buf);
    }
    let place = view
        .why
        .iter()
        .rev()
        .flat_map(|s| &s.lines)
        .find(|l| l.deciding)
        .and_then(crate::tui::data::WhyLine::lines);
    let (title, from, style) = match place {
        Some((first, _)) => (" the statement that decided ".to_owned(), first, theme.text),
        None => (format!(" {} {} ", clean(&view.document.kind), clean(&view.document.subject)), 0, theme.dim),
    };
    let (block, inner) = inside(right, title);
    block.render(right, buf);
    let count = place.map_or(usize::MAX, |(first, last)| last + 1 - first.min(last));
    for (line, y) in document.iter().skip(from).take(count).zip(inner.y..inner.bottom()) {
        let line = text::fit(&clean(line), usize::from(inner.width), ctx.glyphs.ellipsis);
        Line::from(Span::styled(line, style)).render(Rect { y, height: 1, ..inner }, buf);
    }
}

fn keys(ctx: &Ctx<'_>, present: &Present, area: Rect, buf: &mut Buffer) {
    let theme = ctx.theme;
    let next = if present.frozen { "reveals" } else { "ends" };
    let mut spans = Vec::new();
    for (key, words) in [
        ("Space".to_owned(), " goes on   ".to_owned()),
        ("Left".to_owned(), " back   ".to_owned()),
        ("+ -".to_owned(), " hands for   ".to_owned()),
        ("[ ]".to_owned(), " against   ".to_owned()),
        (ctx.key(Action::Present), format!(" {next}   ")),
        ("1-9".to_owned(), " identity".to_owned()),
    ] {
        // A narrow screen leaves out the last.
        if area.width < 90 && key == "1-9" {
            break;
        }
        spans.push(Span::styled(key, theme.accent));
        spans.push(Span::styled(words, theme.dim));
    }
    centre(area, Line::from(spans), area.bottom().saturating_sub(2), buf);
    let (width, height) = SMALLEST;
    if area.width < width || area.height + 1 < height {
        let words = format!(
            "this terminal is {}x{}; from {width}x{height} up the back row reads it",
            area.width,
            area.height + 1
        );
        let row = Line::from(Span::styled(words, theme.dim));
        centre(area, row, area.bottom().saturating_sub(1), buf);
    }
}

/// Says what just happened, on the last row.
pub fn say(words: &str, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let line = Line::from(Span::styled(clean(words).into_owned(), ctx.theme.title));
    centre(area, line, area.bottom().saturating_sub(1), buf);
}

fn centre(area: Rect, line: Line<'_>, y: u16, buf: &mut Buffer) -> u16 {
    let width = u16::try_from(line.width()).unwrap_or(area.width).min(area.width);
    let rect = Rect { x: area.x + (area.width - width) / 2, y, width, height: 1 };
    line.render(rect.intersection(area), buf);
    y + 1
}

/// Draws a word in blocks as large as fits; returns the row below it.
fn big(word: &str, style: Style, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let rows_of = |c: char| match c.to_digit(10) {
        Some(digit) => DIGITS.get(usize::try_from(digit).ok()?),
        None => LETTERS.iter().find(|(l, _)| *l == c).map(|(_, rows)| rows),
    };
    let letters: Vec<&[u8; 5]> = word.chars().filter_map(rows_of).collect();
    let units = u16::try_from(letters.len() * 6).unwrap_or(u16::MAX).saturating_sub(1).max(1);
    // A cell is about twice as high as wide, so a square takes two; a narrow screen has to do with one.
    let scale = (area.width.saturating_sub(4) / units / 2).min(area.height / 2 / 5).clamp(1, 3);
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
