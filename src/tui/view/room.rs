//! Panes in little room: in one line, folded, without what only spaces them out.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{ctx, pane_lines};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;
use crate::tui::panes::{self, Ctx};
use crate::tui::shell::Shell;

/// A pane in one line.
pub fn folded(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    match pane {
        Pane::Identities => panes::identities::folded(&lab.view, ctx, width).0,
        Pane::Task => panes::task::folded(&lab.view, ctx, width),
        _ => Line::from(Span::styled(pane.name(), ctx.theme.title)),
    }
}

/// The identity under a cell of the line that shows everybody.
pub fn folded_identity_at(lab: &LabScreen, shell: &Shell, rect: Rect, at: Position) -> Option<usize> {
    let (_, cells) = panes::identities::folded(&lab.view, &ctx(shell, false), usize::from(rect.width));
    let x = usize::from(at.x.checked_sub(rect.x)?);
    cells.iter().position(|cells| cells.contains(&x))
}

/// A pane's lines as its room allows: unfolded where everything fits, without blank lines and headings where little
/// does.
pub fn fitted(lab: &LabScreen, pane: Pane, ctx: Ctx<'_>, inner: Rect) -> Vec<Line<'static>> {
    let c = unfolded_if_it_fits(lab, pane, ctx, inner);
    let lines = pane_lines(lab, pane, &c, usize::from(inner.width));
    if squeezes(pane, lines.len(), inner.height) { squeezed(lines) } else { lines }
}

pub fn squeezes(pane: Pane, lines: usize, height: u16) -> bool {
    const SHORT: u16 = 5;
    matches!(pane, Pane::Identities | Pane::Task | Pane::Answer | Pane::OtherAnswer)
        && height <= SHORT
        && lines > usize::from(height)
}

pub fn squeezed(mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    lines.retain(|line| line.width() > 0 && line.to_string() != panes::identities::RESOURCES);
    lines
}

/// Folding saves room; where there is room for everything, everything is shown.
fn unfolded_if_it_fits<'a>(lab: &LabScreen, pane: Pane, ctx: Ctx<'a>, inner: Rect) -> Ctx<'a> {
    let all = Ctx { expanded: true, ..ctx };
    let fits = matches!(pane, Pane::Why | Pane::OtherWhy | Pane::Storage)
        && pane_lines(lab, pane, &all, usize::from(inner.width)).len() <= usize::from(inner.height);
    if fits { all } else { ctx }
}
