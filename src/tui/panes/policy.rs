//! The document: an editor in a frame, and below it what state the text is in.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Ctx, Title, heading};
use crate::narration::LabView;
use crate::policy::Severity;
use crate::tui::editor::{Editor, Look};
use crate::tui::keys::{Action, Context};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The title: what and whose; whether it is a draft.
pub fn title(view: &LabView, ctx: &Ctx<'_>, typing: bool) -> Title {
    let doc = &view.document;
    let mut left = vec![
        Span::styled(clean(&doc.kind).into_owned(), ctx.theme.title),
        Span::raw("  "),
        Span::styled(clean(doc.subject.trim_start_matches("alias/")).into_owned(), ctx.theme.accent),
    ];
    if doc.position.0 > 0 && doc.position.1 > 1 {
        left.push(Span::styled(format!("  {}/{}", doc.position.0, doc.position.1), ctx.theme.dim));
    }
    let title = Title { left, ..Title::default() };
    if view.dirty {
        let firm = vec![Span::styled(format!("draft {}", ctx.glyphs.dirty), ctx.theme.draft)];
        Title { firm, ..title }
    } else if typing {
        title.hint(ctx, &ctx.keys.label(Context::Editor, Action::Back), "leaves the editor")
    } else if doc.position.1 > 1 {
        title.hint(ctx, &ctx.key(Action::NextDocument), "next").hint(ctx, &ctx.key(Action::Edit), "edit")
    } else {
        title.hint(ctx, &ctx.key(Action::Edit), "edit")
    }
}

/// The room for text inside the pane: the last row is the state line.
pub fn text_area(pane: Rect) -> Rect {
    Rect {
        x: pane.x.saturating_add(1),
        y: pane.y.saturating_add(1),
        width: pane.width.saturating_sub(2),
        height: pane.height.saturating_sub(3),
    }
}

/// Draws the pane; returns where the cursor is while the editor has the keys.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    view: &LabView,
    editor: &Editor,
    typing: bool,
    title: Title,
) -> Option<Position> {
    let inner = heading(area, buf, ctx, title);
    let lit = if typing { None } else { deciding_lines(view) };
    let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, typing, lit };
    let text = text_area(area);
    let cursor = editor.draw(text, buf, look);
    let (lines, top) = editor.extent();
    super::scrollbar(lines, top, Rect { width: inner.width, x: inner.x, ..text }, buf, ctx);
    if area.height >= 4 {
        let y = area.bottom() - 2;
        let state = state_line(view, ctx, editor, typing, usize::from(inner.width));
        buf.set_line(inner.x, y, &state, inner.width);
    }
    cursor.filter(|_| typing)
}

/// The lines of the statement that decided, where it stands in this document.
fn deciding_lines(view: &LabView) -> Option<(usize, usize)> {
    view.why
        .iter()
        .rev()
        .flat_map(|s| &s.lines)
        .find(|l| l.deciding && l.lines().is_some())
        .and_then(crate::narration::WhyLine::lines)
}

fn state_line(view: &LabView, ctx: &Ctx<'_>, editor: &Editor, typing: bool, width: usize) -> Line<'static> {
    let theme = ctx.theme;
    let dot = ctx.glyphs.dot;
    let count = |severity: Severity| editor.findings().iter().filter(|f| f.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let mut spans = Vec::new();
    if view.document.valid && errors == 0 {
        spans.push(Span::styled("valid", theme.dim));
        if let Some(n) = view.document.statements {
            let s = if n == 1 { "" } else { "s" };
            spans.push(Span::styled(format!(" {dot} {n} statement{s}"), theme.dim));
        }
        if !view.document.exists {
            spans.push(Span::raw(" "));
            spans.push(Span::styled(format!("{dot} not there yet"), theme.draft));
        }
    } else {
        let first = editor.findings().iter().find(|f| f.is_error());
        let words = first.map_or_else(
            || "cannot be applied".to_owned(),
            |f| format!("{}:{} {}", f.line + 1, f.column + 1, clean(&f.message)),
        );
        spans.push(Span::styled(format!("{} ", ctx.glyphs.denied), theme.denied));
        if errors > 1 {
            spans.push(Span::styled(format!("{errors} errors {dot} "), theme.denied));
        }
        spans.push(Span::styled(words, theme.denied));
    }
    if warnings > 0 {
        spans.push(Span::styled(format!(" {dot} "), theme.dim));
        let s = if warnings == 1 { "" } else { "s" };
        spans.push(Span::styled(format!("{warnings} warning{s}"), theme.draft));
    }
    if notes > 0 {
        let words = format!(" {dot} {notes} note{}", if notes == 1 { "" } else { "s" });
        spans.push(Span::styled(words, theme.dim));
    }
    if view.dirty {
        let m = editor.marks();
        let mut words = String::new();
        if m.plus > 0 {
            words = format!(" {dot} +{}", m.plus);
        }
        if m.minus > 0 {
            words = if words.is_empty() {
                format!(" {dot} -{}", m.minus)
            } else {
                format!("{words} -{}", m.minus)
            };
        }
        if !words.is_empty() {
            words += " lines";
        }
        spans.push(Span::styled(words, theme.dim));
    }
    if typing {
        let (line, column) = editor.cursor();
        spans.push(Span::styled(format!(" {dot} {}:{}", line + 1, column + 1), theme.dim));
    }
    let left = Line::from(spans);
    let mut hint = Vec::new();
    if view.dirty && !view.document.applied_by.is_empty() {
        hint.extend(ctx.key_words(&ctx.key(Action::Apply), " apply", theme.text));
    }
    let hint_width: usize = hint.iter().map(Span::width).sum();
    let room = width.saturating_sub(hint_width + 1);
    let left = text::fit_line(&left, room, ctx.glyphs.ellipsis);
    let gap = width.saturating_sub(left.width() + hint_width);
    let mut spans = left.spans;
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(hint);
    Line::from(spans)
}
