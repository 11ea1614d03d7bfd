//! Two sessions side by side: each has its own identity, and whichever has the focus acts.

use super::refresh;
use crate::tui::app::App;
use crate::tui::layout::{Pane, Preset};

/// Shows two sessions, the second one as whoever would get another answer, or leaves them.
pub fn toggle(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    if lab.preset == Preset::Compare {
        lab.preset = Preset::Learn;
        lab.focus = Pane::Identities;
    } else {
        start(app);
    }
    refresh::refresh(app);
}

/// Shows two sessions.
pub fn start(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    let identities = &lab.view.identities;
    let acting = identities.iter().position(|i| i.acting).unwrap_or(0);
    let verdict = |n: usize| identities.get(n).and_then(|i| i.applied.mark()).map(|mark| mark.verdict);
    let differs = (0..identities.len()).find(|n| verdict(*n) != verdict(acting));
    let next = (acting + 1) % identities.len().max(1);
    lab.pair = [acting, differs.unwrap_or(next)];
    lab.side = 0;
    lab.preset = Preset::Compare;
    lab.zoom = None;
    lab.hidden.clear();
    lab.dragged.clear();
    lab.typing = false;
    lab.console.typing = false;
    lab.focus = Pane::Answer;
}

/// After every message: the session with the focus acts; an identity chosen otherwise is that session's.
pub fn settle(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    if lab.preset != Preset::Compare {
        return;
    }
    let acting = lab.view.identities.iter().position(|i| i.acting).unwrap_or(0);
    let side = match lab.focus {
        Pane::Answer | Pane::Why => 0,
        Pane::OtherAnswer | Pane::OtherWhy => 1,
        _ => lab.side,
    };
    if side == lab.side {
        if lab.pair[side] != acting {
            // Whoever is on the other side already changes places.
            if lab.pair[1 - side] == acting {
                lab.pair.swap(0, 1);
            }
            lab.pair[side] = acting;
            refresh::refresh(app);
        }
        return;
    }
    lab.side = side;
    let wanted = lab.pair[side];
    // The document stays: the sessions differ in who acts, not in what is being read.
    lab.session.act_beside(wanted);
    refresh::refresh(app);
}
