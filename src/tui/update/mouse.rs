//! The mouse: a press focuses and selects, the wheel scrolls what is under it, borders between panes and scroll bars can
//! be dragged.

use ratatui::layout::{Position, Rect};

use super::{Reaction, act, overlay, pane};
use crate::tui::app::{App, Screen};
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Divider, Pane, Region};
use crate::tui::panes::pane::Answer;
use crate::tui::shell::{Bar, Shell};
use crate::tui::view;

/// Takes a press of the left button.
pub fn press(app: &mut App, at: Position) -> Reaction {
    let regions = app.regions();
    let name = view::key_at(app, at);
    // What was said last may have been what was pressed.
    app.shell.toast = None;
    app.shell.idle_key = None;
    if regions.get(Region::Footer).is_some_and(|r| r.contains(at)) {
        return name.map_or_else(Reaction::default, |key| super::press_name(app, key));
    }
    if let Some(bar) = take_bar(app, at) {
        return if bar.grip.is_some() { Reaction::default() } else { pull(app, bar, at) };
    }
    if let Some(rect) = view::overlay_rect(app) {
        return match name.filter(|_| rect.contains(at)) {
            Some(key) => super::press_name(app, key),
            None => overlay::on_press(app, at),
        };
    }
    if let Some(key) = name {
        // As any other press into a pane does.
        if let Some((Region::Pane(pane) | Region::Tab(pane), _)) = regions.at(at)
            && let Screen::Lab(lab) = &mut app.screen
            && lab.present.is_none()
        {
            lab.focus_on(pane);
        }
        return super::press_name(app, key);
    }
    match &mut app.screen {
        Screen::Home => home(app, at),
        Screen::Lab(lab) if lab.present.is_some() => Reaction::default(),
        Screen::Lab(lab) => {
            let pressed = regions.at(at);
            match pressed.and_then(|(region, rect)| in_region(lab, &app.shell, region, rect, at)) {
                Some(answer) => pane::answer(app, answer),
                None => Reaction::default(),
            }
        }
    }
}

fn in_region(lab: &mut LabScreen, shell: &Shell, region: Region, rect: Rect, at: Position) -> Option<Answer> {
    match region {
        Region::Pane(pane) => Some(pane::press(lab, shell, pane, rect, at)),
        // Somebody in the line above the editor: the keys stay in the text.
        Region::Folded(Pane::Identities) => {
            let nth = view::folded_identity_at(lab, shell, rect, at)?;
            Some(Answer::ActAs(nth))
        }
        Region::Folded(pane) | Region::Tab(pane) => {
            lab.focus_on(pane);
            Some(Answer::Changed)
        }
        Region::Divider(divider) => {
            take_line(lab, divider, at);
            None
        }
        Region::Note if lab.view.head.done => Some(Answer::Act(Action::Next, 0)),
        Region::Path => Some(Answer::Act(Action::Why, 0)),
        Region::Task => {
            // The hints and the story belong to it. Where they have no place, the keys leave the text all the same.
            let there = lab.regions(shell.area).panes().contains(&Pane::Story);
            lab.focus_on(if there { Pane::Story } else { lab.focus });
            (lab.typing, lab.console.typing) = (false, false);
            Some(Answer::Changed)
        }
        Region::Header | Region::Note | Region::Footer => None,
    }
}

/// Takes the scroll bar that was pressed. Where two panes share its line, that is taken, too, and beside the thumb it
/// alone.
fn take_bar(app: &mut App, at: Position) -> Option<Bar> {
    let over = view::overlay_rect(app);
    let bar = view::bar_at(app, at).filter(|_| over.is_none_or(|rect| rect.contains(at)))?;
    if let Some((Region::Divider(divider), _)) = app.regions().at(at).filter(|_| over.is_none())
        && let Screen::Lab(lab) = &mut app.screen
    {
        bar.grip?;
        take_line(lab, divider, at);
    }
    app.shell.bar = Some(bar);
    app.shell.bar
}

fn take_line(lab: &mut LabScreen, divider: Divider, at: Position) {
    lab.dragging = Some((divider, at, lab.shape().dragged(divider)));
}

/// Moves the view so that the thumb in the hand, or else its middle, stands at that row.
fn pull(app: &mut App, bar: Bar, at: Position) -> Reaction {
    let room = usize::from(bar.track.height.saturating_sub(bar.thumb)).max(1);
    let top = at.y.saturating_sub(bar.track.y + bar.grip.unwrap_or(bar.thumb / 2));
    let along = |last: usize| (last * usize::from(top).min(room) + room / 2) / room;
    if let Some(mut top) = app.shell.overlays.pop() {
        top.pull(along, &view::ground(app));
        app.shell.overlays.push(top);
    } else if matches!(app.screen, Screen::Home) {
        let (rows, height) = view::home_rows(app);
        let last = along(rows.len().saturating_sub(height)) + height;
        app.home.selected = rows.iter().take(last).rev().find_map(|row| *row).unwrap_or(0);
    } else if let Screen::Lab(lab) = &mut app.screen
        && let Some((pane, rect)) = lab.regions(app.shell.area).pane_at(bar.track.as_position())
    {
        pane::scroll_to(lab, &app.shell, pane, rect, &|_, last| along(last));
    }
    Reaction::changed()
}

/// Takes a move of the mouse with the button down.
pub fn drag(app: &mut App, at: Position) -> Reaction {
    // Of a bar and the line that it is on, the way the mouse goes first tells which is meant.
    if let Screen::Lab(lab) = &mut app.screen
        && let Some((_, from, _)) = lab.dragging.filter(|_| app.shell.bar.is_some())
    {
        if at.y == from.y {
            app.shell.bar = None;
        } else {
            lab.dragging = None;
        }
    }
    match app.shell.bar {
        Some(bar) => pull(app, bar, at),
        None => super::in_lab(app, |lab, _| drag_line(lab, at)),
    }
}

fn drag_line(lab: &mut LabScreen, at: Position) -> Reaction {
    let Some((divider, from, by)) = lab.dragging else { return Reaction::default() };
    let moved = match divider {
        Divider::Below(_) => i32::from(at.y) - i32::from(from.y),
        Divider::RightOf(..) => i32::from(at.x) - i32::from(from.x),
    };
    let by = i16::try_from(i32::from(by) + moved).unwrap_or(by);
    lab.dragged.retain(|(d, _)| *d != divider);
    lab.dragged.push((divider, by));
    Reaction::changed()
}

/// Lets a line go. Where it was not moved, the press was meant for the pane whose title stands on it.
pub fn release(app: &mut App) -> Reaction {
    app.shell.bar = None;
    super::in_lab(app, |lab, shell| {
        let Some((divider, from, by)) = lab.dragging.take() else { return Reaction::default() };
        let unmoved = lab.shape().dragged(divider) == by;
        match lab.regions(shell.area).pane_at(from).filter(|(_, rect)| unmoved && rect.y == from.y) {
            Some((pane, _)) => {
                lab.focus_on(pane);
                Reaction::changed()
            }
            None => Reaction::default(),
        }
    })
}

/// Takes a turn of the wheel.
pub fn wheel(app: &mut App, at: Position, by: isize) -> Reaction {
    if !app.shell.overlays.is_empty() {
        return overlay::move_by(app, by);
    }
    match &mut app.screen {
        Screen::Home => {
            app.home.move_by(by.signum());
            Reaction::changed()
        }
        Screen::Lab(lab) => match lab.regions(app.shell.area).pane_at(at) {
            Some((pane, rect)) => {
                pane::scroll_by(lab, &app.shell, pane, rect, by);
                Reaction::changed()
            }
            None => Reaction::default(),
        },
    }
}

fn home(app: &mut App, at: Position) -> Reaction {
    match view::home_row_at(app, at) {
        Some(row) if row == app.home.selected => act::act(app, Action::Open, 0),
        Some(row) => {
            app.home.selected = row;
            Reaction::changed()
        }
        None => Reaction::default(),
    }
}
