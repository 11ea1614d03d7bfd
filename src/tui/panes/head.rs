//! The three single lines: header, note and footer.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Ctx;
use crate::narration::{Applied, CallStatus, LabView, Tick};
use crate::tui::keys::{Action, Binding, Context};
use crate::tui::panes::with_their_keys;
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::toast::ToastKind;

/// The first line of the lab. `layout` is the arrangement's name, where it is not the usual one; `unkept` says what is not
/// on the disk; `port` is where clients on the wire reach the lab.
pub fn header(
    view: &LabView,
    layout: Option<&str>,
    unkept: Option<&str>,
    port: Option<&str>,
    ctx: &Ctx<'_>,
    width: usize,
) -> Line<'static> {
    let theme = ctx.theme;
    let head = &view.head;
    let dot = ctx.glyphs.dot;
    let mut left = vec![
        Span::styled(" kmslab ", theme.badge),
        Span::styled(format!(" {} ", clean(&head.id)), theme.accent),
        Span::styled(clean(&head.title).into_owned(), theme.title),
    ];
    if let Some(layout) = layout {
        left.push(Span::styled(format!("  {dot} {layout} layout"), theme.accent));
    }
    if let Some(past) = &head.past {
        left.push(Span::raw("  "));
        left.push(Span::styled(format!(" looking back: {} ", clean(past)), theme.draft));
    }
    if let Some(branch) = &head.branch {
        left.push(Span::styled(format!("  {}", clean(branch)), theme.accent));
    }
    let mut right = if head.done {
        vec![Span::styled(format!("{} done ", ctx.glyphs.allowed), theme.allowed)]
    } else {
        let words = match head.task {
            (_, 0) => String::new(),
            (n, all) => format!("task {n}/{all} {dot} {} min ", head.minutes),
        };
        vec![Span::styled(words, theme.dim)]
    };
    if let Some(port) = port {
        right.splice(0..0, [Span::styled(format!("on {} ", clean(port)), theme.accent), Span::raw(" ")]);
    }
    if let Some(unkept) = unkept {
        // On the right, which never gives way.
        let mark = Span::styled(
            format!(" {} {} ", ctx.glyphs.denied, clean(unkept)),
            theme.denied.add_modifier(Modifier::BOLD | Modifier::REVERSED),
        );
        right.splice(0..0, [mark, Span::raw(" ")]);
    }
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

/// The line above the footer: what just happened, else where the draft stands, else what to do next. `open` is what keeps
/// the line at the console from being whole.
pub fn note(
    view: &LabView,
    place: Context,
    open: Option<&str>,
    ctx: &Ctx<'_>,
    toast: Option<&(ToastKind, String)>,
    width: usize,
) -> Line<'static> {
    let theme = ctx.theme;
    let g = ctx.glyphs;
    let line = if let Some((kind, words)) = toast {
        let (symbol, style) = match kind {
            ToastKind::Good => (g.allowed, theme.allowed),
            ToastKind::Bad => (g.denied, theme.denied),
            ToastKind::Note => (g.dot, theme.dim),
        };
        let mut spans = vec![Span::styled(format!(" {symbol} "), style)];
        spans.extend(ctx.sentence(&clean(words), theme.text));
        // The last call of a scenario must not hide that it was the last.
        if view.head.done && view.head.past.is_none() {
            spans.push(Span::styled(". Every check holds: ", theme.allowed));
            if matches!(place, Context::Console | Context::Editor) {
                spans.extend(ctx.key_words(&ctx.key(Action::Back), ", then ", theme.dim));
            }
            spans.extend(ctx.key_words(&ctx.key(Action::Next), " opens the next scenario.", theme.dim));
        }
        Line::from(spans)
    } else if let (Context::Console, Some(open)) = (place, open) {
        open_line(open, ctx)
    } else if place == Context::Console {
        typing_lines(ctx)
    } else if view.dirty {
        draft_note(view, ctx)
    } else if place == Context::Editor {
        editing(view.help_waits.is_none() || view.parts_offered, ctx)
    } else {
        next_step(view, ctx)
    };
    let mut spans = vec![super::stage::mode_badge(place, ctx)];
    // Before everything else: it must not be missed for a green tick.
    spans.extend(broken_promise(view, ctx));
    spans.extend(line.spans);
    text::fit_line(&Line::from(spans), width, g.ellipsis)
}

/// What does not hold that must hold all along, now or once the draft is applied: by its own words if it is one.
fn broken_promise(view: &LabView, ctx: &Ctx<'_>) -> Option<Span<'static>> {
    let promises = || view.task.checks.iter().filter(|check| check.invariant);
    let broken: Vec<_> = promises().filter(|check| check.applied != Tick::Done).collect();
    let drafted = promises().filter(|check| check.draft.is_some_and(|tick| tick != Tick::Done));
    let words = match (broken.as_slice(), drafted.collect::<Vec<_>>().as_slice()) {
        ([], []) => return None,
        ([], [one]) => format!("would break a promise: {}", clean(&one.say)),
        ([], several) => format!("would break {} promises", several.len()),
        ([one], _) => format!("promise broken: {}", clean(&one.say)),
        (several, _) => format!("{} promises broken", several.len()),
    };
    let style = ctx.theme.denied.add_modifier(Modifier::BOLD);
    Some(Span::styled(format!(" {} {words}", ctx.glyphs.denied), style))
}

fn draft_note(view: &LabView, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let who =
        view.identities.iter().find(|i| i.acting).map(|i| clean(&i.name).into_owned()).unwrap_or_default();
    let by = clean(&view.document.applied_by);
    if view.stale {
        let words = " the draft cannot be read: verdicts are from before it";
        let broken = format!(" {} ", super::identities::broken(view, ctx));
        return Line::from(vec![Span::styled(broken, theme.denied), Span::styled(words, theme.dim)]);
    }
    let drafts = match view.drafts {
        0 | 1 => "draft".to_owned(),
        n => format!("{n} drafts"),
    };
    // Whom it takes something from or gives something to comes first, unless nothing of it can come true.
    let refused = view.apply.as_ref().is_some_and(|mark| mark.status != CallStatus::Allowed);
    let forecast =
        view.forecast.first().filter(|_| !refused && view.document.edited && view.missing.is_none());
    let mut spans = match forecast {
        Some(words) => vec![Span::styled(
            format!(" {} {} {}", ctx.glyphs.dirty, clean(words), ctx.glyphs.dot),
            theme.draft,
        )],
        None => Vec::new(),
    };
    spans.push(match forecast {
        Some(_) => Span::styled(format!(" {drafts} not applied {}", ctx.glyphs.dot), theme.draft),
        None => Span::styled(format!(" {} {drafts} not applied ", ctx.glyphs.dirty), theme.draft),
    });
    if !view.document.edited {
        let key = ctx.key(Action::Documents);
        spans.extend(ctx.key_words(
            &key,
            " lists the documents, with a mark at those with drafts",
            theme.dim,
        ));
        return Line::from(spans);
    }
    if let Some((who, can)) = &view.missing {
        let words = if *can {
            format!(" creates {} here", clean(who))
        } else {
            format!(" why {} cannot be created", clean(who))
        };
        spans.extend(ctx.key_words(&ctx.key(Action::Create), &words, theme.text));
        spans.push(Span::styled(format!(" {}", ctx.glyphs.dot), theme.dim));
    }
    if let Some(words) = view.forecast.first().filter(|_| !refused && view.missing.is_some()) {
        spans.push(Span::styled(format!(" {} {}", clean(words), ctx.glyphs.dot), theme.draft));
    }
    if by.is_empty() {
        spans.push(Span::styled(" this document cannot be changed here", theme.dim));
    } else {
        spans.push(Span::styled(format!(" {who} would call {by}"), theme.text));
        if let Some(mark) = view.apply.as_ref().filter(|m| m.status != CallStatus::Allowed) {
            let denied = mark.status == CallStatus::Denied;
            let words = if denied { "and be refused" } else { "and fail" };
            spans.push(Span::styled(format!(" {words} {}", ctx.glyphs.denied), theme.denied));
            // What is refused is mostly the call itself, which stands there already.
            if mark.because != view.document.applied_by {
                spans.push(Span::styled(format!(" {}", clean(&mark.because)), theme.denied));
            }
        }
    }
    Line::from(spans)
}

/// What helps while an answer is chosen.
pub fn answering(ctx: &Ctx<'_>) -> Line<'static> {
    let enter = ctx.keys.label(Context::List, Action::Open);
    let mut spans = vec![Span::raw(" ")];
    spans.extend(ctx.key_words(
        &enter,
        " answers so; a digit chooses, Space says how sure you are.",
        ctx.theme.text,
    ));
    Line::from(spans)
}

/// What helps while the cells of a grid are filled.
pub fn filling(ctx: &Ctx<'_>) -> Line<'static> {
    let words = " The letter before an answer fills the cell; once all are filled the answers are shown.";
    Line::from(Span::styled(words, ctx.theme.text))
}

/// What helps while the learner says in their own words what decided.
pub fn own_words(ctx: &Ctx<'_>) -> Line<'static> {
    let enter = ctx.keys.label(Context::List, Action::Open);
    let mut spans = vec![Span::raw(" ")];
    spans.extend(ctx.key_words(&enter, " goes on to the lesson, with or without a word.", ctx.theme.text));
    Line::from(spans)
}

/// What helps while a document is edited and reads as it is applied. No statement is offered before its time.
fn editing(statements: bool, ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action| ctx.key_span(&ctx.keys.label(Context::Editor, action));
    let word = |w: &str| Span::styled(w.to_owned(), ctx.theme.dim);
    let mut spans = vec![Span::raw(" ")];
    if statements {
        spans.extend([key(Action::Snippet), word(" inserts a statement, ")]);
    }
    spans.extend([
        key(Action::Complete),
        word(" completes, "),
        key(Action::Apply),
        word(" applies, "),
        key(Action::Back),
        word(" leaves the editor."),
    ]);
    Line::from(with_their_keys(spans))
}

/// What helps while a line at the console is not whole.
fn open_line(open: &str, ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action| ctx.key_span(&ctx.keys.label(Context::Console, action));
    let word = |w: &str| Span::styled(w.to_owned(), ctx.theme.dim);
    Line::from(with_their_keys(vec![
        Span::styled(format!(" {open} {} ", ctx.glyphs.dot), ctx.theme.draft),
        key(Action::RunLine),
        word(" goes on in the next row, "),
        key(Action::CancelLine),
        word(" throws the line away."),
    ]))
}

/// What helps while lines are typed: a letter pressed there is a letter.
fn typing_lines(ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action| ctx.key_span(&ctx.keys.label(Context::Console, action));
    let word = |w: &str| Span::styled(w.to_owned(), ctx.theme.dim);
    Line::from(with_their_keys(vec![
        Span::raw(" "),
        key(Action::RunLine),
        word(" runs the line, "),
        key(Action::CompleteLine),
        word(" completes a word, "),
        key(Action::Back),
        word(" leaves the console."),
    ]))
}

/// Under a window: what the keys of the lab do elsewhere is not said.
pub fn behind(ctx: &Ctx<'_>) -> Line<'static> {
    let key = ctx.key_span(&ctx.keys.label(Context::List, Action::Back));
    Line::from(with_their_keys(vec![
        Span::styled(" The keys go to the window; ", ctx.theme.dim),
        key,
        Span::styled(" closes it.", ctx.theme.dim),
    ]))
}

/// One suggestion: the key a newcomer should press now.
fn next_step(view: &LabView, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let key = |a: Action| ctx.key_span(&ctx.key(a));
    let word = |w: &str| Span::styled(w.to_owned(), theme.dim);
    if view.head.past.is_some() {
        return Line::from(with_their_keys(vec![
            word(" An earlier moment. "),
            key(Action::Redo),
            word(" goes forward; any call made here starts a new branch."),
        ]));
    }
    if view.head.done {
        return Line::from(with_their_keys(vec![
            Span::styled(format!(" {} Every check holds. ", ctx.glyphs.allowed), theme.allowed),
            key(Action::Next),
            word(" opens the next scenario."),
        ]));
    }
    // Whoever may make the call without a guess is not told to guess first.
    let waits = view.identities.iter().any(|row| row.acting && row.applied == Applied::Hidden);
    if waits && view.task.question().is_some_and(|p| p.chosen.is_none()) {
        return Line::from(with_their_keys(vec![
            word(" First your guess: "),
            key(Action::Predict),
            word(" guesses. "),
            key(Action::Run),
            word(" then makes the call."),
        ]));
    }
    // Nothing is there to be called or edited yet.
    if view.resources.is_empty() && view.head.task.1 > 0 {
        return Line::from(with_their_keys(vec![
            word(" Nothing is there yet. "),
            key(Action::Console),
            word(" opens the console; begin with: aws kms create-key. "),
            key(Action::Hint),
            word(" gives a hint."),
        ]));
    }
    if view.head.task.1 == 0 {
        return Line::from(with_their_keys(vec![
            Span::raw(" "),
            key(Action::Console),
            word(" opens the console, "),
            key(Action::Keys),
            word(" shows the keys, "),
            key(Action::Edit),
            word(" edits a policy, "),
            key(Action::Timeline),
            word(" goes to any step."),
        ]));
    }
    Line::from(with_their_keys(vec![
        Span::raw(" "),
        key(Action::Identity),
        word(" acts as somebody, "),
        key(Action::Run),
        word(" makes the call, "),
        key(Action::Edit),
        word(" edits the policy, "),
        key(Action::Hint),
        word(" hints."),
    ]))
}

/// One word of the footer: a key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The key as written.
    pub key: String,
    pub name: String,
    /// Whether the part keeps its place at the end of the line when there is no room for all.
    pub stays: bool,
}

impl Offer {
    /// A row of the key map.
    pub fn of(binding: &Binding) -> Self {
        // The palette and help lead to everything else, and the way out is never to be looked for.
        let stays = matches!(binding.action, Action::Palette | Action::Help | Action::Home | Action::Quit);
        Self { key: binding.short_label(), name: binding.name.clone(), stays }
    }

    fn width(&self) -> usize {
        text::width(&self.key) + 1 + text::width(&self.name) + 3
    }
}

/// The footer: the words that fit, in their order.
pub fn footer(ctx: &Ctx<'_>, offers: &[Offer], width: usize) -> Line<'static> {
    let (last, others): (Vec<&Offer>, Vec<&Offer>) = offers.iter().partition(|offer| offer.stays);
    let mut room = width.saturating_sub(2 + last.iter().map(|offer| offer.width()).sum::<usize>());
    let fitting = others.into_iter().filter(|offer| {
        let left = room.checked_sub(offer.width());
        room = left.unwrap_or(room);
        left.is_some()
    });
    let mut spans = vec![Span::raw(" ")];
    for offer in fitting.chain(last.iter().copied()) {
        if spans.len() > 1 {
            spans.push(Span::raw("   "));
        }
        let bold = ctx.theme.accent.add_modifier(Modifier::BOLD);
        spans.push(Span::styled(offer.key.clone(), ctx.clickable(bold, &offer.key)));
        spans.push(Span::styled(format!(" {}", offer.name), ctx.clickable(ctx.theme.dim, &offer.key)));
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
