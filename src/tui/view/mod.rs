//! Drawing: the app in, cells out. Nothing here changes anything.

mod footer;
mod home;
mod room;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Widget;

use super::app::{App, Screen};
use super::hot;
use super::keys::{Action, Context};
use super::lab_screen::LabScreen;
use super::layout::{self, Pane, Preset, Region, Regions};
use super::overlays::{self, Ground, Overlay, Question};
use super::panes::{self, Ctx, Title};
use super::sanitize::clean;
use super::shell::{Bar, Shell};
use super::text;
use crate::narration::{LabView, OtherSession};

use footer::footer;
use home::draw_home;
use room::{fitted, folded, squeezed, squeezes};

pub use home::{home_row_at, list_rows as home_rows};
pub use room::folded_identity_at;

/// Draws one frame.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    let cursor = draw(app, area, buf);
    hot::wipe(buf);
    if let Some(at) = cursor {
        frame.set_cursor_position(at);
    }
}

/// The key whose name is drawn at a cell: a click there presses it.
pub fn key_at(app: &App, at: Position) -> Option<KeyEvent> {
    let mut buf = Buffer::empty(app.shell.area);
    draw(app, app.shell.area, &mut buf);
    app.shell.keys.numbered(hot::number(buf.cell(at)?))
}

/// The scroll bar under a cell.
pub fn bar_at(app: &App, at: Position) -> Option<Bar> {
    let mut buf = Buffer::empty(app.shell.area);
    draw(app, app.shell.area, &mut buf);
    let number = |y: u16| buf.cell((at.x, y)).map_or(0, hot::number);
    let on_bar = |y: &u16| number(*y) >= hot::TRACK;
    let rows = (at.y..app.shell.area.bottom()).take_while(on_bar).count();
    let above = (app.shell.area.y..at.y).rev().take_while(on_bar).count();
    let (rows, above) = (u16::try_from(rows).ok()?, u16::try_from(above).ok()?);
    let track = Rect { x: at.x, y: at.y - above, width: 1, height: above + rows };
    let thumb: Vec<u16> = (track.top()..track.bottom()).filter(|y| number(*y) == hot::THUMB).collect();
    let grip = thumb.iter().position(|y| *y == at.y).and_then(|row| u16::try_from(row).ok());
    (rows > 0).then_some(Bar { track, thumb: u16::try_from(thumb.len()).ok()?, grip })
}

/// What overlays are drawn over and made of, besides themselves.
pub fn ground(app: &App) -> Ground<'_> {
    Ground { lab: app.lab(), area: app.shell.area, ctx: ctx(&app.shell, true) }
}

/// The rectangle of the topmost overlay.
pub fn overlay_rect(app: &App) -> Option<Rect> {
    app.shell.overlays.last().map(|overlay| overlay.rect(&ground(app)))
}

/// Draws everything, the names of keys with their numbers; answers where the cursor is.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    buf.set_style(area, app.shell.theme.screen);
    let regions = match &app.screen {
        Screen::Home => layout::home(area),
        Screen::Lab(lab) => lab.regions(area),
    };
    if regions.too_small {
        too_small(app, area, buf);
        return None;
    }
    let cursor = match &app.screen {
        Screen::Home => {
            draw_home(app, &regions, area, buf);
            None
        }
        Screen::Lab(lab) => match &lab.present {
            Some(present) => {
                let c = ctx(&app.shell, false);
                let body = Rect { height: area.height.saturating_sub(2), ..area };
                panes::present::draw(body, buf, &c, &lab.view, lab.editor.lines(), present);
                let note = idle(app).unwrap_or_else(|| panes::present::note(app.shell.said(), area, &c));
                draw_line(regions.get(Region::Note), note, buf);
                draw_line(regions.get(Region::Footer), footer(app, area), buf);
                None
            }
            None => draw_lab(app, lab, &regions, buf),
        },
    };
    let over = overlays::draw(&app.shell.overlays, buf, &Ground { area, ..ground(app) });
    over.or(cursor.filter(|_| app.shell.overlays.is_empty()))
}

/// What everything drawn may look at besides its data; folded detail is not shown.
pub fn ctx(shell: &Shell, focused: bool) -> Ctx<'_> {
    let Shell { theme, glyphs, keys, flash, .. } = shell;
    Ctx { theme, glyphs, keys, focused, expanded: false, flash: flash.as_ref() }
}

/// What the panes of a lab may look at besides their data.
pub fn lab_ctx<'a>(lab: &LabScreen, shell: &'a Shell, focused: bool) -> Ctx<'a> {
    Ctx { expanded: lab.expanded, ..ctx(shell, focused) }
}

/// The key that was pressed last does nothing here.
fn idle(app: &App) -> Option<Line<'static>> {
    let key = app.shell.idle_key.as_ref()?;
    let c = ctx(&app.shell, false);
    let help = app.shell.keys.label(app.context(), Action::Help);
    let (way, what) = if help.is_empty() {
        (app.shell.keys.label(Context::List, Action::Back), " closes this")
    } else {
        (help, " lists the keys")
    };
    let mut spans =
        vec![Span::styled(format!(" {} does nothing here {} ", clean(key), c.glyphs.dot), c.theme.dim)];
    spans.extend(c.key_words(&way, what, c.theme.dim));
    Some(Line::from(spans))
}

fn too_small(app: &App, area: Rect, buf: &mut Buffer) {
    let (w, h) = layout::SMALLEST;
    let words = match app.shell.overlays.last() {
        Some(Overlay::Confirm(question @ Question::Quit)) => {
            let ask = question.ask(app.lab().is_some_and(|lab| lab.session.is_kept()));
            text::wrap(&format!("{ask} y or n"), usize::from(area.width), app.shell.theme.text)
        }
        _ => [
            format!("kmslab needs {w}x{h}"),
            format!("this is {}x{}", area.width, area.height),
            "80x24 is comfortable".to_owned(),
            format!("{} leaves", app.shell.keys.label(Context::Lab, Action::ForceQuit)),
        ]
        .into_iter()
        .map(|words| Line::from(Span::styled(words, app.shell.theme.text)))
        .collect(),
    };
    Text::from(words).render(area, buf);
}

fn draw_line(rect: Option<Rect>, line: Line<'_>, buf: &mut Buffer) {
    if let Some(rect) = rect {
        buf.set_style(rect, line.style);
        line.render(rect, buf);
    }
}

fn draw_lab(app: &App, lab: &LabScreen, regions: &Regions, buf: &mut Buffer) -> Option<Position> {
    let width = usize::from(buf.area().width);
    let plain = lab_ctx(lab, &app.shell, false);
    let layout = Some(lab.preset).filter(|preset| *preset != Preset::Learn).map(Preset::name);
    draw_line(regions.get(Region::Header), panes::head::header(&lab.view, layout, &plain, width), buf);
    let note = if let Some(idle) = idle(app) {
        idle
    } else if regions.cramped && app.shell.toast.is_none() && !lab.view.dirty {
        Line::from(Span::styled(" small screen: 80x24 or larger shows more", app.shell.theme.dim))
    } else {
        panes::head::note(&lab.view, lab.place(), &plain, app.shell.toast.as_ref(), width)
    };
    draw_line(regions.get(Region::Note), note, buf);
    draw_line(regions.get(Region::Footer), footer(app, *buf.area()), buf);
    let mut cursor = None;
    let panes = || {
        regions.parts().iter().filter_map(|(region, rect)| match region {
            Region::Pane(pane) => Some((*pane, rect)),
            _ => None,
        })
    };
    // Neighbours share a line: the focused pane draws it last, and titles stand on all of them.
    let (focused, others): (Vec<_>, Vec<_>) = panes().partition(|(pane, _)| *pane == lab.focus);
    for (pane, rect) in others.into_iter().chain(focused) {
        panes::shared_border(*rect, buf, &lab_ctx(lab, &app.shell, lab.focus == pane));
    }
    for (region, rect) in regions.parts() {
        if let Region::Folded(pane) = *region {
            draw_line(Some(*rect), folded(lab, pane, &plain, usize::from(rect.width)), buf);
        }
    }
    for (pane, rect) in panes() {
        let c = lab_ctx(lab, &app.shell, lab.focus == pane);
        let mut title = title(lab, pane, &c, *rect);
        if regions.stack.contains(&pane) {
            title.left = tabs(&regions.stack, pane, &c, std::mem::take(&mut title.left));
            // The tabs take the room, but this must not go unsaid.
            if pane == Pane::Storage {
                title = title.right(&c, "no API returns this");
            }
        }
        if pane == Pane::Policy && lab.view.document.kind.is_empty() {
            let inner = panes::heading(*rect, buf, &c, title);
            let words = "No policy yet: that of the first key or user appears here.";
            let lines = super::text::wrap(words, usize::from(inner.width), app.shell.theme.dim);
            panes::draw_lines(&lines, inner, 0, buf, &c);
        } else if pane == Pane::Policy {
            cursor =
                panes::policy::draw(*rect, buf, &c, &lab.view, &lab.editor, lab.typing, title).or(cursor);
        } else if pane == Pane::Console {
            let inner = panes::heading(*rect, buf, &c, title);
            let prompt = lab.session.lab().prompt();
            cursor = panes::console::draw(&console(lab, &prompt), inner, buf, &c).or(cursor);
        } else {
            let inner = panes::heading(*rect, buf, &c, title);
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
        // A name beside names: the sign says that it is none of the panes.
        out.push(Span::styled(format!("{} ", ctx.glyphs.marker), ctx.theme.dim));
        out.extend(own.into_iter().skip(2));
    } else {
        out.pop();
    }
    out
}

/// What the console draws.
fn console<'a>(lab: &'a LabScreen, prompt: &'a str) -> panes::console::ConsoleView<'a> {
    panes::console::ConsoleView {
        typed: lab.session.lab().transcript().shown(),
        prompt,
        line: &lab.console.line,
        typing: lab.console.typing,
        back: lab.console.back,
    }
}

/// How many rows the console has.
pub fn console_rows(lab: &LabScreen, shell: &Shell, rect: Rect) -> usize {
    let prompt = lab.session.lab().prompt();
    let width = usize::from(rect.width.saturating_sub(4));
    panes::console::rows(&console(lab, &prompt), width, &ctx(shell, false))
}

/// The console's rows as text.
pub fn console_text(lab: &LabScreen, shell: &Shell, rect: Rect) -> Vec<String> {
    let prompt = lab.session.lab().prompt();
    let width = usize::from(rect.width.saturating_sub(4));
    let lines = panes::console::lines(&console(lab, &prompt), &ctx(shell, false), width);
    lines.iter().map(ToString::to_string).collect()
}

/// The completion under a cell of the console.
pub fn console_choice_at(lab: &LabScreen, shell: &Shell, rect: Rect, at: Position) -> Option<usize> {
    let prompt = lab.session.lab().prompt();
    let inner = Rect {
        x: rect.x + 2,
        y: rect.y + 1,
        width: rect.width.saturating_sub(4),
        height: rect.height.saturating_sub(2),
    };
    let row = usize::from(at.y.checked_sub(inner.y)?);
    panes::console::choice_at(&console(lab, &prompt), inner, row, &ctx(shell, false))
}

/// Of two sessions side by side, which one a pane belongs to.
fn session_letter(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>) -> Option<Span<'static>> {
    let side = panes::side_of(pane)?;
    lab.view.other.as_ref()?;
    let style = if lab.side == side { ctx.theme.badge } else { ctx.theme.dim };
    Some(Span::styled(if side == 0 { " A " } else { " B " }, style))
}

fn title(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>, rect: Rect) -> Title {
    let mut title = title_of(lab, pane, ctx, rect);
    if lab.zoom == Some(pane) {
        title = title.hint(ctx, &ctx.key(Action::Zoom), "shows all panes");
    }
    if let Some(letter) = session_letter(lab, pane, ctx) {
        title.left.insert(0, Span::raw(" "));
        title.left.insert(0, letter);
    }
    title
}

fn title_of(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>, rect: Rect) -> Title {
    let view = &lab.view;
    match pane {
        Pane::Identities => panes::identities::title(view, ctx, rect.width),
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
            let title = |o: &OtherSession| panes::answer::title(&o.answer, ctx);
            view.other.as_ref().map_or_else(Title::default, title)
        }
    }
}

fn pane_lines(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let view = &lab.view;
    match pane {
        Pane::Identities => panes::identities::lines(view, ctx, width),
        Pane::Policy => lab.editor.lines().iter().map(|l| Line::from(l.clone())).collect(),
        Pane::Task => panes::task::lines(view, ctx, width),
        Pane::Answer => panes::answer::lines(&view.answer, ctx, width),
        Pane::Storage => panes::storage::lines(&view.storage, ctx, width),
        Pane::Why => panes::why::of_answer(&view.answer, &view.why, ctx, width),
        Pane::Audit => panes::audit::lines(&view.audit, lab.audit_selected, &lab.audit_filter, ctx, width),
        Pane::Matrix if view.matrix.columns.is_empty() => panes::matrix::nothing_yet(width, ctx),
        Pane::Matrix => {
            let everybody = panes::matrix::shown(&view.matrix, &panes::matrix::Pick::default());
            panes::matrix::lines(&view.matrix, &everybody, None, ctx, width)
        }
        Pane::Console => panes::console::lines(&console(lab, &lab.session.lab().prompt()), ctx, width),
        Pane::Keys => panes::keys::lines(view, lab.keys_selected, ctx, width),
        Pane::OtherAnswer => {
            view.other.as_ref().map_or_else(Vec::new, |o| panes::answer::lines(&o.answer, ctx, width))
        }
        Pane::OtherWhy => view
            .other
            .as_ref()
            .map_or_else(Vec::new, |o| panes::why::of_answer(&o.answer, &o.why, ctx, width)),
    }
}

/// For each line of the keys pane the row it belongs to.
pub fn key_owners(lab: &LabScreen, shell: &Shell, rect: Rect) -> Vec<usize> {
    let c = lab_ctx(lab, shell, lab.focus == Pane::Keys);
    panes::keys::owners(&lab.view, lab.keys_selected, &c, usize::from(rect.width.saturating_sub(4)))
}

/// How many rows a pane holds in that rectangle.
pub fn pane_rows(lab: &LabScreen, shell: &Shell, pane: Pane, rect: Rect) -> usize {
    let inner = Rect { width: rect.width.saturating_sub(4), height: rect.height.saturating_sub(2), ..rect };
    fitted(lab, pane, lab_ctx(lab, shell, lab.focus == pane), inner).len()
}

/// The rows of the page on top, else of the focused pane, as text, and how many of them are on the screen.
pub fn rows_in_front(lab: &LabScreen, shell: &Shell) -> Option<(Vec<String>, usize)> {
    let (lines, height) = if let Some(Overlay::Page(page)) = shell.overlays.last() {
        page.in_front(&Ground { lab: Some(lab), area: shell.area, ctx: ctx(shell, true) })
    } else {
        let rect = lab.regions(shell.area).pane(lab.focus)?;
        let inner =
            Rect { width: rect.width.saturating_sub(4), height: rect.height.saturating_sub(2), ..rect };
        (fitted(lab, lab.focus, lab_ctx(lab, shell, true), inner), usize::from(inner.height))
    };
    Some((lines.iter().map(ToString::to_string).collect(), height))
}

/// The rows that the newest hint takes in the task pane; without hints, those that what is said of a mistake takes.
pub fn said_rows(lab: &LabScreen, shell: &Shell, rect: Rect, hints: bool) -> Option<std::ops::Range<usize>> {
    let (c, width) = (lab_ctx(lab, shell, false), usize::from(rect.width.saturating_sub(4)));
    let all = panes::task::lines(&lab.view, &c, width).len();
    let squeezes = squeezes(Pane::Task, all, rect.height.saturating_sub(2));
    let rows = |view: &LabView| {
        let lines = panes::task::lines(view, &c, width);
        if squeezes { squeezed(lines).len() } else { lines.len() }
    };
    let mut view = lab.view.clone();
    view.task.story.clear();
    view.task.simplified.clear();
    view.task.earlier.clear();
    // Where it stands below what is said, it takes no rows above it.
    if view.task.predictions.iter().any(|p| p.outcome.is_some()) {
        view.task.before.clear();
    }
    if !hints {
        view.task.hints.clear();
    }
    let end = rows(&view);
    if hints {
        view.task.hints.pop()?;
    } else {
        view.task.feedback.take()?;
    }
    Some(rows(&view)..end)
}

/// What the copy key takes: the page on top, else the focused pane, with a name for it.
pub fn copied(app: &App) -> Option<(String, String)> {
    let copied = app.shell.overlays.last().and_then(|top| top.copied(&ground(app)));
    if let Some((name, lines)) = copied {
        return Some((name, plain(&lines)));
    }
    let lab = app.lab()?;
    if lab.focus == Pane::Policy {
        return Some(("policy".into(), lab.editor.text()));
    }
    if lab.focus == Pane::Console {
        let typed = lab.session.lab().transcript().shown().iter();
        let text: String =
            typed.flat_map(|t| [t.prompt.as_str(), t.text.as_str(), "\n", t.printed.as_str()]).collect();
        return Some(("console".into(), text));
    }
    let c = lab_ctx(lab, &app.shell, false);
    let lines = pane_lines(lab, lab.focus, &c, 120);
    Some((lab.focus.name().to_lowercase(), plain(&lines)))
}

fn plain(lines: &[Line<'_>]) -> String {
    lines.iter().map(|l| l.to_string().trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
