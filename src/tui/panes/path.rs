//! The way of the watched call: who asks, the gates, the chain of keys, the bytes or the row; then what time alone brings.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::Ctx;
use super::task;
use crate::narration::{CallStatus, Gate, LabView, Moment, Passage, PathView};
use crate::tui::keys::Action;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// From this width on each gate has its note below it.
const NOTES_FROM: usize = 96;

/// How much room the way of the call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The way alone, without its heading.
    Little,
    /// Lines around it that say who calls what, and when.
    Some,
    /// Gates in frames, and the verdict in large letters.
    Much,
}

/// The rows of the way: for each of one or two callers the gates, what is said of them, and the verdict in a sentence.
pub fn path_rows(view: &LabView, ctx: &Ctx<'_>, width: usize, room: Room) -> Vec<Line<'static>> {
    let roomy = room != Room::Little;
    let mut out = Vec::new();
    if view.path.call.is_empty() {
        return out;
    }
    let paths = std::iter::once(&view.path).chain(view.other.iter().map(|other| &other.path));
    for (path, letter) in paths.zip(["A", "B"]) {
        let letter = view.other.as_ref().map(|_| {
            let style = if view.acts(&path.who) { ctx.theme.badge } else { ctx.theme.dim };
            Span::styled(format!(" {letter} "), style)
        });
        if roomy {
            out.push(heading(path, letter.clone(), view, ctx, width));
        }
        if room == Room::Much && view.other.is_none() && !path.hidden {
            out.extend(large_path(path, ctx, width));
        } else {
            out.extend(one_path(path, letter.filter(|_| !roomy), ctx, width));
        }
    }
    out.extend(time_strip(view, ctx, width));
    if roomy {
        out.push(Line::from(Span::styled(ctx.glyphs.border.horizontal_top.repeat(width), ctx.theme.frame)));
    }
    out
}

/// How many of the things that time brings are drawn.
const MOST_DUE: usize = 3;
/// Farther ahead nothing is drawn, in hours.
const FAR: i64 = 45 * 24;

/// What time alone brings soon, as a strip along which the clock key walks.
fn time_strip(view: &LabView, ctx: &Ctx<'_>, width: usize) -> Option<Line<'static>> {
    let near: Vec<_> = view.due.iter().filter(|due| due.left.as_hours() < FAR).take(MOST_DUE).collect();
    if near.is_empty() {
        return None;
    }
    let mut spans = vec![Span::raw("  "), Span::styled(clean(&view.head.clock).into_owned(), ctx.theme.text)];
    for due in near {
        spans.push(Span::styled(format!(" {} ", ctx.glyphs.no_way), ctx.theme.dim));
        spans.push(Span::styled(format!("+{} ", due.in_short()), ctx.theme.draft));
        spans.push(Span::styled(clean(&due.what).into_owned(), ctx.theme.text));
    }
    let key = ctx.key(Action::Clock);
    let hint = ctx.key_words(&key, " lets time pass", ctx.theme.dim);
    let used: usize = hint.iter().map(Span::width).sum::<usize>() + 2;
    let mut line = text::fit_line(&Line::from(spans), width.saturating_sub(used), ctx.glyphs.ellipsis);
    line.push_span(Span::raw("  "));
    line.spans.extend(hint);
    Some(line)
}

/// The line over a way: who calls what, and when.
fn heading(
    path: &PathView,
    letter: Option<Span<'static>>,
    view: &LabView,
    ctx: &Ctx<'_>,
    width: usize,
) -> Line<'static> {
    let line = ctx.glyphs.border.horizontal_top;
    let watch = ctx.key(Action::Watch);
    let mut left = vec![
        Span::styled(format!("{line} "), ctx.theme.frame),
        Span::styled(clean(&path.who).into_owned(), ctx.theme.title),
        Span::styled(format!(" {} ", ctx.glyphs.marker), ctx.theme.dim),
        // A press on the call chooses another one, as in the answer's title.
        Span::styled(clean(&path.call).into_owned(), ctx.clickable(ctx.theme.title, &watch)),
        Span::raw(" "),
    ];
    if let Some(letter) = letter {
        left.splice(1..1, [letter, Span::raw(" ")]);
    }
    let mut right = moment(path, view, ctx);
    if view.answer.others {
        right.splice(0..0, ctx.key_words(&watch, " another call  ", ctx.theme.dim));
    }
    let used: usize = left.iter().chain(&right).map(Span::width).sum();
    let mut spans = left;
    spans.push(Span::styled(line.repeat(width.saturating_sub(used + 3).max(1)), ctx.theme.frame));
    spans.push(Span::raw(" "));
    spans.extend(right);
    spans.push(Span::styled(format!(" {line}"), ctx.theme.frame));
    text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis)
}

/// When the answer was given.
fn moment(path: &PathView, view: &LabView, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    match &path.moment {
        _ if path.hidden => Vec::new(),
        Moment::Preview => {
            let key = ctx.key(Action::Run);
            let mut spans = vec![Span::styled("what a call would get now", ctx.theme.dim)];
            // The key calls as whoever acts, who may be somebody else.
            if view.acts(&path.who) {
                spans.push(Span::styled(" ", ctx.theme.dim));
                spans.extend(ctx.key_words(&key, " calls", ctx.theme.dim));
            }
            spans
        }
        Moment::Ran(at) => vec![Span::styled(format!("called at {}", clean(at)), ctx.theme.dim)],
        Moment::Draft => vec![Span::styled(task::on_drafts(view.drafts), ctx.theme.draft)],
    }
}

fn one_path(
    path: &PathView,
    letter: Option<Span<'static>>,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let verdict = verdict(path, ctx);
    let lettered = letter.as_ref().map_or(0, Span::width);
    let room = width.saturating_sub(verdict.iter().map(Span::width).sum::<usize>() + 2 + lettered);
    let (mut chain, notes) = chain(path, ctx, room);
    chain.spans.splice(0..0, letter);
    let gap = width.saturating_sub(chain.width() + verdict.iter().map(Span::width).sum::<usize>() + 1);
    chain.push_span(Span::raw(" ".repeat(gap)));
    chain.spans.extend(verdict);
    let mut out = vec![chain];
    if width >= NOTES_FROM && notes.width() > 0 {
        out.push(notes);
    }
    let words = if path.hidden {
        let key = ctx.key(Action::Predict);
        Line::from(ctx.key_words(&key, " asks for your guess; then the way is shown", ctx.theme.dim).to_vec())
    } else {
        Line::from(Span::styled(clean(&path.sentence).into_owned(), ctx.theme.text))
    };
    let inner = width.saturating_sub(3).max(1);
    out.extend(text::wrap_line(&words, inner, 0).into_iter().map(|line| task::indented(line, "  ")));
    out
}

/// The rows of a large letter.
const LETTER_ROWS: usize = 5;

/// The way where there is much room: each gate in a frame, its note below it, the verdict in large letters at the right end,
/// the sentence below.
fn large_path(path: &PathView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let style = |status: CallStatus| match status {
        _ if path.moment == Moment::Draft && path.was.is_some() => ctx.theme.draft,
        CallStatus::Allowed => ctx.theme.allowed,
        CallStatus::Denied | CallStatus::Failed => ctx.theme.denied,
    };
    let letters = path.mark.as_ref().map_or_else(Vec::new, |mark| {
        let bold = style(mark.status).add_modifier(Modifier::BOLD);
        large_letters(mark.status.word(), bold, ctx)
    });
    let taken = letters.iter().map(Line::width).max().unwrap_or(0);
    let room = width.saturating_sub(taken + 5).max(20);
    let mut left = framed(path, ctx, room);
    // In words, too: letters made of blocks are read by nobody who does not see them.
    let mut words = vec![Span::raw("  ")];
    words.extend(verdict(path, ctx));
    left.push(Line::from(words));
    let rows = left.len().max(letters.len());
    let row = |at: usize| {
        let mut line = left.get(at).cloned().unwrap_or_default();
        if let Some(letters) = letters.get(at) {
            line.push_span(Span::raw(" ".repeat(width.saturating_sub(line.width() + taken + 2))));
            line.spans.extend(letters.spans.clone());
        }
        line
    };
    let mut out: Vec<Line<'static>> = (0..rows).map(row).collect();
    // Below both: between the rows of large letters a sentence is not read as one.
    let sentence = Line::from(Span::styled(clean(&path.sentence).into_owned(), ctx.theme.title));
    let sentence = text::wrap_line(&sentence, width.saturating_sub(3), 0);
    out.extend(sentence.into_iter().map(|line| task::indented(line, "  ")));
    out
}

/// A word in large letters, each cell of theirs two cells wide.
fn large_letters(word: &str, style: Style, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let letters: Vec<&[u8; LETTER_ROWS]> = word.chars().filter_map(super::present::letter).collect();
    let row = |at: usize| {
        let cells = letters.iter().map(|rows| {
            let bits = rows.get(at).copied().unwrap_or_default();
            (0..5)
                .map(|cell| if bits >> (4 - cell) & 1 == 1 { ctx.glyphs.block } else { " " }.repeat(2))
                .collect::<String>()
        });
        Line::from(Span::styled(cells.collect::<Vec<_>>().join("  "), style))
    };
    (0..LETTER_ROWS).map(row).collect()
}

/// The chain with a frame around whoever asks and around each gate, as far as that fits; the notes stand below.
fn framed(path: &PathView, ctx: &Ctx<'_>, room: usize) -> Vec<Line<'static>> {
    let count = 1 + path.gates.len();
    let arrow = text::width(ctx.glyphs.way) + 2;
    let wide = |pieces: &[Piece]| {
        let frames = 4 * count.min(pieces.len());
        pieces.iter().map(Piece::width).sum::<usize>() + frames + pieces.len().saturating_sub(1) * arrow + 2
    };
    let mut all = pieces(path, ctx, 0);
    for detail in 1..4 {
        if wide(&all) <= room {
            break;
        }
        all = pieces(path, ctx, detail);
    }
    if wide(&all) > room {
        let (chain, notes) = chain(path, ctx, room);
        return vec![chain, notes];
    }
    let border = ctx.glyphs.border;
    let mut rows: [Vec<Span<'static>>; 4] = std::array::from_fn(|_| vec![Span::raw("  ")]);
    let mut below = 2;
    let mut at = 2;
    for (n, piece) in all.into_iter().enumerate() {
        if n > 0 {
            let (sign, style) = if piece.reached {
                (ctx.glyphs.way, ctx.theme.allowed)
            } else {
                (ctx.glyphs.no_way, ctx.theme.dim)
            };
            for (row, spans) in rows.iter_mut().take(3).enumerate() {
                let words = if row == 1 { format!(" {sign} ") } else { " ".repeat(arrow) };
                spans.push(Span::styled(words, style));
            }
            at += arrow;
        }
        let width = piece.width();
        let style = if piece.reached { ctx.theme.text } else { ctx.theme.frame };
        let [top, middle, bottom, notes] = &mut rows;
        if n < count {
            let line = border.horizontal_top.repeat(width + 2);
            top.push(Span::styled(format!("{}{line}{}", border.top_left, border.top_right), style));
            middle.push(Span::styled(format!("{} ", border.vertical_left), style));
            middle.extend(piece.spans);
            middle.push(Span::styled(format!(" {}", border.vertical_right), style));
            bottom.push(Span::styled(format!("{}{line}{}", border.bottom_left, border.bottom_right), style));
        } else {
            top.push(Span::raw(" ".repeat(width)));
            middle.extend(piece.spans);
            bottom.push(Span::raw(" ".repeat(width)));
        }
        if !piece.note.0.is_empty() && at + 2 >= below {
            notes.push(Span::raw(" ".repeat(at + 2 - below)));
            below = at + 2 + text::width(&piece.note.0) + 1;
            notes.push(Span::styled(format!("{} ", piece.note.0), piece.note.1));
        }
        at += width + if n < count { 4 } else { 0 };
    }
    rows.into_iter().map(|spans| text::fit_line(&Line::from(spans), room, ctx.glyphs.ellipsis)).collect()
}

/// The verdict in a word, and the one before it.
fn verdict(path: &PathView, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let Some(mark) = &path.mark else { return Vec::new() };
    let mut spans = Vec::new();
    if let Some(before) = path.was {
        spans.extend(ctx.status(before));
        spans.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), ctx.theme.draft));
    }
    spans.extend(ctx.status(mark.status));
    if path.moment == Moment::Draft && path.was.is_some() {
        for span in &mut spans {
            span.style = span.style.add_modifier(Modifier::BOLD);
        }
    }
    spans
}

/// One piece of the chain.
struct Piece {
    spans: Vec<Span<'static>>,
    /// What stands below it.
    note: (String, Style),
    /// Whether the call comes that far.
    reached: bool,
}

impl Piece {
    fn width(&self) -> usize {
        self.spans.iter().map(Span::width).sum()
    }
}

/// The chain in that width, and the notes below its gates. What is least worth its room goes first: the table key, then
/// the key's name, then the stored bytes.
fn chain(path: &PathView, ctx: &Ctx<'_>, room: usize) -> (Line<'static>, Line<'static>) {
    let compact = |detail: usize| pieces(path, ctx, detail);
    let width = |pieces: &[Piece], arrow: usize| {
        pieces.iter().map(Piece::width).sum::<usize>() + pieces.len().saturating_sub(1) * (arrow + 2) + 2
    };
    let arrow = text::width(ctx.glyphs.way);
    let mut best = compact(0);
    for detail in 1..4 {
        if width(&best, arrow) <= room {
            break;
        }
        best = compact(detail);
    }
    let (mut line, mut notes) = (vec![Span::raw("  ")], vec![Span::raw("  ")]);
    let mut at = 2;
    let mut below = 2;
    for (n, piece) in best.into_iter().enumerate() {
        if n > 0 {
            let (sign, style) = if piece.reached {
                (ctx.glyphs.way, ctx.theme.allowed)
            } else {
                (ctx.glyphs.no_way, ctx.theme.dim)
            };
            line.push(Span::styled(format!(" {sign} "), style));
            at += arrow + 2;
        }
        if !piece.note.0.is_empty() && at >= below {
            notes.push(Span::raw(" ".repeat(at - below)));
            notes.push(Span::styled(piece.note.0.clone(), piece.note.1));
            below = at + text::width(&piece.note.0) + 1;
            notes.push(Span::raw(" "));
        }
        at += piece.width();
        line.extend(piece.spans);
    }
    let fit = |spans| text::fit_line(&Line::from(spans), room, ctx.glyphs.ellipsis);
    (fit(line), fit(notes))
}

fn pieces(path: &PathView, ctx: &Ctx<'_>, detail: usize) -> Vec<Piece> {
    let theme = ctx.theme;
    let none = || (String::new(), theme.dim);
    let who = Span::styled(clean(&path.who).into_owned(), theme.title);
    let mut out = vec![Piece { spans: vec![who], note: none(), reached: true }];
    let mut open = !path.hidden;
    for gate in &path.gates {
        let reached = open && gate.passage != Passage::Unreached;
        open &= matches!(gate.passage, Passage::Passed | Passage::NotAsked);
        out.push(Piece { spans: gate_words(gate, path.hidden, ctx), note: note(gate, ctx), reached });
    }
    let behind = path.behind.len();
    for (n, name) in path.behind.iter().enumerate() {
        // The first is the key, the last the table key.
        let last = n + 1 == behind && n > 0;
        if (last && detail > 0) || (!last && detail > 2) {
            continue;
        }
        let name = clean(name);
        let name =
            if detail > 1 { text::fit_middle(&name, 14, ctx.glyphs.ellipsis) } else { name.into_owned() };
        let style = if open { theme.text } else { theme.dim };
        let sign = if n == 0 { format!("{} ", ctx.glyphs.key) } else { String::new() };
        out.push(Piece {
            spans: vec![Span::styled(format!("{sign}{name}"), style)],
            note: none(),
            reached: open,
        });
    }
    if !path.end.is_empty() {
        let style = if path.is_plain { theme.title } else { theme.stored };
        let words = if path.is_plain {
            clean(&path.end).into_owned()
        } else {
            format!("{} {}", clean(&path.end), ctx.glyphs.ellipsis)
        };
        out.push(Piece { spans: vec![Span::styled(words, style)], note: none(), reached: open });
    }
    out
}

fn gate_words(gate: &Gate, hidden: bool, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let theme = ctx.theme;
    let name = clean(&gate.name).into_owned();
    if hidden {
        return vec![Span::styled(format!("{name} {}", ctx.glyphs.unknown), theme.dim)];
    }
    match gate.passage {
        Passage::Passed => {
            vec![Span::styled(format!("{name} "), theme.text), ctx.symbol(CallStatus::Allowed)]
        }
        Passage::Refused => {
            vec![Span::styled(format!("{name} "), theme.title), ctx.symbol(CallStatus::Denied)]
        }
        Passage::Failed => {
            vec![Span::styled(format!("{name} "), theme.title), ctx.symbol(CallStatus::Failed)]
        }
        Passage::Unreached => vec![Span::styled(name, theme.dim)],
        Passage::NotAsked => vec![Span::styled(format!("{name} (not asked)"), theme.dim)],
    }
}

fn note(gate: &Gate, ctx: &Ctx<'_>) -> (String, Style) {
    let style = if gate.passage == Passage::Refused { ctx.theme.denied } else { ctx.theme.dim };
    (clean(&gate.note).into_owned(), style)
}
