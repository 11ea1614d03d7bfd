//! Menus: a title, what was typed, and rows to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{cast, inside};
use crate::tui::app::App;
use crate::tui::overlay::{Menu, MenuItem, MenuKind};
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::update::menu_items;

impl Menu {
    /// Whether the task's question stands above the rows.
    pub fn kind_has_question(&self) -> bool {
        matches!(self.kind, MenuKind::Predict)
    }
}

fn menu_title(kind: MenuKind) -> (&'static str, &'static str) {
    match kind {
        MenuKind::Palette => ("Command", "type to narrow, Enter does it"),
        MenuKind::Help => ("Keys", "type to narrow, Enter does it, Esc closes"),
        MenuKind::Predict => ("What do you expect?", "Esc skips"),
        MenuKind::Snippets => ("Insert a statement", "Enter inserts"),
        MenuKind::Fixes => ("One edit that turns this answer around", "Enter drafts it"),
        MenuKind::Completions => ("Complete", "Enter takes it"),
        MenuKind::Clock => ("Let time pass", "Enter waits"),
        MenuKind::Timeline => ("Timeline", "Enter goes there, d compares two, Y copies the call"),
        MenuKind::WhoCan => ("Who can", "type an action, Enter takes it"),
        MenuKind::WhoCanTo(_) => ("Who can do it to what?", "Enter asks"),
        MenuKind::Key(_) => ("Key", "Enter makes the call"),
        MenuKind::Watch => ("The watched call", "type to narrow, Enter watches"),
        MenuKind::Documents => ("Documents", "type to narrow, Enter opens"),
        MenuKind::Versions => ("Versions of this document", "Enter compares"),
    }
}

/// The menu's lines, and for each the item it belongs to.
pub fn menu_lines(
    app: &App,
    menu: &Menu,
    ctx: &Ctx<'_>,
    width: usize,
) -> (Vec<Line<'static>>, Vec<Option<usize>>) {
    let theme = ctx.theme;
    let items = menu_items(app, menu);
    let mut lines = Vec::new();
    let mut owner = Vec::new();
    if items.is_empty() {
        let words = match menu.kind {
            MenuKind::Timeline => "no step yet",
            MenuKind::Key(_) => "there is no key yet",
            MenuKind::Watch if menu.filter.as_ref().is_none_or(String::is_empty) => {
                "there is no table, key or role to ask about yet"
            }
            _ => "nothing matches",
        };
        return (vec![Line::from(Span::styled(words, theme.dim))], vec![None]);
    }
    let headings = matches!(menu.kind, MenuKind::Help | MenuKind::Documents | MenuKind::Watch)
        && menu.filter.as_ref().is_none_or(|f| f.trim().is_empty());
    let columns = Columns::of(&items, width);
    let mut group = None;
    for (n, item) in items.iter().enumerate() {
        if headings && group != Some(&item.group) {
            if group.is_some() {
                lines.push(Line::default());
                owner.push(None);
            }
            lines.push(Line::from(Span::styled(item.group.clone(), theme.title)));
            owner.push(None);
            group = Some(&item.group);
        }
        let selected = n == menu.selected;
        let rows = match menu.kind {
            MenuKind::Predict => sentence(item, selected, ctx, width),
            MenuKind::Fixes => fix(item, selected, ctx, width),
            MenuKind::Timeline => {
                vec![text::fit_line(&step_line(app, n, menu, ctx), width, ctx.glyphs.ellipsis)]
            }
            _ => {
                let line = item_line(item, selected, columns, ctx);
                vec![text::fit_line(&line, width, ctx.glyphs.ellipsis)]
            }
        };
        for row in rows {
            lines.push(if selected { row.style(theme.selection) } else { row });
            owner.push(Some(n));
        }
    }
    (lines, owner)
}

/// The cells of the rows' words and keys.
#[derive(Clone, Copy)]
struct Columns {
    label: usize,
    key: usize,
}

impl Columns {
    fn of(items: &[MenuItem], width: usize) -> Self {
        let label = items.iter().map(|i| text::width(&clean(&i.label))).max().unwrap_or(8);
        let key = items.iter().map(|i| text::width(&i.key)).max().unwrap_or(0);
        Self { label: label.min((width / 2).max(8)).max(8), key }
    }
}

/// Every row of the menu, whatever was typed, so that a window keeps its size and shape while it is narrowed.
fn unnarrowed(app: &App, menu: &Menu) -> Vec<MenuItem> {
    let filter = menu.filter.as_ref().map(|_| String::new());
    menu_items(app, &Menu { filter, ..menu.clone() })
}

/// Whether the menu's rows take one line each, so that a long one is cut.
fn has_one_line_rows(kind: MenuKind) -> bool {
    !matches!(kind, MenuKind::Predict | MenuKind::Fixes)
}

/// How wide the longest row is, uncut.
pub fn natural_width(app: &App, menu: &Menu, ctx: &Ctx<'_>) -> usize {
    if !has_one_line_rows(menu.kind) {
        return 0;
    }
    let items = unnarrowed(app, menu);
    let columns = Columns::of(&items, usize::MAX);
    let line = |(n, item): (usize, &MenuItem)| match menu.kind {
        MenuKind::Timeline => step_line(app, n, menu, ctx).width(),
        _ => item_line(item, false, columns, ctx).width(),
    };
    items.iter().enumerate().map(line).max().unwrap_or(0)
}

/// One row in full, as many lines as that takes up to [`STRIP`].
fn whole_row(
    app: &App,
    menu: &Menu,
    n: usize,
    item: &MenuItem,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let line = if menu.kind == MenuKind::Timeline {
        let mut line = step_line(app, n, menu, ctx);
        // The marks at the row's start say nothing here.
        line.spans.drain(..line.spans.len().min(3));
        line
    } else {
        let mut spans = vec![Span::styled(clean(&item.label).into_owned(), ctx.theme.title)];
        if !item.detail.is_empty() {
            spans.push(Span::styled(format!("  {}", clean(&item.detail)), ctx.theme.text));
        }
        Line::from(spans)
    };
    let mut rows = text::wrap_line(&line, width, 0);
    if rows.len() > STRIP {
        rows.truncate(STRIP);
        if let Some(last) = rows.last_mut() {
            last.push_span(Span::raw(" ".repeat(width)));
            *last = text::fit_line(last, width, ctx.glyphs.ellipsis);
        }
    }
    rows
}

/// The most lines the selected row takes in full.
const STRIP: usize = 3;

/// How many lines at the window's end are kept for the selected row in full: none where no row is cut.
pub fn strip_height(app: &App, menu: &Menu, ctx: &Ctx<'_>, width: usize) -> usize {
    if !has_one_line_rows(menu.kind) || natural_width(app, menu, ctx) <= width {
        return 0;
    }
    let items = unnarrowed(app, menu);
    let rows = items.iter().enumerate().map(|(n, item)| whole_row(app, menu, n, item, ctx, width).len());
    rows.max().unwrap_or(0)
}

fn item_line(item: &MenuItem, selected: bool, columns: Columns, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let mut spans = vec![Span::styled(format!("{marker} "), theme.accent)];
    if columns.key > 0 {
        spans.push(Span::styled(text::pad(&item.key, columns.key, ""), theme.accent));
        spans.push(Span::raw("  "));
    }
    let shown = clean(&item.label);
    let detail = clean(&item.detail);
    if detail.is_empty() {
        spans.push(Span::styled(shown.into_owned(), theme.text));
    } else {
        spans.push(Span::styled(text::pad(&shown, columns.label, ctx.glyphs.ellipsis), theme.text));
        spans.push(Span::styled(format!("  {detail}"), theme.dim));
    }
    Line::from(spans)
}

/// An answer to choose: a whole sentence, wrapped.
fn sentence(item: &MenuItem, selected: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let line = Line::from(vec![
        Span::styled(format!("{marker} "), theme.accent),
        Span::styled(format!("{} ", item.key), theme.accent),
        Span::styled(clean(&item.label).into_owned(), theme.text),
    ]);
    text::wrap_line(&line, width, 4)
}

/// An edit: what is done to which document, then what it reads like, below.
fn fix(item: &MenuItem, selected: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out = sentence(item, selected, ctx, width);
    let detail = Line::from(Span::styled(format!("    {}", clean(&item.detail)), ctx.theme.dim));
    out.extend(text::wrap_line(&detail, width, 4));
    out
}

/// A step uncut; its first three spans are the marks.
fn step_line(app: &App, n: usize, menu: &Menu, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let Some(step) = app.lab().and_then(|l| l.view.steps.get(n)) else { return Line::default() };
    let marker = if n == menu.selected { ctx.glyphs.marker } else { " " };
    let compared = if menu.marked == Some(n) { "=" } else { " " };
    let here = if step.here { ctx.glyphs.open } else { " " };
    let mut spans = vec![
        Span::styled(format!("{marker}{compared}"), theme.accent),
        Span::styled(here, if step.here { theme.draft } else { theme.text }),
        Span::raw(" "),
        Span::styled(
            if step.aside {
                format!("{} {} ", ctx.glyphs.fork, step.point.branch + 1)
            } else {
                String::new()
            },
            theme.accent,
        ),
        Span::styled(format!("{}  ", clean(&step.time)), theme.dim),
        Span::styled(text::pad(&clean(&step.who), 12, ctx.glyphs.ellipsis), theme.text),
        Span::raw(" "),
    ];
    spans.push(ctx.symbol(step.verdict));
    spans.push(Span::styled(format!(" {}", clean(&step.what)), theme.text));
    Line::from(spans)
}

pub fn question_lines(app: &App, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let ask = app.lab().and_then(|l| l.view.task.question()).map(|p| clean(&p.ask).into_owned());
    text::wrap(&ask.unwrap_or_default(), width, ctx.theme.title)
}

/// The inner rectangle of a menu's rows, below its input line or question.
fn menu_rows_rect(app: &App, menu: &Menu, rect: Rect, ctx: &Ctx<'_>) -> Rect {
    let inner = inside(rect);
    let head = if menu.filter.is_some() {
        2
    } else if menu.kind_has_question() {
        cast(question_lines(app, usize::from(inner.width), ctx).len()) + 1
    } else {
        0
    };
    let strip = cast(strip_height(app, menu, ctx, usize::from(inner.width)));
    let foot = if strip > 0 { strip + 1 } else { 0 };
    Rect { y: inner.y + head.min(inner.height), height: inner.height.saturating_sub(head + foot), ..inner }
}

/// The first line shown, so that the selected item is on the screen.
fn menu_scroll(owner: &[Option<usize>], selected: usize, height: u16) -> usize {
    let last = owner.iter().rposition(|o| *o == Some(selected)).unwrap_or(0);
    (last + 1).saturating_sub(usize::from(height))
}

pub fn draw_menu(app: &App, menu: &Menu, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) -> Option<Position> {
    let theme = ctx.theme;
    let (name, hint) = menu_title(menu.kind);
    let mut title = Title::new(ctx, name);
    if let (MenuKind::Key(row), Some(lab)) = (menu.kind, app.lab()) {
        let who = lab.view.identities.iter().find(|i| i.acting).map(|i| i.name.as_str()).unwrap_or_default();
        title = Title::new(ctx, &panes::keys::name(&lab.view.keys, row)).about(ctx, &format!("as {who}"));
    }
    if let (MenuKind::Clock, Some(lab)) = (menu.kind, app.lab()) {
        title = title.about(ctx, &format!("{} {}", ctx.glyphs.dot, lab.view.head.fidelity));
    }
    let inner = panes::frame(rect, buf, ctx, title.right(ctx, hint));
    let mut cursor = None;
    if let Some(filter) = &menu.filter {
        let shown =
            text::fit_left(&clean(filter), usize::from(inner.width.saturating_sub(3)), ctx.glyphs.ellipsis);
        let line = Line::from(vec![Span::styled("> ", theme.accent), Span::styled(shown, theme.text)]);
        cursor = Some(Position { x: (inner.x + cast(line.width())).min(inner.right()), y: inner.y });
        line.render(Rect { height: 1, ..inner }, buf);
        let rule = ctx.glyphs.border.horizontal_top.repeat(usize::from(inner.width));
        buf.set_string(inner.x, inner.y + 1, rule, theme.frame);
    }
    if menu.kind_has_question() {
        for (i, line) in (0_u16..).zip(question_lines(app, usize::from(inner.width), ctx)) {
            line.render(Rect { y: inner.y + i, height: 1, ..inner }.intersection(inner), buf);
        }
    }
    let rows = menu_rows_rect(app, menu, rect, ctx);
    let (lines, owner) = menu_lines(app, menu, ctx, usize::from(rows.width));
    panes::draw_lines(&lines, rows, menu_scroll(&owner, menu.selected, rows.height), buf, ctx);
    if rows.bottom() < inner.bottom() {
        let rule = ctx.glyphs.border.horizontal_top.repeat(usize::from(inner.width));
        buf.set_string(inner.x, rows.bottom(), rule, theme.frame);
        let items = menu_items(app, menu);
        let place = Rect { y: rows.bottom() + 1, height: inner.bottom() - rows.bottom() - 1, ..inner };
        if let Some(item) = items.get(menu.selected) {
            let lines = whole_row(app, menu, menu.selected, item, ctx, usize::from(inner.width));
            panes::draw_lines(&lines, place, 0, buf, ctx);
        }
    }
    cursor
}

/// For each row the item it belongs to, and how many rows are in sight.
pub fn menu_rows(app: &App, menu: &Menu, rect: Rect) -> (Vec<Option<usize>>, usize) {
    let c = Ctx::of(&app.shell, true);
    let rows = menu_rows_rect(app, menu, rect, &c);
    (menu_lines(app, menu, &c, usize::from(rows.width)).1, usize::from(rows.height))
}

/// The item under a cell.
pub fn menu_row_at(app: &App, menu: &Menu, rect: Rect, at: Position) -> Option<usize> {
    let c = Ctx::of(&app.shell, true);
    let rows = menu_rows_rect(app, menu, rect, &c);
    if !rows.contains(at) {
        return None;
    }
    let (_, owner) = menu_lines(app, menu, &c, usize::from(rows.width));
    let row = usize::from(at.y - rows.y) + menu_scroll(&owner, menu.selected, rows.height);
    owner.get(row).copied().flatten()
}
