//! The three single lines: header, note and footer.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Ctx;
use crate::narration::{Applied, CallStatus, LabView, Tick};
use crate::tui::keys::{Action, Binding, Context};
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
/// the line at the console from being whole; `dropped` are the panes that have no room beside two sessions.
pub fn note(
    view: &LabView,
    place: Context,
    open: Option<&str>,
    dropped: &[&str],
    ctx: &Ctx<'_>,
    toast: Option<&(ToastKind, String)>,
    width: usize,
) -> Line<'static> {
    let theme = ctx.theme;
    let g = ctx.glyphs;
    let mut spans = vec![super::stage::mode_badge(place, ctx)];
    // Before everything else: it must not be missed for a green tick. Which one it is stands above, too.
    let badge = spans.iter().map(Span::width).sum::<usize>();
    let beside = toast.map_or(LEAST_BESIDE, |(_, words)| text::width(&clean(words)) + 3);
    let promise = broken_promise(view, true, ctx).filter(|full| badge + full.width() + beside <= width);
    spans.extend(promise.or_else(|| broken_promise(view, false, ctx)));
    if spans.len() > 1 && toast.is_none() {
        spans.push(Span::styled(format!(" {}", g.dot), theme.dim));
    }
    let room = width.saturating_sub(spans.iter().map(Span::width).sum());
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
            let mut last = vec![Span::styled(". Every check holds: ", theme.allowed)];
            if matches!(place, Context::Console | Context::Editor) {
                last.extend(ctx.key_words(&ctx.key(Action::Back), ", then ", theme.dim));
            }
            last.extend(ctx.key_words(&ctx.key(Action::Next), " opens the next scenario.", theme.dim));
            let both: usize = spans.iter().chain(&last).map(Span::width).sum();
            spans.extend(last.into_iter().filter(|_| both <= room));
        }
        Line::from(spans)
    } else if let (Context::Console, Some(open)) = (place, open) {
        open_line(open, room, ctx)
    } else if place == Context::Console {
        typing_lines(room, ctx)
    } else if view.dirty {
        draft_note(view, room, ctx)
    } else if place == Context::Editor {
        editing(view.help_waits.is_none() || view.parts_offered, room, ctx)
    } else if dropped.is_empty() {
        next_step(view, room, ctx)
    } else {
        beside_sessions(dropped, room, ctx)
    };
    spans.extend(line.spans);
    text::fit_line(&Line::from(spans), width, g.ellipsis)
}

/// The cells that are kept for what else there is to say beside a promise that does not hold.
const LEAST_BESIDE: usize = 40;

/// What does not hold that must hold all along, now or once the draft is applied; in `full` by its own words if it is one.
fn broken_promise(view: &LabView, full: bool, ctx: &Ctx<'_>) -> Option<Span<'static>> {
    let promises = || view.task.checks.iter().filter(|check| check.invariant);
    let broken: Vec<_> = promises().filter(|check| check.applied != Tick::Done).collect();
    let drafted = promises().filter(|check| check.draft.is_some_and(|tick| tick != Tick::Done));
    let words = match (broken.as_slice(), drafted.collect::<Vec<_>>().as_slice()) {
        ([], []) => return None,
        ([], [one]) if full => format!("would break a promise: {}", clean(&one.say)),
        ([], [_]) => "would break a promise".to_owned(),
        ([], several) => format!("would break {} promises", several.len()),
        ([one], _) if full => format!("promise broken: {}", clean(&one.say)),
        ([_], _) => "promise broken".to_owned(),
        (several, _) => format!("{} promises broken", several.len()),
    };
    let style = ctx.theme.denied.add_modifier(Modifier::BOLD);
    Some(Span::styled(format!(" {} {words}", ctx.glyphs.denied), style))
}

/// A part of the line above the footer.
struct Part {
    spans: Vec<Span<'static>>,
    /// Whether the part stands there when there is no room for all.
    stays: bool,
}

impl Part {
    fn new(spans: Vec<Span<'static>>) -> Self {
        Self { spans, stays: false }
    }

    fn that_stays(spans: Vec<Span<'static>>) -> Self {
        Self { spans, stays: true }
    }

    /// A key and what it does.
    fn key(context: Context, action: Action, words: &str, ctx: &Ctx<'_>) -> Self {
        let label = ctx.keys.label(context, action);
        Self::new(ctx.key_words(&label, &format!(" {words}"), ctx.theme.dim).to_vec())
    }

    fn width(&self) -> usize {
        self.spans.iter().map(Span::width).sum()
    }
}

/// The parts that fit, in their order and whole, with `between` among them: a part that is cut tells nobody what its key
/// does.
fn fitting(parts: Vec<Part>, between: &Span<'static>, room: usize) -> Vec<Span<'static>> {
    let taken = |part: &Part| part.width() + between.width();
    let staying: usize = parts.iter().filter(|part| part.stays).map(taken).sum();
    let mut room = (room + between.width()).saturating_sub(staying);
    let mut out = Vec::new();
    for part in parts {
        let left = room.checked_sub(taken(&part)).filter(|_| !part.stays);
        if part.stays || left.is_some() {
            room = left.unwrap_or(room);
            out.extend((!out.is_empty()).then(|| between.clone()));
            out.extend(part.spans);
        }
    }
    out
}

/// Keys with what they do as one sentence behind `lead`, as many as fit.
fn help_line(lead: Vec<Span<'static>>, keys: Vec<Part>, room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let mut spans = lead;
    spans.push(Span::raw(" "));
    let used: usize = spans.iter().map(Span::width).sum();
    let end = Span::styled(".", ctx.theme.dim);
    let between = Span::styled(", ", ctx.theme.dim);
    spans.extend(fitting(keys, &between, room.saturating_sub(used + end.width())));
    spans.push(end);
    Line::from(spans)
}

fn draft_note(view: &LabView, room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let who =
        view.identities.iter().find(|i| i.acting).map(|i| clean(&i.name).into_owned()).unwrap_or_default();
    let by = clean(&view.document.applied_by);
    if view.stale {
        let broken = Span::styled(super::identities::broken(view, ctx), theme.denied);
        let words = "cannot be read: verdicts are from before it";
        let parts = vec![
            Part::that_stays(vec![Span::raw(" "), broken]),
            Part::new(vec![Span::styled(words.to_owned(), theme.dim)]),
        ];
        let between = Span::raw(" ");
        return Line::from(fitting(parts, &between, room));
    }
    let drafts = match view.drafts {
        0 | 1 => "draft".to_owned(),
        n => format!("{n} drafts"),
    };
    // Whom it takes something from or gives something to comes first, unless nothing of it can come true.
    let refused = view.apply.as_ref().is_some_and(|mark| mark.status != CallStatus::Allowed);
    let forecast =
        view.forecast.first().filter(|_| !refused && view.document.edited).map(|words| clean(words));
    let lead = Span::styled(format!(" {} ", ctx.glyphs.dirty), theme.draft);
    let between = Span::styled(format!(" {} ", ctx.glyphs.dot), theme.dim);
    let room = room.saturating_sub(lead.width());
    let told = |words: &str| Part::new(vec![Span::styled(words.to_owned(), theme.draft)]);
    let state = Part::that_stays(vec![Span::styled(format!("{drafts} not applied"), theme.draft)]);
    let mut parts = Vec::new();
    match &view.missing {
        _ if !view.document.edited => {
            parts.push(state);
            let words = "lists the documents, with a mark at those with drafts";
            parts.push(Part::key(Context::Lab, Action::Documents, words, ctx));
        }
        None => {
            // Where there is no room for both, what would come of it says that it is a draft.
            let forecast = forecast.as_deref().map(|words| Part { stays: true, ..told(words) });
            parts.push(Part { stays: forecast.is_none(), ..state });
            parts.splice(0..0, forecast);
        }
        Some((who, can)) => {
            parts.push(state);
            let words = if *can {
                format!(" creates {} here", clean(who))
            } else {
                format!(" why {} cannot be created", clean(who))
            };
            let key = ctx.key(Action::Create);
            parts.push(Part::new(ctx.key_words(&key, &words, theme.text).to_vec()));
            parts.extend(forecast.as_deref().map(told));
        }
    }
    if view.document.edited && by.is_empty() {
        let words = "this document cannot be changed here".to_owned();
        parts.push(Part::new(vec![Span::styled(words, theme.text)]));
    } else if view.document.edited {
        let call = Span::styled(format!("{who} would call {by}"), theme.text);
        let taken: usize = parts.iter().map(|part| part.width() + between.width()).sum();
        parts.push(match view.apply.as_ref().filter(|_| refused) {
            None => Part::new(vec![call]),
            Some(mark) => {
                let denied = mark.status == CallStatus::Denied;
                let [long, short] = if denied { ["and be", "would be"] } else { ["and", "would"] };
                let word = if denied { "refused" } else { "fail" };
                let end =
                    |start: &str| Span::styled(format!("{start} {word} {}", ctx.glyphs.denied), theme.denied);
                // What is refused is mostly the call itself, which stands there already.
                let because = Some(&mark.because).filter(|because| **because != view.document.applied_by);
                let because = because.map(|b| Span::styled(format!(" {}", clean(b)), theme.denied));
                let called = vec![call, Span::raw(" "), end(long)];
                let whole = called.iter().cloned().chain(because).collect();
                let fits =
                    |spans: &Vec<Span<'_>>| taken + spans.iter().map(Span::width).sum::<usize>() <= room;
                let best = [whole, called].into_iter().find(fits);
                Part::that_stays(best.unwrap_or_else(|| vec![end(short)]))
            }
        });
    }
    Line::from([vec![lead], fitting(parts, &between, room)].concat())
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

/// What helps while a step of the timeline is marked.
pub fn comparing(step: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let mut spans =
        vec![Span::styled(format!(" Step {step} is marked. Go to another step; "), ctx.theme.text)];
    spans.extend(ctx.key_words(&ctx.key(Action::Diff), " compares the two.", ctx.theme.text));
    Line::from(spans)
}

/// What helps while the cells of a grid are filled.
pub fn filling(ctx: &Ctx<'_>) -> Line<'static> {
    let words = " A letter fills the cell; once all are filled the answers are shown.";
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
fn editing(statements: bool, room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action, words| Part::key(Context::Editor, action, words, ctx);
    let mut keys = Vec::new();
    keys.extend(statements.then(|| key(Action::Snippet, "inserts a statement")));
    keys.push(key(Action::Complete, "completes"));
    keys.push(Part { stays: true, ..key(Action::Apply, "applies") });
    keys.push(Part { stays: true, ..key(Action::Back, "leaves the editor") });
    help_line(Vec::new(), keys, room, ctx)
}

/// What helps while a line at the console is not whole.
fn open_line(open: &str, room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action, words| Part::key(Context::Console, action, words, ctx);
    let lead = Span::styled(format!(" {open} {}", ctx.glyphs.dot), ctx.theme.draft);
    let keys = vec![
        key(Action::RunLine, "goes on in the next row"),
        key(Action::CancelLine, "throws the line away"),
    ];
    help_line(vec![lead], keys, room, ctx)
}

/// What helps while lines are typed: a letter pressed there is a letter.
fn typing_lines(room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action, words| Part::key(Context::Console, action, words, ctx);
    let keys = vec![
        key(Action::RunLine, "runs the line"),
        key(Action::CompleteLine, "completes a word"),
        Part { stays: true, ..key(Action::Back, "leaves the console") },
    ];
    help_line(Vec::new(), keys, room, ctx)
}

/// Which panes have no room beside two sessions, and what brings them.
fn beside_sessions(dropped: &[&str], room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let key = |action, words| Part::key(Context::Lab, action, words, ctx);
    let lead = Span::styled(format!(" No room here for {}:", dropped.join(", ")), ctx.theme.text);
    let keys = vec![
        Part { stays: true, ..key(Action::Compare, "shows all panes") },
        key(Action::FocusNext, "goes from pane to pane"),
    ];
    help_line(vec![lead], keys, room, ctx)
}

/// Under a window: what the keys of the lab do elsewhere is not said.
pub fn behind(ctx: &Ctx<'_>) -> Line<'static> {
    let back = ctx.keys.label(Context::List, Action::Back);
    let mut spans = vec![Span::styled(" The keys go to the window; ", ctx.theme.dim)];
    spans.extend(ctx.key_words(&back, " closes it.", ctx.theme.dim));
    Line::from(spans)
}

/// One suggestion: the key a newcomer should press now.
fn next_step(view: &LabView, room: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let key = |action, words| Part::key(Context::Lab, action, words, ctx);
    let word = |words: &str| Span::styled(words.to_owned(), theme.dim);
    let (lead, keys) = if view.head.past.is_some() {
        let call = Part::new(vec![word("a call begins a new branch")]);
        (vec![word(" An earlier moment:")], vec![key(Action::Redo, "goes forward"), call])
    } else if view.head.done {
        let words = format!(" {} Every check holds:", ctx.glyphs.allowed);
        let keys = vec![key(Action::Next, "opens the next scenario"), key(Action::Story, "shows the lesson")];
        (vec![Span::styled(words, theme.allowed)], keys)
    } else if waits_for_guess(view) {
        // Whoever may make the call without a guess is not told to guess first.
        let keys = vec![key(Action::Predict, "guesses"), key(Action::Run, "then makes the call")];
        (vec![word(" First your guess:")], keys)
    } else if view.resources.is_empty() && view.head.task.1 > 0 {
        // Nothing is there to be called or edited yet.
        let keys = vec![
            key(Action::Console, "opens the console; begin with aws kms create-key"),
            key(Action::Hint, "gives a hint"),
        ];
        (vec![word(" Nothing is there yet:")], keys)
    } else if view.head.task.1 == 0 {
        let keys = vec![
            key(Action::Console, "opens the console"),
            key(Action::Keys, "shows the keys"),
            key(Action::Edit, "edits a policy"),
            key(Action::Timeline, "goes to any step"),
        ];
        (Vec::new(), keys)
    } else {
        let keys = vec![
            key(Action::Identity, "acts as somebody"),
            key(Action::Run, "makes the call"),
            key(Action::Edit, "edits the policy"),
            key(Action::Hint, "hints"),
        ];
        (Vec::new(), keys)
    };
    help_line(lead, keys, room, ctx)
}

/// Whether a guess is to be made before whoever acts may make the call.
fn waits_for_guess(view: &LabView) -> bool {
    let waits = view.identities.iter().any(|row| row.acting && row.applied == Applied::Hidden);
    waits && view.task.question().is_some_and(|question| question.chosen.is_none())
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
