//! Which panes are on the screen, and the way back to all of them.

use super::{compare, present, refresh};
use crate::tui::app::{App, Mood};
use crate::tui::keys::{Action, Context};
use crate::tui::layout::{Pane, Preset};

/// Arranges the panes otherwise.
pub fn arrange(app: &mut App, preset: Preset) {
    let Some(lab) = &mut app.lab else { return };
    if preset == Preset::Compare && lab.preset != Preset::Compare {
        compare::start(app);
        app.toast = Some((Mood::Note, "layout: compare; Tab goes from one session to the other".into()));
    } else {
        lab.preset = preset;
        lab.hidden.clear();
        lab.zoom = None;
        lab.dragged.clear();
        app.toast = Some((Mood::Note, format!("layout: {}", preset.name())));
    }
    refresh::refresh(app);
}

/// Hides the focused pane, or ends a zoom.
pub fn hide(app: &mut App) {
    let left = app.regions().panes().len();
    let Some(lab) = &mut app.lab else { return };
    if lab.zoom.is_some() {
        lab.zoom = None;
    } else if left > 2 {
        lab.hidden.insert(lab.focus);
        let words = format!(
            "{} hidden; {} brings it back",
            lab.focus.name(),
            app.keys.label(Context::Lab, Action::Back)
        );
        app.toast = Some((Mood::Note, words));
    } else {
        app.toast = Some((Mood::Bad, "the last two panes stay".into()));
    }
}

/// Closes what was opened last; at last brings the usual screen back.
pub fn back(app: &mut App) {
    if app.overlays.pop().is_some() {
        return;
    }
    if app.at_home {
        app.home.searching = false;
        app.home.filter.clear();
        return;
    }
    if app.present.is_some() {
        present::end(app);
        return;
    }
    if let Some(lab) = &mut app.lab {
        if lab.editor.end_search() {
            return;
        }
        if lab.typing {
            lab.typing = false;
        } else if lab.focus == Pane::Audit && !lab.audit_filter.is_empty() {
            refresh::filter_audit(app, "");
        } else if lab.console.typing {
            // A search or a list ends first; the line stays in any case.
            lab.console.typing = lab.console.line.settle();
        } else if lab.zoom.is_some() {
            lab.zoom = None;
        } else if lab.away().is_some() {
            let was = std::mem::take(&mut lab.preset);
            lab.hidden.clear();
            if was != Preset::Learn {
                lab.dragged.clear();
                lab.focus = Pane::Identities;
            }
            refresh::refresh(app);
        }
    }
}
