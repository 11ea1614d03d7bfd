//! Where one looks: the focus, what is scrolled, which panes are there, two sessions side by side.

use super::{Reaction, overlay, pane, present};
use crate::tui::app::{App, Screen};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Preset, Side};
use crate::tui::overlays::{Overlay, Page, PageKind};
use crate::tui::panes;
use crate::tui::shell::Shell;

// The focus

/// Moves the focus by so many panes, round and round.
pub fn step(lab: &mut LabScreen, shell: &Shell, by: isize) {
    // While one pane has the whole screen, all others are there to go to.
    let panes = if lab.zoom.is_some() { Pane::ALL.to_vec() } else { lab.regions(shell.area).panes() };
    let count = isize::try_from(panes.len()).unwrap_or(1).max(1);
    let now = panes.iter().position(|p| *p == lab.focus).and_then(|i| isize::try_from(i).ok()).unwrap_or(0);
    let to = usize::try_from((now + by).rem_euclid(count)).unwrap_or(0);
    if let Some(pane) = panes.get(to).copied() {
        go(lab, pane);
    }
}

/// Moves the focus to the pane on that side. Where none is, the panes that share the focused one's place come in turn.
pub fn toward(lab: &mut LabScreen, shell: &Shell, side: Side) {
    let regions = lab.regions(shell.area);
    if let Some(pane) = regions.beside(lab.focus, side) {
        return go(lab, pane);
    }
    let stack = &regions.stack;
    let at = stack.iter().position(|pane| *pane == lab.focus);
    let next = match side {
        Side::Left => at.and_then(|at| at.checked_sub(1)),
        Side::Right => at.map(|at| at + 1),
        Side::Above | Side::Below => None,
    };
    if let Some(pane) = next.and_then(|next| stack.get(next)).copied() {
        go(lab, pane);
    }
}

fn go(lab: &mut LabScreen, pane: Pane) {
    lab.focus = pane;
    if lab.zoom.is_some() {
        lab.zoom = Some(pane);
    }
}

// Up and down

/// How many rows a page has.
pub fn page_rows(app: &App) -> isize {
    let rows = match &app.screen {
        Screen::Lab(lab) if app.shell.overlays.is_empty() => {
            lab.regions(app.shell.area).pane(lab.focus).map_or(10, |r| r.height.saturating_sub(3))
        }
        Screen::Lab(_) | Screen::Home => app.shell.area.height / 2,
    };
    isize::try_from(rows.max(1)).unwrap_or(1)
}

/// Moves by so many rows, in whatever has the focus.
pub fn move_by(app: &mut App, by: isize) -> Reaction {
    if !app.shell.overlays.is_empty() {
        return overlay::move_by(app, by);
    }
    match &mut app.screen {
        Screen::Home => {
            app.home.move_by(by);
            Reaction::changed()
        }
        Screen::Lab(lab) => {
            let answer = pane::move_by(lab, &app.shell, by);
            pane::answer(app, answer)
        }
    }
}

// Which panes are there

/// Arranges the panes otherwise.
pub fn arrange(lab: &mut LabScreen, shell: &mut Shell, preset: Preset) {
    if preset == Preset::Compare && lab.preset != Preset::Compare {
        start_comparing(lab);
        shell.note("layout: compare; Tab goes from one session to the other");
    } else {
        lab.preset = preset;
        lab.hidden.clear();
        lab.zoom = None;
        lab.dragged.clear();
        // Where panes share a place, the one that the arrangement is named after comes in front.
        let stack = lab.regions(shell.area).stack;
        if let Some(pane) = preset.named().filter(|pane| stack.contains(pane)) {
            lab.focus_on(pane);
        } else if preset == Preset::Learn && stack.contains(&lab.focus) && !lab.typing {
            lab.focus_on(Pane::Identities);
        }
        shell.note(format!("layout: {}", preset.name()));
    }
}

/// Shows the next arrangement; where panes are hidden, first all of this one.
pub fn next_layout(lab: &mut LabScreen, shell: &mut Shell) {
    let all_shown = lab.hidden.is_empty() && lab.zoom.is_none();
    arrange(lab, shell, if all_shown { lab.preset.next() } else { lab.preset });
}

/// Gives the focused pane the whole screen, or ends that.
pub fn zoom(lab: &mut LabScreen) {
    lab.zoom = if lab.zoom.is_some() { None } else { Some(lab.focus) };
}

/// Hides the focused pane, or ends a zoom.
pub fn hide(lab: &mut LabScreen, shell: &mut Shell) {
    if lab.zoom.is_some() {
        lab.zoom = None;
    } else if lab.regions(shell.area).panes().len() > 2 {
        lab.hidden.insert(lab.focus);
        let key = shell.keys.label(Context::Lab, Action::Back);
        shell.note(format!("{} hidden; {key} brings it back", lab.focus.name()));
    } else {
        shell.bad("the last two panes stay");
    }
}

/// Closes what was opened last; at last brings the usual screen back.
pub fn back(app: &mut App) -> Reaction {
    match (app.shell.overlays.pop(), &mut app.screen) {
        // Whoever reads why a draft was refused looks next at who may, and does not type.
        (Some(Overlay::Page(Page { kind: PageKind::Refused(_), .. })), Screen::Lab(lab)) => {
            lab.typing = false;
        }
        (Some(_), _) => {}
        (None, Screen::Home) => app.home.show_all(),
        (None, Screen::Lab(lab)) => back_in_lab(lab),
    }
    Reaction::changed()
}

fn back_in_lab(lab: &mut LabScreen) {
    if lab.present.is_some() {
        present::end(lab);
    } else if lab.editor.end_search() {
        // That was what went last.
    } else if lab.typing {
        lab.typing = false;
    } else if lab.focus == Pane::Audit && !lab.audit_filter.is_empty() {
        lab.filter_audit("");
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
    }
}

// Two sessions side by side: each has its own identity, and whichever has the focus acts

/// Shows two sessions, the second one as whoever would get another answer, or leaves them.
pub fn compare(lab: &mut LabScreen) {
    if lab.preset == Preset::Compare {
        lab.preset = Preset::Learn;
        lab.focus = Pane::Identities;
    } else {
        start_comparing(lab);
    }
}

fn start_comparing(lab: &mut LabScreen) {
    let identities = &lab.view.identities;
    let acting = lab.session.lab().acting();
    let verdict = |n: usize| identities.get(n).and_then(|i| i.applied.mark()).map(|mark| mark.status);
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

/// Lets the session with the focus act; an identity chosen otherwise is that session's.
pub fn settle_pair(lab: &mut LabScreen) {
    if lab.preset != Preset::Compare {
        return;
    }
    let acting = lab.session.lab().acting();
    let side = panes::side_of(lab.focus).unwrap_or(lab.side);
    let other = 1 - side;
    if side != lab.side {
        lab.side = side;
        // The document stays: the sessions differ in who acts, not in what is being read.
        lab.session.lab_mut().switch(lab.pair[side]);
    } else if lab.pair[side] != acting {
        // Whoever is on the other side already acts there.
        if lab.pair[other] == acting {
            lab.side = other;
            lab.focus = panes::across(lab.focus);
        } else {
            lab.pair[side] = acting;
        }
    }
}
