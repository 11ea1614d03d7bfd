//! The policy editor: text, cursor and undo from the text area crate, everything drawn here.
//!
//! `tui-textarea` 0.7 links ratatui 0.29 and cannot draw on 0.30. Of its maintained forks this is `tui-textarea-2`, which
//! speaks ratatui 0.30's core types, undoes a run of typing in one step and takes a pasted block as one edit. The fork of
//! the ratatui organisation, `ratatui-textarea`, keeps each typed letter as an edit of its own.
//!
//! Only its editing is used: its own widget takes colours as byte ranges and panics when a range is off a character
//! boundary, cannot put a finding under its line, and keeps its scroll position inside the draw call. So the visible lines
//! are drawn here, from the text, each time; no range outlives the text it was made for.
//!
//! This is the only module that names the crate.

mod cells;
mod draw;
mod elide;

#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, TextArea};

use crate::limits::Exceeded;
use crate::limits::screen::EDITOR_TEXT;
use crate::narration::diff::{self, Marks};
use crate::narration::json_text::Taken;
use crate::narration::{self, JsonPlace};
use crate::policy::Severity;

pub use draw::Look;

/// Something wrong with the text, at a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 0.
    pub line: usize,
    /// The first character of the line it is about, from 0.
    pub column: usize,
    /// How many characters; at least one is marked.
    pub len: usize,
    /// How bad it is. With an error the document cannot be applied.
    pub severity: Severity,
    pub message: String,
    /// What to do about it, in one line.
    pub remedy: String,
}

impl Finding {
    /// Whether the document cannot be applied because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The editor's text, cursor, findings and marks.
#[derive(Debug)]
pub struct Editor {
    area: TextArea<'static>,
    /// The applied text, for the marks beside the line numbers.
    base: Vec<String>,
    marks: Marks,
    findings: Vec<Finding>,
    /// The texts between the two halves of an edit.
    joints: Vec<String>,
    /// The first visible line and the first visible cell.
    top: usize,
    left: usize,
    search: String,
    /// A statement that was set aside, to be put back.
    aside: Option<Taken>,
    /// Whether the places that were looked for are marked.
    show_found: bool,
    /// The names of keys, each behind its id.
    key_names: Vec<(String, String)>,
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
            joints: Vec::new(),
            top: 0,
            left: 0,
            search: String::new(),
            aside: None,
            show_found: false,
            key_names: Vec::new(),
        };
        editor.remark();
        editor
    }

    /// Takes the names of keys, each behind its id, to stand beside the ids in the text.
    pub fn name_keys(&mut self, names: Vec<(String, String)>) {
        self.key_names = names;
    }

    /// Returns the text, its lines joined by line feeds.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Returns the lines of the text.
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

    /// What is wrong with the text, in the order of its lines.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The applied text's lines.
    pub fn base(&self) -> &[String] {
        &self.base
    }

    /// Sets the findings shown under the lines.
    pub fn set_findings(&mut self, mut findings: Vec<Finding>) {
        // So those of a line are found without looking at the others.
        findings.sort_by_key(|finding| finding.line);
        self.findings = findings;
    }

    /// What is wrong in one line.
    fn findings_in(&self, line: usize) -> &[Finding] {
        let start = self.findings.partition_point(|finding| finding.line < line);
        let rest = self.findings.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|finding| finding.line == line)).unwrap_or_default()
    }

    /// Refuses a text that is longer than the editor takes; one that is no longer than what stands there is not made worse.
    pub fn check(&self, text: usize) -> Result<(), Exceeded> {
        if text <= self.length() { Ok(()) } else { EDITOR_TEXT.check(text) }
    }

    /// The bytes of the text.
    fn length(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + 1).sum::<usize>().saturating_sub(1)
    }

    /// Refuses a key that types something where the text is as long as it may be.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and few of them type something"
    )]
    pub fn check_key(&self, key: KeyEvent) -> Result<(), Exceeded> {
        let types = match key.code {
            KeyCode::Char(_) => !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT),
            KeyCode::Enter | KeyCode::Tab => true,
            _ => false,
        };
        let added = if key.code == KeyCode::Enter { self.indent_here() + 1 } else { 4 };
        if types { self.check(self.length() + added) } else { Ok(()) }
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
        self.area.cut();
        self.put(text);
        self.go_to(line, column);
        self.remark();
    }

    /// Inserts text right after something was taken away for it. The crate keeps the two as two edits, so the text
    /// between them is remembered: undo and redo do not stop there.
    fn put(&mut self, text: &str) {
        let between = self.text();
        if self.area.insert_str(text) && !self.joints.contains(&between) {
            self.joints.push(between);
        }
    }

    /// One key outside the key map: typing and cursor movement. Returns whether the text changed.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
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
            // Of the keys that go with Alt, those that every shell knows: words. The crate knows others, which nobody
            // expects of a letter.
            KeyCode::Char(c)
                if key.modifiers.contains(KeyModifiers::ALT) && !matches!(c, 'b' | 'd' | 'f') =>
            {
                false
            }
            // A line feed, as a paste brings it that is not marked as one; the crate deletes at that key.
            KeyCode::Char('j') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.newline();
                true
            }
            KeyCode::Home if !shift => {
                self.smart_home();
                false
            }
            _ => self.area.input(key),
        };
        if changed || before != self.area.lines().len() {
            self.show_found = false;
            self.remark();
        }
        changed
    }

    /// Pasted text, as one step of undo. Line ends of every kind become line feeds.
    pub fn paste(&mut self, pasted: &str) -> Result<bool, String> {
        let selected = self.area.selection_range().map_or(0, |((first, from), (last, to))| {
            let lines = self.area.lines().get(first..=last).unwrap_or_default();
            let whole: usize = lines.iter().map(|line| line.len() + 1).sum();
            let kept = |line: usize, column: usize, before: bool| {
                self.area.lines().get(line).map_or(0, |line| {
                    let at = byte_of(line, column);
                    if before { at } else { line.len() - at }
                })
            };
            whole.saturating_sub(1 + kept(first, from, true) + kept(last, to, false))
        });
        self.check(self.length().saturating_sub(selected) + pasted.len())
            .map_err(|why| format!("not pasted: {why}"))?;
        let pasted = pasted.replace("\r\n", "\n").replace('\r', "\n");
        let pasted = pasted.strip_suffix('\n').filter(|_| selected > 0).unwrap_or(&pasted);
        // What was selected goes with the same step of undo.
        let changed = if self.area.selection_range().is_some() {
            self.area.cut();
            self.put(pasted);
            true
        } else {
            self.area.insert_str(pasted)
        };
        self.remark();
        Ok(changed)
    }

    /// Whether there is no text but blanks.
    pub fn is_empty(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Selects the whole text.
    pub fn select_all(&mut self) {
        self.area.select_all();
    }

    /// Takes the selection away, and leaves the text.
    pub fn end_selection(&mut self) {
        self.area.cancel_selection();
    }

    /// Cuts what is selected; false if nothing is.
    pub fn cut_selection(&mut self) -> bool {
        let is_selected = self.area.selection_range().is_some_and(|(from, to)| from != to);
        let changed = is_selected && self.area.cut();
        self.remark();
        changed
    }

    /// Remembers a statement that was taken out of the text.
    pub fn set_aside(&mut self, taken: Taken) {
        self.aside = Some(taken);
    }

    /// Returns the statement that is set aside, unless undo has brought it back meanwhile.
    pub fn aside(&self) -> Option<&Taken> {
        self.aside.as_ref().filter(|taken| !taken.is_in(&self.text()))
    }

    /// Takes up the statement that is set aside, unless undo has brought it back meanwhile.
    pub fn take_aside(&mut self) -> Option<Taken> {
        let there = self.aside().is_some();
        self.aside.take().filter(|_| there)
    }

    /// Returns the byte of the text where the cursor is.
    pub fn offset(&self) -> usize {
        let (line, column) = self.cursor();
        let lines = self.area.lines();
        let before: usize = lines.iter().take(line).map(|line| line.len() + 1).sum();
        before + lines.get(line).map_or(0, |line| byte_of(line, column))
    }

    /// Puts the cursor at a byte of the text.
    pub fn go_to_offset(&mut self, at: usize) {
        let mut left = at;
        for (number, line) in self.area.lines().iter().enumerate() {
            if left <= line.len() {
                let column = line.char_indices().take_while(|(byte, _)| *byte < left).count();
                return self.go_to(number, column);
            }
            left -= line.len() + 1;
        }
        self.go_to(usize::MAX, usize::MAX);
    }

    /// Types the two spaces of an indentation; returns whether the text changed.
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
        if done && self.joints.contains(&self.text()) {
            self.area.undo();
        }
        self.remark();
        done
    }

    /// Makes the edit again that was undone last; returns whether there was one.
    pub fn redo(&mut self) -> bool {
        let done = self.area.redo();
        if done && self.joints.contains(&self.text()) {
            self.area.redo();
        }
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

    /// Goes to the next place where `needle` stands, or the one before, around the ends of the text. Upper and lower
    /// case are the same. An empty needle is the one looked for last. Answers which of how many places it is, from 1.
    pub fn search(&mut self, needle: &str, forward: bool) -> Option<(usize, usize)> {
        if !needle.is_empty() {
            needle.clone_into(&mut self.search);
        }
        let places: Vec<(usize, usize)> = self
            .area
            .lines()
            .iter()
            .enumerate()
            .flat_map(|(n, line)| places_in(line, &self.search).into_iter().map(move |column| (n, column)))
            .collect();
        let here = self.cursor();
        let next = if forward {
            places.iter().position(|place| *place > here).or(Some(0))
        } else {
            places.iter().rposition(|place| *place < here).or(places.len().checked_sub(1))
        };
        let (nth, (line, column)) = next.and_then(|nth| Some((nth, *places.get(nth)?)))?;
        self.go_to(line, column);
        self.show_found = true;
        Some((nth + 1, places.len()))
    }

    /// Takes the marks of the search away. Whether there were any.
    pub fn end_search(&mut self) -> bool {
        std::mem::take(&mut self.show_found)
    }

    /// Goes to the next finding, around the end. Answers it.
    pub fn next_finding(&mut self) -> Option<&Finding> {
        let here = self.cursor();
        let next = self.findings.iter().position(|f| (f.line, f.column) > here).unwrap_or(0);
        let finding = self.findings.get(next)?;
        let (line, column) = (finding.line, finding.column);
        self.go_to(line, column);
        self.findings.get(next)
    }

    /// Where in the JSON the cursor is, for completion.
    pub fn place(&self) -> JsonPlace {
        let (before, after) = self.halves();
        narration::json_place(&before, &after)
    }

    /// The text before the cursor and behind it.
    fn halves(&self) -> (String, String) {
        let (line, column) = self.cursor();
        let lines = self.area.lines();
        let here = lines.get(line).map_or("", String::as_str);
        let (left, right) = here.split_at(byte_of(here, column));
        let join = |whole: &[String], part: String, first: bool| {
            let whole = whole.join("\n");
            match (whole.is_empty(), first) {
                (true, _) => part,
                (_, true) => format!("{whole}\n{part}"),
                (_, false) => format!("{part}\n{whole}"),
            }
        };
        let before = join(lines.get(..line).unwrap_or_default(), left.to_owned(), true);
        let after = join(lines.get(line + 1..).unwrap_or_default(), right.to_owned(), false);
        (before, after)
    }

    /// Replaces what is typed of the word at the cursor. What a word needs to stand there comes with it: quotes, and
    /// behind a name its colon.
    pub fn complete(&mut self, word: &str) {
        let place = self.place();
        let (_, after) = self.halves();
        let closed = place.quoted && after.starts_with('"');
        let named = after.trim_start_matches('"').trim_start().starts_with(':');
        let open = if place.quoted { "" } else { "\"" };
        // A string that was begun and not ended on its line ends here.
        let ends = !place.quoted || !after.lines().next().is_some_and(|rest| rest.contains('"'));
        let close = match (place.is_name, closed) {
            (true, false) if !named => "\": ",
            (true, false) => "\"",
            (false, false) if ends && after.trim_start().starts_with(['"', '{', '[']) => {
                // Another value or name follows.
                if after.starts_with(['"', '{', '[']) { "\", " } else { "\"," }
            }
            (false, false) if ends => "\"",
            _ => "",
        };
        let typed = place.typed.chars().count();
        let word = format!("{open}{word}{close}");
        for _ in 0..typed {
            self.area.move_cursor(CursorMove::Back);
        }
        if self.area.delete_str(typed) {
            self.put(&word);
        } else {
            self.area.insert_str(word);
        }
        self.remark();
    }

    fn remark(&mut self) {
        self.marks = diff::marks(&self.base, self.area.lines());
    }

    /// A new line with the indent of the one before, deeper after an open bracket.
    fn newline(&mut self) {
        let indent = self.indent_here();
        self.area.insert_str(format!("\n{}", " ".repeat(indent)));
    }

    /// The blanks that a new line at the cursor begins with.
    fn indent_here(&self) -> usize {
        let (line, column) = self.cursor();
        let text = self.area.lines().get(line).map_or("", String::as_str);
        let before = text.get(..byte_of(text, column)).unwrap_or_default();
        let indent = before.chars().take_while(|c| *c == ' ').count();
        if before.trim_end().ends_with(['{', '[']) { indent + 2 } else { indent }
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
}

fn split(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split('\n').map(|l| l.trim_end_matches('\r').to_owned()).collect();
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// The byte where character `column` starts, or the end of the line.
fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

/// The characters of a line where `needle` starts.
fn places_in(line: &str, needle: &str) -> Vec<usize> {
    let needle: Vec<char> = needle.chars().collect();
    if needle.is_empty() {
        return Vec::new();
    }
    let line: Vec<char> = line.chars().collect();
    let same = |(a, b): (&char, &char)| a == b || a.to_lowercase().eq(b.to_lowercase());
    line.windows(needle.len())
        .enumerate()
        .filter(|(_, part)| part.iter().zip(&needle).all(same))
        .map(|(at, _)| at)
        .collect()
}
