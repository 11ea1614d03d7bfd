//! Drawing: the app in, cells out. Nothing here changes anything.

mod overlays;
mod room;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Widget;

use super::app::{App, Lab};
use super::data::ScenarioRow;
use super::keys::{Action, Binding, Context};
use super::layout::{self, Pane, Region, Regions};
use super::overlay::{MenuKind, Overlay, PageKind, Pick};
use super::panes::head::FooterItem;
use super::panes::{self, Ctx, Title};

use room::{fitted, folded, squeezed, squeezes};

pub use overlays::{confirm_at, matrix_cell_at, menu_row_at, overlay_rect, page_max_scroll};
pub use room::folded_identity_at;

/// Draws one frame.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    buf.set_style(area, app.theme.screen);
    let regions = match &app.lab {
        Some(lab) if !app.at_home => layout::lab(area, &lab.shape()),
        _ => layout::home(area),
    };
    if regions.too_small {
        too_small(app, area, buf);
        return;
    }
    let cursor = match &app.lab {
        Some(lab) if !app.at_home => match &app.present {
            Some(present) => {
                let body = Rect { height: area.height.saturating_sub(1), ..area };
                let document = lab.editor.lines();
                panes::present::draw(body, buf, &ctx(app, false), &lab.view, document, present);
                if let Some((_, words)) = &app.toast {
                    panes::present::say(words, body, buf, &ctx(app, false));
                }
                draw_line(regions.get(Region::Footer), footer(app, area), buf);
                None
            }
            None => draw_lab(app, lab, &regions, buf),
        },
        _ => {
            draw_home(app, &regions, area, buf);
            None
        }
    };
    let over = overlays::draw(app, area, buf);
    if let Some(at) = over.or(cursor.filter(|_| app.overlays.is_empty())) {
        frame.set_cursor_position(at);
    }
}

fn ctx(app: &App, focused: bool) -> Ctx<'_> {
    let expanded = app.lab.as_ref().is_some_and(|l| l.expanded);
    Ctx {
        theme: &app.theme,
        glyphs: &app.glyphs,
        keys: &app.keys,
        focused,
        expanded,
        flash: app.flash.as_ref(),
    }
}

fn too_small(app: &App, area: Rect, buf: &mut Buffer) {
    let (w, h) = layout::SMALLEST;
    let words = [
        format!("kmslab needs {w}x{h}"),
        format!("this is {}x{}", area.width, area.height),
        "80x24 is comfortable".to_owned(),
    ];
    let lines: Vec<Line<'_>> =
        words.into_iter().map(|w| Line::from(Span::styled(w, app.theme.text))).collect();
    Text::from(lines).render(area, buf);
}

fn draw_line(rect: Option<Rect>, line: Line<'_>, buf: &mut Buffer) {
    if let Some(rect) = rect {
        buf.set_style(rect, line.style);
        line.render(rect, buf);
    }
}

fn footer(app: &App, area: Rect) -> Line<'static> {
    panes::head::footer(&ctx(app, false), &footer_rows(app), usize::from(area.width))
}

/// What the footer offers: what works in the window on top, else what the table says of the place.
fn footer_rows(app: &App) -> Vec<&Binding> {
    let wanted: &[Action] = match app.overlays.last() {
        None if app.present.is_some() => &[Action::Identity, Action::Back],
        None => return app.keys.footer(app.context()),
        Some(Overlay::Menu(menu)) => match menu.kind {
            MenuKind::Timeline => &[Action::Open, Action::Diff, Action::CopyCli, Action::Back],
            _ => &[Action::Open, Action::Back],
        },
        Some(Overlay::Page(page)) => match page.kind {
            PageKind::Version(_) => &[Action::Open, Action::Search, Action::Copy, Action::Back],
            PageKind::Record(_) => {
                &[Action::Why, Action::Timeline, Action::CopyCli, Action::Search, Action::Copy, Action::Back]
            }
            _ => &[Action::Search, Action::Copy, Action::Back],
        },
        Some(Overlay::Matrix { .. }) => &[
            Action::Open,
            Action::MatrixSubject,
            Action::MatrixDiffering,
            Action::MatrixOrder,
            Action::Search,
            Action::Copy,
            Action::Back,
        ],
        Some(Overlay::Confirm(_)) => &[],
        Some(Overlay::Path { .. } | Overlay::Search { .. }) => &[Action::Back],
    };
    let find = |action: &Action| {
        let rows = app.keys.rows(Context::List).chain(app.keys.rows(Context::Lab));
        rows.into_iter().find(|binding| binding.action == *action)
    };
    wanted.iter().filter_map(find).collect()
}

/// The footer's clickable words.
pub fn footer_items(app: &App, width: usize) -> Vec<FooterItem> {
    panes::head::footer_items(&footer_rows(app), width)
}

fn draw_lab(app: &App, lab: &Lab, regions: &Regions, buf: &mut Buffer) -> Option<Position> {
    let width = usize::from(buf.area().width);
    let plain = ctx(app, false);
    draw_line(regions.get(Region::Header), panes::head::header(&lab.view, &plain, width), buf);
    let note = if regions.cramped && app.toast.is_none() && !lab.view.dirty {
        Line::from(Span::styled(" small screen: 80x24 or larger shows more", app.theme.dim))
    } else {
        panes::head::note(&lab.view, lab.typing, &plain, app.toast.as_ref(), width)
    };
    draw_line(regions.get(Region::Note), note, buf);
    draw_line(regions.get(Region::Footer), footer(app, *buf.area()), buf);
    let mut cursor = None;
    for (region, rect) in regions.parts() {
        if let Region::Folded(pane) = *region {
            draw_line(Some(*rect), folded(lab, pane, &plain, usize::from(rect.width)), buf);
        }
        let Region::Pane(pane) = *region else { continue };
        let c = ctx(app, lab.focus == pane);
        let mut title = title(lab, pane, &c, *rect);
        if regions.stack.contains(&pane) {
            title.left = tabs(&regions.stack, pane, &c, std::mem::take(&mut title.left));
            // The tabs take the room, but this must not go unsaid.
            if pane == Pane::Storage {
                title = title.right(&c, "no API returns this");
            }
        }
        if pane == Pane::Policy && lab.view.document.kind.is_empty() {
            let inner = panes::frame(*rect, buf, &c, title);
            let words = "No policy yet: that of the first key or user appears here.";
            let lines = super::text::wrap(words, usize::from(inner.width), app.theme.dim);
            panes::draw_lines(&lines, inner, 0, buf, &c);
        } else if pane == Pane::Policy {
            cursor =
                panes::policy::draw(*rect, buf, &c, &lab.view, &lab.editor, lab.typing, title).or(cursor);
        } else if pane == Pane::Console {
            let inner = panes::frame(*rect, buf, &c, title);
            let prompt = lab.session.prompt();
            cursor = panes::console::draw(&console(lab, &prompt), inner, buf, &c).or(cursor);
        } else {
            let inner = panes::frame(*rect, buf, &c, title);
            let mut lines = fitted(lab, pane, c, inner);
            // The headings stay where they are; only what stands under them scrolls.
            let rows = if pane == Pane::Matrix { lab.view.matrix.rows.len() } else { lines.len() };
            let body = lines.split_off(lines.len().saturating_sub(rows));
            let head = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(inner.height);
            panes::draw_lines(&lines, Rect { height: head, ..inner }, 0, buf, &c);
            let inner = Rect { y: inner.y + head, height: inner.height - head, ..inner };
            panes::draw_lines(&body, inner, lab.scroll_of(pane), buf, &c);
        }
    }
    cursor
}

/// The names of the panes that share a place, the one on top bold, then what that one says of itself.
fn tabs(stack: &[Pane], top: Pane, ctx: &Ctx<'_>, own: Vec<Span<'static>>) -> Vec<Span<'static>> {
    let mut out = Vec::new();
    for pane in stack {
        let style = if *pane == top { ctx.theme.title } else { ctx.theme.dim };
        out.push(Span::styled(pane.name(), style));
        out.push(Span::raw("  "));
    }
    // The pane's own name is in the tabs; for the policy its subject is worth the room.
    if top == Pane::Policy {
        out.extend(own.into_iter().skip(2));
    } else {
        out.pop();
    }
    out
}

/// What the console draws.
fn console<'a>(lab: &'a Lab, prompt: &'a str) -> panes::console::ConsoleView<'a> {
    panes::console::ConsoleView {
        typed: lab.session.typed(),
        prompt,
        line: &lab.console.line,
        typing: lab.console.typing,
        back: lab.console.back,
    }
}

/// How many rows the console has.
pub fn console_rows(app: &App, rect: Rect) -> usize {
    let Some(lab) = &app.lab else { return 0 };
    let prompt = lab.session.prompt();
    panes::console::rows(&console(lab, &prompt), usize::from(rect.width.saturating_sub(4)), &ctx(app, false))
}

/// The console's rows as text.
pub fn console_text(app: &App, rect: Rect) -> Vec<String> {
    let Some(lab) = &app.lab else { return Vec::new() };
    let prompt = lab.session.prompt();
    let width = usize::from(rect.width.saturating_sub(4));
    let lines = panes::console::lines(&console(lab, &prompt), &ctx(app, false), width);
    lines.iter().map(ToString::to_string).collect()
}

/// The completion under a cell of the console.
pub fn console_choice_at(app: &App, rect: Rect, at: Position) -> Option<usize> {
    let lab = app.lab.as_ref()?;
    let prompt = lab.session.prompt();
    let inner = Rect {
        x: rect.x + 2,
        y: rect.y + 1,
        width: rect.width.saturating_sub(4),
        height: rect.height.saturating_sub(2),
    };
    let row = usize::from(at.y.checked_sub(inner.y)?);
    panes::console::choice_at(&console(lab, &prompt), inner, row, &ctx(app, false))
}

/// Of two sessions side by side, which one a pane belongs to.
fn session_letter(lab: &Lab, pane: Pane, ctx: &Ctx<'_>) -> Option<Span<'static>> {
    let side = match pane {
        Pane::Answer | Pane::Why => 0,
        Pane::OtherAnswer | Pane::OtherWhy => 1,
        _ => return None,
    };
    lab.view.other.as_ref()?;
    let style = if lab.side == side { ctx.theme.badge } else { ctx.theme.dim };
    Some(Span::styled(if side == 0 { " A " } else { " B " }, style))
}

fn title(lab: &Lab, pane: Pane, ctx: &Ctx<'_>, rect: Rect) -> Title {
    let mut title = title_of(lab, pane, ctx, rect);
    if lab.zoom == Some(pane) {
        title = title.hint(ctx, &ctx.key(Action::Zoom), "shows all panes");
    }
    let enter = ctx.keys.label(Context::List, Action::Open);
    title = match pane {
        Pane::Identities => title.below(ctx, &enter, "shows all"),
        Pane::Audit if !lab.view.audit.is_empty() => title.below(ctx, &enter, "opens the record"),
        Pane::Matrix => title.below(ctx, &enter, "goes in"),
        Pane::Storage => {
            let words = if ctx.expanded { "fewer bytes" } else { "all bytes" };
            title.below(ctx, &enter, "marks this moment").below(ctx, &ctx.key(Action::Why), words)
        }
        _ => title,
    };
    if let Some(letter) = session_letter(lab, pane, ctx) {
        title.left.insert(0, Span::raw(" "));
        title.left.insert(0, letter);
    }
    title
}

fn title_of(lab: &Lab, pane: Pane, ctx: &Ctx<'_>, rect: Rect) -> Title {
    let view = &lab.view;
    match pane {
        Pane::Identities => panes::identities::title(view, ctx),
        Pane::Policy if view.document.kind.is_empty() => Title::new(ctx, "Policy"),
        Pane::Policy => panes::policy::title(view, ctx, lab.typing),
        Pane::Task => panes::task::title(view, ctx),
        Pane::Answer => panes::answer::title(&view.answer, ctx),
        Pane::Storage => panes::storage::title(ctx, rect.width),
        Pane::Why | Pane::OtherWhy => panes::why::title(ctx),
        Pane::Audit => panes::audit::title(view, &lab.audit_filter, ctx),
        Pane::Matrix => panes::matrix::title(&view.matrix, ctx),
        Pane::Console => panes::console::title(&console(lab, ""), ctx),
        Pane::Keys => panes::keys::title(view, ctx),
        Pane::OtherAnswer => {
            view.other.as_ref().map_or_else(Title::default, |o| panes::answer::title(&o.answer, ctx))
        }
    }
}

fn pane_lines(lab: &Lab, pane: Pane, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let view = &lab.view;
    match pane {
        Pane::Identities => panes::identities::lines(view, ctx, width),
        Pane::Policy => lab.editor.lines().iter().map(|l| Line::from(l.clone())).collect(),
        Pane::Task => panes::task::lines(view, ctx, width),
        Pane::Answer => panes::answer::lines(&view.answer, ctx, width),
        Pane::Storage => panes::storage::lines(&view.storage, ctx, width),
        Pane::Why => panes::why::lines(&view.why, ctx, width),
        Pane::Audit => panes::audit::lines(&view.audit, lab.audit_selected, &lab.audit_filter, ctx, width),
        Pane::Matrix if view.matrix.columns.is_empty() => panes::matrix::nothing_yet(width, ctx),
        Pane::Matrix => {
            let everybody = panes::matrix::shown(&view.matrix, &Pick::default());
            panes::matrix::lines(&view.matrix, &everybody, None, ctx, width)
        }
        Pane::Console => panes::console::lines(&console(lab, &lab.session.prompt()), ctx, width),
        Pane::Keys => panes::keys::lines(view, lab.keys_selected, ctx, width),
        Pane::OtherAnswer => {
            view.other.as_ref().map_or_else(Vec::new, |o| panes::answer::lines(&o.answer, ctx, width))
        }
        Pane::OtherWhy => {
            view.other.as_ref().map_or_else(Vec::new, |o| panes::why::lines(&o.why, ctx, width))
        }
    }
}

/// For each line of the keys pane the row it belongs to.
pub fn key_owners(app: &App, rect: Rect) -> Vec<usize> {
    let Some(lab) = &app.lab else { return Vec::new() };
    let c = ctx(app, lab.focus == Pane::Keys);
    panes::keys::owners(&lab.view, lab.keys_selected, &c, usize::from(rect.width.saturating_sub(4)))
}

/// How many rows a pane holds in that rectangle.
pub fn pane_rows(app: &App, pane: Pane, rect: Rect) -> usize {
    let Some(lab) = &app.lab else { return 0 };
    let inner = Rect { width: rect.width.saturating_sub(4), height: rect.height.saturating_sub(2), ..rect };
    fitted(lab, pane, ctx(app, lab.focus == pane), inner).len()
}

/// The rows of the page on top, else of the focused pane, as text, and how many of them are on the screen.
pub fn rows_in_front(app: &App) -> Option<(Vec<String>, usize)> {
    let (lines, height) = if let Some(page) = overlays::page_in_front(app) {
        page
    } else {
        let lab = app.lab.as_ref()?;
        let rect = app.regions().pane(lab.focus)?;
        let inner =
            Rect { width: rect.width.saturating_sub(4), height: rect.height.saturating_sub(2), ..rect };
        (fitted(lab, lab.focus, ctx(app, true), inner), usize::from(inner.height))
    };
    Some((lines.iter().map(ToString::to_string).collect(), height))
}

/// The last row that the newest hint takes in the task pane.
pub fn last_hint_row(app: &App, rect: Rect) -> Option<usize> {
    let lab = app.lab.as_ref()?;
    let mut until_hint = lab.view.clone();
    until_hint.task.story.clear();
    until_hint.task.simplified.clear();
    let (c, width) = (ctx(app, false), usize::from(rect.width.saturating_sub(4)));
    let all = panes::task::lines(&lab.view, &c, width).len();
    let lines = panes::task::lines(&until_hint, &c, width);
    let squeezes = squeezes(Pane::Task, all, rect.height.saturating_sub(2));
    let lines = if squeezes { squeezed(lines) } else { lines };
    lines.len().checked_sub(1)
}

/// What the copy key takes: the page on top, else the focused pane, with a name for it.
pub fn copied(app: &App) -> Option<(String, String)> {
    if let Some((name, lines)) = overlays::page_text(app) {
        return Some((name, plain(&lines)));
    }
    let lab = app.lab.as_ref().filter(|_| !app.at_home)?;
    if lab.focus == Pane::Policy {
        return Some(("policy".into(), lab.editor.text()));
    }
    if lab.focus == Pane::Console {
        let typed = lab.session.typed().iter();
        let text: String =
            typed.flat_map(|t| [t.prompt.as_str(), t.text.as_str(), "\n", t.printed.as_str()]).collect();
        return Some(("console".into(), text));
    }
    let c = ctx(app, false);
    let lines = pane_lines(lab, lab.focus, &c, 120);
    Some((lab.focus.name().to_lowercase(), plain(&lines)))
}

fn plain(lines: &[Line<'_>]) -> String {
    lines.iter().map(|l| l.to_string().trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// The list's and the detail's rectangles.
fn home_parts(area: Rect) -> (Rect, Rect) {
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(3), ..area };
    if area.width >= 100 {
        let width = (area.width * 9 / 20).clamp(48, 72);
        (Rect { width, ..body }, Rect { x: body.x + width, width: body.width - width, ..body })
    } else {
        let height = body.height / 2;
        (Rect { height, ..body }, Rect { y: body.y + height, height: body.height - height, ..body })
    }
}

fn scenarios(app: &App) -> Vec<&ScenarioRow> {
    app.matching_scenarios().into_iter().filter_map(|i| app.library.get(i)).collect()
}

fn draw_home(app: &App, regions: &Regions, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let c = ctx(app, true);
    let width = usize::from(area.width);
    let left = vec![
        Span::styled(" kmslab ", theme.badge),
        Span::styled(" Break and fix key policies on a simulated AWS", theme.title),
    ];
    let course = app.library.iter().filter(|s| !s.is_free());
    let done = course.clone().filter(|s| s.progress.0 >= s.progress.1).count();
    let right = vec![Span::styled(format!("{done} of {} done ", course.count()), theme.dim)];
    draw_line(regions.get(Region::Header), panes::head::spread(left, right, width, &c).style(theme.bar), buf);
    let (list_area, detail_area) = home_parts(area);
    let list = scenarios(app);
    let mut title = Title::new(&c, "Scenarios");
    if app.home.searching || !app.home.filter.is_empty() {
        let caret = if app.home.searching { "_" } else { "" };
        title = title.about(&c, &format!("/{}{caret}", app.home.filter));
    } else {
        title = title.hint(&c, "/", "search");
    }
    let inner = panes::frame(list_area, buf, &c, title);
    let lines = panes::home::list(&list, app.home.selected, &c, usize::from(inner.width));
    panes::draw_lines(&lines, inner, home_scroll(app, inner.height), buf, &c);
    let quiet = ctx(app, false);
    let inner = panes::frame(detail_area, buf, &quiet, Title::new(&quiet, "About"));
    if let Some(s) = list.get(app.home.selected) {
        let is_last = app.home.last.as_deref() == Some(s.id.as_str());
        let lines = panes::home::detail(s, is_last, &quiet, usize::from(inner.width));
        let height = usize::from(inner.height);
        let mut lines = if lines.len() > height { squeezed(lines) } else { lines };
        // The last line says what the footer says, too.
        if lines.len() == height + 1 {
            lines.pop();
        }
        panes::draw_lines(&lines, inner, 0, buf, &quiet);
    }
    let note = match &app.toast {
        Some(toast) => panes::head::note(&super::data::LabView::default(), false, &c, Some(toast), width),
        None => Line::from(Span::styled(
            " Local, free and made up; the encryption and the decisions are real.",
            theme.dim,
        )),
    };
    draw_line(regions.get(Region::Note), note, buf);
    draw_line(regions.get(Region::Footer), footer(app, area), buf);
}

/// The list scrolls so that the selected row is on the screen.
fn home_scroll(app: &App, height: u16) -> usize {
    let rows = panes::home::rows(&scenarios(app));
    let at = rows.iter().position(|r| *r == panes::home::Row::Scenario(app.home.selected)).unwrap_or(0);
    (at + 2).saturating_sub(usize::from(height))
}

/// The scenario under a cell, as a number among those that match.
pub fn home_row_at(app: &App, at: Position) -> Option<usize> {
    let (list_area, _) = home_parts(app.area);
    let inner = Rect {
        x: list_area.x + 1,
        y: list_area.y + 1,
        width: list_area.width.saturating_sub(2),
        height: list_area.height.saturating_sub(2),
    };
    if !inner.contains(at) {
        return None;
    }
    let row = usize::from(at.y - inner.y) + home_scroll(app, inner.height);
    match panes::home::rows(&scenarios(app)).get(row) {
        Some(panes::home::Row::Scenario(i)) => Some(*i),
        _ => None,
    }
}
