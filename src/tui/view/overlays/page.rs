//! Pages: lines to read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{cast, inside, rect_of};
use crate::narration::diff::{self, Row};
use crate::narration::{self, CallStatus, Comparison};
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::centered;
use crate::tui::overlay::{Overlay, Page, PageKind};
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::sanitize::clean;
use crate::tui::shell::Shell;
use crate::tui::text;

/// The page's name and lines.
pub fn page_name(app: &App, page: &Page) -> String {
    match &page.kind {
        PageKind::Diff => "Draft against applied".into(),
        PageKind::Record(i) => app
            .lab()
            .and_then(|l| l.view.audit.get(*i))
            .map_or_else(|| "Record".into(), |r| format!("{} {}", r.time, r.event)),
        PageKind::Decisions(point) => {
            let steps = app.lab().into_iter().flat_map(|l| &l.view.steps);
            let step = steps.into_iter().find(|step| step.point == *point);
            step.map_or_else(|| "Decisions".into(), |s| format!("Decisions: {} by {}", s.what, s.who))
        }
        PageKind::WhoCan(action, target) => format!("Who can {action}: {}", target.label),
        PageKind::Refused(refusal) => refusal.title.clone(),
        PageKind::Everybody => match app.lab().map(|l| l.view.answer.call.as_str()) {
            Some(call) if !call.is_empty() => format!("Identities: {}", clean(call)),
            _ => "Identities".into(),
        },
        PageKind::Comparison(comparison) => comparison.title.clone(),
        PageKind::Version(row) => {
            let version = app.lab().and_then(|l| narration::versions(l.session.lab()).into_iter().nth(*row));
            version.map_or_else(
                || "Version".into(),
                |(_, v)| format!("The draft against {} by {}", v.time, v.who),
            )
        }
        PageKind::Cell(row, column) => {
            let matrix = app.lab().map(|l| &l.view.matrix);
            let who = matrix.and_then(|m| m.rows.get(*row)).map(|r| r.0.clone()).unwrap_or_default();
            let what = matrix.and_then(|m| m.columns.get(*column)).cloned().unwrap_or_default();
            format!("{who}: {what}")
        }
    }
}

pub fn page_lines(lab: Option<&LabScreen>, page: &Page, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
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
    let Some(lab) = lab else { return Vec::new() };
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
                    out.push(Line::from(ctx.key_words(&key, " copies this command", theme.dim).to_vec()));
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
        PageKind::Version(row) => match narration::versions(lab.session.lab()).into_iter().nth(*row) {
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
            panes::why::lines(&narration::decisions_at(lab.session.lab(), *point), &all, width)
        }
        PageKind::Everybody => panes::identities::whole(&lab.view, ctx, width),
        // Needs no lab: it is above.
        PageKind::Refused(_) => Vec::new(),
        PageKind::WhoCan(action, target) => {
            who_can_lines(&narration::who_can(lab.session.lab(), action, target), ctx, width)
        }
        PageKind::Cell(row, column) => {
            let steps = lab.session.explain_cell(lab.matrix_subject, *row, *column);
            let all = Ctx { expanded: true, ..*ctx };
            panes::why::lines(&steps, &all, width)
        }
    }
}

fn who_can_lines(rows: &[(String, CallStatus, String)], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let name = rows.iter().map(|r| text::width(&clean(&r.0))).max().unwrap_or(8).clamp(8, 40);
    let allowed = rows.iter().filter(|r| r.1 == CallStatus::Allowed).count();
    let mut out = vec![
        Line::from(Span::styled(format!("{allowed} of {} principals may", rows.len()), theme.title)),
        Line::default(),
    ];
    // Reasons stand beside the names if there is room for words, else under them.
    let beside = width >= name + 4 + 24;
    for (who, verdict, why) in rows {
        let who = clean(who);
        let who = if beside { text::pad(&who, name, ctx.glyphs.ellipsis) } else { who.into_owned() };
        let mut line = vec![ctx.symbol(*verdict), Span::raw(" "), Span::styled(who, theme.text)];
        let why = Span::styled(clean(why).into_owned(), theme.dim);
        if beside {
            line.extend([Span::raw("  "), why]);
            out.extend(text::wrap_line(&Line::from(line), width, name + 4));
        } else {
            out.extend(text::wrap_line(&Line::from(line), width, 2));
            out.extend(text::wrap_line(&Line::from(vec![Span::raw("    "), why]), width, 4));
        }
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
        .flat_map(|row| {
            let (sign, number, line, style) = match row {
                Row::Same(n) => (" ", Some(n), new.get(n), theme.dim),
                Row::Added(n) => ("+", Some(n), new.get(n), theme.allowed),
                Row::Removed(n) => ("-", None, old.get(n), theme.denied),
            };
            let number = number.map_or_else(String::new, |n| (n + 1).to_string());
            let shown = clean(line.map_or("", String::as_str));
            let indent = 7 + shown.chars().take_while(|c| *c == ' ').count().min(width / 3);
            let line = Line::from(Span::styled(format!("{number:>4} {sign} {shown}"), style));
            text::wrap_line(&line, width, indent)
        })
        .collect()
}

pub fn draw_page(app: &App, page: &Page, rect: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let copy = ctx.key(Action::Copy);
    let mut title = Title::new(ctx, &page_name(app, page));
    if let PageKind::Record(i) = page.kind
        && app.lab().and_then(|l| l.view.audit.get(i)).is_some_and(|r| r.call.is_some())
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
    let lines = page_lines(app.lab(), page, usize::from(inner.width), ctx);
    panes::draw_lines(&lines, inner, page.scroll, buf, ctx);
}

/// How far the page on top can scroll.
pub fn page_max_scroll(app: &App, page: &Page) -> usize {
    let rect = rect_of(app, &Overlay::Page(page.clone()), app.shell.area);
    let inner = inside(rect);
    let total = page_lines(app.lab(), page, usize::from(inner.width), &Ctx::of(&app.shell, true)).len();
    panes::max_scroll(total, inner.height)
}

/// The lines of the page on top, as it is drawn, and how many of them are on the screen.
pub fn page_in_front(lab: &LabScreen, shell: &Shell) -> Option<(Vec<Line<'static>>, usize)> {
    let Some(Overlay::Page(page)) = shell.overlays.last() else { return None };
    let inner = inside(page_rect(Some(lab), shell, page, shell.area));
    let lines = page_lines(Some(lab), page, usize::from(inner.width), &Ctx::of(shell, true));
    Some((lines, usize::from(inner.height)))
}

/// Where a page stands.
pub fn page_rect(lab: Option<&LabScreen>, shell: &Shell, page: &Page, area: Rect) -> Rect {
    let width = 110.min(area.width.saturating_sub(4)).max(1);
    let rows = page_lines(lab, page, usize::from(width.saturating_sub(4)), &Ctx::of(shell, true)).len();
    centered(area, width, cast(rows + 2).clamp(5, area.height.saturating_sub(4).max(5)))
}
