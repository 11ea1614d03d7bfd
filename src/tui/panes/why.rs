//! Why the call ended so: each decision on the way, with the lines that decided.

use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::narration::{AnswerView, CallStatus, Weight, WhyLine, WhyStep};
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the reasons.
pub const VIEW: PaneView = PaneView {
    title: |_, ctx, _| title(ctx),
    tab: Tab::Name,
    lines: |lab, ctx, width| of_answer(&lab.view.answer, &lab.view.why, ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Unfolds,
    open: jump,
    press: pane::press_focuses,
    move_by: pane::keys_scroll,
    scroll: Scroll::Lines(pane::nothing_goes_along),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Rows,
    offers: pane::offers_nothing,
    copied: None,
};

/// The pane of the reasons of the second session's answer.
pub const OTHER_VIEW: PaneView = PaneView {
    lines: |lab, ctx, width| {
        let other = lab.view.other.as_ref();
        other.map_or_else(Vec::new, |other| of_answer(&other.answer, &other.why, ctx, width))
    },
    // Where its statements stand is the first session's business.
    open: |_| Answer::Changed,
    ..VIEW
};

/// Goes to the statement that decided, in its document.
fn jump(lab: &mut LabScreen) -> Answer {
    let deciding = lab.view.why.iter().rev().flat_map(|s| &s.lines).find(|l| l.deciding && l.place.is_some());
    let Some(place) = deciding.and_then(|l| l.place.clone()) else {
        return Answer::Bad("no statement decided: what is missing cannot be shown");
    };
    if !place.shown {
        lab.show_document(&place.document);
    }
    lab.editor.go_to(place.lines.0, 0);
    lab.focus = Pane::Policy;
    lab.hidden.remove(&Pane::Policy);
    lab.follow_cursor();
    Answer::Changed
}

/// Returns the title of the pane.
pub fn title(ctx: &Ctx<'_>) -> Title {
    Title::new(ctx, "Why").hint(ctx, &ctx.key(Action::Why), if ctx.expanded { "fold" } else { "expand" })
}

/// The reasons of an answer, or what stands there while there are none.
pub fn of_answer(answer: &AnswerView, steps: &[WhyStep], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    if answer.hidden {
        return text::wrap("the reasons come after your guess", width, ctx.theme.dim);
    }
    if steps.is_empty() {
        return text::wrap("no call has been decided yet", width, ctx.theme.dim);
    }
    lines(steps, ctx, width)
}

/// Folded, a step shows what decided and one silent line, and one that allowed, before one that did not, its conclusion alone:
/// what refused must be in sight. Unfolded, everything.
pub fn lines(steps: &[WhyStep], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let head = Line::from(vec![
            Span::styled(format!("{} ", i + 1), theme.dim),
            ctx.symbol(step.status),
            Span::raw(" "),
            Span::styled(clean(&step.action).into_owned(), theme.title),
            Span::styled(format!(" {}", clean(&step.about)), theme.dim),
        ]);
        out.extend(text::wrap_line(&head, width, 4));
        // The answer first, then what it rests on: whatever is cut off below is the least of it.
        if !step.conclusion.is_empty() {
            let line = Line::from(vec![
                Span::raw("    "),
                Span::styled(clean(&step.conclusion).into_owned(), theme.text),
            ]);
            out.extend(text::wrap_line(&line, width, 4));
        }
        let refuses_later = steps[i + 1..].iter().any(|later| later.status != CallStatus::Allowed);
        if !ctx.expanded && step.status == CallStatus::Allowed && refuses_later {
            continue;
        }
        let mut folded = 0;
        let mut shown = 0;
        for same in step.lines.chunk_by(|one, other| one.weight == Weight::Silent && one == other) {
            let Some(line) = same.first() else { continue };
            let worth =
                line.deciding || line.weight != Weight::Silent || shown == 0 && step.verdict_is_silent();
            if ctx.expanded || worth {
                let mut reason = reason(line, ctx);
                if same.len() > 1 {
                    let words = format!(" ({} statements)", same.len());
                    reason.push_span(Span::styled(words, theme.dim));
                }
                out.extend(text::wrap_line(&reason, width, 6));
                shown += 1;
            } else {
                folded += same.len();
            }
        }
        if folded > 0 {
            let s = if folded == 1 { "" } else { "s" };
            let words = format!(
                "    {} {folded} more statement{s} with no part in this ({})",
                ctx.glyphs.dot,
                ctx.key(Action::Why)
            );
            let style = ctx.clickable(theme.dim, &ctx.key(Action::Why));
            out.extend(text::wrap_line(&Line::from(Span::styled(words, style)), width, 6));
        }
    }
    out
}

impl WhyStep {
    /// Whether no line spoke up, so that the first silent one is worth showing.
    fn verdict_is_silent(&self) -> bool {
        self.lines.iter().all(|l| !l.deciding && l.weight == Weight::Silent)
    }
}

fn reason(line: &WhyLine, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let (symbol, style) = match line.weight {
        Weight::Allows => (ctx.glyphs.allowed, theme.allowed),
        Weight::Denies => (ctx.glyphs.denied, theme.denied),
        Weight::Near => (ctx.glyphs.dot, theme.text),
        Weight::Silent => (ctx.glyphs.dot, theme.dim),
    };
    let mut spans = vec![
        Span::styled(format!("    {symbol} "), style),
        Span::styled(clean(&line.layer).into_owned(), theme.dim),
    ];
    if !line.subject.is_empty() {
        let style = if line.deciding { theme.title } else { theme.text };
        spans.push(Span::styled(format!(" {}", clean(&line.subject)), style));
    }
    if !line.text.is_empty() {
        spans.push(Span::styled(format!("  {}", clean(&line.text)), theme.dim));
    }
    if let Some((first, _)) = line.lines() {
        spans.push(Span::styled(format!("  line {}", first + 1), theme.accent));
    }
    Line::from(spans)
}
