//! Everybody against everything: identities down, actions across.

use ratatui::text::{Line, Span};

use super::{Ctx, Title, with_their_keys};
use crate::tui::data::{Cell, MatrixView, Verdict};
use crate::tui::flash;
use crate::tui::keys::{Action, Context};
use crate::tui::overlay::{Order, Pick};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The title.
pub fn title(view: &MatrixView, ctx: &Ctx<'_>) -> Title {
    Title::new(ctx, "Matrix").about(ctx, &view.title)
}

/// The rows that `pick` shows, in its order.
pub fn shown(view: &MatrixView, pick: &Pick) -> Vec<usize> {
    let typed = pick.text.trim().to_lowercase();
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
            std::cmp::Reverse(applied(cells).filter(|v| *v == Verdict::Allowed).count())
        }),
        Order::Flips => rows.sort_by_key(|(_, cells)| std::cmp::Reverse(flips(cells))),
    }
    rows.into_iter().map(|(i, _)| i).collect()
}

fn applied(cells: &[Cell]) -> impl Iterator<Item = Verdict> + '_ {
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
    if pick.typing || !pick.text.is_empty() {
        spans.push(Span::styled(text::fit_left(&clean(&pick.text), 20, ctx.glyphs.ellipsis), theme.text));
    } else {
        spans.push(Span::styled("all names", theme.dim));
    }
    let typed = spans.iter().map(Span::width).sum();
    let (rows, rows_style) =
        if pick.differing { (" only what differs", theme.text) } else { (" every row", theme.dim) };
    if view.subject.1 > 1 {
        let (now, all) = view.subject;
        spans.extend([Span::raw("  "), key(Action::MatrixSubject)]);
        spans.push(Span::styled(format!(" about {} of {all}", now + 1), theme.dim));
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

/// A legend of numbered actions, then one row for each identity of `rows`. Numbers keep the columns narrow; the words stand above.
pub fn lines(
    view: &MatrixView,
    rows: &[usize],
    selected: Option<(usize, usize)>,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let name = view.rows.iter().map(|(n, _)| text::width(&clean(n))).max().unwrap_or(4).clamp(4, 16);
    let longest = view.columns.iter().map(|c| text::width(short(c))).max().unwrap_or(4);
    let wide = (longest.max(5) + 2).min(18);
    let fits = name + 1 + wide * view.columns.len() <= width;
    let mut out = Vec::new();
    let cell_width = if fits { wide } else { 6 };
    if fits {
        let mut head = vec![Span::raw(" ".repeat(name + 1))];
        for (i, c) in view.columns.iter().enumerate() {
            let style = if selected.is_some_and(|(_, s)| s == i) { theme.title } else { theme.dim };
            head.push(Span::styled(text::pad(&clean(short(c)), cell_width, ctx.glyphs.ellipsis), style));
        }
        out.push(Line::from(head));
    } else {
        out.extend(legend(view, ctx, width));
        let mut head = vec![Span::raw(" ".repeat(name + 1))];
        for i in 0..view.columns.len() {
            head.push(Span::styled(format!("{:<cell_width$}", i + 1), theme.accent));
        }
        out.push(Line::default());
        out.push(text::fit_line(&Line::from(head), width, ctx.glyphs.ellipsis));
    }
    for (r, (who, cells)) in rows.iter().filter_map(|r| view.rows.get(*r)).enumerate() {
        let mut spans =
            vec![Span::styled(text::pad(&clean(who), name, ctx.glyphs.ellipsis), theme.text), Span::raw(" ")];
        for (c, cell) in cells.iter().enumerate() {
            let here = selected == Some((r, c));
            let lit = ctx.is_lit(|flash| view.columns.get(c).is_some_and(|action| flash.cell(who, action)));
            spans.extend(draw_cell(cell, cell_width, here, lit, ctx));
        }
        out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
    }
    out
}

/// What the numbers over the columns mean, in as many columns of its own as fit: the rows below must stay in sight.
fn legend(view: &MatrixView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    const NUMBER: usize = 3;
    let longest = view.columns.iter().map(|c| text::width(&clean(c))).max().unwrap_or(0);
    let across = (width / (NUMBER + longest + 2)).max(1);
    let entry = (width / across).saturating_sub(NUMBER);
    let down = view.columns.len().div_ceil(across);
    let numbered: Vec<_> = view.columns.iter().enumerate().collect();
    let line = |row: usize| {
        let entries = numbered.iter().skip(row).step_by(down.max(1));
        let spans = entries.flat_map(|(i, c)| {
            let word = text::pad(&clean(c), entry, ctx.glyphs.ellipsis);
            [Span::styled(format!("{:>2} ", i + 1), ctx.theme.accent), Span::styled(word, ctx.theme.text)]
        });
        Line::from(spans.collect::<Vec<_>>())
    };
    (0..down).map(line).collect()
}

fn draw_cell(cell: &Cell, width: usize, here: bool, lit: bool, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let theme = ctx.theme;
    let mut spans = vec![ctx.symbol(cell.applied)];
    match cell.draft {
        Some(draft) if draft != cell.applied => {
            spans.push(Span::styled(ctx.glyphs.arrow, theme.draft));
            spans.push(ctx.symbol(draft));
        }
        _ if width >= 8 => {
            let word = if cell.applied == Verdict::Allowed { " yes" } else { " no" };
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

/// The action without its service, where the title already says which resource it is about.
fn short(action: &str) -> &str {
    action.split_once(':').map_or(action, |(_, a)| a)
}
