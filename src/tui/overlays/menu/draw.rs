//! Drawing a menu: its rows on one line or several, the selected one in full below, and where a press goes.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Menu, MenuKind, Row};
use crate::narration::StepRow;
use crate::tui::layout::centered;
use crate::tui::overlays::cells::{press_sureness, sure_line};
use crate::tui::overlays::choice::Choice;
use crate::tui::overlays::frame::{Ground, cast, inside};
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The most lines the selected row takes in full.
const MAX_WHOLE_ROW_LINES: usize = 3;

impl Menu {
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
            } else if matches!(self.kind, MenuKind::Fixes | MenuKind::Parts) {
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

    /// Returns the rectangle: as wide as its longest row, if the screen is; the usual width else does.
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
            MenuKind::Watch | MenuKind::Anybody | MenuKind::Timeline => list(84, 6),
            MenuKind::Completions => {
                let rows = self.lines(ctx, 80).0.len();
                centered(area, 64, cast(rows + extra).min(14))
            }
            MenuKind::Parts => {
                let width = 84.min(area.width.saturating_sub(4));
                let inner = usize::from(width.saturating_sub(4));
                let rows = self.lines(ctx, inner).0.len() + self.question_lines(ctx, inner).len() + 3;
                centered(area, width, cast(rows).min(area.height.saturating_sub(2)))
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
                centered(area, width, cast(rows + self.question_lines(ctx, inner).len() + 5))
            }
            MenuKind::Snippets
            | MenuKind::ForWhom
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
        let foot = if self.kind == MenuKind::Predict {
            // How sure one is.
            1
        } else if strip > 0 {
            strip + 1
        } else {
            0
        };
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
    pub(super) fn row_at(&self, at: Position, rect: Rect, ground: &Ground<'_>) -> Option<usize> {
        let rows = self.rows_rect(rect, &ground.ctx);
        if !rows.contains(at) {
            return None;
        }
        let (_, owner) = self.lines(&ground.ctx, usize::from(rows.width));
        let line = usize::from(at.y - rows.y) + self.first_line(&owner, rows.height);
        owner.get(line).copied().flatten()
    }

    /// Takes a press on the words of how sure one is; false beside them.
    pub(super) fn press_sureness(&mut self, at: Position, rect: Rect) -> bool {
        let inner = inside(rect);
        let here = inner.contains(at) && at.y + 1 == inner.bottom();
        here && press_sureness(&mut self.sure, usize::from(at.x.saturating_sub(inner.x)))
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
        if self.kind == MenuKind::Predict {
            let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
            sure_line(self.sure, ctx).render(last.intersection(inner), buf);
        } else if rows.bottom() < inner.bottom() {
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
    let pointer = if selected { ctx.glyphs.marker } else { " " };
    let compared = if marked { "=" } else { " " };
    let here = if step.here { ctx.glyphs.open } else { " " };
    let branch =
        if step.aside { format!("{} {} ", ctx.glyphs.fork, step.point.branch + 1) } else { String::new() };
    Line::from(vec![
        Span::styled(format!("{pointer}{compared}"), theme.accent),
        Span::styled(here, if step.here { theme.draft } else { theme.text }),
        Span::raw(" "),
        Span::styled(branch, theme.accent),
        // As a comparison of two steps calls them.
        Span::styled(format!("step {:<2}  ", step.point.position), theme.text),
        Span::styled(format!("{}  ", clean(&step.time)), theme.dim),
        Span::styled(text::pad(&clean(&step.who), 12, ctx.glyphs.ellipsis), theme.text),
        Span::raw(" "),
        ctx.symbol(step.status),
        Span::styled(format!(" {}", clean(&step.what)), theme.text),
    ])
}
