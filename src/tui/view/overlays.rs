//! What lies over the screen: menus, pages, the matrix, questions.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::ctx;
use crate::tui::app::App;
use crate::tui::data::{Comparison, Verdict};
use crate::tui::diff::{self, Row};
use crate::tui::keys::{Action, Context};
use crate::tui::layout::{Pane, centered};
use crate::tui::overlay::{Menu, MenuItem, MenuKind, Overlay, Page, PageKind, Pick, Purpose, Question};
use crate::tui::panes::{self, Ctx, Title, head};
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::update::menu_items;

/// Draws all overlays, the topmost last; returns where the cursor is if the topmost takes text.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let mut cursor = None;
    for overlay in &app.overlays {
        let rect = rect_of(app, overlay, area);
        Clear.render(rect, buf);
        buf.set_style(rect, app.theme.screen);
        let c = ctx(app, true);
        cursor = match overlay {
            Overlay::Menu(menu) => draw_menu(app, menu, rect, buf, &c),
            Overlay::Page(page) => {
                draw_page(app, page, rect, buf, &c);
                None
            }
            Overlay::Matrix { at, pick } => draw_matrix(app, *at, pick, rect, buf, &c),
            Overlay::Confirm(question) => {
                draw_confirm(*question, rect, buf, &c);
                None
            }
            Overlay::Path { purpose, text, error } => {
                Some(draw_path(*purpose, text, error.as_deref(), rect, buf, &c))
            }
            Overlay::Search { text } => Some(draw_search(app, text, rect, buf, &c)),
        };
    }
    cursor
}

/// The rectangle of the topmost overlay.
pub fn overlay_rect(app: &App) -> Option<Rect> {
    app.overlays.last().map(|o| rect_of(app, o, app.area))
}

fn rect_of(app: &App, overlay: &Overlay, area: Rect) -> Rect {
    let large = |w: u16, h: u16| centered(area, w, h);
    match overlay {
        Overlay::Menu(menu) => {
            let rows = menu_lines(app, menu, &ctx(app, true), 80).0.len();
            let extra = if menu.filter.is_some() { 4 } else { 2 };
            let height = cast(rows + extra + usize::from(menu.kind_has_question()) * 3);
            match menu.kind {
                MenuKind::Help => large(104, area.height.saturating_sub(2)),
                MenuKind::Palette => large(84, 24.min(area.height.saturating_sub(4)).max(6)),
                MenuKind::Documents => large(96, area.height.saturating_sub(4).clamp(6, 30)),
                MenuKind::Timeline => large(96, height.min(area.height.saturating_sub(4)).max(6)),
                MenuKind::Completions => large(64, height.min(14)),
                MenuKind::Fixes => {
                    let width = 104.min(area.width.saturating_sub(4));
                    let inner = usize::from(width.saturating_sub(4));
                    let rows = menu_lines(app, menu, &ctx(app, true), inner).0.len();
                    large(width, cast(rows + 2).min(area.height.saturating_sub(4)).max(5))
                }
                MenuKind::Key(_) => large(110, height.min(area.height.saturating_sub(4)).max(5)),
                MenuKind::Predict => {
                    let width = 84.min(area.width.saturating_sub(4));
                    let inner = usize::from(width.saturating_sub(4));
                    let rows = menu_lines(app, menu, &ctx(app, true), inner).0.len();
                    let ask = question_lines(app, inner, &ctx(app, true)).len();
                    large(width, cast(rows + ask + 4))
                }
                _ => large(84, height.min(area.height.saturating_sub(4)).max(5)),
            }
        }
        Overlay::Page(page) => {
            let width = 110.min(area.width.saturating_sub(4)).max(1);
            let rows = page_lines(app, page, usize::from(width.saturating_sub(4)), &ctx(app, true)).len();
            large(width, cast(rows + 2).clamp(5, area.height.saturating_sub(4).max(5)))
        }
        Overlay::Matrix { pick, .. } => {
            let Some(matrix) = app.lab.as_ref().map(|l| &l.view.matrix) else { return large(64, 9) };
            let width = cast(matrix.columns.len() * 6 + 26).max(72);
            let inner = usize::from(width.min(area.width).saturating_sub(4));
            let shown = panes::matrix::shown(matrix, pick);
            // The choices above, the selected cell in words below, the frame.
            let rows = panes::matrix::lines(matrix, &shown, None, &ctx(app, true), inner).len().max(4) + 5;
            large(width, cast(rows).clamp(9, area.height.saturating_sub(2).max(9)))
        }
        Overlay::Path { error, .. } => {
            let width = 100.min(area.width.saturating_sub(4)).max(1);
            let inner = usize::from(width.saturating_sub(4));
            let style = app.theme.text;
            let rows = error.as_ref().map_or(1, |e| text::wrap(&clean(e), inner, style).len());
            large(width, cast(rows + 4).min(area.height.saturating_sub(2)).max(6))
        }
        Overlay::Confirm(q) => large(cast(q.ask().len() + 8).max(44), 6),
        Overlay::Search { .. } => {
            let width = 60.min(area.width.saturating_sub(4));
            Rect {
                x: area.x + (area.width.saturating_sub(width)) / 2,
                y: area.bottom().saturating_sub(6),
                width,
                height: 3,
            }
            .intersection(area)
        }
    }
}

impl Menu {
    fn kind_has_question(&self) -> bool {
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
        MenuKind::Documents => ("Documents", "type to narrow, Enter opens"),
        MenuKind::Versions => ("Versions of this document", "Enter compares"),
    }
}

/// The menu's lines, and for each the item it belongs to.
fn menu_lines(
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
            _ => "nothing matches",
        };
        return (vec![Line::from(Span::styled(words, theme.dim))], vec![None]);
    }
    let headings = matches!(menu.kind, MenuKind::Help | MenuKind::Documents)
        && menu.filter.as_ref().is_none_or(|f| f.trim().is_empty());
    let label_width = items.iter().map(|i| text::width(&clean(&i.label))).max().unwrap_or(8).clamp(8, 40);
    let key_width = items.iter().map(|i| text::width(&i.key)).max().unwrap_or(0);
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
            MenuKind::Timeline => vec![step_line(app, n, menu, ctx, width)],
            _ => vec![item_line(item, selected, label_width, key_width, ctx, width)],
        };
        for row in rows {
            lines.push(if selected { row.style(theme.selection) } else { row });
            owner.push(Some(n));
        }
    }
    (lines, owner)
}

fn item_line(
    item: &MenuItem,
    selected: bool,
    label: usize,
    key: usize,
    ctx: &Ctx<'_>,
    width: usize,
) -> Line<'static> {
    let theme = ctx.theme;
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let mut spans = vec![Span::styled(format!("{marker} "), theme.accent)];
    if key > 0 {
        spans.push(Span::styled(text::pad(&item.key, key, ""), theme.accent));
        spans.push(Span::raw("  "));
    }
    let shown = clean(&item.label);
    let detail = clean(&item.detail);
    if detail.is_empty() {
        spans.push(Span::styled(shown.into_owned(), theme.text));
    } else {
        spans.push(Span::styled(text::pad(&shown, label, ctx.glyphs.ellipsis), theme.text));
        spans.push(Span::styled(format!("  {detail}"), theme.dim));
    }
    text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis)
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

fn step_line(app: &App, n: usize, menu: &Menu, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let theme = ctx.theme;
    let Some(step) = app.lab.as_ref().and_then(|l| l.view.steps.get(n)) else { return Line::default() };
    let marker = if n == menu.selected { ctx.glyphs.marker } else { " " };
    let compared = if menu.marked == Some(n) { "=" } else { " " };
    let here = if step.here { ctx.glyphs.dirty } else { " " };
    let mut spans = vec![
        Span::styled(format!("{marker}{compared}"), theme.accent),
        Span::styled(format!("{here} "), theme.draft),
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
    text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis)
}

fn question_lines(app: &App, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let ask =
        app.lab.as_ref().and_then(|l| l.view.task.prediction.as_ref()).map(|p| clean(&p.ask).into_owned());
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
    Rect { y: inner.y + head.min(inner.height), height: inner.height.saturating_sub(head), ..inner }
}

fn inside(rect: Rect) -> Rect {
    Rect {
        x: rect.x + 2.min(rect.width),
        y: rect.y + 1.min(rect.height),
        width: rect.width.saturating_sub(4),
        height: rect.height.saturating_sub(2),
    }
}

/// The first line shown, so that the selected item is on the screen.
fn menu_scroll(owner: &[Option<usize>], selected: usize, height: u16) -> usize {
    let last = owner.iter().rposition(|o| *o == Some(selected)).unwrap_or(0);
    (last + 1).saturating_sub(usize::from(height))
}

fn draw_menu(app: &App, menu: &Menu, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) -> Option<Position> {
    let theme = ctx.theme;
    let (name, hint) = menu_title(menu.kind);
    let mut title = Title::new(ctx, name);
    if let (MenuKind::Key(row), Some(lab)) = (menu.kind, &app.lab) {
        let who = lab.view.identities.iter().find(|i| i.acting).map(|i| i.name.as_str()).unwrap_or_default();
        title = Title::new(ctx, &panes::keys::name(&lab.view.keys, row)).about(ctx, &format!("as {who}"));
    }
    if let (MenuKind::Clock, Some(lab)) = (menu.kind, &app.lab) {
        title = title.about(ctx, &lab.view.head.fidelity);
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
    cursor
}

/// The item under a cell.
pub fn menu_row_at(app: &App, menu: &Menu, rect: Rect, at: Position) -> Option<usize> {
    let c = ctx(app, true);
    let rows = menu_rows_rect(app, menu, rect, &c);
    if !rows.contains(at) {
        return None;
    }
    let (_, owner) = menu_lines(app, menu, &c, usize::from(rows.width));
    let row = usize::from(at.y - rows.y) + menu_scroll(&owner, menu.selected, rows.height);
    owner.get(row).copied().flatten()
}

/// The page's name and lines.
fn page_name(app: &App, page: &Page) -> String {
    match &page.kind {
        PageKind::Diff => "Draft against applied".into(),
        PageKind::Record(i) => app
            .lab
            .as_ref()
            .and_then(|l| l.view.audit.get(*i))
            .map_or_else(|| "Record".into(), |r| format!("{} {}", r.time, r.event)),
        PageKind::Decisions(point) => {
            let steps = app.lab.iter().flat_map(|l| &l.view.steps);
            let step = steps.into_iter().find(|step| step.point == *point);
            step.map_or_else(|| "Decisions".into(), |s| format!("Decisions: {} by {}", s.what, s.who))
        }
        PageKind::WhoCan(action, target) => format!("Who can {action}: {}", target.label),
        PageKind::Refused(refusal) => refusal.title.clone(),
        PageKind::Comparison(comparison) => comparison.title.clone(),
        PageKind::Version(row) => {
            let version = app.lab.as_ref().and_then(|l| l.session.versions().into_iter().nth(*row));
            version.map_or_else(
                || "Version".into(),
                |(_, v)| format!("The draft against {} by {}", v.time, v.who),
            )
        }
        PageKind::Cell(row, column) => {
            let matrix = app.lab.as_ref().map(|l| &l.view.matrix);
            let who = matrix.and_then(|m| m.rows.get(*row)).map(|r| r.0.clone()).unwrap_or_default();
            let what = matrix.and_then(|m| m.columns.get(*column)).cloned().unwrap_or_default();
            format!("{who}: {what}")
        }
    }
}

fn page_lines(app: &App, page: &Page, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    if let PageKind::Refused(refusal) = &page.kind {
        let mut out: Vec<Line<'static>> =
            refusal.message.lines().flat_map(|line| text::wrap(&clean(line), width, theme.text)).collect();
        if !refusal.why.is_empty() {
            out.push(Line::default());
            let all = Ctx { expanded: true, ..*ctx };
            out.extend(panes::why::lines(&refusal.why, &all, width));
        }
        return out;
    }
    let Some(lab) = &app.lab else { return Vec::new() };
    match &page.kind {
        PageKind::Diff => diff_lines(lab.editor.base(), lab.editor.lines(), ctx, width),
        PageKind::Record(i) => match lab.view.audit.get(*i) {
            Some(record) => {
                let mut out: Vec<Line<'static>> =
                    record.json.lines().flat_map(|l| panes::json_line(l, ctx, width)).collect();
                if let Some(cli) = &record.cli {
                    out.push(Line::default());
                    out.extend(text::wrap(&clean(cli), width, theme.accent));
                    let key = ctx.key(Action::CopyCli);
                    out.push(Line::from(Span::styled(format!("{key} copies this command"), theme.dim)));
                }
                if record.call.is_none() {
                    out.push(Line::default());
                    let words = "Made before this session, or by a service on its own: it has no step.";
                    out.push(Line::from(Span::styled(words, theme.dim)));
                }
                out
            }
            None => vec![Line::from(Span::styled("this record is gone", theme.dim))],
        },
        PageKind::Version(row) => match lab.session.versions().into_iter().nth(*row) {
            Some((Some(text), _)) => {
                let old: Vec<String> = text.lines().map(str::to_owned).collect();
                if old == lab.editor.lines() {
                    return vec![Line::from(Span::styled(
                        "The draft reads exactly like this version.",
                        theme.dim,
                    ))];
                }
                diff_lines(&old, lab.editor.lines(), ctx, width)
            }
            Some((None, _)) => vec![Line::from(Span::styled("The document was not there then.", theme.dim))],
            None => Vec::new(),
        },
        PageKind::Comparison(comparison) => comparison_lines(comparison, ctx, width),
        PageKind::Decisions(point) => {
            let all = Ctx { expanded: true, ..*ctx };
            panes::why::lines(&lab.session.decisions_at(*point), &all, width)
        }
        // Needs no lab: it is above.
        PageKind::Refused(_) => Vec::new(),
        PageKind::WhoCan(action, target) => who_can_lines(&lab.session.who_can(action, target), ctx, width),
        PageKind::Cell(row, column) => {
            let steps = lab.session.explain_cell(lab.matrix_subject, *row, *column);
            let all = Ctx { expanded: true, ..*ctx };
            panes::why::lines(&steps, &all, width)
        }
    }
}

fn who_can_lines(rows: &[(String, Verdict, String)], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let name = rows.iter().map(|r| text::width(&clean(&r.0))).max().unwrap_or(8).clamp(8, 40);
    let allowed = rows.iter().filter(|r| r.1 == Verdict::Allowed).count();
    let mut out = vec![
        Line::from(Span::styled(format!("{allowed} of {} principals may", rows.len()), theme.title)),
        Line::default(),
    ];
    for (who, verdict, why) in rows {
        let line = Line::from(vec![
            ctx.symbol(*verdict),
            Span::raw(" "),
            Span::styled(text::pad(&clean(who), name, ctx.glyphs.ellipsis), theme.text),
            Span::styled(format!("  {}", clean(why)), theme.dim),
        ]);
        out.extend(text::wrap_line(&line, width, name + 4));
    }
    out
}

fn comparison_lines(comparison: &Comparison, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = Vec::new();
    for (who, before, after) in &comparison.verdicts {
        let mut spans = vec![
            Span::styled(text::pad(&clean(who), 14, ctx.glyphs.ellipsis), theme.text),
            Span::raw("  "),
            ctx.symbol(*before),
        ];
        if before != after {
            spans.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), theme.draft));
            spans.push(ctx.symbol(*after));
        }
        out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
    }
    for (name, [old, new]) in &comparison.policies {
        out.push(Line::default());
        out.extend(text::wrap(&clean(name), width, theme.title));
        out.extend(diff_lines(old, new, ctx, width));
    }
    if comparison.policies.is_empty() {
        out.push(Line::default());
        out.push(Line::from(Span::styled("Every policy reads the same at both.", theme.dim)));
    }
    out
}

fn diff_lines(old: &[String], new: &[String], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    diff::rows(old, new)
        .into_iter()
        .map(|row| {
            let (sign, number, line, style) = match row {
                Row::Same(n) => (" ", Some(n), new.get(n), theme.dim),
                Row::Added(n) => ("+", Some(n), new.get(n), theme.allowed),
                Row::Removed(n) => ("-", None, old.get(n), theme.denied),
            };
            let number = number.map_or_else(String::new, |n| (n + 1).to_string());
            let shown = clean(line.map_or("", String::as_str));
            let text = format!("{number:>4} {sign} {shown}");
            Line::from(Span::styled(text::fit(&text, width, ctx.glyphs.ellipsis), style))
        })
        .collect()
}

fn draw_page(app: &App, page: &Page, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let copy = ctx.key(Action::Copy);
    let mut title = Title::new(ctx, &page_name(app, page));
    if let PageKind::Record(i) = page.kind
        && app.lab.as_ref().and_then(|l| l.view.audit.get(i)).is_some_and(|r| r.call.is_some())
    {
        title =
            title.hint(ctx, &ctx.key(Action::Why), "why").hint(ctx, &ctx.key(Action::Timeline), "its step");
    }
    if matches!(page.kind, PageKind::Version(_)) {
        title =
            title.hint(ctx, &ctx.keys.label(Context::List, Action::Open), "takes the version into the draft");
    }
    let title =
        title.hint(ctx, &copy, "copies").hint(ctx, &ctx.keys.label(Context::List, Action::Back), "closes");
    let inner = panes::frame(rect, buf, ctx, title);
    let lines = page_lines(app, page, usize::from(inner.width), ctx);
    panes::draw_lines(&lines, inner, page.scroll, buf, ctx);
}

/// How far the page on top can scroll.
pub fn page_max_scroll(app: &App, page: &Page) -> usize {
    let rect = rect_of(app, &Overlay::Page(page.clone()), app.area);
    let inner = inside(rect);
    let total = page_lines(app, page, usize::from(inner.width), &ctx(app, true)).len();
    panes::max_scroll(total, inner.height)
}

/// The lines of the page on top, as it is drawn, and how many of them are on the screen.
pub fn page_in_front(app: &App) -> Option<(Vec<Line<'static>>, usize)> {
    let Some(overlay @ Overlay::Page(page)) = app.overlays.last() else { return None };
    let inner = inside(rect_of(app, overlay, app.area));
    let lines = page_lines(app, page, usize::from(inner.width), &ctx(app, true));
    Some((lines, usize::from(inner.height)))
}

/// The name and lines of the page or matrix on top.
pub fn page_text(app: &App) -> Option<(String, Vec<Line<'static>>)> {
    let c = ctx(app, false);
    match app.overlays.last()? {
        Overlay::Page(page) => Some((page_name(app, page), page_lines(app, page, 120, &c))),
        Overlay::Matrix { pick, .. } => {
            let matrix = &app.lab.as_ref()?.view.matrix;
            let rows = panes::matrix::shown(matrix, pick);
            Some(("matrix".into(), panes::matrix::lines(matrix, &rows, None, &c, 200)))
        }
        _ => None,
    }
}

/// The choices stand above, the columns' names below them, the selected cell in words at the bottom; rows scroll between.
fn draw_matrix(
    app: &App,
    at: (usize, usize),
    pick: &Pick,
    rect: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
) -> Option<Position> {
    let matrix = &app.lab.as_ref()?.view.matrix;
    let title = panes::matrix::title(matrix, ctx)
        .hint(ctx, &ctx.keys.label(Context::List, Action::Open), "why")
        .hint(ctx, &ctx.keys.label(Context::List, Action::Back), "closes");
    let inner = panes::frame(rect, buf, ctx, title);
    let width = usize::from(inner.width);
    let part = |from: u16, rows: u16| {
        Rect { y: inner.y.saturating_add(from), height: rows, ..inner }.intersection(inner)
    };
    let (choices, typed) = panes::matrix::choices(matrix, pick, ctx, width);
    choices.render(part(0, 1), buf);

    let rows = panes::matrix::shown(matrix, pick);
    let mut lines = panes::matrix::lines(matrix, &rows, Some(at), ctx, width);
    let body = lines.split_off(lines.len().saturating_sub(rows.len()));
    let below = 2;
    let head = cast(lines.len()).min(inner.height.saturating_sub(below + 2));
    panes::draw_lines(&lines, part(1, head), 0, buf, ctx);
    let room = part(1 + head, inner.height.saturating_sub(1 + head + below));
    if body.is_empty() {
        let words = if pick.text.is_empty() { "nothing differs" } else { "nobody matches" };
        Line::from(Span::styled(words, ctx.theme.dim)).render(part(1 + head, 1), buf);
    }
    panes::draw_lines(&body, room, (at.0 + 1).saturating_sub(usize::from(room.height)), buf, ctx);

    let row = rows.get(at.0).and_then(|r| matrix.rows.get(*r));
    if let (Some((who, cells)), Some(action)) = (row, matrix.columns.get(at.1))
        && let Some(cell) = cells.get(at.1)
    {
        let mut spans = vec![
            Span::styled(clean(who).into_owned(), ctx.theme.title),
            Span::styled(format!(" {} {} ", ctx.glyphs.marker, clean(action)), ctx.theme.text),
        ];
        spans.extend(ctx.verdict(cell.applied));
        if let Some(draft) = cell.draft.filter(|d| *d != cell.applied) {
            spans.push(Span::styled(format!(" {} on the draft ", ctx.glyphs.arrow), ctx.theme.draft));
            spans.extend(ctx.verdict(draft));
        }
        // Right under the last row, unless the rows need all the room.
        let y = (head + 2 + cast(body.len())).min(inner.height.saturating_sub(1));
        Line::from(spans).render(part(y, 1), buf);
    }
    pick.typing.then(|| Position { x: (inner.x + cast(typed)).min(inner.right()), y: inner.y })
}

fn draw_confirm(question: Question, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let inner = panes::frame(rect, buf, ctx, Title::new(ctx, "Sure?"));
    for (i, line) in (0_u16..).zip(text::wrap(question.ask(), usize::from(inner.width), ctx.theme.text)) {
        line.render(Rect { y: inner.y + i, height: 1, ..inner }.intersection(inner), buf);
    }
    let spans = vec![
        Span::styled("y", ctx.theme.accent),
        Span::styled(format!(" {}", question.yes()), ctx.theme.text),
    ];
    let right = vec![Span::styled("Esc", ctx.theme.accent), Span::styled(" no, stay", ctx.theme.text)];
    let line = head::spread(spans, right, usize::from(inner.width), ctx);
    line.render(Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, buf);
}

/// Whether a press on the question's last row means yes (left half) or no.
pub fn confirm_at(rect: Rect, at: Position) -> Option<bool> {
    let inner = inside(rect);
    (at.y + 1 == inner.bottom()).then_some(at.x < inner.x + inner.width / 2)
}

fn draw_path(
    purpose: Purpose,
    typed: &str,
    error: Option<&str>,
    rect: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
) -> Position {
    let (name, enter, about) = match purpose {
        Purpose::Open => (
            "Open a scenario file",
            "Enter opens",
            "The path of a JSON file, such as ./mine.json or ~/labs/mine.json.",
        ),
        Purpose::Export => (
            "Export this lab",
            "Enter writes",
            "The path of a new file. It holds the secrets of the simulated world.",
        ),
        Purpose::Import => ("Import a lab", "Enter reads", "The path of a file that export wrote."),
    };
    let inner = panes::frame(rect, buf, ctx, Title::new(ctx, name).right(ctx, enter));
    let width = usize::from(inner.width);
    let shown = text::fit_left(&clean(typed), width.saturating_sub(3), ctx.glyphs.ellipsis);
    let line = Line::from(vec![Span::styled("> ", ctx.theme.accent), Span::styled(shown, ctx.theme.text)]);
    let at = Position { x: inner.x + cast(line.width()), y: inner.y };
    let below = match error {
        Some(error) => text::wrap(&clean(error), width, ctx.theme.denied),
        None => text::wrap(about, width, ctx.theme.dim),
    };
    let mut lines = vec![line, Line::default()];
    lines.extend(below);
    panes::draw_lines(&lines, inner, 0, buf, ctx);
    at
}

fn draw_search(app: &App, typed: &str, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) -> Position {
    let page = app.overlays.iter().any(|overlay| matches!(overlay, Overlay::Page(_)));
    let name = match app.lab.as_ref().map(|l| l.focus) {
        _ if page => "Search the page".to_owned(),
        Some(Pane::Audit) => "Find records".to_owned(),
        None | Some(Pane::Identities) => "Search: Policy".to_owned(),
        Some(focus) => format!("Search: {}", focus.name()),
    };
    let hint = if name == "Find records" { "Enter keeps, Esc shows all" } else { "Enter finds" };
    let inner = panes::frame(rect, buf, ctx, Title::new(ctx, &name).right(ctx, hint));
    let shown =
        text::fit_left(&clean(typed), usize::from(inner.width.saturating_sub(3)), ctx.glyphs.ellipsis);
    let line = Line::from(vec![Span::styled("/ ", ctx.theme.accent), Span::styled(shown, ctx.theme.text)]);
    let at = Position { x: inner.x + cast(line.width()), y: inner.y };
    line.render(inner, buf);
    at
}

fn cast(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
