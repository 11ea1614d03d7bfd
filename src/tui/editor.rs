//! The policy editor: text, cursor and undo from the text area crate, everything drawn here.
//!
//! `tui-textarea` 0.7 links ratatui 0.29 and cannot draw on 0.30. Of its maintained forks this is `tui-textarea-2`, which
//! speaks ratatui 0.30's core types, undoes a run of typing in one step and takes a pasted block as one edit. Only its editing is used:
//! its own widget takes colours as byte ranges and panics when a range is off a character boundary, cannot put a finding
//! under its line, and keeps its scroll position inside the draw call. So the visible lines are drawn here, from the text,
//! each time; no range outlives the text it was made for.
//!
//! This is the only module that names the crate.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, TextArea};
use unicode_width::UnicodeWidthChar;

use super::diff::{self, Marks};
use super::glyphs::Glyphs;
use super::highlight::{self, Token};
use super::sanitize::clean;
use super::text;
use super::theme::Theme;

/// The longest paste taken, in bytes. A key policy holds 32 KB; more than this is an accident.
const MAX_PASTE: usize = 256 * 1024;

/// Something wrong with the text, at a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 0.
    pub line: usize,
    /// The first character of the line it is about, from 0.
    pub column: usize,
    /// How many characters; at least one is marked.
    pub len: usize,
    /// Whether the document cannot be applied because of it.
    pub error: bool,
    /// What is wrong and what to do.
    pub message: String,
}

/// The editor's state.
#[derive(Debug)]
pub struct Editor {
    area: TextArea<'static>,
    /// The applied text, for the marks beside the line numbers.
    base: Vec<String>,
    marks: Marks,
    findings: Vec<Finding>,
    /// The first visible line and the first visible cell.
    top: usize,
    left: usize,
    search: String,
}

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// Symbols.
    pub glyphs: &'a Glyphs,
    /// Whether keys go into the text.
    pub typing: bool,
    /// A line to light up (the deciding statement), as a range of lines.
    pub lit: Option<(usize, usize)>,
}

impl Editor {
    /// An editor holding `text`, compared with itself.
    pub fn new(text: &str) -> Self {
        let lines = split(text);
        let mut area = TextArea::new(lines.clone());
        area.set_tab_length(2);
        area.set_undo_coalescing(true);
        area.set_max_histories(10_000);
        let mut editor = Self {
            area,
            base: lines,
            marks: Marks::default(),
            findings: Vec::new(),
            top: 0,
            left: 0,
            search: String::new(),
        };
        editor.remark();
        editor
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Its lines.
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// The cursor as line and character, from 0.
    pub fn cursor(&self) -> (usize, usize) {
        let c = self.area.cursor();
        (c.0, c.1)
    }

    /// How the text differs from the applied one.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// What is wrong with the text.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The applied text's lines.
    pub fn base(&self) -> &[String] {
        &self.base
    }

    /// Sets the findings shown under the lines.
    pub fn set_findings(&mut self, findings: Vec<Finding>) {
        self.findings = findings;
    }

    /// Sets the text the draft is compared with.
    pub fn set_base(&mut self, text: &str) {
        self.base = split(text);
        self.remark();
    }

    /// Shows another text as one edit that undo takes back.
    pub fn replace(&mut self, text: &str) {
        let (line, column) = self.cursor();
        self.area.select_all();
        self.area.insert_str(text);
        self.go_to(line, column);
        self.remark();
    }

    /// One key outside the key map: typing and cursor movement. Returns whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        let before = self.area.lines().len();
        let changed = match key.code {
            KeyCode::Enter => {
                self.newline();
                true
            }
            // The crate's own Tab goes to the next tab stop from the line's head; here it indents.
            KeyCode::Tab => self.indent(),
            KeyCode::Char('}' | ']')
                if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                self.close_bracket(key)
            }
            KeyCode::Home if !shift => {
                self.smart_home();
                false
            }
            _ => self.area.input(key),
        };
        if changed || before != self.area.lines().len() {
            self.remark();
        }
        changed
    }

    /// Pasted text, as one step of undo. Line ends of every kind become line feeds.
    pub fn paste(&mut self, pasted: &str) -> Result<bool, String> {
        if pasted.len() > MAX_PASTE {
            return Err(format!(
                "not pasted: {} KB is more than this editor takes ({} KB)",
                pasted.len() / 1024,
                MAX_PASTE / 1024
            ));
        }
        let changed = self.area.insert_str(pasted.replace("\r\n", "\n").replace('\r', "\n"));
        self.remark();
        Ok(changed)
    }

    /// Two spaces.
    pub fn indent(&mut self) -> bool {
        self.area.insert_str("  ")
    }

    /// Takes the cursor's line away.
    pub fn delete_line(&mut self) -> bool {
        let (line, _) = self.cursor();
        let last = line + 1 >= self.area.lines().len();
        self.area.cancel_selection();
        self.area.move_cursor(CursorMove::Head);
        self.area.start_selection();
        if last {
            self.area.move_cursor(CursorMove::End);
        } else {
            self.area.move_cursor(CursorMove::Down);
            self.area.move_cursor(CursorMove::Head);
        }
        // Cutting a selection is one edit, so undo brings the line back in one step.
        let changed = self.area.cut();
        if !changed {
            self.area.cancel_selection();
        }
        self.remark();
        changed
    }

    /// Undoes the last edit.
    pub fn undo(&mut self) -> bool {
        let done = self.area.undo();
        self.remark();
        done
    }

    /// Redoes it.
    pub fn redo(&mut self) -> bool {
        let done = self.area.redo();
        self.remark();
        done
    }

    /// Puts the cursor at a line and character, or the nearest there is.
    pub fn go_to(&mut self, line: usize, column: usize) {
        let line = line.min(self.area.lines().len().saturating_sub(1));
        let column = column.min(self.area.lines().get(line).map_or(0, |l| l.chars().count()));
        self.area.cancel_selection();
        // The crate jumps by 16-bit numbers.
        let clamp = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(clamp(line), clamp(column)));
    }

    /// Moves the cursor by lines.
    pub fn move_lines(&mut self, by: isize) {
        let (line, column) = self.cursor();
        self.go_to(line.saturating_add_signed(by), column);
    }

    /// Scrolls without moving the cursor.
    pub fn scroll(&mut self, by: isize, height: usize) {
        let last = self.area.lines().len().saturating_sub(height.min(self.area.lines().len()));
        self.top = self.top.saturating_add_signed(by).min(last);
    }

    /// Scrolls so that the cursor is on the screen.
    pub fn follow(&mut self, width: usize, height: usize) {
        let (line, column) = self.cursor();
        let height = height.max(1);
        if line < self.top {
            self.top = line;
        }
        while self.top < line && self.rows_between(self.top, line) > height {
            self.top += 1;
        }
        let room = width.saturating_sub(self.gutter()).max(1);
        let cell = self.area.lines().get(line).map_or(0, |l| cells_before(l, column));
        if cell < self.left {
            self.left = cell;
        } else if cell >= self.left + room {
            self.left = cell + 1 - room;
        }
        // A line that fits whole is shown whole, with a cell left for the cursor behind its end.
        if self.area.lines().get(line).is_some_and(|l| cells_before(l, usize::MAX) < room) {
            self.left = 0;
        }
    }

    /// The next place `needle` stands, after the cursor and around the end. Upper and lower case are the same.
    pub fn search(&mut self, needle: &str) -> bool {
        if !needle.is_empty() {
            needle.clone_into(&mut self.search);
        }
        let needle = self.search.to_lowercase();
        if needle.is_empty() {
            return false;
        }
        let (line, column) = self.cursor();
        let total = self.area.lines().len();
        for step in 0..=total {
            let at = (line + step) % total.max(1);
            let Some(text) = self.area.lines().get(at) else { continue };
            let lower = text.to_lowercase();
            let from = if step == 0 { byte_of(&lower, column + 1) } else { 0 };
            if let Some(found) = lower.get(from..).and_then(|rest| rest.find(&needle)) {
                let column = lower[..from + found].chars().count();
                self.go_to(at, column);
                return true;
            }
        }
        false
    }

    /// The word before the cursor inside a string, for completion: everything since the quote.
    pub fn word_before_cursor(&self) -> String {
        let (line, column) = self.cursor();
        let Some(text) = self.area.lines().get(line) else { return String::new() };
        let before: String = text.chars().take(column).collect();
        before.rsplit('"').next().unwrap_or_default().to_owned()
    }

    /// Replaces the word before the cursor.
    pub fn complete(&mut self, word: &str) {
        let typed = self.word_before_cursor().chars().count();
        for _ in 0..typed {
            self.area.move_cursor(CursorMove::Back);
        }
        self.area.delete_str(typed);
        self.area.insert_str(word);
        self.remark();
    }

    fn remark(&mut self) {
        self.marks = diff::marks(&self.base, self.area.lines());
    }

    /// A new line with the indent of the one before, deeper after an open bracket.
    fn newline(&mut self) {
        let (line, column) = self.cursor();
        let text = self.area.lines().get(line).cloned().unwrap_or_default();
        let before: String = text.chars().take(column).collect();
        let mut indent = before.chars().take_while(|c| *c == ' ').count();
        if before.trim_end().ends_with(['{', '[']) {
            indent += 2;
        }
        self.area.insert_str(format!("\n{}", " ".repeat(indent)));
    }

    /// A closing bracket typed on an empty indent moves two to the left.
    fn close_bracket(&mut self, key: KeyEvent) -> bool {
        let (line, column) = self.cursor();
        let blank = self.area.lines().get(line).is_some_and(|l| l.chars().take(column).all(|c| c == ' '));
        if blank && column >= 2 {
            self.area.move_cursor(CursorMove::Back);
            self.area.move_cursor(CursorMove::Back);
            self.area.delete_str(2);
        }
        self.area.input(key)
    }

    /// To the first letter of the line; from there, to its head.
    fn smart_home(&mut self) {
        let (line, column) = self.cursor();
        let indent = self.area.lines().get(line).map_or(0, |l| l.chars().take_while(|c| *c == ' ').count());
        self.go_to(line, if column == indent { 0 } else { indent });
    }

    /// Cells left of the text: change mark, line number, a blank.
    fn gutter(&self) -> usize {
        self.area.lines().len().to_string().len().max(2) + 3
    }

    fn rows_of(&self, line: usize) -> usize {
        1 + self.findings.iter().filter(|f| f.line == line).count().min(2)
    }

    /// Screen rows from the top of line `from` to the bottom of line `to`, its findings included.
    fn rows_between(&self, from: usize, to: usize) -> usize {
        (from..=to).map(|l| self.rows_of(l)).sum()
    }

    /// The line and character under a cell of `area`, for clicks.
    pub fn at(&self, area: Rect, position: Position) -> (usize, usize) {
        let mut row = usize::from(position.y.saturating_sub(area.y));
        let mut line = self.top;
        while line < self.area.lines().len() {
            let rows = self.rows_of(line);
            if row < rows {
                break;
            }
            row -= rows;
            line += 1;
        }
        let left = if line == self.cursor().0 { self.left } else { 0 };
        let cell = usize::from(position.x.saturating_sub(area.x)).saturating_sub(self.gutter()) + left;
        let mut used = 0;
        let mut column = 0;
        for c in self.area.lines().get(line).map(String::as_str).unwrap_or_default().chars() {
            used += cell_width(c);
            if used > cell {
                break;
            }
            column += 1;
        }
        (line, column)
    }

    /// Draws the visible lines; returns where the cursor is, if it is on the screen.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Option<Position> {
        let lines = self.area.lines();
        let (cursor_line, cursor_column) = self.cursor();
        let pair = self.bracket_pair();
        let gutter = self.gutter();
        let room = usize::from(area.width).saturating_sub(gutter);
        let mut at = None;
        let mut y = area.y;
        for (number, line) in lines.iter().enumerate().skip(self.top) {
            if y >= area.bottom() {
                break;
            }
            let row = Rect { x: area.x, y, width: area.width, height: 1 };
            let styles = self.styles(number, line, &pair, look);
            self.draw_gutter(number, gutter, look).render(row, buf);
            let text_area =
                Rect { x: area.x.saturating_add(cast(gutter)).min(area.right()), width: cast(room), ..row };
            // Only the line in work moves sideways: the others keep their shape around it.
            let left = if look.typing && number == cursor_line { self.left } else { 0 };
            draw_cells(line, &styles, left, text_area, buf);
            draw_cuts(line, left, text_area, buf, look);
            let added = self.marks.added.get(number).copied().unwrap_or(false);
            let lit = look.lit.is_some_and(|(a, b)| (a..=b).contains(&number));
            if lit {
                buf.set_style(text_area, look.theme.selection);
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
            for finding in self.findings.iter().filter(|f| f.line == number).take(2) {
                if y >= area.bottom() {
                    break;
                }
                draw_finding(finding, line, gutter, Rect { y, ..row }, buf, look);
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
        let style = if here { theme.accent } else { theme.dim };
        Line::from(vec![mark, Span::styled(format!("{:>1$} ", number + 1, gutter - 3), style)])
    }

    /// The style of each character of a line.
    fn styles(
        &self,
        number: usize,
        line: &str,
        pair: &[(usize, usize)],
        look: Look<'_>,
    ) -> Vec<(usize, Style)> {
        let theme = look.theme;
        let mut out: Vec<(usize, Style)> = Vec::new();
        // Runs by byte: each entry holds from its byte on.
        let mut push = |at: usize, style: Style| out.push((at, style));
        push(0, theme.text);
        for (range, token) in highlight::tokens(line) {
            push(
                range.start,
                match token {
                    Token::Key => theme.json_key,
                    Token::String => theme.json_string,
                    Token::Word => theme.json_word,
                    Token::Punct => theme.json_punct,
                },
            );
            push(range.end, theme.text);
        }
        for f in self.findings.iter().filter(|f| f.line == number) {
            let mark = if f.error { theme.error_mark } else { theme.warn_mark };
            overlay(&mut out, byte_of(line, f.column)..byte_of(line, f.column + f.len.max(1)), mark);
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
                && let Some(partner) = highlight::matching_bracket(self.area.lines(), line, byte)
            {
                return vec![(line, byte), partner];
            }
        }
        Vec::new()
    }
}

/// A finding under its line: a corner at its place, then the words.
fn draw_finding(f: &Finding, line: &str, gutter: usize, row: Rect, buf: &mut Buffer, look: Look<'_>) {
    let style = if f.error { look.theme.denied } else { look.theme.draft };
    let indent = cells_before(line, f.column);
    // Far to the right there is no room to say anything; the underline shows the place.
    let room = usize::from(row.width).saturating_sub(gutter);
    let indent = indent.min(room / 3);
    let word = if f.error { "error" } else { "warning" };
    let message = clean(&f.message);
    let place = format!("{}:{} ", f.line + 1, f.column + 1);
    let text = format!("{} {place}{word}: {message}", look.glyphs.corner);
    let text = text::fit(&text, room.saturating_sub(indent), look.glyphs.ellipsis);
    let line = Line::from(vec![Span::raw(" ".repeat(gutter + indent)), Span::styled(text, style)]);
    line.render(row, buf);
}

fn split(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split('\n').map(|l| l.trim_end_matches('\r').to_owned()).collect();
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
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

/// Draws one line from cell `left` on, character by character, so that nothing raw reaches the screen.
fn draw_cells(line: &str, runs: &[(usize, Style)], left: usize, area: Rect, buf: &mut Buffer) {
    let room = usize::from(area.width);
    let mut runs = runs.iter().peekable();
    let mut style = Style::new();
    let mut cell = 0;
    let mut last: Option<u16> = None;
    let mut marks = 0;
    for (byte, c) in line.char_indices() {
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
        last = None;
        if cell + width > left + room {
            break;
        }
        if cell >= left {
            let x = area.x + cast(cell - left);
            let mut byte_buffer = [0; 4];
            let shown = clean(c.encode_utf8(&mut byte_buffer));
            buf.set_stringn(x, area.y, &shown, width, style);
            last = Some(x);
        }
        cell += width;
    }
}

/// Says at either end of a line that it goes on beyond the screen.
fn draw_cuts(line: &str, left: usize, area: Rect, buf: &mut Buffer, look: Look<'_>) {
    if area.width < 8 {
        return;
    }
    if cells_before(line, usize::MAX) > left + usize::from(area.width) {
        buf.set_string(area.right() - 1, area.y, look.glyphs.ellipsis, look.theme.accent);
    }
    if left > 0 {
        buf.set_string(area.x, area.y, look.glyphs.ellipsis, look.theme.accent);
    }
}

/// The cells a character takes when drawn alone, after cleaning.
fn cell_width(c: char) -> usize {
    if c.is_ascii() && !c.is_ascii_control() {
        return 1;
    }
    let mut buffer = [0; 4];
    let shown = clean(c.encode_utf8(&mut buffer));
    if shown.len() == c.len_utf8() && c.width() == Some(0) { 0 } else { text::width(&shown) }
}

fn cells_before(line: &str, column: usize) -> usize {
    line.chars().take(column).map(cell_width).sum()
}

/// The byte where character `column` starts, or the end of the line.
fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

fn cast(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::ThemeName;
    use proptest::prelude::*;

    fn press(editor: &mut Editor, keys: &str) {
        for c in keys.chars() {
            let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
            editor.key(KeyEvent::new(code, KeyModifiers::NONE));
        }
    }

    fn shown(editor: &Editor, width: u16, height: u16) -> (Vec<String>, Option<Position>) {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        let theme = Theme::new(ThemeName::Ansi);
        let look = Look { theme: &theme, glyphs: &Glyphs::UNICODE, typing: true, lit: None };
        let at = editor.draw(area, &mut buf, look);
        let rows = (0..height)
            .map(|y| {
                (0..width).map(|x| buf[(x, y)].symbol().to_owned()).collect::<String>().trim_end().to_owned()
            })
            .collect();
        (rows, at)
    }

    #[test]
    fn brackets_indent_and_outdent() {
        let mut e = Editor::new("");
        press(&mut e, "{\n\"a\": [\n1\n]\n}");
        assert_eq!(e.lines(), ["{", "  \"a\": [", "    1", "  ]", "}"]);
    }

    #[test]
    fn a_paste_is_one_step_back() {
        let mut e = Editor::new("ab");
        e.go_to(0, 1);
        assert_eq!(e.paste("x\r\ny\rz"), Ok(true));
        assert_eq!(e.text(), "ax\ny\nzb");
        assert!(e.undo());
        assert_eq!(e.text(), "ab");
        assert!(e.paste(&"x".repeat(MAX_PASTE + 1)).unwrap_err().contains("256 KB"));
    }

    #[test]
    fn findings_stand_under_their_line_and_the_cursor_knows() {
        let mut e = Editor::new("{\n  \"Efect\": 1\n}");
        e.set_findings(vec![Finding {
            line: 1,
            column: 2,
            len: 7,
            error: true,
            message: "unknown element\x1b[2J".into(),
        }]);
        e.go_to(2, 1);
        let (rows, at) = shown(&e, 46, 5);
        let want = ["  1  {", "  2    \"Efect\": 1", "       ╰ 2:3 error: unknown element␛[2J", "  3  }", ""];
        assert_eq!(rows, want);
        assert_eq!(at, Some(Position { x: 6, y: 3 }));
        assert_eq!(e.at(Rect::new(0, 0, 46, 5), Position { x: 5, y: 3 }), (2, 0));
    }

    #[test]
    fn wide_and_hostile_characters_keep_their_cells() {
        let mut e = Editor::new("漢\u{202e}e\u{301}x\x1b[31m");
        e.go_to(0, 4);
        let (rows, at) = shown(&e, 40, 1);
        assert_eq!(rows[0].replace("漢 ", "漢"), "  1  漢<U+202E>e\u{301}x␛[31m");
        assert_eq!(at.map(|p| p.x), Some(5 + 2 + 8 + 1));
    }

    #[test]
    fn search_goes_round_and_completion_replaces_the_word() {
        let mut e = Editor::new("{\"Action\": \"kms:Dec\"}\nkms");
        assert!(e.search("KMS:"));
        assert_eq!(e.cursor(), (0, 12));
        assert!(e.search("kms"));
        assert_eq!(e.cursor(), (1, 0));
        assert!(!e.search("nowhere"));
        e.go_to(0, 19);
        assert_eq!(e.word_before_cursor(), "kms:Dec");
        e.complete("kms:Decrypt");
        assert_eq!(e.lines()[0], "{\"Action\": \"kms:Decrypt\"}");
    }

    proptest! {
        #[test]
        fn any_typing_draws_without_panic(
            text in any::<String>(),
            moves in proptest::collection::vec((any::<u8>(), any::<char>()), 0..40),
            width in 1u16..30, height in 1u16..8,
        ) {
            let mut e = Editor::new(&text);
            for (kind, c) in moves {
                let code = match kind % 12 {
                    0 => KeyCode::Up,
                    1 => KeyCode::Down,
                    2 => KeyCode::Left,
                    3 => KeyCode::Right,
                    4 => KeyCode::Enter,
                    5 => KeyCode::Backspace,
                    6 => KeyCode::Delete,
                    7 => KeyCode::Home,
                    8 => KeyCode::End,
                    _ => KeyCode::Char(c),
                };
                let modifiers = if kind % 3 == 0 { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
                e.key(KeyEvent::new(code, modifiers));
                e.set_findings(vec![Finding { line: usize::from(kind % 4), column: usize::from(kind % 9), len: usize::from(kind % 5), error: kind % 2 == 0, message: text.clone() }]);
                e.follow(usize::from(width), usize::from(height));
                let (rows, _) = shown(&e, width, height);
                prop_assert!(!rows.iter().any(|r| r.chars().any(char::is_control)));
            }
        }
    }
}
