//! Up and down, in whatever has the focus.

use super::refresh::{self, follow_cursor};
use super::{Outcome, act, console, menus};
use crate::tui::app::App;
use crate::tui::layout::{Pane, Region};

/// How many rows a page has.
pub fn page_rows(app: &App) -> isize {
    let rows = match &app.lab {
        Some(lab) if !app.at_home && app.overlays.is_empty() => {
            app.regions().pane(lab.focus).map_or(10, |r| r.height.saturating_sub(3))
        }
        _ => app.area.height / 2,
    };
    isize::try_from(rows.max(1)).unwrap_or(1)
}

/// Moves by so many rows.
pub fn move_by(app: &mut App, by: isize) -> Outcome {
    if !app.overlays.is_empty() {
        return menus::scroll(app, by);
    }
    if app.at_home {
        let last = app.matching_scenarios().len().saturating_sub(1);
        app.home.selected = app.home.selected.saturating_add_signed(by).min(last);
        return Outcome::changed();
    }
    let regions = app.regions();
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    match lab.focus {
        Pane::Policy => {
            lab.editor.move_lines(by);
            follow_cursor(app);
        }
        Pane::Audit => {
            let last = lab.view.audit.len().saturating_sub(1);
            lab.audit_selected = lab.audit_selected.saturating_add_signed(by).min(last);
        }
        Pane::Console => console::scroll(app, by),
        Pane::Keys => {
            let last = crate::tui::panes::keys::count(&lab.view.keys).saturating_sub(1);
            lab.keys_selected = lab.keys_selected.saturating_add_signed(by).min(last);
        }
        Pane::Identities if by.abs() == 1 => {
            let last = lab.view.identities.len().saturating_sub(1);
            let now = lab.view.identities.iter().position(|i| i.acting).unwrap_or(0);
            let to = now.saturating_add_signed(by).min(last);
            if to != now {
                return act::identity(app, to);
            }
        }
        pane => {
            if let Some(rect) = regions.get(Region::Pane(pane)) {
                refresh::scroll_pane(app, pane, rect, by);
            }
        }
    }
    Outcome::changed()
}
