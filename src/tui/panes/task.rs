//! The task as it is pinned on top of the screen: what to do, how far it is done, what is said of a mistake.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::{Ctx, with_their_keys};
use crate::narration::{CallStatus, CheckRow, LabView, TaskView, Tick};
use crate::tui::flash;
use crate::tui::keys::Action;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// What parts two checks in a row.
const GAP: &str = "   ";

/// The task whole: what to do, the open question, its checks, what is said of a mistake. `folded` leaves the question out
/// and counts the checks. On a `low` screen a long list of them names only those that are open.
pub fn pinned(view: &LabView, ctx: &Ctx<'_>, width: usize, folded: bool, low: bool) -> Vec<Line<'static>> {
    let task = &view.task;
    let mut out = Vec::new();
    if view.head.done {
        let style = ctx.theme.allowed.add_modifier(Modifier::BOLD);
        let words = format!("{} Done: every check holds.", ctx.glyphs.allowed);
        out.push(Line::from(Span::styled(words, style)));
        return out;
    }
    if !task.say.is_empty() {
        let broken = task.checks.iter().any(|c| c.invariant && c.draft.unwrap_or(c.applied) != Tick::Done);
        let style = if broken { ctx.theme.denied.add_modifier(Modifier::BOLD) } else { ctx.theme.title };
        out.extend(text::wrap(&clean(&task.say), width, style));
    }
    if folded {
        out.extend(count(task, ctx));
    } else {
        question(task, ctx, width, &mut out);
        let mut all = Vec::new();
        checks(view, ctx, width, false, &mut all);
        if low && all.len() > MOST_ROWS_OF_CHECKS {
            all.clear();
            checks(view, ctx, width, true, &mut all);
        }
        out.extend(all);
    }
    all_green(view, ctx, width, &mut out);
    mistake(task, ctx, width, &mut out);
    out
}

/// What is said of a mistake, or of what is half done.
fn mistake(task: &TaskView, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let Some(feedback) = &task.feedback else { return };
    let (sign, style) = if task.halfway {
        (ctx.glyphs.todo, ctx.theme.accent)
    } else {
        (ctx.glyphs.denied, ctx.theme.denied)
    };
    let line = Line::from(vec![
        Span::styled(format!("{sign} "), style),
        Span::styled(clean(feedback).into_owned(), ctx.theme.text),
    ]);
    out.extend(text::wrap_line(&line, width, 2));
}

/// How many of the checks hold, and how many would on the draft: of those that the list shows while no promise is broken.
fn count(task: &TaskView, ctx: &Ctx<'_>) -> Option<Line<'static>> {
    let listed = || task.checks.iter().filter(|c| !c.invariant && !is_asked(task, c));
    let done = |tick: &dyn Fn(&CheckRow) -> Tick| listed().filter(|c| tick(c) == Tick::Done).count();
    let (all, now, then) = (listed().count(), done(&|c| c.applied), done(&|c| c.draft.unwrap_or(c.applied)));
    let sign = |count: usize| if count == all { ctx.glyphs.done } else { ctx.glyphs.todo };
    let style = if now == all { ctx.theme.allowed } else { ctx.theme.text };
    let mut spans = vec![
        Span::styled("checks ", ctx.theme.dim),
        Span::styled(format!("{} {now}/{all}", sign(now)), style),
    ];
    if then != now {
        let words = format!(" {} {} {then}/{all}", ctx.glyphs.arrow, sign(then));
        spans.push(Span::styled(words, ctx.theme.draft));
    }
    (all > 0).then(|| Line::from(spans))
}

/// Whether a check asks for nothing but the guess that the open question asks for.
fn is_asked(task: &TaskView, c: &CheckRow) -> bool {
    c.guess && c.draft.unwrap_or(c.applied) != Tick::Done && task.question().is_some()
}

/// The first check that does not hold, for beside their count.
pub fn first_open(task: &TaskView, ctx: &Ctx<'_>) -> Option<Vec<Span<'static>>> {
    let open = task.checks.iter().find(|c| !c.guess && c.draft.unwrap_or(c.applied) != Tick::Done)?;
    let words = format!("{} {}", ctx.glyphs.todo, clean(&open.say));
    Some(vec![Span::raw(GAP), Span::styled(words, ctx.theme.text)])
}

/// The rows from which a low screen has no room for a list of checks.
const MOST_ROWS_OF_CHECKS: usize = 2;

/// The checks that hold, as one: how many there are, and how many would hold on the draft only.
fn held(view: &LabView, ctx: &Ctx<'_>) -> Option<Line<'static>> {
    let (task, theme) = (&view.task, ctx.theme);
    let listed = |c: &&CheckRow| !c.invariant || c.draft.is_some_and(|draft| draft != c.applied);
    let hold = task.checks.iter().filter(listed).filter(|c| c.draft.unwrap_or(c.applied) == Tick::Done);
    let (now, then): (Vec<&CheckRow>, Vec<&CheckRow>) = hold.partition(|c| c.applied == Tick::Done);
    let lit = now.iter().any(|c| ctx.is_lit(|flash| flash.check(&c.say)));
    let mut spans = Vec::new();
    if !now.is_empty() {
        let sign = vec![Span::styled(ctx.glyphs.done, theme.allowed)];
        spans.extend(if lit { flash::lit(sign) } else { sign });
        let s = if now.len() == 1 { "s" } else { "" };
        spans.push(Span::styled(format!(" {} hold{s}", now.len()), theme.text));
    }
    if !then.is_empty() {
        if !spans.is_empty() {
            spans.push(Span::raw(GAP));
        }
        spans.push(Span::styled(format!("{} {}", ctx.glyphs.done, then.len()), theme.draft));
        let words = if now.is_empty() { "hold" } else { "more" };
        spans.push(Span::styled(format!(" {words} {}", on_drafts(view.drafts)), theme.draft));
    }
    (!spans.is_empty()).then(|| Line::from(spans))
}

/// The checks one after the other; `folded` says those that hold in a few words.
fn checks(view: &LabView, ctx: &Ctx<'_>, width: usize, folded: bool, out: &mut Vec<Line<'static>>) {
    let (task, theme) = (&view.task, ctx.theme);
    let mut row: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    if let Some(line) = held(view, ctx).filter(|_| folded) {
        used = line.width() + GAP.len();
        row = line.spans;
    }
    for c in &task.checks {
        let shown = c.draft.unwrap_or(c.applied);
        if folded && shown == Tick::Done {
            continue;
        }
        // What holds and must go on holding says nothing new, nor does a guess that the open question asks for.
        let quiet = c.invariant && shown == Tick::Done && c.applied == Tick::Done;
        if quiet || is_asked(task, c) {
            continue;
        }
        let mut line = check(c, ctx);
        if c.draft.is_some_and(|d| d != c.applied) {
            line.push_span(Span::styled(format!(" {}", on_drafts(view.drafts)), theme.draft));
        }
        let needed = line.width() + GAP.len();
        if used > 0 && used + needed > width {
            out.push(Line::from(std::mem::take(&mut row)));
            used = 0;
        }
        if used > 0 {
            row.push(Span::raw(GAP));
        }
        used += needed;
        if needed > width {
            out.extend(text::wrap_line(&line, width, text::width(ctx.glyphs.todo) + 1));
            used = 0;
        } else {
            row.extend(line.spans);
        }
    }
    // What a sign means is said where it stands.
    if task.checks.iter().any(|c| c.draft.unwrap_or(c.applied) == Tick::Unknown) {
        let legend = Span::styled(format!("{} cannot be told yet", ctx.glyphs.unknown), theme.dim);
        if used + legend.width() > width {
            out.push(Line::from(std::mem::take(&mut row)));
        } else if !row.is_empty() {
            row.push(Span::raw(GAP));
        }
        row.push(legend);
    }
    if !row.is_empty() {
        out.push(Line::from(row));
    }
}

/// Whether the draft would make all checks hold.
fn all_green(view: &LabView, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let (task, theme) = (&view.task, ctx.theme);
    // While the text is no policy the ticks are those of the last one that was.
    let draft_done = view.dirty
        && !view.stale
        && !task.checks.is_empty()
        && task.checks.iter().all(|c| c.draft == Some(Tick::Done))
        && !task.checks.iter().all(|c| c.applied == Tick::Done);
    if draft_done {
        let refused = view.apply.as_ref().filter(|mark| mark.status != CallStatus::Allowed);
        let words = match refused {
            None => "All green on the draft; apply it to finish".to_owned(),
            Some(mark) => {
                format!("All green on the draft, but applying it would fail: {}", clean(&mark.because))
            }
        };
        out.extend(text::wrap(&words, width, theme.draft));
    }
}

/// The word for answering the open question: what has happened already is not guessed.
pub fn guess_word(task: &TaskView) -> &'static str {
    if task.question().is_some_and(|question| question.past) { "answer" } else { "guess" }
}

/// The question to answer now.
fn question(task: &TaskView, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    let Some((at, p)) = task.open.zip(task.question()) else { return };
    let (theme, key) = (ctx.theme, ctx.key(Action::Predict));
    if p.chosen.is_some() {
        out.push(Line::from(ctx.key_words(&key, " answers again", theme.text).to_vec()));
        return;
    }
    let of = match task.predictions.len() {
        1 => String::new(),
        all => format!(" {} of {all}", at + 1),
    };
    // In a grid one goes from cell to cell as one likes.
    let ask = if p.cell.is_some() { "who may do what, cell by cell" } else { &*p.ask };
    let line = Line::from(with_their_keys(vec![
        ctx.key_span(&key),
        Span::styled(format!(" {}{of}: {}", guess_word(task), clean(ask)), theme.text),
    ]));
    out.extend(text::wrap_line(&line, width, 2));
}

fn check(c: &CheckRow, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let shown = c.draft.unwrap_or(c.applied);
    let flips = c.draft.is_some_and(|d| d != c.applied);
    let (symbol, style) = match shown {
        Tick::Done => (ctx.glyphs.done, if flips { theme.draft } else { theme.allowed }),
        Tick::Todo => (ctx.glyphs.todo, if flips { theme.draft } else { theme.text }),
        Tick::Unknown => (ctx.glyphs.unknown, theme.dim),
    };
    let mut spans = vec![Span::styled(symbol, style)];
    if ctx.is_lit(|flash| flash.check(&c.say)) {
        spans = flash::lit(spans);
    }
    spans.push(Span::raw(" "));
    let broken = c.invariant && shown != Tick::Done;
    let text_style = if broken { theme.denied } else { theme.text };
    spans.push(Span::styled(clean(&c.say).into_owned(), text_style));
    if broken {
        spans.push(Span::styled(" (promise broken)", theme.denied));
    }
    Line::from(spans)
}

/// Says that something is so with the drafts in force only.
pub fn on_drafts(drafts: usize) -> String {
    if drafts > 1 { format!("on your {drafts} drafts") } else { "on your draft".to_owned() }
}

/// Moves a line to the right by what is given.
pub fn indented(mut line: Line<'static>, by: &'static str) -> Line<'static> {
    line.spans.insert(0, Span::raw(by));
    line
}
