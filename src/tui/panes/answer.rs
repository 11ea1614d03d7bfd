//! What the watched call returns to the acting identity: rows, or AWS's error.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::narration::{AnswerView, CallStatus, Moment};
use crate::tui::flash::{self, Flash};
use crate::tui::keys::Action;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the answer.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| title(&lab.view.answer, lab.view.acts(&lab.view.answer.who), ctx),
    tab: Tab::Name,
    lines: |lab, ctx, width| lines(&lab.view.answer, ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Squeezes,
    open: |_| Answer::Act(Action::Run, 0),
    press: pane::press_focuses,
    move_by: pane::keys_scroll,
    scroll: Scroll::Lines(pane::nothing_goes_along),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Rows,
    offers: |_| vec![(Action::Watch, "another call")],
    copied: None,
};

/// The pane of the second session's answer.
pub const OTHER_VIEW: PaneView = PaneView {
    title: |lab, ctx, _| lab.view.other.as_ref().map_or_else(Title::default, |o| title(&o.answer, true, ctx)),
    lines: |lab, ctx, width| {
        lab.view.other.as_ref().map_or_else(Vec::new, |other| lines(&other.answer, ctx, width))
    },
    ..VIEW
};

/// The widest a column grows.
const MAX_COLUMN_CELLS: usize = 40;
/// The rows that one value takes at most.
const MOST_CELL_ROWS: usize = 4;

/// The title: who calls what, and when; then the keys that make the call, if it is shown for whoever `acts`, and choose
/// another, as far as they fit.
pub fn title(view: &AnswerView, acts: bool, ctx: &Ctx<'_>) -> Title {
    if view.call.is_empty() {
        return Title::new(ctx, "Answer");
    }
    // A press on the call chooses another one.
    let call = ctx.clickable(ctx.theme.title, &ctx.key(Action::Watch));
    let title = Title {
        left: vec![
            Span::styled(clean(&view.who).into_owned(), ctx.theme.title),
            Span::styled(format!(" {} ", ctx.glyphs.marker), ctx.theme.dim),
            Span::styled(clean(&view.call).into_owned(), call),
        ],
        ..Title::default()
    };
    let firm = |words: String, style| vec![Span::styled(words, style)];
    let firm = match &view.moment {
        // The key that makes the call says so, too, and another key needs the room.
        Moment::Preview if view.others => Vec::new(),
        Moment::Preview => firm("preview".into(), ctx.theme.dim),
        Moment::Ran(at) => firm(format!("ran {}", clean(at)), ctx.theme.dim),
        Moment::Draft => return Title { firm: firm("on draft".into(), ctx.theme.draft), ..title },
    };
    let mut title = Title { firm, ..title };
    if view.others && view.moment == Moment::Preview {
        title = title.right(ctx, "preview");
    }
    if view.others {
        title = title.hint(ctx, &ctx.key(Action::Watch), "another");
    }
    if view.moment == Moment::Preview && acts {
        title = title.hint(ctx, &ctx.key(Action::Run), "runs it");
    }
    title
}

/// The verdict, then what came back.
pub fn lines(view: &AnswerView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = Vec::new();
    if view.call.is_empty() {
        return text::wrap("No table yet: the first one is scanned here, as whoever acts.", width, theme.dim);
    }
    if view.hidden {
        let key = ctx.key(Action::Predict);
        let words = ctx.key_words(&key, " asks for your guess; then the answer is shown here", theme.dim);
        return text::wrap_line(&Line::from(words.to_vec()), width, 2);
    }
    if let Some(mark) = &view.mark {
        let mut spans = ctx.mark(mark);
        if ctx.is_lit(Flash::answer) {
            spans = flash::lit(spans);
        }
        if let Some((code, _)) = view.error.as_ref().filter(|(code, _)| *code != mark.because) {
            spans.push(Span::styled(format!("  {}", clean(code)), theme.denied));
        }
        if let Some(was) = &view.was {
            spans.push(Span::styled("   was ", theme.dim));
            spans.extend(ctx.mark(was));
        }
        if view.apart {
            spans.push(Span::styled(format!("  {}", clean(&view.call)), theme.title));
        }
        out.extend(text::wrap_line(&Line::from(spans), width, 2));
    }
    if view.mark.as_ref().is_some_and(|mark| mark.status == CallStatus::Failed) {
        let words = "No permission was refused: the call failed for another reason.";
        out.extend(text::wrap(words, width, theme.dim));
    }
    // Whether this is what the draft would bring comes before a long message can push it out of sight.
    if let Some(caveat) = &view.caveat {
        out.extend(text::wrap(&clean(caveat), width, theme.draft));
    }
    if let Some((_, message)) = &view.error {
        if ctx.expanded {
            out.extend(text::wrap(&clean(message), width, theme.text));
        } else {
            out.extend(text::wrap(&in_short(&clean(message), ctx.glyphs.ellipsis), width, theme.text));
            let words = ctx.key_words(&ctx.key(Action::Why), " AWS's words to the letter", theme.dim);
            out.push(Line::from(words.to_vec()));
        }
    }
    if !view.columns.is_empty() {
        out.push(Line::default());
        out.extend(table(view, ctx, width));
    }
    if !view.fields.is_empty() {
        out.push(Line::default());
        out.extend(fields(view, ctx, width));
    }
    if !view.notes.is_empty() {
        out.push(Line::default());
        for note in &view.notes {
            out.extend(text::wrap(&clean(note), width, theme.dim));
        }
    }
    out
}

/// A message of AWS without what it adds for its support, its ARNs shortened in the middle and the names of its Java classes
/// at the front: their ends say who and what.
fn in_short(message: &str, ellipsis: &str) -> String {
    let gist = message.split(" (Service: ").next().unwrap_or(message);
    let word = |word: &str| match word.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) {
        Some(end) if !end.is_empty() => {
            // Of the id of a key its beginning is enough.
            let short = end.strip_prefix("key/").and_then(|id| id.get(..8)).map(|id| format!("key/{id}"));
            format!("arn:{ellipsis}:{}", short.as_deref().unwrap_or(end))
        }
        Some(_) | None => match word.rsplit_once('.') {
            Some((_, class)) if word.starts_with("com.amazonaws.services.") => format!("{ellipsis}{class}"),
            Some(_) | None => word.to_owned(),
        },
    };
    gist.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A name and a value a line; what does not fit is cut off.
fn fields(view: &AnswerView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let names = view
        .fields
        .iter()
        .map(|(name, _)| text::width(&clean(name)))
        .max()
        .unwrap_or(0)
        .min(MAX_COLUMN_CELLS);
    let line = |(name, value): &(String, String)| {
        let name = text::pad(&clean(name), names, ctx.glyphs.ellipsis);
        let line = Line::from(vec![
            Span::styled(format!("{name}  "), ctx.theme.dim),
            Span::styled(clean(value).into_owned(), ctx.theme.text),
        ]);
        text::fit_line(&line, width, ctx.glyphs.ellipsis)
    };
    view.fields.iter().map(line).collect()
}

fn table(view: &AnswerView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let count = view.columns.len().max(1);
    let cell = |row: &Vec<String>, i: usize| row.get(i).map(|c| clean(c).into_owned()).unwrap_or_default();
    let head = |i: usize| view.columns.get(i).map_or("", String::as_str);
    let most = |of: fn(&str) -> usize, i: usize| {
        let cells = view.rows.iter().map(|r| of(&cell(r, i))).chain([of(&clean(head(i)))]);
        cells.max().unwrap_or(0).min(MAX_COLUMN_CELLS)
    };
    let mut widths: Vec<usize> = (0..count).map(|i| most(text::width, i)).collect();
    // Too wide: the widest columns give way first, those that can be cut at blanks before the others.
    let words: Vec<usize> = (0..count).map(|i| most(longest_word, i)).collect();
    while widths.iter().sum::<usize>() + 3 * (count - 1) > width {
        let of_many = widths.iter_mut().zip(&words).filter(|(width, word)| **width > **word);
        let widest = match of_many.map(|(width, _)| width).max() {
            Some(widest) => Some(widest),
            None => widths.iter_mut().max().filter(|w| **w > 4),
        };
        let Some(widest) = widest else { break };
        *widest -= 1;
    }
    let row = |cells: Vec<String>, style: Style| {
        let cells: Vec<Vec<String>> =
            cells.iter().zip(&widths).map(|(cell, width)| in_pieces(cell, *width)).collect();
        let rows = cells.iter().map(Vec::len).max().unwrap_or(0).clamp(1, MOST_CELL_ROWS);
        let one = |at: usize| {
            let last = at + 1 == rows;
            let piece = |(cell, width): (&Vec<String>, &usize)| {
                // What is behind the last row is cut off there, and that is to be seen.
                let rest = if last { cell.get(at..).unwrap_or_default().concat() } else { String::new() };
                let piece = if last { rest } else { cell.get(at).cloned().unwrap_or_default() };
                text::pad(&piece, *width, ctx.glyphs.ellipsis)
            };
            let joined: Vec<String> = cells.iter().zip(&widths).map(piece).collect();
            let joined = text::fit(joined.join("   ").trim_end(), width, ctx.glyphs.ellipsis);
            Line::from(Span::styled(joined, style))
        };
        (0..rows).map(one).collect::<Vec<_>>()
    };
    let mut out = row(view.columns.iter().map(|c| clean(c).into_owned()).collect(), theme.dim);
    for r in &view.rows {
        out.extend(row((0..count).map(|i| cell(r, i)).collect(), theme.text));
    }
    out
}

/// The width of the longest word of a text.
fn longest_word(of: &str) -> usize {
    of.split(' ').map(text::width).max().unwrap_or(0)
}

/// The pieces of a cell that stand under each other in a column of that width: cut at blanks, where there are any.
fn in_pieces(cell: &str, width: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text::wrap(cell, width.max(1), Style::new()) {
        out.push(line.to_string().trim_end().to_owned());
    }
    out
}
