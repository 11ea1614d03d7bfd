//! Everybody against everything: identities down, actions across.

use ratatui::text::{Line, Span};

use super::columns::Columns;
use super::identities::KEPT_BACK;
use super::pane::{self, Answer, Fit, PaneView, Scroll, Search, Tab};
use super::{Ctx, Title, with_their_keys};
use crate::narration::{CallStatus, Cell, MatrixView};
use crate::tui::flash;
use crate::tui::keys::{Action, Context};
use crate::tui::sanitize::clean;
use crate::tui::text;
use crate::tui::text_field::TextField;

/// The pane of the matrix.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| title(&lab.view.matrix, ctx),
    tab: Tab::Name,
    lines: |lab, ctx, width| {
        let matrix = &lab.view.matrix;
        if matrix.columns.is_empty() {
            nothing_yet(width, ctx)
        } else {
            lines(matrix, &shown(matrix, &Pick::default()), None, ctx, width)
        }
    },
    draw: None,
    // The headings stay where they are; only what stands under them scrolls.
    scrolling: |lab| Some(lab.view.matrix.rows.len()),
    folded: None,
    fit: Fit::Fixed,
    open: |_| Answer::Act(Action::Matrix, 0),
    press: pane::press_focuses,
    move_by: pane::keys_scroll,
    scroll: Scroll::Lines(pane::nothing_goes_along),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Rows,
    offers: |_| vec![(Action::Open, "goes in")],
    copied: None,
};

/// Which rows of the matrix are shown, in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Part of a name; empty for everybody.
    pub field: TextField,
    /// Whether keys go into the name.
    pub typing: bool,
    /// Whether rows that say the same as the first identity's, on the draft too, are left out.
    pub differing: bool,
    /// The order of the rows.
    pub order: Order,
}

/// The orders of the matrix's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As the scenario lists the identities.
    #[default]
    Scenario,
    /// Identities that may do most come first.
    Allowed,
    /// Identities for whom the draft changes most come first.
    Flips,
}

impl Order {
    /// The order after this one.
    pub fn next(self) -> Self {
        match self {
            Self::Scenario => Self::Allowed,
            Self::Allowed => Self::Flips,
            Self::Flips => Self::Scenario,
        }
    }

    /// The order in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario order",
            Self::Allowed => "most allowed first",
            Self::Flips => "flips first",
        }
    }
}

/// Returns the title of the pane.
pub fn title(view: &MatrixView, ctx: &Ctx<'_>) -> Title {
    Title::new(ctx, "Matrix").about(ctx, &view.title)
}

/// The rows that `pick` shows, in its order.
pub fn shown(view: &MatrixView, pick: &Pick) -> Vec<usize> {
    let typed = pick.field.text().trim().to_lowercase();
    let first = view.rows.first().map(|(_, cells)| cells);
    let differs = |cells: &Vec<Cell>| {
        let like_first = first.is_some_and(|first| first.iter().map(|c| c.applied).eq(applied(cells)));
        !like_first || flips(cells) > 0
    };
    let mut rows: Vec<(usize, &[Cell])> = view
        .rows
        .iter()
        .enumerate()
        .filter(|(_, (name, cells))| {
            name.to_lowercase().contains(&typed) && (!pick.differing || differs(cells))
        })
        .map(|(i, (_, cells))| (i, cells.as_slice()))
        .collect();
    // The sort is stable: equals stay as the scenario lists them.
    match pick.order {
        Order::Scenario => {}
        Order::Allowed => rows.sort_by_key(|(_, cells)| {
            std::cmp::Reverse(applied(cells).filter(|v| *v == CallStatus::Allowed).count())
        }),
        Order::Flips => rows.sort_by_key(|(_, cells)| std::cmp::Reverse(flips(cells))),
    }
    rows.into_iter().map(|(i, _)| i).collect()
}

fn applied(cells: &[Cell]) -> impl Iterator<Item = CallStatus> + '_ {
    cells.iter().map(|c| c.applied)
}

fn flips(cells: &[Cell]) -> usize {
    cells.iter().filter(|c| c.draft.is_some_and(|d| d != c.applied)).count()
}

/// What is shown and in what order, with the keys that change it; and how far to its right the typed name ends.
pub fn choices(view: &MatrixView, pick: &Pick, ctx: &Ctx<'_>, width: usize) -> (Line<'static>, usize) {
    let theme = ctx.theme;
    let count = shown(view, pick).len();
    let key = |action| ctx.key_span(&ctx.keys.label(Context::List, action));
    let mut spans = vec![ctx.key_span(&ctx.key(Action::Search)), Span::raw(" ")];
    if pick.typing || !pick.field.is_empty() {
        spans.push(Span::styled(
            text::fit_left(&clean(pick.field.text()), 20, ctx.glyphs.ellipsis),
            theme.text,
        ));
    } else {
        spans.push(Span::styled("find a name", theme.dim));
    }
    let typed = spans.iter().map(Span::width).sum();
    let (rows, rows_style) =
        if pick.differing { (" only what differs", theme.text) } else { (" every row", theme.dim) };
    if view.subject.1 > 1 {
        let (now, all) = view.subject;
        spans.extend([Span::raw("  "), key(Action::MatrixSubject)]);
        spans.push(Span::styled(format!(" subject {} of {all}", now + 1), theme.dim));
    }
    spans.extend([Span::raw("  "), key(Action::MatrixDiffering)]);
    spans.push(Span::styled(rows, rows_style));
    let order_style = if pick.order == Order::Scenario { theme.dim } else { theme.text };
    spans.extend([Span::raw("  "), key(Action::MatrixOrder)]);
    spans.push(Span::styled(format!(" {}", pick.order.name()), order_style));
    if count < view.rows.len() {
        spans.push(Span::styled(format!("  {count} of {}", view.rows.len()), theme.text));
    }
    (text::fit_line(&Line::from(with_their_keys(spans)), width, ctx.glyphs.ellipsis), typed)
}

/// The cells a verdict and its flip take.
fn cell_width(ctx: &Ctx<'_>) -> usize {
    2 * text::width(ctx.glyphs.allowed) + text::width(ctx.glyphs.arrow)
}

fn longest_name(view: &MatrixView) -> usize {
    view.rows.iter().map(|(n, _)| text::width(&clean(n))).max().unwrap_or(4)
}

fn column_names(view: &MatrixView) -> Vec<String> {
    view.columns.iter().map(|c| clean(c).into_owned()).collect()
}

/// The width at which no heading needs a second row.
pub fn natural_width(view: &MatrixView, ctx: &Ctx<'_>) -> usize {
    Columns::natural(&column_names(view), longest_name(view), cell_width(ctx))
}

/// Where the columns stand in that width.
pub fn columns(view: &MatrixView, selected: Option<usize>, ctx: &Ctx<'_>, width: usize) -> Columns {
    let selected = selected.unwrap_or_default();
    Columns::new(&column_names(view), longest_name(view), cell_width(ctx), selected, width)
}

/// The headings, then one row for each identity of `rows`.
pub fn lines(
    view: &MatrixView,
    rows: &[usize],
    selected: Option<(usize, usize)>,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let column = selected.map(|(_, c)| c);
    let columns = columns(view, column, ctx, width);
    let mut out = columns.head(view.columns.len(), column, ctx);
    for (r, (who, cells)) in rows.iter().filter_map(|r| view.rows.get(*r)).enumerate() {
        let here = selected.is_some_and(|(s, _)| s == r);
        let name = text::pad(&clean(who), columns.name, ctx.glyphs.ellipsis);
        let mut spans = vec![Span::styled(name, if here { theme.title } else { theme.text }), Span::raw(" ")];
        if cells.is_empty() && !view.columns.is_empty() {
            let words = format!("{} {KEPT_BACK}", ctx.glyphs.unknown);
            spans.push(Span::styled(words, if here { theme.found } else { theme.dim }));
        }
        let shown = cells.iter().enumerate().skip(columns.shown.start);
        for ((c, cell), width) in shown.zip(&columns.widths) {
            let here = selected == Some((r, c));
            let lit = ctx.is_lit(|flash| view.columns.get(c).is_some_and(|action| flash.cell(who, action)));
            spans.extend(draw_cell(cell, (*width, columns.words), here, lit, ctx));
        }
        out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
    }
    out
}

/// What stands there while there is nothing to ask about.
pub fn nothing_yet(width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let words = "Nothing to ask about yet: the first key or table brings the columns.";
    text::wrap(words, width, ctx.theme.dim)
}

/// The selected cell in words: names that are cut above stand here whole.
pub fn cell_in_words(
    who: &str,
    action: &str,
    cell: &Cell,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let mut spans = vec![
        Span::styled(clean(who).into_owned(), ctx.theme.title),
        Span::styled(format!(" {} {} ", ctx.glyphs.marker, clean(action)), ctx.theme.text),
    ];
    spans.extend(ctx.status(cell.applied));
    if let Some(draft) = cell.draft.filter(|d| *d != cell.applied) {
        spans.push(Span::raw(" "));
        spans.push(Span::styled(format!("{} on the draft", ctx.glyphs.arrow), ctx.theme.draft));
        spans.push(Span::raw(" "));
        spans.extend(ctx.status(draft));
    }
    text::wrap_line(&Line::from(spans), width, 2)
}

fn draw_cell(
    cell: &Cell,
    (width, words): (usize, bool),
    here: bool,
    lit: bool,
    ctx: &Ctx<'_>,
) -> Vec<Span<'static>> {
    let theme = ctx.theme;
    let mut spans = vec![ctx.symbol(cell.applied)];
    match cell.draft {
        Some(draft) if draft != cell.applied => {
            spans.push(Span::styled(ctx.glyphs.arrow, theme.draft));
            spans.push(ctx.symbol(draft));
        }
        _ if words => {
            let word = if cell.applied == CallStatus::Allowed { " yes" } else { " no" };
            spans.push(Span::styled(word, theme.dim));
        }
        _ => {}
    }
    let used: usize = spans.iter().map(Span::width).sum();
    if lit {
        spans = flash::lit(spans);
    } else if here {
        for s in &mut spans {
            s.style = theme.found;
        }
    }
    spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
    spans
}
