//! Drawing the editor: the visible lines, what is found in them under them, and where the cursor is.
//!
//! Nothing here changes the text.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::cells::{cell_width, cells};
use super::elide::left_out;
use super::{Editor, Finding, byte_of};
use crate::narration::matching_bracket;
use crate::policy::{Severity, json};
use crate::tui::glyphs::Glyphs;
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::theme::Theme;

/// The colours and signs that the editor is drawn with.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub theme: &'a Theme,
    pub glyphs: &'a Glyphs,
    /// Whether keys go into the text.
    pub typing: bool,
    /// A line to light up (the deciding statement), as a range of lines.
    pub lit: Option<(usize, usize)>,
}

/// The most rows that findings take under one line.
const MOST_UNDER: usize = 5;

/// The longest line behind which a name stands, in bytes.
const MOST_LINE_WITH_NAME: usize = 2_000;

/// The most findings of one line that are marked on one screen.
const MOST_MARKS: usize = 100;

impl Editor {
    /// Shows the text from that line on, without moving the cursor.
    pub fn show_from(&mut self, line: usize) {
        self.top = line;
    }

    /// Scrolls so that the cursor is on the screen.
    pub fn follow(&mut self, width: usize, height: usize) {
        let (line, column) = self.cursor();
        let height = height.max(1);
        let whole = self.has_spare_rows(width, height);
        if line < self.top {
            self.top = line;
        }
        // The first line from which this one is still on the screen; no more lines are looked at than the screen has.
        let mut first = line;
        let mut rows = self.rows_of(line, width, whole);
        while first > self.top {
            rows += self.rows_of(first - 1, width, whole);
            if rows > height {
                break;
            }
            first -= 1;
        }
        self.top = first;
        let room = width.saturating_sub(self.gutter()).max(1);
        let cell = self.area.lines().get(line).map_or(0, |l| cells_before(l, column));
        if cell < self.left {
            self.left = cell;
        } else if cell >= self.left + room {
            self.left = cell + 1 - room;
        }
        // A line that fits whole is shown whole, with a cell left for the cursor behind its end.
        if self.area.lines().get(line).is_some_and(|l| cells_up_to(l, usize::MAX, room) < room) {
            self.left = 0;
        }
    }

    /// Cells left of the text: change mark, line number, a blank.
    fn gutter(&self) -> usize {
        self.area.lines().len().to_string().len().max(2) + 3
    }

    /// Whether all lines fit with everything that is wrong with them in full, so that nothing of it need be cut.
    fn has_spare_rows(&self, width: usize, height: usize) -> bool {
        let lines = self.area.lines().len();
        lines <= height && (0..lines).map(|line| self.rows_of(line, width, true)).sum::<usize>() <= height
    }

    /// What is said under a line, a styled row each: what is wrong, and where the cursor is also what to do. All of it in
    /// full if `whole`.
    fn under(&self, number: usize, width: usize, whole: bool, look: Option<Look<'_>>) -> Vec<Line<'static>> {
        let here = self.findings_in(number);
        if here.is_empty() {
            return Vec::new();
        }
        let line = self.lines().get(number).map_or("", String::as_str);
        let here_now = self.cursor().0 == number;
        let how = match (here_now, whole) {
            (true, _) => Told::WithRemedy,
            (false, true) => Told::Whole,
            (false, false) => Told::InTwoRows,
        };
        let mut rows: Vec<Line<'static>> = Vec::new();
        let mut left = here.len();
        for finding in here {
            if rows.len() >= MOST_UNDER {
                break;
            }
            rows.extend(finding_rows(finding, line, self.gutter(), width, how, look));
            left -= 1;
        }
        rows.truncate(MOST_UNDER);
        if left > 0 {
            let style = look.map_or_else(Style::new, |l| l.theme.dim);
            rows.push(Line::from(vec![
                Span::raw(" ".repeat(self.gutter())),
                Span::styled(format!("and {left} more here"), style),
            ]));
        }
        rows
    }

    fn rows_of(&self, line: usize, width: usize, whole: bool) -> usize {
        1 + self.under(line, width, whole, None).len()
    }

    /// The line and character under a cell of `area`, for clicks.
    pub fn at(&self, area: Rect, position: Position) -> (usize, usize) {
        let mut row = usize::from(position.y.saturating_sub(area.y));
        let mut line = self.top;
        let whole = self.has_spare_rows(usize::from(area.width), usize::from(area.height));
        while line < self.area.lines().len() {
            let rows = self.rows_of(line, usize::from(area.width), whole);
            if row < rows {
                break;
            }
            row -= rows;
            line += 1;
        }
        let left = if line == self.cursor().0 { self.left } else { 0 };
        let cell = usize::from(position.x.saturating_sub(area.x)).saturating_sub(self.gutter()) + left;
        let shown = self.area.lines().get(line).map(String::as_str).unwrap_or_default();
        let room = usize::from(area.width).saturating_sub(self.gutter());
        let room = room.saturating_sub(self.aside_of(shown).map_or(0, |aside| text::width(&aside)));
        let out = if line == self.cursor().0 { Vec::new() } else { left_out(shown, room, 1) };
        let mut used = 0;
        let mut column = 0;
        for (byte, c) in shown.char_indices() {
            used += match out.iter().find(|part| part.contains(&byte)) {
                // One cell stands for all that is left out.
                Some(part) => usize::from(part.start == byte),
                None => cell_width(c),
            };
            if used > cell {
                break;
            }
            column += 1;
        }
        (line, column)
    }

    /// What stands behind a line that names a key by its id: the key's name.
    fn aside_of(&self, line: &str) -> Option<String> {
        if line.len() > MOST_LINE_WITH_NAME {
            return None;
        }
        let is_there = |(id, _): &&(String, String)| line.contains(&format!(":key/{id}"));
        let mut names = self.key_names.iter().filter(is_there).map(|(_, name)| clean(name));
        let first = names.next()?.into_owned();
        Some(format!("  ({})", names.fold(first, |all, name| format!("{all}, {name}"))))
    }

    /// How many lines there are, and which is the first in sight.
    pub fn extent(&self) -> (usize, usize) {
        (self.area.lines().len(), self.top)
    }

    /// Draws the visible lines; returns where the cursor is, if it is on the screen.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Option<Position> {
        let lines = self.area.lines();
        let (cursor_line, cursor_column) = self.cursor();
        let pair = self.bracket_pair();
        let gutter = self.gutter();
        let room = usize::from(area.width).saturating_sub(gutter);
        let whole = self.has_spare_rows(usize::from(area.width), usize::from(area.height));
        let mut at = None;
        let mut y = area.y;
        for (number, line) in lines.iter().enumerate().skip(self.top) {
            if y >= area.bottom() {
                break;
            }
            let row = Rect { x: area.x, y, width: area.width, height: 1 };
            self.draw_gutter(number, gutter, look).render(row, buf);
            let text_area =
                Rect { x: area.x.saturating_add(cast(gutter)).min(area.right()), width: cast(room), ..row };
            // Only the line in work moves sideways: the others keep their shape around it.
            let left = if look.typing && number == cursor_line { self.left } else { 0 };
            // A line in work keeps every letter, since the cursor goes along them.
            let in_work = look.typing && number == cursor_line;
            let aside = self.aside_of(line);
            let sign = text::width(look.glyphs.ellipsis);
            let kept = aside.as_ref().map_or(0, |aside| text::width(aside));
            let out = if in_work { Vec::new() } else { left_out(line, room.saturating_sub(kept), sign) };
            if let Some(aside) = aside {
                let gone = out.iter().map(|part| cells(line.get(part.clone()).unwrap_or_default()));
                let shown = cells(line).saturating_sub(gone.map(|gone| gone.saturating_sub(sign)).sum());
                let end = shown.saturating_sub(left);
                if end + kept <= room {
                    buf.set_string(text_area.x + cast(end), y, aside, look.theme.dim);
                }
            }
            if out.is_empty() {
                let seen = Seen::of(line, left, room);
                let styles = self.styles(number, line, &seen, &pair, look);
                draw_cells(line, &seen, &styles, text_area, buf);
                draw_cuts(line, left, &seen, text_area, buf, look);
            } else {
                let styles = self.styles(number, line, &Seen::whole(line), &pair, look);
                draw_shortened(line, &out, &styles, text_area, buf, look);
            }
            let added = self.marks.added.get(number).copied().unwrap_or(false);
            let lit = look.lit.is_some_and(|(a, b)| (a..=b).contains(&number));
            if lit {
                buf.set_style(text_area, look.theme.lit());
            } else if added {
                buf.set_style(text_area, Style { fg: None, ..look.theme.added });
            }
            if number == cursor_line {
                let cell = cells_before(line, cursor_column);
                if (left..left + room.max(1)).contains(&cell) {
                    at = Some(Position { x: text_area.x + cast(cell - left), y });
                }
            }
            y += 1;
            for under in self.under(number, usize::from(area.width), whole, Some(look)) {
                if y >= area.bottom() {
                    break;
                }
                under.render(Rect { y, ..row }, buf);
                y += 1;
            }
        }
        at
    }

    fn draw_gutter(&self, number: usize, gutter: usize, look: Look<'_>) -> Line<'static> {
        let theme = look.theme;
        let added = self.marks.added.get(number).copied().unwrap_or(false);
        let gone = self.marks.gone_above.get(number).copied().unwrap_or(false)
            || (number + 1 == self.area.lines().len()
                && self.marks.gone_above.last().copied().unwrap_or(false));
        let mark = if added {
            Span::styled(look.glyphs.bar, theme.allowed)
        } else if gone {
            Span::styled(look.glyphs.gone, theme.denied)
        } else {
            Span::raw(" ")
        };
        let here = look.typing && number == self.cursor().0;
        let lit = look.lit.is_some_and(|(a, b)| (a..=b).contains(&number));
        let style = if here || lit { theme.accent } else { theme.dim };
        let mark = if lit && !added { Span::styled(look.glyphs.decided, theme.accent) } else { mark };
        Line::from(vec![mark, Span::styled(format!("{:>1$} ", number + 1, gutter - 3), style)])
    }

    /// The style of each character of a line that is on the screen: a line may be as long as a text.
    fn styles(
        &self,
        number: usize,
        line: &str,
        seen: &Seen,
        pair: &[(usize, usize)],
        look: Look<'_>,
    ) -> Vec<(usize, Style)> {
        let theme = look.theme;
        let mut out: Vec<(usize, Style)> = Vec::new();
        // Runs by byte: each entry holds from its byte on.
        let mut push = |at: usize, style: Style| out.push((at, style));
        push(0, theme.text);
        let tokens = json::lex(line).skip_while(|token| token.span.end <= seen.bytes.start);
        for token in tokens.take_while(|token| token.span.start < seen.bytes.end) {
            push(token.span.start, theme.json(line, token));
            push(token.span.end, theme.text);
        }
        let shown = line.get(seen.bytes.clone()).unwrap_or_default();
        let last = seen.column + shown.chars().count();
        let on_screen = |f: &&Finding| f.column < last && f.column + f.len.max(1) > seen.column;
        for f in self.findings_in(number).iter().filter(on_screen).take(MOST_MARKS) {
            let mark = match f.severity {
                Severity::Error => theme.error_mark,
                Severity::Warning => theme.warn_mark,
                Severity::Note => continue,
            };
            let byte = |column: usize| seen.bytes.start + byte_of(shown, column.saturating_sub(seen.column));
            overlay(&mut out, byte(f.column)..byte(f.column + f.len.max(1)), mark);
        }
        if self.show_found {
            for column in super::places_in(shown, &self.search) {
                let end = column + self.search.chars().count();
                let byte = |column: usize| seen.bytes.start + byte_of(shown, column);
                overlay(&mut out, byte(column)..byte(end), theme.found);
            }
        }
        for (_, byte) in pair.iter().filter(|(l, _)| look.typing && *l == number) {
            overlay(
                &mut out,
                *byte..byte + 1,
                theme.accent.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            );
        }
        if let Some(((sl, sc), (el, ec))) = self.area.selection_range()
            && (sl..=el).contains(&number)
        {
            let from = if number == sl { byte_of(line, sc) } else { 0 };
            let to = if number == el { byte_of(line, ec) } else { line.len() };
            overlay(&mut out, from..to, Style::new().add_modifier(Modifier::REVERSED));
        }
        out
    }

    /// The bracket at or before the cursor and its partner, as lines and bytes.
    fn bracket_pair(&self) -> Vec<(usize, usize)> {
        let (line, column) = self.cursor();
        let Some(text) = self.area.lines().get(line) else { return Vec::new() };
        let mut places = vec![byte_of(text, column)];
        if column > 0 {
            places.push(byte_of(text, column - 1));
        }
        for byte in places {
            if text.as_bytes().get(byte).is_some_and(|b| b"{}[]".contains(b))
                && let Some(partner) = matching_bracket(self.area.lines(), line, byte)
            {
                return vec![(line, byte), partner];
            }
        }
        Vec::new()
    }
}

/// How much is said of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// All of it, and what to do.
    WithRemedy,
    /// The whole message, without a remedy.
    Whole,
    /// What fits in two rows.
    InTwoRows,
}

/// A finding under its line: a corner at its place, then the words.
fn finding_rows(
    f: &Finding,
    line: &str,
    gutter: usize,
    width: usize,
    how: Told,
    look: Option<Look<'_>>,
) -> Vec<Line<'static>> {
    let (style, dim, corner, ellipsis) = match look {
        Some(Look { theme, glyphs, .. }) => {
            let style = match f.severity {
                Severity::Error => theme.denied,
                Severity::Warning => theme.draft,
                Severity::Note => theme.dim,
            };
            (style, theme.text, glyphs.corner, glyphs.ellipsis)
        }
        // Only counted.
        None => (Style::new(), Style::new(), "+", "~"),
    };
    let word = match f.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let room = width.saturating_sub(gutter);
    // Far to the right there is no room to say anything; the underline shows the place.
    let indent =
        if how == Told::WithRemedy { 0 } else { cells_up_to(line, f.column, room / 3).min(room / 3) };
    let place = format!("{corner} {}:{} {word}: ", f.line + 1, f.column + 1);
    let words = format!("{place}{}", clean(&f.message));
    let remedy = clean(&f.remedy);
    let room = room.saturating_sub(indent);
    let rows = match how {
        Told::WithRemedy if !remedy.is_empty() => {
            let words = vec![Span::styled(words, style), Span::styled(format!(". {remedy}"), dim)];
            text::wrap_line(&Line::from(words), room, 2)
        }
        Told::WithRemedy | Told::Whole => text::wrap_line(&Line::from(Span::styled(words, style)), room, 2),
        Told::InTwoRows => {
            let line = |words: String| Line::from(Span::styled(words, style));
            let mut rows = text::wrap_line(&line(words), room, 2);
            if rows.len() > 2 {
                // What is wrong comes first, AWS's own words for it last.
                let rest: String =
                    rows.drain(1..).map(|row| row.to_string().replacen("  ", " ", 1)).collect();
                rows.push(text::fit_line(&line(format!(" {rest}")), room, ellipsis));
            }
            rows
        }
    };
    rows.into_iter()
        .map(|row| {
            let mut spans = vec![Span::raw(" ".repeat(gutter + indent))];
            spans.extend(row.spans);
            Line::from(spans)
        })
        .collect()
}

/// Patches `style` over a byte range of runs.
fn overlay(runs: &mut Vec<(usize, Style)>, range: std::ops::Range<usize>, style: Style) {
    if range.is_empty() {
        return;
    }
    let style_at = |runs: &[(usize, Style)], at: usize| {
        runs.iter().rev().find(|(from, _)| *from <= at).map_or(Style::new(), |(_, s)| *s)
    };
    let after = style_at(runs, range.end);
    let first = style_at(runs, range.start).patch(style);
    for (_, s) in runs.iter_mut().filter(|(at, _)| range.contains(at)) {
        *s = s.patch(style);
    }
    // Runs at the same byte: the later entry wins, and the sort is stable.
    runs.push((range.start, first));
    runs.push((range.end, after));
    runs.sort_by_key(|(at, _)| *at);
}

/// The part of a line that is on the screen.
#[derive(Debug)]
struct Seen {
    /// From its first character that begins on the screen to the last one that fits, the marks behind it included.
    bytes: std::ops::Range<usize>,
    /// How many characters stand before it.
    column: usize,
    /// How many cells the first of them is away from the edge: a wide one may be cut there.
    lead: usize,
}

impl Seen {
    /// Returns a line that is on the screen from end to end.
    fn whole(line: &str) -> Self {
        Self { bytes: 0..line.len(), column: 0, lead: 0 }
    }

    /// Returns what is on the screen of a line from cell `left` on, where there is room for so many cells. No more of
    /// the line is looked at.
    fn of(line: &str, left: usize, room: usize) -> Self {
        let (mut cell, mut column, mut start) = (0, 0, None);
        let mut end = 0;
        for (byte, c) in line.char_indices() {
            let width = cell_width(c);
            if cell + width > left + room {
                break;
            }
            // A mark on a character that is cut off at the left is cut off with it.
            if start.is_none() && cell >= left && (width > 0 || left == 0) {
                start = Some((byte, column, cell - left));
            }
            cell += width;
            column += 1;
            end = byte + c.len_utf8();
        }
        let (start, column, lead) = start.unwrap_or((end, column, 0));
        Self { bytes: start..end, column, lead }
    }
}

/// Draws a line of which parts are left out, a sign in the place of each.
fn draw_shortened(
    line: &str,
    out: &[std::ops::Range<usize>],
    styles: &[(usize, Style)],
    area: Rect,
    buf: &mut Buffer,
    look: Look<'_>,
) {
    let sign = text::width(look.glyphs.ellipsis);
    let mut from = 0;
    let mut used = 0;
    let parts = out.iter().cloned().chain(std::iter::once(line.len()..line.len()));
    for part in parts {
        let room = usize::from(area.width).saturating_sub(used);
        let piece = line.get(from..part.start).unwrap_or_default();
        let mut seen = Seen::of(piece, 0, room);
        let cut = seen.bytes.end < piece.len();
        seen.bytes = from + seen.bytes.start..from + seen.bytes.end;
        let rest = Rect { x: area.x + cast(used), width: cast(room), ..area }.intersection(area);
        draw_cells(line, &seen, styles, rest, buf);
        if cut {
            buf.set_string(area.right().saturating_sub(1), area.y, look.glyphs.ellipsis, look.theme.accent);
            return;
        }
        used += cells(piece);
        if !part.is_empty() && used + sign <= usize::from(area.width) {
            buf.set_string(area.x + cast(used), area.y, look.glyphs.ellipsis, look.theme.dim);
        }
        used += sign;
        from = part.end;
    }
}

/// Draws what is on the screen of a line, character by character, so that nothing raw reaches the screen.
fn draw_cells(line: &str, seen: &Seen, runs: &[(usize, Style)], area: Rect, buf: &mut Buffer) {
    let mut runs = runs.iter().peekable();
    let mut style = Style::new();
    let mut cell = seen.lead;
    let mut last: Option<u16> = None;
    let mut marks = 0;
    for (byte, c) in line.get(seen.bytes.clone()).unwrap_or_default().char_indices() {
        let byte = byte + seen.bytes.start;
        while let Some((_, s)) = runs.next_if(|(at, _)| *at <= byte) {
            style = *s;
        }
        let width = cell_width(c);
        if width == 0 {
            // A mark joins the character before it, two at most.
            marks += 1;
            if let Some(x) = last.filter(|_| marks <= 2)
                && let Some(under) = buf.cell_mut((x, area.y))
            {
                let joined = format!("{}{}", under.symbol(), clean(&c.to_string()));
                under.set_symbol(&joined);
            }
            continue;
        }
        marks = 0;
        let x = area.x + cast(cell);
        let mut byte_buffer = [0; 4];
        let shown = clean(c.encode_utf8(&mut byte_buffer));
        buf.set_stringn(x, area.y, &shown, width, style);
        last = Some(x);
        cell += width;
    }
}

/// Says at either end of a line that it goes on beyond the screen.
fn draw_cuts(line: &str, left: usize, seen: &Seen, area: Rect, buf: &mut Buffer, look: Look<'_>) {
    if area.width < 8 {
        return;
    }
    if seen.bytes.end < line.len() {
        buf.set_string(area.right() - 1, area.y, look.glyphs.ellipsis, look.theme.accent);
    }
    if left > 0 {
        buf.set_string(area.x, area.y, look.glyphs.ellipsis, look.theme.accent);
    }
}

/// The cells before a character of a line.
fn cells_before(line: &str, column: usize) -> usize {
    cells_up_to(line, column, usize::MAX)
}

/// The cells before a character of a line; where there are as many as `enough`, they are not counted further.
fn cells_up_to(line: &str, column: usize, enough: usize) -> usize {
    let mut cells = 0;
    for c in line.chars().take(column) {
        if cells >= enough {
            break;
        }
        cells += cell_width(c);
    }
    cells
}

fn cast(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
