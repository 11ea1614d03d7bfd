//! Drawing: the app in, cells out. Nothing here changes anything.

mod common;
mod footer;
mod home;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Widget;

use super::app::{App, Screen};
use super::click_targets;
use super::flash::Flash;
use super::keys::{Action, Context};
use super::lab_screen::LabScreen;
use super::layout::{self, Pane, Preset, Region, Regions, StageRows};
use super::overlays::menu::MenuKind;
use super::overlays::{self, Ground, Overlay, PageKind, Purpose, Question, Standing};
use super::panes::pane::{Room, Tab};
use super::panes::table::{fitted, folded, view_of};
use super::panes::{self, Ctx, Title};
use super::shell::{Bar, Shell};
use super::text;
use super::theme::ThemeName;
use crate::narration::{Next, keeping};

use common::{draw_line, idle};
use footer::footer;
use home::draw_home;

pub use common::{ctx, lab_ctx};
pub use home::{home_row_at, list_rows as home_rows};

/// Draws the app into one frame.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    let cursor = draw(app, area, buf);
    click_targets::wipe(buf);
    if let Some(at) = cursor {
        frame.set_cursor_position(at);
    }
}

/// The key whose name is drawn at a cell: a click there presses it.
pub fn key_at(app: &App, at: Position) -> Option<KeyEvent> {
    let mut buf = Buffer::empty(app.shell.area);
    draw(app, app.shell.area, &mut buf);
    app.shell.keys.numbered(click_targets::number(buf.cell(at)?))
}

/// The scroll bar under a cell.
pub fn bar_at(app: &App, at: Position) -> Option<Bar> {
    let mut buf = Buffer::empty(app.shell.area);
    draw(app, app.shell.area, &mut buf);
    let number = |y: u16| buf.cell((at.x, y)).map_or(0, click_targets::number);
    let on_bar = |y: &u16| number(*y) >= click_targets::TRACK;
    let rows = (at.y..app.shell.area.bottom()).take_while(on_bar).count();
    let above = (app.shell.area.y..at.y).rev().take_while(on_bar).count();
    let (rows, above) = (u16::try_from(rows).ok()?, u16::try_from(above).ok()?);
    let track = Rect { x: at.x, y: at.y - above, width: 1, height: above + rows };
    let thumb: Vec<u16> =
        (track.top()..track.bottom()).filter(|y| number(*y) == click_targets::THUMB).collect();
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

fn too_small(app: &App, area: Rect, buf: &mut Buffer) {
    let (w, h) = layout::SMALLEST;
    let words = match app.shell.overlays.last() {
        Some(Overlay::Confirm(question @ Question::Quit)) => {
            let ask = question.ask(&Standing::of(app.lab(), &app.shell.keys));
            let mut lines =
                text::wrap(&format!("{ask} y or n"), usize::from(area.width), app.shell.theme.text);
            // The question itself stands at the end.
            lines.drain(..lines.len().saturating_sub(usize::from(area.height)));
            lines
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

fn draw_lab(app: &App, lab: &LabScreen, regions: &Regions, buf: &mut Buffer) -> Option<Position> {
    let width = usize::from(buf.area().width);
    let plain = lab_ctx(lab, &app.shell, false);
    let layout = Some(lab.preset).filter(|preset| *preset != Preset::Learn).map(Preset::name);
    let unkept = lab.session.unkept().as_ref().map(keeping::mark);
    let port = app.shell.port.as_ref().map(|port| port.address.as_str());
    let header = panes::head::header(&lab.view, layout, unkept.as_deref(), port, &plain, width);
    draw_line(regions.get(Region::Header), header, buf);
    let note = if let Some(idle) = idle(app) {
        idle
    } else if says_own_words(&app.shell) {
        panes::head::own_words(&plain)
    } else if fills_cells(&app.shell) && app.shell.toast.is_none() {
        panes::head::filling(&plain)
    } else if answers(&app.shell) && app.shell.toast.is_none() {
        panes::head::answering(&plain)
    } else if let Some(step) = marked_step(&app.shell).filter(|_| app.shell.toast.is_none()) {
        panes::head::comparing(step, &plain)
    } else if !app.shell.overlays.is_empty() && app.shell.toast.is_none() {
        panes::head::behind(&plain)
    } else if regions.cramped && app.shell.toast.is_none() && !lab.view.dirty {
        Line::from(Span::styled(" small screen: 80x24 or larger shows more", app.shell.theme.dim))
    } else {
        let open = lab.console.line.open();
        let dropped = dropped(lab, regions);
        panes::head::note(&lab.view, lab.place(), open, &dropped, &plain, app.shell.toast.as_ref(), width)
    };
    draw_line(regions.get(Region::Note), note, buf);
    draw_line(regions.get(Region::Footer), footer(app, *buf.area()), buf);
    if let Some(rect) = regions.get(Region::Task) {
        let low = !is_roomy(*buf.area());
        let next = next_key(lab, &app.shell);
        let lines = panes::stage::task_rows(&lab.view, next, lab.place(), lab.hint, low, &plain, width);
        panes::draw_rows(&lines, rect, 0, buf);
    }
    if let Some(rect) = regions.get(Region::Path) {
        let lines = panes::path::path_rows(&lab.view, &plain, width, path_room(*buf.area(), &app.shell));
        panes::draw_rows(&lines, rect, 0, buf);
    }
    let mut cursor = None;
    // Neighbours share a line: the focused pane draws it last, and titles stand on all of them.
    let (focused, others): (Vec<_>, Vec<_>) = regions.on_screen().partition(|(pane, _)| *pane == lab.focus);
    for (pane, rect) in others.into_iter().chain(focused) {
        panes::shared_border(rect, buf, &lab_ctx(lab, &app.shell, lab.focus == pane));
    }
    for (region, rect) in regions.parts() {
        if let Region::Folded(pane) = *region {
            let c = lab_ctx(lab, &app.shell, lab.focus == pane);
            draw_line(Some(*rect), folded(lab, pane, &c, usize::from(rect.width)), buf);
        }
    }
    for (pane, rect) in regions.on_screen() {
        let c = lab_ctx(lab, &app.shell, lab.focus == pane);
        cursor = draw_pane(lab, pane, rect, &regions.stack, buf, &c).or(cursor);
    }
    if lab.view.head.guided {
        for (_, rect) in regions.on_screen().filter(|(pane, _)| !needed(lab, *pane)) {
            dim(rect, app, buf);
        }
    }
    if let Some(turn) = app.shell.flash.as_ref().and_then(Flash::turn) {
        panes::flip::draw(lab.panes_rect(*buf.area()).unwrap_or_default(), buf, &plain, turn, &lab.view);
    }
    cursor
}

/// Dims a part of the screen. Of the sixteen colours a dimmed one vanishes on a light ground: where the ground may be
/// light, only words without a colour are dimmed.
fn dim(rect: Rect, app: &App, buf: &mut Buffer) {
    let keeps_colours = app.shell.theme.name == ThemeName::Ansi && app.shell.light != Some(false);
    for at in rect.intersection(buf.area).positions() {
        let cell = &mut buf[at];
        if !keeps_colours || cell.fg == Color::Reset {
            cell.modifier.insert(Modifier::DIM);
        }
    }
}

/// Whether the learner is typing their own words: a letter is a letter then.
fn says_own_words(shell: &Shell) -> bool {
    matches!(shell.overlays.last(), Some(Overlay::Path(input)) if input.purpose == Purpose::Words)
}

/// Whether an answer to the open question is being chosen.
fn answers(shell: &Shell) -> bool {
    matches!(shell.overlays.last(), Some(Overlay::Menu(menu)) if menu.kind == MenuKind::Predict)
}

/// The number of the step that is marked in the timeline, to be compared with another one.
fn marked_step(shell: &Shell) -> Option<usize> {
    let Some(Overlay::Menu(menu)) = shell.overlays.last() else { return None };
    menu.marked.and_then(|row| menu.step(row)).map(|step| step.point.position)
}

/// Whether the cells of a grid are being filled.
fn fills_cells(shell: &Shell) -> bool {
    matches!(shell.overlays.last(), Some(Overlay::Cells(_)))
}

/// What is named as the next key.
fn next_key<'l>(lab: &'l LabScreen, shell: &Shell) -> Option<&'l Next> {
    lab.view.next.as_ref().filter(|_| !says_own_words(shell))
}

/// Whether a pane is needed for what comes next, where the screen leads by the hand.
fn needed(lab: &LabScreen, pane: Pane) -> bool {
    let editing = matches!(
        lab.view.next,
        Some(Next::Insert | Next::Edit | Next::Change | Next::TakeOut(_) | Next::Mend | Next::Apply)
    );
    match pane {
        Pane::Policy => editing,
        Pane::Answer => lab.ran && !editing,
        Pane::Identities
        | Pane::Story
        | Pane::OtherAnswer
        | Pane::Console
        | Pane::Keys
        | Pane::Storage
        | Pane::Why
        | Pane::OtherWhy
        | Pane::Audit
        | Pane::Matrix => false,
    }
}

/// Whether the way of the call has room for lines around it.
fn is_roomy(area: Rect) -> bool {
    area.height >= 28
}

/// The names of the panes that two sessions side by side have on a large screen, and for which there is no room on this one.
fn dropped(lab: &LabScreen, regions: &Regions) -> Vec<&'static str> {
    let has_place = |pane: &Pane| {
        let places = [Region::Pane(*pane), Region::Folded(*pane)];
        places.iter().any(|place| regions.get(*place).is_some()) || lab.hidden.contains(pane)
    };
    let compares = lab.preset == Preset::Compare && lab.zoom.is_none();
    let all = layout::compared().into_iter().filter(|pane| compares && !has_place(pane));
    all.map(Pane::name).collect()
}

/// Whether the scenario's end is on the screen: what was learned, or the learner's own words before that.
fn is_at_end(shell: &Shell) -> bool {
    shell.overlays.iter().any(|overlay| match overlay {
        Overlay::Page(page) => matches!(page.kind, PageKind::Card(_)),
        Overlay::Path(input) => input.purpose == Purpose::Words,
        Overlay::Menu(_)
        | Overlay::Matrix(_)
        | Overlay::Cells(_)
        | Overlay::Confirm(_)
        | Overlay::Search(_) => false,
    })
}

/// How much room the way of the call has. Beside the lesson no verdict shouts.
fn path_room(area: Rect, shell: &Shell) -> panes::path::Room {
    match is_roomy(area) {
        true if layout::is_large(area) && !is_at_end(shell) => panes::path::Room::Much,
        true => panes::path::Room::Some,
        false => panes::path::Room::Little,
    }
}

/// How many rows the task and the way of the watched call take on a screen of that size.
pub fn stage_rows(lab: &LabScreen, shell: &Shell) -> StageRows {
    let (ctx, width) = (lab_ctx(lab, shell, false), usize::from(shell.area.width));
    let rows = |lines: Vec<Line<'_>>| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    StageRows {
        task: rows(panes::stage::task_rows(
            &lab.view,
            next_key(lab, shell),
            lab.place(),
            lab.hint,
            !is_roomy(shell.area),
            &ctx,
            width,
        )),
        path: rows(panes::path::path_rows(&lab.view, &ctx, width, path_room(shell.area, shell))),
    }
}

/// Draws what stands in a pane's frame, and its title; returns where the cursor is.
fn draw_pane(
    lab: &LabScreen,
    pane: Pane,
    rect: Rect,
    stack: &[Pane],
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
) -> Option<Position> {
    let view = view_of(pane);
    let mut title = title(lab, pane, ctx, rect);
    if stack.contains(&pane) {
        let gap = layout::tab_gap(stack, rect.width);
        title.left = tabs(stack, pane, gap, ctx, std::mem::take(&mut title.left));
        if let Tab::Words(words) = view.tab {
            title = title.right(ctx, words);
        }
    }
    let inner = panes::heading(rect, buf, ctx, title);
    if let Some(draw) = view.draw {
        return draw(lab, [rect, inner], buf, ctx);
    }
    let mut lines = fitted(lab, Room { pane, rect, ctx: *ctx });
    let rows = (view.scrolling)(lab).unwrap_or(lines.len());
    let body = lines.split_off(lines.len().saturating_sub(rows));
    let head = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(inner.height);
    panes::draw_lines(&lines, Rect { height: head, ..inner }, 0, buf, ctx);
    let inner = Rect { y: inner.y + head, height: inner.height - head, ..inner };
    panes::draw_lines(&body, inner, lab.scroll_of(pane), buf, ctx);
    None
}

/// The names of the panes that share a place, the one on top bold, then what that one says of itself.
fn tabs(stack: &[Pane], top: Pane, gap: usize, ctx: &Ctx<'_>, own: Vec<Span<'static>>) -> Vec<Span<'static>> {
    let mut out = Vec::new();
    for pane in stack {
        let style = if *pane == top { ctx.theme.title } else { ctx.theme.dim };
        out.push(Span::styled(pane.name(), style));
        out.push(Span::raw(" ".repeat(gap)));
    }
    // The pane's own name is in the tabs; what it is about may be worth the room.
    let mut about = own.into_iter().skip(1).skip_while(|span| span.content.trim().is_empty());
    match about.next().filter(|_| view_of(top).tab == Tab::Subject) {
        Some(first) => {
            // A name beside names: the sign says that it is none of the panes.
            out.push(Span::styled(format!("{} ", ctx.glyphs.marker), ctx.theme.dim));
            out.push(Span::styled(first.content.trim_start().to_owned(), first.style));
            out.extend(about);
        }
        None => {
            out.pop();
        }
    }
    out
}

/// The console's rows as text.
pub fn console_text(lab: &LabScreen, shell: &Shell, rect: Rect) -> Vec<String> {
    let width = usize::from(rect.width.saturating_sub(4));
    let lines = (view_of(Pane::Console).lines)(lab, &ctx(shell, false), width);
    lines.iter().map(ToString::to_string).collect()
}

/// The identity under a cell of the line that shows everybody.
pub fn folded_identity_at(lab: &LabScreen, shell: &Shell, rect: Rect, at: Position) -> Option<usize> {
    let (_, cells) = panes::identities::folded(&lab.view, &ctx(shell, false), usize::from(rect.width));
    let x = usize::from(at.x.checked_sub(rect.x)?);
    cells.iter().position(|cells| cells.contains(&x))
}

/// Of two sessions side by side, which one a pane belongs to.
fn session_letter(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>) -> Option<Span<'static>> {
    let side = panes::side_of(pane)?;
    lab.view.other.as_ref()?;
    let style = if lab.side == side { ctx.theme.badge } else { ctx.theme.dim };
    Some(Span::styled(if side == 0 { " A " } else { " B " }, style))
}

fn title(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>, rect: Rect) -> Title {
    let mut title = (view_of(pane).title)(lab, ctx, rect);
    if lab.zoom == Some(pane) {
        title = title.hint(ctx, &ctx.key(Action::Zoom), "shows all panes");
    }
    if lab.pinned.contains(&pane) {
        if !title.firm.is_empty() {
            title.firm.push(Span::raw("  "));
        }
        title.firm.push(Span::styled("pinned", ctx.theme.badge));
        title = title.hint(ctx, &ctx.key(Action::Pin), "lets it go");
    }
    if let Some(letter) = session_letter(lab, pane, ctx) {
        title.left.insert(0, Span::raw(" "));
        title.left.insert(0, letter);
    }
    title
}

/// The rows of the page on top, else of the focused pane, as text, and how many of them are on the screen.
pub fn rows_in_front(lab: &LabScreen, shell: &Shell) -> Option<(Vec<String>, usize)> {
    let (lines, height) = if let Some(Overlay::Page(page)) = shell.overlays.last() {
        page.in_front(&Ground { lab: Some(lab), area: shell.area, ctx: ctx(shell, true) })
    } else {
        let rect = lab.regions(shell.area).pane(lab.focus)?;
        let room = Room { pane: lab.focus, rect, ctx: lab_ctx(lab, shell, true) };
        (fitted(lab, room), room.height())
    };
    Some((lines.iter().map(ToString::to_string).collect(), height))
}

/// What the copy key takes: the page on top, else the focused pane, with a name for it.
pub fn copied(app: &App) -> Option<(String, String)> {
    let copied = app.shell.overlays.last().and_then(|top| top.copied(&ground(app)));
    if let Some((name, lines)) = copied {
        return Some((name, plain(&lines)));
    }
    let lab = app.lab()?;
    let view = view_of(lab.focus);
    if let Some(copied) = view.copied {
        return Some(copied(lab));
    }
    let lines = (view.lines)(lab, &lab_ctx(lab, &app.shell, false), 120);
    Some((lab.focus.name().to_lowercase(), plain(&lines)))
}

fn plain(lines: &[Line<'_>]) -> String {
    lines.iter().map(|l| l.to_string().trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
