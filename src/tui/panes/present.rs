//! The presenter's screen: one verdict in letters that can be read from the back row, and below it what explains it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::head::spread;
use super::{Ctx, Title, draw_lines, frame, json_line};
use crate::narration::{CallStatus, IdentityRow, LabView};
use crate::tui::lab_screen::Present;
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::toast::ToastKind;

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
fn subject<'v>(view: &'v LabView, present: &'v Present) -> (&'v str, &'v str, Option<CallStatus>) {
    let answer = &view.answer;
    let watched = || (answer.who.as_str(), answer.call.as_str(), answer.mark.as_ref().map(|m| m.status));
    present.call.as_ref().map_or_else(watched, |call| (&call.who, &call.what, Some(call.status)))
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
    headline(ctx, view, present, Rect { height: 1, ..area }, buf);
    let (who, what, verdict) = subject(view, present);
    let (word, style) = match verdict {
        _ if present.frozen => ("VOTE", theme.draft),
        Some(CallStatus::Allowed) => ("ALLOWED", theme.allowed),
        Some(CallStatus::Denied) => ("DENIED", theme.denied),
        Some(CallStatus::Failed) => ("FAILED", theme.denied),
        None => ("NOTHING", theme.dim),
    };
    let question = format!("{} {} {}", clean(who), ctx.glyphs.marker, clean(what));
    let row = Line::from(Span::styled(question, theme.title));
    // Tall screens have room to breathe.
    let gap = 1 + area.height / 40;
    let mut y = centre(area, row, area.y + 2 + area.height / 14, buf);
    let top = Rect { y: y + gap, height: area.bottom().saturating_sub(y + gap), ..area };
    y = big(word, style, ctx, top, buf) + gap;
    for line in sentences(ctx, view, present) {
        for row in text::wrap_line(&line, usize::from(area.width.saturating_sub(8)), 0) {
            y = centre(area, row, y, buf);
        }
    }
    let rest = Rect { y: y + gap, height: area.bottom().saturating_sub(y + gap), ..area };
    if present.frozen {
        tally(ctx, present, rest, buf);
    } else {
        below(ctx, view, document, rest, buf);
    }
}

/// Which lesson it is, and where in it this is.
fn headline(ctx: &Ctx<'_>, view: &LabView, present: &Present, area: Rect, buf: &mut Buffer) {
    let theme = ctx.theme;
    let mut left = vec![
        Span::styled(" kmslab ", theme.badge),
        Span::styled(format!(" {} ", clean(&view.head.id)), theme.accent),
        Span::styled(clean(&view.head.title).into_owned(), theme.title),
    ];
    let mut right = Vec::new();
    if let Some((n, all, title)) = &present.place {
        if present.call.is_none() {
            left.push(Span::styled(format!("  {} {}", ctx.glyphs.dot, clean(title)), theme.title));
        }
        right.push(Span::styled(format!("cue {n} of {all} "), theme.title));
    }
    let line = spread(left, right, usize::from(area.width), ctx).style(theme.bar);
    buf.set_style(area, line.style);
    line.render(area, buf);
}

/// The words under the verdict.
fn sentences(ctx: &Ctx<'_>, view: &LabView, present: &Present) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut lines = Vec::new();
    let mut say = |words: &str, style: Style| {
        lines.push(Line::from(Span::styled(clean(words).into_owned(), style)));
    };
    if present.frozen {
        say("Allowed or denied? Hands up.", theme.title);
        return lines;
    }
    if let Some(call) = &present.call {
        if !call.because.is_empty() {
            say(&call.because, theme.title);
        }
        if !call.conclusion.is_empty() {
            say(gist(&call.conclusion), theme.title);
        }
    } else {
        if let Some(mark) = view.answer.mark.as_ref().filter(|m| !m.because.is_empty()) {
            say(&mark.because, theme.title);
        }
        // What failed although it was allowed has another reason than the policies.
        let failed = view.answer.mark.as_ref().is_some_and(|m| m.status == CallStatus::Failed);
        let said = match &view.answer.error {
            Some((_, message)) if failed => Some(message),
            _ => view.why.last().map(|step| &step.conclusion),
        };
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            say(gist(said), theme.title);
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
            Span::styled("   hands   ", theme.text),
            Span::styled(format!("{} {no}", ctx.glyphs.denied), theme.denied),
        ]));
    }
    lines
}

/// A service's message without what it adds for its support: the request's id and the like.
fn gist(message: &str) -> &str {
    message.split(" (Service: ").next().unwrap_or(message)
}

/// The hands counted, in figures as large as fits.
fn tally(ctx: &Ctx<'_>, present: &Present, area: Rect, buf: &mut Buffer) {
    let (yes, no) = present.votes;
    let half = Rect { width: area.width / 2, ..area };
    let other = Rect { x: area.x + area.width / 2, width: area.width - area.width / 2, ..area };
    for (rect, count, word, style) in
        [(half, yes, "ALLOWED", ctx.theme.allowed), (other, no, "DENIED", ctx.theme.denied)]
    {
        let bold = style.add_modifier(Modifier::BOLD);
        let y = centre(rect, Line::from(Span::styled(word, bold)), rect.y, buf) + 1;
        let digits = Rect { y, height: rect.bottom().saturating_sub(y), ..rect };
        big(&count.to_string(), style, ctx, digits, buf);
    }
}

/// Who may, and the statement that decided.
fn below(ctx: &Ctx<'_>, view: &LabView, document: &[String], area: Rect, buf: &mut Buffer) {
    if area.height < 4 || area.width < 60 {
        return;
    }
    let people = who_may(ctx, view);
    // What follows are the answers to the watched call, whatever was called last.
    let asked = &view.watched;
    let widest = people.iter().map(Line::width).max().unwrap_or(0).max(text::width(&clean(asked)) + 4);
    // The policy needs the room more than they do.
    let half = u16::try_from(widest + 5).unwrap_or(area.width).min(area.width / 2);
    let place = view
        .why
        .iter()
        .rev()
        .flat_map(|s| &s.lines)
        .find(|l| l.deciding)
        .and_then(crate::narration::WhyLine::lines);
    let subject = view.document.subject.trim_start_matches("alias/");
    let draft = match (view.document.edited, view.stale) {
        (false, _) => "",
        (true, false) => "draft: ",
        // The verdict above is from before it.
        (true, true) => "draft, not counted: ",
    };
    let (title, from, count) = match place {
        Some((first, last)) => {
            (format!("{draft}the statement that decided"), first, last + 1 - first.min(last))
        }
        None => (format!("{draft}{} {subject}", view.document.kind), 0, usize::MAX),
    };
    let shown: Vec<&String> = document.iter().skip(from).take(count).collect();
    let width = usize::from(area.width - half).saturating_sub(4);
    let room = usize::from(area.height).saturating_sub(2);
    let policy = statement(ctx, &shown, width, if place.is_some() { room } else { usize::MAX });
    // No higher than what is in them: empty frames say nothing.
    let rows = u16::try_from(people.len().max(policy.len()) + 2).unwrap_or(u16::MAX);
    let area = Rect { height: area.height.min(rows), ..area };
    let left = Rect { width: half, ..area };
    let right = Rect { x: area.x + half, width: area.width - half, ..area };
    for (rect, title, lines) in [(left, asked, people), (right, &title, policy)] {
        let inner = frame(rect, buf, ctx, Title::new(ctx, title));
        draw_lines(&lines, inner, 0, buf, ctx);
    }
}

/// Lines of a policy; where they do not fit, a row for each member.
fn statement(ctx: &Ctx<'_>, shown: &[&String], width: usize, room: usize) -> Vec<Line<'static>> {
    // Where it stands in its document is of no use here.
    let margin = shown.iter().map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);
    let coloured = |line: &str| json_line(line, ctx, width);
    let lines: Vec<Line<'static>> =
        shown.iter().flat_map(|line| coloured(line.get(margin..).unwrap_or_default())).collect();
    if lines.len() <= room {
        return lines;
    }
    let text: String = shown.iter().map(|line| line.as_str()).collect();
    match serde_json::from_str(text.trim().trim_end_matches(',')) {
        Ok(serde_json::Value::Object(members)) => {
            members.iter().flat_map(|(name, value)| coloured(&format!("{name:?}: {value}"))).collect()
        }
        _ => lines,
    }
}

/// Everybody, and what the watched call returns to each.
fn who_may(ctx: &Ctx<'_>, view: &LabView) -> Vec<Line<'static>> {
    let name = view.identities.iter().map(|i| text::width(&clean(&i.name))).max().unwrap_or(0);
    let row = |row: &IdentityRow| {
        let marker = if row.acting { ctx.glyphs.marker } else { " " };
        let mut spans = vec![
            Span::styled(format!("{marker} "), ctx.theme.accent),
            Span::styled(format!("{}  ", text::pad(&clean(&row.name), name, "")), ctx.theme.title),
        ];
        spans.extend(row.shown().map(|mark| ctx.mark(mark)).unwrap_or_default());
        Line::from(spans)
    };
    view.identities.iter().map(row).collect()
}

/// Whether the verdict can be read from the back row of a room.
pub fn is_large(area: Rect) -> bool {
    area.width >= SMALLEST.0 && area.height >= SMALLEST.1
}

/// What is to be said of a screen that is too small for a room.
pub fn size_warning(area: Rect) -> String {
    let (width, height) = SMALLEST;
    format!(
        "this terminal is {}x{}; for the back row make it {width}x{height} or larger",
        area.width, area.height
    )
}

/// The line above the footer: what just happened, else that the screen is too small for a room.
pub fn note(said: Option<(ToastKind, &str)>, area: Rect, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let line = match said {
        Some((_, words)) => {
            let mut spans = vec![Span::raw(" ")];
            spans.extend(ctx.sentence(&clean(words), theme.title));
            Line::from(spans)
        }
        None if is_large(area) => Line::default(),
        None => Line::from(Span::styled(format!(" ! {}", size_warning(area)), theme.draft)),
    };
    text::fit_line(&line, usize::from(area.width), ctx.glyphs.ellipsis)
}

/// Draws a line in the middle of a row; returns the row below.
pub fn centre(area: Rect, line: Line<'_>, y: u16, buf: &mut Buffer) -> u16 {
    let width = u16::try_from(line.width()).unwrap_or(area.width).min(area.width);
    let rect = Rect { x: area.x + (area.width - width) / 2, y, width, height: 1 };
    line.render(rect.intersection(area), buf);
    y + 1
}

/// The rows of a letter or digit in blocks, a bit a cell; none of what is not among them.
pub fn letter(c: char) -> Option<&'static [u8; 5]> {
    match c.to_digit(10) {
        Some(digit) => DIGITS.get(usize::try_from(digit).ok()?),
        None => LETTERS.iter().find(|(known, _)| *known == c).map(|(_, rows)| rows),
    }
}

/// Draws a word in blocks as large as fits; returns the row below it.
pub fn big(word: &str, style: Style, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let letters: Vec<&[u8; 5]> = word.chars().filter_map(letter).collect();
    let units = u16::try_from(letters.len() * 6).unwrap_or(u16::MAX).saturating_sub(1).max(1);
    // A cell is about twice as high as wide, so a square takes two; a narrow screen has to do with one.
    let scale = (area.width.saturating_sub(4) / units / 2).min(area.height / 2 / 5).clamp(1, 4);
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
