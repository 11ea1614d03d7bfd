//! The three single lines: header, note and footer.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Ctx;
use crate::tui::data::{LabView, Verdict};
use crate::tui::keys::{Action, Binding, Context};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The first line of the lab.
pub fn header(view: &LabView, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let theme = ctx.theme;
    let head = &view.head;
    let dot = ctx.glyphs.dot;
    let mut left = vec![
        Span::styled(" kmslab ", theme.badge),
        Span::styled(format!(" {} ", clean(&head.id)), theme.accent),
        Span::styled(clean(&head.title).into_owned(), theme.title),
    ];
    if let Some(past) = &head.past {
        left.push(Span::raw("  "));
        left.push(Span::styled(format!(" looking back: {} ", clean(past)), theme.draft));
    }
    if let Some(branch) = &head.branch {
        left.push(Span::styled(format!("  {}", clean(branch)), theme.accent));
    }
    let right = if head.done {
        vec![Span::styled(format!("{} done ", ctx.glyphs.allowed), theme.allowed)]
    } else {
        let words = match head.task {
            (_, 0) => String::new(),
            (n, all) => format!("task {n}/{all} {dot} {} min ", head.minutes),
        };
        vec![Span::styled(words, theme.dim)]
    };
    let middle = format!("{} {dot} {} {dot} ", clean(&head.account), clean(&head.region));
    let clock = clean(&head.clock).into_owned();
    let delays = format!(" {dot} {}", clean(&head.fidelity));
    let used: usize = left.iter().chain(&right).map(Span::width).sum();
    let middle_width = text::width(&middle) + text::width(&clock);
    if used + middle_width + 6 <= width {
        let room = width.saturating_sub(used + middle_width + 6);
        left.push(Span::styled(format!("   {middle}"), theme.dim));
        left.push(Span::styled(clock, theme.text));
        if !head.fidelity.is_empty() && text::width(&delays) <= room {
            left.push(Span::styled(delays, theme.dim));
        }
    } else if used + text::width(&clock) + 4 <= width {
        left.push(Span::styled(format!("  {clock}"), theme.text));
    }
    spread(left, right, width, ctx).style(theme.bar)
}

/// The line above the footer: what just happened, else where the draft stands, else what to do next.
pub fn note(
    view: &LabView,
    typing: bool,
    ctx: &Ctx<'_>,
    toast: Option<&(bool, String)>,
    width: usize,
) -> Line<'static> {
    let theme = ctx.theme;
    let g = ctx.glyphs;
    let line = if let Some((good, words)) = toast {
        let (symbol, style) = if *good { (g.allowed, theme.allowed) } else { (g.denied, theme.denied) };
        let mut spans = vec![
            Span::styled(format!(" {symbol} "), style),
            Span::styled(clean(words).into_owned(), theme.text),
        ];
        // The last call of a scenario must not hide that it was the last.
        if view.head.done && view.head.past.is_none() {
            spans.push(Span::styled(". Every check holds: ", theme.allowed));
            spans.push(Span::styled(ctx.key(Action::Next), theme.accent));
            spans.push(Span::styled(" opens the next scenario.", theme.dim));
        }
        Line::from(spans)
    } else if view.dirty {
        draft_note(view, ctx)
    } else if typing {
        editing(ctx)
    } else {
        next_step(view, ctx)
    };
    text::fit_line(&line, width, g.ellipsis)
}

fn draft_note(view: &LabView, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let who =
        view.identities.iter().find(|i| i.acting).map(|i| clean(&i.name).into_owned()).unwrap_or_default();
    let by = clean(&view.document.applied_by);
    let mut spans = vec![Span::styled(format!(" {} draft not applied ", ctx.glyphs.dirty), theme.draft)];
    if !view.document.valid {
        spans.push(Span::styled(" not a valid policy; verdicts follow the last valid text", theme.dim));
    } else if by.is_empty() {
        spans.push(Span::styled(" this document cannot be changed here", theme.dim));
    } else {
        spans.push(Span::styled(format!(" {who} would call {by}"), theme.text));
        if let Some(mark) = view.apply.as_ref().filter(|m| m.verdict != Verdict::Allowed) {
            spans.push(Span::styled(format!(" and be refused {}", ctx.glyphs.denied), theme.denied));
            // What is refused is mostly the call itself, which stands there already.
            if mark.because != view.document.applied_by {
                spans.push(Span::styled(format!(" {}", clean(&mark.because)), theme.denied));
            }
        }
    }
    Line::from(spans)
}

/// What helps while a document is edited and reads as it is applied.
fn editing(ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action| Span::styled(ctx.keys.label(Context::Editor, action), ctx.theme.accent);
    let word = |w: &str| Span::styled(w.to_owned(), ctx.theme.dim);
    Line::from(vec![
        Span::raw(" "),
        key(Action::Snippet),
        word(" inserts a statement, "),
        key(Action::Complete),
        word(" completes, "),
        key(Action::Apply),
        word(" applies, "),
        key(Action::Back),
        word(" leaves the editor."),
    ])
}

/// One suggestion: the key a newcomer should press now.
fn next_step(view: &LabView, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let key = |a: Action| Span::styled(ctx.key(a), theme.accent);
    let word = |w: &str| Span::styled(w.to_owned(), theme.dim);
    if view.head.past.is_some() {
        return Line::from(vec![
            word(" An earlier moment. "),
            key(Action::Redo),
            word(" goes forward; any call made here starts a new branch."),
        ]);
    }
    if view.head.done {
        return Line::from(vec![
            Span::styled(format!(" {} Every check holds. ", ctx.glyphs.allowed), theme.allowed),
            key(Action::Next),
            word(" opens the next scenario."),
        ]);
    }
    if view.task.prediction.as_ref().is_some_and(|p| p.chosen.is_none()) {
        return Line::from(vec![
            word(" First say what you expect: "),
            key(Action::Predict),
            word(" predicts. "),
            key(Action::Run),
            word(" then makes the call."),
        ]);
    }
    // Nothing is there to be called or edited yet.
    if view.resources.is_empty() && view.head.task.1 > 0 {
        return Line::from(vec![
            word(" Nothing is there yet. "),
            key(Action::Console),
            word(" opens the console; begin with: aws kms create-key. "),
            key(Action::Hint),
            word(" gives a hint."),
        ]);
    }
    if view.head.task.1 == 0 {
        return Line::from(vec![
            Span::raw(" "),
            key(Action::Console),
            word(" opens the console, "),
            key(Action::Keys),
            word(" shows the keys, "),
            key(Action::Edit),
            word(" edits a policy, "),
            key(Action::Timeline),
            word(" goes to any step."),
        ]);
    }
    Line::from(vec![
        Span::raw(" "),
        key(Action::Identity),
        word(" acts as somebody, "),
        key(Action::Run),
        word(" makes the call, "),
        key(Action::Edit),
        word(" edits the policy, "),
        key(Action::Hint),
        word(" gives a hint."),
    ])
}

/// One clickable word of the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterItem {
    /// Its first cell.
    pub x: u16,
    /// Its cells.
    pub width: u16,
    /// What it does.
    pub action: Action,
    /// The key as written.
    pub key: String,
    /// The word.
    pub name: String,
}

/// The footer's words that fit, in the table's order. The palette and help, which lead to everything else, keep their
/// places at the end.
pub fn footer_items(rows: &[&Binding], width: usize) -> Vec<FooterItem> {
    let size = |b: &&Binding| text::width(&b.short_label()) + 1 + text::width(&b.name) + 3;
    let last = [Action::Palette, Action::Help].map(|action| rows.iter().find(|b| b.action == action));
    let last: Vec<_> = last.into_iter().flatten().collect();
    let mut room = width.saturating_sub(2 + last.iter().map(|b| size(b)).sum::<usize>());
    let mut out = Vec::new();
    let mut x = 1;
    let others = rows.iter().filter(|b| !matches!(b.action, Action::Palette | Action::Help));
    let fitting = others.take_while(|b| {
        let fits = size(b) <= room;
        room = room.saturating_sub(size(b));
        fits
    });
    for b in fitting.chain(last) {
        let cells = size(b) - 3;
        let cast = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        out.push(FooterItem {
            x: cast(x),
            width: cast(cells),
            action: b.action,
            key: b.short_label(),
            name: b.name.clone(),
        });
        x += cells + 3;
    }
    out
}

/// The footer.
pub fn footer(ctx: &Ctx<'_>, rows: &[&Binding], width: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    for (i, item) in footer_items(rows, width).into_iter().enumerate() {
        if i > 0 {
            spans.push(Span::raw("   "));
        }
        let bold = ctx.theme.accent.add_modifier(Modifier::BOLD);
        spans.push(Span::styled(item.key, bold));
        spans.push(Span::styled(format!(" {}", item.name), ctx.theme.dim));
    }
    Line::from(spans).style(ctx.theme.bar)
}

/// Left and right words with the gap between them filled; the left ones give way.
pub fn spread(
    left: Vec<Span<'static>>,
    right: Vec<Span<'static>>,
    width: usize,
    ctx: &Ctx<'_>,
) -> Line<'static> {
    let right_width: usize = right.iter().map(Span::width).sum();
    let left = text::fit_line(&Line::from(left), width.saturating_sub(right_width + 1), ctx.glyphs.ellipsis);
    let gap = width.saturating_sub(left.width() + right_width);
    let mut spans = left.spans;
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right);
    Line::from(spans)
}
