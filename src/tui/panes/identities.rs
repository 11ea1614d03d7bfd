//! Who is there, what each may do now, and what the draft would change.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, RESOURCES, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::narration::{Applied, CallStatus, IdentityRow, LabView};
use crate::tui::flash;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the identities.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, rect| match typing_key(lab, ctx) {
        Some(key) => {
            let whole = Title::new(ctx, "Identities").hint(ctx, &key, "acts");
            let keys =
                || Title { left: ctx.key_words(&key, " acts", ctx.theme.dim).to_vec(), ..Title::default() };
            if whole.fits(rect.width) { whole } else { keys() }
        }
        None => title(&lab.view, ctx, rect.width),
    },
    tab: Tab::Name,
    lines: |lab, ctx, width| lines(&lab.view, ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: Some(|lab, ctx, width| {
        let (line, _) = folded(&lab.view, ctx, width);
        let Some(key) = typing_key(lab, ctx) else { return offering_all(line, ctx, width) };
        let hint = ctx.key_words(&key, " acts", ctx.theme.dim);
        let taken = line.width() + hint.iter().map(Span::width).sum::<usize>();
        match width.checked_sub(taken) {
            Some(gap) if gap > 0 => {
                let blanks = Span::raw(" ".repeat(gap));
                Line::from(line.spans.into_iter().chain([blanks]).chain(hint).collect::<Vec<_>>())
            }
            Some(_) | None => line,
        }
    }),
    fit: Fit::Squeezes,
    open: |_| Answer::Everybody,
    press: |lab, press, _| match press.row {
        row if row < lab.view.identities.len() => Answer::ActAs(row),
        _ => Answer::Changed,
    },
    move_by: step,
    scroll: Scroll::Lines(pane::nothing_goes_along),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    // A list of names needs no search: from there one looks through the policy.
    search: Search::Document,
    offers: |_| vec![(Action::Open, "everybody"), (Action::ActAs, "anybody")],
    copied: None,
};

/// The keys that act as somebody while letters are typed: a digit by itself is text then.
fn typing_key(lab: &LabScreen, ctx: &Ctx<'_>) -> Option<String> {
    let place = lab.place();
    matches!(place, Context::Editor | Context::Console).then(|| ctx.keys.label(place, Action::Identity))
}

/// Moves to the identity above or below; farther, the lines are scrolled.
fn step(lab: &mut LabScreen, _: pane::Room<'_>, by: isize) -> Answer {
    if by.abs() != 1 {
        return Answer::Scroll(by);
    }
    let now = lab.session.lab().acting();
    let to = now.saturating_add_signed(by).min(lab.view.identities.len().saturating_sub(1));
    if to == now { Answer::Changed } else { Answer::ActAs(to) }
}

/// What stands for a verdict that would give the answer to a question away.
pub const KEPT_BACK: &str = "guess first";

/// Returns the title of the pane.
pub fn title(view: &LabView, ctx: &Ctx<'_>, width: u16) -> Title {
    let title = Title::new(ctx, "Identities");
    let whole = title.clone().right(ctx, &view.watched);
    if whole.fits(width) {
        return whole;
    }
    // The answer's title has the rest.
    title.right(ctx, view.watched.split(' ').next().unwrap_or_default())
}

/// Where the draft is broken, in as few words as there are.
pub fn broken(view: &LabView, ctx: &Ctx<'_>) -> String {
    format!("draft {} {}", ctx.glyphs.denied, clean(&view.broken))
}

/// How many of those whom the draft turns beside the identities have a line each.
const MOST_BESIDE: usize = 4;

/// Somebody beside the identities whom the draft turns.
fn beside(
    (who, before, after): &(String, CallStatus, CallStatus),
    ctx: &Ctx<'_>,
    width: usize,
) -> Line<'static> {
    let arrow = format!(" {} ", ctx.glyphs.arrow);
    let spans = vec![
        Span::raw("  "),
        ctx.symbol(*before),
        Span::styled(arrow, ctx.theme.draft),
        ctx.symbol(*after),
        Span::styled(format!(" {}", clean(who)), ctx.theme.text),
    ];
    text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis)
}

/// One row an identity, then the resources.
pub fn lines(view: &LabView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = view.identities.iter().map(|row| identity(row, ctx, width)).collect();
    if view.dirty {
        out.push(Line::default());
        let n = view.flips();
        let drafts = if view.drafts > 1 { format!("{} drafts", view.drafts) } else { "Draft".to_owned() };
        let word = match n {
            _ if view.stale => broken(view, ctx),
            None => format!("{drafts}: {KEPT_BACK}"),
            Some(0) => format!("{drafts}: no flip"),
            Some(1) => format!("{drafts}: 1 flip"),
            Some(n) => format!("{drafts}: {n} flips"),
        };
        out.push(Line::from(Span::styled(word, ctx.theme.draft)));
        let beside_it = if view.stale { &[][..] } else { &view.turned_beside };
        out.extend(beside_it.iter().take(MOST_BESIDE).map(|turned| beside(turned, ctx, width)));
        let more = beside_it.len().saturating_sub(MOST_BESIDE);
        if more > 0 {
            out.push(Line::from(Span::styled(format!("  and {more} more"), ctx.theme.draft)));
        }
    }
    if !view.resources.is_empty() {
        out.push(Line::default());
        out.push(Line::from(Span::styled(RESOURCES, ctx.theme.dim)));
        for r in &view.resources {
            let symbol = if r.is_key { ctx.glyphs.key } else { ctx.glyphs.table };
            let word = if r.is_key { "key" } else { "table" };
            let name = clean(&r.name);
            let room = width.saturating_sub(text::width(symbol) + word.len() + 2);
            out.push(Line::from(vec![
                Span::styled(format!("{symbol} "), ctx.theme.accent),
                Span::styled(format!("{word} "), ctx.theme.dim),
                Span::styled(text::fit_middle(&name, room, ctx.glyphs.ellipsis), ctx.theme.text),
            ]));
            if !r.note.is_empty() {
                let note = text::fit(&clean(&r.note), width.saturating_sub(2), ctx.glyphs.ellipsis);
                out.push(Line::from(Span::styled(format!("  {note}"), ctx.theme.dim)));
            }
        }
    }
    out
}

/// The number of an identity, as far as there is a key for it.
fn number(row: &IdentityRow) -> String {
    if row.number <= 9 { row.number.to_string() } else { String::new() }
}

fn identity(row: &IdentityRow, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let marker = if row.acting { ctx.glyphs.marker } else { " " };
    let mut verdict = verdict(row, ctx);
    let lit = ctx.is_lit(|flash| flash.identity(&row.name));
    if lit {
        verdict = flash::lit(verdict);
    }
    let verdict_width: usize = verdict.iter().map(Span::width).sum();
    let room = width.saturating_sub(5 + verdict_width);
    let name = clean(&row.name);
    let name_room = if width >= 30 { room.min(12) } else { room };
    let name_style = if row.acting { ctx.theme.title } else { ctx.theme.text };
    let mut spans = vec![
        Span::styled(format!("{marker} "), ctx.theme.accent),
        Span::styled(format!("{:1} ", number(row)), ctx.theme.dim),
        Span::styled(text::pad(&name, name_room.saturating_sub(1).max(4), ctx.glyphs.ellipsis), name_style),
        Span::raw(" "),
    ];
    spans.extend(verdict);
    // Where there is room, the reason stands beside the symbol.
    let because = match (&row.applied, row.shown()) {
        (Applied::Hidden, _) => KEPT_BACK,
        (_, shown) => shown.map_or("", |mark| &*mark.because),
    };
    if !because.is_empty() {
        let used: usize = spans.iter().map(Span::width).sum();
        if width > used + 6 {
            let because = text::fit(&clean(because), width - used - 1, ctx.glyphs.ellipsis);
            spans.push(Span::styled(format!(" {because}"), ctx.theme.dim));
        }
    }
    let line = Line::from(spans);
    // In a row that is reversed all along, a reversed verdict would not be seen.
    if row.acting && !lit { line.style(ctx.theme.selection) } else { line }
}

/// Everybody and every resource in full, nothing cut.
pub fn whole(view: &LabView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = Vec::new();
    let names = view.identities.iter().map(|row| text::width(&clean(&row.name)));
    let longest = names.max().unwrap_or(0).min(width / 3);
    for row in &view.identities {
        let marker = if row.acting { ctx.glyphs.marker } else { " " };
        let name = clean(&row.name);
        let blanks = longest.saturating_sub(text::width(&name)) + 2;
        let mut spans = vec![
            Span::styled(format!("{marker} "), theme.accent),
            Span::styled(format!("{:1} ", number(row)), theme.dim),
            Span::styled(name.into_owned(), theme.title),
            Span::raw(" ".repeat(blanks)),
        ];
        match &row.applied {
            Applied::Is(mark) => spans.extend(ctx.mark(mark)),
            Applied::Nothing => {}
            Applied::Hidden => {
                let words =
                    format!("{} {KEPT_BACK}: {} predicts", ctx.glyphs.unknown, ctx.key(Action::Predict));
                spans.push(Span::styled(words, theme.dim));
            }
        }
        if let Some(draft) = row.draft.as_ref().filter(|_| row.flips() && !row.stale) {
            spans.push(Span::raw("  "));
            spans.push(Span::styled(format!("{} on the draft", ctx.glyphs.arrow), theme.draft));
            spans.push(Span::raw(" "));
            spans.extend(ctx.mark(draft));
        }
        out.extend(text::wrap_line(&Line::from(spans), width, 6));
    }
    let forecast = if view.stale { &[][..] } else { &view.forecast };
    for words in forecast {
        out.extend(text::wrap(&format!("On the draft {}.", clean(words)), width, theme.draft));
    }
    if !view.resources.is_empty() {
        out.push(Line::default());
    }
    for r in &view.resources {
        let symbol = if r.is_key { ctx.glyphs.key } else { ctx.glyphs.table };
        let line = Line::from(vec![
            Span::styled(format!("{symbol} "), theme.accent),
            Span::styled(if r.is_key { "key " } else { "table " }, theme.dim),
            Span::styled(clean(&r.name).into_owned(), theme.text),
            Span::styled(format!("  {}", clean(&r.note)), theme.dim),
        ]);
        out.extend(text::wrap_line(&line, width, 4));
    }
    out
}

/// Everybody in one line, and the cells that each takes.
pub fn folded(view: &LabView, ctx: &Ctx<'_>, width: usize) -> (Line<'static>, Vec<std::ops::Range<usize>>) {
    let longest = view.identities.iter().map(|row| text::width(&clean(&row.name))).max().unwrap_or(0);
    // The names give way until everybody fits.
    let fitting = (3..=longest).rev().find_map(|most| {
        let (line, cells) = everybody(view, most, ctx);
        (line.width() <= width).then_some((line, cells))
    });
    let (line, cells) = fitting.unwrap_or_else(|| everybody(view, 3, ctx));
    (text::fit_line(&line, width, ctx.glyphs.ellipsis), cells)
}

/// The line of everybody, with the key that shows all of it whole, as long as the line has the focus.
fn offering_all(mut line: Line<'static>, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let words = ctx.key_words(&ctx.key(Action::Open), " everybody", ctx.theme.dim);
    let room = width.saturating_sub(line.width() + 1);
    let needed: usize = words.iter().map(Span::width).sum();
    if ctx.focused && needed <= room {
        line.push_span(Span::raw(" ".repeat(room - needed)));
        line.spans.extend(words);
    }
    line
}

fn everybody(view: &LabView, most: usize, ctx: &Ctx<'_>) -> (Line<'static>, Vec<std::ops::Range<usize>>) {
    let theme = ctx.theme;
    let mut spans = Vec::new();
    let mut cells = Vec::new();
    let mut from = 0;
    for row in &view.identities {
        let marker = if row.acting { ctx.glyphs.marker } else { " " };
        let number = Some(number(row)).filter(|number| !number.is_empty());
        let number = number.map_or_else(String::new, |number| format!("{number} "));
        let (name_style, dim) = if row.acting {
            (theme.selection.patch(theme.title), theme.selection)
        } else {
            (theme.text, if ctx.focused { theme.accent } else { theme.dim })
        };
        let mut one = vec![
            Span::styled(marker, if row.acting { theme.selection } else { theme.text }),
            Span::styled(number, dim),
            Span::styled(text::fit(&clean(&row.name), most, ctx.glyphs.ellipsis), name_style),
            Span::raw(" "),
        ];
        let verdict = verdict(row, ctx);
        one.extend(if ctx.is_lit(|flash| flash.identity(&row.name)) { flash::lit(verdict) } else { verdict });
        one.push(Span::raw("  "));
        let width: usize = one.iter().map(Span::width).sum();
        cells.push(from..from + width);
        from += width;
        spans.extend(one);
    }
    (Line::from(spans), cells)
}

/// The symbol of the verdict, and of the draft's where it differs. Without a call to watch there is nothing to be said
/// about anybody.
fn verdict(row: &IdentityRow, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let applied = match &row.applied {
        Applied::Is(applied) => applied,
        Applied::Hidden => return vec![Span::styled(ctx.glyphs.unknown, ctx.theme.dim)],
        Applied::Nothing => return Vec::new(),
    };
    let mut verdict = vec![ctx.symbol(applied.status)];
    if let Some(draft) = row.draft.as_ref().filter(|_| row.flips()) {
        let mut after = ctx.symbol(draft.status);
        let mut arrow = ctx.theme.draft;
        if row.stale {
            // Nobody knows what the text would do now: this is what it did when it could be read last.
            arrow = ctx.theme.dim;
            after.style = ctx.theme.dim.add_modifier(Modifier::CROSSED_OUT);
        }
        verdict.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), arrow));
        verdict.push(after);
    }
    verdict
}
