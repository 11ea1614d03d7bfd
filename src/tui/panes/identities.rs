//! Who is there, what each may do now, and what the draft would change.

use ratatui::text::{Line, Span};

use super::{Ctx, Title};
use crate::tui::data::{IdentityRow, LabView, Verdict};
use crate::tui::flash;
use crate::tui::keys::Action;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The title.
pub fn title(view: &LabView, ctx: &Ctx<'_>, width: u16) -> Title {
    let title = Title::new(ctx, "Identities");
    let whole = title.clone().right(ctx, &view.watched);
    if whole.fits(width) {
        return whole;
    }
    // The answer's title has the rest.
    title.right(ctx, view.watched.split(' ').next().unwrap_or_default())
}

/// One row an identity, then the resources.
pub fn lines(view: &LabView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> =
        view.identities.iter().enumerate().map(|(i, row)| identity(i, row, ctx, width)).collect();
    if view.dirty {
        out.push(Line::default());
        let n = view.flips();
        let word = match n {
            0 => "Draft: no flip".to_owned(),
            1 => "Draft: 1 flip".to_owned(),
            n => format!("Draft: {n} flips"),
        };
        out.push(Line::from(Span::styled(word, ctx.theme.draft)));
    }
    if !view.resources.is_empty() {
        out.push(Line::default());
        out.push(Line::from(Span::styled("Resources", ctx.theme.dim)));
        for r in &view.resources {
            let symbol = if r.is_key { ctx.glyphs.key } else { ctx.glyphs.table };
            let word = if r.is_key { "key" } else { "table" };
            let name = clean(&r.name);
            let room = width.saturating_sub(text::width(symbol) + word.len() + 2);
            out.push(Line::from(vec![
                Span::styled(format!("{symbol} "), ctx.theme.accent),
                Span::styled(format!("{word} "), ctx.theme.dim),
                Span::styled(text::fit(&name, room, ctx.glyphs.ellipsis), ctx.theme.text),
            ]));
            if !r.note.is_empty() {
                let note = text::fit(&clean(&r.note), width.saturating_sub(2), ctx.glyphs.ellipsis);
                out.push(Line::from(Span::styled(format!("  {note}"), ctx.theme.dim)));
            }
        }
    }
    out
}

fn identity(i: usize, row: &IdentityRow, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let number = if i < 9 { (i + 1).to_string() } else { " ".into() };
    let marker = if row.acting { ctx.glyphs.marker } else { " " };
    // Without a call to watch there is nothing to be said about anybody.
    let unknown = row.applied.verdict == Verdict::Failed && row.applied.because.is_empty();
    let mut verdict = if unknown { Vec::new() } else { vec![ctx.symbol(row.applied.verdict)] };
    if let Some(draft) = row.draft.as_ref().filter(|_| row.flips()) {
        verdict.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), ctx.theme.draft));
        verdict.push(ctx.symbol(draft.verdict));
    }
    let lit = ctx.is_lit(|flash| flash.identity(&row.name));
    if lit {
        verdict = flash::lit(verdict);
    }
    let shown = row.draft.as_ref().unwrap_or(&row.applied);
    let verdict_width: usize = verdict.iter().map(Span::width).sum();
    let room = width.saturating_sub(5 + verdict_width);
    let name = clean(&row.name);
    let name_room = if width >= 30 { room.min(12) } else { room };
    let name_style = if row.acting { ctx.theme.title } else { ctx.theme.text };
    let mut spans = vec![
        Span::styled(format!("{marker} "), ctx.theme.accent),
        Span::styled(format!("{number} "), ctx.theme.dim),
        Span::styled(text::pad(&name, name_room.saturating_sub(1).max(4), ctx.glyphs.ellipsis), name_style),
        Span::raw(" "),
    ];
    spans.extend(verdict);
    // Where there is room, the reason stands beside the symbol.
    if !shown.because.is_empty() {
        let used: usize = spans.iter().map(Span::width).sum();
        if width > used + 6 {
            let because = text::fit(&clean(&shown.because), width - used - 1, ctx.glyphs.ellipsis);
            spans.push(Span::styled(format!(" {because}"), ctx.theme.dim));
        }
    }
    let line = Line::from(spans);
    // In a row that is reversed all along, a reversed verdict would not be seen.
    if row.acting && !lit { line.style(ctx.theme.selection) } else { line }
}

/// The action a click on row `row` of the pane stands for: acting as that identity.
pub fn hit(view: &LabView, row: usize) -> Option<(Action, usize)> {
    (row < view.identities.len()).then_some((Action::Identity, row))
}
