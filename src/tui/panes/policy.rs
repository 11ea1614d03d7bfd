//! The document: an editor in a frame, and below it what state the text is in.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Press, Room, Scroll, Search, Tab, To};
use super::{Ctx, Title, draw_lines};
use crate::narration::LabView;
use crate::policy::Severity;
use crate::tui::editor::{Editor, Look};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the document.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| {
        if lab.view.document.kind.is_empty() {
            Title::new(ctx, "Policy")
        } else {
            title(&lab.view, ctx, lab.typing)
        }
    },
    tab: Tab::Subject,
    lines: |lab, _, _| lab.editor.lines().iter().map(|line| Line::from(line.clone())).collect(),
    draw: Some(draw),
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Fixed,
    open: |_| Answer::Act(Action::Edit, 0),
    press,
    move_by,
    scroll: Scroll::Own(scroll),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Document,
    offers: |_| vec![(Action::NextDocument, "next policy")],
    copied: Some(|lab| ("policy".into(), lab.editor.text())),
};

/// Puts the cursor where the press was. A second press goes into the text, so that the first can merely focus.
fn press(lab: &mut LabScreen, press: Press, _: &Ctx<'_>) -> Answer {
    let area = text_area(press.rect);
    if area.contains(press.at) {
        let (line, column) = lab.editor.at(area, press.at);
        lab.editor.go_to(line, column);
        lab.typing |= press.again;
    }
    Answer::Changed
}

/// Moves the cursor by rows; by a page the text moves along, so that the next page is in sight at once.
fn move_by(lab: &mut LabScreen, room: Room<'_>, by: isize) -> Answer {
    if by.unsigned_abs() > 1 {
        let height = usize::from(text_area(room.rect).height);
        let (lines, top) = lab.editor.extent();
        lab.editor.show_from(top.saturating_add_signed(by).min(lines.saturating_sub(height)));
    }
    lab.editor.move_lines(by);
    lab.follow_cursor();
    Answer::Changed
}

/// Scrolls the text; while somebody types, the cursor stays in sight.
fn scroll(lab: &mut LabScreen, room: Room<'_>, to: To<'_>) {
    let height = usize::from(text_area(room.rect).height);
    let (lines, now) = lab.editor.extent();
    let top = to(now, lines.saturating_sub(height));
    lab.editor.show_from(top);
    let (line, column) = lab.editor.cursor();
    let seen = line.clamp(top, top + height.saturating_sub(1));
    if lab.typing && seen != line {
        lab.editor.go_to(seen, column);
    }
}

/// The title: what and whose; whether it is a draft.
pub fn title(view: &LabView, ctx: &Ctx<'_>, typing: bool) -> Title {
    let doc = &view.document;
    let mut left = vec![Span::styled(clean(&doc.kind).into_owned(), ctx.theme.title), Span::raw("  ")];
    // Whose it is comes first: two policies of one name are not the same.
    if !doc.owner.is_empty() {
        left.push(Span::styled(clean(&doc.owner).into_owned(), ctx.theme.title));
        left.push(Span::styled(format!(" {} ", ctx.glyphs.marker), ctx.theme.dim));
    }
    let subject = clean(doc.subject.trim_start_matches("alias/")).into_owned();
    left.push(Span::styled(subject, ctx.theme.accent));
    if doc.position.0 > 0 && doc.position.1 > 1 {
        left.push(Span::styled(format!("  {}/{}", doc.position.0, doc.position.1), ctx.theme.dim));
    }
    let title = Title { left, ..Title::default() };
    if view.stale {
        let firm = vec![Span::styled(super::identities::broken(view, ctx), ctx.theme.denied)];
        Title { firm, ..title }
    } else if view.drafts > 1 || view.document.edited {
        let words = match view.drafts {
            0 | 1 => "draft".to_owned(),
            n if view.document.edited => format!("{n} drafts"),
            n => format!("{n} drafts elsewhere"),
        };
        let firm = vec![Span::styled(format!("{words} {}", ctx.glyphs.dirty), ctx.theme.draft)];
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

/// Draws the text; returns where the cursor is while the editor has the keys.
fn draw(lab: &LabScreen, [frame, inner]: [Rect; 2], buf: &mut Buffer, ctx: &Ctx<'_>) -> Option<Position> {
    let (view, editor, typing) = (&lab.view, &lab.editor, lab.typing);
    if view.document.kind.is_empty() {
        let words = "No policy yet: that of the first key or user appears here.";
        draw_lines(&text::wrap(words, usize::from(inner.width), ctx.theme.dim), inner, 0, buf, ctx);
        return None;
    }
    let lit = if typing { None } else { deciding_lines(view) };
    let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, typing, lit };
    let text = text_area(frame);
    let cursor = editor.draw(text, buf, look);
    let (lines, top) = editor.extent();
    super::scrollbar(lines, top, Rect { width: inner.width, x: inner.x, ..text }, buf, ctx);
    if frame.height >= 4 {
        let y = frame.bottom() - 2;
        let state = state_line(view, ctx, editor, typing, usize::from(inner.width));
        buf.set_line(inner.x, y, &state, inner.width);
    }
    cursor.filter(|_| typing)
}

/// The lines of the statement that decided, where it stands in this document. Of two sessions it is the one that acts; what
/// another document decides there is not marked here.
fn deciding_lines(view: &LabView) -> Option<(usize, usize)> {
    let acts = view.other.as_ref().filter(|other| view.acts(&other.path.who));
    let lines = acts.map_or(&view.why, |other| &other.why).iter().rev().flat_map(|step| &step.lines);
    let decided = lines.clone().find(|line| line.deciding && line.lines().is_some());
    // Where nothing allowed it: what came nearest, or what leaves it to others.
    let crux = || {
        let (document, lines) = view.crux.document.as_ref().filter(|_| view.other.is_none())?;
        (view.document.id.as_ref() == Some(document)).then_some((*lines)?)
    };
    decided.and_then(crate::narration::WhyLine::lines).or_else(crux)
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
        let name = view.document.subject.as_str();
        if let Some(rule) = view.rules.iter().find(|rule| view.document.is_rule() && rule.name == name) {
            spans.push(Span::styled(format!(" {dot} {rule}"), theme.dim));
        }
        if !view.document.exists {
            spans.push(Span::raw(" "));
            spans.push(Span::styled(format!("{dot} not there yet"), theme.draft));
        }
    } else {
        let first = editor.findings().iter().find(|f| f.is_error());
        let words = first.map_or_else(
            || "cannot be applied".to_owned(),
            |f| {
                let message = format!("{}:{} {}", f.line + 1, f.column + 1, clean(&f.message));
                // Half a message helps nobody; the line itself has the whole.
                let fits = text::width(&message) + 24 <= width;
                if fits { message } else { format!("cannot be applied: see line {}", f.line + 1) }
            },
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
    if let Some(aside) = editor.aside() {
        spans.push(Span::styled(format!(" {dot} {} set aside", clean(&aside.name())), theme.draft));
    }
    if view.document.edited {
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
    if view.document.edited && !view.document.applied_by.is_empty() {
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
