//! The story of the scenario, what was asked for on top of the task, and how the guesses turned out.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::narration::{LabView, PredictionRow, TaskView};
use crate::tui::keys::Action;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the story.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| title(&lab.view, ctx),
    tab: Tab::Name,
    lines: |lab, ctx, width| lines(&lab.view, lab.hint && lab.zoom.is_none(), ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Squeezes,
    open: |_| Answer::Act(Action::Predict, 0),
    press: pane::press_focuses,
    move_by: pane::keys_scroll,
    scroll: Scroll::Lines(pane::nothing_goes_along),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Rows,
    offers: |lab| if lab.zoom.is_none() { vec![(Action::Zoom, "whole")] } else { Vec::new() },
    copied: None,
};

/// Returns the title of the pane.
pub fn title(view: &LabView, ctx: &Ctx<'_>) -> Title {
    let task = &view.task;
    let title = Title::new(ctx, "Story");
    if view.head.done {
        title.hint(ctx, &ctx.key(Action::Next), "next scenario")
    } else if task.hint_next.is_some() {
        title.hint(ctx, &ctx.key(Action::Hint), "hint")
    } else {
        title
    }
}

/// The hints, the guesses, the story. Once all is done, what was learned. `pinned` says whether the last hint stands under the
/// task already.
fn lines(view: &LabView, pinned: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let task = &view.task;
    let mut out = Vec::new();
    if view.head.done {
        debrief(task, ctx, width, &mut out);
    }
    help(task, pinned && !view.head.done, ctx, width, &mut out);
    out.push(Line::default());
    guesses(&task.before, ctx, width, &mut out);
    guesses(&task.predictions, ctx, width, &mut out);
    if !view.head.done && task.earlier.iter().any(|p| p.outcome.is_some()) {
        out.push(Line::from(Span::styled("Earlier guesses", ctx.theme.dim)));
        judged(&task.earlier, ctx, width, &mut out);
    }
    background(task, ctx, width, &mut out);
    out.dedup_by(|next, line| next.spans.is_empty() && line.spans.is_empty());
    if out.first().is_some_and(|l| l.spans.is_empty()) {
        out.remove(0);
    }
    while out.last().is_some_and(|l| l.spans.is_empty()) {
        out.pop();
    }
    out
}

/// What was learned, once every check holds.
fn debrief(task: &TaskView, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let style = ctx.theme.allowed.add_modifier(ratatui::style::Modifier::BOLD);
    out.push(Line::from(Span::styled(format!("{} Done", ctx.glyphs.allowed), style)));
    // How the guesses turned out comes before what is learned from them.
    let all: Vec<_> = task.earlier.iter().chain(&task.before).chain(&task.predictions).cloned().collect();
    guesses(&all, ctx, width, out);
    for paragraph in &task.debrief {
        out.extend(text::wrap(&clean(paragraph), width, ctx.theme.text));
    }
    out.push(Line::default());
}

/// The hints that were asked for, without the last one where that is pinned.
fn help(task: &TaskView, pinned: bool, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let theme = ctx.theme;
    let hints = task.hints.iter().enumerate();
    for (n, hint) in hints.take(task.hints.len() - usize::from(pinned && !task.hints.is_empty())) {
        out.push(Line::default());
        let line = Line::from(vec![
            Span::styled(format!("hint {} of {}  ", n + 1, task.hint_count), theme.accent),
            Span::styled(clean(hint).into_owned(), theme.text),
        ]);
        out.extend(text::wrap_line(&line, width, 0));
    }
}

/// The story, and what is simpler here than in AWS.
fn background(task: &TaskView, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let theme = ctx.theme;
    if !task.story.is_empty() {
        out.push(Line::default());
        for paragraph in &task.story {
            out.extend(text::wrap(&clean(paragraph), width, theme.dim));
        }
    }
    if !task.simplified.is_empty() {
        out.push(Line::default());
        let all: Vec<_> = task.simplified.iter().map(|s| clean(s).into_owned()).collect();
        out.extend(text::wrap(&format!("Simplified here: {}", all.join(" ")), width, theme.dim));
    }
}

/// The guesses that were made, and how they compare with what happened.
fn guesses(all: &[PredictionRow], ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let before = out.len();
    match all {
        [p] => guess(p, ctx, width, out),
        several => judged(several, ctx, width, out),
    }
    if out.len() > before {
        out.push(Line::default());
    }
}

/// The sign and style of a guess. A wrong one is no failure: the call may have done what was wanted.
pub fn judgement(right: bool, ctx: &Ctx<'_>) -> (&'static str, Style) {
    if right { (ctx.glyphs.allowed, ctx.theme.allowed) } else { (ctx.glyphs.arrow, ctx.theme.text) }
}

/// The answer to the only question of a task.
fn guess(p: &PredictionRow, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let Some(said) = p.said() else { return };
    let said = format!("You guessed: {}{}", clean(said), clean(&p.aside()));
    out.extend(text::wrap(&said, width, ctx.theme.dim));
    if let Some((right, why)) = &p.outcome {
        let word = match (p.was_right(), *right) {
            (true, _) => "right",
            (false, true) => "that is right",
            (false, false) => "your guess was wrong",
        };
        let why = if why.is_empty() { String::new() } else { format!(": {}", clean(why)) };
        let (sign, style) = judgement(p.was_right(), ctx);
        let line = Line::from(vec![
            Span::styled(format!("{sign} {word}"), style),
            Span::styled(why, ctx.theme.text),
        ]);
        out.extend(text::wrap_line(&line, width, 2));
    }
}

/// How a guess turned out, without the reason.
pub fn verdict(p: &PredictionRow, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let Some((said, verdict)) = p.said().zip(p.verdict()) else { return Vec::new() };
    let (sign, style) = judgement(p.was_right(), ctx);
    let line = Line::from(vec![
        Span::styled(format!("{sign} {verdict}: "), style),
        Span::styled(format!("{}{}", clean(said), clean(&p.aside())), ctx.theme.text),
    ]);
    text::wrap_line(&line, width, 2)
}

/// A reason that stands behind a full stop, where it may have been the end of a sentence.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Of several questions, those whose answers have met what happened; the reason where it was not what was guessed.
pub fn judged(all: &[PredictionRow], ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let theme = ctx.theme;
    let judged = || all.iter().filter_map(|p| p.said().zip(p.outcome.as_ref()).map(|found| (p, found)));
    let right = judged().filter(|(p, _)| p.was_right()).count();
    let guessed = judged().filter(|(p, _)| p.was_guessed()).count();
    if guessed > 1 {
        let words = format!("{right} of {guessed} guesses were right");
        out.extend(text::wrap(&words, width, theme.title));
    }
    // The newest is what one looks for.
    let mut sorted: Vec<_> = judged().collect();
    sorted.sort_by_key(|(p, _)| std::cmp::Reverse(p.place));
    for (p, (said, (right, why))) in sorted {
        let (sign, style) = judgement(p.was_right(), ctx);
        let (ask, said) = (clean(&p.ask), clean(said).into_owned());
        let mut line =
            vec![Span::styled(format!("{sign} "), style), Span::styled(format!("{ask} "), theme.dim)];
        let aside = clean(&p.aside()).into_owned();
        let why = sentence(why);
        if *right {
            line.push(Span::styled(format!("{said}{aside}. "), theme.title));
            line.push(Span::styled(clean(&why).into_owned(), theme.text));
        } else {
            let truth = p.truth.as_ref().map(|truth| format!("{}. ", clean(truth))).unwrap_or_default();
            line.push(Span::styled(truth, theme.title));
            line.push(Span::styled(format!("You said: {said}{aside}. {}", clean(&why)), theme.text));
        }
        out.extend(text::wrap_line(&Line::from(line), width, 2));
    }
}
