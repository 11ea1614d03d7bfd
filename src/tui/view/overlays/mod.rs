//! What lies over the screen: menus, pages, the matrix, questions.

mod matrix;
mod menu;
mod page;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::narration::Tick;
use crate::tui::app::App;
use crate::tui::layout::{Pane, centered};
use crate::tui::overlay::{MenuKind, Overlay, Purpose, Question};
use crate::tui::panes::{self, Ctx, Title, head};
use crate::tui::sanitize::clean;
use crate::tui::text;

use matrix::{draw_matrix, matrix_in_place, matrix_rect, matrix_rows};
use menu::{draw_menu, menu_lines, menu_rows, natural_width, question_lines, strip_height};
use page::{draw_page, page_lines, page_name, page_rect};

pub use matrix::matrix_cell_at;
pub use menu::menu_row_at;
pub use page::{page_in_front, page_max_scroll};

/// Draws all overlays, the topmost last; returns where the cursor is if the topmost takes text.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let mut cursor = None;
    for overlay in &app.shell.overlays {
        let rect = rect_of(app, overlay, area);
        let cleared = if matrix_in_place(app, overlay, rect) { within_lines(rect) } else { rect };
        Clear.render(cleared, buf);
        buf.set_style(cleared, app.shell.theme.screen);
        let c = Ctx::of(&app.shell, true);
        cursor = match overlay {
            Overlay::Menu(menu) => draw_menu(app, menu, rect, buf, &c),
            Overlay::Page(page) => {
                draw_page(app, page, rect, buf, &c);
                None
            }
            Overlay::Matrix { at, pick } => draw_matrix(app, *at, pick, rect, buf, &c),
            Overlay::Confirm(question) => {
                draw_confirm(app, *question, rect, buf, &c);
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

/// The inside of a pane and its title: all but the lines that it shares with others.
fn within_lines(rect: Rect) -> Rect {
    Rect {
        x: rect.x.saturating_add(1),
        width: rect.width.saturating_sub(2),
        height: rect.height.saturating_sub(1),
        ..rect
    }
}

/// The rectangle of the topmost overlay.
pub fn overlay_rect(app: &App) -> Option<Rect> {
    app.shell.overlays.last().map(|o| rect_of(app, o, app.shell.area))
}

fn rect_of(app: &App, overlay: &Overlay, area: Rect) -> Rect {
    let large = |w: u16, h: u16| centered(area, w, h);
    match overlay {
        Overlay::Menu(menu) => {
            let c = Ctx::of(&app.shell, true);
            // As wide as its longest row, if the screen is; the usual width else does.
            let wide = |usual: u16| {
                usual.max(cast(natural_width(app, menu, &c) + 4)).min(area.width.saturating_sub(2))
            };
            let rows = menu_lines(app, menu, &c, 80).0.len();
            let extra = if menu.filter.is_some() { 4 } else { 2 };
            let list = |usual: u16, least: u16| {
                let width = wide(usual);
                let strip = strip_height(app, menu, &c, usize::from(width.saturating_sub(4)));
                let height = cast(rows + extra + if strip > 0 { strip + 1 } else { 0 });
                large(width, height.min(area.height.saturating_sub(4)).max(least))
            };
            match menu.kind {
                MenuKind::Help => large(wide(104), area.height.saturating_sub(2)),
                MenuKind::Palette => large(wide(84), 24.min(area.height.saturating_sub(4)).max(6)),
                MenuKind::Documents => large(wide(84), area.height.saturating_sub(4).clamp(6, 30)),
                MenuKind::Watch | MenuKind::Timeline => list(84, 6),
                MenuKind::Completions => large(64, cast(rows + extra).min(14)),
                MenuKind::Fixes => {
                    let width = 104.min(area.width.saturating_sub(4));
                    let inner = usize::from(width.saturating_sub(4));
                    let rows = menu_lines(app, menu, &c, inner).0.len();
                    large(width, cast(rows + 2).min(area.height.saturating_sub(4)).max(5))
                }
                MenuKind::Predict => {
                    let width = 84.min(area.width.saturating_sub(4));
                    let inner = usize::from(width.saturating_sub(4));
                    let rows = menu_lines(app, menu, &c, inner).0.len();
                    let ask = question_lines(app, inner, &c).len();
                    large(width, cast(rows + ask + 4))
                }
                _ => list(84, 5),
            }
        }
        Overlay::Page(page) => page_rect(app.lab(), &app.shell, page, area),
        Overlay::Matrix { pick, .. } => matrix_rect(app, pick, area),
        Overlay::Path { error, .. } => {
            let width = 100.min(area.width.saturating_sub(4)).max(1);
            let inner = usize::from(width.saturating_sub(4));
            let style = app.shell.theme.text;
            let rows = error.as_ref().map_or(1, |e| text::wrap(&clean(e), inner, style).len());
            large(width, cast(rows + 4).min(area.height.saturating_sub(2)).max(6))
        }
        Overlay::Confirm(q) => {
            let words = question_words(app, *q);
            let width = cast(text::width(&words) + 8).clamp(44, 90.min(area.width.max(44)));
            let rows = text::wrap(&words, usize::from(width.saturating_sub(4)), app.shell.theme.text).len();
            large(width, cast(rows + 5))
        }
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

/// The rows of the menu or the matrix on top, each with its item, and how many of them are in sight.
pub fn list_rows(app: &App) -> Option<(Vec<Option<usize>>, usize)> {
    match app.shell.overlays.last()? {
        overlay @ Overlay::Menu(menu) => Some(menu_rows(app, menu, rect_of(app, overlay, app.shell.area))),
        Overlay::Matrix { .. } => matrix_rows(app),
        _ => None,
    }
}

fn inside(rect: Rect) -> Rect {
    Rect {
        x: rect.x + 2.min(rect.width),
        y: rect.y + 1.min(rect.height),
        width: rect.width.saturating_sub(4),
        height: rect.height.saturating_sub(2),
    }
}

/// The name and lines of the page or matrix on top.
pub fn page_text(app: &App) -> Option<(String, Vec<Line<'static>>)> {
    let c = Ctx::of(&app.shell, false);
    match app.shell.overlays.last()? {
        Overlay::Page(page) => Some((page_name(app, page), page_lines(app.lab(), page, 120, &c))),
        Overlay::Matrix { pick, .. } => {
            let matrix = &app.lab()?.view.matrix;
            let rows = panes::matrix::shown(matrix, pick);
            Some(("matrix".into(), panes::matrix::lines(matrix, &rows, None, &c, 200)))
        }
        _ => None,
    }
}

/// The question, and what is missing where that is what it is about.
fn question_words(app: &App, question: Question) -> String {
    let lab = app.lab();
    let asked = question.ask(lab.is_some_and(|lab| lab.session.is_kept())).to_owned();
    let checks = lab.filter(|_| question == Question::Next).into_iter().flat_map(|lab| &lab.view.task.checks);
    match checks.into_iter().find(|check| check.applied != Tick::Done) {
        Some(check) => format!("{asked} Still missing: {}.", clean(&check.say)),
        None => asked,
    }
}

fn draw_confirm(app: &App, question: Question, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let inner = panes::frame(rect, buf, ctx, Title::new(ctx, "Sure?"));
    for (i, line) in
        (0_u16..).zip(text::wrap(&question_words(app, question), usize::from(inner.width), ctx.theme.text))
    {
        line.render(Rect { y: inner.y + i, height: 1, ..inner }.intersection(inner), buf);
    }
    let spans = ctx.key_words("y", &format!(" {}", question.yes()), ctx.theme.text).to_vec();
    let right = ctx.key_words("Esc", " no, stay", ctx.theme.text).to_vec();
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
    let page = app.shell.overlays.iter().any(|overlay| matches!(overlay, Overlay::Page(_)));
    let name = match app.lab().map(|l| l.focus) {
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
