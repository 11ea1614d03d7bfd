//! The mouse: a press focuses and selects, the wheel scrolls what is under it, borders between panes and scroll bars can
//! be dragged.

use ratatui::layout::{Position, Rect};

use super::{Outcome, act, menus, refresh};
use crate::tui::app::{App, Bar};
use crate::tui::keys::Action;
use crate::tui::layout::{Divider, Pane, Region};
use crate::tui::overlay::Overlay;
use crate::tui::panes;
use crate::tui::view;

pub fn press(app: &mut App, at: Position) -> Outcome {
    let regions = app.regions();
    let name = view::key_at(app, at);
    // What was said last may have been what was pressed.
    app.toast = None;
    app.idle_key = None;
    if regions.get(Region::Footer).is_some_and(|r| r.contains(at)) {
        return name.map_or_else(Outcome::default, |key| super::press_name(app, key));
    }
    if let Some(bar) = take_bar(app, at) {
        return if bar.grip.is_some() { Outcome::default() } else { pull(app, bar, at) };
    }
    if let Some(rect) = view::overlay_rect(app) {
        return match name.filter(|_| rect.contains(at)) {
            Some(key) => super::press_name(app, key),
            None => menus::press(app, at),
        };
    }
    if let Some(key) = name {
        // As any other press into a pane does.
        if let Some((Region::Pane(pane) | Region::Tab(pane), _)) = regions.at(at)
            && app.present.is_none()
        {
            focus(app, pane);
        }
        return super::press_name(app, key);
    }
    if app.at_home {
        return home(app, at);
    }
    if app.present.is_some() {
        return Outcome::default();
    }
    let Some((region, rect)) = regions.at(at) else { return Outcome::default() };
    match region {
        Region::Pane(pane) => pane_press(app, pane, rect, at),
        // Somebody in the line above the editor: the keys stay in the text.
        Region::Folded(Pane::Identities) => match view::folded_identity_at(app, rect, at) {
            Some(nth) => act::act(app, Action::Identity, nth),
            None => Outcome::default(),
        },
        Region::Folded(pane) | Region::Tab(pane) => {
            focus(app, pane);
            Outcome::changed()
        }
        Region::Divider(divider) => {
            take_line(app, divider, at);
            Outcome::default()
        }
        Region::Note if app.lab.as_ref().is_some_and(|l| l.view.head.done) => act::act(app, Action::Next, 0),
        Region::Header | Region::Note | Region::Footer => Outcome::default(),
    }
}

fn focus(app: &mut App, pane: Pane) {
    if let Some(lab) = &mut app.lab {
        lab.focus = pane;
        if pane != Pane::Policy {
            lab.typing = false;
        }
        if pane != Pane::Console {
            lab.console.typing = false;
        }
    }
}

fn pane_press(app: &mut App, pane: Pane, rect: Rect, at: Position) -> Outcome {
    let was = app.lab.as_ref().map(|l| l.focus);
    focus(app, pane);
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let inside = at.y > rect.y && at.y + 1 < rect.bottom() && at.x > rect.x && at.x + 1 < rect.right();
    let row = usize::from(at.y.saturating_sub(rect.y + 1)) + lab.scroll_of(pane);
    match pane {
        Pane::Identities if inside => {
            if let Some((action, nth)) = panes::identities::hit(&lab.view, row) {
                return act::act(app, action, nth);
            }
        }
        Pane::Policy if inside => {
            let area = panes::policy::text_area(rect);
            if area.contains(at) {
                let (line, column) = lab.editor.at(area, at);
                lab.editor.go_to(line, column);
                // The second press goes in, so that the first can merely focus.
                if was == Some(Pane::Policy) {
                    lab.typing = true;
                }
            }
        }
        Pane::Console if inside => {
            let choice = view::console_choice_at(app, rect, at);
            if let Some(lab) = &mut app.lab {
                if let Some(nth) = choice {
                    lab.console.line.choose(nth);
                }
                lab.console.typing = true;
            }
        }
        Pane::Keys if inside => {
            let owner = view::key_owners(app, rect).get(row).copied();
            if let (Some(owner), Some(lab)) = (owner, &mut app.lab) {
                let again = lab.keys_selected == owner && was == Some(Pane::Keys);
                lab.keys_selected = owner;
                if again {
                    return act::act(app, Action::Keys, 0);
                }
            }
        }
        Pane::Audit if inside => {
            let again = lab.audit_selected == row && was == Some(Pane::Audit);
            if row < lab.view.audit.len() {
                lab.audit_selected = row;
                if again {
                    return act::act(app, Action::Open, 0);
                }
            }
        }
        _ => {}
    }
    Outcome::changed()
}

/// Takes the scroll bar that was pressed. Where two panes share its line, that is taken, too, and beside the thumb it
/// alone.
fn take_bar(app: &mut App, at: Position) -> Option<Bar> {
    let over = view::overlay_rect(app);
    let bar = view::bar_at(app, at).filter(|_| over.is_none_or(|rect| rect.contains(at)))?;
    if let Some((Region::Divider(divider), _)) = app.regions().at(at).filter(|_| over.is_none()) {
        bar.grip?;
        take_line(app, divider, at);
    }
    app.bar = Some(bar);
    app.bar
}

fn take_line(app: &mut App, divider: Divider, at: Position) {
    if let Some(lab) = &mut app.lab {
        lab.in_hand = Some((divider, at, lab.shape().dragged(divider)));
    }
}

/// Moves the view so that the thumb in the hand, or else its middle, stands at that row.
fn pull(app: &mut App, bar: Bar, at: Position) -> Outcome {
    let room = usize::from(bar.track.height.saturating_sub(bar.thumb)).max(1);
    let top = at.y.saturating_sub(bar.track.y + bar.grip.unwrap_or(bar.thumb / 2));
    let along = |last: usize| (last * usize::from(top).min(room) + room / 2) / room;
    if let Some((rows, height)) = view::list_in_front(app) {
        let last = along(rows.len().saturating_sub(height)) + height;
        let nth = rows.iter().take(last).rev().find_map(|row| *row).unwrap_or(0);
        match app.overlays.last_mut() {
            Some(Overlay::Menu(menu)) => menu.selected = nth,
            Some(Overlay::Matrix { at, .. }) => at.0 = nth,
            _ => app.home.selected = nth,
        }
    } else if let Some(Overlay::Page(page)) = app.overlays.last() {
        let scroll = along(view::page_max_scroll(app, page));
        if let Some(Overlay::Page(page)) = app.overlays.last_mut() {
            page.scroll = scroll;
        }
    } else if let Some((pane, rect)) = app.regions().pane_at(bar.track.as_position()) {
        refresh::scroll_pane_to(app, pane, rect, |_, last| along(last));
    }
    Outcome::changed()
}

pub fn drag(app: &mut App, at: Position) -> Outcome {
    // Of a bar and the line that it is on, the way the mouse goes first tells which is meant.
    if let Some(lab) = &mut app.lab
        && let Some((_, from, _)) = lab.in_hand.filter(|_| app.bar.is_some())
    {
        if at.y == from.y {
            app.bar = None;
        } else {
            lab.in_hand = None;
        }
    }
    if let Some(bar) = app.bar {
        return pull(app, bar, at);
    }
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let Some((divider, from, by)) = lab.in_hand else { return Outcome::default() };
    let moved = match divider {
        Divider::Below(_) => i32::from(at.y) - i32::from(from.y),
        Divider::RightOf(..) => i32::from(at.x) - i32::from(from.x),
    };
    let by = i16::try_from(i32::from(by) + moved).unwrap_or(by);
    lab.dragged.retain(|(d, _)| *d != divider);
    lab.dragged.push((divider, by));
    Outcome::changed()
}

/// Lets a line go. Where it was not moved, the press was meant for the pane whose title stands on it.
pub fn release(app: &mut App) -> Outcome {
    app.bar = None;
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let Some((divider, from, by)) = lab.in_hand.take() else { return Outcome::default() };
    let unmoved = lab.shape().dragged(divider) == by;
    match app.regions().pane_at(from).filter(|(_, rect)| unmoved && rect.y == from.y) {
        Some((pane, _)) => {
            focus(app, pane);
            Outcome::changed()
        }
        None => Outcome::default(),
    }
}

pub fn wheel(app: &mut App, at: Position, by: isize) -> Outcome {
    if !app.overlays.is_empty() {
        return menus::scroll(app, by);
    }
    if app.at_home {
        let action = if by < 0 { Action::Up } else { Action::Down };
        return act::act(app, action, 0);
    }
    match app.regions().pane_at(at) {
        Some((pane, rect)) => {
            refresh::scroll_pane(app, pane, rect, by);
            Outcome::changed()
        }
        None => Outcome::default(),
    }
}

fn home(app: &mut App, at: Position) -> Outcome {
    match view::home_row_at(app, at) {
        Some(row) if row == app.home.selected => act::act(app, Action::Open, 0),
        Some(row) => {
            app.home.selected = row;
            Outcome::changed()
        }
        None => Outcome::default(),
    }
}
