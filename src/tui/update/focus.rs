//! From pane to pane.

use crate::tui::app::App;
use crate::tui::layout::{Pane, Side};

/// Moves the focus by so many panes, round and round.
pub fn step(app: &mut App, by: isize) {
    let panes = panes(app);
    let Some(lab) = &mut app.lab else { return };
    let count = isize::try_from(panes.len()).unwrap_or(1).max(1);
    let now = panes.iter().position(|p| *p == lab.focus).and_then(|i| isize::try_from(i).ok()).unwrap_or(0);
    let to = usize::try_from((now + by).rem_euclid(count)).unwrap_or(0);
    if let Some(pane) = panes.get(to).copied() {
        go(app, pane);
    }
}

/// Moves the focus to the pane on that side. Where none is, the panes that share the focused one's place come in turn.
pub fn toward(app: &mut App, side: Side) {
    let Some(now) = app.lab.as_ref().map(|lab| lab.focus) else { return };
    let regions = app.regions();
    if let Some(pane) = regions.beside(now, side) {
        return go(app, pane);
    }
    let stack = &regions.stack;
    let at = stack.iter().position(|pane| *pane == now);
    let next = match side {
        Side::Left => at.and_then(|at| at.checked_sub(1)),
        Side::Right => at.map(|at| at + 1),
        Side::Above | Side::Below => None,
    };
    if let Some(pane) = next.and_then(|next| stack.get(next)).copied() {
        go(app, pane);
    }
}

/// The panes there are to go to.
fn panes(app: &App) -> Vec<Pane> {
    let zoomed = app.lab.as_ref().is_some_and(|lab| lab.zoom.is_some());
    if zoomed { Pane::ALL.to_vec() } else { app.regions().panes() }
}

fn go(app: &mut App, pane: Pane) {
    let Some(lab) = &mut app.lab else { return };
    lab.focus = pane;
    if lab.zoom.is_some() {
        lab.zoom = Some(pane);
    }
}
