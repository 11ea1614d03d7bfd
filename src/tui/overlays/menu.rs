//! Menus: a title, what was typed, and rows to choose from.
//!
//! A menu's rows are made when it is opened ([`super::menus`]); what was typed chooses among them.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Choice, Ground, Reply, cast, inside, plain};
use crate::narration::{ActionTarget, StepRow};
use crate::tui::keys::Action;
use crate::tui::layout::centered;
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::text_field::TextField;

/// The most lines the selected row takes in full.
const MAX_WHOLE_ROW_LINES: usize = 3;

/// A list to choose from.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Which menu it is.
    pub kind: MenuKind,
    /// Its name.
    pub name: String,
    /// What is said beside the name.
    pub about: String,
    /// The question that stands above the rows, where one is answered.
    pub question: Option<String>,
    /// Everything there is to choose.
    pub rows: Vec<Row>,
    /// A row for exactly what was typed, where none matches.
    pub(super) typed: Option<Row>,
    /// What was typed to narrow it; none if typing does not narrow it.
    pub filter: Option<TextField>,
    /// The chosen row among those that match.
    pub selected: usize,
    /// The row that the next one is compared with.
    pub marked: Option<usize>,
}

/// The menus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuKind {
    /// Every action.
    Palette,
    /// Every key, with its sentence.
    Help,
    /// The answers to the task's question.
    Predict,
    /// Statements to insert.
    Snippets,
    /// Edits that would turn the answer around.
    Fixes,
    /// Completions of the word at the cursor.
    Completions,
    /// How long to wait.
    Clock,
    /// Every step so far.
    Timeline,
    /// Actions to ask about.
    WhoCan,
    /// What the action can be done to.
    WhoCanTo(String),
    /// What can be done with a key or grant.
    Key,
    /// Calls to watch.
    Watch,
    /// Documents to open.
    Documents,
    /// Versions of the document on the screen.
    Versions,
}

/// One row of a menu.
#[derive(Clone, Debug)]
pub struct Row {
    /// The row's word.
    pub label: String,
    /// A sentence beside or below it.
    pub detail: String,
    /// The key that does the same.
    pub key: String,
    /// The heading it stands under, where the menu has headings.
    pub group: String,
    /// What choosing it does.
    pub choice: Choice,
}

impl MenuKind {
    /// Its name, and what Enter does.
    fn title(&self) -> (&'static str, &'static str) {
        match self {
            Self::Palette => ("Command", "type to narrow, Enter does it"),
            Self::Help => ("Keys", "type to narrow, Enter does it, Esc closes"),
            Self::Predict => ("What do you expect?", "Esc skips"),
            Self::Snippets => ("Insert a statement", "Enter inserts"),
            Self::Fixes => ("One edit that turns this answer around", "Enter drafts it"),
            Self::Completions => ("Complete", "Enter takes it"),
            Self::Clock => ("Let time pass", "Enter waits"),
            Self::Timeline => ("Timeline", "Enter goes there, d compares two, Y copies the call"),
            Self::WhoCan => ("Who can", "type an action, Enter takes it"),
            Self::WhoCanTo(_) => ("Who can do it to what?", "Enter asks"),
            Self::Key => ("Key", "Enter makes the call"),
            Self::Watch => ("The watched call", "type to narrow, Enter watches"),
            Self::Documents => ("Documents", "type to narrow, Enter opens"),
            Self::Versions => ("Versions of this document", "Enter compares"),
        }
    }

    /// The action that opens it, whose key closes it again.
    fn opened_by(&self) -> Option<Action> {
        match self {
            Self::Timeline => Some(Action::Timeline),
            Self::Clock => Some(Action::Clock),
            Self::Key => Some(Action::Keys),
            Self::Versions => Some(Action::Versions),
            // Their keys are letters that narrow the rows, or belong to another place.
            Self::Palette
            | Self::Help
            | Self::Predict
            | Self::Snippets
            | Self::Fixes
            | Self::Completions
            | Self::WhoCan
            | Self::WhoCanTo(_)
            | Self::Watch
            | Self::Documents => None,
        }
    }

    /// Whether its rows stand under headings.
    fn has_headings(&self) -> bool {
        matches!(self, Self::Help | Self::Documents | Self::Watch)
    }

    /// Whether its rows take one line each, so that a long one is cut.
    fn has_one_line_rows(&self) -> bool {
        !matches!(self, Self::Predict | Self::Fixes)
    }

    /// What stands there where no row does.
    fn nothing(&self, narrowed: bool) -> &'static str {
        match self {
            Self::Timeline => "no step yet",
            Self::Key => "there is no key yet",
            Self::Watch if !narrowed => "there is no table, key or role to ask about yet",
            Self::Palette
            | Self::Help
            | Self::Predict
            | Self::Snippets
            | Self::Fixes
            | Self::Completions
            | Self::Clock
            | Self::WhoCan
            | Self::WhoCanTo(_)
            | Self::Watch
            | Self::Documents
            | Self::Versions => "nothing matches",
        }
    }
}

impl Row {
    /// A row without a key or a heading.
    pub fn new(label: impl Into<String>, detail: impl Into<String>, choice: Choice) -> Self {
        Self { label: label.into(), detail: detail.into(), key: String::new(), group: String::new(), choice }
    }

    /// How well the row matches what was typed; smaller is better, none is no match.
    fn score(&self, typed: &str) -> Option<usize> {
        let own = fuzzy(typed, &self.label);
        // A sentence matches word by word only: scattered letters in prose match everything.
        let lower = format!("{} {} {}", self.group, self.label, self.detail).to_lowercase();
        let told = typed.to_lowercase().split_whitespace().all(|w| lower.contains(w)).then_some(40);
        let key = self.key.eq_ignore_ascii_case(typed.trim()).then_some(0);
        [own, told, key].into_iter().flatten().min()
    }
}

impl Menu {
    /// A menu walked by keys.
    pub fn walked(kind: MenuKind, rows: Vec<Row>) -> Self {
        let name = kind.title().0.to_owned();
        Self {
            kind,
            name,
            about: String::new(),
            question: None,
            rows,
            typed: None,
            filter: None,
            selected: 0,
            marked: None,
        }
    }

    /// A menu narrowed by typing.
    pub fn typed(kind: MenuKind, rows: Vec<Row>) -> Self {
        Self { filter: Some(TextField::filter()), ..Self::walked(kind, rows) }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: KeyEvent) -> Reply {
        if let Some(filter) = &mut self.filter {
            // The key that opened the list of keys closes it.
            if self.kind == MenuKind::Help && filter.is_empty() && key.code == KeyCode::Char('?') {
                return Reply::Close;
            }
            if filter.on_key(key) {
                self.narrowed();
                self.selected = 0;
                return Reply::Changed;
            }
            return Reply::Pass;
        }
        match key.code {
            // What is typed goes into the text; the list follows.
            KeyCode::Char(_) | KeyCode::Backspace if self.kind == MenuKind::Completions && plain(key) => {
                Reply::TypeOn(key)
            }
            // A digit chooses a row at once.
            KeyCode::Char(c @ '1'..='9') if self.kind != MenuKind::Completions && plain(key) => {
                self.selected = usize::from(c as u8 - b'1');
                Reply::Choose
            }
            _ => Reply::Pass,
        }
    }

    /// Takes a key that the key map knows in the lab.
    pub fn on_lab_action(&self, action: Action) -> Reply {
        if self.kind.opened_by() == Some(action) {
            Reply::Close
        } else if self.kind == MenuKind::Timeline && action == Action::Diff {
            Reply::Compare
        } else {
            Reply::Pass
        }
    }

    /// Takes pasted text into what narrows the rows.
    pub fn paste(&mut self, text: &str) -> Reply {
        let Some(filter) = &mut self.filter else { return Reply::Pass };
        filter.paste(text);
        self.narrowed();
        Reply::Changed
    }

    /// Takes a press: on a row it chooses that.
    pub fn press(&mut self, at: Position, rect: Rect, ground: &Ground<'_>) -> Reply {
        match self.row_at(at, rect, ground) {
            Some(row) => {
                self.selected = row;
                Reply::Choose
            }
            None => Reply::Pass,
        }
    }

    /// Moves the selection by rows.
    pub fn move_by(&mut self, by: isize) -> Reply {
        self.selected = self.selected.saturating_add_signed(by);
        self.settle();
        Reply::Changed
    }

    /// Selects a row that exists.
    pub fn settle(&mut self) {
        self.selected = self.selected.min(self.shown().len().saturating_sub(1));
    }

    /// What its footer offers.
    pub fn offers(&self) -> &'static [Action] {
        if self.kind == MenuKind::Timeline {
            &[Action::Open, Action::Diff, Action::CopyCli, Action::Back]
        } else {
            &[Action::Open, Action::Back]
        }
    }

    /// The rows that match what was typed, best first; all of them in order when nothing was typed.
    pub fn shown(&self) -> Vec<&Row> {
        let Some(typed) = self.needle() else { return self.rows.iter().collect() };
        let rows = self.rows.iter().enumerate();
        let mut scored: Vec<(usize, usize, &Row)> =
            rows.filter_map(|(i, row)| Some((row.score(typed)?, i, row))).collect();
        scored.sort_by_key(|(score, i, _)| (*score, *i));
        if scored.is_empty() {
            return self.typed.iter().collect();
        }
        scored.into_iter().map(|(_, _, row)| row).collect()
    }

    /// The selected row.
    pub fn chosen(&self) -> Option<&Row> {
        self.shown().get(self.selected).copied()
    }

    /// The step of that number, where the rows are steps.
    pub fn step(&self, row: usize) -> Option<&StepRow> {
        if let Choice::Step(step) = &self.shown().get(row)?.choice { Some(step) } else { None }
    }

    /// What was typed, if it narrows the rows.
    fn needle(&self) -> Option<&str> {
        self.filter.as_ref().map(TextField::text).filter(|typed| !typed.trim().is_empty())
    }

    /// Makes a row of what was typed where that can be asked about: an ARN that is not of this world.
    fn narrowed(&mut self) {
        let target = self.needle().and_then(|typed| ActionTarget::typed(typed.trim()));
        self.typed = match (&self.kind, target) {
            (MenuKind::WhoCanTo(action), Some(target)) => {
                let label = target.label.clone();
                Some(Row::new(label, "as typed", Choice::WhoCanTo(action.clone(), target)))
            }
            _ => None,
        };
    }

    /// The menu's lines, and for each the row it belongs to.
    fn lines(&self, ctx: &Ctx<'_>, width: usize) -> (Vec<Line<'static>>, Vec<Option<usize>>) {
        let theme = ctx.theme;
        let rows = self.shown();
        if rows.is_empty() {
            let narrowed = self.filter.as_ref().is_some_and(|filter| !filter.is_empty());
            return (vec![Line::from(Span::styled(self.kind.nothing(narrowed), theme.dim))], vec![None]);
        }
        let mut lines = Vec::new();
        let mut owner = Vec::new();
        let headings = self.kind.has_headings() && self.needle().is_none();
        let columns = Columns::of(&rows, width);
        let mut group = None;
        for (n, row) in rows.iter().enumerate() {
            if headings && group != Some(&row.group) {
                if group.is_some() {
                    lines.push(Line::default());
                    owner.push(None);
                }
                lines.push(Line::from(Span::styled(row.group.clone(), theme.title)));
                owner.push(None);
                group = Some(&row.group);
            }
            let selected = n == self.selected;
            let drawn = if self.kind == MenuKind::Predict {
                sentence(row, selected, ctx, width)
            } else if self.kind == MenuKind::Fixes {
                fix(row, selected, ctx, width)
            } else {
                let line = self.one_line(n, row, selected, columns, ctx);
                vec![text::fit_line(&line, width, ctx.glyphs.ellipsis)]
            };
            for line in drawn {
                lines.push(if selected { line.style(theme.selection) } else { line });
                owner.push(Some(n));
            }
        }
        (lines, owner)
    }

    /// A row of one line, uncut.
    fn one_line(
        &self,
        n: usize,
        row: &Row,
        selected: bool,
        columns: Columns,
        ctx: &Ctx<'_>,
    ) -> Line<'static> {
        if let Choice::Step(step) = &row.choice {
            step_line(step, n == self.selected, self.marked == Some(n), ctx)
        } else {
            row_line(row, selected, columns, ctx)
        }
    }

    /// How wide the longest row is, uncut. Of all rows, whatever was typed, so that a window keeps its size and shape
    /// while it is narrowed.
    fn natural_width(&self, ctx: &Ctx<'_>) -> usize {
        if !self.kind.has_one_line_rows() {
            return 0;
        }
        let rows: Vec<&Row> = self.rows.iter().collect();
        let columns = Columns::of(&rows, usize::MAX);
        let lines = rows.iter().enumerate().map(|(n, row)| self.one_line(n, row, false, columns, ctx));
        lines.map(|line| line.width()).max().unwrap_or(0)
    }

    /// How many lines at the window's end are kept for the selected row in full: none where no row is cut.
    fn strip_height(&self, ctx: &Ctx<'_>, width: usize) -> usize {
        if !self.kind.has_one_line_rows() || self.natural_width(ctx) <= width {
            return 0;
        }
        self.rows.iter().map(|row| whole_row(row, ctx, width).len()).max().unwrap_or(0)
    }

    fn question_lines(&self, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
        let question = self.question.as_deref().unwrap_or_default();
        text::wrap(&clean(question), width, ctx.theme.title)
    }

    /// Its rectangle: as wide as its longest row, if the screen is; the usual width else does.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let (area, ctx) = (ground.area, &ground.ctx);
        let wide =
            |usual: u16| usual.max(cast(self.natural_width(ctx) + 4)).min(area.width.saturating_sub(2));
        let extra = if self.filter.is_some() { 4 } else { 2 };
        let list = |usual: u16, least: u16| {
            let rows = self.lines(ctx, 80).0.len();
            let width = wide(usual);
            let strip = self.strip_height(ctx, usize::from(width.saturating_sub(4)));
            let height = cast(rows + extra + if strip > 0 { strip + 1 } else { 0 });
            centered(area, width, height.min(area.height.saturating_sub(4)).max(least))
        };
        match self.kind {
            MenuKind::Help => centered(area, wide(104), area.height.saturating_sub(2)),
            MenuKind::Palette => centered(area, wide(84), 24.min(area.height.saturating_sub(4)).max(6)),
            MenuKind::Documents => centered(area, wide(84), area.height.saturating_sub(4).clamp(6, 30)),
            MenuKind::Watch | MenuKind::Timeline => list(84, 6),
            MenuKind::Completions => {
                let rows = self.lines(ctx, 80).0.len();
                centered(area, 64, cast(rows + extra).min(14))
            }
            MenuKind::Fixes => {
                let width = 104.min(area.width.saturating_sub(4));
                let rows = self.lines(ctx, usize::from(width.saturating_sub(4))).0.len();
                centered(area, width, cast(rows + 2).min(area.height.saturating_sub(4)).max(5))
            }
            MenuKind::Predict => {
                let width = 84.min(area.width.saturating_sub(4));
                let inner = usize::from(width.saturating_sub(4));
                let rows = self.lines(ctx, inner).0.len();
                centered(area, width, cast(rows + self.question_lines(ctx, inner).len() + 4))
            }
            MenuKind::Snippets
            | MenuKind::Clock
            | MenuKind::WhoCan
            | MenuKind::WhoCanTo(_)
            | MenuKind::Key
            | MenuKind::Versions => list(84, 5),
        }
    }

    /// The rectangle of its rows, below its input line or question.
    fn rows_rect(&self, rect: Rect, ctx: &Ctx<'_>) -> Rect {
        let inner = inside(rect);
        let width = usize::from(inner.width);
        let head = if self.filter.is_some() {
            2
        } else if self.question.is_some() {
            cast(self.question_lines(ctx, width).len()) + 1
        } else {
            0
        };
        let strip = cast(self.strip_height(ctx, width));
        let foot = if strip > 0 { strip + 1 } else { 0 };
        let height = inner.height.saturating_sub(head + foot);
        Rect { y: inner.y + head.min(inner.height), height, ..inner }
    }

    /// The first line shown, so that the selected row is on the screen.
    fn first_line(&self, owner: &[Option<usize>], height: u16) -> usize {
        let last = owner.iter().rposition(|o| *o == Some(self.selected)).unwrap_or(0);
        (last + 1).saturating_sub(usize::from(height))
    }

    /// For each line the row it belongs to, and how many lines are in sight.
    pub fn in_sight(&self, ground: &Ground<'_>) -> (Vec<Option<usize>>, usize) {
        let rows = self.rows_rect(self.rect(ground), &ground.ctx);
        (self.lines(&ground.ctx, usize::from(rows.width)).1, usize::from(rows.height))
    }

    /// The row under a cell.
    fn row_at(&self, at: Position, rect: Rect, ground: &Ground<'_>) -> Option<usize> {
        let rows = self.rows_rect(rect, &ground.ctx);
        if !rows.contains(at) {
            return None;
        }
        let (_, owner) = self.lines(&ground.ctx, usize::from(rows.width));
        let line = usize::from(at.y - rows.y) + self.first_line(&owner, rows.height);
        owner.get(line).copied().flatten()
    }

    /// Draws it; returns where the cursor is if typing narrows it.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) -> Option<Position> {
        let (ctx, theme) = (&ground.ctx, ground.ctx.theme);
        let title = Title::new(ctx, &self.name).about(ctx, &self.about).right(ctx, self.kind.title().1);
        let inner = panes::frame(rect, buf, ctx, title);
        let rule = ctx.glyphs.border.horizontal_top.repeat(usize::from(inner.width));
        let mut cursor = None;
        if let Some(filter) = &self.filter {
            let width = usize::from(inner.width.saturating_sub(3));
            let shown = text::fit_left(&clean(filter.text()), width, ctx.glyphs.ellipsis);
            let line = Line::from(vec![Span::styled("> ", theme.accent), Span::styled(shown, theme.text)]);
            cursor = Some(Position { x: (inner.x + cast(line.width())).min(inner.right()), y: inner.y });
            line.render(Rect { height: 1, ..inner }, buf);
            buf.set_string(inner.x, inner.y + 1, &rule, theme.frame);
        }
        if self.question.is_some() {
            for (i, line) in (0_u16..).zip(self.question_lines(ctx, usize::from(inner.width))) {
                line.render(Rect { y: inner.y + i, height: 1, ..inner }.intersection(inner), buf);
            }
        }
        let rows = self.rows_rect(rect, ctx);
        let (lines, owner) = self.lines(ctx, usize::from(rows.width));
        panes::draw_lines(&lines, rows, self.first_line(&owner, rows.height), buf, ctx);
        if rows.bottom() < inner.bottom() {
            buf.set_string(inner.x, rows.bottom(), rule, theme.frame);
            let place = Rect { y: rows.bottom() + 1, height: inner.bottom() - rows.bottom() - 1, ..inner };
            if let Some(row) = self.chosen() {
                panes::draw_lines(&whole_row(row, ctx, usize::from(inner.width)), place, 0, buf, ctx);
            }
        }
        cursor
    }
}

/// The cells of the rows' words and keys.
#[derive(Clone, Copy)]
struct Columns {
    label: usize,
    key: usize,
}

impl Columns {
    fn of(rows: &[&Row], width: usize) -> Self {
        let label = rows.iter().map(|i| text::width(&clean(&i.label))).max().unwrap_or(8);
        let key = rows.iter().map(|i| text::width(&i.key)).max().unwrap_or(0);
        Self { label: label.min((width / 2).max(8)).max(8), key }
    }
}

/// One row in full, as many lines as that takes up to [`MAX_WHOLE_ROW_LINES`].
fn whole_row(row: &Row, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let line = if let Choice::Step(step) = &row.choice {
        let mut line = step_line(step, false, false, ctx);
        // The marks at the row's start say nothing here.
        line.spans.drain(..line.spans.len().min(3));
        line
    } else {
        let mut spans = vec![Span::styled(clean(&row.label).into_owned(), ctx.theme.title)];
        if !row.detail.is_empty() {
            spans.push(Span::styled(format!("  {}", clean(&row.detail)), ctx.theme.text));
        }
        Line::from(spans)
    };
    let mut rows = text::wrap_line(&line, width, 0);
    if rows.len() > MAX_WHOLE_ROW_LINES {
        rows.truncate(MAX_WHOLE_ROW_LINES);
        if let Some(last) = rows.last_mut() {
            last.push_span(Span::raw(" ".repeat(width)));
            *last = text::fit_line(last, width, ctx.glyphs.ellipsis);
        }
    }
    rows
}

fn row_line(row: &Row, selected: bool, columns: Columns, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let mut spans = vec![Span::styled(format!("{marker} "), theme.accent)];
    if columns.key > 0 {
        spans.push(Span::styled(text::pad(&row.key, columns.key, ""), theme.accent));
        spans.push(Span::raw("  "));
    }
    let shown = clean(&row.label);
    let detail = clean(&row.detail);
    if detail.is_empty() {
        spans.push(Span::styled(shown.into_owned(), theme.text));
    } else {
        spans.push(Span::styled(text::pad(&shown, columns.label, ctx.glyphs.ellipsis), theme.text));
        spans.push(Span::styled(format!("  {detail}"), theme.dim));
    }
    Line::from(spans)
}

/// An answer to choose: a whole sentence, wrapped.
fn sentence(row: &Row, selected: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let line = Line::from(vec![
        Span::styled(format!("{marker} "), theme.accent),
        Span::styled(format!("{} ", row.key), theme.accent),
        Span::styled(clean(&row.label).into_owned(), theme.text),
    ]);
    text::wrap_line(&line, width, 4)
}

/// An edit: what is done to which document, then what it reads like, below.
fn fix(row: &Row, selected: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out = sentence(row, selected, ctx, width);
    let detail = Line::from(Span::styled(format!("    {}", clean(&row.detail)), ctx.theme.dim));
    out.extend(text::wrap_line(&detail, width, 4));
    out
}

/// A step uncut; its first three spans are the marks.
fn step_line(step: &StepRow, selected: bool, marked: bool, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let compared = if marked { "=" } else { " " };
    let here = if step.here { ctx.glyphs.open } else { " " };
    let branch =
        if step.aside { format!("{} {} ", ctx.glyphs.fork, step.point.branch + 1) } else { String::new() };
    Line::from(vec![
        Span::styled(format!("{marker}{compared}"), theme.accent),
        Span::styled(here, if step.here { theme.draft } else { theme.text }),
        Span::raw(" "),
        Span::styled(branch, theme.accent),
        Span::styled(format!("{}  ", clean(&step.time)), theme.dim),
        Span::styled(text::pad(&clean(&step.who), 12, ctx.glyphs.ellipsis), theme.text),
        Span::raw(" "),
        ctx.symbol(step.verdict),
        Span::styled(format!(" {}", clean(&step.what)), theme.text),
    ])
}

/// How well `typed` matches `text`: its letters must appear in order. Smaller is better; none is no match.
///
/// Letters in a row, at the start of a word and near the front count as better.
pub fn fuzzy(typed: &str, text: &str) -> Option<usize> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut cost = 0;
    let mut at = 0;
    let mut last: Option<usize> = None;
    for c in typed.to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        let found = (at..text.len()).find(|i| text.get(*i) == Some(&c))?;
        let word_start = found == 0 || text.get(found - 1).is_some_and(|p| !p.is_alphanumeric());
        cost += match last {
            Some(l) if found == l + 1 => 0,
            _ if word_start => 1,
            _ => 3 + (found - at).min(8),
        };
        last = Some(found);
        at = found + 1;
    }
    Some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(menu: &Menu) -> Vec<&str> {
        menu.shown().into_iter().map(|row| row.label.as_str()).collect()
    }

    #[test]
    fn the_closest_name_comes_first() {
        let row = |label: &str, detail: &str| Row::new(label, detail, Choice::Complete(label.into()));
        let rows = vec![
            row("discard draft", "Throw it away"),
            row("diff", "Compare the draft"),
            row("redo", "Make the step again"),
        ];
        for (typed, wanted) in [
            ("df", vec!["diff", "discard draft"]),
            ("step", vec!["redo"]),
            ("", vec!["discard draft", "diff", "redo"]),
            ("zzz", vec![]),
        ] {
            let mut menu = Menu::typed(MenuKind::Palette, rows.clone());
            menu.paste(typed);
            assert_eq!(labels(&menu), wanted, "{typed}");
        }
    }

    #[test]
    fn an_arn_of_no_known_thing_can_be_asked_about() {
        let mut menu = Menu::typed(MenuKind::WhoCanTo("kms:Decrypt".into()), Vec::new());
        menu.paste("nothing");
        assert!(menu.shown().is_empty());
        menu.paste(" arn:aws:kms:eu-central-1:111122223333:key/x");
        assert!(menu.shown().is_empty(), "that is two words");
        let mut menu = Menu::typed(MenuKind::WhoCanTo("kms:Decrypt".into()), Vec::new());
        menu.paste("arn:aws:kms:eu-central-1:111122223333:key/x");
        let asked = menu.chosen().map(|row| &row.choice);
        assert!(matches!(asked, Some(Choice::WhoCanTo(action, _)) if action == "kms:Decrypt"), "{asked:?}");
    }
}
